//! Regressions drawn at random.
//!
//! In the eigenbasis of `Σ` the covariance is diagonal, so a replicate needs the eigenvalues, the coefficients of the
//! target, and random numbers. Those come from a [`Stream`], which is keyed by (seed, cell, replicate): what a replicate
//! draws depends on nothing else, neither on threads nor on the order of the work.

mod design;
mod error;
mod journal;
mod regression;
mod statistics;
mod stream;
mod sweep;
mod ziggurat;

pub use design::Law;
pub use error::SimulateError;
pub use journal::{Journal, JournalError, Kept};
pub use regression::{Designs, Fit, Regression, Replicate, Sampler, Workspace};
pub use statistics::{Moments, quantile};
pub use stream::Stream;
pub use sweep::{Cell, Known, Observer, Record, Shard, StoppingRule, Summary, Sweep, SweepError};
