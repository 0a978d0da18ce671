//! Determinants and extreme eigenvalues of symmetric matrices.

use faer::{MatRef, Side};

use super::cost::{charge, factoring};
use super::{Covariance, Dense, EvaluationError, LinearAlgebra, Value};
use crate::number::vectorised;
use crate::term::Outcome;

/// Shares of the norm by which a shift is tried below an eigenvalue: the first, and how much more the next.
const FINEST: f64 = 1e-75;
const COARSER: f64 = 65_536.0;
/// Inverse iteration is shifted by this share of the norm, more than doubles are wrong by.
const SHIFT: f64 = 1e-13;
const MOST_ITERATIONS: usize = 8;
/// Share of a number below which a difference of doubles is rounding.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

fn square<R: LinearAlgebra>(value: &Value<R>, covariance: &Covariance<R>) -> Outcome<Dense<R>> {
    let matrix = value.dense(covariance, None)?;
    if matrix.rows != matrix.cols {
        return Err(EvaluationError::unsupported(
            "a determinant or eigenvalue of a matrix that is not square",
        ));
    }
    charge::<R>(factoring(&matrix))?;
    Ok(matrix)
}

fn unknown_dimension() -> EvaluationError {
    EvaluationError::unsupported(
        "the determinant or an extreme eigenvalue of a function of Sigma in this dimension",
    )
}

/// `det M`
pub(super) fn determinant<R: LinearAlgebra>(
    value: &Value<R>,
    covariance: &Covariance<R>,
) -> Outcome<R> {
    if let (Value::Spectral(f), Covariance::Explicit { levels, .. }) = (value, covariance) {
        return Ok(levels.iter().fold(R::one(), |product, level| {
            product * f.on(level).powi(level.multiplicity as i64)
        }));
    }
    if let Value::Spectral(_) = value {
        return Err(unknown_dimension());
    }
    let (pivots, odd) = pivots(square(value, covariance)?);
    let product = pivots.into_iter().fold(R::one(), |product, p| product * p);
    Ok(if odd { -product } else { product })
}

/// `log det M` where the determinant is positive.
pub(super) fn log_determinant<R: LinearAlgebra>(
    value: &Value<R>,
    covariance: &Covariance<R>,
) -> Outcome<R> {
    if let (Value::Spectral(f), Covariance::Explicit { levels, .. }) = (value, covariance) {
        return levels.iter().try_fold(R::zero(), |sum, level| {
            let log = logarithm(&f.on(level))?;
            Ok(sum + R::from_f64(level.multiplicity) * log)
        });
    }
    if let Value::Spectral(_) = value {
        return Err(unknown_dimension());
    }
    let (pivots, odd) = pivots(square(value, covariance)?);
    let negative = pivots.iter().filter(|p| p.midpoint() < 0.0).count();
    if odd == negative.is_multiple_of(2) {
        return Err(EvaluationError::undefined(
            "the logarithm of a determinant that is not positive",
        ));
    }
    pivots
        .iter()
        .try_fold(R::zero(), |sum, p| Ok(sum + logarithm(&p.abs())?))
}

fn logarithm<R: LinearAlgebra>(x: &R) -> Outcome<R> {
    if x.midpoint() <= x.radius() {
        return Err(EvaluationError::undefined(
            "the logarithm of a determinant that is not positive",
        ));
    }
    Ok(x.ln())
}

