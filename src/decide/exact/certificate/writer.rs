//! Terms as Rocq expressions, each with its exact value: what is stated is the claim, what is proved with is its
//! normal form.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed};

use super::super::algebra::Exactly;
use super::super::atom::{Atom, EIGENVALUE, Moment};
use super::super::fraction::Fraction;
use super::super::ground::Stop;
use super::super::operation::{self as op, Exact, Value, beyond};
use super::super::polynomial::{Polynomial, Variable};
use super::super::word::{Element, Kind, Letter};
use crate::formula::ast::{BinaryOp, Function, RelationOp};
use crate::term::{
    Algebra, EvaluationError, ExtremumForm, FoldForm, Id, ModelId, Node, OfSpectrum, Outcome,
    RandomId, SpectralForm, Statement, Store, SymbolId, Walker,
};

/// What an expression is in Rocq.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    Scalar(String),
    /// A function of `Σ`: its value at the eigenvalue `s`.
    Function(String),
    /// `f(Σ)w0`: `f` at `s`.
    Vector(String),
    Row(String),
}

#[derive(Clone, Debug)]
pub struct Written {
    pub text: Text,
    pub exact: Value,
}

/// A sum over the spectrum that occurs: how it is written, its function in Rocq and in exact form.
#[derive(Clone, Debug)]
pub struct Sum {
    pub call: String,
    pub function: String,
    pub kind: Moment,
    pub exact: Fraction,
}

/// `κ` as it occurs.
#[derive(Clone, Debug)]
pub struct Root {
    pub name: String,
    pub ridge: String,
    pub samples: String,
    /// 0 where the assumptions say so.
    pub exact: Fraction,
    pub exact_ridge: Fraction,
}

pub struct Writer<'s> {
    pub exact: Exactly<'s>,
    statement: &'s Statement,
    pub names: BTreeMap<SymbolId, String>,
    pub used: Vec<SymbolId>,
    pub roots: Vec<Root>,
    pub sums: Vec<Sum>,
    /// Names of independent sums, once they have them.
    pub bases: Vec<(Moment, Polynomial, i32, String)>,
    stop: Option<Stop>,
}

const TAKEN: [&str; 22] = [
    "S",
    "tr",
    "df",
    "quad",
    "dim",
    "positive",
    "isotropic",
    "spectrum",
    "R",
    "s",
    "p",
    "as",
    "at",
    "fun",
    "in",
    "if",
    "let",
    "end",
    "sum",
    "pi",
    "exp",
    "ln",
];

impl<'s> Writer<'s> {
    pub fn new(exact: Exactly<'s>, statement: &'s Statement) -> Self {
        let names = statement
            .symbols
            .iter()
            .map(|terms| {
                let name = statement.store.symbol_name(terms.symbol);
                let clean: String = name
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                    .collect();
                let clash = TAKEN.contains(&clean.as_str())
                    || clean.starts_with("kappa")
                    || clean.len() < 2 && clean.starts_with(['H', 'u']);
                let mark = if clash || clean != name { "_x" } else { "" };
                (terms.symbol, format!("{clean}{mark}"))
            })
            .collect();
        Self {
            exact,
            statement,
            names,
            used: Vec::new(),
            roots: Vec::new(),
            sums: Vec::new(),
            bases: Vec::new(),
            stop: None,
        }
    }

    pub fn write(&mut self, walker: &mut Walker<'s, Written>, id: Id) -> Exact<Written> {
        self.stop = None;
        let value = walker.value(self, id);
        value.map_err(|error| {
            self.stop
                .take()
                .unwrap_or_else(|| Stop::Beyond(error.to_string()))
        })
    }

    fn told<T>(&mut self, result: Exact<T>) -> Outcome<T> {
        result.map_err(|stop| {
            let error = EvaluationError::unsupported(format!("{stop:?}"));
            self.stop = Some(stop);
            error
        })
    }

    /// Notes a sum over the spectrum.
    pub fn sum(
        &mut self,
        kind: Moment,
        call: String,
        function: String,
        f: &Fraction,
    ) -> Exact<Written> {
        let value = self.exact.ground.moment(kind, f)?;
        if !self.sums.iter().any(|s| s.call == call) {
            self.sums.push(Sum {
                call: call.clone(),
                function,
                kind,
                exact: f.clone(),
            });
        }
        Ok(Written {
            text: Text::Scalar(call),
            exact: Value::Scalar(value),
        })
    }

