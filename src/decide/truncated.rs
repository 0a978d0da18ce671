//! A claim about infinitely many eigenvalues with the first of them alone, which is what a simulation can draw.

use std::fmt;

use num_rational::BigRational;

use super::assignment::Assignment;
use super::problem::{Kept, Problem};
use crate::formula::ast::{Expr, Node};
use crate::formula::scope::{Law, Scope, Symbol};

/// The dimension, as a multiple of the largest size along the path.
const TIMES: f64 = 3.0;

/// What a claim is about, in finite dimension.
pub struct Truncated {
    scope: Scope,
    dimension: BigRational,
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " with the first {} eigenvalues", self.dimension)
    }
}

impl Truncated {
    /// `None` where the dimension is finite as it is, or the formulas go on without end themselves.
    pub fn of(problem: &Problem<'_>, size: f64) -> Option<Self> {
        let scope = problem.scope;
        if !scope.setting.infinite {
            return None;
        }
        let dimension = BigRational::from_integer(((TIMES * size).ceil() as u64).into());
        let mut scope = scope.clone();
        scope.setting.infinite = false;
        for (_, object) in &mut scope.random {
            if let Law::Gaussian { rows, columns, .. } = &mut object.law {
                for side in [rows, columns] {
                    if matches!(&*side.node, Node::Infinity) {
                        side.node = Node::Name("d".to_owned()).into();
                    }
                }
            }
        }
        let value = Expr::new(Node::Number(dimension.clone()), problem.says.span);
        let (min, max) = (value.clone(), value);
        let d = Symbol::Integer { min, max };
        scope.symbols.push(("d".to_owned(), d));
        let sides = [&problem.says.lhs, &problem.says.rhs];
        let endless = scope.speaks_of(sides, |node| matches!(node, Node::Infinity));
        (!endless).then_some(Self { scope, dimension })
    }

    /// The claim, and a point of its path, in that dimension.
    pub fn of_claim<'a>(
        &'a self,
        problem: &Problem<'a>,
        at: &Assignment,
    ) -> (Problem<'a>, Assignment) {
        let problem = Problem {
            scope: &self.scope,
            statement: Kept::default(),
            ..problem.clone()
        };
        let mut at = at.clone();
        at.symbols.insert("d".to_owned(), self.dimension.clone());
        (problem, at)
    }
}
