//! What a stretch of a range contributes to a sum or an integral: on a heap the part with the largest error comes first.

use std::cmp::Ordering;

use super::{Ball, Real};

pub struct Part {
    pub from: f64,
    pub to: f64,
    /// Unknown where the stretch was not understood.
    pub value: Ball,
    pub error: f64,
}

impl Part {
    pub fn of(from: f64, to: f64, value: Ball) -> Self {
        let error = if value.is_finite() {
            value.radius()
        } else {
            f64::INFINITY
        };
        Self {
            from,
            to,
            value,
            error,
        }
    }

    /// How much it contributes; nothing where that is unknown.
    pub fn size(&self) -> f64 {
        if self.error.is_finite() {
            self.value.midpoint().abs()
        } else {
            0.0
        }
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Part {}
impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Part {
    fn cmp(&self, other: &Self) -> Ordering {
        self.error.total_cmp(&other.error)
    }
}
