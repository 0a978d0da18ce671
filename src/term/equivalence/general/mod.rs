//! Equivalents of any rational expression in Gaussian matrices, by the engine's pencils.
//!
//! The body of an `E[…]` becomes an expression of [`Model`](crate::equivalent::pencil::Model); noises go first, by Wick's rule:
//! of `u'v` with `u = Σ A_l l` and `v = Σ B_l l` in independent vectors `l` remain the traces of `A_l'B_l`. Numbers are plain
//! `f64`, accurate to some twelve digits; an answer whose leading orders cancel is refused.

mod arithmetic;
mod blocks;
mod described;
mod diagonal;
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
pub use diagonal::mean_of;

use std::collections::HashMap;

use super::{EquivalenceError, MAX_COUNT, elementary, undefined, unrecognised};
use crate::budget;
use crate::equivalent::pencil::{Expression, Features, Model, PencilError, Space};
use crate::formula::ast::{BinaryOp, Expr, Fold, Function, Node};
use crate::formula::scope::Scope;
use crate::spectrum::Spectrum;
use crate::term::evaluate::{Covariance, Environment, EvaluationError, Evaluator, NodeKey};
use form::{Closure, Form, Pending, Read};
pub use spaces::turns;
use spaces::{Basis, all_rows, written_out};

/// The least relative error that is claimed.
const ACCURACY: f64 = 1e-11;
/// Another unit, in which all roundings differ.
const OTHER_UNIT: f64 = 0.37;
/// The error is hardly ever more than so many times the difference that a unit makes.
const CAUTION: f64 = 100.0;
/// An equivalent says nothing about what is smaller than this many times `1/size` of what was added.
const ORDER: f64 = 3.0;
/// Nor where no more than this many dimensions part a fit from its threshold.
const EDGE: f64 = 2.0;
/// Operations a level, roughly: some thirty Newton steps on a handful of blocks.
const WORK: f64 = 3e4;

/// The same for the cube of the dimension, where bases do not commute.
const DENSE_WORK: f64 = 60.0;

/// A value in double precision, and an estimate of its relative error: not a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimated {
    pub value: f64,
    pub relative_error: f64,
}

/// A scalar expression in which every `E[…]` is replaced by its equivalent.
///
/// It is evaluated twice, in units that round differently, so that digits which cancel show.
///
/// # Errors
/// [`EquivalenceError::NotRecognised`] where the body is no rational expression of Gaussian matrices, or its leading orders
/// cancel; [`EquivalenceError::Evaluation`] where it has no value.
pub fn scalar(
    expr: &Expr,
    scope: &Scope,
    environment: &Environment<f64>,
) -> Result<Estimated, EquivalenceError> {
    let value = scalar_in(1.0, expr, scope, environment)?;
    let other = scalar_in(OTHER_UNIT, expr, scope, environment)?;
    let difference = if value == other {
        0.0
    } else {
        ((value - other) / value).abs()
    };
    Ok(Estimated {
        value,
        relative_error: (CAUTION * difference).max(ACCURACY),
    })
}

/// The same in one unit only: nothing shows digits that cancel.
///
/// # Errors
/// As for [`scalar`].
pub fn once(
    expr: &Expr,
    scope: &Scope,
    environment: &Environment<f64>,
) -> Result<f64, EquivalenceError> {
    scalar_in(1.0, expr, scope, environment)
}

/// `E[body]` as the equations have it, whether or not sizes are large enough for it to mean anything.
///
/// # Errors
/// As for [`scalar`].
pub fn unguarded(
    body: &Expr,
    scope: &Scope,
    environment: &Environment<f64>,
) -> Result<f64, EquivalenceError> {
    let evaluator = Evaluator::new(scope, environment);
    let mut reader = Reader::new(&evaluator, scope, environment, body)?;
    reader.guarded = false;
    reader.cut_rows(body)?;
    match reader.expectation(body)? {
        Form::Number { value, .. } => Ok(value),
        _ => unrecognised("only expectations of scalars have equivalents"),
    }
}

