//! Linear algebra in balls: every pivot is certainly not zero, or the answer is that nothing is known.
//!
//! A rank below the full one cannot be read off balls, for every ball of matrices holds some of full rank. It is
//! certain where the entries carry no error: then they are integers up to a power of two, and a matrix of rank `r`
//! modulo enough primes has rank `r` (Hadamard's bound says how many).

use std::cmp::Ordering;

use faer::MatRef;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::vectorised::vectorised;
use super::{Dense, Real};

type Rows<R> = Vec<Vec<R>>;

fn rows<R: Real>(a: &Dense<R>) -> Rows<R> {
    (0..a.rows)
        .map(|i| (0..a.cols).map(|j| a.at(i, j).clone()).collect())
        .collect()
}

fn identity<R: Real>(n: usize) -> Dense<R> {
    Dense::from_fn(n, n, |i, j| if i == j { R::one() } else { R::zero() })
}

pub(super) fn multiply<R: Real>(a: &Dense<R>, b: &Dense<R>) -> Dense<R> {
    Dense::from_fn(a.rows, b.cols, |i, j| {
        (0..a.cols).fold(R::zero(), |sum, k| {
            let (x, y) = (a.at(i, k), b.at(k, j));
            if x.is_zero() || y.is_zero() {
                return sum;
            }
            sum + x.clone() * y.clone()
        })
    })
}

/// The largest certain pivot among `candidates`; `None` where no candidate is certainly not zero.
fn pivot<R: Real>(
    rows: &Rows<R>,
    candidates: impl Iterator<Item = (usize, usize)>,
) -> Option<(usize, usize)> {
    let size = |&(i, j): &(usize, usize)| rows[i][j].midpoint().abs();
    candidates
        .filter(|&(i, j)| matches!(rows[i][j].sign(), Some(Ordering::Less | Ordering::Greater)))
        .max_by(|x, y| size(x).total_cmp(&size(y)))
}

pub(super) fn solve<R: Real>(a: &Dense<R>, b: &Dense<R>) -> Option<Dense<R>> {
    let n = a.rows;
    let (mut left, mut right) = (rows(a), rows(b));
    for k in 0..n {
        let (at, _) = pivot(&left, (k..n).map(|i| (i, k)))?;
        left.swap(k, at);
        right.swap(k, at);
        for i in (0..n).filter(|i| *i != k) {
            if left[i][k].is_zero() {
                continue;
            }
            let factor = left[i][k].clone() / left[k][k].clone();
            for j in k + 1..n {
                left[i][j] = left[i][j].clone() - factor.clone() * left[k][j].clone();
            }
            left[i][k] = R::zero();
            for j in 0..b.cols {
                right[i][j] = right[i][j].clone() - factor.clone() * right[k][j].clone();
            }
        }
    }
    let solution = Dense::from_fn(n, b.cols, |i, j| right[i][j].clone() / left[i][i].clone());
    solution.is_finite().then_some(solution)
}

pub(super) fn determinant<R: Real>(a: &Dense<R>) -> Option<R> {
    let n = a.rows;
    let mut left = rows(a);
    let mut product = R::one();
    for k in 0..n {
        let Some((at, _)) = pivot(&left, (k..n).map(|i| (i, k))) else {
            // A column of certain zeros; otherwise only an exact rank tells.
            return match exact_rank(a) {
                Some(rank) if rank < n => Some(R::zero()),
                _ => None,
            };
        };
        if at != k {
            left.swap(k, at);
            product = -product;
        }
        product = product * left[k][k].clone();
        for i in k + 1..n {
            let factor = left[i][k].clone() / left[k][k].clone();
            for j in k + 1..n {
                left[i][j] = left[i][j].clone() - factor.clone() * left[k][j].clone();
            }
        }
    }
    product.is_finite().then_some(product)
}

/// Pivots of a symmetric matrix taken along the diagonal, the largest first; the sign of each decides.
pub(super) fn definiteness<R: Real>(a: &Dense<R>) -> Option<Ordering> {
    let n = a.rows;
    let mut left = rows(a);
    let mut open: Vec<usize> = (0..n).collect();
    while !open.is_empty() {
        if open
            .iter()
            .any(|&i| left[i][i].sign() == Some(Ordering::Less))
        {
            return Some(Ordering::Less);
        }
        let Some((k, _)) = pivot(&left, open.iter().map(|&i| (i, i))) else {
            return match exact_rank(a) {
                // What is left has rank zero, so that it vanishes; or it has not, with nothing on its diagonal.
                Some(rank) if rank == n - open.len() => Some(Ordering::Equal),
                Some(_) if open.iter().all(|&i| left[i][i].is_zero()) => Some(Ordering::Less),
                _ => None,
            };
        };
        open.retain(|&i| i != k);
        for &i in &open {
            let factor = left[i][k].clone() / left[k][k].clone();
            for &j in &open {
                left[i][j] = left[i][j].clone() - factor.clone() * left[k][j].clone();
            }
        }
    }
    Some(Ordering::Greater)
}

