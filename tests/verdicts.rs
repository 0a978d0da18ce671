//! Claims with known verdicts, true ones and subtly false ones, decided by the checker at normal effort.

use std::path::{Path, PathBuf};

use resolvent::check::{Effort, Options, check, check_text, files};
use resolvent::decide::verdict::{ClaimReport, Verdict};

fn options(threads: usize) -> Options {
    Options {
        seed: 0,
        effort: Effort::Normal,
        filter: None,
        threads,
        ..Options::default()
    }
}

fn claims(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    files(&[folder]).expect("a folder of claims")
}

fn decided(folder: &str, threads: usize) -> Vec<ClaimReport> {
    let outcome = check(&claims(folder), &options(threads), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    outcome.report.claims
}

fn listed(claims: &[ClaimReport], wrong: impl Fn(&ClaimReport) -> bool) -> Vec<String> {
    let line = |claim: &ClaimReport| {
        format!(
            "{} is {:?}, {}: {} ({})",
            claim.id,
            claim.verdict,
            claim.expect,
            claim.says,
            claim.reason.as_deref().unwrap_or("no reason given")
        )
    };
    claims.iter().filter(|c| wrong(c)).map(line).collect()
}

#[test]
#[ignore = "minutes of processor time: cargo test --release --test verdicts -- --ignored"]
fn every_claim_is_decided_as_the_mathematics_has_it() {
    let claims = decided("verdicts", 2);
    assert!(claims.len() >= 300, "{} claims", claims.len());
    let wrong = listed(&claims, |claim| !claim.as_expected);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn peaks_kinks_ends_and_touches_are_seen() {
    let file = file("ranges.toml");
    let outcome = check(&[file], &options(2), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let claims = outcome.report.claims;
    let wrong = listed(&claims, |claim| !claim.as_expected);
    assert!(
        claims.len() > 20 && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

/// A file of the suite.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/verdicts")
        .join(name)
}

/// Every claim of a file of the suite as expected.
fn as_expected(name: &str, seed: u64) {
    let options = Options { seed, ..options(2) };
    let outcome = check(&[file(name)], &options, &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let wrong = listed(&outcome.report.claims, |claim| !claim.as_expected);
    assert!(
        wrong.is_empty(),
        "{name}, seed {seed}: {}",
        wrong.join("\n")
    );
}

/// With each of the first seeds.
fn as_expected_with_seeds(name: &str, seeds: u64) {
    for seed in 0..seeds {
        as_expected(name, seed);
    }
}

/// Minutes of processor time with every seed: the first one here, two more when asked for.
const DEAR: [&str; 10] = [
    "exact_limits.toml",
    "exact_limits_fixed.toml",
    "exponents.toml",
    "infinite_designs.toml",
    "rates_of_means.toml",
    "extreme_orders.toml",
    "rates_of_estimators.toml",
    "edges.toml",
    "logarithms.toml",
    "logarithms_of_levels.toml",
];

/// Tested on their own with the first seed.
const WITH_OTHER_SEEDS: [&str; 10] = [
    "roots.toml",
    "moving_ranges.toml",
    "elsewhere.toml",
    "orders.toml",
    "in_kappa.toml",
    "concentration.toml",
    "isotropic_chains.toml",
    "any_covariance.toml",
    "random_truths.toml",
    "strictness.toml",
];

/// Limits of known means, exponents, edges of spectra, `tr(log(I + t*Sigma))` and what observations tell.
#[test]
fn dear_claims_are_decided() {
    for name in DEAR {
        as_expected(name, 0);
    }
}

#[test]
#[ignore = "minutes of processor time: cargo test --release --test verdicts -- --ignored"]
fn dear_claims_are_decided_with_other_seeds() {
    for name in DEAR.into_iter().chain(WITH_OTHER_SEEDS) {
        as_expected(name, 1);
        as_expected(name, 2);
    }
}

#[test]
fn moving_intervals_and_near_peaks_are_decided_with_every_seed() {
    for name in [
        "moving_intervals.toml",
        "near_peaks.toml",
        "near_peaks_wide.toml",
    ] {
        as_expected_with_seeds(name, 2);
    }
}

/// Truths of length `d` meet fits, which end in dimensions and not in rows.
#[test]
fn means_over_random_truths_are_decided() {
    as_expected("random_truths.toml", 0);
}

/// Factors beyond the first by their logarithms, and a minimum over a ridge by bounds of `kappa`.
#[test]
fn long_products_and_minima_over_a_ridge_are_decided() {
    as_expected("long_products_and_ridges.toml", 0);
}

/// By moments of chi-squared variables, and the independence of length and direction.
#[test]
fn quotients_by_sums_of_squares_are_decided() {
    as_expected("quotients_of_squares.toml", 0);
}

/// Where one dimension, one member or one row makes the sides equal, or nothing that doubles hold tells them apart.
#[test]
fn sides_that_are_equal_at_one_size_alone_are_told() {
    as_expected("hidden_equalities.toml", 0);
}

/// Through the equation that a root solves.
#[test]
fn derivatives_of_roots_are_decided() {
    as_expected("roots.toml", 0);
}

/// Where no small move of a search leads.
#[test]
fn failures_at_any_size_are_found_with_every_seed() {
    as_expected_with_seeds("sizes.toml", 2);
}

/// Violations that no small move from the points nearest to equality finds.
#[test]
fn violations_away_from_equality_are_found() {
    as_expected("elsewhere.toml", 0);
}

/// Orders of matrices, equal at points of the domain; terms that cancel but for what only kappa's expansion leaves unknown.
#[test]
fn orders_of_matrices_and_second_terms_are_decided() {
    as_expected("orders.toml", 0);
    as_expected("in_kappa.toml", 0);
}

#[test]
fn least_values_have_constants() {
    as_expected("least_constants.toml", 0);
}

/// Eigenvalues of orders of their own, `kappa` between them.
#[test]
fn levels_that_vanish_are_decided_with_every_seed() {
    as_expected_with_seeds("vanishing_levels.toml", 2);
}

/// Functions of random scalars, and means of several fits.
#[test]
fn what_concentrates_and_what_does_not_is_told_apart() {
    as_expected("concentration.toml", 0);
    as_expected("isotropic_chains.toml", 0);
}

/// `T^0.6` times what falls like `T^(-2/3)` falls: sizes of a hundred hardly show it, and do not show that it stays.
#[test]
fn remainders_that_a_factor_leaves_little_of_are_no_failures() {
    let verdict = |spectrum: &str, limit: &str, says: &str| {
        let text = format!(
            "[setting]\nspectrum = \"{spectrum}\"\n[symbols]\nd = {{ integer = [2, 30] }}\n\
             T = {{ integer = [4, 400] }}\nphi = \"d/T\"\n[random]\nX = {{ design = \"T\" }}\n\
             [limit]\nvariable = \"T\"\n{limit}\n[[claim]]\nid = \"a\"\nsays = \"{says}\"\n"
        );
        let outcome = check_text(Path::new("a.toml"), &text, &options(2));
        assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
        outcome.report.claims[0].verdict
    };
    let edge = |power: &str| {
        let says = format!("{power}*(E[opnorm(X'*X/T)] - (1 + sqrt(phi))^2) -> 0");
        verdict("isotropic", "path = { d = \"phi*T\" }", &says)
    };
    let modulus = |power: &str| {
        let says = format!("{power}*E[abs(w0'*X'*X*w0/T - w0'*Sigma*w0)] -> 0");
        verdict("any", "", &says)
    };
    for verdict in [edge("T^0.6"), modulus("T^0.45"), modulus("sqrt(T)/T^0.05")] {
        assert_ne!(verdict, Verdict::Refuted);
    }
    for verdict in [
        edge("T"),
        edge("T^0.7"),
        edge("T^(2/3)"),
        modulus("T^0.55"),
        modulus("sqrt(T)"),
    ] {
        assert!(!verdict.holds(), "{verdict:?}");
    }
}

/// By a thousandth at the identity, or at sizes where only some draws can be trusted.
#[test]
fn means_over_any_covariance_that_fail_are_refuted() {
    as_expected("any_covariance.toml", 0);
}

/// Valleys of several variables, down to their last digits.
#[test]
fn touches_of_several_variables_are_found_with_every_seed() {
    as_expected_with_seeds("touches.toml", 2);
}

/// Near an end of the domain that is no part of it, or where one side is small beside the other.
#[test]
fn strict_inequalities_whose_sides_come_near_are_decided() {
    as_expected("strictness.toml", 0);
}

/// Corners and assumptions move `d`, and the rows that end at it must follow: no point is outside of the domain.
#[test]
fn ranges_that_move_with_other_symbols_are_kept() {
    as_expected("moving_ranges.toml", 0);
}

/// Decided by a proof or an enclosure where they hold, and by a witness where not.
fn settled(name: &str, verdict: Verdict) {
    let outcome = check(&[file(name)], &options(2), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let wrong = listed(&outcome.report.claims, |claim| {
        !claim.as_expected || ![verdict, Verdict::Refuted].contains(&claim.verdict)
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn squares_prove_what_touches_zero() {
    settled("squares.toml", Verdict::Proved);
}

#[test]
fn levels_at_which_sides_meet_are_found() {
    as_expected("level_touches.toml", 0);
}

#[test]
fn ratios_and_corners_of_levels_are_met() {
    as_expected("sharp_levels.toml", 0);
}

#[test]
fn samples_that_grow_at_a_fixed_dimension_are_expanded() {
    as_expected("large_samples.toml", 0);
}

/// Random features and inputs of a covariance of their own among them, whose equivalents are roots.
#[test]
fn roots_along_a_limit_are_decided() {
    as_expected("roots_along_limits.toml", 0);
}

#[test]
fn long_sums_are_decided() {
    as_expected("long_sums.toml", 0);
    as_expected("pieces.toml", 0);
    as_expected("meeting_orders.toml", 0);
}

#[test]
fn means_of_roots_and_late_digits_are_decided() {
    as_expected("roots_of_squares.toml", 0);
}

#[test]
fn what_only_many_digits_tell_is_decided_with_every_seed() {
    as_expected_with_seeds("late_digits.toml", 2);
}

#[test]
fn slow_power_laws_in_many_dimensions_are_decided() {
    as_expected("slow_laws.toml", 0);
    as_expected("slow_falls.toml", 0);
}

#[test]
fn what_gradient_descent_leaves_is_expanded() {
    as_expected("descent.toml", 0);
    as_expected("descent_in_dimensions.toml", 0);
    as_expected("repeated_ridges.toml", 0);
}

#[test]
fn integrals_products_and_logarithms_along_a_limit_are_decided() {
    as_expected("moving_integrals.toml", 0);
    as_expected("growing_products.toml", 0);
    as_expected("logarithmic_sums.toml", 0);
    as_expected("standing.toml", 0);
}

#[test]
fn where_two_terms_are_of_one_order_is_looked_at() {
    as_expected("thin_cells.toml", 0);
}

#[test]
fn axes_have_one_mass_and_means_within_means_are_numbers() {
    as_expected("axes_and_means.toml", 0);
}

#[test]
fn exponents_at_which_two_powers_are_of_one_order_are_met_with_every_seed() {
    as_expected_with_seeds("equal_orders.toml", 3);
}

#[test]
fn products_through_few_dimensions_have_their_rank() {
    as_expected("through_few.toml", 0);
}

#[test]
fn matrices_with_d_rows_are_transposed_designs() {
    settled("gaussian_factors.toml", Verdict::Proved);
}

#[test]
fn orders_of_means_are_decided_with_every_seed() {
    as_expected_with_seeds("orders_of_means.toml", 3);
}

/// Rows under one another are rows of one design, where they are nowhere else.
#[test]
fn stacked_rows_are_decided_with_every_seed() {
    as_expected_with_seeds("stacked_rows.toml", 3);
}

#[test]
fn what_fails_on_an_edge_is_refuted_with_every_seed() {
    as_expected_with_seeds("tight_edges.toml", 3);
}

/// A law is summed next to its exponent, and the distance counts as an error.
#[test]
fn exponents_that_are_no_doubles_have_an_error() {
    as_expected_with_seeds("next_to_one.toml", 3);
}

#[test]
fn rates_of_random_features_are_those_of_their_equivalents() {
    as_expected_with_seeds("widths.toml", 3);
}

/// Every point of a domain of few, with certainty where the sides are apart.
#[test]
fn small_domains_are_looked_at_point_by_point() {
    let outcome = check(&[file("small_domains.toml")], &options(2), &|_, _| {});
    let claims = &outcome.report.claims;
    let wrong = listed(claims, |claim| !claim.as_expected);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let certified: Vec<&str> = (claims.iter())
        .filter(|claim| claim.verdict == Verdict::Certified)
        .map(|claim| claim.id.as_str())
        .collect();
    assert_eq!(certified, ["every-size", "without-that-size", "a-constant"]);
}

#[test]
fn few_levels_are_enclosed_over_the_whole_box() {
    settled("few_levels.toml", Verdict::Certified);
}

#[test]
fn what_few_draws_violate_is_refuted_with_every_seed() {
    as_expected_with_seeds("rare_draws.toml", 6);
    let file = file("wishart.toml");
    let options = Options {
        filter: Some("wishart-hat*".into()),
        ..options(2)
    };
    let claims = check(&[file], &options, &|_, _| {}).report.claims;
    let wrong = listed(&claims, |claim| !claim.as_expected);
    assert!(
        claims.len() == 4 && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

/// Of formulas that are derived where there are more rows than dimensions, or for one generation, nothing is said elsewhere.
#[test]
fn what_is_derived_for_a_part_of_the_domain_decides_nothing_beyond_it() {
    as_expected("generations_and_edges.toml", 0);
}

/// The minimum is at an end, where the polynomial through the places misses by `1e-7` what the draws agree in to `1e-11`.
#[test]
fn an_expectation_is_minimised_over_a_ridge_at_finite_sizes() {
    for seed in 0..3 {
        let options = Options {
            filter: Some("the-least-variance-is-at-the-largest-ridge".into()),
            effort: Effort::Quick,
            seed,
            ..options(2)
        };
        let outcome = check(&[file("best_of_means.toml")], &options, &|_, _| {});
        let wrong = listed(&outcome.report.claims, |claim| !claim.as_expected);
        assert!(
            outcome.report.claims.len() == 1 && wrong.is_empty(),
            "{}",
            wrong.join("\n")
        );
    }
}

/// Under this seed a point has levels apart by `1e39`.
#[test]
fn draws_that_rounding_spoils_refute_no_limit() {
    as_expected("steep_draws.toml", 1);
}

/// Both sides fall to nothing where they meet, and their gap with them: only its share of the sides leads to the failure.
#[test]
fn a_failure_where_both_sides_vanish_is_found_with_every_seed() {
    let file = file("spectra.toml");
    for seed in 0..8 {
        let options = Options {
            seed,
            filter: Some("spectra-df-lipschitz-f".into()),
            ..options(2)
        };
        let claims = check(std::slice::from_ref(&file), &options, &|_, _| {})
            .report
            .claims;
        assert_eq!(claims[0].verdict, Verdict::Refuted, "seed {seed}");
    }
}

/// What the budget allowed is looked at and counts; what is dear in more digits costs no more than the claim may.
#[test]
fn dear_claims_are_decided_within_their_budget() {
    let text = "[setting]\nspectrum = { kind = \"power-law\", beta = \"beta\" }\nd = \"inf\"\n\
         [symbols]\nbeta = { real = [1.05, 5] }\nT = { integer = [10, 100000000] }\n\
         [[claim]]\nid = \"a\"\nsays = \"df(1, kappa(0, T)) = T\"\n\
         [[claim]]\nid = \"b\"\nsays = \"df(1, kappa(0, T)) = T + 1/T\"\nexpect = \"refuted\"\n";
    let outcome = check_text(Path::new("a.toml"), text, &options(2));
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let wrong = listed(&outcome.report.claims, |claim| !claim.as_expected);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A failure in a corner of the domain is seen whatever the points that are drawn.
#[test]
fn expectations_that_fail_in_a_corner_are_refuted_with_every_seed() {
    let file = file("corners.toml");
    for seed in 0..3 {
        for id in [
            "norm-of-resolvent",
            "leak-*",
            "projection-leaks",
            "trace-of-square",
        ] {
            let options = Options {
                seed,
                filter: Some(id.into()),
                ..options(2)
            };
            let outcome = check(std::slice::from_ref(&file), &options, &|_, _| {});
            let claims = outcome.report.claims;
            let wrong = listed(&claims, |claim| claim.verdict != Verdict::Refuted);
            assert!(
                !claims.is_empty() && wrong.is_empty(),
                "seed {seed}: {}",
                wrong.join("\n")
            );
        }
    }
}

#[test]
fn sines_integrals_and_minima_at_an_end_are_decided() {
    let file = file("functions.toml");
    let outcome = check(&[file], &options(2), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let claims = outcome.report.claims;
    let wrong = listed(&claims, |claim| !claim.as_expected);
    assert!(
        claims.len() > 15 && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

/// Where there are more rows than dimensions both sides are zero, and rounding is no inequality.
#[test]
fn strict_inequalities_between_equal_expectations_are_no_support() {
    let text = "[symbols]\nd = { integer = [2, 30] }\nT = { integer = [2, 60] }\n\
         [random]\nX = { design = \"T\" }\n\
         [[claim]]\nid = \"a\"\nsays = \"E[norm2(X*(proj(X)*w0 - w0))] < E[norm2(proj(X)*w0 - w0)]\"\n\
         [[claim]]\nid = \"b\"\nsays = \"E[norm2(proj(X)*w0)] < norm2(w0)\"\nassume = [\"T < d\"]\n\
         [[claim]]\nid = \"c\"\nassume = [\"T >= d\"]\n\
         says = \"E[1/(w0'*inv(X'*X)*w0)] > (T - d + 1)/(w0'*inv(Sigma)*w0)\"\n";
    let outcome = check_text(Path::new("a.toml"), text, &options(2));
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let claims = &outcome.report.claims;
    assert!(!claims[0].verdict.holds(), "{:?}", claims[0].verdict);
    // no draw is equal here, but their mean is
    assert!(!claims[2].verdict.holds(), "{:?}", claims[2].verdict);
    assert!(
        claims[1].verdict.holds(),
        "{:?} {:?}",
        claims[1].verdict,
        claims[1].reason
    );
}

/// A sum that grows beyond all bounds is no number, and equals none.
#[test]
fn sums_without_a_limit_have_no_value() {
    let text = "[symbols]\na = { real = [0.1, 1] }\n\
         [[claim]]\nid = \"a\"\nsays = \"sum(i = 1..inf, 1/i^a) > 1\"\n\
         [[claim]]\nid = \"b\"\nsays = \"sum(i = 1..inf, a) = 3\"\n";
    let outcome = check_text(Path::new("a.toml"), text, &options(2));
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    for claim in &outcome.report.claims {
        let reason = claim.reason.as_deref().unwrap_or_default();
        assert_eq!(claim.verdict, Verdict::Vacuous, "{}: {reason}", claim.id);
        assert!(reason.contains("does not converge"), "{reason}");
    }
}

/// What induction, Sturm's sequences and enclosures owe: a claim that holds and is merely supported says so in its id.
#[test]
fn lengths_and_boxes_are_settled_for_the_whole_domain() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verdicts");
    let paths = ["lengths.toml", "boxes.toml"].map(|name| folder.join(name));
    let outcome = check(&paths, &options(2), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let claims = outcome.report.claims;
    let wrong = listed(&claims, |claim| {
        let settled = matches!(claim.verdict, Verdict::Proved | Verdict::Certified);
        let open = claim.id.starts_with("open-");
        !claim.as_expected || claim.verdict.holds() && !settled && !open
    });
    assert!(
        claims.len() > 40 && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
    let count = |verdict| claims.iter().filter(|c| c.verdict == verdict).count();
    assert!(count(Verdict::Proved) > 15 && count(Verdict::Certified) > 3);
}

/// What cells owe where minima are taken over exponents, and sums start late: proved, or open as the id says.
#[test]
#[ignore = "minutes of processor time: cargo test --release --test verdicts -- --ignored"]
fn least_orders_of_growth_are_settled_for_the_whole_domain() {
    let file = file("minima.toml");
    let outcome = check(&[file], &options(2), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let claims = outcome.report.claims;
    let wrong = listed(&claims, |claim| {
        let settled = claim.verdict == Verdict::Proved || claim.id.starts_with("open-");
        !claim.as_expected || claim.verdict.holds() && !settled
    });
    assert!(
        claims.len() > 40 && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

/// Counting on from a number that adding one does not change would never end.
#[test]
fn sums_beyond_doubles_stay_open() {
    let text = "[[claim]]\nid = \"a\"\nsays = \"sum(j = 10^20 + 1..10^20 + 3, 1) = 4\"\n\
         [[claim]]\nid = \"b\"\nsays = \"sum(j = 10^17 + 1..inf, 1/j^2) > 1\"\n";
    let outcome = check_text(Path::new("a.toml"), text, &options(2));
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    for claim in &outcome.report.claims {
        assert!(!claim.verdict.holds(), "{}: {:?}", claim.id, claim.verdict);
    }
}

/// `T - df(1, kappa(0, T))` is zero wherever T < d: what stands above it says nothing there, and is no support elsewhere.
#[test]
fn a_side_without_values_on_much_of_the_domain_is_no_support() {
    let head = "[symbols]\nd = { integer = [2, 60] }\nT = { integer = [2, 120] }\nphi = \"d/T\"\nk = \"kappa(0, T)\"\n\
         [random]\nX = { design = \"T\" }\n[limit]\nvariable = \"T\"\npath = { d = \"phi*T\" }\n";
    let verdict = |order: u32| {
        let text = format!(
            "{head}[[claim]]\nid = \"a\"\nassume = [\"(phi - 1)^2 > 0.01\"]\n\
             says = \"E[tr(pinv(X)*pinv(X)')] ~ tr(Sigma*inv(Sigma + k*I)^2)/(T - df({order}, k))\"\n"
        );
        let outcome = check_text(Path::new("a.toml"), &text, &options(2));
        assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
        outcome.report.claims[0].verdict
    };
    assert_eq!(
        (verdict(2), verdict(1)),
        (Verdict::Supported, Verdict::Inconclusive)
    );
}

/// An equivalent is known up to a share of order 1/T: differences that are no larger are not decided by it.
#[test]
fn what_equivalents_leave_out_stays_open() {
    let head = "[symbols]\nd = { integer = [2, 200] }\nT = { integer = [4, 2000] }\nphi = \"d/T\"\n\
         lambda = { real = [0.01, 3] }\n[random]\nX = { design = \"T\" }\n[define]\nk = \"kappa(lambda, T)\"\n\
         mean = \"E[w0'*inv(X'*X/T + lambda*I)*w0]\"\nlimit = \"k/lambda*(w0'*inv(Sigma + k*I)*w0)\"\n\
         [limit]\nvariable = \"T\"\npath = { d = \"phi*T\" }\n";
    let verdict = |says: &str| {
        let text = format!("{head}[[claim]]\nid = \"a\"\nsays = \"{says}\"\n");
        let outcome = check_text(Path::new("a.toml"), &text, &options(2));
        assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
        outcome.report.claims[0].verdict
    };
    assert!(verdict("mean ~ limit").holds());
    assert_eq!(verdict("mean ~ 101/100*limit"), Verdict::Refuted);
    // true, and no larger than a share of 1/T
    assert!(verdict("mean - limit -> 0").holds());
    // false: each tends to a number that is not zero
    for says in ["T*(mean - limit) -> 0", "mean - limit + 1/T ~ 1/T"] {
        assert!(!verdict(says).holds(), "{says}");
    }
}

/// Claims beyond what the checker could decide when they were written: it may leave them open, or decide them rightly.
#[test]
#[ignore = "minutes of processor time: cargo test --release --test verdicts -- --ignored"]
fn what_cannot_be_decided_is_not_decided_wrongly() {
    let claims = decided("verdicts_open", 2);
    let wrong = listed(&claims, |claim| {
        !claim.as_expected && claim.verdict != Verdict::Inconclusive
    });
    assert!(
        !claims.is_empty() && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

/// A cell that few points meet, and that nothing decides, keeps a claim open; so does a drift too slow to be seen as one.
#[test]
fn places_on_a_plateau_and_slow_drifts_stay_open() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verdicts_open");
    let files = ["plateaus.toml", "drifts.toml"].map(|name| folder.join(name));
    let claims = check(&files, &options(2), &|_, _| {}).report.claims;
    let supported = listed(&claims, |claim| claim.verdict != Verdict::Inconclusive);
    assert!(
        !claims.is_empty() && supported.is_empty(),
        "{}",
        supported.join("\n")
    );
}

/// The verdict is the first word of the id.
#[test]
#[ignore = "minutes of processor time: cargo test --release --test verdicts -- --ignored"]
fn formulas_without_value_points_or_end_get_the_verdict_they_deserve() {
    let claims = decided("verdicts_edge", 2);
    let wrong = listed(&claims, |claim| {
        !claim
            .id
            .starts_with(&format!("{:?}", claim.verdict).to_lowercase())
    });
    assert!(
        !claims.is_empty() && wrong.is_empty(),
        "{}",
        wrong.join("\n")
    );
}

/// A claim that is false by `size` on a part `extent` of its domain, and what share that is.
fn planted_slip(
    number: usize,
    size: f64,
    extent: f64,
    uniform: &mut impl FnMut() -> f64,
) -> (String, f64) {
    let at = uniform() * (1.0 - extent);
    match number % 5 {
        // A plateau without a switch to find: the power makes its walls steep.
        0 => {
            let (middle, width) = (at + extent / 2.0, extent / 2.0);
            let bump = format!("exp(-(((x - {middle})/{width})^2)^40)");
            (format!("1 + {size}*{bump} = 1"), extent)
        }
        1 => {
            let (middle, width) = (at + extent / 2.0, extent / 2.0);
            let bump = format!("exp(-(((x*y - {middle})/{width})^2)^40)");
            // The part of the square where x*y lies in an interval.
            let part = |z: f64| if z > 0.0 { z * (1.0 - z.ln()) } else { 0.0 };
            let share = part(at + extent) - part(at);
            (format!("1 + {size}*{bump} = 1"), share)
        }
        2 => (
            format!(
                "1 + if(x > {at}, if(x < {}, {size}, 0), 0) = 1",
                at + extent
            ),
            extent,
        ),
        3 => {
            let d = 2 + (58.0 * uniform()) as usize;
            (format!("1 + if(d = {d}, {size}, 0) = 1"), 1.0 / 59.0)
        }
        _ => {
            let d = 1 + (20.0 * uniform()) as usize;
            (format!("1 + if(s({d}) = s(d), {size}, 0) = 1"), 0.02)
        }
    }
}

/// Claims that are false by a planted discrepancy of every size and extent. Whatever is missed must be smaller than what
/// the report says would have been seen, or take up less of the domain.
#[test]
#[ignore = "minutes of processor time: cargo test --release --test verdicts -- --ignored"]
fn what_is_missed_is_smaller_than_what_is_said_to_be_seen() {
    let folder = std::env::temp_dir().join(format!("resolvent-planted-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut text = String::from(
        "[symbols]\nx = { real = [0, 1] }\ny = { real = [0, 1] }\nd = { integer = [2, 60] }\n\
         T = { integer = [2, 60] }\n",
    );
    // Numbers that look random and are the same in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut planted: Vec<(String, f64, f64)> = Vec::new();
    for number in 0..90 {
        let size = 10f64.powf(-12.0 * uniform());
        let extent = 10f64.powf(-4.0 * uniform());
        let (says, share) = planted_slip(number, size, extent, &mut uniform);
        let id = format!("planted-{number}");
        text.push_str(&format!("[[claim]]\nid = \"{id}\"\nsays = \"{says}\"\n"));
        if number % 5 == 4 {
            text.push_str("assume = [\"d >= 21\"]\n");
        }
        planted.push((id, size, share));
    }
    std::fs::write(folder.join("planted.toml"), text).expect("a file of claims");
    let outcome = check(&[folder.join("planted.toml")], &options(2), &|_, _| {});
    std::fs::remove_dir_all(&folder).expect("the folder to go");
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let mut found = 0;
    let mut dishonest = Vec::new();
    for (claim, (id, size, share)) in outcome.report.claims.iter().zip(&planted) {
        assert_eq!(claim.id, *id);
        found += usize::from(claim.verdict == Verdict::Refuted);
        if claim.verdict != Verdict::Supported {
            continue;
        }
        let (detects, misses) = (claim.detects.unwrap_or(1.0), claim.accounting.misses);
        if *size > detects && *share > misses.unwrap_or(1.0) {
            dishonest.push(format!(
                "{}: {size:.1e} on {share:.1e} of the domain, missed; detects {detects:.1e}, misses {misses:?}",
                claim.says
            ));
        }
    }
    assert!(dishonest.is_empty(), "{}", dishonest.join("\n"));
    assert!(
        2 * found > planted.len(),
        "{found} of {} found",
        planted.len()
    );
}

#[test]
#[ignore = "minutes of processor time: cargo test --release --test verdicts -- --ignored"]
fn verdicts_do_not_depend_on_the_number_of_threads() {
    let report = |threads| format!("{:?}", decided("verdicts_edge", threads));
    assert_eq!(report(1), report(2));
}

/// A witness can be recomputed from what it says, and says no more: what `Sigma` and `w0` are made of where they matter.
#[test]
fn witnesses_say_all_that_matters_and_nothing_else() {
    let text = "
        [setting]
        spectrum = { kind = \"power-law\", beta = \"b\" }
        target = { kind = \"source\", r = \"r\" }
        d = \"inf\"
        [symbols]
        b = { real = [1.2, 4] }
        r = { real = [0.1, 1] }
        a = { real = [0.1, 0.9] }
        T = { integer = [10, 1000] }
        [limit]
        variable = \"T\"
        [[claim]]
        id = \"eigenvalues\"
        says = \"df(1, 1/T) <= 3\"
        expect = \"refuted\"
        [[claim]]
        id = \"target\"
        says = \"norm2(w0, Sigma) <= 1\"
        expect = \"refuted\"
        [[claim]]
        id = \"numbers\"
        says = \"T^a ~ T\"
        expect = \"refuted\"
        ";
    let outcome = check_text(Path::new("a.toml"), text, &options(2));
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let symbols = |claim: &ClaimReport| -> String {
        let witness = claim.witness.as_ref().expect("a witness");
        let names: Vec<&str> = witness.symbols.keys().map(String::as_str).collect();
        names.join(" ")
    };
    let named: Vec<String> = outcome.report.claims.iter().map(symbols).collect();
    assert_eq!(named, ["T b", "b r", "T a"]);
}

#[test]
fn signs_orders_of_products_and_balances_are_kept() {
    let outcome = check(&[file("signs_and_balances.toml")], &options(2), &|_, _| {});
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    let wrong = listed(&outcome.report.claims, |claim| !claim.as_expected);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // the witness says which coefficients are negative
    let signed = |c: &&ClaimReport| c.id == "positive-coefficients";
    let claim = outcome.report.claims.iter().find(signed).expect("a claim");
    let witness = claim.witness.as_ref().expect("a witness");
    assert!(!witness.negative.is_empty());
}

/// A claim that does not speak of `u` fails whatever `u` is: no condition on it is an answer.
#[test]
fn where_a_claim_holds_is_said_of_what_it_speaks_of() {
    let text = "
        [symbols]
        p = { real = [0, 10] }
        q = { real = [0, 10] }
        r = { real = [0, 10] }
        u = { real = [0, 10] }
        [[claim]]
        id = \"hair\"
        says = \"(p + q + r + 1)^4 >= 256.1*p*q*r\"
        expect = \"refuted\"
        ";
    for seed in 0..3 {
        let options = Options { seed, ..options(2) };
        let outcome = check_text(Path::new("a.toml"), text, &options);
        let claim = &outcome.report.claims[0];
        assert_eq!(claim.verdict, Verdict::Refuted);
        let part = claim.holds_where.as_deref().unwrap_or_default();
        assert!(!part.contains('u'), "{part}");
    }
}

/// Equivalents, formulas and simulations with the first eigenvalues, where the dimension is infinite.
#[test]
fn random_features_of_infinitely_many_inputs_are_decided() {
    as_expected_with_seeds("features_without_end.toml", 3);
}

#[test]
fn claims_that_fail_in_one_order_of_sizes_are_refuted() {
    as_expected_with_seeds("orders_of_sizes.toml", 3);
}

/// Where draws are noisy, equivalents tell where to look; and a point beside its domain refutes nothing.
#[test]
fn comparisons_that_fail_in_a_corner_are_refuted() {
    as_expected_with_seeds("foreseen.toml", 3);
}
