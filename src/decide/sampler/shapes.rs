//! Shapes at which classical inequalities are sharp: progressions of eigenvalues, and of the masses of a target on them.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::Sampler;
use crate::decide::assignment::{Assignment, SpectrumLevel, short_decimal};
use crate::number::{rational_from_f64, rational_to_f64};
use crate::simulate::Stream;

/// Dimensions up to which every eigenvalue is looked at by itself.
const LARGEST: f64 = 12.0;

/// Weak norms are sharp at harmonic ones, gaps at arithmetic ones, ratios at geometric ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Progression {
    Roots,
    Harmonic,
    Squares,
    Arithmetic,
    Halves,
    TwoThirds,
}

impl Progression {
    pub const ALL: [Self; 6] = [
        Self::Roots,
        Self::Harmonic,
        Self::Squares,
        Self::Arithmetic,
        Self::Halves,
        Self::TwoThirds,
    ];

    /// The `k`th of `count`, the first is the largest.
    pub fn term(self, k: i64, count: i64) -> BigRational {
        let ratio = |a: i64, b: i64| BigRational::new(a.into(), b.into());
        let power = |q: BigRational| num_traits::pow(q, (k - 1) as usize);
        match self {
            Self::Roots => short_decimal((k as f64).powf(-0.5), 6),
            Self::Harmonic => ratio(1, k),
            Self::Squares => ratio(1, k * k),
            Self::Arithmetic => ratio(count + 1 - k, 1),
            Self::Halves => power(ratio(1, 2)),
            Self::TwoThirds => power(ratio(2, 3)),
        }
    }
}

impl Sampler<'_> {
    /// A point with such eigenvalues and masses in their stead, in the least dimension and in the largest of few.
    pub fn shapes(&self, stream: &mut Stream, at: &Assignment) -> Vec<Assignment> {
        use Progression::{Arithmetic, Halves, Harmonic};
        if !self.moves_levels() {
            return Vec::new();
        }
        let values = [Arithmetic, Harmonic, Halves];
        let values = &values[..if self.moves_spectrum() { 3 } else { 1 }];
        let masses = [None, Some(Harmonic)];
        let masses = &masses[..if self.moves_target() { 2 } else { 1 }];
        let mut shaped = Vec::new();
        for sized in self.sizes(at) {
            let Some(count) = self.few(&sized) else {
                continue;
            };
            for value in values {
                for mass in masses {
                    let mut trial = sized.clone();
                    trial.spectrum = (1..=count)
                        .map(|k| SpectrumLevel {
                            value: value.term(k, count),
                            share: BigRational::one(),
                            mass: mass.map_or_else(BigRational::one, |m| m.term(k, count)),
                        })
                        .collect();
                    if self.settle(stream, &mut trial, Some("d")) {
                        shaped.push(trial);
                    }
                }
            }
        }
        shaped
    }

    /// The multiplicities of two levels in two and three dimensions, as far as these are of the domain.
    pub fn few_shares(&self, at: &Assignment) -> Vec<(i64, i64)> {
        if !self.open_levels() || !self.moves_spectrum() {
            return Vec::new();
        }
        let shares = [(1, 1), (1, 2), (2, 1)];
        (shares.into_iter())
            .filter(|(a, b)| self.in_dimension(at, a + b).is_some())
            .collect()
    }

    /// A point with two levels in this ratio.
    pub fn of_ratio(
        &self,
        stream: &mut Stream,
        at: &Assignment,
        (first, second): (i64, i64),
        ratio: f64,
    ) -> Option<Assignment> {
        let mut trial = self.in_dimension(at, first + second)?;
        let norm2: BigRational = at.spectrum.iter().map(|level| &level.mass).sum();
        let both = BigRational::from_integer(2.into());
        trial.spectrum = [(ratio, first), (1.0, second)]
            .map(|(value, share)| SpectrumLevel {
                value: short_decimal(value, 4),
                share: BigRational::from_integer(share.into()),
                mass: &norm2 / &both,
            })
            .into();
        self.settle(stream, &mut trial, Some("d")).then_some(trial)
    }

    /// The point in another dimension, where that is of the domain.
    fn in_dimension(&self, at: &Assignment, dimension: i64) -> Option<Assignment> {
        let dimension = BigRational::from_integer(dimension.into());
        let mut sized = at.clone();
        if !at.symbols.contains_key("d") {
            let here = at.dimension(self.scope).ok().flatten()?;
            return (here == rational_to_f64(&dimension)).then_some(sized);
        }
        let (low, high) = self.range_of("d", at)?;
        if !(low..=high).contains(&dimension) {
            return None;
        }
        sized.symbols.insert("d".to_owned(), dimension);
        Some(sized)
    }

    /// The same shape with every eigenvalue of its own, a little apart, and a target on all of them, in the largest of few
    /// dimensions and in the least.
    pub fn one_by_one(&self, at: &Assignment) -> Vec<Assignment> {
        if at.spectrum.is_empty() || !self.moves_levels() {
            return Vec::new();
        }
        let sizes = self.sizes(at).into_iter().rev();
        sizes.filter_map(|sized| self.singly(at, sized)).collect()
    }

    /// The levels of a point, one by one in the dimension of another.
    fn singly(&self, at: &Assignment, mut single: Assignment) -> Option<Assignment> {
        let count = self.few(&single)?;
        let whole = |n: i64| BigRational::from_integer(n.into());
        let total: BigRational = at.spectrum.iter().map(|level| &level.share).sum();
        let norm2: BigRational = at.spectrum.iter().map(|level| &level.mass).sum();
        single.spectrum = (0..count)
            .filter_map(|k| {
                let place = &total * whole(2 * k + 1) / whole(2 * count);
                let mut below = BigRational::zero();
                let level = at.spectrum.iter().find(|level| {
                    below += &level.share;
                    below > place
                })?;
                let apart = whole(1000 - k) / whole(1000);
                let own = &level.mass / &level.share * &total / whole(count);
                let least = &norm2 / whole(100 * count);
                Some(SpectrumLevel {
                    value: &level.value * &apart,
                    share: BigRational::one(),
                    mass: own.max(least) * apart,
                })
            })
            .collect();
        self.admits(&single).then_some(single)
    }

    /// Whether levels can be set one by one, and matter.
    fn moves_levels(&self) -> bool {
        self.open_levels() && (self.moves_spectrum() || self.moves_target())
    }

    /// The dimension of a point, where it is one of few.
    pub(super) fn few(&self, at: &Assignment) -> Option<i64> {
        let d = at.dimension(self.scope).ok().flatten()?;
        (d <= LARGEST).then(|| d.to_i64())?
    }

    /// The point in the least dimension and in the largest of few, last; as it is where no range of `d` is given.
    pub(super) fn sizes(&self, at: &Assignment) -> Vec<Assignment> {
        let ends = (at.symbols.contains_key("d"))
            .then(|| self.range_of("d", at))
            .flatten();
        let (Some((low, high)), Some(largest)) = (ends, rational_from_f64(LARGEST)) else {
            return vec![at.clone()];
        };
        let mut sizes = vec![low.clone(), largest.clamp(low, high)];
        sizes.dedup();
        sizes
            .into_iter()
            .map(|d| {
                let mut sized = at.clone();
                sized.symbols.insert("d".to_owned(), d);
                sized
            })
            .collect()
    }
}
