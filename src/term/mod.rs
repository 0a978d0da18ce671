//! One term, one meaning: what a formula says, with every name resolved.
//!
//! [`resolve`] turns the syntax trees of a claim and its scope into terms of one [`Store`]. Equal terms are stored
//! once and have equal [`Id`]s. A term holds no names to be looked up:
//!
//! - a symbol with a domain is a [`SymbolId`], a random object a [`RandomId`], the variable of a sum, a minimum or
//!   an integral a [`Binder`] that no other form shares, so that nothing can be captured;
//! - definitions and defined symbols are written out where they are used and mean what they mean where they were
//!   made: an index around the use is not visible in them. The variable of `inf`, `argmin` or `diff` that is the
//!   name of a symbol stands for that symbol in everything that depends on it, the spectrum and, in claims about a
//!   limit, the limit's path included;
//! - `Sigma`, `w0`, `s(j)`, `c(j)`, `kappa`, `df` say whose spectrum they speak of ([`ModelId`]);
//! - `I` has a size, derivatives are carried out, and a sum over eigenvalues is `tr f(Sigma)`, `w0'*f(Sigma)*w0`
//!   or a [`Node::SpectralSum`].
//!
//! Every term knows its [`Shape`], its place in the source and the variables it depends on.
//!
//! # Algebras
//!
//! What a term is made to mean (a ball, a draw, an expansion, a line of LaTeX) is an [`Algebra`]; the one
//! [`Walker`] carries it over the term. The walker remembers values by id, as long as the variables a term depends
//! on keep theirs; it counts steps and depth; all algebras answer with the same [`EvaluationError`].
//!
//! To add an algebra: choose a `Value`; say what leaves are (`number`, `symbol`, `sigma`, …) and what operations
//! do (`negate`, `binary`, `call`, …), given the operands' values. Forms that bind (`fold`, `extremum`,
//! `spectral_sum`) and `expectation` get the walker and the ids of their parts: [`Walker::value`] evaluates a part,
//! [`Walker::bound_to`] evaluates the body with the variable bound to a value. `intercept` sees every term first
//! and may answer for it, by its id or by its [`Node`]: values that are known already, products that need not be
//! formed. What an algebra cannot do is `EvaluationError::unsupported`.
//!
//! To add a function to the language: one line in the table of [`crate::formula::function`] and its shape; the
//! compiler lists the algebras that must say what it means.
//!
//! How high a term is, sums counting as their bodies:
//!
//! ```
//! use num_rational::BigRational;
//! use resolvent::formula::{ast::*, parse::*, scope::*};
//! use resolvent::term::*;
//!
//! struct Height;
//! impl Algebra for Height {
//!     type Value = u32;
//!     fn number(&mut self, _: &BigRational) -> Outcome<u32> { Ok(1) }
//!     fn infinity(&mut self) -> Outcome<u32> { Ok(1) }
//!     fn pi(&mut self) -> Outcome<u32> { Ok(1) }
//!     fn symbol(&mut self, _: &Store, _: SymbolId) -> Outcome<u32> { Ok(1) }
//!     fn random(&mut self, _: &Store, _: RandomId, _: Option<u32>) -> Outcome<u32> { Ok(1) }
//!     fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<u32> { Ok(1) }
//!     fn target(&mut self, _: &Store, _: ModelId) -> Outcome<u32> { Ok(1) }
//!     fn identity(&mut self, _: &mut Walker<'_, u32>, _: Option<Id>) -> Outcome<u32> { Ok(1) }
//!     fn of_spectrum(&mut self, _: &Store, _: ModelId, what: OfSpectrum<u32>) -> Outcome<u32> {
//!         Ok(1 + match what {
//!             OfSpectrum::Eigenvalue(j) | OfSpectrum::Coefficient(j) => j,
//!             OfSpectrum::Kappa(a, b) | OfSpectrum::Df(a, b) => a.max(b),
//!         })
//!     }
//!     fn negate(&mut self, x: u32) -> Outcome<u32> { Ok(x + 1) }
//!     fn binary(&mut self, _: BinaryOp, a: u32, b: u32) -> Outcome<u32> { Ok(a.max(b) + 1) }
//!     fn transpose(&mut self, x: u32) -> Outcome<u32> { Ok(x + 1) }
//!     fn call(&mut self, _: Function, arguments: Vec<u32>) -> Outcome<u32> {
//!         Ok(1 + arguments.into_iter().max().unwrap_or(0))
//!     }
//!     fn compare(&mut self, _: u32, _: RelationOp, _: u32) -> Outcome<Option<bool>> { Ok(Some(true)) }
//!     fn fold(&mut self, walker: &mut Walker<'_, u32>, form: FoldForm) -> Outcome<u32> {
//!         walker.bound_to(self, form.index, 1, form.body)
//!     }
//!     fn extremum(&mut self, walker: &mut Walker<'_, u32>, form: ExtremumForm) -> Outcome<u32> {
//!         walker.bound_to(self, form.variable, 1, form.body)
//!     }
//!     fn spectral_sum(&mut self, walker: &mut Walker<'_, u32>, form: SpectralForm) -> Outcome<u32> {
//!         walker.bound_to(self, form.eigenvalue, 1, form.body)
//!     }
//!     fn expectation(&mut self, walker: &mut Walker<'_, u32>, body: Id) -> Outcome<u32> {
//!         walker.value(self, body)
//!     }
//! }
//!
//! let mut scope = Scope::default();
//! let one = parse_expression("1").unwrap();
//! scope.symbols.push(("x".into(), Symbol::Real { min: one.clone(), max: one, scale: Scale::Linear }));
//! let says = parse_relation("sqrt(1 + sqrt(1 + x)) = sum(i = 1..3, i*x)").unwrap();
//! let statement = resolve(&says, &scope).unwrap();
//! let mut walker = Walker::new(&statement.store);
//! assert_eq!(walker.value(&mut Height, statement.claim.lhs).unwrap(), 5);
//! assert_eq!(walker.value(&mut Height, statement.claim.rhs).unwrap(), 2);
//! ```

pub mod asymptotic;
mod differentiate;
pub mod equivalence;
mod error;
pub mod evaluate;
mod id;
mod node;
pub mod order;
mod print;
mod resolve;
mod rewrite;
mod shape;
mod shaped;
mod spectral;
mod statement;
mod store;
mod walk;

pub use error::{A_MINIMUM, AN_INTEGRAL, EvaluationError, MAX_STEPS, Outcome};
pub use node::{
    Binder, Condition, Id, LawTerms, Model, ModelId, Node, RandomId, RandomTerms, Relation,
    SpectrumTerms, SymbolId, TargetTerms,
};
pub use print::{latex, mathml, text};
pub use resolve::{Resolved, Resolver};
pub use shape::Shape;
pub use statement::{
    LimitTerms, Statement, SymbolTerms, derivative_fault, resolve, resolve_as_written,
};
pub use store::Store;
pub use walk::{Algebra, ExtremumForm, FoldForm, Memory, OfSpectrum, SpectralForm, Walker};

#[cfg(test)]
mod tests;
