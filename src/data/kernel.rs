//! What is decomposed.

use rayon::prelude::*;

use super::{DataError, Matrix};

/// A kernel with its parameters; `None` takes what suits the data's scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kernel {
    /// `x·x'`: the features as they are.
    Linear,
    /// `exp(−γ‖x − x'‖²)`; `γ = 1/(p v)` with `v` the variance of all numbers.
    Rbf { gamma: Option<f64> },
    /// `exp(−γ‖x − x'‖)` with the Euclidean norm; `γ = 1/√(2 p v)`.
    Laplace { gamma: Option<f64> },
    /// `(γ x·x' + c)^degree`; `γ = 1/(p v)`.
    Polynomial {
        degree: u32,
        gamma: Option<f64>,
        offset: f64,
    },
}

impl Kernel {
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Linear => "linear",
            Kernel::Rbf { .. } => "rbf",
            Kernel::Laplace { .. } => "laplace",
            Kernel::Polynomial { .. } => "polynomial",
        }
    }

    /// With `γ` settled.
    pub fn suited(self, data: &Matrix) -> Result<Self, DataError> {
        let v = variance(data);
        let scale = data.cols as f64 * if v > 0.0 { v } else { 1.0 };
        let settle = |gamma: Option<f64>, otherwise: f64| {
            let gamma = gamma.unwrap_or(otherwise);
            if gamma > 0.0 && gamma.is_finite() {
                Ok(Some(gamma))
            } else {
                Err(DataError::Setting {
                    what: "gamma",
                    value: gamma,
                    help: "a positive number",
                })
            }
        };
        Ok(match self {
            Kernel::Linear => self,
            Kernel::Rbf { gamma } => Kernel::Rbf {
                gamma: settle(gamma, 1.0 / scale)?,
            },
            Kernel::Laplace { gamma } => Kernel::Laplace {
                gamma: settle(gamma, 1.0 / (2.0 * scale).sqrt())?,
            },
            Kernel::Polynomial {
                degree,
                gamma,
                offset,
            } => Kernel::Polynomial {
                degree,
                gamma: settle(gamma, 1.0 / scale)?,
                offset,
            },
        })
    }

    /// `k(x_i, x_j)`, `N×N`, row by row. Of a kernel whose `γ` is settled.
    pub fn matrix(self, data: &Matrix) -> Vec<f64> {
        let n = data.rows;
        let squares: Vec<f64> = (0..n).map(|i| dot(data.row(i), data.row(i))).collect();
        (0..n)
            .into_par_iter()
            .flat_map_iter(|i| {
                let squares = &squares;
                (0..n).map(move |j| {
                    // In one order, so that the matrix is symmetric to the last bit.
                    let (a, b) = (i.min(j), i.max(j));
                    let product = dot(data.row(a), data.row(b));
                    let distance2 = (squares[a] + squares[b] - 2.0 * product).max(0.0);
                    self.of(product, if i == j { 0.0 } else { distance2 })
                })
            })
            .collect()
    }

    fn of(self, product: f64, distance2: f64) -> f64 {
        match self {
            Kernel::Linear => product,
            Kernel::Rbf { gamma } => (-gamma.unwrap_or(1.0) * distance2).exp(),
            Kernel::Laplace { gamma } => (-gamma.unwrap_or(1.0) * distance2.sqrt()).exp(),
            Kernel::Polynomial {
                degree,
                gamma,
                offset,
            } => (gamma.unwrap_or(1.0) * product + offset)
                .powi(degree.try_into().unwrap_or(i32::MAX)),
        }
    }
}

/// Of all numbers.
fn variance(data: &Matrix) -> f64 {
    let n = data.values.len() as f64;
    let mean = data.values.iter().sum::<f64>() / n;
    data.values
        .iter()
        .map(|x| (x - mean) * (x - mean))
        .sum::<f64>()
        / n
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
