//! Deterministic equivalents of expectations, found in the formula itself.
//!
//! The body of an `E[…]` is read as sums of words in fits, resolvents and functions of `Σ` ([`word`](self)); the moments of
//! words are equivalent, as `T` and `d` grow together, to functions of `Σ` that one root κ of each fit enters
//! (Dohmatob, Feng & Kempe 2024, arXiv 2402.07712, §4 and appendix E). Nothing is drawn and nothing written out, so the
//! cost does not depend on `d` or `T`. What is not understood is refused, never guessed.

mod moment;
mod word;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::ast::{BinaryOp, Expr, Fold, Function, Node};
use super::evaluate::{
    Environment, EvaluationError, Evaluator, LinearAlgebra, NodeKey, Spectral, Value, key,
};
use super::names::children;
use super::scope::{Designs, Law, RandomObject, Scope};
use moment::{Closure, Total};
use word::{Alphabet, Index, Leaf, Letter, NoiseSource, Term, Words};

/// Why an expectation has no equivalent here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EquivalenceError {
    /// The calculus does not cover the expression.
    #[error("no deterministic equivalent is known here: {why}")]
    NotRecognised { why: String },
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

impl EquivalenceError {
    fn unrecognised(why: impl Into<String>) -> Self {
        EquivalenceError::NotRecognised { why: why.into() }
    }
}

fn undefined<T>(what: impl Into<String>) -> Result<T, EquivalenceError> {
    Err(EvaluationError::Undefined(what.into()).into())
}

