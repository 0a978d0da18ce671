//! What the commands on experiment files share: reading them, and saying what is wrong.

use std::path::Path;

use super::output::tell;
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::check::file::MAX_FILE_BYTES;
use crate::check::file::numbers::read_bounded;
use crate::experiment::{Experiment, Point};

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
    let text = read_bounded(path, MAX_FILE_BYTES)
        .map_err(|(message, _)| Failure::Message(format!("{}: {message}", path.display())))?;
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
