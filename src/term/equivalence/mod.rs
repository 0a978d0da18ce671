//! Deterministic equivalents of expectations, found in the formula itself.
//!
//! The body of an `E[…]` is read as sums of words in fits, resolvents and functions of `Σ` ([`word`](self)); the moments of
//! words are equivalent, as `T` and `d` grow together, to functions of `Σ` that one root κ of each fit enters
//! (Dohmatob, Feng & Kempe 2024, arXiv 2402.07712, §4 and appendix E). Nothing is drawn and nothing written out, so the
//! cost does not depend on `d` or `T`. What is not understood is refused, never guessed.

mod arithmetic;
mod error;
mod extremum;
mod fit;
pub mod general;
mod mean;
mod moment;
mod object;
mod product;
mod word;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::evaluate::{
    Environment, EvaluationError, Evaluator, LinearAlgebra, NodeKey, Spectral, Value, key,
};
use crate::formula::ast::{BinaryOp, Expr, Extremum, Fold, Function, Node};
use crate::formula::scope::Scope;
use crate::formula::traverse::children;
use error::{undefined, unrecognised};
use moment::Total;
use word::{Alphabet, Index, Leaf, Words, is_positive};

pub use error::EquivalenceError;

/// The most generations of a labeller with designs of their own, terms of a sum, and factors of a product.
const MAX_COUNT: f64 = 256.0;

/// The deterministic equivalent of `E[body]` at one point, in the proportional limit.
///
/// `body` is a scalar: sums, with deterministic coefficients, of `norm2(v)`, `norm2(v, M)`, `u'*M*v` and `tr(M)`, where vectors
/// and matrices are made of `w0`, functions of `Sigma`, designs through `ridge`, `proj`, `pinv`, `X'*X` and
/// `inv(X'*X/T + lambda*I)`, noises, and labellers. The expectation over every noise is exact; that over the designs holds
/// up to a relative error that vanishes as `T` and `d` grow in proportion.
///
/// ```
/// use resolvent::formula::parse::parse_expression;
/// use resolvent::term::equivalence;
/// use resolvent::term::evaluate::{Covariance, Environment, Level};
/// use resolvent::formula::scope::{Law, RandomObject, Scope};
///
/// // Σ = I of dimension 300, |w0|² = 1, T = 1000 rows: E|(I − P) w0|² = 0, and noise of variance 1 adds d/(T − d).
/// let (design, noise) = ("X".to_owned(), "E".to_owned());
/// let rows = parse_expression("1000").unwrap();
/// let scope = Scope {
///     random: vec![
///         (design, RandomObject { law: Law::Design { rows: rows.clone() }, count: None }),
///         (noise, RandomObject { law: Law::Noise { length: rows, sd: parse_expression("1").unwrap() }, count: None }),
///     ],
///     ..Scope::default()
/// };
/// let environment = Environment::<f64> {
///     covariance: Covariance::explicit(vec![Level { value: 1.0, multiplicity: 300.0, mass: 1.0, atom: 0 }])?,
///     scalars: Default::default(),
///     draw: None,
///     known: Default::default(),
/// };
/// let body = parse_expression("norm2(ridge(X, X*w0 + E, 0) - w0, Sigma)").unwrap();
/// let error = equivalence::expectation(&body, &scope, &environment)?;
/// assert!((error - 300.0 / 700.0).abs() < 1e-15);
/// # Ok::<(), equivalence::EquivalenceError>(())
/// ```
///
/// # Errors
/// [`EquivalenceError::NotRecognised`] where no equivalent is known, among others where the leading orders cancel;
/// [`EquivalenceError::Evaluation`] where the expression has no value, among others at the interpolation threshold `T = d`.
pub fn expectation<R: LinearAlgebra>(
    body: &Expr,
    scope: &Scope,
    environment: &Environment<R>,
) -> Result<R, EquivalenceError> {
    let evaluator = Evaluator::new(scope, environment);
    Reader::new(&evaluator, scope, environment).expectation(body)
}

