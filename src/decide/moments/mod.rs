//! Expectations that are known exactly: of polynomials in Gaussian matrices, of inverses of Wishart matrices, of
//! projections onto random directions.
//!
//! Resolvents have a mean that is known for isotropic inputs, though not in closed form: see [`Means`].
//!
//! A formula is read as a sum of [words](word); the expectation of each is a sum over [pairings](wick).

mod determinant;
mod invariant;
mod inverse;
mod object;
mod polynomial;
mod root;
mod rows;
mod stack;
mod table;
mod wick;
mod word;

use std::cell::RefCell;
use std::collections::HashMap;

use super::estimate;
use super::problem::Problem;
use crate::formula::ast::{BinaryOp, Fold, Function};
use crate::term::evaluate::{
    AtPoint, Dense, Environment, EvaluationError, Evaluator, LinearAlgebra, Spectral, Value,
};
use crate::term::{Binder, Condition, Id, Node, Store};
use polynomial::{Side, Term, Words};
use table::{MomentError, Table};
use word::{Letter, Vector, pieces, reduce};

pub use table::Means;

/// Terms of a polynomial, and letters of one of them.
const MOST_TERMS: usize = 600;
const MOST_LETTERS: usize = 40;
/// Entries of a matrix of expectations.
const MOST_ENTRIES: usize = 150;
/// Generations of a labeller that are written out, and terms of a sum.
const MOST_GENERATIONS: f64 = 12.0;

fn unknown(what: &str) -> EvaluationError {
    EvaluationError::Unsupported(format!("no exact moment is known of {what}"))
}

impl From<MomentError> for EvaluationError {
    fn from(error: MomentError) -> Self {
        match error {
            MomentError::DoesNotExist(_) => EvaluationError::Undefined(error.to_string()),
            MomentError::Unknown(_) => EvaluationError::Unsupported(error.to_string()),
        }
    }
}

type Read<R> = Result<Words<R>, EvaluationError>;

/// Reads the terms of one claim at one point.
struct Reader<'a, R> {
    store: &'a Store,
    evaluator: &'a Evaluator<'a, R>,
    environment: &'a Environment<R>,
    /// The indices of the sums around.
    bound: RefCell<Vec<(Binder, R)>>,
    table: RefCell<Table<R>>,
    designs: RefCell<HashMap<String, usize>>,
    noises: RefCell<HashMap<String, usize>>,
}

/// The exact value of every `E[…]` of a claim, by its term.
///
/// # Errors
/// `Unsupported` where no exact moment is known, `Undefined` where the expectation does not exist.
pub fn known<R: LinearAlgebra>(
    problem: &Problem<'_>,
    environment: &Environment<R>,
    means: Option<Means>,
) -> Result<HashMap<Id, Value<R>>, EvaluationError> {
    each(problem, environment, means)?
        .into_iter()
        .map(|(id, mean)| Ok((id, mean?)))
        .collect()
}

/// The exact values of those `E[…]` of a claim of which they are known.
///
/// # Errors
/// Where the claim cannot be read.
pub fn some_known<R: LinearAlgebra>(
    problem: &Problem<'_>,
    environment: &Environment<R>,
) -> Result<HashMap<Id, Value<R>>, EvaluationError> {
    let means = each(problem, environment, None)?.into_iter();
    Ok(means
        .filter_map(|(id, mean)| Some((id, mean.ok()?)))
        .collect())
}

type Mean<R> = Result<Value<R>, EvaluationError>;

fn each<R: LinearAlgebra>(
    problem: &Problem<'_>,
    environment: &Environment<R>,
    means: Option<Means>,
) -> Result<Vec<(Id, Mean<R>)>, EvaluationError> {
    let evaluator = Evaluator::new(problem.scope, environment);
    let sides = [
        evaluator.term(&problem.says.lhs)?,
        evaluator.term(&problem.says.rhs)?,
    ];
    let store = evaluator.store()?;
    let reader = Reader {
        store: &store,
        evaluator: &evaluator,
        environment,
        bound: RefCell::default(),
        table: RefCell::new(Table {
            modes: environment.covariance.written_out()?.to_vec(),
            functions: Vec::new(),
            designs: Vec::new(),
            noises: Vec::new(),
            ridges: Vec::new(),
            stacks: Vec::new(),
            means,
        }),
        designs: RefCell::default(),
        noises: RefCell::default(),
    };
    let expectations = estimate::expectations(&store, &sides).into_iter();
    Ok(expectations
        .map(|(id, body)| (id, reader.mean_value(body)))
        .collect())
}

