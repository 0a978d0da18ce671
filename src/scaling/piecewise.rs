//! Piecewise-linear functions of one exponent, reconstructed exactly from their values.

use num_rational::BigRational;
use num_traits::{One, Signed};

use super::germ::GermError;

/// Stretches looked at separately from the start, so that a dip between two equal lines is not stepped over.
const STRETCHES: i64 = 5;
/// How often a stretch is halved before its function is called discontinuous.
const MAX_DEPTH: usize = 24;

/// A continuous piecewise-linear function, by its values at the ends and the kinks.
#[derive(Clone, Debug, PartialEq)]
pub struct PiecewiseLinear {
    knots: Vec<(BigRational, BigRational)>,
}

impl PiecewiseLinear {
    /// Finds the kinks of `f` on `[from, to]` exactly: slopes at the two ends of a stretch are extended until
    /// they meet, and the meeting point is a kink if `f` passes through it and runs straight on either side.
    /// Two kinks closer together than about a tenth of the interval, between equal lines, may be missed; a
    /// maximum of simple functions is found more surely as their [`envelope`](Self::envelope).
    pub fn reconstruct(
        from: &BigRational,
        to: &BigRational,
        f: impl Fn(&BigRational) -> Result<BigRational, GermError>,
    ) -> Result<Self, GermError> {
        let mut knots = vec![(from.clone(), f(from)?)];
        if from < to {
            let mut start = knots[0].clone();
            for i in 1..=STRETCHES {
                let x = from + (to - from) * BigRational::new(i.into(), STRETCHES.into());
                let end = (x.clone(), f(&x)?);
                stretch(&start, &end, &f, MAX_DEPTH, &mut knots)?;
                start = end;
            }
        }
        Ok(Self {
            knots: straightened(knots),
        })
    }

    /// The largest of several functions on the same interval, its kinks exact; `None` of none.
    pub fn envelope(functions: &[Self]) -> Option<Self> {
        let mut xs: Vec<BigRational> = functions
            .iter()
            .flat_map(|f| f.knots.iter().map(|(x, _)| x.clone()))
            .collect();
        xs.sort();
        xs.dedup();
        let at = |x: &BigRational| -> Vec<BigRational> {
            functions.iter().filter_map(|f| f.value(x)).collect()
        };
        // between neighbouring kinks all are lines, and two lines cross at most once
        let mut crossings = Vec::new();
        for pair in xs.windows(2) {
            let (left, right) = (at(&pair[0]), at(&pair[1]));
            for i in 0..left.len() {
                for j in 0..i {
                    let (before, after) = (&left[i] - &left[j], &right[i] - &right[j]);
                    if (&before * &after).is_negative() {
                        let share = &before / (&before - &after);
                        crossings.push(&pair[0] + (&pair[1] - &pair[0]) * share);
                    }
                }
            }
        }
        xs.extend(crossings);
        xs.sort();
        xs.dedup();
        let knots: Option<Vec<Point>> = xs
            .into_iter()
            .map(|x| at(&x).into_iter().max().map(|y| (x, y)))
            .collect();
        let knots = knots.filter(|knots| !knots.is_empty())?;
        Some(Self {
            knots: straightened(knots),
        })
    }

    /// One function by pieces, each of which begins where the one before it ends.
    pub(crate) fn joined(pieces: Vec<Self>) -> Self {
        let mut knots: Vec<Point> = Vec::new();
        for piece in pieces {
            let repeated = usize::from(!knots.is_empty());
            knots.extend(piece.knots.into_iter().skip(repeated));
        }
        Self { knots }
    }

    /// `(x, value)` at both ends and at every kink, in order.
    pub fn knots(&self) -> &[(BigRational, BigRational)] {
        &self.knots
    }

    pub fn value(&self, x: &BigRational) -> Option<BigRational> {
        if self.knots.len() == 1 {
            let (only, value) = &self.knots[0];
            return (only == x).then(|| value.clone());
        }
        self.knots.windows(2).find_map(|pair| {
            let ((x0, y0), (x1, y1)) = (&pair[0], &pair[1]);
            (x0 <= x && x <= x1).then(|| y0 + (y1 - y0) * (x - x0) / (x1 - x0))
        })
    }

