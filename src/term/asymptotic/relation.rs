//! `~`, `asymp`, `<~`, `>~`, `->` by leading terms.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::evaluate::{Germs, Result};
use super::quantity::{Magnitude, Quantity};
use super::{AsymptoticError, GermPoint};
use crate::formula::ast::RelationOp;
use crate::scaling::{Coefficient, Limit, Order, Ratio, in_outline};
use crate::term::{Id, Node, Relation, Statement, Store, Walker};

/// Numbers without a closed form that agree to within smaller errors than this are taken for the same.
const TIGHT: f64 = 1e-10;

/// A relation of limits, decided at one point.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub holds: bool,
    /// The left side's order, such as `T^(-3/4) log(T)`; where constants matter, its leading term.
    pub lhs: String,
    pub rhs: String,
    pub explanation: String,
    /// The smallest relative discrepancy that would have been seen: zero where the decision rests on orders
    /// and closed forms alone.
    pub detects: f64,
}

/// The relation with its terms in these germs.
pub(super) fn settled(
    germs: &mut Germs<'_>,
    statement: &Statement,
    relation: &Relation,
    point: &GermPoint,
) -> Result<Decision> {
    let store = &statement.store;
    let mut walker = Walker::new(store);
    if !relation.op.is_asymptotic() {
        return Err(AsymptoticError::Unsupported(
            "a relation that speaks of no limit".into(),
        ));
    }
    let name = &point.variable;
    let lhs = match germs.scalar(&mut walker, relation.lhs) {
        Ok(lhs) => lhs,
        Err(error) => return faster(germs, store, relation, name, error),
    };
    if relation.op == RelationOp::TendsTo
        && let Some(sign) = infinity(store, relation.rhs)
    {
        return tends_to_infinity(&lhs, sign, name);
    }
    let rhs = match germs.scalar(&mut walker, relation.rhs) {
        Ok(rhs) => rhs,
        Err(error) => return faster(germs, store, relation, name, error),
    };
    if lhs.is_only_bounded() || rhs.is_only_bounded() {
        let open = AsymptoticError::Undecided("how small a side is".into());
        if let Ok(decision) = faster(germs, store, relation, name, open) {
            return Ok(decision);
        }
    }
    if relation.op == RelationOp::TendsTo {
        return tends_to(&lhs, &rhs, name);
    }
    let (holds, explanation, detects) = match relation.op {
        RelationOp::Equivalent => equivalent(&lhs, &rhs)?,
        op => {
            let (holds, explanation) = orders(&lhs, op, &rhs)?;
            (holds, explanation, 0.0)
        }
    };
    let show = |x: &Quantity| described(x, relation.op == RelationOp::Equivalent, name);
    Ok(Decision {
        holds,
        lhs: show(&lhs),
        rhs: show(&rhs),
        explanation: renamed(&explanation, name),
        detects,
    })
}

/// By logarithms, where a side is of the order of no power.
fn faster(
    germs: &mut Germs<'_>,
    store: &Store,
    relation: &Relation,
    name: &str,
    error: AsymptoticError,
) -> Result<Decision> {
    if infinity(store, relation.rhs).is_some() {
        return Err(error);
    }
    let mut walker = Walker::new(store);
    let (lhs, op, rhs) = (relation.lhs, relation.op, relation.rhs);
    let found = match germs.by_logarithms(&mut walker, lhs, op, rhs) {
        Ok(found) => found,
        Err(open @ AsymptoticError::Undecided(_)) => return Err(open),
        Err(_) => return Err(error),
    };
    let apart = described(&found.difference.into(), true, name);
    let side = |log: &Quantity| format!("exp({})", described(log, true, name));
    Ok(Decision {
        holds: found.holds,
        lhs: side(&found.left),
        rhs: found.right.map_or("0".into(), |log| side(&log)),
        explanation: format!("the logarithms of the sides differ by {apart}"),
        detects: 0.0,
    })
}

fn infinity(store: &Store, id: Id) -> Option<i32> {
    match *store.node(id) {
        Node::Infinity => Some(1),
        Node::Neg(inner) => Some(-infinity(store, inner)?),
        _ => None,
    }
}

fn undecided<T>(reason: impl Into<String>) -> Result<T> {
    Err(AsymptoticError::Undecided(reason.into()))
}

