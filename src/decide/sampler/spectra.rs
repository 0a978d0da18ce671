//! Spectra and targets, for settings that leave them open: every multiplicity, levels near one another, levels
//! that split, rare ones, clusters, huge condition numbers; single directions, spread and adversarial targets.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::Sampler;
use super::shapes::Progression;
use crate::decide::assignment::{Assignment, Place, SpectrumLevel, short_decimal};
use crate::formula::scope::{SpectrumKind, TargetKind};
use crate::number::{rational_from_f64, rational_to_f64};
use crate::simulate::Stream;

/// Decades between levels, or from 1 to them, at most.
const FARTHEST: f64 = 40.0;
/// Levels of a spectrum that is made up.
const MOST_LEVELS: f64 = 8.0;
/// Dimensions in which multiplicities are counted out one by one.
const COUNTED: f64 = 1e9;

/// `1, …, n` with equal chances, `n ≥ 1`.
fn one_of(stream: &mut Stream, n: f64) -> f64 {
    (1.0 + (stream.uniform() * n).floor()).min(n.max(1.0))
}

fn level(value: f64, digits: usize, count: f64) -> SpectrumLevel {
    SpectrumLevel {
        value: short_decimal(value, digits),
        share: rational_from_f64(count).unwrap_or_else(BigRational::one),
        mass: BigRational::zero(),
    }
}

impl Sampler<'_> {
    /// Whether the setting leaves eigenvalues open.
    pub fn open_spectrum(&self) -> bool {
        matches!(
            self.scope.setting.spectrum,
            SpectrumKind::Any | SpectrumKind::TwoLevel
        )
    }

    /// Whether the setting leaves the number of levels open.
    pub fn open_levels(&self) -> bool {
        matches!(self.scope.setting.spectrum, SpectrumKind::Any)
    }

    /// Whether the setting leaves the target open.
    pub fn open_target(&self) -> bool {
        matches!(self.scope.setting.target, TargetKind::Any)
    }

    /// Eigenvalues, their multiplicities and masses, for the kinds of spectrum and target that leave them open.
    pub(super) fn levels(
        &self,
        stream: &mut Stream,
        at: &Assignment,
        index: u64,
        extreme: bool,
    ) -> Vec<SpectrumLevel> {
        let d = at.dimension(self.scope).ok().flatten();
        let d = d.unwrap_or(8.0);
        // For larger dimensions the counts are shares, which is all that can be told apart.
        let d = if d > COUNTED { 1000.0 } else { d };
        let turn = index / 2 + u64::from(stream.uniform() < 0.5);
        let mut levels = match self.scope.setting.spectrum {
            SpectrumKind::TwoLevel => two_levels(stream, turn, d, extreme),
            SpectrumKind::Any => any_levels(stream, turn, d, extreme),
            _ => vec![level(1.0, 1, d)],
        };
        if !self.open_target() {
            return levels;
        }
        let given = matches!(
            self.scope.setting.spectrum,
            SpectrumKind::PowerLaw { .. } | SpectrumKind::Atoms { .. } | SpectrumKind::Explicit(_)
        );
        if given {
            return Place::pattern(stream, d.min(1000.0));
        }
        self.masses(stream, turn, &mut levels);
        levels
    }

    /// The same point with a few outlying eigenvalues, far below or above all others, which are equal; `None` where the spectrum is
    /// not open, or has no room for them.
    pub fn outlying(&self, stream: &mut Stream, at: &Assignment) -> Option<Assignment> {
        let total: BigRational = at.spectrum.iter().map(|level| &level.share).sum();
        let few = rational_from_f64((1.0 + 3.0 * stream.uniform()).floor())?;
        if !self.moves_spectrum() || total < &few + &few {
            return None;
        }
        let below = stream.uniform() < 0.7;
        let decades = 0.3 + 9.0 * stream.uniform().powi(2);
        let factor = short_decimal(10f64.powf(if below { -decades } else { decades }), 2);
        let mut bulk = at.spectrum.first()?.clone();
        let mut outliers = bulk.clone();
        outliers.value *= factor;
        outliers.share = few.clone();
        bulk.share = total - few;
        // The target on either, or on both; on few directions most of all, where it may be all but hidden.
        let mass: BigRational = at.spectrum.iter().map(|level| &level.mass).sum();
        let (on_bulk, on_outliers) = [(true, false), (true, true), (false, true), (false, true)]
            [(stream.uniform() * 4.0) as usize % 4];
        let target = |there: bool| {
            if there {
                mass.clone()
            } else {
                BigRational::zero()
            }
        };
        (bulk.mass, outliers.mass) = (target(on_bulk), target(on_outliers));
        let mut changed = at.clone();
        changed.spectrum = if below {
            vec![bulk, outliers]
        } else {
            vec![outliers, bulk]
        };
        changed.approximate = false;
        self.settle(stream, &mut changed, None).then_some(changed)
    }

    /// The same point with all eigenvalues 1; `None` where the spectrum is not open.
    pub fn levelled(&self, stream: &mut Stream, at: &Assignment) -> Option<Assignment> {
        if !self.moves_spectrum() || at.spectrum.len() < 2 {
            return None;
        }
        let mut changed = at.clone();
        changed.spectrum = vec![SpectrumLevel {
            value: BigRational::one(),
            share: at.spectrum.iter().map(|level| &level.share).sum(),
            mass: at.spectrum.iter().map(|level| &level.mass).sum(),
        }];
        changed.approximate = false;
        self.settle(stream, &mut changed, None).then_some(changed)
    }

    fn masses(&self, stream: &mut Stream, turn: u64, levels: &mut Vec<SpectrumLevel>) {
        let size = if stream.uniform() < 0.6 {
            1.0
        } else {
            10f64.powf(2.0 * stream.uniform() - 1.0)
        };
        // A direction inside a level, and the rest of the level.
        if stream.uniform() < 0.25 {
            let which = (stream.uniform() * levels.len() as f64) as usize % levels.len();
            let count = rational_to_f64(&levels[which].share);
            if count >= 2.0 && count.fract() == 0.0 {
                let mut single = levels[which].clone();
                single.share = BigRational::one();
                levels[which].share -= BigRational::one();
                levels.insert(which + usize::from(stream.uniform() < 0.5), single);
            }
        }
        let count = levels.len();
        let value = |level: &SpectrumLevel| rational_to_f64(&level.value);
        match turn % 7 {
            0 | 1 | 4 => levels[(turn / 7) as usize % count].mass = short_decimal(size, 2),
            2 => {
                for level in levels.iter_mut() {
                    level.mass = short_decimal(size, 2);
                }
            }
            3 => {
                // As much on every eigenvector, or the more the smaller its eigenvalue, or the less the farther down.
                let power = [0.0, 1.0, 2.0, -1.0][(stream.uniform() * 4.0) as usize % 4];
                let by_place = stream.uniform() < 0.2;
                for (i, level) in levels.iter_mut().enumerate() {
                    let share = rational_to_f64(&level.share);
                    level.mass = if by_place {
                        short_decimal(share / (i + 1) as f64, 6)
                    } else {
                        short_decimal(share / value(level).powf(power), 3)
                    };
                }
            }
            5 => {
                // One direction, and a little of another.
                let (a, b) = (
                    (stream.uniform() * count as f64) as usize % count,
                    (stream.uniform() * count as f64) as usize % count,
                );
                levels[a].mass = short_decimal(size, 2);
                if a != b {
                    levels[b].mass = short_decimal(size * 10f64.powf(-6.0 * stream.uniform()), 2);
                }
            }
            _ => {
                for level in levels.iter_mut() {
                    level.mass = short_decimal(size * stream.normal().powi(2), 2);
                }
            }
        }
        if levels.iter().all(|l| l.mass.is_zero()) {
            levels[0].mass = BigRational::one();
        }
    }
}

