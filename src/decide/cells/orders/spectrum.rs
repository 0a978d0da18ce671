//! Traces, quadratic forms, κ and the degrees of freedom of power laws, as orders of growth.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::super::form::Form;
use super::super::growth::Growth;
use super::super::profile::Profile;
use super::Value::{Function as Of, Number};
use super::{Orders, Value, positive, unsupported};
use crate::formula::ast::BinaryOp;
use crate::term::{
    EvaluationError, Id, ModelId, Node, Outcome, SpectralForm, SpectrumTerms, TargetTerms, Walker,
};

/// `S − df(m, κ(λ, S))`.
pub(super) struct Gap {
    model: ModelId,
    m: i64,
    kappa: Id,
    lambda: Id,
    pub(super) samples: Id,
}
impl Orders<'_> {
    /// `s_k` of a power law and its dimension.
    pub(super) fn eigenvalues(
        &mut self,
        walker: &mut Walker<'_, Value>,
        model: ModelId,
    ) -> Outcome<(Form, Profile)> {
        let terms = self.store.model(model).clone();
        let SpectrumTerms::PowerLaw { beta } = terms.spectrum else {
            return unsupported("a spectrum that is no power law");
        };
        let beta = walker.value(self, beta)?;
        let beta = self.form_of(&beta)?;
        let end = match terms.dimension {
            Some(d) if matches!(self.store.node(d), Node::Infinity) => None,
            Some(d) => {
                let d = walker.value(self, d)?;
                Some(self.nonzero(&d)?)
            }
            None => return unsupported("a dimension without a declaration"),
        };
        let s = Profile::monomial(Growth::constant(), beta.negated(), end);
        Ok((beta, s))
    }

    /// `c_k²` times a function, summed.
    pub(super) fn weighted(
        &mut self,
        walker: &mut Walker<'_, Value>,
        model: ModelId,
        f: &Profile,
        from: &Growth,
    ) -> Outcome<Growth> {
        let (beta, _) = self.eigenvalues(walker, model)?;
        let terms = self.store.model(model).clone();
        match terms.target {
            TargetTerms::Source { r } => {
                let r = walker.value(self, r)?;
                let r = self.form_of(&r)?;
                let two = Form::integer(2);
                let delta = beta.times(&two.times(&r).minus(&Form::integer(1)));
                let power = delta.plus(&Form::integer(1)).negated();
                let weights = Profile::monomial(Growth::constant(), power, f.end());
                f.times(&weights, &mut self.course)?
                    .sum(from, &mut self.course)
            }
            TargetTerms::Isotropic { norm2 } => {
                let d = match f.end() {
                    Some(d) => d,
                    None => {
                        return Err(EvaluationError::undefined(
                            "an isotropic target without end",
                        ));
                    }
                };
                let sum = f.sum(from, &mut self.course)?.over(&d);
                match norm2 {
                    None => Ok(sum),
                    Some(norm2) => {
                        let norm2 = walker.value(self, norm2)?;
                        Ok(sum.times(&self.nonzero(&norm2)?))
                    }
                }
            }
            TargetTerms::Axis { index } => {
                let index = walker.value(self, index)?;
                let index = self.nonzero(&index)?;
                f.at(&index, &mut self.course)
            }
            TargetTerms::Any | TargetTerms::Explicit(_) => unsupported("this target"),
        }
    }

    /// `κ(λ, S)`.
    pub(super) fn kappa(
        &mut self,
        walker: &mut Walker<'_, Value>,
        model: ModelId,
        lambda: Id,
        samples: Id,
    ) -> Outcome<Value> {
        let lambda = walker.value(self, lambda)?;
        let samples = walker.value(self, samples)?;
        let (lambda, samples) = (self.positive(&lambda)?, self.nonzero(&samples)?);
        let (beta, s) = self.eigenvalues(walker, model)?;
        let steep = self.course.compare(&beta, &Form::integer(1))?;
        let least = match s.end() {
            None => samples.to_power(&beta.negated()),
            Some(d) => match self.filled(&samples, &d)? {
                Some(Ordering::Greater) => {
                    let many = samples.compare(&d, &mut self.course)? == Ordering::Greater;
                    return Ok(match lambda {
                        // κ ~ λ where few samples are used up
                        Some(lambda) if many => positive(lambda.inexact()),
                        Some(lambda) => positive(lambda.up_to_constants()),
                        None => Number(Form::integer(0)),
                    });
                }
                // more dimensions than samples, by a factor
                Some(_) => match steep {
                    Ordering::Greater => samples.to_power(&beta.negated()),
                    Ordering::Less => {
                        let one = Form::integer(1);
                        d.to_power(&one.minus(&beta)).over(&samples)
                    }
                    Ordering::Equal => return unsupported("kappa at beta = 1"),
                },
                None => {
                    let smallest = d.to_power(&beta.negated());
                    return match lambda {
                        Some(lambda)
                            if steep == Ordering::Greater
                                && lambda.compare(&smallest, &mut self.course)?
                                    == Ordering::Greater =>
                        {
                            Ok(positive(lambda.inexact()))
                        }
                        _ => Err(EvaluationError::Unresolved(
                            "kappa where T and d are of one order".into(),
                        )),
                    };
                }
            },
        };
        if steep != Ordering::Greater && s.end().is_none() {
            return Err(EvaluationError::undefined(
                "an infinite power law with beta <= 1",
            ));
        }
        let Some(lambda) = lambda else {
            return Ok(positive(least.up_to_constants()));
        };
        Ok(positive(
            match lambda.compare(&least, &mut self.course)? {
                // κ ~ λ
                Ordering::Greater => lambda.inexact(),
                _ => least.up_to_constants(),
            },
        ))
    }

    /// Whether samples exceed dimensions by a factor, or the other way round; `None` where their ratio tends to 1
    /// or is not known.
    fn filled(&mut self, samples: &Growth, d: &Growth) -> Outcome<Option<Ordering>> {
        let order = match samples.compare(d, &mut self.course)? {
            Ordering::Equal => match samples.constants(d) {
                Some((a, b)) => self.course.compare(a, b)?,
                None => Ordering::Equal,
            },
            order => order,
        };
        Ok(Some(order).filter(|order| *order != Ordering::Equal))
    }

    /// `Σ^a (Σ+κ)^{-b}`.
    pub(super) fn resolvent(
        &mut self,
        s: &Profile,
        kappa: Option<&Growth>,
        a: &Form,
        b: &Form,
    ) -> Outcome<Profile> {
        let sum = match kappa {
            None => s.clone(),
            Some(kappa) => {
                let constant = Profile::constant(kappa.clone(), s.end());
                s.plus(&constant, &mut self.course)?
            }
        };
        let top = s.clone().raised(a, &mut self.course)?;
        let bottom = sum.raised(&b.negated(), &mut self.course)?;
        top.times(&bottom, &mut self.course)
    }

    pub(super) fn degrees(
        &mut self,
        walker: &mut Walker<'_, Value>,
        model: ModelId,
        m: Id,
        kappa: Id,
    ) -> Outcome<Value> {
        let m = walker.value(self, m)?;
        let m = self.form_of(&m)?;
        let kappa = walker.value(self, kappa)?;
        let kappa = self.positive(&kappa)?;
        let (_, s) = self.eigenvalues(walker, model)?;
        let f = self.resolvent(&s, kappa.as_ref(), &m, &m)?;
        Ok(positive(f.sum(&Growth::constant(), &mut self.course)?))
    }

    /// `S − df(m, κ(λ, S))`, which never cancels: `S − df_1 = λS/κ`, `S − df_2 = λS/κ + κ tr Σ(Σ+κ)^{-2}`.
    pub(super) fn unfilled(&mut self, walker: &mut Walker<'_, Value>, gap: Gap) -> Outcome<Value> {
        let samples = walker.value(self, gap.samples)?;
        let samples = self.nonzero(&samples)?;
        let kappa = walker.value(self, gap.kappa)?;
        let lambda = walker.value(self, gap.lambda)?;
        let lambda = self.positive(&lambda)?;
        let Some(kappa) = self.positive(&kappa)? else {
            // no ridge and more samples than dimensions, by a factor
            return Ok(positive(samples.up_to_constants()));
        };
        let ridge = lambda.map(|l| l.times(&samples).over(&kappa));
        if gap.m == 1 {
            return Ok(match ridge {
                Some(ridge) => positive(ridge),
                None => Number(Form::integer(0)),
            });
        }
        let (_, s) = self.eigenvalues(walker, gap.model)?;
        let (one, two) = (Form::integer(1), Form::integer(2));
        let f = self.resolvent(&s, Some(&kappa), &one, &two)?;
        let spread = f.sum(&Growth::constant(), &mut self.course)?.times(&kappa);
        Ok(positive(match ridge {
            Some(ridge) => ridge.greater(spread, &mut self.course)?,
            None => spread,
        }))
    }

    /// `a − b` where that is `S − df(m, κ(λ, S))`; or `1 − df(m, κ(λ, S))/S`, marked by `share`.
    pub(super) fn gap(&self, a: Id, b: Id) -> Option<(Gap, bool)> {
        let store = self.store;
        let (df, share) = match store.node(b) {
            Node::Binary(BinaryOp::Div, top, bottom) => {
                let one = store.literal(a)?;
                if !one.is_one() {
                    return None;
                }
                (*top, Some(*bottom))
            }
            _ => (b, None),
        };
        let &Node::Df(model, m, kappa) = store.node(df) else {
            return None;
        };
        let &Node::Kappa(of, lambda, samples) = store.node(kappa) else {
            return None;
        };
        let m = store.literal(m)?.to_integer().to_i64()?;
        let against = share.unwrap_or(a);
        let fits = of == model && against == samples && (m == 1 || m == 2);
        let gap = Gap {
            model,
            m,
            kappa,
            lambda,
            samples,
        };
        fits.then_some((gap, share.is_some()))
    }

    /// `tr f(Σ)` and the quadratic form between two targets need to know whose spectrum it is.
    pub(super) fn model_of(&self, id: Id) -> Option<ModelId> {
        let mut found = None;
        self.store.visit(id, &mut |_, node| {
            if let Some(model) = node.model() {
                found = Some(model);
            }
        });
        found
    }

    pub(super) fn coefficient(
        &mut self,
        walker: &mut Walker<'_, Value>,
        model: ModelId,
        j: Id,
    ) -> Outcome<Value> {
        let j = walker.value(self, j)?;
        let (beta, _) = self.eigenvalues(walker, model)?;
        let TargetTerms::Source { r } = self.store.model(model).target.clone() else {
            return unsupported("this target");
        };
        let r = walker.value(self, r)?;
        let r = self.form_of(&r)?;
        let delta = beta.times(&Form::integer(2).times(&r).minus(&Form::integer(1)));
        let half = Form::constant(BigRational::new((-1).into(), 2.into()));
        let power = delta.plus(&Form::integer(1)).times(&half);
        self.power(j, &Number(power))
    }

    pub(super) fn spectral(
        &mut self,
        walker: &mut Walker<'_, Value>,
        form: SpectralForm,
    ) -> Outcome<Value> {
        self.alone(walker, form.body)?;
        let (_, s) = self.eigenvalues(walker, form.model)?;
        let from = walker.value(self, form.from)?;
        let from = self.nonzero(&from)?;
        let end = match self.store.node(form.to) {
            Node::Infinity => None,
            _ => {
                let to = walker.value(self, form.to)?;
                Some(self.nonzero(&to)?)
            }
        };
        if self.is_empty(&from, end.as_ref())? {
            return Ok(Number(Form::integer(0)));
        }
        let s = s.until(end);
        let f = match walker.bound_to(self, form.eigenvalue, Of(s.clone()), form.body)? {
            Of(f) => f,
            constant => Profile::constant(self.nonzero(&constant)?, s.end()),
        };
        let sum = if form.weighted {
            self.weighted(walker, form.model, &f, &from)?
        } else {
            f.sum(&from, &mut self.course)?
        };
        Ok(positive(sum))
    }
}
