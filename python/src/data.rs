//! Spectra from samples.

use numpy::{IntoPyArray, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use resolvent::data::{self, Kernel, Matrix, Settings, picture, spectrum_file};
use resolvent::plot::svg;

use crate::verdicts::theme_of;

/// A kernel by its name.
fn kernel(name: &str, gamma: Option<f64>, degree: u32, offset: f64) -> PyResult<Kernel> {
    Ok(match name {
        "linear" => Kernel::Linear,
        "rbf" => Kernel::Rbf { gamma },
        "laplace" => Kernel::Laplace { gamma },
        "polynomial" => Kernel::Polynomial {
            degree,
            gamma,
            offset,
        },
        other => {
            return Err(PyValueError::new_err(format!(
                "kernel is linear, rbf, laplace or polynomial, not {other:?}"
            )));
        }
    })
}

/// Eigenvalues, coefficients and exponents; the spectrum file and the picture as text.
#[pyfunction]
#[pyo3(signature = (features, labels, kernel_name, gamma, degree, offset, population, window, draws, seed, title, theme))]
#[expect(
    clippy::too_many_arguments,
    reason = "called by one Python function that names them"
)]
pub fn estimate<'py>(
    py: Python<'py>,
    features: PyReadonlyArray2<'_, f64>,
    labels: Option<PyReadonlyArray1<'_, f64>>,
    kernel_name: &str,
    gamma: Option<f64>,
    degree: u32,
    offset: f64,
    population: bool,
    window: Option<(usize, usize)>,
    draws: usize,
    seed: u64,
    title: &str,
    theme: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let theme = theme_of(theme)?;
    let array = features.as_array();
    let (rows, cols) = array.dim();
    if let Some(place) = array.iter().position(|x| !x.is_finite()) {
        return Err(PyValueError::new_err(format!(
            "row {}, column {} is not a finite number",
            place / cols,
            place % cols
        )));
    }
    let matrix = Matrix::new(rows, cols, array.iter().copied().collect());
    let labels = labels.map(|labels| labels.as_array().to_vec());
    if labels
        .as_ref()
        .is_some_and(|labels| labels.iter().any(|y| !y.is_finite()))
    {
        return Err(PyValueError::new_err("a label is not a finite number"));
    }
    let settings = Settings {
        kernel: kernel(kernel_name, gamma, degree, offset)?,
        population,
        window,
        draws,
        seed,
    };
    let refused = |error: String| PyValueError::new_err(error);
    let found = py
        .detach(|| data::estimate(&matrix, labels.as_deref(), &settings))
        .map_err(|error| refused(error.to_string()))?;
    let scene = picture::chart(&found, title).draw(theme);
    let result = PyDict::new(py);
    result.set_item(
        "picture",
        svg::render(&scene.map_err(|error| refused(error.to_string()))?),
    )?;
    result.set_item("file", spectrum_file::write(&found, title))?;
    result.set_item("sample", found.sample.into_pyarray(py))?;
    result.set_item("eigenvalues", found.eigenvalues.into_pyarray(py))?;
    let beta = &found.beta;
    result.set_item("beta", (beta.value, beta.low, beta.high))?;
    result.set_item("beta_local", beta.local)?;
    result.set_item("window", found.window)?;
    if let Some(target) = found.target {
        result.set_item("coefficients", target.coefficients.into_pyarray(py))?;
        result.set_item("noise", target.noise)?;
        result.set_item("explained", target.explained)?;
        result.set_item(
            "source",
            target.source.map(|(r, _)| (r.value, r.low, r.high)),
        )?;
    }
    Ok(result)
}
