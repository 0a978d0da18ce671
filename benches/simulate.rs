//! What a replicate costs, beside the Cholesky factorisation of the same size.
//!
//! A ridge fit with `T ≥ d` needs one product of triangular matrices and one factorisation, `d³/3` operations each.

use criterion::{Criterion, criterion_group, criterion_main};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor;
use faer::{Mat, Par};
use resolvent::simulate::{Designs, Fit, Regression, Sampler, Stream, Workspace};

fn regression(d: usize, generations: usize, samples0: u64, samples: u64, ridge: f64) -> Regression {
    let eigenvalues = (1..=d).map(|k| (k as f64).powf(-1.5)).collect();
    Regression::new(
        eigenvalues,
        vec![1.0; d],
        vec![
            Fit {
                samples: samples0,
                noise: 0.2,
                ridge: 0.0
            };
            generations
        ],
        Designs::Independent,
        Fit {
            samples,
            noise: 0.2,
            ridge,
        },
    )
    .expect("a valid regression")
}

fn bench(c: &mut Criterion) {
    let d = 1000;
    let matrix = Mat::from_fn(d, d, |i, j| {
        if i == j {
            d as f64
        } else {
            1.0 / (1 + i + j) as f64
        }
    });
    let mut work = matrix.clone();
    let mut memory = MemBuffer::new(factor::cholesky_in_place_scratch::<f64>(
        d,
        Par::Seq,
        Default::default(),
    ));
    c.bench_function("cholesky, d = 1000", |b| {
        b.iter(|| {
            work.copy_from(&matrix);
            let stack = MemStack::new(&mut memory);
            factor::cholesky_in_place(
                work.as_mut(),
                Default::default(),
                Par::Seq,
                stack,
                Default::default(),
            )
        })
    });
    c.bench_function("1e6 normals", |b| {
        let mut stream = Stream::new(0, 0, 0);
        let mut out = vec![0.0; 1_000_000];
        b.iter(|| stream.fill_normal(&mut out))
    });
    let mut workspace = Workspace::default();
    for (name, regression) in [
        ("ridge, d = 1000, T = 2000", regression(d, 0, 0, 2000, 1e-3)),
        (
            "ridge, d = 1000, T = 1e6",
            regression(d, 0, 0, 1_000_000, 1e-3),
        ),
        (
            "minimum norm, d = 1000, T = 500",
            regression(d, 0, 0, 500, 0.0),
        ),
        (
            "least squares, d = 1000, T = 2000",
            regression(d, 0, 0, 2000, 0.0),
        ),
        (
            "figure 1a, d = 300, n = 5, T = 1e6",
            regression(300, 5, 600, 1_000_000, 1e-3),
        ),
    ] {
        let mut replicate = 0;
        c.bench_function(name, |b| {
            b.iter(|| {
                replicate += 1;
                let mut stream = Stream::new(1, 0, replicate);
                regression.replicate(Sampler::Bartlett, &mut stream, &mut workspace)
            })
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = bench
}
criterion_main!(benches);
