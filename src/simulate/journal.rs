//! What a sweep has drawn, kept on disk as it comes.
//!
//! A line a replicate, in the order in which they are done, each written whole and with a checksum that also covers the
//! experiment's name: a killed run loses the replicates in hand and no others, and at worst leaves a torn last line,
//! which the next run cuts off; a flipped bit is found. The first line names the experiment; a journal is never
//! continued with another one. Once the sweep is complete the lines are put in order, and what was drawn on speculation is
//! left out, so that a complete journal is the same however the run went; from then on it never shrinks.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::str::Split;

use thiserror::Error;

use super::sweep::Record;

const MAGIC: &str = "resolvent-journal 2 ";

/// What a journal keeps of a replicate, as numbers in a line.
pub trait Kept: Clone + PartialEq {
    /// Adds the numbers, each after a space, in the shortest digits that read back as the same.
    fn write(&self, line: &mut String);

    /// From the fields of a line; `None` where they are not such numbers.
    fn read(fields: Split<'_, char>) -> Option<Self>;
}

impl Kept for Record {
    fn write(&self, line: &mut String) {
        vec![self.test_error, self.control].write(line);
    }

    fn read(fields: Split<'_, char>) -> Option<Self> {
        let [test_error, control] = Vec::read(fields)?.try_into().ok()?;
        Some(Self {
            test_error,
            control,
        })
    }
}

impl Kept for Vec<f64> {
    fn write(&self, line: &mut String) {
        for x in self {
            // Writing to a string cannot fail.
            let _ = write!(line, " {x:e}");
        }
    }

    fn read(fields: Split<'_, char>) -> Option<Self> {
        fields
            .map(|field| field.parse().ok().filter(|x: &f64| x.is_finite()))
            .collect()
    }
}

/// Replicates by cell and number.
type Replicates<R> = HashMap<(usize, u64), R>;

/// An open journal. The file is locked as long as this lives, and unlocked if the process dies.
#[derive(Debug)]
pub struct Journal<R = Record> {
    path: PathBuf,
    file: File,
    name: String,
    /// Whether it was complete when it was opened.
    complete: bool,
    line: String,
    kept: PhantomData<R>,
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
    #[error(
        "{path}, line {line}: damaged: its checksum does not fit what it says; restore it from a copy, or give --fresh to begin again"
    )]
    Damaged { path: PathBuf, line: usize },
}

impl<R: Kept> Journal<R> {
    /// Opens or creates the journal of the experiment called `name`, and reads what it knows. `fresh` discards what it
    /// holds, but not while another run has it.
    pub fn open(
        path: &Path,
        name: &str,
        fresh: bool,
    ) -> Result<(Self, Replicates<R>), JournalError> {
        let io_error = |source| JournalError::Io {
            path: path.to_owned(),
            source,
        };
        let mut file = locked(path)?;
        if fresh {
            file.set_len(0).map_err(io_error)?;
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(io_error)?;

        let header = header(name);
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
        let known = if whole == 0 {
            Replicates::new()
        } else {
            parse(path, name, &bytes[..whole])?
        };
        // Only what has been read as a journal is touched.
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(io_error)?;
        }
        if whole == 0 {
            file.write_all(header.as_bytes()).map_err(io_error)?;
        }
        let journal = Self {
            path: path.to_owned(),
            file,
            name: name.to_owned(),
            complete: bytes.starts_with(header_of_complete(name).as_bytes()),
            line: String::new(),
            kept: PhantomData,
        };
        Ok((journal, known))
    }

    /// Adds a replicate.
    pub fn append(&mut self, cell: usize, replicate: u64, record: &R) -> io::Result<()> {
        self.line.clear();
        line(&mut self.line, &self.name, cell, replicate, record);
        self.file.write_all(self.line.as_bytes())
    }

    /// Puts a journal that is now complete in order; `needed(cell)` replicates were counted of each cell.
    pub fn finish(mut self, needed: impl Fn(usize) -> u64) -> Result<(), JournalError> {
        let io_error = |source| JournalError::Io {
            path: self.path.clone(),
            source,
        };
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_end(&mut bytes))
            .map_err(io_error)?;
        let mut records: Vec<_> = parse::<R>(&self.path, &self.name, &bytes)?
            .into_iter()
            .filter(|((cell, i), _)| self.complete || *i < needed(*cell))
            .collect();
        records.sort_by_key(|(key, _)| *key);
        let mut ordered = header_of_complete(&self.name);
        for ((cell, replicate), record) in &records {
            line(&mut ordered, &self.name, *cell, *replicate, record);
        }
        if ordered.as_bytes() == bytes {
            return self.file.sync_all().map_err(io_error);
        }
        let mut temporary = self.path.clone().into_os_string();
        temporary.push(".ordered");
        // On disk before it takes the other's place: a loss of power leaves one or the other.
        File::create(&temporary)
            .and_then(|mut file| {
                file.write_all(ordered.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&temporary, &self.path))
            .map_err(io_error)
    }
}

