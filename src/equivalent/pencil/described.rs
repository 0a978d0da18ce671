//! The equations themselves, for those who read them.

use super::components::System;
use super::error::PencilError;
use super::linearise::{Linearise, Operator, Signal};
use super::model::Model;
use super::node::{Diagonal, Expression, Penalty, Space};
use super::solution::Solution;

/// `coefficient · diagonal · variable`, the identity where no diagonal matrix stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    pub coefficient: f64,
    pub diagonal: Option<Diagonal>,
    pub variable: usize,
}

/// `tr(weight · G_{to, from})`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnknownTrace {
    pub weight: Diagonal,
    pub to: usize,
    pub from: usize,
    pub value: f64,
}

/// `S_{row, column} += coefficient · covariance · trace`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coupled {
    pub row: usize,
    pub column: usize,
    pub coefficient: f64,
    pub covariance: Diagonal,
    pub trace: usize,
}

/// The whole fixed-point system `G = (L_0 − S)^{-1}` with the values of its traces.
#[derive(Clone, Debug)]
pub struct Equations {
    pub space: Vec<Space>,
    /// `L_0`
    pub rows: Vec<Vec<Piece>>,
    pub traces: Vec<UnknownTrace>,
    pub couplings: Vec<Coupled>,
    pub component_of: Vec<usize>,
    /// Ridges `μ` of `X'X + μ`, with the spaces of all rows of `X`.
    pub ridges: Vec<(f64, Vec<Space>)>,
    /// What each expression is on the block of its source.
    pub outputs: Vec<(Vec<Piece>, usize)>,
}

impl Model {
    /// Leaves coefficients as they were written, not scaled for the sake of digits.
    pub fn unscaled(&mut self) {
        self.scaled_fits = false;
    }

    /// The system whose solution [`Model::equivalents`] evaluates.
    pub fn equations(&mut self, expressions: &[Expression]) -> Result<Equations, PencilError> {
        if !self.rotations.is_empty() {
            return Err(PencilError::Turned);
        }
        let mut builder = Linearise::new(self);
        let mut outputs = Vec::with_capacity(expressions.len());
        for &e in expressions {
            let signal = builder.output(e)?;
            let space = builder.model.rows(e);
            outputs.push((pieces(&signal), builder.network.sources[&space]));
        }
        let network = builder.network;
        // Without scales, traces that cancel have no size to be compared with; formulas are held against the scaled system.
        let solution = Solution::unverified(self, System::new(self, network))?;
        let system = solution.system;
        let ridges = self.fits.iter().filter_map(|fit| {
            let Penalty::Ridge(mu) = fit.penalty else {
                return None;
            };
            let (_, first) = fit.parts[0];
            let alike = fit.parts.iter().all(|(_, c)| *c == first);
            let spaces = fit.parts.iter().map(|(b, _)| self.rows(*b)).collect();
            alike.then_some((mu / (first * first), spaces))
        });
        Ok(Equations {
            space: system.network.space.clone(),
            rows: system.network.rows.iter().map(pieces).collect(),
            traces: system
                .unknowns
                .iter()
                .zip(&solution.traces.values)
                .map(|(u, value)| UnknownTrace {
                    weight: u.weight,
                    to: u.to,
                    from: u.from,
                    value: *value,
                })
                .collect(),
            couplings: system
                .couplings
                .iter()
                .map(|c| Coupled {
                    row: c.row,
                    column: c.column,
                    coefficient: c.coefficient,
                    covariance: c.covariance,
                    trace: c.unknown,
                })
                .collect(),
            component_of: system.component_of.clone(),
            ridges: ridges.collect(),
            outputs,
        })
    }
}

/// The terms without Gaussian matrices.
fn pieces(signal: &Signal) -> Vec<Piece> {
    signal
        .iter()
        .filter_map(|t| {
            let diagonal = match t.operator {
                Operator::Identity => None,
                Operator::Diagonal(d) => Some(d),
                Operator::Gaussian(..) | Operator::Rotation(..) => return None,
            };
            Some(Piece {
                coefficient: t.coefficient,
                diagonal,
                variable: t.variable,
            })
        })
        .collect()
}
