//! As FLINT tests its own: random balls, random points inside, and the function of the point, at higher
//! precision, inside the function of the ball.

use super::*;
use crate::number::{Ball, Real, parse_decimal, special};
use proptest::prelude::*;

fn decimal(text: &str) -> Precise {
    Precise::from_rational(&parse_decimal(text).unwrap())
}

/// Whether `outer` reaches `inner`, a ball so small that it stands for a point.
fn holds(outer: &Precise, inner: &Precise) -> bool {
    if !outer.is_finite() {
        return true;
    }
    with_precision(2048, || {
        let at_least = |a: &Precise, b: &Precise| a.order(b) != Some(Ordering::Less);
        let low = Precise::exact(outer.midpoint.clone()) - outer.radius_above();
        let high = Precise::exact(outer.midpoint.clone()) + outer.radius_above();
        at_least(&inner.upper(), &low) && at_least(&high, &inner.lower())
    })
}

/// A ball of any size and width, and a point in it without error.
fn ball() -> impl Strategy<Value = (Precise, Precise)> {
    let midpoint = (
        any::<i64>(),
        prop_oneof![-80i64..20, -4000i64..4000, -100_000i64..100_000],
    );
    let radius = prop_oneof![
        Just(None),
        (-200i64..4).prop_map(Some),
        (-12i64..6).prop_map(Some)
    ];
    (midpoint, radius, -1.0f64..=1.0).prop_map(|((mantissa, exponent), radius, place)| {
        let center = Precise::integer(mantissa) * Precise::power_of_two(exponent - 63);
        let Some(relative) = radius else {
            return (center.clone(), center);
        };
        let size = Precise::power_of_two(exponent - 1 + relative);
        let point = with_precision(512, || {
            center.clone() + Precise::from_f64(place) * size.clone()
        });
        (center.widened_by(&size), point)
    })
}

