//! Markdown and LaTeX tables read back: what stands in their comments, and the rows.

use super::super::TableError;
use super::comments::Comments;
use super::content::{Published, PublishedRow};

fn headless() -> TableError {
    TableError::Published {
        line: 1,
        message: "there is no header of names".to_owned(),
    }
}

/// A pipe table, after a comment.
pub(super) fn markdown(text: &str) -> Result<Published, TableError> {
    let mut comments = Comments::default();
    let (mut inside, mut start) = (false, None);
    let mut at = 0;
    let (mut names, mut rows) = (None, Vec::new());
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let trimmed = line.trim();
        if trimmed == "<!--" {
            inside = true;
        } else if trimmed == "-->" {
            inside = false;
        } else if inside {
            comments.line(line);
        } else if trimmed.starts_with('|') {
            start.get_or_insert(at);
            let cells = pipes(trimmed);
            let rule =
                |cell: &String| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'));
            if names.is_none() {
                names = Some(cells);
            } else if !cells.iter().all(rule) {
                rows.push(PublishedRow { line: i + 1, cells });
            }
        }
        at += line.len();
    }
    let names = names.ok_or_else(headless)?;
    comments.published(&text[start.unwrap_or(at)..], names, rows)
}

/// Cells between pipes; `\|` is none.
fn pipes(line: &str) -> Vec<String> {
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    line.replace("\\|", "\u{0}")
        .split('|')
        .map(|cell| cell.trim().replace('\u{0}', "|"))
        .collect()
}

/// A `tabular`, after comment lines.
pub(super) fn latex(text: &str) -> Result<Published, TableError> {
    let mut comments = Comments::default();
    let mut start = None;
    let mut at = 0;
    let (mut names, mut rows) = (None, Vec::new());
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let trimmed = line.trim();
        if let Some(comment) = trimmed.strip_prefix('%') {
            comments.line(comment.strip_prefix(' ').unwrap_or(comment));
        } else {
            start.get_or_insert(at);
            if let Some(row) = trimmed.strip_suffix("\\\\") {
                let cells = row.split('&').map(str::trim);
                if names.is_none() {
                    names = Some(cells.map(name).collect());
                } else {
                    let cells = cells.map(number).collect();
                    rows.push(PublishedRow { line: i + 1, cells });
                }
            }
        }
        at += line.len();
    }
    let names = names.ok_or_else(headless)?;
    comments.published(&text[start.unwrap_or(at)..], names, rows)
}

/// `$\mathrm{df}_{2}$` is `df2`.
fn name(cell: &str) -> String {
    cell.trim_matches('$')
        .replace("\\mathrm", "")
        .replace("\\ ", "_")
        .replace("_{", "")
        .replace(['{', '}', '\\'], "")
}

/// `$1.5 \times 10^{-7}$` is `1.5e-7`.
fn number(cell: &str) -> String {
    match cell {
        "$\\infty$" => return "inf".to_owned(),
        "--" => return "nan".to_owned(),
        _ => {}
    }
    if let Some(formula) = cell.strip_prefix("\\texttt{") {
        let formula = formula.strip_suffix('}').unwrap_or(formula);
        return formula.replace("\\^{}", "^").replace("\\_", "_");
    }
    let plain = cell.trim_matches('$').replace("{,}", "");
    let scientific = ["\\times", "\\cdot"].iter().find_map(|sign| {
        let (mantissa, power) = plain.split_once(sign)?;
        let exponent = power.trim().strip_prefix("10^")?;
        let exponent = exponent.trim_matches(['{', '}']);
        Some(format!("{}e{exponent}", mantissa.trim()))
    });
    scientific.unwrap_or(plain)
}
