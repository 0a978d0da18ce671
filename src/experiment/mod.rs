//! Experiment files: a chain of refits, the fit at its end, and a sweep over their settings.
//!
//! An [`Experiment`] is what the file says, its formulas still unevaluated; [`Experiment::points`] resolves every
//! combination of the sweep to a [`Point`], which can be predicted and simulated.
//!
//! # The file
//!
//! | key | value | default |
//! |---|---|---|
//! | `setting.d` | a whole number, or `inf` to predict only | the length of a spectrum file |
//! | `setting.spectrum` | `"isotropic"`; `{ kind = "power-law", beta }`; `{ kind = "atoms", values, weights }`, the weights shares of `d`; `{ kind = "file", path }` | |
//! | `setting.target` | `{ kind = "isotropic", norm2 }`; `{ kind = "source", r }` (power laws); `{ kind = "axis", index }`; `{ kind = "file", path }`, coefficients in descending order of the eigenvalues | |
//! | `chain.generations` | how many, `n` | swept |
//! | `chain.samples` | `T_m`: one value, or a list with one for each generation | swept as `T0` |
//! | `chain.noise` | standard deviation, likewise | 0 |
//! | `chain.ridge` | `λ_m`, likewise; 0 is minimum norm | 0 |
//! | `chain.designs` | `"independent"` or `"shared"` | independent |
//! | `downstream.samples`, `.noise`, `.ridge` | `T`, `σ`, `λ` | swept, 0, 0 |
//! | `sweep.n`, `.T`, `.T0`, `.d`, `.lambda`, `.sigma`, `.sigma0` | a list; `{ log = [from, to, count] }`; `{ linear = [from, to, count] }` | not swept |
//! | `simulate.replicates` | how many, or at least how many | 10 |
//! | `simulate.seed` | a whole number | 0 |
//! | `simulate.relative_standard_error` | go on until the standard error is this part of the mean | |
//! | `simulate.max_replicates` | but not beyond this number | 100000 |
//! | `simulate.quantiles` | levels of the quantiles to report | none |
//! | `simulate.control_variates` | take off what is known to be chance | false |
//! | `simulate.law` | entries of the designs: `"gaussian"`, `"rademacher"`, `"uniform"`, `{ kind = "student-t", degrees }` | Gaussian |
//! | `simulate.path` | `"factor"` (Gaussian only: exact in law, at a cost that does not grow with `T`) or `"rows"` | as the law allows |
//!
//! A number may be a formula in quotes: of `d` and `n`; from the sample sizes on, of `T`; in noise and ridge, also of `T0`; in
//! the chain's lists and values, also of `m = 0, …, n − 1`.
//!
//! Where the file has a section `[predict]`, the estimator is written in formulas instead: see [`Written`].
//!
//! A cell's random numbers are keyed by its place in the whole sweep, so cells are independent of one another, and a sharded
//! or resumed sweep is the sweep itself.

mod definition;
mod drawn;
mod empty;
mod point;
mod quantity;
mod reader;
mod replicates;
mod resolve;
mod written;

use std::sync::Arc;

use crate::check::diagnostic::{Diagnostic, SourceFile};

pub use definition::{
    Axis, Chain, Downstream, Experiment, OneOrMany, Simulate, SpectrumSetting, Sweep, TargetSetting,
};
pub use drawn::{DrawObserver, KnownDraws, Outcome};
pub use point::Point;
pub use quantity::{Quantity, Value};
pub use replicates::Simulated;
pub use written::{Written, WrittenPoint, WrittenQuantity};

impl Experiment {
    /// Reads an experiment file. Every fault is reported, not only the first.
    ///
    /// ```
    /// use resolvent::check::diagnostic::SourceFile;
    /// use resolvent::experiment::Experiment;
    ///
    /// let file = SourceFile::new(
    ///     "ols.toml",
    ///     r#"
    /// [setting]
    /// d = 100
    /// spectrum = "isotropic"
    /// target = { kind = "isotropic", norm2 = 1 }
    ///
    /// [downstream]
    /// samples = 200
    /// noise = 0.5
    /// ridge = "d/T/10"
    ///
    /// [sweep]
    /// T = [50, 200, 1000]
    /// "#,
    /// );
    /// let experiment = Experiment::read(file).map_err(|faults| faults[0].message.clone())?;
    /// let points = experiment.points().map_err(|faults| faults[0].message.clone())?;
    /// assert_eq!(points.len(), 3);
    /// assert_eq!(points[1].lambda, 0.05);
    /// let prediction = points[1].predict().map_err(|error| error.to_string())?;
    /// assert!(prediction.test_error < 0.25);
    /// # Ok::<(), String>(())
    /// ```
    pub fn read(source: SourceFile) -> Result<Self, Vec<Diagnostic>> {
        reader::read(Arc::new(source))
    }

    /// Every combination of the sweep, the sample size running fastest.
    pub fn points(&self) -> Result<Vec<Point>, Vec<Diagnostic>> {
        resolve::points(self)
    }
}
