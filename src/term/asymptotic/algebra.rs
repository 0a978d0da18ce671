//! What each word of the language is as a germ.

use num_rational::BigRational;

use super::evaluate::Value::{self, Scalar, Spectral as Operator, Target};
use super::evaluate::{Along, Germs, compared, outcome, unsupported};
use super::quantity::Quantity;
use super::spectral::Spectral;
use crate::formula::ast::{BinaryOp, Function, RelationOp};
use crate::scaling::Coefficient;
use crate::term::{
    Algebra, EvaluationError, ExtremumForm, FoldForm, Id, ModelId, OfSpectrum, Outcome, RandomId,
    SpectralForm, Store, SymbolId,
};

fn one() -> Spectral {
    Spectral::Constant(Quantity::integer(1))
}

impl Algebra for Germs<'_> {
    type Value = Value;

    fn intercept(&mut self, walker: &mut Along<'_>, id: Id) -> Option<Outcome<Value>> {
        if let Some((branch, sign)) = self.chosen(id) {
            let value = walker.value(self, branch);
            return Some(value.and_then(|value| match sign {
                1 => Ok(value),
                _ => outcome(self.scaled(value, &Quantity::integer(sign))),
            }));
        }
        if let Some((given, value)) = &self.given
            && *given == id
        {
            return Some(Ok(Scalar(value.clone())));
        }
        (self.by_its_logarithm(walker, id)).map(|value| outcome(value.map(Scalar)))
    }

    fn number(&mut self, value: &BigRational) -> Outcome<Value> {
        Ok(Scalar(value.clone().into()))
    }
    fn infinity(&mut self) -> Outcome<Value> {
        outcome(unsupported("infinity as a number"))
    }
    fn pi(&mut self) -> Outcome<Value> {
        Ok(Scalar(Quantity::constant(Coefficient::pi())))
    }
    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Value> {
        match self.symbol_at(symbol.index()) {
            Some(value) => Ok(Scalar(value.clone())),
            None => Err(EvaluationError::unsupported(format!(
                "{}, which has no value along the limit",
                store.symbol_name(symbol)
            ))),
        }
    }
    fn random(&mut self, store: &Store, object: RandomId, _: Option<Value>) -> Outcome<Value> {
        let name = &store.random(object).name;
        outcome(unsupported(&format!("the random {name}")))
    }
    fn sigma(&mut self, _: &Store, model: ModelId) -> Outcome<Value> {
        Ok(Operator(Spectral::eigenvalue(self.spectrum_of(model)?)))
    }
    fn target(&mut self, _: &Store, model: ModelId) -> Outcome<Value> {
        self.spectrum_of(model)?;
        Ok(Target {
            f: one(),
            row: false,
        })
    }
    fn identity(&mut self, walker: &mut Along<'_>, size: Option<Id>) -> Outcome<Value> {
        let store = walker.store();
        match size {
            Some(size) if store.model(self.model).dimension != Some(size) => {
                outcome(unsupported("an identity of another size"))
            }
            _ => Ok(Operator(one())),
        }
    }

    fn of_spectrum(
        &mut self,
        _: &Store,
        model: ModelId,
        what: OfSpectrum<Value>,
    ) -> Outcome<Value> {
        self.spectrum_of(model)?;
        let value = match what {
            OfSpectrum::Eigenvalue(j) => self.eigenvalue(&j.scalar()?),
            OfSpectrum::Coefficient(j) => self.coefficient(&j.scalar()?),
            OfSpectrum::Kappa(lambda, samples) => self.kappa(&lambda.scalar()?, &samples.scalar()?),
            OfSpectrum::Df(m, kappa) => self.degrees_of_freedom(&m.scalar()?, kappa.scalar()?),
        };
        Ok(Scalar(value?))
    }

    fn negate(&mut self, x: Value) -> Outcome<Value> {
        outcome(self.scaled(x, &Quantity::integer(-1)))
    }
    fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Outcome<Value> {
        outcome(self.combined(op, a, b))
    }
    fn transpose(&mut self, x: Value) -> Outcome<Value> {
        Ok(match x {
            Target { f, row } => Target { f, row: !row },
            other => other,
        })
    }
    fn call(&mut self, function: Function, arguments: Vec<Value>) -> Outcome<Value> {
        outcome(self.applied(function, arguments))
    }
    fn compare(&mut self, a: Value, op: RelationOp, b: Value) -> Outcome<Option<bool>> {
        Ok(Some(compared(&a.scalar()?, op, &b.scalar()?)?))
    }

    fn fold(&mut self, walker: &mut Along<'_>, form: FoldForm) -> Outcome<Value> {
        outcome(self.folded(walker, form))
    }
    fn extremum(&mut self, walker: &mut Along<'_>, form: ExtremumForm) -> Outcome<Value> {
        Ok(Scalar(self.extreme_value(walker, form)?))
    }
    fn spectral_sum(&mut self, walker: &mut Along<'_>, form: SpectralForm) -> Outcome<Value> {
        Ok(Scalar(self.sum_over_spectrum(walker, form)?))
    }
    fn expectation(&mut self, _: &mut Along<'_>, _: Id) -> Outcome<Value> {
        outcome(unsupported("an expectation along a limit"))
    }
}
