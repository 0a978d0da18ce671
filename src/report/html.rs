//! A report as one page that needs nothing else: no script, style, font or picture from elsewhere.
//!
//! Findings come first: what is not as expected, then what is false as stated, then the rest, file by file. Without scripts
//! everything is there and unfolds; the one script only filters.

mod claim;
mod graph;
mod notation;
mod page;
mod picture;
mod text;
mod witness;

use std::collections::BTreeMap;
use std::fmt::Write;

use page::{Entry, Page};
use text::escape;

pub use claim::formula;

use rayon::prelude::*;
use serde_json::Value;

use crate::check::file::Claim;
use crate::decide::verdict::Report;
use crate::plot::Theme;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/filter.js");

/// The page. `claims` are those of the files that were checked.
pub fn html(report: &Report, claims: &[Claim]) -> Result<String, serde_json::Error> {
    let whole = serde_json::to_value(report)?;
    let by_place: BTreeMap<(String, &str), &Claim> = claims
        .iter()
        .map(|claim| ((claim.file.display().to_string(), claim.id.as_str()), claim))
        .collect();
    let rows = whole["claims"].as_array().into_iter().flatten();
    let entries: Vec<Entry> = rows
        .zip(&report.claims)
        .map(|(row, report)| Entry {
            row: row.clone(),
            report,
            claim: (by_place.get(&(report.file.clone(), report.id.as_str()))).copied(),
        })
        .collect();
    let pictures = (0..entries.len())
        .into_par_iter()
        .map(|i| picture::picture(&entries[i], &entries))
        .collect();
    let mut headings = BTreeMap::new();
    for entry in &entries {
        if let Some(claim) = entry.claim {
            headings
                .entry(entry.report.file.as_str())
                .or_insert_with(|| heading(&claim.text.text));
        }
    }
    let page = Page {
        entries,
        pictures,
        headings,
    };
    let mut out = String::new();
    head(&mut out, &whole);
    summary(&mut out, &whole, &page);
    out.push_str(&notation::notation());
    findings(&mut out, &page);
    files(&mut out, &page);
    out.push_str(&graph::graph(&page.entries));
    let _ = write!(
        out,
        "<footer><p>resolvent {}, seed {}. The same inputs, seed and version give the same verdicts.</p></footer>\n\
         </main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escape(whole["version"].as_str().unwrap_or("")),
        whole["seed"]
    );
    Ok(out)
}

/// `title` and `source` of a file.
fn heading(text: &str) -> (Option<String>, Option<String>) {
    let table: Option<toml::Table> = text.parse().ok();
    let word = |key: &str| Some(table.as_ref()?.get(key)?.as_str()?.to_owned());
    (word("title"), word("source"))
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
         <style>:root{{{}}}@media (prefers-color-scheme:dark){{:root{{{}}}}}@media print{{:root{{{}}}}}\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n\
         <main>\n<header><p class=\"kicker\">resolvent check</p><h1 class=\"{}\">{title}</h1></header>\n",
        picture::colours(Theme::Light),
        picture::colours(Theme::Dark),
        picture::colours(Theme::Light),
        if unexpected == 0 { "good" } else { "bad" }
    );
}

/// Verdicts with what they mean and how many claims have them; they filter.
fn summary(out: &mut String, whole: &Value, page: &Page) {
    let total = page.entries.len();
    out.push_str("<section class=\"summary\" aria-label=\"Summary\">\n");
    let count = |verdict: &str| whole["summary"][verdict].as_u64().unwrap_or(0);
    let holding: u64 = ["proved", "certified", "supported"].map(count).iter().sum();
    let _ = writeln!(
        out,
        "<p class=\"lede\">Of {total} statements in {}, {holding} hold and {}.</p>",
        counted(page.headings.len() as u64, "file", "files"),
        match count("refuted") {
            0 => "none is false".to_owned(),
            1 => "one is false as stated".to_owned(),
            n => format!("{n} are false as stated"),
        }
    );
    out.push_str(
        "<div class=\"counts\" role=\"group\" aria-label=\"Show only claims with these verdicts\">\n",
    );
    for entry in &super::explain::VERDICTS {
        let count = count(entry.name);
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

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn findings(out: &mut String, page: &Page) {
    out.push_str("<section id=\"findings\"><h2>Findings</h2>\n");
    let of = |fits: &dyn Fn(&Entry) -> bool| -> Vec<usize> {
        let fits = |i: &usize| fits(&page.entries[*i]);
        (0..page.entries.len()).filter(fits).collect()
    };
    let unexpected = of(&|e| !e.as_expected());
    let refuted = |e: &Entry| e.as_expected() && e.verdict() == "refuted";
    let statements = of(&|e| refuted(e) && !e.is_step());
    let steps = of(&|e| refuted(e) && e.is_step());
    if unexpected.is_empty() && statements.is_empty() && steps.is_empty() {
        out.push_str("<p>Nothing is wrong: every claim holds.</p>\n");
    }
    let groups = [
        ("Not as expected", unexpected, true),
        ("False as stated, as the files expect", statements, false),
        (
            "False steps of derivations, as the files expect",
            steps,
            false,
        ),
    ];
    for (name, found, open) in groups {
        if found.is_empty() {
            continue;
        }
        let _ = writeln!(out, "<h3>{name} ({})</h3>", found.len());
        by_file(out, page, &found, open);
    }
    out.push_str("</section>\n");
}

/// Everything else.
fn files(out: &mut String, page: &Page) {
    let rest: Vec<usize> = (0..page.entries.len())
        .filter(|&i| page.entries[i].as_expected() && page.entries[i].verdict() != "refuted")
        .collect();
    if rest.is_empty() {
        return;
    }
    out.push_str("<section id=\"rest\"><h2>What holds</h2>\n");
    by_file(out, page, &rest, false);
    out.push_str("</section>\n");
}

/// Claims under the titles of their files.
fn by_file(out: &mut String, page: &Page, chosen: &[usize], open: bool) {
    for group in
        chosen.chunk_by(|a, b| page.entries[*a].report.file == page.entries[*b].report.file)
    {
        let file = page.entries[group[0]].report.file.as_str();
        let (title, source) = match page.headings.get(file) {
            Some((title, source)) => (title.as_deref(), source.as_deref()),
            None => (None, None),
        };
        let _ = writeln!(
            out,
            "<div class=\"group\"><h4 class=\"file\">{} <small>{}{}</small></h4>",
            escape(title.unwrap_or("")),
            source.map_or(String::new(), |source| format!("{} · ", escape(source))),
            escape(file)
        );
        for &i in group {
            out.push_str(&claim::claim(page, i, open));
        }
        out.push_str("</div>\n");
    }
}

#[cfg(test)]
mod tests;
