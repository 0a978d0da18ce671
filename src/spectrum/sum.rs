//! Sums of many positive terms, short blocks first, the blocks compensated.

/// Neumaier's compensated sum: its error is about `ε·|sum| + n ε²·Σ|terms|`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compensated {
    sum: f64,
    lost: f64,
}

impl Compensated {
    #[inline(always)]
    pub(crate) fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() {
            (self.sum - next) + term
        } else {
            (term - next) + self.sum
        };
        self.sum = next;
    }

    pub(crate) fn merge(&mut self, other: Compensated) {
        self.add(other.sum);
        self.lost += other.lost;
    }

    #[inline]
    pub(crate) fn value(self) -> f64 {
        // An infinite sum leaves lost = NaN; the infinity is what should be seen.
        if self.sum.is_finite() {
            self.sum + self.lost
        } else {
            self.sum
        }
    }
}

impl FromIterator<f64> for Compensated {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Compensated::default();
        for term in terms {
            sum.add(term);
        }
        sum
    }
}
