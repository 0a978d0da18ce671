//! Equivalents of any rational expression in Gaussian matrices, by the engine's pencils.
//!
//! The body of an `E[…]` becomes an expression of [`Model`](crate::equivalent::pencil::Model); noises go first, by Wick's rule:
//! of `u'v` with `u = Σ A_l l` and `v = Σ B_l l` in independent vectors `l` remain the traces of `A_l'B_l`. Numbers are plain
//! `f64`, accurate to some twelve digits; an answer whose leading orders cancel is refused.

mod algebra;
mod arithmetic;
mod blocks;
mod calls;
mod concentration;
mod described;
mod diagonal;
mod edges;
mod fixed;
mod form;
mod minimum;
mod object;
mod spaces;
#[cfg(test)]
mod tests;
mod turned;
mod weights;

pub use described::{Closing, Described, described};

use std::collections::HashMap;

use super::{EquivalenceError, MAX_COUNT, undefined, unrecognised};
use crate::budget;
use crate::equivalent::pencil::{Expression, Features, Model, PencilError, Space};
use crate::number::Estimate;
use crate::spectrum::Spectrum;
use crate::term::evaluate::{AtPoint, Covariance, Environment, EvaluationError};
use crate::term::{Binder, Id, Memory, Outcome, Statement, Walker};
use form::{Closure, Form, Pending, Read};
pub use spaces::turns;
use spaces::{Basis, all_rows, written_out};

/// The least relative error that is claimed.
const ACCURACY: f64 = 1e-11;
/// Another unit, in which all roundings differ.
const OTHER_UNIT: f64 = 0.37;
/// Rounding of a sum is hardly ever more than so much of its size: two units may round alike by chance.
const ROUNDING: f64 = 64.0 * f64::EPSILON;
/// The error is hardly ever more than so many times the difference that a unit makes.
const CAUTION: f64 = 100.0;
/// An equivalent says nothing about what is smaller than this many times `1/size` of what was added.
const ORDER: f64 = 3.0;
/// Nor where no more than this many dimensions part a fit from its threshold.
const EDGE: f64 = 2.0;
/// Operations a level, roughly: some thirty Newton steps on a handful of blocks.
const WORK: f64 = 5e3;

/// The same for the cube of the dimension, where bases do not commute.
const DENSE_WORK: f64 = 60.0;

/// A scalar term in which every `E[…]` is replaced by its equivalent.
///
/// It is evaluated twice, in units that round differently, so that digits which cancel show.
///
/// # Errors
/// [`EquivalenceError::NotRecognised`] where the body is no rational expression of Gaussian matrices, or its leading orders
/// cancel; [`EquivalenceError::Evaluation`] where it has no value.
pub fn scalar(
    statement: &Statement,
    id: Id,
    environment: &Environment<f64>,
) -> Result<Estimate, EquivalenceError> {
    either_unit(statement, id, environment, false)
}

/// The same with extreme eigenvalues where they are on average at this size, and not at their edges, which is what simulations
/// show.
///
/// # Errors
/// As for [`scalar`].
pub fn at_size(
    statement: &Statement,
    id: Id,
    environment: &Environment<f64>,
) -> Result<Estimate, EquivalenceError> {
    either_unit(statement, id, environment, true)
}

fn either_unit(
    statement: &Statement,
    id: Id,
    environment: &Environment<f64>,
    at_size: bool,
) -> Result<Estimate, EquivalenceError> {
    let found = scalar_in(1.0, statement, id, environment, at_size)?;
    let other = scalar_in(OTHER_UNIT, statement, id, environment, at_size)?;
    Ok(estimate(&found, &other))
}

/// A number in one unit, and how many times larger what was summed for it is.
struct Summed {
    value: f64,
    cancelled: f64,
}

/// What two units make of one number.
fn estimate(found: &Summed, other: &Summed) -> Estimate {
    let (value, other, cancelled) = (found.value, other.value, found.cancelled);
    let difference = if value == other {
        0.0
    } else {
        ((value - other) / value).abs()
    };
    Estimate {
        value,
        relative_error: (CAUTION * difference)
            .max(ROUNDING * cancelled)
            .max(ACCURACY),
    }
}

/// The same in one unit only: nothing shows digits that cancel.
///
/// # Errors
/// As for [`scalar`].
pub fn once(
    statement: &Statement,
    id: Id,
    environment: &Environment<f64>,
) -> Result<f64, EquivalenceError> {
    scalar_in(1.0, statement, id, environment, false).map(|found| found.value)
}

