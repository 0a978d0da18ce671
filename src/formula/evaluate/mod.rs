//! Evaluation of formulas at one point of their domain, generic over the number type.

mod covariance;
mod draw;
mod extremum;
mod fold;
mod series;
mod special;
mod spectral;
mod value;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

pub use crate::number::{Dense, LinearAlgebra, ridge};
pub use covariance::{Covariance, Level, MAX_DENSE};
pub use draw::{Draw, Normals, Plan, plan, rows};
pub use spectral::{Spectral, Term};
pub use value::Value;

use super::ast::{BinaryOp, Comparison, Expr, Extremum, Function, Node, RelationOp};
use super::scope::{Scope, Symbol};
use crate::budget::{self, Refused};
use crate::number::Real;

/// Node visits allowed to one evaluation.
pub const MAX_STEPS: u64 = 4_000_000;
/// What visiting a node costs, in plain operations, and what arithmetic with error bounds adds to it.
const STEP: (u64, u64) = (40, 440);
/// Largest number of explicit terms of a `sum` or `prod`.
const MAX_FOLD: f64 = 20_000.0;
/// Definitions may refer to one another this deep.
const MAX_DEPTH: usize = 400;

#[derive(Clone, Debug, thiserror::Error)]
pub enum EvaluationError {
    /// The expression has no value here: a division by zero, the logarithm of a negative number, …
    #[error("{0}")]
    Undefined(String),
    /// The expression cannot be evaluated by this program at any point of this kind.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// One evaluation takes too many steps, or the budget of the claim is spent.
    #[error("the evaluation takes more work than a claim is allowed")]
    Budget,
}

impl From<Refused> for EvaluationError {
    fn from(_: Refused) -> Self {
        EvaluationError::Budget
    }
}

/// Pays for `operations` on numbers of type `R`: one with an error bound costs as much as some sixty plain ones.
fn charge<R: Real>(operations: f64) -> Result<(), Refused> {
    budget::charge_about(operations * if R::TRACKS_ERROR { 60.0 } else { 1.0 })
}

impl EvaluationError {
    /// An evaluation that is too long by itself; the claim's budget counts it as work that was not done.
    fn too_long() -> Self {
        let _ = budget::charge(u64::MAX);
        EvaluationError::Budget
    }

    /// An error of the engine, which speaks of one point.
    pub fn engine(error: impl std::fmt::Display) -> Self {
        EvaluationError::Undefined(error.to_string())
    }
}

/// The identity of a node of the syntax tree, while its tree is alive.
pub type NodeKey = usize;

pub fn key(expr: &Expr) -> NodeKey {
    Arc::as_ptr(&expr.node) as usize
}

/// A point of the domain: values for the free symbols, `Σ` and `w0`, and, where random objects occur, one draw.
#[derive(Clone, Debug)]
pub struct Environment<R> {
    pub covariance: Covariance<R>,
    pub scalars: HashMap<String, R>,
    pub draw: Option<Draw<R>>,
    /// Values of nodes that need no evaluation here: expectations, subexpressions without randomness.
    pub known: HashMap<NodeKey, Value<R>>,
}

