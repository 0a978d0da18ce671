//! Prediction against simulation over settings drawn at random: the z-scores must be standard normal, or rather Student's
//! t with as many degrees of freedom as there are replicates less one. A wrong formula, a wrong sampler, or replicates
//! that are not independent all show here.

use resolvent::check::diagnostic::SourceFile;
use resolvent::experiment::Experiment;
use resolvent::simulate::{
    Cell, Known, Law, Observer, Record, Sampler, Shard, StoppingRule, Stream, Summary, Sweep,
};

const REPLICATES: u64 = 30;

#[derive(Default)]
struct Summaries(Vec<Summary>);

impl Observer for Summaries {
    fn record(&mut self, _: usize, _: u64, _: &Record) -> std::io::Result<()> {
        Ok(())
    }

    fn finished(&mut self, _: usize, summary: Summary) -> std::io::Result<()> {
        self.0.push(summary);
        Ok(())
    }
}

/// A sample size on either side of `d`; away from it where there is no ridge to keep the noise's variance finite.
fn samples(stream: &mut Stream, d: f64, ridge: f64) -> f64 {
    loop {
        let ratio = (-1.2 + 3.0 * stream.uniform()).exp();
        if ridge > 0.0 || !(0.75..1.35).contains(&ratio) {
            return (ratio * d).round();
        }
    }
}

fn ridge(stream: &mut Stream) -> f64 {
    if stream.uniform() < 0.4 {
        0.0
    } else {
        (-7.0 + 7.0 * stream.uniform()).exp()
    }
}

/// An experiment file with every kind of spectrum and target, zero to four generations.
fn setting(stream: &mut Stream) -> String {
    let d = (200.0 + 20.0 * (4.0 * stream.uniform()).floor()).round();
    let pick = stream.uniform();
    let (spectrum, target) = if pick < 0.3 {
        (
            "\"isotropic\"".to_owned(),
            "{ kind = \"isotropic\", norm2 = 2 }".to_owned(),
        )
    } else if pick < 0.6 {
        let atoms = "{ kind = \"atoms\", values = [1, 0.2, 0.05], weights = [0.2, 0.3, 0.5] }";
        let axis = (1.0 + stream.uniform() * d).floor();
        (
            atoms.to_owned(),
            format!("{{ kind = \"axis\", index = {axis} }}"),
        )
    } else {
        let beta = 0.3 + 1.2 * stream.uniform();
        let r = 0.2 + stream.uniform();
        (
            format!("{{ kind = \"power-law\", beta = {beta} }}"),
            format!("{{ kind = \"source\", r = {r} }}"),
        )
    };
    let n = (5.0 * stream.uniform()).floor();
    let designs = if stream.uniform() < 0.5 {
        "shared"
    } else {
        "independent"
    };
    // Shared ridge designs have no published equivalent.
    let ridge0 = if designs == "shared" {
        0.0
    } else {
        ridge(stream)
    };
    let samples0 = samples(stream, d, ridge0);
    let lambda = ridge(stream);
    let t = samples(stream, d, lambda);
    let (sigma0, sigma) = (0.5 * stream.uniform(), 0.1 + stream.uniform());
    format!(
        "[setting]\nd = {d}\nspectrum = {spectrum}\ntarget = {target}\n\
         [chain]\ngenerations = {n}\nsamples = {samples0}\nnoise = {sigma0}\nridge = {ridge0}\ndesigns = \"{designs}\"\n\
         [downstream]\nsamples = {t}\nnoise = {sigma}\nridge = {lambda}\n"
    )
}

/// z-scores of `count` settings, and the settings.
fn z_scores(seed: u64, count: usize, sampler: Sampler, controls: bool) -> Vec<(f64, String)> {
    let mut stream = Stream::new(seed, 0, 0);
    let texts: Vec<String> = (0..count).map(|_| setting(&mut stream)).collect();
    let mut predicted = Vec::new();
    let cells: Vec<Cell> = texts
        .iter()
        .map(|text| {
            let experiment = Experiment::read(SourceFile::new("random.toml", text.as_str()))
                .unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
            let point = experiment.points().unwrap().remove(0);
            // The exact expectation where it is known: there the equivalent's finite-size bias is known too.
            let expected = point.exact().map(|(exact, _)| exact.test_error);
            predicted.push(expected.unwrap_or_else(|| point.predict().unwrap().test_error));
            Cell {
                regression: point.regression().unwrap(),
                noise_weights: controls.then(|| point.noise_weights().unwrap()),
            }
        })
        .collect();
    let sweep = Sweep {
        cells: &cells,
        sampler,
        seed,
        rule: StoppingRule::fixed(REPLICATES),
        shard: Shard::WHOLE,
        threads: None,
    };
    let mut summaries = Summaries::default();
    sweep.run(Known::new(), &mut summaries).unwrap();
    summaries
        .0
        .iter()
        .zip(predicted)
        .zip(texts)
        .map(|((summary, expected), text)| {
            (
                (summary.mean - expected) / summary.standard_error.unwrap(),
                text,
            )
        })
        .collect()
}

/// Compares the z-scores' distribution to the normal one. Student's t with 29 degrees of freedom differs from it by
/// 0.005 at most, which for 200 scores adds 0.07 to `√N D`; 1.95 is exceeded with probability 0.001.
fn assert_standard(scores: &[(f64, String)]) {
    let mut sorted: Vec<f64> = scores.iter().map(|(z, _)| *z).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mut distance: f64 = 0.0;
    for (i, z) in sorted.iter().enumerate() {
        let cdf = 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        distance = distance
            .max(cdf - i as f64 / n)
            .max((i + 1) as f64 / n - cdf);
    }
    let mean = sorted.iter().sum::<f64>() / n;
    let square = sorted.iter().map(|z| z * z).sum::<f64>() / n;
    let worst = scores
        .iter()
        .max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()))
        .unwrap();
    let report = format!(
        "√N D = {:.2}, mean {mean:.3}, mean square {square:.3}, worst {:.2} at\n{}",
        distance * n.sqrt(),
        worst.0,
        worst.1
    );
    println!("{report}");
    assert!(distance * n.sqrt() < 1.95, "{report}");
    // Variance 29/27 and fourth moment 3·29²/(27·25) of t: four standard deviations of their mean.
    assert!(
        (square - 29.0 / 27.0).abs() < 4.0 * (2.6 / n).sqrt(),
        "{report}"
    );
    // The largest of 200 exceeds 5 with probability 0.005.
    assert!(worst.0.abs() < 5.0, "{report}");
}

#[test]
fn predictions_agree_with_simulations() {
    assert_standard(&z_scores(20, 200, Sampler::Bartlett, false));
}

#[test]
fn control_variates_leave_the_mean_where_it_is() {
    assert_standard(&z_scores(21, 60, Sampler::Bartlett, true));
}

/// What is proved for Gaussian designs holds for others as well.
#[test]
fn predictions_agree_for_signs() {
    assert_standard(&z_scores(22, 24, Sampler::Rows(Law::Rademacher), false));
}
