//! Functions of `Sigma` closed to numbers: traces, and quadratic forms of the target.

use std::collections::BTreeMap;

use super::symbols::{EIGENVALUE, Meaning, Symbols};
use crate::decide::exact::fraction::{Fraction, factors};
use crate::decide::exact::polynomial::{Monomial, Polynomial};
use crate::number::Coefficient;

/// How a function of `Sigma` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Trace,
    Target,
}

/// How traces of one resolvent are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traces {
    /// As they come.
    Plain,
    /// By degrees of freedom and moments of `Sigma`, between which nothing linear holds: what cancels does.
    ByDegrees,
}

/// What a formula is still to be summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// The levels of `Sigma`
    Levels,
    Nothing,
}

/// What is summed over the levels at each point: the eigenvalues, how often each counts, and the values of functions.
pub(super) struct Levels {
    pub sigma: Vec<Vec<f64>>,
    pub weights: Vec<Vec<f64>>,
    pub functions: Vec<(String, Vec<Vec<f64>>)>,
}

/// A function of `Sigma` without what is a number on all levels, which stands in front.
struct Open {
    scalars: Fraction,
    numerator: Polynomial,
    below: BTreeMap<Polynomial, u32>,
}

impl Open {
    fn of(symbols: &Symbols, f: &Fraction) -> Self {
        let is_function = |p: &Polynomial| p.variables().iter().any(|v| symbols.is_function(*v));
        let (mut below, mut scalars) = (BTreeMap::new(), Fraction::one());
        for (factor, power) in &f.denominator {
            if let Some((lead, monic)) = monic(factor)
                && let Some(inverse) = lead.recip().and_then(|x| x.pow(i64::from(*power)))
            {
                *below.entry(monic).or_insert(0) += *power;
                scalars = scalars.mul(&inverse);
            } else if is_function(factor) {
                *below.entry(factor.clone()).or_insert(0) += *power;
            } else if let Some(inverse) = Fraction::from(factor.clone())
                .recip()
                .and_then(|x| x.pow(i64::from(*power)))
            {
                scalars = scalars.mul(&inverse);
            }
        }
        Self {
            numerator: cancelled(&f.numerator, &mut below),
            scalars,
            below,
        }
    }
}

/// `tr f(Sigma)` or `w0' f(Sigma) w0`, as a combination of traces that are named by their formulas.
pub(super) fn closed(
    symbols: &mut Symbols,
    f: &Fraction,
    (end, traces): (End, Traces),
    levels: &Levels,
) -> Fraction {
    let open = Open::of(symbols, f);
    // The numerator by its powers of functions.
    let mut groups: BTreeMap<Monomial, Polynomial> = BTreeMap::new();
    for (m, c) in &open.numerator.terms {
        let (inside, outside): (Vec<_>, Vec<_>) =
            m.0.iter().partition(|(v, _)| symbols.is_function(*v));
        groups
            .entry(Monomial(inside))
            .or_default()
            .add_term(Monomial(outside), c.clone());
    }
    let mut sum = Fraction::zero();
    for (inside, coefficient) in groups {
        let degrees = (traces == Traces::ByDegrees && end == End::Trace)
            .then(|| in_degrees(symbols, &inside, &open.below, levels))
            .flatten();
        let inside = Polynomial::term(inside, Coefficient::one());
        let trace =
            degrees.unwrap_or_else(|| named(symbols, &[(inside, 1)], &open.below, end, levels));
        sum = sum.add(&Fraction::from(coefficient).mul(&trace));
    }
    sum.mul(&open.scalars)
}

