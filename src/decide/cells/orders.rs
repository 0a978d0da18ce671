//! The algebra of orders of growth: formulas that are manifestly of one sign, up to constants.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive};

use super::form::Form;
use super::growth::{Course, Growth};
use super::profile::Profile;
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::term::{
    Algebra, EvaluationError, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome,
    RandomId, SpectralForm, SpectrumTerms, Store, SymbolId, TargetTerms, Walker,
};

/// Longest sum that is written out.
const MAX_FOLD: i64 = 64;

/// What a formula is, up to positive constants.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number: exactly this function of the parameters.
    Number(Form),
    Growth {
        positive: bool,
        growth: Growth,
    },
    /// A positive function of `Σ`, or of the index of a sum.
    Function(Profile),
    /// `f(Σ) w0`, or its transpose.
    Vector {
        f: Profile,
        row: bool,
    },
}

use Value::{Function as Of, Growth as Grows, Number, Vector};

/// The values of symbols, and the comparisons made on the way.
pub struct Orders<'s> {
    pub course: Course,
    pub symbols: Vec<Option<Value>>,
    pub store: &'s Store,
    /// Of the setting.
    pub model: ModelId,
}

fn positive(growth: Growth) -> Value {
    Grows {
        positive: true,
        growth,
    }
}

fn unsupported<T>(what: &str) -> Outcome<T> {
    Err(EvaluationError::unsupported(what))
}

fn cancels<T>() -> Outcome<T> {
    Err(EvaluationError::Unresolved(
        "terms of one order that may cancel".into(),
    ))
}

impl<'s> Orders<'s> {
    /// The growth of something positive; `None` for zero.
    pub fn positive(&mut self, value: &Value) -> Outcome<Option<Growth>> {
        match self.signed(value)? {
            None => Ok(None),
            Some((true, growth)) => Ok(Some(growth)),
            Some((false, _)) => unsupported("something negative here"),
        }
    }

    /// Sign and growth; `None` for zero.
    pub fn signed(&mut self, value: &Value) -> Outcome<Option<(bool, Growth)>> {
        match value {
            Number(form) => Ok(match self.course.sign(form)? {
                Ordering::Equal => None,
                sign => Some((sign == Ordering::Greater, Growth::constant())),
            }),
            Grows { positive, growth } => Ok(Some((*positive, growth.clone()))),
            Of(_) | Vector { .. } => unsupported("a matrix where a number is needed"),
        }
    }

    fn nonzero(&mut self, value: &Value) -> Outcome<Growth> {
        match self.positive(value)? {
            Some(growth) => Ok(growth),
            None => Err(EvaluationError::undefined(
                "zero where a positive number is needed",
            )),
        }
    }

    pub fn form_of(&self, value: &Value) -> Outcome<Form> {
        match value {
            Number(form) => Ok(form.clone()),
            _ => unsupported("an exponent that is no number"),
        }
    }

    fn add(&mut self, a: Value, b: Value) -> Outcome<Value> {
        match (&a, &b) {
            (Number(x), Number(y)) => return Ok(Number(x.plus(y))),
            (Of(f), Of(g)) => return Ok(Of(f.plus(g, &mut self.course)?)),
            (Vector { f, row }, Vector { f: g, row: other }) if row == other => {
                let f = f.plus(g, &mut self.course)?;
                return Ok(Vector { f, row: *row });
            }
            (Of(f), scalar) | (scalar, Of(f)) => {
                // beside a function of an index a number is a constant function
                return Ok(match self.positive(scalar)? {
                    None => Of(f.clone()),
                    Some(c) => {
                        let constant = Profile::constant(c, f.end());
                        Of(f.plus(&constant, &mut self.course)?)
                    }
                });
            }
            _ => {}
        }
        let (x, y) = match (self.signed(&a)?, self.signed(&b)?) {
            (None, _) => return Ok(b),
            (_, None) => return Ok(a),
            (Some(x), Some(y)) => (x, y),
        };
        let order = x.1.compare(&y.1, &mut self.course)?;
        let (positive, growth) = match order {
            Ordering::Greater => x,
            Ordering::Less => y,
            Ordering::Equal if x.0 == y.0 => x,
            Ordering::Equal => return cancels(),
        };
        Ok(Grows { positive, growth })
    }

