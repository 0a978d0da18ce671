//! Resolvents of isotropic designs: no function of `X'X` prefers a direction, so its mean is a multiple of the identity,
//! `E g(X'X) = I·E tr g(X'X)/d`, by the mean density of a real Wishart matrix.
//!
//! That density is integrated numerically: what comes out of here has an estimated error, and no bound. It is used where
//! errors are watched from outside ([`Means`](super::Means)), never for balls.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::table::{MomentError, Table};
use super::word::{Id, Letter, Piece};
use crate::equivalent::wishart::mean_sums;
use crate::number::Estimate;
use crate::number::Real;

/// By how many estimated errors a sum is moved.
const MOVED: f64 = 4.0;
/// Sums that are remembered.
const MOST_KNOWN: usize = 20_000;

/// Replaces all letters of a design with a resolvent by a number, where they stand together; the product of the numbers.
pub fn collapse<R: Real>(table: &Table<R>, pieces: &mut Vec<Piece>) -> Result<R, MomentError> {
    let mut factor = R::one();
    loop {
        let resolved: Vec<Id> = pieces
            .iter()
            .flat_map(|piece| &piece.letters)
            .filter_map(|letter| match letter {
                Letter::Resolvent(x, _) => Some(*x),
                _ => None,
            })
            .collect();
        if resolved.is_empty() {
            return Ok(factor);
        }
        let Some((at, x)) = resolved
            .iter()
            .find_map(|x| together(pieces, *x).map(|at| (at, *x)))
        else {
            return Err(MomentError::Unknown(
                "two functions of one design with something between them".into(),
            ));
        };
        let piece = &mut pieces[at];
        let start = piece.letters.iter().position(|l| of(l) == Some(x));
        let start = start.unwrap_or(0);
        let count = piece.letters.iter().filter(|l| of(l) == Some(x)).count();
        let group: Vec<Letter> = piece.letters.drain(start..start + count).collect();
        let whole = piece.left.is_none() && piece.letters.is_empty();
        let Some(mean) = group_mean(table, x, &group, whole)? else {
            return Ok(R::zero());
        };
        factor = factor * R::from_f64(mean);
        if whole {
            pieces.remove(at);
        }
    }
}

/// The design a letter is about.
fn of(letter: &Letter) -> Option<Id> {
    match letter {
        Letter::Design(x)
        | Letter::DesignTransposed(x)
        | Letter::Inverse(x)
        | Letter::Projection(x)
        | Letter::Resolvent(x, _) => Some(*x),
        Letter::Function(_) | Letter::Column(_) | Letter::Row(_) => None,
    }
}

/// The piece in which all letters of a design stand side by side; a cyclic one is turned so that they do.
fn together(pieces: &mut [Piece], x: Id) -> Option<usize> {
    let mut found = None;
    for (i, piece) in pieces.iter().enumerate() {
        if piece.letters.iter().any(|l| of(l) == Some(x)) && found.replace(i).is_some() {
            return None;
        }
    }
    let piece = &mut pieces[found?];
    let runs = |letters: &[Letter]| {
        let here = |i: usize| of(&letters[i]) == Some(x);
        let starts = (0..letters.len()).filter(|&i| here(i) && (i == 0 || !here(i - 1)));
        starts.count()
    };
    // Between two vectors the order is the word's own: only a trace may be turned.
    let turns = match piece.left {
        None => piece.letters.len(),
        Some(_) => 0,
    };
    for _ in 0..turns {
        if runs(&piece.letters) == 1 {
            break;
        }
        piece.letters.rotate_left(1);
    }
    (runs(&piece.letters) == 1).then_some(found?)
}

/// A function of an eigenvalue `x` of `X'X`: `x^power Π 1/(x + τ)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rows: u64,
    dimension: u64,
    scale: u64,
    power: i32,
    ridges: Vec<u64>,
}

