//! Exact rational form as an algebra over terms.

use std::collections::HashMap;

use num_rational::BigRational;

use super::atom::Atom;
use super::fraction::Fraction;
use super::function::opaque;
use super::ground::{Exact, Ground, Question, Stop, beyond};
use super::inverse;
use super::kappa::kappa;
use super::letter::{Element, Kind, Letter};
use super::operation::{self as op, Value};
use super::polynomial::{Polynomial, Variable};
use super::{form, mean, modulo};
use crate::formula::ast::{BinaryOp, Fold, Function, RelationOp};
use crate::formula::function::Rule;
use crate::number::Coefficient;
use crate::term::{
    Algebra, Binder, EvaluationError, ExtremumForm, FoldForm, Id, LawTerms, ModelId, Node,
    OfSpectrum, Outcome, RandomId, SpectralForm, Statement, Store, SymbolId, Walker,
};

/// Longest sum or product that is written out.
pub(super) const MAX_TERMS: i64 = 64;
/// A whole symbol with at most so many values is taken value by value.
pub const MAX_VALUES: i64 = 16;

/// Exact values of the terms of one statement, in one case.
pub struct Exactly<'s> {
    pub ground: Ground,
    pub(super) statement: &'s Statement,
    pub symbols: HashMap<SymbolId, Variable>,
    pub(super) objects: HashMap<(RandomId, i64, bool), u32>,
    /// Values of terms evaluated outside of the walk: sizes and scales of random objects.
    depth: usize,
    /// Why the last walk stopped.
    stop: Option<Stop>,
}

pub(super) type Walk<'a> = Walker<'a, Value>;

impl<'s> Exactly<'s> {
    pub fn new(ground: Ground, statement: &'s Statement) -> Self {
        Self {
            ground,
            statement,
            symbols: HashMap::new(),
            objects: HashMap::new(),
            depth: 0,
            stop: None,
        }
    }

    /// The value of a term.
    ///
    /// # Errors
    /// Why it has none.
    pub fn value(&mut self, walker: &mut Walk<'s>, id: Id) -> Exact<Value> {
        self.stop = None;
        let value = walker.value(self, id);
        value.map_err(|error| self.stop.take().unwrap_or_else(|| error.into()))
    }

    /// A size or scale of a random object.
    pub(super) fn parameter(&mut self, id: Id) -> Exact<Fraction> {
        self.apart(id)?.scalar()
    }

    /// The value of a term outside of the walk.
    pub(super) fn apart(&mut self, id: Id) -> Exact<Value> {
        if self.depth > 16 {
            return beyond("random objects that depend on one another");
        }
        self.depth += 1;
        let mut walker = Walker::new(&self.statement.store);
        let value = self.value(&mut walker, id);
        self.depth -= 1;
        value
    }

    pub(super) fn told<T>(&mut self, result: Exact<T>) -> Outcome<T> {
        result.map_err(|stop| {
            let error = EvaluationError::unsupported(format!("{stop:?}"));
            self.stop = Some(stop);
            error
        })
    }

    /// A whole number; a symbol with few values is asked for.
    pub(super) fn whole(&mut self, f: &Fraction) -> Exact<i64> {
        if let Some(n) = f.as_constant().and_then(|c| c.to_integer()) {
            return Ok(n);
        }
        self.enumerate(f)
    }

    /// Asks for the value of a whole symbol of `f` that has few.
    fn enumerate<T>(&mut self, f: &Fraction) -> Exact<T> {
        for v in f.variables() {
            if !matches!(
                self.ground.atom(v),
                Some(Atom::Symbol { integer: true, .. })
            ) {
                continue;
            }
            if let Some((Some(low), Some(high))) = self.ground.ranges.get(&v)
                && let (Some(from), Some(to)) = (low.to_integer(), high.to_integer())
                && to - from < MAX_VALUES
            {
                return Err(Stop::Branch(Question::Values {
                    symbol: v,
                    from,
                    to,
                }));
            }
        }
        beyond("a number of terms or generations that is a symbol with many values")
    }

