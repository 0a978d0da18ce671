//! Algebra against generated identities: true ones by sound rewriting of random expressions, false ones by one edit
//! that numbers see. No false one may be proved, and true ones should be.

#[path = "exact/draws.rs"]
mod draws;
#[path = "exact/random.rs"]
mod random;
#[path = "exact/scalars.rs"]
mod scalars;

use std::time::{Duration, Instant};

use random::Random;
use resolvent::decide::exact::prove;
use resolvent::formula::parse::{parse_expression, parse_relation};
use resolvent::formula::scope::{Law, RandomObject, Scale, Scope, Symbol};
use resolvent::term::resolve;

/// The symbols of every generated claim.
fn scope() -> Scope {
    let number = |text: &str| parse_expression(text).unwrap();
    let mut scope = Scope::default();
    for (name, min, max) in [("d", "1", "400"), ("T", "1", "4000")] {
        let (min, max) = (number(min), number(max));
        scope
            .symbols
            .push((name.into(), Symbol::Integer { min, max }));
    }
    for (name, min, max) in [
        ("lambda", "1/1000", "10"),
        ("a", "1/10", "10"),
        ("b", "1/10", "10"),
        ("x", "-2", "2"),
    ] {
        scope.symbols.push((
            name.into(),
            Symbol::Real {
                min: number(min),
                max: number(max),
                scale: Scale::Linear,
            },
        ));
    }
    scope
        .symbols
        .push(("k".into(), Symbol::Defined(number("kappa(lambda, T)"))));
    let design = |rows: &str| RandomObject {
        law: Law::Design { rows: number(rows) },
        count: None,
    };
    scope.random.push(("X".into(), design("T")));
    scope.random.push((
        "E".into(),
        RandomObject {
            law: Law::Noise {
                length: number("T"),
                sd: number("1"),
            },
            count: None,
        },
    ));
    scope
}

/// Whether algebra proves a claim, and how long it takes.
fn decided(says: &str, scope: &Scope) -> (bool, Duration) {
    let says = parse_relation(says).unwrap_or_else(|e| panic!("{says}: {e:?}"));
    let start = Instant::now();
    let statement = resolve(&says, scope).unwrap_or_else(|e| panic!("{e:?}"));
    let proved = prove(&statement).is_ok();
    (proved, start.elapsed())
}

/// `count` identities and as many with one edit.
fn examine(count: usize, seed: u64) {
    let scope = scope();
    let mut random = Random::new(seed);
    let mut times = Vec::new();
    let (mut proved, mut silent) = (0, Vec::new());
    for i in 0..count {
        let (truth, falsehood) = if i % 4 == 3 {
            draws::pair(&mut random)
        } else {
            scalars::pair(&mut random)
        };
        let (yes, time) = decided(&truth, &scope);
        times.push(time);
        if yes {
            proved += 1;
        } else {
            silent.push(truth);
        }
        let (wrong, time) = decided(&falsehood, &scope);
        times.push(time);
        assert!(!wrong, "a false identity is proved: {falsehood}");
    }
    times.sort_unstable();
    let median = times[times.len() / 2];
    let most = times[times.len() - 1];
    eprintln!("{proved} of {count} true identities proved; median {median:?}, longest {most:?}");
    for truth in silent.iter().take(5) {
        eprintln!("not proved: {truth}");
    }
    assert!(proved * 100 >= count * 95, "{proved} of {count}");
}

#[test]
fn generated_identities_are_told_from_edited_ones() {
    examine(120, 1);
}

/// The whole thousand; times mean something in release.
#[test]
#[ignore = "times mean something in release"]
fn a_thousand_generated_identities_and_a_thousand_edited_ones() {
    examine(1000, 2);
}
