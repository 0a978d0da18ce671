//! Power laws of any dimension. `power_law_scipy.py` beside it times SciPy's Brent over a sum to 10⁶ on the first problem.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use resolvent::equivalent::{Chain, Fit, degrees, kappa};
use resolvent::spectrum::{Dimension, Monomial, Spectrum, Target};

const DIMENSIONS: [(&str, Dimension); 3] = [
    ("inf", Dimension::Infinite),
    ("1e12", Dimension::Finite(1_000_000_000_000)),
    ("300", Dimension::Finite(300)),
];

fn law(beta: f64, dimension: Dimension) -> Spectrum {
    Spectrum::power_law(beta, dimension).expect("a power law")
}

fn kappas(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("power-law kappa");
    for (name, dimension) in DIMENSIONS {
        for beta in [1.05, 2.0, 6.0] {
            for (samples, lambda) in [(100.0, 0.0), (1e4, 1e-6), (1e15, 0.0)] {
                let spectrum = law(beta, dimension);
                let case = format!("d={name} beta={beta} T={samples:e} lambda={lambda:e}");
                group.bench_function(BenchmarkId::from_parameter(case), |bencher| {
                    bencher.iter(|| kappa(&spectrum, lambda, samples).expect("a root"));
                });
            }
        }
    }
    group.finish();
}

fn sums(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("power-law sums");
    for (name, dimension) in DIMENSIONS {
        let spectrum = law(1.5, dimension);
        group.bench_function(BenchmarkId::new("degrees", name), |bencher| {
            bencher.iter(|| degrees(&spectrum, 1e-12).expect("degrees"));
        });
        let f = Monomial::power(1.0).over(1e-12, 2.0);
        group.bench_function(BenchmarkId::new("quadratic", name), |bencher| {
            let target = Target::Source { r: 0.375 };
            bencher.iter(|| spectrum.quadratic(&f, &target).expect("a sum"));
        });
    }
    group.finish();
}

fn chains(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("power-law chain");
    for (name, dimension) in DIMENSIONS {
        for beta in [1.05, 2.0, 6.0] {
            let spectrum = law(beta, dimension);
            let generations = (0..10)
                .map(|m| Fit {
                    samples: 100.0 * 1.5_f64.powi(m),
                    noise: 0.2,
                    ridge: 0.0,
                })
                .collect();
            let downstream = Fit {
                samples: 1e6,
                noise: 0.2,
                ridge: 1e-4,
            };
            let chain = Chain {
                generations,
                downstream,
            };
            let target = Target::Source { r: 0.375 };
            let case = format!("d={name} beta={beta}");
            group.bench_function(BenchmarkId::from_parameter(case), |bencher| {
                bencher.iter(|| chain.predict(&spectrum, &target).expect("a prediction"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, kappas, sums, chains);
criterion_main!(benches);
