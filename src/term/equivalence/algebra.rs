//! What each word of the language is as a form.

use num_rational::BigRational;

use super::error::{undefined, unrecognised};
use super::{EquivalenceError, Form, Read, Reader, Walk, averaged};
use crate::formula::ast::{BinaryOp, Function, RelationOp};
use crate::term::evaluate::{EvaluationError, LinearAlgebra, compared};
use crate::term::{
    Algebra, Condition, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome, RandomId,
    SpectralForm, Store, SymbolId,
};

/// Leaves never come so far: [`Reader::deterministic`] gives their values, [`Reader::object`] those that are random.
fn leaf<T>() -> Outcome<T> {
    Err(EvaluationError::unsupported("a leaf of an equivalent"))
}

impl<R: LinearAlgebra> Reader<'_, R> {
    /// What is random for its `E[…]`s alone, such as `tr(E[x]*Sigma)`, is no more than its average.
    fn average(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Option<Read<R>> {
        let store = walker.store();
        let form = match *store.node(id) {
            Node::Binary(BinaryOp::Mul, a, b) if store.shape(id).is_scalar() => {
                let sides = walker
                    .value(self, a)
                    .and_then(|a| Ok((a, walker.value(self, b)?)));
                sides
                    .map_err(EquivalenceError::from)
                    .and_then(|(a, b)| self.product(a, b))
            }
            Node::Call(Function::Tr, ref arguments) => self.trace(walker, arguments[0]),
            _ => return None,
        };
        Some(form.and_then(|form| match form {
            Form::Scalar(_) => averaged(form).map(Form::Number),
            other => Ok(other),
        }))
    }
}

impl<R: LinearAlgebra> Algebra for Reader<'_, R> {
    type Value = Form<R>;

    fn intercept(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Option<Outcome<Form<R>>> {
        let store = walker.store();
        if !self.is_random(store, id) {
            let read = self.deterministic(walker, id);
            return Some(self.outcome(read));
        }
        if !store.is_random(id)
            && let Some(read) = self.average(walker, id)
        {
            return Some(self.outcome(read));
        }
        let read = match store.node(id) {
            Node::Random(object) => self.object(walker, *object, None),
            Node::Member(object, index) => self.object(walker, *object, Some(*index)),
            Node::Call(Function::Tr, arguments) => self.trace(walker, arguments[0]),
            Node::Call(function, _) if !Self::covers(*function) => {
                unrecognised("a function of random quantities")
            }
            Node::Eigenvalue(..) | Node::Coefficient(..) | Node::Kappa(..) | Node::Df(..) => {
                unrecognised("a function of random quantities")
            }
            _ => return None,
        };
        Some(self.outcome(read))
    }

    fn number(&mut self, _: &BigRational) -> Outcome<Form<R>> {
        leaf()
    }
    fn infinity(&mut self) -> Outcome<Form<R>> {
        leaf()
    }
    fn pi(&mut self) -> Outcome<Form<R>> {
        leaf()
    }
    fn symbol(&mut self, _: &Store, _: SymbolId) -> Outcome<Form<R>> {
        leaf()
    }
    fn random(&mut self, _: &Store, _: RandomId, _: Option<Form<R>>) -> Outcome<Form<R>> {
        leaf()
    }
    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Form<R>> {
        leaf()
    }
    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Form<R>> {
        leaf()
    }
    fn identity(&mut self, _: Walk<'_, '_, R>, _: Option<Id>) -> Outcome<Form<R>> {
        leaf()
    }
    fn of_spectrum(&mut self, _: &Store, _: ModelId, _: OfSpectrum<Form<R>>) -> Outcome<Form<R>> {
        leaf()
    }

    fn negate(&mut self, x: Form<R>) -> Outcome<Form<R>> {
        Ok(self.scaled(x, &-R::one()))
    }
    fn binary(&mut self, op: BinaryOp, a: Form<R>, b: Form<R>) -> Outcome<Form<R>> {
        let read = self.combined(op, a, b);
        self.outcome(read)
    }
    fn transpose(&mut self, x: Form<R>) -> Outcome<Form<R>> {
        Ok(match x {
            Form::Matrix(m) => Form::Matrix(m.transposed()),
            Form::Column(v) => Form::Row(v),
            Form::Row(v) => Form::Column(v),
            scalar => scalar,
        })
    }
    fn call(&mut self, function: Function, arguments: Vec<Form<R>>) -> Outcome<Form<R>> {
        let read = self.applied(function, arguments);
        self.outcome(read)
    }
    fn compare(&mut self, a: Form<R>, op: RelationOp, b: Form<R>) -> Outcome<Option<bool>> {
        let sides = a.number().and_then(|a| Ok((a, b.number()?)));
        let (a, b) = self.outcome(sides)?;
        compared(&a, op, &b)
    }
    fn choose(
        &mut self,
        walker: Walk<'_, '_, R>,
        condition: &Condition,
        then: Id,
        otherwise: Id,
    ) -> Outcome<Form<R>> {
        let store = walker.store();
        let mut terms = condition.terms().into_iter();
        if terms.any(|term| self.is_random(store, term)) {
            return self.outcome(unrecognised("a condition on random quantities"));
        }
        match walker.holds(self, condition)? {
            Some(true) => walker.value(self, then),
            Some(false) => walker.value(self, otherwise),
            None => self.outcome(undefined("a condition too close to call")),
        }
    }

    fn fold(&mut self, walker: Walk<'_, '_, R>, form: FoldForm) -> Outcome<Form<R>> {
        let read = self.folded(walker, form);
        self.outcome(read)
    }
    fn extremum(&mut self, walker: Walk<'_, '_, R>, form: ExtremumForm) -> Outcome<Form<R>> {
        let read = self.extreme(walker, form);
        self.outcome(read)
    }
    fn spectral_sum(&mut self, walker: Walk<'_, '_, R>, form: SpectralForm) -> Outcome<Form<R>> {
        let read = self.summed_over_spectrum(walker, form);
        self.outcome(read)
    }
    fn expectation(&mut self, walker: Walk<'_, '_, R>, body: Id) -> Outcome<Form<R>> {
        let body = walker.value(self, body)?;
        let read = self.expected(body);
        self.outcome(read)
    }
}
