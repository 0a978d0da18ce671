//! Sums and products: over the spectrum, of fixed length, and growing.

use std::ops::RangeInclusive;

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::evaluate::Value::{self, Scalar, Spectral as Operator, Target};
use super::evaluate::{Along, Germs, Result, unsupported};
use super::pieces::Part;
use super::powers::Growing;
use super::quantity::Quantity;
use super::spectral::Spectral;
use crate::formula::ast::{Fold, Function};
use crate::scaling::{GermDimension, GermSpectrum};
use crate::term::{
    Binder, EvaluationError, FoldForm, Id, Node, Outcome, Shape, SpectralForm, Store,
};

/// Terms at the start of a sum that are taken away one by one.
const MAX_HEAD: i64 = 64;
/// Largest number of explicit terms of a `sum` or `prod`.
const MAX_FOLD: i64 = 10_000;

/// The indices of a sum of fixed length.
fn fixed(start: &Quantity, end: Option<&Quantity>) -> Result<RangeInclusive<i64>> {
    let whole = |x: &Quantity| {
        let value = x.exact().filter(|x| x.is_integer())?;
        value.numer().to_i64()
    };
    match (whole(start), end.and_then(whole)) {
        (Some(start), Some(end)) if end.saturating_sub(start) <= MAX_FOLD => Ok(start..=end),
        _ => unsupported("a sum whose length is not fixed"),
    }
}

/// The first index, a whole number from 1 to `most`.
pub(super) fn first_index(start: &Quantity, most: i64) -> Option<i64> {
    let whole = start.exact().filter(|x| x.is_integer())?;
    whole
        .numer()
        .to_i64()
        .filter(|first| (1..=most).contains(first))
}

/// Inside a sum over a spectrum or an index the variable of another would be taken for its own.
pub(super) fn alone(walker: &Along<'_>, body: Id) -> Result<()> {
    if walker.depends(body, |value| !matches!(value, Scalar(_))) {
        return unsupported("a sum inside another, of both variables");
    }
    Ok(())
}

/// What is a matrix besides would be a function of another spectrum.
pub(super) fn is_of_numbers(store: &Store, body: Id, index: Binder) -> bool {
    let mut scalar = true;
    store.visit(body, &mut |id, _| {
        let depends = store.free(id).contains(&index);
        scalar &= !depends || matches!(store.shape(id), Shape::Scalar);
    });
    scalar
}

