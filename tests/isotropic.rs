//! Exact expectations at finite size for isotropic inputs: against a million simulated regressions, and in the checker.

use resolvent::check::{Options, check_text};
use resolvent::decide::verdict::Verdict;
use resolvent::equivalent::Fit;
use resolvent::equivalent::isotropic::{Design, chain};

/// `scripts/finite-size` wrote it.
const SIMULATED: &str = include_str!("../fixtures/reference/finite_size.csv");

#[test]
fn a_million_regressions_agree() {
    let mut reader = csv::Reader::from_reader(SIMULATED.as_bytes());
    let names = reader.headers().unwrap().clone();
    let (mut rows, mut squares, mut apart_from_equivalent) = (0, 0.0, 0);
    for record in reader.records() {
        let record = record.unwrap();
        let text = |name: &str| {
            let place = names.iter().position(|known| known == name).unwrap();
            record.get(place).unwrap()
        };
        let number = |name: &str| text(name).parse::<f64>().unwrap();
        let (n, d) = (number("n") as usize, number("d") as u64);
        let generation = (n > 0).then(|| Fit {
            samples: number("T0"),
            noise: number("sigma0"),
            // As the script says.
            ridge: 0.2,
        });
        let downstream = Fit {
            samples: number("T"),
            noise: number("sigma"),
            ridge: number("lambda"),
        };
        let designs: Vec<Design> = std::iter::repeat_n(generation, n)
            .flatten()
            .chain([downstream])
            .map(|fit| Design::single(&fit).unwrap())
            .collect();
        let (exact, error) = chain(d, 1.0, 1.0, &designs).unwrap();
        assert!(error < 1e-10, "{error}");
        assert!(number("replicates") >= 1e6);
        let z = (number("mean") - exact.test_error) / number("standard_error");
        assert!(
            z.abs() < 4.0,
            "{record:?}: {z} standard errors from {exact:?}"
        );
        squares += z * z;
        rows += 1;
        // The simulation is sharp enough to tell the expectation from its limit.
        apart_from_equivalent += usize::from(number("z").abs() > 6.0);
    }
    assert_eq!(rows, 12);
    // Chi square with 12 degrees of freedom: 32.9 is passed once in a thousand times.
    assert!(squares < 32.9, "{squares}");
    assert!(apart_from_equivalent >= 8, "{apart_from_equivalent}");
}

const HEAD: &str = r#"
[setting]
spectrum = "isotropic"
target   = { kind = "isotropic", norm2 = 1 }
[symbols]
d      = { integer = [2, 20] }
T      = { integer = [2, 20] }
T0     = { integer = [2, 20] }
n      = { integer = [1, 3] }
sigma  = { real = [0.5, 2] }
sigma0 = { real = [0.1, 1] }
lambda = { real = [0.1, 2] }
mu     = { real = [0.1, 2] }
k      = "kappa(lambda, T)"
[random]
X = { design = "T" }
E = { noise = "T", sd = "sigma" }
W = { labeller = "n", samples = "T0", sd = "sigma0", ridge = "mu" }
"#;

/// The verdict on one claim, and both sides of its witness with the symbols there.
fn decided(says: &str) -> resolvent::decide::verdict::ClaimReport {
    let text = format!("{HEAD}[[claim]]\nid = \"a\"\nsays = \"{says}\"\n");
    let outcome = check_text("a.toml".as_ref(), &text, &Options::default());
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    outcome.report.claims[0].clone()
}

/// What the checker takes for the expectation of a chain with ridges is what the engine takes for it.
#[test]
fn the_checker_knows_expectations_of_ridge_chains() {
    let row = decided("E[norm2(ridge(X, X*W + E, lambda) - w0, Sigma)] = 0");
    assert_eq!(row.verdict, Verdict::Refuted, "{row:?}");
    assert!(row.method.contains("Wishart"), "{row:?}");
    let witness = row.witness.unwrap();
    assert_eq!(witness.standard_error, None);
    let at = |name: &str| witness.symbols[name];
    let generation = Fit {
        samples: at("T0"),
        noise: at("sigma0"),
        ridge: at("mu"),
    };
    let downstream = Fit {
        samples: at("T"),
        noise: at("sigma"),
        ridge: at("lambda"),
    };
    let designs: Vec<Design> = std::iter::repeat_n(generation, at("n") as usize)
        .chain([downstream])
        .map(|fit| Design::single(&fit).unwrap())
        .collect();
    let (exact, _) = chain(at("d") as u64, 1.0, 1.0, &designs).unwrap();
    assert!(
        (witness.lhs / exact.test_error - 1.0).abs() < 1e-10,
        "{witness:?} {exact:?}"
    );
}

/// Identities of finite size are seen to nine digits, where a simulation sees some percent.
#[test]
fn isotropic_expectations_are_judged_without_noise() {
    // Variance: -d/dlambda of the trace, times lambda, and what is left of it.
    let row = decided(
        "E[norm2(ridge(X, X*w0 + E, lambda) - w0, Sigma)] = E[norm2(ridge(X, X*w0, lambda) - w0)] + \
         sigma^2/T*(E[tr(inv(X'*X/T + lambda*I))] - lambda*E[tr(inv(X'*X/T + lambda*I)^2)])",
    );
    assert!(row.verdict.holds(), "{row:?}");
    assert!(
        row.verdict == Verdict::Proved || row.detects.unwrap() < 1e-6,
        "{row:?}"
    );
    // Deterministic equivalents are no identities, and a bound that is short by little fails.
    for false_claim in [
        "E[tr(inv(X'*X/T + lambda*I))*lambda] = d*k/(1 + k)",
        "E[norm2(ridge(X, X*w0 + E, lambda) - w0)] <= k^2/(1 + k)^2/(1 - df(2,k)/T) + sigma^2*df(2,k)/(T - df(2,k))",
    ] {
        let row = decided(false_claim);
        assert_eq!(row.verdict, Verdict::Refuted, "{row:?}");
    }
}
