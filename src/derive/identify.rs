//! Numbers at several points, read as monomials in the symbols: `c(point) = q · ∏ atom^e` with a rational `q` and halves `e`.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

use crate::number::{rational_from_f64, rational_to_f64, simplest_between};

/// How exactly a monomial must fit at every point.
const FITS: f64 = 1e-9;
/// Largest numerator and denominator of the factor in front.
const SIMPLE: i64 = 10_000;
/// Relative spread below which an atom counts as the same at every point.
const STEADY: f64 = 1e-6;

/// Something with a name and a positive value at every point.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    pub text: String,
    pub values: Vec<f64>,
}

/// `factor · √root_of · ∏ atoms[i]^(halves[i]/2)`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Monomial {
    pub factor: BigRational,
    /// Whether `factor` is the square of what stands in front.
    pub under_root: bool,
    pub negative: bool,
    pub halves: Vec<i32>,
}

/// The monomial that `values` are, if they are one.
pub(super) fn monomial(values: &[f64], atoms: &[Atom]) -> Option<Monomial> {
    let negative = values[0] < 0.0;
    if values
        .iter()
        .any(|x| !x.is_finite() || *x == 0.0 || (*x < 0.0) != negative)
    {
        return None;
    }
    let logs: Vec<f64> = values.iter().map(|x| x.abs().ln()).collect();
    let moving: Vec<usize> = (0..atoms.len()).filter(|&i| moves(&atoms[i])).collect();
    let columns: Vec<Vec<f64>> = moving
        .iter()
        .map(|&i| atoms[i].values.iter().map(|x| x.ln()).collect())
        .collect();
    let exponents = fitted(&columns, &logs)?;
    let mut halves = vec![0; atoms.len()];
    for (&i, e) in moving.iter().zip(&exponents) {
        halves[i] = (2.0 * e).round() as i32;
    }
    let rest: Vec<f64> = (0..values.len())
        .map(|point| {
            let power: f64 = (0..atoms.len())
                .map(|i| 0.5 * f64::from(halves[i]) * atoms[i].values[point].ln())
                .sum();
            values[point].abs() / power.exp()
        })
        .collect();
    let mean = rest.iter().sum::<f64>() / rest.len() as f64;
    if rest.iter().any(|x| (x - mean).abs() > FITS * mean) {
        return None;
    }
    let (factor, under_root) = match simple(mean) {
        Some(q) => (q, false),
        None => (simple(mean * mean)?, true),
    };
    Some(Monomial {
        factor,
        under_root,
        negative,
        halves,
    })
}

/// Whether `values` say anything that the atoms do not: powers of them fit them up to a factor, or they never change.
pub(super) fn is_new(values: &[f64], atoms: &[Atom]) -> bool {
    let candidate = Atom {
        text: String::new(),
        values: values.to_vec(),
    };
    let columns: Vec<Vec<f64>> = atoms
        .iter()
        .chain([&candidate])
        .filter(|atom| moves(atom))
        .map(|atom| atom.values.iter().map(|x| x.ln()).collect())
        .collect();
    moves(&candidate) && fitted(&columns, &vec![0.0; values.len()]).is_some()
}

fn moves(atom: &Atom) -> bool {
    let first = atom.values[0];
    atom.values.iter().all(|x| *x > 0.0)
        && atom
            .values
            .iter()
            .any(|x| (x - first).abs() > STEADY * first)
}

/// A fraction of small numbers next to `x`.
fn simple(x: f64) -> Option<BigRational> {
    let low = rational_from_f64(x * (1.0 - FITS))?;
    let high = rational_from_f64(x * (1.0 + FITS))?;
    let q = simplest_between(&low, &high);
    let small = |n: &BigInt| n.abs().to_i64().is_some_and(|n| n <= SIMPLE);
    (small(q.numer()) && small(q.denom()) && rational_to_f64(&q) > 0.0).then_some(q)
}

/// Least squares by orthogonalisation, with a constant in front that is not returned.
fn fitted(columns: &[Vec<f64>], y: &[f64]) -> Option<Vec<f64>> {
    let n = y.len();
    let centred = |v: &[f64]| {
        let mean = v.iter().sum::<f64>() / n as f64;
        v.iter().map(|x| x - mean).collect::<Vec<f64>>()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut upper: Vec<Vec<f64>> = Vec::new();
    for column in columns {
        let mut v = centred(column);
        let size = dot(&v, &v).sqrt();
        let mut coefficients = vec![0.0; basis.len()];
        // Twice is enough.
        for _ in 0..2 {
            for (c, q) in coefficients.iter_mut().zip(&basis) {
                let along = dot(q, &v);
                *c += along;
                v.iter_mut().zip(q).for_each(|(x, q)| *x -= along * q);
            }
        }
        let left = dot(&v, &v).sqrt();
        if !(left > 1e-7 * size) {
            return None;
        }
        v.iter_mut().for_each(|x| *x /= left);
        coefficients.push(left);
        basis.push(v);
        upper.push(coefficients);
    }
    let mut rest = centred(y);
    let mut along = Vec::with_capacity(basis.len());
    for q in &basis {
        let c = dot(q, &rest);
        rest.iter_mut().zip(q).for_each(|(x, q)| *x -= c * q);
        along.push(c);
    }
    let m = basis.len();
    let mut solution = vec![0.0; m];
    for i in (0..m).rev() {
        let above: f64 = (i + 1..m).map(|j| upper[j][i] * solution[j]).sum();
        solution[i] = (along[i] - above) / upper[i][i];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monomials_are_found_and_nothing_else_is() {
        let t: Vec<f64> = (0..9).map(|i| 100.0 + 3.0 * f64::from(i)).collect();
        let l: Vec<f64> = (0..9).map(|i| 0.3 + 0.01 * f64::from(i * i % 7)).collect();
        let atoms = [
            Atom {
                text: "T".into(),
                values: t.clone(),
            },
            Atom {
                text: "lambda".into(),
                values: l.clone(),
            },
        ];
        let of = |f: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            t.iter().zip(&l).map(|(t, l)| f(*t, *l)).collect()
        };
        let found = monomial(&of(&|t, l| -0.75 * t * l / t.sqrt()), &atoms).unwrap();
        assert_eq!(found.halves, [1, 2]);
        assert_eq!(found.factor, BigRational::new(3.into(), 4.into()));
        assert!(found.negative && !found.under_root);
        assert_eq!(monomial(&of(&|t, l| t + l), &atoms), None);
    }
}
