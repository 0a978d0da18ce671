//! What the commands on experiment files share: reading them, and saying what is wrong.

use std::path::Path;

use super::output::tell;
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::experiment::{Experiment, Point};

/// Larger files are refused.
const MAX_BYTES: u64 = 1 << 20;

/// An error to be shown; the program then ends with status 2.
#[derive(Debug)]
pub(super) enum Failure {
    Faults(Vec<Diagnostic>),
    Message(String),
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(faults: Vec<Diagnostic>) -> Self {
        Failure::Faults(faults)
    }
}

impl Failure {
    pub fn new(message: impl ToString) -> Self {
        Failure::Message(message.to_string())
    }

    pub fn show(&self) {
        match self {
            Failure::Faults(faults) => {
                // Where standard error is closed there is nobody to tell.
                let _ = crate::report::diagnostic::write_to_stderr(faults);
            }
            Failure::Message(message) => tell(&format!("error: {message}")),
        }
    }
}

/// Reads an experiment and resolves its sweep.
pub(super) fn read(path: &Path) -> Result<(Experiment, Vec<Point>), Failure> {
    let about = |error: std::io::Error| Failure::Message(format!("{}: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(about)?.len();
    if size > MAX_BYTES {
        return Err(Failure::Message(format!(
            "{}: {size} bytes are too many for an experiment file",
            path.display()
        )));
    }
    let text = std::fs::read_to_string(path).map_err(about)?;
    let experiment = Experiment::read(SourceFile::new(path, text))?;
    let points = experiment.points()?;
    Ok((experiment, points))
}

/// Settings of a point, to name it in a message.
pub(super) fn describe(point: &Point) -> String {
    let mut text = format!(
        "n = {}, T = {}, d = {}",
        point.n,
        point.samples,
        point.dimension.as_f64()
    );
    if let Some(t0) = point.samples0 {
        text.push_str(&format!(", T0 = {t0}"));
    }
    text.push_str(&format!(", lambda = {}", point.lambda));
    text
}
