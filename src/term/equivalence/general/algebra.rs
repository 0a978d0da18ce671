//! The walk over terms: what nothing random stands in is a number or a function of `Sigma`, the rest is put together.

use num_rational::BigRational;

use super::form::{Form, Read};
use super::{MAX_COUNT, Reader, as_number, numbers_bound};
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::term::equivalence::{EquivalenceError, undefined, unrecognised};
use crate::term::evaluate::EvaluationError;
use crate::term::{
    Algebra, Condition, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome, RandomId,
    SpectralForm, Store, SymbolId, Walker,
};

/// Leaves are parts in which nothing is random.
fn not_met<T>() -> Outcome<T> {
    Err(EvaluationError::unsupported(
        "a part without anything random that is read as one with it",
    ))
}

impl<'a> Algebra for Reader<'a> {
    type Value = Form;

    fn intercept(&mut self, walker: &mut Walker<'_, Form>, id: Id) -> Option<Outcome<Form>> {
        let read = self.met(walker, id)?;
        Some(self.outcome(read))
    }

    fn number(&mut self, _: &BigRational) -> Outcome<Form> {
        not_met()
    }
    fn infinity(&mut self) -> Outcome<Form> {
        not_met()
    }
    fn pi(&mut self) -> Outcome<Form> {
        not_met()
    }
    fn symbol(&mut self, _: &Store, _: SymbolId) -> Outcome<Form> {
        not_met()
    }
    fn random(&mut self, _: &Store, _: RandomId, _: Option<Form>) -> Outcome<Form> {
        not_met()
    }
    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Form> {
        not_met()
    }
    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Form> {
        not_met()
    }
    fn identity(&mut self, _: &mut Walker<'_, Form>, _: Option<Id>) -> Outcome<Form> {
        not_met()
    }
    fn of_spectrum(&mut self, _: &Store, _: ModelId, _: OfSpectrum<Form>) -> Outcome<Form> {
        let read = unrecognised("a quantity of the spectrum at a random place");
        self.outcome(read)
    }

    fn negate(&mut self, x: Form) -> Outcome<Form> {
        let read = self.scaled(x, -1.0);
        self.outcome(read)
    }
    fn binary(&mut self, op: BinaryOp, a: Form, b: Form) -> Outcome<Form> {
        let read = self.combined(op, a, b).and_then(|form| self.settled(form));
        self.outcome(read)
    }
    fn transpose(&mut self, x: Form) -> Outcome<Form> {
        Ok(self.transposed(x))
    }
    fn call(&mut self, function: Function, arguments: Vec<Form>) -> Outcome<Form> {
        let read = (self.applied_to(function, arguments)).and_then(|form| self.settled(form));
        self.outcome(read)
    }
    fn compare(&mut self, a: Form, op: RelationOp, b: Form) -> Outcome<Option<bool>> {
        let numbers = as_number(&a).and_then(|a| Ok((a, as_number(&b)?)));
        let (a, b) = self.outcome(numbers)?;
        Ok(a.partial_cmp(&b).and_then(|order| op.holds_of(order)))
    }

    fn choose(
        &mut self,
        walker: &mut Walker<'_, Form>,
        condition: &Condition,
        then: Id,
        otherwise: Id,
    ) -> Outcome<Form> {
        let holds = self.condition(walker, condition);
        match self.outcome(holds)? {
            true => walker.value(self, then),
            false => walker.value(self, otherwise),
        }
    }
    fn fold(&mut self, walker: &mut Walker<'_, Form>, form: FoldForm) -> Outcome<Form> {
        let read = self.folded(walker, form);
        self.outcome(read)
    }
    fn extremum(&mut self, walker: &mut Walker<'_, Form>, form: ExtremumForm) -> Outcome<Form> {
        let read = self.least_or_greatest(walker, form);
        self.outcome(read)
    }
    fn spectral_sum(&mut self, walker: &mut Walker<'_, Form>, form: SpectralForm) -> Outcome<Form> {
        let read = self.summed_over_spectrum(walker, form);
        self.outcome(read)
    }
    fn expectation(&mut self, walker: &mut Walker<'_, Form>, body: Id) -> Outcome<Form> {
        let read = self.mean(walker, body);
        self.outcome(read)
    }
}

