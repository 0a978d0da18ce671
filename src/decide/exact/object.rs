//! Random objects as letters: their sizes, scales and covariances, and fits to labels made by fits.

use super::algebra::{Exactly, MAX_TERMS};
use super::fraction::Fraction;
use super::ground::{Exact, RandomObject, beyond};
use super::inverse;
use super::letter::{Element, Kind, Letter};
use super::operation::Value;
use crate::formula::scope::Designs;
use crate::term::{Id, LawTerms, RandomId};

impl Exactly<'_> {
    /// The letter of a design, noise or Gaussian matrix. A matrix with `d` rows is the transpose of a design whose rows
    /// are its columns.
    pub(super) fn random_letter(&mut self, id: RandomId, member: i64) -> Exact<Letter> {
        let kind = match self.statement.store.random(id).law {
            LawTerms::Noise { .. } => Kind::Noise(self.object(id, member)?),
            LawTerms::Gaussian {
                rows,
                columns,
                covariance: None,
            } if self.is_dimension(rows)? && !self.is_dimension(columns)? => {
                let columns = self.parameter(columns)?;
                let name = self.statement.store.random(id).name.clone();
                let object = self.known_or((id, member, false), |exactly| {
                    let object = exactly.add_object(&name, columns, None)?;
                    exactly.ground.objects[object as usize].covariance = Fraction::one();
                    Ok(object)
                })?;
                return Ok(Letter::new(Kind::Design(object)).flipped());
            }
            _ => Kind::Design(self.object(id, member)?),
        };
        Ok(Letter::new(kind))
    }

    fn is_dimension(&mut self, size: Id) -> Exact<bool> {
        let size = self.parameter(size)?;
        Ok(size.sub(&self.ground.dimension).is_zero())
    }

    fn known_or(
        &mut self,
        key: (RandomId, i64, bool),
        make: impl FnOnce(&mut Self) -> Exact<u32>,
    ) -> Exact<u32> {
        if let Some(&known) = self.objects.get(&key) {
            return Ok(known);
        }
        let object = make(self)?;
        self.objects.insert(key, object);
        Ok(object)
    }

    /// The object of a design or noise.
    fn object(&mut self, id: RandomId, member: i64) -> Exact<u32> {
        self.known_or((id, member, false), |exactly| exactly.new_object(id))
    }

    fn new_object(&mut self, id: RandomId) -> Exact<u32> {
        let terms = self.statement.store.random(id).clone();
        let (rows, sd) = match terms.law {
            LawTerms::Design { rows } | LawTerms::Gaussian { rows, .. } => (rows, None),
            LawTerms::Noise { length, sd } => (length, Some(sd)),
            LawTerms::Labeller { .. } => return beyond("a labeller in this place"),
        };
        let rows = self.parameter(rows)?;
        let sd = match sd {
            Some(sd) => Some(self.parameter(sd)?),
            None => None,
        };
        let object = self.add_object(&terms.name, rows, sd)?;
        if let LawTerms::Gaussian {
            columns,
            covariance,
            ..
        } = terms.law
        {
            self.ground.objects[object as usize].covariance =
                self.own_covariance(columns, covariance)?;
        }
        Ok(object)
    }

    /// Of the rows of a Gaussian matrix with `d` columns, if it is a function of `Σ` and not singular.
    fn own_covariance(&mut self, columns: Id, covariance: Option<Id>) -> Exact<Fraction> {
        if !self.is_dimension(columns)? {
            return beyond("a Gaussian matrix that has not d rows or columns");
        }
        let Some(covariance) = covariance else {
            return Ok(Fraction::one());
        };
        let element = self.apart(covariance)?.matrix()?;
        let Some(f) = element.as_spectral() else {
            return beyond("a covariance that is no function of Sigma");
        };
        if !self.ground.is_positive(&f) {
            return beyond("a covariance that may be singular");
        }
        Ok(f)
    }

    fn add_object(&mut self, name: &str, rows: Fraction, sd: Option<Fraction>) -> Exact<u32> {
        if rows.sub(&self.ground.dimension).is_zero() {
            return beyond("a design with as many rows as columns by its declaration");
        }
        self.ground.objects.push(RandomObject {
            name: name.to_owned(),
            rows,
            sd,
            covariance: self.ground.eigenvalue(),
        });
        Ok((self.ground.objects.len() - 1) as u32)
    }

    /// `ŵ_n`, generation by generation.
    pub(super) fn labeller(&mut self, id: RandomId) -> Exact<Value> {
        let terms = self.statement.store.random(id).clone();
        let LawTerms::Labeller {
            generations,
            samples,
            sd,
            ridge,
            designs,
        } = terms.law
        else {
            return beyond("such a random object");
        };
        let generations = self.parameter(generations)?;
        let count = self.whole(&generations)?;
        let samples = self.parameter(samples)?;
        let sd = self.parameter(sd)?;
        let ridge = match ridge {
            Some(ridge) => self.parameter(ridge)?,
            None => Fraction::zero(),
        };
        let mut w = Element::letter(Letter::new(Kind::Target));
        for m in 0..count.min(MAX_TERMS) {
            let number = if designs == Designs::Shared { 0 } else { m };
            let design = self.part(id, number, &terms.name, &samples, None)?;
            let x = Element::letter(Letter::new(Kind::Design(design)));
            let mut y = x.mul(&w, &mut self.ground)?;
            if !sd.is_zero() {
                let noise = self.part(id, m, &terms.name, &samples, Some(&sd))?;
                y = y.add(&Element::letter(Letter::new(Kind::Noise(noise))));
            }
            w = inverse::ridge(&mut self.ground, &x, &y, &ridge)?;
        }
        Ok(Value::Matrix(w))
    }

    /// A design or noise of a labeller's generation.
    fn part(
        &mut self,
        id: RandomId,
        generation: i64,
        name: &str,
        rows: &Fraction,
        sd: Option<&Fraction>,
    ) -> Exact<u32> {
        self.known_or((id, generation, sd.is_some()), |exactly| {
            exactly.add_object(&format!("{name}[{generation}]"), rows.clone(), sd.cloned())
        })
    }
}
