//! Chains of refits on arrays: one chain for each element.

use std::io;
use std::num::NonZeroUsize;

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;
use resolvent::equivalent::{Chain, EquivalentError, Fit, Prediction};
use resolvent::simulate::{
    Cell, Designs, Known, Observer, Record, Regression, Sampler, Shard, StoppingRule, Summary,
    Sweep,
};
use resolvent::spectrum::{Dimension, Spectrum as Eigenvalues, Target as Masses};

use crate::experiments::MAX_MEMORY;
use crate::spectra::Spectrum;

/// Most eigenvalues that a simulation writes out.
const MAX_DIMENSION: u64 = 10_000_000;

/// The true coefficients: masses for the theory, coefficients for simulations.
#[pyclass(frozen, module = "resolvent", name = "Target")]
pub struct Target {
    pub masses: Masses,
    coefficients: Option<Vec<f64>>,
}

#[pymethods]
impl Target {
    #[staticmethod]
    fn isotropic(norm2: f64) -> Self {
        Self {
            masses: Masses::Isotropic { norm2 },
            coefficients: None,
        }
    }

    #[staticmethod]
    fn source(r: f64) -> Self {
        Self {
            masses: Masses::Source { r },
            coefficients: None,
        }
    }

    /// Coefficients `c_j` along the eigenvectors, eigenvalues in descending order.
    #[staticmethod]
    fn coefficients(spectrum: &Spectrum, values: PyReadonlyArray1<'_, f64>) -> PyResult<Self> {
        let values = values.as_array().to_vec();
        let Eigenvalues::Atoms(atoms) = &spectrum.0 else {
            return Err(PyValueError::new_err(
                "coefficients go with eigenvalues that are written out; for a power law give Source(r)",
            ));
        };
        if values.len() as f64 != atoms.dimension() {
            return Err(PyValueError::new_err(format!(
                "there are {} coefficients for {} eigenvalues",
                values.len(),
                atoms.dimension()
            )));
        }
        if let Some(i) = values.iter().position(|c| !c.is_finite()) {
            return Err(PyValueError::new_err(format!(
                "coefficient {i} is not a finite number"
            )));
        }
        let mut rest = values.as_slice();
        let masses = (atoms.multiplicities().iter())
            .map(|&count| {
                let (here, others) = rest.split_at((count as usize).min(rest.len()));
                rest = others;
                here.iter().map(|c| c * c).sum()
            })
            .collect();
        Ok(Self {
            masses: Masses::Masses(masses),
            coefficients: Some(values),
        })
    }

    /// The coefficients along the eigenvectors, eigenvalues in descending order.
    fn values<'py>(
        &self,
        py: Python<'py>,
        spectrum: &Spectrum,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let values = self.along(&spectrum.0).map_err(PyValueError::new_err)?;
        Ok(values.into_pyarray(py))
    }
}

impl Target {
    fn along(&self, spectrum: &Eigenvalues) -> Result<Vec<f64>, String> {
        let d = match spectrum.dimension() {
            Dimension::Finite(d) if d <= MAX_DIMENSION => d,
            _ => {
                return Err(
                    "only finite dimensions can be simulated; predict takes infinite ones"
                        .to_owned(),
                );
            }
        };
        match (&self.coefficients, &self.masses, spectrum) {
            (Some(coefficients), _, _) => Ok(coefficients.clone()),
            (None, Masses::Isotropic { norm2 }, _) => {
                Ok(vec![(norm2 / d as f64).sqrt(); d as usize])
            }
            (None, Masses::Source { r }, Eigenvalues::PowerLaw(law)) => {
                let delta = 1.0 + law.beta() * (2.0 * r - 1.0);
                Ok((1..=d).map(|k| (k as f64).powf(-0.5 * delta)).collect())
            }
            _ => Err("this target needs a power law".to_owned()),
        }
    }
}

/// The fits of every element, arrays of one length: `T, σ, λ` downstream; `n, T_0, σ_0, λ_0` of the generations.
#[derive(FromPyObject)]
pub struct Fits<'py> {
    #[pyo3(item)]
    samples: PyReadonlyArray1<'py, f64>,
    #[pyo3(item)]
    noise: PyReadonlyArray1<'py, f64>,
    #[pyo3(item)]
    ridge: PyReadonlyArray1<'py, f64>,
    #[pyo3(item)]
    n: PyReadonlyArray1<'py, f64>,
    #[pyo3(item)]
    samples0: PyReadonlyArray1<'py, f64>,
    #[pyo3(item)]
    noise0: PyReadonlyArray1<'py, f64>,
    #[pyo3(item)]
    ridge0: PyReadonlyArray1<'py, f64>,
}

