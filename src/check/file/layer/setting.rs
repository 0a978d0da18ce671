//! What `Sigma` and `w0` are: the spectra and targets of [setting].

use std::path::Path;

use num_rational::BigRational;
use num_traits::{One, Signed};
use toml::de::DeValue;

use super::declaration::is_infinite;
use super::declared::MAX_NAMES;
use crate::check::file::numbers::{BESIDE_DERIVATION, Wanted, read_numbers};
use crate::check::file::reader::{Entry, Reader, Value, entries, find, span_of};
use crate::formula::ast::{Expr, Span};
use crate::formula::constant::constant;
use crate::formula::scope::{SpectrumKind, TargetKind};

/// A word, or the `kind` of a table, with the table's entries.
fn read_kind<'a, 'i>(
    reader: &mut Reader,
    value: &'a Value<'i>,
    what: &str,
) -> Option<(&'a str, Span, Vec<Entry<'a, 'i>>)> {
    match value.get_ref() {
        DeValue::String(text) => Some((text.as_ref(), span_of(value), Vec::new())),
        DeValue::Table(table) => {
            let list = entries(table);
            match find(&list, "kind") {
                Some(kind) => {
                    let text = reader.string(kind.value, "`kind`")?;
                    Some((text, span_of(kind.value), list))
                }
                None => {
                    reader.fault(
                        "D005",
                        span_of(value),
                        format!("the {what} has no kind"),
                        "write { kind = \"…\" }",
                    );
                    None
                }
            }
        }
        _ => {
            reader.fault(
                "D004",
                span_of(value),
                format!("the {what} is a word or a table"),
                "write \"any\", or { kind = \"…\" }",
            );
            None
        }
    }
}

/// A required key of a table with a kind.
fn required<'a, 'i>(
    reader: &mut Reader,
    list: &[Entry<'a, 'i>],
    key: &str,
    kind: &str,
    span: Span,
) -> Option<Entry<'a, 'i>> {
    let entry = find(list, key);
    if entry.is_none() {
        let example = match key {
            "path" => "path = \"eigenvalues.txt\"",
            "beta" => "beta = 2",
            "r" => "r = 0.5",
            "index" => "index = 1",
            "values" => "values = [1, 0.1]",
            _ => "weights = [0.5, 0.5]",
        };
        reader.fault(
            "D005",
            span,
            format!("the kind `{kind}` needs `{key}`"),
            format!("add {example}"),
        );
    }
    entry
}

pub(super) fn read_spectrum(
    reader: &mut Reader,
    directory: &Path,
    value: &Value<'_>,
) -> Option<SpectrumKind> {
    let (kind, span, list) = read_kind(reader, value, "spectrum")?;
    let place = format!("the spectrum `{kind}`");
    match kind {
        "isotropic" | "two-level" | "any" => {
            reader.known_keys(&list, &["kind"], &place);
            Some(match kind {
                "isotropic" => SpectrumKind::Isotropic,
                "two-level" => SpectrumKind::TwoLevel,
                _ => SpectrumKind::Any,
            })
        }
        "power-law" => {
            reader.known_keys(&list, &["kind", "beta"], &place);
            let entry = required(reader, &list, "beta", kind, span)?;
            let beta = reader.expression(entry.value, "`beta`")?;
            if constant(&beta).is_some_and(|x| !x.is_positive()) {
                reader.fault(
                    "D008",
                    beta.span,
                    format!("beta = {beta} is not positive"),
                    "eigenvalues are k^-beta, in descending order",
                );
                return None;
            }
            Some(SpectrumKind::PowerLaw { beta })
        }
        "atoms" => {
            reader.known_keys(&list, &["kind", "values", "weights"], &place);
            read_atoms(reader, &list, span)
        }
        "file" => {
            reader.known_keys(&list, &["kind", "path"], &place);
            let (values, span) = read_data(reader, directory, &list, Wanted::Eigenvalues, span)?;
            let bad = values
                .iter()
                .enumerate()
                .find(|&(i, &x)| x <= 0.0 || (i > 0 && x > values[i - 1]));
            if let Some((i, x)) = bad {
                let message = format!(
                    "eigenvalue {} of the file is {x}; they are positive and descend",
                    i + 1
                );
                reader.fault(
                    "D012",
                    span,
                    message,
                    "sort them, largest first, and leave zeros out",
                );
                return None;
            }
            Some(SpectrumKind::Explicit(values))
        }
        other => {
            unknown_kind(
                reader,
                "spectrum",
                other,
                span,
                &[
                    "isotropic",
                    "two-level",
                    "any",
                    "power-law",
                    "atoms",
                    "file",
                ],
            );
            None
        }
    }
}

