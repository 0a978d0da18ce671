//! Terms as Rocq expressions, each with its exact value: what is stated is the claim, what is proved with is its
//! normal form.

use std::collections::BTreeMap;

use super::super::algebra::Exactly;
use super::super::atom::{Atom, EIGENVALUE, Moment, Part};
use super::super::fraction::Fraction;
use super::super::ground::{Exact, Stop, beyond};
use super::super::inverse;
use super::super::kappa::kappa;
use super::super::letter::{Kind, Letter};
use super::super::operation::{self as op, Value};
use super::super::polynomial::Variable;
use crate::formula::ast::Function;
use crate::term::{EvaluationError, Id, OfSpectrum, Outcome, Statement, SymbolId, Walker};

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
    /// Where sums are taken whole: the variable it is.
    pub whole: Option<Variable>,
}

/// What sums over the spectrum are while a claim is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Numbers of which only the sign is known.
    Whole,
    /// Sums of their partial fractions.
    Apart,
}

/// A larger or smaller of two numbers, a size or a root: how it is written, and what it is here.
#[derive(Clone, Debug)]
pub struct Choice {
    pub call: String,
    pub lemma: String,
    /// What the lemma asks: `0 ≤` this.
    pub gap: Fraction,
    pub low: String,
    pub high: String,
}

/// A square root and what it is a square of.
#[derive(Clone, Debug)]
pub struct Surd {
    pub call: String,
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
    pub exact_samples: Fraction,
    /// The root of another sample size that it is.
    pub another: Option<usize>,
}

pub struct Writer<'s> {
    pub exact: Exactly<'s>,
    pub(super) statement: &'s Statement,
    pub names: BTreeMap<SymbolId, String>,
    pub used: Vec<SymbolId>,
    pub roots: Vec<Root>,
    pub sums: Vec<Sum>,
    pub choices: Vec<Choice>,
    pub surds: Vec<Surd>,
    pub mode: Mode,
    /// The derivative of `κ`, if the claim has one.
    pub derivative: Option<SymbolId>,
    pub slope: Option<Value>,
    /// Further derivatives by the same ridge: their symbols, what is derived, and their values.
    pub slopes: Vec<(SymbolId, String, Value)>,
    /// Names of independent sums, once they have them.
    pub bases: Vec<(Moment, Part, String)>,
    /// Whether the claim is strict: then `w0` is taken not to be zero.
    strict: bool,
    stop: Option<Stop>,
}

const TAKEN: [&str; 48] = [
    "e",
    "t",
    "c",
    "S",
    "tr",
    "df",
    "quad",
    "dim",
    "positive",
    "isotropic",
    "target",
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
    "mul",
    "add",
    "scale",
    "flip",
    "one",
    "zero",
    "total",
    "trace",
    "entry",
    "mat",
    "pos",
    "side",
    "i",
    "INR",
    "Un_cv",
    "sum_over",
    "squares",
    "o",
    "Omega",
    "mean",
    "mean_of",
    "ridge",
];

/// The symbol that stands for a derivative of `κ` in what is certified.
pub const DERIVATIVE: &str = "diff_kappa";

/// The definitions that name what such a symbol is the derivative of, and its value.
pub fn of_derivative(symbol: &str) -> [String; 2] {
    [format!("body of {symbol}"), format!("value of {symbol}")]
}

/// A symbol's name in Rocq.
pub fn named(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let clash = TAKEN.contains(&clean.as_str())
        || clean.starts_with("kappa")
        || clean.starts_with('_')
        || clean.len() < 3 && clean.starts_with(|c: char| "HuABCDEFGIJKLMNOPQRVWYZ".contains(c));
    let mark = if clash || clean != name { "_x" } else { "" };
    format!("{clean}{mark}").trim_start_matches('_').to_owned()
}

