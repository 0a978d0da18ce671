//! A point that was met before, as one of a claim's domain.

use num_rational::BigRational;
use num_traits::Signed;

use super::assignment::{Assignment, SpectrumLevel};
use super::known::Point;
use super::problem::Problem;
use super::sampler::{Corner, Sampler};
use crate::formula::scope::SpectrumKind;

/// Digits of a number that is taken from a file.
const MAX_DIGITS: usize = 400;
/// Levels of a spectrum that is.
const MAX_LEVELS: usize = 64;

impl Point {
    /// The point as one of the claim's domain; `None` where it is none. What the claim does not let vary is the claim's.
    pub fn place(&self, problem: &Problem<'_>, sampler: &Sampler<'_>) -> Option<Assignment> {
        let mut at = sampler.draw(&mut problem.stream(0), Corner::Inside)?;
        for (name, value) in &mut at.symbols {
            *value = number(self.symbols.get(name)?)?;
        }
        let open = matches!(problem.scope.setting.spectrum, SpectrumKind::Any);
        if open && sampler.open_target() && !self.spectrum.is_empty() {
            if self.spectrum.len() > MAX_LEVELS {
                return None;
            }
            at.spectrum = (self.spectrum.iter())
                .map(|[value, share, mass]| {
                    let level = SpectrumLevel {
                        value: number(value)?,
                        share: number(share)?,
                        mass: number(mass)?,
                    };
                    let sound = level.value.is_positive()
                        && level.share.is_positive()
                        && !level.mass.is_negative();
                    sound.then_some(level)
                })
                .collect::<Option<_>>()?;
        }
        if sampler.open_target() {
            at.negative = self.negative.iter().copied().filter(|j| *j > 0).collect();
        }
        sampler.admits(&at).then_some(at)
    }
}

fn number(text: &str) -> Option<BigRational> {
    (text.len() <= MAX_DIGITS)
        .then(|| text.parse().ok())
        .flatten()
}
