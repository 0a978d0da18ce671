//! Small dense matrices over any kind of number.

use super::Real;

/// A matrix in column-major order. Vectors are single columns, their transposes single rows.
#[derive(Clone, Debug)]
pub struct Dense<R> {
    pub rows: usize,
    pub cols: usize,
    pub entries: Vec<R>,
}

impl<R: Real> Dense<R> {
    pub fn from_fn(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> R) -> Self {
        let mut entries = Vec::with_capacity(rows * cols);
        for j in 0..cols {
            for i in 0..rows {
                entries.push(entry(i, j));
            }
        }
        Self {
            rows,
            cols,
            entries,
        }
    }

    pub fn column(entries: Vec<R>) -> Self {
        Self {
            rows: entries.len(),
            cols: 1,
            entries,
        }
    }

    pub fn at(&self, i: usize, j: usize) -> &R {
        &self.entries[j * self.rows + i]
    }

    pub fn transposed(&self) -> Self {
        if self.rows == 1 || self.cols == 1 {
            return Self {
                rows: self.cols,
                cols: self.rows,
                entries: self.entries.clone(),
            };
        }
        // square tiles: neither side is walked across its columns for long
        const TILE: usize = 16;
        let mut entries = vec![R::zero(); self.entries.len()];
        for left in (0..self.cols).step_by(TILE) {
            for top in (0..self.rows).step_by(TILE) {
                for i in top..(top + TILE).min(self.rows) {
                    for j in left..(left + TILE).min(self.cols) {
                        entries[i * self.cols + j] = self.at(i, j).clone();
                    }
                }
            }
        }
        Self {
            rows: self.cols,
            cols: self.rows,
            entries,
        }
    }

    pub fn map(&self, f: impl Fn(&R) -> R) -> Self {
        Self {
            rows: self.rows,
            cols: self.cols,
            entries: self.entries.iter().map(f).collect(),
        }
    }

    pub fn zip(&self, other: &Self, f: impl Fn(&R, &R) -> R) -> Self {
        let entries = self
            .entries
            .iter()
            .zip(&other.entries)
            .map(|(a, b)| f(a, b))
            .collect();
        Self {
            rows: self.rows,
            cols: self.cols,
            entries,
        }
    }

    pub fn trace(&self) -> R {
        (0..self.rows.min(self.cols)).fold(R::zero(), |sum, i| sum + self.at(i, i).clone())
    }

    pub fn dot(&self, other: &Self) -> R {
        self.entries
            .iter()
            .zip(&other.entries)
            .fold(R::zero(), |sum, (a, b)| sum + a.clone() * b.clone())
    }

    pub fn is_finite(&self) -> bool {
        self.entries.iter().all(R::is_finite)
    }
}
