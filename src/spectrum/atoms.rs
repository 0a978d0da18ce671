//! Explicit spectra: finitely many eigenvalues, written out.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::sum::Compensated;
use super::{Monomial, SpectrumError, Target};
use crate::number::Bounded;

/// Largest number of eigenvalues read from a file, and the largest file.
const MAX_FILE_EIGENVALUES: usize = 20_000_000;
const MAX_FILE_BYTES: u64 = 1 << 30;

/// Within this range no sum `s + κ`, ratio `κ/s` or square of it is lost where it matters.
const EIGENVALUE_RANGE: std::ops::RangeInclusive<f64> = 1e-300..=1e300;

/// Whole numbers above this are not all representable, so no dimension may exceed it.
pub const MAX_DIMENSION: u64 = 1 << 53;

/// Finitely many distinct eigenvalues, in descending order, each with its multiplicity.
///
/// Multiplicities are whole numbers held as `f64`, so that `d = 10¹²` isotropic costs one atom.
#[derive(Clone, Debug, PartialEq)]
pub struct Atoms {
    values: Vec<f64>,
    multiplicities: Vec<f64>,
    /// `cumulative[i]` eigenvalues are at least `values[i]`.
    cumulative: Vec<f64>,
}

impl Atoms {
    /// Values in any order, repeated ones merged; see [`Spectrum::atoms`](super::Spectrum::atoms).
    pub fn new(values: Vec<f64>, multiplicities: Vec<f64>) -> Result<Self, SpectrumError> {
        if values.len() != multiplicities.len() {
            return Err(SpectrumError::Lengths {
                values: values.len(),
                multiplicities: multiplicities.len(),
            });
        }
        check_values(&values)?;
        for (i, &m) in multiplicities.iter().enumerate() {
            if !(m >= 1.0 && m.fract() == 0.0 && m <= MAX_DIMENSION as f64) {
                return Err(SpectrumError::Multiplicity {
                    position: i + 1,
                    value: m,
                });
            }
        }
        let mut pairs: Vec<(f64, f64)> = values.into_iter().zip(multiplicities).collect();
        pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
        Self::from_descending(pairs.into_iter())
    }

    pub fn from_eigenvalues(mut eigenvalues: Vec<f64>) -> Result<Self, SpectrumError> {
        check_values(&eigenvalues)?;
        eigenvalues.sort_unstable_by(|x, y| y.total_cmp(x));
        Self::from_descending(eigenvalues.into_iter().map(|s| (s, 1.0)))
    }

    fn from_descending(pairs: impl Iterator<Item = (f64, f64)>) -> Result<Self, SpectrumError> {
        let mut values: Vec<f64> = Vec::with_capacity(pairs.size_hint().0);
        let mut multiplicities: Vec<f64> = Vec::with_capacity(pairs.size_hint().0);
        for (value, multiplicity) in pairs {
            match multiplicities.last_mut() {
                Some(last) if values.last() == Some(&value) => *last += multiplicity,
                _ => {
                    values.push(value);
                    multiplicities.push(multiplicity);
                }
            }
        }
        let mut dimension = 0.0;
        let mut cumulative = Vec::with_capacity(values.len());
        for &m in &multiplicities {
            dimension += m;
            cumulative.push(dimension);
        }
        if dimension > MAX_DIMENSION as f64 {
            return Err(SpectrumError::Dimension { dimension });
        }
        Ok(Self {
            values,
            multiplicities,
            cumulative,
        })
    }

    pub(super) fn from_file(path: &Path) -> Result<Self, SpectrumError> {
        let fail = |message: String| SpectrumError::File {
            path: path.to_owned(),
            message,
        };
        let file = File::open(path).map_err(|e| fail(e.to_string()))?;
        // A special file has no honest length, so the reader is bounded as well.
        let mut reader = BufReader::new(file.take(MAX_FILE_BYTES + 1));
        let mut eigenvalues = Vec::new();
        let (mut text, mut line, mut bytes) = (String::new(), 0, 0);
        loop {
            text.clear();
            let read = reader
                .read_line(&mut text)
                .map_err(|e| fail(e.to_string()))?;
            if read == 0 {
                break;
            }
            line += 1;
            bytes += read as u64;
            if bytes > MAX_FILE_BYTES {
                return Err(fail(format!("larger than {MAX_FILE_BYTES} bytes")));
            }
            let fail_here = |message: String| SpectrumError::FileLine {
                path: path.to_owned(),
                line,
                message,
            };
            let content = text.split('#').next().unwrap_or_default();
            for word in content
                .split(|c: char| c.is_whitespace() || c == ',')
                .filter(|word| !word.is_empty())
            {
                let value: f64 = word
                    .parse()
                    .map_err(|_| fail_here(format!("'{word}' is not a number")))?;
                if !EIGENVALUE_RANGE.contains(&value) {
                    return Err(fail_here(format!(
                        "{word}: eigenvalues are positive, between 1e-300 and 1e300"
                    )));
                }
                if eigenvalues.len() == MAX_FILE_EIGENVALUES {
                    return Err(fail_here(format!(
                        "more than {MAX_FILE_EIGENVALUES} eigenvalues"
                    )));
                }
                eigenvalues.push(value);
            }
        }
        if eigenvalues.is_empty() {
            return Err(fail("no eigenvalues in the file".to_owned()));
        }
        Self::from_eigenvalues(eigenvalues)
    }

