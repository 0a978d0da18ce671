//! Against the formulas that are known, and against simulation.

use super::*;
use crate::equivalent::{Chain, Fit, kappa};
use crate::spectrum::{Dimension, PowerLaw, Spectrum, Target};

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

fn spectra() -> Vec<(Spectrum, Target)> {
    let two = Spectrum::atoms(vec![3.0, 0.2], vec![40.0, 60.0]).unwrap();
    let steep = Spectrum::PowerLaw(PowerLaw::new(1.7, Dimension::Finite(200)).unwrap());
    let infinite = |beta| Spectrum::PowerLaw(PowerLaw::new(beta, Dimension::Infinite).unwrap());
    vec![
        (two, Target::Masses(vec![0.3, 1.1])),
        (steep, Target::Source { r: 0.4 }),
        (infinite(1.2), Target::Source { r: 0.7 }),
        (infinite(2.0), Target::Source { r: 0.3 }),
        (infinite(4.0), Target::Source { r: 1.4 }),
        (infinite(1.5), Target::Axis { index: 3 }),
    ]
}

/// The test error of a chain by the general mechanism.
fn chain_error(spectrum: &Spectrum, target: &Target, chain: &Chain) -> Result<f64, PencilError> {
    let mut m = Model::new();
    let rows: f64 = chain.fits().map(|f| f.samples).sum();
    let features = m.features(spectrum, target, rows)?;
    let sigma = m.of_diagonal(features.sigma);
    let mut weights = Vec::new();
    let mut designs = Vec::new();
    for fit in chain.fits() {
        let space = m.flat(fit.samples)?;
        let x = m.design(space, features.sigma);
        let x = m.of_gaussian(x);
        weights.push(m.ridge(x, fit.ridge * fit.samples)?);
        designs.push(x);
    }
    // ŵ − w0 = (A_n … A_0 − 1) w0 + Σ_m A_n … A_{m+1} N_m E_m
    let one = m.identity(features.space);
    let mut total = 0.0;
    let mut later = one;
    for (i, fit) in chain
        .fits()
        .enumerate()
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let by = m.product(&[later, weights[i]])?;
        if fit.noise > 0.0 {
            let t = m.transpose(by);
            let square = m.product(&[t, sigma, by])?;
            total += fit.noise * fit.noise * m.trace(square)?;
        }
        later = m.product(&[by, designs[i]])?;
    }
    let gap = m.sum(&[(1.0, later), (-1.0, one)])?;
    let t = m.transpose(gap);
    let square = m.product(&[t, sigma, gap])?;
    if m.is_zero(square) {
        return Ok(total);
    }
    let mean = m.equivalents(&[square])?.remove(0);
    Ok(total + m.closed(&mean, &features.mass)?)
}

#[test]
fn one_fit_has_its_kappa() {
    for (spectrum, target) in spectra() {
        for (lambda, samples) in [(0.3, 50.0), (1e-6, 80.0), (0.0, 30.0), (1e-3, 2000.0)] {
            let k = kappa(&spectrum, lambda, samples).unwrap();
            let mut m = Model::new();
            let f = m.features(&spectrum, &target, samples).unwrap();
            let rows = m.flat(samples).unwrap();
            let x = m.design(rows, f.sigma);
            let x = m.of_gaussian(x);
            let n = m.ridge(x, lambda * samples).unwrap();
            let a = m.product(&[n, x]).unwrap();
            let df1 = m.trace(a).unwrap();
            assert!(
                close(df1, k.df1, 1e-11),
                "{spectrum:?} {lambda} {samples}: {df1} for {}",
                k.df1
            );
        }
    }
}

