//! What a sweep has drawn, kept on disk as it comes.
//!
//! A line a replicate, in the order in which they are done, each written whole: a killed run loses the replicates in hand
//! and no others, and at worst leaves a torn last line, which the next run cuts off. The first line names the experiment;
//! a journal is never continued with another one. Once the sweep is complete the lines are put in order, so that a
//! complete journal is the same however the run went.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::sweep::{Known, Record};

const MAGIC: &str = "resolvent-journal 1 ";

/// An open journal. The file is locked as long as this lives, and unlocked if the process dies.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    header: String,
    line: String,
}

/// Why a journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} is in use by another run")]
    InUse { path: PathBuf },
    #[error(
        "{path} belongs to another experiment (it says {found}, this one is {expected}): \
         the file, the seed or the version has changed since"
    )]
    OtherExperiment {
        path: PathBuf,
        expected: String,
        found: String,
    },
    #[error("{path} is not a journal")]
    NotAJournal { path: PathBuf },
    #[error("{path}, line {line}: not a replicate: `{text}`")]
    Damaged {
        path: PathBuf,
        line: usize,
        text: String,
    },
}

impl Journal {
    /// Opens or creates the journal of the experiment called `name`, and reads what it knows.
    pub fn open(path: &Path, name: &str) -> Result<(Self, Known), JournalError> {
        let io_error = |source| JournalError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)
            .map_err(io_error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::InUse {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io_error(source)),
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(io_error)?;

        let header = format!("{MAGIC}{name}\n");
        let whole = bytes
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(0, |last| last + 1);
        if whole == 0
            && !header.as_bytes().starts_with(&bytes)
            && !bytes.starts_with(MAGIC.as_bytes())
        {
            return Err(JournalError::NotAJournal {
                path: path.to_owned(),
            });
        }
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(io_error)?;
        }
        let known = if whole == 0 {
            file.write_all(header.as_bytes()).map_err(io_error)?;
            Known::new()
        } else {
            parse(path, &header, &bytes[..whole])?
        };
        let journal = Self {
            path: path.to_owned(),
            file,
            header,
            line: String::new(),
        };
        Ok((journal, known))
    }

    /// Adds a replicate.
    pub fn append(&mut self, cell: usize, replicate: u64, record: &Record) -> io::Result<()> {
        self.line.clear();
        line(&mut self.line, cell, replicate, record);
        self.file.write_all(self.line.as_bytes())
    }

    /// Puts a complete journal in order, and leaves out what no cell needed: `replicates(cell)` are kept of each.
    pub fn finish(mut self, replicates: impl Fn(usize) -> u64) -> Result<(), JournalError> {
        let io_error = |source| JournalError::Io {
            path: self.path.clone(),
            source,
        };
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_end(&mut bytes))
            .map_err(io_error)?;
        let known = parse(&self.path, &self.header, &bytes)?;
        let mut records: Vec<_> = known
            .into_iter()
            .filter(|((cell, i), _)| *i < replicates(*cell))
            .collect();
        records.sort_by_key(|(key, _)| *key);
        let mut ordered = self.header.clone();
        for ((cell, replicate), record) in &records {
            line(&mut ordered, *cell, *replicate, record);
        }
        if ordered.as_bytes() == bytes {
            return Ok(());
        }
        let mut temporary = self.path.clone().into_os_string();
        temporary.push(".ordered");
        std::fs::write(&temporary, ordered)
            .and_then(|()| std::fs::rename(&temporary, &self.path))
            .map_err(io_error)
    }
}

fn line(out: &mut String, cell: usize, replicate: u64, record: &Record) {
    let Record {
        test_error,
        control,
    } = record;
    // The shortest digits that read back as the same number; writing to a string cannot fail.
    let _ = writeln!(out, "{cell} {replicate} {test_error:e} {control:e}");
}

fn parse(path: &Path, header: &str, bytes: &[u8]) -> Result<Known, JournalError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JournalError::NotAJournal {
        path: path.to_owned(),
    })?;
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    if first != header.trim_end() {
        return Err(match first.strip_prefix(MAGIC) {
            None => JournalError::NotAJournal {
                path: path.to_owned(),
            },
            Some(found) => JournalError::OtherExperiment {
                path: path.to_owned(),
                expected: header[MAGIC.len()..].trim_end().to_owned(),
                found: found.to_owned(),
            },
        });
    }
    let mut known = Known::new();
    for (i, text) in lines.enumerate() {
        let Some((key, record)) = replicate(text) else {
            return Err(JournalError::Damaged {
                path: path.to_owned(),
                line: i + 2,
                text: text.chars().take(60).collect(),
            });
        };
        known.insert(key, record);
    }
    Ok(known)
}

