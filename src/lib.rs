//! **resolvent** decides formulas of high-dimensional regression.
//!
//! The rooms of the house, each depending only on those before it:
//!
//! | module | what lives there |
//! |---|---|
//! | [`number`] | what formulas are evaluated in: `f64`, double-double, balls, values with an error bound |
//! | [`spectrum`] | the covariance `Σ`, the target `w0`, spectral sums |
//! | [`equivalent`] | `κ`, degrees of freedom, deterministic equivalents, the chain of refits |
//! | [`scaling`] | exponents, constants and regimes of power laws |
//! | [`simulate`] | regressions drawn at random, replicates, sweeps |
//! | [`formula`] | parse, shapes, differentiate, evaluate |
//! | [`term`] | one typed term without names; rewriting; the walk that every algebra rides along |
//! | [`decide`] | procedures, points, witnesses, verdicts |
//! | [`check`] | derivation files, claims, reports |
//! | [`experiment`] | experiment files: settings and sweeps, to predict and to simulate |
//! | [`report`] | verdicts and predictions as text, JSON, CSV |
//! | [`cli`] | the commands |

pub mod check;
pub mod cli;
pub mod decide;
pub mod equivalent;
pub mod experiment;
pub mod formula;
pub mod number;
pub mod report;
pub mod scaling;
pub mod simulate;
pub mod spectrum;
pub mod term;
