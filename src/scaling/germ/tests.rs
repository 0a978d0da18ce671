//! Laws of arithmetic on germs, and germs beside the numbers they stand for.

use num_rational::BigRational;
use num_traits::ToPrimitive;
use proptest::prelude::*;

use super::detail::MAX_TERMS;
use super::*;

fn rational() -> impl Strategy<Value = BigRational> {
    (-12_i64..=12, 1_i64..=6).prop_map(|(n, d)| BigRational::new(n.into(), d.into()))
}

fn positive_rational() -> impl Strategy<Value = BigRational> {
    (1_i64..=12, 1_i64..=6).prop_map(|(n, d)| BigRational::new(n.into(), d.into()))
}

/// Up to three exact terms with distinct orders, some with logarithms.
fn germ() -> impl Strategy<Value = Germ> {
    proptest::collection::vec((rational(), rational(), 0_i64..=1), 1..=3).prop_map(|terms| {
        terms
            .into_iter()
            .fold(Germ::zero(), |sum, (c, power, log)| {
                let order = Order::new(power, BigRational::from_integer(log.into()));
                &sum + &Germ::term(Coefficient::rational(c), order)
            })
    })
}

/// Eventually positive.
fn positive_germ() -> impl Strategy<Value = Germ> {
    germ().prop_filter_map("zero", |g| match g.sign() {
        Ok(1) => Some(g),
        Ok(-1) => Some(-&g),
        _ => None,
    })
}

/// Where one expansion knows a term the other does not contradict it.
fn consistent(a: &Germ, b: &Germ) -> bool {
    let difference = a - b;
    difference.terms().iter().all(|term| {
        // what the errors allow, with room for what was lost when terms were multiplied apart
        term.coefficient.value().abs() <= 4.0 * term.coefficient.error()
    })
}

proptest! {
    #[test]
    fn sums_and_products_commute_and_distribute(a in germ(), b in germ(), c in germ()) {
        prop_assert_eq!(&a + &b, &b + &a);
        prop_assert_eq!(&a * &b, &b * &a);
        prop_assert!(consistent(&(&a * &(&b + &c)), &(&(&a * &b) + &(&a * &c))));
        prop_assert!((&a - &a).is_zero());
    }

    #[test]
    fn a_quotient_times_its_divisor_is_the_dividend(a in germ(), b in positive_germ()) {
        let back = &a.div(&b).unwrap() * &b;
        prop_assert!(consistent(&back, &a));
        if let (Some(kept), Some(all)) = (back.order_bound(), a.order_bound()) {
            prop_assert_eq!(kept, all);
        }
    }

    #[test]
    fn powers_add_and_undo_each_other(a in positive_germ(), s in positive_rational(), t in rational()) {
        let product = &a.powr(&s).unwrap() * &a.powr(&t).unwrap();
        prop_assert!(consistent(&product, &a.powr(&(&s + &t)).unwrap()));
        let back = a.powr(&s).unwrap().powr(&s.recip()).unwrap();
        prop_assert!(consistent(&back, &a));
        prop_assert_eq!(
            back.exponent().unwrap(),
            a.exponent().unwrap()
        );
    }

    #[test]
    fn the_logarithm_of_a_product_is_the_sum(c in positive_rational(), d in positive_rational(),
                                            s in rational(), t in rational()) {
        let make = |c: &BigRational, s: &BigRational| {
            &Germ::rational(c.clone()) * &(&Germ::power_of_variable(s.clone())
                + &Germ::power_of_variable(s - BigRational::one()))
        };
        let (a, b) = (make(&c, &s), make(&d, &t));
        prop_assert!(consistent(&(&a * &b).ln().unwrap(), &(&a.ln().unwrap() + &b.ln().unwrap())));
        prop_assert!(consistent(&a.ln().unwrap().exp().unwrap(), &a));
    }

    /// The expansion of a function of a germ, at a finite T, beside the function of the value: they may
    /// differ by what the remainder allows, with a constant that is not tuned.
    #[test]
    fn expansions_have_the_value_of_what_they_expand(
        a in positive_germ(), b in positive_germ(), s in rational(),
    ) {
        let t = 1e12_f64;
        let (x, y) = (a.evaluate(t), b.evaluate(t));
        // only where the leading terms have taken over
        let settled = |g: &Germ| g.tail().evaluate(t).abs() < 1e-2 * g.leading_part().unwrap().evaluate(t);
        prop_assume!(settled(&a) && settled(&b) && x > 0.0 && y > 0.0);
        let has_logs = |g: &Germ| g.terms().iter().any(|term| !term.order.log.is_zero());
        let logs = if has_logs(&a) || has_logs(&b) { MAX_TERMS as f64 } else { 0.0 };
        let close = |g: &Germ, exact: f64| {
            // Terms beyond the remainder have lower powers of T, but maybe higher ones of ln T, and at this T those are
            // not smaller yet.
            let size = |order: &Order| {
                let log = order.log.to_f64().unwrap().max(0.0);
                t.powf(order.power.to_f64().unwrap()) * t.ln().powf(log + logs)
            };
            let unknown = g.remainder().map_or(0.0, size);
            // The remainder's coefficient is about as large as those that are kept.
            let sizes = g.terms().iter().map(|term| term.coefficient.value().abs());
            let scale = sizes.fold(1.0, f64::max);
            (g.evaluate(t) - exact).abs() <= 1e4 * scale * unknown + 1e-11 * exact.abs()
        };
        prop_assert!(close(&(&a + &b), x + y));
        prop_assert!(close(&(&a * &b), x * y));
        prop_assert!(close(&a.div(&b).unwrap(), x / y));
        let power = x.powf(s.to_f64().unwrap());
        // neither this nor its powers of T and ln T apart overflow
        if (1e-250..1e250).contains(&power) {
            prop_assert!(close(&a.powr(&s).unwrap(), power));
        }
        // which of the two is smaller is settled only where they differ, and logarithms have had their time
        if (x / y).ln().abs() > 1.0 && x.partial_cmp(&y) == Some(a.compare(&b).unwrap()) {
            prop_assert!(close(&a.min(&b).unwrap(), x.min(y)));
        }
    }

    #[test]
    fn comparison_is_that_of_large_values(a in germ(), b in germ()) {
        let order = a.compare(&b).unwrap();
        prop_assert_eq!(order.reverse(), b.compare(&a).unwrap());
        prop_assert_eq!(order == Ordering::Equal, a == b);
        let difference = &a - &b;
        if let Some(term) = difference.leading().unwrap() {
            prop_assert_eq!(order == Ordering::Greater, term.coefficient.value() > 0.0);
            prop_assert_eq!(a.max(&b).unwrap(), if order == Ordering::Greater { a } else { b });
        }
    }
}

