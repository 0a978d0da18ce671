//! Where a margin is least, to many digits: Newton's method over all real numbers of a point at once.

use num_rational::BigRational;
use num_traits::Zero;

use super::assignment::Assignment;
use super::gap::gap_at;
use super::look::{Run, Seen};
use super::variable::{Frame, Variable};
use crate::number::{Ball, rational_from_f64, rational_to_f64};

/// More variables than this have too many pairs.
const MOST_VARIABLES: usize = 7;
/// A step goes at most so many widths.
const FARTHEST: f64 = 30.0;
/// How much is added to the curvature, as a share of the largest: valleys may be flat in some directions.
const DAMPING: [f64; 4] = [0.0, 1e-6, 1e-2, 1.0];
/// Shares of a step that are tried.
const SHARES: [f64; 3] = [1.0, 0.25, 0.05];

/// Margins around an assignment, by variables moved by multiples of their widths.
struct Around<'r, 'a, 'p> {
    run: &'r mut Run<'a, 'p>,
    start: &'r Seen,
    at: Assignment,
    frame: &'r Frame,
    /// Each variable with its width and its range.
    variables: Vec<(Variable, BigRational, (BigRational, BigRational))>,
}

impl Around<'_, '_, '_> {
    fn moved(&self, by: &[(usize, f64)]) -> Option<Assignment> {
        let mut moved = self.at.clone();
        for (i, steps) in by {
            let (variable, width, (low, high)) = &self.variables[*i];
            let value = variable.of(&self.at)? + width * rational_from_f64(*steps)?;
            let value = value.clamp(low.clone(), high.clone());
            variable.set(&self.run.sampler, &mut moved, value);
        }
        self.frame.follow(&self.run.sampler, moved)
    }

    fn margin(&mut self, at: &Assignment) -> Option<f64> {
        let op = self.run.problem.says.op;
        let gap = gap_at::<Ball>(self.run.problem, at, &self.start.drawing).ok()?;
        self.run.steps += gap.steps;
        Some(-gap.excess(op)).filter(|margin| margin.is_finite())
    }

    fn margin_by(&mut self, by: &[(usize, f64)]) -> Option<f64> {
        let at = self.moved(by)?;
        self.margin(&at)
    }
}

/// A step towards the least margin, from differences at a relative `width`; `None` where none was found.
pub(super) fn lower(
    run: &mut Run<'_, '_>,
    start: &Seen,
    at: &Assignment,
    frame: &Frame,
    width: f64,
) -> Option<Assignment> {
    let mut inside = Vec::new();
    for variable in &frame.free {
        let x = variable.of(at)?;
        let (low, high) = variable.range(&run.sampler, at)?;
        let h = rational_from_f64(width * rational_to_f64(&x).abs().max(1e-3))?;
        // At an end there are no differences.
        if &low + &h <= x && &x + &h <= high && !h.is_zero() {
            inside.push((variable.clone(), h, (low, high)));
        }
    }
    if inside.is_empty() || inside.len() > MOST_VARIABLES {
        return None;
    }
    let n = inside.len();
    let mut around = Around {
        run,
        start,
        at: at.clone(),
        frame,
        variables: inside,
    };
    let here = around.margin_by(&[])?;
    let (mut slope, mut curvature) = (vec![0.0; n], vec![vec![0.0; n]; n]);
    let mut above = vec![0.0; n];
    for i in 0..n {
        let below = around.margin_by(&[(i, -1.0)])?;
        above[i] = around.margin_by(&[(i, 1.0)])?;
        slope[i] = 0.5 * (above[i] - below);
        curvature[i][i] = above[i] - 2.0 * here + below;
    }
    for i in 0..n {
        for j in 0..i {
            let both = around.margin_by(&[(i, 1.0), (j, 1.0)])?;
            curvature[i][j] = both - above[i] - above[j] + here;
            curvature[j][i] = curvature[i][j];
        }
    }
    let steps: Vec<Vec<f64>> = DAMPING
        .into_iter()
        .filter_map(|damping| newton_step(&curvature, &slope, damping))
        .collect();
    // With little damping a flat direction takes the whole step: of those that help, the best.
    for share in SHARES {
        let mut best: Option<(f64, Assignment)> = None;
        for step in &steps {
            let by: Vec<(usize, f64)> = step.iter().map(|x| share * x).enumerate().collect();
            let trial = around.moved(&by)?;
            if let Some(margin) = around.margin(&trial)
                && margin < best.as_ref().map_or(here, |(least, _)| *least)
            {
                best = Some((margin, trial));
            }
        }
        if let Some((_, trial)) = best {
            return Some(trial);
        }
    }
    None
}

/// The solution of `(H + damping) x = −g` for a positive definite matrix on the left; variables that do not matter stay.
fn newton_step(curvature: &[Vec<f64>], slope: &[f64], damping: f64) -> Option<Vec<f64>> {
    let n = slope.len();
    let largest = (0..n).map(|i| curvature[i][i].abs()).fold(0.0, f64::max);
    if largest == 0.0 {
        return None;
    }
    let mut a = curvature.to_vec();
    let mut b: Vec<f64> = slope.iter().map(|g| -g).collect();
    for i in 0..n {
        let idle = (0..n).all(|j| curvature[i][j] == 0.0) && slope[i] == 0.0;
        a[i][i] += if idle { largest } else { damping * largest };
    }
    for k in 0..n {
        if !(a[k][k] > 1e-13 * largest) {
            return None;
        }
        for i in k + 1..n {
            let factor = a[i][k] / a[k][k];
            for j in k..n {
                a[i][j] -= factor * a[k][j];
            }
            b[i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    let longest = b.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let shrink = (FARTHEST / longest).min(1.0);
    let step: Vec<f64> = b.into_iter().map(|x| x * shrink).collect();
    step.iter().all(|x| x.is_finite()).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_solves_the_quadratic_model() {
        // x² + xy + y² − 3x: least at (2, −1)
        let step = newton_step(&[vec![2.0, 1.0], vec![1.0, 2.0]], &[-3.0, 0.0], 0.0).unwrap();
        assert!((step[0] - 2.0).abs() < 1e-14 && (step[1] + 1.0).abs() < 1e-14);
        // a saddle has no least value
        assert!(newton_step(&[vec![1.0, 3.0], vec![3.0, 1.0]], &[1.0, 1.0], 0.0).is_none());
        // what does not matter stays
        let step = newton_step(&[vec![2.0, 0.0], vec![0.0, 0.0]], &[2.0, 0.0], 0.0).unwrap();
        assert_eq!(step, [-1.0, 0.0]);
    }
}
