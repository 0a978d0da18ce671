//! What becomes of a germ, and of two germs beside each other, as `T → ∞`.

use std::cmp::Ordering;

use super::{Coefficient, Germ, GermError, Order};

/// Where a germ tends.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    Finite(Coefficient),
    PlusInfinity,
    MinusInfinity,
}

/// What becomes of `|a/b|`. A logarithm counts: `ln T` is not bounded.
#[derive(Clone, Debug, PartialEq)]
pub enum Ratio {
    /// Tends to zero.
    Vanishes,
    /// Tends to a limit that is neither zero nor infinite; negative where the signs differ.
    Tends(Coefficient),
    /// Tends to infinity.
    Grows,
}

impl Germ {
    /// `1`, `−1`, or `0` for exactly zero, for all large `T`.
    pub fn sign(&self) -> Result<i32, GermError> {
        let Some(term) = self.leading()? else {
            return Ok(0);
        };
        term.coefficient
            .sign()
            .ok_or_else(|| GermError::undecided("the sign of the leading coefficient"))
    }

    pub fn limit(&self) -> Result<Limit, GermError> {
        let constant = Order::constant();
        match self.order_bound() {
            None => Ok(Limit::Finite(Coefficient::integer(0))),
            Some(order) if *order < constant => Ok(Limit::Finite(Coefficient::integer(0))),
            // a coefficient that may be zero is still a limit
            Some(order)
                if *order == constant
                    && self.terms.first().is_some_and(|t| t.order == constant) =>
            {
                Ok(Limit::Finite(self.terms[0].coefficient.clone()))
            }
            _ => {
                let term = self.leading_nonzero()?;
                Ok(if term.coefficient.value() > 0.0 {
                    Limit::PlusInfinity
                } else {
                    Limit::MinusInfinity
                })
            }
        }
    }

    /// What becomes of `self/other`. Two zeros have no ratio.
    pub fn ratio_to(&self, other: &Self) -> Result<Ratio, GermError> {
        let (a, b) = match (self.leading()?, other.leading()?) {
            (None, None) => return Err(GermError::DivisionByZero),
            (None, Some(_)) => return Ok(Ratio::Vanishes),
            (Some(_), None) => return Ok(Ratio::Grows),
            (Some(a), Some(b)) => (a, b),
        };
        Ok(match a.order.cmp(&b.order) {
            Ordering::Less => Ratio::Vanishes,
            Ordering::Greater => Ratio::Grows,
            Ordering::Equal => {
                let inverse = b.coefficient.recip().ok_or(GermError::DivisionByZero)?;
                Ratio::Tends(a.coefficient.mul(&inverse))
            }
        })
    }

    /// The order of `self` and `other` as numbers, for all large `T`.
    pub fn compare(&self, other: &Self) -> Result<Ordering, GermError> {
        if self == other {
            return Ok(Ordering::Equal);
        }
        Ok((self - other).sign()?.cmp(&0))
    }

    pub fn min(&self, other: &Self) -> Result<Self, GermError> {
        self.pick(other, Ordering::Less)
    }

    pub fn max(&self, other: &Self) -> Result<Self, GermError> {
        self.pick(other, Ordering::Greater)
    }

    fn pick(&self, other: &Self, wanted: Ordering) -> Result<Self, GermError> {
        match self.compare(other) {
            Ok(order) => Ok(if order == wanted { self } else { other }.clone()),
            // the two agree as far as they are known: so does the smaller and the larger of them
            Err(error) => {
                let difference = self - other;
                let common = match (self.leading(), other.leading()) {
                    (Ok(Some(a)), Ok(Some(b)))
                        if a.order == b.order && a.coefficient.sign() == b.coefficient.sign() =>
                    {
                        difference.order_bound().cloned()
                    }
                    _ => None,
                };
                match common {
                    Some(order) if order < self.terms[0].order => Ok(self.with_remainder(order)),
                    // equal leading coefficients within their errors: keep both error bounds
                    Some(_) => {
                        let (a, b) = (&self.terms[0].coefficient, &other.terms[0].coefficient);
                        let wide = Coefficient::approximate(
                            a.value(),
                            a.error() + b.error() + (a.value() - b.value()).abs(),
                        );
                        let next = [self, other]
                            .iter()
                            .filter_map(|g| {
                                g.terms
                                    .get(1)
                                    .map(|t| t.order.clone())
                                    .max(g.remainder.clone())
                            })
                            .max();
                        let leading = Self::term(wide, self.terms[0].order.clone());
                        Ok(match next {
                            Some(order) => leading.with_remainder(order),
                            None => leading,
                        })
                    }
                    None => Err(error),
                }
            }
        }
    }

    pub fn abs(&self) -> Result<Self, GermError> {
        // of what is only bounded, the bound stays
        Ok(if self.terms.is_empty() {
            self.clone()
        } else if self.sign()? < 0 {
            -self
        } else {
            self.clone()
        })
    }
}

/// By a germ of each, the largest first from where on they no longer cross; those that are equal keep their order.
pub(crate) fn falling<T>(list: Vec<T>, germ: impl Fn(&T) -> &Germ) -> Result<Vec<T>, GermError> {
    let mut sorted: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        let mut at = sorted.len();
        while at > 0 && germ(&sorted[at - 1]).compare(germ(&item))? == Ordering::Less {
            at -= 1;
        }
        sorted.insert(at, item);
    }
    Ok(sorted)
}
