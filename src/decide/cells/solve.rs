//! Points of a cell: a box cut by polynomial equations and inequalities, or the proof that it is empty.
//!
//! Equations are solved for a parameter in which they are linear. What is left are
//! inequalities ([`super::inequalities`]).

use std::cmp::Ordering;

use super::combination::{Combination, Products, combined};
use super::contract::{Constraints, Halving, Ranges, sign};
use super::form::Polynomial;
pub use super::inequalities::Search;
use super::inequalities::{FEW_BOXES, inside};
use crate::number::Interval;

/// Equations solved one after the other.
const MAX_DEPTH: usize = 8;

#[derive(Clone, Debug, Default)]
struct System {
    equal: Vec<Polynomial>,
    positive: Vec<Polynomial>,
    /// not negative
    weak: Vec<Polynomial>,
}

/// A point in the ranges at which every polynomial has its sign.
pub fn find(ranges: &Ranges, signs: &[(Polynomial, Ordering)]) -> Search {
    let mut system = System::default();
    for (p, sign) in signs {
        match sign {
            Ordering::Equal => system.equal.push(p.clone()),
            Ordering::Greater => system.positive.push(p.clone()),
            Ordering::Less => system.positive.push(p.negated()),
        }
    }
    let free: Vec<usize> = (0..ranges.low.len()).collect();
    solve(ranges, system, free, MAX_DEPTH)
}

fn solve(ranges: &Ranges, mut system: System, free: Vec<usize>, depth: usize) -> Search {
    let Some(at) = system.equal.iter().position(|p| !p.is_zero()) else {
        return inside(ranges, &system.positive, &system.weak, &free);
    };
    let constraints = Constraints::new(&system.equal, &system.positive, &system.weak);
    let hull = match constraints.halve(&ranges.intervals(), FEW_BOXES, |_| false) {
        Halving::Empty => return Search::Empty,
        Halving::Open { hull, .. } => hull,
        Halving::Point(_) => ranges.intervals(),
    };
    if depth == 0 {
        return Search::Open;
    }
    if contradicts(ranges, &system, &free) {
        return Search::Empty;
    }
    let equation = system.equal.swap_remove(at);
    if equation.as_constant().is_some() {
        return Search::Empty;
    }
    // parameters in which the equation is linear: with a factor of one sign first, and a short one
    let linear = |i: &usize| equation.degree_in(*i) == 1;
    let mut candidates: Vec<usize> = free.iter().copied().filter(linear).collect();
    candidates.sort_by_key(|i| {
        let factor = &equation.coefficients_in(*i)[1];
        (
            sign(factor, &hull).is_none(),
            factor.as_constant().is_none(),
            factor.terms().count(),
        )
    });
    // what one substitution makes too long, another one may not
    let attempts = if depth == MAX_DEPTH { 2 } else { 1 };
    for x in candidates.into_iter().take(attempts) {
        let parts = equation.coefficients_in(x);
        let substitution = Substitution {
            x,
            numerator: parts[0].negated(),
            denominator: parts[1].clone(),
        };
        let found = substituted(ranges, &system, &free, &substitution, &hull, depth);
        if found != Search::Open {
            return found;
        }
    }
    Search::Open
}

/// Whether a combination shows the contradiction while equations still stand.
fn contradicts(ranges: &Ranges, system: &System, free: &[usize]) -> bool {
    let mut weak = system.weak.clone();
    for p in &system.equal {
        weak.extend([p.clone(), p.negated()]);
    }
    let all = (system.positive.as_slice(), weak.as_slice());
    if all.0.iter().chain(all.1).any(|p| !p.is_small()) {
        return false;
    }
    matches!(
        combined(ranges, all, free, Products::Bounds),
        Combination::Impossible
    )
}

/// `x = numerator/denominator`.
struct Substitution {
    x: usize,
    numerator: Polynomial,
    denominator: Polynomial,
}