#[test]
fn what_cancels_is_undecided_and_not_guessed() {
    // A root in closed form is known to square to 2; a number near it is not.
    let sqrt2 = Germ::integer(2).sqrt().unwrap();
    assert!((&(&sqrt2 * &sqrt2) - &Germ::integer(2)).is_zero());
    let near = Germ::approximate(2f64.sqrt(), 1e-15);
    let difference = &(&near * &near) - &Germ::integer(2);
    assert!(matches!(
        difference.leading(),
        Err(GermError::Undecided { .. })
    ));
    assert!(difference.recip().is_err());
    // but the next term survives beside it
    let t = Germ::variable();
    let sum = &(&difference * &t) + &t.powr(&BigRational::from_integer(2.into())).unwrap();
    assert_eq!(
        sum.exponent().unwrap(),
        Some(BigRational::from_integer(2.into()))
    );
    // √4 is exact
    assert_eq!(Germ::integer(4).sqrt().unwrap(), Germ::integer(2));
}

#[test]
fn a_logarithm_is_not_bounded_and_a_small_power_is_seen() {
    let log = Germ::log_of_variable();
    let one = Germ::integer(1);
    assert_eq!(log.ratio_to(&one).unwrap(), Ratio::Grows);
    assert_eq!(log.limit().unwrap(), Limit::PlusInfinity);
    let slow = Germ::power_of_variable(BigRational::new(3.into(), 1000.into()));
    assert_eq!(slow.ratio_to(&one).unwrap(), Ratio::Grows);
    assert_eq!(slow.ratio_to(&log).unwrap(), Ratio::Grows);
    assert_eq!(log.ratio_to(&slow).unwrap(), Ratio::Vanishes);
}

#[test]
fn exponentials_are_powers_or_nothing() {
    let log = Germ::log_of_variable();
    let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
    assert_eq!(
        log.scale(&half).exp().unwrap().exponent().unwrap(),
        Some(BigRational::new(1.into(), 2.into()))
    );
    assert!(Germ::variable().exp().is_err());
    assert!((&log * &log).exp().is_err());
    assert!(Germ::zero().ln().is_err());
    assert!(Germ::integer(-1).ln().is_err());
    assert!(Germ::integer(-1).sqrt().is_err());
    assert_eq!(Germ::zero().recip(), Err(GermError::DivisionByZero));
}

#[test]
fn numbers_that_are_not_finite_decide_nothing() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let germ = Germ::approximate(bad, 0.0);
        assert!(germ.sign().is_err(), "{bad}");
        assert!((&germ * &Germ::integer(0)).is_zero());
        assert!((&germ + &Germ::integer(1)).sign().is_err());
    }
}