/// The number that a run of letters of one design is replaced by: a trace if it is all of a trace, the mean of an entry
/// otherwise. `None` where signs cancel.
fn group_mean<R: Real>(
    table: &Table<R>,
    x: Id,
    group: &[Letter],
    whole: bool,
) -> Result<Option<f64>, MomentError> {
    let unknown = |what: &str| Err(MomentError::Unknown(what.into()));
    let (Some(means), Some(scale)) = (table.means, table.isotropic()) else {
        return unknown("a resolvent");
    };
    let count = |wanted: fn(&Letter) -> bool| group.iter().filter(|l| wanted(l)).count() as i32;
    let (left, right) = (
        count(|l| matches!(l, Letter::DesignTransposed(_))),
        count(|l| matches!(l, Letter::Design(_))),
    );
    if left != right {
        return Ok(None);
    }
    let inverses = count(|l| matches!(l, Letter::Inverse(_)));
    let projections = count(|l| matches!(l, Letter::Projection(_)));
    let mut ridges: Vec<f64> = group
        .iter()
        .filter_map(|letter| match letter {
            Letter::Resolvent(_, k) => Some(table.ridges[*k].midpoint()),
            _ => None,
        })
        .collect();
    ridges.sort_by(f64::total_cmp);
    let (rows, dimension) = (table.designs[x].midpoint(), table.modes.len() as f64);
    if rows < 1.0 || rows.fract() != 0.0 {
        return unknown("a design without a whole number of rows");
    }
    let key = Key {
        rows: rows as u64,
        dimension: dimension as u64,
        scale: scale.midpoint().to_bits(),
        power: left - inverses,
        ridges: ridges.iter().map(|r| r.to_bits()).collect(),
    };
    let sum = known(&key, scale.midpoint(), &ridges)?;
    let side = splitmix(&format!("{key:?}"), means.pattern);
    let mut trace = sum.value * (1.0 + side * MOVED * sum.relative_error);
    // What X cannot see counts where the letters do not vanish there.
    if left == 0 && inverses == 0 && projections == 0 && dimension > rows {
        trace += (dimension - rows) / ridges.iter().product::<f64>();
    }
    let space = match group.first() {
        Some(Letter::Design(_)) => rows,
        _ => dimension,
    };
    Ok(Some(if whole { trace } else { trace / space }))
}

/// `E Σ x^power Π 1/(x + τ)` over the eigenvalues of `X'X` that are not zero.
fn known(key: &Key, scale: f64, ridges: &[f64]) -> Result<Estimate, MomentError> {
    static KNOWN: Mutex<BTreeMap<Key, Estimate>> = Mutex::new(BTreeMap::new());
    if let Some(&found) = KNOWN.lock().ok().as_ref().and_then(|known| known.get(key)) {
        return Ok(found);
    }
    // Some thousand points of the density, each a recurrence.
    let (p, q) = (key.rows.min(key.dimension), key.rows.max(key.dimension));
    let work = 100.0 * (60.0 + ((p * q) as f64).sqrt()) * (10 + p) as f64;
    crate::budget::charge(work as u64).map_err(|error| MomentError::Unknown(error.to_string()))?;
    let function = |z: f64| {
        let x = scale * z;
        let resolved = ridges.iter().fold(1.0, |product, r| product / (x + r));
        x.powi(key.power) * resolved
    };
    let found = mean_sums(key.rows, key.dimension, &[&function])
        .map_err(|error| MomentError::DoesNotExist(error.to_string()))?[0];
    if let Ok(mut known) = KNOWN.lock() {
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key.clone(), found);
    }
    Ok(found)
}

/// −1, 0 or 1.
fn splitmix(name: &str, pattern: u64) -> f64 {
    if pattern == 0 {
        return 0.0;
    }
    let mut z = name.bytes().fold(pattern, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    if (z ^ (z >> 27)) & 1 == 0 { -1.0 } else { 1.0 }
}
