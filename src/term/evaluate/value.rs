//! Values of expressions and the arithmetic between them.

use super::cost::{charge, factoring};
use super::extreme;
use super::spectral::Spectral;
use super::{Covariance, EvaluationError};
use crate::number::{Dense, LinearAlgebra, Real};
use crate::spectrum::Dimension;

/// What an expression evaluates to, in the eigenbasis of `Σ`.
#[derive(Clone, Debug)]
pub enum Value<R> {
    Scalar(R),
    /// `f(Σ)`; a constant function also stands for a multiple of the identity of any size.
    Spectral(Spectral<R>),
    /// `f(Σ) w0`, or its transpose.
    Target {
        f: Spectral<R>,
        row: bool,
    },
    Matrix(Dense<R>),
}

use Value::{Matrix, Scalar, Spectral as Function, Target};

fn misfit(what: &str) -> EvaluationError {
    EvaluationError::Unsupported(format!("{what}: the shapes do not fit"))
}

impl<R: LinearAlgebra> Value<R> {
    pub fn scalar(&self) -> Result<R, EvaluationError> {
        match self {
            Scalar(x) => Ok(x.clone()),
            Matrix(m) if m.rows == 1 && m.cols == 1 => Ok(m.entries[0].clone()),
            _ => Err(EvaluationError::Unsupported(
                "a scalar is needed here".into(),
            )),
        }
    }

    /// Written out as a matrix; `size` is the order of an identity without a size of its own.
    pub fn dense(
        &self,
        covariance: &Covariance<R>,
        size: Option<usize>,
    ) -> Result<Dense<R>, EvaluationError> {
        Ok(match self {
            Scalar(x) => Dense::column(vec![x.clone()]),
            Matrix(m) => m.clone(),
            Function(f) => match (f.constant(), size) {
                (Some(c), Some(n)) => {
                    Dense::from_fn(n, n, |i, j| if i == j { c.clone() } else { R::zero() })
                }
                _ => {
                    let modes = covariance.written_out()?;
                    let diagonal: Vec<R> = modes.iter().map(|mode| f.along(mode)).collect();
                    let n = diagonal.len();
                    Dense::from_fn(n, n, |i, j| {
                        if i == j {
                            diagonal[i].clone()
                        } else {
                            R::zero()
                        }
                    })
                }
            },
            Target { f, row } => {
                let modes = covariance.written_out()?;
                let entries = modes
                    .iter()
                    .map(|mode| mode.coefficient.clone() * f.along(mode));
                let column = Dense::column(entries.collect());
                if *row { column.transposed() } else { column }
            }
        })
    }

    /// As a matrix beside another value: a multiple of the identity is as large as that.
    pub fn dense_beside(
        &self,
        other: &Self,
        covariance: &Covariance<R>,
    ) -> Result<Dense<R>, EvaluationError> {
        let size = match other {
            Matrix(m) if m.rows == m.cols => Some(m.rows),
            Scalar(_) => Some(1),
            _ => None,
        };
        self.dense(covariance, size)
    }

    pub fn negated(self) -> Self {
        match self {
            Scalar(x) => Scalar(-x),
            other => other.scaled(-R::one()),
        }
    }

    pub fn scaled(self, factor: R) -> Self {
        match self {
            Scalar(x) => Scalar(x * factor),
            Function(f) => Function(f.scaled(factor)),
            Target { f, row } => Target {
                f: f.scaled(factor),
                row,
            },
            Matrix(m) => Matrix(m.map(|x| x.clone() * factor.clone())),
        }
    }

    pub fn transposed(self) -> Self {
        match self {
            Target { f, row } => Target { f, row: !row },
            Matrix(m) => Matrix(m.transposed()),
            other => other,
        }
    }