impl<R: LinearAlgebra> Reader<'_, R> {
    /// Whether a term is the same in every draw, and depends on no variable without a value.
    fn is_fixed(&self, id: Id) -> bool {
        let bound = self.bound.borrow();
        let known = |variable: &Binder| bound.iter().any(|(binder, _)| binder == variable);
        !self.store.averages(id)
            && !self.store.is_random(id)
            && self.store.free(id).iter().all(known)
    }

    fn value(&self, id: Id) -> Result<Value<R>, EvaluationError> {
        if self.store.free(id).is_empty() {
            return self.evaluator.value_of(id);
        }
        AtPoint::new(self.store, self.environment).value(id, self.bound.borrow().iter().cloned())
    }

    fn scalar(&self, id: Id) -> Result<R, EvaluationError> {
        self.value(id)?.scalar()
    }

    /// A sum or product of few terms, each by itself.
    fn folded(&self, kind: Fold, index: Binder, [from, to, body]: [Id; 3]) -> Read<R> {
        let end = |id: Id| -> Result<i64, EvaluationError> {
            let whole = match self.is_fixed(id) {
                true => self.scalar(id)?.to_whole(),
                false => None,
            };
            whole.ok_or_else(|| unknown("such a sum"))
        };
        let (from, to) = (end(from)?, end(to)?);
        let count = to.saturating_sub(from);
        if !matches!(kind, Fold::Sum | Fold::Prod) || !(0..MOST_GENERATIONS as i64).contains(&count)
        {
            return Err(unknown("such a sum"));
        }
        let mut total: Option<Words<R>> = None;
        for i in from..=to {
            self.bound.borrow_mut().push((index, R::from_f64(i as f64)));
            let words = self.words(body);
            self.bound.borrow_mut().pop();
            let words = words?;
            total = Some(match (total, kind) {
                (None, _) => words,
                (Some(sum), Fold::Sum) => self.bounded(sum.plus(words))?,
                (Some(product), _) => self.times(&product, &words)?,
            });
        }
        total.ok_or_else(|| unknown("a sum of nothing"))
    }

    fn words(&self, id: Id) -> Read<R> {
        if self.is_fixed(id) {
            return self.fixed(self.value(id)?);
        }
        let words = match self.store.node(id) {
            Node::Random(object) => self.object(*object, None)?,
            Node::Member(object, index) => {
                self.object(*object, Some(self.scalar(*index)?.midpoint()))?
            }
            Node::Neg(a) => self.words(*a)?.scaled(&-R::one()),
            Node::Transpose(a) => self.words(*a)?.transposed(),
            Node::Binary(op, a, b) => self.binary(*op, *a, *b)?,
            Node::Call(function, arguments) => self.call(*function, arguments)?,
            Node::Expectation(body) => {
                let inner = self.words(*body)?;
                match self.expectation(inner)? {
                    Value::Scalar(x) => Words::scalar(x),
                    _ => return Err(unknown("a matrix of expectations inside another")),
                }
            }
            Node::If(condition, then, otherwise) => {
                if self.holds(condition)? {
                    self.words(*then)?
                } else {
                    self.words(*otherwise)?
                }
            }
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => self.folded(*kind, *index, [*from, *to, *body])?,
            _ => return Err(unknown("such an expression")),
        };
        self.bounded(words)
    }

    /// Whether a condition without randomness holds.
    fn holds(&self, condition: &Condition) -> Result<bool, EvaluationError> {
        Ok(match condition {
            Condition::All(parts) => {
                let mut all = true;
                for part in parts {
                    all &= self.holds(part)?;
                }
                all
            }
            Condition::Any(parts) => {
                let mut any = false;
                for part in parts {
                    any |= self.holds(part)?;
                }
                any
            }
            Condition::Compare(a, op, b) => {
                if !(self.is_fixed(*a) && self.is_fixed(*b)) {
                    return Err(unknown("a condition on what is random"));
                }
                let order = self.scalar(*a)?.order(&self.scalar(*b)?).ok_or_else(|| {
                    EvaluationError::Unresolved("a condition too close to call".into())
                })?;
                op.holds_of(order).unwrap_or(order.is_eq())
            }
        })
    }

    /// The mean of a term: as a whole, or that of its summands.
    fn mean_value(&self, body: Id) -> Result<Value<R>, EvaluationError> {
        if self.store.shape(body).is_scalar() {
            if let Some(mean) = self.power_of_squares(body)? {
                return Ok(Value::Scalar(mean));
            }
            if let Some(mean) = self.mean_of_determinant(body)? {
                return Ok(Value::Scalar(mean));
            }
            if let Some(mean) = self.logarithm_of_squares(body)? {
                return Ok(Value::Scalar(mean));
            }
            let part = |id: Id| self.mean_value(id)?.scalar();
            match *self.store.node(body) {
                Node::Neg(a) => return Ok(Value::Scalar(-part(a)?)),
                Node::Binary(BinaryOp::Mul, a, b)
                    if self.is_fixed(a) && self.store.shape(a).is_scalar() =>
                {
                    return Ok(Value::Scalar(self.scalar(a)? * part(b)?));
                }
                _ => {}
            }
            let words = match (self.words(body), self.store.node(body)) {
                (Err(EvaluationError::Unsupported(_)), &Node::Binary(op, a, b))
                    if matches!(op, BinaryOp::Add | BinaryOp::Sub) =>
                {
                    let (a, b) = (part(a)?, part(b)?);
                    return Ok(Value::Scalar(if op == BinaryOp::Add {
                        a + b
                    } else {
                        a - b
                    }));
                }
                (words, _) => words?,
            };
            return self.expectation(words);
        }
        self.expectation(self.words(body)?)
    }

    fn bounded(&self, mut words: Words<R>) -> Read<R> {
        let table = self.table.borrow();
        for term in &mut words.terms {
            reduce(&mut term.open, &|x| table.full(x));
        }
        drop(table);
        let words = words.collected();
        let long = |term: &Term<R>| {
            term.open.len() + term.closed.iter().map(Vec::len).sum::<usize>() > MOST_LETTERS
        };
        if words.terms.len() > MOST_TERMS || words.terms.iter().any(long) {
            return Err(unknown("a polynomial of so high a degree"));
        }
        Ok(words)
    }

    fn function(&self, f: &Spectral<R>) -> Letter {
        let mut table = self.table.borrow_mut();
        let values: Vec<R> = table.modes.iter().map(|mode| f.along(mode)).collect();
        let known = (table.functions.iter())
            .position(|known| known.iter().zip(&values).all(|(a, b)| rows::same(a, b)));
        Letter::Function(known.unwrap_or_else(|| {
            table.functions.push(values);
            table.functions.len() - 1
        }))
    }

    /// The eigenvalue of Σ, where resolvents are to be read and it has but one: its functions are numbers then.
    fn single_level(&self) -> Option<R> {
        let table = self.table.borrow();
        table.means.and_then(|_| table.isotropic())
    }

    fn fixed(&self, value: Value<R>) -> Read<R> {
        if let Some(s) = self.single_level() {
            let value = match &value {
                Value::Spectral(f) if !f.knows_atoms() => Some((f.at(&s, 0), false, false)),
                Value::Target { f, row } if !f.knows_atoms() => Some((f.at(&s, 0), true, *row)),
                _ => None,
            };
            if let Some((factor, vector, row)) = value {
                if !vector {
                    return Ok(Words::letters(factor, Vec::new(), Side::Any, Side::Any));
                }
                let column = vec![Letter::Column(Vector::Target)];
                let words = Words::letters(factor, column, Side::Modes, Side::One);
                return Ok(if row { words.transposed() } else { words });
            }
        }
        Ok(match value {
            Value::Scalar(x) => Words::scalar(x),
            Value::Spectral(f) => match f.constant() {
                Some(c) => Words::letters(c.clone(), Vec::new(), Side::Any, Side::Any),
                None => {
                    let letter = self.function(&f);
                    Words::letters(R::one(), vec![letter], Side::Modes, Side::Modes)
                }
            },
            Value::Target { f, row } => {
                let column = vec![self.function(&f), Letter::Column(Vector::Target)];
                let words = Words::letters(R::one(), column, Side::Modes, Side::One);
                if row { words.transposed() } else { words }
            }
            Value::Matrix(_) => return Err(unknown("such a matrix")),
        })
    }

    fn binary(&self, op: BinaryOp, left: Id, right: Id) -> Read<R> {
        match op {
            BinaryOp::Add => Ok(self.words(left)?.plus(self.words(right)?)),
            BinaryOp::Sub => Ok(self
                .words(left)?
                .plus(self.words(right)?.scaled(&-R::one()))),
            BinaryOp::Mul => self.times(&self.words(left)?, &self.words(right)?),
            BinaryOp::Div => {
                if !self.is_fixed(right) {
                    return Err(unknown("a quotient"));
                }
                let divisor = self.scalar(right)?;
                if divisor.is_zero() {
                    return Err(EvaluationError::Undefined("a division by zero".into()));
                }
                Ok(self.words(left)?.scaled(&(R::one() / divisor)))
            }
            BinaryOp::Pow => {
                let exponent = self.scalar(right)?;
                let e = exponent.midpoint();
                if exponent.radius() != 0.0 || e.fract() != 0.0 || e.abs() > 8.0 {
                    return Err(unknown("such a power"));
                }
                let base = self.words(left)?;
                let base = if e < 0.0 {
                    if base.is_scalar() {
                        return Err(unknown("a quotient"));
                    }
                    self.inverse(&base)?
                } else {
                    base
                };
                let one = Words {
                    rows: base.rows,
                    cols: base.cols,
                    ..Words::scalar(R::one())
                };
                let mut power = one;
                for _ in 0..e.abs() as usize {
                    power = self.bounded(self.times(&power, &base)?)?;
                }
                Ok(power)
            }
        }
    }

    fn times(&self, left: &Words<R>, right: &Words<R>) -> Read<R> {
        if left.terms.len() * right.terms.len() > MOST_TERMS {
            return Err(unknown("a polynomial of so many terms"));
        }
        let (rows, cols) = match (left.is_scalar(), right.is_scalar()) {
            (true, _) => (right.rows, right.cols),
            (_, true) => (left.rows, left.cols),
            _ => (
                if left.rows == Side::Any {
                    right.rows
                } else {
                    left.rows
                },
                if right.cols == Side::Any {
                    left.cols
                } else {
                    right.cols
                },
            ),
        };
        let closes = rows == Side::One && cols == Side::One;
        let mut terms = Vec::with_capacity(left.terms.len() * right.terms.len());
        for l in &left.terms {
            for r in &right.terms {
                let mut closed = l.closed.clone();
                closed.extend(r.closed.iter().cloned());
                let mut open = l.open.clone();
                open.extend(&r.open);
                if closes && !open.is_empty() {
                    closed.push(std::mem::take(&mut open));
                }
                terms.push(Term {
                    coefficient: l.coefficient.clone() * r.coefficient.clone(),
                    closed,
                    open,
                });
            }
        }
        self.bounded(Words { terms, rows, cols })
    }

    fn size(&self, side: Side) -> f64 {
        match side {
            Side::One => 1.0,
            Side::Any | Side::Modes => self.table.borrow().modes.len() as f64,
            Side::Rows(x) => self.table.borrow().designs[x].midpoint(),
        }
    }

    fn trace(&self, words: Words<R>) -> Read<R> {
        if words.is_scalar() {
            return Ok(words);
        }
        let size = R::from_f64(self.size(words.rows));
        let terms = words
            .terms
            .into_iter()
            .map(|mut term| {
                if term.open.is_empty() {
                    term.coefficient = term.coefficient * size.clone();
                } else {
                    term.closed.push(std::mem::take(&mut term.open));
                }
                term
            })
            .collect();
        Ok(Words {
            terms,
            rows: Side::One,
            cols: Side::One,
        })
    }

    fn call(&self, function: Function, arguments: &[Id]) -> Read<R> {
        let words = |i: usize| self.words(arguments[i]);
        match function {
            Function::Tr => self.trace(words(0)?),
            Function::Det => match words(0)? {
                entry if self.size(entry.rows) == 1.0 => self.trace(entry),
                _ => Err(unknown("a determinant")),
            },
            Function::Norm2 => {
                let v = words(0)?;
                let weighted = match arguments.get(1) {
                    Some(weight) => self.times(&self.words(*weight)?, &v)?,
                    None => v.clone(),
                };
                self.times(&v.transposed(), &weighted)
            }
            Function::Inv => self.inverse(&words(0)?),
            Function::Pinv => self.pseudo_inverse(&words(0)?),
            Function::Proj => match self.single(&words(0)?)? {
                (_, [Letter::Design(x)]) => Ok(Words::letters(
                    R::one(),
                    vec![Letter::Projection(*x)],
                    Side::Modes,
                    Side::Modes,
                )),
                _ => Err(unknown("such a projection")),
            },
            Function::Ridge => {
                let ridge = self.scalar(arguments[2])?;
                let design = words(0)?;
                let fit = if ridge.is_zero() {
                    self.pseudo_inverse(&design)?
                } else {
                    self.ridge_fit(&design, ridge)?
                };
                self.times(&fit, &words(1)?)
            }
            Function::Rows => {
                let parts: Result<Vec<_>, _> = arguments.iter().map(|a| self.words(*a)).collect();
                self.stacked(&parts?)
            }
            _ => Err(unknown("such a function")),
        }
    }

    fn expectation(&self, words: Words<R>) -> Result<Value<R>, EvaluationError> {
        if words.is_scalar() {
            return Ok(Value::Scalar(self.mean(&words, None)?));
        }
        let (rows, cols) = (self.size(words.rows), self.size(words.cols));
        if rows * cols > MOST_ENTRIES as f64 {
            return Err(unknown("so large a matrix"));
        }
        let (rows, cols) = (rows as usize, cols as usize);
        let mut entries = Vec::with_capacity(rows * cols);
        for j in 0..cols {
            for i in 0..rows {
                entries.push(self.mean(&words, Some((i, j)))?);
            }
        }
        Ok(Value::Matrix(Dense {
            rows,
            cols,
            entries,
        }))
    }

    /// The expectation of a scalar, or of one entry of a matrix.
    fn mean(&self, words: &Words<R>, entry: Option<(usize, usize)>) -> Result<R, EvaluationError> {
        let table = self.table.borrow();
        let mut sum = R::zero();
        for term in &words.terms {
            if term.coefficient.is_zero() {
                continue;
            }
            let mut closed = term.closed.clone();
            match entry {
                Some((i, j)) if term.open.is_empty() => {
                    if i != j {
                        continue;
                    }
                }
                Some((i, j)) => {
                    let mut word = Vec::with_capacity(term.open.len() + 2);
                    // A vector has no index on its short side.
                    if words.rows != Side::One {
                        word.push(Letter::Row(Vector::Unit(i)));
                    }
                    word.extend(&term.open);
                    if words.cols != Side::One {
                        word.push(Letter::Column(Vector::Unit(j)));
                    }
                    closed.push(word);
                }
                None => {}
            }
            let factors: Vec<_> = closed.into_iter().flat_map(pieces).collect();
            table.independent(&factors)?;
            let mean = wick::expectation(&table, factors)?;
            sum = sum + term.coefficient.clone() * mean;
        }
        Ok(sum)
    }
}