/// The system with one parameter gone, for each sign of the denominator.
fn substituted(
    ranges: &Ranges,
    system: &System,
    free: &[usize],
    by: &Substitution,
    hull: &[Interval],
    depth: usize,
) -> Search {
    let x = by.x;
    let rest: Vec<usize> = free.iter().copied().filter(|i| *i != x).collect();
    let signs = match sign(&by.denominator, hull) {
        Some(sign) => vec![sign],
        None => vec![Ordering::Greater, Ordering::Less, Ordering::Equal],
    };
    let mut open = false;
    for sign in signs {
        let (a, b) = match sign {
            Ordering::Less => (by.denominator.negated(), by.numerator.negated()),
            _ => (by.denominator.clone(), by.numerator.clone()),
        };
        let found = if sign == Ordering::Equal {
            let mut degenerate = system.clone();
            degenerate.equal.extend([a, b]);
            solve(ranges, degenerate, free.to_vec(), depth - 1)
        } else {
            let replaced = |q: &Polynomial| replace(q, x, &b, &a);
            let mut reduced = System {
                equal: system.equal.iter().map(replaced).collect(),
                positive: system.positive.iter().map(replaced).collect(),
                weak: system.weak.iter().map(replaced).collect(),
            };
            reduced
                .weak
                .push(b.minus(&a.scaled(&(&ranges.low[x]).into())));
            reduced
                .weak
                .push(a.scaled(&(&ranges.high[x]).into()).minus(&b));
            if a.as_constant().is_none() {
                reduced.positive.push(a.clone());
            }
            match solve(ranges, reduced, rest.clone(), depth - 1) {
                Search::Point(mut point) => {
                    point[x] = b.value(&point) / a.value(&point);
                    Search::Point(point)
                }
                other => other,
            }
        };
        match found {
            Search::Point(point) => return Search::Point(point),
            Search::Open => open = true,
            Search::Empty => {}
        }
    }
    if open { Search::Open } else { Search::Empty }
}

