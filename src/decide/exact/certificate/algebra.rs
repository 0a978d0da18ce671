//! The walk over terms that writes them.

use num_rational::BigRational;

use super::super::atom::Moment;
use super::super::fraction::Fraction;
use super::super::ground::beyond;
use super::super::letter::{Element, Kind, Letter};
use super::super::operation::{self as op, Value};
use super::print::number;
use super::writer::{Text, Writer, Written, transposed};
use crate::formula::ast::{BinaryOp, Function, RelationOp};
use crate::term::{
    Algebra, EvaluationError, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome,
    RandomId, SpectralForm, Store, SymbolId, Walker,
};

impl Algebra for Writer<'_> {
    type Value = Written;

    fn intercept(&mut self, walker: &mut Walker<'_, Written>, id: Id) -> Option<Outcome<Written>> {
        let Node::Call(Function::Tr, arguments) = walker.store().node(id) else {
            return None;
        };
        let argument = match walker.value(self, arguments[0]) {
            Ok(value) => value,
            Err(error) => return Some(Err(error)),
        };
        let result = (|| {
            let Text::Function(function) = &argument.text else {
                return beyond("the trace of such a matrix");
            };
            let Some(f) = argument.exact.clone().matrix()?.as_spectral() else {
                return beyond("the trace of such a matrix");
            };
            let call = format!("(tr (fun s => {function}) S)");
            self.sum(Moment::Trace, call, function.clone(), &f)
        })();
        Some(self.told(result))
    }

    fn number(&mut self, value: &BigRational) -> Outcome<Written> {
        Ok(Written {
            text: Text::Scalar(number(value)),
            exact: self.exact.number(value)?,
        })
    }

    fn infinity(&mut self) -> Outcome<Written> {
        Err(EvaluationError::unsupported("infinity"))
    }

    fn pi(&mut self) -> Outcome<Written> {
        Err(EvaluationError::unsupported("pi"))
    }

    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Written> {
        if self.derivative == Some(symbol)
            && let Some(value) = &self.slope
        {
            return Ok(Written {
                text: Text::Scalar("D".into()),
                exact: value.clone(),
            });
        }
        if let Some(at) = self.slopes.iter().position(|s| s.0 == symbol) {
            return Ok(Written {
                text: Text::Scalar(format!("D{}", at + 2)),
                exact: self.slopes[at].2.clone(),
            });
        }
        let Some(name) = self.names.get(&symbol).cloned() else {
            return Err(EvaluationError::unsupported("a symbol without a domain"));
        };
        if !self.used.contains(&symbol) {
            self.used.push(symbol);
        }
        Ok(Written {
            text: Text::Scalar(name),
            exact: self.exact.symbol(store, symbol)?,
        })
    }

    fn random(&mut self, _: &Store, _: RandomId, _: Option<Written>) -> Outcome<Written> {
        Err(EvaluationError::unsupported("a random object"))
    }

    fn sigma(&mut self, store: &Store, model: ModelId) -> Outcome<Written> {
        if model != self.statement.model {
            return Err(EvaluationError::unsupported("another spectrum"));
        }
        Ok(Written {
            text: Text::Function("s".into()),
            exact: self.exact.sigma(store, model)?,
        })
    }

    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Written> {
        Ok(Written {
            text: Text::Vector("1".into()),
            exact: Value::Matrix(Element::letter(Letter::new(Kind::Target))),
        })
    }

    fn identity(&mut self, _: &mut Walker<'_, Written>, _: Option<Id>) -> Outcome<Written> {
        Ok(Written {
            text: Text::Function("1".into()),
            exact: Value::Matrix(Element::spectral(Fraction::one())),
        })
    }

    fn of_spectrum(
        &mut self,
        _: &Store,
        model: ModelId,
        what: OfSpectrum<Written>,
    ) -> Outcome<Written> {
        let result = if model == self.statement.model {
            self.quantity(what)
        } else {
            beyond("another spectrum")
        };
        self.told(result)
    }

    fn negate(&mut self, x: Written) -> Outcome<Written> {
        let minus = |t: &str| format!("(- {t})");
        let text = match &x.text {
            Text::Scalar(t) => Text::Scalar(minus(t)),
            Text::Function(t) => Text::Function(minus(t)),
            Text::Vector(t) => Text::Vector(minus(t)),
            Text::Row(t) => Text::Row(minus(t)),
        };
        Ok(Written {
            text,
            exact: op::negate(x.exact),
        })
    }

    fn binary(&mut self, operator: BinaryOp, a: Written, b: Written) -> Outcome<Written> {
        use Text::{Function, Row, Scalar, Vector};
        let result = match operator {
            BinaryOp::Mul => self.product(a, b),
            BinaryOp::Pow => self.power(a, b),
            BinaryOp::Add | BinaryOp::Sub => {
                let sign = operator.symbol();
                let join = |x: &str, y: &str| format!("({x} {sign} {y})");
                let text = match (&a.text, &b.text) {
                    (Scalar(x), Scalar(y)) => Some(Scalar(join(x, y))),
                    (Function(x), Function(y)) => Some(Function(join(x, y))),
                    (Vector(x), Vector(y)) => Some(Vector(join(x, y))),
                    (Row(x), Row(y)) => Some(Row(join(x, y))),
                    _ => None,
                };
                let exact = if operator == BinaryOp::Add {
                    op::add(a.exact, b.exact)
                } else {
                    op::difference(&mut self.exact.ground, a.exact, b.exact)
                };
                match text {
                    Some(text) => exact.map(|exact| Written { text, exact }),
                    None => beyond("such a sum"),
                }
            }
            BinaryOp::Div => match (&a.text, &b.text) {
                (_, Scalar(y)) => {
                    let over = |x: &str| format!("({x} / {y})");
                    let text = match &a.text {
                        Scalar(x) => Scalar(over(x)),
                        Function(x) => Function(over(x)),
                        Vector(x) => Vector(over(x)),
                        Row(x) => Row(over(x)),
                    };
                    op::divide(&mut self.exact.ground, a.exact, b.exact)
                        .map(|exact| Written { text, exact })
                }
                _ => beyond("such a quotient"),
            },
        };
        self.told(result)
    }

    fn transpose(&mut self, x: Written) -> Outcome<Written> {
        let result = transposed(x);
        self.told(result)
    }

    fn call(&mut self, function: Function, arguments: Vec<Written>) -> Outcome<Written> {
        let result = self.function(function, arguments);
        self.told(result)
    }

    fn compare(&mut self, _: Written, _: RelationOp, _: Written) -> Outcome<Option<bool>> {
        Err(EvaluationError::unsupported("a condition"))
    }

    fn fold(&mut self, _: &mut Walker<'_, Written>, _: FoldForm) -> Outcome<Written> {
        Err(EvaluationError::unsupported("a sum over an index"))
    }

    fn extremum(&mut self, _: &mut Walker<'_, Written>, _: ExtremumForm) -> Outcome<Written> {
        Err(EvaluationError::unsupported("a minimum"))
    }

    fn spectral_sum(&mut self, _: &mut Walker<'_, Written>, _: SpectralForm) -> Outcome<Written> {
        Err(EvaluationError::unsupported("a part of the spectrum"))
    }

    fn expectation(&mut self, _: &mut Walker<'_, Written>, _: Id) -> Outcome<Written> {
        Err(EvaluationError::unsupported("a mean"))
    }
}
