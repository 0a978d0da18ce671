//! The language of formulas: parse, shapes, differentiate, evaluate.
//!
//! A formula passes [`token`] and [`parse`] on its way to an [`ast`].

pub mod ast;
pub mod error;
pub mod function;
pub mod parse;
pub mod place;
pub mod names;
mod print;
pub mod scope;
pub mod suggestion;
pub mod token;
