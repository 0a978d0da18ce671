//! Verdicts and predictions as text, JSON, CSV.

pub mod prediction;
pub mod rows;
pub mod simulation;
