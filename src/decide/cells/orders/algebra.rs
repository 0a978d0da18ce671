//! What each word of the language is as an order of growth.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

use super::super::form::Form;
use super::super::growth::Growth;
use super::super::profile::Profile;
use super::Value::{Function as Of, Growth as Grows, Negative, Number, Vector};
use super::{MAX_FOLD, Orders, Value, positive, unsupported};
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::term::{
    Algebra, EvaluationError, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome,
    RandomId, Shape, SpectralForm, Store, SymbolId, Walker,
};

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
                if let Some(exponent) = self.exponential_beside_one(a, b) {
                    return Some(
                        walker
                            .value(self, exponent)
                            .and_then(|x| self.one_minus_exponential(x)),
                    );
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
            &Node::Binary(BinaryOp::Mul, a, b) => self.quadratic_form(walker, id, (a, b)),
            Node::Call(Function::Norm2, arguments) => {
                let arguments = arguments.clone();
                self.norm(walker, id, &arguments)
            }
            Node::Identity(_) => Some(
                self.eigenvalues(walker, self.model)
                    .map(|(_, s)| Of(Profile::constant(Growth::constant(), s.end()))),
            ),
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
            Of(f) => Negative(f),
            Negative(f) => Of(f),
            Vector { .. } => return unsupported("minus a vector"),
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
                    best = self.choice(function == Function::Min, best, next)?;
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
            Function::Exp => self.exponential(&arguments[0]),
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
        match op.holds_of(order) {
            Some(holds) => Ok(Some(holds)),
            None => unsupported("a relation of limits as a condition"),
        }
    }

    fn fold(&mut self, walker: &mut Walker<'_, Value>, form: FoldForm) -> Outcome<Value> {
        if !matches!(form.kind, Fold::Sum | Fold::Prod) {
            return unsupported("a greatest value or an integral over an index");
        }
        let from = walker.value(self, form.from)?;
        let first = match &from {
            Number(from) => from.as_constant().filter(BigRational::is_integer),
            _ => None,
        };
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
        self.alone(walker, form.body)?;
        // a growing sum: the index is a function of itself
        let end = match &last {
            None => None,
            Some(last) => Some(self.nonzero(last)?),
        };
        let start = match (&first, &from) {
            (Some(first), _) if first.is_positive() => Growth::constant(),
            (None, Grows { positive: true, .. }) => self.nonzero(&from)?,
            _ => return unsupported("a sum that starts there"),
        };
        if self.is_empty(&start, end.as_ref())? {
            return Ok(Number(Form::integer(0)));
        }
        self.has_terms(&first, form.to, end.as_ref())?;
        let index = Of(Profile::monomial(
            Growth::constant(),
            Form::integer(1),
            end.clone(),
        ));
        match walker.bound_to(self, form.index, index, form.body)? {
            Of(f) => Ok(positive(f.sum(&start, &mut self.course)?)),
            constant => {
                let Some(end) = end else {
                    return Err(EvaluationError::undefined("a sum that diverges"));
                };
                self.multiply(constant, positive(end))
            }
        }
    }

    fn extremum(&mut self, walker: &mut Walker<'_, Value>, form: ExtremumForm) -> Outcome<Value> {
        self.extreme(walker, form)
    }

    fn spectral_sum(
        &mut self,
        walker: &mut Walker<'_, Value>,
        form: SpectralForm,
    ) -> Outcome<Value> {
        self.spectral(walker, form)
    }

    fn expectation(&mut self, _: &mut Walker<'_, Value>, _: Id) -> Outcome<Value> {
        unsupported("an expectation")
    }
}

impl Orders<'_> {
    /// Inside a sum over a spectrum or an index the variable of another would be taken for its own.
    pub(super) fn alone(&self, walker: &Walker<'_, Value>, body: Id) -> Outcome<()> {
        if walker.depends(body, |value| !matches!(value, Number(_) | Grows { .. })) {
            return unsupported("a sum inside another, of both variables");
        }
        Ok(())
    }

    /// Whether a sum from `start` on has no term, as it has from a growing index that outgrows its end.
    pub(super) fn is_empty(&mut self, start: &Growth, end: Option<&Growth>) -> Outcome<bool> {
        let growth = self.grows(start)?;
        if growth == Ordering::Less {
            return unsupported("a sum from a vanishing index");
        }
        let Some(end) = end else {
            return Ok(false);
        };
        if self.grows(end)? == Ordering::Less {
            return unsupported("a sum up to a vanishing index");
        }
        if growth == Ordering::Equal {
            return Ok(false);
        }
        match start.compare(end, &mut self.course)? {
            Ordering::Less => Ok(false),
            Ordering::Greater => Ok(true),
            Ordering::Equal => unsupported("a sum between indices of one order"),
        }
    }

    /// Whether something grows, vanishes or does neither.
    pub fn grows(&mut self, g: &Growth) -> Outcome<Ordering> {
        Ok(match self.course.sign(&g.power)? {
            Ordering::Equal => self.course.sign(g.known_log()?)?,
            sign => sign,
        })
    }

    /// Refuses a sum whose end does not grow and may lie before its first index.
    fn has_terms(
        &mut self,
        first: &Option<BigRational>,
        to: Id,
        end: Option<&Growth>,
    ) -> Outcome<()> {
        let (Some(first), Some(end)) = (first, end) else {
            return Ok(());
        };
        if self.grows(end)? != Ordering::Equal {
            return Ok(());
        }
        let least = match self.store.node(to) {
            Node::Symbol(symbol) => self.smallest.get(symbol.index()).cloned().flatten(),
            _ => end.leading.as_ref().and_then(Form::as_constant),
        };
        match least {
            Some(least) if *first <= least => Ok(()),
            _ => unsupported("a sum that may have no terms"),
        }
    }

    /// `w0' f(Σ) w0`; `None` for other products.
    fn quadratic_form(
        &mut self,
        walker: &mut Walker<'_, Value>,
        id: Id,
        (a, b): (Id, Id),
    ) -> Option<Outcome<Value>> {
        let is_scalar = |id| matches!(self.store.shape(id), Shape::Scalar);
        if !is_scalar(id) || is_scalar(a) {
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

    /// `norm2(f(Σ) w0)`, in another metric where there is one.
    fn norm(
        &mut self,
        walker: &mut Walker<'_, Value>,
        id: Id,
        arguments: &[Id],
    ) -> Option<Outcome<Value>> {
        let model = self.model_of(id)?;
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
}