impl<'s> Writer<'s> {
    pub fn new(exact: Exactly<'s>, statement: &'s Statement, mode: Mode) -> Self {
        let mut names = BTreeMap::new();
        let mut derivative = None;
        for terms in &statement.symbols {
            let name = statement.store.symbol_name(terms.symbol);
            if name == DERIVATIVE {
                derivative = Some(terms.symbol);
            }
            names.insert(terms.symbol, named(name));
        }
        Self {
            exact,
            statement,
            names,
            used: Vec::new(),
            roots: Vec::new(),
            sums: Vec::new(),
            choices: Vec::new(),
            surds: Vec::new(),
            mode,
            derivative,
            slope: None,
            slopes: Vec::new(),
            bases: Vec::new(),
            strict: statement.claim.op.is_strict(),
            stop: None,
        }
    }

    pub fn write(&mut self, walker: &mut Walker<'s, Written>, id: Id) -> Exact<Written> {
        self.stop = None;
        let value = walker.value(self, id);
        value.map_err(|error| self.stop.take().unwrap_or_else(|| error.into()))
    }

    pub(super) fn told<T>(&mut self, result: Exact<T>) -> Outcome<T> {
        result.map_err(|stop| {
            let error = EvaluationError::unsupported(format!("{stop:?}"));
            self.stop = Some(stop);
            error
        })
    }

    /// Whether the claim rests on `w0` not being zero.
    pub fn has_target(&self) -> bool {
        self.strict && self.sums.iter().any(|sum| sum.kind == Moment::Target)
    }

    /// Notes a sum over the spectrum.
    pub fn sum(
        &mut self,
        kind: Moment,
        call: String,
        function: String,
        f: &Fraction,
    ) -> Exact<Written> {
        let known = self.sums.iter().find(|s| s.kind == kind && s.exact == *f);
        let known = known.and_then(|s| s.whole);
        let whole = match (self.mode, known) {
            (Mode::Apart, _) => None,
            (Mode::Whole, Some(v)) => Some(v),
            (Mode::Whole, None) => Some(self.whole(kind, f)),
        };
        let value = match whole {
            _ if f.is_zero() => Fraction::zero(),
            Some(_) if kind == Moment::Trace && !f.mentions(EIGENVALUE) => {
                f.mul(&self.exact.ground.dimension)
            }
            Some(v) => Fraction::variable(v),
            None => self.exact.ground.moment(kind, f)?,
        };
        if !self.sums.iter().any(|s| s.call == call) {
            self.sums.push(Sum {
                call: call.clone(),
                function,
                kind,
                exact: f.clone(),
                whole,
            });
        }
        Ok(Written {
            text: Text::Scalar(call),
            exact: Value::Scalar(value),
        })
    }

