//! Eigenvalues of symmetric matrices, on one thread: on several, the last bits would depend on how many.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::{Mat, MatRef, Par};

use super::DataError;
use crate::number::vectorised;

/// In ascending order; the vectors are columns.
pub(super) fn eigen(
    matrix: MatRef<'_, f64>,
    vectors: bool,
) -> Result<(Vec<f64>, Option<Mat<f64>>), DataError> {
    let n = matrix.nrows();
    let mut values = Diag::<f64>::zeros(n);
    let mut columns = vectors.then(|| Mat::<f64>::zeros(n, n));
    let compute = if vectors {
        ComputeEigenvectors::Yes
    } else {
        ComputeEigenvectors::No
    };
    let need = self_adjoint_evd_scratch::<f64>(n, compute, Par::Seq, Default::default());
    vectorised(|| {
        self_adjoint_evd(
            matrix,
            values.as_mut(),
            columns.as_mut().map(|m| m.as_mut()),
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(need)),
            Default::default(),
        )
    })
    .map_err(|_| DataError::Decomposition)?;
    let values: Vec<f64> = values.column_vector().iter().copied().collect();
    // Of a matrix that is not finite, some are not either.
    if values.iter().any(|l| !l.is_finite()) {
        return Err(DataError::Decomposition);
    }
    Ok((values, columns))
}
