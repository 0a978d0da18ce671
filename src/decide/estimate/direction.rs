//! Matrix relations are tested along directions in the space of their entries.

/// What speaks most against a relation: a direction, and the spread of the draws along it.
pub(super) struct Worst {
    pub direction: Vec<f64>,
    pub standard_error: f64,
    /// The root of the mean squared deviation, and the share that the largest has of all squares.
    pub spread: f64,
    pub share: f64,
}

pub(super) fn along(side: &[f64], direction: &[f64]) -> f64 {
    side.iter().zip(direction).map(|(x, w)| x * w).sum()
}

/// What a mean of doubles is off by, as a share of it.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// A matrix relation is tested along several directions; the one that speaks most against it counts, with a standard error
/// that allows for the choice.
pub(super) fn against(
    difference: &[f64],
    gradients: &[Vec<f64>],
    samples: &[f64],
    means: &[f64],
) -> Option<Worst> {
    let directions = directions(difference.len());
    let n = (samples.len() / means.len()) as f64;
    let penalty = 4.0 / (16.0 + 2.0 * (directions.len() as f64).ln()).sqrt();
    let mut worst: Option<(f64, Worst)> = None;
    let mut deviations = Vec::with_capacity(n as usize);
    for direction in directions {
        let slope: Vec<f64> = gradients.iter().map(|g| along(g, &direction)).collect();
        deviations.clear();
        deviations.extend(samples.chunks_exact(means.len()).map(|row| {
            let moved = row.iter().zip(means).zip(&slope);
            moved.map(|((x, m), g)| g * (x - m)).sum::<f64>()
        }));
        // In units of the largest: squares of what is small are below every double.
        let largest = deviations
            .iter()
            .fold(0.0, |most: f64, x| most.max(x.abs()));
        let square = match largest > 0.0 {
            true => deviations.iter().map(|x| (x / largest).powi(2)).sum(),
            false => 0.0f64,
        };
        // Means that cancel in the difference leave their rounding.
        let rounding: f64 = slope.iter().zip(means).map(|(g, m)| (g * m).abs()).sum();
        let standard_error = (largest * (square / (n - 1.0) / n).sqrt()).hypot(ROUNDING * rounding);
        let z = along(difference, &direction).abs() / standard_error.max(f64::MIN_POSITIVE);
        if worst.as_ref().is_none_or(|(most, _)| z > *most) {
            let found = Worst {
                direction,
                standard_error: standard_error / penalty,
                spread: largest * (square / n).sqrt(),
                share: if square > 0.0 { 1.0 / square } else { 0.0 },
            };
            worst = Some((z, found));
        }
    }
    worst.map(|(_, found)| found)
}

/// Directions in the space of entries: the number itself, or for a matrix a mixture of all entries with fixed
/// weights, the diagonal among the heavy ones, and entries of their own, the first and the last and some between.
fn directions(length: usize) -> Vec<Vec<f64>> {
    const SINGLE: usize = 12;
    if length == 1 {
        return vec![vec![1.0]];
    }
    let side = (length as f64).sqrt() as usize;
    let square = side * side == length;
    let mixed = (0..length).map(|index| {
        let bits = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let weight = bits as f64 / (1u64 << 24) as f64;
        if square && index.is_multiple_of(side + 1) {
            0.75 + weight
        } else {
            weight - 0.5
        }
    });
    let mut directions = vec![mixed.collect()];
    let stride = length.div_ceil(SINGLE);
    let mut entries: Vec<usize> = (0..length).step_by(stride).collect();
    entries.push(length - 1);
    entries.dedup();
    for entry in entries {
        let mut direction = vec![0.0; length];
        direction[entry] = 1.0;
        directions.push(direction);
    }
    directions
}