    /// A sum of which only the sign is known.
    fn whole(&mut self, kind: Moment, f: &Fraction) -> Variable {
        let number = Fraction::integer(self.sums.len() as i64);
        let v = self.exact.ground.intern(Atom::Function {
            name: "sum",
            arguments: vec![number],
        });
        // A trace has at least one term; a form may vanish with w0.
        if self.exact.ground.is_nonnegative(f) {
            let positive =
                (kind == Moment::Trace || self.strict) && self.exact.ground.is_positive(f);
            self.exact.ground.set_sign(v, positive);
        }
        v
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

    pub(super) fn product(&mut self, a: Written, b: Written) -> Exact<Written> {
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

    pub(super) fn power(&mut self, base: Written, exponent: Written) -> Exact<Written> {
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

    pub(super) fn function(
        &mut self,
        function: Function,
        mut arguments: Vec<Written>,
    ) -> Exact<Written> {
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
                    m => Value::Matrix(inverse::inverse(&mut self.exact.ground, &m.matrix()?)?),
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
                let call = format!("(sqrt {t})");
                let f = x.exact.scalar()?;
                let value = op::square_root(&mut self.exact.ground, &f)?;
                if !self.surds.iter().any(|s| s.call == call) {
                    self.surds.push(Surd {
                        call: call.clone(),
                        exact: value.clone(),
                    });
                }
                Ok(Written {
                    text: Text::Scalar(call),
                    exact: Value::Scalar(value),
                })
            }
            Function::Max | Function::Min if arguments.len() == 2 => {
                let (b, a) = (arguments.remove(1), arguments.remove(0));
                self.extreme(function == Function::Max, a, b)
            }
            Function::Abs => {
                let x = arguments.remove(0);
                let Text::Scalar(t) = &x.text else {
                    return beyond("the size of a matrix");
                };
                let f = x.exact.scalar()?;
                let positive = self.exact.ground.is_upper(&f)?;
                let call = format!("(Rabs {t})");
                let (lemma, low, high) = if positive {
                    (format!("(Rabs_pos_eq {t})"), "0".to_owned(), t.clone())
                } else {
                    (format!("(Rabs_left1 {t})"), t.clone(), "0".to_owned())
                };
                let value = if positive { f } else { f.neg() };
                self.choose(call, lemma, value.clone(), low, high, value)
            }
            _ => beyond("such a function"),
        }
    }

    /// The larger or the smaller of two numbers.
    fn extreme(&mut self, larger: bool, a: Written, b: Written) -> Exact<Written> {
        let (Text::Scalar(x), Text::Scalar(y)) = (&a.text, &b.text) else {
            return beyond("such an extreme");
        };
        let (x, y) = (x.clone(), y.clone());
        let (f, g) = (a.exact.scalar()?, b.exact.scalar()?);
        let up = self.exact.ground.is_upper(&f.sub(&g))?;
        let name = if larger { "Rmax" } else { "Rmin" };
        let side = if up == larger { "left" } else { "right" };
        let call = format!("({name} {x} {y})");
        let lemma = format!("({name}_{side} {x} {y})");
        let value = if up == larger { f.clone() } else { g.clone() };
        let (gap, low, high) = if up {
            (f.sub(&g), y, x)
        } else {
            (g.sub(&f), x, y)
        };
        self.choose(call, lemma, gap, low, high, value)
    }

    fn choose(
        &mut self,
        call: String,
        lemma: String,
        gap: Fraction,
        low: String,
        high: String,
        value: Fraction,
    ) -> Exact<Written> {
        if !self.choices.iter().any(|c| c.call == call) {
            self.choices.push(Choice {
                call: call.clone(),
                lemma,
                gap,
                low,
                high,
            });
        }
        Ok(Written {
            text: Text::Scalar(call),
            exact: Value::Scalar(value),
        })
    }

    /// What is known of a new `κ > 0` where sums are taken whole: `df_1 ≤ T` and `df_2 < T`.
    fn facts(&mut self, name: &str, exact: &Fraction, samples: &Fraction) -> Exact<()> {
        if self.mode == Mode::Apart || exact.numerator.as_variable().is_none() {
            return Ok(());
        }
        for (m, strict) in [(1, false), (2, true)] {
            let df = self.degrees(m, name, exact)?.exact.scalar()?;
            super::super::proof::fact(&mut self.exact, &samples.sub(&df), strict)?;
        }
        Ok(())
    }

    pub(super) fn quantity(&mut self, what: OfSpectrum<Written>) -> Exact<Written> {
        match what {
            OfSpectrum::Kappa(ridge, samples) => {
                let (Text::Scalar(l), Text::Scalar(t)) = (&ridge.text, &samples.text) else {
                    return beyond("such a kappa");
                };
                let (l, t) = (l.clone(), t.clone());
                let exact_ridge = ridge.exact.scalar()?;
                let size = samples.exact.scalar()?;
                let exact = kappa(&mut self.exact.ground, &exact_ridge, &size)?;
                let mut another = None;
                if exact.denominator.is_empty()
                    && let Some(v) = exact.numerator.as_variable()
                    && let Some(Atom::Kappa { ridge, samples }) = self.exact.ground.atom(v)
                    && (*ridge != exact_ridge || *samples != size)
                {
                    another = self.roots.iter().position(|r| r.exact == exact);
                    if another.is_none() {
                        return beyond("the kappa of another sample size, not met before");
                    }
                }
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
                            exact_samples: size.clone(),
                            another,
                        });
                        if another.is_none() {
                            self.facts(&name, &exact, &size)?;
                        }
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
}

pub(super) fn transposed(x: Written) -> Exact<Written> {
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
