//! The rows of a table: every combination of the grid, the last name running fastest.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::definition::{Definition, GridValue};
use super::value::Cell;
use super::{TableError, decimal};
use crate::decide::assignment::{Assignment, SpectrumLevel};
use crate::formula::ast::{BinaryOp, Expr, Node};
use crate::number::{Precise, Real, rational_to_f64};
use crate::term::evaluate::{EvaluationError, Evaluator};

/// Most cells of a table.
pub const MOST_CELLS: usize = 200_000;

/// What the grid's names are.
#[derive(Clone, Debug)]
pub enum At {
    Number(BigRational),
    /// A formula whose value is no fraction; it is evaluated wherever it is needed.
    Formula(Expr),
    Infinite,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub at: Vec<(String, At)>,
    /// Its number in the grid.
    pub index: usize,
}

impl Row {
    /// The names with exact values.
    pub fn assignment(&self) -> Assignment {
        let symbols: BTreeMap<String, BigRational> = self
            .at
            .iter()
            .filter_map(|(name, at)| match at {
                At::Number(x) => Some((name.clone(), x.clone())),
                _ => None,
            })
            .collect();
        // The one level of isotropic inputs; other settings say what theirs are.
        let one = || BigRational::from_integer(1.into());
        Assignment {
            symbols,
            spectrum: vec![SpectrumLevel {
                value: one(),
                share: one(),
                mass: one(),
            }],
            negative: Default::default(),
            approximate: false,
        }
    }

    /// The other names' values, at the working precision.
    pub fn formulas(
        &self,
        definition: &Definition,
    ) -> Result<Vec<(String, Precise)>, EvaluationError> {
        let mut environment = self.assignment().blank_environment::<Precise>()?;
        let mut values = Vec::new();
        for (name, at) in &self.at {
            if let At::Formula(expr) = at {
                let value = Evaluator::new(&definition.scope, &environment).scalar(expr)?;
                environment.scalars.insert(name.clone(), value.clone());
                values.push((name.clone(), value));
            }
        }
        Ok(values)
    }

    /// As they are printed.
    pub fn printed(&self) -> Vec<Cell> {
        self.at
            .iter()
            .map(|(_, at)| match at {
                At::Number(x) => Cell::Exact(decimal::in_full(x).unwrap_or_else(|| x.to_string())),
                At::Formula(expr) => Cell::Exact(expr.to_string()),
                At::Infinite => Cell::Exact("inf".to_owned()),
            })
            .collect()
    }

    /// As doubles; a formula's value, too.
    pub fn doubles(&self, definition: &Definition) -> Vec<f64> {
        let formulas = self.formulas(definition).unwrap_or_default();
        let value = |name: &str| formulas.iter().find(|(known, _)| known == name);
        self.at
            .iter()
            .map(|(name, at)| match at {
                At::Number(x) => rational_to_f64(x),
                At::Formula(_) => value(name).map_or(f64::NAN, |(_, x)| x.midpoint()),
                At::Infinite => f64::INFINITY,
            })
            .collect()
    }

    /// `name = value, …`
    pub fn describe(&self) -> String {
        let parts: Vec<String> = self
            .at
            .iter()
            .zip(self.printed())
            .map(|((name, _), value)| format!("{name} = {}", value.text()))
            .collect();
        parts.join(", ")
    }

    pub fn number(&self, name: &str) -> Option<f64> {
        self.at
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, at)| match at {
                At::Number(x) => x.to_f64(),
                At::Infinite => Some(f64::INFINITY),
                At::Formula(_) => None,
            })
    }
}

/// Every row.
pub fn rows(definition: &Definition) -> Result<Vec<Row>, TableError> {
    let count = definition
        .grid
        .iter()
        .try_fold(1usize, |n, axis| n.checked_mul(axis.values.len()))
        .unwrap_or(usize::MAX);
    if count > MOST_CELLS {
        return Err(TableError::Size {
            count,
            most: MOST_CELLS,
        });
    }
    let mut rows = vec![Row {
        at: Vec::new(),
        index: 0,
    }];
    for axis in &definition.grid {
        let mut next = Vec::with_capacity(rows.len() * axis.values.len());
        for row in &rows {
            for value in &axis.values {
                let at = match value {
                    GridValue::Number(x) => At::Number(x.clone()),
                    GridValue::Infinite => At::Infinite,
                    GridValue::Formula(expr) => match exact(expr, row) {
                        Some(x) => At::Number(x),
                        None => At::Formula(expr.clone()),
                    },
                };
                let mut row = row.clone();
                row.at.push((axis.name.clone(), at));
                next.push(row);
            }
        }
        rows = next;
    }
    for (index, row) in rows.iter_mut().enumerate() {
        row.index = index;
    }
    Ok(rows)
}

/// The value of a formula of exact numbers, where it is a fraction of moderate size.
fn exact(expr: &Expr, row: &Row) -> Option<BigRational> {
    let value = match &*expr.node {
        Node::Number(x) => x.clone(),
        Node::Name(name) => match row.at.iter().find(|(n, _)| n == name)? {
            (_, At::Number(x)) => x.clone(),
            _ => return None,
        },
        Node::Neg(inner) => -exact(inner, row)?,
        Node::Binary(op, left, right) => {
            let (a, b) = (exact(left, row)?, exact(right, row)?);
            match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div if !b.is_zero() => a / b,
                BinaryOp::Pow => whole_power(&a, &b)?,
                _ => return None,
            }
        }
        _ => return None,
    };
    (value.numer().bits() + value.denom().bits() < 4000).then_some(value)
}

fn whole_power(base: &BigRational, exponent: &BigRational) -> Option<BigRational> {
    let e = exponent.is_integer().then(|| exponent.to_integer())?;
    let e = e.to_i64().filter(|e| e.abs() <= 400)?;
    if e < 0 && base.is_zero() {
        return None;
    }
    let power = |x: &BigInt| num_traits::pow(x.clone(), e.unsigned_abs() as usize);
    let (n, d) = (power(base.numer()), power(base.denom()));
    Some(if e < 0 {
        BigRational::new(d, n)
    } else {
        BigRational::new(n, d)
    })
}
