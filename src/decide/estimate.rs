//! Monte Carlo estimates of a relation at one point.

mod bounded;
mod cost;
mod curve;
mod direction;
mod divergence;
mod least;
mod rounding;
mod sides;
mod steady;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::assignment::Assignment;
use super::problem::Problem;
use crate::budget;
use crate::formula::ast::RelationOp;
use crate::simulate::Stream;
use crate::term::evaluate::{
    Draw, Environment, EvaluationError, Evaluator, LinearAlgebra, Plan, Value, plan,
};
use crate::term::{Id, Node, Store};
use cost::{fits, frozen};
use curve::Curve;
use direction::{against, along};
use least::Least;

/// Largest number of components (entries of matrices) estimated at a time.
const MAX_COMPONENTS: usize = 400;
/// A sample whose largest squared deviation makes up more than this share of them all has tails too heavy for
/// its standard error to be trusted.
const HEAVY: f64 = 0.1;
/// Where the bound on single draws leaves an error beyond this share of the sides, it tells nothing.
const TELLING: f64 = 0.25;
/// A replicate may cost so many times what was thought, such as a `d×d` inverse of few rows; of those that cost more there are
/// fewer, but no fewer than these.
const OVERRUN: f64 = 4.0;
const FEWEST: usize = 24;
/// Work of a replicate beyond its multiplications: drawing numbers, walking the tree.
const OVERHEAD: f64 = 4000.0;

/// `lhs − rhs` and what is known of it.
#[derive(Clone, Debug)]
pub struct Estimate {
    pub lhs: f64,
    pub rhs: f64,
    pub gap: f64,
    pub standard_error: f64,
    /// Size of the two sides, to measure the gap against.
    pub scale: f64,
    pub replicates: usize,
    /// Which random numbers it is made of: the errors of two of one batch are much the same.
    pub batch: u64,
    /// Whether single draws dominate the variance.
    pub heavy: bool,
    /// Whether an entry of what is averaged is zero in all draws, or has lost its digits: it may be below every double.
    pub zero: bool,
    /// The share that the largest draw has of all squares, where the sides are numbers.
    pub tail: Option<f64>,
    /// How many draws are positive, where the relation says of numbers that are never negative that their mean is zero.
    pub contradicting: Option<usize>,
    /// `lhs` as a lower bound: mean and standard error of draws cut at a level where their tails are light;
    /// only for a left (or right) side that is one expectation of non-negative draws.
    cut: Option<(bool, f64, f64)>,
}

/// The mean of every column, without the rounding of long sums (Neumaier).
fn means_of(samples: &[f64], columns: usize) -> Vec<f64> {
    let n = (samples.len() / columns) as f64;
    let mean = |column: usize| {
        let (mut sum, mut lost) = (0.0f64, 0.0f64);
        for x in samples.iter().skip(column).step_by(columns) {
            let next = sum + x;
            lost += match sum.abs() >= x.abs() {
                true => (sum - next) + x,
                false => (x - next) + sum,
            };
            sum = next;
        }
        (sum + lost) / n
    };
    (0..columns).map(mean).collect()
}

impl Estimate {
    pub fn z(&self) -> f64 {
        // Differences at rounding level are no differences.
        self.gap
            / self
                .standard_error
                .max(1e-11 * self.scale)
                .max(f64::MIN_POSITIVE)
    }

    /// Standard errors by which a side that is surely at least so large exceeds the other.
    pub fn lower_bound_excess(&self, op: RelationOp) -> f64 {
        let Some((left, mean, error)) = self.cut else {
            return 0.0;
        };
        let error = error.max(1e-11 * self.scale);
        let over = if left {
            (mean - self.rhs) / error
        } else {
            (mean - self.lhs) / error
        };
        match (op, left) {
            (RelationOp::Eq, _) => over,
            (RelationOp::Le | RelationOp::Lt, true) | (RelationOp::Ge | RelationOp::Gt, false) => {
                over
            }
            _ => 0.0,
        }
    }
}

/// Whether a number is below those that doubles hold with all their digits.
fn is_lost(x: f64) -> bool {
    x.abs() < f64::MIN_POSITIVE
}

/// Rows and columns of every expectation.
pub type Shapes = Vec<(usize, usize)>;

