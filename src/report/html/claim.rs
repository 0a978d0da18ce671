//! One claim: its formula, its verdict, what that rests on.

use std::fmt::Write;

use serde_json::Value;

use super::page::{Entry, Page};
use super::text::{anchor, escape};
use super::witness::{number, witness};
use crate::check::file::Claim;
use crate::term::{mathml, resolve};

/// Longer formulas are shown as they are written.
const LONGEST_FORMULA: usize = 30_000;

/// Folded, but for what must be seen.
pub(super) fn claim(page: &Page, i: usize, open: bool) -> String {
    let (entry, all) = (&page.entries[i], &page.entries[..]);
    let picture = page.pictures[i].as_deref();
    let mut out = String::new();
    let (id, file) = (entry.text("id"), entry.text("file"));
    let verdict = entry.verdict();
    let expected = if entry.as_expected() {
        "expected"
    } else {
        "unexpected"
    };
    let _ = write!(
        out,
        "<details class=\"claim {expected}\" id=\"{}\" data-verdict=\"{}\" data-text=\"{}\"{}>\n<summary>\
         <span class=\"badge {}\">{}</span> <span class=\"id\">{}</span>",
        anchor(file, id),
        escape(verdict),
        escape(&format!("{id} {file} {}", entry.text("says")).to_lowercase()),
        if open { " open" } else { "" },
        escape(verdict),
        escape(verdict),
        escape(id)
    );
    if !entry.as_expected() {
        let _ = write!(
            out,
            " <span class=\"expect\">expected: {}</span>",
            escape(entry.text("expect"))
        );
    }
    out.push_str("<span class=\"formula\">");
    match entry.claim.and_then(formula) {
        Some(math) => out.push_str(&math),
        None => {
            let _ = write!(out, "<code>{}</code>", escape(entry.text("says")));
        }
    }
    out.push_str("</span>");
    // What is wrong can be read without unfolding.
    let gist = ["why", "reason"].map(|key| entry.text(key));
    let told = gist.into_iter().find(|text| !text.is_empty());
    let told = told.filter(|_| entry.verdict() == "refuted" || !entry.as_expected());
    if let Some(gist) = told {
        let _ = write!(out, "<span class=\"gist\">{}</span>", escape(gist));
    }
    out.push_str("</summary>\n<div class=\"body\">\n");
    let _ = writeln!(
        out,
        "<pre class=\"says\">{}</pre>",
        escape(entry.text("says"))
    );
    for key in ["why", "reason"] {
        if !entry.text(key).is_empty() && told != Some(entry.text(key)) {
            let _ = writeln!(out, "<p class=\"{key}\">{}</p>", escape(entry.text(key)));
        }
    }
    corrections(&mut out, entry, all);
    out.push_str(&witness(&entry.row, picture.is_none()));
    if let Some(picture) = picture {
        let _ = writeln!(out, "<figure>{picture}</figure>");
    }
    accounting(&mut out, entry);
    dependencies(&mut out, entry, all);
    source(&mut out, entry);
    out.push_str("</div>\n</details>\n");
    out
}

/// Both sides of a claim as MathML, definitions written out; `None` where that is too long to be read.
pub fn formula(claim: &Claim) -> Option<String> {
    let statement = resolve(&claim.says, &claim.scope).ok()?;
    let side = |id| mathml(&statement.store, id).ok();
    let (lhs, rhs) = (side(statement.claim.lhs)?, side(statement.claim.rhs)?);
    if lhs.len() + rhs.len() > LONGEST_FORMULA {
        return None;
    }
    let op = match claim.says.op.symbol() {
        "<=" => "≤",
        ">=" => "≥",
        "~" => "≃",
        "asymp" => "≍",
        "<~" => "≲",
        ">~" => "≳",
        "->" => "→",
        "<" => "&lt;",
        ">" => "&gt;",
        other => other,
    };
    Some(format!(
        "<math display=\"block\"><mrow>{lhs}<mo>{op}</mo>{rhs}</mrow></math>"
    ))
}

