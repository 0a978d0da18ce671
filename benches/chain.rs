//! Ten generations of refits and a downstream fit.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use resolvent::equivalent::{Chain, Fit};
use resolvent::spectrum::{Dimension, PowerLaw, Spectrum, Target};

/// Ten refits on about `samples` rows each.
fn ten_refits(samples: f64) -> Chain {
    let generations = (0..10)
        .map(|m| Fit {
            samples: samples * (0.5 + 0.2 * f64::from(m)),
            noise: 0.2,
            ridge: 1e-3 / f64::from(m + 1),
        })
        .collect();
    let downstream = Fit {
        samples: 2.0 * samples,
        noise: 0.2,
        ridge: 1e-4,
    };
    Chain {
        generations,
        downstream,
    }
}

fn chains(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chain");
    group.sample_size(20);
    for d in [1, 300, 20_000] {
        let values: Vec<f64> = (1..=d).map(|k| f64::from(k).powi(-2)).collect();
        let spectrum = Spectrum::from_eigenvalues(values).expect("positive eigenvalues");
        let target = Target::Isotropic { norm2: 1.0 };
        let chain = ten_refits(f64::from(d));
        group.bench_function(BenchmarkId::from_parameter(format!("d={d}")), |bencher| {
            bencher.iter(|| chain.predict(&spectrum, &target).expect("a prediction"));
        });
    }
    let law = PowerLaw::new(2.0, Dimension::Infinite).expect("a power law");
    let (law, source) = (Spectrum::PowerLaw(law), Target::Source { r: 0.375 });
    let chain = ten_refits(1000.0);
    group.bench_function("infinite power law", |bencher| {
        bencher.iter(|| chain.predict(&law, &source).expect("a prediction"));
    });
    group.finish();
}

criterion_group!(benches, chains);
criterion_main!(benches);
