//! Expectations whose deterministic equivalent is a formula of the language: their orders are the equivalent's.

use num_rational::BigRational;
use num_traits::Signed;

use super::station::speaks_of_orders;
use super::threshold;
use crate::decide::cells;
use crate::decide::problem::Problem;
use crate::formula::ast::{BinaryOp, Comparison, Expr, Extremum, Function, Node, RelationOp};
use crate::formula::constant::constant;
use crate::formula::parse::parse_expression;
use crate::formula::scope::{Law, Scope, SpectrumKind};
use crate::formula::shape::{Shape, shape_of};

/// `E ‖ŵ − w0‖²_Σ` of ridge regression on clean labels.
const CLEAN_RIDGE: &str =
    "((K)^2*(w0'*Sigma*(Sigma + (K)*I)^-2*w0) + (SD)^2*df(2, (K))/(ROWS))/(1 - df(2, (K))/(ROWS))";
/// `E ‖ŵ‖²_Σ` of ridge regression on noise alone, its variance.
const OF_NOISE: &str = "(SD)^2*df(2, (K))/(ROWS)/(1 - df(2, (K))/(ROWS))";
/// What the theorem behind it is called in a verdict, with its hypotheses.
pub(super) const GIVEN: &str = "the dimension-free deterministic equivalent of ridge regression, bias and variance up to factors \
     1 + o(1) (Cheng & Montanari 2024, independent Gaussian rows; taken for infinite power laws with beta > 1 and ridges \
     of order T^-beta at least)";

/// What stands behind the others.
pub(super) const WRITTEN: &str = "the deterministic equivalent that `resolvent derive` writes, taken to hold up to a bounded factor";

/// The same where constants are asked for.
pub(super) const WRITTEN_SHARP: &str = "the deterministic equivalent that `resolvent derive` writes, taken to hold up to a factor 1 + o(1)";

/// Ridge and number of rows of a fit whose equivalent is taken.
pub(super) struct Fit {
    ridge: Expr,
    rows: Expr,
}

/// A relation with known equivalents in place of its expectations.
pub(super) struct Replaced {
    pub says: Comparison,
    /// The fits that the theorem speaks of.
    pub fits: Vec<Fit>,
    /// Whether some equivalents are others than the theorem's.
    pub others: bool,
}

/// A relation between orders, exponents, or (`sharp`) leading terms, with every known expectation replaced by its equivalent;
/// `None` where one is not known, or asked for more than that. Of expectations that the theorem does not speak of, `other` may know the
/// equivalent, if they are those of squares.
pub(super) fn replaced(
    problem: &Problem<'_>,
    sharp: bool,
    other: &mut dyn FnMut(&Expr) -> Option<Expr>,
) -> Option<Replaced> {
    let says = problem.says;
    let mut replacing = Replacing {
        problem,
        sharp,
        fits: Vec::new(),
        other,
        others: false,
    };
    let factors = speaks_of_orders(says.op) || sharp;
    let mut replaced = |expr: &Expr| match factors {
        true => replacing.signed(expr),
        false => replacing.exponents(expr),
    };
    let says = Comparison {
        lhs: replaced(&says.lhs)?,
        op: says.op,
        rhs: replaced(&says.rhs)?,
        span: says.span,
    };
    Some(Replaced {
        says,
        fits: replacing.fits,
        others: replacing.others,
    })
}

struct Replacing<'a> {
    problem: &'a Problem<'a>,
    /// Whether constants are asked for.
    sharp: bool,
    fits: Vec<Fit>,
    other: &'a mut dyn FnMut(&Expr) -> Option<Expr>,
    others: bool,
}

