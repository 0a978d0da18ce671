//! `resolvent merge`: the parts of a sweep, joined.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::experiment::Failure;
use super::output::write;

/// Join the parts of a sweep, as `simulate --shard` wrote them, into what one run would have written
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  resolvent merge part-1.csv part-2.csv --output whole.csv
  resolvent merge part-1.csv --partial")]
pub struct MergeArgs {
    /// The parts: CSV or JSON Lines
    #[arg(required = true)]
    pub parts: Vec<PathBuf>,
    /// Write there instead of standard output
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    /// Accept that cells are missing
    #[arg(long)]
    pub partial: bool,
}

/// Runs the command.
pub fn run(args: &MergeArgs) -> ExitCode {
    let merged = read(&args.parts)
        .and_then(|parts| merge(&parts, args.partial))
        .and_then(|text| write(args.output.as_deref(), &text).map_err(Failure::Message));
    match merged {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show();
            ExitCode::from(2)
        }
    }
}

struct Part {
    path: PathBuf,
    text: String,
}

fn read(paths: &[PathBuf]) -> Result<Vec<Part>, Failure> {
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::Message(format!("{}: {error}", path.display())))?;
            Ok(Part {
                path: path.clone(),
                text,
            })
        })
        .collect()
}

/// What a line says of its place.
struct Place {
    cell: usize,
    cells: usize,
    experiment: String,
}

fn merge(parts: &[Part], partial: bool) -> Result<String, Failure> {
    let mut merged = Merged::default();
    for part in parts {
        merged.take(part)?;
    }
    merged.text(partial)
}

/// What the parts read so far hold, and which of them said it first.
#[derive(Default)]
struct Merged<'a> {
    header: Option<(&'a str, &'a Path)>,
    /// By cell.
    rows: BTreeMap<usize, (&'a str, &'a Path)>,
    /// The number of cells, and the experiment.
    whole: Option<(usize, String, &'a Path)>,
}

impl<'a> Merged<'a> {
    fn take(&mut self, Part { path, text }: &'a Part) -> Result<(), Failure> {
        let fail = |line: usize, message: String| {
            Failure::Message(format!("{}, line {}: {message}", path.display(), line + 1))
        };
        let mut own_header: Option<Vec<String>> = None;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if !line.ends_with('\n') {
                return Err(fail(
                    number,
                    "the line is torn; let `resolvent simulate` go on with this part".to_owned(),
                ));
            }
            let place = if line.starts_with('{') {
                place_in_json(line)
            } else if let Some(names) = &own_header {
                place_in_csv(names, line)
            } else {
                match self.header {
                    Some((known, first)) if known != line => {
                        return Err(fail(
                            number,
                            format!("its columns are not those of {}", first.display()),
                        ));
                    }
                    _ => self.header = Some((line, path)),
                }
                own_header = Some(fields(line));
                continue;
            };
            let Some(place) = place else {
                return Err(fail(
                    number,
                    "not a row written by `resolvent simulate`".to_owned(),
                ));
            };
            self.add(place, line, path)
                .map_err(|message| fail(number, message))?;
        }
        Ok(())
    }

    /// Adds a row; an error where it does not go with those there are.
    fn add(&mut self, place: Place, line: &'a str, path: &'a Path) -> Result<(), String> {
        match &self.whole {
            Some((cells, experiment, first))
                if (*cells, experiment) != (place.cells, &place.experiment) =>
            {
                let first = first.display();
                return Err(format!("it belongs to another experiment than {first}"));
            }
            Some(_) => {}
            None => self.whole = Some((place.cells, place.experiment, path)),
        }
        match self.rows.get(&place.cell) {
            Some((known, first)) if *known != line => {
                let first = first.display();
                return Err(format!("cell {} differs from {first}", place.cell));
            }
            _ => self.rows.insert(place.cell, (line, path)),
        };
        Ok(())
    }

    /// The file that one run would have written.
    fn text(&self, partial: bool) -> Result<String, Failure> {
        let Some((cells, _, _)) = self.whole else {
            return Err(Failure::new("the parts hold no rows"));
        };
        if self.header.is_some() && self.rows.values().any(|(line, _)| line.starts_with('{')) {
            return Err(Failure::new("some parts are CSV and some JSON Lines"));
        }
        let missing: Vec<String> = (0..cells)
            .filter(|cell| !self.rows.contains_key(cell))
            .map(|cell| cell.to_string())
            .collect();
        if !missing.is_empty() && !partial {
            let mut list = missing[..missing.len().min(10)].join(", ");
            if missing.len() > 10 {
                list.push_str(", …");
            }
            return Err(Failure::Message(format!(
                "{} of {cells} cells are missing: {list}; give --partial to merge what there is",
                missing.len()
            )));
        }
        let mut text = self
            .header
            .map_or(String::new(), |(line, _)| line.to_owned());
        text.extend(self.rows.values().map(|(line, _)| *line));
        Ok(text)
    }
}

