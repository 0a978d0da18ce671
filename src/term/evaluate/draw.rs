//! Random objects, drawn in the eigenbasis of `Σ`.

use std::collections::HashMap;

use faer::MatRef;

use super::cost::{charge, factoring};
use super::environment::{Draw, Environment};
use super::{Dense, EvaluationError, LinearAlgebra, ridge};
use crate::formula::scope::Designs;
use crate::number::{Real, vectorised};

/// A source of independent standard normal numbers.
pub trait Normals {
    fn normal(&mut self) -> f64;
}

/// Largest number of entries of one random matrix.
pub(super) const MAX_ENTRIES: f64 = 4e6;

/// A random object's law with its parameters evaluated.
#[derive(Clone, Debug)]
pub struct Plan<R> {
    pub(super) name: String,
    pub(super) family: bool,
    pub(super) count: usize,
    pub(super) law: PlannedLaw<R>,
}

#[derive(Clone, Debug)]
pub(super) enum PlannedLaw<R> {
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

impl<R> Plan<R> {
    /// The name of an object that is one Gaussian matrix or vector.
    pub fn gaussian(&self) -> Option<&str> {
        let labeller = matches!(self.law, PlannedLaw::Labeller { .. });
        (!labeller && !self.family).then_some(self.name.as_str())
    }

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

    /// Rows and columns of an object that is one matrix.
    pub fn shape(&self, name: &str) -> Option<(usize, usize)> {
        let [matrix] = self.objects.get(name)?.0.as_slice() else {
            return None;
        };
        Some((matrix.rows, matrix.cols))
    }

    /// The same with the least singular value of one matrix multiplied by `share`.
    pub fn squeezed(&self, name: &str, share: f64) -> Option<Self> {
        let mut squeezed = self.clone();
        let matrix = squeezed.objects.get_mut(name)?.0.first_mut()?;
        let plain: Vec<f64> = matrix.entries.iter().map(Real::midpoint).collect();
        if plain.is_empty() {
            return None;
        }
        let view = MatRef::from_column_major_slice(&plain, matrix.rows, matrix.cols);
        let svd = vectorised(|| view.thin_svd()).ok()?;
        let (u, s, v) = (svd.U(), svd.S().column_vector(), svd.V());
        let last = s.nrows().checked_sub(1)?;
        let taken = (1.0 - share) * s[last];
        *matrix = Dense::from_fn(matrix.rows, matrix.cols, |i, j| {
            R::from_f64(plain[j * matrix.rows + i] - taken * u[(i, last)] * v[(j, last)])
        });
        Some(squeezed)
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
