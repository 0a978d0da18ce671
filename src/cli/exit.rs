//! What the program's exit status means. Scripts rely on it.

use std::process::ExitCode;

/// Done, and every claim is as expected.
pub const AS_EXPECTED: u8 = 0;
/// Some claim is not as expected, or worse than the baseline; a mutation score is too low; a table has a wrong cell.
pub const NOT_AS_EXPECTED: u8 = 1;
/// The command was not understood, or a file is faulty.
pub const FAULT: u8 = 2;

/// The same as the system knows it.
pub fn code(status: u8) -> ExitCode {
    ExitCode::from(status)
}
