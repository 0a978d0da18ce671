//! Random objects, drawn in the eigenbasis of `Σ`.

use std::collections::HashMap;

use super::{
    Dense, Environment, EvaluationError, Evaluator, LinearAlgebra, Value, charge, factoring, ridge,
};
use crate::formula::ast::{Expr, Function, Node};
use crate::formula::scope::{Designs, Law, Scope};

/// A source of independent standard normal numbers.
pub trait Normals {
    fn normal(&mut self) -> f64;
}

/// Largest number of entries of one random matrix.
const MAX_ENTRIES: f64 = 4e6;
/// Largest number of generations of a labeller, and of members of a family.
const MAX_COUNT: f64 = 200.0;

/// One value for every random object: a single one, or the members of a family in order.
#[derive(Clone, Debug)]
pub struct Draw<R> {
    objects: HashMap<String, (Vec<Dense<R>>, bool)>,
}

/// A random object's law with its parameters evaluated.
#[derive(Clone, Debug)]
pub struct Plan<R> {
    name: String,
    family: bool,
    count: usize,
    law: PlannedLaw<R>,
}

#[derive(Clone, Debug)]
enum PlannedLaw<R> {
    Design {
        rows: usize,
    },
    Gaussian {
        rows: usize,
        columns: usize,
        /// The square root of the covariance, mode by mode.
        root: Option<Vec<R>>,
        /// The rotation of the basis that the covariance is diagonal in.
        rotation: Option<u64>,
    },
    Noise {
        length: usize,
        sd: R,
    },
    Labeller {
        generations: usize,
        samples: usize,
        sd: R,
        ridge: R,
        designs: Designs,
    },
}

fn whole<R: LinearAlgebra>(
    evaluator: &Evaluator<'_, R>,
    expr: &Expr,
    least: f64,
    most: f64,
    what: &str,
) -> Result<usize, EvaluationError> {
    let x = evaluator.scalar(expr)?.midpoint();
    if x.fract() != 0.0 || x < least {
        return Err(EvaluationError::Undefined(format!(
            "{what} = {x}: a whole number from {least} is needed"
        )));
    }
    if x > most {
        return Err(EvaluationError::Unsupported(format!(
            "{what} = {x}: more than can be drawn"
        )));
    }
    Ok(x as usize)
}