fn unrecognised<T>(why: impl Into<String>) -> Result<T, EquivalenceError> {
    Err(EquivalenceError::unrecognised(why))
}

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
/// use resolvent::formula::{equivalence, parse::parse_expression};
/// use resolvent::formula::evaluate::{Covariance, Environment, Level};
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
///     covariance: Covariance::explicit(vec![Level { value: 1.0, multiplicity: 300.0, mass: 1.0 }])?,
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
    let evaluator = Evaluator::new(scope, environment);
    match Reader::new(&evaluator, scope, environment).value(expr)? {
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
        let lost = if R::TRACKS_ERROR {
            magnitude <= value.radius()
        } else {
            magnitude <= 1e-12 * total.size
        };
        if lost && !value.is_zero() {
            return unrecognised("its leading terms cancel");
        }
        Ok(value)
    }

    /// Whether random objects or expectations occur in it.
    fn is_random(&mut self, expr: &'a Expr) -> bool {
        if let Some(&known) = self.random.get(&key(expr)) {
            return known;
        }
        let random = match &*expr.node {
            Node::Expectation(_) | Node::Member(..) => true,
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

    fn from_value(&mut self, value: Value<R>) -> Read<R> {
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
        if let Some(known) = self.environment.known.get(&key(expr)) {
            return self.from_value(known.clone());
        }
        if !self.is_random(expr) {
            let value = self.evaluator.value(expr)?;
            return self.from_value(value);
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
            Node::Extremum { .. } | Node::Diff(..) => {
                unrecognised("a derivative or an extremum of random quantities")
            }
            Node::Number(_) | Node::Infinity | Node::Pi => {
                let value = self.evaluator.value(expr)?;
                self.from_value(value)
            }
        }
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

    fn scaled(&mut self, form: Form<R>, factor: &R) -> Read<R> {
        Ok(match form {
            Form::Number(x) => Form::Number(x * factor.clone()),
            Form::Scalar(x) => Form::Scalar(x.scaled(factor)),
            Form::Matrix(m) => Form::Matrix(m.scaled(factor)),
            Form::Column(v) => Form::Column(v.scaled(factor)),
            Form::Row(v) => Form::Row(v.scaled(factor)),
        })
    }

    fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Read<R> {
        let (a, b) = (self.value(left)?, self.value(right)?);
        match op {
            BinaryOp::Add => self.sum(a, b),
            BinaryOp::Sub => {
                let b = self.scaled(b, &-R::one())?;
                self.sum(a, b)
            }
            BinaryOp::Mul => self.product(a, b),
            BinaryOp::Div => match b {
                Form::Number(x) if x.is_zero() => undefined("a division by zero"),
                Form::Number(x) => match a {
                    Form::Number(a) => Ok(Form::Number(a / x)),
                    a => self.scaled(a, &(R::one() / x)),
                },
                Form::Matrix(m) => {
                    let inverse = self.inverse(&m)?;
                    self.product(a, Form::Matrix(inverse))
                }
                _ => unrecognised("a division by something random"),
            },
            BinaryOp::Pow => {
                let Form::Number(exponent) = b else {
                    return unrecognised("a random exponent");
                };
                self.power(a, &exponent)
            }
        }
    }

    fn power(&mut self, base: Form<R>, exponent: &R) -> Read<R> {
        let e = exponent.midpoint();
        let whole = exponent.radius() == 0.0 && e.fract() == 0.0;
        match base {
            Form::Number(x) => {
                if x.is_zero() && e < 0.0 {
                    return undefined("a negative power of zero");
                }
                if x.is_zero() && e > 0.0 {
                    return Ok(Form::Number(R::zero()));
                }
                if x.midpoint() < 0.0 && !whole {
                    return undefined("a fractional power of a negative number");
                }
                Ok(Form::Number(x.powf(exponent)))
            }
            Form::Matrix(m) if whole && e.abs() <= 16.0 => {
                let m = if e < 0.0 { self.inverse(&m)? } else { m };
                let mut power = Words::single(vec![], None);
                for _ in 0..e.abs() as usize {
                    power = power.times(&m, &mut self.alphabet)?;
                }
                Ok(Form::Matrix(power))
            }
            _ if whole && e == 1.0 => Ok(base),
            _ => unrecognised("a power of a random quantity"),
        }
    }

    fn sum(&mut self, a: Form<R>, b: Form<R>) -> Read<R> {
        Ok(match (a, b) {
            (Form::Number(a), Form::Number(b)) => Form::Number(a + b),
            (Form::Number(a), Form::Scalar(b)) | (Form::Scalar(b), Form::Number(a)) => {
                Form::Scalar(b.plus(Total::exact(a)))
            }
            (Form::Scalar(a), Form::Scalar(b)) => Form::Scalar(a.plus(b)),
            (Form::Matrix(a), Form::Matrix(b)) => Form::Matrix(a.plus(b)?),
            (Form::Column(a), Form::Column(b)) => Form::Column(a.plus(b)?),
            (Form::Row(a), Form::Row(b)) => Form::Row(a.plus(b)?),
            _ => return unrecognised("a sum of different shapes"),
        })
    }

    fn product(&mut self, a: Form<R>, b: Form<R>) -> Read<R> {
        Ok(match (a, b) {
            (Form::Number(x), other) | (other, Form::Number(x)) => self.scaled(other, &x)?,
            (Form::Scalar(_), _) | (_, Form::Scalar(_)) => {
                return unrecognised("a product with a random scalar");
            }
            (Form::Matrix(a), Form::Matrix(b)) => Form::Matrix(a.times(&b, &mut self.alphabet)?),
            (Form::Matrix(a), Form::Column(v)) => Form::Column(a.times(&v, &mut self.alphabet)?),
            (Form::Row(v), Form::Matrix(a)) => {
                Form::Row(a.transposed().times(&v, &mut self.alphabet)?)
            }
            (Form::Row(u), Form::Column(v)) => Form::Scalar(self.inner(&u, &v)?),
            _ => return unrecognised("an outer product"),
        })
    }

    /// The inverse of `c_1 X'X + c_2 I`, of `c_1 XX' + c_2 I`, or of a function of `Σ`.
    fn inverse(&mut self, m: &Words<R>) -> Result<Words<R>, EquivalenceError> {
        if m.terms
            .iter()
            .all(|t| t.letters.iter().all(|l| l.design().is_none()))
        {
            let f = self.alphabet.mean(&moment::tail(&m.terms))?;
            return Ok(self.function(f.power(-R::one()), None));
        }
        const WHY: &str = "an inverse of anything but c*X'*X + c*I";
        let (mut sample, mut shift, mut rest) = (None, R::zero(), false);
        for term in &m.terms {
            match term.letters.as_slice() {
                [] => shift = term.coefficient.clone(),
                [Letter::Sample(x)] if sample.is_none() => {
                    sample = Some((*x, term.coefficient.clone(), false));
                }
                [Letter::Design(x), Letter::DesignTransposed(y)] if x == y && sample.is_none() => {
                    let scale = term.coefficient.clone() * self.alphabet.designs[*x].clone();
                    sample = Some((*x, scale, true));
                }
                _ => rest = true,
            }
        }
        let Some((x, scale, by_rows)) = sample.filter(|_| !rest) else {
            return unrecognised(WHY);
        };
        let lambda = shift / scale.clone();
        if lambda.midpoint() < 0.0 {
            return unrecognised("an inverse that may not be positive");
        }
        if lambda.is_zero() {
            let surplus = self.alphabet.surplus(x).midpoint();
            if by_rows {
                return unrecognised("an inverse of X*X' without a ridge");
            }
            if surplus < 0.0 {
                return undefined("the inverse of a singular matrix");
            }
        } else if !(lambda.midpoint() > lambda.radius()) {
            return undefined("an inverse that is not known well enough");
        }
        let l = self.alphabet.ridge(lambda);
        let letter = if by_rows {
            Letter::Companion(x, l)
        } else {
            Letter::Resolvent(x, l)
        };
        Ok(Words::single(vec![letter], None).scaled(&(R::one() / scale)))
    }

    /// The design of a multiple of `X`, or of `X'` if the flag is set, and the factor.
    fn design_of(m: &Words<R>) -> Result<(Index, bool, R), EquivalenceError> {
        match m.terms.as_slice() {
            [term] => match term.letters.as_slice() {
                [Letter::Design(x)] => Ok((*x, false, term.coefficient.clone())),
                [Letter::DesignTransposed(x)] => Ok((*x, true, term.coefficient.clone())),
                _ => unrecognised("a fit to anything but a design"),
            },
            _ => unrecognised("a fit to anything but a design"),
        }
    }

    /// `A` and `N` are not looked for in a single fit only: `pinv` is `N` without a ridge.
    fn pinv(&mut self, m: &Words<R>) -> Result<Words<R>, EquivalenceError> {
        let (x, transposed, factor) = Self::design_of(m)?;
        let l = self.alphabet.ridge(R::zero());
        let letter = if transposed {
            Letter::NoiseTransposed(x, l)
        } else {
            Letter::Noise(x, l)
        };
        Ok(Words::single(vec![letter], None).scaled(&(R::one() / factor)))
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

    /// `N(X, λ)`
    fn fit(&mut self, x: Index, lambda: R) -> Result<Words<R>, EquivalenceError> {
        if lambda.midpoint() < 0.0 {
            return undefined(format!("a ridge of {}", lambda.midpoint()));
        }
        if !lambda.is_zero() && !(lambda.midpoint() > lambda.radius()) {
            return undefined("a ridge that is not known well enough");
        }
        let l = self.alphabet.ridge(lambda);
        Ok(Words::single(vec![Letter::Noise(x, l)], None))
    }

    fn fold(
        &mut self,
        kind: Fold,
        index: &'a str,
        from: &'a Expr,
        to: &'a Expr,
        body: &'a Expr,
    ) -> Read<R> {
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
                (Some(product), Fold::Prod) => self.product(product, next)?,
            });
            i += 1.0;
        }
        match (total, kind) {
            (Some(form), _) => Ok(form),
            (None, Fold::Sum) => Ok(Form::Number(R::zero())),
            // The evaluator knows whether it is the identity or the number one.
            (None, Fold::Prod) => {
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

    /// A random object: `X`, `E`, `W`, or member `index` of a family.
    fn object(&mut self, name: &'a str, index: Option<f64>) -> Read<R> {
        let evaluator = self.evaluator;
        evaluator.without_locals(|| self.declared(name, index))
    }

    fn declared(&mut self, name: &'a str, index: Option<f64>) -> Read<R> {
        let Some((_, object)) = self.scope.random.iter().find(|(n, _)| n == name) else {
            return Err(EvaluationError::Unsupported(format!("unknown name {name}")).into());
        };
        let member = self.member(name, object, index)?;
        match &object.law {
            Law::Design { rows } => {
                let x = self.design(name, member, 0, rows)?;
                Ok(Form::Matrix(Words::single(vec![Letter::Design(x)], None)))
            }
            Law::Noise { length, sd } => {
                let e = self.noise(name, member, 0, length, sd)?;
                Ok(Form::Column(Words::single(vec![], Some(Leaf::Noise(e)))))
            }
            Law::Labeller {
                generations,
                samples,
                sd,
                ridge,
                designs,
            } => {
                let n = self.whole(generations, "the generations of a labeller")?;
                if n < 0.0 {
                    return undefined(format!("{n} generations of a labeller"));
                }
                let lambda = match ridge {
                    Some(ridge) => self.number(ridge)?,
                    None => R::zero(),
                };
                let mut w = Words::single(vec![], Some(Leaf::Target));
                if n == 0.0 {
                    return Ok(Form::Column(w));
                }
                if *designs == Designs::Shared {
                    if n > 1.0 && !lambda.is_zero() {
                        return unrecognised("repeated ridge fits to one design");
                    }
                    // X†(X ŵ + e_m) adds up: one fit, with noise of n times the variance.
                    let x = self.design(name, member, 0, samples)?;
                    let e = self.noise(name, member, 0, samples, sd)?;
                    self.alphabet.noises[e].sd = self.number(sd)? * R::from_f64(n).sqrt();
                    return self.refit(w, x, e, lambda).map(Form::Column);
                }
                if n > MAX_COUNT {
                    return unrecognised(format!("more than {MAX_COUNT} generations"));
                }
                for generation in 0..n as u64 {
                    let x = self.design(name, member, generation, samples)?;
                    let e = self.noise(name, member, generation, samples, sd)?;
                    w = self.refit(w, x, e, lambda.clone())?;
                }
                Ok(Form::Column(w))
            }
        }
    }

    /// `Fit(X, X ŵ + e)`
    fn refit(
        &mut self,
        w: Words<R>,
        x: Index,
        e: Index,
        lambda: R,
    ) -> Result<Words<R>, EquivalenceError> {
        let labels = Words::single(vec![Letter::Design(x)], None)
            .times(&w, &mut self.alphabet)?
            .plus(Words::single(vec![], Some(Leaf::Noise(e))))?;
        self.fit(x, lambda)?.times(&labels, &mut self.alphabet)
    }

    /// The number of a member; 0 for a single object.
    fn member(
        &mut self,
        name: &str,
        object: &'a RandomObject,
        index: Option<f64>,
    ) -> Result<u64, EquivalenceError> {
        match (index, &object.count) {
            (None, None) => Ok(0),
            (Some(i), Some(count)) => {
                let count = self.whole(count, "count")?;
                if i.fract() != 0.0 || !(0.0..count).contains(&i) {
                    return undefined(format!("{name}({i}) of {count}"));
                }
                Ok(i as u64)
            }
            (None, Some(_)) => Err(EvaluationError::Unsupported(format!(
                "{name} is a family: write {name}(0)"
            ))
            .into()),
            (Some(_), None) => {
                Err(EvaluationError::Unsupported(format!("{name} is a single object")).into())
            }
        }
    }

    fn design(
        &mut self,
        name: &'a str,
        member: u64,
        generation: u64,
        rows: &'a Expr,
    ) -> Result<Index, EquivalenceError> {
        if let Some(&known) = self.designs.get(&(name, member, generation)) {
            return Ok(known);
        }
        let rows = self.number(rows)?;
        let x = self.alphabet.design(rows)?;
        self.designs.insert((name, member, generation), x);
        Ok(x)
    }

    fn noise(
        &mut self,
        name: &'a str,
        member: u64,
        generation: u64,
        length: &'a Expr,
        sd: &'a Expr,
    ) -> Result<Index, EquivalenceError> {
        if let Some(&known) = self.noises.get(&(name, member, generation)) {
            return Ok(known);
        }
        let (length, sd) = (self.number(length)?, self.number(sd)?);
        if sd.midpoint() < 0.0 {
            return undefined(format!("a standard deviation of {}", sd.midpoint()));
        }
        self.alphabet.noises.push(NoiseSource { length, sd });
        let e = self.alphabet.noises.len() - 1;
        self.noises.insert((name, member, generation), e);
        Ok(e)
    }

    /// `E u'v`. Noise has mean zero and is independent of all designs, so only equal noises meet.
    fn inner(&mut self, u: &Words<R>, v: &Words<R>) -> Result<Total<R>, EquivalenceError> {
        let of = |words: &Words<R>, leaf: Leaf| -> Vec<Term<R>> {
            let terms = words.terms.iter().filter(|t| t.leaf == Some(leaf));
            terms.cloned().collect()
        };
        let (left, right) = (of(u, Leaf::Target), of(v, Leaf::Target));
        let mut total = if left.is_empty() || right.is_empty() {
            Total::zero()
        } else {
            self.alphabet.bilinear(&left, &right, &Closure::Target)?
        };
        for e in 0..self.alphabet.noises.len() {
            let (left, right) = (of(u, Leaf::Noise(e)), of(v, Leaf::Noise(e)));
            if left.is_empty() || right.is_empty() {
                continue;
            }
            let sd = self.alphabet.noises[e].sd.clone();
            if sd.is_zero() {
                continue;
            }
            let variance = sd.clone() * sd;
            total = total.plus(self.noise_trace(e, &left, &right)?.scaled(&variance));
        }
        Ok(total)
    }

    /// `E tr(l'r)` of words that end in one noise, of variance 1.
    fn noise_trace(
        &mut self,
        e: Index,
        left: &[Term<R>],
        right: &[Term<R>],
    ) -> Result<Total<R>, EquivalenceError> {
        let mut total = Total::zero();
        for (l, left) in by_last(left) {
            for (r, right) in by_last(right) {
                total = total.plus(self.noise_pair(e, l, &left, r, &right)?);
            }
        }
        Ok(total)
    }

    fn noise_pair(
        &mut self,
        e: Index,
        l: Option<Letter>,
        left: &[Term<R>],
        r: Option<Letter>,
        right: &[Term<R>],
    ) -> Result<Total<R>, EquivalenceError> {
        let length = self.alphabet.noises[e].length.clone();
        for letter in [l, r].into_iter().flatten() {
            if let Some(x) = letter.design()
                && self.alphabet.designs[x].midpoint() != length.midpoint()
            {
                return undefined(format!(
                    "a design of {} rows with a noise of length {}",
                    self.alphabet.designs[x].midpoint(),
                    length.midpoint()
                ));
            }
        }
        let elsewhere = |x: Index| {
            left.iter()
                .chain(right)
                .any(|t| t.letters.iter().any(|l| l.design() == Some(x)))
        };
        if let (Some(Letter::Noise(x, a)), Some(Letter::Noise(y, b))) = (l, r) {
            if x != y && !(elsewhere(x) || elsewhere(y)) {
                // Odd in each of the designs, which are symmetric.
                return Ok(Total::zero());
            }
            if x == y && a == b && !elsewhere(x) {
                let weight = self.alphabet.letter_mean(Letter::NoiseSquare(x, a))?;
                return self.alphabet.bilinear(left, right, &Closure::Trace(weight));
            }
        }
        let mut total = Total::zero();
        for a in left {
            for b in right {
                let mut word: Vec<Letter> = Vec::new();
                let mut factor = a.coefficient.clone() * b.coefficient.clone();
                let letters = l.iter().map(|l| l.transposed());
                let letters = letters.chain(a.letters.iter().rev().map(|l| l.transposed()));
                let letters = letters.chain(b.letters.iter().copied()).chain(r);
                for letter in letters {
                    factor = factor * self.alphabet.push(&mut word, letter);
                }
                if word.is_empty() {
                    total = total.plus(Total::exact(length.clone()).scaled(&factor));
                    continue;
                }
                total = total.plus(self.cyclic_trace(word)?.scaled(&factor));
            }
        }
        Ok(total)
    }

    fn cyclic_trace(&mut self, word: Vec<Letter>) -> Result<Total<R>, EquivalenceError> {
        let (factor, word) = self.alphabet.cyclic(word);
        let f = self.alphabet.reduced(&word)?;
        let whole = Closure::Trace(Spectral::Constant(R::one()));
        Ok(self.alphabet.closed(vec![f], &whole)?.scaled(&factor))
    }

    fn trace(&mut self, argument: &'a Expr) -> Read<R> {
        let mut factors = None;
        let form = match &*argument.node {
            Node::Binary(BinaryOp::Mul, left, right) => {
                match (self.value(left)?, self.value(right)?) {
                    (Form::Matrix(a), Form::Matrix(b)) => {
                        let product = a.times(&b, &mut self.alphabet)?;
                        factors = Some((a, b));
                        Form::Matrix(product)
                    }
                    // tr(v u') = u'v
                    (Form::Column(v), Form::Row(u)) => Form::Scalar(self.inner(&u, &v)?),
                    (a, b) => self.product(a, b)?,
                }
            }
            _ => self.value(argument)?,
        };
        let words = match form {
            Form::Matrix(words) => words,
            Form::Number(_) | Form::Scalar(_) => return Ok(form),
            _ => return unrecognised("a trace of anything but a matrix"),
        };
        if words.terms.len() > 1
            && let Some((a, b)) = factors
        {
            let whole = Closure::Trace(Spectral::Constant(R::one()));
            match self
                .alphabet
                .bilinear(&a.transposed().terms, &b.terms, &whole)
            {
                Err(EquivalenceError::NotRecognised { .. }) => {}
                decided => return decided.map(Form::Scalar),
            }
        }
        let by_rows = |t: &Term<R>| t.letters.first().is_some_and(|l| l.acts_from_rows());
        let identity = |t: &Term<R>| t.letters.is_empty();
        if words.terms.iter().any(by_rows) && words.terms.iter().any(identity) {
            return unrecognised("a trace over the rows of a design with an identity in it");
        }
        let mut total = Total::zero();
        for term in words.terms {
            let trace = self.cyclic_trace(term.letters)?;
            total = total.plus(trace.scaled(&term.coefficient));
        }
        Ok(Form::Scalar(total))
    }
}

/// Terms by their last letter, which is taken off.
fn by_last<R: Clone>(terms: &[Term<R>]) -> Vec<(Option<Letter>, Vec<Term<R>>)> {
    let mut groups: Vec<(Option<Letter>, Vec<Term<R>>)> = Vec::new();
    for term in terms {
        let mut term = term.clone();
        let last = term.letters.pop();
        match groups.iter_mut().find(|(letter, _)| *letter == last) {
            Some((_, group)) => group.push(term),
            None => groups.push((last, vec![term])),
        }
    }
    groups
}

fn elementary<R: LinearAlgebra>(function: Function, x: &[R]) -> Result<R, EquivalenceError> {
    let first = &x[0];
    Ok(match function {
        Function::Sqrt if first.midpoint() < -first.radius() => {
            return undefined(format!("the square root of {}", first.midpoint()));
        }
        Function::Sqrt => first.sqrt(),
        Function::Exp => first.exp(),
        Function::Log if !(first.midpoint() > 0.0) => {
            return undefined(format!("the logarithm of {}", first.midpoint()));
        }
        Function::Log => first.ln(),
        Function::Abs => first.abs(),
        Function::Min => x.iter().fold(first.clone(), |a, b| a.lesser(b)),
        _ => x.iter().fold(first.clone(), |a, b| a.greater(b)),
    })
}
