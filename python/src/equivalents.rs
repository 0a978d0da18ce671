//! κ and degrees of freedom of whole arrays, without the interpreter's lock.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;
use resolvent::equivalent::EquivalentError;

use crate::chains::located;
use crate::spectra::Spectrum;

/// Shorter arrays are not worth a second thread.
const PARALLEL: usize = 64;

/// All values, or the first failure with its position.
fn all<'py>(
    py: Python<'py>,
    values: Vec<Result<f64, EquivalentError>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let alone = values.len() == 1;
    let values: PyResult<Vec<f64>> = (values.into_iter().enumerate())
        .map(|(i, value)| {
            value.map_err(|error| {
                PyValueError::new_err(if alone {
                    error.to_string()
                } else {
                    located(i, error)
                })
            })
        })
        .collect();
    Ok(values?.into_pyarray(py))
}

/// κ for every pair of a ridge and a sample size.
#[pyfunction]
pub fn kappa<'py>(
    py: Python<'py>,
    spectrum: &Spectrum,
    ridge: PyReadonlyArray1<'_, f64>,
    samples: PyReadonlyArray1<'_, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let fits: Vec<(f64, f64)> = (ridge.as_array().iter().copied())
        .zip(samples.as_array().iter().copied())
        .collect();
    let values = py.detach(|| resolvent::equivalent::kappas(&spectrum.0, &fits));
    all(py, values)
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
    let one = |i: usize| resolvent::equivalent::df(&spectrum.0, m[i], kappa[i]).map(|df| df.value);
    let values = py.detach(|| {
        if m.len() < PARALLEL {
            (0..m.len()).map(one).collect()
        } else {
            (0..m.len()).into_par_iter().map(one).collect()
        }
    });
    all(py, values)
}