impl<R: crate::number::Real> Draw<R> {
    /// The same draw in another arithmetic.
    pub(super) fn lowered<S: crate::number::Real>(&self) -> Draw<S> {
        let member = |m: &Dense<R>| super::lowered::matrix(m);
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

impl<R> Plan<R> {
    /// The rows of its designs; 0 where it has none.
    pub fn rows(&self) -> f64 {
        match &self.law {
            PlannedLaw::Design { rows } => *rows as f64,
            PlannedLaw::Gaussian { rows, columns, .. } => (*rows).max(*columns) as f64,
            PlannedLaw::Noise { .. } => 0.0,
            PlannedLaw::Labeller { samples, .. } => *samples as f64,
        }
    }

    /// Multiplications needed to draw the object and to fit with it, roughly, in dimension `d`.
    pub fn work(&self, d: f64) -> f64 {
        let fit = |rows: f64| 10.0 * rows * d + 2.0 * rows * d * rows.min(d);
        let one = match &self.law {
            PlannedLaw::Design { rows } => 2.0 * fit(*rows as f64),
            PlannedLaw::Gaussian { rows, columns, .. } => {
                2.0 * fit(*rows as f64) + 2.0 * fit(*columns as f64)
            }
            PlannedLaw::Noise { length, .. } => 20.0 * *length as f64,
            PlannedLaw::Labeller {
                generations,
                samples,
                ..
            } => *generations as f64 * fit(*samples as f64),
        };
        one * self.count as f64
    }
}

/// The laws of those random objects of `scope` that are named in `objects`, at one point.
pub fn plan<R: LinearAlgebra>(
    scope: &Scope,
    environment: &Environment<R>,
    objects: &[String],
) -> Result<Vec<Plan<R>>, EvaluationError> {
    let evaluator = Evaluator::new(scope, environment);
    let mut plans = Vec::with_capacity(scope.random.len());
    for (name, object) in scope
        .random
        .iter()
        .filter(|(name, _)| objects.contains(name))
    {
        let count = match &object.count {
            Some(count) => whole(&evaluator, count, 0.0, MAX_COUNT, "count")?,
            None => 1,
        };
        plans.push(Plan {
            name: name.clone(),
            family: object.count.is_some(),
            count,
            law: planned(&evaluator, environment, &object.law)?,
        });
    }
    Ok(plans)
}

fn planned<'a, R: LinearAlgebra>(
    evaluator: &Evaluator<'a, R>,
    environment: &Environment<R>,
    law: &'a Law,
) -> Result<PlannedLaw<R>, EvaluationError> {
    Ok(match law {
        Law::Design { rows } => PlannedLaw::Design {
            rows: whole(evaluator, rows, 1.0, MAX_ENTRIES, "the rows of a design")?,
        },
        Law::Gaussian {
            rows,
            columns,
            covariance,
        } => {
            const WHAT: &str = "a side of a matrix";
            PlannedLaw::Gaussian {
                rows: whole(evaluator, rows, 1.0, MAX_ENTRIES, WHAT)?,
                columns: whole(evaluator, columns, 1.0, MAX_ENTRIES, WHAT)?,
                root: match covariance.as_ref().map(|e| unrotated(evaluator, e)) {
                    Some((within, _)) => Some(root(evaluator, environment, within)?),
                    None => None,
                },
                rotation: match covariance.as_ref().map(|e| unrotated(evaluator, e)) {
                    Some((_, Some(number))) => {
                        Some(whole(evaluator, number, 0.0, 1e6, "a rotation")? as u64)
                    }
                    _ => None,
                },
            }
        }
        Law::Noise { length, sd: scale } => PlannedLaw::Noise {
            length: whole(evaluator, length, 1.0, MAX_ENTRIES, "the length of a noise")?,
            sd: deviation(evaluator, scale)?,
        },
        Law::Labeller {
            generations,
            samples,
            sd: scale,
            ridge,
            designs,
        } => PlannedLaw::Labeller {
            generations: whole(
                evaluator,
                generations,
                0.0,
                MAX_COUNT,
                "the generations of a labeller",
            )?,
            samples: whole(
                evaluator,
                samples,
                1.0,
                MAX_ENTRIES,
                "the samples of a labeller",
            )?,
            sd: deviation(evaluator, scale)?,
            ridge: ridge
                .as_ref()
                .map_or(Ok(R::zero()), |r| evaluator.scalar(r))?,
            designs: *designs,
        },
    })
}

fn deviation<R: LinearAlgebra>(
    evaluator: &Evaluator<'_, R>,
    expr: &Expr,
) -> Result<R, EvaluationError> {
    let sd = evaluator.scalar(expr)?;
    if sd.midpoint() < 0.0 {
        return Err(EvaluationError::Undefined(format!(
            "a standard deviation of {}",
            sd.midpoint()
        )));
    }
    Ok(sd)
}

/// The rows of every design, labellers' included, however many; for scopes without a `Σ` in those formulas.
pub fn rows(scope: &Scope, environment: &Environment<f64>, objects: &[String]) -> Vec<f64> {
    let evaluator = Evaluator::new(scope, environment);
    scope
        .random
        .iter()
        .filter(|(name, _)| objects.contains(name))
        .flat_map(|(_, object)| match &object.law {
            Law::Design { rows } => vec![rows],
            Law::Gaussian { rows, columns, .. } => vec![rows, columns],
            Law::Labeller { samples, .. } => vec![samples],
            Law::Noise { .. } => vec![],
        })
        .map(|expr| evaluator.scalar(expr).unwrap_or(f64::NAN))
        .collect()
}

/// A fit to the labels that the last one gives, with noise.
fn next_generation<R: LinearAlgebra>(
    x: &Dense<R>,
    labeller: &Dense<R>,
    noise: &Dense<R>,
    penalty: &R,
) -> Result<Dense<R>, EvaluationError> {
    charge::<R>(3.0 * factoring(x))?;
    let labels = R::multiply(x, labeller).zip(noise, |a, b| a.clone() + b.clone());
    ridge(x, &labels, penalty)
        .ok_or_else(|| EvaluationError::Undefined("a generation's fit that is not finite".into()))
}

impl<R: LinearAlgebra> Draw<R> {
    /// Draws every planned object, in order, from one stream.
    pub fn new(
        plans: &[Plan<R>],
        environment: &Environment<R>,
        normals: &mut dyn Normals,
    ) -> Result<Self, EvaluationError> {
        let modes = environment.covariance.written_out()?;
        let roots: Vec<R> = modes.iter().map(|mode| mode.value.sqrt()).collect();
        let design = |normals: &mut dyn Normals, rows: usize| {
            if rows as f64 * roots.len() as f64 > MAX_ENTRIES {
                return Err(EvaluationError::Unsupported(format!(
                    "a design of {rows} rows in dimension {}",
                    roots.len()
                )));
            }
            charge::<R>(12.0 * rows as f64 * roots.len() as f64)?;
            let mut entries = Vec::with_capacity(rows * roots.len());
            for root in &roots {
                // Entries without error, the same in every arithmetic: their rank is a fact.
                let scale = root.midpoint();
                entries.extend((0..rows).map(|_| R::from_f64(normals.normal() * scale)));
            }
            Ok(Dense {
                rows,
                cols: roots.len(),
                entries,
            })
        };
        let mut objects = HashMap::with_capacity(plans.len());
        for plan in plans {
            let mut members = Vec::with_capacity(plan.count);
            for _ in 0..plan.count {
                members.push(match &plan.law {
                    PlannedLaw::Design { rows } => design(normals, *rows)?,
                    PlannedLaw::Gaussian {
                        rows,
                        columns,
                        root,
                        rotation,
                    } => {
                        let mut drawn = gaussian(normals, *rows, *columns, root.as_deref())?;
                        if let Some(number) = rotation {
                            charge::<R>(*rows as f64 * (*columns as f64).powi(2))?;
                            rotate_rows(&mut drawn, *number);
                        }
                        drawn
                    }
                    PlannedLaw::Noise { length, sd } => noise(normals, *length, sd),
                    PlannedLaw::Labeller {
                        generations,
                        samples,
                        sd,
                        ridge: penalty,
                        designs,
                    } => {
                        let start = modes.iter().map(|m| m.coefficient.clone()).collect();
                        let mut labeller = Dense::column(start);
                        let mut shared = None;
                        for generation in 0..*generations {
                            let x = match (&shared, designs) {
                                (Some(x), Designs::Shared) => Dense::clone(x),
                                _ => design(normals, *samples)?,
                            };
                            let e = noise(normals, *samples, sd);
                            labeller = next_generation(&x, &labeller, &e, penalty)?;
                            if generation == 0 && *designs == Designs::Shared {
                                shared = Some(x);
                            }
                        }
                        labeller
                    }
                });
            }
            objects.insert(plan.name.clone(), (members, plan.family));
        }
        Ok(Self { objects })
    }