fn scalar_in(
    unit: f64,
    expr: &Expr,
    scope: &Scope,
    environment: &Environment<f64>,
) -> Result<f64, EquivalenceError> {
    let evaluator = Evaluator::new(scope, environment);
    let mut reader = Reader::new(&evaluator, scope, environment, expr)?;
    reader.measured_in(unit);
    reader.cut_rows(expr)?;
    match reader.value(expr)? {
        Form::Number { value, doubt } if value.is_finite() => {
            if doubt > 0.0 && value.abs() <= ORDER * doubt {
                return unrecognised("what is asked for is below the order of the equivalent");
            }
            Ok(value)
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

struct Reader<'a, 'e> {
    evaluator: &'e Evaluator<'a, f64>,
    scope: &'a Scope,
    environment: &'a Environment<f64>,
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
    turned: HashMap<NodeKey, bool>,
    /// Whether what is read stands inside of an expectation.
    inside: bool,
    random: HashMap<NodeKey, bool>,
    random_names: HashMap<&'a str, bool>,
    named: HashMap<&'a str, Form>,
    /// Whether sizes must be large enough, and groups of rows whole.
    guarded: bool,
    /// The unit in which numbers are rounded.
    unit: f64,
    /// What deterministic parts are, as they are written.
    functions: Vec<(String, Vec<f64>)>,
    numbers: Vec<(String, f64)>,
}

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

impl<'a, 'e> Reader<'a, 'e> {
    fn new(
        evaluator: &'e Evaluator<'a, f64>,
        scope: &'a Scope,
        environment: &'a Environment<f64>,
        expr: &Expr,
    ) -> Result<Self, EquivalenceError> {
        let mut model = Model::new();
        let mut atoms = Vec::new();
        let features = match &environment.covariance {
            covariance if turns([expr], scope) => {
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
                let rows = all_rows(evaluator, scope);
                model.features(&Spectrum::PowerLaw(*law), target, rows)?
            }
        };
        atoms.resize(model.values(features.sigma).len(), 0);
        Ok(Self {
            evaluator,
            scope,
            environment,
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
            inside: false,
            random: HashMap::new(),
            random_names: HashMap::new(),
            named: HashMap::new(),
            guarded: true,
            unit: 1.0,
            functions: Vec::new(),
            numbers: Vec::new(),
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

    fn expectation(&mut self, body: &'a Expr) -> Read {
        let outside = std::mem::replace(&mut self.inside, true);
        let read = self.value(body);
        self.inside = outside;
        let pending = match read? {
            number @ Form::Number { .. } => return Ok(number),
            Form::Scalar(pending) => pending,
            _ => return unrecognised("only expectations of scalars have equivalents"),
        };
        let (mut value, mut size) = (pending.constant, pending.constant.abs());
        let mut smallest = f64::INFINITY;
        for space in self.flat.values().filter(|space| !self.is_empty(**space)) {
            smallest = smallest.min(self.model.dimension(*space));
        }
        smallest = smallest.min(self.model.dimension(self.features.space));
        for (closure, terms) in sums_by_closure(pending.terms) {
            let sum = self.model.sum(&terms)?;
            let levels = self.model.multiplicities(self.features.space).len() as f64;
            let dense = match self.rotations.is_empty() {
                true => 0.0,
                false => DENSE_WORK * levels.powi(3),
            };
            budget::charge_about(WORK * (levels + 4.0) + dense).map_err(EvaluationError::from)?;
            let mean = self.model.equivalents(&[sum])?.remove(0);
            if self.guarded && mean.margin * smallest < EDGE {
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
        Ok(Form::Number {
            value,
            doubt: value.abs() / smallest,
        })
    }

    fn value(&mut self, expr: &'a Expr) -> Read {
        if !self.is_random(expr) && !self.is_read(expr) {
            let value = self.evaluator.value(expr)?;
            self.note(expr, &value);
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
                let index = self.number(index)?;
                self.object(name, Some(index))
            }
            Node::Expectation(body) => self.expectation(body),
            Node::Neg(inner) => {
                let inner = self.value(inner)?;
                self.scaled(inner, -1.0)
            }
            Node::Transpose(inner) => {
                let inner = self.value(inner)?;
                Ok(self.transposed(inner))
            }
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
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => self.extremum(*kind, variable, (from, to), body),
            _ => unrecognised("a derivative of random quantities"),
        }
    }

    /// A deterministic scalar.
    fn number(&mut self, expr: &'a Expr) -> Result<f64, EquivalenceError> {
        match self.value(expr)? {
            Form::Number { value, .. } if value.is_finite() => Ok(value),
            Form::Number { .. } => undefined("a value that is not finite"),
            Form::Scalar(_) => unrecognised("a random scalar where a number is needed"),
            _ => unrecognised("a matrix or vector where a number is needed"),
        }
    }

    fn whole(&mut self, expr: &'a Expr, what: &str) -> Result<f64, EquivalenceError> {
        let x = self.number(expr)?;
        if x.fract() != 0.0 {
            return undefined(format!("{what} = {x}: a whole number is needed"));
        }
        Ok(x)
    }

    fn binary(&mut self, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Read {
        let (a, b) = (self.value(left)?, self.value(right)?);
        match op {
            BinaryOp::Add => self.plus(a, b),
            BinaryOp::Sub => {
                let b = self.scaled(b, -1.0)?;
                self.plus(a, b)
            }
            BinaryOp::Mul => self.times(a, b),
            BinaryOp::Div => {
                let inverse = self.inverse(b)?;
                self.times(a, inverse)
            }
            BinaryOp::Pow => {
                let Form::Number { value: e, .. } = b else {
                    return unrecognised("a random exponent");
                };
                self.power(a, e)
            }
        }
    }

    fn call(&mut self, function: Function, arguments: &'a [Expr]) -> Read {
        if function == Function::Weights {
            return self.row_weights(arguments);
        }
        if function == Function::Rotated {
            return self.rotated(arguments);
        }
        let first = self.value(&arguments[0])?;
        match function {
            Function::Norm2 => self.squared_norm(first, arguments.get(1)),
            Function::Tr => match first {
                Form::Matrix(m) => {
                    let space = self.model.rows(m);
                    let term = (1.0, m, Closure::Trace(space));
                    Ok(Form::Scalar(Pending {
                        constant: 0.0,
                        terms: vec![term],
                    }))
                }
                Form::Blocks(grid) => self.trace_of_blocks(&grid),
                Form::Outer(u, v) => self.times(Form::Row(v), Form::Column(u)),
                scalar @ (Form::Number { .. } | Form::Scalar(_)) => Ok(scalar),
                _ => unrecognised("a trace of anything but a matrix"),
            },
            Function::Diag => self.diagonal_part(first, &arguments[0]),
            Function::Inv => self.inverse(first),
            Function::Pinv | Function::Proj => match first {
                Form::Matrix(m) if self.is_void(m) && function == Function::Pinv => {
                    undefined("the pseudo-inverse of a design without rows")
                }
                Form::Matrix(m) if self.is_void(m) => {
                    let columns = self.model.columns(m);
                    Ok(Form::Matrix(self.model.zero(columns, columns)))
                }
                Form::Matrix(m) => Ok(Form::Matrix(if function == Function::Pinv {
                    self.model.pinv(m)?
                } else {
                    self.model.projection(m)?
                })),
                Form::Blocks(grid) => {
                    let inverse = Form::of_grid(self.fit_of_blocks(&grid, 0.0)?);
                    if function == Function::Pinv {
                        return Ok(inverse);
                    }
                    self.times(inverse, Form::Blocks(grid))
                }
                _ => unrecognised("a pseudo-inverse of anything but a matrix"),
            },
            Function::Rows | Function::Columns => {
                let mut forms = vec![first];
                for argument in &arguments[1..] {
                    forms.push(self.value(argument)?);
                }
                self.stacked(function == Function::Rows, forms)
            }
            Function::Ridge => self.ridge(first, &arguments[1], &arguments[2]),
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
                elementary(function, &numbers).map(Form::exact)
            }
            _ => unrecognised("a function of random quantities"),
        }
    }

    fn squared_norm(&mut self, vector: Form, weight: Option<&'a Expr>) -> Read {
        let column = match vector {
            Form::Column(_) | Form::Parts { row: false, .. } => vector,
            Form::Row(_) | Form::Parts { .. } => self.transposed(vector),
            _ => return unrecognised("norm2 of anything but a vector"),
        };
        let weighted = match weight {
            Some(weight) => {
                let weight = self.value(weight)?;
                self.times(weight, column.clone())?
            }
            None => column.clone(),
        };
        let row = self.transposed(column);
        self.times(row, weighted)
    }

    fn ridge(&mut self, inputs: Form, labels: &'a Expr, lambda: &'a Expr) -> Read {
        let labels = self.value(labels)?;
        let lambda = self.number(lambda)?;
        let x = match inputs {
            Form::Matrix(x) => x,
            Form::Blocks(grid) => return self.ridge_of_blocks(&grid, labels, lambda),
            _ => return unrecognised("ridge of anything but a matrix"),
        };
        if !(lambda >= 0.0) {
            return undefined(format!("a ridge of {lambda}"));
        }
        let rows = self.model.dimension(self.model.rows(x));
        let fit = match self.is_void(x) {
            true if !(lambda > 0.0) => return undefined("a fit to no rows without a ridge"),
            true => self.model.transpose(x),
            false => self.model.ridge(x, lambda * rows)?,
        };
        self.times(Form::Matrix(fit), labels)
    }

    fn fold(
        &mut self,
        kind: Fold,
        index: &'a str,
        from: &'a Expr,
        to: &'a Expr,
        body: &'a Expr,
    ) -> Read {
        if matches!(&*to.node, Node::Infinity) {
            return unrecognised("an infinite sum or product of random quantities");
        }
        let sums = match kind {
            Fold::Sum => true,
            Fold::Prod => false,
            _ => return unrecognised("a maximum, minimum or integral of random quantities"),
        };
        let (start, end) = (self.whole(from, "the start of a sum")?, self.number(to)?);
        if end - start > MAX_COUNT {
            return unrecognised(format!("a sum or product of more than {MAX_COUNT} terms"));
        }
        let evaluator = self.evaluator;
        let mut total: Option<Form> = None;
        let mut i = start;
        while i <= end {
            let next = evaluator.with_local(index, i, |_| self.value(body))?;
            total = Some(match total {
                None => next,
                Some(sum) if sums => self.plus(sum, next)?,
                Some(product) => self.times(product, next)?,
            });
            i += 1.0;
        }
        match total {
            Some(form) => Ok(form),
            None if sums => Ok(Form::exact(0.0)),
            None => unrecognised("an empty product"),
        }
    }
}