fn corrections(out: &mut String, entry: &Entry, all: &[Entry]) {
    if let Some(where_) = entry.row["holds_where"].as_str() {
        let _ = writeln!(
            out,
            "<p>It holds where <code>{}</code>.</p>",
            escape(where_)
        );
    }
    if let Some(says) = entry.row["correction"]["says"].as_str() {
        let _ = writeln!(
            out,
            "<p>What is true instead: <code>{}</code></p>",
            escape(says)
        );
    }
    let Some(suggestion) = entry.row["suggestion"].as_str() else {
        return;
    };
    let (id, says) = suggestion.split_once(": ").unwrap_or(("", suggestion));
    let other = all.iter().find(|e| e.text("id") == id);
    out.push_str("<div class=\"instead\"><p>What holds instead");
    if let Some(other) = other {
        let _ = write!(
            out,
            ": <a href=\"#{}\">{}</a>, {}",
            anchor(other.text("file"), id),
            escape(id),
            escape(other.verdict())
        );
    }
    out.push_str("</p>");
    match other.and_then(|e| e.claim).and_then(formula) {
        Some(math) => {
            let _ = writeln!(out, "<div class=\"formula\">{math}</div></div>");
        }
        None => {
            let _ = writeln!(out, "<pre>{}</pre></div>", escape(says));
        }
    }
}

/// What the verdict rests on.
fn accounting(out: &mut String, entry: &Entry) {
    let row = &entry.row;
    let mut facts: Vec<(String, String)> = Vec::new();
    if !entry.text("method").is_empty() {
        facts.push(("decided by".to_owned(), entry.text("method").to_owned()));
    }
    let count = |key: &str| row[key].as_u64().unwrap_or(0);
    if count("points") > 0 {
        let discarded = match count("discarded") {
            0 => String::new(),
            n => format!(", {n} more without a value"),
        };
        facts.push((
            "points".to_owned(),
            format!("{}{discarded}", count("points")),
        ));
    }
    if let Value::Object(accounting) = &row["accounting"] {
        for (key, value) in accounting {
            let shown = match value {
                // What did not happen is not worth a line.
                Value::Number(n) if n.as_f64() == Some(0.0) => continue,
                Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), number),
                Value::String(text) => text.clone(),
                _ => continue,
            };
            facts.push((key.replace('_', " "), shown));
        }
    }
    for (key, name) in [
        ("worst", "worst discrepancy or margin"),
        ("detects", "a discrepancy of this size would have been seen"),
    ] {
        if let Some(x) = row[key].as_f64() {
            facts.push((name.to_owned(), number(x)));
        }
    }
    if let Some(certificate) = row["certificate"].as_str() {
        facts.push(("certificate".to_owned(), certificate.to_owned()));
    }
    if let Some(why) = row["no_certificate"].as_str() {
        facts.push(("no certificate".to_owned(), why.to_owned()));
    }
    if let Some(given) = row["given"].as_array().filter(|given| !given.is_empty()) {
        let names: Vec<&str> = given.iter().filter_map(Value::as_str).collect();
        facts.push(("given".to_owned(), names.join(", ")));
    }
    if facts.is_empty() {
        return;
    }
    out.push_str("<dl class=\"facts\">\n");
    for (name, value) in facts {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(&name), escape(&value));
    }
    out.push_str("</dl>\n");
}

fn dependencies(out: &mut String, entry: &Entry, all: &[Entry]) {
    let link = |id: &str| match all.iter().find(|e| e.text("id") == id) {
        Some(other) => format!(
            "<a href=\"#{}\">{}</a>",
            anchor(other.text("file"), id),
            escape(id)
        ),
        None => escape(id),
    };
    if let Some(failed) = entry.row["rests_on_failed"]
        .as_array()
        .filter(|f| !f.is_empty())
    {
        let links: Vec<String> = failed.iter().filter_map(Value::as_str).map(link).collect();
        let _ = writeln!(
            out,
            "<p class=\"reason\">Rests on claims that do not hold: {}</p>",
            links.join(", ")
        );
    }
    let uses = entry.claim.map_or(&[][..], |claim| &claim.uses);
    if !uses.is_empty() {
        let links: Vec<String> = uses.iter().map(|id| link(id)).collect();
        let _ = writeln!(out, "<p>Rests on {}</p>", links.join(", "));
    }
}

/// The lines of the file where the claim stands.
fn source(out: &mut String, entry: &Entry) {
    let line = entry.row["line"].as_u64().unwrap_or(0);
    let _ = writeln!(
        out,
        "<p class=\"source\">{}, line {line}</p>",
        escape(entry.text("file"))
    );
    if let Some(claim) = entry.claim {
        let first = (line as usize).saturating_sub(2);
        let lines: Vec<&str> = claim.text.text.lines().skip(first).take(5).collect();
        let shown: Vec<String> = lines
            .iter()
            .map(|line| line.chars().take(400).collect())
            .collect();
        let _ = writeln!(
            out,
            "<pre class=\"source\">{}</pre>",
            escape(&shown.join("\n"))
        );
    }
}
