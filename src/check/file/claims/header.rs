//! What claims and derivations have in common: names, and remarks on what is expected of them.

use toml::de::DeValue;

use super::{FileClaims, Remarks};
use crate::check::file::claim::{Expect, KnownSurvivor, Use};
use crate::check::file::reader::{Entry, find, span_of};
use crate::formula::ast::Span;

const SURVIVOR_KEYS: [&str; 2] = ["edit", "why"];

impl FileClaims<'_> {
    pub(super) fn read_id(
        &mut self,
        key: &str,
        list: &[Entry<'_, '_>],
        header: Span,
    ) -> Option<String> {
        let Some(entry) = find(list, "id") else {
            self.reader.fault(
                "D005",
                header,
                format!("this {key} has no id"),
                "add id = \"a-short-name\"",
            );
            return None;
        };
        let id = self.reader.string(entry.value, "`id`")?.to_owned();
        let span = span_of(entry.value);
        let legal = |c: char| c.is_alphanumeric() || "-_.:+".contains(c);
        if id.is_empty() || id.len() > 200 || !id.chars().all(legal) {
            let message = format!("`{}` is not an id", id.escape_debug());
            let help = "ids are made of letters, digits and - _ . : +; a slash numbers the steps of derivations";
            self.reader.fault("D007", span, message, help);
            return None;
        }
        if let Some((_, first)) = self.ids.iter().find(|(other, _)| *other == id) {
            let (line, _) = self.reader.source.position(first.start);
            let message = format!("the id `{id}` is taken by line {line}");
            self.reader.fault(
                "D006",
                span,
                message,
                "each claim and derivation has its own id",
            );
            return None;
        }
        self.ids.push((id.clone(), span));
        Some(id)
    }

    pub(super) fn read_uses(&mut self, list: &[Entry<'_, '_>], id: Option<&str>) -> Vec<Use> {
        let Some(entry) = find(list, "uses") else {
            return Vec::new();
        };
        let mut uses: Vec<Use> = Vec::new();
        for value in self.reader.strings(entry.value, "`uses`") {
            let DeValue::String(name) = value.get_ref() else {
                continue;
            };
            if id == Some(name.as_ref()) {
                let message = format!("`{name}` rests on itself");
                self.reader
                    .fault("D010", span_of(value), message, "remove it from `uses`");
            } else if !uses.iter().any(|known| known.id == name.as_ref()) {
                uses.push(Use {
                    id: name.clone().into_owned(),
                    span: span_of(value),
                });
            }
        }
        uses
    }

    pub(super) fn read_remarks(&mut self, list: &[Entry<'_, '_>], id: Option<&str>) -> Remarks {
        let mut remarks = Remarks::default();
        if let Some(entry) = find(list, "expect")
            && let Some(word) = self.reader.string(entry.value, "`expect`")
        {
            match word {
                "holds" => remarks.expect = Expect::Holds,
                "refuted" => remarks.expect = Expect::Refuted,
                other => {
                    let message =
                        format!("nothing can be expected to be `{}`", other.escape_debug());
                    self.reader.fault(
                        "D009",
                        span_of(entry.value),
                        message,
                        "expect is \"holds\" or \"refuted\"",
                    );
                }
            }
        }
        if let Some(entry) = find(list, "instead")
            && let Some(other) = self.reader.string(entry.value, "`instead`")
        {
            let span = span_of(entry.value);
            if id == Some(other) {
                self.reader.fault(
                    "D010",
                    span,
                    "a claim cannot stand in for itself",
                    "name the claim that is true instead",
                );
            } else if remarks.expect == Expect::Holds {
                self.reader.fault(
                    "D011",
                    entry.key_span,
                    "`instead` replaces a false statement, but this one is expected to hold",
                    "add expect = \"refuted\", or remove `instead`",
                );
            }
            remarks.instead = Some(other.to_owned());
            self.pointers
                .push((id.unwrap_or("").to_owned(), other.to_owned(), span));
        }
        let mut text = |key: &str| {
            let entry = find(list, key)?;
            self.reader
                .string(entry.value, &format!("`{key}`"))
                .map(str::to_owned)
        };
        remarks.why = text("why");
        remarks.note = text("note");
        // for readers of the file
        text("source");
        remarks.survivors = self.read_survivors(list);
        remarks
    }

    /// `survivors = [{ edit = "…", why = "…" }]`
    pub(super) fn read_survivors(&mut self, list: &[Entry<'_, '_>]) -> Vec<KnownSurvivor> {
        let Some(entry) = find(list, "survivors") else {
            return Vec::new();
        };
        let Some(array) = self.reader.array(entry.value, "`survivors`") else {
            return Vec::new();
        };
        let mut survivors = Vec::new();
        for value in array {
            let Some(list) = self.reader.table(value, "a survivor") else {
                continue;
            };
            self.reader.known_keys(&list, &SURVIVOR_KEYS, "a survivor");
            let mut text = |key: &str| {
                let Some(entry) = find(&list, key) else {
                    let message = format!("this survivor has no `{key}`");
                    let help = "write { edit = \"…\", why = \"…\" }, the edit as `resolvent mutate` prints it";
                    self.reader.fault("D005", span_of(value), message, help);
                    return None;
                };
                let text = self.reader.string(entry.value, &format!("`{key}`"))?;
                Some((text.to_owned(), span_of(entry.value)))
            };
            if let (Some((edit, span)), Some((why, _))) = (text("edit"), text("why")) {
                survivors.push(KnownSurvivor { edit, why, span });
            }
        }
        survivors
    }
}
