//! Deterministic equivalents of expectations, found in the formula itself.
//!
//! The body of an `E[…]` is read as sums of words in fits, resolvents and functions of `Σ` ([`word`](self)); the moments of
//! words are equivalent, as `T` and `d` grow together, to functions of `Σ` that one root κ of each fit enters
//! (Dohmatob, Feng & Kempe 2024, arXiv 2402.07712, §4 and appendix E). Nothing is drawn and nothing written out, so the
//! cost does not depend on `d` or `T`. What is not understood is refused, never guessed.

mod algebra;
mod arithmetic;
mod binding;
mod call;
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
#[cfg(test)]
use tests::expectation;

use std::collections::HashMap;

use super::evaluate::{
    AtPoint, Environment, EvaluationError, LinearAlgebra, Spectral, Value, finite,
};
use super::{Id, Node, Outcome, RandomId, Statement, Store, Walker};
use crate::formula::ast::Function;
use error::{undefined, unrecognised};
use moment::Total;
use word::{Alphabet, Index, Leaf, Words, is_positive};

pub use error::EquivalenceError;

/// The most generations of a labeller with designs of their own, terms of a sum, and factors of a product.
const MAX_COUNT: f64 = 256.0;

/// A scalar term in which every `E[…]` is replaced by its deterministic equivalent, at one point, in the proportional limit.
///
/// The body of an `E[…]` is a scalar: sums, with deterministic coefficients, of `norm2(v)`, `norm2(v, M)`, `u'*M*v` and
/// `tr(M)`, where vectors and matrices are made of `w0`, functions of `Sigma`, designs through `ridge`, `proj`, `pinv`,
/// `X'*X` and `inv(X'*X/T + lambda*I)`, noises, and labellers. The expectation over every noise is exact; that over the
/// designs holds up to a relative error that vanishes as `T` and `d` grow in proportion. What the environment knows is of
/// the statement's terms; its numbers are of symbols with a domain.
///
/// ```
/// use resolvent::formula::parse::{parse_expression, parse_relation};
/// use resolvent::formula::scope::{Law, RandomObject, Scope};
/// use resolvent::term::evaluate::{Covariance, Environment, Level};
/// use resolvent::term::{equivalence, resolve};
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
/// let says = parse_relation("E[norm2(ridge(X, X*w0 + E, 0) - w0, Sigma)] = 3/7").unwrap();
/// let statement = resolve(&says, &scope).unwrap();
/// let error = equivalence::scalar(&statement, statement.claim.lhs, &environment)?;
/// assert!((error - 300.0 / 700.0).abs() < 1e-15);
/// # Ok::<(), equivalence::EquivalenceError>(())
/// ```
///
/// # Errors
/// [`EquivalenceError::NotRecognised`] where no equivalent is known, among others where the leading orders cancel, and where an
/// expectation stands inside anything but arithmetic, finite sums and products, `if`, and the elementary functions;
/// [`EquivalenceError::Evaluation`] where the term has no value, among others at the interpolation threshold `T = d`.
pub fn scalar<R: LinearAlgebra>(
    statement: &Statement,
    id: Id,
    environment: &Environment<R>,
) -> Result<R, EquivalenceError> {
    scalar_within(statement, id, environment, None)
}

/// The same with every expectation known only up to a factor.
pub(crate) fn scalar_within<R: LinearAlgebra>(
    statement: &Statement,
    id: Id,
    environment: &Environment<R>,
    factor: Option<R>,
) -> Result<R, EquivalenceError> {
    let mut defined = statement.defined.iter().map(|(name, _)| name);
    if let Some(name) = defined.find(|name| environment.scalars.contains_key(*name)) {
        // Its terms are written out where it is used.
        let why = format!("another value for {name}, which is defined");
        return Err(EvaluationError::unsupported(why).into());
    }
    let mut reader = Reader::new(statement, environment);
    reader.factor = factor;
    match reader.read(&mut Walker::new(&statement.store), id)? {
        Form::Number(x) if x.is_finite() => Ok(x),
        Form::Number(_) => undefined("a value that is not finite"),
        Form::Scalar(_) => {
            Err(EvaluationError::unsupported("a random object stands outside E[…]").into())
        }
        _ => Err(EvaluationError::unsupported("a scalar is needed here").into()),
    }
}

/// What a term inside an expectation is.
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

