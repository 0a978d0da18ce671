//! Eigenvalues of the sample, and the labels along the eigenvectors.

use faer::Mat;

use super::kernel::dot;
use super::symmetric::eigen;
use super::{DataError, Kernel, Matrix};
use crate::number::vectorised;

/// Larger decompositions are refused.
pub const MOST: usize = 6000;

/// Sample eigenvalues, descending.
#[derive(Clone, Debug, PartialEq)]
pub struct Decomposition {
    /// `l_j` of `X'X/N`, or of the kernel matrix over `N`; those that are rounding are left out.
    pub eigenvalues: Vec<f64>,
    /// `u_j'y/√N`
    pub projections: Option<Vec<f64>>,
    /// How many were left out.
    pub dropped: usize,
    /// `‖y‖²/N`
    pub power: Option<f64>,
}

/// Decomposes; `kernel` has its parameters settled.
pub fn decompose(
    data: &Matrix,
    labels: Option<&[f64]>,
    kernel: Kernel,
) -> Result<Decomposition, DataError> {
    let n = data.rows as f64;
    let primal = kernel == Kernel::Linear && data.cols <= data.rows;
    let size = if primal { data.cols } else { data.rows };
    if size > MOST {
        return Err(DataError::Large { size, most: MOST });
    }
    let matrix = if primal {
        let x = faer::MatRef::from_row_major_slice(&data.values, data.rows, data.cols);
        let gram = vectorised(|| x.transpose() * x);
        gram * faer::Scale(1.0 / n)
    } else {
        let values = kernel.matrix(data);
        Mat::from_fn(size, size, |i, j| values[i * size + j] / n)
    };
    if (0..size).any(|j| !matrix[(j, j)].is_finite()) {
        return Err(DataError::Decomposition);
    }
    let (values, vectors) = eigen(matrix.as_ref(), labels.is_some())?;
    let order: Vec<usize> = (0..size).rev().collect();
    let largest = values.last().copied().unwrap_or(0.0);
    let floor = largest * size as f64 * 4.0 * f64::EPSILON;
    let kept: Vec<usize> = order
        .into_iter()
        .filter(|&j| values[j] > floor.max(0.0))
        .collect();
    if kept.is_empty() {
        return Err(DataError::Empty);
    }
    let projections = match (labels, &vectors) {
        (Some(y), Some(vectors)) => {
            // In feature space X'y/N first; u_j = X v_j/√(N l_j).
            let along: Vec<f64> = if primal {
                (0..data.cols)
                    .map(|k| (0..data.rows).map(|i| data.row(i)[k] * y[i]).sum::<f64>() / n)
                    .collect()
            } else {
                y.iter().map(|y| y / n.sqrt()).collect()
            };
            let project = |&j: &usize| {
                let vector: Vec<f64> = vectors.col(j).iter().copied().collect();
                let projection = dot(&vector, &along);
                if primal {
                    projection / values[j].sqrt()
                } else {
                    projection
                }
            };
            Some(kept.iter().map(project).collect())
        }
        _ => None,
    };
    Ok(Decomposition {
        eigenvalues: kept.iter().map(|&j| values[j]).collect(),
        projections,
        dropped: size - kept.len(),
        power: labels.map(|y| dot(y, y) / n),
    })
}
