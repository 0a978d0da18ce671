//! Gauss–Legendre rules to any precision, nodes enclosed by sign changes.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

use crate::number::{Precise, Real, with_precision, working_precision};

/// Nodes in `[−1, 1]` and their weights, as balls that hold them.
pub(super) struct Rule {
    pub(super) nodes: Vec<Precise>,
    pub(super) weights: Vec<Precise>,
}

type Kept = Vec<((usize, usize), Rc<Rule>)>;

/// Rules remembered by a thread.
const MOST_KEPT: usize = 24;

/// The rule of `n` points to the working precision.
pub(super) fn gauss_legendre(n: usize) -> Option<Rc<Rule>> {
    thread_local! {
        static KEPT: RefCell<Kept> = const { RefCell::new(Vec::new()) };
    }
    let key = (n, working_precision());
    let known = KEPT.with_borrow(|kept| {
        kept.iter()
            .find(|(k, _)| *k == key)
            .map(|(_, r)| Rc::clone(r))
    });
    if known.is_some() {
        return known;
    }
    let rule = Rc::new(computed(n)?);
    KEPT.with_borrow_mut(|kept| {
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push((key, Rc::clone(&rule)));
    });
    Some(rule)
}

/// `P_n` and `P_{n−1}`.
fn legendre<R: Real>(n: usize, x: &R) -> (R, R) {
    let (mut last, mut value) = (R::one(), x.clone());
    for k in 2..=n {
        let k = k as f64;
        let next = (R::from_f64(2.0 * k - 1.0) * x.clone() * value.clone()
            - R::from_f64(k - 1.0) * last)
            / R::from_f64(k);
        last = value;
        value = next;
    }
    (value, last)
}

fn computed(n: usize) -> Option<Rule> {
    let bits = working_precision();
    // In balls the recurrence loses (1 + √2)^n.
    let lost = (1.3 * n as f64) as usize + 8;
    let (mut nodes, mut weights) = (Vec::with_capacity(n), Vec::with_capacity(n));
    let one = Precise::integer(1);
    // P_n' = n (x P_n − P_{n−1})/(x² − 1)
    let slope = |x: &Precise, value: &Precise, before: &Precise| {
        Precise::integer(n as i64) * (x.clone() * value.clone() - before.clone())
            / (x.clone() * x.clone() - Precise::integer(1))
    };
    for i in 0..n / 2 {
        let guess = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        let (node, weight) = with_precision(bits + 32 + 2 * lost, || {
            let mut x = Precise::from_f64(guess);
            for _ in 0..14 {
                let (value, before) = legendre(n, &x);
                let step = value.clone() / slope(&x, &value, &before);
                x = (x - step.clone()).center();
                if step
                    .size()
                    .order(&Precise::power_of_two(-((bits + lost) as i64) - 20))
                    == Some(Ordering::Less)
                {
                    break;
                }
            }
            let reach = Precise::power_of_two(-((bits + lost) as i64) - 16);
            let sign = |x: Precise| legendre(n, &x).0.sign();
            let (low, high) = (
                sign(x.clone() - reach.clone()),
                sign(x.clone() + reach.clone()),
            );
            let node = x.widened_by(&reach);
            let (value, before) = legendre(n, &node);
            let steep = slope(&node, &value, &before);
            let weight = Precise::integer(2)
                / ((one.clone() - node.clone() * node.clone()) * steep.clone() * steep);
            let changes = low.is_some() && high.is_some() && low != high;
            changes.then_some((node, weight))
        })?;
        nodes.push(node + Precise::integer(0));
        weights.push(weight + Precise::integer(0));
    }
    // As many sign changes, in order, as there are roots of either sign: none is missed or met twice.
    let apart = nodes
        .windows(2)
        .all(|w| w[0].order(&w[1]) == Some(Ordering::Greater))
        && nodes.last().is_none_or(Precise::is_positive);
    if !apart {
        return None;
    }
    let mirrored: Vec<Precise> = nodes.iter().map(|x| -x.clone()).collect();
    let copies = weights.clone();
    nodes.extend(mirrored);
    weights.extend(copies);
    if n % 2 == 1 {
        let zero = Precise::integer(0);
        let steep = with_precision(bits + lost, || {
            let (value, before) = legendre(n, &zero);
            slope(&zero, &value, &before)
        });
        nodes.push(zero);
        weights.push(Precise::integer(2) / (steep.clone() * steep));
    }
    Some(Rule { nodes, weights })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `∫ x^m` over `[−1, 1]`, exact up to degree `2n − 1`.
    #[test]
    fn polynomials_are_integrated_exactly() {
        for n in [2usize, 5, 20, 41] {
            let rule = gauss_legendre(n).unwrap();
            for degree in 0..2 * n as i64 {
                let sum = rule
                    .nodes
                    .iter()
                    .zip(&rule.weights)
                    .fold(Precise::integer(0), |sum, (x, w)| {
                        sum + w.clone() * x.powi(degree)
                    });
                let exact = if degree % 2 == 0 {
                    Precise::integer(2) / Precise::integer(degree + 1)
                } else {
                    Precise::integer(0)
                };
                let gap = sum - exact;
                assert!(
                    gap.may_vanish() && gap.radius() < 1e-30,
                    "{n} {degree}: {gap:?}"
                );
            }
        }
    }
}