    pub fn plus(self, other: Self, covariance: &Covariance<R>) -> Result<Self, EvaluationError> {
        Ok(match (self, other) {
            (Scalar(a), Scalar(b)) => Scalar(a + b),
            (Function(a), Function(b)) => Function(a.sum(b)),
            (Target { f, row }, Target { f: g, row: other }) if row == other => {
                Target { f: f.sum(g), row }
            }
            (Matrix(a), Matrix(b)) => {
                if (a.rows, a.cols) != (b.rows, b.cols) {
                    return Err(misfit("a sum"));
                }
                Matrix(a.zip(&b, |x, y| x.clone() + y.clone()))
            }
            // An empty sum is a zero of any shape.
            (Scalar(zero), other) | (other, Scalar(zero)) if zero.is_zero() => other,
            // In one dimension a product of matrices may have become a number.
            (Scalar(a), b) | (b, Scalar(a)) => {
                let b = b.dense(covariance, Some(1))?;
                if (b.rows, b.cols) != (1, 1) {
                    return Err(misfit("a sum"));
                }
                Scalar(a + b.entries[0].clone())
            }
            (a, Matrix(b)) => return Matrix(b).plus(a, covariance),
            (Matrix(a), b) => {
                let b = b.dense(covariance, Some(a.rows))?;
                return Matrix(a).plus(Matrix(b), covariance);
            }
            _ => return Err(misfit("a sum")),
        })
    }

    pub fn times(self, other: Self, covariance: &Covariance<R>) -> Result<Self, EvaluationError> {
        Ok(match (self, other) {
            (Scalar(a), b) => b.one_dimensional(covariance)?.scaled(a),
            (a, Scalar(b)) => a.one_dimensional(covariance)?.scaled(b),
            (Function(a), Function(b)) => Function(a.product(b)),
            (Function(a), Target { f, row: false }) => Target {
                f: a.product(f),
                row: false,
            },
            (Target { f, row: true }, Function(b)) => Target {
                f: f.product(b),
                row: true,
            },
            (Target { f, row: true }, Target { f: g, row: false }) => {
                Scalar(covariance.quadratic(&f.product(g))?)
            }
            (Function(a), Matrix(b)) => match a.constant() {
                Some(c) => Matrix(b).scaled(c.clone()),
                None => {
                    let diagonal = diagonal(&a, covariance, b.rows)?;
                    Matrix(Dense::from_fn(b.rows, b.cols, |i, j| {
                        diagonal[i].clone() * b.at(i, j).clone()
                    }))
                }
            },
            (Matrix(a), Function(b)) => match b.constant() {
                Some(c) => Matrix(a).scaled(c.clone()),
                None => {
                    let diagonal = diagonal(&b, covariance, a.cols)?;
                    Matrix(Dense::from_fn(a.rows, a.cols, |i, j| {
                        a.at(i, j).clone() * diagonal[j].clone()
                    }))
                }
            },
            (Matrix(a), Matrix(b)) => {
                if a.cols != b.rows {
                    return Err(misfit("a product"));
                }
                if let Some(scales) = scales(&b) {
                    charge::<R>(a.rows as f64 * a.cols as f64)?;
                    return Ok(Matrix(Dense::from_fn(a.rows, a.cols, |i, j| {
                        a.at(i, j).clone() * scales[j].clone()
                    })));
                }
                if let Some(scales) = scales(&a) {
                    charge::<R>(b.rows as f64 * b.cols as f64)?;
                    return Ok(Matrix(Dense::from_fn(b.rows, b.cols, |i, j| {
                        scales[i].clone() * b.at(i, j).clone()
                    })));
                }
                charge::<R>(a.rows as f64 * a.cols as f64 * b.cols as f64)?;
                let product = R::multiply(&a, &b);
                if product.rows == 1 && product.cols == 1 {
                    Scalar(product.entries[0].clone())
                } else {
                    Matrix(product)
                }
            }
            (a, b) => {
                let (a, b) = (a.dense(covariance, None)?, b.dense(covariance, None)?);
                return Matrix(a).times(Matrix(b), covariance);
            }
        })
    }

    /// In one dimension a number beside it may be a vector, and the product a number: a matrix is read as either.
    fn one_dimensional(self, covariance: &Covariance<R>) -> Result<Self, EvaluationError> {
        match self {
            Target { .. } if covariance.dimension() == Dimension::Finite(1) => {
                self.dense(covariance, None).map(Matrix)
            }
            other => Ok(other),
        }
    }

    /// `A^{-1}` of a square matrix.
    pub fn inverse(self) -> Result<Self, EvaluationError> {
        Ok(match self {
            Scalar(x) => Scalar(R::one() / x),
            Function(f) => Function(f.power(-R::one())),
            Matrix(m) if m.rows == m.cols => {
                let identity =
                    Dense::from_fn(
                        m.rows,
                        m.rows,
                        |i, j| if i == j { R::one() } else { R::zero() },
                    );
                charge::<R>(4.0 * factoring(&m))?;
                let inverse = R::solve(&m, &identity);
                Matrix(inverse.ok_or_else(|| {
                    EvaluationError::Undefined("the inverse of a singular matrix".into())
                })?)
            }
            _ => return Err(misfit("an inverse")),
        })
    }