    pub fn degrees(&mut self, m: i64, k: &str, exact: &Fraction) -> Exact<Written> {
        let sum = Fraction::variable(EIGENVALUE).add(exact);
        let ratio = Fraction::variable(EIGENVALUE).mul(&self.exact.ground.inverse(&sum)?);
        let f = ratio.pow(m).unwrap_or_else(Fraction::one);
        self.sum(
            Moment::Trace,
            format!("(df {m} {k} S)"),
            format!("(s ^ {m} / (s + {k}) ^ {m})"),
            &f,
        )
    }

    fn product(&mut self, a: Written, b: Written) -> Exact<Written> {
        use Text::{Function, Row, Scalar, Vector};
        let times = |x: &str, y: &str| format!("({x} * {y})");
        let text = match (&a.text, &b.text) {
            (Scalar(x), Scalar(y)) => Scalar(times(x, y)),
            (Scalar(x) | Function(x), Function(y)) | (Function(x), Scalar(y)) => {
                Function(times(x, y))
            }
            (Scalar(x) | Function(x), Vector(y)) | (Vector(x), Scalar(y)) => Vector(times(x, y)),
            (Scalar(x), Row(y)) | (Row(x), Scalar(y) | Function(y)) => Row(times(x, y)),
            (Row(x), Vector(y)) => {
                let function = if x == "1" {
                    y.clone()
                } else if y == "1" {
                    x.clone()
                } else {
                    times(x, y)
                };
                return self.form(function, a.exact, b.exact);
            }
            _ => return beyond("such a product"),
        };
        let exact = op::multiply(&mut self.exact.ground, a.exact, b.exact)?;
        Ok(Written { text, exact })
    }

    /// `w0' f(Σ) w0`
    fn form(&mut self, function: String, row: Value, column: Value) -> Exact<Written> {
        let product = row
            .matrix()?
            .mul(&column.matrix()?, &mut self.exact.ground)?;
        let target = Letter::new(Kind::Target);
        let word = vec![target.flipped(), target];
        let f = match product.terms.len() {
            0 => Fraction::zero(),
            1 => product
                .terms
                .get(&word)
                .cloned()
                .ok_or_else(|| Stop::Beyond("such a form".into()))?,
            _ => return beyond("such a form"),
        };
        let f = f.rename(&|v| if v == 1 { 0 } else { v });
        let call = format!("(quad (fun s => {function}) S)");
        self.sum(Moment::Target, call, function, &f)
    }

    fn power(&mut self, base: Written, exponent: Written) -> Exact<Written> {
        let n = exponent
            .exact
            .clone()
            .scalar()?
            .as_constant()
            .and_then(|c| c.to_integer());
        let Some(n) = n.filter(|n| n.abs() <= 64) else {
            return beyond("a power that is no whole number");
        };
        let raised = |x: &str| {
            if n >= 0 {
                format!("({x} ^ {n})")
            } else {
                format!("(/ ({x} ^ {}))", -n)
            }
        };
        let text = match &base.text {
            Text::Scalar(x) => Text::Scalar(raised(x)),
            Text::Function(x) => Text::Function(raised(x)),
            _ => return beyond("a power of a vector"),
        };
        let exact = op::power(&mut self.exact.ground, base.exact, exponent.exact)?;
        Ok(Written { text, exact })
    }

    fn function(&mut self, function: Function, mut arguments: Vec<Written>) -> Exact<Written> {
        match function {
            Function::Inv => {
                let x = arguments.remove(0);
                let text = match &x.text {
                    Text::Scalar(t) => Text::Scalar(format!("(/ {t})")),
                    Text::Function(t) => Text::Function(format!("(/ {t})")),
                    _ => return beyond("the inverse of a vector"),
                };
                let exact = match x.exact {
                    Value::Scalar(f) => Value::Scalar(self.exact.ground.inverse(&f)?),
                    m => Value::Matrix(op::inverse(&mut self.exact.ground, &m.matrix()?)?),
                };
                Ok(Written { text, exact })
            }
            Function::Norm2 => {
                let v = arguments.remove(0);
                let row = transposed(v.clone())?;
                let column = match arguments.pop() {
                    Some(m) => self.product(m, v)?,
                    None => v,
                };
                self.product(row, column)
            }
            Function::Sqrt => {
                let x = arguments.remove(0);
                let Text::Scalar(t) = &x.text else {
                    return beyond("the root of a matrix");
                };
                let text = Text::Scalar(format!("(sqrt {t})"));
                let f = x.exact.scalar()?;
                let exact = Value::Scalar(op::square_root(&mut self.exact.ground, &f)?);
                Ok(Written { text, exact })
            }
            _ => beyond("such a function"),
        }
    }

