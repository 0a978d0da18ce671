//! The engine for explicit spectra against references, laws and simulated regressions.

mod laws;
mod reference;
mod simulation;
mod solvers;
mod spectra;
