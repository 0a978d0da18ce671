//! What a term is on a box, and how fast it changes there.

use crate::number::Interval;

/// Why there is no enclosure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gap {
    /// A smaller box may have one.
    Here,
    /// No box has one.
    Beyond,
}

pub type Enclosed = Result<Slopes, Gap>;

/// Everything a term is on a box, and everything its derivatives are.
#[derive(Clone, Debug)]
pub struct Slopes {
    pub value: Interval,
    /// By symbol of the box; empty for what does not change.
    pub slopes: Vec<Interval>,
}

impl Slopes {
    pub fn constant(value: Interval) -> Self {
        Self {
            value,
            slopes: Vec::new(),
        }
    }

    pub fn slope(&self, i: usize) -> Interval {
        self.slopes.get(i).copied().unwrap_or(Interval::point(0.0))
    }

    /// With slopes `a·self' + b·other'`.
    pub fn combined(value: Interval, parts: [(&Self, Interval); 2]) -> Self {
        let count = parts[0].0.slopes.len().max(parts[1].0.slopes.len());
        let slopes = (0..count)
            .map(|i| parts[0].0.slope(i) * parts[0].1 + parts[1].0.slope(i) * parts[1].1)
            .collect();
        Self { value, slopes }
    }

    /// `f(self)` where `f` has this value and this derivative.
    pub fn mapped(&self, value: Interval, derivative: Interval) -> Self {
        let slopes = self.slopes.iter().map(|s| *s * derivative).collect();
        Self { value, slopes }
    }

    pub fn plus(&self, other: &Self) -> Self {
        let one = Interval::point(1.0);
        Self::combined(self.value + other.value, [(self, one), (other, one)])
    }

    pub fn times(&self, other: &Self) -> Self {
        let value = self.value * other.value;
        Self::combined(value, [(self, other.value), (other, self.value)])
    }

    /// Either of two.
    pub fn hull(&self, other: &Self) -> Self {
        let count = self.slopes.len().max(other.slopes.len());
        Self {
            value: self.value.hull(other.value),
            slopes: (0..count)
                .map(|i| self.slope(i).hull(other.slope(i)))
                .collect(),
        }
    }

    pub fn minus(&self, other: &Self) -> Self {
        let (one, minus) = (Interval::point(1.0), Interval::point(-1.0));
        Self::combined(self.value - other.value, [(self, one), (other, minus)])
    }
}

/// The greater of two, or the smaller.
pub fn chosen(greater: bool, a: &Slopes, b: &Slopes) -> Slopes {
    let (above, below) = if a.value.low >= b.value.high {
        (a, b)
    } else if b.value.low >= a.value.high {
        (b, a)
    } else {
        let value = if greater {
            a.value.greater(b.value)
        } else {
            a.value.lesser(b.value)
        };
        return Slopes { value, ..a.hull(b) };
    };
    if greater {
        above.clone()
    } else {
        below.clone()
    }
}
