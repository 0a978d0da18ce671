//! Claims decided by algebra: exact rational forms, for every spectrum, target and dimension at once.
//!
//! Formulas become quotients of polynomials over the rationals. Sums over the spectrum are taken apart into partial
//! fractions in the eigenvalue, `κ` obeys its equation, random objects are letters of a free algebra with their
//! relations, and means follow Wick's rule. An equality is proved if the difference of its sides is 0 there, an
//! inequality if the difference has a sign on the whole domain; and in both cases only if nothing that was divided
//! by, or put under a root, can fail to have a value.

mod algebra;
mod atom;
mod bounding;
mod bounds;
mod certificate;
mod equivalent;
mod explain;
mod form;
pub(crate) mod fraction;
mod function;
mod ground;
mod induction;
mod inhabited;
mod inverse;
mod kappa;
mod large_samples;
mod letter;
mod mean;
mod means;
mod modulo;
mod moment;
mod object;
mod operation;
mod part;
pub(crate) mod polynomial;
mod positivity;
mod procedure;
mod proof;
mod proportional;
mod quotient;
mod relation;
mod series;
mod show;
mod sign;
mod squares;
mod univariate;
mod wick;
mod wishart;
mod word;

pub use certificate::{
    DERIVATIVE, DERIVED, LIBRARY, certificate, file_name, of_derivative, rests_on,
};
pub use explain::{explain, of_one_size, written_out};
pub use induction::prove_by_induction;
pub use means::{OfLargeSamples, Remainder, WithoutMeans, without_means};
pub use procedure::decide;
pub use proof::{Case, Proof, Silence, prove, prove_equivalent, prove_limit};

#[cfg(test)]
mod tests;