/// `q` at `x = b/a`, times the least power of the positive `a` that clears the denominator.
fn replace(q: &Polynomial, x: usize, b: &Polynomial, a: &Polynomial) -> Polynomial {
    let parts = q.coefficients_in(x);
    let degree = parts.len() as u32 - 1;
    let mut sum = Polynomial::default();
    for (k, part) in parts.iter().enumerate() {
        let factor = b.power(k as u32).times(&a.power(degree - k as u32));
        sum = sum.plus(&part.times(&factor));
    }
    if a.as_constant().is_none() && !sum.is_zero() {
        while let Some(quotient) = sum.divided(a) {
            sum = quotient;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_rational::BigRational;
    use num_traits::Zero;
    use proptest::prelude::*;

    fn q(n: i64, d: i64) -> BigRational {
        BigRational::new(n.into(), d.into())
    }

    fn x(i: usize) -> Polynomial {
        Polynomial::parameter(i)
    }

    fn c(n: i64, d: i64) -> Polynomial {
        Polynomial::constant(q(n, d))
    }

    fn ranges(bounds: &[(BigRational, BigRational)]) -> Ranges {
        Ranges {
            low: bounds.iter().map(|b| b.0.clone()).collect(),
            high: bounds.iter().map(|b| b.1.clone()).collect(),
        }
    }

    #[test]
    fn a_thin_wedge_is_found_and_a_closed_one_is_empty() {
        let square = ranges(&[(q(0, 1), q(1, 1)), (q(0, 1), q(1, 1))]);
        // 0.49 < x < 0.5, and y between x and x + 1/1000
        let wedge = [
            (x(0).minus(&c(49, 100)), Ordering::Greater),
            (x(0).minus(&c(1, 2)), Ordering::Less),
            (x(1).minus(&x(0)), Ordering::Greater),
            (x(1).minus(&x(0)).minus(&c(1, 1000)), Ordering::Less),
        ];
        assert!(matches!(find(&square, &wedge), Search::Point(_)));
        let circle = [
            (x(0).minus(&x(1)), Ordering::Greater),
            (x(1).minus(&x(0).times(&x(1))), Ordering::Less),
        ];
        assert_eq!(find(&square, &circle), Search::Empty);
    }

    #[test]
    fn products_are_no_obstacle() {
        // beta in [1.1, 4], r in [0.1, 2], ell in [0.05, 5]
        let domain = ranges(&[
            (q(11, 10), q(4, 1)),
            (q(1, 10), q(2, 1)),
            (q(1, 20), q(5, 1)),
        ]);
        // beta*r > ell*r and ell > beta
        let none = [
            (
                x(0).times(&x(1)).minus(&x(2).times(&x(1))),
                Ordering::Greater,
            ),
            (x(2).minus(&x(0)), Ordering::Greater),
        ];
        assert_eq!(find(&domain, &none), Search::Empty);
        // 2 beta r + 1 = 2 ell r beta within r < 1
        let surface = x(0)
            .times(&x(1))
            .times(&c(2, 1))
            .plus(&c(1, 1))
            .minus(&x(2).times(&x(1)).times(&x(0)).times(&c(2, 1)));
        let some = [
            (surface.clone(), Ordering::Equal),
            (x(1).minus(&c(1, 1)), Ordering::Less),
        ];
        let Search::Point(point) = find(&domain, &some) else {
            panic!("no point on the surface");
        };
        assert!(surface.value(&point).is_zero());
        let wedge = [
            (x(2).times(&x(1)).minus(&c(1, 1)), Ordering::Greater),
            (x(2).times(&x(1)).minus(&c(1001, 1000)), Ordering::Less),
            (x(0).times(&x(1)).minus(&c(2, 1)), Ordering::Greater),
            (x(0).times(&x(1)).minus(&c(2001, 1000)), Ordering::Less),
        ];
        assert!(matches!(find(&domain, &wedge), Search::Point(_)));
    }

    #[test]
    fn borders_that_touch_are_empty() {
        // beta in [1.05, 6], ell in [0, 6], b in [0.05, 4]
        let domain = ranges(&[
            (q(21, 20), q(6, 1)),
            (q(0, 1), q(6, 1)),
            (q(1, 20), q(4, 1)),
        ]);
        let (beta, ell, b) = (x(0), x(1), x(2));
        let beyond = [
            (beta.minus(&ell), Ordering::Greater),
            (ell.minus(&beta.times(&b)), Ordering::Greater),
        ];
        // beta > ell > beta b leaves b < 1
        let steep = (b.minus(&c(1, 1)), Ordering::Greater);
        let level = (b.minus(&c(1, 1)), Ordering::Equal);
        let gentle = (b.minus(&c(1, 1)), Ordering::Less);
        let with = |last| [beyond.as_slice(), &[last]].concat();
        assert_eq!(find(&domain, &with(steep)), Search::Empty);
        assert_eq!(find(&domain, &with(level)), Search::Empty);
        assert!(matches!(find(&domain, &with(gentle)), Search::Point(_)));
    }

    #[test]
    fn equations_reduce_what_stands_beside_them() {
        // b (2 beta r + 1) = 1 makes beta^2 r b + beta b/2 - beta/2 vanish
        let domain = ranges(&[
            (q(21, 20), q(6, 1)),
            (q(1, 20), q(3, 1)),
            (q(1, 20), q(4, 1)),
        ]);
        let (beta, r, b) = (x(0), x(1), x(2));
        let two_beta_r = beta.times(&r).times(&c(2, 1));
        let curve = two_beta_r.plus(&c(1, 1)).times(&b).minus(&c(1, 1));
        let vanishes = beta
            .times(&beta)
            .times(&r)
            .times(&b)
            .plus(&beta.times(&b).times(&c(1, 2)))
            .minus(&beta.times(&c(1, 2)));
        for sign in [Ordering::Less, Ordering::Greater] {
            let system = [(curve.clone(), Ordering::Equal), (vanishes.clone(), sign)];
            assert_eq!(find(&domain, &system), Search::Empty);
        }
        let system = [(curve, Ordering::Equal), (vanishes, Ordering::Equal)];
        assert!(matches!(find(&domain, &system), Search::Point(_)));
    }

    fn polynomials() -> impl Strategy<Value = Vec<Vec<(i64, [u8; 3])>>> {
        let term = (-3_i64..=3, prop::array::uniform3(0_u8..=2));
        prop::collection::vec(prop::collection::vec(term, 1..4), 1..6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        /// A cell that has a point is never called empty, and a point that is found lies in the cell.
        #[test]
        fn what_has_a_point_is_not_empty(
            systems in polynomials(),
            point in prop::array::uniform3((0_i64..=12, 1_i64..=4)),
        ) {
            let domain = ranges(&[(q(0, 1), q(3, 1)), (q(1, 4), q(3, 1)), (q(-1, 1), q(4, 1))]);
            let point: Vec<BigRational> = point
                .iter()
                .enumerate()
                .map(|(i, (n, d))| q(*n, 4 * d).max(domain.low[i].clone()))
                .collect();
            let signs: Vec<(Polynomial, Ordering)> = systems
                .iter()
                .map(|terms| {
                    let p = terms.iter().fold(Polynomial::default(), |sum, (k, powers)| {
                        let factors = powers.iter().enumerate();
                        let monomial = factors.fold(c(*k, 1), |product, (i, n)| {
                            product.times(&x(i).power(u32::from(*n)))
                        });
                        sum.plus(&monomial)
                    });
                    let sign = p.value(&point).cmp(&BigRational::zero());
                    (p, sign)
                })
                .collect();
            match find(&domain, &signs) {
                Search::Empty => prop_assert!(false, "a point exists: {point:?}"),
                Search::Open => {}
                Search::Point(found) => {
                    for (p, sign) in &signs {
                        prop_assert_eq!(p.value(&found).cmp(&BigRational::zero()), *sign);
                    }
                    for (i, value) in found.iter().enumerate() {
                        prop_assert!(domain.low[i] <= *value && *value <= domain.high[i]);
                    }
                }
            }
            // one of them and its opposite
            let (p, sign) = &signs[0];
            for opposite in [(p.clone(), sign.reverse()), (p.negated(), *sign)] {
                let contradictory = [signs.as_slice(), &[opposite]].concat();
                let found = find(&domain, &contradictory);
                prop_assert!(
                    *sign == Ordering::Equal || !matches!(found, Search::Point(_)),
                    "a point of what has none: {found:?}"
                );
            }
        }
    }
}
