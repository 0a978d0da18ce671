//! `[covariances]`: matrices beside `Sigma`, by functions, by levels, by rotations, and weights on rows.
//!
//! Each becomes a definition in words of the language: `levels(Sigma, …)`, `rotated(…, k)`, `weights(T, …)`.

use num_rational::BigRational;
use num_traits::{One, Signed};
use toml::de::DeValue;

use super::declaration::declared_name;
use super::declared::Declared;
use crate::check::file::reader::{Entry, Reader, Value, entries, find, span_of};
use crate::formula::ast::{Expr, Function, Node, Span};
use crate::formula::constant::constant;
use crate::formula::scope::SpectrumKind;

/// Atoms and groups of rows beyond this number are refused.
const MAX_LEVELS: usize = 500;

/// All matrices on the same atoms: the spectrum, and the others by name.
pub(super) struct Joint {
    pub spectrum: SpectrumKind,
    pub matrices: Vec<(String, Span, Expr)>,
}

fn name(text: &str, span: Span) -> Expr {
    Expr::new(Node::Name(text.to_owned()), span)
}

fn of_atoms(mut levels: Vec<Expr>, span: Span) -> Expr {
    levels.insert(0, name("Sigma", span));
    Expr::new(Node::Call(Function::Levels, levels), span)
}

fn numbers(reader: &mut Reader, value: &Value<'_>, what: &str) -> Option<Vec<Expr>> {
    let array = reader.array(value, what)?;
    if array.is_empty() || array.len() > MAX_LEVELS {
        let message = format!("{what} has {} entries", array.len());
        let help = format!("from 1 to {MAX_LEVELS}");
        reader.fault("D008", span_of(value), message, help);
        return None;
    }
    let place = format!("an entry of {what}");
    let read: Vec<_> = array.iter().map(|x| reader.expression(x, &place)).collect();
    read.into_iter().collect()
}

fn not_negative(reader: &mut Reader, levels: &[Expr], what: &str) -> Option<()> {
    let bad = levels
        .iter()
        .find(|e| constant(e).is_some_and(|x| x.is_negative()))?;
    let message = format!("{bad} among {what}");
    let help = "levels of covariances, shares and weights are not negative";
    reader.fault("D008", bad.span, message, help);
    Some(())
}

/// Whether constant shares add up to something else than 1; reported.
fn faulty_shares(reader: &mut Reader, shares: &[Expr], span: Span) -> bool {
    let total: Option<BigRational> = shares.iter().map(constant).sum();
    let Some(total) = total.filter(|total| !total.is_one()) else {
        return false;
    };
    let message = format!("the shares add up to {total}, not 1");
    let help = "shares are parts of the dimension, or of the rows; exact thirds are \"1/3\"";
    reader.fault("D008", span, message, help);
    true
}

/// One entry but `atoms`.
pub(super) fn read_covariance(
    reader: &mut Reader,
    called: &str,
    entry: &Entry<'_, '_>,
) -> Option<Declared> {
    let what = format!("the covariance `{called}`");
    let span = span_of(entry.value);
    let DeValue::Table(table) = entry.value.get_ref() else {
        if let DeValue::Array(_) = entry.value.get_ref() {
            let levels = numbers(reader, entry.value, &what)?;
            if not_negative(reader, &levels, &what).is_some() {
                return None;
            }
            return Some(Declared::Definition(of_atoms(levels, span)));
        }
        return Some(Declared::Definition(reader.expression(entry.value, &what)?));
    };
    let list = entries(table);
    let known = [
        "levels", "function", "rotation", "rows", "weights", "shares",
    ];
    reader.known_keys(&list, &known, &what);
    if let Some(rows) = find(&list, "rows") {
        return read_weights(reader, &what, &list, &rows, span);
    }
    let matrix = match (find(&list, "levels"), find(&list, "function")) {
        (Some(levels), None) => {
            let levels = numbers(reader, levels.value, &what)?;
            if not_negative(reader, &levels, &what).is_some() {
                return None;
            }
            of_atoms(levels, span)
        }
        (None, Some(function)) => reader.expression(function.value, &what)?,
        (Some(_), Some(second)) => {
            let message = format!("{what} has both levels and a function");
            reader.fault("D011", second.key_span, message, "keep one of the two");
            return None;
        }
        (None, None) => {
            let message = format!("what is {what}?");
            let help = "write \"Sigma^2 + I\", one level for each atom as [1, 0.5], { levels = […], rotation = 1 } or { rows = \"T\", weights = […], shares = […] }";
            reader.fault("D005", span, message, help);
            return None;
        }
    };
    let Some(rotation) = find(&list, "rotation") else {
        return Some(Declared::Definition(matrix));
    };
    let number = reader.expression(rotation.value, "`rotation`")?;
    let turned = Node::Call(Function::Rotated, vec![matrix, number]);
    Some(Declared::Definition(Expr::new(turned, span)))
}

