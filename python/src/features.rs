//! Ridge regression on random features, by the equivalents of rational expressions of Gaussian matrices.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;
use resolvent::equivalent::Fit;
use resolvent::equivalent::pencil::{Expression, Features, Gaussian, Model, PencilError};

use crate::chains::{self, Fits, Target, located};
use crate::spectra::Spectrum;

/// Each generation nests one inverse more.
const MOST_GENERATIONS: f64 = 5.0;

/// One element: the fits in order, the last one downstream.
struct Setting {
    width: f64,
    fits: Vec<Fit>,
}

fn settings(width: &PyReadonlyArray1<'_, f64>, fits: &Fits<'_>) -> PyResult<Vec<Setting>> {
    let width = width.as_array();
    let chains = chains::settings(fits, MOST_GENERATIONS)?;
    if width.len() != chains.len() {
        return Err(PyValueError::new_err("the arrays differ in length"));
    }
    (width.iter().zip(chains).enumerate())
        .map(|(i, (&width, chain))| {
            let refuse = |what: String| Err(PyValueError::new_err(located(i, what)));
            let mut fits = vec![chain.generation; chain.n as usize];
            fits.push(chain.downstream);
            for fit in &fits {
                if !(fit.ridge > 0.0) {
                    return refuse(format!(
                        "a ridge on random features is positive, not {}",
                        fit.ridge
                    ));
                }
                if !(fit.noise >= 0.0 && fit.noise.is_finite()) {
                    return refuse(format!(
                        "noise is a finite number of at least 0, not {}",
                        fit.noise
                    ));
                }
            }
            Ok(Setting { width, fits })
        })
        .collect()
}

/// The test error of every element.
#[pyfunction]
pub fn predict_features<'py>(
    py: Python<'py>,
    spectrum: &Spectrum,
    target: &Target,
    width: PyReadonlyArray1<'py, f64>,
    fits: Fits<'py>,
    shared: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let settings = settings(&width, &fits)?;
    let one = |(i, setting): (usize, &Setting)| {
        test_error(spectrum, target, setting, shared).map_err(|error| located(i, error))
    };
    py.detach(|| settings.par_iter().enumerate().map(one).collect::<Vec<_>>())
        .into_iter()
        .collect::<Result<Vec<f64>, String>>()
        .map(|errors| errors.into_pyarray(py))
        .map_err(PyValueError::new_err)
}

/// With `B = X F'/√p`, a fit takes `w` to `A w + F'/√p (B'B + λT)^{-1}B' ε`, `A` the same with `X` in the place of `ε`.
fn test_error(
    spectrum: &Spectrum,
    target: &Target,
    setting: &Setting,
    shared: bool,
) -> Result<f64, PencilError> {
    let mut m = Model::new();
    let rows: f64 = setting.fits.iter().map(|fit| fit.samples).sum();
    let inputs = m.features(&spectrum.0, &target.masses, rows + setting.width)?;
    let sigma = m.of_diagonal(inputs.sigma);
    let layer = layer(&mut m, &inputs, setting.width)?;
    // From the last fit back: `after` takes what a fit gives to what the last one gives.
    let mut after: Option<Expression> = None;
    let mut noise = Vec::new();
    for (k, fit) in setting.fits.iter().enumerate().rev() {
        let layer = if shared || k + 1 == setting.fits.len() {
            layer
        } else {
            self::layer(&mut m, &inputs, setting.width)?
        };
        let space = m.flat(fit.samples)?;
        let design = m.design(space, inputs.sigma);
        let x = m.of_gaussian(design);
        let f = m.of_gaussian(layer);
        let f = m.scaled(1.0 / setting.width.sqrt(), f);
        let f_t = m.transpose(f);
        let b = m.product(&[x, f_t])?;
        let solve = m.ridge(b, fit.ridge * fit.samples)?;
        let of_noise = m.product(&[f_t, solve])?;
        let passed = match after {
            Some(after) => m.product(&[after, of_noise])?,
            None => of_noise,
        };
        if fit.noise > 0.0 {
            let t = m.transpose(passed);
            noise.push((fit.noise * fit.noise, m.product(&[t, sigma, passed])?));
        }
        after = Some(m.product(&[passed, x])?);
    }
    let one = m.identity(inputs.space);
    let all = after.unwrap_or(one);
    let gap = m.sum(&[(1.0, all), (-1.0, one)])?;
    let t = m.transpose(gap);
    let square = m.product(&[t, sigma, gap])?;
    let mean = m.equivalents(&[square])?.remove(0);
    let mut total = m.closed(&mean, &inputs.mass)?;
    for (variance, square) in noise {
        total += variance * m.trace(square)?;
    }
    Ok(total)
}

/// `p × d`, standard normal.
fn layer(m: &mut Model, inputs: &Features, width: f64) -> Result<Gaussian, PencilError> {
    let space = m.flat(width)?;
    let unit = m.constant(inputs.space, 1.0);
    Ok(m.design(space, unit))
}
