//! Powers of the variable that a claim multiplies its means by: what is left of a remainder may vanish slower than any.

use std::collections::HashSet;

use num_traits::ToPrimitive;

use crate::formula::ast::{BinaryOp, Expr, Node};
use crate::formula::constant::constant;
use crate::formula::function::Function;
use crate::formula::scope::{Limit, Scope};
use crate::formula::traverse::children;

/// The powers that means in these formulas are multiplied by, where they are positive.
pub(super) fn factors_of_means(sides: [&Expr; 2], scope: &Scope) -> Vec<f64> {
    let Some(limit) = &scope.limit else {
        return Vec::new();
    };
    let mut reading = Reading {
        scope,
        limit,
        found: Vec::new(),
        open: Vec::new(),
        seen: HashSet::new(),
    };
    sides.into_iter().for_each(|side| reading.below(side, 0.0));
    reading.found.retain(|power| *power > 0.0);
    reading.found
}

struct Reading<'a> {
    scope: &'a Scope,
    limit: &'a Limit,
    found: Vec<f64>,
    /// Definitions that are being read: inside of one, its name is that of something bound there.
    open: Vec<&'a str>,
    /// Definitions that were read, and what multiplied them.
    seen: HashSet<(&'a str, u64)>,
}

impl<'a> Reading<'a> {
    /// Reads a part that is multiplied by the variable to this power.
    fn below(&mut self, expr: &'a Expr, power: f64) {
        let (mut power, mut rest) = (power, Vec::new());
        let around = self.open.len();
        self.split(expr, 1.0, &mut power, &mut rest);
        for part in rest {
            if let Node::Expectation(_) = &*part.node {
                self.found.push(power);
            }
            for inner in children(part) {
                self.below(inner, power);
            }
        }
        self.open.truncate(around);
    }

    /// The factors of a product that are no powers of the variable, and what the others come to.
    fn split(&mut self, expr: &'a Expr, sign: f64, power: &mut f64, rest: &mut Vec<&'a Expr>) {
        if let Node::Name(name) = &*expr.node
            && let Some(body) = self.scope.expansion(name)
        {
            let new = !self.open.contains(&name.as_str())
                && self.seen.insert((name.as_str(), power.to_bits()));
            if new {
                self.open.push(name);
                self.split(body, sign, power, rest);
            }
            return;
        }
        if let Some(found) = self.power(expr) {
            *power += sign * found;
            return;
        }
        match &*expr.node {
            Node::Neg(a) => self.split(a, sign, power, rest),
            Node::Binary(BinaryOp::Mul, a, b) => {
                self.split(a, sign, power, rest);
                self.split(b, sign, power, rest);
            }
            Node::Binary(BinaryOp::Div, a, b) => {
                self.split(a, sign, power, rest);
                self.split(b, -sign, power, rest);
            }
            _ => rest.push(expr),
        }
    }

    /// The power of the variable that a formula is, up to a constant.
    fn power(&self, expr: &Expr) -> Option<f64> {
        match &*expr.node {
            Node::Name(name) if *name == self.limit.variable => Some(1.0),
            Node::Name(name) => {
                let (_, path) = self.limit.path.iter().find(|(n, _)| n == name)?;
                self.power_on_path(path)
            }
            Node::Binary(BinaryOp::Pow, base, e) => {
                Some(self.power(base)? * constant(e)?.to_f64()?)
            }
            Node::Call(Function::Sqrt, arguments) => Some(0.5 * self.power(&arguments[0])?),
            _ => None,
        }
    }

    /// The same of a path, in which other names stay what they are.
    fn power_on_path(&self, path: &Expr) -> Option<f64> {
        match &*path.node {
            Node::Name(name) => Some(f64::from(*name == self.limit.variable)),
            Node::Number(_) => Some(0.0),
            Node::Binary(BinaryOp::Mul, a, b) => {
                Some(self.power_on_path(a)? + self.power_on_path(b)?)
            }
            Node::Binary(BinaryOp::Div, a, b) => {
                Some(self.power_on_path(a)? - self.power_on_path(b)?)
            }
            Node::Binary(BinaryOp::Pow, base, e) => {
                Some(self.power_on_path(base)? * constant(e)?.to_f64()?)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse::parse_expression;

    fn factors(text: &str, definitions: &[(&str, &str)]) -> Vec<f64> {
        let expr = |text: &str| parse_expression(text).unwrap();
        let scope = Scope {
            limit: Some(Limit {
                variable: "T".into(),
                path: Vec::new(),
            }),
            definitions: (definitions.iter())
                .map(|(name, body)| ((*name).to_owned(), expr(body)))
                .collect(),
            ..Scope::default()
        };
        factors_of_means([&expr(text), &expr("0")], &scope)
    }

    #[test]
    fn powers_are_found_behind_definitions() {
        let found = factors("T^0.6*(m - 1)", &[("m", "E[q]/T^0.1")]);
        assert_eq!(found.len(), 1);
        assert!((found[0] - 0.5).abs() < 1e-12, "{found:?}");
    }

    /// A root may bind the name of the definition that it stands in.
    #[test]
    fn names_bound_inside_their_own_definition_end() {
        let root = [("k", "root(k in [0, 9], T*k*E[q] - 1 + T^2*k)")];
        assert_eq!(factors("T*k", &root), [2.0]);
        let doubled: Vec<(String, String)> = (1..60)
            .map(|i| (format!("m{i}"), format!("m{0} + m{0}", i - 1)))
            .chain([("m0".to_owned(), "E[q]".to_owned())])
            .collect();
        let doubled: Vec<(&str, &str)> = (doubled.iter())
            .map(|(n, b)| (n.as_str(), b.as_str()))
            .collect();
        assert_eq!(factors("T*m59", &doubled), [1.0]);
    }
}