impl Replacing<'_> {
    /// The sign of a whole side is a factor like others.
    fn signed(&mut self, expr: &Expr) -> Option<Expr> {
        match &*expr.node {
            Node::Neg(inner) => Some(Expr::new(Node::Neg(self.side(inner)?), expr.span)),
            _ => self.side(expr),
        }
    }

    /// An expression that speaks of expectations in exponents alone, `exponent(E[f])`: these are the equivalents' exactly.
    fn exponents(&mut self, expr: &Expr) -> Option<Expr> {
        let scope = self.problem.scope;
        if !scope.averages(expr) {
            return Some(expr.clone());
        }
        let mut part = |e: &Expr| self.exponents(e);
        let node = match &*expr.node {
            Node::Call(Function::Exponent, arguments) => {
                let [f] = arguments.as_slice() else {
                    return None;
                };
                Node::Call(Function::Exponent, vec![self.signed(f)?])
            }
            Node::Name(name) => return part(scope.expansion(name)?),
            Node::Neg(a) => Node::Neg(part(a)?),
            Node::Binary(op, a, b) => Node::Binary(*op, part(a)?, part(b)?),
            Node::Call(function, arguments) => {
                let parts: Option<Vec<Expr>> = arguments.iter().map(part).collect();
                Node::Call(*function, parts?)
            }
            Node::If(condition, then, otherwise) => {
                let condition = Comparison {
                    lhs: part(&condition.lhs)?,
                    rhs: part(&condition.rhs)?,
                    ..condition.clone()
                };
                Node::If(condition, part(then)?, part(otherwise)?)
            }
            _ => return None,
        };
        Some(Expr::new(node, expr.span))
    }

    /// A side with its expectations replaced. An equivalent is known up to a factor 1 + o(1): sums of expectations, products,
    /// roots and fixed powers keep such factors, differences and other functions do not.
    fn side(&mut self, expr: &Expr) -> Option<Expr> {
        let scope = self.problem.scope;
        let speaks = |e: &Expr| scope.averages(e);
        let node = match &*expr.node {
            Node::Expectation(body) => return self.equivalent(expr, body),
            Node::Name(name) => match scope.expansion(name) {
                Some(body) if speaks(body) => return self.side(body),
                _ => return Some(expr.clone()),
            },
            _ if !speaks(expr) => return Some(expr.clone()),
            Node::Binary(BinaryOp::Sub, ..) => return None,
            Node::Binary(BinaryOp::Pow, _, exponent) if constant(exponent).is_none() => {
                return None;
            }
            // What is added may have the other sign; what is subtracted has.
            Node::Binary(BinaryOp::Add, a, b)
                if !(plainly_positive(a, scope) && plainly_positive(b, scope)) =>
            {
                return None;
            }
            Node::Binary(op, a, b) => Node::Binary(*op, self.side(a)?, self.side(b)?),
            Node::Call(function @ (Function::Sqrt | Function::Max | Function::Min), arguments) => {
                let sides: Option<Vec<Expr>> = arguments.iter().map(|a| self.side(a)).collect();
                Node::Call(*function, sides?)
            }
            // The bounds behind the equivalent are explicit in the ridge: over a range of ridges they hold at once. Factors
            // near 1 move an extreme place by a bounded factor where its order is known at all.
            Node::Extremum {
                kind: kind @ (Extremum::Inf | Extremum::Sup | Extremum::ArgMin | Extremum::ArgMax),
                variable,
                from,
                to,
                body,
            } if !speaks(from)
                && !speaks(to)
                && scope.expansion(variable).is_none()
                && !(self.sharp && matches!(kind, Extremum::ArgMin | Extremum::ArgMax)) =>
            {
                let before = self.fits.len();
                let body = self.side(body)?;
                for fit in &mut self.fits[before..] {
                    // the least of its ridges
                    if is_name(&fit.ridge, variable) {
                        fit.ridge = from.clone();
                    }
                }
                Node::Extremum {
                    kind: *kind,
                    variable: variable.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    body,
                }
            }
            _ => return None,
        };
        Some(Expr::new(node, expr.span))
    }

    fn equivalent(&mut self, expectation: &Expr, body: &Expr) -> Option<Expr> {
        let scope = self.problem.scope;
        let known = clean_ridge(body, scope, &mut self.fits);
        if known.is_none() && !is_square(body, scope)
            || threshold::is_near(self.problem, expectation)
        {
            return None;
        }
        if known.is_some() {
            return known;
        }
        self.others = true;
        (self.other)(expectation)
    }
}

/// The hypothesis of the theorem that is not seen to hold on the whole domain.
pub(super) fn unseen(fits: &[Fit], scope: &Scope) -> Option<&'static str> {
    let SpectrumKind::PowerLaw { beta } = &scope.setting.spectrum else {
        return Some("the spectrum is a power law");
    };
    if !scope.setting.infinite {
        return Some("the spectrum is infinite");
    }
    let Ok(least) = parse_expression("(ROWS)^-(BETA)") else {
        return Some("the least ridge");
    };
    let ample = |fit: &Fit| {
        let says = Comparison {
            lhs: fit.ridge.clone(),
            op: RelationOp::OrderAtLeast,
            rhs: filled(&least, &[("ROWS", &fit.rows), ("BETA", beta)]),
            span: fit.ridge.span,
        };
        cells::proved(&says, scope)
    };
    (!fits.iter().all(ample)).then_some("the ridge is of order T^-beta at least")
}

/// Whether a term cannot be negative as it is written; expectations are those of squared errors.
fn plainly_positive(expr: &Expr, scope: &Scope) -> bool {
    let positive = |e: &Expr| plainly_positive(e, scope);
    match &*opened(expr, scope).node {
        Node::Expectation(_) => true,
        Node::Number(x) => !x.is_negative(),
        Node::Name(name) => scope
            .limit
            .as_ref()
            .is_some_and(|limit| limit.variable == *name),
        Node::Binary(BinaryOp::Pow, base, exponent) => {
            let even = constant(exponent)
                .is_some_and(|e| (e / BigRational::from_integer(2.into())).is_integer());
            even || positive(base)
        }
        Node::Binary(BinaryOp::Add | BinaryOp::Mul | BinaryOp::Div, a, b) => {
            positive(a) && positive(b)
        }
        _ => false,
    }
}

