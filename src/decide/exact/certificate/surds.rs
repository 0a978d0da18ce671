//! Square roots: those that the equation of `κ` makes rational, and those that stand for themselves.

use super::super::atom::Atom;
use super::super::fraction::Fraction;
use super::super::ground::Stop;
use super::super::polynomial::{Polynomial, Variable};
use super::order;
use super::premises;
use super::script::{Script, say};
use super::writer::{Surd, Writer};
use crate::formula::ast::RelationOp;
use crate::number::Coefficient;

/// Square roots as what they are, once the equation of `κ` is used up.
pub fn known(writer: &mut Writer<'_>, script: &mut Script) -> Result<(), Stop> {
    for surd in writer.surds.clone() {
        if plain(writer, &surd).is_some() {
            continue;
        }
        let mut value = surd.exact.clone();
        for root in writer.roots.clone() {
            let ridge = root.exact_ridge.numerator.as_variable();
            if let Some(v) = ridge.filter(|_| root.is_open())
                && let Some(inverse) = Fraction::one().add(&root.exact).recip()
                && let Some(over) = root.exact_samples.recip()
            {
                // Σ = I: λ = κ − κ d/(T (1 + κ))
                let share = writer.exact.ground.dimension.mul(&over).mul(&inverse);
                let ridge = root.exact.sub(&root.exact.mul(&share));
                value = value.substitute(v, &ridge).unwrap_or(value);
            }
        }
        let Some((n, d)) = premises::oriented(writer, &value)? else {
            return Err(Stop::Beyond("a root of such a quotient".into()));
        };
        say!(
            script,
            "match goal with |- context [sqrt ?x] => rewrite (sqrt_is x ({n} / {d})) end;\n             [ | apply nonneg_by with (n := {n}) (d := {d}); [field; side | first [lra | nonneg] | pos] | field; side ]."
        );
    }
    Ok(())
}

/// The variable of a root that stands for itself, and what it is the root of.
fn plain(writer: &Writer<'_>, surd: &Surd) -> Option<(Variable, Polynomial)> {
    let v = surd.exact.numerator.as_variable()?;
    match writer.exact.ground.atom(v) {
        Some(Atom::Power { base, unit, root }) if surd.exact.denominator.is_empty() => {
            let whole = unit.as_constant().is_some_and(|c| c.is_one());
            (whole && *root == 2).then(|| (v, base.clone()))
        }
        _ => None,
    }
}

/// The name of a root that stands for itself.
pub fn name(writer: &Writer<'_>, v: Variable) -> Option<String> {
    let at = |surd: &Surd| surd.exact == Fraction::variable(v);
    let index = writer.surds.iter().position(at)?;
    Some(format!("W{}", index + 1))
}

/// Names them, with the sign and the square of each.
pub fn named(writer: &mut Writer<'_>, script: &mut Script) -> Result<(), Stop> {
    for surd in writer.surds.clone() {
        let Some((v, _)) = plain(writer, &surd) else {
            continue;
        };
        let Some(name) = name(writer, v) else {
            continue;
        };
        let argument = surd.call.trim_start_matches("(sqrt ").strip_suffix(')');
        let argument = argument.unwrap_or_default();
        say!(
            script,
            "destruct (root_of {argument} ltac:(pos)) as [P{name} E{name}].\n\
             set ({name} := sqrt {argument}) in *; clearbody {name}."
        );
    }
    Ok(())
}

/// A polynomial as a multiple of `v² − base` and what is left of it.
fn divided(p: &Polynomial, v: Variable, base: &Polynomial) -> Option<(Polynomial, Polynomial)> {
    let equation = Polynomial::variable(v).pow(2).sub(base);
    let mut left = Polynomial::zero();
    for (power, c) in p.coefficients_in(v).iter().enumerate() {
        let odd = Polynomial::variable(v).pow(power as u32 % 2);
        left = left.add(&c.mul(&base.pow(power as u32 / 2)).mul(&odd));
    }
    Some((p.sub(&left).div_exact(&equation)?, left))
}