/// The algebra of forms: one alphabet for all that one walker meets.
struct Reader<'e, R: LinearAlgebra> {
    statement: &'e Statement,
    environment: &'e Environment<R>,
    alphabet: Alphabet<'e, R>,
    /// Parts in which nothing random stands.
    numbers: AtPoint<'e, R>,
    random: HashMap<Id, bool>,
    designs: HashMap<Origin, Index>,
    noises: HashMap<Origin, Index>,
    /// What every expectation is known up to.
    factor: Option<R>,
    /// Why the walk ended, where it was for want of an equivalent: errors of terms do not say that.
    refused: Option<String>,
}

/// Where a design or a noise comes from: object, member and generation.
type Origin = (RandomId, u64, u64);

type Read<R> = Result<Form<R>, EquivalenceError>;

type Walk<'w, 's, R> = &'w mut Walker<'s, Form<R>>;

impl<'e, R: LinearAlgebra> Reader<'e, R> {
    fn new(statement: &'e Statement, environment: &'e Environment<R>) -> Self {
        Self {
            statement,
            environment,
            alphabet: Alphabet::new(&environment.covariance),
            numbers: AtPoint::new(&statement.store, environment),
            random: HashMap::new(),
            designs: HashMap::new(),
            noises: HashMap::new(),
            factor: None,
            refused: None,
        }
    }

    /// What a term is, or why it is not known.
    fn read(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Read<R> {
        walker
            .value(self, id)
            .map_err(|error| match self.refused.take() {
                Some(why) => EquivalenceError::NotRecognised { why },
                None => EquivalenceError::Evaluation(error),
            })
    }

    /// For the walker, which knows errors of terms alone.
    fn outcome<T>(&mut self, read: Result<T, EquivalenceError>) -> Outcome<T> {
        read.map_err(|error| match error {
            EquivalenceError::Evaluation(error) => error,
            EquivalenceError::NotRecognised { why } => {
                let error = EvaluationError::unsupported(why.clone());
                self.refused = Some(why);
                error
            }
        })
    }

    /// The equivalent of an expectation, from that of its body.
    fn expected(&self, body: Form<R>) -> Read<R> {
        let value = averaged(body)?;
        Ok(Form::Number(match &self.factor {
            Some(factor) => value * factor.clone(),
            None => value,
        }))
    }

    /// Whether random objects or expectations occur in it.
    fn is_random(&mut self, store: &Store, id: Id) -> bool {
        if let Some(&known) = self.random.get(&id) {
            return known;
        }
        let random = match store.node(id) {
            Node::Expectation(_) | Node::Random(_) | Node::Member(..) => true,
            // The general mechanism knows rows that are not alike; words do not.
            Node::Call(Function::Weights | Function::Rotated, _) => true,
            node => {
                let mut parts = node.children().into_iter();
                parts.any(|part| self.is_random(store, part))
            }
        };
        self.random.insert(id, random);
        random
    }

    /// What does not depend on random objects has a value.
    fn deterministic(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Read<R> {
        let bound = walker.binders().filter_map(|(binder, form)| match form {
            Form::Number(x) => Some((binder, x.clone())),
            _ => None,
        });
        let value = self.numbers.value(id, bound)?;
        self.formed(value)
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

    /// The value of a deterministic scalar.
    fn number(&mut self, walker: Walk<'_, '_, R>, id: Id) -> Result<R, EquivalenceError> {
        walker.value(self, id)?.number()
    }

    fn whole(
        &mut self,
        walker: Walk<'_, '_, R>,
        id: Id,
        what: &str,
    ) -> Result<f64, EquivalenceError> {
        let x = self.number(walker, id)?.midpoint();
        if x.fract() != 0.0 {
            return undefined(format!("{what} = {x}: a whole number is needed"));
        }
        Ok(x)
    }
}

impl<R: LinearAlgebra> Form<R> {
    /// A deterministic scalar.
    fn number(self) -> Result<R, EquivalenceError> {
        match self {
            Form::Number(x) => Ok(finite(x)?),
            Form::Scalar(_) => unrecognised("a random scalar where a number is needed"),
            _ => unrecognised("a matrix or vector where a number is needed"),
        }
    }
}

/// A number that a form is on average, where its digits do not cancel.
fn averaged<R: LinearAlgebra>(form: Form<R>) -> Result<R, EquivalenceError> {
    let total = match form {
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
    Ok(value)
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
