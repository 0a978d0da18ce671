//! Exponents and constants of power laws.

use num_rational::BigRational;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use resolvent::number::parse_decimal;
use resolvent::report::scaling::scaling_report;
use resolvent::scaling::{DimensionLaw, Labeller, LabellerDesigns, Ridge, ScalingModel};

/// `3/8`, `0.375`, `-2`.
fn rational(name: &str, text: &str) -> PyResult<BigRational> {
    let wrong = || {
        PyValueError::new_err(format!(
            "{name}: {text:?} is not a number like 3/8, 0.375 or 2"
        ))
    };
    let part = |text: &str| parse_decimal(text.trim()).ok_or_else(wrong);
    let Some((numerator, denominator)) = text.split_once('/') else {
        return part(text);
    };
    let denominator = part(denominator)?;
    if denominator == BigRational::from_integer(0.into()) {
        return Err(PyValueError::new_err(format!(
            "{name}: {text:?} divides by zero"
        )));
    }
    Ok(part(numerator)? / denominator)
}

fn positive(name: &str, text: &str) -> PyResult<BigRational> {
    let x = rational(name, text)?;
    if x > BigRational::from_integer(0.into()) {
        Ok(x)
    } else {
        Err(PyValueError::new_err(format!(
            "{name} must be positive, not {text}"
        )))
    }
}

/// The laws of a power-law regression as JSON and as text; every exponent comes as text and is read exactly.
#[pyfunction]
#[pyo3(signature = (beta, source, ell, noise, b, a, d, generations, shared, measured))]
#[expect(
    clippy::too_many_arguments,
    reason = "called by one Python function that names them"
)]
pub fn scaling(
    py: Python<'_>,
    beta: &str,
    source: &str,
    ell: Option<&str>,
    noise: Option<&str>,
    b: Option<&str>,
    a: Option<&str>,
    d: &str,
    generations: u32,
    shared: bool,
    measured: bool,
) -> PyResult<(String, String)> {
    let beta = positive("beta", beta)?;
    let labeller = match b {
        None => None,
        Some(b) => Some(Labeller {
            samples: rational("b", b)?,
            noise: a.map(|a| rational("a", a)).transpose()?,
            generations,
            designs: if shared {
                LabellerDesigns::Shared
            } else {
                LabellerDesigns::Independent
            },
        }),
    };
    let ridge = match ell {
        None => None,
        Some("ridgeless") => Some(Ridge::Ridgeless),
        Some(ell) => Some(Ridge::Exponent(rational("ell", ell)?)),
    };
    let dimension = dimension(d, labeller.is_some())?;
    if dimension == DimensionLaw::Infinite && beta <= BigRational::from_integer(1.into()) {
        return Err(PyValueError::new_err(
            "an infinite spectrum needs beta > 1: its trace diverges; give a dimension with d=\"T^p\"",
        ));
    }
    let model = ScalingModel {
        beta,
        source: positive("source", source)?,
        ridge: ridge.clone().unwrap_or_default(),
        noise: noise.map(|e| rational("noise", e)).transpose()?,
        labeller,
        dimension,
    };
    py.detach(|| {
        let report = scaling_report(&model, ridge, measured).map_err(|error| error.to_string())?;
        let json = report.to_json().map_err(|error| error.to_string())?;
        Ok((json, report.to_text()))
    })
    .map_err(|error: String| PyValueError::new_err(error))
}

/// `inf`, `T^p` or `phi0*T0`.
fn dimension(text: &str, labelled: bool) -> PyResult<DimensionLaw> {
    if text == "inf" {
        Ok(DimensionLaw::Infinite)
    } else if let Some(power) = text.strip_prefix("T^") {
        let power = power.trim_start_matches('(').trim_end_matches(')');
        Ok(DimensionLaw::Power(rational("d", power)?))
    } else if let Some(share) = text.strip_suffix("*T0") {
        if !labelled {
            return Err(PyValueError::new_err(
                "d = phi0*T0 needs a labeller: give b, the power in T0 = T^b",
            ));
        }
        Ok(DimensionLaw::OfLabeller(positive("d", share)?))
    } else {
        Err(PyValueError::new_err(format!(
            "d is \"inf\", a power such as \"T^1/2\", or a share such as \"1/2*T0\", not {text:?}"
        )))
    }
}
