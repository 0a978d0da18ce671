//! Relations of limits decided symbolically, beside the same formulas evaluated at huge `T`.

use std::collections::BTreeMap;
use std::path::Path;

use num_rational::BigRational;
use num_traits::ToPrimitive;
use resolvent::check::file::{Claim, read, read_text};
use resolvent::decide::assignment::Assignment;
use resolvent::formula::constant::constant;
use resolvent::formula::parse::parse_expression;
use resolvent::formula::scope::Symbol;
use resolvent::number::{Ball, Real};
use resolvent::term::asymptotic::{
    AsymptoticError, GermPoint, LevelShare, decide, eventually, point, quantity,
};
use resolvent::term::evaluate::Evaluator;

fn q(n: i64, d: i64) -> BigRational {
    BigRational::new(n.into(), d.into())
}

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
        let Ok(along) = point(&claim.scope, &symbols, &[]) else {
            continue;
        };
        for assumption in &claim.scope.assumptions {
            if !eventually(assumption, &claim.scope, &along).unwrap_or(false) {
                continue 'next;
            }
        }
        return Some((symbols, along));
    }
    None
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
    let along = point(&claim.scope, &symbols, levels).unwrap();
    match decide(&claim.says, &claim.scope, &along) {
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

fn finite(spectrum: &str, f: &str, q: &str, ell: &str) -> String {
    format!(
        "[setting]\nspectrum = {spectrum}\n[symbols]\nT = {{ integer = [10, 1000] }}\n\
         d = {{ integer = [8, 800] }}\nf = \"{f}\"\nq = \"{q}\"\nell = \"{ell}\"\nlambda = \"T^-ell\"\n\
         k = \"kappa(lambda, T)\"\n"
    )
}

/// `β`, `r`, what is said, and whether it holds.
type Case = (&'static str, &'static str, &'static str, Option<bool>);

const CONSTANTS: &[Case] = &[
    ("2", "1", "kappa(0, T) ~ (pi/(2*T))^2", Some(true)),
    ("3", "1", "kappa(0, T) ~ (2*pi/(3*sqrt(3)*T))^3", Some(true)),
    (
        "3",
        "1",
        "kappa(0, T) ~ (2.0000001*pi/(3*sqrt(3)*T))^3",
        Some(false),
    ),
    ("2", "1", "df(1, k) + 1/2 ~ pi/2*T^(1/2)", Some(true)),
    ("2", "1", "df(2, k) ~ pi/4*T^(1/2)", Some(true)),
    ("2", "1", "df(2, k) ~ pi/2*T^(1/2)", Some(false)),
    // leading terms that cancel by their closed forms
    ("2", "1", "df(1, k) - pi/2*T^(1/2) -> -1/2", Some(true)),
    ("2", "1", "df(1, k) - pi/2*T^(1/2) -> -1/3", Some(false)),
    ("2", "1/2", "B ~ k/2", Some(true)),
    ("5/2", "1/2", "B ~ 2*k/5", Some(true)),
    ("2", "3/4", "B ~ pi/4*k^(3/2)", Some(true)),
    ("2", "1", "B ~ k^2*log(T)/2", Some(true)),
    ("2", "1", "B asymp k^2", Some(false)),
    ("2", "1", "B <~ k^2", Some(false)),
    ("2", "1", "B >~ k^2", Some(true)),
    ("2", "5/4", "B ~ pi^2/6*k^2", Some(true)),
    ("2", "1", "exponent(B) -> -2", Some(true)),
    ("2", "1", "tr(Sigma) -> pi^2/6", Some(true)),
    ("2", "1", "tr(Sigma) -> 1.6449", Some(false)),
    ("2", "1", "1/df(1, k) -> 0", Some(true)),
    ("2", "1", "df(1, k) -> inf", Some(true)),
    (
        "2",
        "1",
        "tr(Sigma*(I - Sigma*inv(Sigma + k*I))) ~ k*df(1, k)",
        Some(true),
    ),
    (
        "2",
        "1",
        "sum(j = 1..inf, c(j)^2*s(j)*k^2/(s(j) + k)^2) ~ B",
        Some(true),
    ),
    // a logarithm exactly where m = n - 1/beta
    (
        "2",
        "1",
        "sum(j = 1..inf, s(j)^2/(1 + T*s(j))^(3/2)) asymp T^(-3/2)*log(T)",
        Some(true),
    ),
    (
        "2",
        "1",
        "sum(j = 1..inf, s(j)^2/(1 + T*s(j))^1.4999) asymp T^(-1.4999)",
        Some(true),
    ),
    (
        "2",
        "1",
        "sum(j = 1..inf, s(j)^2/(1 + T*s(j))^1.5001) asymp T^(-1.5)",
        Some(true),
    ),
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x + T^(x - 1)) asymp T^(-1/2)",
        Some(true),
    ),
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x*log(T) + T^(x - 1)) asymp T^(-1/2)*sqrt(log(T))",
        Some(true),
    ),
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x*log(T) + T^(2*x - 1)) asymp T^(-1/3)*log(T)^(2/3)",
        Some(true),
    ),
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x*log(T) + T^(2*x - 1)) asymp T^(-1/3)*log(T)^(1/2)",
        Some(false),
    ),
    // a third term through the crossing
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x*log(T) + T^(x - 1) + T^(-1/2)*log(T)) asymp T^(-1/2)*sqrt(log(T))",
        None,
    ),
    (
        "2",
        "1",
        "argmin(x in [0, 2], T^-x*log(T) + T^(2*x - 1)) -> 1/3",
        Some(true),
    ),
    (
        "2",
        "1",
        "argmin(x in [0, 2], T^-x + T^(2*x - 1)) -> 0.33333",
        Some(false),
    ),
    // what is constant moves no minimum, and what only falls is least at the end
    ("2", "1", "argmin(x in [0, 2], 1 + T^-x) -> 2", Some(true)),
    ("2", "1", "argmin(x in [0, 2], 1 + T^-x) -> 1", Some(false)),
    (
        "2",
        "1",
        "argmin(x in [0, 2], 1 + T^-x + T^(x - 2)) -> 1",
        None,
    ),
    (
        "2",
        "1",
        "argmin(x in [0, 2], 1 + (T^-x + T^(x - 2))) -> 1",
        Some(true),
    ),
    ("2", "1", "argmin(x in [0, 2], T^max(x - 1, 0)) -> 1", None),
    // zero at x = 1 - log(2)/log(T), which no exponent shows
    (
        "2",
        "1",
        "inf(x in [0, 2], abs(T^(1 - x) - 2)) asymp 1",
        None,
    ),
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x + T^(x - 1)) ~ T^(-1/2)",
        None,
    ),
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x + T^(x - 1)) ~ T^(-1/3)",
        Some(false),
    ),
];