/// `tr Sigma^a (Sigma + κ)^{-m}` by `df(j, κ)` and `tr(Sigma^i)`: with `u = Sigma/(Sigma + κ)`, it is
/// `κ^{a−m} tr u^a (1 − u)^{m−a}` where `a ≤ m`, and `Sigma u = Sigma − κ u` lowers what is more.
fn in_degrees(
    symbols: &mut Symbols,
    inside: &Monomial,
    below: &BTreeMap<Polynomial, u32>,
    levels: &Levels,
) -> Option<Fraction> {
    shifted(symbols, below)?;
    let (factor, &m) = below.first_key_value()?;
    let a = match inside.0.as_slice() {
        [] => 0,
        [(EIGENVALUE, a)] => *a,
        _ => return None,
    };
    let kappa = Fraction::from(factor.coefficients_in(EIGENVALUE).swap_remove(0));
    let mut power = |i: u32, j: u32| -> Fraction {
        let inside = Polynomial::variable(EIGENVALUE).pow(i + j);
        let below = (j > 0).then(|| (factor.clone(), j));
        named(
            symbols,
            &[(inside, 1)],
            &below.into_iter().collect(),
            End::Trace,
            levels,
        )
    };
    if a > m {
        // Σ^b u^j from Σ^b u^{j−1} and Σ^{b−1} u^j, both up to what is asked.
        let mut row: Vec<Fraction> = (0..=m).map(|j| power(0, j)).collect();
        for b in 1..=a - m {
            let mut next = vec![power(b, 0)];
            for j in 1..=m as usize {
                let lowered = next[j - 1].sub(&kappa.mul(&row[j]));
                next.push(lowered);
            }
            row = next;
        }
        return row.pop();
    }
    let mut sum = Fraction::zero();
    let mut binomial = Coefficient::one();
    for j in 0..=m - a {
        sum = sum.add(&Fraction::constant(binomial.clone()).mul(&power(0, a + j)));
        let ratio =
            num_rational::BigRational::new((-i64::from(m - a - j)).into(), i64::from(j + 1).into());
        binomial = binomial.mul(&Coefficient::from_rational(ratio));
    }
    Some(sum.mul(&kappa.recip()?.pow(i64::from(m - a))?))
}

/// The same as one trace of all, which is shorter where the numerator has many terms.
pub(super) fn closed_as_one(
    symbols: &mut Symbols,
    f: &Fraction,
    end: End,
    levels: &Levels,
) -> Fraction {
    let open = Open::of(symbols, f);
    let (lead, list) = factors(&open.numerator);
    let (inside, outside): (Vec<_>, Vec<_>) = (list.into_iter())
        .partition(|(factor, _)| factor.variables().iter().any(|v| symbols.is_function(*v)));
    let mut product = open.scalars.mul(&Fraction::constant(lead));
    for (factor, power) in outside {
        product = product.mul(&Fraction::from(factor.pow(power)));
    }
    product.mul(&named(symbols, &inside, &open.below, end, levels))
}

/// The numerator without the factors that it shares with what is below it.
fn cancelled(numerator: &Polynomial, below: &mut BTreeMap<Polynomial, u32>) -> Polynomial {
    let mut left = numerator.clone();
    for (factor, power) in below.iter_mut() {
        while *power > 0
            && let Some(quotient) = left.div_exact(factor)
        {
            left = quotient;
            *power -= 1;
        }
    }
    below.retain(|_, power| *power > 0);
    left
}

/// `lead · (Sigma^n + …)`, where the coefficient in front divides all others.
fn monic(factor: &Polynomial) -> Option<(Fraction, Polynomial)> {
    let coefficients = factor.coefficients_in(EIGENVALUE);
    let (lead, rest) = coefficients.split_last()?;
    if rest.is_empty() || lead.as_constant().is_some() {
        return None;
    }
    let mut sum = Polynomial::variable(EIGENVALUE).pow(rest.len() as u32);
    for (power, coefficient) in rest.iter().enumerate() {
        let quotient = coefficient.div_exact(lead)?;
        sum = sum.add(&quotient.mul(&Polynomial::variable(EIGENVALUE).pow(power as u32)));
    }
    Some((lead.clone().into(), sum))
}

fn named(
    symbols: &mut Symbols,
    inside: &[(Polynomial, u32)],
    below: &BTreeMap<Polynomial, u32>,
    end: End,
    levels: &Levels,
) -> Fraction {
    let values = summed(symbols, inside, below, levels);
    let text = text(symbols, inside, below, end);
    Fraction::variable(symbols.variable(Meaning::Named(text), values))
}

