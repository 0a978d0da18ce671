//! The path of a limit: how symbols follow the limit variable to infinity.

use std::collections::{BTreeMap, HashSet};

use num_rational::BigRational;

use super::assignment::Assignment;
use crate::formula::ast::Expr;
use crate::formula::free_names;
use crate::formula::scope::{Limit, Scope, Symbol};
use crate::number::{Ball, Real, rational_from_f64, simplest_between};
use crate::term::evaluate::{EvaluationError, Evaluator};

/// A limit path through one point of the domain.
pub struct Path<'a> {
    scope: &'a Scope,
    limit: &'a Limit,
    base: Assignment,
    /// Defined symbols that a path entry refers to, such as `phi = "d/T"` in `d = "phi*T"`: held at the value
    /// they have at the base point.
    frozen: BTreeMap<String, BigRational>,
}

impl<'a> Path<'a> {
    /// The path through `base`.
    pub fn new(
        scope: &'a Scope,
        limit: &'a Limit,
        base: &Assignment,
    ) -> Result<Self, EvaluationError> {
        let mut frozen = BTreeMap::new();
        let moving: HashSet<&str> = limit
            .path
            .iter()
            .map(|(n, _)| n.as_str())
            .chain([limit.variable.as_str()])
            .collect();
        let environment = base.environment::<Ball>(scope)?;
        let evaluator = Evaluator::new(scope, &environment);
        for (_, expr) in &limit.path {
            for (name, _) in free_names(expr) {
                if moving.contains(name.as_str()) || base.symbols.contains_key(&name) {
                    continue;
                }
                if let Some(Symbol::Defined(definition)) = scope
                    .symbols
                    .iter()
                    .find(|(n, _)| *n == name)
                    .map(|(_, s)| s)
                    && depends_on(definition, scope, &moving)
                {
                    frozen.insert(name, exact(evaluator.scalar(definition)?)?);
                }
            }
        }
        Ok(Self {
            scope,
            limit,
            base: base.clone(),
            frozen,
        })
    }

    pub fn base(&self) -> &Assignment {
        &self.base
    }

    /// The point of the path where the limit variable is `t`. Whole-number symbols are rounded.
    pub fn at(&self, t: f64) -> Result<Assignment, EvaluationError> {
        let whole = |name: &str| self.is_whole(name);
        let number = |x: f64| {
            rational_from_f64(x)
                .ok_or_else(|| EvaluationError::Undefined("the path leaves the numbers".into()))
        };
        let mut moved = self.base.clone();
        let start = if whole(&self.limit.variable) {
            t.round()
        } else {
            t
        };
        moved.symbols.extend(self.frozen.clone());
        moved
            .symbols
            .insert(self.limit.variable.clone(), number(start)?);
        // Evaluated in order, so that `T0 = "d/phi0"` sees the new d. Path entries are scalars of symbols alone.
        for (name, expr) in &self.limit.path {
            let value = scalar_of_symbols(self.scope, &moved, expr)?;
            let value = if whole(name) {
                number(value.midpoint().round().max(1.0))?
            } else {
                exact(value)?
            };
            moved.symbols.insert(name.clone(), value);
        }
        for name in self.frozen.keys() {
            moved.symbols.remove(name);
        }
        Ok(moved)
    }

    /// The values held fixed along the path.
    pub fn frozen(&self) -> &BTreeMap<String, BigRational> {
        &self.frozen
    }

    /// The dimension, where it is finite and stays what it is along the path.
    pub fn fixed_dimension(&self) -> Option<f64> {
        let moves = self.limit.variable == "d" || self.limit.path.iter().any(|(n, _)| n == "d");
        let d = self.base.symbols.get("d").filter(|_| !moves)?;
        Some(crate::number::rational_to_f64(d))
    }

    /// The least and the largest whole-number symbol at a point: what a simulation there would cost.
    pub fn size(&self, at: &Assignment) -> (f64, f64) {
        let sizes = self.sizes(at);
        let least = sizes.iter().fold(f64::INFINITY, |least, x| least.min(*x));
        (least, sizes.iter().fold(0.0, |most, x| most.max(*x)))
    }

    /// The whole-number symbols that move, at a point.
    fn sizes(&self, at: &Assignment) -> Vec<f64> {
        let moves = |name: &str| self.limit.moving().any(|n| n == name);
        let sizes = at
            .symbols
            .iter()
            .filter(|(name, _)| moves(name) && self.is_whole(name));
        sizes
            .map(|(_, value)| crate::number::rational_to_f64(value))
            .collect()
    }

    fn is_whole(&self, name: &str) -> bool {
        let mut symbols = self.scope.symbols.iter();
        name == "d" || symbols.any(|(n, s)| n == name && matches!(s, Symbol::Integer { .. }))
    }

    /// The powers of the largest size that other sizes, and quotients of two of them, are of: what vanishes with those vanishes
    /// as slowly.
    pub fn slower_powers(&self) -> Vec<f64> {
        const STEEP: f64 = 0.98;
        const FLAT: f64 = 0.02;
        let far = [1e9, 1e12].map(|t| self.at(t).map(|at| self.sizes(&at)));
        let [Ok(near), Ok(far)] = far else {
            return Vec::new();
        };
        let growth: Vec<f64> = near.iter().zip(&far).map(|(a, b)| (b / a).ln()).collect();
        let most = growth.iter().fold(0.0f64, |most, x| most.max(*x));
        let mut powers = Vec::new();
        for (i, a) in growth.iter().enumerate() {
            let others = growth[i + 1..].iter().map(|b| (a - b).abs());
            let slower = others.chain([*a]).map(|x| x / most);
            for power in slower.filter(|power| (FLAT..=STEEP).contains(power)) {
                if powers
                    .iter()
                    .all(|known: &f64| (known - power).abs() > FLAT)
                {
                    powers.push(power);
                }
            }
        }
        powers
    }
}

fn scalar_of_symbols(scope: &Scope, at: &Assignment, expr: &Expr) -> Result<Ball, EvaluationError> {
    let environment = at.blank_environment()?;
    Evaluator::new(scope, &environment).scalar(expr)
}

fn exact(value: Ball) -> Result<BigRational, EvaluationError> {
    let (low, high) = value.enclosure();
    match (rational_from_f64(low), rational_from_f64(high)) {
        (Some(low), Some(high)) => Ok(simplest_between(&low, &high)),
        _ => Err(EvaluationError::Undefined(
            "the path leaves the numbers".into(),
        )),
    }
}

fn depends_on(expr: &Expr, scope: &Scope, moving: &HashSet<&str>) -> bool {
    free_names(expr).iter().any(|(name, _)| {
        moving.contains(name.as_str())
            || scope
                .expansion(name)
                .is_some_and(|e| depends_on(e, scope, moving))
    })
}