    pub fn power(self, exponent: R, covariance: &Covariance<R>) -> Result<Self, EvaluationError> {
        Ok(match self {
            Scalar(x) => Scalar(x.powf(&exponent)),
            Function(f) => Function(f.power(exponent)),
            Matrix(m) if m.rows == m.cols => {
                let e = exponent.midpoint();
                if exponent.radius() != 0.0 || e.fract() != 0.0 || e.abs() > 64.0 {
                    return Err(EvaluationError::Unsupported(format!(
                        "power {e} of a matrix that is no function of Sigma: only whole powers up to 64"
                    )));
                }
                let base = if e < 0.0 {
                    Matrix(m.clone()).inverse()?
                } else {
                    Matrix(m.clone())
                };
                let mut power = Function(Spectral::Constant(R::one()));
                for _ in 0..e.abs() as usize {
                    power = power.times(base.clone(), covariance)?;
                }
                Matrix(power.dense(covariance, Some(m.rows))?)
            }
            _ => return Err(misfit("a power")),
        })
    }

    pub fn trace(&self, covariance: &Covariance<R>) -> Result<R, EvaluationError> {
        match self {
            Scalar(x) => Ok(x.clone()),
            Function(f) => covariance.trace(f),
            Matrix(m) if m.rows == m.cols => Ok(m.trace()),
            _ => Err(misfit("a trace")),
        }
    }

    /// `v'v`, or `v'Mv`.
    pub fn norm2(
        self,
        weight: Option<Self>,
        covariance: &Covariance<R>,
    ) -> Result<R, EvaluationError> {
        let column = match &self {
            Target { row: true, .. } => self.transposed(),
            Matrix(m) if m.rows == 1 => self.transposed(),
            Scalar(x) => Matrix(Dense::column(vec![x.clone()])),
            _ => self,
        };
        let weighted = match weight {
            Some(weight) => weight.times(column.clone(), covariance)?,
            None => column.clone(),
        };
        if let (Matrix(a), Matrix(b)) = (&column, &weighted) {
            return Ok(a.dot(b));
        }
        column.transposed().times(weighted, covariance)?.scalar()
    }

    pub fn opnorm(&self, covariance: &Covariance<R>) -> Result<R, EvaluationError> {
        match self {
            Scalar(x) => Ok(x.abs()),
            Function(f) => match covariance {
                Covariance::Explicit { levels, .. } => Ok(levels
                    .iter()
                    .fold(R::zero(), |most, level| most.greater(&f.on(level).abs()))),
                Covariance::PowerLaw { law, exact, .. } => extreme::largest(f, law, exact),
            },
            _ => {
                let matrix = self.dense(covariance, None)?;
                charge::<R>(8.0 * factoring(&matrix))?;
                R::opnorm(&matrix).ok_or_else(|| {
                    EvaluationError::Undefined("an operator norm that is not finite".into())
                })
            }
        }
    }
}

/// What a diagonal matrix multiplies by, such as weights on rows; others are known by their first entries.
fn scales<R: LinearAlgebra>(m: &Dense<R>) -> Option<Vec<R>> {
    let n = m.rows;
    let diagonal =
        n > 1 && n == m.cols && (0..n).all(|j| (0..n).all(|i| i == j || m.at(i, j).is_zero()));
    diagonal.then(|| (0..n).map(|i| m.at(i, i).clone()).collect())
}

fn diagonal<R: LinearAlgebra>(
    f: &Spectral<R>,
    covariance: &Covariance<R>,
    size: usize,
) -> Result<Vec<R>, EvaluationError> {
    let modes = covariance.written_out()?;
    if modes.len() != size {
        return Err(misfit("a product"));
    }
    Ok(modes.iter().map(|mode| f.along(mode)).collect())
}

pub(super) type Evaluated<R> = Result<Value<R>, EvaluationError>;

/// A number, or why it is none.
pub(in crate::term) fn finite<R: Real>(value: R) -> Result<R, EvaluationError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(EvaluationError::undefined("a value that is not finite"))
    }
}
