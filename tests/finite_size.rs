//! Exact expectations at finite size against drawn regressions.

use resolvent::equivalent::Fit;
use resolvent::equivalent::isotropic::{Design, action, chain, mean_trace};
use resolvent::simulate::{self, Designs, Regression, Sampler, Stream, Workspace};

fn fit(samples: u64, noise: f64, ridge: f64) -> Fit {
    Fit {
        samples: samples as f64,
        noise,
        ridge,
    }
}

fn designs(fits: &[Fit]) -> Vec<Design> {
    fits.iter().map(|f| Design::single(f).unwrap()).collect()
}

fn simulated(d: u64, generations: &[Fit], shared: bool, downstream: Fit) -> (f64, f64) {
    let of = |f: &Fit| simulate::Fit {
        samples: f.samples as u64,
        noise: f.noise,
        ridge: f.ridge,
    };
    let coefficients = vec![(1.0 / d as f64).sqrt(); d as usize];
    let regression = Regression::new(
        vec![1.0; d as usize],
        coefficients,
        generations.iter().map(of).collect(),
        if shared {
            Designs::Shared
        } else {
            Designs::Independent
        },
        of(&downstream),
    )
    .unwrap();
    let count = 20_000;
    let mut workspace = Workspace::default();
    let errors: Vec<f64> = (0..count)
        .map(|i| {
            let mut stream = Stream::new(7, d, i);
            regression
                .replicate(Sampler::Bartlett, &mut stream, &mut workspace)
                .unwrap()
                .test_error
        })
        .collect();
    let mean = errors.iter().sum::<f64>() / count as f64;
    let square = errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (count - 1) as f64;
    (mean, (square / count as f64).sqrt())
}

/// Ridge at every generation, independent and shared, on both sides of `T = d`, against drawn regressions.
#[test]
fn simulated_chains() {
    let cases: [(u64, Vec<Fit>, bool, Fit); 5] = [
        (5, vec![], false, fit(7, 0.5, 0.1)),
        (7, vec![], false, fit(5, 0.5, 0.1)),
        (
            5,
            vec![fit(4, 0.3, 0.2), fit(8, 0.6, 0.05)],
            false,
            fit(5, 0.4, 0.3),
        ),
        (6, vec![fit(8, 0.5, 0.2); 3], true, fit(7, 0.2, 0.1)),
        (
            6,
            vec![fit(4, 0.5, 0.2), fit(4, 0.1, 0.4)],
            true,
            fit(3, 0.2, 0.1),
        ),
    ];
    for (d, generations, shared, downstream) in cases {
        let mut all = if shared {
            vec![Design::shared(&generations).unwrap()]
        } else {
            designs(&generations)
        };
        all.extend(designs(&[downstream]));
        let (exact, _) = chain(d, 1.0, 1.0, &all).unwrap();
        let (mean, error) = simulated(d, &generations, shared, downstream);
        let z = (mean - exact.test_error) / error;
        assert!(z.abs() < 4.0, "d = {d}: {mean} ± {error}, {exact:?}");
        assert!(error < 0.02 * mean);
    }
}

/// Twenty-five digits of `fixtures/reference/wishart_large.py`, with `T` and `d` up to 2000 on both sides of one another, and
/// ridges from almost nothing; the error that is stated covers the one that is made.
#[test]
fn large_sizes_are_right_to_ten_digits() {
    let reference = include_str!("../fixtures/reference/wishart_large.csv");
    let mut rows = 0;
    for line in reference.lines().skip(1) {
        let fields: Vec<f64> = line.split(',').map(|x| x.parse().unwrap()).collect();
        let [t, d, lambda, kept, forgotten, noise, trace] = fields[..] else {
            panic!("{line}");
        };
        let design = Design {
            samples: t as u64,
            fits: vec![(1.0, lambda)],
        };
        let found = action(d as u64, 1.0, &design).unwrap();
        // E tr 1/(x + τ) of the nonzero eigenvalues of X'X, as the program has it: of X'X/T.
        let resolvent = mean_trace(t as u64, d as u64, &|x| 1.0 / (t * (x + lambda)), 0.0).unwrap();
        let empty = (d - t).max(0.0);
        for (name, found, known, stated) in [
            ("kept", found.kept * d, kept, found.relative_error),
            (
                "forgotten",
                found.forgotten * d,
                forgotten + empty,
                found.relative_error,
            ),
            ("noise", found.noise, noise, found.relative_error),
            (
                "resolvent",
                resolvent.value,
                trace,
                resolvent.relative_error,
            ),
        ] {
            let error = (found / known - 1.0).abs();
            assert!(error < 1e-10, "{line}: {name} is {found}, {error:e} off");
            assert!(
                error <= stated,
                "{line}: {name} is {error:e} off, not {stated:e}"
            );
        }
        rows += 1;
    }
    assert!(rows >= 21, "{rows}");
}
