//! Expressions drawn at random and evaluated densely, to test equivalents against.

use faer::Mat;
use faer::linalg::solvers::DenseSolveCore;

use super::model::Model;
use super::node::{Diagonal, Expression, Node, Part, Penalty, Space};
use crate::simulate::Stream;

pub(super) struct Draw<'m> {
    model: &'m Model,
    gaussians: Vec<Mat<f64>>,
}

impl<'m> Draw<'m> {
    pub fn new(model: &'m Model, stream: &mut Stream) -> Self {
        let gaussians = model
            .gaussians
            .iter()
            .map(|law| {
                let a = expanded(model, law.row_covariance);
                let b = expanded(model, law.column_covariance);
                Mat::from_fn(a.len(), b.len(), |i, j| {
                    (a[i] * b[j]).sqrt() * stream.normal()
                })
            })
            .collect();
        Self { model, gaussians }
    }

    pub fn evaluate(&self, e: Expression) -> Mat<f64> {
        match self.model.node(e) {
            Node::Zero(rows, columns) => Mat::zeros(self.size(*rows), self.size(*columns)),
            Node::Diagonal(d) => {
                let values = expanded(self.model, *d);
                Mat::from_fn(values.len(), values.len(), |i, j| {
                    if i == j { values[i] } else { 0.0 }
                })
            }
            Node::Gaussian(g, false) => self.gaussians[g.0].clone(),
            Node::Gaussian(g, true) => self.gaussians[g.0].transpose().to_owned(),
            Node::Rotation(r, flag) => self.model.rotations[r.0].both[usize::from(*flag)].clone(),
            Node::Sum(terms) => {
                let mut sum = Mat::zeros(
                    self.size(self.model.rows(e)),
                    self.size(self.model.columns(e)),
                );
                for (bits, term) in terms {
                    sum += f64::from_bits(*bits) * self.evaluate(*term);
                }
                sum
            }
            Node::Product(factors) => {
                let mut product = self.evaluate(factors[factors.len() - 1]);
                for factor in factors.iter().rev().skip(1) {
                    product = self.evaluate(*factor) * product;
                }
                product
            }
            Node::Inverse(inner) => self.evaluate(*inner).partial_piv_lu().inverse(),
            Node::Fit(f, part) => {
                let fit = &self.model.fits[f.0];
                let d = self.size(fit.space);
                let parts: Vec<Mat<f64>> = fit
                    .parts
                    .iter()
                    .map(|(b, c)| *c * self.evaluate(*b))
                    .collect();
                let mut gram = Mat::<f64>::zeros(d, d);
                for b in &parts {
                    gram += b.transpose() * b;
                }
                let resolvent = match fit.penalty {
                    // A pseudo-inverse: R B' is the same for R = (B'B)†.
                    Penalty::Ridge(0.0) => pseudo_inverse(&gram),
                    Penalty::Ridge(lambda) => {
                        let mut m = gram.clone();
                        for i in 0..d {
                            m[(i, i)] += lambda;
                        }
                        m.partial_piv_lu().inverse()
                    }
                    Penalty::Diagonal(diagonal) => {
                        let values = expanded(self.model, diagonal);
                        let mut m = gram.clone();
                        for i in 0..d {
                            m[(i, i)] += values[i];
                        }
                        m.partial_piv_lu().inverse()
                    }
                };
                match part {
                    Part::Resolvent => resolvent,
                    Part::Smoother => resolvent * gram,
                    Part::Hat => {
                        (&parts[0] * resolvent * parts[0].transpose())
                            * (1.0 / (fit.parts[0].1 * fit.parts[0].1))
                    }
                    Part::Labels(i) => resolvent * parts[*i].transpose() * (1.0 / fit.parts[*i].1),
                    Part::LabelsTransposed(i) => (&parts[*i] * resolvent) * (1.0 / fit.parts[*i].1),
                }
            }
        }
    }

    fn size(&self, space: Space) -> usize {
        self.model.dimension(space) as usize
    }
}

fn pseudo_inverse(gram: &Mat<f64>) -> Mat<f64> {
    let svd = gram.self_adjoint_eigen(faer::Side::Lower).unwrap();
    let s = svd.S().column_vector().to_owned();
    let u = svd.U();
    let largest = s.iter().fold(0.0f64, |a, b| a.max(*b));
    let n = gram.nrows();
    let scaled = Mat::from_fn(n, n, |i, j| {
        if s[j] > 1e-11 * largest {
            u[(i, j)] / s[j]
        } else {
            0.0
        }
    });
    scaled * u.transpose()
}

fn expanded(model: &Model, d: Diagonal) -> Vec<f64> {
    let space = model.diagonals[d.0].0;
    let multiplicity = &model.spaces[space.0].multiplicity;
    let values = model.values(d);
    multiplicity
        .iter()
        .zip(values)
        .flat_map(|(m, x)| std::iter::repeat_n(*x, *m as usize))
        .collect()
}

/// Mean and standard error of `tr(W e)` for each expression; `weights` are what [`Model::closed`] takes.
pub(super) fn simulated(
    model: &Model,
    targets: &[(Expression, Vec<f64>)],
    replicates: usize,
    seed: u64,
) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); targets.len()];
    for r in 0..replicates {
        let mut stream = Stream::new(seed, 0, r as u64);
        let draw = Draw::new(model, &mut stream);
        for (sum, (e, weights)) in sums.iter_mut().zip(targets) {
            let value = draw.evaluate(*e);
            let m = &model.spaces[model.rows(*e).0].multiplicity;
            let spread: Vec<f64> = m
                .iter()
                .zip(weights)
                .flat_map(|(m, w)| std::iter::repeat_n(w / m, *m as usize))
                .collect();
            let x: f64 = spread
                .iter()
                .enumerate()
                .map(|(i, w)| w * value[(i, i)])
                .sum();
            sum.0 += x;
            sum.1 += x * x;
        }
    }
    let n = replicates as f64;
    sums.into_iter()
        .map(|(s, q)| {
            let mean = s / n;
            (mean, ((q / n - mean * mean).max(0.0) / (n - 1.0)).sqrt())
        })
        .collect()
}
