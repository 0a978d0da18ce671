//! Sums and products: written out, over a part of the spectrum, or far beyond what can be written out.

use super::lowered::{self, Body};
use super::numbers::{Numbers, Walk};
use super::value::{Evaluated, finite};
use super::{Covariance, EvaluationError, LinearAlgebra, Spectral, Value};
use crate::formula::ast::Fold;
use crate::number::{Ball, Precise, Real as _, summation};
use crate::term::{FoldForm, Id, Node, Outcome, SpectralForm};

/// Largest number of explicit terms of a `sum` or `prod`.
const MAX_FOLD: f64 = 20_000.0;

/// Terms that are added up one by one where those that follow are next to nothing.
const QUICK: [f64; 4] = [32.0, 128.0, 512.0, 2048.0];
/// So much smaller an error is worth them.
const SHARPER: f64 = 1e-6;

/// Whole numbers beyond this have neighbours that `f64` does not hold.
const MOST_COUNTED: f64 = 9_007_199_254_740_992.0;

/// An index that `f64` counts with.
fn counted(index: f64) -> Outcome<f64> {
    if index.abs() > MOST_COUNTED {
        return Err(EvaluationError::Unresolved(format!(
            "a sum whose index reaches {index:e}"
        )));
    }
    Ok(index)
}