/// Columns that span the range, and the factor with `A = C F`, by elimination with full pivoting.
struct RankFactors<R> {
    pivots: Vec<usize>,
    f: Dense<R>,
}

fn rank_factors<R: Real>(a: &Dense<R>) -> Option<RankFactors<R>> {
    let (m, n) = (a.rows, a.cols);
    let mut left = rows(a);
    let mut pivots: Vec<usize> = Vec::new();
    while pivots.len() < m.min(n) {
        let top = pivots.len();
        let candidates = (top..m).flat_map(|i| (0..n).map(move |j| (i, j)));
        let free: Vec<(usize, usize)> = candidates.filter(|(_, j)| !pivots.contains(j)).collect();
        let Some((i, j)) = pivot(&left, free.iter().copied()) else {
            let vanishes = free.iter().all(|&(i, j)| left[i][j].is_zero());
            if vanishes || exact_rank(a) == Some(top) {
                break;
            }
            return None;
        };
        left.swap(top, i);
        let lead = left[top][j].clone();
        let mut leading: Vec<R> = left[top]
            .iter()
            .map(|x| {
                if x.is_zero() {
                    R::zero()
                } else {
                    x.clone() / lead.clone()
                }
            })
            .collect();
        leading[j] = R::one();
        for (k, row) in left.iter_mut().enumerate() {
            if k == top || row[j].is_zero() {
                continue;
            }
            let factor = row[j].clone();
            for (x, l) in row.iter_mut().zip(&leading) {
                if !l.is_zero() {
                    *x = x.clone() - factor.clone() * l.clone();
                }
            }
            row[j] = R::zero();
        }
        left[top] = leading;
        pivots.push(j);
    }
    let f = Dense::from_fn(pivots.len(), n, |k, j| left[k][j].clone());
    Some(RankFactors { pivots, f })
}

pub(super) fn rank<R: Real>(a: &Dense<R>) -> Option<usize> {
    rank_factors(a).map(|factors| factors.pivots.len())
}

/// `A = C F` of full ranks: `A† = F'(FF')^{-1}(C'C)^{-1}C'`.
pub(super) fn pinv<R: Real>(a: &Dense<R>) -> Option<Dense<R>> {
    let (m, n) = (a.rows, a.cols);
    let RankFactors { pivots, f } = rank_factors(a)?;
    if pivots.is_empty() {
        return Some(Dense::from_fn(n, m, |_, _| R::zero()));
    }
    if m == n && pivots.len() == n {
        return solve(a, &identity(n));
    }
    let c = Dense::from_fn(m, pivots.len(), |i, k| a.at(i, pivots[k]).clone());
    let (ct, ft) = (c.transposed(), f.transposed());
    if pivots.len() == n {
        return solve(&multiply(&a.transposed(), a), &a.transposed());
    }
    if pivots.len() == m {
        let inverse = solve(&multiply(a, &a.transposed()), &identity(m))?;
        return Some(multiply(&a.transposed(), &inverse));
    }
    let left = solve(&multiply(&ct, &c), &ct)?;
    let middle = solve(&multiply(&f, &ft), &left)?;
    Some(multiply(&ft, &middle))
}

/// The rank of a matrix whose entries carry no error.
fn exact_rank<R: Real>(a: &Dense<R>) -> Option<usize> {
    let entries = integers(a)?;
    let largest = entries.iter().map(|x| x.bits()).max().unwrap_or(0);
    let order = a.rows.min(a.cols) as u64;
    // A minor is at most (√n · largest)^n: it vanishes if it does modulo primes whose product is larger.
    let bits = order * (largest + 64 - order.leading_zeros() as u64);
    let primes = (bits / 30 + 1) as usize;
    let mut rank = 0;
    for prime in primes_below_2_31(primes) {
        rank = rank.max(rank_modulo(a, &entries, prime));
        if rank as u64 == order {
            break;
        }
    }
    Some(rank)
}

/// Entries times a common power of two.
fn integers<R: Real>(a: &Dense<R>) -> Option<Vec<BigInt>> {
    if !a.entries.iter().all(|x| x.is_exact() && x.is_finite()) {
        return None;
    }
    let fractions: Option<Vec<_>> = a
        .entries
        .iter()
        .map(|x| x.to_precise().exact_rational())
        .collect();
    let fractions = fractions?;
    // Denominators are powers of two: the largest is a multiple of all.
    let scale = fractions.iter().map(|q| q.denom().clone()).max()?;
    Some(
        fractions
            .iter()
            .map(|q| q.numer() * (&scale / q.denom()))
            .collect(),
    )
}

