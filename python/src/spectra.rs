//! The covariance's eigenvalues.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use resolvent::spectrum::{Dimension, Spectrum as Eigenvalues};

/// Eigenvalues of a covariance matrix.
#[pyclass(frozen, module = "resolvent", name = "Spectrum")]
pub struct Spectrum(pub Eigenvalues);

fn refused(error: impl ToString) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pymethods]
impl Spectrum {
    /// `s_k = k^-beta`; `d` is a whole number, or None for infinitely many.
    #[staticmethod]
    #[pyo3(signature = (beta, d=None))]
    fn power_law(beta: f64, d: Option<u64>) -> PyResult<Self> {
        let dimension = d.map_or(Dimension::Infinite, Dimension::Finite);
        Eigenvalues::power_law(beta, dimension)
            .map(Self)
            .map_err(refused)
    }

    #[staticmethod]
    fn isotropic(d: u64) -> PyResult<Self> {
        Eigenvalues::isotropic(d).map(Self).map_err(refused)
    }

    /// Distinct values, each with its multiplicity.
    #[staticmethod]
    fn atoms(
        values: PyReadonlyArray1<'_, f64>,
        multiplicities: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<Self> {
        let (values, multiplicities) = (
            values.as_array().to_vec(),
            multiplicities.as_array().to_vec(),
        );
        Eigenvalues::atoms(values, multiplicities)
            .map(Self)
            .map_err(refused)
    }

    /// Any eigenvalues, in any order.
    #[staticmethod]
    fn eigenvalues(py: Python<'_>, values: PyReadonlyArray1<'_, f64>) -> PyResult<Self> {
        let values = values.as_array().to_vec();
        py.detach(|| Eigenvalues::from_eigenvalues(values))
            .map(Self)
            .map_err(refused)
    }

    /// The number of eigenvalues; infinity where there is no last one.
    #[getter]
    fn dimension(&self) -> f64 {
        self.0.dimension().as_f64()
    }

    /// The eigenvalues in descending order, at most `limit` of them allowed.
    fn values<'py>(&self, py: Python<'py>, limit: u64) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(self.0.eigenvalues(limit).map_err(refused)?.into_pyarray(py))
    }
}
