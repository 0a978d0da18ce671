//! Verdicts and predictions as text, JSON, CSV.
