//! Equivalents of rational expressions: random-feature ridge on two levels and on an infinite power law.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use resolvent::equivalent::pencil::Model;
use resolvent::spectrum::{Dimension, PowerLaw, Spectrum, Target};

/// `E ‖F'ŵ − w0‖²_Σ` without label noise, for `T` rows and `p` features.
fn random_features(spectrum: &Spectrum, target: &Target, rows: f64, width: f64) -> f64 {
    let mut m = Model::new();
    let f = m.features(spectrum, target, rows + width).unwrap();
    let (rows, width) = (m.flat(rows).unwrap(), m.flat(width).unwrap());
    let sigma = m.of_diagonal(f.sigma);
    let x = m.design(rows, f.sigma);
    let x = m.of_gaussian(x);
    let layer = m.design(width, f.sigma);
    let layer = m.of_gaussian(layer);
    let layer_t = m.transpose(layer);
    let z = m.product(&[x, layer_t]).unwrap();
    let n = m.ridge(z, 1e-3 * m.dimension(rows)).unwrap();
    let fit = m.product(&[layer_t, n, x]).unwrap();
    let one = m.identity(f.space);
    let gap = m.sum(&[(1.0, fit), (-1.0, one)]).unwrap();
    let t = m.transpose(gap);
    let square = m.product(&[t, sigma, gap]).unwrap();
    let mean = m.equivalents(&[square]).unwrap().remove(0);
    m.closed(&mean, &f.mass).unwrap()
}

fn equivalents(c: &mut Criterion) {
    let two = Spectrum::atoms(vec![1.0, 0.1], vec![5e3, 5e3]).unwrap();
    let masses = Target::Masses(vec![0.5, 0.5]);
    c.bench_function("random features, two levels, d = p = T = 10^4", |b| {
        b.iter(|| random_features(black_box(&two), &masses, 1e4, 1e4));
    });
    let law = Spectrum::PowerLaw(PowerLaw::new(1.5, Dimension::Infinite).unwrap());
    let source = Target::Source { r: 0.4 };
    c.bench_function("random features, infinite power law", |b| {
        b.iter(|| random_features(black_box(&law), &source, 1e4, 1e3));
    });
}

criterion_group!(benches, equivalents);
criterion_main!(benches);