/// Evaluates the formulas of one scope at one point.
pub struct Evaluator<'a, R> {
    scope: &'a Scope,
    environment: &'a Environment<R>,
    named: RefCell<HashMap<&'a str, Value<R>>>,
    /// Indices of the sums around the node.
    locals: RefCell<Vec<(&'a str, R)>>,
    /// Variables of minimisation: they reach into definitions, as symbols do.
    varied: RefCell<Vec<(&'a str, R)>>,
    /// The index whose eigenvalue `s(j)` stands for `Σ` while a sum over the spectrum is turned into a trace.
    over_spectrum: RefCell<Option<&'a str>>,
    steps: Cell<u64>,
    depth: Cell<usize>,
}

type Evaluated<R> = Result<Value<R>, EvaluationError>;

impl<'a, R: LinearAlgebra> Evaluator<'a, R> {
    pub fn new(scope: &'a Scope, environment: &'a Environment<R>) -> Self {
        Self {
            scope,
            environment,
            named: RefCell::default(),
            locals: RefCell::default(),
            varied: RefCell::default(),
            over_spectrum: RefCell::default(),
            steps: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// Nodes visited so far.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }

    /// The value of a scalar expression; an error if it is not finite or its error is unbounded.
    pub fn scalar(&self, expr: &'a Expr) -> Result<R, EvaluationError> {
        let value = self.value(expr)?.scalar()?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(EvaluationError::Undefined(
                "a value that is not finite".into(),
            ))
        }
    }

    /// Whether a comparison holds; `None` where errors leave it open.
    pub fn holds(&self, comparison: &'a Comparison) -> Result<Option<bool>, EvaluationError> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let (lhs, rhs) = (self.scalar(&comparison.lhs)?, self.scalar(&comparison.rhs)?);
        let order = lhs.order(&rhs);
        Ok(match comparison.op {
            RelationOp::Le => order.map(|o| o != Greater),
            RelationOp::Ge => order.map(|o| o != Less),
            RelationOp::Lt => order.map(|o| o == Less),
            RelationOp::Gt => order.map(|o| o == Greater),
            RelationOp::Eq => order.map(|o| o == Equal),
            _ => {
                return Err(EvaluationError::Unsupported(
                    "a relation of limits where a comparison of numbers is needed".into(),
                ));
            }
        })
    }

    /// Whether an assumption is met. What rounding alone leaves open is equality, which strict inequalities refuse.
    pub fn admits(&self, assumption: &'a Comparison) -> bool {
        match self.holds(assumption) {
            Ok(Some(holds)) => holds,
            Ok(None) => !matches!(assumption.op, RelationOp::Lt | RelationOp::Gt),
            Err(_) => false,
        }
    }

    fn covariance(&self) -> &Covariance<R> {
        &self.environment.covariance
    }

    pub fn value(&self, expr: &'a Expr) -> Evaluated<R> {
        if let Some(known) = self.environment.known.get(&key(expr)) {
            return Ok(known.clone());
        }
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > MAX_STEPS || self.depth.get() > MAX_DEPTH {
            return Err(EvaluationError::too_long());
        }
        budget::charge(STEP.0 + if R::TRACKS_ERROR { STEP.1 } else { 0 })?;
        self.depth.set(self.depth.get() + 1);
        let value = self.node(expr);
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn node(&self, expr: &'a Expr) -> Evaluated<R> {
        Ok(match &*expr.node {
            Node::Number(q) => Value::Scalar(R::from_rational(q)),
            Node::Pi => Value::Scalar(R::pi()),
            Node::Infinity => {
                return Err(EvaluationError::Undefined("infinity is no number".into()));
            }
            Node::Name(name) => self.name(name)?,
            Node::Neg(inner) => self.value(inner)?.negated(),
            Node::Binary(op, left, right) => self.binary(*op, left, right)?,
            Node::Transpose(inner) => {
                let value = self.value(inner)?;
                if let Value::Matrix(matrix) = &value {
                    charge::<R>(2.0 * matrix.entries.len() as f64)?;
                }
                value.transposed()
            }
            Node::Call(function, arguments) => self.call(*function, arguments)?,
            Node::Member(name, index) => {
                let index = self.scalar(index)?.midpoint();
                self.random(name, Some(index))?
            }
            Node::Expectation(_) => {
                return Err(EvaluationError::Unsupported(
                    "an expectation inside an expectation".into(),
                ));
            }
            Node::If(condition, then, otherwise) => match self.holds(condition)? {
                Some(true) => self.value(then)?,
                Some(false) => self.value(otherwise)?,
                None => {
                    return Err(EvaluationError::Undefined(
                        "a condition too close to call".into(),
                    ));
                }
            },
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
            } => {
                let (at, least) = self.minimum(variable, from, to, body)?;
                Value::Scalar(match kind {
                    Extremum::ArgMin => at,
                    Extremum::Inf => least,
                })
            }
            Node::Diff(..) => {
                return Err(EvaluationError::Unsupported(
                    "a derivative that was not expanded".into(),
                ));
            }
        })
    }

    fn name(&self, name: &'a str) -> Evaluated<R> {
        for bound in [&self.locals, &self.varied] {
            if let Some((_, value)) = bound
                .borrow()
                .iter()
                .rev()
                .find(|(local, _)| *local == name)
            {
                return Ok(Value::Scalar(value.clone()));
            }
        }
        if let Some(value) = self.environment.scalars.get(name) {
            return Ok(Value::Scalar(value.clone()));
        }
        match name {
            "Sigma" => return Ok(Value::Spectral(Spectral::Eigenvalue)),
            "I" => return Ok(Value::Spectral(Spectral::Constant(R::one()))),
            "w0" => {
                return Ok(Value::Target {
                    f: Spectral::Constant(R::one()),
                    row: false,
                });
            }
            _ => {}
        }
        if let Some(value) = self.named.borrow().get(name) {
            return Ok(value.clone());
        }
        let body = self
            .scope
            .definitions
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, body)| body)
            .or_else(|| {
                self.scope
                    .symbols
                    .iter()
                    .find_map(|(n, symbol)| match symbol {
                        Symbol::Defined(body) if n == name => Some(body),
                        _ => None,
                    })
            });
        let value = match body {
            Some(body) => self.without_locals(|| self.value(body))?,
            None => self.random(name, None)?,
        };
        self.named.borrow_mut().insert(name, value.clone());
        Ok(value)
    }

    fn random(&self, name: &str, index: Option<f64>) -> Evaluated<R> {
        if self.scope.random.iter().all(|(n, _)| n != name) {
            return Err(EvaluationError::Unsupported(format!("unknown name {name}")));
        }
        let Some(draw) = &self.environment.draw else {
            return Err(EvaluationError::Unsupported(format!(
                "{name} is random, and stands outside E[…]"
            )));
        };
        let object = draw.object(name, index)?;
        charge::<R>(object.entries.len() as f64)?;
        Ok(Value::Matrix(object))
    }

    fn binary(&self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Evaluated<R> {
        let covariance = self.covariance();
        let (a, b) = (self.value(left)?, self.value(right)?);
        let (a, b) = if self.over_spectrum.borrow().is_some() {
            promoted(op, a, b)
        } else {
            (a, b)
        };
        match op {
            BinaryOp::Add => a.plus(b, covariance),
            BinaryOp::Sub => a.plus(b.negated(), covariance),
            BinaryOp::Mul => a.times(b, covariance),
            BinaryOp::Div => {
                if let Value::Spectral(f) = b {
                    return a.times(Value::Spectral(f.power(-R::one())), covariance);
                }
                let divisor = b.scalar()?;
                if divisor.is_zero() {
                    return Err(EvaluationError::Undefined("a division by zero".into()));
                }
                match a {
                    Value::Scalar(x) => Ok(Value::Scalar(x / divisor)),
                    a => Ok(a.scaled(R::one() / divisor)),
                }
            }
            BinaryOp::Pow => {
                let exponent = b.scalar()?;
                if let Value::Scalar(x) = &a {
                    let e = exponent.midpoint();
                    if x.is_zero() && e < 0.0 {
                        return Err(EvaluationError::Undefined(
                            "a negative power of zero".into(),
                        ));
                    }
                    if x.is_zero() && e > 0.0 {
                        return Ok(Value::Scalar(R::zero()));
                    }
                    if x.midpoint() < 0.0 && (e.fract() != 0.0 || exponent.radius() != 0.0) {
                        return Err(EvaluationError::Undefined(
                            "a fractional power of a negative number".into(),
                        ));
                    }
                }
                a.power(exponent, covariance)
            }
        }
    }

    fn call(&self, function: Function, arguments: &'a [Expr]) -> Evaluated<R> {
        let covariance = self.covariance();
        let scalar = |i: usize| self.scalar(&arguments[i]);
        let undefined = |what: String| Err(EvaluationError::Undefined(what));
        Ok(Value::Scalar(match function {
            Function::Sqrt => {
                let x = match self.value(&arguments[0])? {
                    Value::Spectral(f) => {
                        return Ok(Value::Spectral(f.power(R::from_f64(0.5))));
                    }
                    value => value.scalar()?,
                };
                if !x.is_finite() {
                    return undefined("a value that is not finite".into());
                }
                if x.midpoint() < -x.radius() {
                    return undefined(format!("the square root of {}", x.midpoint()));
                }
                x.sqrt()
            }
            Function::Exp => scalar(0)?.exp(),
            Function::Log => {
                let x = scalar(0)?;
                if x.midpoint() <= 0.0 {
                    return undefined(format!("the logarithm of {}", x.midpoint()));
                }
                x.ln()
            }
            Function::Abs => scalar(0)?.abs(),
            Function::Min | Function::Max => {
                let mut best = scalar(0)?;
                for i in 1..arguments.len() {
                    let next = scalar(i)?;
                    best = if function == Function::Min {
                        best.lesser(&next)
                    } else {
                        best.greater(&next)
                    };
                }
                best
            }
            Function::Tr => return self.trace(&arguments[0]),
            Function::Inv => return self.value(&arguments[0])?.inverse(),
            Function::Pinv => return self.pinv(self.value(&arguments[0])?),
            Function::Proj => {
                let matrix = self.value(&arguments[0])?.dense(covariance, None)?;
                let pinv = self.pinv(Value::Matrix(matrix.clone()))?;
                return pinv.times(Value::Matrix(matrix), covariance);
            }
            Function::Norm2 => {
                let weight = arguments.get(1).map(|m| self.value(m)).transpose()?;
                self.value(&arguments[0])?.norm2(weight, covariance)?
            }
            Function::Opnorm => self.value(&arguments[0])?.opnorm(covariance)?,
            Function::Ridge => {
                let x = self.value(&arguments[0])?.dense(covariance, None)?;
                let y = self.value(&arguments[1])?.dense(covariance, None)?;
                let lambda = scalar(2)?;
                if y.rows != x.rows {
                    return Err(EvaluationError::Unsupported(
                        "ridge: labels and design differ in length".into(),
                    ));
                }
                if lambda.midpoint() < 0.0 {
                    return undefined(format!("a ridge of {}", lambda.midpoint()));
                }
                charge::<R>(3.0 * factoring(&x))?;
                let fit = match ridge(&x, &y, &lambda) {
                    None if lambda.is_zero() => {
                        return self
                            .pinv(Value::Matrix(x))?
                            .times(Value::Matrix(y), covariance);
                    }
                    fit => fit,
                };
                return fit.map(Value::Matrix).ok_or_else(|| {
                    EvaluationError::Undefined("a ridge fit that is not finite".into())
                });
            }
            Function::Kappa => covariance.kappa(&scalar(0)?, &scalar(1)?)?,
            Function::Df => {
                let (m, k) = (scalar(0)?, scalar(1)?);
                if k.midpoint() < 0.0 {
                    return undefined(format!("df at kappa = {}", k.midpoint()));
                }
                covariance.df(&m, &k)?
            }
            Function::Gamma => {
                let x = scalar(0)?;
                let value = libm::tgamma(x.midpoint());
                let slope = value.abs() * special::gamma_slope(x.midpoint());
                special(&x, value, 1e-14 * value.abs(), slope)?
            }
            Function::Zeta => {
                let x = scalar(0)?;
                let (value, error) = special::zeta(x.midpoint());
                special(&x, value, error, special::zeta_slope(x.midpoint()))?
            }
            Function::Eigenvalue => {
                let over_spectrum = *self.over_spectrum.borrow();
                if let (Some(index), Node::Name(name)) = (over_spectrum, &*arguments[0].node)
                    && index == name
                {
                    return Ok(Value::Spectral(Spectral::Eigenvalue));
                }
                covariance.eigenvalue(&scalar(0)?)?
            }
            Function::Coefficient => covariance.coefficient(&scalar(0)?)?,
            Function::Exponent => {
                return Err(EvaluationError::Unsupported(
                    "exponent(…) outside a limit".into(),
                ));
            }
        }))
    }

    fn pinv(&self, value: Value<R>) -> Evaluated<R> {
        match value {
            Value::Spectral(f) => Ok(Value::Spectral(f.power(-R::one()))),
            other => {
                let matrix = other.dense(self.covariance(), None)?;
                charge::<R>(8.0 * factoring(&matrix))?;
                R::pinv(&matrix).map(Value::Matrix).ok_or_else(|| {
                    EvaluationError::Undefined("a pseudo-inverse that is not finite".into())
                })
            }
        }
    }

    /// `tr(AB)` without the product `AB`, where `A` and `B` are written out.
    fn trace(&self, argument: &'a Expr) -> Evaluated<R> {
        if let Node::Binary(BinaryOp::Mul, left, right) = &*argument.node
            && !self.environment.known.contains_key(&key(argument))
        {
            let (a, b) = (self.value(left)?, self.value(right)?);
            if let (Value::Matrix(a), Value::Matrix(b)) = (&a, &b)
                && a.cols == b.rows
                && a.rows == b.cols
            {
                charge::<R>(3.0 * a.entries.len() as f64)?;
                return Ok(Value::Scalar(a.transposed().dot(b)));
            }
            let product = a.times(b, self.covariance())?;
            return product.trace(self.covariance()).map(Value::Scalar);
        }
        self.value(argument)?
            .trace(self.covariance())
            .map(Value::Scalar)
    }

    /// Runs with the index of a sum bound to a value.
    pub(crate) fn with_local<T>(&self, name: &'a str, value: R, run: impl FnOnce(&Self) -> T) -> T {
        self.locals.borrow_mut().push((name, value));
        let result = run(self);
        self.locals.borrow_mut().pop();
        result
    }

    /// Runs without the indices around: a definition knows nothing of them.
    pub(crate) fn without_locals<T>(&self, run: impl FnOnce() -> T) -> T {
        let locals = self.locals.take();
        let result = run();
        self.locals.replace(locals);
        result
    }

    /// Runs with a symbol's value replaced, for definitions too.
    fn with_varied<T>(&self, name: &'a str, value: R, run: impl FnOnce(&Self) -> T) -> T {
        let named = self.named.take();
        self.varied.borrow_mut().push((name, value));
        let result = run(self);
        self.varied.borrow_mut().pop();
        self.named.replace(named);
        result
    }
}

/// Multiplications in factoring a matrix, roughly.
fn factoring<R>(matrix: &Dense<R>) -> f64 {
    let (rows, cols) = (matrix.rows as f64, matrix.cols as f64);
    rows * cols * rows.min(cols)
}

/// While `s(j)` stands for `Σ`, a number next to it stands for its multiple of the identity.
fn promoted<R: Real>(op: BinaryOp, a: Value<R>, b: Value<R>) -> (Value<R>, Value<R>) {
    match (op, a, b) {
        (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Div, Value::Scalar(x), Value::Spectral(f)) => {
            (Value::Spectral(Spectral::Constant(x)), Value::Spectral(f))
        }
        (BinaryOp::Add | BinaryOp::Sub, Value::Spectral(f), Value::Scalar(x)) => {
            (Value::Spectral(f), Value::Spectral(Spectral::Constant(x)))
        }
        (_, a, b) => (a, b),
    }
}

/// A function's value with its own error, and what that of the argument adds where the function has this slope.
fn special<R: Real>(
    argument: &R,
    value: f64,
    error: f64,
    slope: f64,
) -> Result<R, EvaluationError> {
    if !value.is_finite() {
        return Err(EvaluationError::Undefined(format!(
            "a special function at {}",
            argument.midpoint()
        )));
    }
    if argument.radius() > 1e-12 * argument.midpoint().abs() {
        return Err(EvaluationError::Undefined(
            "a special function of a number not known well enough".into(),
        ));
    }
    let shift = argument.radius() + f64::EPSILON * argument.midpoint().abs();
    Ok(R::from_f64(value).widened(error + 2.0 * slope * shift))
}