fn primes_below_2_31(count: usize) -> impl Iterator<Item = u64> {
    let is_prime = |n: u64| {
        // Strong pseudoprimes to 2, 3, 5 and 7 exceed 3.2e9.
        let power = |mut base: u64, mut e: u64| {
            let mut result = 1;
            while e > 0 {
                if e & 1 == 1 {
                    result = result * base % n;
                }
                base = base * base % n;
                e >>= 1;
            }
            result
        };
        let twos = (n - 1).trailing_zeros();
        [2u64, 3, 5, 7].iter().all(|&base| {
            let mut x = power(base, (n - 1) >> twos);
            if x == 1 || x == n - 1 {
                return true;
            }
            for _ in 1..twos {
                x = x * x % n;
                if x == n - 1 {
                    return true;
                }
            }
            false
        })
    };
    (1u64 << 30..1 << 31)
        .rev()
        .filter(move |n| n % 2 == 1 && is_prime(*n))
        .take(count)
}

fn rank_modulo<R>(a: &Dense<R>, entries: &[BigInt], prime: u64) -> usize {
    let modulus = BigInt::from(prime);
    let residue = |x: &BigInt| {
        let rest = (x % &modulus + &modulus) % &modulus;
        rest.to_u64().unwrap_or(0)
    };
    let mut left: Vec<Vec<u64>> = (0..a.rows)
        .map(|i| {
            (0..a.cols)
                .map(|j| residue(&entries[j * a.rows + i]))
                .collect()
        })
        .collect();
    // x^{p−2} = 1/x
    let inverse = |x: u64| {
        let power = BigInt::from(x).modpow(&BigInt::from(prime - 2), &modulus);
        power.to_u64().unwrap_or(0)
    };
    let mut rank = 0;
    for j in 0..a.cols {
        let Some(at) = (rank..a.rows).find(|&i| left[i][j] != 0) else {
            continue;
        };
        left.swap(rank, at);
        let scale = inverse(left[rank][j]);
        for i in rank + 1..a.rows {
            let factor = left[i][j] * scale % prime;
            if factor != 0 {
                for k in j..a.cols {
                    left[i][k] = (left[i][k] + (prime - factor) * left[rank][k]) % prime;
                }
            }
        }
        rank += 1;
    }
    rank
}

