//! Making spectra and targets, and what is refused.

use std::io::Write;

use proptest::prelude::*;
use resolvent::spectrum::{Dimension, Monomial, Spectrum, SpectrumError, Target};

#[test]
fn equal_values_merge_and_all_are_sorted() {
    let spectrum = Spectrum::from_eigenvalues(vec![0.5, 2.0, 0.5, 1.0, 0.5]).unwrap();
    let Spectrum::Atoms(atoms) = &spectrum else {
        unreachable!()
    };
    assert_eq!(atoms.values(), [2.0, 1.0, 0.5]);
    assert_eq!(atoms.multiplicities(), [1.0, 1.0, 3.0]);
    assert_eq!(spectrum.dimension(), Dimension::Finite(5));
    assert_eq!(spectrum.eigenvalues(5).unwrap(), [2.0, 1.0, 0.5, 0.5, 0.5]);
    let by_index: Vec<_> = (0..=6).map(|j| spectrum.eigenvalue(j)).collect();
    assert_eq!(
        by_index,
        [
            None,
            Some(2.0),
            Some(1.0),
            Some(0.5),
            Some(0.5),
            Some(0.5),
            None
        ]
    );
    assert_eq!(
        spectrum.eigenvalues(4),
        Err(SpectrumError::TooManyEigenvalues {
            dimension: 5,
            limit: 4
        })
    );
    assert_eq!(
        spectrum,
        Spectrum::atoms(vec![0.5, 1.0, 2.0], vec![3.0, 1.0, 1.0]).unwrap()
    );
}

#[test]
fn masses_of_every_target() {
    let spectrum = Spectrum::two_level(3.0, 1, 1.0, 3).unwrap();
    let identity = Monomial::power(0.0);
    let covariance = Monomial::power(1.0);
    let at = |f: &Monomial, target: &Target| spectrum.quadratic(f, target).unwrap().value;
    assert_eq!(at(&identity, &Target::Isotropic { norm2: 8.0 }), 8.0);
    assert_eq!(
        at(&covariance, &Target::Isotropic { norm2: 8.0 }),
        2.0 * 3.0 + 6.0 * 1.0
    );
    assert_eq!(at(&covariance, &Target::Axis { index: 1 }), 3.0);
    assert_eq!(at(&covariance, &Target::Axis { index: 4 }), 1.0);
    assert_eq!(
        at(&covariance, &Target::Masses(vec![0.5, 7.0])),
        0.5 * 3.0 + 7.0
    );
    let refused = |target: Target| spectrum.quadratic(&identity, &target).unwrap_err();
    assert_eq!(
        refused(Target::Axis { index: 5 }),
        SpectrumError::Axis {
            index: 5,
            dimension: 4.0
        }
    );
    assert_eq!(
        refused(Target::Axis { index: 0 }),
        SpectrumError::Axis {
            index: 0,
            dimension: 4.0
        }
    );
    assert_eq!(
        refused(Target::Source { r: 0.5 }),
        SpectrumError::SourceNeedsPowerLaw { r: 0.5 }
    );
    assert_eq!(
        refused(Target::Masses(vec![1.0])),
        SpectrumError::MassCount {
            masses: 1,
            atoms: 2
        }
    );
    assert_eq!(
        refused(Target::Masses(vec![1.0, -2.0])),
        SpectrumError::Mass {
            position: 2,
            value: -2.0
        }
    );
    assert!(matches!(
        refused(Target::Masses(vec![f64::NAN, 1.0])),
        SpectrumError::Mass { .. }
    ));
    assert!(matches!(
        refused(Target::Isotropic { norm2: f64::NAN }),
        SpectrumError::Norm { .. }
    ));
}

#[test]
fn invalid_spectra_are_refused() {
    assert_eq!(
        Spectrum::from_eigenvalues(vec![]),
        Err(SpectrumError::Empty)
    );
    for value in [0.0, -1.0, f64::INFINITY, 1e-301, 1e301] {
        assert_eq!(
            Spectrum::from_eigenvalues(vec![1.0, value]),
            Err(SpectrumError::Eigenvalue { position: 2, value })
        );
    }
    assert!(Spectrum::from_eigenvalues(vec![f64::NAN]).is_err());
    for value in [0.0, 1.5, -1.0, 1e16, f64::INFINITY] {
        assert_eq!(
            Spectrum::atoms(vec![1.0], vec![value]),
            Err(SpectrumError::Multiplicity { position: 1, value })
        );
    }
    assert!(Spectrum::atoms(vec![1.0], vec![f64::NAN]).is_err());
    assert_eq!(
        Spectrum::atoms(vec![1.0, 2.0], vec![1.0]),
        Err(SpectrumError::Lengths {
            values: 2,
            multiplicities: 1
        })
    );
    let half = (1u64 << 52) as f64;
    assert!(Spectrum::atoms(vec![1.0, 2.0], vec![half, half]).is_ok());
    assert!(matches!(
        Spectrum::atoms(vec![1.0, 2.0, 3.0], vec![half, half, 2.0]),
        Err(SpectrumError::Dimension { .. })
    ));
    assert!(Spectrum::isotropic(0).is_err());
    assert_eq!(
        Spectrum::power_law(1.0, Dimension::Infinite),
        Err(SpectrumError::InfiniteTrace { beta: 1.0 })
    );
    assert!(Spectrum::power_law(f64::NAN, Dimension::Finite(3)).is_err());
    assert!(Spectrum::power_law(2.0, Dimension::Finite(0)).is_err());
}

