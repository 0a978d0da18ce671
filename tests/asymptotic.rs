//! Relations of limits decided symbolically, beside the same formulas evaluated at huge `T`.

#[path = "asymptotic/constants.rs"]
mod constants;
#[path = "asymptotic/derived.rs"]
mod derived;

use std::collections::BTreeMap;
use std::path::Path;

use num_rational::BigRational;
use resolvent::check::file::read_text;
use resolvent::formula::constant::constant;
use resolvent::formula::scope::Symbol;
use resolvent::term::asymptotic::{AsymptoticError, LevelShare, decide, point};
use resolvent::term::resolve;

fn q(n: i64, d: i64) -> BigRational {
    BigRational::new(n.into(), d.into())
}

/// `Some(holds)`, or `None` where the answer is left open.
fn verdict(setting: &str, says: &str, levels: &[LevelShare]) -> Option<bool> {
    let text = format!(
        "{setting}\n[limit]\nvariable = \"T\"\n{}\n[[claim]]\nid = \"claim\"\nsays = \"{says}\"\n",
        if setting.contains("d = {") {
            "path = { d = \"f*T^q\" }"
        } else {
            ""
        }
    );
    let file = read_text(Path::new("test.toml"), &text).unwrap_or_else(|e| panic!("{text}\n{e:?}"));
    let claim = &file.claims[0];
    let mut symbols = BTreeMap::new();
    for (name, symbol) in &claim.scope.symbols {
        if let Symbol::Integer { min, .. } | Symbol::Real { min, .. } = symbol {
            symbols.insert(name.clone(), constant(min).unwrap());
        }
    }
    let statement = resolve(&claim.says, &claim.scope).unwrap();
    let along = point(&statement, &symbols, levels).unwrap();
    match decide(&statement, &along) {
        Ok(decision) => Some(decision.holds),
        Err(AsymptoticError::Undecided(_)) => None,
        Err(other) => panic!("{says}: {other}"),
    }
}

fn infinite(beta: &str, r: &str) -> String {
    format!(
        "[setting]\nspectrum = {{ kind = \"power-law\", beta = \"{beta}\" }}\n\
         target = {{ kind = \"source\", r = \"{r}\" }}\nd = \"inf\"\n\
         [symbols]\nT = {{ integer = [10, 1000] }}\nk = \"1/T\"\n\
         [define]\nB = \"k^2*(w0'*Sigma*(Sigma + k*I)^-2*w0)\"\n"
    )
}

/// What two expansions leave out may differ: they are not the same number.
#[test]
fn equal_expansions_are_not_equal_numbers() {
    let setting = infinite("2", "1");
    for says in [
        "if(kappa(0, T) = kappa(0, T + T^-90), 1, 2) -> 1",
        "df(2, kappa(0, T)) - df(2, kappa(0, T + T^-90)) -> 0",
        "tr(Sigma*((Sigma + kappa(0, T)*I)*inv(Sigma + kappa(0, T + T^-90)*I) - I)) -> 0",
    ] {
        assert_ne!(verdict(&setting, says, &[]), Some(false), "{says}");
    }
    assert_eq!(
        verdict(
            &setting,
            "if(kappa(0, T) = kappa(0, T + T^-90), 1, 2) -> 1",
            &[]
        ),
        None
    );
    assert_eq!(
        verdict(&setting, "if(kappa(0, T) = kappa(0, T), 1, 2) -> 1", &[]),
        Some(true)
    );
}

/// `phi = d/T` keeps its value at the base point while `d = phi*T` follows `T`, and so on down the path.
#[test]
fn ratios_on_the_path_keep_their_base_value() {
    let text = r#"
        [setting]
        spectrum = "isotropic"
        [symbols]
        d    = { integer = [2, 400] }
        T    = { integer = [2, 4000] }
        T0   = { integer = [2, 4000] }
        phi  = "d/T"
        phi0 = "d/T0"
        [limit]
        variable = "T"
        path     = { d = "phi*T", T0 = "d/phi0" }
        [[claim]]
        id   = "ratio"
        says = "phi + T0/T -> 7/4"
    "#;
    let file = read_text(Path::new("test.toml"), text).unwrap();
    let claim = &file.claims[0];
    let symbols = [("d", 100), ("T", 400), ("T0", 600)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), q(value, 1)))
        .collect();
    let statement = resolve(&claim.says, &claim.scope).unwrap();
    let along = point(&statement, &symbols, &[]).unwrap();
    assert!(decide(&statement, &along).unwrap().holds);
    let d = statement.store.symbol_named("d").unwrap();
    let d = along.symbol(d).unwrap().germ().unwrap();
    assert_eq!(d.to_string(), "(1/4) T");
}

/// What the calculus does not know is refused, and what has no value is said to have none.
#[test]
fn refusals_say_why() {
    let refusal = |says: &str| {
        let text = format!(
            "{}[limit]\nvariable = \"T\"\n[[claim]]\nid = \"claim\"\nsays = \"{says}\"\n",
            infinite("2", "1")
        );
        let file = read_text(Path::new("test.toml"), &text).unwrap();
        let claim = &file.claims[0];
        let statement = resolve(&claim.says, &claim.scope).unwrap();
        let along = point(&statement, &BTreeMap::new(), &[]).unwrap();
        decide(&statement, &along).unwrap_err()
    };
    let unsupported = |says| {
        let error = refusal(says);
        assert!(
            matches!(error, AsymptoticError::Unsupported(_)),
            "{says}: {error:?}"
        )
    };
    unsupported("exp(T) -> inf");
    unsupported("gamma(T) -> inf");
    unsupported("sum(j = 1..T, 1/((j + 1)*log(j + 1)^2)) -> 2");
    let undefined = |says| {
        let error = refusal(says);
        assert!(
            matches!(error, AsymptoticError::Undefined(_)),
            "{says}: {error:?}"
        )
    };
    undefined("log(1 - T) -> inf");
    undefined("1/(T - T) -> inf");
    undefined("tr(Sigma^(1/2)) -> 1");
}