fn text(
    symbols: &Symbols,
    inside: &[(Polynomial, u32)],
    below: &BTreeMap<Polynomial, u32>,
    end: End,
) -> String {
    let product = inside
        .iter()
        .fold(Polynomial::one(), |product, (f, power)| {
            product.mul(&f.pow(*power))
        });
    if let Some(kappa) = shifted(symbols, below)
        && end == End::Trace
        && product == Polynomial::variable(EIGENVALUE).pow(kappa.1)
    {
        // Without ridge there are as many degrees of freedom as dimensions.
        return match kappa.0.as_str() {
            "0" => "d".to_owned(),
            _ => format!("df({}, {})", kappa.1, kappa.0),
        };
    }
    let mut factors = Vec::new();
    for (factor, power) in inside {
        if factor.terms.len() == 1 {
            if !factor.is_one() {
                factors.push(symbols.polynomial(&factor.pow(*power)));
            }
            continue;
        }
        let matrix = matrix(symbols, factor);
        factors.push(match power {
            1 => format!("({matrix})"),
            _ => format!("({matrix})^{power}"),
        });
    }
    for (factor, power) in below {
        let matrix = matrix(symbols, factor);
        factors.push(if *power == 1 {
            format!("inv({matrix})")
        } else {
            format!("({matrix})^-{power}")
        });
    }
    let product = factors.join("*");
    match (end, factors.is_empty()) {
        (End::Trace, true) => "d".into(),
        (End::Trace, false) => format!("tr({product})"),
        (End::Target, true) => "norm2(w0)".into(),
        (End::Target, false) => format!("(w0'*{product}*w0)"),
    }
}

/// `κ` and `m` where the denominator is `(Sigma + κ)^m`.
fn shifted(symbols: &Symbols, below: &BTreeMap<Polynomial, u32>) -> Option<(String, u32)> {
    let mut factors = below.iter();
    let (factor, power) = factors.next()?;
    if factors.next().is_some() || factor.degree_in(EIGENVALUE) != 1 {
        return None;
    }
    let coefficients = factor.coefficients_in(EIGENVALUE);
    (coefficients[1].is_one()
        && factor
            .variables()
            .iter()
            .all(|v| *v == EIGENVALUE || !symbols.is_function(*v)))
    .then(|| (symbols.polynomial(&coefficients[0]), *power))
}

/// A polynomial in functions of `Sigma` as a matrix.
fn matrix(symbols: &Symbols, p: &Polynomial) -> String {
    let (mut scalar, mut rest) = (Polynomial::zero(), Polynomial::zero());
    for (m, c) in &p.terms {
        let part = if m.0.iter().any(|(v, _)| symbols.is_function(*v)) {
            &mut rest
        } else {
            &mut scalar
        };
        part.add_term(m.clone(), c.clone());
    }
    let matrix = symbols.polynomial(&rest);
    if scalar.is_zero() {
        return matrix;
    }
    let shift = symbols.polynomial(&scalar);
    if scalar.terms.len() == 1 && !shift.starts_with('-') {
        format!("{matrix} + {shift}*I")
    } else {
        format!("{matrix} + ({shift})*I")
    }
}

fn summed(
    symbols: &Symbols,
    inside: &[(Polynomial, u32)],
    below: &BTreeMap<Polynomial, u32>,
    levels: &Levels,
) -> Vec<f64> {
    let points = levels.sigma.len();
    (0..points)
        .map(|point| {
            let mut sum = 0.0;
            for (l, weight) in levels.weights[point].iter().enumerate() {
                let value = |v: u32| -> f64 {
                    match &symbols.meanings[v as usize] {
                        Meaning::Eigenvalue => levels.sigma[point][l],
                        Meaning::Function(text) => levels
                            .functions
                            .iter()
                            .find(|(name, _)| name == text)
                            .map_or(f64::NAN, |(_, values)| values[point][l]),
                        _ => symbols.values[v as usize]
                            .get(point)
                            .copied()
                            .unwrap_or(f64::NAN),
                    }
                };
                let of = |p: &Polynomial| -> f64 {
                    p.terms
                        .iter()
                        .map(|(m, c)| {
                            let c = crate::number::rational_to_f64(&c.to_rational());
                            m.0.iter()
                                .map(|&(v, power)| value(v).powi(power as i32))
                                .product::<f64>()
                                * c
                        })
                        .sum()
                };
                let mut term: f64 = (inside.iter())
                    .map(|(factor, power)| of(factor).powi(*power as i32))
                    .product();
                for (factor, power) in below {
                    term /= of(factor).powi(*power as i32);
                }
                sum += weight * term;
            }
            sum
        })
        .collect()
}
