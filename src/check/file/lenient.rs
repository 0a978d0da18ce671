//! Which claims a fault concerns. A fault inside a claim is that claim's; one inside a name that all claims share is that
//! of the claims that use the name; anything else is the file's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use toml::de::DeValue;

use super::claim::{DerivationFile, Expect};
use super::reader::{Entry, Value, entries, find, span_of};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::formula::ast::Span;
use crate::formula::token::canonical_name;

/// A derivation file as far as it could be read.
#[derive(Debug)]
pub struct Reading {
    pub path: PathBuf,
    /// The sound claims; none where the file as a whole cannot be read.
    pub file: DerivationFile,
    /// Claims that could not be read, in the file's order; a file that could not counts as one.
    pub unread: Vec<Unread>,
    /// Every fault found.
    pub diagnostics: Vec<Diagnostic>,
}

/// A claim or a step that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub id: String,
    pub line: usize,
    pub column: usize,
    /// What it says, as written; empty where it says nothing.
    pub says: String,
    pub expect: Expect,
    /// What is wrong, in a sentence.
    pub reason: String,
}

impl Reading {
    /// A file no claim of which can be read.
    pub(super) fn broken(source: &Arc<SourceFile>, diagnostics: Vec<Diagnostic>) -> Self {
        let first = diagnostics.first();
        Self {
            path: source.path.clone(),
            file: DerivationFile {
                path: source.path.clone(),
                title: None,
                source: None,
                claims: Vec::new(),
                text: Arc::clone(source),
            },
            unread: vec![Unread {
                id: (source.path.file_stem())
                    .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
                line: first.map_or(1, |d| d.line),
                column: first.map_or(1, |d| d.column),
                says: String::new(),
                expect: Expect::Holds,
                reason: first.map_or_else(String::new, |d| d.message.clone()),
            }],
            diagnostics,
        }
    }

    pub(super) fn of(
        mut file: DerivationFile,
        faulty: Faulty,
        blocks: &[Block],
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let mut unread = Vec::new();
        for block in blocks {
            if let Some(reason) = faulty.blocks.get(&block.start) {
                unread.push(block.unread(&file.text, None, reason));
            } else if let Some(steps) = faulty.steps.get(&block.start) {
                unread.extend(block.unread_steps(&file.text, steps));
            }
        }
        // A file whose every fault is somewhere else than in a claim still has one to tell of it.
        if unread.is_empty() && !diagnostics.is_empty() && file.claims.is_empty() {
            return Self::broken(&file.text, diagnostics);
        }
        file.claims
            .retain(|claim| unread.iter().all(|unread| unread.id != claim.id));
        Self {
            path: file.path.clone(),
            file,
            unread,
            diagnostics,
        }
    }

    /// All of it, or what is wrong with it.
    pub(super) fn strictly(self) -> Result<DerivationFile, Vec<Diagnostic>> {
        if self.diagnostics.is_empty() {
            Ok(self.file)
        } else {
            Err(self.diagnostics)
        }
    }
}

/// A `[[claim]]` or `[[derivation]]`, before it is read.
pub(super) struct Block {
    pub start: usize,
    id: Option<String>,
    says: String,
    expect: Expect,
    /// Where it stands: its header and every key and value in it.
    places: Vec<Span>,
    /// The steps of a derivation, with what they say.
    steps: Vec<(Vec<Span>, Span, String)>,
    step_ids: Vec<String>,
}

impl Block {
    pub fn all(top: &[Entry<'_, '_>]) -> Vec<Block> {
        let mut blocks = Vec::new();
        for key in ["claim", "derivation"] {
            if let Some(entry) = find(top, key)
                && let DeValue::Array(array) = entry.value.get_ref()
            {
                blocks.extend(array.iter().map(Block::new));
            }
        }
        blocks.sort_by_key(|block| block.start);
        blocks
    }

    fn new(value: &Value<'_>) -> Block {
        let span = span_of(value);
        let mut places = vec![span];
        collect(value, &mut places);
        let list = match value.get_ref() {
            DeValue::Table(table) => entries(table),
            _ => Vec::new(),
        };
        let text = |key: &str| match find(&list, key).map(|entry| entry.value.get_ref()) {
            Some(DeValue::String(text)) => Some(text.clone().into_owned()),
            _ => None,
        };
        let mut steps = Vec::new();
        if let Some(entry) = find(&list, "steps")
            && let DeValue::Array(array) = entry.value.get_ref()
        {
            for item in array.iter() {
                let mut places = vec![span_of(item)];
                collect(item, &mut places);
                let says = match item.get_ref() {
                    DeValue::String(text) => text.clone().into_owned(),
                    _ => String::new(),
                };
                steps.push((places, span_of(item), says));
            }
        }
        let id = text("id");
        let step_ids = (1..=steps.len())
            .map(|i| format!("{}/{i}", id.as_deref().unwrap_or_default()))
            .collect();
        Block {
            start: span.start,
            says: text("says").unwrap_or_default(),
            expect: match text("expect").as_deref() {
                Some("refuted") => Expect::Refuted,
                _ => Expect::Holds,
            },
            id,
            places,
            steps,
            step_ids,
        }
    }

