//! `resolvent table`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::experiment::Failure;
use super::output::tell;
use crate::check::file::numbers::read_bounded;
use crate::report::write_whole_bytes;
use crate::table::format::{TableFormat, render};
use crate::table::published::{self, Published};
use crate::table::verify::verify;
use crate::table::{Cell, Definition, compute};

/// Larger files are refused.
const MAX_BYTES: u64 = 256 << 20;

/// Compute a reference table, every printed digit certain; or verify a published one
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Values are enclosed, and precision is raised until their rounding is certain.
A digit that cannot be guaranteed is not printed.

Examples:
  resolvent table kappa.toml                        CSV on standard output
  resolvent table kappa.toml --format latex --output kappa.tex
  resolvent table --verify fixtures/tables/*.csv    recompute, compare; exit 1
  resolvent table --verify theirs.csv --definition kappa.toml
                                   a table somebody else published
  resolvent table mixture.toml                      an experiment with [predict]

A table file:
  title  = \"kappa and degrees of freedom, infinite power laws\"
  digits = 15

  [setting]                    # as in a derivation file; d may be a number
  d        = \"inf\"
  spectrum = { kind = \"power-law\", beta = \"beta\" }

  [grid]                       # every combination; numbers or formulas
  beta   = [1.5, 2, 4]
  T      = [10, 1000, 1e6]
  lambda = [0, \"1/T\"]

  [columns]
  kappa = \"kappa(lambda, T)\"
  df2   = \"df(2, kappa(lambda, T))\"

A column may also be { predict = \"test_error\" }, any column of `resolvent
predict` for the experiment whose [setting], [chain] and [downstream] stand in
the file, or { exact = \"test_error\" }, the expectation at that finite size.
The error of the latter is estimated, not bounded; the table says so.

An experiment whose estimator is written in formulas (`resolvent predict --help`)
is a table itself: each quantity of [predict] is a column, and where there is a
section [simulate], so are its mean over draws and the standard error. Columns
may be chosen, under [columns]: { predict = \"test_error\" },
{ simulate = \"test_error\" }, { standard_error = \"test_error\" }.

Exit status: 0 done, and every table is right; 1 a cell is wrong; 2 a usage or
file error.")]
pub struct TableArgs {
    /// A table file or an experiment with [predict] (TOML); with --verify, published tables (CSV, JSON, NumPy, Markdown, LaTeX)
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[arg(long, value_enum)]
    pub format: Option<TableFormat>,
    /// Write there instead of to standard output; the name's end chooses the format
    #[arg(long, short, conflicts_with = "verify")]
    pub output: Option<PathBuf>,
    /// Recompute published tables and name the first cell that is wrong
    #[arg(long)]
    pub verify: bool,
    /// The table file that published tables are verified against, where they do not carry it
    #[arg(long, requires = "verify", value_name = "FILE")]
    pub definition: Option<PathBuf>,
    /// Name every wrong cell, not only the first
    #[arg(long, requires = "verify")]
    pub all: bool,
    /// Significant digits, instead of the file's
    #[arg(long, conflicts_with = "verify")]
    pub digits: Option<usize>,
}

/// Runs the command.
pub fn run(args: &TableArgs) -> ExitCode {
    let done = if args.verify {
        verify_all(args)
    } else {
        write_table(args).map(|()| true)
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(failure) => {
            failure.show();
            ExitCode::from(2)
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    read_bounded(path, MAX_BYTES)
        .map_err(|(message, _)| Failure::Message(format!("{}: {message}", path.display())))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::Message(format!("{}: {error}", path.display()));
    let size = std::fs::metadata(path)
        .map_err(|error| failed(&error))?
        .len();
    if size > MAX_BYTES {
        return Err(failed(&format!("longer than {} MiB", MAX_BYTES >> 20)));
    }
    std::fs::read(path).map_err(|error| failed(&error))
}

fn write_table(args: &TableArgs) -> Result<(), Failure> {
    let [path] = args.files.as_slice() else {
        return Err(Failure::new("one table file at a time (or --verify)"));
    };
    let mut definition = Definition::read(path, &read(path)?)?;
    if let Some(digits) = args.digits {
        if !(1..=crate::table::definition::MOST_DIGITS).contains(&digits) {
            return Err(Failure::new("--digits is a number from 1 to 500"));
        }
        definition.digits = digits;
    }
    let about =
        |error: crate::table::TableError| Failure::Message(format!("{}: {error}", path.display()));
    let table = compute(&definition).map_err(about)?;
    uncertain(&table);
    let ending = args
        .output
        .as_ref()
        .and_then(|path| path.extension()?.to_str());
    let format = args.format.unwrap_or(match ending {
        Some("json") => TableFormat::Json,
        Some("npy") => TableFormat::Npy,
        Some("md") => TableFormat::Markdown,
        Some("tex") => TableFormat::Latex,
        _ => TableFormat::Csv,
    });
    let bytes = render(&table, format).map_err(about)?;
    match &args.output {
        Some(output) => write_whole_bytes(output, &bytes)
            .map_err(|error| Failure::Message(format!("{}: {error}", output.display()))),
        None => match std::io::stdout().write_all(&bytes) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::Message(format!("standard output: {error}")))
            }
            _ => Ok(()),
        },
    }
}

/// Says on standard error where digits are missing.
fn uncertain(table: &crate::table::Table) {
    let (mut none, mut short, mut first) = (0, 0, None);
    for row in &table.rows {
        for (cell, column) in row.cells.iter().zip(&table.definition.columns) {
            match cell {
                Cell::None { reason } => {
                    none += 1;
                    first.get_or_insert_with(|| format!("{}: {reason}", column.name));
                }
                Cell::Certain { digits, text } | Cell::Estimated { digits, text }
                    if *digits < table.definition.digits && text != "0" =>
                {
                    short += 1;
                }
                _ => {}
            }
        }
    }
    if let Some(first) = first {
        tell(&format!(
            "note: {none} cells have no value; the first: {first}"
        ));
    }
    if short > 0 {
        tell(&format!(
            "note: {short} cells have fewer digits than asked for: more are not certain"
        ));
    }
}

fn verify_all(args: &TableArgs) -> Result<bool, Failure> {
    let given = args
        .definition
        .as_ref()
        .map(|path| Ok::<_, Failure>((path, read(path)?)))
        .transpose()?;
    let mut right = true;
    for path in &args.files {
        let about = |error: crate::table::TableError| {
            Failure::Message(format!("{}: {error}", path.display()))
        };
        let table: Published = published::read_bytes(&read_bytes(path)?).map_err(about)?;
        let definition = match (&given, &table.definition) {
            (Some((from, text)), _) => Definition::read(from, text)?,
            (None, Some(text)) => Definition::read(path, text)?,
            (None, None) => {
                return Err(Failure::Message(format!(
                    "{}: it does not say how it was made; give --definition FILE.toml",
                    path.display()
                )));
            }
        };
        let outcome = verify(&definition, &table).map_err(about)?;
        if outcome.cells == 0 && outcome.wrong.is_empty() {
            return Err(Failure::Message(format!(
                "{}: there is nothing to verify",
                path.display()
            )));
        }
        if outcome.wrong.is_empty() {
            let skipped = match outcome.skipped {
                0 => String::new(),
                n => format!(", {n} cells are no numbers"),
            };
            tell(&format!(
                "{}: {} cells are right{skipped}",
                path.display(),
                outcome.cells - outcome.skipped
            ));
            continue;
        }
        right = false;
        let shown = if args.all { outcome.wrong.len() } else { 1 };
        for wrong in outcome.wrong.iter().take(shown) {
            tell(&format!("{}: {wrong}", path.display()));
        }
        if outcome.wrong.len() > shown {
            tell(&format!(
                "and {} more; --all names them",
                outcome.wrong.len() - shown
            ));
        }
    }
    Ok(right)
}
