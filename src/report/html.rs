//! A report as one page that needs nothing else: no script, style, font or picture from elsewhere.
//!
//! Findings come first: what is not as expected, then what is false as stated, then the rest, file by file. Without scripts
//! everything is there and unfolds; the one script only filters.

mod claim;
mod graph;
mod witness;

use std::collections::BTreeMap;
use std::fmt::Write;

pub use claim::formula;

use serde_json::Value;

use crate::check::file::Claim;
use crate::decide::verdict::Report;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/filter.js");

/// What every claim's part of the page is made from: its row as other formats write it, and the claim itself where its file
/// could be read.
struct Entry<'a> {
    row: Value,
    claim: Option<&'a Claim>,
}

impl Entry<'_> {
    fn text(&self, key: &str) -> &str {
        self.row[key].as_str().unwrap_or("")
    }

    fn verdict(&self) -> &str {
        self.text("verdict")
    }

    fn as_expected(&self) -> bool {
        self.row["as_expected"].as_bool().unwrap_or(false)
    }
}

/// The page. `claims` are those of the files that were checked.
pub fn html(report: &Report, claims: &[Claim]) -> Result<String, serde_json::Error> {
    let whole = serde_json::to_value(report)?;
    let by_place: BTreeMap<(String, &str), &Claim> = claims
        .iter()
        .map(|claim| ((claim.file.display().to_string(), claim.id.as_str()), claim))
        .collect();
    let entries: Vec<Entry> = whole["claims"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| {
            let place = (
                row["file"].as_str().unwrap_or("").to_owned(),
                row["id"].as_str().unwrap_or(""),
            );
            Entry {
                row: row.clone(),
                claim: by_place.get(&place).copied(),
            }
        })
        .collect();
    let mut out = String::new();
    head(&mut out, &whole);
    summary(&mut out, &whole, entries.len());
    findings(&mut out, &entries);
    files(&mut out, &entries);
    out.push_str(&graph::graph(&entries));
    let _ = write!(
        out,
        "<footer><p>resolvent {}, seed {}. The same inputs, seed and version give the same verdicts.</p></footer>\n\
         </main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escape(whole["version"].as_str().unwrap_or("")),
        whole["seed"]
    );
    Ok(out)
}

fn head(out: &mut String, whole: &Value) {
    let unexpected = whole["summary"]["unexpected"].as_u64().unwrap_or(0);
    let title = match unexpected {
        0 => "Every claim is as expected".to_owned(),
        1 => "One claim is not as expected".to_owned(),
        n => format!("{n} claims are not as expected"),
    };
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · resolvent</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n\
         <main>\n<header><p class=\"kicker\">resolvent check</p><h1 class=\"{}\">{title}</h1></header>\n",
        if unexpected == 0 { "good" } else { "bad" }
    );
}

/// Verdicts with what they mean and how many claims have them; they filter.
fn summary(out: &mut String, whole: &Value, total: usize) {
    let _ = write!(
        out,
        "<section class=\"summary\" aria-label=\"Summary\">\n<div class=\"counts\" role=\"group\" \
         aria-label=\"Show only claims with these verdicts\">\n"
    );
    for entry in &super::explain::VERDICTS {
        let count = whole["summary"][entry.name].as_u64().unwrap_or(0);
        if count == 0 {
            continue;
        }
        let _ = writeln!(
            out,
            "<button type=\"button\" class=\"count {0}\" data-verdict=\"{0}\" aria-pressed=\"false\" title=\"{1}\">\
             <b>{count}</b> {0}</button>",
            entry.name,
            escape(entry.short)
        );
    }
    let _ = write!(
        out,
        "</div>\n<p class=\"search\"><label>Search <input type=\"search\" id=\"search\" \
         placeholder=\"id, formula or file\"></label> <label><input type=\"checkbox\" id=\"unexpected\"> \
         only what is not as expected</label> <span id=\"shown\" role=\"status\">{total} claims</span></p>\n</section>\n"
    );
}

fn findings(out: &mut String, entries: &[Entry]) {
    out.push_str("<section id=\"findings\"><h2>Findings</h2>\n");
    let unexpected: Vec<&Entry> = entries.iter().filter(|e| !e.as_expected()).collect();
    let false_as_stated: Vec<&Entry> = entries
        .iter()
        .filter(|e| e.as_expected() && e.verdict() == "refuted")
        .collect();
    if unexpected.is_empty() && false_as_stated.is_empty() {
        out.push_str("<p>Nothing is wrong: every claim holds.</p>\n");
    }
    if !unexpected.is_empty() {
        let _ = writeln!(out, "<h3>Not as expected ({})</h3>", unexpected.len());
        for entry in &unexpected {
            out.push_str(&claim::claim(entry, entries, true));
        }
    }
    if !false_as_stated.is_empty() {
        let _ = writeln!(
            out,
            "<h3>False as stated, as the files expect ({})</h3>",
            false_as_stated.len()
        );
        for entry in &false_as_stated {
            out.push_str(&claim::claim(entry, entries, false));
        }
    }
    out.push_str("</section>\n");
}

/// Everything else, by file.
fn files(out: &mut String, entries: &[Entry]) {
    let rest: Vec<&Entry> = entries
        .iter()
        .filter(|e| e.as_expected() && e.verdict() != "refuted")
        .collect();
    if rest.is_empty() {
        return;
    }
    out.push_str("<section id=\"rest\"><h2>What holds</h2>\n");
    let mut file = None;
    for entry in rest {
        if file != Some(entry.text("file")) {
            file = Some(entry.text("file"));
            let _ = writeln!(
                out,
                "<h3 class=\"file\">{}</h3>",
                escape(entry.text("file"))
            );
        }
        out.push_str(&claim::claim(entry, entries, false));
    }
    out.push_str("</section>\n");
}

/// Text of files, for elements and attributes: neither markup nor characters that steer what is shown.
fn escape(text: &str) -> String {
    crate::plot::svg::escape(&super::printable::printable_lines(text))
}

/// A fragment of the page's address, for any id.
fn anchor(file: &str, id: &str) -> String {
    let safe = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' || c == '.' {
                    c
                } else {
                    '_'
                }
            })
            .collect()
    };
    format!("{}--{}", safe(file), safe(id))
}

#[cfg(test)]
mod tests;