    /// Together with what was drawn before.
    pub fn with(mut self, other: Option<&Self>) -> Self {
        for (name, members) in other.iter().flat_map(|draw| &draw.objects) {
            self.objects.insert(name.clone(), members.clone());
        }
        self
    }

    pub(super) fn object(
        &self,
        name: &str,
        index: Option<f64>,
    ) -> Result<Dense<R>, EvaluationError> {
        let Some((members, family)) = self.objects.get(name) else {
            return Err(EvaluationError::Unsupported(format!(
                "{name} was not drawn"
            )));
        };
        match (index, family) {
            (None, false) => Ok(members[0].clone()),
            (Some(i), true) if i >= 0.0 && i.fract() == 0.0 && (i as usize) < members.len() => {
                Ok(members[i as usize].clone())
            }
            (Some(i), true) => Err(EvaluationError::Undefined(format!(
                "{name}({i}) of {}",
                members.len()
            ))),
            (None, true) => Err(EvaluationError::Unsupported(format!(
                "{name} is a family: write {name}(0)"
            ))),
            (Some(_), false) => Err(EvaluationError::Unsupported(format!(
                "{name} is a single object"
            ))),
        }
    }
}

/// `f(Σ)` and `k` of `rotated(f(Σ), k)`, however it is called.
fn unrotated<'a, R: LinearAlgebra>(
    evaluator: &Evaluator<'a, R>,
    covariance: &'a Expr,
) -> (&'a Expr, Option<&'a Expr>) {
    match evaluator.scope.written_out(covariance).node.as_ref() {
        Node::Call(Function::Rotated, arguments) => (&arguments[0], Some(&arguments[1])),
        _ => (covariance, None),
    }
}

