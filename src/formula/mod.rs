//! The language of formulas: parse, shapes, functions of a file.
//!
//! A formula passes [`token`] and [`parse`] on its way to an [`ast`].

pub mod ast;
pub mod constant;
pub(crate) mod define;
mod dimension;
pub mod error;
pub mod expand;
pub mod function;
pub mod given;
pub mod names;
mod operator;
pub(crate) mod order;
pub mod parse;
pub mod place;
pub(crate) mod print;
pub(crate) mod recursion;
pub mod scope;
pub mod shape;
pub mod substitute;
pub mod suggestion;
pub mod token;
pub(crate) mod traverse;
pub(crate) mod withdraw;

pub use scope::Meaning;
pub use traverse::{free_names, mentions, walk};
