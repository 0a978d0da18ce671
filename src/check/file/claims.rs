//! `[[claim]]` and `[[derivation]]`: statements, expectations, references.

mod header;

use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::claim::{Claim, DerivationFile, Expect, KnownSurvivor, Use};
use super::layer::{Layer, SECTIONS};
use super::lenient::{Block, Faulty, Reading};
use super::reader::{Entry, Reader, Value, entries, find, span_of};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::formula::ast::{Comparison, Expr, Node, Span};
use crate::formula::error::FormulaError;
use crate::formula::given;
use crate::formula::names::{check_comparison, check_scope};
use crate::formula::scope::Scope;
use crate::formula::shape::{self, check_assumption, check_relation};
use crate::formula::suggestion::nearest;
use crate::formula::traverse::children;
use crate::term::derivative_fault;

/// More statements than this in one file are refused.
const MAX_CLAIMS: usize = 2000;

const CLAIM_KEYS: [&str; 9] = [
    "id",
    "says",
    "expect",
    "instead",
    "uses",
    "why",
    "note",
    "source",
    "survivors",
];
const DERIVATION_KEYS: [&str; 8] = [
    "id",
    "start",
    "steps",
    "uses",
    "why",
    "note",
    "source",
    "survivors",
];
const STEP_KEYS: [&str; 6] = ["says", "expect", "instead", "why", "note", "survivors"];

/// Reads again and again without what was found to be faulty, until what is left is sound.
const MAX_PASSES: usize = 24;

/// What claims and steps have in common.
#[derive(Default)]
struct Remarks {
    expect: Expect,
    instead: Option<String>,
    why: Option<String>,
    note: Option<String>,
    survivors: Vec<KnownSurvivor>,
}

pub(super) fn read(source: &Arc<SourceFile>) -> Reading {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    let mut reader = Reader::new(Arc::clone(source));
    for error in errors {
        let span = error.span().map_or_else(Span::default, |range| Span {
            start: range.start,
            end: range.end,
        });
        let diagnostic =
            source.diagnostic("D002", span, format!("not valid TOML: {}", error.message()));
        reader.push(diagnostic);
    }
    // What follows a fault of the TOML may not be what was meant.
    if !reader.diagnostics.is_empty() {
        return Reading::broken(source, reader.diagnostics);
    }
    let top = entries(document.get_ref());
    let blocks = Block::all(&top);
    let mut told: Vec<Diagnostic> = Vec::new();
    let mut faulty = Faulty::default();
    for pass in 0..MAX_PASSES {
        let mut reader = Reader::new(Arc::clone(source));
        reader.skip = faulty.skip();
        let file = read_file(&mut reader, &top, &blocks);
        reader.diagnostics.sort_by_key(|d| (d.start, d.end));
        if pass == 0 {
            told.clone_from(&reader.diagnostics);
        }
        if reader.overflowed {
            return Reading::broken(source, told);
        }
        match faulty.add(&reader.diagnostics, &top, &blocks) {
            // A fault of what all claims share.
            None => return Reading::broken(source, told),
            Some(true) => {}
            Some(false) => return Reading::of(file, faulty, &blocks, told),
        }
    }
    Reading::broken(source, told)
}

fn read_file(reader: &mut Reader, top: &[Entry<'_, '_>], known: &[Block]) -> DerivationFile {
    let allowed: Vec<&str> = ["title", "source", "note", "claim", "derivation"]
        .into_iter()
        .chain(SECTIONS)
        .collect();
    reader.known_keys(top, &allowed, "a derivation file");
    let mut text = |key: &str| {
        let entry = find(top, key)?;
        reader
            .string(entry.value, &format!("`{key}`"))
            .map(str::to_owned)
    };
    let (title, quoted) = (text("title"), text("source"));
    text("note");
    let path = reader.source.path.clone();
    let directory = path.parent().unwrap_or(Path::new("")).to_owned();
    let layer = Layer::read(reader, &directory, top);
    let mut file = FileClaims {
        reader,
        directory: &directory,
        layer: &layer,
        file_scope: None,
        sound: true,
        claims: Vec::new(),
        ids: Vec::new(),
        pointers: Vec::new(),
    };
    let mut blocks = Vec::new();
    for key in ["claim", "derivation"] {
        let Some(entry) = find(top, key) else {
            continue;
        };
        match entry.value.get_ref() {
            DeValue::Array(array) => blocks.extend(array.iter().map(|value| (key, value))),
            _ => file.reader.fault(
                "D004",
                entry.key_span,
                format!("`{key}` is a list of tables"),
                format!("write [[{key}]], in double brackets"),
            ),
        }
    }
    blocks.sort_by_key(|(_, value)| span_of(value).start);
    for (key, value) in blocks {
        if file.reader.skip.contains(&span_of(value).start) {
            continue;
        }
        file.read_block(key, value);
        if file.claims.len() > MAX_CLAIMS {
            let message = format!("more than {MAX_CLAIMS} statements in one file");
            file.reader
                .fault("D015", span_of(value), message, "split the file");
            break;
        }
    }
    file.check_pointers(known);
    if file.claims.is_empty() {
        file.file_scope();
    }
    let claims = file.claims;
    if claims.is_empty() && reader.diagnostics.is_empty() && reader.skip.is_empty() {
        let diagnostic = Diagnostic::about_file("D014", &path, "the file claims nothing")
            .with_help("add a [[claim]] with `id` and `says`");
        reader.push(diagnostic);
    }
    DerivationFile {
        path,
        title,
        source: quoted,
        claims,
        text: Arc::clone(&reader.source),
    }
}

