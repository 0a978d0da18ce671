//! Matrices that do not commute: between the spaces in whose bases they are diagonal stand orthogonal matrices.
//!
//! ```text
//!   block      a block of G, diagonal or dense
//!   family     the part of a nest that is dense
//!   solution   as `solution`, with dense blocks
//! ```
//!
//! `Θ = U f(s) U'` is a diagonal matrix of another space, so that every covariance and every weight of a trace stays a number on
//! levels; only `G` between spaces that a rotation connects is dense, `O(d³)` a step.

mod block;
mod family;
mod solution;
#[cfg(test)]
mod tests;

pub(super) use block::Block;
pub(super) use family::Family;
pub(super) use solution::DenseSolution;
