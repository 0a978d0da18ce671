//! Ridge regression on random features, by the equivalents of rational expressions of Gaussian matrices.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rayon::prelude::*;
use resolvent::equivalent::pencil::{Expression, Features, Gaussian, Model, PencilError};

use crate::chains::{Target, located};
use crate::spectra::Spectrum;

/// Each generation nests one inverse more.
const MOST_GENERATIONS: f64 = 5.0;

/// Arrays of one length.
#[derive(FromPyObject)]
pub struct Settings<'py> {
    #[pyo3(item)]
    width: PyReadonlyArray1<'py, f64>,
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

#[derive(Clone, Copy)]
struct Fit {
    rows: f64,
    noise: f64,
    ridge: f64,
}

/// One element: the fits in order, the last one downstream.
struct Setting {
    width: f64,
    fits: Vec<Fit>,
}

fn settings(given: &Settings<'_>) -> PyResult<Vec<Setting>> {
    let column = |array: &PyReadonlyArray1<'_, f64>| array.as_array().to_vec();
    let (width, t, sigma, lambda) = (
        column(&given.width),
        column(&given.samples),
        column(&given.noise),
        column(&given.ridge),
    );
    let (n, t0, sigma0, lambda0) = (
        column(&given.n),
        column(&given.samples0),
        column(&given.noise0),
        column(&given.ridge0),
    );
    let refuse = |i: usize, what: String| Err(PyValueError::new_err(located(i, what)));
    (0..width.len())
        .map(|i| {
            if !(n[i] >= 0.0 && n[i] <= MOST_GENERATIONS && n[i].fract() == 0.0) {
                let what = format!(
                    "generations are a whole number from 0 to {MOST_GENERATIONS}, not {}",
                    n[i]
                );
                return refuse(i, what);
            }
            let generation = Fit {
                rows: t0[i],
                noise: sigma0[i],
                ridge: lambda0[i],
            };
            let mut fits = vec![generation; n[i] as usize];
            fits.push(Fit {
                rows: t[i],
                noise: sigma[i],
                ridge: lambda[i],
            });
            for fit in &fits {
                if !(fit.ridge > 0.0) {
                    return refuse(
                        i,
                        format!("a ridge on random features is positive, not {}", fit.ridge),
                    );
                }
                if !(fit.noise >= 0.0 && fit.noise.is_finite()) {
                    return refuse(
                        i,
                        format!("noise is a finite number of at least 0, not {}", fit.noise),
                    );
                }
            }
            Ok(Setting {
                width: width[i],
                fits,
            })
        })
        .collect()
}

/// The test error of every element.
#[pyfunction]
pub fn predict_features<'py>(
    py: Python<'py>,
    spectrum: &Spectrum,
    target: &Target,
    given: Settings<'py>,
    shared: bool,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let settings = settings(&given)?;
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
    let rows: f64 = setting.fits.iter().map(|fit| fit.rows).sum();
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
        let space = m.flat(fit.rows)?;
        let design = m.design(space, inputs.sigma);
        let x = m.of_gaussian(design);
        let f = m.of_gaussian(layer);
        let f = m.scaled(1.0 / setting.width.sqrt(), f);
        let f_t = m.transpose(f);
        let b = m.product(&[x, f_t])?;
        let solve = m.ridge(b, fit.ridge * fit.rows)?;
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