fn replicate(line: &str) -> Option<((usize, u64), Record)> {
    let mut fields = line.split(' ');
    let key = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let test_error: f64 = fields.next()?.parse().ok()?;
    let control: f64 = fields.next()?.parse().ok()?;
    (fields.next().is_none() && test_error.is_finite() && control.is_finite()).then_some((
        key,
        Record {
            test_error,
            control,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(name: &str) -> PathBuf {
        let directory =
            std::env::temp_dir().join(format!("resolvent-journal-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(name);
        let _ = std::fs::remove_file(&path);
        path
    }

    fn record(i: u64) -> Record {
        Record {
            test_error: (i as f64 + 0.1).sqrt() * 1e-7,
            control: -1.0 / (i as f64 + 3.0),
        }
    }

    /// Cut anywhere, a journal knows every replicate whose line is whole, and goes on from there.
    #[test]
    fn a_cut_journal_goes_on() {
        let path = place("cut");
        let (mut journal, known) = Journal::open(&path, "abc").unwrap();
        assert!(known.is_empty());
        for i in 0..20 {
            journal.append(i as usize % 3, i, &record(i)).unwrap();
        }
        drop(journal);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let (mut journal, known) = Journal::open(&path, "abc").unwrap();
            let lines = bytes[..cut].iter().filter(|&&b| b == b'\n').count();
            assert_eq!(known.len(), lines.saturating_sub(1), "cut at {cut}");
            for ((_, i), kept) in &known {
                assert_eq!(*kept, record(*i));
            }
            journal.append(9, 99, &record(5)).unwrap();
            drop(journal);
            let (_, again) = Journal::open(&path, "abc").unwrap();
            assert_eq!(again.len(), known.len() + 1);
        }
    }

    #[test]
    fn finishing_puts_lines_in_order() {
        let contents = |order: &[u64]| {
            let path = place("order");
            let (mut journal, _) = Journal::open(&path, "x").unwrap();
            for &i in order {
                journal.append((i / 4) as usize, i % 4, &record(i)).unwrap();
            }
            journal.finish(|_| 3).unwrap();
            std::fs::read_to_string(&path).unwrap()
        };
        let ordered = contents(&[0, 1, 2, 4, 5, 6]);
        assert_eq!(ordered.lines().count(), 7);
        // Replicate 3 of cell 0 was drawn on speculation.
        assert_eq!(contents(&[5, 3, 1, 0, 6, 4, 2]), ordered);
    }

    #[test]
    fn another_experiment_is_refused() {
        let path = place("other");
        drop(Journal::open(&path, "one").unwrap());
        let error = Journal::open(&path, "two").unwrap_err();
        assert!(
            matches!(&error, JournalError::OtherExperiment { expected, found, .. } if expected == "two" && found == "one")
        );

        std::fs::write(&path, "a,b\n1,2\n").unwrap();
        assert!(matches!(
            Journal::open(&path, "one"),
            Err(JournalError::NotAJournal { .. })
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a,b\n1,2\n");
        std::fs::write(&path, "precious").unwrap();
        assert!(matches!(
            Journal::open(&path, "one"),
            Err(JournalError::NotAJournal { .. })
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn damage_is_named() {
        let path = place("damage");
        for bad in ["1 2 3", "1 2 NaN 0", "1 2 inf 0", "1 2 3 4 5", "x 2 3 4"] {
            std::fs::write(
                &path,
                format!("{MAGIC}one\n0 0 1e0 0e0\n{bad}\n0 1 1e0 0e0\n"),
            )
            .unwrap();
            let error = Journal::open(&path, "one").unwrap_err();
            assert!(matches!(&error, JournalError::Damaged { line: 3, text, .. } if text == bad));
        }
    }

    #[test]
    fn one_run_at_a_time() {
        let path = place("lock");
        let first = Journal::open(&path, "one").unwrap();
        assert!(matches!(
            Journal::open(&path, "one"),
            Err(JournalError::InUse { .. })
        ));
        drop(first);
        Journal::open(&path, "one").unwrap();
    }

    proptest! {
        #[test]
        fn lines_read_back(cell in any::<usize>(), i in any::<u64>(), test_error in prop::num::f64::NORMAL, control in prop::num::f64::ANY) {
            prop_assume!(control.is_finite());
            let written = Record { test_error, control };
            let mut text = String::new();
            line(&mut text, cell, i, &written);
            prop_assert_eq!(replicate(text.trim_end()), Some(((cell, i), written)));
        }
    }
}