/// Reports the faults of a scope's own entries: names first, then shapes.
pub(super) fn check_entries(reader: &mut Reader, scope: &Scope, faulty: bool) -> bool {
    let mut faults = check_scope(scope);
    if faulty {
        // What a name of unknown meaning is used for cannot be judged.
        faults.retain(|fault| fault.code != "F014");
    } else if faults.is_empty() {
        faults = shape::check_entries(scope);
    }
    let sound = faults.is_empty() && !faulty;
    reader.formula_faults(faults);
    sound
}

struct FileClaims<'r> {
    reader: &'r mut Reader,
    directory: &'r Path,
    layer: &'r Layer,
    /// The file's own scope, and whether it is sound, once a claim is read in it as it is. Before that,
    /// it may still lack what each claim adds.
    file_scope: Option<(Arc<Scope>, bool)>,
    /// Whether the entries of the scope at hand are free of faults, so that shapes can be told.
    sound: bool,
    claims: Vec<Claim>,
    /// Identifiers of claims and derivations, and where they stand.
    ids: Vec<(String, Span)>,
    /// `instead` entries: whose, to whom, where.
    pointers: Vec<(String, String, Span)>,
}

impl FileClaims<'_> {
    fn read_block(&mut self, key: &str, value: &Value<'_>) {
        let Some(list) = self.reader.table(value, &format!("each [[{key}]]")) else {
            return;
        };
        let mixed = find(&list, "says").is_some()
            && (find(&list, "start").is_some() || find(&list, "steps").is_some());
        if mixed {
            let place = find(&list, "says").map_or(span_of(value), |entry| entry.key_span);
            self.reader.fault(
                "D011",
                place,
                "this is both a claim and a derivation",
                "a [[claim]] has `says`; a [[derivation]] has `start` and `steps`",
            );
            return;
        }
        let own: &[&str] = if key == "claim" {
            &CLAIM_KEYS
        } else {
            &DERIVATION_KEYS
        };
        let allowed: Vec<&str> = own.iter().copied().chain(SECTIONS).collect();
        self.reader
            .known_keys(&list, &allowed, &format!("a [[{key}]]"));

        let header = self.header(value);
        let id = self.read_id(key, &list, header);
        let layer = Layer::read(self.reader, self.directory, &list);
        let (scope, sound) = self.scope_with(&layer);
        let file_sound = std::mem::replace(&mut self.sound, sound);
        let uses = self.read_uses(&list, id.as_deref());
        if key == "claim" {
            self.read_claim(&list, header, id, uses, &scope);
        } else {
            self.read_derivation(&list, header, id, uses, &scope);
        }
        self.sound = file_sound;
    }

    /// The place of a block's `[[…]]`, for faults of something missing.
    fn header(&self, value: &Value<'_>) -> Span {
        let span = span_of(value);
        let text = &self.reader.source.text;
        let rest = text.get(span.start..).unwrap_or("");
        let line = rest.lines().next().unwrap_or("").trim_end();
        Span {
            start: span.start,
            end: span.start + line.len().min(80),
        }
    }

    fn file_scope(&mut self) -> (Arc<Scope>, bool) {
        let (reader, layer) = (&mut *self.reader, self.layer);
        self.file_scope
            .get_or_insert_with(|| {
                let scope = layer.over(reader, None);
                let sound = check_entries(reader, &scope, layer.is_faulty());
                (Arc::new(scope), sound)
            })
            .clone()
    }

    fn scope_with(&mut self, layer: &Layer) -> (Arc<Scope>, bool) {
        if layer.only_assumes() {
            let (file_scope, sound) = self.file_scope();
            if layer.assumptions().is_empty() {
                return (file_scope, sound);
            }
            // The file's own entries have been checked; only the assumptions are new.
            let mut scope = Scope::clone(&file_scope);
            for assumption in layer.assumptions() {
                let mut faults = check_comparison(assumption, &scope);
                if faults.is_empty() && sound {
                    faults = check_assumption(assumption, &scope);
                }
                self.reader.formula_faults(faults);
            }
            scope
                .assumptions
                .extend(layer.assumptions().iter().cloned());
            return (Arc::new(scope), sound);
        }
        let scope = layer.over(self.reader, Some(self.layer));
        let faulty = layer.is_faulty() || self.layer.is_faulty();
        let sound = check_entries(self.reader, &scope, faulty);
        (Arc::new(scope), sound)
    }

    fn read_claim(
        &mut self,
        list: &[Entry<'_, '_>],
        header: Span,
        id: Option<String>,
        uses: Vec<Use>,
        scope: &Arc<Scope>,
    ) {
        let remarks = self.read_remarks(list, id.as_deref());
        let Some(entry) = find(list, "says") else {
            self.reader.fault(
                "D005",
                header,
                "this claim says nothing",
                "add says = \"left = right\"",
            );
            return;
        };
        let Some(mut links) = self.reader.relations(entry.value, "`says`") else {
            return;
        };
        let says_text = match entry.value.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            _ => links[0].to_string(),
        };
        for link in &links {
            self.check_statement(link, scope);
        }
        let chain = links.split_off(1);
        if let (Some(id), Some(says)) = (id, links.pop()) {
            self.add(id, says, says_text, uses, remarks, scope);
            if let Some(claim) = self.claims.last_mut() {
                claim.chain = chain;
            }
        }
    }

    fn read_derivation(
        &mut self,
        list: &[Entry<'_, '_>],
        header: Span,
        id: Option<String>,
        uses: Vec<Use>,
        scope: &Arc<Scope>,
    ) {
        let start = find(list, "start");
        let steps = find(list, "steps");
        if start.is_none() {
            self.reader.fault(
                "D005",
                header,
                "this derivation has no start",
                "add start = \"…\", the first line",
            );
        }
        if steps.is_none() {
            self.reader.fault(
                "D005",
                header,
                "this derivation has no steps",
                "add steps = [\"= …\", \"<= …\"]",
            );
        }
        let mut last = start.and_then(|entry| self.read_start(&entry));
        let Some(array) = steps.and_then(|entry| self.reader.array(entry.value, "`steps`")) else {
            return;
        };
        if array.is_empty() {
            self.reader.fault(
                "D014",
                header,
                "this derivation has no steps",
                "add steps = [\"= …\", \"<= …\"]",
            );
        }
        let note = find(list, "note").and_then(|entry| self.reader.string(entry.value, "`note`"));
        let why = find(list, "why").and_then(|entry| self.reader.string(entry.value, "`why`"));
        // for readers of the file
        find(list, "source").and_then(|entry| self.reader.string(entry.value, "`source`"));
        let survivors = self.read_survivors(list);
        for (i, item) in array.iter().enumerate() {
            let step_id = id.as_ref().map(|id| format!("{id}/{}", i + 1));
            if self.claims.len() > MAX_CLAIMS {
                return;
            }
            let Some((value, mut remarks)) = self.read_step(item, step_id.as_deref()) else {
                last = None;
                continue;
            };
            remarks.note = remarks.note.or_else(|| note.map(str::to_owned));
            remarks.why = remarks.why.or_else(|| why.map(str::to_owned));
            remarks.survivors.extend_from_slice(&survivors);
            let Some((op, rhs)) = self.reader.step(value, "a step") else {
                last = None;
                continue;
            };
            let written = match value.get_ref() {
                DeValue::String(text) => text.trim().to_owned(),
                _ => format!("{} {rhs}", op.symbol()),
            };
            let (sign, body) = sign_and_body(&written);
            // A step after one that could not be read has nothing to be compared to.
            if let Some((lhs, text)) = last {
                let value_span = span_of(value);
                let says = Comparison {
                    lhs,
                    op,
                    rhs: rhs.clone(),
                    span: value_span,
                };
                self.check_statement(&says, scope);
                if let Some(step_id) = step_id {
                    let says_text = format!("{text} {sign} {body}");
                    self.add(step_id, says, says_text, uses.clone(), remarks, scope);
                }
            }
            last = Some((rhs, body.to_owned()));
        }
    }

    /// The first line of a derivation, and how it is written.
    fn read_start(&mut self, entry: &Entry<'_, '_>) -> Option<(Expr, String)> {
        let expr = self.reader.expression(entry.value, "`start`")?;
        let text = match entry.value.get_ref() {
            DeValue::String(text) => text.trim().to_owned(),
            _ => expr.to_string(),
        };
        Some((expr, text))
    }

    /// A step is a string, or a table with `says` and remarks of its own.
    fn read_step<'a, 'i>(
        &mut self,
        item: &'a Value<'i>,
        id: Option<&str>,
    ) -> Option<(&'a Value<'i>, Remarks)> {
        match item.get_ref() {
            DeValue::Table(table) => {
                let list = entries(table);
                self.reader.known_keys(&list, &STEP_KEYS, "a step");
                let remarks = self.read_remarks(&list, id);
                match find(&list, "says") {
                    Some(entry) => Some((entry.value, remarks)),
                    None => {
                        self.reader.fault(
                            "D005",
                            span_of(item),
                            "this step says nothing",
                            "write { says = \"= …\" }",
                        );
                        None
                    }
                }
            }
            _ => Some((item, Remarks::default())),
        }
    }

    fn check_statement(&mut self, says: &Comparison, scope: &Scope) {
        let mut faults = check_comparison(says, scope);
        if !self.sound {
            // The fault may be that of an entry reported already.
            faults.retain(|fault| fault.code != "F014");
        }
        // Shapes are told only where every name has one.
        if faults.is_empty() && self.sound {
            faults = check_relation(says, scope);
            // Where something is given, derivatives are taken once its means are written out.
            if faults.is_empty() && !given::occurs(says, scope) {
                faults.extend(derivative_fault(says, scope));
            }
        }
        self.reader.formula_faults(faults);
        if scope.limit.is_some() {
            return;
        }
        let asks = if says.op.is_asymptotic() {
            Some((
                format!("`{}` speaks of a limit", says.op.symbol()),
                says.span,
            ))
        } else {
            [&says.lhs, &says.rhs]
                .into_iter()
                .find_map(exponent_place)
                .map(|span| {
                    (
                        "`exponent` is the power of the limit's variable".to_owned(),
                        span,
                    )
                })
        };
        if let Some((message, span)) = asks {
            let error =
                FormulaError::new("F017", span, format!("{message}, and the file has none"))
                    .with_help(
                        "add [limit] with variable = \"T\", and the path of the other symbols",
                    );
            self.reader.formula_faults([error]);
        }
    }

    fn add(
        &mut self,
        id: String,
        says: Comparison,
        says_text: String,
        uses: Vec<Use>,
        remarks: Remarks,
        scope: &Arc<Scope>,
    ) {
        let source = &self.reader.source;
        let (line, column) = source.position(says.span.start);
        self.claims.push(Claim {
            id,
            file: source.path.clone(),
            line,
            column,
            span: says.span,
            says,
            chain: Vec::new(),
            says_text,
            expect: remarks.expect,
            instead: remarks.instead,
            uses_at: uses.iter().map(|used| used.span).collect(),
            uses: uses.into_iter().map(|used| used.id).collect(),
            why: remarks.why,
            note: remarks.note,
            known: Vec::new(),
            survivors: remarks.survivors,
            scope: Arc::clone(scope),
            text: Arc::clone(source),
        });
    }

    /// `instead` names a claim, a derivation or a step of this file.
    fn check_pointers(&mut self, blocks: &[Block]) {
        for (_, to, span) in std::mem::take(&mut self.pointers) {
            let known: Vec<&str> = self
                .ids
                .iter()
                .map(|(id, _)| id.as_str())
                .chain(self.claims.iter().map(|claim| claim.id.as_str()))
                // Also those that could not be read.
                .chain(blocks.iter().flat_map(Block::ids))
                .collect();
            if known.contains(&to.as_str()) {
                continue;
            }
            let help = match nearest(&to, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`instead` names a claim of this file".to_owned(),
            };
            let message = format!("there is no claim `{}` in this file", to.escape_debug());
            self.reader.fault("D010", span, message, help);
        }
    }
}

/// What follows the relation sign of a step.
/// `<=` and `f(x)` of the step `<= f(x)`.
fn sign_and_body(step: &str) -> (&str, &str) {
    let body = step_body(step);
    let sign = &step[..step.len() - body.len()];
    (sign.trim_end(), body.trim_start())
}

fn step_body(step: &str) -> &str {
    for word in ["asymp", "<=", ">=", "<~", ">~", "->"] {
        if let Some(body) = step.strip_prefix(word) {
            return body;
        }
    }
    let mut rest = step.chars();
    rest.next();
    rest.as_str()
}

fn exponent_place(expr: &Expr) -> Option<Span> {
    if let Node::Call(crate::formula::ast::Function::Exponent, _) = &*expr.node {
        return Some(expr.span);
    }
    children(expr).into_iter().find_map(exponent_place)
}