    /// Distinct eigenvalues, descending.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How often each of [`values`](Self::values) occurs.
    pub fn multiplicities(&self) -> &[f64] {
        &self.multiplicities
    }

    /// `d`, exactly.
    pub fn dimension(&self) -> f64 {
        *self.cumulative.last().expect("a spectrum is not empty")
    }

    /// How many eigenvalues the first `distinct` atoms hold.
    pub(crate) fn count_through(&self, distinct: usize) -> f64 {
        if distinct == 0 {
            0.0
        } else {
            self.cumulative[distinct - 1]
        }
    }

    /// How many eigenvalues exceed `x`, and how many distinct ones.
    pub(crate) fn count_above(&self, x: f64) -> (f64, usize) {
        let distinct = self.values.partition_point(|&s| s > x);
        (self.count_through(distinct), distinct)
    }

    /// Every multiplicity is one.
    pub(crate) fn is_simple(&self) -> bool {
        self.dimension() == self.values.len() as f64
    }

    /// Which atom holds eigenvector `j`, counted from 1.
    pub fn atom_of(&self, j: u64) -> Option<usize> {
        if j == 0 || j as f64 > self.dimension() {
            return None;
        }
        Some(self.cumulative.partition_point(|&count| count < j as f64))
    }

    /// `s_j`, counted from 1, descending.
    pub fn eigenvalue(&self, j: u64) -> Option<f64> {
        self.atom_of(j).map(|atom| self.values[atom])
    }

    /// Every eigenvalue as often as it occurs, descending.
    pub fn eigenvalues(&self) -> impl Iterator<Item = f64> + '_ {
        self.values
            .iter()
            .zip(&self.multiplicities)
            .flat_map(|(&s, &m)| std::iter::repeat_n(s, m as usize))
    }

    pub(super) fn trace(&self, f: &Monomial) -> Result<Bounded, SpectrumError> {
        weighted_sum(f, &self.values, &self.multiplicities)
    }

    pub(super) fn quadratic(
        &self,
        f: &Monomial,
        target: &Target,
    ) -> Result<Bounded, SpectrumError> {
        weighted_sum(f, &self.values, &target.masses(self)?)
    }
}

fn check_values(values: &[f64]) -> Result<(), SpectrumError> {
    if values.is_empty() {
        return Err(SpectrumError::Empty);
    }
    match values.iter().position(|s| !EIGENVALUE_RANGE.contains(s)) {
        Some(i) => Err(SpectrumError::Eigenvalue {
            position: i + 1,
            value: values[i],
        }),
        None => Ok(()),
    }
}

/// `Σ weight_i f(s_i)`, weights not negative: no cancellation, so the terms' errors just add.
fn weighted_sum(f: &Monomial, values: &[f64], weights: &[f64]) -> Result<Bounded, SpectrumError> {
    let mut sum = Compensated::default();
    let mut error = 0.0;
    for (&s, &weight) in values.iter().zip(weights) {
        if weight == 0.0 {
            continue;
        }
        let (value, relative) = f.evaluate(s);
        let term = weight * value;
        sum.add(term);
        error += term * (relative + f64::EPSILON) + f64::MIN_POSITIVE;
    }
    let value = sum.value();
    if !value.is_finite() {
        return Err(SpectrumError::Overflow);
    }
    Ok(Bounded::new(
        value,
        error * (1.0 + 1e-6) + 2.0 * f64::EPSILON * value,
    ))
}

impl Target {
    /// The mass on each atom of an explicit spectrum.
    pub fn masses(&self, atoms: &Atoms) -> Result<Vec<f64>, SpectrumError> {
        self.validate()?;
        match self {
            Target::Isotropic { norm2 } => {
                let d = atoms.dimension();
                Ok(atoms
                    .multiplicities()
                    .iter()
                    .map(|m| norm2 * (m / d))
                    .collect())
            }
            &Target::Source { r } => Err(SpectrumError::SourceNeedsPowerLaw { r }),
            &Target::Axis { index } => {
                let atom = atoms.atom_of(index).ok_or(SpectrumError::Axis {
                    index,
                    dimension: atoms.dimension(),
                })?;
                let mut masses = vec![0.0; atoms.values().len()];
                masses[atom] = 1.0;
                Ok(masses)
            }
            Target::Masses(masses) if masses.len() != atoms.values().len() => {
                Err(SpectrumError::MassCount {
                    masses: masses.len(),
                    atoms: atoms.values().len(),
                })
            }
            Target::Masses(masses) => Ok(masses.clone()),
        }
    }
}
