//! Means of products of powers of sums of squares: `E[(s χ²_n)^q] = (2s)^q Γ(n/2 + q)/Γ(n/2)`, for roots and quotients too; of
//! their logarithms, `E[log(s χ²_n)] = log(2s) + ψ(n/2)`; and of their exponentials: under the weight `e^{c s χ²_n}` the scale `s` becomes `s/(1 − 2cs)`, and the weight's mean is
//! `(1 − 2cs)^{-n/2}`.
//!
//! A noise is its length times its direction, and the two are independent: the mean of what has degree `2p` in it, times
//! the power `q` of its squared length, is the first mean times `E[(χ²)^(p + q)]/E[(χ²)^p]`.

use std::cmp::Ordering;

use super::polynomial::Words;
use super::rows::Rows;
use super::word::{Letter, Vector};
use super::{Reader, unknown};
use crate::formula::ast::{BinaryOp, Function};
use crate::term::evaluate::{EvaluationError, LinearAlgebra};
use crate::term::{Id, LawTerms, Node};

/// Whole powers up to this are multiplied out.
const MOST_FACTORS: i64 = 64;

/// What a sum of squares is made of.
#[derive(Clone, Debug, PartialEq)]
enum Squares {
    /// A noise, by its place in the table.
    Noise(usize),
    /// `w0'X'Xw0`, times numbers.
    Along(usize),
    /// A Gaussian vector, by its place in the store.
    Gaussian(usize),
}

/// A sum of `count` independent squares, each of mean `scale`, to some power.
struct Power<R> {
    of: Squares,
    count: R,
    scale: R,
    power: R,
    /// `c` of a factor `exp(c S)`.
    tilt: R,
}

/// A product of powers of sums of squares, of a polynomial in draws, and of a number.
struct Product<R> {
    factor: R,
    powers: Vec<Power<R>>,
    rest: Words<R>,
}

impl<R: LinearAlgebra> Product<R> {
    fn empty() -> Self {
        Self {
            factor: R::one(),
            powers: Vec::new(),
            rest: Words::scalar(R::one()),
        }
    }
}

type Found = Result<Option<()>, EvaluationError>;

