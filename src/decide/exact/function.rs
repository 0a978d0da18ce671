//! Functions of numbers.

use super::atom::Atom;
use super::fraction::Fraction;
use super::ground::{Exact, Ground, Stop};
use crate::formula::ast::Function;
use crate::number::Coefficient;

/// `ζ(m) = π^m/n` for `m`, `n`.
const EVEN: [(i64, i64); 4] = [(2, 6), (4, 90), (6, 945), (8, 9450)];

/// Functions of which only their argument is known.
pub fn opaque(ground: &mut Ground, function: Function, x: Fraction) -> Exact<Fraction> {
    let one = Fraction::one();
    match function {
        Function::Exp | Function::Cos if x.is_zero() => return Ok(one),
        Function::Sin if x.is_zero() => return Ok(Fraction::zero()),
        Function::Log if x.sub(&one).is_zero() => return Ok(Fraction::zero()),
        Function::Log | Function::Gamma if !ground.is_positive(&x) => {
            return Err(Stop::Open(format!(
                "the argument of {} is positive",
                function.name()
            )));
        }
        Function::Zeta if let Some(value) = zeta(ground, &x) => return Ok(value),
        Function::Zeta if !ground.is_positive(&x.sub(&one)) => {
            return Err(Stop::Open("the argument of zeta is above 1".into()));
        }
        _ => {}
    }
    let above_one = function == Function::Log && ground.is_positive(&x.sub(&one));
    let atom = ground.intern(Atom::Function {
        name: function.name(),
        arguments: vec![x],
    });
    let positive = match function {
        Function::Log => above_one,
        Function::Sin | Function::Cos => false,
        _ => true,
    };
    if positive {
        ground.set_sign(atom, true);
    }
    Ok(Fraction::variable(atom))
}

/// `ζ` at a whole number above 1; by a power of `π` where it is one.
pub fn zeta(ground: &mut Ground, x: &Fraction) -> Option<Fraction> {
    let m = x.as_constant()?.to_integer().filter(|m| *m > 1)?;
    let even = EVEN.iter().find(|(order, _)| *order == m);
    let atom = match even {
        Some(_) => Atom::Function {
            name: "pi",
            arguments: Vec::new(),
        },
        None => Atom::Function {
            name: "zeta",
            arguments: vec![x.clone()],
        },
    };
    let v = ground.intern(atom);
    ground.set_sign(v, true);
    match even {
        Some((order, n)) => {
            let share = Coefficient::integer(*n).recip()?;
            Some(Fraction::variable(v).pow(*order)?.scale(&share))
        }
        None => Some(Fraction::variable(v)),
    }
}