/// Between the Rayleigh quotient of a singular vector found in `f64`, from below, and from above a bound `b` for
/// which `b − A'A` is shown positive definite by elimination.
pub(super) fn opnorm<R: Real>(a: &Dense<R>) -> Option<R> {
    if a.rows == 0 || a.cols == 0 {
        return Some(R::zero());
    }
    let gram = if a.rows < a.cols {
        multiply(a, &a.transposed())
    } else {
        multiply(&a.transposed(), a)
    };
    // The length of a vector: nothing has to be found.
    if gram.rows == 1 {
        return Some(gram.at(0, 0).abs().sqrt());
    }
    let plain = Dense {
        rows: gram.rows,
        cols: gram.cols,
        entries: gram.entries.iter().map(R::midpoint).collect(),
    };
    let plain = MatRef::from_column_major_slice(&plain.entries, plain.rows, plain.cols);
    let svd = vectorised(|| plain.thin_svd()).ok()?;
    let values = svd.S().column_vector();
    let leading = (0..values.nrows()).max_by(|&i, &j| values[i].total_cmp(&values[j]))?;
    let mut v = Dense::column(
        (0..gram.rows)
            .map(|i| R::from_f64(svd.V()[(i, leading)]))
            .collect(),
    );
    let mut quotient = R::zero();
    let mut gap = f64::INFINITY;
    // The power method doubles as refinement where precision is high.
    for _ in 0..40 {
        let next = multiply(&gram, &v);
        let norm2 = v.dot(&v);
        quotient = v.dot(&next) / norm2.clone();
        let residual = next.zip(&v, |g, x| g.clone() - quotient.clone() * x.clone());
        let error = (residual.dot(&residual) / norm2).abs().sqrt();
        let size = error.midpoint() + error.radius();
        if !(size < 0.5 * gap) {
            break;
        }
        gap = size;
        let scale = R::from_f64(
            next.entries
                .iter()
                .fold(0.0, |m: f64, x| m.max(x.midpoint().abs())),
        );
        if scale.is_zero() {
            break;
        }
        v = next.map(|x| (x.clone() / scale.clone()).center());
    }
    let lower = quotient.lower_end();
    // Some eigenvalue lies within the residual of the quotient; that none lies above is shown by elimination.
    let mut slack =
        (4.0 * gap).max(1e-13 * quotient.midpoint().abs() * if gap > 0.0 { 1e-12 } else { 1.0 });
    for _ in 0..60 {
        let upper = (quotient.clone().upper_end() + R::from_f64(slack)).upper_end();
        let rest = Dense::from_fn(gram.rows, gram.rows, |i, j| {
            if i == j {
                upper.clone() - gram.at(i, j).clone()
            } else {
                -gram.at(i, j).clone()
            }
        });
        if matches!(
            definiteness(&rest),
            Some(Ordering::Greater | Ordering::Equal)
        ) {
            let value = R::bounds(&lower, &upper).sqrt();
            return value.is_finite().then_some(value);
        }
        slack = 4.0 * slack + f64::MIN_POSITIVE;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Ball, LinearAlgebra, Precise, parse_decimal, with_precision};
    use proptest::prelude::*;

    fn gram(rows: usize, cols: usize, entries: &[i32]) -> Dense<Precise> {
        let x = Dense::from_fn(rows, cols, |i, j| {
            Precise::from_f64(f64::from(entries[i * cols + j]) / 1024.0)
        });
        multiply(&x.transposed(), &x)
    }

    fn decimal(text: &str) -> Precise {
        Precise::from_rational(&parse_decimal(text).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Penrose's four equations, at the rank that the factors have.
        #[test]
        fn pseudo_inverses_obey_penrose(entries in prop::collection::vec(-2000i32..2000, 12), t in 1usize..4) {
            let a = gram(t, 4, &entries[..4 * t]);
            let p = Precise::pinv(&a).unwrap();
            let near = |x: &Dense<Precise>, y: &Dense<Precise>| {
                x.entries.iter().zip(&y.entries).all(|(x, y)| {
                    let gap = x.clone() - y.clone();
                    gap.may_vanish() && gap.radius() < 1e-12
                })
            };
            let (ap, pa) = (multiply(&a, &p), multiply(&p, &a));
            prop_assert!(near(&multiply(&ap, &a), &a));
            prop_assert!(near(&ap, &ap.transposed()));
            prop_assert!(near(&pa, &pa.transposed()));
            prop_assert!(Precise::rank(&a).unwrap() <= t);
        }
    }

    #[test]
    fn a_tiny_ridge_changes_the_rank() {
        let entries: Vec<i32> = (0..8).map(|i| (i * i * 37 + 11 * i) % 101 - 50).collect();
        let a = gram(2, 4, &entries);
        assert_eq!(Precise::rank(&a), Some(2));
        assert_eq!(Precise::definiteness(&a), Some(Ordering::Equal));
        assert_eq!(
            Precise::determinant(&a).unwrap().sign(),
            Some(Ordering::Equal)
        );
        let ridge = with_precision(256, || {
            let mut ridge = a.clone();
            for i in 0..4 {
                ridge.entries[5 * i] = ridge.entries[5 * i].clone() + decimal("1e-22");
            }
            assert_eq!(Precise::rank(&ridge), Some(4));
            assert_eq!(Precise::definiteness(&ridge), Some(Ordering::Greater));
            let p = Precise::pinv(&ridge).unwrap();
            multiply(&p, &ridge)
        });
        for i in 0..4 {
            for j in 0..4 {
                let gap = ridge.at(i, j).clone() - Precise::integer(i64::from(i == j));
                assert!(gap.may_vanish() && gap.radius() < 1e-20);
            }
        }
        // Double-double cannot tell, and says so.
        let inexact = a.map(|x| x.clone() + decimal("1e-60"));
        let filter = Dense {
            rows: 4,
            cols: 4,
            entries: inexact.entries.iter().map(Ball::from_precise).collect(),
        };
        assert!(pinv(&filter).is_none());
    }

    #[test]
    fn the_operator_norm_is_enclosed() {
        let a = Dense {
            rows: 2,
            cols: 2,
            entries: [3.0, 4.0, 0.0, 5.0].map(Precise::from_f64).to_vec(),
        };
        // σ² are the roots of x² − 50x + 225: the larger is 45.
        let norm = Precise::opnorm(&a).unwrap();
        let square = norm.clone() * norm;
        assert!((square.clone() - Precise::integer(45)).may_vanish());
        assert!(square.radius() < 1e-12);
        assert_eq!(
            Precise::definiteness(&a.map(|x| -x.clone())),
            Some(Ordering::Less)
        );
    }

    #[test]
    fn primes_are_prime() {
        let primes: Vec<u64> = primes_below_2_31(20).collect();
        assert_eq!(primes[0], (1 << 31) - 1, "a Mersenne prime");
        assert!(primes.iter().all(|p| (2..50_000).all(|d| p % d != 0)));
    }
}
