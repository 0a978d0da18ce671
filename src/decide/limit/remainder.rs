//! The limit of a discrepancy that is known at growing sizes, up to what vanishes with the size.

use super::growth::factors_of_means;
use crate::formula::ast::{BinaryOp, Expr, Node};
use crate::formula::function::Function;
use crate::formula::scope::Scope;

/// Powers of the size at which finite-size effects vanish. Smooth functions of many draws have means with a remainder
/// of order 1/size; of a modulus, a norm or a root it may be larger.
const SMOOTH: [f64; 1] = [1.0];
const ROUGH: [f64; 5] = [1.0, 2.0 / 3.0, 0.5, 1.0 / 3.0, 0.25];
/// Squared standard errors by which a power may fit worse than the best of them, to be thought of and to be heard.
const AS_GOOD: f64 = 12.0;
const AS_LIKELY: f64 = 3.0;
/// What a single power is not asked to explain, as a share of the largest discrepancy.
const SLACK: f64 = 0.01;
/// Standard errors that propose a discrepancy.
const PROPOSE: f64 = 4.0;
/// A simulated limit must have been able to show a discrepancy of this size.
const POWER: f64 = 0.12;
/// What sizes of about a hundred do not tell from zero, however many the draws.
const NOTHING: f64 = 0.01;
/// The least limit of a discrepancy that is believed.
const LEAST: f64 = 0.05;

/// A relative discrepancy and its standard error at one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rung {
    pub size: f64,
    pub gap: f64,
    pub error: f64,
}

/// What the sizes say of the limit of the discrepancy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Extrapolated {
    /// Too few sizes.
    Unknown,
    Zero {
        distance: f64,
        detects: f64,
    },
    /// Smaller than what could have been seen, which is too much.
    Blurred(f64),
    /// Most of what the smallest size shows is gone at the largest.
    Fading,
    Unclear,
    Remains(f64),
}

/// The discrepancy at infinite size if the rest vanishes with one power of the size.
#[derive(Clone, Copy, Debug)]
struct Intercept {
    limit: f64,
    /// What it may be off by: standard errors, and how much a fit without the smallest size moves it beyond them.
    tolerance: f64,
    misfit: f64,
}

impl Intercept {
    fn is_zero(&self) -> bool {
        self.limit.abs() <= self.tolerance.max(NOTHING)
    }
}

/// The powers with which the remainder of a side may vanish, and those that a growing factor leaves of them: of
/// `T^0.6*(E[opnorm(X'*X/T)] - edge)` the power 2/3 − 0.6.
pub(super) fn powers(sides: [&Expr; 2], scope: &Scope, dimension_grows: bool) -> Vec<f64> {
    let (mut powers, mut plain): (Vec<f64>, &[f64]) = match scope.speaks_of(sides, is_rough) {
        true => (ROUGH.to_vec(), &[1.0, 0.5]),
        false => (SMOOTH.to_vec(), &[1.0]),
    };
    if dimension_grows && scope.speaks_of(sides, is_extreme) {
        plain = &[1.0, 2.0 / 3.0, 0.5, 1.0 / 3.0];
    }
    for factor in factors_of_means(sides, scope) {
        let left = plain.iter().map(|power| power - factor);
        for power in left.filter(|power| *power > 1e-6) {
            if powers.iter().all(|other| (other - power).abs() > 1e-6) {
                powers.push(power);
            }
        }
    }
    powers
}

fn is_extreme(node: &Node) -> bool {
    use Function::{Eigmax, Eigmin, Opnorm};
    matches!(node, Node::Call(Eigmax | Eigmin | Opnorm, _))
}

fn is_rough(node: &Node) -> bool {
    use Function::{Abs, Eigmax, Eigmin, Floor, Max, Min, Opnorm, Sqrt};
    match node {
        Node::Call(f, _) => matches!(f, Abs | Eigmax | Eigmin | Floor | Max | Min | Opnorm | Sqrt),
        Node::Binary(BinaryOp::Pow, _, exponent) => {
            !matches!(&*exponent.node, Node::Number(q) if q.is_integer())
                && !matches!(&*exponent.node, Node::Neg(q) if matches!(&*q.node, Node::Number(q) if q.is_integer()))
        }
        Node::If(..) | Node::Extremum { .. } => true,
        _ => false,
    }
}

/// The limit of the discrepancy, by every power that fits.
pub(super) fn read(rungs: &[Rung], powers: &[f64]) -> Extrapolated {
    if let Some(found) = zero(&intercepts(rungs, powers, 0.0, AS_LIKELY)) {
        return found;
    }
    let limits = intercepts(rungs, powers, SLACK, AS_GOOD);
    let by_size = |a: &&Intercept, b: &&Intercept| a.limit.abs().total_cmp(&b.limit.abs());
    let (Some(least), Some(most)) = (limits.iter().min_by(by_size), limits.iter().max_by(by_size))
    else {
        return Extrapolated::Unknown;
    };
    let agree = |i: &Intercept| !i.is_zero() && i.limit * most.limit > 0.0;
    let (first, last) = (rungs[0].gap.abs(), rungs[rungs.len() - 1].gap.abs());
    // A discrepancy that shrinks like 1/size is a finite-size effect, whatever the fit says.
    if last < 0.35 * first {
        return Extrapolated::Fading;
    }
    let shrinks = last < 0.5 * most.limit.abs();
    if limits.iter().all(agree)
        && least.limit.abs() >= LEAST
        && !shrinks
        && !fades(rungs, most.limit)
    {
        Extrapolated::Remains(least.limit)
    } else {
        Extrapolated::Unclear
    }
}

