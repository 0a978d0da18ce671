//! Derivation files, domains, verdicts, witnesses.

pub mod diagnostic;
pub mod file;