/// Whether what is averaged is written as squares, traces without a minus, and products, quotients and sums of these: its
/// leading terms do not cancel as the limit is taken.
fn is_square(body: &Expr, scope: &Scope) -> bool {
    let square = |e: &Expr| is_square(e, scope);
    let body = opened(body, scope);
    let same = |a: &Expr, b: &Expr| matches!(&*a.node, Node::Transpose(a) if a.to_string() == b.to_string());
    match &*body.node {
        Node::Call(Function::Norm2, _) => true,
        Node::Call(Function::Tr, arguments) => {
            let mut plain = true;
            scope.walk_through(arguments, &mut |inner| {
                let minus = matches!(&*inner.node, Node::Neg(_) | Node::Binary(BinaryOp::Sub, ..));
                plain &= !minus || matches!(shape_of(inner, scope), Ok(Shape::Scalar));
            });
            plain
        }
        Node::Binary(BinaryOp::Mul, a, b) => {
            let form = match &*opened(a, scope).node {
                Node::Transpose(_) => same(a, b),
                Node::Binary(BinaryOp::Mul, left, weight) => {
                    is_name(weight, "Sigma") && same(opened(left, scope), b)
                }
                _ => false,
            };
            form || square(a) && square(b)
        }
        Node::Binary(BinaryOp::Add | BinaryOp::Div, a, b) => square(a) && square(b),
        _ => plainly_positive(body, scope),
    }
}

/// A name stands for what it abbreviates.
fn opened<'a>(mut expr: &'a Expr, scope: &'a Scope) -> &'a Expr {
    while let Node::Name(name) = &*expr.node
        && let Some(body) = scope.expansion(name)
    {
        expr = body;
    }
    expr
}

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(&*expr.node, Node::Name(found) if found == name)
}

/// `norm2(ridge(X, X*w0 + E, lambda) - w0, Sigma)`, or `norm2(ridge(X, E, lambda), Sigma)`.
fn clean_ridge(body: &Expr, scope: &Scope, fits: &mut Vec<Fit>) -> Option<Expr> {
    let law = |name: &str| {
        scope
            .random
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, o)| &o.law)
    };
    let Node::Call(Function::Norm2, arguments) = &*opened(body, scope).node else {
        return None;
    };
    let [error, weight] = arguments.as_slice() else {
        return None;
    };
    if !is_name(weight, "Sigma") {
        return None;
    }
    // What noise alone makes is an error, too, the whole of one where nothing is to be learnt.
    let (fit, learns) = match &*opened(error, scope).node {
        Node::Binary(BinaryOp::Sub, fit, truth) if is_name(truth, "w0") => (fit, true),
        Node::Binary(BinaryOp::Sub, truth, fit) if is_name(truth, "w0") => (fit, true),
        _ => (error, false),
    };
    let Node::Call(Function::Ridge, arguments) = &*opened(fit, scope).node else {
        return None;
    };
    let [design, labels, ridge] = arguments.as_slice() else {
        return None;
    };
    let Node::Name(x) = &*design.node else {
        return None;
    };
    let Some(Law::Design { rows }) = law(x) else {
        return None;
    };
    let signal = |e: &Expr| match &*e.node {
        Node::Binary(BinaryOp::Mul, a, b) => is_name(a, x) && is_name(b, "w0"),
        _ => false,
    };
    let sd = |name: &str| match law(name) {
        Some(Law::Noise { sd, .. }) => Some(sd.clone()),
        _ => None,
    };
    let noise = match &*opened(labels, scope).node {
        Node::Name(name) if !learns => sd(name)?,
        _ if !learns => return None,
        Node::Binary(BinaryOp::Add, a, b) if signal(a) => match &*b.node {
            Node::Name(name) => sd(name)?,
            _ => return None,
        },
        _ if signal(opened(labels, scope)) => parse_expression("0").ok()?,
        _ => return None,
    };
    fits.push(Fit {
        ridge: ridge.clone(),
        rows: rows.clone(),
    });
    let formula = parse_expression(if learns { CLEAN_RIDGE } else { OF_NOISE }).ok()?;
    let kappa = Node::Call(Function::Kappa, vec![ridge.clone(), rows.clone()]);
    let kappa = Expr::new(kappa, ridge.span);
    Some(filled(
        &formula,
        &[("K", &kappa), ("SD", &noise), ("ROWS", rows)],
    ))
}

/// A formula with its blanks filled in.
fn filled(expr: &Expr, blanks: &[(&str, &Expr)]) -> Expr {
    let node = match &*expr.node {
        Node::Name(name) => match blanks.iter().find(|(blank, _)| blank == name) {
            Some((_, with)) => return (*with).clone(),
            None => return expr.clone(),
        },
        Node::Binary(op, a, b) => Node::Binary(*op, filled(a, blanks), filled(b, blanks)),
        Node::Neg(a) => Node::Neg(filled(a, blanks)),
        Node::Transpose(a) => Node::Transpose(filled(a, blanks)),
        Node::Call(function, arguments) => {
            let filled = arguments.iter().map(|a| filled(a, blanks)).collect();
            Node::Call(*function, filled)
        }
        _ => return expr.clone(),
    };
    Expr::new(node, expr.span)
}