fn not_finite() -> EvaluationError {
    EvaluationError::Undefined("an expectation over values that are not finite".into())
}

/// A claim at one point, ready to be simulated.
pub struct Estimator<'a> {
    problem: &'a Problem<'a>,
    environment: Environment<f64>,
    /// Of what is drawn in every replicate.
    plans: Vec<Plan<f64>>,
    /// What is drawn once.
    fixed: Option<Draw<f64>>,
    store: Arc<Store>,
    /// Left and right.
    sides: [Id; 2],
    /// Every `E[…]` of the claim that depends on no variable, and what it averages.
    expectations: Vec<(Id, Id)>,
    /// Forms around those that depend on one.
    curves: Vec<Curve>,
    /// Where the claim is an order of matrices.
    least: Option<Least>,
    /// What a replicate costs as it looks from outside, and as draws showed.
    work: f64,
    measured: OnceCell<f64>,
}

impl<'a> Estimator<'a> {
    pub fn new(problem: &'a Problem<'a>, assignment: &Assignment) -> Result<Self, EvaluationError> {
        let mut environment = assignment.environment::<f64>(problem.scope)?;
        let (fixed, drawn): (Vec<String>, Vec<String>) =
            (problem.objects.iter().cloned()).partition(|name| problem.fixed.contains(name));
        let plans = plan(problem.scope, &environment, &drawn)?;
        let fixed = match fixed.is_empty() {
            true => None,
            false => {
                let plans = plan(problem.scope, &environment, &fixed)?;
                Some(Draw::new(
                    &plans,
                    &environment,
                    &mut problem.draws(1 << 60),
                )?)
            }
        };
        let (store, sides, expectations, curves, frozen) = {
            let evaluator = Evaluator::new(problem.scope, &environment);
            let sides = [
                evaluator.term(&problem.says.lhs)?,
                evaluator.term(&problem.says.rhs)?,
            ];
            let store = evaluator.store()?;
            let all = expectations(&store, &sides);
            let frozen = frozen(&store, &all, &evaluator);
            let (closed, moving): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|e| store.free(e.0).is_empty());
            let curves = Curve::all(&store, &sides, &moving, &evaluator)?;
            (store, sides, closed, curves, frozen)
        };
        environment.known = frozen;
        let d = environment.covariance.written_out()?.len() as f64;
        let rows = plans.iter().map(Plan::rows).fold(1.0, f64::max);
        let fit = rows * d * rows.min(d) + 200.0;
        let mut estimator = Self {
            problem,
            environment,
            plans,
            fixed,
            least: Least::of(&store, sides, problem.says.op),
            store,
            sides,
            expectations,
            curves: Vec::new(),
            work: 0.0,
            measured: OnceCell::new(),
        };
        estimator.curves = estimator.settled(curves)?;
        let store = &estimator.store;
        let along_curves: f64 = (estimator.curves.iter())
            .map(|curve| {
                let places = curve.places.len() as f64;
                0.5 * OVERHEAD * places + 10.0 * fit * fits(store, &curve.means, places)
            })
            .sum();
        estimator.work = OVERHEAD
            + estimator.plans.iter().map(|p| p.work(d)).sum::<f64>()
            + 10.0 * fit * fits(&estimator.store, &estimator.expectations, 1.0)
            + along_curves;
        Ok(estimator)
    }

    /// With the places at which their expectations are estimated.
    fn settled(&self, mut curves: Vec<Curve>) -> Result<Vec<Curve>, EvaluationError> {
        const PILOTS: u64 = 3;
        if curves.is_empty() {
            return Ok(curves);
        }
        let pilots = (0..PILOTS).map(|index| {
            let mut environment = self.environment.clone();
            let mut stream = self.problem.draws(index | 1 << 58);
            let draw = Draw::new(&self.plans, &environment, &mut stream)?;
            environment.draw = Some(draw.with(self.fixed.as_ref()));
            Ok(environment)
        });
        let pilots: Vec<_> = pilots.collect::<Result<_, EvaluationError>>()?;
        for curve in &mut curves {
            curve.settle(&self.store, &pilots)?;
        }
        Ok(curves)
    }

    /// The same with these means as they are, and not simulated; `None` where that leaves all of them, or none.
    pub fn knowing(mut self, known: HashMap<Id, Value<f64>>) -> Option<Self> {
        let all = self.expectations.len();
        self.expectations.retain(|(id, _)| !known.contains_key(id));
        let left = self.expectations.len();
        self.environment.known.extend(known);
        (left > 0 && left < all).then_some(self)
    }

    /// What a replicate costs: what the first draws of a stream of their own do.
    pub fn work_per_replicate(&self) -> f64 {
        const PILOTS: u64 = 2;
        let drawn = || {
            let mut environment = self.environment.clone();
            let mut stream = self.problem.draws(PILOTS | 1 << 57);
            (0..PILOTS)
                .try_for_each(|_| self.draw(&mut environment, &mut stream, None, &mut Vec::new()))
        };
        let measured = || {
            // What is spent without a limit is not counted.
            let limit = budget::left().min(u64::MAX - 1);
            let (done, spent) = budget::within(limit, drawn);
            match done {
                Ok(()) => OVERHEAD + (spent.units / PILOTS) as f64,
                Err(_) => self.work,
            }
        };
        *self.measured.get_or_init(measured)
    }

    /// Simulates; `batch` numbers the random stream, so that fresh simulations are independent.
    pub fn run(&self, replicates: usize, batch: u64) -> Result<Estimate, EvaluationError> {
        let mut shapes: Shapes = Vec::new();
        let mut samples: Vec<f64> = Vec::new();
        let mut environment = self.environment.clone();
        let mut stream: Stream = self
            .problem
            .draws(batch.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1 << 62);
        let (mut replicates, mut done) = (replicates, 0);
        let before = budget::left();
        while done < replicates {
            let keep = (done == 0).then_some(&mut shapes);
            self.draw(&mut environment, &mut stream, keep, &mut samples)?;
            if done == 0 && samples.iter().any(|x| !x.is_finite()) {
                return Err(not_finite());
            }
            done += 1;
            if done == FEWEST {
                let each = (before - budget::left()) as f64 / FEWEST as f64;
                let thought = self.measured.get().unwrap_or(&self.work);
                let share = (OVERRUN * thought / each).min(1.0);
                replicates = FEWEST.max((share * replicates as f64) as usize);
            }
        }
        if samples.iter().any(|x| !x.is_finite()) {
            return Err(not_finite());
        }
        environment.draw.clone_from(&self.fixed);
        let found = self.summarise(&mut environment, &shapes, &samples, replicates)?;
        Ok(Estimate { batch, ..found })
    }

    /// What replicate `index` averages, entry by entry, and the shapes of its expectations; it has a random stream of its own.
    pub fn replicate(&self, index: u64) -> Result<(Vec<f64>, Shapes), EvaluationError> {
        let (mut shapes, mut values) = (Vec::new(), Vec::new());
        let mut environment = self.environment.clone();
        let mut stream = self.problem.draws(index);
        self.draw(
            &mut environment,
            &mut stream,
            Some(&mut shapes),
            &mut values,
        )?;
        if values.iter().any(|x| !x.is_finite()) {
            return Err(not_finite());
        }
        Ok((values, shapes))
    }

    /// The estimate from the values of so many replicates, one after the other.
    pub fn estimate(
        &self,
        shapes: &Shapes,
        values: &[f64],
        replicates: usize,
    ) -> Result<Estimate, EvaluationError> {
        let mut environment = self.environment.clone();
        environment.draw.clone_from(&self.fixed);
        self.summarise(&mut environment, shapes, values, replicates)
    }

    /// Draws once, and adds what the expectations average to `samples`.
    fn draw(
        &self,
        environment: &mut Environment<f64>,
        stream: &mut Stream,
        mut shapes: Option<&mut Shapes>,
        samples: &mut Vec<f64>,
    ) -> Result<(), EvaluationError> {
        let draw = Draw::new(&self.plans, environment, stream)?;
        environment.draw = Some(draw.with(self.fixed.as_ref()));
        let before = samples.len();
        for value in self.averaged(environment)? {
            let shape = match value {
                Value::Scalar(x) => {
                    samples.push(x);
                    (1, 1)
                }
                other => {
                    let matrix = other.dense(&environment.covariance, None)?;
                    samples.extend(matrix.entries);
                    (matrix.rows, matrix.cols)
                }
            };
            if let Some(shapes) = &mut shapes {
                shapes.push(shape);
            }
        }
        let components = samples.len() - before;
        if components > MAX_COMPONENTS {
            return Err(EvaluationError::Undefined(format!(
                "expectations with {components} entries in all (at most {MAX_COMPONENTS})"
            )));
        }
        Ok(())
    }

    /// What is averaged, on the draw of this environment: for every expectation, then for every curve at every place.
    fn averaged<R: LinearAlgebra>(
        &self,
        environment: &Environment<R>,
    ) -> Result<Vec<Value<R>>, EvaluationError> {
        let evaluator = Evaluator::new(self.problem.scope, environment);
        let closed = (self.expectations.iter()).map(|(_, body)| evaluator.value_of(*body));
        let mut all = closed.collect::<Result<Vec<_>, _>>()?;
        for curve in &self.curves {
            all.extend(curve.drawn(&self.store, environment)?);
        }
        Ok(all)
    }

    fn summarise(
        &self,
        environment: &mut Environment<f64>,
        shapes: &[(usize, usize)],
        samples: &[f64],
        replicates: usize,
    ) -> Result<Estimate, EvaluationError> {
        let p: usize = shapes.iter().map(|(r, c)| r * c).sum();
        if p == 0 {
            return Err(EvaluationError::Unsupported(
                "no expectation to simulate".into(),
            ));
        }
        let chosen = self.least.map_or(0, |_| Least::choosing(replicates));
        let (choosing, samples) = samples.split_at(chosen * p);
        let direction = self.direction(environment, shapes, choosing)?;
        let n = (replicates - chosen) as f64;
        let means = means_of(samples, p);
        let toward = direction.as_deref();
        let (left, right) = self.strained(environment, shapes, &means, (0.0, toward))?;
        let difference: Vec<f64> = left.iter().zip(&right).map(|(l, r)| l - r).collect();
        let gradients = self.gradients(
            environment,
            shapes,
            (samples, &means, toward),
            [&left, &right],
        )?;
        let Some(worst) = against(&difference, &gradients, samples, &means) else {
            return Err(EvaluationError::Undefined("an empty matrix".into()));
        };
        let (lhs, rhs) = (
            along(&left, &worst.direction),
            along(&right, &worst.direction),
        );
        let gap = along(&difference, &worst.direction);
        let scale = match self.compared_with_zero() {
            Some(side) => self
                .smallest_term(side, environment)
                .unwrap_or(worst.spread + gap.abs()),
            None => lhs.abs().max(rhs.abs()).max(
                left.iter()
                    .chain(&right)
                    .fold(0.0, |m: f64, x| m.max(x.abs())),
            ),
        };
        let heavy = worst.share > HEAVY.max(60.0 / n);
        let length = match heavy {
            true => self.length(&gradients, &worst.direction, environment),
            false => None,
        };
        let bounded = length
            .map(|length| bounded::standard_error(worst.standard_error, length, n))
            .filter(|error| *error <= TELLING * scale);
        let standard_error = bounded.unwrap_or(worst.standard_error);
        let missed = self.missed(environment, shapes, &means, (gap, &worst.direction), toward)?;
        Ok(Estimate {
            lhs,
            rhs,
            gap,
            standard_error: standard_error + missed,
            scale: if scale > 0.0 { scale } else { 1.0 },
            replicates,
            batch: 0,
            heavy: heavy && bounded.is_none(),
            zero: (0..p).any(|j| samples.iter().skip(j).step_by(p).all(|x| is_lost(*x))),
            tail: (left.len() == 1 && worst.share > 0.0).then_some(worst.share),
            contradicting: self.contradicting(p, samples),
            cut: self.cut(p, samples),
        })
    }

    /// Where an order of matrices looks most like a violation, by draws that count for nothing else.
    fn direction(
        &self,
        environment: &mut Environment<f64>,
        shapes: &[(usize, usize)],
        samples: &[f64],
    ) -> Result<Option<Vec<f64>>, EvaluationError> {
        let Some(least) = self.least else {
            return Ok(None);
        };
        let p: usize = shapes.iter().map(|(r, c)| r * c).sum();
        self.sides(environment, shapes, &means_of(samples, p))?;
        least.direction(self.problem.scope, environment).map(Some)
    }

    /// The length of an interval that holds the difference, linearised, in every draw.
    fn length(
        &self,
        gradients: &[Vec<f64>],
        direction: &[f64],
        environment: &Environment<f64>,
    ) -> Option<f64> {
        if gradients.len() != self.expectations.len() {
            return None;
        }
        let evaluator = Evaluator::new(self.problem.scope, environment);
        let each = self.expectations.iter().zip(gradients);
        each.map(|((_, body), gradient)| {
            let slope = along(gradient, direction).abs();
            Some(slope * bounded::length(&self.store, *body, &evaluator)?)
        })
        .sum()
    }

    /// The relation linearised in the means: what each of them does to every entry of the difference.
    fn gradients(
        &self,
        environment: &mut Environment<f64>,
        shapes: &[(usize, usize)],
        (samples, means, toward): (&[f64], &[f64], Option<&[f64]>),
        [left, right]: [&[f64]; 2],
    ) -> Result<Vec<Vec<f64>>, EvaluationError> {
        // A step below this share of a mean is lost in rounding.
        const SMALLEST_STEP: f64 = 1e-8;
        const STEP_OF_CURVES: f64 = 1e-5;
        const BEND: f64 = 1e-2;
        let closed: usize = (shapes.iter().take(self.expectations.len()))
            .map(|(rows, columns)| rows * columns)
            .sum();
        let p = means.len();
        let n = (samples.len() / p) as f64;
        let mut gradients = Vec::with_capacity(p);
        for j in 0..p {
            let spread = samples
                .iter()
                .skip(j)
                .step_by(p)
                .map(|x| (x - means[j]).powi(2))
                .sum::<f64>();
            let mut step = (spread / n / n).sqrt();
            if j >= closed {
                // One place of a curve by itself would bend it.
                step = (BEND * step).min(STEP_OF_CURVES * means[j].abs());
            }
            let step = step.max(SMALLEST_STEP * means[j].abs());
            if step == 0.0 {
                gradients.push(vec![0.0; left.len()]);
                continue;
            }
            let mut shifted = means.to_vec();
            shifted[j] += step;
            let (l, r) = self.strained(environment, shapes, &shifted, (0.0, toward))?;
            // each side by itself: one may be far below the other
            let slope = |i: usize| ((l[i] - left[i]) - (r[i] - right[i])) / step;
            gradients.push((0..left.len()).map(slope).collect());
        }
        Ok(gradients)
    }

    fn contradicting(&self, p: usize, samples: &[f64]) -> Option<usize> {
        let side = self.compared_with_zero()?;
        let left = side == self.sides[0];
        let denied = match self.problem.says.op {
            RelationOp::Eq => true,
            RelationOp::Le | RelationOp::Lt => left,
            RelationOp::Ge | RelationOp::Gt => !left,
            _ => false,
        };
        let mean = self.is_mean(side);
        let never_negative = samples.iter().all(|x| *x >= 0.0);
        (denied && mean && p == 1 && never_negative)
            .then(|| samples.iter().filter(|x| **x > 0.0).count())
    }

    fn is_mean(&self, side: Id) -> bool {
        matches!(self.store.node(side), Node::Expectation(_))
    }

    /// For a side that is a single expectation of non-negative draws, a safe lower estimate of it.
    fn cut(&self, p: usize, samples: &[f64]) -> Option<(bool, f64, f64)> {
        let [left, right] = self.sides.map(|side| self.is_mean(side));
        if p != 1 || left == right || samples.iter().any(|x| *x < 0.0) {
            return None;
        }
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let level = sorted[(sorted.len() * 98) / 100];
        let n = samples.len() as f64;
        let mean = samples.iter().map(|x| x.min(level)).sum::<f64>() / n;
        if level == 0.0 {
            return None;
        }
        let deviation = |x: &f64| ((x.min(level) - mean) / level).powi(2);
        let variance = samples.iter().map(deviation).sum::<f64>() / (n - 1.0);
        Some((left, mean, level * (variance / n).sqrt()))
    }
}

/// Every `E[…]` of a claim with what it averages.
pub fn expectations(store: &Store, sides: &[Id]) -> Vec<(Id, Id)> {
    let mut found = Vec::new();
    for &side in sides {
        store.visit(side, &mut |id, node| {
            if let Node::Expectation(body) = node {
                found.push((id, *body));
            }
        });
    }
    found.sort_unstable();
    found.dedup();
    found
}