fn place_in_json(line: &str) -> Option<Place> {
    let row: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(Place {
        cell: usize::try_from(row["cell"].as_u64()?).ok()?,
        cells: usize::try_from(row["cells"].as_u64()?).ok()?,
        experiment: row["experiment"].as_str()?.to_owned(),
    })
}

fn place_in_csv(names: &[String], line: &str) -> Option<Place> {
    let fields = fields(line);
    let field = |name: &str| fields.get(names.iter().position(|known| known == name)?);
    (fields.len() == names.len()).then_some(())?;
    Some(Place {
        cell: field("cell")?.parse().ok()?,
        cells: field("cells")?.parse().ok()?,
        experiment: field("experiment")?.clone(),
    })
}

fn fields(line: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => record.iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, text: &str) -> Part {
        Part {
            path: PathBuf::from(name),
            text: text.to_owned(),
        }
    }

    fn message(result: Result<String, Failure>) -> String {
        match result {
            Err(Failure::Message(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    const HEADER: &str = "n,note,cell,cells,experiment\n";

    #[test]
    fn parts_join_in_order() {
        let a = part("a", &format!("{HEADER}1,\"x, y\",0,3,e\n3,,2,3,e\n"));
        let b = part("b", &format!("{HEADER}2,,1,3,e\n"));
        let expected = format!("{HEADER}1,\"x, y\",0,3,e\n2,,1,3,e\n3,,2,3,e\n");
        assert_eq!(merge(&[b, a], false).unwrap(), expected);
        let line = |cell: usize| {
            format!("{{\"n\":{cell},\"cell\":{cell},\"cells\":2,\"experiment\":\"e\"}}\n")
        };
        let merged = merge(&[part("b", &line(1)), part("a", &line(0))], false).unwrap();
        assert_eq!(merged, line(0) + &line(1));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let row = |cell: usize, e: &str| format!("{HEADER}1,,{cell},2,{e}\n");
        let zero = || part("zero", &row(0, "e"));
        assert!(message(merge(&[zero()], false)).contains("1 of 2 cells are missing: 1"));
        assert_eq!(merge(&[zero()], true).unwrap(), row(0, "e"));
        assert!(
            message(merge(&[zero(), part("x", &row(1, "f"))], false))
                .contains("another experiment than zero")
        );
        assert!(message(merge(&[zero(), part("x", "n,cell\n")], false)).contains("columns"));
        let torn = row(1, "e").trim_end().to_owned();
        assert!(
            message(merge(&[zero(), part("x", &torn)], false))
                .starts_with("x, line 2: the line is torn")
        );
        let other = part("x", &row(0, "e").replace("1,,0", "9,,0"));
        assert!(message(merge(&[zero(), other], false)).contains("cell 0 differs from zero"));
        assert!(message(merge(&[part("x", HEADER)], false)).contains("no rows"));
        assert!(
            message(merge(&[part("x", &format!("{HEADER}junk\n"))], false))
                .contains("x, line 2: not a row")
        );
    }
}