/// A scalar expression in which every `E[…]` is replaced by its deterministic equivalent.
///
/// # Errors
/// As for [`expectation`]; and where an expectation stands inside anything but arithmetic, finite sums and products, `if`,
/// and the elementary functions.
pub fn scalar<R: LinearAlgebra>(
    expr: &Expr,
    scope: &Scope,
    environment: &Environment<R>,
) -> Result<R, EquivalenceError> {
    scalar_within(expr, scope, environment, None)
}

/// The same with every expectation known only up to a factor.
pub(crate) fn scalar_within<R: LinearAlgebra>(
    expr: &Expr,
    scope: &Scope,
    environment: &Environment<R>,
    factor: Option<R>,
) -> Result<R, EquivalenceError> {
    let evaluator = Evaluator::new(scope, environment);
    let mut reader = Reader::new(&evaluator, scope, environment);
    reader.factor = factor;
    match reader.value(expr)? {
        Form::Number(x) if x.is_finite() => Ok(x),
        Form::Number(_) => undefined("a value that is not finite"),
        Form::Scalar(_) => {
            Err(EvaluationError::Unsupported("a random object stands outside E[…]".into()).into())
        }
        _ => Err(EvaluationError::Unsupported("a scalar is needed here".into()).into()),
    }
}

/// What an expression inside an expectation is.
#[derive(Clone, Debug)]
enum Form<R> {
    /// A deterministic scalar.
    Number(R),
    /// A random scalar, by its expectation.
    Scalar(Total<R>),
    Matrix(Words<R>),
    Column(Words<R>),
    /// A row, by its transpose.
    Row(Words<R>),
}

