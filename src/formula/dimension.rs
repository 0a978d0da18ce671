//! Whether two sizes are equal as formulas: `T` and `2*T - T` are.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Euclid, ToPrimitive};

use super::ast::{BinaryOp, Expr, Function, Node};
use super::constant::constant;
use super::scope::Scope;

/// A Mersenne prime: rational functions that differ agree at a random point modulo it with probability
/// about degree/2^61.
const PRIME: u64 = (1 << 61) - 1;

/// Whether `a` and `b` are the same rational function of the symbols, definitions written out.
///
/// Decided by evaluating both at random points of a finite field; functions other than `+ - * / ^` are taken as
/// unknown functions of their arguments. Fractional powers and the like are therefore equal only if their
/// arguments are.
pub fn equal(a: &Expr, b: &Expr, scope: &Scope) -> bool {
    (1..=2u64).all(|seed| {
        let mut point = Point {
            scope,
            seed,
            known: HashMap::new(),
        };
        match (point.value(a), point.value(b)) {
            (Some(a), Some(b)) => a == b,
            // A division by zero: only what is written alike is equal.
            _ => a.to_string() == b.to_string(),
        }
    })
}

/// A random assignment of values to names.
struct Point<'a> {
    scope: &'a Scope,
    seed: u64,
    known: HashMap<String, Option<u64>>,
}

impl Point<'_> {
    fn random(&self, what: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, what).hash(&mut hasher);
        hasher.finish() % PRIME
    }

    fn value(&mut self, expr: &Expr) -> Option<u64> {
        match &*expr.node {
            Node::Number(x) => residue(x),
            Node::Infinity => Some(self.random("inf")),
            Node::Pi => Some(self.random("pi")),
            Node::Name(name) => {
                if let Some(&value) = self.known.get(name) {
                    return value;
                }
                let value = match self.scope.expansion(name) {
                    Some(definition) => self.value(definition),
                    None => Some(self.random(("name", name))),
                };
                self.known.insert(name.clone(), value);
                value
            }
            Node::Neg(x) => Some(negative(self.value(x)?)),
            Node::Binary(op, a, b) => {
                let x = self.value(a)?;
                if *op == BinaryOp::Pow {
                    let whole = constant(b)
                        .filter(|n| n.is_integer())
                        .and_then(|n| n.numer().to_i64());
                    return match whole {
                        Some(n) if n >= 0 => Some(power(x, n.unsigned_abs())),
                        Some(n) => Some(power(inverse(x)?, n.unsigned_abs())),
                        None => {
                            let y = self.value(b)?;
                            Some(self.random(("power", x, y)))
                        }
                    };
                }
                let y = self.value(b)?;
                match op {
                    BinaryOp::Add => Some(sum(x, y)),
                    BinaryOp::Sub => Some(sum(x, negative(y))),
                    BinaryOp::Mul => Some(product(x, y)),
                    BinaryOp::Div => Some(product(x, inverse(y)?)),
                    BinaryOp::Pow => None,
                }
            }
            Node::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for argument in arguments {
                    values.push(self.value(argument)?);
                }
                if matches!(function, Function::Min | Function::Max) {
                    values.sort_unstable();
                    values.dedup();
                    if let [value] = values[..] {
                        return Some(value);
                    }
                }
                Some(self.random((function, values)))
            }
            // Sizes are rarely made of these; what is written alike is equal.
            _ => Some(self.random(("written", expr.to_string()))),
        }
    }
}

fn residue(x: &BigRational) -> Option<u64> {
    let p = BigInt::from(PRIME);
    let n = x.numer().rem_euclid(&p).to_u64()?;
    let d = x.denom().rem_euclid(&p).to_u64()?;
    Some(product(n, inverse(d)?))
}

fn sum(a: u64, b: u64) -> u64 {
    (a + b) % PRIME
}

fn negative(a: u64) -> u64 {
    (PRIME - a) % PRIME
}

fn product(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, base);
        }
        base = product(base, base);
        exponent >>= 1;
    }
    result
}

fn inverse(a: u64) -> Option<u64> {
    (a != 0).then(|| power(a, PRIME - 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse::parse_expression;

    fn equal_text(a: &str, b: &str) -> bool {
        let mut scope = Scope::default();
        let phi = parse_expression("d/T").unwrap();
        scope.definitions.push(("phi".to_owned(), phi));
        equal(
            &parse_expression(a).unwrap(),
            &parse_expression(b).unwrap(),
            &scope,
        )
    }

    #[test]
    fn sizes_are_compared_by_value() {
        for (a, b) in [
            ("T", "2*T - T"),
            ("d", "phi*T"),
            ("(T + 1)^2", "T^2 + 2*T + 1"),
            ("1/3", "2/6"),
            ("T^-1", "1/T"),
            ("min(T, d)", "min(d, T + T - T)"),
            ("T^(1/2)", "(2*T/2)^(1/2)"),
        ] {
            assert!(equal_text(a, b), "{a} and {b}");
        }
        for (a, b) in [
            ("T", "d"),
            ("T", "T + 1"),
            ("T", "T0"),
            ("min(T, d)", "max(T, d)"),
            ("inf", "d"),
            ("T^2", "T^3"),
        ] {
            assert!(!equal_text(a, b), "{a} and {b}");
        }
    }
}
