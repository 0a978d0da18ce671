//! What a finite sample does to eigenvalues, undone.
//!
//! Samples of the same size are drawn from a spectrum `s` with Gaussian features, and `s` is changed until the mean of the
//! sample eigenvalues, one by one in order, is what was seen: `s_j ← s_j l_j / l̄_j(s)`. The sum, which no sample distorts
//! in the mean, is kept.
//!
//! For power laws a few steps do. Nearly equal eigenvalues are told apart from chance only slowly: there some spreading
//! stays, so that an exponent near 0 comes out too large by a few hundredths, and its interval does not know.

use faer::Mat;
use rayon::prelude::*;

use super::DataError;
use super::symmetric::eigen;
use crate::number::vectorised;
use crate::simulate::Stream;

/// Steps of the iteration.
const STEPS: usize = 8;
/// Large samples average by themselves: so many eigenvalues are drawn in a step, in two draws at least.
const DRAWN: usize = 4000;

/// The corrected spectrum, and sample spectra that were drawn from it.
#[derive(Clone, Debug)]
pub struct Correction {
    pub eigenvalues: Vec<f64>,
    /// Sample eigenvalues of each draw, corrected by the same factors as the data's.
    pub draws: Vec<Vec<f64>>,
}

/// From the sample eigenvalues of `samples` rows, descending.
pub fn correct(
    seen: &[f64],
    samples: usize,
    draws: usize,
    seed: u64,
) -> Result<Correction, DataError> {
    let total: f64 = seen.iter().sum();
    let mut spectrum = seen.to_vec();
    let few = (DRAWN / seen.len()).clamp(2, draws.max(2));
    for _ in 0..STEPS {
        let drawn = sample_spectra(&spectrum, samples, few, seed)?;
        let mean = means(&drawn);
        for ((s, l), m) in spectrum.iter_mut().zip(seen).zip(&mean) {
            if *m > 0.0 {
                *s *= l / m;
            }
        }
        spectrum.sort_by(|a, b| b.total_cmp(a));
        let scale = total / spectrum.iter().sum::<f64>();
        spectrum.iter_mut().for_each(|s| *s *= scale);
    }
    // Draws of their own: those above have been fitted to.
    let drawn = sample_spectra(&spectrum, samples, draws, seed ^ 0x9e37_79b9_7f4a_7c15)?;
    let mean = means(&drawn);
    let draws = drawn
        .into_iter()
        .map(|draw| {
            let pairs = draw.iter().zip(&spectrum).zip(&mean);
            pairs
                .map(|((l, s), m)| if *m > 0.0 { l * s / m } else { *l })
                .collect()
        })
        .collect();
    Ok(Correction {
        eigenvalues: spectrum,
        draws,
    })
}

fn means(drawn: &[Vec<f64>]) -> Vec<f64> {
    let count = drawn.len() as f64;
    (0..drawn[0].len())
        .map(|j| drawn.iter().map(|draw| draw[j]).sum::<f64>() / count)
        .collect()
}

/// Eigenvalues of `X'X/N` for Gaussian designs, descending, one list for each draw.
pub fn sample_spectra(
    spectrum: &[f64],
    samples: usize,
    draws: usize,
    seed: u64,
) -> Result<Vec<Vec<f64>>, DataError> {
    (0..draws as u64)
        .into_par_iter()
        .map(|draw| one(spectrum, samples, &mut Stream::new(seed, 0, draw)))
        .collect()
}

/// Through Bartlett's factor of `X'X`, at a cost that does not grow with the sample.
fn one(spectrum: &[f64], samples: usize, stream: &mut Stream) -> Result<Vec<f64>, DataError> {
    let d = spectrum.len();
    let p = d.min(samples);
    let mut factor = Mat::<f64>::zeros(d, p);
    for j in 0..p {
        factor[(j, j)] = spectrum[j].sqrt() * stream.chi((samples - j) as f64);
        for i in j + 1..d {
            factor[(i, j)] = spectrum[i].sqrt() * stream.normal();
        }
    }
    // The smaller of the two products has the same eigenvalues but for zeros.
    let gram = vectorised(|| {
        if p < d {
            factor.transpose() * &factor
        } else {
            &factor * factor.transpose()
        }
    });
    let (values, _) = eigen(gram.as_ref(), false)?;
    let mut values: Vec<f64> = values
        .iter()
        .rev()
        .map(|l| l.max(0.0) / samples as f64)
        .collect();
    values.resize(d, 0.0);
    Ok(values)
}