/// What becomes of `lhs/rhs`: its limit, as far as it is known, or its order of growth.
fn equivalent(lhs: &Quantity, rhs: &Quantity) -> Result<(bool, String, f64)> {
    if lhs.is(rhs) && !lhs.is_zero() {
        return Ok((true, "the two sides are the same".into(), 0.0));
    }
    if let (Quantity::Magnitude(_), _) | (_, Quantity::Magnitude(_)) = (lhs, rhs) {
        let (holds, explanation) = orders(lhs, RelationOp::SameOrder, rhs)?;
        return if holds {
            undecided("the two sides are of one order, their constants unknown")
        } else {
            Ok((false, explanation, 0.0))
        };
    }
    let (a, b) = (lhs.germ()?, rhs.germ()?);
    if a.is_zero() && b.is_zero() {
        return undecided("both sides vanish");
    }
    // an upper bound on one side can be enough
    for (side, other, text) in [
        (lhs, rhs, "the ratio tends to 0"),
        (rhs, lhs, "the ratio tends to infinity"),
    ] {
        if side.is_only_bounded()
            && other.sign().is_ok_and(|sign| sign != 0)
            && below(side, &other.magnitude()?)?
        {
            return Ok((false, text.into(), 0.0));
        }
    }
    Ok(match a.ratio_to(&b)? {
        Ratio::Vanishes => (false, ratio_text(&a, &b, "the ratio tends to 0"), 0.0),
        Ratio::Grows => (
            false,
            ratio_text(&a, &b, "the ratio tends to infinity"),
            0.0,
        ),
        Ratio::Tends(limit) => {
            let text = format!("the ratio tends to {}", number(&limit));
            let (holds, detects) = equal(&limit, &Coefficient::integer(1))?;
            (holds, text, detects)
        }
    })
}

fn ratio_text(a: &crate::scaling::Germ, b: &crate::scaling::Germ, plain: &str) -> String {
    match (a.leading(), b.leading()) {
        (Ok(Some(a)), Ok(Some(b))) => {
            format!("the ratio is of order {}", a.order.times(&b.order.recip()))
        }
        _ => plain.into(),
    }
}

/// Whether two numbers are one: by their closed forms, else as far as their errors tell, and how far that is.
fn equal(a: &Coefficient, b: &Coefficient) -> Result<(bool, f64)> {
    if let Some(same) = a.same_number(b) {
        return Ok((same, 0.0));
    }
    let size = a.value().abs().max(b.value().abs()).max(f64::MIN_POSITIVE);
    let error = a.error() + b.error();
    // Of two explicit numbers nearness says nothing: they are one or they are not.
    let known = a.is_explicit() && b.is_explicit();
    if !in_outline() && !known && (a.value() - b.value()).abs() <= error && error <= TIGHT * size {
        return Ok((true, error / size));
    }
    undecided(format!(
        "whether {} and {} are the same number",
        number(a),
        number(b)
    ))
}

/// Why a one-sided order says nothing.
pub const NEGATIVE: &str =
    "`<~` and `>~` compare the orders of positive quantities, and a side is negative";

/// `asymp`, `<~` and `>~`.
fn orders(lhs: &Quantity, op: RelationOp, rhs: &Quantity) -> Result<(bool, String)> {
    let wanted = |order: Ordering| match op {
        RelationOp::SameOrder => order == Ordering::Equal,
        RelationOp::OrderAtMost => order != Ordering::Greater,
        _ => order != Ordering::Less,
    };
    if lhs.is(rhs) && !lhs.is_zero() {
        return Ok((true, "the two sides are the same".into()));
    }
    match (lhs.is_zero(), rhs.is_zero()) {
        (true, true) => return undecided("both sides vanish"),
        (true, false) if rhs.sign()? > 0 => {
            return Ok((wanted(Ordering::Less), "the left side is zero".into()));
        }
        (false, true) if lhs.sign()? > 0 => {
            return Ok((wanted(Ordering::Greater), "the right side is zero".into()));
        }
        (false, false) => {}
        _ => return undecided("one side is negative"),
    }
    // an upper bound on one side can be enough
    let signs = (lhs.sign(), rhs.sign());
    match (&signs, op) {
        ((Err(error), Ok(1)), _) => {
            return match below(lhs, &rhs.magnitude()?)? {
                true => Ok((
                    wanted(Ordering::Less),
                    "the left side is of smaller order".into(),
                )),
                false => Err(error.clone()),
            };
        }
        ((Ok(1), Err(error)), _) => {
            return match below(rhs, &lhs.magnitude()?)? {
                true => Ok((
                    wanted(Ordering::Greater),
                    "the right side is of smaller order".into(),
                )),
                false => Err(error.clone()),
            };
        }
        _ => {}
    }
    let (left, right) = (signs.0?, signs.1?);
    if left < 0 || right < 0 {
        let opposite = match op {
            RelationOp::SameOrder => left != right,
            RelationOp::OrderAtLeast => left < 0 && right > 0,
            _ => false,
        };
        if opposite {
            return Ok((false, "the two sides have different signs".into()));
        }
        return match op {
            // Both ways at once: of one sign, of one order.
            RelationOp::SameOrder => undecided("orders of negative quantities"),
            // `<~` bounds a ratio from one side, which says something of positive quantities only.
            _ => Err(AsymptoticError::Undefined(NEGATIVE.into())),
        };
    }
    let (a, b) = (lhs.magnitude()?, rhs.magnitude()?);
    let Some(order) = a.compare(&b) else {
        return undecided("the powers of T agree, the power of the logarithm is unknown");
    };
    let text = match order {
        Ordering::Equal => "the two sides are of one order".into(),
        _ => {
            let log = match (&a.log, &b.log) {
                (Some(a), Some(b)) => a - b,
                _ => BigRational::zero(),
            };
            let ratio = Order::new(&a.power - &b.power, log);
            format!("the ratio is of order {ratio}")
        }
    };
    Ok((wanted(order), text))
}

