//! **resolvent** decides formulas of high-dimensional regression.
//!
//! The rooms of the house, each depending only on those before it:
//!
//! | module | what lives there |
//! |---|---|
//! | [`budget`] | how much work a claim may cost |
//! | [`number`] | what formulas are evaluated in: `f64`, double-double, balls, values with an error bound |
//! | [`spectrum`] | the covariance `Σ`, the target `w0`, spectral sums |
//! | [`equivalent`] | `κ`, degrees of freedom, deterministic equivalents, the chain of refits |
//! | [`scaling`] | exponents, constants and regimes of power laws |
//! | [`simulate`] | regressions drawn at random, replicates, sweeps |
//! | [`formula`] | parse, shapes, functions of a file |
//! | [`term`] | one typed term without names; rewriting, derivatives; the walk that every algebra rides along: values, equivalents, expansions |
//! | [`decide`] | procedures, points, witnesses, verdicts |
//! | [`derive`] | the equivalent of an expectation as a formula |
//! | [`check`] | derivation files, claims, reports |
//! | [`mutate`] | would a check notice a slip; what holds instead of a refuted claim |
//! | [`experiment`] | experiment files: settings and sweeps, to predict and to simulate |
//! | [`table`] | reference tables, every printed digit certain |
//! | [`plot`] | experiments, sweeps and claims as pictures |
//! | [`report`] | verdicts and predictions as text, JSON, CSV |
//! | [`data`] | spectra from data: features, kernels, labels |
//! | [`lsp`] | derivation files in the editor |
//! | [`cli`] | the commands |

pub mod budget;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod data;
pub mod decide;
pub mod derive;
pub mod equivalent;
pub mod experiment;
pub mod formula;
#[cfg(feature = "cli")]
pub mod lsp;
pub mod mutate;
mod npy;
pub mod number;
pub mod plot;
pub mod report;
pub mod scaling;
pub mod simulate;
pub mod spectrum;
pub mod table;
pub mod term;