impl<R: LinearAlgebra> Reader<'_, R> {
    /// The mean of such a product; `None` of anything else, and of polynomials.
    pub(super) fn power_of_squares(&self, body: Id) -> Result<Option<R>, EvaluationError> {
        let mut product = Product::empty();
        if self
            .factors(body, &R::one(), false, &mut product)?
            .is_none()
        {
            return Ok(None);
        }
        let natural = |p: &Power<R>| p.tilt.is_zero() && p.power.to_whole().is_some_and(|n| n >= 0);
        if product.powers.iter().all(natural) {
            return Ok(None);
        }
        self.mean_of(product)
    }

    /// The mean of the logarithm of such a product; `None` of anything else.
    pub(super) fn logarithm_of_squares(&self, body: Id) -> Result<Option<R>, EvaluationError> {
        let Node::Call(Function::Log, ref arguments) = *self.store.node(body) else {
            return Ok(None);
        };
        let mut product = Product::empty();
        let found = self.factors(arguments[0], &R::one(), true, &mut product)?;
        if found.is_none() || product.powers.is_empty() {
            return Ok(None);
        }
        let mut mean = product.factor.ln();
        for power in &product.powers {
            mean = mean + power.log()?;
        }
        Ok(Some(mean))
    }

    /// Collects the factors of a scalar to a power: one that is whole, or any where `positive` factors alone are met.
    fn factors(&self, id: Id, power: &R, positive: bool, into: &mut Product<R>) -> Found {
        if self.is_fixed(id) {
            let value = self.scalar(id)?;
            if positive && value.sign() != Some(Ordering::Greater) {
                return Ok(None);
            }
            if value.is_zero() && power.midpoint() < 0.0 {
                return Err(EvaluationError::Undefined("a division by zero".into()));
            }
            into.factor = into.factor.clone() * raised(&value, power);
            return Ok(Some(()));
        }
        match *self.store.node(id) {
            Node::Neg(a) if !positive => {
                if power.to_whole().is_some_and(|n| n % 2 != 0) {
                    into.factor = -into.factor.clone();
                }
                self.factors(a, power, positive, into)
            }
            Node::Binary(op @ (BinaryOp::Mul | BinaryOp::Div), a, b)
                if self.is_scalar(a) && self.is_scalar(b) =>
            {
                if self.factors(a, power, positive, into)?.is_none() {
                    return Ok(None);
                }
                let divided = -power.clone();
                let power = if op == BinaryOp::Mul { power } else { &divided };
                self.factors(b, power, positive, into)
            }
            Node::Binary(BinaryOp::Pow, base, exponent)
                if self.is_fixed(exponent) && self.is_scalar(base) =>
            {
                let exponent = self.scalar(exponent)?;
                let positive = positive || exponent.to_whole().is_none();
                self.factors(base, &(exponent * power.clone()), positive, into)
            }
            Node::Call(Function::Exp, ref arguments) => self.tilted(arguments[0], power, into),
            Node::Call(Function::Sqrt, ref arguments) => {
                let half = power.clone() * R::from_f64(0.5);
                self.factors(arguments[0], &half, true, into)
            }
            _ => self.leaf(id, power, positive, into),
        }
    }

    /// `exp(power id)` of a sum of multiples of sums of squares and of what is fixed.
    fn tilted(&self, id: Id, by: &R, into: &mut Product<R>) -> Found {
        if self.is_fixed(id) {
            into.factor = into.factor.clone() * (self.scalar(id)? * by.clone()).exp();
            return Ok(Some(()));
        }
        match *self.store.node(id) {
            Node::Neg(a) => self.tilted(a, &-by.clone(), into),
            Node::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
                if self.tilted(a, by, into)?.is_none() {
                    return Ok(None);
                }
                let taken = -by.clone();
                let by = if op == BinaryOp::Add { by } else { &taken };
                self.tilted(b, by, into)
            }
            Node::Binary(BinaryOp::Mul, a, b) if self.is_fixed(a) => {
                self.tilted(b, &(self.scalar(a)? * by.clone()), into)
            }
            Node::Binary(BinaryOp::Mul, a, b) if self.is_fixed(b) => {
                self.tilted(a, &(self.scalar(b)? * by.clone()), into)
            }
            Node::Binary(BinaryOp::Div, a, b) if self.is_fixed(b) => {
                let divisor = self.scalar(b)?;
                if divisor.is_zero() {
                    return Err(EvaluationError::Undefined("a division by zero".into()));
                }
                self.tilted(a, &(by.clone() / divisor), into)
            }
            _ => match self.squares_of(id)? {
                Some(squares) => {
                    into.powers.push(Power {
                        power: R::zero(),
                        tilt: by.clone(),
                        ..squares
                    });
                    Ok(Some(()))
                }
                None => Ok(None),
            },
        }
    }

    fn leaf(&self, id: Id, power: &R, positive: bool, into: &mut Product<R>) -> Found {
        if let Some(squares) = self.squares_of(id)? {
            into.powers.push(Power {
                power: power.clone(),
                ..squares
            });
            return Ok(Some(()));
        }
        let natural = power
            .to_whole()
            .filter(|n| !positive && (0..=8).contains(n));
        let (Some(n), Ok(words)) = (natural, self.words(id)) else {
            return Ok(None);
        };
        if !words.is_scalar() {
            return Ok(None);
        }
        for _ in 0..n {
            into.rest = self.times(&into.rest, &words)?;
        }
        Ok(Some(()))
    }

    fn is_scalar(&self, id: Id) -> bool {
        self.store.shape(id).is_scalar()
    }

    /// The sum of squares that a scalar is, to the power 1.
    fn squares_of(&self, id: Id) -> Result<Option<Power<R>>, EvaluationError> {
        if let Some(found) = self.gaussian_vector(id)? {
            return Ok(Some(found));
        }
        let words = match self.words(id) {
            Ok(words) if words.is_scalar() => words,
            _ => return Ok(None),
        };
        let [term] = words.terms.as_slice() else {
            return Ok(None);
        };
        let ([word], true) = (term.closed.as_slice(), term.open.is_empty()) else {
            return Ok(None);
        };
        let (of, count) = {
            let table = self.table.borrow();
            match *word.as_slice() {
                [
                    Letter::Row(Vector::Noise(a)),
                    Letter::Column(Vector::Noise(b)),
                ] if a == b => (Squares::Noise(a), table.noises[a].0.clone()),
                [
                    Letter::Row(Vector::Target),
                    Letter::DesignTransposed(x),
                    Letter::Design(y),
                    Letter::Column(Vector::Target),
                ] if x == y => (Squares::Along(x), table.designs[x].clone()),
                _ => return Ok(None),
            }
        };
        let mean = self.mean(&words, None)?;
        if mean.sign() != Some(Ordering::Greater) {
            return Ok(None);
        }
        Ok(Some(Power {
            of,
            scale: mean / count.clone(),
            count,
            power: R::one(),
            tilt: R::zero(),
        }))
    }

    /// `norm2(U)` of a vector of standard normals.
    fn gaussian_vector(&self, id: Id) -> Result<Option<Power<R>>, EvaluationError> {
        let Node::Call(Function::Norm2, ref arguments) = *self.store.node(id) else {
            return Ok(None);
        };
        let [of] = arguments[..] else { return Ok(None) };
        let Node::Random(object) = *self.store.node(of) else {
            return Ok(None);
        };
        let LawTerms::Gaussian {
            rows,
            columns,
            covariance: None,
        } = self.store.random(object).law
        else {
            return Ok(None);
        };
        Ok(Some(Power {
            of: Squares::Gaussian(object.index()),
            count: self.scalar(rows)? * self.scalar(columns)?,
            scale: R::one(),
            power: R::one(),
            tilt: R::zero(),
        }))
    }

    fn mean_of(&self, product: Product<R>) -> Result<Option<R>, EvaluationError> {
        let Product {
            mut factor,
            powers,
            rest,
        } = product;
        let mut merged: Vec<Power<R>> = Vec::new();
        for power in powers {
            match merged.iter_mut().find(|known| known.of == power.of) {
                // (a S)^p (b S)^q
                Some(known) => {
                    let ratio = power.scale / known.scale.clone();
                    factor = factor * raised(&ratio, &power.power);
                    known.power = known.power.clone() + power.power;
                    known.tilt = known.tilt.clone() + power.tilt * ratio;
                }
                None => merged.push(power),
            }
        }
        let rows = |squares: &Squares| match *squares {
            Squares::Noise(e) => Some(Rows::Noise(e)),
            Squares::Along(x) => Some(Rows::Design(x)),
            Squares::Gaussian(_) => None,
        };
        let mut of = merged.iter().filter_map(|power| rows(&power.of));
        if of.any(|rows| self.table.borrow().is_stacked(rows)) {
            return Err(unknown("a power of what is stacked"));
        }
        let one_term = rest.terms.len() == 1;
        let mut total = R::zero();
        for term in &rest.terms {
            let mut coefficient = term.coefficient.clone();
            for power in &merged {
                let Some(degree) = degree(&term.closed, &power.of) else {
                    return Err(unknown("a quotient by what it depends on"));
                };
                match power.ratio(degree) {
                    Ok(ratio) => coefficient = coefficient * ratio,
                    // What others may cancel.
                    Err(EvaluationError::Undefined(_)) if !one_term => {
                        return Err(unknown("a sum of quotients"));
                    }
                    Err(error) => return Err(error),
                }
            }
            let words = Words {
                terms: vec![super::polynomial::Term {
                    coefficient,
                    ..term.clone()
                }],
                ..rest.clone()
            };
            total = total + self.mean(&words, None)?;
        }
        Ok(Some(factor * total))
    }
}

