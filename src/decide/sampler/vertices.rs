//! The corners of a domain: every symbol at one of its ends, or as near to it as the assumptions allow, and so the largest and
//! the least eigenvalue.

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::Sampler;
use crate::decide::assignment::{Assignment, SpectrumLevel, short_decimal};
use crate::number::{rational_from_f64, rational_to_f64};
use crate::simulate::Stream;

/// More symbols than this have too many corners.
const MOST_SYMBOLS: usize = 4;
/// Halvings on the way to an end that is not allowed.
const HALVINGS: usize = 30;
/// An eigenvalue goes so many times up or down.
const REACH: f64 = 1e6;
/// Half way between numbers that are so many times apart is their geometric mean.
const APART: f64 = 4.0;

impl Sampler<'_> {
    /// The corners that are met from a point of the domain: from where all symbols are large, and from where all are
    /// small, since assumptions such as `T > d` let each move only as far as the others do.
    pub fn vertices(&self, at: &Assignment) -> Vec<Assignment> {
        self.vertices_of(at, &|_| true)
    }

    /// The same in some of the symbols.
    pub fn vertices_of(&self, at: &Assignment, moves: &dyn Fn(&str) -> bool) -> Vec<Assignment> {
        let names: Vec<(&str, bool)> = self
            .symbols()
            .filter(|(name, ..)| moves(name))
            .map(|(name, whole, _)| (name, whole))
            .collect();
        let mut found: Vec<Assignment> = Vec::new();
        if names.is_empty() || names.len() > MOST_SYMBOLS || !self.admits(at) {
            return found;
        }
        for large in [true, false] {
            let mut start = at.clone();
            for _ in 0..2 {
                for (name, whole) in &names {
                    self.push(&mut start, name, *whole, large);
                }
            }
            for ends in 0..1_usize << names.len() {
                let mut corner = start.clone();
                // What was in another's way may be gone the second time.
                for _ in 0..2 {
                    for (i, (name, whole)) in names.iter().enumerate() {
                        self.push(&mut corner, name, *whole, ends >> i & 1 == 1);
                    }
                }
                if found.iter().all(|known| known.symbols != corner.symbols) {
                    found.push(corner);
                }
            }
        }
        found
    }

    /// Two levels, each as large or as small as the assumptions allow, in few dimensions; a target on one of them.
    pub fn extreme_levels(&self, stream: &mut Stream, at: &Assignment) -> Vec<Assignment> {
        let mut found: Vec<Assignment> = Vec::new();
        let open = self.open_levels() && self.moves_spectrum();
        let Some(sized) = open.then(|| self.sizes(at).into_iter().next()).flatten() else {
            return found;
        };
        let Some(count) = self.few(&sized).filter(|count| *count > 1) else {
            return found;
        };
        let norm2: BigRational = at.spectrum.iter().map(|level| &level.mass).sum();
        for massive in 0..if self.moves_target() { 2 } else { 1 } {
            let level = |which: usize, value: f64, share: i64| SpectrumLevel {
                value: short_decimal(value, 4),
                share: BigRational::from_integer(share.into()),
                mass: match which == massive {
                    true => norm2.clone(),
                    false => BigRational::zero(),
                },
            };
            let mut start = sized.clone();
            start.spectrum = vec![level(0, 2.0, 1), level(1, 1.0, count - 1)];
            // what assumptions make of the levels may be one of them
            if !self.settle(stream, &mut start, Some("d")) || start.spectrum.len() != 2 {
                continue;
            }
            for ends in 0..4_usize {
                let mut corner = start.clone();
                // The second time the other one is out of the way.
                for i in [0, 1, 0, 1] {
                    self.push_level(&mut corner, i, ends >> i & 1 == 1);
                }
                found.push(corner);
            }
        }
        found
    }

    /// Moves an eigenvalue up or down as far as the assumptions allow, the largest staying the largest.
    fn push_level(&self, at: &mut Assignment, which: usize, up: bool) {
        let Some(reach) = rational_from_f64(REACH) else {
            return;
        };
        let here = at.spectrum[which].value.clone();
        let other = at.spectrum[1 - which].value.clone();
        let end = match (up, which) {
            (true, 0) => &here * &reach,
            (false, 0) => other,
            (true, _) => other,
            (false, _) => &here / &reach,
        };
        let with = |value: &BigRational| {
            let mut moved = at.clone();
            moved.spectrum[which].value = value.clone();
            moved
        };
        let farthest = self.farthest(&with, here, end, false);
        at.spectrum[which].value = farthest;
    }

    /// Moves a symbol to an end of its range, or as far as the assumptions allow.
    fn push(&self, at: &mut Assignment, name: &str, whole: bool, up: bool) {
        let (Some((low, high)), Some(here)) = (self.range_of(name, at), at.symbols.get(name))
        else {
            return;
        };
        let with = |value: &BigRational| {
            let mut moved = at.clone();
            moved.symbols.insert(name.to_owned(), value.clone());
            moved
        };
        let end = if up { high } else { low };
        let farthest = self.farthest(&with, here.clone(), end, whole);
        at.symbols.insert(name.to_owned(), farthest);
    }

    /// The value nearest to `end` that is admitted, on the way from one that is.
    fn farthest(
        &self,
        with: &dyn Fn(&BigRational) -> Assignment,
        here: BigRational,
        end: BigRational,
        whole: bool,
    ) -> BigRational {
        if self.admits(&with(&end)) {
            return end;
        }
        let up = end > here;
        let (mut inside, mut outside) = (here, end);
        for _ in 0..HALVINGS {
            let mut middle = half_way(&inside, &outside);
            if whole {
                middle = if up { middle.ceil() } else { middle.floor() };
                if middle == outside {
                    // One step from here is as far as one can go.
                    break;
                }
            }
            if self.admits(&with(&middle)) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        inside
    }
}

fn half_way(a: &BigRational, b: &BigRational) -> BigRational {
    let (x, y) = (rational_to_f64(a), rational_to_f64(b));
    if a.is_positive() && b.is_positive() && !(1.0 / APART..=APART).contains(&(x / y)) {
        return short_decimal(x.sqrt() * y.sqrt(), 12);
    }
    (a + b) / (BigRational::one() + BigRational::one())
}
