//! The real numbers of a point that may move a little: symbols, and what the setting leaves open of `Sigma` and `w0`.

use num_rational::BigRational;
use num_traits::Zero;

use super::assignment::Assignment;
use super::sampler::{Coordinate, Sampler};

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

    fn coordinate<'s>(&self, sampler: &'s Sampler<'_>) -> Option<Coordinate<'s, 's>> {
        Some(match self {
            Self::Symbol(name) => sampler.symbol(name)?,
            Self::Value(i) => Coordinate::Value(*i),
            Self::Mass(i) => Coordinate::Mass(*i),
        })
    }

    /// The place where this number makes an assumed equality hold.
    fn solved(&self, sampler: &Sampler<'_>, which: usize, at: &Assignment) -> Option<Assignment> {
        sampler.solved(which, &self.coordinate(sampler)?, at)
    }
}

/// The numbers of a point that move freely, and one for every assumed equality that follows them.
pub struct Frame {
    pub free: Vec<Variable>,
    /// Which assumption each of the others follows from.
    bound: Vec<(usize, Variable)>,
}

impl Frame {
    pub fn at(sampler: &Sampler<'_>, at: &Assignment) -> Self {
        let mut free = Variable::all(sampler, at);
        let mut bound = Vec::new();
        for which in sampler.equalities() {
            // The last that can be solved for: symbols stand before eigenvalues, and say more.
            let solved = |variable: &Variable| variable.solved(sampler, which, at).is_some();
            if let Some(place) = free.iter().rposition(solved) {
                bound.push((which, free.remove(place)));
            }
        }
        Self { free, bound }
    }

    /// The place with one number moved; `None` where no other can follow it.
    pub fn moved(
        &self,
        sampler: &Sampler<'_>,
        at: &Assignment,
        variable: &Variable,
        value: BigRational,
    ) -> Option<Assignment> {
        let mut moved = at.clone();
        variable.set(sampler, &mut moved, value);
        self.follow(sampler, moved)
    }

    /// The place where the numbers that are not free have followed the others.
    pub fn follow(&self, sampler: &Sampler<'_>, mut at: Assignment) -> Option<Assignment> {
        if self.bound.len() > 1 {
            let own = self.bound.iter();
            let ways: Option<Vec<_>> = own.map(|(_, own)| own.coordinate(sampler)).collect();
            if let Some(met) = sampler.meet_by(&at, &ways?) {
                return Some(met);
            }
        }
        // One equality that is met exactly is met, however nearly it was before.
        at.approximate &= self.bound.len() != 1 || sampler.equalities().count() > 1;
        // Those solved for first may depend on those solved for last.
        for _ in 0..self.bound.len() {
            for (which, variable) in &self.bound {
                at = variable.solved(sampler, *which, &at)?;
            }
        }
        Some(at)
    }
}