#[test]
fn chains_agree_with_their_recursion() {
    let fit = |samples, noise, ridge| Fit {
        samples,
        noise,
        ridge,
    };
    for (spectrum, target) in spectra() {
        for chain in [
            Chain::clean(fit(50.0, 0.3, 0.1)),
            Chain::clean(fit(50.0, 0.3, 0.0)),
            Chain::clean(fit(3000.0, 0.0, 1e-5)),
            Chain::independent(2, fit(40.0, 0.5, 0.0), fit(70.0, 0.3, 1e-3)),
            Chain::independent(3, fit(300.0, 0.5, 1e-4), fit(150.0, 0.3, 1e-3)),
        ] {
            let expected = chain.predict(&spectrum, &target).unwrap().test_error;
            let found = chain_error(&spectrum, &target, &chain).unwrap();
            assert!(
                close(found, expected, 1e-11),
                "{spectrum:?} {chain:?}: {found} for {expected}"
            );
        }
    }
}

/// Equivalents within 4 standard errors of 400 draws, and what a finite size may add.
fn agrees(m: &mut Model, targets: &[(&str, Expression, Vec<f64>)], bias: f64) {
    let expressions: Vec<Expression> = targets.iter().map(|t| t.1).collect();
    let means: Vec<Mean> = expressions
        .iter()
        .zip(targets)
        .map(|(e, (name, ..))| match m.equivalents(&[*e]) {
            Ok(mut means) => means.remove(0),
            Err(error) => panic!("{name}: {error}"),
        })
        .collect();
    let wanted: Vec<(Expression, Vec<f64>)> = targets.iter().map(|t| (t.1, t.2.clone())).collect();
    let drawn = simulation::simulated(m, &wanted, 400, 7);
    let mut wrong = Vec::new();
    for ((mean, (name, _, weights)), (average, error)) in means.iter().zip(targets).zip(drawn) {
        let value = m.closed(mean, weights).unwrap();
        if !((value - average).abs() <= 4.0 * error + bias * average.abs()) {
            wrong.push(format!("{name}: {value} for {average} ± {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `e' M e`
fn squared(m: &mut Model, middle: Expression, e: Expression) -> Expression {
    let t = m.transpose(e);
    m.product(&[t, middle, e]).unwrap()
}

fn less_one(m: &mut Model, e: Expression) -> Expression {
    let one = m.identity(m.rows(e));
    m.sum(&[(1.0, e), (-1.0, one)]).unwrap()
}

#[test]
fn what_theory_lists_agrees_with_simulation() {
    let m = &mut Model::new();
    let spectrum = Spectrum::atoms(vec![2.0, 0.3], vec![32.0, 48.0]).unwrap();
    let f = m
        .features(&spectrum, &Target::Masses(vec![0.6, 0.9]), 1.0)
        .unwrap();
    let other = m.diagonal(f.space, vec![0.4, 1.5]);
    let sigma = m.of_diagonal(f.sigma);
    let rows: Vec<Space> = [120.0, 50.0, 40.0]
        .iter()
        .map(|t| m.flat(*t).unwrap())
        .collect();
    let features = m.flat(70.0).unwrap();
    let design = |m: &mut Model, i: usize, d| {
        let g = m.design(rows[i], d);
        m.of_gaussian(g)
    };
    let (x, y, w) = (
        design(m, 0, f.sigma),
        design(m, 1, f.sigma),
        design(m, 2, other),
    );
    let unit = m.constant(f.space, 1.0 / 80.0);
    let layer = m.design(features, unit);
    let layer = m.of_gaussian(layer);
    let layer_t = m.transpose(layer);
    let mut targets: Vec<(&str, Expression, Vec<f64>)> = Vec::new();
    let mass = f.mass.clone();
    let whole = |m: &Model, e: Expression| m.multiplicities(m.rows(e)).to_vec();
    // ridge, twice on one design, minimum norm, a chain of minimum norm fits
    let smoother = |m: &mut Model, x, mu| {
        let n = m.ridge(x, mu).unwrap();
        m.product(&[n, x]).unwrap()
    };
    let a = smoother(m, x, 30.0);
    let a2 = smoother(m, x, 5.0);
    let p = smoother(m, y, 0.0);
    let q = smoother(m, w, 0.0);
    for (name, e) in [
        ("ridge bias", vec![a]),
        ("two ridges on one design", vec![a, a2]),
        ("minimum norm bias", vec![p]),
        ("chain of minimum norm fits", vec![p, q]),
        ("minimum norm, then ridge", vec![a, p]),
    ] {
        let product = m.product(&e).unwrap();
        let gap = less_one(m, product);
        targets.push((name, squared(m, sigma, gap), mass.clone()));
    }
    // two minimum norm fits averaged, which share half their rows
    let cells = m
        .space(vec![20.0, 20.0, 20.0], vec![3.0, 2.0, 1.0], 60.0)
        .unwrap();
    let pool = m.design(cells, f.sigma);
    let pool = m.of_gaussian(pool);
    let mut halves = Vec::new();
    for kept in [vec![1.0, 1.0, 0.0], vec![0.0, 1.0, 1.0]] {
        let kept = m.diagonal(cells, kept);
        let kept = m.of_diagonal(kept);
        let part = m.product(&[kept, pool]).unwrap();
        halves.push(smoother(m, part, 0.0));
    }
    let average = m.sum(&[(0.5, halves[0]), (0.5, halves[1])]).unwrap();
    let gap = less_one(m, average);
    targets.push((
        "ensemble with shared rows",
        squared(m, sigma, gap),
        mass.clone(),
    ));
    // rows of two covariances, of which one carries the labels
    let stacked = m.ridge_stacked(&[x, w], 25.0).unwrap();
    let from_x = m.product(&[stacked[0], x]).unwrap();
    let gap = less_one(m, from_x);
    targets.push((
        "mixture of covariances",
        squared(m, sigma, gap),
        mass.clone(),
    ));
    let both = m.product(&[stacked[1], w]).unwrap();
    let both = m.sum(&[(1.0, from_x), (1.0, both)]).unwrap();
    let gap = less_one(m, both);
    targets.push(("stacked rows", squared(m, sigma, gap), mass.clone()));
    // the same without a ridge, on fewer rows than dimensions
    let few = [20.0, 15.0].map(|rows| halves_of(m, &f, rows));
    let stacked = m.ridge_stacked(&few, 0.0).unwrap();
    let t = m.transpose(stacked[0]);
    let e = m.product(&[t, sigma, stacked[0]]).unwrap();
    targets.push(("minimum norm of stacked rows", e, whole(m, e)));
    // random features: (X F' F X'/… )
    let z = m.product(&[x, layer_t]).unwrap();
    let n = m.ridge(z, 20.0).unwrap();
    let fit = m.product(&[layer_t, n, x]).unwrap();
    targets.push(("random features, first order", fit, whole(m, fit)));
    let gap = less_one(m, fit);
    targets.push((
        "random features, second order",
        squared(m, sigma, gap),
        mass.clone(),
    ));
    let t = m.transpose(n);
    let noise = m.product(&[t, layer, sigma, layer_t, n]).unwrap();
    targets.push(("random features, noise", noise, whole(m, noise)));
    let n = m.ridge(z, 0.0).unwrap();
    let fit = m.product(&[layer_t, n, x]).unwrap();
    let gap = less_one(m, fit);
    targets.push((
        "random features without ridge",
        squared(m, sigma, gap),
        mass.clone(),
    ));
    // training error, of signal and of noise; generalised cross-validation
    let n = m.ridge(x, 30.0).unwrap();
    let hat = m.product(&[x, n]).unwrap();
    let gap = less_one(m, hat);
    let t = m.transpose(gap);
    let error = m.product(&[t, gap]).unwrap();
    targets.push(("training error of noise", error, whole(m, error)));
    let t = m.transpose(x);
    let error = m.product(&[t, error, x]).unwrap();
    targets.push(("training error of signal", error, mass.clone()));
    targets.push(("trace of the hat matrix", hat, whole(m, hat)));
    // pretraining by minimum norm, fine-tuning by ridge towards it: w = w1 + A(w0 − w1), w1 = P w0
    let p_gap = less_one(m, p);
    let a_gap = less_one(m, a);
    let e = m.product(&[a_gap, p_gap]).unwrap();
    targets.push(("fine-tuning", squared(m, sigma, e), mass.clone()));
    // covariance shift: trained on one, tested on the other; norm of the fit
    let gap = less_one(m, a);
    let shifted = m.of_diagonal(other);
    targets.push(("covariate shift", squared(m, shifted, gap), mass.clone()));
    let one = m.identity(f.space);
    targets.push(("norm", squared(m, one, a), mass.clone()));
    // an inverse that is no fit: (Σ + A)^{-1}
    let e = m.sum(&[(1.0, sigma), (1.0, a)]).unwrap();
    let e = m.inverse(e).unwrap();
    targets.push(("general inverse", e, whole(m, e)));
    // two random layers
    let second = m.flat(90.0).unwrap();
    let unit = m.constant(features, 1.0 / 70.0);
    let g = m.design(second, unit);
    let g = m.of_gaussian(g);
    let deep = m.product(&[g, layer]).unwrap();
    let deep_t = m.transpose(deep);
    let z = m.product(&[x, deep_t]).unwrap();
    let n = m.ridge(z, 3.0).unwrap();
    let fit = m.product(&[deep_t, n, x]).unwrap();
    let gap = less_one(m, fit);
    targets.push(("two layers", squared(m, sigma, gap), mass.clone()));
    // The finite size: noise of a minimum norm fit is of order 1/(d − T − 1), which is 1/(d − T) to leading order.
    agrees(m, &targets, 0.025);
}

fn halves_of(m: &mut Model, f: &Features, rows: f64) -> Expression {
    let space = m.flat(rows).unwrap();
    let g = m.design(space, f.sigma);
    m.of_gaussian(g)
}

/// A bias of 1e-20 next to a signal of 1: what cancels is cancelled before it is computed.
#[test]
fn small_biases_keep_their_digits() {
    let spectrum = Spectrum::atoms(vec![1.0, 0.01], vec![1e6, 1e3]).unwrap();
    let target = Target::Masses(vec![1.0, 1.0]);
    for ridge in [1e-10, 1e-4, 1e4, 1e10] {
        let chain = Chain::clean(Fit {
            samples: 3e7,
            noise: 0.0,
            ridge,
        });
        let expected = chain.predict(&spectrum, &target).unwrap().test_error;
        let found = chain_error(&spectrum, &target, &chain).unwrap();
        assert!(
            close(found, expected, 1e-11),
            "{ridge}: {found} for {expected}"
        );
    }
}

#[test]
fn random_features_have_two_roots() {
    // F'F of p features in d dimensions, all isotropic: p = d = T, where the equations are cubic; κ₁ of the design acts on the
    // features' κ₂ (Simon et al. 2024): T = df_1 + ridge, for a weak ridge and a strong one.
    for (p, t, lambda) in [
        (400.0, 200.0, 1e-3),
        (200.0, 900.0, 0.3),
        (300.0, 500.0, 0.0),
    ] {
        let d = 700.0;
        let m = &mut Model::new();
        let f = m.levels_of(&[(1.0, d, 1.0)]).unwrap();
        let (rows, width) = (m.flat(t).unwrap(), m.flat(p).unwrap());
        let x = m.design(rows, f.sigma);
        let x = m.of_gaussian(x);
        let layer = m.design(width, f.sigma);
        let layer = m.of_gaussian(layer);
        let layer_t = m.transpose(layer);
        let z = m.product(&[x, layer_t]).unwrap();
        let n = m.ridge(z, lambda * t * p).unwrap();
        let hat = m.product(&[z, n]).unwrap();
        let found = m.trace(hat).unwrap();
        // df = Σ s/(s + κ₂) with T − df = T λ/κ₁ and κ₁ = κ₂ (1 − df/p): one equation for κ₂.
        let gap = |kappa2: f64| {
            let df = d / (1.0 + kappa2);
            (t - df) * kappa2 * (1.0 - df / p) - t * lambda
        };
        let (mut low, mut high) = ((d / p.min(t) - 1.0) * (1.0 + 1e-14), 1e6);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if gap(middle) > 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        let expected = d / (1.0 + 0.5 * (low + high));
        assert!(
            close(found, expected, 1e-10),
            "{p} {t} {lambda}: {found} for {expected}"
        );
    }
}
