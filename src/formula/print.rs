//! Syntax trees back to text, with as few brackets as reading needs.

use std::fmt::{self, Display, Formatter};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::ast::{BinaryOp, Comparison, Expr, Function, Node};

/// What `parse_expression` reads back as the same tree.
impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_at(self, 0, f)
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.lhs, self.op.symbol(), self.rhs)
    }
}

const SUM: u8 = 10;
const PRODUCT: u8 = 20;
const NEGATION: u8 = 30;
const POWER: u8 = 40;
const POSTFIX: u8 = 50;
const ATOM: u8 = 60;

fn precedence(expr: &Expr) -> u8 {
    match &*expr.node {
        Node::Number(x) if !is_decimal(x) => PRODUCT,
        Node::Number(x) if x.is_negative() => NEGATION,
        Node::Neg(_) => NEGATION,
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, ..) => SUM,
        Node::Binary(BinaryOp::Mul | BinaryOp::Div, ..) => PRODUCT,
        Node::Binary(BinaryOp::Pow, ..) => POWER,
        Node::Transpose(_) => POSTFIX,
        _ => ATOM,
    }
}

/// A right operand that would put two signs side by side.
fn starts_with_minus(expr: &Expr) -> bool {
    match &*expr.node {
        Node::Number(x) => x.is_negative(),
        Node::Neg(_) => true,
        Node::Binary(BinaryOp::Pow, ..) => false,
        Node::Binary(op, left, _) => {
            let own = if matches!(op, BinaryOp::Add | BinaryOp::Sub) {
                SUM
            } else {
                PRODUCT
            };
            precedence(left) >= own && starts_with_minus(left)
        }
        _ => false,
    }
}

fn write_at(expr: &Expr, least: u8, f: &mut Formatter<'_>) -> fmt::Result {
    if precedence(expr) < least {
        f.write_str("(")?;
        write_node(expr, f)?;
        f.write_str(")")
    } else {
        write_node(expr, f)
    }
}

fn write_right(expr: &Expr, least: u8, f: &mut Formatter<'_>) -> fmt::Result {
    write_at(expr, if starts_with_minus(expr) { ATOM } else { least }, f)
}

fn write_node(expr: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    match &*expr.node {
        Node::Number(x) => f.write_str(&number_text(x)),
        Node::Infinity => f.write_str("inf"),
        Node::Pi => f.write_str("pi"),
        Node::Name(name) => f.write_str(name),
        Node::Neg(x) => {
            f.write_str("-")?;
            write_right(x, NEGATION, f)
        }
        Node::Binary(op, a, b) => match op {
            BinaryOp::Add | BinaryOp::Sub => {
                write_at(a, SUM, f)?;
                write!(f, " {} ", op.symbol())?;
                write_right(b, SUM + 1, f)
            }
            BinaryOp::Mul | BinaryOp::Div => {
                write_at(a, PRODUCT, f)?;
                f.write_str(op.symbol())?;
                write_right(b, PRODUCT + 1, f)
            }
            BinaryOp::Pow => {
                write_at(a, POSTFIX, f)?;
                f.write_str("^")?;
                write_at(b, NEGATION, f)
            }
        },
        Node::Transpose(x) => {
            write_at(x, POSTFIX, f)?;
            f.write_str("'")
        }
        Node::Call(function @ (Function::Rows | Function::Columns), arguments) => {
            f.write_str("[")?;
            write_blocks(*function, arguments, f)?;
            f.write_str("]")
        }
        Node::Call(Function::Given, arguments) => write_given(arguments, f),
        Node::Call(function, arguments) => write_call(function.name(), arguments, f),
        Node::Apply(name, arguments) => write_call(name, arguments, f),
        Node::Member(name, index) => write!(f, "{name}({index})"),
        Node::Expectation(x) => write!(f, "E[{x}]"),
        Node::If(condition, a, b) => write!(f, "if({condition}, {a}, {b})"),
        Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        } => write!(f, "{}({index} = {from}..{to}, {body})", kind.name()),
        Node::Extremum {
            kind,
            variable,
            from,
            to,
            body,
        } => write!(f, "{}({variable} in [{from}, {to}], {body})", kind.name()),
        Node::Diff(x, variable, None) => write!(f, "diff({x}, {variable})"),
        Node::Diff(x, variable, Some(at)) => write!(f, "diff({x}, {variable} = {at})"),
    }
}

fn write_call(name: &str, arguments: &[Expr], f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{name}(")?;
    for (i, argument) in arguments.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write_node(argument, f)?;
    }
    f.write_str(")")
}

/// `E[f | X, Y]`
fn write_given(arguments: &[Expr], f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("E[")?;
    for (i, argument) in arguments.iter().enumerate() {
        f.write_str(["", " | ", ", "][i.min(2)])?;
        write_node(argument, f)?;
    }
    f.write_str("]")
}

/// `a, b; c, d`
fn write_blocks(function: Function, blocks: &[Expr], f: &mut Formatter<'_>) -> fmt::Result {
    for (i, block) in blocks.iter().enumerate() {
        if i > 0 {
            let rows = function == Function::Rows;
            f.write_str(if rows { "; " } else { ", " })?;
        }
        match &*block.node {
            Node::Call(Function::Columns, beside) if function == Function::Rows => {
                write_blocks(Function::Columns, beside, f)?;
            }
            _ => write_node(block, f)?,
        }
    }
    Ok(())
}

/// How often `p` divides `n`, and what is left.
fn divide_out(n: &BigInt, p: u32) -> (usize, BigInt) {
    let p = BigInt::from(p);
    let mut n = n.clone();
    let mut times = 0;
    while !n.is_zero() && (&n % &p).is_zero() {
        n /= &p;
        times += 1;
    }
    (times, n)
}

/// Whether the number has finitely many decimals (and not absurdly many).
pub(crate) fn is_decimal(x: &BigRational) -> bool {
    decimals(x).is_some()
}

fn decimals(x: &BigRational) -> Option<usize> {
    if x.denom().is_one() {
        return Some(0);
    }
    // A denominator beyond 10^1000 is not one the parser reads back.
    if x.denom().bits() > 3322 {
        return None;
    }
    let (twos, rest) = divide_out(x.denom(), 2);
    let (fives, rest) = divide_out(&rest, 5);
    rest.is_one().then_some(twos.max(fives))
}

/// A number as the language writes it.
pub(crate) fn number_text(x: &BigRational) -> String {
    let Some(places) = decimals(x) else {
        return format!("{}/{}", x.numer(), x.denom());
    };
    let scaled = x.numer() * num_traits::pow(BigInt::from(10), places) / x.denom();
    let sign = if x.is_negative() { "-" } else { "" };
    let digits = scaled.abs().to_string();
    if places == 0 {
        let (zeros, _) = divide_out(&scaled, 10);
        return if zeros >= 6 && digits.len() > 15 {
            format!("{sign}{}e{zeros}", &digits[..digits.len() - zeros])
        } else {
            format!("{sign}{digits}")
        };
    }
    if places > digits.len() + 4 {
        return format!("{sign}{digits}e-{places}");
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, decimals) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{decimals}")
}
