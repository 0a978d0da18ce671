//! Against diagonal matrices where bases commute, against simulation where they do not.

use faer::Mat;

use crate::equivalent::pencil::model::Model;
use crate::equivalent::pencil::node::{Expression, Space};
use crate::equivalent::pencil::simulation::simulated;
use crate::simulate::Stream;

const D: usize = 40;

fn sigma() -> Vec<f64> {
    (1..=D).map(|j| (j as f64).powf(-0.8)).collect()
}

fn theta() -> Vec<f64> {
    (1..=D)
        .map(|j| if j % 3 == 0 { 2.0 } else { 0.4 })
        .collect()
}

/// `1 − 2vv'/v'v` for normal `v`, several of them.
fn random_rotation(n: usize) -> Mat<f64> {
    let mut stream = Stream::new(11, 0, n as u64);
    let mut matrix = Mat::<f64>::identity(n, n);
    for _ in 0..n {
        let v = Mat::from_fn(n, 1, |_, _| stream.normal());
        let square = (v.transpose() * &v)[(0, 0)];
        let along = v.transpose() * &matrix;
        matrix -= (2.0 / square) * (&v * along);
    }
    matrix
}

/// What is asked of a covariance `Θ` that stands beside `Σ`.
struct Matrices {
    space: Space,
    sigma: Expression,
    theta: Expression,
    /// Designs of the covariances `Σ` and `Θ`.
    x: Expression,
    y: Expression,
}

/// `Θ = U diag(values) U'`, or the diagonal matrix itself.
fn matrices(m: &mut Model, values: Vec<f64>, rotation: Option<Mat<f64>>) -> Matrices {
    let levels: Vec<_> = sigma().iter().map(|s| (*s, 1.0, 1.0 / D as f64)).collect();
    let features = m.levels_of(&levels).unwrap();
    let (few, many) = (m.flat(25.0).unwrap(), m.flat(60.0).unwrap());
    let x = m.design(few, features.sigma);
    let x = m.of_gaussian(x);
    let (y, theta) = match rotation {
        None => {
            let theta = m.diagonal(features.space, values);
            let y = m.design(many, theta);
            (m.of_gaussian(y), m.of_diagonal(theta))
        }
        Some(matrix) => {
            let (turned, u) = m.rotation(features.space, matrix).unwrap();
            let u = m.of_rotation(u);
            let back = m.transpose(u);
            let theta = m.diagonal(turned, values);
            let y = m.design(many, theta);
            let (y, theta) = (m.of_gaussian(y), m.of_diagonal(theta));
            let y = m.product(&[y, back]).unwrap();
            (y, m.product(&[u, theta, back]).unwrap())
        }
    };
    Matrices {
        space: features.space,
        sigma: m.of_diagonal(features.sigma),
        theta,
        x,
        y,
    }
}

fn weighed(m: &mut Model, weight: Expression, e: Expression) -> Expression {
    let t = m.transpose(e);
    m.product(&[t, weight, e]).unwrap()
}

/// Covariate shift, mixtures of rows, chains over both bases, penalties, inverses.
fn zoo(m: &mut Model, a: &Matrices) -> Vec<(&'static str, Expression)> {
    let one = m.identity(a.space);
    let less_one = |m: &mut Model, e| m.sum(&[(1.0, e), (-1.0, one)]).unwrap();
    let mut found = Vec::new();

    let of_x = m.ridge(a.x, 3.0).unwrap();
    let smoother = m.product(&[of_x, a.x]).unwrap();
    let gap = less_one(m, smoother);
    found.push(("bias under covariate shift", weighed(m, a.theta, gap)));
    found.push(("noise under covariate shift", weighed(m, a.theta, of_x)));

    let of_y = m.ridge(a.y, 0.0).unwrap();
    found.push(("least squares of rotated rows", weighed(m, a.sigma, of_y)));

    for (name, mu) in [("a mixture of rows", 2.0), ("a mixture without ridge", 0.0)] {
        let stacked = m.ridge_stacked(&[a.x, a.y], mu).unwrap();
        found.push((name, weighed(m, a.sigma, stacked[0])));
        let from_y = m.product(&[stacked[1], a.y]).unwrap();
        let gap = less_one(m, from_y);
        found.push((name, weighed(m, a.theta, gap)));
    }

    let of_both = m.ridge(a.y, 5.0).unwrap();
    let second = m.product(&[of_both, a.y]).unwrap();
    let chain = m.product(&[second, smoother]).unwrap();
    let gap = less_one(m, chain);
    found.push(("a chain over both bases", weighed(m, a.sigma, gap)));

    // (X'X + Θ)^{-1} and (Σ + Θ)^{-1}
    let back = m.transpose(a.x);
    let gram = m.product(&[back, a.x]).unwrap();
    for (name, with) in [
        ("a penalty in another basis", gram),
        ("sum of bases", a.sigma),
    ] {
        let sum = m.sum(&[(1.0, with), (1.0, a.theta)]).unwrap();
        let inverse = m.inverse(sum).unwrap();
        found.push((name, m.product(&[a.theta, inverse, a.sigma]).unwrap()));
    }
    let inverse = m.inverse(a.theta).unwrap();
    found.push(("an inverse", weighed(m, inverse, gap)));

    // Features of rows, (XΘ^{1/2}… )'s own covariance rotated within.
    let within = m.product(&[a.x, a.theta]).unwrap();
    let fit = m.ridge(within, 2.0).unwrap();
    found.push(("rows times a rotated matrix", weighed(m, a.sigma, fit)));
    found
}

