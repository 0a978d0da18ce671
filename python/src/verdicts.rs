//! Claims and their verdicts.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use resolvent::check::diagnostic::Diagnostic;
use resolvent::check::{Effort, Options, files};
use resolvent::report::diagnostic::render;

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

/// The report and the faults of files, both as JSON, and the report as text.
#[pyfunction]
#[pyo3(signature = (paths, seed, effort_name, filter, threads, timings))]
pub fn check<'py>(
    py: Python<'py>,
    paths: Vec<PathBuf>,
    seed: u64,
    effort_name: &str,
    filter: Option<String>,
    threads: usize,
    timings: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let options = Options {
        seed,
        effort: effort(effort_name)?,
        filter,
        threads,
        timings,
    };
    let (report, text, faults) = py
        .detach(|| -> Result<_, String> {
            let found = files(&paths)?;
            let outcome = resolvent::check::check(&found, &options, &|_, _| {});
            let report = serde_json::to_string(&outcome.report).map_err(|e| e.to_string())?;
            let text = resolvent::report::text(&outcome.report, true);
            let faults: Vec<String> = outcome
                .diagnostics
                .iter()
                .map(|fault| render(fault, false))
                .collect();
            Ok((report, text, faults))
        })
        .map_err(PyValueError::new_err)?;
    let result = PyDict::new(py);
    result.set_item("report", report)?;
    result.set_item("text", text)?;
    result.set_item("faults", faults)?;
    Ok(result)
}