/// Decades for a share of the unit interval: `near` of them evenly, and at its end many more, for bounds that hold
/// within any range that one would think of.
fn far(u: f64, near: f64) -> f64 {
    if u < 0.75 {
        near * u / 0.75
    } else {
        near + (FARTHEST - near) * (u - 0.75) / 0.25
    }
}

/// A size for the whole of Σ: mostly 1.
fn scale(stream: &mut Stream, extreme: bool) -> f64 {
    match stream.uniform() {
        u if u < 0.6 => 1.0,
        u if u < 0.9 || !extreme => 10f64.powf(2.0 * stream.uniform() - 1.0),
        _ => {
            let v = 2.0 * stream.uniform() - 1.0;
            10f64.powf(far(v.abs(), 6.0).copysign(v))
        }
    }
}

/// A larger and a smaller level, the larger with every multiplicity from 1 to `d − 1`.
fn two_levels(stream: &mut Stream, turn: u64, d: f64, extreme: bool) -> Vec<SpectrumLevel> {
    let size = short_decimal(scale(stream, extreme), 1);
    if d < 2.0 {
        return vec![SpectrumLevel {
            value: size,
            ..level(1.0, 1, d)
        }];
    }
    let many = match turn % 4 {
        0 => 1.0,
        1 => d - 1.0,
        _ => one_of(stream, d - 1.0),
    };
    let low = match stream.uniform() {
        // Near one another.
        u if u < 0.15 => {
            let gap = rational_from_f64(10f64.powi(-(one_of(stream, 9.0) as i32)));
            let gap = gap.map_or_else(BigRational::zero, |g| short_decimal(rational_to_f64(&g), 1));
            BigRational::one() - gap
        }
        u if u < 0.3 => {
            let u = stream.uniform();
            let decades = if extreme { far(u, 12.0) } else { 5.0 * u };
            short_decimal(10f64.powf(-decades), 2)
        }
        _ => short_decimal(10f64.powf(-2.0 * stream.uniform() - 0.05), 2),
    };
    let mut levels = vec![level(1.0, 1, many), level(1.0, 1, d - many)];
    levels[0].value = size.clone();
    levels[1].value = low * size;
    levels
}

