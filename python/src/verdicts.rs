//! Claims and their verdicts.

use std::path::{Path, PathBuf};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use resolvent::check::diagnostic::Diagnostic;
use resolvent::check::file::Claim;
use resolvent::check::{Effort, Options, Outcome, files};
use resolvent::decide::verdict::Witness;
use resolvent::plot::claim::Background;
use resolvent::plot::{self, Theme};
use resolvent::report::diagnostic::render;
use resolvent::report::html::formula;

pyo3::import_exception!(resolvent.errors, FileError);

/// Every fault as it would be shown on a terminal.
pub fn file_error(faults: &[Diagnostic]) -> PyErr {
    let text: Vec<String> = faults.iter().map(|fault| render(fault, false)).collect();
    FileError::new_err((
        text.join("\n\n"),
        serde_json::to_string(faults).unwrap_or_default(),
    ))
}

fn effort(name: &str) -> PyResult<Effort> {
    match name {
        "quick" => Ok(Effort::Quick),
        "normal" => Ok(Effort::Normal),
        "thorough" => Ok(Effort::Thorough),
        other => Err(PyValueError::new_err(format!(
            "effort is quick, normal or thorough, not {other:?}"
        ))),
    }
}

/// Decides the claims of files, or of `text`, which `paths` then names. The report, the faults and the formulas as MathML, all
/// as JSON; the report as text and as a page.
#[pyfunction]
#[pyo3(signature = (paths, text, seed, effort_name, filter, threads, work, timings))]
#[expect(
    clippy::too_many_arguments,
    reason = "called by one Python function that names them"
)]
pub fn check<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    text: Option<&str>,
    seed: u64,
    effort_name: &str,
    filter: Option<String>,
    threads: usize,
    work: Option<f64>,
    timings: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let options = Options {
        seed,
        effort: effort(effort_name)?,
        filter,
        threads,
        work: work.map(|seconds| (seconds.max(0.0) * 1e9) as u64),
        timings,
        ..Options::default()
    };
    let outcome = py
        .detach(|| -> Result<Outcome, String> {
            Ok(match (text, paths.first()) {
                (Some(text), Some(path)) => resolvent::check::check_text(path, text, &options),
                _ => resolvent::check::check(&files(&paths)?, &options, &|_, _| {}),
            })
        })
        .map_err(PyValueError::new_err)?;
    let decided = outcome.claims.iter().any(Option::is_some);
    if !decided && !outcome.diagnostics.is_empty() {
        return Err(file_error(&outcome.diagnostics));
    }
    let json = |error: serde_json::Error| PyValueError::new_err(error.to_string());
    let result = PyDict::new(py);
    result.set_item(
        "report",
        serde_json::to_string(&outcome.report).map_err(json)?,
    )?;
    result.set_item(
        "faults",
        serde_json::to_string(&outcome.diagnostics).map_err(json)?,
    )?;
    let formulas: Vec<Option<String>> = (outcome.claims.iter())
        .map(|claim| claim.as_ref().and_then(formula))
        .collect();
    result.set_item("formulas", formulas)?;
    result.set_item("text", resolvent::report::text(&outcome.report, true))?;
    let claims: Vec<Claim> = outcome.claims.iter().flatten().cloned().collect();
    result.set_item(
        "page",
        resolvent::report::html(&outcome.report, &claims).map_err(json)?,
    )?;
    Ok(result)
}

/// What the picture of a claim may cost, see [`resolvent::budget`].
const PICTURE: u64 = 8_000_000_000;

/// Both sides of a claim along its limit or one of its symbols, as SVG; at its witness, as JSON, where it fails.
#[pyfunction]
#[pyo3(signature = (path, text, id, witness, reason, theme))]
pub fn claim_picture(
    py: Python<'_>,
    path: &str,
    text: &str,
    id: &str,
    witness: Option<&str>,
    reason: Option<&str>,
    theme: &str,
) -> PyResult<String> {
    let theme = theme_of(theme)?;
    // Sides that are not finite are null in JSON; there is nothing to be drawn at then.
    let witness: Option<Witness> = witness.and_then(|json| serde_json::from_str(json).ok());
    let file = py
        .detach(|| resolvent::check::file::read_text(Path::new(path), text))
        .map_err(|faults| file_error(&faults))?;
    let claim = (file.claims.iter())
        .find(|claim| claim.id == id)
        .ok_or_else(|| PyValueError::new_err(format!("no claim has the id {id:?}")))?;
    let instead =
        (claim.instead.as_ref()).and_then(|id| file.claims.iter().find(|claim| claim.id == *id));
    let background = Background {
        witness: witness.as_ref(),
        reason,
        instead,
        at: &[],
        others: match (&witness, instead) {
            (Some(_), Some(_)) => 0,
            (Some(_), None) => 1,
            (None, _) => 3,
        },
        work: PICTURE,
    };
    py.detach(|| {
        resolvent::check::in_pool(0, || {
            let scene = plot::claim::chart(claim, &background)?.draw(theme)?;
            Ok(plot::svg::render(&scene))
        })
    })
    .map_err(|error: plot::PlotError| PyValueError::new_err(error.to_string()))
}

pub fn theme_of(name: &str) -> PyResult<Theme> {
    match name {
        "light" => Ok(Theme::Light),
        "dark" => Ok(Theme::Dark),
        other => Err(PyValueError::new_err(format!(
            "theme is light or dark, not {other:?}"
        ))),
    }
}