    fn less(&mut self, a: Fraction, op: RelationOp, b: Fraction) -> Exact<bool> {
        let gap = b.sub(&a);
        match op {
            RelationOp::Le => self.ground.at_least_zero(&gap),
            RelationOp::Ge => self.ground.at_least_zero(&gap.neg()),
            RelationOp::Lt => Ok(!self.ground.at_least_zero(&gap.neg())?),
            RelationOp::Gt => Ok(!self.ground.at_least_zero(&gap)?),
            RelationOp::Eq => {
                if gap.is_zero() {
                    return Ok(true);
                }
                if self.ground.is_positive(&gap) || self.ground.is_positive(&gap.neg()) {
                    return Ok(false);
                }
                self.enumerate(&gap)
            }
            _ => beyond("a condition about a limit"),
        }
    }

    fn function(&mut self, function: Function, mut arguments: Vec<Value>) -> Exact<Value> {
        let ground = &mut self.ground;
        // A matrix that vanishes is still no number.
        if function.rule() == Rule::OfSigma && !matches!(arguments[0], Value::Scalar(_)) {
            return beyond(format!("`{}` of a matrix", function.name()));
        }
        match function {
            Function::Sqrt => {
                let x = arguments.remove(0).scalar()?;
                Ok(Value::Scalar(op::square_root(ground, &x)?))
            }
            Function::Abs => {
                let x = arguments.remove(0).scalar()?;
                let positive = ground.is_upper(&x)?;
                Ok(Value::Scalar(if positive { x } else { x.neg() }))
            }
            Function::Min | Function::Max => {
                let mut best: Option<Fraction> = None;
                for value in arguments {
                    let x = value.scalar()?;
                    best = Some(match best {
                        None => x,
                        Some(y) => {
                            let larger = ground.is_upper(&x.sub(&y))?;
                            if larger == (function == Function::Max) {
                                x
                            } else {
                                y
                            }
                        }
                    });
                }
                Ok(Value::Scalar(best.unwrap_or_else(Fraction::zero)))
            }
            Function::Inv => match arguments.remove(0) {
                Value::Scalar(x) => Ok(Value::Scalar(ground.inverse(&x)?)),
                value => Ok(Value::Matrix(inverse::inverse(ground, &value.matrix()?)?)),
            },
            Function::Pinv => {
                let m = arguments.remove(0).matrix()?;
                Ok(Value::Matrix(inverse::pseudo_inverse(ground, &m)?))
            }
            Function::Proj => {
                let m = arguments.remove(0).matrix()?;
                Ok(Value::Matrix(inverse::projection(ground, &m)?))
            }
            Function::Norm2 => {
                let v = arguments.remove(0).matrix()?;
                let mut right = v.clone();
                if !arguments.is_empty() {
                    right = arguments.remove(0).matrix()?.mul(&right, ground)?;
                }
                let product =
                    op::multiply(ground, Value::Matrix(v.transpose()), Value::Matrix(right))?;
                Ok(Value::Scalar(product.scalar()?))
            }
            Function::Ridge => {
                let x = arguments.remove(0).matrix()?;
                let y = arguments.remove(0).matrix()?;
                let lambda = arguments.remove(0).scalar()?;
                Ok(Value::Matrix(inverse::ridge(ground, &x, &y, &lambda)?))
            }
            Function::Exp
            | Function::Log
            | Function::Gamma
            | Function::Zeta
            | Function::Sin
            | Function::Cos => {
                let x = arguments.remove(0).scalar()?;
                Ok(Value::Scalar(opaque(ground, function, x)?))
            }
            other => beyond(format!("`{}`", other.name())),
        }
    }

    fn quantity(&mut self, what: OfSpectrum<Value>) -> Exact<Value> {
        let f = match what {
            OfSpectrum::Kappa(ridge, samples) => {
                kappa(&mut self.ground, &ridge.scalar()?, &samples.scalar()?)?
            }
            OfSpectrum::Df(order, k) => {
                super::kappa::degrees(&mut self.ground, &order.scalar()?, &k.scalar()?)?
            }
            OfSpectrum::Eigenvalue(_) | OfSpectrum::Coefficient(_) => {
                return beyond("a single eigenvalue or coefficient");
            }
        };
        Ok(Value::Scalar(f))
    }