/// Whether a quantity of unknown leading term is certainly of smaller order.
fn below(quantity: &Quantity, bound: &Magnitude) -> Result<bool> {
    let germ = quantity.germ()?;
    Ok(match germ.order_bound() {
        Some(order) => Magnitude::of(order).compare(bound) == Some(Ordering::Less),
        None => true,
    })
}

fn tends_to_infinity(lhs: &Quantity, sign: i32, name: &str) -> Result<Decision> {
    let holds = match lhs {
        Quantity::Magnitude(magnitude) => sign > 0 && grows(magnitude)? == Ordering::Greater,
        _ => match lhs.germ()?.limit()? {
            Limit::Finite(_) => false,
            Limit::PlusInfinity => sign > 0,
            Limit::MinusInfinity => sign < 0,
        },
    };
    let text = described(lhs, true, name);
    Ok(Decision {
        holds,
        rhs: if sign > 0 { "inf" } else { "-inf" }.into(),
        explanation: format!("the left side behaves as {text}"),
        lhs: text,
        detects: 0.0,
    })
}

/// `Greater` where it tends to infinity, `Less` where to zero.
fn grows(magnitude: &Magnitude) -> Result<Ordering> {
    let one = Magnitude {
        power: BigRational::zero(),
        log: Some(BigRational::zero()),
        loglog: BigRational::zero(),
    };
    magnitude.compare(&one).ok_or_else(|| {
        AsymptoticError::Undecided("the power of the logarithm in a least value".into())
    })
}

fn tends_to(lhs: &Quantity, rhs: &Quantity, name: &str) -> Result<Decision> {
    let Limit::Finite(target) = rhs.germ()?.limit()? else {
        return undecided("the right side itself tends to infinity");
    };
    let (holds, detects) = match lhs {
        Quantity::Magnitude(magnitude) => match grows(magnitude)? {
            Ordering::Greater => (false, 0.0),
            Ordering::Less => equal_limits(&Coefficient::integer(0), &target)?,
            Ordering::Equal if target.is_zero() => (false, 0.0),
            Ordering::Equal => return undecided("a least value is known up to a constant only"),
        },
        _ => match lhs.germ()?.limit()? {
            Limit::PlusInfinity | Limit::MinusInfinity => (false, 0.0),
            Limit::Finite(limit) => equal_limits(&limit, &target)?,
        },
    };
    let text = described(lhs, true, name);
    Ok(Decision {
        holds,
        rhs: number(&target),
        explanation: format!("the left side behaves as {text}"),
        lhs: text,
        detects,
    })
}

fn equal_limits(a: &Coefficient, b: &Coefficient) -> Result<(bool, f64)> {
    for (zero, other) in [(a, b), (b, a)] {
        if zero.is_zero() && !other.is_zero() {
            return match zero.same_number(other) {
                Some(same) => Ok((same, 0.0)),
                None => undecided("a limit that is zero to within its error"),
            };
        }
    }
    equal(a, b)
}

fn number(x: &Coefficient) -> String {
    match x.exact() {
        Some(exact) => exact.to_string(),
        None if !(1e-4..1e6).contains(&x.value().abs()) => format!("{:.9e}", x.value()),
        None => format!("{:.10}", x.value())
            .trim_end_matches('0')
            .trim_end_matches('.')
            .into(),
    }
}

/// The leading term, or its order alone.
fn described(quantity: &Quantity, constants: bool, name: &str) -> String {
    let text = match quantity {
        Quantity::Magnitude(Magnitude { power, log, .. }) => {
            let order = Order::new(power.clone(), log.clone().unwrap_or_else(BigRational::zero));
            match log {
                Some(_) => order.to_string(),
                None => format!("{order}, up to logarithms"),
            }
        }
        _ => match quantity
            .germ()
            .map(|germ| (germ.leading().ok().flatten().cloned(), germ))
        {
            Ok((Some(term), _)) if constants => {
                let one = term.coefficient.exact().is_some_and(One::is_one);
                match (one, term.order.is_constant()) {
                    (_, true) => number(&term.coefficient),
                    (true, false) => term.order.to_string(),
                    (false, false) => {
                        let coefficient = number(&term.coefficient);
                        match term.coefficient.exact() {
                            Some(exact) if exact.is_negative() || !exact.is_integer() => {
                                format!("({coefficient}) {}", term.order)
                            }
                            _ => format!("{coefficient} {}", term.order),
                        }
                    }
                }
            }
            Ok((Some(term), _)) => term.order.to_string(),
            Ok((None, germ)) if germ.is_zero() => "0".into(),
            Ok((None, germ)) => match germ.order_bound() {
                Some(order) => format!("O({order})"),
                None => "0".into(),
            },
            Err(_) => "unknown".into(),
        },
    };
    renamed(&text, name)
}

/// Orders are written in `T`; the limit variable may have another name.
fn renamed(text: &str, name: &str) -> String {
    if name == "T" {
        return text.into();
    }
    text.replace("T^", &format!("{name}^"))
        .replace("(T)", &format!("({name})"))
        .split(' ')
        .map(|word| if word == "T" { name } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}
