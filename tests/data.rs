//! Spectra from data whose spectrum is known.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use resolvent::data::{DataError, Estimate, Kernel, Matrix, Settings, estimate, picture};
use resolvent::simulate::Stream;

const ROWS: usize = 300;
const DIMENSION: usize = 80;

fn power_law(beta: f64) -> Vec<f64> {
    (1..=DIMENSION).map(|k| (k as f64).powf(-beta)).collect()
}

/// Gaussian rows of this spectrum, turned by a reflection so that the features are not the eigenvectors, and the
/// coefficients' labels.
fn draw(spectrum: &[f64], coefficients: &[f64], noise: f64, seed: u64) -> (Matrix, Vec<f64>) {
    let d = spectrum.len();
    let mut stream = Stream::new(seed, 7, 0);
    let mut axis: Vec<f64> = (0..d).map(|_| stream.normal()).collect();
    let norm = axis.iter().map(|a| a * a).sum::<f64>().sqrt();
    axis.iter_mut().for_each(|a| *a /= norm);
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..ROWS {
        let z: Vec<f64> = spectrum
            .iter()
            .map(|s| s.sqrt() * stream.normal())
            .collect();
        let signal: f64 = z.iter().zip(coefficients).map(|(z, c)| z * c).sum();
        labels.push(signal + noise * stream.normal());
        let along: f64 = z.iter().zip(&axis).map(|(z, a)| z * a).sum();
        values.extend(z.iter().zip(&axis).map(|(z, a)| z - 2.0 * along * a));
    }
    (Matrix::new(ROWS, d, values), labels)
}

fn found(spectrum: &[f64], seed: u64) -> Estimate {
    let (data, _) = draw(spectrum, &vec![0.0; spectrum.len()], 0.0, seed);
    estimate(&data, None, &Settings::default()).unwrap()
}

/// Mean square of `ln` of what was found over the truth.
fn distance(found: &[f64], truth: &[f64]) -> f64 {
    let squares = found.iter().zip(truth).map(|(f, t)| (f / t).ln().powi(2));
    squares.sum::<f64>() / truth.len() as f64
}