#[test]
fn files() {
    let directory = std::env::temp_dir().join(format!("resolvent-spectra-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = directory.join(name);
        std::fs::File::create(&path)
            .unwrap()
            .write_all(text)
            .unwrap();
        path
    };
    let good = write(
        "good.txt",
        b"# eigenvalues\n1.5\t2e-3, 0.5,\n\n  1.5 # again\r\n",
    );
    assert_eq!(
        Spectrum::from_file(&good).unwrap(),
        Spectrum::atoms(vec![1.5, 0.5, 2e-3], vec![2.0, 1.0, 1.0]).unwrap()
    );
    for (name, text, line, says) in [
        (
            "word.txt",
            &b"1\n2\nthree\n"[..],
            3,
            "'three' is not a number",
        ),
        ("zero.txt", b"1\n0 2\n", 2, "0: eigenvalues are positive"),
        ("nan.txt", b"NaN\n", 1, "NaN: eigenvalues are positive"),
    ] {
        match Spectrum::from_file(write(name, text)) {
            Err(SpectrumError::FileLine {
                line: found,
                message,
                ..
            }) => {
                assert_eq!(found, line);
                assert!(message.starts_with(says), "{message}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    for path in [
        write("empty.txt", b"# nothing\n"),
        write("binary.txt", b"1\n\xff\xfe\n"),
        directory.join("missing.txt"),
        directory.clone(),
    ] {
        assert!(matches!(
            Spectrum::from_file(path),
            Err(SpectrumError::File { .. })
        ));
    }
    std::fs::remove_dir_all(directory).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn traces_are_exact_for_whole_powers_of_two(
        exponents in prop::collection::vec(-60..60i32, 1..20), kappa in -60..60i32, power in -3..4i32, order in -3..4i32
    ) {
        // Every s and κ is a power of two, and terms are compared with products formed one factor at a time.
        let values: Vec<f64> = exponents.iter().map(|&e| 2f64.powi(e)).collect();
        let kappa = 2f64.powi(kappa);
        let f = Monomial::power(f64::from(power)).over(kappa, f64::from(order));
        let got = Spectrum::from_eigenvalues(values.clone()).unwrap().trace(&f).unwrap();
        let factor = |x: f64, n: i32| (0..n.abs()).fold(1.0, |y, _| if n > 0 { y * x } else { y / x });
        let expected: f64 = values.iter().map(|&s| factor(s, power) * factor(s + kappa, -order)).sum();
        prop_assert!((got.value - expected).abs() <= got.error + 1e-14 * expected);
        prop_assert!(got.relative_error() < 1e-14, "{got:?}");
    }

    #[test]
    fn factors_may_leave_the_range_that_their_product_stays_in(s in -290..290i32, m in 1.0..40.0f64) {
        // s^m (s + κ)^{-m} at κ = s is 2^{-m}, whatever the size of s^m.
        let s = 10f64.powi(s);
        let f = Monomial::degrees_of_freedom(m, s);
        let got = Spectrum::from_eigenvalues(vec![s]).unwrap().trace(&f).unwrap();
        prop_assert!((got.value - (-m).exp2()).abs() <= got.error, "{got:?}");
        prop_assert!(got.relative_error() < 1e-10);
    }
}

#[test]
fn sums_that_overflow_or_make_no_sense_are_refused() {
    let spectrum = Spectrum::atoms(vec![1e200, 1.0], vec![1.0, 1.0]).unwrap();
    assert_eq!(
        spectrum.trace(&Monomial::power(2.0)),
        Err(SpectrumError::Overflow)
    );
    assert!(matches!(
        spectrum.trace(&Monomial::power(f64::NAN)),
        Err(SpectrumError::Power { .. })
    ));
    for (kappa, order) in [(-1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
        let f = Monomial::power(1.0).over(kappa, order);
        assert!(matches!(
            spectrum.trace(&f),
            Err(SpectrumError::Pole { .. })
        ));
    }
}
