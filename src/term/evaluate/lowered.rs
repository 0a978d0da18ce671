//! The body of a form in another arithmetic than the one around it: as a ball, or as a model over a range.

use std::cmp::Ordering;

use num_traits::One;

use super::environment::Draw;
use super::numbers::{Numbers, Walk};
use super::spectral::number;
use super::{Covariance, Environment, EvaluationError, ExactLaw, Level, LinearAlgebra, Value};
use crate::formula::ast::BinaryOp;
use crate::number::minimum::Objective;
use crate::number::summation::Summand;
use crate::number::{Ball, Dense, Interval, Model, Precise, Real};
use crate::term::{Binder, Id, Node, Outcome, Store, Walker};

/// Visits allowed to one walk over a body again and again; the budget of the claim ends it before.
const VISITS: u64 = u64::MAX / 4;

fn value<R: Real, S: Real>(x: &Value<R>) -> Value<S> {
    match x {
        Value::Scalar(x) => Value::Scalar(number(x)),
        Value::Spectral(f) => Value::Spectral(f.lowered()),
        Value::Target { f, row } => Value::Target {
            f: f.lowered(),
            row: *row,
        },
        Value::Matrix(m) => Value::Matrix(matrix(m)),
    }
}

pub(super) fn matrix<R: Real, S: Real>(m: &Dense<R>) -> Dense<S> {
    Dense {
        rows: m.rows,
        cols: m.cols,
        entries: m.entries.iter().map(number).collect(),
    }
}

impl<R: Real> Environment<R> {
    fn lowered<S: Real>(&self) -> Environment<S> {
        let covariance = match &self.covariance {
            Covariance::Explicit {
                levels,
                spectrum,
                negative,
                ..
            } => Covariance::Explicit {
                levels: levels
                    .iter()
                    .map(|l| Level {
                        value: number(&l.value),
                        multiplicity: l.multiplicity,
                        mass: number(&l.mass),
                        atom: l.atom,
                    })
                    .collect(),
                spectrum: spectrum.clone(),
                negative: negative.clone(),
                written_out: Default::default(),
            },
            Covariance::PowerLaw { law, target, exact } => Covariance::PowerLaw {
                law: *law,
                target: target.clone(),
                exact: ExactLaw {
                    beta: number(&exact.beta),
                    target: exact.target.as_ref().map(number),
                },
            },
        };
        Environment {
            covariance,
            scalars: self
                .scalars
                .iter()
                .map(|(name, x)| (name.clone(), number(x)))
                .collect(),
            draw: self.draw.as_ref().map(|draw| draw.lowered()),
            known: self.known.iter().map(|(id, x)| (*id, value(x))).collect(),
        }
    }
}

/// A body with one variable, as a ball at a number and as a model over a range.
pub(super) struct Body<'s> {
    pub(super) variable: Binder,
    pub(super) body: Id,
    /// Whether its greatest value is asked for, as the least of its negative.
    pub(super) negated: bool,
    /// Whether the logarithm of the body is summed; open where the body is not shown to be positive.
    pub(super) of_factors: bool,
    balls: Environment<Ball>,
    models: Environment<Model>,
    at: Walker<'s, Value<Ball>>,
    over: Walker<'s, Value<Model>>,
}

impl<'s> Body<'s> {
    pub(super) fn new<R: LinearAlgebra>(
        numbers: &Numbers<'_, R>,
        walker: &Walker<'s, Value<R>>,
        store: &'s Store,
        variable: Binder,
        body: Id,
    ) -> Outcome<Self> {
        if R::FUNCTION {
            return Err(EvaluationError::Unresolved(
                "a long sum or a minimum inside another".into(),
            ));
        }
        let mut at = Walker::new(store).allow(VISITS);
        let mut over = Walker::new(store).allow(VISITS);
        for (binder, bound) in walker.binders() {
            at.bind(binder, value(bound));
            over.bind(binder, value(bound));
        }
        Ok(Self {
            variable,
            body,
            negated: false,
            of_factors: false,
            balls: numbers.environment.lowered(),
            models: numbers.environment.lowered(),
            at,
            over,
        })
    }

