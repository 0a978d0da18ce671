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
    let mut list = Listing::new();
    list.fits_one_after_the_other();
    list.ensemble_with_shared_rows();
    list.stacked_covariances();
    list.random_features();
    list.training_error();
    list.transfer();
    list.general_inverse();
    list.two_layers();
    // The finite size: noise of a minimum norm fit is of order 1/(d − T − 1), which is 1/(d − T) to leading order.
    agrees(&mut list.m, &list.targets, 0.025);
}

/// Three designs and a layer of random features, and the quantities of theory made of them.
struct Listing {
    m: Model,
    f: Features,
    sigma: Expression,
    /// Another covariance, which `w` has.
    other: Diagonal,
    x: Expression,
    y: Expression,
    w: Expression,
    layer: Expression,
    targets: Vec<(&'static str, Expression, Vec<f64>)>,
}

fn smoother(m: &mut Model, x: Expression, mu: f64) -> Expression {
    let n = m.ridge(x, mu).unwrap();
    m.product(&[n, x]).unwrap()
}

impl Listing {
    fn new() -> Self {
        let mut m = Model::new();
        let spectrum = Spectrum::atoms(vec![2.0, 0.3], vec![32.0, 48.0]).unwrap();
        let f = m
            .features(&spectrum, &Target::Masses(vec![0.6, 0.9]), 1.0)
            .unwrap();
        let other = m.diagonal(f.space, vec![0.4, 1.5]);
        let sigma = m.of_diagonal(f.sigma);
        let rows = [120.0, 50.0, 40.0].map(|t| m.flat(t).unwrap());
        let width = m.flat(70.0).unwrap();
        let mut design = |rows: Space, d| {
            let g = m.design(rows, d);
            m.of_gaussian(g)
        };
        let (x, y, w) = (
            design(rows[0], f.sigma),
            design(rows[1], f.sigma),
            design(rows[2], other),
        );
        let unit = m.constant(f.space, 1.0 / 80.0);
        let layer = m.design(width, unit);
        let layer = m.of_gaussian(layer);
        Self {
            m,
            f,
            sigma,
            other,
            x,
            y,
            w,
            layer,
            targets: Vec::new(),
        }
    }

    /// `w0' (F − 1)' Σ (F − 1) w0` of a fit that takes `w0` to `F w0`.
    fn bias(&mut self, name: &'static str, fit: Expression) {
        let gap = less_one(&mut self.m, fit);
        let bias = squared(&mut self.m, self.sigma, gap);
        self.targets.push((name, bias, self.f.mass.clone()));
    }

    fn trace(&mut self, name: &'static str, e: Expression) {
        let weights = self.m.multiplicities(self.m.rows(e)).to_vec();
        self.targets.push((name, e, weights));
    }

    /// Ridge, twice on one design, minimum norm, a chain of minimum norm fits.
    fn fits_one_after_the_other(&mut self) {
        let m = &mut self.m;
        let a = smoother(m, self.x, 30.0);
        let a2 = smoother(m, self.x, 5.0);
        let p = smoother(m, self.y, 0.0);
        let q = smoother(m, self.w, 0.0);
        for (name, fits) in [
            ("ridge bias", vec![a]),
            ("two ridges on one design", vec![a, a2]),
            ("minimum norm bias", vec![p]),
            ("chain of minimum norm fits", vec![p, q]),
            ("minimum norm, then ridge", vec![a, p]),
        ] {
            let product = self.m.product(&fits).unwrap();
            self.bias(name, product);
        }
    }

    /// Two minimum norm fits averaged, which share half their rows.
    fn ensemble_with_shared_rows(&mut self) {
        let m = &mut self.m;
        let cells = m
            .space(vec![20.0, 20.0, 20.0], vec![3.0, 2.0, 1.0], 60.0)
            .unwrap();
        let pool = m.design(cells, self.f.sigma);
        let pool = m.of_gaussian(pool);
        let halves = [vec![1.0, 1.0, 0.0], vec![0.0, 1.0, 1.0]].map(|kept| {
            let kept = m.diagonal(cells, kept);
            let kept = m.of_diagonal(kept);
            let part = m.product(&[kept, pool]).unwrap();
            smoother(m, part, 0.0)
        });
        let average = m.sum(&[(0.5, halves[0]), (0.5, halves[1])]).unwrap();
        self.bias("ensemble with shared rows", average);
    }

