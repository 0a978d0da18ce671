//! Both sides of a claim as numbers.

use super::super::PlotError;
use crate::check::file::Claim;
use crate::decide::assignment::Assignment;
use crate::decide::equivalents::sides;
use crate::decide::problem::{Effort, Problem};
use crate::formula::ast::{Comparison, Expr, RelationOp};
use crate::formula::expand::{expand_comparison, expand_scope};
use crate::formula::scope::Scope;
use crate::number::{Ball, Real};
use crate::term::derivative_fault;

/// Differences that are rounding.
const ROUNDING: f64 = 1e-11;

/// A claim with the functions of its file written out.
pub(super) struct Statement {
    pub says: Comparison,
    pub scope: Scope,
}

impl Statement {
    pub fn of(claim: &Claim) -> Result<Self, PlotError> {
        let says = expand_comparison(&claim.says, &claim.scope);
        let expanded = says.and_then(|says| expand_scope(&claim.scope).map(|scope| (says, scope)));
        let sound = expanded.and_then(|(says, scope)| match derivative_fault(&says, &scope) {
            Some(fault) => Err(fault),
            None => Ok((says, scope)),
        });
        match sound {
            Ok((says, scope)) => Ok(Self { says, scope }),
            Err(error) => Err(PlotError::Data {
                message: error.message,
            }),
        }
    }
}

/// One place of a curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Station {
    pub x: f64,
    pub lhs: f64,
    pub rhs: f64,
    /// Whether the relation holds there, where that is a question of numbers.
    pub holds: Option<bool>,
}

/// In order of `x`; places without a value interrupt it.
pub(super) type Curve = Vec<Station>;

impl Station {
    pub fn known(&self) -> bool {
        self.lhs.is_finite() && self.rhs.is_finite()
    }

    pub fn positive(&self) -> bool {
        self.lhs > 0.0 && self.rhs > 0.0
    }
}

pub(super) struct Sides<'a> {
    pub statement: &'a Statement,
    pub problem: Problem<'a>,
}

impl<'a> Sides<'a> {
    pub fn new(statement: &'a Statement, id: &str) -> Result<Self, PlotError> {
        let problem = Problem::new(&statement.scope, &statement.says, id, 0, Effort::Quick);
        if problem.random && !problem.expectation {
            return Err(PlotError::Empty {
                reason: "the claim is about random objects, not about numbers".to_owned(),
            });
        }
        Ok(Self { statement, problem })
    }

    pub fn scope(&self) -> &'a Scope {
        &self.statement.scope
    }

    pub fn formulas(&self) -> [&'a Expr; 2] {
        [&self.statement.says.lhs, &self.statement.says.rhs]
    }

    /// Both sides, expectations by their deterministic equivalents.
    pub fn at(&self, x: f64, at: &Assignment) -> Station {
        let mut station = Station {
            x,
            lhs: f64::NAN,
            rhs: f64::NAN,
            holds: None,
        };
        if let Ok((lhs, rhs)) = sides::<Ball>(&self.problem, at) {
            station.lhs = lhs.midpoint();
            station.rhs = rhs.midpoint();
            station.holds = self.holds(station.lhs, station.rhs);
        }
        station
    }

    /// Open within rounding, and for expectations, whose equivalents are near.
    fn holds(&self, lhs: f64, rhs: f64) -> Option<bool> {
        if self.problem.expectation {
            return None;
        }
        let size = lhs.abs().max(rhs.abs());
        let equal = (lhs - rhs).abs() <= ROUNDING * size;
        match self.statement.says.op {
            RelationOp::Eq => Some(equal),
            RelationOp::Le | RelationOp::Lt => Some(equal || lhs < rhs),
            RelationOp::Ge | RelationOp::Gt => Some(equal || lhs > rhs),
            _ => None,
        }
    }
}
