//! Deterministic equivalents of rational expressions in independent Gaussian matrices.
//!
//! ```text
//!   node         expressions, and what they are made of
//!   expression   what is to be averaged, in a normal form
//!   reduction    neighbours in a product that are one
//!   fit          inverses that are regularised fits
//!   gram         extreme eigenvalues of B'B, B one Gaussian matrix
//!   linearise    the expression as a block of the inverse of L = L_0 + W, W linear in the Gaussian matrices
//!   components   which inverses are nested in which
//!   nonlinear    within a nest: G = (L_0 − S(G))^{-1}, followed from zero variance
//!   blocks       a matrix of diagonal blocks
//!   turned       where deterministic matrices do not commute, dense blocks
//!   traces       what closes the equations, and pairs of nests
//!   solution     between nests: linear equations; then traces of G
//!   described    the system itself, for those who read it
//!   spectrum     spaces from spectra, power laws by quadrature
//! ```
//!
//! `E L^{-1} ≃ G` with `S(G) = E[W G W]`; on every level of a space `G` is a small matrix.

mod blocks;
mod components;
mod dense;
mod described;
mod error;
mod expression;
mod fit;
mod gram;
mod grid;
mod linearise;
mod model;
mod node;
mod nonlinear;
#[cfg(test)]
mod property;
mod reduction;
#[cfg(test)]
mod simulation;
mod solution;
mod spectrum;
#[cfg(test)]
mod tests;
mod traces;
mod turned;

pub use described::{Coupled, Equations, Piece, UnknownTrace};
pub use error::PencilError;
pub use gram::{Extreme, Gram};
pub use model::Model;
pub use node::{Diagonal, Expression, Gaussian, Rotation, Space};
pub use solution::Mean;
pub use spectrum::Features;
