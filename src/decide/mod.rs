//! Procedures that decide a claim, and the verdicts they give.

pub mod accounting;
mod ascent;
pub mod assignment;
pub mod cells;
pub mod cover;
pub mod estimate;
pub mod exact;
pub mod expectation;
pub mod gap;
mod infinite;
mod isotropic;
pub mod judgement;
pub mod known;
pub mod limit;
pub mod look;
mod moments;
mod moves;
mod outermost;
pub mod path;
pub mod pointwise;
pub mod problem;
pub mod procedures;
mod ratios;
mod revisit;
mod rough;
pub mod sampler;
mod scales;
mod search;
mod touch;
pub mod trend;
mod valley;
mod variable;
pub mod verdict;
pub mod witness;

pub use crate::budget;
pub use problem::Effort;