/// Pivots of Gaussian elimination, and whether rows were exchanged an odd number of times. Where no pivot can be told
/// from zero, what is left is bounded as Hadamard does.
fn pivots<R: LinearAlgebra>(mut a: Dense<R>) -> (Vec<R>, bool) {
    let n = a.rows;
    let mut pivots = Vec::with_capacity(n);
    let mut odd = false;
    // The largest number that an entry was made of: what is left of it after cancellation is no pivot.
    let mut made_of: Vec<f64> = a.entries.iter().map(|x| x.midpoint().abs()).collect();
    for k in 0..n {
        let certain = |a: &Dense<R>, made_of: &[f64], i: usize| {
            let size = a.at(i, k).midpoint().abs();
            let noise = match R::TRACKS_ERROR {
                true => a.at(i, k).radius(),
                false => ROUNDING * made_of[k * n + i],
            };
            if size > noise { size } else { 0.0 }
        };
        let size = |i: usize| certain(&a, &made_of, i);
        let best = (k..n).max_by(|&i, &j| size(i).total_cmp(&size(j)));
        let best = best.unwrap_or(k);
        if size(best) == 0.0 {
            let bound = (k..n).fold(1.0, |bound: f64, j| {
                let column = (k..n).map(|i| a.at(i, j).midpoint().abs() + a.at(i, j).radius());
                bound * column.map(|x| x * x).sum::<f64>().sqrt() * (1.0 + 1e-12)
            });
            pivots.push(R::zero().widened(if R::TRACKS_ERROR { bound } else { 0.0 }));
            return (pivots, odd);
        }
        if best != k {
            for j in k..n {
                a.entries.swap(j * n + k, j * n + best);
                made_of.swap(j * n + k, j * n + best);
            }
            odd = !odd;
        }
        let pivot = a.at(k, k).clone();
        for i in k + 1..n {
            let factor = a.at(i, k).clone() / pivot.clone();
            for j in k + 1..n {
                let taken = factor.clone() * a.at(k, j).clone();
                let at = j * n + i;
                made_of[at] = made_of[at].max(taken.midpoint().abs());
                a.entries[at] = a.entries[at].clone() - taken;
            }
        }
        pivots.push(pivot);
    }
    (pivots, odd)
}

/// The least or greatest eigenvalue of a symmetric matrix.
pub(super) fn extreme_eigenvalue<R: LinearAlgebra>(
    value: &Value<R>,
    greatest: bool,
    covariance: &Covariance<R>,
) -> Outcome<R> {
    if let (Value::Spectral(f), Covariance::Explicit { levels, .. }) = (value, covariance) {
        let values = levels.iter().map(|level| f.on(level));
        let found = values.reduce(|a, b| {
            if greatest {
                a.greater(&b)
            } else {
                a.lesser(&b)
            }
        });
        return found.ok_or_else(|| EvaluationError::undefined("a spectrum without eigenvalues"));
    }
    if let Value::Spectral(_) = value {
        return Err(unknown_dimension());
    }
    let matrix = square(value, covariance)?;
    let matrix = if greatest {
        matrix.map(|x| -x.clone())
    } else {
        matrix
    };
    let least = least_eigenvalue(&matrix)?;
    Ok(if greatest { -least } else { least })
}

/// By the eigenvectors of the midpoints: a Rayleigh quotient bounds the least eigenvalue from above, a shift that
/// leaves only positive pivots from below.
fn least_eigenvalue<R: LinearAlgebra>(a: &Dense<R>) -> Outcome<R> {
    let n = a.rows;
    if n == 0 {
        return Err(EvaluationError::undefined(
            "an eigenvalue of a matrix without rows",
        ));
    }
    if n == 1 {
        return Ok(a.entries[0].clone());
    }
    // What is zero but for its error has a size, too.
    let norm =
        n as f64 * (a.entries.iter()).fold(0.0, |m: f64, x| m.max(x.midpoint().abs() + x.radius()));
    // Inverses and means of them are symmetric but for rounding.
    let rounding = if R::TRACKS_ERROR { 1e-13 } else { 1e-8 };
    for i in 0..n {
        for j in 0..i {
            let difference = a.at(i, j).clone() - a.at(j, i).clone();
            if difference.midpoint().abs() > difference.radius().max(rounding * norm) {
                return Err(EvaluationError::undefined(
                    "an eigenvalue of a matrix that is not symmetric",
                ));
            }
        }
    }
    let middle: Vec<f64> = a.entries.iter().map(R::midpoint).collect();
    if middle.iter().any(|x| !x.is_finite()) {
        return Err(EvaluationError::undefined(
            "an eigenvalue that is not finite",
        ));
    }
    let failed = |_| EvaluationError::undefined("eigenvalues that were not found");
    let view = MatRef::from_column_major_slice(&middle, n, n);
    let eigen = vectorised(|| view.self_adjoint_eigen(Side::Lower)).map_err(failed)?;
    let values = eigen.S().column_vector();
    let least = (0..n)
        .min_by(|&i, &j| values[i].total_cmp(&values[j]))
        .unwrap_or(0);
    let found = values[least];
    if !found.is_finite() {
        return Err(EvaluationError::undefined(
            "an eigenvalue that is not finite",
        ));
    }
    if !R::TRACKS_ERROR {
        return Ok(R::from_f64(found));
    }
    let v = Dense::column((0..n).map(|i| R::from_f64(eigen.U()[(i, least)])).collect());
    let above = least_quotient(a, v, found - SHIFT * norm);
    let top = above.upper_end();
    let mut slack = (FINEST * norm).max(4.0 * above.radius()) + f64::MIN_POSITIVE;
    // No eigenvalue is below minus the norm.
    let most = 2.0 * norm + slack;
    loop {
        charge::<R>(factoring(a))?;
        let bottom = (top.clone() - R::from_f64(slack)).lower_end();
        if is_positive(a, &bottom) {
            return Ok(R::bounds(&bottom, &top));
        }
        if !(slack < most) {
            break;
        }
        slack = (slack * COARSER).min(most);
    }
    Err(EvaluationError::Unresolved(
        "the least eigenvalue could not be enclosed".into(),
    ))
}

