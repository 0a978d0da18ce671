//! Evaluation of formulas over germs, at one exact point of a limit.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use num_traits::ToPrimitive;

use super::quantity::Quantity;
use super::spectral::Spectral;
use super::summand::{Summand, summand};
use super::{AsymptoticError, GermPoint};
use crate::formula::ast::{BinaryOp, Comparison, Expr, Fold, Node, RelationOp};
use crate::formula::scope::Scope;
use crate::scaling::{Coefficient, Germ, GermSpectrum};

const MAX_STEPS: u64 = 5_000_000;
const MAX_DEPTH: usize = 400;
/// Largest number of explicit terms of a `sum` or `prod`.
const MAX_FOLD: u64 = 10_000;

pub(super) type Result<T> = std::result::Result<T, AsymptoticError>;

/// What an expression is along the limit, in the eigenbasis of `Σ`.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(Quantity),
    Spectral(Spectral),
    /// `f(Σ) w0`, or its transpose.
    Target {
        f: Spectral,
        row: bool,
    },
}

use Value::{Scalar, Spectral as Operator, Target};

/// Where names are looked up and spectral functions evaluated.
pub(super) enum Place<'a> {
    /// Along the limit.
    Along(&'a GermPoint),
    /// Where only symbols have values yet.
    Symbols(&'a BTreeMap<String, Quantity>),
}

pub(super) struct Evaluator<'a> {
    pub(super) scope: &'a Scope,
    place: Place<'a>,
    /// Definitions and defined symbols already evaluated.
    memo: RefCell<HashMap<&'a str, Value>>,
    locals: RefCell<Vec<(&'a str, Quantity)>>,
    /// Variables of minimisation: they reach into definitions, as symbols do.
    varied: RefCell<Vec<(&'a str, Quantity)>>,
    /// The index whose eigenvalue `s(j)` stands for `Σ` while a sum over the spectrum is turned into a trace.
    pub(super) over_spectrum: RefCell<Option<&'a str>>,
    /// `κ(λ, T)` where λ and T are known completely: one quantity, however often it is written.
    pub(super) kappas: RefCell<Vec<(Germ, Germ, Quantity)>>,
    steps: Cell<u64>,
    depth: Cell<usize>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(scope: &'a Scope, place: Place<'a>) -> Self {
        Self {
            scope,
            place,
            memo: RefCell::default(),
            locals: RefCell::default(),
            varied: RefCell::default(),
            over_spectrum: RefCell::default(),
            kappas: RefCell::default(),
            steps: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    pub(super) fn scalar(&self, expr: &'a Expr) -> Result<Quantity> {
        match self.value(expr)? {
            Scalar(quantity) => Ok(quantity),
            _ => Err(AsymptoticError::Unsupported(
                "a scalar is needed here".into(),
            )),
        }
    }

    /// Whether a comparison of numbers holds for all large `T`.
    pub(super) fn holds(&self, comparison: &'a Comparison) -> Result<bool> {
        let (lhs, rhs) = (self.scalar(&comparison.lhs)?, self.scalar(&comparison.rhs)?);
        let order = lhs.compare(&rhs)?;
        Ok(match comparison.op {
            RelationOp::Le => order != Ordering::Greater,
            RelationOp::Ge => order != Ordering::Less,
            RelationOp::Lt => order == Ordering::Less,
            RelationOp::Gt => order == Ordering::Greater,
            RelationOp::Eq => order == Ordering::Equal,
            _ => {
                return Err(AsymptoticError::Unsupported(
                    "a relation of limits where a comparison of numbers is needed".into(),
                ));
            }
        })
    }

    pub(super) fn point(&self) -> Result<&'a GermPoint> {
        match self.place {
            Place::Along(point) => Ok(point),
            Place::Symbols(_) => Err(AsymptoticError::Unsupported(
                "Sigma or w0 where only symbols have values".into(),
            )),
        }
    }

    pub(super) fn spectrum(&self) -> Result<&'a GermSpectrum> {
        Ok(&self.point()?.spectrum)
    }

    pub(super) fn value(&self, expr: &'a Expr) -> Result<Value> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > MAX_STEPS || self.depth.get() > MAX_DEPTH {
            return Err(AsymptoticError::Unsupported(
                "a formula of this size".into(),
            ));
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.node(expr);
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn node(&self, expr: &'a Expr) -> Result<Value> {
        let unsupported = |what: &str| Err(AsymptoticError::Unsupported(what.into()));
        Ok(match &*expr.node {
            Node::Number(x) => Scalar(x.clone().into()),
            Node::Pi => Scalar(Quantity::constant(Coefficient::pi())),
            Node::Infinity => return unsupported("infinity as a number"),
            Node::Name(name) => self.name(name)?,
            Node::Neg(inner) => self.scaled(self.value(inner)?, &Quantity::integer(-1))?,
            Node::Binary(op, left, right) => self.binary(*op, left, right)?,
            Node::Transpose(inner) => match self.value(inner)? {
                Target { f, row } => Target { f, row: !row },
                other => other,
            },
            Node::Call(function, arguments) => self.call(*function, arguments)?,
            Node::Apply(name, _) => return unsupported(&format!("the function {name}")),
            Node::If(condition, then, otherwise) => self.value(if self.holds(condition)? {
                then
            } else {
                otherwise
            })?,
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => self.fold(*kind, index, from, to, body)?,
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => Scalar(self.extremum(*kind, variable, from, to, body)?),
            Node::Expectation(_) => return unsupported("an expectation along a limit"),
            Node::Member(name, _) => return unsupported(&format!("the random {name}")),
            Node::Diff(..) => return unsupported("a derivative that was not expanded"),
        })
    }

    pub(super) fn lookup(&self, name: &str) -> Option<Quantity> {
        for bound in [&self.locals, &self.varied] {
            let bound = bound.borrow();
            if let Some((_, value)) = bound.iter().rev().find(|(local, _)| *local == name) {
                return Some(value.clone());
            }
        }
        let symbols = match self.place {
            Place::Along(point) => &point.symbols,
            Place::Symbols(symbols) => symbols,
        };
        symbols.get(name).cloned()
    }

    /// A symbol or a definition by its name.
    pub(super) fn named(&self, name: &str) -> Result<Quantity> {
        if let Some(value) = self.lookup(name) {
            return Ok(value);
        }
        match self.scope.expansion(name) {
            Some(body) => self.scalar(body),
            None => Err(no_value(name)),
        }
    }

    fn name(&self, name: &'a str) -> Result<Value> {
        if let Some(value) = self.lookup(name) {
            return Ok(Scalar(value));
        }
        let one = || Spectral::Constant(Quantity::integer(1));
        match name {
            "Sigma" => return Ok(Operator(Spectral::eigenvalue(self.spectrum()?))),
            "I" => return Ok(Operator(one())),
            "w0" => {
                return Ok(Target {
                    f: one(),
                    row: false,
                });
            }
            _ => {}
        }
        if let Some(value) = self.memo.borrow().get(name) {
            return Ok(value.clone());
        }
        let Some(body) = self.scope.expansion(name) else {
            return Err(no_value(name));
        };
        let locals = self.locals.take();
        let over = self.over_spectrum.take();
        let value = self.value(body);
        self.locals.replace(locals);
        self.over_spectrum.replace(over);
        let value = value?;
        self.memo.borrow_mut().insert(name, value.clone());
        Ok(value)
    }

    fn scaled(&self, value: Value, factor: &Quantity) -> Result<Value> {
        Ok(match value {
            Scalar(x) => Scalar(x.times(factor)?),
            Operator(f) => Operator(f.scaled(factor)?),
            Target { f, row } => Target {
                f: f.scaled(factor)?,
                row,
            },
        })
    }

    fn binary(&self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Result<Value> {
        let (mut a, mut b) = (self.value(left)?, self.value(right)?);
        if self.over_spectrum.borrow().is_some() && op != BinaryOp::Pow && op != BinaryOp::Mul {
            // beside s(j) a number stands for a multiple of the identity
            (a, b) = match (a, b) {
                (Scalar(x), b @ Operator(_)) => (Operator(Spectral::Constant(x)), b),
                (a @ Operator(_), Scalar(x)) => (a, Operator(Spectral::Constant(x))),
                both => both,
            };
        }
        let misfit = || AsymptoticError::Unsupported("shapes that do not fit".into());
        Ok(match (op, a, b) {
            (BinaryOp::Add, Scalar(a), Scalar(b)) => Scalar(a.plus(&b)?),
            (BinaryOp::Sub, Scalar(a), Scalar(b)) => Scalar(a.minus(&b)?),
            (BinaryOp::Add, Operator(a), Operator(b)) => Operator(a.sum(b)?),
            (BinaryOp::Sub, Operator(a), Operator(b)) => {
                Operator(a.sum(b.scaled(&Quantity::integer(-1))?)?)
            }
            (BinaryOp::Add | BinaryOp::Sub, Target { f, row }, Target { f: g, row: other })
                if row == other =>
            {
                let sign = if op == BinaryOp::Add { 1 } else { -1 };
                Target {
                    f: f.sum(g.scaled(&Quantity::integer(sign))?)?,
                    row,
                }
            }
            (BinaryOp::Mul, a, b) => self.product(a, b)?,
            (BinaryOp::Div, Scalar(a), Scalar(b)) => Scalar(a.over(&b)?),
            (BinaryOp::Div, a, Scalar(b)) => self.scaled(a, &Quantity::integer(1).over(&b)?)?,
            (BinaryOp::Div, a, Operator(b)) => {
                self.product(a, Operator(b.power(&Quantity::integer(-1))?))?
            }
            (BinaryOp::Pow, Scalar(a), Scalar(b)) => Scalar(a.power(&b)?),
            (BinaryOp::Pow, Operator(a), Scalar(b)) => Operator(a.power(&b)?),
            _ => return Err(misfit()),
        })
    }

    fn product(&self, a: Value, b: Value) -> Result<Value> {
        Ok(match (a, b) {
            (Scalar(a), Scalar(b)) => Scalar(a.times(&b)?),
            (Scalar(a), b) => self.scaled(b, &a)?,
            (a, Scalar(b)) => self.scaled(a, &b)?,
            (Operator(a), Operator(b)) => Operator(a.product(b)?),
            (Operator(a), Target { f, row: false }) => Target {
                f: a.product(f)?,
                row: false,
            },
            (Target { f, row: true }, Operator(b)) => Target {
                f: f.product(b)?,
                row: true,
            },
            (Target { f, row: true }, Target { f: g, row: false }) => {
                Scalar(f.product(g)?.quadratic(self.point()?)?)
            }
            _ => {
                return Err(AsymptoticError::Unsupported(
                    "shapes that do not fit".into(),
                ));
            }
        })
    }

    fn fold(
        &self,
        kind: Fold,
        index: &'a str,
        from: &'a Expr,
        to: &'a Expr,
        body: &'a Expr,
    ) -> Result<Value> {
        if !matches!(kind, Fold::Sum | Fold::Prod) {
            return Err(AsymptoticError::Unsupported(format!(
                "{} along a limit",
                kind.name()
            )));
        }
        let start = self.scalar(from)?;
        if kind == Fold::Sum
            && start.is_one()
            && let Some(trace) = self.spectral_sum(index, to, body)
        {
            return trace.map(Scalar);
        }
        let endless = || AsymptoticError::Unsupported("a sum whose length is not fixed".into());
        if matches!(&*to.node, Node::Infinity) {
            return match kind {
                Fold::Sum => match self.growing_sum(index, &start, None, body)? {
                    Some(sum) => Ok(Scalar(sum)),
                    None => Err(endless()),
                },
                Fold::Prod | Fold::Max | Fold::Min | Fold::Int => Err(endless()),
            };
        }
        let end = self.scalar(to)?;
        if end.exact().is_none()
            && kind == Fold::Sum
            && let Some(sum) = self.growing_sum(index, &start, Some(&end), body)?
        {
            return Ok(Scalar(sum));
        }
        let whole = |x: &Quantity| {
            let value = x.exact().filter(|x| x.is_integer())?;
            value.numer().to_i64()
        };
        let (Some(start), Some(end)) = (whole(&start), whole(&end)) else {
            return Err(endless());
        };
        if end.saturating_sub(start) > MAX_FOLD as i64 {
            return Err(endless());
        }
        let mut total: Option<Value> = None;
        for i in start..=end {
            self.locals.borrow_mut().push((index, Quantity::integer(i)));
            let value = self.value(body);
            self.locals.borrow_mut().pop();
            let value = value?;
            total = Some(match (total, kind, value) {
                (None, _, value) => value,
                (Some(Scalar(sum)), Fold::Sum, Scalar(x)) => Scalar(sum.plus(&x)?),
                (Some(Operator(sum)), Fold::Sum, Operator(x)) => Operator(sum.sum(x)?),
                (Some(product), Fold::Prod, x) => self.product(product, x)?,
                _ => {
                    return Err(AsymptoticError::Unsupported(
                        "a sum of vectors along a limit".into(),
                    ));
                }
            });
        }
        match (total, kind) {
            (Some(total), _) => Ok(total),
            (None, Fold::Sum) => Ok(Scalar(Quantity::integer(0))),
            (None, Fold::Prod | Fold::Max | Fold::Min | Fold::Int) => {
                Err(AsymptoticError::Unsupported("an empty product".into()))
            }
        }
    }

    /// `Σ_j f(s(j))` and `Σ_j c(j)² f(s(j))` over the whole spectrum are `tr f(Σ)` and `w0' f(Σ) w0`.
    fn spectral_sum(
        &self,
        index: &'a str,
        to: &'a Expr,
        body: &'a Expr,
    ) -> Option<Result<Quantity>> {
        let spectrum = self.spectrum().ok()?;
        match (spectrum.dimension(), &*to.node) {
            (None, Node::Infinity) => {}
            (Some(_), Node::Infinity) => return None,
            (Some(d), _) => {
                let end = self.scalar(to).ok()?;
                if !end.is(&d.into()) {
                    return None;
                }
            }
            (None, _) => return None,
        }
        let Summand { factors, masses } = summand(body, index)?;
        let outer = self.over_spectrum.replace(Some(index));
        let product = factors.iter().try_fold(
            Spectral::Constant(Quantity::integer(1)),
            |product, (factor, divides)| {
                let value = match self.value(factor)? {
                    Scalar(x) => Spectral::Constant(x),
                    Operator(f) => f,
                    Target { .. } => {
                        return Err(AsymptoticError::Unsupported(
                            "a sum of vectors along a limit".into(),
                        ));
                    }
                };
                product.product(if *divides {
                    value.power(&Quantity::integer(-1))?
                } else {
                    value
                })
            },
        );
        self.over_spectrum.replace(outer);
        Some(product.and_then(|f| {
            if masses == 1 {
                f.quadratic(self.point()?)
            } else {
                f.trace(spectrum)
            }
        }))
    }

    /// Runs with `κ` not known yet: expansions of one detail must not serve another.
    pub(super) fn with_own_kappas<T>(&self, run: impl FnOnce() -> T) -> T {
        let kappas = self.kappas.take();
        let result = run();
        self.kappas.replace(kappas);
        result
    }

    /// Runs with a symbol's value replaced, for definitions too.
    pub(super) fn with_varied<T>(
        &self,
        name: &'a str,
        value: Quantity,
        run: impl FnOnce(&Self) -> T,
    ) -> T {
        let memo = self.memo.take();
        self.varied.borrow_mut().push((name, value));
        let result = run(self);
        self.varied.borrow_mut().pop();
        self.memo.replace(memo);
        result
    }
}

fn no_value(name: &str) -> AsymptoticError {
    AsymptoticError::Unsupported(format!("{name}, which has no value along the limit"))
}