struct Reader<'a, 'e, R: LinearAlgebra> {
    evaluator: &'e Evaluator<'a, R>,
    scope: &'a Scope,
    environment: &'a Environment<R>,
    alphabet: Alphabet<'a, R>,
    named: HashMap<&'a str, Form<R>>,
    random: HashMap<NodeKey, bool>,
    random_names: HashMap<&'a str, bool>,
    /// Designs and noises by name, member and generation.
    designs: HashMap<(&'a str, u64, u64), Index>,
    noises: HashMap<(&'a str, u64, u64), Index>,
    /// What every expectation is known up to.
    factor: Option<R>,
}

type Read<R> = Result<Form<R>, EquivalenceError>;

impl<'a, 'e, R: LinearAlgebra> Reader<'a, 'e, R> {
    fn new(
        evaluator: &'e Evaluator<'a, R>,
        scope: &'a Scope,
        environment: &'a Environment<R>,
    ) -> Self {
        Self {
            evaluator,
            scope,
            environment,
            alphabet: Alphabet::new(&environment.covariance),
            named: HashMap::new(),
            random: HashMap::new(),
            random_names: HashMap::new(),
            designs: HashMap::new(),
            noises: HashMap::new(),
            factor: None,
        }
    }

    fn expectation(&mut self, body: &'a Expr) -> Result<R, EquivalenceError> {
        let total = match self.value(body)? {
            Form::Number(x) => Total::exact(x),
            Form::Scalar(total) => total,
            _ => return unrecognised("only expectations of scalars have equivalents"),
        };
        let value = total.value;
        if !value.is_finite() {
            return undefined("an expectation that is not finite");
        }
        let magnitude = value.midpoint().abs();
        // Words that cancel to the last of their thirty digits are equal.
        if R::TRACKS_ERROR && magnitude + value.radius() <= 1e-22 * total.size {
            return Ok(R::zero());
        }
        let lost = if R::TRACKS_ERROR {
            magnitude <= value.radius() && !value.is_zero()
        } else {
            magnitude <= 1e-12 * total.size && total.size > 0.0
        };
        if lost {
            return unrecognised("its leading terms cancel");
        }
        Ok(match &self.factor {
            Some(factor) => value * factor.clone(),
            None => value,
        })
    }

    /// Whether random objects or expectations occur in it.
    fn is_random(&mut self, expr: &'a Expr) -> bool {
        if let Some(&known) = self.random.get(&key(expr)) {
            return known;
        }
        let random = match &*expr.node {
            Node::Expectation(_) | Node::Member(..) => true,
            // The general mechanism knows rows that are not alike; words do not.
            Node::Call(Function::Weights | Function::Rotated, _) => true,
            Node::Name(name) => self.is_random_name(name),
            _ => children(expr).into_iter().any(|part| self.is_random(part)),
        };
        self.random.insert(key(expr), random);
        random
    }

    fn is_random_name(&mut self, name: &'a str) -> bool {
        if let Some(&known) = self.random_names.get(name) {
            return known;
        }
        // Against circles, which the checks of names report.
        self.random_names.insert(name, false);
        let random = if self.environment.scalars.contains_key(name) {
            false
        } else if self.scope.random.iter().any(|(n, _)| n == name) {
            true
        } else {
            let body = self.scope.expansion(name);
            body.is_some_and(|body| self.is_random(body))
        };
        self.random_names.insert(name, random);
        random
    }

    fn formed(&mut self, value: Value<R>) -> Read<R> {
        Ok(match value {
            Value::Scalar(x) => Form::Number(x),
            Value::Spectral(f) => Form::Matrix(self.function(f, None)),
            Value::Target { f, row: false } => Form::Column(self.function(f, Some(Leaf::Target))),
            Value::Target { f, row: true } => Form::Row(self.function(f, Some(Leaf::Target))),
            Value::Matrix(_) => {
                return unrecognised("a matrix that is no function of Sigma is mixed in");
            }
        })
    }

    fn function(&mut self, f: Spectral<R>, leaf: Option<Leaf>) -> Words<R> {
        if let Some(c) = f.constant() {
            return Words::single(vec![], leaf).scaled(c);
        }
        let letter = self.alphabet.function(f);
        Words::single(vec![letter], leaf)
    }

    fn value(&mut self, expr: &'a Expr) -> Read<R> {
        if let Some(known) = self.evaluator.known(expr) {
            return self.formed(known);
        }
        if !self.is_random(expr) {
            let value = self.evaluator.value(expr)?;
            return self.formed(value);
        }
        match &*expr.node {
            Node::Name(name) => {
                if let Some(known) = self.named.get(name.as_str()) {
                    return Ok(known.clone());
                }
                let form = match self.scope.expansion(name) {
                    Some(body) => {
                        let evaluator = self.evaluator;
                        evaluator.without_locals(|| self.value(body))?
                    }
                    None => self.object(name, None)?,
                };
                self.named.insert(name, form.clone());
                Ok(form)
            }
            Node::Member(name, index) => {
                let index = self.number(index)?.midpoint();
                self.object(name, Some(index))
            }
            Node::Expectation(body) => Ok(Form::Number(self.expectation(body)?)),
            Node::Neg(inner) => {
                let inner = self.value(inner)?;
                self.scaled(inner, &-R::one())
            }
            Node::Transpose(inner) => Ok(match self.value(inner)? {
                Form::Matrix(m) => Form::Matrix(m.transposed()),
                Form::Column(v) => Form::Row(v),
                Form::Row(v) => Form::Column(v),
                scalar => scalar,
            }),
            Node::Binary(op, left, right) => self.binary(*op, left, right),
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Apply(name, _) => unrecognised(format!("the function {name}")),
            Node::If(condition, then, otherwise) => {
                if self.is_random(&condition.lhs) || self.is_random(&condition.rhs) {
                    return unrecognised("a condition on random quantities");
                }
                match self.evaluator.holds(condition)? {
                    Some(true) => self.value(then),
                    Some(false) => self.value(otherwise),
                    None => undefined("a condition too close to call"),
                }
            }
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => self.fold(*kind, index, from, to, body),
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => self.extremum(*kind, variable, (from, to), body),
            Node::Diff(..) => unrecognised("a derivative of random quantities"),
            Node::Number(_) | Node::Infinity | Node::Pi => {
                let value = self.evaluator.value(expr)?;
                self.formed(value)
            }
        }
    }

    /// A minimum of what is made of expectations, in plain numbers: how far it is off is not bounded.
    fn extremum(
        &mut self,
        kind: Extremum,
        variable: &str,
        (from, to): (&'a Expr, &'a Expr),
        body: &Expr,
    ) -> Read<R> {
        extremum::may_vary(self.scope, kind, variable)?;
        if R::TRACKS_ERROR || self.evaluator.is_inside_a_sum() {
            return unrecognised("a minimum of expectations with a bound on its error");
        }
        let (low, high) = (self.number(from)?.midpoint(), self.number(to)?.midpoint());
        let sign = if kind.is_greatest() { -1.0 } else { 1.0 };
        let mut environment = self.environment.clone();
        environment.known.clear();
        let mut value = |x: f64| {
            let scalars = &mut environment.scalars;
            scalars.insert(variable.to_owned(), R::from_f64(x));
            let evaluator = Evaluator::new(self.scope, &environment);
            let mut reader = Reader::new(&evaluator, self.scope, &environment);
            reader.factor.clone_from(&self.factor);
            match reader.value(body)? {
                Form::Number(x) if x.is_finite() => Ok(sign * x.midpoint()),
                Form::Number(_) => undefined("a value that is not finite"),
                _ => unrecognised("a minimum of random quantities"),
            }
        };
        let found = extremum::least(&mut value, low, high, 1.0)?;
        let found = if kind.is_place() {
            found.place
        } else {
            sign * found.value
        };
        Ok(Form::Number(R::from_f64(found)))
    }

    /// A deterministic scalar.
    fn number(&mut self, expr: &'a Expr) -> Result<R, EquivalenceError> {
        match self.value(expr)? {
            Form::Number(x) if x.is_finite() => Ok(x),
            Form::Number(_) => undefined("a value that is not finite"),
            Form::Scalar(_) => unrecognised("a random scalar where a number is needed"),
            _ => unrecognised("a matrix or vector where a number is needed"),
        }
    }

    fn whole(&mut self, expr: &'a Expr, what: &str) -> Result<f64, EquivalenceError> {
        let x = self.number(expr)?.midpoint();
        if x.fract() != 0.0 {
            return undefined(format!("{what} = {x}: a whole number is needed"));
        }
        Ok(x)
    }

    fn call(&mut self, function: Function, arguments: &'a [Expr]) -> Read<R> {
        match function {
            Function::Norm2 => {
                let column = match self.value(&arguments[0])? {
                    Form::Column(v) | Form::Row(v) => v,
                    _ => return unrecognised("norm2 of anything but a vector"),
                };
                let weighted = match arguments.get(1) {
                    Some(weight) => {
                        let weight = self.value(weight)?;
                        match self.product(weight, Form::Column(column.clone()))? {
                            Form::Column(v) => v,
                            _ => return unrecognised("norm2 with anything but a matrix"),
                        }
                    }
                    None => column.clone(),
                };
                Ok(Form::Scalar(self.inner(&column, &weighted)?))
            }
            Function::Tr => self.trace(&arguments[0]),
            Function::Inv => match self.value(&arguments[0])? {
                Form::Matrix(m) => Ok(Form::Matrix(self.inverse(&m)?)),
                Form::Number(x) => Ok(Form::Number(R::one() / x)),
                _ => unrecognised("an inverse of something random"),
            },
            Function::Pinv => match self.value(&arguments[0])? {
                Form::Matrix(m) => Ok(Form::Matrix(self.pinv(&m)?)),
                _ => unrecognised("a pseudo-inverse of anything but a design"),
            },
            Function::Proj => match self.value(&arguments[0])? {
                Form::Matrix(m) => {
                    let pinv = self.pinv(&m)?;
                    Ok(Form::Matrix(pinv.times(&m, &mut self.alphabet)?))
                }
                _ => unrecognised("a projection on anything but a design"),
            },
            Function::Ridge => {
                let (x, labels) = (self.value(&arguments[0])?, self.value(&arguments[1])?);
                let (Form::Matrix(x), Form::Column(labels)) = (x, labels) else {
                    return unrecognised("ridge of anything but a design and a vector");
                };
                let (x, transposed, factor) = Self::design_of(&x)?;
                let scale = factor.clone() - R::one();
                if transposed || scale.midpoint() != 0.0 || factor.radius() != 0.0 {
                    return unrecognised("a fit to anything but a design");
                }
                let lambda = self.number(&arguments[2])?;
                let fit = self.fit(x, lambda)?;
                Ok(Form::Column(fit.times(&labels, &mut self.alphabet)?))
            }
            Function::Sqrt
            | Function::Exp
            | Function::Log
            | Function::Abs
            | Function::Min
            | Function::Max => {
                let mut numbers = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    numbers.push(self.number(argument)?);
                }
                elementary(function, &numbers).map(Form::Number)
            }
            _ => unrecognised("a function of random quantities"),
        }
    }

    fn fold(
        &mut self,
        kind: Fold,
        index: &'a str,
        from: &'a Expr,
        to: &'a Expr,
        body: &'a Expr,
    ) -> Read<R> {
        if !matches!(kind, Fold::Sum | Fold::Prod) {
            return unrecognised(format!("{} of random quantities", kind.name()));
        }
        if matches!(&*to.node, Node::Infinity) {
            return unrecognised("an infinite sum or product of random quantities");
        }
        let (start, end) = (self.whole(from, "the start of a sum")?, self.number(to)?);
        let end = end.midpoint();
        if end - start > MAX_COUNT {
            return unrecognised(format!("a sum or product of more than {MAX_COUNT} terms"));
        }
        let evaluator = self.evaluator;
        let mut total: Option<Form<R>> = None;
        let mut i = start;
        while i <= end {
            let next = evaluator.with_local(index, R::from_f64(i), |_| self.value(body))?;
            total = Some(match (total, kind) {
                (None, _) => next,
                (Some(sum), Fold::Sum) => self.sum(sum, next)?,
                (Some(product), _) => self.product(product, next)?,
            });
            i += 1.0;
        }
        match (total, kind) {
            (Some(form), _) => Ok(form),
            (None, Fold::Sum) => Ok(Form::Number(R::zero())),
            // The evaluator knows whether it is the identity or the number one.
            (None, _) => {
                if self.contains_matrix(body) {
                    Ok(Form::Matrix(Words::single(vec![], None)))
                } else {
                    Ok(Form::Number(R::one()))
                }
            }
        }
    }

    /// Whether an empty product of it is an identity matrix.
    fn contains_matrix(&self, expr: &'a Expr) -> bool {
        match &*expr.node {
            Node::Name(name) => {
                name == "Sigma"
                    || name == "I"
                    || self
                        .scope
                        .expansion(name)
                        .is_some_and(|body| self.contains_matrix(body))
            }
            Node::Member(..) => true,
            Node::Call(function, _) => {
                matches!(
                    function,
                    Function::Inv | Function::Pinv | Function::Proj | Function::Ridge
                )
            }
            Node::Neg(a) | Node::Transpose(a) => self.contains_matrix(a),
            Node::Binary(BinaryOp::Pow | BinaryOp::Div, a, _) => self.contains_matrix(a),
            Node::Binary(_, a, b) => self.contains_matrix(a) || self.contains_matrix(b),
            _ => false,
        }
    }
}

fn elementary<R: LinearAlgebra>(function: Function, x: &[R]) -> Result<R, EquivalenceError> {
    let first = &x[0];
    Ok(match function {
        Function::Sqrt if first.midpoint() < -first.radius() => {
            return undefined(format!("the square root of {}", first.midpoint()));
        }
        Function::Sqrt => first.sqrt(),
        Function::Exp => first.exp(),
        Function::Log if !is_positive(first) => {
            return undefined(format!("the logarithm of {}", first.midpoint()));
        }
        Function::Log => first.ln(),
        Function::Abs => first.abs(),
        Function::Min => x.iter().fold(first.clone(), |a, b| a.lesser(b)),
        _ => x.iter().fold(first.clone(), |a, b| a.greater(b)),
    })
}
