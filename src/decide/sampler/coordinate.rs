//! Numbers of a point that may be changed to meet what is assumed.

use num_rational::BigRational;
use num_traits::One;

use super::Free;
use crate::decide::assignment::Assignment;

/// One number of an assignment that may be changed.
#[derive(Clone, Copy)]
pub enum Coordinate<'f, 'a> {
    Symbol(&'f Free<'a>),
    /// A factor to every eigenvalue.
    Size,
    Value(usize),
    /// A factor to every mass of the target.
    Length,
    Mass(usize),
}

impl PartialEq for Coordinate<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Symbol(a), Self::Symbol(b)) => a.name == b.name,
            (Self::Value(i), Self::Value(j)) | (Self::Mass(i), Self::Mass(j)) => i == j,
            (Self::Size, Self::Size) | (Self::Length, Self::Length) => true,
            _ => false,
        }
    }
}

impl Coordinate<'_, '_> {
    /// Whether it is one real number, and no factor to several.
    pub(super) fn is_single_number(&self) -> bool {
        match self {
            Self::Symbol(free) => !free.whole,
            Self::Value(_) | Self::Mass(_) => true,
            Self::Size | Self::Length => false,
        }
    }

    pub(super) fn current(&self, at: &Assignment) -> Option<BigRational> {
        Some(match self {
            Coordinate::Symbol(free) => at.symbols.get(free.name)?.clone(),
            Coordinate::Size | Coordinate::Length => BigRational::one(),
            Coordinate::Value(i) => at.spectrum.get(*i)?.value.clone(),
            Coordinate::Mass(i) => at.spectrum.get(*i)?.mass.clone(),
        })
    }

    pub(super) fn set(&self, at: &Assignment, value: &BigRational) -> Assignment {
        let mut changed = at.clone();
        match self {
            Coordinate::Symbol(free) => {
                changed.symbols.insert(free.name.to_owned(), value.clone());
            }
            Coordinate::Size => {
                for level in &mut changed.spectrum {
                    level.value *= value;
                }
            }
            Coordinate::Value(i) => changed.spectrum[*i].value = value.clone(),
            Coordinate::Length => {
                for level in &mut changed.spectrum {
                    level.mass *= value;
                }
            }
            Coordinate::Mass(i) => changed.spectrum[*i].mass = value.clone(),
        }
        changed
    }

    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Coordinate::Symbol(free) if free.whole)
    }
}