impl Reader<'_> {
    /// What is not put together from its operands' forms: parts without anything random, random objects, and what needs to
    /// know how it is written.
    fn met(&mut self, walker: &mut Walker<'_, Form>, id: Id) -> Option<Read> {
        if !self.is_random(id) && !self.is_read(id) {
            let bound = numbers_bound(walker);
            let value = self.numbers.value(id, bound);
            return Some(value.map_err(Into::into).and_then(|value| {
                self.note(id, &value);
                self.formed(value)
            }));
        }
        match walker.store().node(id) {
            Node::Random(object) => Some(self.object(walker, *object, None)),
            Node::Member(object, index) => Some(
                self.number(walker, *index)
                    .and_then(|index| self.object(walker, *object, Some(index))),
            ),
            Node::Call(Function::Weights, arguments) => Some(self.row_weights(walker, arguments)),
            Node::Call(Function::Rotated, arguments) => Some(self.rotated(walker, arguments)),
            Node::Call(Function::Diag, arguments) => Some(
                self.form(walker, arguments[0])
                    .and_then(|form| self.diagonal_part(form, arguments[0])),
            ),
            _ => None,
        }
    }

    /// Hands over an error of the calculus to the walk, which knows those of evaluation alone.
    fn outcome<T>(&mut self, read: Result<T, EquivalenceError>) -> Outcome<T> {
        read.map_err(|error| match error {
            EquivalenceError::Evaluation(error) => error,
            refused @ EquivalenceError::NotRecognised { .. } => {
                let error = EvaluationError::unsupported(refused.to_string());
                self.refused = Some(refused);
                error
            }
        })
    }

    /// A sum over the spectrum became a trace: outside of expectations, where nothing random stands, it is a number.
    fn settled(&mut self, form: Form) -> Read {
        match form {
            Form::Scalar(pending) if !self.inside && !self.outside => self.averaged(pending),
            other => Ok(other),
        }
    }

    fn condition(
        &mut self,
        walker: &mut Walker<'_, Form>,
        condition: &Condition,
    ) -> Result<bool, EquivalenceError> {
        if condition.terms().into_iter().any(|id| self.is_random(id)) {
            return unrecognised("a condition on random quantities");
        }
        match self.numbers.holds(condition, numbers_bound(walker))? {
            Some(holds) => Ok(holds),
            None => undefined("a condition too close to call"),
        }
    }

    fn folded(&mut self, walker: &mut Walker<'_, Form>, form: FoldForm) -> Read {
        let sums = match form.kind {
            _ if matches!(walker.store().node(form.to), Node::Infinity) => {
                return unrecognised("an infinite sum or product of random quantities");
            }
            Fold::Sum => true,
            Fold::Prod => false,
            Fold::Int => return self.integral(walker, form),
            _ => return unrecognised("a maximum or minimum of random quantities"),
        };
        let (start, end) = self.range(walker, form.from, form.to)?;
        let mut total: Option<Form> = None;
        let mut i = start;
        while i <= end {
            self.sums.push(form.index);
            let next = walker.bound_to(self, form.index, Form::exact(i), form.body);
            self.sums.pop();
            let next = self.read(next)?;
            total = Some(match total {
                None => next,
                Some(sum) if sums => self.plus(sum, next)?,
                Some(product) => self.times(product, next)?,
            });
            i += 1.0;
        }
        match total {
            Some(form) => Ok(form),
            None if sums => Ok(Form::exact(0.0)),
            None => unrecognised("an empty product"),
        }
    }

    /// `Σ f(s_j)` and `Σ c_j² f(s_j)`, term by term.
    fn summed_over_spectrum(&mut self, walker: &mut Walker<'_, Form>, form: SpectralForm) -> Read {
        let (start, end) = self.range(walker, form.from, form.to)?;
        let covariance = &self.environment.covariance;
        let mut total = Form::exact(0.0);
        let mut j = start;
        while j <= end {
            let s = Form::exact(covariance.eigenvalue(&j)?);
            self.sums.push(form.eigenvalue);
            let next = walker.bound_to(self, form.eigenvalue, s, form.body);
            self.sums.pop();
            let mut next = self.read(next)?;
            if form.weighted {
                let c = covariance.coefficient(&j)?;
                next = self.scaled(next, c * c)?;
            }
            total = self.plus(total, next)?;
            j += 1.0;
        }
        Ok(total)
    }

    fn range(
        &mut self,
        walker: &mut Walker<'_, Form>,
        from: Id,
        to: Id,
    ) -> Result<(f64, f64), EquivalenceError> {
        let start = self.whole(walker, from, "the start of a sum")?;
        let end = self.number(walker, to)?;
        if end - start > MAX_COUNT {
            return unrecognised(format!("a sum or product of more than {MAX_COUNT} terms"));
        }
        Ok((start, end))
    }
}