impl Germs<'_> {
    pub(super) fn folded(&mut self, walker: &mut Along<'_>, form: FoldForm) -> Result<Value> {
        if form.kind == Fold::Int {
            return self.integral(walker, form);
        }
        if !matches!(form.kind, Fold::Sum | Fold::Prod) {
            return unsupported(&format!("{} along a limit", form.kind.name()));
        }
        let start = self.scalar(walker, form.from)?;
        let end = self.end(walker, form.to)?;
        if form.kind == Fold::Sum {
            match self.long_sum(walker, form, &start, end.as_ref()) {
                Ok(Some(sum)) => return Ok(Scalar(sum)),
                open => {
                    if end.is_none()
                        && let Ok(Some(constant)) = self.constant_sum(walker, form, &start)
                    {
                        return Ok(Scalar(constant));
                    }
                    open?;
                }
            }
        }
        if form.kind == Fold::Prod
            && end.as_ref().is_none_or(|end| end.exact().is_none())
            && let Some(product) = self.growing_product(walker, form, &start, end.as_ref())?
        {
            return Ok(Scalar(product));
        }
        self.term_by_term(walker, form, &start, end.as_ref())
    }

    fn term_by_term(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        start: &Quantity,
        end: Option<&Quantity>,
    ) -> Result<Value> {
        let mut total: Option<Value> = None;
        for i in fixed(start, end)? {
            let index = Scalar(Quantity::integer(i));
            let value = walker.bound_to(self, form.index, index, form.body)?;
            total = Some(match (total, form.kind, value) {
                (None, _, value) => value,
                (Some(Scalar(sum)), Fold::Sum, Scalar(x)) => Scalar(sum.plus(&x)?),
                (Some(Operator(sum)), Fold::Sum, Operator(x)) => Operator(sum.sum(x)?),
                (Some(product), Fold::Prod, x) => self.product(product, x)?,
                _ => return unsupported("a sum of vectors along a limit"),
            });
        }
        match (total, form.kind) {
            (Some(total), _) => Ok(total),
            (None, Fold::Sum) => Ok(Scalar(Quantity::integer(0))),
            (None, _) => unsupported("an empty product"),
        }
    }

    /// A sum whose length is no fixed number.
    fn long_sum(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        start: &Quantity,
        end: Option<&Quantity>,
    ) -> Result<Option<Quantity>> {
        if end.is_some_and(|end| end.exact().is_some()) {
            return Ok(None);
        }
        let growing = Growing {
            index: form.index,
            eigenvalue: false,
            weighted: false,
            body: form.body,
        };
        let part: &mut Part<'_, '_> = &mut |germs, walker, start, end| {
            if let Some(sum) = germs.long_sum(walker, form, start, end)? {
                return Ok(sum);
            }
            germs.term_by_term(walker, form, start, end)?.scalar()
        };
        if let Some(sum) = self.sum_in_pieces(walker, start, end, growing, part)? {
            return Ok(Some(sum));
        }
        if let Some(sum) = self.growing_sum(walker, start, end, growing)? {
            return Ok(Some(sum));
        }
        if let Some(sum) = self.geometric_sum(walker, form, start, end)? {
            return Ok(Some(sum));
        }
        if let Some(sum) = self.sum_of_a_logarithm(walker, form, start, end)? {
            return Ok(Some(sum));
        }
        if let Some(sum) = self.sum_with_logarithms(walker, start, end, growing)? {
            return Ok(Some(sum));
        }
        self.sum_over_index(walker, form, start, end)
    }

    /// `sum(index = from..to, log(body))`.
    fn sum_of_a_logarithm(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        start: &Quantity,
        end: Option<&Quantity>,
    ) -> Result<Option<Quantity>> {
        let Node::Call(Function::Log, arguments) = walker.store().node(form.body) else {
            return Ok(None);
        };
        let of = FoldForm {
            body: arguments[0],
            ..form
        };
        match end {
            Some(end) => self.sum_of_logarithms(walker, of, start, end),
            None => Ok(None),
        }
    }

    /// The index is the inverse of an eigenvalue of a power law with `beta = 1`: sums of its resolvents and exponentials.
    fn sum_over_index(
        &mut self,
        walker: &mut Along<'_>,
        form: FoldForm,
        start: &Quantity,
        end: Option<&Quantity>,
    ) -> Result<Option<Quantity>> {
        let Some(first) = first_index(start, MAX_HEAD) else {
            return Ok(None);
        };
        alone(walker, form.body)?;
        if !is_of_numbers(walker.store(), form.body, form.index) {
            return Ok(None);
        }
        let spectrum = GermSpectrum::PowerLaw {
            beta: BigRational::one(),
            dimension: match end {
                None => GermDimension::Infinite,
                Some(end) => GermDimension::Finite((*end.germ()?).clone()),
            },
        };
        let body = match self.in_powers(walker, form) {
            Ok(Operator(f)) => f,
            Ok(_) => return Ok(None),
            Err(EvaluationError::Unsupported(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut sum = body.trace(&spectrum)?;
        for j in 1..first {
            let index = Scalar(Quantity::integer(j));
            let term = walker.bound_to(self, form.index, index, form.body)?;
            sum = sum.minus(&term.scalar()?)?;
        }
        Ok(Some(sum))
    }

    /// A body whose variable is the inverse of an eigenvalue of a power law with `beta = 1`, in which its powers are those.
    pub(super) fn in_powers(&mut self, walker: &mut Along<'_>, form: FoldForm) -> Outcome<Value> {
        let inverse = GermSpectrum::PowerLaw {
            beta: BigRational::one(),
            dimension: GermDimension::Infinite,
        };
        let variable = Spectral::eigenvalue(&inverse).power(&Quantity::integer(-1))?;
        walker.bound_to(self, form.index, Operator(variable), form.body)
    }

    /// The last index; `None` for infinity.
    pub(super) fn end(&mut self, walker: &mut Along<'_>, to: Id) -> Result<Option<Quantity>> {
        match walker.store().node(to) {
            Node::Infinity => Ok(None),
            _ => self.scalar(walker, to).map(Some),
        }
    }

    /// `Σ_j f(s_j)` and `Σ_j c_j² f(s_j)`: over the whole spectrum `tr f(Σ)` and `w0' f(Σ) w0`, elsewhere a sum of
    /// powers of `j`.
    pub(super) fn sum_over_spectrum(
        &mut self,
        walker: &mut Along<'_>,
        form: SpectralForm,
    ) -> Result<Quantity> {
        self.spectrum_of(form.model)?;
        alone(walker, form.body)?;
        let start = self.scalar(walker, form.from)?;
        let end = self.end(walker, form.to)?;
        self.over_spectrum(walker, form, &start, end.as_ref())
    }

    fn over_spectrum(
        &mut self,
        walker: &mut Along<'_>,
        form: SpectralForm,
        start: &Quantity,
        end: Option<&Quantity>,
    ) -> Result<Quantity> {
        let growing = Growing {
            index: form.eigenvalue,
            eigenvalue: true,
            weighted: form.weighted,
            body: form.body,
        };
        let part: &mut Part<'_, '_> =
            &mut |germs, walker, start, end| germs.over_spectrum(walker, form, start, end);
        if let Some(sum) = self.sum_in_pieces(walker, start, end, growing, part)? {
            return Ok(sum);
        }
        let spectrum = self.spectrum_of(form.model)?;
        let whole = start.is_one()
            && match (spectrum.dimension(), end) {
                (None, None) => true,
                (Some(d), Some(end)) => end.is(&d.into()),
                _ => false,
            };
        if whole {
            let eigenvalue = Operator(Spectral::eigenvalue(spectrum));
            let f = match walker.bound_to(self, form.eigenvalue, eigenvalue, form.body)? {
                Scalar(x) => Spectral::Constant(x),
                Operator(f) => f,
                Target { .. } => return unsupported("a sum of vectors along a limit"),
            };
            return if form.weighted {
                f.quadratic(self.point()?)
            } else {
                f.trace(spectrum)
            };
        }
        if end.is_none() && spectrum.dimension().is_some() {
            return unsupported("a sum beyond the last eigenvalue");
        }
        if let Some(sum) = self.growing_sum(walker, start, end, growing)? {
            return Ok(sum);
        }
        if end.is_none_or(|end| end.exact().is_none())
            && let Some(sum) = self.sum_with_logarithms(walker, start, end, growing)?
        {
            return Ok(sum);
        }
        self.few_eigenvalues(walker, form, start, end)
    }

    /// Term by term.
    fn few_eigenvalues(
        &mut self,
        walker: &mut Along<'_>,
        form: SpectralForm,
        start: &Quantity,
        end: Option<&Quantity>,
    ) -> Result<Quantity> {
        let mut sum = Quantity::integer(0);
        for j in fixed(start, end)? {
            let j = Quantity::integer(j);
            let s = Scalar(self.eigenvalue(&j)?);
            let mut term = walker
                .bound_to(self, form.eigenvalue, s, form.body)?
                .scalar()?;
            if form.weighted {
                let c = self.coefficient(&j)?;
                term = term.times(&c.times(&c)?)?;
            }
            sum = sum.plus(&term)?;
        }
        Ok(sum)
    }
}