#[test]
fn a_rotation_that_commutes_changes_nothing() {
    // A permutation is a rotation after which Θ is diagonal still; of a multiple of the identity, any is.
    let order: Vec<usize> = (0..D).map(|i| (7 * i + 3) % D).collect();
    let permutation = Mat::from_fn(D, D, |i, j| f64::from(u8::from(order[i] == j)));
    let permuted: Vec<f64> = order.iter().map(|j| theta()[*j]).collect();
    let nearly = |x: f64| {
        (0..D)
            .map(|j| x * (1.0 + 1e-14 * j as f64))
            .collect::<Vec<_>>()
    };
    for (diagonal, values, rotation) in [
        (permuted, theta(), permutation),
        // Not quite a multiple, so that it is not taken for one.
        (vec![0.7; D], nearly(0.7), random_rotation(D)),
    ] {
        let (mut flat, mut turned) = (Model::new(), Model::new());
        let plain = matrices(&mut flat, diagonal, None);
        let rotated = matrices(&mut turned, values, Some(rotation));
        let (plain, rotated) = (zoo(&mut flat, &plain), zoo(&mut turned, &rotated));
        for ((name, a), (_, b)) in plain.into_iter().zip(rotated) {
            let expected = flat.trace(a).unwrap_or_else(|e| panic!("{name}: {e}"));
            let found = turned.trace(b).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(
                (found - expected).abs() <= 1e-11 * expected.abs(),
                "{name}: {found} for {expected}"
            );
        }
    }
}

#[test]
fn quadratic_forms_are_seen_in_either_basis() {
    let m = &mut Model::new();
    let a = matrices(m, theta(), Some(random_rotation(D)));
    let mean = m.equivalents(&[a.theta]).unwrap().remove(0);
    let u = random_rotation(D);
    let masses: Vec<f64> = (0..D).map(|j| 1.0 + j as f64).collect();
    let along = Mat::from_fn(D, 1, |i, _| masses[i].sqrt());
    let turned = u.transpose() * along;
    let expected: f64 = (0..D).map(|j| theta()[j] * turned[(j, 0)].powi(2)).sum();
    let (found, size) = m.quadratic(&mean, &masses).unwrap();
    assert!((found - expected).abs() < 1e-12 * expected && size >= found);
}

#[test]
fn matrices_in_general_position_agree_with_simulation() {
    let m = &mut Model::new();
    let a = matrices(m, theta(), Some(random_rotation(D)));
    let named = zoo(m, &a);
    let targets: Vec<_> = (named.iter())
        .map(|(_, e)| (*e, m.multiplicities(m.rows(*e)).to_vec()))
        .collect();
    let drawn = simulated(m, &targets, 400, 5);
    for ((name, e), (average, error)) in named.into_iter().zip(drawn) {
        let found = m.trace(e).unwrap_or_else(|e| panic!("{name}: {e}"));
        // Sizes of some dozens leave a few percent.
        let allowed = 4.0 * error + 1.5 / D as f64 * found.abs();
        println!("{name}: {found} against {average} ± {error}");
        assert!(
            (found - average).abs() <= allowed,
            "{name}: {found} against {average} ± {error}"
        );
    }
}
