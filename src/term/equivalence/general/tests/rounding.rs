//! What an equivalent says of its own error.

use super::*;

/// Of a training error with a small ridge most cancels; two roundings may agree by chance.
#[test]
fn the_error_of_what_cancels_is_not_hidden_by_two_roundings_that_agree() {
    let scope = everything();
    for power in 1..600 {
        let lambda = 1e-2 * 0.98_f64.powi(power);
        let mut point = POINT;
        point[0].1 = 30.0;
        let place = point
            .iter()
            .position(|(name, _)| *name == "lambda")
            .unwrap();
        point[place].1 = lambda;
        let environment = environment::<f64>(&LEVELS, &point);
        let of = |text: &str| {
            let statement = stated(text, &scope, &environment);
            unguarded(&statement, statement.claim.lhs, &environment)
        };
        let found = of("norm2(E - X*ridge(X, E, lambda))").unwrap();
        let k = "kappa(lambda, T)";
        let formula = format!("T^2*lambda^2*sigma^2/((T - df(2, {k}))*({k})^2)");
        let known = Evaluator::new(&scope, &environment)
            .scalar(&expr(&formula))
            .unwrap();
        let error = (found.value - known).abs();
        assert!(
            error <= found.relative_error * known,
            "ridge {lambda}: {found:?} for {known}"
        );
    }
}