/// The file at `path`, created if need be, in this run's hands alone.
fn locked(path: &Path) -> Result<File, JournalError> {
    let io_error = |source| JournalError::Io {
        path: path.to_owned(),
        source,
    };
    loop {
        let file = OpenOptions::new()
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
        // Another run may have put a finished journal in its place between opening and locking.
        if is_at(&file, path).map_err(io_error)? {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, there) = (file.metadata()?, std::fs::metadata(path));
    Ok(there.is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino())))
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    Ok(path.exists())
}

fn header(name: &str) -> String {
    format!("{MAGIC}{name}\n")
}

fn header_of_complete(name: &str) -> String {
    format!("{MAGIC}{name} complete\n")
}

/// The cyclic redundancy check of Ethernet, zip and png: it finds every flipped bit of a line.
fn crc32(parts: &[&[u8]]) -> u32 {
    !parts.iter().copied().flatten().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

fn line<R: Kept>(out: &mut String, name: &str, cell: usize, replicate: u64, record: &R) {
    let from = out.len();
    let _ = write!(out, "{cell} {replicate}");
    record.write(out);
    let check = crc32(&[name.as_bytes(), &out.as_bytes()[from..]]);
    let _ = writeln!(out, " {check:08x}");
}

fn parse<R: Kept>(path: &Path, name: &str, bytes: &[u8]) -> Result<Replicates<R>, JournalError> {
    let other = |bytes: &[u8]| JournalError::OtherExperiment {
        path: path.to_owned(),
        expected: name.to_owned(),
        found: String::from_utf8_lossy(bytes).chars().take(40).collect(),
    };
    // A file of another kind need not be text.
    let mut lines = bytes
        .strip_suffix(b"\n")
        .unwrap_or(bytes)
        .split(|&b| b == b'\n');
    let first = lines.next().unwrap_or_default();
    if ![header(name), header_of_complete(name)]
        .iter()
        .any(|known| first == known.trim_end().as_bytes())
    {
        return Err(match first.strip_prefix(MAGIC.as_bytes()) {
            None => JournalError::NotAJournal {
                path: path.to_owned(),
            },
            Some(found) => other(found),
        });
    }
    let mut known = Replicates::new();
    for (i, text) in lines.enumerate() {
        let read = std::str::from_utf8(text)
            .ok()
            .and_then(|t| replicate(t, name));
        match read {
            Some((key, record)) => match known.insert(key, R::clone(&record)) {
                Some(before) if before != record => {
                    return Err(JournalError::Damaged {
                        path: path.to_owned(),
                        line: i + 2,
                    });
                }
                _ => {}
            },
            None => {
                return Err(JournalError::Damaged {
                    path: path.to_owned(),
                    line: i + 2,
                });
            }
        }
    }
    Ok(known)
}

fn replicate<R: Kept>(line: &str, name: &str) -> Option<((usize, u64), R)> {
    let (content, check) = line.rsplit_once(' ')?;
    if check.len() != 8 || check != format!("{:08x}", crc32(&[name.as_bytes(), content.as_bytes()]))
    {
        return None;
    }
    let mut fields = content.split(' ');
    let key = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((key, R::read(fields)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Journal = super::Journal;

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
        let (mut journal, known) = Journal::open(&path, "abc", false).unwrap();
        assert!(known.is_empty());
        for i in 0..20 {
            journal.append(i as usize % 3, i, &record(i)).unwrap();
        }
        drop(journal);
        let bytes = std::fs::read(&path).unwrap();
        for cut in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let (mut journal, known) = Journal::open(&path, "abc", false).unwrap();
            let lines = bytes[..cut].iter().filter(|&&b| b == b'\n').count();
            assert_eq!(known.len(), lines.saturating_sub(1), "cut at {cut}");
            for ((_, i), kept) in &known {
                assert_eq!(*kept, record(*i));
            }
            journal.append(9, 99, &record(5)).unwrap();
            drop(journal);
            let (_, again) = Journal::open(&path, "abc", false).unwrap();
            assert_eq!(again.len(), known.len() + 1);
        }
    }

    #[test]
    fn finishing_puts_lines_in_order() {
        let contents = |order: &[u64]| {
            let path = place("order");
            let (mut journal, _) = Journal::open(&path, "x", false).unwrap();
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

    /// What a complete journal holds stays, whatever a later run needs of it.
    #[test]
    fn a_complete_journal_never_shrinks() {
        let path = place("kept");
        let (mut journal, _) = Journal::open(&path, "x", false).unwrap();
        for i in 0..9 {
            journal.append(0, i, &record(i)).unwrap();
        }
        journal.finish(|_| 8).unwrap();
        let (mut journal, known) = Journal::open(&path, "x", false).unwrap();
        assert_eq!(known.len(), 8);
        journal.append(1, 0, &record(0)).unwrap();
        journal.finish(|_| 2).unwrap();
        let (_, known) = Journal::open(&path, "x", false).unwrap();
        assert_eq!(known.len(), 9);
    }

    #[test]
    fn another_experiment_is_refused() {
        let path = place("other");
        drop(Journal::open(&path, "one", false).unwrap());
        let error = Journal::open(&path, "two", false).unwrap_err();
        assert!(
            matches!(&error, JournalError::OtherExperiment { expected, found, .. } if expected == "two" && found == "one")
        );

        std::fs::write(&path, "a,b\n1,2\n").unwrap();
        assert!(matches!(
            Journal::open(&path, "one", false),
            Err(JournalError::NotAJournal { .. })
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a,b\n1,2\n");
        std::fs::write(&path, "precious").unwrap();
        assert!(matches!(
            Journal::open(&path, "one", false),
            Err(JournalError::NotAJournal { .. })
        ));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn damage_is_named() {
        let path = place("damage");
        let good = |i: u64| {
            let mut text = String::new();
            line(&mut text, "one", 0, i, &record(i));
            text
        };
        let mut foreign = String::new();
        line(&mut foreign, "two", 0, 7, &record(7));
        let unchecked =
            ["1 2 3", "1 2 NaN 0", "0 1 1e0 0e0", "x 2 3 4 5", ""].map(|bad| format!("{bad}\n"));
        for bad in unchecked.into_iter().chain([foreign]) {
            let text = format!("{MAGIC}one\n{}{bad}{}", good(0), good(1));
            std::fs::write(&path, text).unwrap();
            let error = Journal::open(&path, "one", false).unwrap_err();
            assert!(
                matches!(&error, JournalError::Damaged { line: 3, .. }),
                "{bad}: {error}"
            );
        }
    }

    /// Whatever bit flips: an error, or a last line cut off, but never another number.
    #[test]
    fn flipped_bits_are_found() {
        let path = place("bits");
        let (mut journal, _) = Journal::open(&path, "one", false).unwrap();
        for i in 0..6 {
            journal.append(i as usize % 2, i, &record(i)).unwrap();
        }
        drop(journal);
        let bytes = std::fs::read(&path).unwrap();
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &flipped).unwrap();
            if let Ok((_, known)) = Journal::open(&path, "one", false) {
                assert_eq!(known.len(), 5, "bit {bit}");
                assert!(known.iter().all(|((_, i), kept)| *kept == record(*i)));
                assert_eq!(bit / 8, bytes.len() - 1);
            }
        }
    }

    /// What is not read as a journal of this experiment is left as it is.
    #[test]
    fn a_refused_file_is_not_touched() {
        let path = place("untouched");
        for text in [
            "no journal\nat all",
            "resolvent-journal 2 other\n1 2 3 4 5\ntorn",
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(Journal::open(&path, "one", false).is_err());
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_fresh_start_waits_its_turn() {
        let path = place("fresh");
        let (mut first, _) = Journal::open(&path, "one", false).unwrap();
        first.append(0, 0, &record(0)).unwrap();
        let refused = Journal::open(&path, "two", true);
        assert!(matches!(refused, Err(JournalError::InUse { .. })));
        drop(first);
        let (_, known) = Journal::open(&path, "two", true).unwrap();
        assert!(known.is_empty());
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            format!("{MAGIC}two\n")
        );
    }

    #[test]
    fn the_check_is_the_usual_one() {
        assert_eq!(crc32(&[b"1234", b"56789"]), 0xcbf4_3926);
    }

    #[test]
    fn one_run_at_a_time() {
        let path = place("lock");
        let first = Journal::open(&path, "one", false).unwrap();
        assert!(matches!(
            Journal::open(&path, "one", false),
            Err(JournalError::InUse { .. })
        ));
        drop(first);
        Journal::open(&path, "one", false).unwrap();
    }

    #[test]
    fn as_many_numbers_as_there_are() {
        let path = place("many");
        let (mut journal, _) = super::Journal::<Vec<f64>>::open(&path, "one", false).unwrap();
        let values = [vec![0.1], vec![], vec![1.0 / 3.0, -0.0, 1e-300]];
        for (i, values) in values.iter().enumerate() {
            journal.append(7, i as u64, values).unwrap();
        }
        journal.finish(|_| 3).unwrap();
        let (_, known) = super::Journal::<Vec<f64>>::open(&path, "one", false).unwrap();
        for (i, values) in values.iter().enumerate() {
            assert_eq!(&known[&(7, i as u64)], values);
        }
    }

    proptest! {
        #[test]
        fn lines_read_back(cell in any::<usize>(), i in any::<u64>(), test_error in prop::num::f64::NORMAL, control in prop::num::f64::ANY) {
            prop_assume!(control.is_finite());
            let written = Record { test_error, control };
            let mut text = String::new();
            line(&mut text, "one", cell, i, &written);
            prop_assert_eq!(replicate(text.trim_end(), "one"), Some(((cell, i), written)));
        }
    }
}