fn read_atoms(reader: &mut Reader, list: &[Entry<'_, '_>], span: Span) -> Option<SpectrumKind> {
    let mut numbers = |key: &str| -> Option<(Vec<Expr>, Span)> {
        let entry = required(reader, list, key, "atoms", span)?;
        let array = reader.array(entry.value, &format!("`{key}`"))?;
        let mut exprs = Vec::new();
        for item in array.iter().take(MAX_NAMES + 1) {
            exprs.push(reader.expression(item, &format!("an entry of `{key}`")));
        }
        let exprs: Vec<Expr> = exprs.into_iter().collect::<Option<_>>()?;
        if let Some(bad) = exprs
            .iter()
            .find(|e| constant(e).is_some_and(|x| !x.is_positive()) || is_infinite(e))
        {
            let message =
                format!("{bad} among the {key} of the atoms; they are positive and finite");
            reader.fault("D008", bad.span, message, "leave the atom out");
            return None;
        }
        Some((exprs, span_of(entry.value)))
    };
    let (values, weights) = (numbers("values"), numbers("weights"));
    let ((values, _), (weights, span)) = (values?, weights?);
    if values.len() != weights.len() || values.is_empty() || values.len() > MAX_NAMES {
        let message = format!("{} values with {} weights", values.len(), weights.len());
        reader.fault(
            "D008",
            span,
            message,
            format!("each atom has one of both; from 1 to {MAX_NAMES} atoms"),
        );
        return None;
    }
    let total: Option<BigRational> = weights.iter().map(constant).sum();
    if let Some(total) = total.filter(|total| !total.is_one()) {
        let message = format!("the weights add up to {total}, not 1");
        reader.fault(
            "D008",
            span,
            message,
            "weights are shares of the dimension; exact thirds are \"1/3\"",
        );
        return None;
    }
    Some(SpectrumKind::Atoms { values, weights })
}

pub(super) fn read_target(
    reader: &mut Reader,
    directory: &Path,
    value: &Value<'_>,
) -> Option<TargetKind> {
    let (kind, span, list) = read_kind(reader, value, "target")?;
    let place = format!("the target `{kind}`");
    match kind {
        "any" => {
            reader.known_keys(&list, &["kind"], &place);
            Some(TargetKind::Any)
        }
        "isotropic" => {
            reader.known_keys(&list, &["kind", "norm2"], &place);
            let norm2 = match find(&list, "norm2") {
                Some(entry) => Some(reader.expression(entry.value, "`norm2`")?),
                None => None,
            };
            Some(TargetKind::Isotropic { norm2 })
        }
        "source" => {
            reader.known_keys(&list, &["kind", "r"], &place);
            let entry = required(reader, &list, "r", kind, span)?;
            let r = reader.expression(entry.value, "`r`")?;
            if constant(&r).is_some_and(|x| !x.is_positive()) {
                reader.fault(
                    "D008",
                    r.span,
                    format!("r = {r} is not positive"),
                    "the source exponent r is more than 0",
                );
                return None;
            }
            Some(TargetKind::Source { r })
        }
        "axis" => {
            reader.known_keys(&list, &["kind", "index"], &place);
            let entry = required(reader, &list, "index", kind, span)?;
            let index = reader.expression(entry.value, "`index`")?;
            if constant(&index).is_some_and(|x| x < BigRational::one() || !x.is_integer()) {
                reader.fault(
                    "D008",
                    index.span,
                    format!("there is no eigenvector {index}"),
                    "eigenvectors are counted from 1, the largest eigenvalue first",
                );
                return None;
            }
            Some(TargetKind::Axis { index })
        }
        "file" => {
            reader.known_keys(&list, &["kind", "path"], &place);
            let (values, _) = read_data(reader, directory, &list, Wanted::Coefficients, span)?;
            Some(TargetKind::Explicit(values))
        }
        other => {
            unknown_kind(
                reader,
                "target",
                other,
                span,
                &["isotropic", "any", "source", "axis", "file"],
            );
            None
        }
    }
}

fn unknown_kind(reader: &mut Reader, what: &str, kind: &str, span: Span, known: &[&str]) {
    let help = match crate::formula::suggestion::nearest(kind, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("known: {}", known.join(", ")),
    };
    let message = format!("there is no {what} `{}`", kind.escape_debug());
    reader.fault("D009", span, message, help);
}

fn read_data(
    reader: &mut Reader,
    directory: &Path,
    list: &[Entry<'_, '_>],
    wanted: Wanted,
    span: Span,
) -> Option<(Vec<f64>, Span)> {
    let entry = required(reader, list, "path", "file", span)?;
    let name = reader.string(entry.value, "`path`")?;
    match read_numbers(directory, name, wanted, BESIDE_DERIVATION) {
        Ok(values) => Some((values, span_of(entry.value))),
        Err((message, help)) => {
            reader.fault("D012", span_of(entry.value), message, help);
            None
        }
    }
}
