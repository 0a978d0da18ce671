use super::*;
use crate::number::{Precise, special};
use proptest::prelude::*;

type Pair = (&'static str, fn(Model) -> Model, fn(Ball) -> Ball);

const FUNCTIONS: [Pair; 16] = [
    ("reciprocal", |x| Model::one() / x, |x| Ball::one() / x),
    (
        "power",
        |x| x.powf(&Model::from_f64(-1.75)),
        |x| x.powf(&ball(-1.75)),
    ),
    (
        "root",
        |x| (x + Model::one()).sqrt(),
        |x| (x + Ball::one()).sqrt(),
    ),
    ("decay", |x| (-(x.clone() * x)).exp(), |x| (-(x * x)).exp()),
    (
        "mixed",
        |x| Model::one() / (x.clone() * (x + Model::from_f64(3.0))),
        |x| Ball::one() / (x * (x + ball(3.0))),
    ),
    (
        "kink",
        |x| (x - Model::from_f64(20.0)).greater(&Model::zero()),
        |x| (x - ball(20.0)).greater(&Ball::zero()),
    ),
    (
        "size",
        |x| (x - Model::from_f64(20.0)).abs(),
        |x| (x - ball(20.0)).abs(),
    ),
    ("cube", |x| x.powi(3), |x| x.powi(3)),
    (
        "logarithm",
        |x| (x + Model::one()).ln(),
        |x| (x + Ball::one()).ln(),
    ),
    (
        "slope",
        |x| (Model::from_f64(0.03) * x).exp(),
        |x| (ball(0.03) * x).exp(),
    ),
    // Of a power law, with a ridge.
    (
        "shrunk",
        |x| {
            (Model::one() + Model::from_f64(300.0) * x.powf(&Model::from_f64(-1.3)))
                .powf(&Model::from_f64(2.6))
        },
        |x| (Ball::one() + ball(300.0) * x.powf(&ball(-1.3))).powf(&ball(2.6)),
    ),
    (
        "kept",
        |x| (Model::from_f64(-7.0) * x.powf(&Model::from_f64(-1.3))).exp(),
        |x| (ball(-7.0) * x.powf(&ball(-1.3))).exp(),
    ),
    (
        "learnt",
        |x| {
            (Model::from_f64(-7.0) * x.powf(&Model::from_f64(-1.3)))
                .exp_m1()
                .powi(2)
        },
        |x| (ball(-7.0) * x.powf(&ball(-1.3))).exp_m1().powi(2),
    ),
    (
        "entropy",
        |x| (Model::from_f64(0.4) * x.powf(&Model::from_f64(-1.3))).ln_1p(),
        |x| (ball(0.4) * x.powf(&ball(-1.3))).ln_1p(),
    ),
    (
        "two powers",
        |x| {
            let s = x.powf(&Model::from_f64(-1.3));
            s.exp_m1() + s.ln_1p() - x.powf(&Model::from_f64(-0.7)) * s
        },
        |x| {
            let s = x.powf(&ball(-1.3));
            s.exp_m1() + s.ln_1p() - x.powf(&ball(-0.7)) * s
        },
    ),
    (
        "steep",
        |x| (x + Model::one()).powf(&Model::from_f64(7.5)),
        |x| (x + Ball::one()).powf(&ball(7.5)),
    ),
];

/// As wide a block as has a series at all is still known to many digits.
#[test]
fn series_are_sharp() {
    for (name, model, _) in FUNCTIONS {
        if ["kink", "size", "decay", "mixed"].contains(&name) {
            continue;
        }
        let found = model(Model::block(50.0, 80.0));
        let share = found.rest / above(found.values());
        assert!(share < 1e-8, "{name}: {share:e}");
    }
}

fn value_at(model: &Model, v: f64) -> Ball {
    let mut sum = Ball::zero().widened(model.rest);
    for (n, c) in model.terms.iter().enumerate() {
        sum = sum + *c * ball(v).powf(&(model.step.value() * ball(n as f64)));
    }
    if model.is_plain() {
        sum
    } else {
        sum * ball(v).powf(&model.power)
    }
}

fn meets(a: Ball, b: Ball) -> bool {
    let gap = a - b;
    !gap.is_finite() || gap.midpoint().abs() <= gap.radius()
}

proptest! {
    #[test]
    fn models_hold_the_function(from in 0.5f64..60.0, length in 0.0f64..30.0, v in 0.01f64..1.0, side in prop::bool::ANY) {
        for (name, model, exact) in FUNCTIONS {
            let block = Model::block(from, from + length);
            let v_block = if side { v } else { -v };
            let x = value_at(&block, v_block);
            prop_assert!(meets(value_at(&model(block), v_block), exact(x)), "{name} on a block");
            let tail = Model::tail(from);
            let x = value_at(&tail, v);
            prop_assert!(meets(value_at(&model(tail), v), exact(x)), "{name} on a tail");
        }
    }

    #[test]
    fn sums_hold_the_sum(from in 1u32..80, count in 2u32..60) {
        for (name, model, exact) in FUNCTIONS {
            let (a, b) = (f64::from(from), f64::from(from + count - 1));
            let sum = (from..from + count).fold(Ball::zero(), |s, i| s + exact(ball(f64::from(i))));
            let found = model(Model::block(a, b)).block_sum(f64::from(count));
            prop_assert!(meets(found, sum), "{name}: {found:?} {sum:?}");
        }
    }
}

/// `Σ_{i ≥ 100} 1/(i(i+1)) = 1/100`, and `Σ_{i ≥ 200} i^{-2}` is a Hurwitz ζ.
#[test]
fn tails_are_summed() {
    let x = Model::tail(100.0);
    let sum = (Model::one() / (x.clone() * (x + Model::one())))
        .tail_sum(100.0)
        .unwrap();
    let gap = sum - Ball::one() / ball(100.0);
    assert!(
        meets(sum, Ball::one() / ball(100.0)) && gap.radius() < 1e-26,
        "{sum:?}"
    );
    let square = Model::tail(200.0).powi(-2).tail_sum(200.0).unwrap();
    let zeta = special::hurwitz(&Precise::integer(2), &Precise::integer(200));
    assert!(meets(square, Ball::from_precise(&zeta)) && square.radius() < 1e-26);
    assert!(
        Model::tail(200.0).powi(-1).tail_sum(200.0).is_none(),
        "the harmonic series"
    );
    let nothing = (Model::tail(200.0) - Model::from_f64(50.0)).order(&Model::zero());
    assert_eq!(nothing, Some(Ordering::Greater));
}

/// `Σ_{i ≥ 100} (1 − e^{−x})²`, `x = i^{−3/2}`, beside `Σ_m (−1)^m (2^m − 2)/m! ζ(3m/2, 100)`.
#[test]
fn what_is_left_of_one_is_summed_in_its_own_powers() {
    let x = -Model::tail(100.0).powf(&Model::from_f64(-1.5));
    let sum = (x.exp_m1() * x.exp_m1()).tail_sum(100.0).unwrap();
    let (mut exact, mut factor) = (Precise::integer(0), Precise::integer(1));
    for m in 1..24i64 {
        factor = factor / Precise::integer(-m);
        let power = Precise::integer(3 * m) / Precise::integer(2);
        let weight = Precise::integer((1 << m) - 2) * factor.clone();
        exact = exact + weight * special::hurwitz(&power, &Precise::integer(100));
    }
    assert!(sum.radius() < 1e-26, "{sum:?}");
    assert!(meets(sum, Ball::from_precise(&exact).widened(1e-60)));
    let log = (-x).ln_1p().tail_sum(100.0).unwrap();
    let beside = Model::tail(100.0)
        .powf(&Model::from_f64(-1.5))
        .tail_sum(100.0);
    assert!(log.radius() < 1e-24 && log.midpoint() < beside.unwrap().midpoint());
}
