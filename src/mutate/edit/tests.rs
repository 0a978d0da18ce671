use super::*;
use crate::check::file::read_text;

fn edits(says: &str, purpose: Purpose) -> Vec<String> {
    let text = format!(
        "[symbols]\nd = {{ integer = [2, 40] }}\nT = {{ integer = [2, 40] }}\nT0 = {{ integer = [2, 40] }}\n\
         lambda = {{ real = [0.1, 1] }}\nk = \"kappa(lambda, T)\"\nx = {{ real = [1, 2] }}\n\
         [[claim]]\nid = \"a\"\nsays = \"{says}\"\n"
    );
    let file = read_text("a.toml".as_ref(), &text).unwrap();
    let claim = &file.claims[0];
    neighbours(&claim.says, &claim.scope, purpose, true)
        .into_iter()
        .map(|n| n.says.to_string())
        .collect()
}

/// The slips that are named in what the program promises.
#[test]
fn every_kind_of_slip_is_made() {
    let all = edits("df(2, k) - T0*x^2 <= d + lambda", Purpose::Faults);
    for slip in [
        "df(2, k) + T0*x^2 <= d + lambda",
        "df(1, k) - T0*x^2 <= d + lambda",
        "df(2, lambda) - T0*x^2 <= d + lambda",
        "df(2, k) - T*x^2 <= d + lambda",
        "df(2, k) - T0*x <= d + lambda",
        "df(2, k) - T0*x^3 <= d + lambda",
        "df(2, k) - 2*(T0*x^2) <= d + lambda",
        "df(2, k) - x^2 <= d + lambda",
        "df(2, k) - T0*x^2 <= T + lambda",
        "df(2, k) - T0*x^2 <= d + k",
        "df(2, k) - T0*x^2 < d + lambda",
        "df(k, 2) - T0*x^2 <= d + lambda",
        "df(2, k) <= d + lambda",
        "T0*x^2 - df(2, k) <= d + lambda",
        "-df(2, k) - T0*x^2 <= d + lambda",
    ] {
        assert!(all.iter().any(|says| says == slip), "{slip} among {all:#?}");
    }
    let sums = edits("sum(j = 1..d, s(j)) = tr(Sigma)", Purpose::Faults);
    assert!(
        sums.contains(&"sum(j = 2..d, s(j)) = tr(Sigma)".to_owned()),
        "{sums:#?}"
    );
    assert!(
        sums.contains(&"sum(j = 1..d - 1, s(j)) = tr(Sigma)".to_owned()),
        "{sums:#?}"
    );
}

#[test]
fn corrections_add_squares_and_factors() {
    let all = edits("x = k*tr(inv(Sigma + k*I))", Purpose::Corrections);
    for wanted in [
        "x = k^2*tr(inv(Sigma + k*I))",
        "x = k*tr(inv(Sigma + k*I))/2",
        "x <= k*tr(inv(Sigma + k*I))",
    ] {
        assert!(
            all.iter().any(|says| says == wanted),
            "{wanted} among {all:#?}"
        );
    }
}

#[test]
fn no_neighbour_is_the_statement_or_comes_twice() {
    let all = edits("x + x = 2*x", Purpose::Faults);
    assert!(!all.contains(&"x + x = 2*x".to_owned()));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
}

#[test]
fn what_a_slip_may_have_lost_is_put_back() {
    let text = "[symbols]\nd = { integer = [2, 40] }\nT = { integer = [2, 40] }\nphi = \"d/T\"\nx = { real = [1, 2] }\n\
                [[claim]]\nid = \"a\"\nsays = \"x = s(1)/(s(1) + x)\"\n";
    let file = read_text("a.toml".as_ref(), text).unwrap();
    let claim = &file.claims[0];
    let all: Vec<String> = neighbours(&claim.says, &claim.scope, Purpose::Corrections, true)
        .into_iter()
        .map(|n| n.says.to_string())
        .collect();
    for lost in [
        "x = s(1)/(1 + x)",
        "x = s(1)/(s(1) + x)/(1 - phi)",
        "x = (1 - phi)*(s(1)/(s(1) + x))",
        "x = (s(1)/(s(1) + x))^2",
        "x = s(1)/(s(1) + x)^2",
        "x = x^2*(s(1)/(s(1) + x))",
    ] {
        assert!(all.iter().any(|says| says == lost), "{lost} among {all:#?}");
    }
    assert!(edits("x = 1/(T - d)", Purpose::Corrections).contains(&"x = 1/(T - d - 1)".to_owned()));
    assert!(!edits("x = 1 + T", Purpose::Faults).contains(&"x = 1 + 1".to_owned()));
}