/// `{ rows = "T", weights = ["w", 1], shares = ["p", "1 - p"] }`
fn read_weights(
    reader: &mut Reader,
    what: &str,
    list: &[Entry<'_, '_>],
    rows: &Entry<'_, '_>,
    span: Span,
) -> Option<Declared> {
    let (Some(weights), Some(shares)) = (find(list, "weights"), find(list, "shares")) else {
        let message = format!("the rows of {what} need weights and shares");
        let help = "write { rows = \"T\", weights = [1, \"w\"], shares = [\"p\", \"1 - p\"] }";
        reader.fault("D005", rows.key_span, message, help);
        return None;
    };
    let size = reader.expression(rows.value, "`rows`");
    let at = span_of(shares.value);
    let weights = numbers(reader, weights.value, "`weights`");
    let shares = numbers(reader, shares.value, "`shares`");
    let (size, weights, shares) = (size?, weights?, shares?);
    if weights.len() != shares.len() {
        let message = format!("{} weights with {} shares", weights.len(), shares.len());
        reader.fault("D008", at, message, "each weight has one share of the rows");
        return None;
    }
    if not_negative(reader, &shares, "the shares").is_some() || faulty_shares(reader, &shares, at) {
        return None;
    }
    let mut arguments = vec![size];
    for (weight, share) in weights.into_iter().zip(shares) {
        arguments.extend([weight, share]);
    }
    let call = Node::Call(Function::Weights, arguments);
    Some(Declared::Definition(Expr::new(call, span)))
}

/// `atoms = [{ share = "p", Sigma = 1, Gamma = 0.2 }, …]`
pub(super) fn read_joint(reader: &mut Reader, entry: &Entry<'_, '_>) -> Option<Joint> {
    let at = span_of(entry.value);
    let array = reader.array(entry.value, "`atoms`")?;
    if array.is_empty() || array.len() > MAX_LEVELS {
        let message = format!("{} atoms", array.len());
        reader.fault("D008", at, message, format!("from 1 to {MAX_LEVELS}"));
        return None;
    }
    let (mut shares, mut values) = (Vec::new(), Vec::new());
    let mut matrices: Vec<(String, Span, Vec<Expr>)> = Vec::new();
    for (i, atom) in array.iter().enumerate() {
        let list = reader.table(atom, "an atom")?;
        for needed in ["share", "Sigma"] {
            if find(&list, needed).is_none() {
                let message = format!("this atom has no {needed}");
                let help = "an atom is { share = 0.5, Sigma = 1, Gamma = 0.2 }: its part of the dimension, and the level of each matrix on it";
                reader.fault("D005", span_of(atom), message, help);
                return None;
            }
        }
        for level in &list {
            let what = format!("`{}` of an atom", level.key.escape_debug());
            let expr = reader.expression(level.value, &what)?;
            if level.key == "share" || level.key == "Sigma" {
                if constant(&expr).is_some_and(|x| !x.is_positive()) {
                    let message = format!("{expr} is not positive");
                    reader.fault("D008", expr.span, message, "leave the atom out");
                    return None;
                }
                if level.key == "share" {
                    shares.push(expr);
                } else {
                    values.push(expr);
                }
                continue;
            }
            if not_negative(reader, std::slice::from_ref(&expr), &what).is_some() {
                return None;
            }
            let called = declared_name(reader, level)?;
            match matrices.iter_mut().find(|(known, ..)| *known == called) {
                Some((_, _, levels)) => levels.push(expr),
                None if i == 0 => matrices.push((called, level.key_span, vec![expr])),
                None => {
                    let message = format!("`{called}` has no level on the first atom");
                    let help = "every atom has a level of every matrix";
                    reader.fault("D005", level.key_span, message, help);
                    return None;
                }
            }
        }
        if let Some((missing, ..)) = matrices.iter().find(|(_, _, l)| l.len() != i + 1) {
            let message = format!("this atom has no level of `{missing}`");
            let help = "every atom has a level of every matrix";
            reader.fault("D005", span_of(atom), message, help);
            return None;
        }
    }
    if faulty_shares(reader, &shares, at) {
        return None;
    }
    let matrices = matrices
        .into_iter()
        .map(|(called, span, levels)| (called, span, of_atoms(levels, span)));
    Some(Joint {
        spectrum: SpectrumKind::Atoms {
            values,
            weights: shares,
        },
        matrices: matrices.collect(),
    })
}