    fn multiply(&mut self, a: Value, b: Value) -> Outcome<Value> {
        match (&a, &b) {
            (Number(x), _) if x.is_zero() => return Ok(a),
            (_, Number(y)) if y.is_zero() => return Ok(b),
            (Number(x), Number(y)) => return Ok(Number(x.times(y))),
            (Of(f), Of(g)) => return Ok(Of(f.times(g, &mut self.course)?)),
            (Of(f), Vector { f: g, row: false }) | (Vector { f: g, row: true }, Of(f)) => {
                let row = matches!(a, Vector { .. });
                let f = f.times(g, &mut self.course)?;
                return Ok(Vector { f, row });
            }
            (Vector { f, row: true }, Vector { f: g, row: false }) => {
                let f = f.times(g, &mut self.course)?;
                return Ok(Of(f)); // weighted where it is met: see `binary`
            }
            (Of(f), scalar) | (scalar, Of(f)) => {
                let c = self.nonzero(scalar)?;
                return Ok(Of(f.clone().scaled(&c)));
            }
            (Vector { f, row }, scalar) | (scalar, Vector { f, row }) => {
                let c = self.nonzero(scalar)?;
                return Ok(Vector {
                    f: f.clone().scaled(&c),
                    row: *row,
                });
            }
            _ => {}
        }
        let (Some(x), Some(y)) = (self.signed(&a)?, self.signed(&b)?) else {
            return Ok(Number(Form::integer(0)));
        };
        Ok(Grows {
            positive: x.0 == y.0,
            growth: x.1.times(&y.1),
        })
    }

    fn power(&mut self, base: Value, exponent: &Value) -> Outcome<Value> {
        let e = self.form_of(exponent)?;
        if e.is_zero() {
            return Ok(match base {
                Of(f) => Of(f.raised(&e)),
                _ => Number(Form::integer(1)),
            });
        }
        let whole = e
            .as_constant()
            .filter(BigRational::is_integer)
            .and_then(|e| e.numer().to_i32())
            .filter(|n| n.abs() <= 8);
        match base {
            Number(form) => {
                if let Some(n) = whole {
                    let base = if n < 0 {
                        self.course.reciprocal(&form)?
                    } else {
                        form
                    };
                    let one = Form::integer(1);
                    return Ok(Number(
                        (0..n.abs()).fold(one, |product, _| product.times(&base)),
                    ));
                }
                if form.as_constant().is_some_and(|c| c.is_one()) {
                    return Ok(Number(form));
                }
                match self.course.sign(&form)? {
                    Ordering::Greater => Ok(positive(Growth::constant())),
                    Ordering::Equal => match self.course.sign(&e)? {
                        Ordering::Greater => Ok(Number(form)),
                        _ => Err(EvaluationError::undefined("a negative power of zero")),
                    },
                    Ordering::Less => unsupported("a power of something negative"),
                }
            }
            Grows {
                positive: is_positive,
                growth,
            } => {
                let positive = match (is_positive, whole) {
                    (true, _) => true,
                    (false, Some(n)) => n % 2 == 0,
                    (false, None) => return unsupported("a power of something negative"),
                };
                Ok(Grows {
                    positive,
                    growth: growth.to_power(&e),
                })
            }
            Of(f) => Ok(Of(f.raised(&e))),
            Vector { .. } => unsupported("a power of a vector"),
        }
    }

