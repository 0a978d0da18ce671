//! Numbers of an experiment file: written out, or formulas of its settings.

use num_traits::ToPrimitive;

use crate::formula::ast::{BinaryOp, Expr, Function, Node, RelationOp, Span};
use crate::formula::error::FormulaError;

/// A number, or a formula of settings that are known by the time it is needed.
#[derive(Clone, Debug)]
pub struct Quantity {
    pub value: Value,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Value {
    Number(f64),
    Formula(Expr),
}

/// The settings a formula may name, with their values.
pub type Names<'a> = [(&'a str, f64)];

impl Quantity {
    /// A number that stands nowhere in the file.
    pub fn number(value: f64) -> Self {
        Self {
            value: Value::Number(value),
            span: Span::default(),
        }
    }

    /// The value, given the settings known here.
    pub fn evaluate(&self, names: &Names) -> Result<f64, FormulaError> {
        match &self.value {
            Value::Number(x) => Ok(*x),
            Value::Formula(expr) => {
                let value = evaluate(expr, names)?;
                if value.is_nan() {
                    return Err(FormulaError::new(
                        "X101",
                        self.span,
                        "this is not a number here",
                    ));
                }
                Ok(value)
            }
        }
    }
}

fn evaluate(expr: &Expr, names: &Names) -> Result<f64, FormulaError> {
    let unsupported = |what: &str| {
        let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        Err(FormulaError::new(
            "X102",
            expr.span,
            format!("{what} cannot be used in this setting"),
        )
        .with_help(format!(
            "known here: {}; numbers, `+ - * / ^`, sqrt, exp, log, abs, min, max, if",
            known.join(", ")
        )))
    };
    Ok(match &*expr.node {
        Node::Number(n) => match n.to_f64() {
            Some(x) if x.is_finite() => x,
            _ => {
                return Err(FormulaError::new(
                    "X103",
                    expr.span,
                    "this number is out of range",
                ));
            }
        },
        Node::Infinity => f64::INFINITY,
        Node::Pi => std::f64::consts::PI,
        Node::Name(name) => match names.iter().find(|(known, _)| known == name) {
            Some((_, value)) => *value,
            None => return unsupported(&format!("`{name}`")),
        },
        Node::Neg(a) => -evaluate(a, names)?,
        Node::Binary(op, a, b) => {
            let (a, b) = (evaluate(a, names)?, evaluate(b, names)?);
            match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                BinaryOp::Mul => a * b,
                BinaryOp::Div => a / b,
                BinaryOp::Pow => libm::pow(a, b),
            }
        }
        Node::Call(function, arguments) => {
            let values = arguments
                .iter()
                .map(|a| evaluate(a, names))
                .collect::<Result<Vec<_>, _>>()?;
            match (function, &values[..]) {
                (Function::Sqrt, [a]) => a.sqrt(),
                (Function::Exp, [a]) => libm::exp(*a),
                (Function::Log, [a]) => libm::log(*a),
                (Function::Sin, [a]) => libm::sin(*a),
                (Function::Cos, [a]) => libm::cos(*a),
                (Function::Abs, [a]) => a.abs(),
                (Function::Min, [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.min(*b)),
                (Function::Max, [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.max(*b)),
                _ => return unsupported(&format!("`{}`", function.name())),
            }
        }
        Node::If(condition, then, otherwise) => {
            let (a, b) = (
                evaluate(&condition.lhs, names)?,
                evaluate(&condition.rhs, names)?,
            );
            let holds = match condition.op {
                RelationOp::Eq => a == b,
                RelationOp::Le => a <= b,
                RelationOp::Ge => a >= b,
                RelationOp::Lt => a < b,
                RelationOp::Gt => a > b,
                _ => return unsupported("an asymptotic relation"),
            };
            evaluate(if holds { then } else { otherwise }, names)?
        }
        _ => return unsupported("this"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse::parse_expression;

    fn value(text: &str) -> Result<f64, FormulaError> {
        let expr = parse_expression(text).unwrap();
        let span = expr.span;
        Quantity {
            value: Value::Formula(expr),
            span,
        }
        .evaluate(&[("T", 100.0), ("d", 30.0), ("n", 2.0)])
    }

    #[test]
    fn formulas_have_their_values() {
        assert_eq!(value("T^-0.5").unwrap(), 0.1);
        assert_eq!(value("2*T/(d+10) - -n").unwrap(), 7.0);
        assert_eq!(value("if(T > d, max(1, n, 0), 5)").unwrap(), 2.0);
        assert_eq!(
            value("sqrt(T)*exp(log(2))").unwrap(),
            10.0 * libm::exp(libm::log(2.0))
        );
        assert_eq!(value("abs(d - T)").unwrap(), 70.0);
    }

    #[test]
    fn what_is_not_known_is_pointed_at() {
        let error = value("1 + kappa(1, T)").unwrap_err();
        assert_eq!((error.span.start, error.code), (4, "X102"));
        let error = value("2*phi").unwrap_err();
        assert_eq!((error.span.start, error.span.end), (2, 5));
        assert!(error.help.unwrap().contains("T, d, n"));
        assert_eq!(value("0/0").unwrap_err().code, "X101");
    }
}
