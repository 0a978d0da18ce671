//! Numbers under numbers, and beside them.

use super::value::{Evaluated, Value};
use super::{Covariance, EvaluationError, LinearAlgebra};
use crate::number::Dense;

/// `[A; B; …]` where `below`, else `[A, B, …]`.
pub(super) fn stacked<R: LinearAlgebra>(
    below: bool,
    parts: &[Value<R>],
    covariance: &Covariance<R>,
) -> Evaluated<R> {
    let sizeless = |part: &Value<R>| matches!(part, Value::Spectral(f) if f.constant().is_some());
    let mut size = None;
    for part in parts.iter().filter(|p| !sizeless(p)) {
        let m = part.dense(covariance, None)?;
        size = Some(if below { m.cols } else { m.rows });
    }
    let mut blocks = Vec::with_capacity(parts.len());
    for part in parts {
        blocks.push(part.dense(covariance, size)?);
    }
    let across = |b: &Dense<R>| if below { b.cols } else { b.rows };
    let shared = across(&blocks[0]);
    if blocks.iter().any(|b| across(b) != shared) {
        return Err(EvaluationError::Unsupported(
            "a stack: the shapes do not fit".into(),
        ));
    }
    let along = blocks.iter().map(|b| if below { b.rows } else { b.cols });
    let along: usize = along.sum();
    // Columns stand one after the other.
    Ok(Value::Matrix(if below {
        let column = |j: usize| {
            let pieces = blocks.iter();
            pieces.flat_map(move |b| &b.entries[j * b.rows..(j + 1) * b.rows])
        };
        let mut entries = Vec::with_capacity(along * shared);
        entries.extend((0..shared).flat_map(column).cloned());
        Dense {
            rows: along,
            cols: shared,
            entries,
        }
    } else {
        Dense {
            rows: shared,
            cols: along,
            entries: blocks.into_iter().flat_map(|b| b.entries).collect(),
        }
    }))
}
