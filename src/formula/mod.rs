//! The language of formulas: parse, shapes, differentiate, evaluate.

pub mod ast;
pub mod scope;
