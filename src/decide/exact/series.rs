//! Sums of rational functions of their index, without end or up to a symbol: partial fractions in the index, whose sums are
//! values of zeta and, where the residues add up to 0, of harmonic numbers.

use super::algebra::{Exactly, Walk};
use super::atom::{Atom, Part};
use super::fraction::Fraction;
use super::function::zeta;
use super::ground::Ground;
use super::moment::expand;
use super::operation::Value;
use super::polynomial::{Polynomial, Variable};
use crate::formula::ast::Fold;
use crate::number::Coefficient;
use crate::term::{FoldForm, Outcome};

/// Terms in front of a zeta value that are written out.
const MAX_SKIPPED: i64 = 64;
impl Exactly<'_> {
    /// A sum from a whole number on, without end or up to `to`; `None` where it is not covered.
    ///
    /// Up to a symbol it is the endless sum without its tail, of which only the sign is known.
    pub(super) fn series(
        &mut self,
        walker: &mut Walk<'_>,
        form: FoldForm,
        from: &Value,
        to: Option<&Value>,
    ) -> Outcome<Option<Value>> {
        let scalar = walker.store().shape(form.body).is_scalar();
        if form.kind != Fold::Sum || !scalar {
            return Ok(None);
        }
        let Some(first) = whole(from) else {
            return Ok(None);
        };
        let last = match to {
            None => None,
            Some(Value::Scalar(last)) if self.counts(last, first) => Some(last.clone()),
            Some(_) => return Ok(None),
        };
        // No symbol: nothing may be asked about an index, case by case.
        let depth = walker.binders().count() as i64;
        let index = self.ground.intern(Atom::Function {
            name: "index",
            arguments: vec![Fraction::integer(depth)],
        });
        self.ground.set_sign(index, false);
        let at = Fraction::integer(first).add(&Fraction::variable(index));
        let term = walker.bound_to(self, form.index, Value::Scalar(at), form.body)?;
        let Value::Scalar(term) = term else {
            return Ok(None);
        };
        let Some(endless) = endless(&mut self.ground, &term, index) else {
            return Ok(None);
        };
        let Some(last) = last else {
            return Ok(Some(Value::Scalar(endless)));
        };
        let from_there = vec![term.clone(), last.sub(&Fraction::integer(first))];
        let positive = self.ground.is_positive(&term);
        let signed = positive || self.ground.is_nonnegative(&term);
        let tail = self.ground.intern(Atom::Function {
            name: "tail",
            arguments: from_there,
        });
        if signed {
            self.ground.set_sign(tail, positive);
        }
        Ok(Some(Value::Scalar(endless.sub(&Fraction::variable(tail)))))
    }

    /// Whether an end is a whole number, and the sum up to it empty at least.
    fn counts(&mut self, last: &Fraction, first: i64) -> bool {
        let whole = last.denominator.is_empty()
            && (last.numerator.terms.iter()).all(|(m, c)| {
                c.to_integer().is_some()
                    && m.0.iter().all(|(v, _)| {
                        matches!(
                            self.ground.atom(*v),
                            Some(Atom::Symbol { integer: true, .. })
                        )
                    })
            });
        whole && (self.ground).is_nonnegative(&last.sub(&Fraction::integer(first - 1)))
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Scalar(x) => x.as_constant()?.to_integer(),
        _ => None,
    }
}

/// `Σ_{i ≥ 0} f(i)` for a rational function whose poles are at negative whole numbers; `None` where it does not converge.
fn endless(ground: &mut Ground, f: &Fraction, index: Variable) -> Option<Fraction> {
    let poles = f.denominator.keys().filter(|p| p.mentions(index));
    if poles.clone().any(|p| p.variables().len() > 1) {
        return None;
    }
    let mut total = Fraction::zero();
    let mut residues = Fraction::zero();
    for (Part { base, power, .. }, coefficient) in expand(f, index).ok()? {
        // What does not fall as the index grows has no sum.
        if power >= 0 {
            return None;
        }
        let (shift, slope) = line(&base, index)?;
        let c = coefficient.mul(&Fraction::constant(slope).pow(i64::from(power))?);
        let order = i64::from(-power);
        // Σ_{i≥0} (i + n)^-m = ζ(m) − Σ_{k<n} k^-m, and for m = 1, where residues cancel, −Σ_{k<n} 1/k
        let mut sum = match order {
            1 => Fraction::zero(),
            m => zeta(ground, &Fraction::integer(m))?,
        };
        for k in 1..shift {
            sum = sum.sub(&Fraction::integer(k).pow(i64::from(power))?);
        }
        if order == 1 {
            residues = residues.add(&c);
        }
        total = total.add(&c.mul(&sum));
    }
    residues.is_zero().then_some(total)
}

/// `n` and `a` of `a·(index + n)`, for `n` at least 1.
fn line(base: &Polynomial, index: Variable) -> Option<(i64, Coefficient)> {
    let [b, a] = <[Polynomial; 2]>::try_from(base.coefficients_in(index)).ok()?;
    let (b, a) = (b.as_constant()?, a.as_constant()?);
    let n = b.mul(&a.recip()?).to_integer()?;
    (1..=MAX_SKIPPED).contains(&n).then_some((n, a))
}
