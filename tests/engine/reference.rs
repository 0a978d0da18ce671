//! `fixtures/reference/engine.json`: 25 digits by mpmath, made by `engine.py` beside it.

use resolvent::equivalent::{Chain, Fit, degrees, df, kappa};
use resolvent::spectrum::{Spectrum, Target};
use serde_json::Value;

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../fixtures/reference/engine.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// Doubles are text in the file, since `serde_json` may round them wrongly.
fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some(text) => text.parse().unwrap(),
        None => value.as_u64().unwrap() as f64,
    }
}

fn spectrum(value: &Value) -> Spectrum {
    match value["power"].as_i64() {
        Some(power) => {
            let d = value["d"].as_u64().unwrap();
            let value = |k: u64| 1.0 / k.pow(power as u32) as f64;
            Spectrum::from_eigenvalues((1..=d).map(value).collect()).unwrap()
        }
        None => {
            Spectrum::atoms(numbers(&value["values"]), numbers(&value["multiplicities"])).unwrap()
        }
    }
}

fn relative(got: f64, expected: f64) -> f64 {
    if got == expected {
        0.0
    } else {
        ((got - expected) / expected).abs()
    }
}

#[test]
fn kappa_and_degrees_of_freedom() {
    let fixture = fixture();
    let cases = fixture["kappas"].as_array().unwrap();
    assert!(cases.len() > 100);
    for case in cases {
        let sigma = spectrum(&case["spectrum"]);
        let k = kappa(&sigma, number(&case["lambda"]), number(&case["samples"])).unwrap();
        let at = degrees(&sigma, number(&case["kappa"])).unwrap();
        for (name, got) in [
            ("kappa", k.value),
            ("df1", k.df1),
            ("df2", k.df2),
            ("gap", k.gap),
            ("df1", at.df1),
            ("df2", at.df2),
            ("complement", at.complement),
            ("difference", at.difference),
            (
                "df1",
                df(&sigma, 1.0, number(&case["kappa"])).unwrap().value,
            ),
        ] {
            let expected = number(&case[name]);
            assert!(
                relative(got, expected) < 1e-14,
                "{name} = {got:e}, not {expected:e}, in {case}"
            );
        }
        assert!(
            k.relative_error <= 1.1e-13 && k.passes <= 16,
            "{k:?} in {case}"
        );
    }
}

#[test]
fn chains() {
    let fixture = fixture();
    let cases = fixture["chains"].as_array().unwrap();
    assert!(cases.len() >= 8);
    for case in cases {
        let mut fits: Vec<Fit> = case["fits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fit| {
                let fit = numbers(fit);
                Fit {
                    samples: fit[0],
                    noise: fit[1],
                    ridge: fit[2],
                }
            })
            .collect();
        let downstream = fits.pop().unwrap();
        let chain = Chain {
            generations: fits,
            downstream,
        };
        let target = Target::Masses(numbers(&case["masses"]));
        let prediction = chain
            .predict(&spectrum(&case["spectrum"]), &target)
            .unwrap();
        for (name, got) in [
            ("bias", prediction.bias),
            ("variance", prediction.variance),
            ("synthetic", prediction.synthetic),
        ] {
            let expected = number(&case[name]);
            assert!(
                relative(got, expected) < 4e-14,
                "{name} = {got:e}, not {expected:e} ({:e}), in {case}",
                relative(got, expected)
            );
        }
        assert!(prediction.relative_error < 1e-11);
    }
}
