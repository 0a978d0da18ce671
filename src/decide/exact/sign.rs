//! Signs of fractions, and the side conditions and cases that follow from them.

use super::atom::Atom;
use super::fraction::{Fraction, factors};
use super::ground::{Ground, Question, Stop};
use super::polynomial::Polynomial;
use super::{quotient, show};

impl Ground {
    /// Whether `f > 0` is known.
    pub fn is_positive(&mut self, f: &Fraction) -> bool {
        self.sign_of(f) == Some(true)
    }

    /// Whether `f ≥ 0` is known.
    pub fn is_nonnegative(&mut self, f: &Fraction) -> bool {
        f.is_zero() || self.sign_of(f).is_some()
    }

    /// `Some(true)` if `f > 0` is known, `Some(false)` if only `f ≥ 0`.
    fn sign_of(&mut self, f: &Fraction) -> Option<bool> {
        let mut strict = true;
        let mut negative = false;
        for (factor, &power) in &f.denominator {
            // Denominators are known not to vanish: only odd powers have a sign.
            if power % 2 == 1 {
                if self.polynomial_sign(factor).is_some() {
                } else if self.polynomial_sign(&factor.neg()).is_some() {
                    negative = !negative;
                } else {
                    return None;
                }
            }
        }
        let numerator = if negative {
            f.numerator.neg()
        } else {
            f.numerator.clone()
        };
        let (lead, list) = factors(&numerator);
        let mut sign = lead.signum();
        if sign.is_eq() {
            return None;
        }
        let mut open = Polynomial::one();
        for (factor, power) in list {
            match self.polynomial_sign(&factor) {
                Some(positive) => strict &= positive,
                None => match self.polynomial_sign(&factor.neg()) {
                    Some(positive) => {
                        strict &= positive;
                        if power % 2 == 1 {
                            sign = sign.reverse();
                        }
                    }
                    None if power % 2 == 0 => strict = false,
                    None => open = open.mul(&factor),
                },
            }
        }
        if !open.is_one() {
            // Factors that have no sign by themselves may have one together.
            let signed = if sign.is_lt() { open.neg() } else { open };
            return self.polynomial_sign(&signed).map(|s| s && strict);
        }
        sign.is_gt().then_some(strict)
    }

    /// Notes that `f` does not vanish.
    ///
    /// # Errors
    /// Where that does not follow from what is known.
    pub fn require_nonzero(&mut self, f: &Fraction) -> Result<(), Stop> {
        let (lead, list) = factors(&f.numerator);
        if lead.is_zero() {
            return Err(Stop::Open("0 is not invertible".into()));
        }
        for (factor, _) in list {
            let almost_surely = (factor.as_variable())
                .is_some_and(|v| quotient::is_almost_surely_positive(self, v));
            if !almost_surely
                && self.polynomial_sign(&factor) != Some(true)
                && self.polynomial_sign(&factor.neg()) != Some(true)
            {
                if let Some(v) = factor.as_variable()
                    && self.polynomial_sign(&factor) == Some(false)
                    && matches!(self.atom(v), Some(Atom::Symbol { .. }))
                {
                    return Err(Stop::Open(format!(
                        "{} is not 0",
                        show::polynomial(self, &factor)
                    )));
                }
                return Err(Stop::Open(format!(
                    "{} is not 0",
                    show::polynomial(self, &factor)
                )));
            }
            let words = format!("{} ≠ 0", show::polynomial(self, &factor));
            if !self.met.contains(&words) {
                self.met.push(words);
            }
        }
        Ok(())
    }

    /// `1/f`, its side condition met.
    ///
    /// # Errors
    /// Where `f` may vanish.
    pub fn inverse(&mut self, f: &Fraction) -> Result<Fraction, Stop> {
        self.require_nonzero(f)?;
        f.recip()
            .ok_or_else(|| Stop::Open("0 is not invertible".into()))
    }

    /// Whether `f ≥ 0`; asks where neither is known.
    ///
    /// # Errors
    /// The question, or that the expression is not covered.
    pub fn at_least_zero(&mut self, f: &Fraction) -> Result<bool, Stop> {
        if self.is_nonnegative(f) {
            return Ok(true);
        }
        if self.is_positive(&f.neg()) {
            return Ok(false);
        }
        // Multiplied by the square of its denominator: the same sign, and a polynomial.
        let mut p = f.numerator.clone();
        for (factor, &power) in &f.denominator {
            if power % 2 == 1 {
                if self.polynomial_sign(factor).is_some() {
                } else if self.polynomial_sign(&factor.neg()).is_some() {
                    p = p.neg();
                } else {
                    p = p.mul(factor);
                }
            }
        }
        // Symbols are numbered alike in every case; other atoms are not.
        let symbols = p
            .variables()
            .iter()
            .all(|v| matches!(self.atom(*v), Some(Atom::Symbol { .. })));
        if !symbols {
            return Err(Stop::Beyond(format!(
                "the sign of {}",
                show::polynomial(self, &p)
                    .chars()
                    .take(200)
                    .collect::<String>()
            )));
        }
        Err(Stop::Branch(Question::Sign(p)))
    }

    /// Whether `f ≥ 0` where it does not matter which way 0 is counted: of a larger, a smaller, a size.
    ///
    /// # Errors
    /// The question, or that the expression is not covered.
    pub fn is_upper(&mut self, f: &Fraction) -> Result<bool, Stop> {
        if !self.is_nonnegative(f) && self.is_nonnegative(&f.neg()) {
            return Ok(false);
        }
        self.at_least_zero(f)
    }
}