/// `A − x`
fn less<R: LinearAlgebra>(a: &Dense<R>, x: &R) -> Dense<R> {
    let mut rest = a.clone();
    for i in 0..a.rows {
        rest.entries[i * a.rows + i] = a.at(i, i).clone() - x.clone();
    }
    rest
}

/// The least Rayleigh quotient that inverse iteration finds from `v` on.
fn least_quotient<R: LinearAlgebra>(a: &Dense<R>, mut v: Dense<R>, shift: f64) -> R {
    let quotient = |v: &Dense<R>| v.dot(&R::multiply(a, v)) / v.dot(v);
    let mut least = quotient(&v);
    let shifted = less(a, &R::from_f64(shift));
    for _ in 0..MOST_ITERATIONS {
        // Any vector will do: its errors are no errors of the quotient.
        let next = R::solve(&shifted, &v).map(|v| v.map(R::center));
        let Some(next) = next else { break };
        let found = quotient(&next);
        if found.order(&least) != Some(std::cmp::Ordering::Less) {
            break;
        }
        (v, least) = (next, found);
    }
    least
}

/// Whether `A − x` has positive pivots only, so that every eigenvalue of `A` is above `x`.
fn is_positive<R: LinearAlgebra>(a: &Dense<R>, x: &R) -> bool {
    let n = a.rows;
    let mut rest = less(a, x);
    for k in 0..n {
        let pivot = rest.at(k, k).clone();
        if !(pivot.midpoint() > pivot.radius()) {
            return false;
        }
        for i in k + 1..n {
            let factor = rest.at(i, k).clone() / pivot.clone();
            // The lower half alone, so that what is tested is symmetric.
            for j in k + 1..=i {
                let entry = rest.at(i, j).clone() - factor.clone() * rest.at(j, k).clone();
                rest.entries[j * n + i] = entry;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::number::{Ball, Real};

    fn blank<R: LinearAlgebra>() -> Covariance<R> {
        Covariance::explicit(vec![super::super::Level {
            value: R::one(),
            multiplicity: 1.0,
            mass: R::one(),
            atom: 0,
        }])
        .unwrap()
    }

    /// By Laplace's expansion, exactly.
    fn exact_determinant(a: &[Vec<i64>]) -> i64 {
        match a {
            [] => 1,
            [first, rest @ ..] => (0..first.len())
                .map(|j| {
                    let minor: Vec<Vec<i64>> = rest
                        .iter()
                        .map(|row| {
                            let kept = row.iter().enumerate().filter(|(k, _)| *k != j);
                            kept.map(|(_, x)| *x).collect()
                        })
                        .collect();
                    let sign = if j % 2 == 0 { 1 } else { -1 };
                    sign * first[j] * exact_determinant(&minor)
                })
                .sum(),
        }
    }

    fn matrix<R: LinearAlgebra>(a: &[Vec<i64>]) -> Value<R> {
        Value::Matrix(Dense::from_fn(a.len(), a.len(), |i, j| {
            R::from_f64(a[i][j] as f64)
        }))
    }

    proptest! {
        #[test]
        fn determinants_of_whole_numbers_are_enclosed(a in prop::collection::vec(prop::collection::vec(-4i64..=4, 4), 4)) {
            let exact = exact_determinant(&a) as f64;
            let ball = determinant(&matrix::<Ball>(&a), &blank()).unwrap();
            prop_assert!((ball.midpoint() - exact).abs() <= ball.radius() + 1e-25, "{ball:?} misses {exact}");
            if exact != 0.0 {
                prop_assert!(ball.radius() < 1e-20);
                let log = log_determinant(&matrix::<Ball>(&a), &blank());
                prop_assert_eq!(log.is_ok(), exact > 0.0);
            }
        }

        #[test]
        fn least_eigenvalues_are_enclosed(b in prop::collection::vec(prop::collection::vec(-3i64..=3, 4), 4), shift in -3i64..=3) {
            // v'Av ≥ λ v'v for every v, and A − λ is singular.
            let a: Vec<Vec<i64>> = (0..4)
                .map(|i| (0..4).map(|j| (0..4).map(|k| b[k][i] * b[k][j]).sum::<i64>() + if i == j { shift } else { 0 }).collect())
                .collect();
            let ball = extreme_eigenvalue(&matrix::<Ball>(&a), false, &blank()).unwrap();
            let plain = extreme_eigenvalue(&matrix::<f64>(&a), false, &blank()).unwrap();
            prop_assert!((ball.midpoint() - plain).abs() <= ball.radius() + 1e-12);
            prop_assert!(ball.radius() < 1e-11);
            // B'B + s has no eigenvalue below s.
            prop_assert!(ball.midpoint() + ball.radius() >= shift as f64);
            if exact_determinant(&b) == 0 {
                prop_assert!((ball.midpoint() - shift as f64).abs() <= ball.radius());
            }
        }

        /// `x x' + shift` has the least eigenvalue `shift`, in any precision; the shift is no double.
        #[test]
        fn least_eigenvalues_are_enclosed_to_the_last_digit(x in prop::collection::vec(-9i64..=9, 3), shift in 1i64..=4000) {
            fn found<R: LinearAlgebra>(x: &[i64], shift: i64) -> (R, R) {
                let shift = R::from_rational(&num_rational::BigRational::new(shift.into(), 117.into()));
                let a = Dense::from_fn(3, 3, |i, j| {
                    let square = R::from_f64((x[i] * x[j]) as f64);
                    if i == j { square + shift.clone() } else { square }
                });
                (extreme_eigenvalue(&Value::Matrix(a), false, &blank()).unwrap(), shift)
            }
            let (ball, exact) = found::<Ball>(&x, shift);
            prop_assert!(ball.order(&exact).is_none_or(|order| order.is_eq()), "{ball:?} misses {exact:?}");
            prop_assert!(ball.radius() < 1e-23 * exact.midpoint().max(1e3));
            let (ball, exact) = crate::number::with_precision(256, || found::<crate::number::Precise>(&x, shift));
            prop_assert!(ball.order(&exact).is_none_or(|order| order.is_eq()), "{ball:?} misses {exact:?}");
        }
    }

    /// A Gram matrix of fewer vectors than dimensions, whose eigenvalues are far apart.
    #[test]
    fn what_cancels_in_doubles_is_no_pivot() {
        let vectors = [[0.3, 0.0071, 1.9e-9], [-1.7, 0.0043, 2.3e-9]];
        let gram = Value::Matrix(Dense::from_fn(3, 3, |i, j| {
            vectors.iter().map(|x: &[f64; 3]| x[i] * x[j]).sum()
        }));
        assert!(matches!(determinant::<f64>(&gram, &blank()), Ok(x) if x == 0.0));
        assert!(log_determinant::<f64>(&gram, &blank()).is_err());
        let small = Value::Matrix(Dense::from_fn(3, 3, |i, j| {
            if i == j { [1.0, 1e-20, 1e-40][i] } else { 0.0 }
        }));
        let found = determinant::<f64>(&small, &blank()).unwrap();
        assert!((found / 1e-60 - 1.0).abs() < 1e-12, "{found:e}");
    }

    #[test]
    fn what_is_zero_but_for_its_error_has_a_least_eigenvalue() {
        for n in 1..=3 {
            let blurred = Ball::zero().widened(1e-32);
            let a = Value::Matrix(Dense::from_fn(n, n, |_, _| blurred));
            let least = extreme_eigenvalue(&a, false, &blank()).unwrap();
            assert!(least.midpoint().abs() <= least.radius() && least.radius() < 1e-29);
            // −radius times the matrix of ones is one of those it may be.
            let lowest = -1e-32 * n as f64;
            assert!(least.midpoint() - least.radius() <= lowest, "{least:?}");
        }
    }

    #[test]
    fn a_matrix_that_is_not_symmetric_has_no_least_eigenvalue() {
        let a = matrix::<Ball>(&[vec![1, 2], vec![0, 1]]);
        assert!(extreme_eigenvalue(&a, false, &blank()).is_err());
    }
}