/// One element.
#[derive(Clone, Copy)]
pub struct Setting {
    pub n: f64,
    pub generation: Fit,
    pub downstream: Fit,
}

/// More generations than this are a mistake.
const MOST_GENERATIONS: f64 = 100_000.0;

/// Every element, with at most so many generations.
pub fn settings(fits: &Fits<'_>, most: f64) -> PyResult<Vec<Setting>> {
    let column = |array: &PyReadonlyArray1<'_, f64>| array.as_array().to_vec();
    let (t, sigma, lambda) = (
        column(&fits.samples),
        column(&fits.noise),
        column(&fits.ridge),
    );
    let (t0, sigma0, lambda0) = (
        column(&fits.samples0),
        column(&fits.noise0),
        column(&fits.ridge0),
    );
    let n = column(&fits.n);
    let length = t.len();
    if [&sigma, &lambda, &t0, &sigma0, &lambda0, &n]
        .iter()
        .any(|c| c.len() != length)
    {
        return Err(PyValueError::new_err("the arrays differ in length"));
    }
    (0..length)
        .map(|i| {
            if !(n[i] >= 0.0 && n[i] <= most && n[i].fract() == 0.0) {
                let what = format!(
                    "generations are a whole number from 0 to {most}, not {}",
                    n[i]
                );
                return Err(PyValueError::new_err(located(i, what)));
            }
            Ok(Setting {
                n: n[i],
                generation: Fit {
                    samples: t0[i],
                    noise: sigma0[i],
                    ridge: lambda0[i],
                },
                downstream: Fit {
                    samples: t[i],
                    noise: sigma[i],
                    ridge: lambda[i],
                },
            })
        })
        .collect()
}

impl Setting {
    fn chain(&self, shared: bool) -> Result<Chain, EquivalentError> {
        let n = self.n as usize;
        if shared && n > 1 {
            let noises = vec![self.generation.noise; n];
            Chain::shared(
                self.generation.samples,
                &noises,
                self.generation.ridge,
                self.downstream,
            )
        } else {
            Ok(Chain::independent(n, self.generation, self.downstream))
        }
    }
}

pub fn located(i: usize, error: impl std::fmt::Display) -> String {
    format!("at position {i} of the broadcast arrays: {error}")
}

/// Deterministic equivalents of every element; at the interpolation threshold the test error is infinite.
#[pyfunction]
pub fn predict_chain<'py>(
    py: Python<'py>,
    spectrum: &Spectrum,
    target: &Target,
    fits: Fits<'py>,
    shared: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let settings = settings(&fits, MOST_GENERATIONS)?;
    let one = |(i, setting): (usize, &Setting)| {
        let predicted =
            (setting.chain(shared)).and_then(|chain| chain.predict(&spectrum.0, &target.masses));
        match predicted {
            Ok(prediction) => Ok(Some(prediction)),
            Err(EquivalentError::InterpolationThreshold { .. }) => Ok(None),
            Err(error) => Err(located(i, error)),
        }
    };
    let predictions: Vec<Option<Prediction>> = py
        .detach(|| settings.par_iter().enumerate().map(one).collect::<Vec<_>>())
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(PyValueError::new_err)?;
    let parts: [(&str, fn(&Prediction) -> f64, f64); 7] = [
        ("kappa", |p| p.kappa, f64::NAN),
        ("df1", |p| p.df1, f64::NAN),
        ("df2", |p| p.df2, f64::NAN),
        ("bias", |p| p.bias, f64::NAN),
        ("variance", |p| p.variance, f64::NAN),
        ("synthetic", |p| p.synthetic, f64::NAN),
        ("test_error", |p| p.test_error, f64::INFINITY),
    ];
    let result = PyDict::new(py);
    for (name, part, absent) in parts {
        let column: Vec<f64> = (predictions.iter())
            .map(|p| p.as_ref().map_or(absent, part))
            .collect();
        result.set_item(name, column.into_pyarray(py))?;
    }
    Ok(result)
}

