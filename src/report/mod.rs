//! Verdicts and predictions as text, JSON, CSV.

pub mod diagnostic;
