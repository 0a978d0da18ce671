//! Random objects: matrices, noises, and labellers, which are fits of designs and noises that only they know.

use super::form::{Form, Leaf, Vector};
use super::spaces::rows_of;
use super::{Read, Reader, Walk, numbers_bound};
use crate::equivalent::pencil::{Diagonal, Expression, Space};
use crate::formula::scope::Designs;
use crate::term::equivalence::{EquivalenceError, MAX_COUNT, undefined, unrecognised};
use crate::term::evaluate::{EvaluationError, Value};
use crate::term::{Id, LawTerms, RandomId, RandomTerms};

impl<'a> Reader<'a> {
    /// A random object: `X`, `E`, `W`, or member `index` of a family.
    pub(super) fn object(
        &mut self,
        walker: Walk<'_, '_>,
        object: RandomId,
        index: Option<f64>,
    ) -> Read {
        let object = self.statement.store.random(object);
        let name = object.name.as_str();
        let member = self.member(walker, object, index)?;
        match &object.law {
            LawTerms::Design { rows } => Ok(Form::Matrix(self.design(
                walker,
                (name, member, 0),
                *rows,
            )?)),
            LawTerms::Gaussian {
                rows,
                columns,
                covariance,
            } => self.gaussian(walker, (name, member, 0), (*rows, *columns), *covariance),
            LawTerms::Noise { length, sd } => {
                let sd = self.number(walker, *sd)?;
                let (leaf, space) = self.noise(walker, (name, member, 0), *length, sd)?;
                let one = self.model.identity(space);
                Ok(Form::Column(Vector(vec![(leaf, one)])))
            }
            law @ LawTerms::Labeller { .. } => self.last_fit(walker, (name, member), law),
        }
    }

