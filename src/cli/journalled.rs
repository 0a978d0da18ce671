//! A simulation written to a file: rows as they come, replicates to the journal beside it, from which a run that was
//! killed goes on.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use super::experiment::Failure;
use super::simulate::args::{ShardArgument, SimulateArgs};
use crate::report::rows::{Row, RowFormat};
use crate::simulate::{Journal, Kept};

/// What a journal is of.
pub(super) struct Planned<'a> {
    /// Names what the replicates depend on.
    pub name: &'a str,
    /// The most replicates that a cell may take.
    pub most: u64,
    pub cells: usize,
    /// Units of the journal for each cell: what is drawn by itself.
    pub parts: usize,
}

/// Rows for a file, replicates for its journal.
pub(super) struct Journalled<R: Kept> {
    journal: Journal<R>,
    out: File,
    lines: Lines,
    empty: bool,
    /// How many replicates each unit of the finished cells took.
    replicates: Vec<u64>,
}

impl<R: Kept> Journalled<R> {
    /// Opens both files, and returns what the journal holds already, by unit and number of the replicate.
    pub fn open(
        args: &SimulateArgs,
        path: &Path,
        planned: &Planned<'_>,
    ) -> Result<(Self, HashMap<(usize, u64), R>), Failure> {
        let lines = line_format(path, args.format)?;
        let journal_path = journal_path(args, path)?;
        let (journal, known) =
            Journal::open(&journal_path, planned.name, args.fresh).map_err(Failure::new)?;
        let cells = known.keys().map(|(unit, i)| (unit / planned.parts, *i));
        continues(cells, args.shard, planned.most, &journal_path)?;
        let out = File::create(path)
            .map_err(|error| Failure::Message(format!("{}: {error}", path.display())))?;
        let file = Self {
            journal,
            out,
            lines,
            empty: true,
            replicates: vec![0; planned.cells * planned.parts],
        };
        Ok((file, known))
    }

    pub fn append(&mut self, unit: usize, replicate: u64, record: &R) -> io::Result<()> {
        self.journal.append(unit, replicate, record)
    }

    /// The row of a cell of which all is drawn, and how many replicates each of its parts took.
    pub fn finished(&mut self, cell: usize, row: &Row, replicates: &[u64]) -> io::Result<()> {
        let line = self.lines.line(row, self.empty)?;
        self.empty = false;
        let first = cell * replicates.len();
        self.replicates[first..first + replicates.len()].copy_from_slice(replicates);
        self.out.write_all(line.as_bytes())
    }

    pub fn finish(self) -> Result<(), Failure> {
        // The rows can be made again from the journal; a pipe cannot be synced.
        let _ = self.out.sync_all();
        let replicates = self.replicates;
        self.journal
            .finish(|unit| replicates.get(unit).copied().unwrap_or(0))
            .map_err(Failure::new)
    }
}

/// Where the journal of an output file is.
fn journal_path(args: &SimulateArgs, path: &Path) -> Result<PathBuf, Failure> {
    let mut journal = path.to_path_buf().into_os_string();
    journal.push(".journal");
    let journal = PathBuf::from(journal);
    if !args.fresh && !journal.exists() && path.metadata().is_ok_and(|m| m.len() > 0) {
        return Err(Failure::Message(format!(
            "{} exists and has no journal to go on from; give --fresh to overwrite it",
            path.display()
        )));
    }
    Ok(journal)
}

/// A run may add to what is known (cells and numbers of replicates), but not leave finished work out of the results.
fn continues(
    known: impl Iterator<Item = (usize, u64)> + Clone,
    shard: ShardArgument,
    most: u64,
    journal: &Path,
) -> Result<(), Failure> {
    let refuse = |what: String| {
        Err(Failure::Message(format!(
            "{}: {what}; write to another file, or give --fresh to discard them",
            journal.display()
        )))
    };
    if let Some((cell, _)) = known
        .clone()
        .find(|(cell, _)| !shard.shard().contains(*cell))
    {
        return refuse(format!(
            "it holds replicates of cell {cell}, which is not of this part of the sweep"
        ));
    }
    let last = known.filter(|(_, i)| *i >= most).max_by_key(|key| key.1);
    if let Some((cell, last)) = last {
        return refuse(format!(
            "it holds {} replicates of cell {cell}, and this run asks for {most}",
            last.saturating_add(1)
        ));
    }
    Ok(())
}

/// A bar of the cells of this part of the sweep.
pub(super) fn progress(args: &SimulateArgs, cells: usize) -> ProgressBar {
    if args.quiet {
        return ProgressBar::hidden();
    }
    let count = (0..cells).filter(|&cell| args.shard.shard().contains(cell));
    let bar = ProgressBar::new(count.count() as u64);
    let style = ProgressStyle::with_template(
        "{bar:30} {pos}/{len} cells, {msg}{elapsed} elapsed, {eta} left",
    );
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Formats that can be appended to.
#[derive(Clone, Copy)]
enum Lines {
    Json,
    Csv,
}

impl Lines {
    /// A row's line, after the header where the file is empty.
    fn line(self, row: &Row, empty: bool) -> io::Result<String> {
        Ok(match self {
            Lines::Json => row.json_line()?,
            Lines::Csv if empty => row.csv_header()? + &row.csv_line()?,
            Lines::Csv => row.csv_line()?,
        })
    }
}

fn line_format(path: &Path, format: Option<RowFormat>) -> Result<Lines, Failure> {
    match (format, path.extension().and_then(|e| e.to_str())) {
        (Some(RowFormat::Csv), _) | (None, Some("csv")) => Ok(Lines::Csv),
        (Some(RowFormat::Jsonl), _) | (None, Some("jsonl" | "ndjson")) => Ok(Lines::Json),
        (Some(_), _) => Err(Failure::new(
            "an output file is written row by row: --format csv or --format jsonl",
        )),
        (None, _) => Err(Failure::Message(format!(
            "{}: end its name in .csv or .jsonl, or give --format",
            path.display()
        ))),
    }
}