fn any_levels(stream: &mut Stream, turn: u64, d: f64, extreme: bool) -> Vec<SpectrumLevel> {
    let size = scale(stream, extreme);
    if d < 2.0 || turn.is_multiple_of(9) {
        return vec![level(size, 2, d)];
    }
    match turn % 9 {
        1 | 2 | 5 => two_levels(stream, turn / 9 + turn, d, extreme),
        3 | 6 => decaying_levels(stream, turn % 9 == 3, d, size),
        4 => clusters(stream, d),
        7 => one_apart(stream, d, extreme),
        _ => scattered_levels(stream, d, size, extreme),
    }
}

/// A power law, or a geometric one; the last level takes the rest.
fn decaying_levels(stream: &mut Stream, power_law: bool, d: f64, size: f64) -> Vec<SpectrumLevel> {
    if stream.uniform() < 0.3 {
        return progression(stream, d, size);
    }
    let count = d.min(MOST_LEVELS);
    let beta = 0.3 + 3.0 * stream.uniform();
    let quotient = 0.05 + 0.9 * stream.uniform();
    (1..=count as u32)
        .map(|k| {
            let value = if power_law {
                f64::from(k).powf(-beta)
            } else {
                quotient.powi(k as i32 - 1)
            };
            let rest = if f64::from(k) == count {
                d - count
            } else {
                0.0
            };
            level(size * value, 3, 1.0 + rest)
        })
        .collect()
}

/// An exact progression of single levels.
fn progression(stream: &mut Stream, d: f64, size: f64) -> Vec<SpectrumLevel> {
    let count = d.min(2.0 * MOST_LEVELS) as i64;
    let size = short_decimal(size, 1);
    let which = Progression::ALL[(stream.uniform() * 6.0) as usize % 6];
    (1..=count)
        .map(|k| {
            let rest = if k == count { d - count as f64 } else { 0.0 };
            SpectrumLevel {
                value: which.term(k, count) * &size,
                ..level(1.0, 1, 1.0 + rest)
            }
        })
        .collect()
}

/// Levels a little apart, in one or two groups.
fn clusters(stream: &mut Stream, d: f64) -> Vec<SpectrumLevel> {
    let count = d.min(2.0 + one_of(stream, 4.0));
    let far = 10f64.powf(-3.0 * stream.uniform());
    let near = 10f64.powi(-(one_of(stream, 6.0) as i32));
    let mut left = d;
    (0..count as u32)
        .map(|k| {
            let centre = if k.is_multiple_of(2) { 1.0 } else { far };
            let value = centre * (1.0 - near * f64::from(k) / count);
            let members = some_of(stream, left, count - f64::from(k) - 1.0);
            left -= members;
            level(value, 9, members)
        })
        .collect()
}

/// One that stands out, above or below.
fn one_apart(stream: &mut Stream, d: f64, extreme: bool) -> Vec<SpectrumLevel> {
    let apart = if stream.uniform() < 0.5 {
        d * (0.1 + 2.0 * stream.uniform())
    } else {
        10f64.powf(-1.0 - (if extreme { 9.0 } else { 4.0 }) * stream.uniform())
    };
    let few = if stream.uniform() < 0.6 {
        1.0
    } else {
        one_of(stream, d - 1.0)
    };
    vec![level(apart, 2, few), level(1.0, 1, d - few)]
}

fn scattered_levels(stream: &mut Stream, d: f64, size: f64, extreme: bool) -> Vec<SpectrumLevel> {
    let count = one_of(stream, d.min(MOST_LEVELS) - 1.0) + 1.0;
    let decades = if extreme { 9.0 } else { 2.0 };
    let mut left = d;
    (0..count as u32)
        .map(|k| {
            let value = size * 10f64.powf(decades * (0.3 - stream.uniform()));
            let members = some_of(stream, left, count - f64::from(k) - 1.0);
            left -= members;
            level(value, 3, members)
        })
        .collect()
}

/// How many of those left a level takes, if one at least is kept for each level after it.
fn some_of(stream: &mut Stream, left: f64, after: f64) -> f64 {
    if after == 0.0 {
        left
    } else {
        one_of(stream, left - after)
    }
}
