//! Least values of sums of powers of one variable, in closed form.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::evaluate::{Along, Germs, Result};
use super::powers::{Power, collected};
use super::quantity::Quantity;
use crate::formula::ast::Extremum;
use crate::scaling::binomial;
use crate::term::ExtremumForm;

impl Germs<'_> {
    /// `argmin` or `inf` of at most two powers beside a constant: one stationary point at most.
    pub(super) fn extremum_of_powers(
        &mut self,
        walker: &mut Along<'_>,
        form: ExtremumForm,
        from: &Quantity,
        to: &Quantity,
    ) -> Result<Option<Quantity>> {
        let kind = form.kind;
        if kind.is_greatest() || kind == Extremum::Root || from.sign()? < 0 {
            return Ok(None);
        }
        let of_itself = BigRational::one();
        let Some(terms) = self.powers(walker, form.body, form.variable, &of_itself)? else {
            return Ok(None);
        };
        let Some(about_zero) = about_zero(&terms)? else {
            return Ok(None);
        };
        let mut moving: Vec<&Power> = about_zero.iter().filter(|t| !t.power.is_zero()).collect();
        moving.sort_by(|a, b| a.power.cmp(&b.power));
        let slope = |t: &Power| t.coefficient.times(&t.power.clone().into());
        let at = |x: &Quantity| -> Result<Quantity> {
            let mut sum = Quantity::integer(0);
            for term in &terms {
                let beyond = x.plus(&term.shift.clone().into())?;
                let power = beyond.power(&term.power.clone().into())?;
                sum = sum.plus(&term.coefficient.times(&power)?)?;
            }
            Ok(sum)
        };
        let place = match moving.as_slice() {
            [] => return Ok(None),
            [only] => {
                if slope(only)?.sign()? > 0 {
                    from.clone()
                } else {
                    to.clone()
                }
            }
            [low, high] => {
                let (falls, rises) = (slope(low)?, slope(high)?);
                match (falls.sign()?, rises.sign()?) {
                    (-1, 1) => {
                        let ratio = falls.negated()?.over(&rises)?;
                        let root = (&high.power - &low.power).recip();
                        let stationary = ratio.power(&root.into())?;
                        stationary.greater(from)?.lesser(to)?
                    }
                    (1, 1) => from.clone(),
                    (-1, -1) => to.clone(),
                    // a maximum inside: the lower end
                    _ => match at(from)?.compare(&at(to)?)? {
                        std::cmp::Ordering::Less => from.clone(),
                        std::cmp::Ordering::Greater => to.clone(),
                        std::cmp::Ordering::Equal => return Ok(None),
                    },
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(match kind {
            Extremum::ArgMin => place,
            Extremum::Inf => at(&place)?,
            Extremum::ArgMax | Extremum::Sup | Extremum::Root => return Ok(None),
        }))
    }
}

/// Small whole powers of `x + shift` written out in powers of `x`: `a x² + b (1 − x)²`, a mixture's error.
fn about_zero(terms: &[Power]) -> Result<Option<Vec<Power>>> {
    const HIGHEST: usize = 4;
    let mut written = Vec::new();
    for term in terms {
        if term.shift.is_zero() {
            written.push(term.clone());
            continue;
        }
        let whole = term.power.is_integer().then(|| term.power.to_integer());
        let Some(n) = whole.and_then(|n| n.to_usize()).filter(|n| *n <= HIGHEST) else {
            return Ok(None);
        };
        for k in 0..=n {
            let shifted = num_traits::pow(term.shift.clone(), n - k);
            let factor = binomial(&term.power, k) * shifted;
            written.push(Power {
                shift: BigRational::zero(),
                power: BigRational::from_integer(k.into()),
                coefficient: term.coefficient.times(&factor.into())?,
            });
        }
    }
    collected(written).map(Some)
}