fn check(name: &str, ball: &Precise, point: &Precise) -> Result<(), TestCaseError> {
    prop_assert!(
        holds(ball, point),
        "{name}: {ball:?} does not hold {point:?}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn arithmetic_holds_its_points((a, x) in ball(), (b, y) in ball(), bits in 40usize..200) {
        let operations: [(&str, fn(Precise, Precise) -> Precise); 6] = [
            ("sum", |a, b| a + b),
            ("difference", |a, b| a - b),
            ("product", |a, b| a * b),
            ("quotient", |a, b| a / b),
            ("lesser", |a, b| a.lesser(&b)),
            ("greater", |a, b| a.greater(&b)),
        ];
        for (name, operation) in operations {
            let outer = with_precision(bits, || operation(a.clone(), b.clone()));
            let inner = with_precision(512, || operation(x.clone(), y.clone()));
            check(name, &outer, &inner)?;
        }
        let hull = with_precision(bits, || Precise::between(&a, &b));
        check("hull", &hull, &x)?;
        check("hull", &hull, &y)?;
        if let Some(order) = with_precision(bits, || a.order(&b)) {
            prop_assert_eq!(x.order(&y), Some(order));
        }
    }

    #[test]
    fn functions_hold_their_points((a, x) in ball(), bits in 40usize..200, n in -9i64..9) {
        let functions: [(&str, fn(&Precise) -> Precise); 5] = [
            ("root", |a| Real::sqrt(a)),
            ("exponential", |a| Real::exp(a)),
            ("logarithm", |a| Real::ln(a)),
            ("absolute value", |a| Real::abs(a)),
            ("sine", |a| a.sin_pi()),
        ];
        for (name, function) in functions {
            let outer = with_precision(bits, || function(&a));
            let inner = with_precision(512, || function(&x));
            if inner.is_finite() {
                check(name, &outer, &inner)?;
            }
        }
        let outer = with_precision(bits, || a.powi(n));
        let inner = with_precision(512, || x.powi(n));
        if inner.is_finite() {
            check("power", &outer, &inner)?;
        }
    }

    #[test]
    fn powers_hold_their_points((a, x) in ball(), (b, y) in ball(), bits in 40usize..160) {
        let outer = with_precision(bits, || a.powf(&b));
        let inner = with_precision(512, || x.powf(&y));
        if inner.is_finite() {
            check("power", &outer, &inner)?;
        }
    }

    #[test]
    fn a_filter_in_double_double_holds_too((a, x) in ball(), (b, y) in ball()) {
        let (p, q) = (Ball::from_precise(&a), Ball::from_precise(&b));
        check("conversion", &p.to_precise(), &x)?;
        let operations: [(&str, fn(Ball, Ball) -> Ball, fn(Precise, Precise) -> Precise); 9] = [
            ("sum", |a, b| a + b, |a, b| a + b),
            ("difference", |a, b| a - b, |a, b| a - b),
            ("product", |a, b| a * b, |a, b| a * b),
            ("quotient", |a, b| a / b, |a, b| a / b),
            ("lesser", |a, b| a.lesser(&b), |a, b| a.lesser(&b)),
            ("root", |a, _| a.sqrt(), |a, _| a.sqrt()),
            ("exponential", |a, _| a.exp(), |a, _| a.exp()),
            ("logarithm", |a, _| a.ln(), |a, _| a.ln()),
            ("cube", |a, _| a.powi(-3), |a, _| a.powi(-3)),
        ];
        for (name, fast, slow) in operations {
            let outer = fast(p, q).to_precise();
            let inner = with_precision(512, || slow(x.clone(), y.clone()));
            if inner.is_finite() {
                check(name, &outer, &inner)?;
            }
        }
        if let Some(order) = p.order(&q) {
            prop_assert_eq!(x.order(&y), Some(order));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn special_functions_hold_their_points(a in -20.0f64..40.0, radius in -60i32..-8, place in -1.0f64..1.0) {
        let width = 2f64.powi(radius);
        let outer = Precise::from_f64(a).widened(width);
        let x = with_precision(256, || Precise::from_f64(a) + Precise::from_f64(place * width));
        let functions: [(&str, fn(&Precise) -> Precise); 4] = [
            ("gamma", special::gamma),
            ("log gamma", special::log_gamma),
            ("digamma", special::digamma),
            ("zeta", special::zeta),
        ];
        for (name, function) in functions {
            let inner = with_precision(256, || function(&x));
            if inner.is_finite() {
                check(name, &function(&outer), &inner)?;
            }
        }
    }
}

#[test]
fn what_is_small_is_not_zero() {
    let tiny = decimal("1e-400");
    assert_eq!(tiny.sign(), Some(Ordering::Greater));
    assert_eq!(tiny.order(&decimal("2e-400")), Some(Ordering::Less));
    assert!(tiny.midpoint() > 0.0);
    let far = tiny.powi(1000);
    assert_eq!(far.sign(), Some(Ordering::Greater), "1e-400000");
    assert_eq!(tiny.powi(5).to_decimal(5).unwrap(), "1.0000e-2000");
    let power = Precise::integer(-800).exp();
    assert_eq!(power.sign(), Some(Ordering::Greater));
    let sum = with_precision(1400, || Precise::integer(1) + decimal("1e-330"));
    assert_eq!(sum.order(&Precise::integer(1)), Some(Ordering::Greater));
    // Beyond the stated limit nothing is claimed, and least of all zero.
    let lost = Precise::integer(2).powf(&-Precise::from_f64(1e300));
    assert_eq!(lost.sign(), None);
    assert!(lost.is_finite() && !lost.is_zero());
    assert!(
        !Precise::integer(2)
            .powf(&Precise::from_f64(1e300))
            .is_finite()
    );
}

#[test]
fn cancellation_shows_and_precision_mends_it() {
    let question = || {
        let (a, b) = (
            Precise::integer(10).powi(50),
            Precise::integer(1) / Precise::integer(3),
        );
        ((a.clone() + b.clone()) - a - b).sign()
    };
    assert_eq!(question(), None);
    let near = || (Precise::integer(1) + decimal("1e-90") - Precise::integer(1)).sign();
    assert_eq!(near(), None);
    assert_eq!(with_precision(400, near), Some(Ordering::Greater));
}

#[test]
fn decimals_are_printed_only_where_they_are_certain() {
    let third = Precise::integer(1) / Precise::integer(3);
    assert_eq!(third.to_decimal(5).unwrap(), "3.3333e-1");
    assert_eq!(third.to_decimal(60), None);
    assert_eq!(decimal("99999.96").to_decimal(6).unwrap(), "1.00000e5");
    assert_eq!(decimal("0.5").widened(0.01).to_decimal(3), None);
    assert_eq!(Precise::integer(-1250).to_decimal(2).unwrap(), "-1.3e3");
    assert_eq!(Precise::unknown().to_decimal(3), None);
}

#[test]
fn whole_numbers_and_floors() {
    assert_eq!(Precise::integer(7).to_whole(), Some(7));
    assert_eq!(decimal("7.5").to_whole(), None);
    assert_eq!(Precise::integer(7).widened(1e-30).to_whole(), None);
    assert_eq!(decimal("-7.5").floor(), Some((-8).into()));
    assert_eq!(Precise::integer(7).widened(1e-30).floor(), None);
    assert_eq!(Ball::from_f64(2.5).rounded_down().unwrap().midpoint(), 2.0);
}

/// Values by Arb; see `fixtures/reference/special.py`.
#[test]
fn functions_agree_with_another_library_to_fifty_digits() {
    let table = include_str!("../../../fixtures/reference/special.csv");
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let [function, x, a, reference] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let agree = with_precision(200, || {
            let number = |text: &str| with_precision(400, || big_decimal(text));
            let x = number(x);
            let value = match function {
                "exp" => x.exp(),
                "ln" => x.ln(),
                "sqrt" => x.sqrt(),
                "gamma" => special::gamma(&x),
                "log_gamma" => special::log_gamma(&x),
                "digamma" => special::digamma(&x),
                "zeta" => special::zeta(&x),
                "sin_pi" => x.sin_pi(),
                "hurwitz" => special::hurwitz(&x, &number(a)),
                "power" => x.powf(&number(a)),
                other => panic!("{other}"),
            };
            let reference = number(reference);
            let gap = value.clone() - reference.clone();
            // The reference is rounded at its sixtieth digit.
            let slack = reference.clone() * big_decimal("1e-59");
            assert!(gap.widened_by(&slack).may_vanish(), "{line}: {value:?}");
            gap.size().order(&(reference.size() * big_decimal("1e-50"))) != Some(Ordering::Greater)
        });
        assert!(agree, "{line}");
        rows += 1;
    }
    assert!(rows > 60);
}

/// Decimals of any exponent.
fn big_decimal(text: &str) -> Precise {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    decimal(mantissa) * Precise::integer(10).powi(exponent.parse().unwrap())
}
