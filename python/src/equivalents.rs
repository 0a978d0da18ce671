//! κ and degrees of freedom of whole arrays, without the interpreter's lock.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;
use resolvent::equivalent::EquivalentError;

use crate::spectra::Spectrum;

/// Shorter arrays are not worth a second thread.
const PARALLEL: usize = 64;

/// `f` of every pair, or the first failure with its index.
fn map(
    py: Python<'_>,
    a: Vec<f64>,
    b: Vec<f64>,
    f: impl Fn(f64, f64) -> Result<f64, EquivalentError> + Sync,
) -> PyResult<Bound<'_, PyArray1<f64>>> {
    let one = |i: usize| f(a[i], b[i]).map_err(|error| (i, error));
    let values: Result<Vec<f64>, (usize, EquivalentError)> = py.detach(|| {
        if a.len() < PARALLEL {
            (0..a.len()).map(one).collect()
        } else {
            // In order, so that the first failure is the same in every run.
            let all: Vec<_> = (0..a.len()).into_par_iter().map(one).collect();
            all.into_iter().collect()
        }
    });
    values
        .map(|values| values.into_pyarray(py))
        .map_err(|(i, error)| {
            let message = if a.len() == 1 {
                error.to_string()
            } else {
                format!("at position {i} of the broadcast arrays: {error}")
            };
            PyValueError::new_err(message)
        })
}

/// κ for every pair of a ridge and a sample size.
#[pyfunction]
pub fn kappa<'py>(
    py: Python<'py>,
    spectrum: &Spectrum,
    ridge: PyReadonlyArray1<'_, f64>,
    samples: PyReadonlyArray1<'_, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (ridge, samples) = (ridge.as_array().to_vec(), samples.as_array().to_vec());
    map(py, ridge, samples, |lambda, t| {
        resolvent::equivalent::kappa(&spectrum.0, lambda, t).map(|kappa| kappa.value)
    })
}

/// `df_m(κ)` for every pair of an order and a κ.
#[pyfunction]
pub fn df<'py>(
    py: Python<'py>,
    spectrum: &Spectrum,
    m: PyReadonlyArray1<'_, f64>,
    kappa: PyReadonlyArray1<'_, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (m, kappa) = (m.as_array().to_vec(), kappa.as_array().to_vec());
    map(py, m, kappa, |m, kappa| {
        resolvent::equivalent::df(&spectrum.0, m, kappa).map(|df| df.value)
    })
}
