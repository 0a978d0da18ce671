//! Single eigenvalues and coefficients that assumptions speak of, such as `s(3)` or `c(d)`.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::Sampler;
use super::about::Spoken;
use crate::decide::assignment::{Assignment, SpectrumLevel, short_decimal};
use crate::number::Real;
use crate::simulate::Stream;
use crate::term::evaluate::Evaluator;

impl Sampler<'_> {
    /// Every second time, an eigenvalue of its own at each place that assumptions speak of; and where one speaks of the
    /// coefficient, every second time of these, the whole target there.
    pub(super) fn set_apart(&self, stream: &mut Stream, at: &mut Assignment) {
        if self.places.is_empty() || stream.uniform() < 0.5 {
            return;
        }
        if !self.open_spectrum() || at.spectrum.iter().any(|level| !level.share.is_integer()) {
            return;
        }
        let Some(environment) = self.environment(at) else {
            return;
        };
        let evaluator = Evaluator::new(self.scope, &environment);
        let place = |place: &Spoken| {
            let index = evaluator.scalar(&place.index).ok()?;
            let j = index.midpoint().round().to_i64()?;
            Some((j, place.coefficient))
        };
        let places: Vec<(i64, bool)> = self.places.iter().filter_map(place).collect();
        let whole_target = self.open_target() && stream.uniform() < 0.5;
        let mut ordered = at.spectrum.clone();
        ordered.sort_by(|a, b| b.value.cmp(&a.value));
        let mut whole: Option<usize> = None;
        for (j, coefficient) in places {
            let Some(which) = single_out(&mut ordered, j) else {
                continue;
            };
            // What was singled out before may have moved by a place or two.
            whole = whole.map(|w| if w >= which.first { w + which.added } else { w });
            if self.open_levels() && which.added > 0 && stream.uniform() < 0.7 {
                let factor = short_decimal(10f64.powf(-3.0 * stream.uniform()), 2);
                let from = which.single + usize::from(stream.uniform() < 0.5);
                ordered
                    .iter_mut()
                    .skip(from)
                    .for_each(|l| l.value *= &factor);
            }
            if coefficient && whole_target {
                whole = Some(which.single);
            }
        }
        if let Some(whole) = whole {
            let length: BigRational = ordered.iter().map(|level| &level.mass).sum();
            for level in &mut ordered {
                level.mass = BigRational::zero();
            }
            ordered[whole].mass = length;
        }
        at.spectrum = ordered;
    }
}

/// Where an eigenvalue stands now, the first of the levels that moved for it, and how many there are more.
struct Singled {
    first: usize,
    single: usize,
    added: usize,
}

/// Parts the level, of those in falling order, that holds the `j`th eigenvalue, so that it is alone in one.
fn single_out(levels: &mut Vec<SpectrumLevel>, j: i64) -> Option<Singled> {
    let place = BigRational::from_integer((j - 1).into());
    let mut before = BigRational::zero();
    let at = levels.iter().position(|level| {
        let here = before <= place && place < &before + &level.share;
        if !here {
            before += &level.share;
        }
        here
    })?;
    let whole = levels[at].clone();
    let above = place - before;
    let below = &whole.share - &above - BigRational::one();
    let part = |share: &BigRational| SpectrumLevel {
        value: whole.value.clone(),
        share: share.clone(),
        mass: &whole.mass * share / &whole.share,
    };
    let parts = [above.clone(), BigRational::one(), below];
    let parts: Vec<SpectrumLevel> = (parts.iter())
        .filter(|share| !share.is_zero())
        .map(part)
        .collect();
    let singled = Singled {
        first: at,
        single: at + usize::from(!above.is_zero()),
        added: parts.len() - 1,
    };
    levels.splice(at..=at, parts);
    Some(singled)
}