/// `E[body]` as the equations have it, whether or not sizes are large enough for it to mean anything.
///
/// # Errors
/// As for [`scalar`].
pub fn unguarded(
    statement: &Statement,
    body: Id,
    environment: &Environment<f64>,
) -> Result<Estimate, EquivalenceError> {
    let in_unit = |unit| of_body(statement, body, environment, unit, false);
    Ok(estimate(&in_unit(1.0)?, &in_unit(OTHER_UNIT)?))
}

/// `E[body]` where no leading terms cancel, as the equations have it, however near a fit is to its threshold.
///
/// # Errors
/// As for [`scalar`].
pub fn told(
    statement: &Statement,
    body: Id,
    environment: &Environment<f64>,
) -> Result<f64, EquivalenceError> {
    of_body(statement, body, environment, 1.0, true).map(|found| found.value)
}

fn of_body(
    statement: &Statement,
    body: Id,
    environment: &Environment<f64>,
    unit: f64,
    guarded: bool,
) -> Result<Summed, EquivalenceError> {
    let mut reader = Reader::new(statement, environment, body)?;
    reader.measured_in(unit);
    reader.guarded = guarded;
    reader.near_edges = true;
    reader.cut_rows(body)?;
    match reader.mean(&mut Walker::new(&statement.store), body)? {
        Form::Number { value, .. } => Ok(reader.with_loss(value)),
        _ => unrecognised("only expectations of scalars have equivalents"),
    }
}

fn scalar_in(
    unit: f64,
    statement: &Statement,
    id: Id,
    environment: &Environment<f64>,
    at_size: bool,
) -> Result<Summed, EquivalenceError> {
    let mut reader = Reader::new(statement, environment, id)?;
    reader.measured_in(unit);
    reader.at_size = at_size;
    reader.cut_rows(id)?;
    match reader.form(&mut Walker::new(&statement.store), id)? {
        Form::Number { value, doubt } if value.is_finite() => {
            if doubt > 0.0 && value.abs() <= ORDER * doubt {
                return unrecognised("what is asked for is below the order of the equivalent");
            }
            Ok(reader.with_loss(value))
        }
        Form::Number { .. } => undefined("a value that is not finite"),
        Form::Scalar(_) => {
            Err(EvaluationError::Unsupported("a random object stands outside E[…]".into()).into())
        }
        _ => Err(EvaluationError::Unsupported("a scalar is needed here".into()).into()),
    }
}

impl From<PencilError> for EquivalenceError {
    fn from(error: PencilError) -> Self {
        match error {
            PencilError::Dense { .. } => EvaluationError::TooLarge(error.to_string()).into(),
            PencilError::Threshold
            | PencilError::Critical
            | PencilError::Divergent
            | PencilError::Singular { .. }
            | PencilError::Parameter { .. }
            | PencilError::Spectrum(_) => EvaluationError::Undefined(error.to_string()).into(),
            other => EquivalenceError::unrecognised(other.to_string()),
        }
    }
}