    /// A Gaussian matrix of its own sides.
    fn gaussian(
        &mut self,
        walker: Walk<'_, '_>,
        key: (&'a str, u64, u64),
        (rows, columns): (Id, Id),
        covariance: Option<Id>,
    ) -> Read {
        if let Some(&known) = self.matrices.get(&key) {
            return Ok(Form::Matrix(known));
        }
        let (rows, columns) = (self.side(walker, rows)?, self.side(walker, columns)?);
        if let Some(turned) = covariance.and_then(|c| self.turning(c)) {
            let g = self.turned_design(walker, (rows, columns), turned)?;
            self.matrices.insert(key, g);
            return Ok(Form::Matrix(g));
        }
        let along_rows = self.model.constant(rows, 1.0);
        let along_columns = match covariance {
            None => self.model.constant(columns, 1.0),
            Some(covariance) => self.covariance(walker, covariance, columns)?,
        };
        let g = if self.is_empty(rows) || self.is_empty(columns) {
            self.model.zero(rows, columns)
        } else {
            let g = self.model.gaussian(along_rows, along_columns);
            self.model.of_gaussian(g)
        };
        self.matrices.insert(key, g);
        Ok(Form::Matrix(g))
    }

    /// The last fit of a labeller: a chain of fits, each to labels of the one before.
    fn last_fit(
        &mut self,
        walker: Walk<'_, '_>,
        (name, member): (&'a str, u64),
        law: &LawTerms,
    ) -> Read {
        let LawTerms::Labeller {
            generations,
            samples,
            sd,
            ridge,
            designs,
        } = law
        else {
            return unrecognised("a chain of fits of anything but a labeller");
        };
        let n = self.whole(walker, *generations, "the generations of a labeller")?;
        if n < 0.0 {
            return undefined(format!("{n} generations of a labeller"));
        }
        if n > MAX_COUNT {
            return unrecognised(format!("more than {MAX_COUNT} generations"));
        }
        let lambda = match ridge {
            Some(ridge) => self.number(walker, *ridge)?,
            None => 0.0,
        };
        let sd = self.number(walker, *sd)?;
        let one = self.model.identity(self.features.space);
        let mut w = Form::Column(Vector(vec![(Leaf::Target, one)]));
        for generation in 0..n as u64 {
            let of_design = match designs {
                Designs::Shared => 0,
                Designs::Independent => generation,
            };
            let x = self.design(walker, (name, member, of_design), *samples)?;
            let (leaf, space) = self.noise(walker, (name, member, generation), *samples, sd)?;
            let one = self.model.identity(space);
            let noise = Form::Column(Vector(vec![(leaf, one)]));
            let labels = self.times(Form::Matrix(x), w)?;
            let labels = self.plus(labels, noise)?;
            let rows = self.model.dimension(space);
            if rows == 0.0 {
                return undefined("a labeller without samples");
            }
            let fit = self.model.ridge(x, lambda * rows)?;
            w = self.times(Form::Matrix(fit), labels)?;
        }
        Ok(w)
    }

    /// The space of a side: `d` is that of `Σ`, unless it is a number of rows as well.
    fn side(&mut self, walker: Walk<'_, '_>, size: Id) -> Result<Space, EquivalenceError> {
        let statement = self.statement;
        let dimension = statement.store.model(statement.model).dimension;
        let rows = |object: &RandomTerms| rows_of(&object.law) == Some(size);
        if dimension == Some(size) && !statement.random.iter().any(rows) {
            return Ok(self.features.space);
        }
        let n = self.number(walker, size)?;
        self.flat(n)
    }

    fn covariance(
        &mut self,
        walker: Walk<'_, '_>,
        covariance: Id,
        columns: Space,
    ) -> Result<Diagonal, EquivalenceError> {
        let value = self.numbers.value(covariance, numbers_bound(walker))?;
        self.note(covariance, &value);
        let Value::Spectral(f) = value else {
            return unrecognised("a covariance that is no function of Sigma");
        };
        if columns != self.features.space {
            return match f.constant() {
                Some(c) => Ok(self.model.constant(columns, *c)),
                None => unrecognised("a covariance in Sigma of columns that are not its own"),
            };
        }
        let values = self.on_levels(&f);
        if values.iter().any(|x| !(*x >= 0.0 && x.is_finite())) {
            return undefined("a covariance that is not positive and finite");
        }
        Ok(self.model.diagonal(self.features.space, values))
    }

    /// The number of a member; 0 for a single object.
    fn member(
        &mut self,
        walker: Walk<'_, '_>,
        object: &RandomTerms,
        index: Option<f64>,
    ) -> Result<u64, EquivalenceError> {
        let name = &object.name;
        match (index, object.count) {
            (None, None) => Ok(0),
            (Some(i), Some(count)) => {
                let count = self.whole(walker, count, "count")?;
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
        walker: Walk<'_, '_>,
        key: (&'a str, u64, u64),
        rows: Id,
    ) -> Result<Expression, EquivalenceError> {
        if let Some(&known) = self.matrices.get(&key) {
            return Ok(known);
        }
        let rows = self.number(walker, rows)?;
        let space = self.flat(rows)?;
        let x = if self.is_empty(space) {
            self.model.zero(space, self.features.space)
        } else {
            let x = self.model.design(space, self.features.sigma);
            self.model.of_gaussian(x)
        };
        self.matrices.insert(key, x);
        Ok(x)
    }

    fn noise(
        &mut self,
        walker: Walk<'_, '_>,
        key: (&'a str, u64, u64),
        length: Id,
        sd: f64,
    ) -> Result<(Leaf, Space), EquivalenceError> {
        if let Some(&known) = self.noise_index.get(&key) {
            return Ok((Leaf::Noise(known), self.noises[known].1));
        }
        if sd < 0.0 {
            return undefined(format!("a standard deviation of {sd}"));
        }
        let space = self.side(walker, length)?;
        self.noises.push((sd, space));
        let index = self.noises.len() - 1;
        self.noise_index.insert(key, index);
        Ok((Leaf::Noise(index), space))
    }
}