/// Whether every power that may well be the right one speaks for zero.
fn zero(limits: &[Intercept]) -> Option<Extrapolated> {
    let distance = limits.iter().map(|i| i.limit.abs()).reduce(f64::max)?;
    let tolerance = limits.iter().map(|i| i.tolerance).reduce(f64::min)?;
    let found = match tolerance <= POWER {
        true => Extrapolated::Zero {
            distance,
            detects: tolerance.max(NOTHING),
        },
        false => Extrapolated::Blurred(tolerance),
    };
    limits.iter().all(Intercept::is_zero).then_some(found)
}

/// The limits that agree with what was seen, one for each power that fits; none of fewer than three sizes.
fn intercepts(rungs: &[Rung], powers: &[f64], slack: f64, as_good: f64) -> Vec<Intercept> {
    if rungs.len() < 3 {
        return Vec::new();
    }
    let of_power = |&p: &f64| intercept(rungs, p, slack);
    let mut all: Vec<Intercept> = powers.iter().filter_map(of_power).collect();
    let best = all.iter().fold(f64::INFINITY, |best, i| best.min(i.misfit));
    all.retain(|i| i.misfit <= best + as_good);
    all
}

fn intercept(rungs: &[Rung], power: f64, slack: f64) -> Option<Intercept> {
    let (limit, error, misfit) = line(rungs, power, slack);
    let (without, wider, _) = line(&rungs[1..], power, slack);
    let bend = ((without - limit).abs() - 2.0 * wider).max(0.0);
    (limit.is_finite() && error.is_finite()).then_some(Intercept {
        limit,
        tolerance: PROPOSE * error + bend,
        misfit,
    })
}

/// The limit by every power that a remainder may have, with the standard error that its own scatter gives.
pub(super) fn lines(rungs: &[Rung]) -> Vec<(f64, f64)> {
    if rungs.len() < 3 {
        return Vec::new();
    }
    let of_power = |&power: &f64| {
        let (limit, error, misfit) = line(rungs, power, 0.0);
        let scatter = (misfit / (rungs.len() - 2) as f64).sqrt();
        (limit.is_finite() && error.is_finite()).then_some((limit, error * scatter))
    };
    ROUGH.iter().filter_map(of_power).collect()
}

/// Whether the two largest sizes alone speak for less than half of a limit.
fn fades(rungs: &[Rung], limit: f64) -> bool {
    let (local, error, _) = line(&rungs[rungs.len().saturating_sub(2)..], 1.0, 0.0);
    local * limit.signum() + 2.0 * error < 0.5 * limit.abs()
}

/// A weighted line in `size^-power`: its value at infinite size, the standard error, and the squared misfit.
fn line(rungs: &[Rung], power: f64, slack: f64) -> (f64, f64, f64) {
    let weighed = |r: &Rung| (r.size.powf(-power), r.gap, r.error.max(1e-9).powi(-2));
    let (mut s, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y, w) in rungs.iter().map(weighed) {
        (s, sx, sy, sxx, sxy) = (
            s + w,
            sx + w * x,
            sy + w * y,
            sxx + w * x * x,
            sxy + w * x * y,
        );
    }
    let determinant = s * sxx - sx * sx;
    let limit = (sxx * sy - sx * sxy) / determinant;
    let slope = (s * sxy - sx * sy) / determinant;
    let slack = slack * rungs.iter().fold(0.0f64, |most, r| most.max(r.gap.abs()));
    let misfit = rungs
        .iter()
        .map(weighed)
        .map(|(x, y, w)| (y - limit - slope * x).powi(2) / (1.0 / w + slack * slack))
        .sum();
    (limit, (sxx / determinant).sqrt(), misfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(gap: impl Fn(f64) -> f64, error: f64) -> Vec<Rung> {
        [14.0, 28.0, 56.0, 112.0]
            .map(|size| Rung {
                size,
                gap: gap(size),
                error,
            })
            .to_vec()
    }

    #[test]
    fn what_vanishes_like_a_root_of_the_size_vanishes() {
        for power in [0.25, 1.0 / 3.0, 0.5, 2.0 / 3.0] {
            let found = read(&seen(|s: f64| 2.0 * s.powf(-power), 1e-3), &ROUGH);
            assert!(
                !matches!(found, Extrapolated::Remains(_)),
                "{power}: {found:?}"
            );
        }
        let found = read(&seen(|s: f64| s.powf(-0.5), 1e-3), &ROUGH);
        assert!(matches!(found, Extrapolated::Zero { .. }), "{found:?}");
    }

    #[test]
    fn what_remains_is_seen_with_every_power() {
        let constant = read(&seen(|_| 0.2, 5e-3), &ROUGH);
        assert!(matches!(constant, Extrapolated::Remains(x) if (0.1..0.3).contains(&x)));
        let smooth = read(&seen(|s| 0.2 + 1.0 / s, 5e-3), &SMOOTH);
        assert!(matches!(smooth, Extrapolated::Remains(x) if (0.15..0.25).contains(&x)));
        let rough = read(&seen(|s: f64| 0.3 + s.powf(-0.5), 1e-3), &ROUGH);
        assert!(!matches!(rough, Extrapolated::Zero { .. }), "{rough:?}");
        let little = read(&seen(|_| -0.06, 3e-3), &ROUGH);
        assert!(!matches!(little, Extrapolated::Zero { .. }), "{little:?}");
    }

    #[test]
    fn sizes_that_do_not_settle_say_nothing() {
        // as seen where the dimension is larger than the first sizes
        let gaps = |s: f64| match s as u32 {
            14 => 5.45,
            28 => 2.29,
            56 => 0.80,
            _ => 0.335,
        };
        let found = read(&seen(gaps, 1e-2), &SMOOTH);
        assert!(!matches!(found, Extrapolated::Remains(_)), "{found:?}");
    }
}