/// How forms are read off terms: an algebra, with what it has made on the way.
struct Reader<'a> {
    statement: &'a Statement,
    environment: &'a Environment<f64>,
    /// Parts in which nothing random stands.
    numbers: AtPoint<'a, f64>,
    model: Model,
    features: Features,
    /// The spectrum's atom of each level of the inputs.
    atoms: Vec<usize>,
    /// Where rows of a number are cut, since weights differ from there on.
    row_cuts: HashMap<u64, Vec<f64>>,
    /// Rows, and features of random layers, by their number.
    flat: HashMap<u64, Space>,
    matrices: HashMap<(&'a str, u64, u64), Expression>,
    /// Standard deviations of the noises, and their spaces.
    noises: Vec<(f64, Space)>,
    noise_index: HashMap<(&'a str, u64, u64), usize>,
    /// Noises that were cut into independent parts of these spaces, and the first of the parts.
    cuts: HashMap<usize, (Vec<Space>, usize)>,
    /// The bases of matrices that do not commute with `Sigma`, by their numbers.
    rotations: HashMap<u64, Basis>,
    turned: HashMap<Id, bool>,
    random: HashMap<Id, bool>,
    /// Whether what is read stands inside of an expectation.
    inside: bool,
    /// Whether a random object stands outside of all of them.
    outside: bool,
    /// What was read inside: there a part may be a form that is a number outside.
    within: Memory<Form>,
    /// Sums around what is read whose index is bound to a number.
    sums: Vec<Binder>,
    /// Whether sizes must be large enough, and groups of rows whole.
    guarded: bool,
    /// Whether fits may be near their thresholds all the same.
    near_edges: bool,
    /// The unit in which numbers are rounded.
    unit: f64,
    /// By how much the terms of a mean were larger than it, where most.
    cancelled: f64,
    /// What deterministic parts are, as they are written, where somebody looks for formulas.
    noted: Option<Noted>,
    /// Whether a random scalar was taken for the number it is near.
    follows: bool,
    /// Whether extreme eigenvalues are where they are on average at this size, and not at their edges.
    at_size: bool,
    /// The largest share that is left open of one of them, and of those by which matrices or vectors were multiplied.
    rough: f64,
    spread: f64,
    /// Why something was refused, on its way through the walk.
    refused: Option<EquivalenceError>,
}

/// Functions of `Sigma` on its levels, and numbers, as they are written.
#[derive(Default)]
struct Noted {
    functions: Vec<(String, Vec<f64>)>,
    numbers: Vec<(String, f64)>,
}

type Walk<'w, 's> = &'w mut Walker<'s, Form>;

/// Terms that end the same way are added before they are averaged, so that what cancels exactly does.
fn sums_by_closure(
    terms: Vec<(f64, Expression, Closure)>,
) -> Vec<(Closure, Vec<(f64, Expression)>)> {
    let mut sums: Vec<(Closure, Vec<(f64, Expression)>)> = Vec::new();
    for (c, e, closure) in terms {
        match sums.iter_mut().find(|(other, _)| *other == closure) {
            Some((_, terms)) => terms.push((c, e)),
            None => sums.push((closure, vec![(c, e)])),
        }
    }
    sums
}

impl<'a> Reader<'a> {
    fn new(
        statement: &'a Statement,
        environment: &'a Environment<f64>,
        id: Id,
    ) -> Result<Self, EquivalenceError> {
        let mut model = Model::new();
        let mut atoms = Vec::new();
        let mut numbers = AtPoint::new(&statement.store, environment);
        let features = match &environment.covariance {
            covariance if turns(statement, [id]) => {
                let (levels, of) = written_out(covariance)?;
                atoms = of;
                model.levels_of(&levels)?
            }
            Covariance::Explicit { levels, .. } => {
                atoms.extend(levels.iter().map(|l| l.atom));
                let levels: Vec<_> = levels
                    .iter()
                    .map(|l| (l.value, l.multiplicity, l.mass))
                    .collect();
                model.levels_of(&levels)?
            }
            Covariance::PowerLaw { law, target, .. } => {
                let rows = all_rows(&mut numbers, statement);
                model.features(&Spectrum::PowerLaw(*law), target, rows)?
            }
        };
        atoms.resize(model.values(features.sigma).len(), 0);
        Ok(Self {
            statement,
            environment,
            numbers,
            model,
            features,
            atoms,
            row_cuts: HashMap::new(),
            flat: HashMap::new(),
            matrices: HashMap::new(),
            noises: Vec::new(),
            noise_index: HashMap::new(),
            cuts: HashMap::new(),
            rotations: HashMap::new(),
            turned: HashMap::new(),
            random: HashMap::new(),
            inside: false,
            outside: statement.store.is_random(id),
            within: Memory::default(),
            sums: Vec::new(),
            guarded: true,
            near_edges: false,
            unit: 1.0,
            cancelled: 1.0,
            noted: None,
            follows: false,
            at_size: false,
            rough: 0.0,
            spread: 0.0,
            refused: None,
        })
    }

    fn measured_in(&mut self, unit: f64) {
        self.unit = unit;
        self.model.measured_in(unit);
    }

    fn is_empty(&self, space: Space) -> bool {
        self.model.dimension(space) == 0.0
    }

    /// Whether a matrix has no rows, or no columns.
    fn is_void(&self, m: Expression) -> bool {
        self.is_empty(self.model.rows(m)) || self.is_empty(self.model.columns(m))
    }

    /// The space of `n` rows.
    fn flat(&mut self, n: f64) -> Result<Space, EquivalenceError> {
        if let Some(&known) = self.flat.get(&n.to_bits()) {
            return Ok(known);
        }
        let space = match self.row_cuts.get(&n.to_bits()) {
            Some(cuts) => self.model.cut_rows(cuts)?,
            None if n == 0.0 => self.model.empty(),
            None => self.model.flat(n)?,
        };
        self.flat.insert(n.to_bits(), space);
        Ok(space)
    }

    /// The form of a term.
    fn form(&mut self, walker: Walk<'_, '_>, id: Id) -> Read {
        let outcome = walker.value(self, id);
        self.read(outcome)
    }

    /// An outcome of the walk with the reason that was given for a refusal.
    fn read<T>(&mut self, outcome: Outcome<T>) -> Result<T, EquivalenceError> {
        outcome.map_err(|error| self.refused.take().unwrap_or_else(|| error.into()))
    }

    /// `E[body]`
    fn mean(&mut self, walker: Walk<'_, '_>, body: Id) -> Read {
        let read = if self.inside {
            self.form(walker, body)
        } else {
            let memory = std::mem::take(&mut self.within);
            let mut inside = Walker::resume(&self.statement.store, memory);
            for (binder, form) in walker.binders() {
                inside.bind(binder, form.clone());
            }
            self.inside = true;
            let read = self.form(&mut inside, body);
            self.inside = false;
            self.within = inside.into_memory();
            read
        };
        match read? {
            number @ Form::Number { .. } => Ok(number),
            Form::Scalar(pending) if self.follows => self.near(pending),
            Form::Scalar(pending) => self.averaged(pending),
            _ => unrecognised("only expectations of scalars have equivalents"),
        }
    }

    fn averaged(&mut self, pending: Pending) -> Read {
        let (mut value, mut size) = (pending.constant, pending.constant.abs());
        let smallest = self.smallest_size();
        for (closure, terms) in sums_by_closure(pending.terms) {
            let sum = self.model.sum(&terms)?;
            let levels = self.model.multiplicities(self.features.space).len() as f64;
            let dense = match self.rotations.is_empty() {
                true => 0.0,
                false => DENSE_WORK * levels.powi(3),
            };
            budget::charge_about(WORK * (levels + 4.0) + dense).map_err(EvaluationError::from)?;
            let mean = self.model.equivalents(&[sum])?.remove(0);
            if self.guarded && !self.near_edges && mean.margin * smallest < EDGE {
                return unrecognised("a fit is too near its threshold for an equivalent");
            }
            let (added, of) = match closure {
                Closure::Target => self.model.quadratic(&mean, &self.features.mass)?,
                Closure::Trace(space) => {
                    let counts = self.model.multiplicities(space);
                    (
                        self.model.closed(&mean, counts)?,
                        self.model.size(&mean, counts),
                    )
                }
            };
            value += added;
            size += of;
        }
        if !value.is_finite() {
            return undefined("an expectation that is not finite");
        }
        if self.guarded && value.abs() < size * (ORDER / smallest).max(1e-9) && size > 0.0 {
            return unrecognised("its leading terms cancel");
        }
        self.cancelled = self.cancelled.max(size / value.abs());
        Ok(Form::Number {
            value,
            doubt: (value.abs() / smallest).max(size * self.spread),
        })
    }

    fn with_loss(&self, value: f64) -> Summed {
        Summed {
            value,
            cancelled: self.cancelled,
        }
    }

    /// The least of all numbers of rows and dimensions, up to which equivalents hold.
    fn smallest_size(&self) -> f64 {
        let spaces = self.flat.values().filter(|space| !self.is_empty(**space));
        spaces
            .chain([&self.features.space])
            .map(|space| self.model.dimension(*space))
            .fold(f64::INFINITY, f64::min)
    }

    /// A deterministic scalar.
    fn number(&mut self, walker: Walk<'_, '_>, id: Id) -> Result<f64, EquivalenceError> {
        let form = self.form(walker, id)?;
        as_number(&form)
    }

    fn whole(&mut self, walker: Walk<'_, '_>, id: Id, what: &str) -> Result<f64, EquivalenceError> {
        let x = self.number(walker, id)?;
        if x.fract() != 0.0 {
            return undefined(format!("{what} = {x}: a whole number is needed"));
        }
        Ok(x)
    }
}

fn as_number(form: &Form) -> Result<f64, EquivalenceError> {
    match form {
        Form::Number { value, .. } if value.is_finite() => Ok(*value),
        Form::Number { .. } => undefined("a value that is not finite"),
        Form::Scalar(_) => unrecognised("a random scalar where a number is needed"),
        _ => unrecognised("a matrix or vector where a number is needed"),
    }
}

/// The variables that are bound around, and their values.
fn numbers_bound(walker: &Walker<'_, Form>) -> Vec<(Binder, f64)> {
    let binders = walker.binders();
    let numbers = binders.filter_map(|(binder, form)| match form {
        Form::Number { value, .. } => Some((binder, *value)),
        _ => None,
    });
    numbers.collect()
}