    /// What others may call it by.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let own = self.id.as_deref();
        own.into_iter()
            .chain(self.step_ids.iter().map(String::as_str))
    }

    fn holds(&self, at: usize) -> bool {
        within(&self.places, at)
    }

    /// The step, counted from 0, in which a place lies.
    fn step_at(&self, at: usize) -> Option<usize> {
        self.steps
            .iter()
            .position(|(places, ..)| within(places, at))
    }

    fn unread(&self, text: &SourceFile, step: Option<usize>, reason: &str) -> Unread {
        let place = step.map_or(self.start, |i| self.steps[i].1.start);
        let (line, column) = text.position(place);
        let id = match (step, &self.id) {
            (Some(i), _) => self.step_ids[i].clone(),
            (None, Some(id)) => id.clone(),
            (None, None) => format!("line-{line}"),
        };
        Unread {
            id,
            line,
            column,
            says: step.map_or(&self.says, |i| &self.steps[i].2).clone(),
            expect: self.expect,
            reason: reason.to_owned(),
        }
    }

    /// The faulty steps, and those right after them, which are compared to what could not be read.
    fn unread_steps(&self, text: &SourceFile, faulty: &BTreeMap<usize, String>) -> Vec<Unread> {
        (0..self.steps.len())
            .filter_map(|i| {
                match (
                    faulty.get(&i),
                    i.checked_sub(1).map(|before| faulty.get(&before)),
                ) {
                    (Some(reason), _) => Some(self.unread(text, Some(i), reason)),
                    (None, Some(Some(_))) => {
                        Some(self.unread(text, Some(i), "the line before it could not be read"))
                    }
                    _ => None,
                }
            })
            .collect()
    }
}

fn within(places: &[Span], at: usize) -> bool {
    places
        .iter()
        .any(|place| (place.start..=place.end.max(place.start)).contains(&at))
}

/// The places of all keys and values inside.
fn collect(value: &Value<'_>, places: &mut Vec<Span>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            for entry in entries(table) {
                places.push(entry.key_span);
                // A table written under a header of its own spans more than itself.
                if !matches!(entry.value.get_ref(), DeValue::Table(_)) {
                    places.push(span_of(entry.value));
                }
                collect(entry.value, places);
            }
        }
        DeValue::Array(array) => {
            for item in array.iter() {
                places.push(span_of(item));
                collect(item, places);
            }
        }
        _ => {}
    }
}

/// What is left out of the next pass.
#[derive(Default)]
pub(super) struct Faulty {
    /// Names of [symbols], [random] and [define] that all claims share.
    names: BTreeMap<usize, String>,
    /// Whole claims and derivations, and why.
    blocks: BTreeMap<usize, String>,
    /// Steps of derivations whose other steps are sound.
    steps: BTreeMap<usize, BTreeMap<usize, String>>,
}

impl Faulty {
    pub fn skip(&self) -> BTreeSet<usize> {
        self.names
            .keys()
            .chain(self.blocks.keys())
            .copied()
            .collect()
    }

    /// Lays faults to the account of what they concern. `None` if that is the file; otherwise whether anything is new.
    pub fn add(
        &mut self,
        diagnostics: &[Diagnostic],
        top: &[Entry<'_, '_>],
        blocks: &[Block],
    ) -> Option<bool> {
        let mut news = false;
        for diagnostic in diagnostics {
            let at = diagnostic.start;
            if let Some(block) = blocks.iter().find(|block| block.holds(at)) {
                let reason = self.reason(diagnostic);
                news |= match block.step_at(at) {
                    Some(step) => {
                        let steps = self.steps.entry(block.start).or_default();
                        steps.insert(step, reason).is_none()
                    }
                    None => self.blocks.insert(block.start, reason).is_none(),
                };
                continue;
            }
            let (start, name) = shared_name(top, at)?;
            // A file without its `d` would speak of another one.
            if canonical_name(&name).is_none_or(|name| name == "d") {
                return None;
            }
            news |= self.names.insert(start, name).is_none();
        }
        Some(news)
    }

    /// What a fault says, or the name that could not be read and is now unknown.
    fn reason(&self, diagnostic: &Diagnostic) -> String {
        let missing = self
            .names
            .values()
            .find(|name| diagnostic.code == "F014" && diagnostic.message.contains(name.as_str()));
        match missing {
            Some(name) => format!("it uses `{name}`, which could not be read"),
            None => diagnostic.message.clone(),
        }
    }
}

/// The entry of a section that all claims share in which a place lies: where it starts, and its name.
fn shared_name(top: &[Entry<'_, '_>], at: usize) -> Option<(usize, String)> {
    for section in ["symbols", "random", "define", "covariances"] {
        let Some(DeValue::Table(table)) = find(top, section).map(|entry| entry.value.get_ref())
        else {
            continue;
        };
        for entry in entries(table) {
            let mut places = vec![entry.key_span, span_of(entry.value)];
            collect(entry.value, &mut places);
            if within(&places, at) {
                return Some((entry.key_span.start, entry.key.to_owned()));
            }
        }
    }
    None
}
