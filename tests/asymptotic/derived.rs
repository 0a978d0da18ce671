//! Derived claims at random points: none refuted, and expansions beside values at huge `T`.

use std::collections::BTreeMap;
use std::path::Path;

use num_rational::BigRational;
use num_traits::ToPrimitive;
use resolvent::check::file::{Claim, read};
use resolvent::decide::assignment::Assignment;
use resolvent::formula::constant::constant;
use resolvent::formula::parse::parse_expression;
use resolvent::formula::scope::Symbol;
use resolvent::number::{Ball, Real};
use resolvent::term::asymptotic::{
    AsymptoticError, GermPoint, decide, eventually, point, quantity,
};
use resolvent::term::evaluate::Evaluator;
use resolvent::term::{Statement, resolve};

use crate::q;

/// A stream of reproducible choices.
struct Choices(u64);

impl Choices {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) % n
    }

    /// A simple fraction of `[low, high]`, ends and whole numbers included now and then.
    fn between(&mut self, low: &BigRational, high: &BigRational) -> BigRational {
        for _ in 0..100 {
            let denominator = [1, 2, 2, 3, 4, 5, 7, 8, 20][self.below(9) as usize];
            let whole = (high * q(denominator, 1))
                .floor()
                .to_integer()
                .to_i64()
                .unwrap();
            let x = q(self.below(whole as u64 + 1) as i64, denominator);
            if x >= *low && x <= *high {
                return x;
            }
        }
        low.clone()
    }
}

fn claims(file: &str) -> Vec<Claim> {
    let path = Path::new("derivations/dohmatob-feng-kempe-2024").join(file);
    read(&path).unwrap().claims
}

/// Random values for the free symbols, fitting the assumptions along the limit.
fn draw(
    claim: &Claim,
    statement: &Statement,
    choices: &mut Choices,
) -> Option<(BTreeMap<String, BigRational>, GermPoint)> {
    'next: for _ in 0..400 {
        let mut symbols = BTreeMap::new();
        for (name, symbol) in &claim.scope.symbols {
            let value = match symbol {
                Symbol::Integer { min, max } => {
                    let (min, max) = (constant(min).unwrap(), constant(max).unwrap());
                    choices.between(&min, &max).ceil().min(max)
                }
                Symbol::Real { min, max, .. } => {
                    choices.between(&constant(min).unwrap(), &constant(max).unwrap())
                }
                Symbol::Defined(_) => continue,
            };
            symbols.insert(name.clone(), value);
        }
        let Ok(along) = point(statement, &symbols, &[]) else {
            continue;
        };
        for assumption in &statement.assumptions {
            if !eventually(statement, assumption, &along).unwrap_or(false) {
                continue 'next;
            }
        }
        return Some((symbols, along));
    }
    None
}

fn asymptotic_claims() -> impl Iterator<Item = Claim> {
    let files = [
        "clean-power-laws.toml",
        "theorem-5.1.toml",
        "corollary-5.2.toml",
        "noisy-regime.toml",
        "spectral-sums.toml",
    ];
    files
        .into_iter()
        .flat_map(claims)
        .filter(|claim| claim.says.op.is_asymptotic())
}

/// What is derived to hold is never refuted, and decided nearly always; what is refuted is refuted somewhere.
#[test]
fn derived_laws_hold_at_every_point() {
    for claim in asymptotic_claims() {
        let statement = resolve(&claim.says, &claim.scope).unwrap();
        let mut choices = Choices(11);
        let (mut yes, mut no, mut open) = (0, 0, 0);
        for _ in 0..12 {
            let Some((symbols, along)) = draw(&claim, &statement, &mut choices) else {
                continue;
            };
            match decide(&statement, &along) {
                Ok(decision) if decision.holds => yes += 1,
                Ok(decision) => {
                    no += 1;
                    assert!(
                        !claim.id.ends_with("-mended"),
                        "{} at {symbols:?}: {decision:?}",
                        claim.id
                    );
                }
                Err(AsymptoticError::Undecided(_)) => open += 1,
                Err(other) => panic!("{} at {symbols:?}: {other}", claim.id),
            }
        }
        println!("{}: {yes} hold, {no} do not, {open} open", claim.id);
        assert!(
            yes + no >= 8 && open <= 2,
            "{}: {yes} {no} {open}",
            claim.id
        );
    }
}