    fn quantity(&mut self, what: OfSpectrum<Written>) -> Exact<Written> {
        match what {
            OfSpectrum::Kappa(ridge, samples) => {
                let (Text::Scalar(l), Text::Scalar(t)) = (&ridge.text, &samples.text) else {
                    return beyond("such a kappa");
                };
                let (l, t) = (l.clone(), t.clone());
                let exact_ridge = ridge.exact.scalar()?;
                let exact = op::kappa(
                    &mut self.exact.ground,
                    &exact_ridge,
                    &samples.exact.scalar()?,
                )?;
                let known = self.roots.iter().find(|r| r.ridge == l && r.samples == t);
                let name = match known {
                    Some(root) => root.name.clone(),
                    None => {
                        let name = format!("kappa{}", self.roots.len() + 1);
                        self.roots.push(Root {
                            name: name.clone(),
                            ridge: l,
                            samples: t,
                            exact: exact.clone(),
                            exact_ridge,
                        });
                        name
                    }
                };
                Ok(Written {
                    text: Text::Scalar(name),
                    exact: Value::Scalar(exact),
                })
            }
            OfSpectrum::Df(order, k) => {
                let m = order
                    .exact
                    .scalar()?
                    .as_constant()
                    .and_then(|c| c.to_integer());
                let Some(m) = m.filter(|m| (0..=16).contains(m)) else {
                    return beyond("degrees of freedom of such an order");
                };
                let Text::Scalar(text) = &k.text else {
                    return beyond("such degrees of freedom");
                };
                let text = text.clone();
                self.degrees(m, &text, &k.exact.scalar()?)
            }
            _ => beyond("a single eigenvalue"),
        }
    }

    /// A fraction as Rocq writes it.
    pub fn fraction(&self, f: &Fraction) -> Exact<String> {
        let mut text = self.polynomial(&f.numerator)?;
        if !f.denominator.is_empty() {
            let mut parts = Vec::new();
            for (factor, power) in &f.denominator {
                parts.push(format!("{} ^ {power}", self.polynomial(factor)?));
            }
            text = format!("({text} / ({}))", parts.join(" * "));
        }
        Ok(text)
    }

    pub fn polynomial(&self, p: &Polynomial) -> Exact<String> {
        let mut terms = Vec::new();
        for (m, c) in p.terms.iter().rev() {
            let mut factors = vec![number(&c.to_rational())];
            for &(v, power) in &m.0 {
                let name = self.variable(v)?;
                factors.push(if power == 1 {
                    name
                } else {
                    format!("{name} ^ {power}")
                });
            }
            terms.push(factors.join(" * "));
        }
        if terms.is_empty() {
            return Ok("0".into());
        }
        Ok(format!("({})", terms.join(" + ")))
    }

    fn variable(&self, v: Variable) -> Exact<String> {
        if v == EIGENVALUE {
            return Ok("s".into());
        }
        match self.exact.ground.atom(v) {
            Some(Atom::Symbol { .. }) => self
                .exact
                .symbols
                .iter()
                .find(|(_, known)| **known == v)
                .and_then(|(id, _)| self.names.get(id).cloned())
                .ok_or_else(|| Stop::Beyond("a formal symbol".into())),
            Some(Atom::Kappa { .. }) => self
                .roots
                .iter()
                .find(|r| r.exact == Fraction::variable(v))
                .map(|r| r.name.clone())
                .ok_or_else(|| Stop::Beyond("a kappa without a name".into())),
            Some(Atom::Moment { kind, base, power }) => self
                .bases
                .iter()
                .find(|b| b.0 == *kind && b.1 == *base && b.2 == *power)
                .map(|b| b.3.clone())
                .ok_or_else(|| Stop::Beyond("a sum without a name".into())),
            _ => beyond("such an atom"),
        }
    }
}

/// A rational number.
pub fn number(value: &BigRational) -> String {
    let sign = if value.is_negative() { "- " } else { "" };
    let numerator = value.numer().abs();
    if value.denom().is_one() {
        if sign.is_empty() {
            return numerator.to_string();
        }
        return format!("({sign}{numerator})");
    }
    format!("({sign}({numerator} / {}))", value.denom())
}

fn transposed(x: Written) -> Exact<Written> {
    let text = match x.text {
        Text::Vector(f) => Text::Row(f),
        Text::Row(f) => Text::Vector(f),
        same => same,
    };
    Ok(Written {
        text,
        exact: op::transpose(x.exact)?,
    })
}

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
