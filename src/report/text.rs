//! A report for people, at most 80 columns where the formulas allow.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::printable::printable;
use crate::decide::verdict::{ClaimReport, Report, Summary, Verdict, Witness};

const BOLD: &str = "\x1b[1m";
const UNDERLINE: &str = "\x1b[4m";
const DIM: &str = "\x1b[2m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const RESET: &str = "\x1b[0m";
const WIDTH: usize = 80;

/// The report as text with colours; strip them where they are not wanted. `verbose` details every claim.
pub fn text(report: &Report, verbose: bool) -> String {
    let mut out = String::new();
    let mut file = "";
    for claim in &report.claims {
        if claim.file != file {
            file = &claim.file;
            let gap = if out.is_empty() { "" } else { "\n" };
            let _ = writeln!(out, "{gap}{BOLD}{}{RESET}", printable(file));
        }
        row(&mut out, claim, verbose);
    }
    uncertified(&mut out, report);
    summary(&mut out, report);
    out
}

/// Which claims have no certificate though they are settled, reason by reason.
fn uncertified(out: &mut String, report: &Report) {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for claim in &report.claims {
        if let Some(why) = &claim.no_certificate {
            reasons.entry(why).or_default().push(claim.id.clone());
        }
    }
    if reasons.is_empty() {
        return;
    }
    let count: usize = reasons.values().map(Vec::len).sum();
    let _ = writeln!(out, "\n{BOLD}without a Rocq certificate: {count}{RESET}");
    for (why, ids) in reasons {
        wrapped(out, "because", why);
        wrapped(out, "", &ids.join(", "));
    }
}

fn row(out: &mut String, claim: &ClaimReport, verbose: bool) {
    let colour = match (claim.as_expected, claim.verdict) {
        (true, Verdict::Refuted) => YELLOW,
        (true, _) => GREEN,
        (false, _) => RED,
    };
    let unexpected = match (claim.as_expected, claim.expect) {
        (true, _) => String::new(),
        (false, expect) => format!("  {RED}expected: {expect}{RESET}"),
    };
    let verdict = match claim.verdict {
        Verdict::Proved if !claim.given.is_empty() => "proved given",
        verdict => verdict.name(),
    };
    let _ = writeln!(
        out,
        "  {colour}{verdict:<12}{RESET} {:<24} {DIM}{}{RESET}{unexpected}",
        printable(&claim.id),
        evidence(claim),
    );
    for id in &claim.rests_on_failed {
        let _ = writeln!(
            out,
            "{:15}{YELLOW}rests on {}, which does not hold{RESET}",
            "",
            printable(id)
        );
    }
    let detailed = verbose || !claim.as_expected || claim.verdict == Verdict::Refuted;
    if !detailed {
        return;
    }
    if !claim.says.is_empty() {
        wrapped(out, "says", &claim.says);
    }
    if !claim.given.is_empty() {
        wrapped(out, "given", &claim.given.join("; "));
    }
    if let Some(reason) = &claim.reason {
        wrapped(out, "because", reason);
    }
    if let Some(witness) = &claim.witness {
        describe(out, witness);
    }
    if let Some(why) = &claim.why {
        wrapped(out, "why", why);
    }
    if let Some(suggestion) = &claim.suggestion {
        wrapped(out, "instead", suggestion);
    }
    if let Some(correction) = &claim.correction {
        let says = underlined(&claim.says, &correction.says);
        let _ = writeln!(out, "{DIM}{:>13}{RESET}  {says}", "holds");
        wrapped(out, "with", &correction.edit);
    }
    if let Some(condition) = &claim.holds_where {
        wrapped(out, "holds", &in_words(condition));
    }
    if verbose || !claim.as_expected {
        wrapped(out, "method", &claim.method);
        wrapped(out, "at", &format!("{}:{}", claim.file, claim.line));
    }
}

/// `(r - 1)^2 > 0` is a way to say `except at r = 1`.
fn in_words(condition: &str) -> String {
    let all_but = (condition.strip_prefix('('))
        .and_then(|rest| rest.strip_suffix(")^2 > 0"))
        .and_then(|inside| inside.split_once(" - "));
    match all_but {
        Some((name, value)) => format!("except at {name} = {value}"),
        None => format!("where {condition}"),
    }
}

/// What was changed underlined: all but the beginning and the end that both statements share, spaces aside.
fn underlined(old: &str, new: &str) -> String {
    let dense = |text: &str| -> Vec<char> { text.chars().filter(|c| !c.is_whitespace()).collect() };
    let new = printable(new);
    let (a, b) = (dense(old), dense(&new));
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = (a[head..].iter().rev().zip(b[head..].iter().rev()))
        .take_while(|(x, y)| x == y)
        .count();
    let (mut out, mut seen) = (String::new(), 0);
    for c in new.chars() {
        let changed = !c.is_whitespace() && (head..b.len() - tail).contains(&seen);
        seen += usize::from(!c.is_whitespace());
        if changed {
            let _ = write!(out, "{UNDERLINE}{c}{RESET}");
        } else {
            out.push(c);
        }
    }
    out
}

fn evidence(claim: &ClaimReport) -> String {
    let mut parts = Vec::new();
    if claim.points > 0 {
        parts.push(format!("{} points", claim.points - claim.discarded));
    }
    if claim.discarded > 0 {
        parts.push(format!("{} without a value", claim.discarded));
    }
    if let Some(worst) = claim.worst {
        parts.push(format!("worst {worst:.1e}"));
    }
    if let Some(detects) = claim.detects {
        parts.push(format!("detects {detects:.0e}"));
    }
    parts.join(", ")
}

fn describe(out: &mut String, witness: &Witness) {
    let symbols: Vec<String> = witness
        .symbols
        .iter()
        .map(|(name, value)| format!("{name} = {}", given(*value)))
        .collect();
    wrapped(out, "at", &symbols.join(", "));
    let masses = |values: &[f64]| list(values.iter().map(|x| given(*x)).collect());
    if let Some(levels) = &witness.spectrum_levels {
        let met = levels.iter().any(|[_, _, c]| *c != 0.0);
        let levels = levels.iter().map(|[s, m, c]| {
            let mass = format!(" (w0: {})", given(*c));
            format!("{} x{m}{}", given(*s), if met { &mass } else { "" })
        });
        wrapped(out, "Sigma", &list(levels.collect()));
    } else {
        for (name, values) in [("Sigma", &witness.spectrum), ("c_j^2", &witness.target)] {
            if !values.is_empty() {
                wrapped(out, name, &masses(values));
            }
        }
        if !witness.negative.is_empty() {
            let list: Vec<String> = witness.negative.iter().map(ToString::to_string).collect();
            wrapped(out, "c_j < 0", &format!("at j = {}", list.join(", ")));
        }
    }
    if let Some(path) = &witness.path {
        for point in path {
            let [lhs, rhs] = apart(point.lhs, point.rhs);
            let sides = format!("{}: {lhs} against {rhs}", number(point.at));
            wrapped(out, "along", &sides);
        }
    } else {
        let error = match (witness.standard_error, witness.replicates) {
            (Some(error), Some(n)) => {
                format!("  (standard error {}, {n} replicates)", number(error))
            }
            _ => String::new(),
        };
        let [lhs, rhs] = apart(witness.lhs, witness.rhs);
        wrapped(out, "sides", &format!("{lhs} against {rhs}{error}"));
    }
    wrapped(out, "again", &witness.confirmed_by);
}

fn list(mut items: Vec<String>) -> String {
    if items.len() > 12 {
        let rest = items.len() - 10;
        items.truncate(10);
        items.push(format!("… {rest} more"));
    }
    items.join(", ")
}

/// What a witness is made of, to be put in again: all digits where they are few, six and a sign that there are more otherwise.
fn given(x: f64) -> String {
    const MOST_DIGITS: usize = 10;
    let all = rounded(x, MOST_DIGITS);
    match all.parse() == Ok(x) {
        true => all,
        false => format!("{}…", number(x)),
    }
}

/// Two numbers with as many digits as tell them apart, if any do, and six at least.
fn apart(x: f64, y: f64) -> [String; 2] {
    let sides = |digits| [rounded(x, digits), rounded(y, digits)];
    let differ = |[x, y]: &[String; 2]| x != y;
    (SHORT..=17)
        .map(sides)
        .find(differ)
        .unwrap_or_else(|| sides(SHORT))
}

/// Significant digits of most numbers.
const SHORT: usize = 6;

fn number(x: f64) -> String {
    rounded(x, SHORT)
}

/// So many significant digits, without trailing zeros.
fn rounded(x: f64, digits: usize) -> String {
    if x == 0.0 {
        return "0".into();
    }
    let digits = digits - 1;
    let size = x.abs().log10().floor();
    if (-4.0..9.0).contains(&size) {
        let decimals = (digits as f64 - size).max(0.0) as usize;
        let text = format!("{x:.decimals$}");
        return if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        };
    }
    let text = format!("{x:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    format!("{mantissa}e{exponent}")
}

/// A labelled paragraph, wrapped between words.
fn wrapped(out: &mut String, label: &str, text: &str) {
    const INDENT: usize = 15;
    let mut line = format!("{:>13}  ", label);
    let mut length = INDENT;
    let mut empty = true;
    for word in printable(text).split_whitespace() {
        let size = word.chars().count();
        if !empty && length + 1 + size > WIDTH {
            let _ = writeln!(out, "{}", dimmed(&line));
            line = " ".repeat(INDENT);
            length = INDENT;
            empty = true;
        }
        if !empty {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += size;
        empty = false;
    }
    let _ = writeln!(out, "{}", dimmed(&line));
}

fn dimmed(line: &str) -> String {
    let (label, rest) = line.split_at(line.char_indices().nth(15).map_or(line.len(), |(i, _)| i));
    format!("{DIM}{label}{RESET}{rest}")
}

fn summary(out: &mut String, report: &Report) {
    let s = &report.summary;
    let verdict = if s.unexpected == 0 {
        format!("{GREEN}all as expected{RESET}")
    } else {
        format!("{RED}{} not as expected{RESET}", s.unexpected)
    };
    let _ = writeln!(out, "\n{}; {verdict}", numbers(s));
}

/// `12 claims: 10 supported, 2 refuted`
fn numbers(s: &Summary) -> String {
    let counts = [
        (s.proved, "proved"),
        (s.certified, "certified"),
        (s.supported, "supported"),
        (s.refuted, "refuted"),
        (s.inconclusive, "inconclusive"),
        (s.vacuous, "vacuous"),
        (s.error, "error"),
    ];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, name)| format!("{n} {name}"))
        .collect();
    let total: usize = counts.iter().map(|(n, _)| n).sum();
    let claims = if total == 1 { "claim" } else { "claims" };
    format!("{total} {claims}: {}", parts.join(", "))
}

/// The last line of a report, without colours.
pub(super) fn counts(summary: &Summary) -> String {
    match summary.unexpected {
        0 => format!("{}; all as expected", numbers(summary)),
        n => format!("{}; {n} not as expected", numbers(summary)),
    }
}

/// Without the marks that this module itself sets.
#[cfg(feature = "cli")]
fn without_colours(text: &str) -> String {
    [BOLD, UNDERLINE, DIM, GREEN, YELLOW, RED, RESET]
        .iter()
        .fold(text.to_owned(), |text, mark| text.replace(mark, ""))
}

/// Everything known of one claim, without colours.
#[cfg(feature = "cli")]
pub(super) fn details(claim: &ClaimReport) -> String {
    let mut out = String::new();
    row(&mut out, claim, true);
    without_colours(&out)
}