    fn ball(&mut self, x: f64) -> Outcome<Ball> {
        self.ball_of(self.body, Ball::from_f64(x))
    }

    /// A part of the body where the variable lies anywhere in a ball.
    pub(super) fn ball_of(&mut self, part: Id, place: Ball) -> Outcome<Ball> {
        Numbers::new(&self.balls).at(&mut self.at, self.variable, place, part)
    }

    fn model(&mut self, range: Model) -> Outcome<Model> {
        self.model_of(self.body, range)
    }

    /// The same of a part of the body.
    pub(super) fn model_of(&mut self, part: Id, range: Model) -> Outcome<Model> {
        Numbers::new(&self.models).at(&mut self.over, self.variable, range, part)
    }

    pub(super) fn store(&self) -> &'s Store {
        self.at.store()
    }
}

impl Summand for Body<'_> {
    type Error = EvaluationError;
    fn at(&mut self, index: f64) -> Outcome<Ball> {
        match self.of_factors {
            true => self.logarithm(|body, part| body.ball_of(part, Ball::from_f64(index))),
            false => self.ball(index),
        }
    }
    fn over(&mut self, range: Model) -> Outcome<Model> {
        match self.of_factors {
            true => self.logarithm(|body, part| body.model_of(part, range.clone())),
            false => self.model(range),
        }
    }
}

impl Body<'_> {
    /// The logarithm of the body, by `value` of a part: of `1 ± x` by `x`, so that it falls as `x` does.
    fn logarithm<R: Real>(&mut self, value: impl Fn(&mut Self, Id) -> Outcome<R>) -> Outcome<R> {
        let is_one = |id: Id| matches!(self.store().node(id), Node::Number(x) if x.is_one());
        let beside_one = match *self.store().node(self.body) {
            Node::Binary(BinaryOp::Add, one, x) if is_one(one) => Some((x, false)),
            Node::Binary(BinaryOp::Add, x, one) if is_one(one) => Some((x, false)),
            Node::Binary(BinaryOp::Sub, one, x) if is_one(one) => Some((x, true)),
            _ => None,
        };
        let (x, negated) = beside_one.unwrap_or((self.body, false));
        let x = value(self, x)?;
        let x = if negated { -x } else { x };
        let least = match beside_one {
            Some(_) => R::one() + x.lower_end(),
            None => x.lower_end(),
        };
        if least.sign() != Some(Ordering::Greater) {
            return Err(EvaluationError::Unresolved(
                "the logarithm of a factor that is not shown to be positive".into(),
            ));
        }
        Ok(if beside_one.is_some() {
            x.ln_1p()
        } else {
            x.ln()
        })
    }
}

/// `j ↦ f(s_j)`, or `c_j² f(s_j)`, for a body `f` in the eigenvalue.
pub(super) struct Stretch<'s> {
    body: Body<'s>,
    weighted: bool,
}

impl<'s> Body<'s> {
    pub(super) fn along_spectrum(self, weighted: bool) -> Stretch<'s> {
        Stretch {
            body: self,
            weighted,
        }
    }
}

impl Summand for Stretch<'_> {
    type Error = EvaluationError;
    fn at(&mut self, index: f64) -> Outcome<Ball> {
        let j = Ball::from_f64(index);
        let s = self.body.balls.covariance.eigenvalue(&j)?;
        let body = &mut self.body;
        let f = Numbers::new(&body.balls).at(&mut body.at, body.variable, s, body.body)?;
        if self.weighted {
            let c = self.body.balls.covariance.coefficient(&j)?;
            return Ok(c * c * f);
        }
        Ok(f)
    }
    fn over(&mut self, range: Model) -> Outcome<Model> {
        let s = self.body.models.covariance.eigenvalue(&range)?;
        let body = &mut self.body;
        let f = Numbers::new(&body.models).at(&mut body.over, body.variable, s, body.body)?;
        if self.weighted {
            let c = self.body.models.covariance.coefficient(&range)?;
            return Ok(c.clone() * c * f);
        }
        Ok(f)
    }
}

