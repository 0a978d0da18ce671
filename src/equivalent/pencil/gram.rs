//! Extreme eigenvalues and singular values: those of one Gaussian matrix, correlated along its rows or along its columns.

use super::model::Model;
use super::node::{Diagonal, Expression, Node, Space};
use crate::equivalent::edges::{self, End};

/// `scale B'B + shift I`, or the singular values of `B`, squared, where `B'B` is not asked for.
#[derive(Clone, Debug)]
pub struct Gram {
    pub scale: f64,
    pub shift: f64,
    /// The positive levels of the correlated side, with their multiplicities, and the dimension of the other one.
    levels: Vec<(f64, f64)>,
    others: f64,
    /// The dimension of `B'B`, and how much of it `B` reaches in almost every draw.
    dimension: f64,
    rank: f64,
}

/// An extreme eigenvalue of `B'B`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extreme {
    pub value: f64,
    /// What may be left open of it, as a share.
    pub open: f64,
}

/// What correlates rows and columns of a product of one Gaussian matrix and diagonal ones.
struct Sides {
    rows: (Space, Vec<f64>),
    columns: (Space, Vec<f64>),
}

impl Model {
    /// `c B'B + λ I`
    pub fn gram(&self, e: Expression) -> Option<Gram> {
        let (mut found, mut shift) = (None, 0.0);
        for (c, term) in self.terms(e) {
            if let Some(multiple) = self.multiple_of_identity(term) {
                shift += c * multiple;
            } else if found.replace((c, term)).is_some() {
                return None;
            }
        }
        let (scale, term) = found?;
        let sides = self.halved(&self.factors(term))?;
        self.gram_of(scale, shift, sides)
    }

    /// `c² B'B` of `c B`.
    pub fn squared(&self, e: Expression) -> Option<Gram> {
        let (scale, core) = self.split(e);
        let sides = self.sides(&self.factors(core), None)?;
        self.gram_of(scale * scale, 0.0, sides)
    }

    fn gram_of(&self, scale: f64, shift: f64, sides: Sides) -> Option<Gram> {
        let (rows, columns) = (sides.rows, sides.columns);
        let dimension = self.dimension(columns.0);
        // What all of one side has in common belongs to the other.
        let ((space, values), (other, common)) = match self.constant_on(&rows) {
            Some(c) => (columns, (rows.0, c)),
            None => (rows, (columns.0, self.constant_on(&columns)?)),
        };
        let others = self.dimension(other);
        let counted = self.spaces[space.0].multiplicity.iter();
        let levels = values.iter().zip(counted).map(|(x, m)| (common * x, *m));
        let levels: Vec<(f64, f64)> = levels.filter(|(x, m)| *x != 0.0 && *m != 0.0).collect();
        let positive = levels.iter().all(|(x, m)| *x > 0.0 && m.is_finite());
        if levels.is_empty() || !positive || !others.is_finite() {
            return None;
        }
        let infinite = self.dimension(space).is_infinite();
        let support = match infinite {
            true => f64::INFINITY,
            false => levels.iter().map(|l| l.1).sum(),
        };
        Some(Gram {
            scale,
            shift,
            others,
            dimension,
            rank: others.min(support),
            levels,
        })
    }

    /// `B` of `B'B`, from the factors of a product that is its own transpose.
    fn halved(&self, factors: &[Expression]) -> Option<Sides> {
        let half = factors.len() / 2;
        let (first, second) = (&factors[..half], &factors[factors.len() - half..]);
        let mirrored = first.iter().rev().zip(second);
        if half == 0 || !mirrored.clone().all(|(a, b)| self.are_transposes(*a, *b)) {
            return None;
        }
        let middle = match factors.len() % 2 {
            1 => Some(self.as_diagonal(factors[half])?),
            _ => None,
        };
        self.sides(second, middle)
    }

    fn are_transposes(&self, a: Expression, b: Expression) -> bool {
        match (self.node(a), self.node(b)) {
            (Node::Gaussian(g, x), Node::Gaussian(h, y)) => g == h && x != y,
            (Node::Diagonal(d), Node::Diagonal(e)) => d == e,
            _ => false,
        }
    }

    /// Covariances along both sides; `before` is the covariance of what stands in front.
    fn sides(&self, factors: &[Expression], before: Option<Diagonal>) -> Option<Sides> {
        let times = |side: &mut Vec<f64>, d: Diagonal, power: i32| {
            for (x, y) in side.iter_mut().zip(self.values(d)) {
                *x *= y.powi(power);
            }
        };
        let mut found: Option<Sides> = None;
        let mut left: Vec<Diagonal> = Vec::new();
        for &factor in factors {
            match (self.node(factor), &mut found) {
                (Node::Diagonal(d), None) => left.push(*d),
                (Node::Diagonal(d), Some(sides)) => times(&mut sides.columns.1, *d, 2),
                (Node::Gaussian(g, transposed), None) => {
                    let law = &self.gaussians[g.0];
                    let of = |d: Diagonal| (self.space_of(d), self.values(d).to_vec());
                    let (rows, columns) = (of(law.row_covariance), of(law.column_covariance));
                    found = Some(match transposed {
                        true => Sides {
                            rows: columns,
                            columns: rows,
                        },
                        false => Sides { rows, columns },
                    });
                }
                _ => return None,
            }
        }
        let mut sides = found?;
        left.iter().for_each(|d| times(&mut sides.rows.1, *d, 2));
        if let Some(d) = before {
            times(&mut sides.rows.1, d, 1);
        }
        Some(sides)
    }

    /// The number that a side is on all its levels.
    fn constant_on(&self, (space, values): &(Space, Vec<f64>)) -> Option<f64> {
        let counted = self.spaces[space.0].multiplicity.iter().zip(values);
        let mut present = counted.filter(|(m, _)| **m != 0.0).map(|(_, x)| *x);
        let first = present.next()?;
        (first > 0.0 && present.all(|x| x == first)).then_some(first)
    }
}

impl Gram {
    /// The largest eigenvalue of `B'B`, at its edge or, `at_size`, where it is on average.
    pub fn largest(&self, at_size: bool) -> Option<Extreme> {
        let end = edges::largest(&self.levels, self.others)?;
        Some(self.extreme(end, at_size, self.rank.cbrt().recip()))
    }

    /// The smallest one, zero where the rank is less than the dimension.
    pub fn smallest(&self, at_size: bool) -> Option<Extreme> {
        if self.rank < self.dimension {
            return Some(Extreme {
                value: 0.0,
                open: 0.0,
            });
        }
        let columns: f64 = self.levels.iter().map(|l| l.1).sum();
        // Between the nodes of a quadrature there is room for an edge where none is.
        if self.levels.iter().any(|l| l.1.fract() != 0.0) {
            return None;
        }
        let end = edges::smallest(&self.levels, self.others)?;
        let apart = (self.others - columns).abs();
        let open = self.rank.cbrt().recip().max(apart.sqrt().recip());
        Some(self.extreme(end, at_size, open))
    }

    fn extreme(&self, end: End, at_size: bool, open: f64) -> Extreme {
        let value = match at_size {
            true => end.mean,
            false => end.edge,
        };
        Extreme {
            value: self.others * value,
            open,
        }
    }
}