/// Keeps the summaries, and hears of Ctrl-C.
struct Summaries(Vec<Summary>);

impl Observer for Summaries {
    fn record(&mut self, _: usize, _: u64, _: &Record) -> io::Result<()> {
        Python::attach(|py| py.check_signals()).map_err(io::Error::other)
    }

    fn finished(&mut self, _: usize, summary: Summary) -> io::Result<()> {
        self.0.push(summary);
        Ok(())
    }
}

/// The same by Monte Carlo: mean and standard error of the test error of every element.
#[pyfunction]
#[pyo3(signature = (spectrum, target, fits, shared, replicates, seed, threads))]
#[expect(
    clippy::too_many_arguments,
    reason = "called by one Python function that names them"
)]
pub fn simulate_chain<'py>(
    py: Python<'py>,
    spectrum: &Spectrum,
    target: &Target,
    fits: Fits<'py>,
    shared: bool,
    replicates: u64,
    seed: u64,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    if replicates == 0 {
        return Err(PyValueError::new_err(
            "no replicates would simulate nothing",
        ));
    }
    let settings = settings(&fits, MOST_GENERATIONS)?;
    let cells = py
        .detach(|| cells(&spectrum.0, target, &settings, shared))
        .map_err(PyValueError::new_err)?;
    let sweep = Sweep {
        cells: &cells,
        sampler: Sampler::Bartlett,
        seed,
        rule: StoppingRule::fixed(replicates),
        shard: Shard::WHOLE,
        threads: threads.and_then(NonZeroUsize::new),
    };
    let mut found = Summaries(Vec::new());
    let ran = py.detach(|| sweep.run(Known::new(), &mut found));
    if let Err(error) = ran {
        // An interrupt is itself, not a failure of the sweep.
        return Err(match interrupt(&error) {
            Some(raised) => raised,
            None => PyRuntimeError::new_err(error.to_string()),
        });
    }
    let result = PyDict::new(py);
    let mean: Vec<f64> = found.0.iter().map(|s| s.mean).collect();
    let error: Vec<f64> = (found.0.iter())
        .map(|s| s.standard_error.unwrap_or(f64::NAN))
        .collect();
    result.set_item("mean", mean.into_pyarray(py))?;
    result.set_item("standard_error", error.into_pyarray(py))?;
    Ok(result)
}

/// The Python exception that ended a sweep, if it was one.
pub fn interrupt(error: &resolvent::simulate::SweepError) -> Option<PyErr> {
    let resolvent::simulate::SweepError::Output(error) = error else {
        return None;
    };
    let raised = error.get_ref()?.downcast_ref::<PyErr>()?;
    Some(Python::attach(|py| raised.clone_ref(py)))
}

fn cells(
    spectrum: &Eigenvalues,
    target: &Target,
    settings: &[Setting],
    shared: bool,
) -> Result<Vec<Cell>, String> {
    let coefficients = target.along(spectrum)?;
    let eigenvalues = spectrum
        .eigenvalues(MAX_DIMENSION)
        .map_err(|error| error.to_string())?;
    let whole = |i: usize, fit: &Fit| {
        if fit.samples.fract() != 0.0 || fit.samples < 1.0 {
            return Err(located(
                i,
                format!("a simulation draws whole samples, not {}", fit.samples),
            ));
        }
        Ok(resolvent::simulate::Fit {
            samples: fit.samples as u64,
            noise: fit.noise,
            ridge: fit.ridge,
        })
    };
    (settings.iter().enumerate())
        .map(|(i, setting)| {
            let generations = match setting.n as usize {
                0 => Vec::new(),
                n => vec![whole(i, &setting.generation)?; n],
            };
            let designs = if shared {
                Designs::Shared
            } else {
                Designs::Independent
            };
            let downstream = whole(i, &setting.downstream)?;
            let regression = Regression::new(
                eigenvalues.clone(),
                coefficients.clone(),
                generations,
                designs,
                downstream,
            )
            .map_err(|error| located(i, error))?;
            let memory = regression.memory(Sampler::Bartlett);
            if memory > MAX_MEMORY {
                let size = memory / (1u64 << 30) as f64;
                return Err(located(i, format!("a replicate would take {size:.1} GiB")));
            }
            Ok(Cell {
                regression,
                noise_weights: None,
            })
        })
        .collect()
}
