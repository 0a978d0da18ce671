//! The real numbers of a point that may move a little: symbols, and what the setting leaves open of `Sigma` and `w0`.

use num_rational::BigRational;
use num_traits::Zero;

use super::assignment::Assignment;
use super::sampler::Sampler;

/// Eigenvalues and masses move by no larger a factor.
const FARTHEST: i64 = 1000;

#[derive(Clone, Debug)]
pub enum Variable {
    Symbol(String),
    /// An eigenvalue, by its place among the levels.
    Value(usize),
    /// The squared length of `w0` on a level.
    Mass(usize),
}

impl Variable {
    /// Those that matter.
    pub fn all(sampler: &Sampler<'_>, at: &Assignment) -> Vec<Self> {
        let symbols = sampler.symbols().filter(|(_, whole, _)| !whole);
        let mut list: Vec<Self> = symbols
            .map(|(name, ..)| Self::Symbol(name.to_owned()))
            .collect();
        let levels = &at.spectrum;
        if sampler.moves_spectrum() {
            let first = |i: usize| !levels[..i].iter().any(|l| l.value == levels[i].value);
            let moves = |i: &usize| !sampler.keeps_levels() || first(*i);
            list.extend((0..levels.len()).filter(moves).map(Self::Value));
        }
        if sampler.moves_target() {
            let met = |i: &usize| !levels[*i].mass.is_zero();
            list.extend((0..levels.len()).filter(met).map(Self::Mass));
        }
        list
    }

    pub fn of(&self, at: &Assignment) -> Option<BigRational> {
        Some(match self {
            Self::Symbol(name) => at.symbols.get(name)?.clone(),
            Self::Value(i) => at.spectrum.get(*i)?.value.clone(),
            Self::Mass(i) => at.spectrum.get(*i)?.mass.clone(),
        })
    }

    pub fn range(
        &self,
        sampler: &Sampler<'_>,
        at: &Assignment,
    ) -> Option<(BigRational, BigRational)> {
        if let Self::Symbol(name) = self {
            return sampler.range_of(name, at);
        }
        let (here, farthest) = (self.of(at)?, BigRational::from_integer(FARTHEST.into()));
        Some((&here / &farthest, here * farthest))
    }

    pub fn set(&self, sampler: &Sampler<'_>, at: &mut Assignment, value: BigRational) {
        match self {
            Self::Symbol(name) => {
                at.symbols.insert(name.clone(), value);
            }
            Self::Value(i) => at.move_level(*i, value, sampler.keeps_levels()),
            Self::Mass(i) => at.spectrum[*i].mass = value,
        }
    }

    pub fn moved(&self, sampler: &Sampler<'_>, at: &Assignment, value: BigRational) -> Assignment {
        let mut moved = at.clone();
        self.set(sampler, &mut moved, value);
        moved
    }
}
