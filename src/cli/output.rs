//! Where results and complaints go.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::report::printable::printable_lines;
use crate::report::write_whole;

/// To a file, which is written as a whole and without colours, or to standard output, whose reader may have left.
pub(super) fn write(output: Option<&Path>, text: &str) -> Result<(), String> {
    match output {
        Some(path) => write_whole(path, &anstream::adapter::strip_str(text).to_string())
            .map_err(|error| format!("{}: {error}", path.display())),
        None => {
            let mut out = anstream::stdout();
            match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    Err(format!("standard output: {error}"))
                }
                _ => Ok(()),
            }
        }
    }
}

/// A line on standard error. Where that is closed there is nobody to tell.
pub(super) fn tell(line: &str) {
    let _ = writeln!(anstream::stderr(), "{}", printable_lines(line));
}

/// The end of a run that a usage or file error made impossible.
pub(super) fn fail(message: &str) -> ExitCode {
    tell(&format!("error: {message}"));
    super::exit::code(super::exit::FAULT)
}