#[test]
fn the_correction_takes_off_most_of_the_bias() {
    let truth = power_law(1.3);
    let runs: Vec<Estimate> = (0..6).map(|seed| found(&truth, seed)).collect();
    let mean = |of: fn(&Estimate) -> &Vec<f64>, j: usize| {
        runs.iter()
            .map(|run| (of(run)[j] / truth[j]).ln())
            .sum::<f64>()
            / runs.len() as f64
    };
    // The last eigenvalues come out far too small, the corrected ones do not.
    for j in DIMENSION - 5..DIMENSION {
        let (before, after) = (mean(|run| &run.sample, j), mean(|run| &run.eigenvalues, j));
        assert!(before < -0.3, "{before}");
        assert!(
            after.abs() < before.abs() / 3.0,
            "{after} against {before} at {j}"
        );
    }
    for run in &runs {
        assert!(distance(&run.eigenvalues, &truth) < distance(&run.sample, &truth));
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        assert!((sum(&run.eigenvalues) / sum(&run.sample) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_interval_holds_the_exponent_about_as_often_as_it_says() {
    for beta in [1.1, 1.8] {
        let runs: Vec<Estimate> = (100..112)
            .map(|seed| found(&power_law(beta), seed))
            .collect();
        let inside = (runs.iter())
            .filter(|run| run.beta.low <= beta && beta <= run.beta.high)
            .count();
        // Of twelve intervals of 95 %, fewer than ten hold the truth once in fifty times.
        assert!(inside >= 10, "{inside} of 12 at beta = {beta}");
        for run in &runs {
            assert!(
                run.beta.high - run.beta.low < 0.5,
                "so wide an interval says nothing"
            );
        }
    }
}

#[test]
fn equal_eigenvalues_are_told_from_their_sample() {
    let run = found(&[1.0; DIMENSION], 3);
    let spread = |values: &[f64]| values[0] / values[DIMENSION - 1];
    // Marchenko and Pastur: ((1 + √q)/(1 − √q))², about 10 here.
    assert!(spread(&run.sample) > 8.0);
    assert!(
        spread(&run.eigenvalues) < 3.0,
        "{}",
        spread(&run.eigenvalues)
    );
    assert!(run.beta.low < 0.1 && run.beta.value < 0.2, "{:?}", run.beta);
}

#[test]
fn target_and_noise_are_found() {
    let (beta, r, noise) = (1.5, 0.5, 0.3);
    let spectrum = power_law(beta);
    let delta = 1.0 + beta * (2.0 * r - 1.0);
    let coefficients: Vec<f64> = (1..=DIMENSION)
        .map(|k| (k as f64).powf(-delta / 2.0) * if k % 3 == 0 { -1.0 } else { 1.0 })
        .collect();
    let mut held = 0;
    for seed in 0..8 {
        let (data, labels) = draw(&spectrum, &coefficients, noise, seed);
        let run = estimate(&data, Some(&labels), &Settings::default()).unwrap();
        let target = run.target.unwrap();
        // The residuals' mean square has a standard deviation of √(2/(N − d)) of itself, 7 %; of its root, half that.
        assert!(
            (target.noise / noise - 1.0).abs() < 4.0 * 0.034,
            "{}",
            target.noise
        );
        let signal: f64 = coefficients
            .iter()
            .zip(&spectrum)
            .map(|(c, s)| c * c * s)
            .sum();
        let whole = signal + noise * noise;
        assert!(
            (target.explained - signal / whole).abs() < 0.05,
            "{}",
            target.explained
        );
        if let Some((found, _)) = target.source {
            held += usize::from(found.low <= r && r <= found.high);
        }
    }
    assert!(held >= 6, "{held} of 8 intervals hold r");
}

#[test]
fn a_population_is_not_corrected() {
    let (data, labels) = draw(&power_law(1.0), &[1.0; DIMENSION], 0.0, 1);
    let settings = Settings {
        population: true,
        ..Settings::default()
    };
    let run = estimate(&data, Some(&labels), &settings).unwrap();
    assert_eq!(run.sample, run.eigenvalues);
    let target = run.target.unwrap();
    assert!(
        target.noise < 1e-6,
        "labels without noise leave none: {}",
        target.noise
    );
    // w = 1 in the true basis, whatever basis the sample has.
    let norm2: f64 = target.coefficients.iter().map(|c| c * c).sum();
    assert!((norm2 / DIMENSION as f64 - 1.0).abs() < 1e-9, "{norm2}");
}

#[test]
fn the_linear_kernel_is_the_features() {
    let mut stream = Stream::new(5, 0, 0);
    let (rows, cols) = (40, 60);
    let values: Vec<f64> = (0..rows * cols).map(|_| stream.normal()).collect();
    let data = Matrix::new(rows, cols, values);
    let wide = estimate(&data, None, &Settings::default()).unwrap();
    let polynomial = Settings {
        kernel: Kernel::Polynomial {
            degree: 1,
            gamma: Some(1.0),
            offset: 0.0,
        },
        ..Settings::default()
    };
    let kernel = estimate(&data, None, &polynomial).unwrap();
    assert_eq!(wide.sample.len(), rows);
    for (a, b) in wide.sample.iter().zip(&kernel.sample) {
        assert!((a / b - 1.0).abs() < 1e-9);
    }
    // tr XX'/N
    let trace = data.values.iter().map(|x| x * x).sum::<f64>() / rows as f64;
    assert!((wide.sample.iter().sum::<f64>() / trace - 1.0).abs() < 1e-12);
}

#[test]
fn kernels_have_their_diagonals() {
    let data = Matrix::new(10, 3, (0..30).map(|i| f64::from(i % 7)).collect());
    for kernel in [
        Kernel::Rbf { gamma: None },
        Kernel::Laplace { gamma: Some(0.3) },
    ] {
        let matrix = kernel.suited(&data).unwrap().matrix(&data);
        for i in 0..10 {
            assert_eq!(matrix[i * 10 + i], 1.0);
            for j in 0..10 {
                assert_eq!(matrix[i * 10 + j], matrix[j * 10 + i]);
            }
        }
    }
    let laplace = Kernel::Laplace { gamma: Some(0.3) }.matrix(&data);
    let distance = (0..3)
        .map(|k| (data.row(0)[k] - data.row(1)[k]).powi(2))
        .sum::<f64>()
        .sqrt();
    assert!((laplace[1] - (-0.3 * distance).exp()).abs() < 1e-15);
    let wrong = Kernel::Rbf { gamma: Some(-1.0) }.suited(&data);
    assert!(matches!(wrong, Err(DataError::Setting { .. })));
}

#[test]
fn same_seed_same_spectrum() {
    let truth = power_law(1.2);
    assert_eq!(found(&truth, 1).eigenvalues, found(&truth, 1).eigenvalues);
}

#[test]
fn the_picture_shows_sample_and_correction() {
    let run = found(&power_law(1.2), 1);
    let scene = picture::chart(&run, "planted")
        .draw(resolvent::plot::Theme::Light)
        .unwrap();
    let svg = resolvent::plot::svg::render(&scene);
    for word in ["planted", "sample", "corrected", "β = "] {
        assert!(svg.contains(word), "{word}");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// An `.npy` of version 1.
fn npy(kind: &str, fortran: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend((length as u16).to_le_bytes());
    out.extend(format!("{header:<width$}\n", width = length - 1).bytes());
    out.extend(bytes);
    out
}

fn read(folder: &Path, name: &str, bytes: &[u8]) -> Result<Matrix, DataError> {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    Matrix::read(&path)
}

#[test]
fn arrays_are_read_in_either_order_and_of_any_real_type() {
    let folder = folder("npy");
    let doubles: Vec<u8> = (0..6).flat_map(|i| f64::from(i).to_le_bytes()).collect();
    let rows = read(&folder, "c.npy", &npy("<f8", "False", "(2, 3)", &doubles)).unwrap();
    assert_eq!((rows.rows, rows.cols), (2, 3));
    assert_eq!(rows.row(1), [3.0, 4.0, 5.0]);
    let columns = read(&folder, "f.npy", &npy("<f8", "True", "(2, 3)", &doubles)).unwrap();
    assert_eq!(columns.row(1), [1.0, 3.0, 5.0]);
    let bytes = read(
        &folder,
        "u.npy",
        &npy("|u1", "False", "(4,)", &[1, 2, 3, 255]),
    )
    .unwrap();
    assert_eq!((bytes.rows, bytes.cols, bytes.values[3]), (4, 1, 255.0));
    let floats: Vec<u8> = [0.5f32, -1.5]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let short = read(&folder, "s.npy", &npy("<f4", "False", "(1, 2)", &floats)).unwrap();
    assert_eq!(short.values, [0.5, -1.5]);
}

#[test]
fn wrong_arrays_are_refused() {
    let folder = folder("wrong-npy");
    let one = 1f64.to_le_bytes();
    let wrong = [
        npy("<f8", "False", "(2,)", &one),
        npy("<f8", "False", "(1, 1, 1)", &one),
        npy("<f8", "False", "(99999999999, 99999999999)", &one),
        npy("<f8", "False", "(-1,)", &one),
        npy("<f8", "False", "(0,)", &[]),
        npy("<c16", "False", "(1,)", &one),
        npy("|O", "False", "(1,)", &one),
        b"\x93NUMPY\x01\x00\xff\xff".to_vec(),
        b"\x93NUM".to_vec(),
    ];
    for (i, bytes) in wrong.iter().enumerate() {
        let error = read(&folder, "w.npy", bytes)
            .expect_err(&i.to_string())
            .to_string();
        assert!(
            error.contains("w.npy") && error.contains("help: "),
            "{error}"
        );
    }
    let nan = npy("<f8", "False", "(1,)", &f64::NAN.to_le_bytes());
    assert!(matches!(
        read(&folder, "nan.npy", &nan),
        Err(DataError::Cell { .. })
    ));
}

#[test]
fn tables_are_read_with_or_without_names() {
    let folder = folder("csv");
    let mut named = read(&folder, "n.csv", b"a,b,y\n1,2,3\n4,5,6\n").unwrap();
    assert_eq!((named.rows, named.cols), (2, 3));
    let y = named.take_column(Path::new("n.csv"), "y").unwrap();
    assert_eq!(
        (y, named.values.clone()),
        (vec![3.0, 6.0], vec![1.0, 2.0, 4.0, 5.0])
    );
    let missing = named
        .take_column(Path::new("n.csv"), "z")
        .unwrap_err()
        .to_string();
    assert!(missing.contains("its columns are a, b"), "{missing}");
    let mut bare = read(&folder, "b.tsv", b"1\t2\n3\t4\n").unwrap();
    assert_eq!(
        bare.take_column(Path::new("b.tsv"), "last").unwrap(),
        [2.0, 4.0]
    );
    let hole = read(&folder, "h.csv", b"a,b\n1,2\n3,\n")
        .unwrap_err()
        .to_string();
    assert!(hole.contains("line 3, column 2"), "{hole}");
    for bytes in [&b"a,b\n"[..], b"", b"1,2\n3\n", b"1,inf\n"] {
        assert!(read(&folder, "w.csv", bytes).is_err());
    }
}

#[test]
fn a_spectrum_file_is_read_by_predict_and_check() {
    let folder = folder("spectrum");
    let (data, labels) = draw(&power_law(1.5), &[0.5; DIMENSION], 0.2, 4);
    let table: String = (0..ROWS)
        .map(|i| {
            let cells: Vec<String> = data.row(i).iter().map(f64::to_string).collect();
            format!("{},{}\n", cells.join(","), labels[i])
        })
        .collect();
    std::fs::write(folder.join("data.csv"), table).unwrap();
    let program = |args: &[&str]| {
        let run = Command::cargo_bin("resolvent")
            .unwrap()
            .current_dir(&folder)
            .args(args)
            .output()
            .unwrap();
        (
            run.status.code(),
            String::from_utf8(run.stdout).unwrap(),
            String::from_utf8(run.stderr).unwrap(),
        )
    };
    let made = [
        "spectrum",
        "data.csv",
        "--target",
        "last",
        "-o",
        "data.toml",
        "--picture",
        "fit.svg",
    ];
    let (status, said, complaint) = program(&made);
    assert_eq!(status, Some(0), "{complaint}");
    assert!(
        said.contains("300 rows, 80 features") && said.contains("beta = "),
        "{said}"
    );
    assert!(folder.join("fit.svg").exists());

    let file = "{ kind = \"file\", path = \"data.toml\" }";
    let experiment = format!(
        "[setting]\nspectrum = {file}\ntarget = {file}\n[downstream]\nridge = 0.01\nnoise = 0.2\n[sweep]\nT = [50, 500]\n"
    );
    std::fs::write(folder.join("experiment.toml"), experiment).unwrap();
    let (status, said, complaint) = program(&["predict", "experiment.toml", "--format", "csv"]);
    assert_eq!(status, Some(0), "{complaint}");
    assert_eq!(said.lines().count(), 3);

    // d is the number of eigenvalues, and df(1) cannot reach it.
    let derivation = format!(
        "[setting]\nspectrum = {file}\n[symbols]\nk = {{ real = [1e-3, 10], scale = \"log\" }}\n\
         [[claim]]\nid = \"below\"\nsays = \"df(1, k) <= d\"\n\
         [[claim]]\nid = \"half\"\nsays = \"df(1, k) <= d/2\"\nexpect = \"refuted\"\n"
    );
    std::fs::write(folder.join("derivation.toml"), derivation).unwrap();
    let (status, said, complaint) = program(&[
        "check",
        "--no-cache",
        "--effort",
        "quick",
        "derivation.toml",
    ]);
    assert_eq!(status, Some(0), "{said}{complaint}");
}

#[test]
fn what_is_wrong_is_said_and_exits_with_2() {
    let folder = folder("wrong");
    std::fs::write(folder.join("small.csv"), "1,2\n3,4\n").unwrap();
    std::fs::write(folder.join("zero.csv"), "0,0\n".repeat(20)).unwrap();
    std::fs::write(folder.join("text.csv"), "a,b\n1,2\n3,cat\n").unwrap();
    std::fs::write(folder.join("ragged.csv"), "a,b\n1,2\n3\n").unwrap();
    std::fs::write(folder.join("archive.npz"), b"PK\x03\x04\xff\xfe,\n").unwrap();
    std::fs::write(folder.join("flat.csv"), "1,1\n".repeat(20)).unwrap();
    std::fs::write(folder.join("bad.toml"), "eigenvalues = \"none\"\n").unwrap();
    let file = "{ kind = \"file\", path = \"bad.toml\" }";
    let experiment = format!(
        "[setting]\nspectrum = {file}\ntarget = {{ kind = \"isotropic\", norm2 = 1 }}\n[sweep]\nT = [5]\n"
    );
    std::fs::write(folder.join("e.toml"), experiment).unwrap();
    let cases: [(&[&str], &str); 10] = [
        (&["spectrum", "none.csv"], "cannot read this file"),
        (
            &["spectrum", "text.csv"],
            "line 3, column 2: \"cat\" is not a finite number",
        ),
        (
            &["spectrum", "ragged.csv"],
            "line 3 has another number of cells, 1, than the one before, 2",
        ),
        (&["spectrum", "archive.npz"], "this is not text"),
        (&["spectrum", "flat.csv"], "an exponent needs 4 eigenvalues"),
        (&["spectrum", "small.csv"], "give at least 8"),
        (&["spectrum", "zero.csv"], "no eigenvalue is positive"),
        (
            &["spectrum", "small.csv", "--target", "7"],
            "give a number from 1 to 2",
        ),
        (
            &["spectrum", "small.csv", "--window", "9..3"],
            "two indices",
        ),
        (&["predict", "e.toml"], "has no eigenvalues"),
    ];
    for (args, says) in cases {
        let run = Command::cargo_bin("resolvent")
            .unwrap()
            .current_dir(&folder)
            .args(args)
            .output()
            .unwrap();
        let complaint = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(2), "{args:?}: {complaint}");
        assert!(complaint.contains(says), "{args:?}: {complaint}");
    }
}
