//! κ on long explicit spectra. `kappa_scipy.py` beside it times SciPy's Brent over NumPy sums on the same problems.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use resolvent::equivalent::{kappa, kappas};
use resolvent::spectrum::Spectrum;

/// `s_k = k^{-2}(1 + sin²k/10)`: a million distinct values, on no simple curve.
fn wavy(d: u32) -> Spectrum {
    let values = (1..=d)
        .map(|k| f64::from(k).powi(-2) * (1.0 + f64::from(k).sin().powi(2) / 10.0))
        .collect();
    Spectrum::from_eigenvalues(values).expect("positive eigenvalues")
}

fn explicit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kappa");
    group.sample_size(20);
    for d in [300, 20_000, 1_000_000] {
        let spectrum = wavy(d);
        let samples = f64::from(d) / 10.0;
        for lambda in [0.0, 1e-6] {
            let case = format!("d={d} lambda={lambda:e}");
            let passes = kappa(&spectrum, lambda, samples).expect("a root").passes;
            println!("{case}: {passes} passes");
            group.bench_function(BenchmarkId::from_parameter(case), |bencher| {
                bencher.iter(|| kappa(&spectrum, lambda, samples).expect("a root"));
            });
        }
        // As from Python, which hands over an array.
        let values = spectrum.eigenvalues(u64::from(d)).expect("finitely many");
        group.bench_function(
            BenchmarkId::from_parameter(format!("d={d} from values")),
            |bencher| {
                bencher.iter(|| {
                    let spectrum = Spectrum::from_eigenvalues(values.clone()).expect("positive");
                    kappa(&spectrum, 1e-6, samples).expect("a root")
                });
            },
        );
    }
    let spectrum = wavy(300);
    let fits: Vec<(f64, f64)> = (0..100_000)
        .map(|i| (10f64.powf(f64::from(i) / 1e4 - 8.0), 200.0))
        .collect();
    group.bench_function("100000 ridges at d=300", |bencher| {
        bencher.iter(|| kappas(&spectrum, &fits));
    });
    group.finish();
}

criterion_group!(benches, explicit);
criterion_main!(benches);
