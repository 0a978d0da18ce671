//! Constants of theory, and where a finite dimension takes over.

use crate::{infinite, q, verdict};

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
        Some(false),
    ),
    (
        "2",
        "1",
        "inf(x in [0, 2], T^-x + T^(x - 1)) ~ 2*T^(-1/2)",
        Some(true),
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

fn finite(spectrum: &str, f: &str, q: &str, ell: &str) -> String {
    format!(
        "[setting]\nspectrum = {spectrum}\n[symbols]\nT = {{ integer = [10, 1000] }}\n\
         d = {{ integer = [8, 800] }}\nf = \"{f}\"\nq = \"{q}\"\nell = \"{ell}\"\nlambda = \"T^-ell\"\n\
         k = \"kappa(lambda, T)\"\n"
    )
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