    /// The least value and everywhere it is taken, as closed intervals.
    pub fn minimum(&self) -> (BigRational, Vec<(BigRational, BigRational)>) {
        let least = self.knots.iter().map(|(_, y)| y).min();
        self.taken(least.cloned().unwrap_or_else(BigRational::one))
    }

    /// The greatest value and everywhere it is taken.
    pub fn maximum(&self) -> (BigRational, Vec<(BigRational, BigRational)>) {
        let greatest = self.knots.iter().map(|(_, y)| y).max();
        self.taken(greatest.cloned().unwrap_or_else(BigRational::one))
    }

    /// An extreme value, and the closed intervals on which it is taken.
    fn taken(&self, extreme: BigRational) -> (BigRational, Vec<(BigRational, BigRational)>) {
        let mut intervals: Vec<(BigRational, BigRational)> = Vec::new();
        let mut previous_is_extreme = false;
        for (x, y) in &self.knots {
            let is_extreme = *y == extreme;
            match intervals.last_mut() {
                Some(last) if is_extreme && previous_is_extreme => last.1 = x.clone(),
                _ if is_extreme => intervals.push((x.clone(), x.clone())),
                _ => {}
            }
            previous_is_extreme = is_extreme;
        }
        (extreme, intervals)
    }
}

type Point = (BigRational, BigRational);

fn line(point: &Point, slope: &BigRational, x: &BigRational) -> BigRational {
    &point.1 + slope * (x - &point.0)
}

/// Appends the kinks inside `(start, end)` and `end` itself.
fn stretch(
    start: &Point,
    end: &Point,
    f: &impl Fn(&BigRational) -> Result<BigRational, GermError>,
    depth: usize,
    knots: &mut Vec<Point>,
) -> Result<(), GermError> {
    let width = &end.0 - &start.0;
    let shift = &width / BigRational::from_integer((1_u64 << 20).into());
    let near_start = &start.0 + &shift;
    let near_end = &end.0 - &shift;
    let right = (f(&near_start)? - &start.1) / &shift;
    let left = (&end.1 - f(&near_end)?) / &shift;
    // an unremarkable fraction, so that symmetric functions do not pass by accident
    let inside = BigRational::new(1597.into(), 4181.into());
    if right == left {
        if line(start, &right, &end.0) == end.1 {
            let mut straight = true;
            for share in [inside, BigRational::new(3571.into(), 5778.into())] {
                let x = &start.0 + &width * share;
                straight = straight && f(&x)? == line(start, &right, &x);
            }
            if straight {
                knots.push(end.clone());
                return Ok(());
            }
        }
    } else {
        let x = (&end.1 - &start.1 + &right * &start.0 - &left * &end.0) / (&right - &left);
        if x > start.0 && x < end.0 {
            let y = f(&x)?;
            if y == line(start, &right, &x) {
                // just beside it, since lines that meet are no kink where the function leaves them a little further on
                let before = [&shift * -BigRational::one(), (&start.0 - &x) * &inside];
                let after = [shift.clone(), (&end.0 - &x) * &inside];
                let on = |point, slope, steps: [BigRational; 2]| {
                    for at in steps.map(|step| &x + step) {
                        if f(&at)? != line(point, slope, &at) {
                            return Ok::<bool, GermError>(false);
                        }
                    }
                    Ok(true)
                };
                if on(start, &right, before)? && on(end, &left, after)? {
                    knots.push((x, y));
                    knots.push(end.clone());
                    return Ok(());
                }
            }
        }
    }
    if depth == 0 {
        return Err(GermError::undecided(format!(
            "the exponent seems to jump near {}",
            start.0
        )));
    }
    let half = (&start.0 + &end.0) / BigRational::from_integer(2.into());
    let middle = (half.clone(), f(&half)?);
    stretch(start, &middle, f, depth - 1, knots)?;
    stretch(&middle, end, f, depth - 1, knots)
}

/// Drops knots that are no kinks.
fn straightened(knots: Vec<Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::with_capacity(knots.len());
    for knot in knots {
        while kept.len() >= 2 {
            let (a, b) = (&kept[kept.len() - 2], &kept[kept.len() - 1]);
            let straight = (&b.1 - &a.1) * (&knot.0 - &b.0) == (&knot.1 - &b.1) * (&b.0 - &a.0);
            if !straight {
                break;
            }
            kept.pop();
        }
        kept.push(knot);
    }
    kept
}