    /// The trace of a term, whose shape tells what the trace of the identity is.
    fn trace(&mut self, walker: &mut Walk<'_>, argument: Id) -> Outcome<Value> {
        let shape = walker.store().shape(argument);
        let value = walker.value(self, argument)?;
        let dimension = walker.store().model(self.statement.model).dimension;
        let rows = match shape {
            crate::term::Shape::Matrix { rows, .. } if Some(rows) != dimension => Some(rows),
            _ => None,
        };
        let size = match rows {
            Some(rows) if !walker.store().free(rows).is_empty() => {
                let result = beyond("a matrix whose size a bound variable changes");
                return self.told(result);
            }
            Some(rows) => {
                let rows = walker.value(self, rows)?;
                Some(self.told(rows.scalar())?)
            }
            None => None,
        };
        let result = match value {
            Value::Scalar(x) => Ok(Value::Scalar(x)),
            Value::Matrix(m) => form::trace(&mut self.ground, &m, size.as_ref()).map(Value::Scalar),
            Value::Mean(_) => beyond("the trace of a mean"),
        };
        self.told(result)
    }
}

impl Algebra for Exactly<'_> {
    type Value = Value;

    fn intercept(&mut self, walker: &mut Walk<'_>, id: Id) -> Option<Outcome<Value>> {
        match walker.store().node(id) {
            Node::Call(Function::Tr, arguments) => Some(self.trace(walker, arguments[0])),
            node if node.model().is_some_and(|m| m != self.statement.model) => {
                let result = beyond("a spectrum that a bound variable changes");
                Some(self.told(result))
            }
            _ => None,
        }
    }

    fn number(&mut self, value: &BigRational) -> Outcome<Value> {
        Ok(Value::Scalar(Fraction::constant(
            Coefficient::from_rational(value.clone()),
        )))
    }

    fn infinity(&mut self) -> Outcome<Value> {
        let result = beyond("infinity");
        self.told(result)
    }

    fn pi(&mut self) -> Outcome<Value> {
        let atom = self.ground.intern(Atom::Function {
            name: "pi",
            arguments: Vec::new(),
        });
        self.ground.set_sign(atom, true);
        Ok(Value::Scalar(Fraction::variable(atom)))
    }

    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Value> {
        let Some(&v) = self.symbols.get(&symbol) else {
            let result = beyond(format!(
                "the symbol {} without a domain",
                store.symbol_name(symbol)
            ));
            return self.told(result);
        };
        let value = self.ground.values.get(&v).cloned();
        Ok(Value::Scalar(
            value.unwrap_or_else(|| Fraction::variable(v)),
        ))
    }

    fn unbound(&mut self, store: &Store, binder: Binder) -> Outcome<Value> {
        let result = beyond(format!(
            "the variable {} as such",
            store.binder_name(binder)
        ));
        self.told(result)
    }

    fn random(&mut self, store: &Store, id: RandomId, member: Option<Value>) -> Outcome<Value> {
        let result = (|| {
            let number = match member {
                Some(value) => {
                    let value = value.scalar()?;
                    self.whole(&value)?
                }
                None => 0,
            };
            if let LawTerms::Labeller { .. } = store.random(id).law {
                return self.labeller(id);
            }
            Ok(Value::Matrix(Element::letter(
                self.random_letter(id, number)?,
            )))
        })();
        self.told(result)
    }

    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Value> {
        Ok(Value::Matrix(Element::spectral(self.ground.eigenvalue())))
    }

    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Value> {
        Ok(Value::Matrix(Element::letter(Letter::new(Kind::Target))))
    }

    fn identity(&mut self, _: &mut Walk<'_>, _: Option<Id>) -> Outcome<Value> {
        Ok(Value::Matrix(Element::spectral(Fraction::one())))
    }

    fn of_spectrum(&mut self, _: &Store, _: ModelId, what: OfSpectrum<Value>) -> Outcome<Value> {
        let result = self.quantity(what);
        self.told(result)
    }

    fn negate(&mut self, x: Value) -> Outcome<Value> {
        Ok(op::negate(x))
    }

    fn binary(&mut self, operator: BinaryOp, a: Value, b: Value) -> Outcome<Value> {
        let ground = &mut self.ground;
        let result = match operator {
            BinaryOp::Add => op::add(a, b),
            BinaryOp::Sub => op::difference(ground, a, b),
            BinaryOp::Mul => op::multiply(ground, a, b),
            BinaryOp::Div => op::divide(ground, a, b),
            BinaryOp::Pow => op::power(ground, a, b),
        };
        self.told(result)
    }

    fn transpose(&mut self, x: Value) -> Outcome<Value> {
        let result = op::transpose(x);
        self.told(result)
    }

    fn call(&mut self, function: Function, arguments: Vec<Value>) -> Outcome<Value> {
        let result = self.function(function, arguments);
        self.told(result)
    }

    fn compare(&mut self, a: Value, operator: RelationOp, b: Value) -> Outcome<Option<bool>> {
        let result = (|| {
            let (a, b) = (a.scalar()?, b.scalar()?);
            self.less(a, operator, b).map(Some)
        })();
        self.told(result)
    }

    fn fold(&mut self, walker: &mut Walk<'_>, form: FoldForm) -> Outcome<Value> {
        if !matches!(form.kind, Fold::Sum | Fold::Prod) {
            let refused = beyond(format!("`{}` over a range", form.kind.name()));
            return self.told(refused);
        }
        let from = walker.value(self, form.from)?;
        if matches!(walker.store().node(form.to), Node::Infinity) {
            let value = self.series(walker, form, &from, None)?;
            return self.told(value.map_or_else(|| beyond("such an endless sum"), Ok));
        }
        let to = walker.value(self, form.to)?;
        let ends = (from.clone(), to.clone());
        let range = (|| {
            let (from, to) = (from.scalar()?, to.scalar()?);
            // Both ends may depend on the same symbol: its value settles both.
            let ends = (self.whole(&from)?, self.whole(&to)?);
            if ends.1 - ends.0 >= MAX_TERMS {
                return beyond("a long sum or product");
            }
            Ok(ends)
        })();
        if matches!(range, Err(Stop::Beyond(_)))
            && let Some(value) = self.series(walker, form, &ends.0, Some(&ends.1))?
        {
            return Ok(value);
        }
        let (from, to) = self.told(range)?;
        let mut total: Option<Value> = None;
        for i in from..=to {
            let index = Value::Scalar(Fraction::integer(i));
            let term = walker.bound_to(self, form.index, index, form.body)?;
            total = Some(match total {
                None => term,
                Some(sum) => {
                    let result = match form.kind {
                        Fold::Sum => op::add(sum, term),
                        _ => op::multiply(&mut self.ground, sum, term),
                    };
                    self.told(result)?
                }
            });
        }
        if let Some(total) = total {
            return Ok(total);
        }
        // An empty sum is 0, an empty product 1 or I.
        let shape = walker.store().shape(form.body);
        Ok(match (form.kind, shape.is_scalar()) {
            (Fold::Sum, true) => Value::Scalar(Fraction::zero()),
            (Fold::Sum, false) => Value::Matrix(Element::default()),
            (_, true) => Value::Scalar(Fraction::one()),
            (_, false) => Value::Matrix(Element::spectral(Fraction::one())),
        })
    }

    fn extremum(&mut self, _: &mut Walk<'_>, _: ExtremumForm) -> Outcome<Value> {
        let result = beyond("a minimum");
        self.told(result)
    }

    fn spectral_sum(&mut self, _: &mut Walk<'_>, _: SpectralForm) -> Outcome<Value> {
        let result = beyond("a sum over part of the spectrum");
        self.told(result)
    }

    fn expectation(&mut self, walker: &mut Walk<'_>, body: Id) -> Outcome<Value> {
        let value = walker.value(self, body)?;
        let result = match value {
            Value::Scalar(x) => mean::mean(&mut self.ground, &x).map(Value::Scalar),
            Value::Matrix(m)
                if m.terms.iter().all(|(w, c)| {
                    w.iter().all(|l| l.object().is_none())
                        && c.variables()
                            .into_iter()
                            .all(|v| self.ground.atom(v).is_none_or(|a| !a.is_random()))
                }) =>
            {
                Ok(Value::Matrix(m))
            }
            Value::Matrix(m) => op::probed(&mut self.ground, &m)
                .and_then(|x| mean::mean(&mut self.ground, &x))
                .map(Value::Mean),
            mean @ Value::Mean(_) => Ok(mean),
        };
        self.told(result)
    }
}

/// Whether a value is 0, equations of `κ` and of roots included.
pub fn is_zero(ground: &mut Ground, value: &Value) -> bool {
    match value {
        Value::Scalar(x) | Value::Mean(x) => remainder(ground, x).is_zero(),
        Value::Matrix(m) => m.terms.values().all(|c| remainder(ground, c).is_zero()),
    }
}

fn remainder(ground: &mut Ground, x: &Fraction) -> Polynomial {
    if x.is_zero() {
        return Polynomial::zero();
    }
    modulo::reduce(ground, x)
}
