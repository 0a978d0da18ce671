//! Matrices given by their levels: on atoms of the spectrum, on shares of the rows, in a basis of their own.

use super::cost::charge;
use super::spectral::Spectral;
use super::value::{Evaluated, Value};
use super::{Covariance, EvaluationError};
use crate::number::{Dense, LinearAlgebra};
use crate::simulate::Stream;

/// Rows up to which a matrix of weights is written out.
const MAX_WEIGHTS: f64 = 2_000.0;
/// Dimensions in which matrices are rotated.
pub const MAX_ROTATED: usize = 400;
/// Key of the streams from which rotations are drawn.
const ROTATIONS: u64 = 0x726f_7461_7465;

/// `levels(Sigma, x, y, …)`
pub(super) fn levels<R: LinearAlgebra>(arguments: &[Value<R>]) -> Evaluated<R> {
    let values: Result<Vec<R>, _> = arguments[1..].iter().map(Value::scalar).collect();
    Ok(Value::Spectral(Spectral::OfAtom(values?.into())))
}

/// `weights(T, x, p, y, q, …)`: `x` on the first rows, `y` on those that follow.
pub(super) fn weights<R: LinearAlgebra>(arguments: &[Value<R>]) -> Evaluated<R> {
    let rows = arguments[0].scalar()?.midpoint();
    if rows > MAX_WEIGHTS {
        return Err(EvaluationError::TooLarge(format!(
            "weights on {rows} rows written out (at most {MAX_WEIGHTS})"
        )));
    }
    let numbers: Result<Vec<R>, _> = arguments[1..].iter().map(Value::scalar).collect();
    let numbers = numbers?;
    let shares: Vec<f64> = numbers.iter().skip(1).step_by(2).map(R::midpoint).collect();
    let counts = row_counts(&shares, rows)?;
    let mut diagonal = Vec::with_capacity(rows as usize);
    for (weight, count) in numbers.iter().step_by(2).zip(counts) {
        diagonal.extend(std::iter::repeat_n(weight.clone(), count as usize));
    }
    let n = diagonal.len();
    Ok(Value::Matrix(Dense::from_fn(n, n, |i, j| {
        if i == j {
            diagonal[i].clone()
        } else {
            R::zero()
        }
    })))
}

/// How many of `rows` rows each share has.
///
/// # Errors
/// `Undefined` where the number of rows is not whole, or shares are negative or do not add up to 1.
pub fn row_counts(shares: &[f64], rows: f64) -> Result<Vec<f64>, EvaluationError> {
    if !(rows >= 1.0) || rows.fract() != 0.0 {
        return Err(EvaluationError::Undefined(format!(
            "weights on {rows} rows: a whole number is needed"
        )));
    }
    let total: f64 = shares.iter().sum();
    if shares.iter().any(|p| !(*p >= 0.0)) || (total - 1.0).abs() > 1e-9 {
        return Err(EvaluationError::Undefined(format!(
            "shares of the rows that add up to {total}: they are not negative, and 1 together"
        )));
    }
    Ok(apportioned(shares, rows))
}

/// Whole multiplicities nearest to `shares · d` that add up to `d`, by largest remainders.
pub fn apportioned(shares: &[f64], d: f64) -> Vec<f64> {
    let total: f64 = shares.iter().sum();
    let quotas: Vec<f64> = shares.iter().map(|s| s / total * d).collect();
    let mut counts: Vec<f64> = quotas.iter().map(|q| q.floor()).collect();
    let mut left = d - counts.iter().sum::<f64>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&i, &j| (quotas[j] - counts[j]).total_cmp(&(quotas[i] - counts[i])));
    for &i in order.iter().cycle() {
        if left < 1.0 {
            break;
        }
        counts[i] += 1.0;
        left -= 1.0;
    }
    counts
}

/// `rotated(M, k)`
pub(super) fn rotated<R: LinearAlgebra>(
    arguments: &[Value<R>],
    covariance: &Covariance<R>,
) -> Evaluated<R> {
    let number = arguments[1].scalar()?.midpoint();
    if number.fract() != 0.0 || !(0.0..=1e6).contains(&number) {
        return Err(EvaluationError::Undefined(format!(
            "rotation {number}: rotations are numbered from 0"
        )));
    }
    let d = covariance.written_out()?.len();
    if d > MAX_ROTATED {
        return Err(EvaluationError::TooLarge(format!(
            "a rotated matrix of dimension {d} (at most {MAX_ROTATED})"
        )));
    }
    let mut matrix = arguments[0].dense(covariance, Some(d))?;
    charge::<R>(4.0 * (d as f64).powi(3))?;
    for mirror in mirrors(d, number as u64).iter().rev() {
        reflect(&mut matrix, mirror);
    }
    Ok(Value::Matrix(matrix))
}

/// Directions `v` whose reflections `1 − 2vv'/v'v` multiply to a rotation, or reflection, of uniform law. They are taken as
/// they are, without rounding, so that the product is orthogonal to the last digit.
pub fn mirrors(d: usize, number: u64) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(ROTATIONS, number, d as u64);
    let mut mirrors = Vec::with_capacity(d);
    for first in 0..d.saturating_sub(1) {
        let mut v = vec![0.0; d];
        stream.fill_normal(&mut v[first..]);
        let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        v[first] += length.copysign(v[first]);
        mirrors.push(v);
    }
    mirrors
}

/// `H M H` for the reflection at `v`.
fn reflect<R: LinearAlgebra>(matrix: &mut Dense<R>, v: &[f64]) {
    let n = v.len();
    let first = v.iter().position(|x| *x != 0.0).unwrap_or(n);
    let v: Vec<R> = v.iter().map(|x| R::from_f64(*x)).collect();
    let square = (first..n).fold(R::zero(), |sum, i| sum + v[i].clone() * v[i].clone());
    let scale = R::from_f64(2.0) / square;
    for across in [false, true] {
        for j in 0..n {
            let at = |i: usize| if across { i * n + j } else { j * n + i };
            let along = (first..n).fold(R::zero(), |sum, i| {
                sum + v[i].clone() * matrix.entries[at(i)].clone()
            });
            let along = scale.clone() * along;
            for i in first..n {
                let entry = &mut matrix.entries[at(i)];
                *entry = entry.clone() - along.clone() * v[i].clone();
            }
        }
    }
}
