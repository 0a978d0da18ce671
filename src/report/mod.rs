//! Verdicts and predictions as text, JSON, CSV.

pub mod scaling;
pub mod scaling_map;