impl<R: LinearAlgebra> Numbers<'_, R> {
    /// Where a sum or product starts.
    fn start(&mut self, walker: Walk<'_, '_, R>, from: Id) -> Outcome<f64> {
        let start = counted(lowered::bound(self, walker, from)?)?;
        if start.fract() != 0.0 {
            return Err(EvaluationError::undefined(format!(
                "a sum that starts at {start}"
            )));
        }
        Ok(start)
    }

    pub(super) fn folded(&mut self, walker: Walk<'_, '_, R>, form: FoldForm) -> Evaluated<R> {
        let store = walker.store();
        if form.kind == Fold::Int {
            return self.integral(walker, form).map(Value::Scalar);
        }
        let start = self.start(walker, form.from)?;
        if *store.node(form.to) == Node::Infinity {
            return match form.kind {
                Fold::Sum => self.long_sum(walker, &form, start, None),
                Fold::Prod => self.long_product(walker, &form, start, None),
                other => Err(EvaluationError::unsupported(format!(
                    "an infinite {}",
                    other.name()
                ))),
            };
        }
        let end = counted(lowered::bound(self, walker, form.to)?)?;
        if end - start > MAX_FOLD {
            return match form.kind {
                Fold::Sum => self.long_sum(walker, &form, start, Some(end.floor())),
                Fold::Prod => self.long_product(walker, &form, start, Some(end.floor())),
                _ => Err(EvaluationError::too_long()),
            };
        }
        let mut total: Option<Value<R>> = None;
        let mut i = start;
        while i <= end {
            let index = Value::Scalar(R::from_f64(i));
            let value = match walker.bound_to(self, form.index, index, form.body)? {
                Value::Scalar(x) if self.of_sizes && form.kind == Fold::Sum => {
                    Value::Scalar(x.abs())
                }
                value => value,
            };
            let covariance = &self.environment.covariance;
            total = Some(match (total, form.kind) {
                (None, _) => value,
                (Some(sum), Fold::Sum) => sum.plus(value, covariance)?,
                (Some(product), Fold::Prod) => product.times(value, covariance)?,
                (Some(most), Fold::Max) => {
                    Value::Scalar(most.scalar()?.greater(&finite(value.scalar()?)?))
                }
                (Some(least), Fold::Min) => {
                    Value::Scalar(least.scalar()?.lesser(&finite(value.scalar()?)?))
                }
                (Some(_), Fold::Int) => value,
            });
            i += 1.0;
        }
        if let Some(total) = total {
            return Ok(total);
        }
        match form.kind {
            Fold::Sum => Ok(Value::Scalar(R::zero())),
            // The empty product: also the identity of any size.
            Fold::Prod if store.shape(form.body).is_matrix() => {
                Ok(Value::Spectral(Spectral::Constant(R::one())))
            }
            Fold::Prod => Ok(Value::Scalar(R::one())),
            Fold::Max | Fold::Min | Fold::Int => Err(EvaluationError::undefined(format!(
                "the {} of no numbers",
                form.kind.name()
            ))),
        }
    }

    /// A sum of more terms than are written out, or of infinitely many.
    pub(super) fn long_sum(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: &FoldForm,
        start: f64,
        end: Option<f64>,
    ) -> Evaluated<R> {
        let store = walker.store();
        let mut body = Body::new(self, walker, store, form.index, form.body)?;
        let divergent = "a sum that does not converge";
        let (sum, rest) = self.far_sum(&mut body, start, end, divergent)?;
        let what = "a long sum whose terms are not shown to be tame, or to fall";
        let Some((next, rest)) = rest else {
            return lowered::raised(sum, what).map(Value::Scalar);
        };
        let mut sum: R = lowered::raised(rest, what)?;
        let mut i = start;
        while i < next {
            let index = Value::Scalar(R::from_f64(i));
            let term = walker.bound_to(self, form.index, index, form.body)?;
            sum = sum + term.scalar()?;
            i += 1.0;
        }
        Ok(Value::Scalar(sum))
    }

    /// The sum, and where more digits are asked for what [`quick_rest`](Self::quick_rest) tells.
    fn far_sum(
        &self,
        body: &mut Body<'_>,
        start: f64,
        end: Option<f64>,
        divergent: &str,
    ) -> Outcome<(Ball, Option<(f64, Ball)>)> {
        if let Some(end) = end {
            return Ok((summation::finite(body, start, end)?, None));
        }
        let sum = summation::infinite(body, start)?;
        if !sum.is_finite() && summation::diverges(body, start) {
            return Err(EvaluationError::undefined(divergent));
        }
        let rest = self.quick_rest(body, start, &sum);
        Ok((sum, rest))
    }

    /// A product of more factors than are written out, or of infinitely many: the first ones, of any sign, and `e` to the
    /// sum of the logarithms of those that follow.
    fn long_product(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: &FoldForm,
        start: f64,
        end: Option<f64>,
    ) -> Evaluated<R> {
        let store = walker.store();
        if store.shape(form.body).is_matrix() {
            return Err(EvaluationError::too_long());
        }
        let first = start + QUICK[0];
        let mut body = Body::new(self, walker, store, form.index, form.body)?;
        body.of_factors = true;
        let divergent = "a product that does not converge";
        let (sum, rest) = self.far_sum(&mut body, first, end, divergent)?;
        let (next, rest) = rest.unwrap_or((first, sum));
        let what = "a long product whose factors are not shown to be positive, or to tend to 1";
        let rest: R = lowered::raised(rest, what)?;
        let mut product = rest.exp();
        let mut i = start;
        while i < next {
            let index = Value::Scalar(R::from_f64(i));
            let factor = walker.bound_to(self, form.index, index, form.body)?;
            product = product * factor.scalar()?;
            i += 1.0;
        }
        Ok(Value::Scalar(product))
    }

    /// Where more digits than `sum` has are asked for: a place beyond which so little of it is left that its terms before
    /// it, added up in these digits, tell them; and what is left.
    fn quick_rest(&self, body: &mut Body<'_>, start: f64, sum: &Ball) -> Option<(f64, Ball)> {
        let rounding = Precise::power_of_two(-(R::bits() as i64)).midpoint();
        let target = rounding * sum.midpoint().abs();
        let gain = SHARPER * sum.radius();
        if self.of_sizes || R::FUNCTION || !(target < gain) {
            return None;
        }
        let mut best: Option<(f64, Ball)> = None;
        for terms in QUICK {
            let next = start.max(0.0) + terms;
            let Some(rest) = summation::rest(body, next) else {
                continue;
            };
            if (best.as_ref()).is_none_or(|(_, found)| rest.radius() < found.radius()) {
                best = Some((next, rest));
            }
            if best
                .as_ref()
                .is_some_and(|(_, found)| found.radius() <= target)
            {
                break;
            }
        }
        best.filter(|(_, rest)| rest.radius() <= gain)
    }

    /// `Σ_{j=from}^{to} f(s_j)`, or `Σ c_j² f(s_j)`: level by level, or term by term along a power law.
    pub(super) fn summed_over_spectrum(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: SpectralForm,
    ) -> Outcome<R> {
        let start = self.start(walker, form.from)?;
        let infinite = *walker.store().node(form.to) == Node::Infinity;
        let end = if infinite {
            f64::INFINITY
        } else {
            counted(self.scalar(walker, form.to)?.midpoint())?
        };
        if end < start {
            return Ok(R::zero());
        }
        let environment = self.environment;
        if let Covariance::Explicit { levels, .. } = &environment.covariance {
            let dimension: f64 = levels.iter().map(|l| l.multiplicity).sum();
            let last = end.floor();
            if start < 1.0 || last > dimension {
                let outside = if start < 1.0 { start } else { last };
                return Err(EvaluationError::undefined(format!(
                    "eigenvalue {outside} of {dimension}"
                )));
            }
            let (mut seen, mut total) = (0.0, R::zero());
            for level in levels {
                let (first, next) = (seen + 1.0, seen + level.multiplicity);
                let count = next.min(last) - first.max(start) + 1.0;
                seen = next;
                if count <= 0.0 {
                    continue;
                }
                let f = self.at(walker, form.eigenvalue, level.value.clone(), form.body)?;
                let f = if self.of_sizes { f.abs() } else { f };
                let weight = if form.weighted {
                    let share = R::from_f64(count) / R::from_f64(level.multiplicity);
                    level.mass.clone() * share
                } else {
                    R::from_f64(count)
                };
                total = total + weight * f;
            }
            return Ok(total);
        }
        // Along the power law, s and c are functions of the index.
        let power_law = &environment.covariance;
        if infinite || end - start > MAX_FOLD {
            return self.along_power_law(walker, &form, start, (!infinite).then_some(end.floor()));
        }
        let (mut total, mut i) = (R::zero(), start);
        while i <= end {
            let j = R::from_f64(i);
            let s = power_law.eigenvalue(&j)?;
            let f = self.at(walker, form.eigenvalue, s, form.body)?;
            total = total
                + if form.weighted {
                    let c = power_law.coefficient(&j)?;
                    c.clone() * c * f
                } else {
                    f
                };
            i += 1.0;
        }
        Ok(total)
    }

    /// The same over a stretch of a power law that is not written out.
    fn along_power_law(
        &mut self,
        walker: Walk<'_, '_, R>,
        form: &SpectralForm,
        start: f64,
        end: Option<f64>,
    ) -> Outcome<R> {
        let store = walker.store();
        let body = Body::new(self, walker, store, form.eigenvalue, form.body)?;
        let mut stretch = body.along_spectrum(form.weighted);
        let sum = match end {
            Some(end) => summation::finite(&mut stretch, start, end)?,
            None => summation::infinite(&mut stretch, start)?,
        };
        lowered::raised(
            sum,
            "a sum along the spectrum that is not shown to converge",
        )
    }
}