/// The constants of theory, source by source: ridgeless κ, effective dimensions, the bias through r = 1/2 and 1.
#[test]
fn constants_of_infinite_power_laws() {
    for &(beta, r, says, expected) in CONSTANTS {
        assert_eq!(
            verdict(&infinite(beta, r), says, &[]),
            expected,
            "{says} at beta = {beta}, r = {r}"
        );
    }
}

/// The effective dimension saturates at `d = f T^q` when `q` passes `ℓ/β`; κ vanishes once `T > d`.
#[test]
fn saturation_and_the_passage_through_d() {
    let law = "{ kind = \"power-law\", beta = \"2\" }\ntarget = { kind = \"source\", r = \"1/2\" }";
    let cases = [
        ("1/2", "1/4", "1", "df(1, k) ~ d", Some(true)),
        ("1/2", "1/2", "1", "df(1, k) ~ d", Some(false)),
        ("1/2", "1/2", "1", "df(1, k) asymp d", Some(true)),
        ("1/2", "3/4", "1", "df(1, k) ~ pi/2*T^(1/2)", Some(true)),
        ("1/2", "3/4", "1", "df(1, k) asymp d", Some(false)),
        ("1/2", "1", "3", "k ~ 2*lambda", Some(true)),
        ("1/2", "1/2", "3", "k ~ lambda", Some(true)),
        ("2", "1", "3", "k asymp T^-2", Some(true)),
        ("1", "1", "4", "k asymp lambda", Some(false)),
        ("1/2", "1", "2", "kappa(0, T) -> 0", Some(true)),
        ("2", "1", "2", "kappa(0, T) >~ T^-2", Some(true)),
        ("1/2", "1", "2", "d/T -> 1/2", Some(true)),
    ];
    for (f, q, ell, says, expected) in cases {
        assert_eq!(
            verdict(&finite(law, f, q, ell), says, &[]),
            expected,
            "{says} at d = {f} T^{q}, ell = {ell}"
        );
    }
    let fixed = "\"isotropic\"\ntarget = { kind = \"isotropic\" }";
    let root = "(lambda + f - 1 + sqrt((lambda + f - 1)^2 + 4*lambda))/2";
    for (f, ell) in [("1/2", "0"), ("2", "0"), ("1", "1"), ("3/2", "1/2")] {
        let says = format!("k ~ {root}");
        assert_eq!(
            verdict(&finite(fixed, f, "1", ell), &says, &[]),
            Some(true),
            "f = {f}, ell = {ell}"
        );
        let says = format!("k ~ {root}*1.00001");
        assert_eq!(
            verdict(&finite(fixed, f, "1", ell), &says, &[]),
            Some(false),
            "f = {f}, ell = {ell}"
        );
    }
    // any spectrum, level by level
    let any = "\"any\"\ntarget = \"any\"";
    let levels = [(q(1, 1), q(1, 2), q(1, 3)), (q(1, 10), q(1, 2), q(2, 3))];
    let cases = [
        ("tr(Sigma)/T -> 11/40", Some(true)),
        ("w0'*Sigma*w0 -> 2/5", Some(true)),
        ("norm2(inv(Sigma)*w0, Sigma) -> 7", Some(true)),
        ("df(1, k) + k*tr(inv(Sigma + k*I)) ~ d", Some(true)),
        ("k ~ lambda + k*df(1, k)/T", Some(true)),
        ("k ~ lambda", Some(false)),
    ];
    for (says, expected) in cases {
        assert_eq!(
            verdict(&finite(any, "1/2", "1", "0"), says, &levels),
            expected,
            "{says}"
        );
    }
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
        let mut choices = Choices(11);
        let (mut yes, mut no, mut open) = (0, 0, 0);
        for _ in 0..12 {
            let Some((symbols, along)) = draw(&claim, &mut choices) else {
                continue;
            };
            match decide(&claim.says, &claim.scope, &along) {
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
        let mut choices = Choices(5);
        for _ in 0..25 {
            let Some((symbols, along)) = draw(&claim, &mut choices) else {
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
                approximate: false,
            };
            at.symbols
                .insert(along.variable.clone(), BigRational::from_float(t).unwrap());
            let mut rounding = 0.0;
            for (name, _) in &claim.scope.limit.as_ref().unwrap().path {
                let value = along.symbols[name].germ().unwrap().evaluate(t);
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
            for side in [&claim.says.lhs, &claim.says.rhs] {
                let Ok(germ) = quantity(side, &claim.scope, &along).and_then(|x| x.germ()) else {
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
        let along = point(&claim.scope, &symbols, &[]).unwrap();
        let power = quantity(&claim.says.lhs, &claim.scope, &along)
            .unwrap()
            .magnitude()
            .unwrap()
            .power;
        let mut value = |t: f64| {
            symbols.insert("T".into(), BigRational::from_float(t).unwrap());
            let at = Assignment {
                symbols: symbols.clone(),
                spectrum: Vec::new(),
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
    let along = point(&claim.scope, &symbols, &[]).unwrap();
    assert!(decide(&claim.says, &claim.scope, &along).unwrap().holds);
    assert_eq!(along.symbols["d"].germ().unwrap().to_string(), "(1/4) T");
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
        let along = point(&claim.scope, &BTreeMap::new(), &[]).unwrap();
        decide(&claim.says, &claim.scope, &along).unwrap_err()
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