    /// Rows of two covariances, of which one carries the labels, or both.
    fn stacked_covariances(&mut self) {
        let m = &mut self.m;
        let stacked = m.ridge_stacked(&[self.x, self.w], 25.0).unwrap();
        let from_x = m.product(&[stacked[0], self.x]).unwrap();
        self.bias("mixture of covariances", from_x);
        let m = &mut self.m;
        let from_w = m.product(&[stacked[1], self.w]).unwrap();
        let both = m.sum(&[(1.0, from_x), (1.0, from_w)]).unwrap();
        self.bias("stacked rows", both);
        // the same without a ridge, on fewer rows than dimensions
        let m = &mut self.m;
        let few = [20.0, 15.0].map(|rows| halves_of(m, &self.f, rows));
        let stacked = m.ridge_stacked(&few, 0.0).unwrap();
        let e = squared(m, self.sigma, stacked[0]);
        self.trace("minimum norm of stacked rows", e);
    }

    /// `F' N X` with `N` the fit to `X F'`.
    fn random_features(&mut self) {
        let m = &mut self.m;
        let layer_t = m.transpose(self.layer);
        let z = m.product(&[self.x, layer_t]).unwrap();
        let n = m.ridge(z, 20.0).unwrap();
        let fit = m.product(&[layer_t, n, self.x]).unwrap();
        self.trace("random features, first order", fit);
        self.bias("random features, second order", fit);
        let m = &mut self.m;
        let t = m.transpose(n);
        let noise = m.product(&[t, self.layer, self.sigma, layer_t, n]).unwrap();
        self.trace("random features, noise", noise);
        let m = &mut self.m;
        let n = m.ridge(z, 0.0).unwrap();
        let fit = m.product(&[layer_t, n, self.x]).unwrap();
        self.bias("random features without ridge", fit);
    }

    /// Training error, of signal and of noise; generalised cross-validation.
    fn training_error(&mut self) {
        let m = &mut self.m;
        let n = m.ridge(self.x, 30.0).unwrap();
        let hat = m.product(&[self.x, n]).unwrap();
        let gap = less_one(m, hat);
        let t = m.transpose(gap);
        let noise = m.product(&[t, gap]).unwrap();
        let t = m.transpose(self.x);
        let signal = m.product(&[t, noise, self.x]).unwrap();
        self.trace("training error of noise", noise);
        let mass = self.f.mass.clone();
        self.targets
            .push(("training error of signal", signal, mass));
        self.trace("trace of the hat matrix", hat);
    }

    /// Fine-tuning, covariate shift, and the norm of a fit.
    fn transfer(&mut self) {
        let m = &mut self.m;
        let a = smoother(m, self.x, 30.0);
        let p = smoother(m, self.y, 0.0);
        // pretraining by minimum norm, then ridge towards it: w = w1 + A(w0 − w1), w1 = P w0
        let p_gap = less_one(m, p);
        let a_gap = less_one(m, a);
        let e = m.product(&[a_gap, p_gap]).unwrap();
        let tuned = squared(m, self.sigma, e);
        // trained on one covariance, tested on the other
        let shifted = m.of_diagonal(self.other);
        let shifted = squared(m, shifted, a_gap);
        let one = m.identity(self.f.space);
        let norm = squared(m, one, a);
        let mass = &self.f.mass;
        self.targets.extend([
            ("fine-tuning", tuned, mass.clone()),
            ("covariate shift", shifted, mass.clone()),
            ("norm", norm, mass.clone()),
        ]);
    }

    /// An inverse that is no fit: `(Σ + A)^{-1}`.
    fn general_inverse(&mut self) {
        let m = &mut self.m;
        let a = smoother(m, self.x, 30.0);
        let e = m.sum(&[(1.0, self.sigma), (1.0, a)]).unwrap();
        let e = m.inverse(e).unwrap();
        self.trace("general inverse", e);
    }

    fn two_layers(&mut self) {
        let m = &mut self.m;
        let second = m.flat(90.0).unwrap();
        let unit = m.constant(m.rows(self.layer), 1.0 / 70.0);
        let g = m.design(second, unit);
        let g = m.of_gaussian(g);
        let deep = m.product(&[g, self.layer]).unwrap();
        let deep_t = m.transpose(deep);
        let z = m.product(&[self.x, deep_t]).unwrap();
        let n = m.ridge(z, 3.0).unwrap();
        let fit = m.product(&[deep_t, n, self.x]).unwrap();
        self.bias("two layers", fit);
    }
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
