//! One claim, ready to be decided.

use std::sync::OnceLock;

use super::known::Point;
use crate::formula::ast::{Comparison, Node, RelationOp};
use crate::formula::error::FormulaError;
use crate::formula::scope::Scope;
use crate::simulate::Stream;
use crate::term::{Statement, resolve};

/// How much work a verdict may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Effort {
    Quick,
    #[default]
    Normal,
    Thorough,
}

impl Effort {
    /// The budget of work of one claim, in units of [`crate::budget`].
    pub fn work(self) -> u64 {
        match self {
            Effort::Quick => 3_000_000_000,
            Effort::Normal => 8_000_000_000,
            Effort::Thorough => 600_000_000_000,
        }
    }
}

/// A claim with everything its decision depends on.
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    pub scope: &'a Scope,
    pub says: &'a Comparison,
    pub seed: u64,
    /// Distinguishes the random streams of different claims.
    pub cell: u64,
    pub effort: Effort,
    /// Whether random objects occur.
    pub random: bool,
    /// The random objects that occur, in the order of their declarations.
    pub objects: Vec<String>,
    /// Whether `E[…]` occurs.
    pub expectation: bool,
    /// Points at which the claim was refuted before, to be tried first.
    pub known: Vec<Point>,
    /// Random objects that are drawn once a point: the claim is about almost every value of theirs.
    pub fixed: &'a [String],
    pub statement: Kept,
}

/// A claim's terms, once they were asked for. A copy may be of another claim and has none.
#[derive(Debug, Default)]
pub struct Kept(OnceLock<Result<Statement, FormulaError>>);

impl Kept {
    /// The terms that `make` makes, once.
    pub fn or_make(
        &self,
        make: impl FnOnce() -> Result<Statement, FormulaError>,
    ) -> Result<&Statement, &FormulaError> {
        self.0.get_or_init(make).as_ref()
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<'a> Problem<'a> {
    /// `id` names the claim: its random numbers depend on it and on `seed` alone.
    pub fn new(
        scope: &'a Scope,
        says: &'a Comparison,
        id: &str,
        seed: u64,
        effort: Effort,
    ) -> Self {
        let mut problem = Self {
            scope,
            says,
            seed,
            cell: hash(id),
            effort,
            random: false,
            objects: Vec::new(),
            expectation: false,
            known: Vec::new(),
            fixed: &[],
            statement: Kept::default(),
        };
        scope.walk_through([&says.lhs, &says.rhs], &mut |node| match &*node.node {
            Node::Name(name) | Node::Member(name, _)
                if scope.random.iter().any(|(n, _)| n == name)
                    && !problem.objects.contains(name) =>
            {
                problem.objects.push(name.clone());
            }
            Node::Expectation(_) => problem.expectation = true,
            _ => {}
        });
        problem.random = !problem.objects.is_empty();
        problem
    }

    /// The same with formulas in the place of all that is drawn.
    pub fn of_formulas<'b>(&'b self, says: &'b Comparison) -> Problem<'b> {
        Problem {
            says,
            random: false,
            expectation: false,
            objects: Vec::new(),
            ..self.clone()
        }
    }

    /// The claim as terms.
    pub fn statement(&self) -> Result<&Statement, &FormulaError> {
        self.statement.or_make(|| resolve(self.says, self.scope))
    }

    pub fn assumes_equalities(&self) -> bool {
        let mut assumed = self.scope.assumptions.iter();
        assumed.any(|says| says.op == RelationOp::Eq)
    }

    /// The stream that chooses point `index`.
    pub fn stream(&self, index: u64) -> Stream {
        Stream::new(self.seed, self.cell, index)
    }

    /// The stream that draws random objects, replicate `index`.
    pub fn draws(&self, index: u64) -> Stream {
        Stream::new(self.seed, self.cell ^ 0x9e37_79b9_7f4a_7c15, index)
    }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}
