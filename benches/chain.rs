//! Ten generations of refits and a downstream fit.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use resolvent::equivalent::{Chain, Fit};
use resolvent::spectrum::{Spectrum, Target};

fn chains(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chain");
    group.sample_size(20);
    for d in [1, 300, 20_000] {
        let values: Vec<f64> = (1..=d).map(|k| f64::from(k).powi(-2)).collect();
        let spectrum = Spectrum::from_eigenvalues(values).expect("positive eigenvalues");
        let target = Target::Isotropic { norm2: 1.0 };
        let generations = (0..10)
            .map(|m| Fit {
                samples: f64::from(d) * (0.5 + 0.2 * f64::from(m)),
                noise: 0.2,
                ridge: 1e-3 / f64::from(m + 1),
            })
            .collect();
        let downstream = Fit {
            samples: f64::from(2 * d),
            noise: 0.2,
            ridge: 1e-4,
        };
        let chain = Chain {
            generations,
            downstream,
        };
        group.bench_function(BenchmarkId::from_parameter(format!("d={d}")), |bencher| {
            bencher.iter(|| chain.predict(&spectrum, &target).expect("a prediction"));
        });
    }
    group.finish();
}

criterion_group!(benches, chains);
criterion_main!(benches);