impl<R: LinearAlgebra> Power<R> {
    /// Of squares that nothing else is made of.
    fn alone(count: &R, scale: &R, power: &R) -> Self {
        Self {
            of: Squares::Gaussian(0),
            count: count.clone(),
            scale: scale.clone(),
            power: power.clone(),
            tilt: R::zero(),
        }
    }

    /// `E[S^(p + q) e^{cS}]/E[S^p]` of `S = s χ²_n`, at the power `q`, where `p` is half of `degree`.
    fn ratio(&self, degree: usize) -> Result<R, EvaluationError> {
        let two = R::from_f64(2.0);
        // n/2 + p
        let start = self.count.clone() / two.clone() + R::from_f64(0.5 * degree as f64);
        let end = start.clone() + self.power.clone();
        match end.sign() {
            Some(Ordering::Greater) => {}
            Some(_) => {
                return Err(EvaluationError::Undefined(
                    "the expectation of a power that does not exist".into(),
                ));
            }
            None => return Err(unknown("such a power")),
        }
        let scale = two * self.scale.clone();
        let gammas = match self.power.to_whole() {
            Some(n) if (0..=MOST_FACTORS).contains(&n) => {
                (0..n).fold(R::one(), |p, i| p * (start.clone() + R::from_f64(i as f64)))
            }
            Some(n) if (-MOST_FACTORS..0).contains(&n) => {
                (1..=-n).fold(R::one(), |p, i| p / (start.clone() - R::from_f64(i as f64)))
            }
            _ => (end.log_gamma() - start.log_gamma()).exp(),
        };
        Ok(raised(&scale, &self.power) * gammas * self.weight(&end)?)
    }

