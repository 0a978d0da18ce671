//! Straight lines in logarithms.

use super::DataError;

/// A slope in `ln` against `ln`, with its interval of 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponent {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    /// `ln` of the line at `ln j = 0`.
    pub intercept: f64,
    /// The lesser and the greater slope over thirds of the window: far apart where there is no power law.
    pub local: (f64, f64),
}

/// `(a, b)` of `ln y ≈ a + b ln x`, least squares with these weights. Points that are not positive are passed over.
pub fn line(points: &[(f64, f64, f64)]) -> Option<(f64, f64)> {
    let logs: Vec<(f64, f64, f64)> = (points.iter())
        .filter(|(x, y, w)| *x > 0.0 && *y > 0.0 && *w > 0.0)
        .map(|&(x, y, w)| (x.ln(), y.ln(), w))
        .collect();
    let total: f64 = logs.iter().map(|p| p.2).sum();
    let x = logs.iter().map(|p| p.2 * p.0).sum::<f64>() / total;
    let y = logs.iter().map(|p| p.2 * p.1).sum::<f64>() / total;
    let xx: f64 = logs.iter().map(|p| p.2 * (p.0 - x).powi(2)).sum();
    let xy: f64 = logs.iter().map(|p| p.2 * (p.0 - x) * (p.1 - y)).sum();
    (logs.len() >= 2 && xx > 0.0).then(|| (y - x * xy / xx, xy / xx))
}

/// `s_j` of the window `first..=last` (from 1), each weighted by `1/j`, so that every octave counts the same.
fn window(values: &[f64], first: usize, last: usize) -> Vec<(f64, f64, f64)> {
    (first..=last.min(values.len()))
        .map(|j| (j as f64, values[j - 1], 1.0 / j as f64))
        .collect()
}

/// `β` of `s_j ~ j^{-β}`; `draws` are spectra as another sample might have shown them, and none at all leaves no interval
/// but the point.
pub fn capacity(
    eigenvalues: &[f64],
    draws: &[Vec<f64>],
    first: usize,
    last: usize,
) -> Result<Exponent, DataError> {
    let last = last.min(eigenvalues.len());
    let count = (last + 1).saturating_sub(first);
    if eigenvalues.len() < 4 {
        let count = eigenvalues.len();
        return Err(DataError::Flat { count });
    }
    let unfit = DataError::Window { count, first, last };
    if first < 1 || count < 4 {
        return Err(unfit);
    }
    let slope = |values: &[f64], from, to| line(&window(values, from, to));
    let (intercept, b) = slope(eigenvalues, first, last).ok_or(unfit)?;
    let drawn: Vec<f64> = (draws.iter())
        .filter_map(|draw| slope(draw, first, last).map(|(_, b)| b))
        .collect();
    let reach = interval(&drawn);
    // Thirds in ln j, of at least three points.
    let ratio = last as f64 / first as f64;
    let cut = |k: i32| (first as f64 * ratio.powf(f64::from(k) / 3.0)).round() as usize;
    let locals: Vec<f64> = (0..3)
        .filter(|&k| cut(k + 1) >= cut(k) + 2)
        .filter_map(|k| slope(eigenvalues, cut(k), cut(k + 1)).map(|(_, b)| -b))
        .collect();
    Ok(Exponent {
        value: -b,
        low: -b - reach,
        high: -b + reach,
        intercept,
        local: (
            locals.iter().copied().fold(-b, f64::min),
            locals.iter().copied().fold(-b, f64::max),
        ),
    })
}

/// Half the width of the 95 % interval for a slope whose sampling distribution these are drawn from.
fn interval(drawn: &[f64]) -> f64 {
    let n = drawn.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = drawn.iter().sum::<f64>() / n;
    let variance = drawn.iter().map(|b| (b - mean).powi(2)).sum::<f64>() / (n - 1.0);
    student(n - 1.0) * variance.sqrt()
}

/// The 0.975 quantile of Student's t: by its expansion in `1/ν`, right to three digits from `ν = 5` on; fewer are listed.
fn student(nu: f64) -> f64 {
    const FEW: [f64; 4] = [12.706, 4.303, 3.182, 2.776];
    if let Some(&quantile) = FEW
        .get((nu as usize).saturating_sub(1))
        .filter(|_| nu < 5.0)
    {
        return quantile;
    }
    let z = 1.959_963_985_f64;
    z + (z.powi(3) + z) / (4.0 * nu)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * nu * nu)
        + (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / (384.0 * nu.powi(3))
}

/// A mean over neighbouring indices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Geometric mean of the indices.
    pub index: f64,
    pub mean: f64,
    /// One standard error, as far as the labels' noise goes.
    pub error: f64,
    pub count: usize,
}

/// Means of `c_j² s_j` over quarters of octaves: `squares` less `floor`, the mean square of the noise in their roots.
pub fn bins(squares: &[f64], floor: f64, first: usize, last: usize) -> Vec<Bin> {
    let (mut from, mut bins) = (first, Vec::new());
    let last = last.min(squares.len());
    while from <= last {
        let to = ((from as f64 * 2f64.powf(0.25)).ceil() as usize)
            .max(from + 2)
            .min(last + 1);
        let here = &squares[from - 1..to - 1];
        let count = here.len();
        let mean = here.iter().sum::<f64>() / count as f64 - floor;
        bins.push(Bin {
            index: (from as f64 * (to - 1) as f64).sqrt(),
            mean,
            // (θ + e)² − e² with e ~ N(0, floor): 4θ² floor + 2 floor².
            error: ((4.0 * mean.max(0.0) * floor + 2.0 * floor * floor) / count as f64).sqrt(),
            count,
        });
        from = to;
    }
    bins
}

/// The exponent `q` of `c_j² s_j ~ j^{-q}`, half its interval of 95 % from the scatter about the line, and `ln` of the line at
/// `j = 1`. Bins count from the first until one does not rise above the noise.
pub fn decay(bins: &[Bin]) -> Option<(f64, f64, f64)> {
    let points: Vec<(f64, f64, f64)> = (bins.iter())
        .take_while(|bin| bin.mean > 2.0 * bin.error)
        // Single coefficients scatter about a law like normal variables at worst.
        .map(|bin| {
            (
                bin.index,
                bin.mean,
                1.0 / ((bin.error / bin.mean).powi(2) + 2.0 / bin.count as f64),
            )
        })
        .collect();
    if points.len() < 3 {
        return None;
    }
    let (a, b) = line(&points)?;
    let total: f64 = points.iter().map(|p| p.2).sum();
    let x = points.iter().map(|p| p.2 * p.0.ln()).sum::<f64>() / total;
    let xx: f64 = points.iter().map(|p| p.2 * (p.0.ln() - x).powi(2)).sum();
    let free = (points.len() - 2) as f64;
    let scatter: f64 = (points.iter())
        .map(|p| p.2 * (p.1.ln() - a - b * p.0.ln()).powi(2))
        .sum::<f64>()
        / free;
    Some((-b, student(free) * (scatter / xx).sqrt(), a))
}