/// Both sides of every claim beside their values at a huge `T`, to what the expansions leave out.
#[test]
fn expansions_match_values_at_huge_samples() {
    let kappa = parse_expression("k").unwrap();
    let mut compared = 0;
    for claim in asymptotic_claims() {
        if claim.says.to_string().contains("in [") {
            continue;
        }
        let statement = resolve(&claim.says, &claim.scope).unwrap();
        let mut choices = Choices(5);
        for _ in 0..25 {
            let Some((symbols, along)) = draw(&claim, &statement, &mut choices) else {
                continue;
            };
            let dimension = along.spectrum.dimension();
            let growth = dimension
                .as_ref()
                .map_or(0.0, |d| d.exponent().unwrap().unwrap().to_f64().unwrap());
            let t = 10_f64.powf(f64::min(12.0, 14.5 / growth.max(1e-9))).round();
            let mut at = Assignment {
                symbols,
                spectrum: Vec::new(),
                negative: Default::default(),
                approximate: false,
            };
            at.symbols
                .insert(along.variable.clone(), BigRational::from_float(t).unwrap());
            let mut rounding = 0.0;
            for (name, _) in &claim.scope.limit.as_ref().unwrap().path {
                let symbol = statement.store.symbol_named(name).unwrap();
                let value = along.symbol(symbol).unwrap().germ().unwrap().evaluate(t);
                at.symbols.insert(
                    name.clone(),
                    BigRational::from_float(value.round()).unwrap(),
                );
                rounding += 20.0 * (value.round() / value - 1.0).abs();
            }
            let Ok(environment) = at.environment::<Ball>(&claim.scope) else {
                continue;
            };
            let evaluator = Evaluator::new(&claim.scope, &environment);
            // a sum over k differs from its expansion by exponentially little in κ^{-1/β}, beyond all powers
            let kappa = evaluator.scalar(&kappa).unwrap().midpoint();
            let beta = at.symbols["beta"].to_f64().unwrap();
            let strip = (std::f64::consts::PI / beta.max(2.0)).sin();
            let beyond =
                1e3 * (-2.0 * std::f64::consts::PI * kappa.powf(-1.0 / beta) * strip).exp();
            let (lhs, rhs) = (statement.claim.lhs, statement.claim.rhs);
            for (side, term) in [(&claim.says.lhs, lhs), (&claim.says.rhs, rhs)] {
                let Ok(germ) = quantity(&statement, term, &along).and_then(|x| x.germ()) else {
                    continue;
                };
                let Ok(value) = evaluator.scalar(side) else {
                    continue;
                };
                let value = value.midpoint();
                let left_out = germ.remainder().map_or(0.0, |order| {
                    let (p, l) = (order.power.to_f64().unwrap(), order.log.to_f64().unwrap());
                    1e3 * t.powf(p) * t.ln().powf(l) / value.abs()
                });
                if left_out + beyond > 1e-3 {
                    continue;
                }
                compared += 1;
                let allowed = 1e-6 + left_out + rounding + beyond;
                assert!(
                    (germ.evaluate(t) - value).abs() <= allowed * value.abs(),
                    "{}: {} at T = {t:e} is {value:e}, not {:e} = {germ} ({:?})",
                    claim.id,
                    side,
                    germ.evaluate(t),
                    at.symbols
                );
            }
        }
    }
    println!("{compared} values compared");
    assert!(compared > 500, "{compared}");
}

/// The least error over the ridge falls with the decided exponent.
#[test]
fn least_values_fall_with_their_exponent() {
    let claim = asymptotic_claims()
        .find(|claim| claim.id == "clean-slow-rate")
        .unwrap();
    for (beta, r) in [(q(2, 1), q(1, 4)), (q(3, 2), q(1, 2)), (q(3, 1), q(3, 2))] {
        let mut symbols: BTreeMap<String, BigRational> = [
            ("beta", beta),
            ("r", r),
            ("ell", q(1, 1)),
            ("sigma", q(1, 1)),
            ("T", q(10, 1)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let statement = resolve(&claim.says, &claim.scope).unwrap();
        let along = point(&statement, &symbols, &[]).unwrap();
        let power = quantity(&statement, statement.claim.lhs, &along)
            .unwrap()
            .magnitude()
            .unwrap()
            .power;
        let mut value = |t: f64| {
            symbols.insert("T".into(), BigRational::from_float(t).unwrap());
            let at = Assignment {
                symbols: symbols.clone(),
                spectrum: Vec::new(),
                negative: Default::default(),
                approximate: false,
            };
            let environment = at.environment::<f64>(&claim.scope).unwrap();
            Evaluator::new(&claim.scope, &environment)
                .scalar(&claim.says.lhs)
                .unwrap()
        };
        let slope = (value(1e12) / value(1e10)).ln() / 100_f64.ln();
        let expected = power.to_f64().unwrap();
        assert!(
            (slope / expected - 1.0).abs() < 0.02,
            "{slope} beside {expected}"
        );
    }
}