    fn logarithm(&mut self, x: &Value) -> Outcome<Value> {
        if let Number(form) = x {
            if form.as_constant().is_some_and(|c| c.is_one()) {
                return Ok(Number(Form::integer(0)));
            }
            let excess = form.minus(&Form::integer(1));
            return match (self.course.sign(form)?, self.course.sign(&excess)?) {
                (Ordering::Greater, Ordering::Equal) => Ok(Number(Form::integer(0))),
                (Ordering::Greater, sign) => Ok(Grows {
                    positive: sign == Ordering::Greater,
                    growth: Growth::constant(),
                }),
                _ => Err(EvaluationError::undefined(
                    "the logarithm of a number that is not positive",
                )),
            };
        }
        let growth = self.nonzero(x)?;
        match self.course.sign(&growth.power)? {
            Ordering::Equal => unsupported("the logarithm of something without a power of T"),
            sign => Ok(Grows {
                positive: sign == Ordering::Greater,
                growth: Growth::logarithm(),
            }),
        }
    }

    /// `s_k` of a power law and its dimension.
    fn eigenvalues(
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
    fn weighted(
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
    fn kappa(
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
            Some(d) => match samples.compare(&d, &mut self.course)? {
                Ordering::Greater => {
                    return Ok(match lambda {
                        Some(lambda) => positive(lambda),
                        None => Number(Form::integer(0)),
                    });
                }
                Ordering::Equal => {
                    let smallest = d.to_power(&beta.negated());
                    return match lambda {
                        Some(lambda)
                            if steep == Ordering::Greater
                                && lambda.compare(&smallest, &mut self.course)?
                                    == Ordering::Greater =>
                        {
                            Ok(positive(lambda))
                        }
                        _ => Err(EvaluationError::Unresolved(
                            "kappa where T and d are of one order".into(),
                        )),
                    };
                }
                Ordering::Less => match steep {
                    Ordering::Greater => samples.to_power(&beta.negated()),
                    Ordering::Less => {
                        let one = Form::integer(1);
                        d.to_power(&one.minus(&beta)).over(&samples)
                    }
                    Ordering::Equal => return unsupported("kappa at beta = 1"),
                },
            },
        };
        if steep != Ordering::Greater && s.end().is_none() {
            return Err(EvaluationError::undefined(
                "an infinite power law with beta <= 1",
            ));
        }
        Ok(positive(match lambda {
            Some(lambda) => lambda.greater(least, &mut self.course)?,
            None => least,
        }))
    }

    /// `Σ^a (Σ+κ)^{-b}`.
    fn resolvent(
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
        let top = s.clone().raised(a);
        top.times(&sum.raised(&b.negated()), &mut self.course)
    }

    fn degrees(
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
    fn unfilled(&mut self, walker: &mut Walker<'_, Value>, gap: Gap) -> Outcome<Value> {
        let samples = walker.value(self, gap.samples)?;
        let samples = self.nonzero(&samples)?;
        let kappa = walker.value(self, gap.kappa)?;
        let lambda = walker.value(self, gap.lambda)?;
        let lambda = self.positive(&lambda)?;
        let Some(kappa) = self.positive(&kappa)? else {
            // no ridge and more samples than dimensions
            return Ok(positive(samples));
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
    fn gap(&self, a: Id, b: Id) -> Option<(Gap, bool)> {
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
    fn model_of(&self, id: Id) -> Option<ModelId> {
        let mut found = None;
        self.store.visit(id, &mut |_, node| {
            if let Some(model) = node.model() {
                found = Some(model);
            }
        });
        found
    }
}

/// `S − df(m, κ(λ, S))`.
struct Gap {
    model: ModelId,
    m: i64,
    kappa: Id,
    lambda: Id,
    samples: Id,
}

impl<'s> Algebra for Orders<'s> {
    type Value = Value;

    fn intercept(&mut self, walker: &mut Walker<'_, Value>, id: Id) -> Option<Outcome<Value>> {
        let store = self.store;
        match store.node(id) {
            Node::Sigma(model) => Some(self.eigenvalues(walker, *model).map(|(_, s)| Of(s))),
            Node::Target(model) => Some(self.eigenvalues(walker, *model).map(|(_, s)| Vector {
                f: Profile::constant(Growth::constant(), s.end()),
                row: false,
            })),
            &Node::Kappa(model, lambda, samples) => {
                Some(self.kappa(walker, model, lambda, samples))
            }
            &Node::Df(model, m, kappa) => Some(self.degrees(walker, model, m, kappa)),
            &Node::Eigenvalue(model, j) => {
                Some(self.eigenvalues(walker, model).and_then(|(beta, _)| {
                    let j = walker.value(self, j)?;
                    self.power(j, &Number(beta.negated()))
                }))
            }
            &Node::Coefficient(model, j) => Some(self.coefficient(walker, model, j)),
            &Node::Binary(BinaryOp::Sub, a, b) => {
                if a == b {
                    return Some(Ok(Number(Form::integer(0))));
                }
                let (gap, share) = self.gap(a, b)?;
                let samples = gap.samples;
                Some(self.unfilled(walker, gap).and_then(|value| {
                    if !share {
                        return Ok(value);
                    }
                    let samples = walker.value(self, samples)?;
                    let samples = self.nonzero(&samples)?;
                    match value {
                        Grows { growth, .. } => Ok(positive(growth.over(&samples))),
                        zero => Ok(zero),
                    }
                }))
            }
            &Node::Binary(BinaryOp::Mul, a, b) => {
                // w0' f(Σ) w0
                use crate::term::Shape;
                if !matches!(store.shape(id), Shape::Scalar)
                    || matches!(store.shape(a), Shape::Scalar)
                {
                    return None;
                }
                let model = self.model_of(id)?;
                Some(walker.value(self, a).and_then(|a| {
                    let b = walker.value(self, b)?;
                    let Of(f) = self.multiply(a, b)? else {
                        return unsupported("this product");
                    };
                    let sum = self.weighted(walker, model, &f, &Growth::constant())?;
                    Ok(positive(sum))
                }))
            }
            Node::Call(Function::Norm2, arguments) => {
                let model = self.model_of(id)?;
                let arguments = arguments.clone();
                Some(walker.value(self, arguments[0]).and_then(|v| {
                    let Vector { f, .. } = v else {
                        return unsupported("the norm of this vector");
                    };
                    let mut square = f.times(&f, &mut self.course)?;
                    if let Some(weight) = arguments.get(1) {
                        let Of(weight) = walker.value(self, *weight)? else {
                            return unsupported("this norm");
                        };
                        square = square.times(&weight, &mut self.course)?;
                    }
                    let sum = self.weighted(walker, model, &square, &Growth::constant())?;
                    Ok(positive(sum))
                }))
            }
            Node::Identity(_) => Some(
                self.eigenvalues(walker, self.model)
                    .map(|(_, s)| Of(Profile::constant(Growth::constant(), s.end()))),
            ),
            &Node::SpectralSum {
                model,
                weighted,
                from,
                to,
                eigenvalue,
                body,
            } => Some(self.spectral(
                walker,
                SpectralForm {
                    model,
                    weighted,
                    from,
                    to,
                    eigenvalue,
                    body,
                },
            )),
            _ => None,
        }
    }

    fn number(&mut self, value: &BigRational) -> Outcome<Value> {
        Ok(Number(Form::constant(value.clone())))
    }
    fn infinity(&mut self) -> Outcome<Value> {
        unsupported("infinity as a number")
    }
    fn pi(&mut self) -> Outcome<Value> {
        Ok(positive(Growth::constant()))
    }
    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Value> {
        match self.symbols.get(symbol.index()) {
            Some(Some(value)) => Ok(value.clone()),
            _ => Err(EvaluationError::unsupported(format!(
                "{} in an exponent",
                store.symbol_name(symbol)
            ))),
        }
    }
    fn random(&mut self, _: &Store, _: RandomId, _: Option<Value>) -> Outcome<Value> {
        unsupported("a random object")
    }
    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Value> {
        unsupported("Sigma here")
    }
    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Value> {
        unsupported("w0 here")
    }
    fn identity(&mut self, _: &mut Walker<'_, Value>, _: Option<Id>) -> Outcome<Value> {
        unsupported("I here")
    }
    fn of_spectrum(&mut self, _: &Store, _: ModelId, _: OfSpectrum<Value>) -> Outcome<Value> {
        unsupported("a quantity of the spectrum here")
    }

    fn negate(&mut self, x: Value) -> Outcome<Value> {
        Ok(match x {
            Number(form) => Number(form.negated()),
            Grows { positive, growth } => Grows {
                positive: !positive,
                growth,
            },
            _ => return unsupported("minus a matrix"),
        })
    }

    fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Outcome<Value> {
        match op {
            BinaryOp::Add => self.add(a, b),
            BinaryOp::Sub => {
                let b = self.negate(b)?;
                self.add(a, b)
            }
            BinaryOp::Mul => self.multiply(a, b),
            BinaryOp::Div => {
                let inverse = self.power(b, &Number(Form::integer(-1)))?;
                self.multiply(a, inverse)
            }
            BinaryOp::Pow => self.power(a, &b),
        }
    }

    fn transpose(&mut self, x: Value) -> Outcome<Value> {
        Ok(match x {
            Vector { f, row } => Vector { f, row: !row },
            other => other,
        })
    }

    fn call(&mut self, function: Function, mut arguments: Vec<Value>) -> Outcome<Value> {
        match function {
            Function::Sqrt => {
                let half = BigRational::new(1.into(), 2.into());
                self.power(arguments.swap_remove(0), &Number(Form::constant(half)))
            }
            Function::Inv | Function::Pinv => {
                self.power(arguments.swap_remove(0), &Number(Form::integer(-1)))
            }
            Function::Log => self.logarithm(&arguments[0]),
            Function::Abs => match &arguments[0] {
                Number(form) => Ok(match self.course.sign(form)? {
                    Ordering::Less => Number(form.negated()),
                    _ => Number(form.clone()),
                }),
                value => {
                    let (_, growth) = match self.signed(value)? {
                        Some(signed) => signed,
                        None => return Ok(Number(Form::integer(0))),
                    };
                    Ok(positive(growth))
                }
            },
            Function::Min | Function::Max => {
                let mut best = arguments.swap_remove(0);
                for next in arguments {
                    let order = self.order(&next, &best)?;
                    let wanted = if function == Function::Min {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    };
                    if order == wanted {
                        best = next;
                    }
                }
                Ok(best)
            }
            Function::Tr => match &arguments[0] {
                Of(f) => Ok(positive(f.sum(&Growth::constant(), &mut self.course)?)),
                _ => unsupported("this trace"),
            },
            Function::Exponent => match self.signed(&arguments[0])? {
                Some((_, growth)) => Ok(Number(growth.power)),
                None => unsupported("the exponent of zero"),
            },
            Function::Gamma => match &arguments[0] {
                Number(x) if self.course.sign(x)? == Ordering::Greater => {
                    Ok(positive(Growth::constant()))
                }
                _ => unsupported("gamma here"),
            },
            Function::Zeta => match &arguments[0] {
                Number(x) if self.course.compare(x, &Form::integer(1))? == Ordering::Greater => {
                    Ok(positive(Growth::constant()))
                }
                _ => unsupported("zeta here"),
            },
            Function::Exp => match &arguments[0] {
                Number(_) => Ok(positive(Growth::constant())),
                _ => unsupported("exp here"),
            },
            _ => unsupported(function.name()),
        }
    }

    fn compare(&mut self, a: Value, op: RelationOp, b: Value) -> Outcome<Option<bool>> {
        let order = match self.order(&a, &b) {
            Ok(order) => order,
            Err(EvaluationError::Unresolved(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        // growths of one order are not one number
        if order == Ordering::Equal && !matches!((&a, &b), (Number(_), Number(_))) {
            return Ok(None);
        }
        Ok(Some(match op {
            RelationOp::Le => order != Ordering::Greater,
            RelationOp::Ge => order != Ordering::Less,
            RelationOp::Lt => order == Ordering::Less,
            RelationOp::Gt => order == Ordering::Greater,
            RelationOp::Eq => order == Ordering::Equal,
            _ => return unsupported("a relation of limits as a condition"),
        }))
    }

    fn fold(&mut self, walker: &mut Walker<'_, Value>, form: FoldForm) -> Outcome<Value> {
        if !matches!(form.kind, Fold::Sum | Fold::Prod) {
            return unsupported("a greatest value or an integral over an index");
        }
        let from = walker.value(self, form.from)?;
        let first = self
            .form_of(&from)?
            .as_constant()
            .filter(BigRational::is_integer);
        let last = match self.store.node(form.to) {
            Node::Infinity => None,
            _ => Some(walker.value(self, form.to)?),
        };
        let whole = match &last {
            Some(Number(to)) => to.as_constant().filter(BigRational::is_integer),
            _ => None,
        };
        if let (Some(first), Some(whole)) = (&first, &whole) {
            let range = first.to_integer().to_i64().zip(whole.to_integer().to_i64());
            let Some((first, whole)) = range.filter(|(a, b)| b - a <= MAX_FOLD && b >= a) else {
                return unsupported("a sum of this length");
            };
            let mut total = None;
            for i in first..=whole {
                let index = Number(Form::integer(i));
                let term = walker.bound_to(self, form.index, index, form.body)?;
                total = Some(match (total, form.kind) {
                    (None, _) => term,
                    (Some(sum), Fold::Sum) => self.add(sum, term)?,
                    (Some(product), _) => self.multiply(product, term)?,
                });
            }
            return total.ok_or_else(|| EvaluationError::undefined("an empty sum"));
        }
        if form.kind != Fold::Sum {
            return unsupported("a product of growing length");
        }
        // a growing sum: the index is a function of itself
        let end = match &last {
            None => None,
            Some(last) => Some(self.nonzero(last)?),
        };
        if first.is_none_or(|f| !f.is_positive()) {
            return unsupported("a sum that starts there");
        }
        let index = Of(Profile::monomial(
            Growth::constant(),
            Form::integer(1),
            end.clone(),
        ));
        match walker.bound_to(self, form.index, index, form.body)? {
            Of(f) => Ok(positive(f.sum(&Growth::constant(), &mut self.course)?)),
            constant => {
                let Some(end) = end else {
                    return Err(EvaluationError::undefined("a sum that diverges"));
                };
                self.multiply(constant, positive(end))
            }
        }
    }

    fn extremum(&mut self, _: &mut Walker<'_, Value>, _: ExtremumForm) -> Outcome<Value> {
        unsupported("a minimum over the whole domain")
    }

    fn spectral_sum(&mut self, _: &mut Walker<'_, Value>, _: SpectralForm) -> Outcome<Value> {
        unsupported("a sum over a part of the spectrum here")
    }

    fn expectation(&mut self, _: &mut Walker<'_, Value>, _: Id) -> Outcome<Value> {
        unsupported("an expectation")
    }
}

impl<'s> Orders<'s> {
    fn order(&mut self, a: &Value, b: &Value) -> Outcome<Ordering> {
        if let (Number(x), Number(y)) = (a, b) {
            return self.course.compare(x, y);
        }
        Ok(match (self.signed(a)?, self.signed(b)?) {
            (None, None) => Ordering::Equal,
            (None, Some((positive, _))) => {
                if positive {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (Some((positive, _)), None) => {
                if positive {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (Some(x), Some(y)) if x.0 != y.0 => x.0.cmp(&y.0),
            (Some(x), Some(y)) => {
                let order = x.1.compare(&y.1, &mut self.course)?;
                if x.0 { order } else { order.reverse() }
            }
        })
    }

    fn coefficient(
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

    fn spectral(&mut self, walker: &mut Walker<'_, Value>, form: SpectralForm) -> Outcome<Value> {
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