/// Rows of covariance `C` become rows of covariance `U C U'`.
fn rotate_rows<R: LinearAlgebra>(matrix: &mut Dense<R>, number: u64) {
    let (n, rows) = (matrix.cols, matrix.rows);
    for v in super::mirrors(n, number).iter().rev() {
        let scale = 2.0 / v.iter().map(|x| x * x).sum::<f64>();
        for i in 0..rows {
            let entry = |j: usize| j * rows + i;
            let along: f64 = (0..n)
                .map(|j| v[j] * matrix.entries[entry(j)].midpoint())
                .sum();
            for (j, x) in v.iter().enumerate().filter(|(_, x)| **x != 0.0) {
                let old = matrix.entries[entry(j)].midpoint();
                matrix.entries[entry(j)] = R::from_f64(old - scale * along * x);
            }
        }
    }
}

/// The square root of a covariance, a function of `Σ`, on every eigenvector.
fn root<R: LinearAlgebra>(
    evaluator: &Evaluator<'_, R>,
    environment: &Environment<R>,
    covariance: &Expr,
) -> Result<Vec<R>, EvaluationError> {
    let Value::Spectral(f) = evaluator.value(covariance)? else {
        return Err(EvaluationError::Unsupported(
            "a covariance that is no function of Sigma".into(),
        ));
    };
    let modes = environment.covariance.written_out()?;
    modes
        .iter()
        .map(|mode| {
            let value = f.along(mode);
            if value.midpoint() < 0.0 {
                return Err(EvaluationError::Undefined(
                    "a covariance with a negative eigenvalue".into(),
                ));
            }
            Ok(value.sqrt())
        })
        .collect()
}

fn gaussian<R: LinearAlgebra>(
    normals: &mut dyn Normals,
    rows: usize,
    columns: usize,
    root: Option<&[R]>,
) -> Result<Dense<R>, EvaluationError> {
    if rows as f64 * columns as f64 > MAX_ENTRIES {
        return Err(EvaluationError::Unsupported(format!(
            "a matrix of {rows} rows and {columns} columns"
        )));
    }
    if root.is_some_and(|root| root.len() != columns) {
        return Err(EvaluationError::Undefined(format!(
            "a covariance of dimension {} for {columns} columns",
            root.map_or(0, <[R]>::len)
        )));
    }
    let mut entries = Vec::with_capacity(rows * columns);
    for j in 0..columns {
        for _ in 0..rows {
            let z = R::from_f64(normals.normal());
            entries.push(match root {
                Some(root) => z * root[j].clone(),
                None => z,
            });
        }
    }
    Ok(Dense {
        rows,
        cols: columns,
        entries,
    })
}

fn noise<R: LinearAlgebra>(normals: &mut dyn Normals, length: usize, sd: &R) -> Dense<R> {
    Dense::column(
        (0..length)
            .map(|_| R::from_f64(normals.normal() * sd.midpoint()))
            .collect(),
    )
}

impl Normals for crate::simulate::Stream {
    fn normal(&mut self) -> f64 {
        crate::simulate::Stream::normal(self)
    }
}