    /// `E[log(S^q e^{cS})] = q (log 2s + ψ(n/2)) + c n s` of `S = s χ²_n`.
    fn log(&self) -> Result<R, EvaluationError> {
        if self.count.sign() != Some(Ordering::Greater) {
            return Err(EvaluationError::Undefined("the logarithm of 0".into()));
        }
        let half = self.count.clone() / R::from_f64(2.0);
        let scale = R::from_f64(2.0) * self.scale.clone();
        let tilted = self.tilt.clone() * self.count.clone() * self.scale.clone();
        Ok(self.power.clone() * (scale.ln() + half.digamma()) + tilted)
    }

    /// `(1 − 2cs)^{-k}` at `k = n/2 + p + q`: what the exponential does to the mean.
    fn weight(&self, k: &R) -> Result<R, EvaluationError> {
        if self.tilt.is_zero() {
            return Ok(R::one());
        }
        let left = R::one() - R::from_f64(2.0) * self.tilt.clone() * self.scale.clone();
        match left.sign() {
            Some(Ordering::Greater) => Ok(left.powf(&-k.clone())),
            Some(_) => Err(EvaluationError::Undefined(
                "the expectation of an exponential that does not exist".into(),
            )),
            None => Err(unknown("such an exponential")),
        }
    }
}

/// `E[(s χ²_n)^q]`
pub(super) fn power_of_squares<R: LinearAlgebra>(
    count: &R,
    scale: &R,
    power: &R,
) -> Result<R, EvaluationError> {
    Power::alone(count, scale, power).ratio(0)
}

/// `E[log(s χ²_n)]`
pub(super) fn log_of_squares<R: LinearAlgebra>(count: &R, scale: &R) -> Result<R, EvaluationError> {
    Power::alone(count, scale, &R::one()).log()
}

fn raised<R: LinearAlgebra>(base: &R, power: &R) -> R {
    match power.to_whole() {
        Some(n) => base.powi(n),
        None => base.powf(power),
    }
}

/// How often a vector occurs in words; `None` where a matrix occurs that is not its length times its direction.
fn degree(words: &[Vec<Letter>], of: &Squares) -> Option<usize> {
    let letters = words.iter().flatten();
    match *of {
        Squares::Noise(e) => Some(
            letters
                .filter(|letter| {
                    matches!(letter, Letter::Row(Vector::Noise(o)) | Letter::Column(Vector::Noise(o)) if *o == e)
                })
                .count(),
        ),
        Squares::Along(x) => {
            let mut met = letters.filter(|letter| match letter {
                Letter::Design(o)
                | Letter::DesignTransposed(o)
                | Letter::Inverse(o)
                | Letter::Projection(o)
                | Letter::Resolvent(o, _) => *o == x,
                Letter::Function(_) | Letter::Column(_) | Letter::Row(_) => false,
            });
            met.next().is_none().then_some(0)
        }
        // Polynomials have none.
        Squares::Gaussian(_) => Some(0),
    }
}
