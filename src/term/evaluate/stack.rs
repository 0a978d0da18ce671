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
        let block = part.dense(covariance, size)?;
        blocks.push(if below { block.transposed() } else { block });
    }
    let rows = blocks[0].rows;
    if blocks.iter().any(|b| b.rows != rows) {
        return Err(EvaluationError::Unsupported(
            "a stack: the shapes do not fit".into(),
        ));
    }
    // Columns stand one after the other.
    let beside = Dense {
        rows,
        cols: blocks.iter().map(|b| b.cols).sum(),
        entries: blocks.into_iter().flat_map(|b| b.entries).collect(),
    };
    Ok(Value::Matrix(if below {
        beside.transposed()
    } else {
        beside
    }))
}