impl Objective for Body<'_> {
    type Error = EvaluationError;
    fn at(&mut self, x: f64) -> Outcome<Ball> {
        let value = self.ball(x)?;
        Ok(if self.negated { -value } else { value })
    }
    fn over(&mut self, range: Model) -> Outcome<Model> {
        let value = self.model(range)?;
        Ok(if self.negated { -value } else { value })
    }
    fn hull(&mut self, range: &Model, ends: Interval) -> Option<Interval> {
        Body::hull(self, range, ends)
    }
}

/// `u ↦ f(from + width u)`, for ends that no double holds.
pub(super) struct Along<'s> {
    body: Body<'s>,
    from: Precise,
    width: Precise,
}

impl<'s> Along<'s> {
    pub(super) fn new<R: Real>(body: Body<'s>, from: &R, width: &R) -> Self {
        Self {
            body,
            from: from.to_precise(),
            width: width.to_precise(),
        }
    }

    fn place<S: Real>(&self, u: S) -> S {
        S::from_precise(&self.from) + S::from_precise(&self.width) * u
    }
}

impl Objective for Along<'_> {
    type Error = EvaluationError;
    fn at(&mut self, u: f64) -> Outcome<Ball> {
        let place = self.place(Ball::from_f64(u));
        let body = &mut self.body;
        let value = Numbers::new(&body.balls).at(&mut body.at, body.variable, place, body.body)?;
        Ok(if body.negated { -value } else { value })
    }
    fn over(&mut self, range: Model) -> Outcome<Model> {
        let place = self.place(range);
        Objective::over(&mut self.body, place)
    }
    fn hull(&mut self, range: &Model, ends: Interval) -> Option<Interval> {
        // Each end by itself, so that what is exactly zero stays so.
        let end = |u: f64| {
            let [from, width] = [&self.from, &self.width].map(|x| {
                let (low, high) = Ball::from_precise(x).enclosure();
                Interval::new(low, high)
            });
            from + width * Interval::point(u)
        };
        let ends = Interval::new(end(ends.low).low, end(ends.high).high);
        let range = self.place(range.clone());
        self.body.hull(&range, ends)
    }
}

/// As a number of the arithmetic around; what is not known at all is said to be open.
pub(super) fn raised<R: Real>(x: Ball, what: &str) -> Outcome<R> {
    if x.is_finite() {
        Ok(R::from_precise(&x.to_precise()))
    } else {
        Err(EvaluationError::Unresolved(what.to_owned()))
    }
}

/// A bound of an index or a variable: `f64` holds it, or it is open.
pub(super) fn bound<R: LinearAlgebra>(
    numbers: &mut Numbers<'_, R>,
    walker: Walk<'_, '_, R>,
    id: Id,
) -> Outcome<f64> {
    double(&numbers.scalar(walker, id)?)
}

/// The double nearest to a bound.
pub(super) fn double<R: LinearAlgebra>(x: &R) -> Outcome<f64> {
    if !R::FUNCTION || x.is_exact() {
        return Ok(x.midpoint());
    }
    Err(EvaluationError::Unresolved(
        "a range that changes with a bound variable".into(),
    ))
}

impl<R: Real> Draw<R> {
    /// The same draw in another arithmetic.
    fn lowered<S: Real>(&self) -> Draw<S> {
        let member = |m: &Dense<R>| matrix(m);
        let objects = self.objects.iter().map(|(name, (members, family))| {
            (
                name.clone(),
                (members.iter().map(member).collect(), *family),
            )
        });
        Draw {
            objects: objects.collect(),
        }
    }
}