/// Proves what holds by the squares of roots: a difference that is a sum of multiples of their equations, or one that is
/// a square in some symbol, up to such a multiple. Whether there is anything to prove that way.
pub fn settle(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    op: RelationOp,
    script: &mut Script,
) -> Result<bool, Stop> {
    let roots: Vec<_> = (writer.surds.clone().iter())
        .filter_map(|s| plain(writer, s))
        .collect();
    if roots.is_empty() || op == RelationOp::Eq && gap.is_zero() {
        return Ok(false);
    }
    let beyond = || Stop::Beyond("what roots do not settle by their squares".into());
    let mut zeros = Vec::new();
    for (v, base) in &roots {
        let name = name(writer, *v).ok_or_else(beyond)?;
        let zero = writer.polynomial(&Polynomial::variable(*v).pow(2).sub(base))?;
        say!(
            script,
            "assert (V{name} : {zero} = 0) by (rewrite E{name}; ring)."
        );
        zeros.push((name, zero));
    }
    if op != RelationOp::Eq {
        let ([(v, base)], [(name, zero)]) = (&roots[..], &zeros[..]) else {
            return Err(beyond());
        };
        let (n, d) = square(writer, gap, op, (*v, base, zero))?.ok_or_else(beyond)?;
        order::upward(gap, op, script);
        say!(
            script,
            "apply le_by with (n := {n}) (d := {d});\n  \
             [field; side | rewrite V{name}, Rmult_0_l, Rplus_0_r; apply pow2_ge_0 | pos]."
        );
        return Ok(true);
    }
    let mut left = gap.numerator.clone();
    let (mut sum, mut rewrites) = (Vec::new(), String::new());
    for ((v, base), (name, zero)) in roots.iter().zip(&zeros) {
        let (cofactor, rest) = divided(&left, *v, base).ok_or_else(beyond)?;
        left = rest;
        sum.push(format!("{zero} * {}", writer.polynomial(&cofactor)?));
        rewrites.push_str(&format!("rewrite V{name}; "));
    }
    if !left.is_zero() {
        return Err(beyond());
    }
    let over = writer.fraction(&Fraction {
        numerator: Polynomial::one(),
        denominator: gap.denominator.clone(),
    })?;
    say!(
        script,
        "apply Rminus_diag_uniq_sym.\n\
         transitivity (({}) * {over}); [field; side | {rewrites}ring].",
        sum.join(" + ")
    );
    Ok(true)
}

/// Numerator and denominator of a difference that is a square in some symbol and a multiple of a root's equation.
fn square(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    op: RelationOp,
    (v, base, zero): (Variable, &Polynomial, &str),
) -> Result<Option<(String, String)>, Stop> {
    let (gap, strict) = order::upward(gap, op, &mut Script::default());
    let Some((numerator, denominator)) = premises::upright(writer, &gap)?.filter(|_| !strict)
    else {
        return Ok(None);
    };
    for x in numerator.variables() {
        let [c, b, a] = &numerator.coefficients_in(x)[..] else {
            continue;
        };
        if x == v || !writer.exact.ground.is_positive(&a.clone().into()) {
            continue;
        }
        // 4a (ax² + bx + c) = (2ax + b)² + 4ac − b²
        let four = Coefficient::integer(4);
        let rest = a.mul(c).scale(&four).sub(&b.mul(b));
        let Some((cofactor, left)) = divided(&rest, v, base) else {
            continue;
        };
        if !left.is_zero() {
            continue;
        }
        let slope = Polynomial::variable(x)
            .mul(a)
            .scale(&Coefficient::integer(2));
        let square = writer.polynomial(&slope.add(b))?;
        let (cofactor, scale) = (writer.polynomial(&cofactor)?, writer.polynomial(a)?);
        return Ok(Some((
            format!("{square} ^ 2 + {zero} * {cofactor}"),
            format!("4 * {scale} * {denominator}"),
        )));
    }
    Ok(None)
}
