//! Equalities and orders whose sums are taken whole: linear in them, or quadratic, and then a matter of one
//! eigenvalue or of two.

use super::super::atom::{EIGENVALUE, Moment};
use super::super::fraction::Fraction;
use super::super::ground::{Stop, coefficients};
use super::super::polynomial::{Monomial, Polynomial, Variable};
use super::super::squares;
use super::premises::{factored, upright};
use super::roots;
use super::script::{Script, say};
use super::sums::{head, zeros};
use super::writer::Writer;
use crate::formula::ast::RelationOp;
use crate::number::Coefficient;

/// The eigenvalue of the second sum, and its distance from the first.
const SECOND: Variable = 1;

/// One sum in a difference: its function, or 1 for the dimension.
#[derive(Clone)]
struct Item {
    kind: Moment,
    text: String,
    f: Fraction,
}

/// Proves the claim from the difference of its sides.
pub fn settle(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    op: RelationOp,
    script: &mut Script,
) -> Result<(), Stop> {
    if !writer.surds.is_empty() {
        return Err(Stop::Beyond("roots beside sums taken whole".into()));
    }
    same(writer, script)?;
    if op == RelationOp::Eq {
        return equality(writer, gap, script);
    }
    let (gap, strict) = upward(gap, op, script);
    signs(writer, script);
    for attempt in [direct, linear, quadratic] {
        let mut own = script.clone();
        if attempt(writer, &gap, strict, &mut own).is_ok() {
            *script = own;
            return Ok(());
        }
    }
    Err(Stop::Beyond("such an order".into()))
}

/// An order without sums.
pub fn seen_at_once(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    op: RelationOp,
    script: &mut Script,
) -> Result<(), Stop> {
    let (gap, strict) = upward(gap, op, script);
    direct(writer, &gap, strict, script)
}

/// The goal as `x ≤ y` or `x < y`, the difference as `y − x`, and whether it is strict.
pub fn upward(gap: &Fraction, op: RelationOp, script: &mut Script) -> (Fraction, bool) {
    match op {
        RelationOp::Ge => say!(script, "apply Rle_ge."),
        RelationOp::Gt => say!(script, "apply Rlt_gt."),
        _ => {}
    }
    let upward = matches!(op, RelationOp::Le | RelationOp::Lt);
    let strict = op.is_strict();
    (if upward { gap.clone() } else { gap.neg() }, strict)
}

/// Sums of equal functions are equal, sums of constants multiples of the dimension.
fn same(writer: &mut Writer<'_>, script: &mut Script) -> Result<(), Stop> {
    let sums = writer.sums.clone();
    for (i, sum) in sums.iter().enumerate() {
        let n = i + 1;
        if sum.kind == Moment::Trace && !sum.exact.mentions(EIGENVALUE) {
            let c = writer.fraction(&sum.exact)?;
            say!(
                script,
                "assert (H{n} : {call} = {c} * dim S).\n\
                 {{ rewrite <- tr_one, <- tr_scale. unfold df in *. apply tr_ext; [assumption|].\n  \
                 intros s Hs. {}field; side. }}\n\
                 rewrite Hdim in H{n}. rewrite ?H{n}. clear H{n}.",
                zeros(writer, "; "),
                call = sum.call,
            );
            continue;
        }
        let first = sums[..i]
            .iter()
            .find(|s| s.kind == sum.kind && s.exact == sum.exact);
        if let Some(first) = first {
            say!(
                script,
                "assert (H{n} : {} = {}).\n\
                 {{ unfold df in *. apply {}_ext; [assumption|]. intros s Hs. {}field; side. }}\n\
                 rewrite ?H{n}. clear H{n}.",
                sum.call,
                first.call,
                head(sum.kind),
                zeros(writer, "; "),
            );
        }
    }
    let zeros = zeros(writer, ". ");
    if !zeros.is_empty() {
        say!(script, "{zeros}");
    }
    Ok(())
}

/// The signs of sums whose functions have one.
fn signs(writer: &Writer<'_>, script: &mut Script) {
    for (i, sum) in writer.sums.iter().enumerate() {
        let Some(v) = sum.whole else { continue };
        let n = i + 1;
        let prove = match (writer.exact.ground.sign(v), sum.kind) {
            (Some(true), Moment::Trace) => {
                format!(
                    "(N{n} : 0 < {}) by (apply tr_pos; [assumption | assumption | intros s Hs; pos])",
                    sum.call
                )
            }
            (Some(true), Moment::Target) if writer.has_target() => format!(
                "(N{n} : 0 < {}) by (apply quad_pos; [assumption | assumption | intros s Hs; pos])",
                sum.call
            ),
            (Some(_), kind) => format!(
                "(N{n} : 0 <= {}) by (apply {}_nonneg; [assumption | intros s Hs; nonneg])",
                sum.call,
                head(kind)
            ),
            (None, _) => continue,
        };
        say!(script, "try assert {prove}.");
    }
}

fn equality(writer: &mut Writer<'_>, gap: &Fraction, script: &mut Script) -> Result<(), Stop> {
    if gap.is_zero() {
        say!(script, "field; side.");
        return Ok(());
    }
    let mut own = script.clone();
    if roots::degrees_known(writer, gap, &mut own)?.is_zero() {
        say!(own, "field; side.");
        *script = own;
        return Ok(());
    }
    let (traces, forms) = terms(writer, gap)?;
    let mut parts = Vec::new();
    for (tag, list, name) in [("T", traces, "trs"), ("Q", forms, "quads")] {
        if list.is_empty() {
            continue;
        }
        if !pointwise(&list).is_zero() {
            return Err(Stop::Beyond("sums that cancel in another way".into()));
        }
        let text = combination(writer, &list)?;
        say!(
            script,
            "assert (Z{tag} : {name} {text} S = 0).\n\
             {{ apply {name}_zero; [assumption|]. intros s Hs; unfold combination; cbn [fold_right fst snd].\n  \
             {}field; side. }}",
            zeros(writer, "; ")
        );
        parts.push(format!("{name} {text} S"));
    }
    difference(&parts.join(" + "), script);
    say!(script, "lra.");
    Ok(())
}

/// `y − x` is the sum given.
fn difference(sum: &str, script: &mut Script) {
    say!(
        script,
        "let side_x := match goal with |- ?x = _ => x | |- ?x <= _ => x | |- ?x < _ => x end in\n\
         let side_y := match goal with |- _ = ?y => y | |- _ <= ?y => y | |- _ < ?y => y end in\n\
         assert (W : side_y - side_x = {sum}).\n\
         {{ unfold trs, quads, trs2, df in *; cbn [fold_right fst snd]. rewrite ?tr_one, ?Hdim. field; side. }}"
    );
}

/// As a quotient of what is not negative and what is positive.
fn direct(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    strict: bool,
    script: &mut Script,
) -> Result<(), Stop> {
    let known = writer.exact.ground.has_sign(gap, strict);
    // What follows from several eigenvalues at once has a proof of its own.
    if !known {
        return Err(Stop::Beyond("a sign that is not seen".into()));
    }
    let Some((numerator, d)) = upright(writer, gap)? else {
        return Err(Stop::Beyond("a denominator without a sign".into()));
    };
    let (n, d) = squared(writer, &numerator, d, strict)?;
    let (lemma, number) = if strict {
        ("lt_by", "pos")
    } else {
        ("le_by", "nonneg")
    };
    say!(
        script,
        "apply {lemma} with (n := {n}) (d := {d}); [field; side | {number} | pos]."
    );
    Ok(())
}

/// A sign of the function that is summed.
fn linear(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    strict: bool,
    script: &mut Script,
) -> Result<(), Stop> {
    let (traces, forms) = terms(writer, gap)?;
    if !strict {
        return summed(writer, &traces, &forms, None, script);
    }
    // One of the two sums is enough.
    for kind in [Moment::Trace, Moment::Target] {
        let list = if kind == Moment::Trace {
            &traces
        } else {
            &forms
        };
        let mut own = script.clone();
        if !list.is_empty() && summed(writer, &traces, &forms, Some(kind), &mut own).is_ok() {
            *script = own;
            return Ok(());
        }
    }
    Err(Stop::Beyond("a strict order that no sum shows".into()))
}

/// Signs of both sums, strict for one of them where asked.
fn summed(
    writer: &mut Writer<'_>,
    traces: &Weighted,
    forms: &Weighted,
    strict: Option<Moment>,
    script: &mut Script,
) -> Result<(), Stop> {
    let mut parts = Vec::new();
    for (tag, list, kind) in [("T", traces, Moment::Trace), ("Q", forms, Moment::Target)] {
        if list.is_empty() {
            continue;
        }
        let strict = strict == Some(kind);
        let name = format!("{}s", head(kind));
        let text = combination(writer, list)?;
        let (n, d) = seen(writer, &pointwise(list), strict)?;
        let (sign, suffix, by, number, premises) = if strict {
            ("<", "pos", "pos_by", "pos", "[assumption | assumption |]")
        } else {
            ("<=", "nonneg", "nonneg_by", "nonneg", "[assumption |]")
        };
        say!(
            script,
            "assert (Z{tag} : 0 {sign} {name} {text} S).\n\
             {{ apply {name}_{suffix}; {premises}. intros s Hs; unfold combination; cbn [fold_right fst snd].\n  \
             apply {by} with (n := {n}) (d := {d}); [{}field; side | {number} | pos]. }}",
            zeros(writer, "; ")
        );
        parts.push(format!("{name} {text} S"));
    }
    difference(&parts.join(" + "), script);
    say!(script, "lra.");
    Ok(())
}

/// A sign of a function of two eigenvalues, in either order.
fn quadratic(
    writer: &mut Writer<'_>,
    gap: &Fraction,
    strict: bool,
    script: &mut Script,
) -> Result<(), Stop> {
    if strict {
        return Err(Stop::Beyond("a strict order of products of traces".into()));
    }
    let pairs = pairs(writer, gap)?;
    let mut texts = Vec::new();
    let mut f = Fraction::zero();
    for (c, a, b) in &pairs {
        let second = |g: &Fraction| g.rename(&|v| if v == EIGENVALUE { SECOND } else { v });
        texts.push(format!(
            "({}, (fun s => {}, fun s => {}))",
            writer.fraction(c)?,
            a.text,
            b.text
        ));
        let both = a.f.mul(&second(&b.f)).add(&second(&a.f).mul(&b.f));
        f = f.add(&c.mul(&both));
    }
    let sum = Polynomial::variable(EIGENVALUE).add(&Polynomial::variable(SECOND));
    let moved = f
        .substitute(SECOND, &sum.into())
        .ok_or_else(|| Stop::Beyond("eigenvalues that meet".into()))?;
    let (n, d) = seen(writer, &moved, false)?;
    let list = format!("[{}]", texts.join("; "));
    say!(
        script,
        "assert (ZT : 0 <= trs2 {list} S).\n\
         {{ assert (O : forall s t, 0 < s -> s <= t -> 0 <= combination2 {list} s t + combination2 {list} t s).\n  \
         {{ intros s t Hs Hst. set (e := t - s). assert (He : 0 <= e) by (unfold e; lra).\n    \
         replace t with (s + e) by (unfold e; ring). clearbody e. clear Hst t.\n    \
         unfold combination2; cbn [fold_right fst snd].\n    \
         apply nonneg_by with (n := {n}) (d := {d}); [{}field; side | nonneg | pos]. }}\n  \
         apply trs2_nonneg; [assumption|]. intros s t Hs Ht. destruct (Rle_or_lt s t) as [Hst | Hst].\n  \
         - apply O; assumption.\n  \
         - rewrite Rplus_comm. apply O; lra. }}",
        zeros(writer, "; ")
    );
    difference(&format!("trs2 {list} S"), script);
    say!(script, "lra.");
    Ok(())
}

/// Numerator and denominator of what has a sign that is seen.
fn seen(writer: &mut Writer<'_>, f: &Fraction, strict: bool) -> Result<(String, String), Stop> {
    if !writer.exact.ground.has_sign(f, strict) {
        return Err(Stop::Beyond("a sign that is not seen".into()));
    }
    let (numerator, d) =
        upright(writer, f)?.ok_or_else(|| Stop::Beyond("a denominator without a sign".into()))?;
    squared(writer, &numerator, d, strict)
}

/// Numerator and denominator in Rocq, the first as a sum of squares where its coefficients show no sign.
fn squared(
    writer: &mut Writer<'_>,
    numerator: &Polynomial,
    d: String,
    strict: bool,
) -> Result<(String, String), Stop> {
    let ground = &mut writer.exact.ground;
    let plain = coefficients(ground, numerator).is_some();
    let found = (!plain).then(|| squares::above(ground, numerator, strict));
    let Some((least, found)) = found.flatten() else {
        if !plain && ground.polynomial_sign(numerator).is_none() {
            return Err(Stop::Beyond(
                "squares over a multiplier that may vanish".into(),
            ));
        }
        return Ok((factored(writer, numerator)?, d));
    };
    let mut parts = Vec::new();
    if !least.is_zero() {
        parts.push(writer.polynomial(&found.multiplier.scale(&least))?);
    }
    for (c, weight, root) in &found.terms {
        let weight = Polynomial::term(weight.clone(), c.clone());
        let (weight, root) = (writer.polynomial(&weight)?, writer.polynomial(root)?);
        parts.push(format!("{weight} * {root} ^ 2"));
    }
    let d = if found.multiplier.is_one() {
        d
    } else {
        format!("({} * {d})", writer.polynomial(&found.multiplier)?)
    };
    Ok((format!("({})", parts.join(" + ")), d))
}

type Weighted = Vec<(Fraction, Item)>;

/// The sums that a monomial holds, and what else.
fn holds(writer: &Writer<'_>, m: &Monomial, dimension: bool) -> (Vec<Item>, Monomial) {
    let d = writer.exact.ground.dimension.numerator.as_variable();
    let mut items = Vec::new();
    let mut rest = Monomial::default();
    for &(v, power) in &m.0 {
        let sum = writer.sums.iter().find(|s| s.whole == Some(v));
        let item = match sum {
            Some(sum) => Item {
                kind: sum.kind,
                text: sum.function.clone(),
                f: sum.exact.clone(),
            },
            None if dimension && Some(v) == d => Item {
                kind: Moment::Trace,
                text: "1".into(),
                f: Fraction::one(),
            },
            None => {
                rest = rest.mul(&Monomial::of(v, power));
                continue;
            }
        };
        items.extend(std::iter::repeat_n(item, power as usize));
    }
    (items, rest)
}

/// A difference as products of `degree` sums with their coefficients. The dimension is a sum where there are too few.
fn products(
    writer: &Writer<'_>,
    gap: &Fraction,
    degree: usize,
) -> Result<Vec<(Fraction, Vec<Item>)>, Stop> {
    let scale = Fraction {
        numerator: Polynomial::one(),
        denominator: gap.denominator.clone(),
    };
    'ways: for dimension in [false, true] {
        let mut list = Vec::new();
        for (m, c) in &gap.numerator.terms {
            let (items, rest) = holds(writer, m, dimension);
            if items.len() != degree {
                continue 'ways;
            }
            list.push((scale.mul(&one(rest, c).into()), items));
        }
        return Ok(list);
    }
    Err(Stop::Beyond("products of sums of several degrees".into()))
}

fn one(m: Monomial, c: &Coefficient) -> Polynomial {
    Polynomial::term(m, c.clone())
}

/// A difference that is linear in its sums: those over eigenvalues, and those with `w0`.
fn terms(writer: &Writer<'_>, gap: &Fraction) -> Result<(Weighted, Weighted), Stop> {
    let (mut traces, mut forms): (Weighted, Weighted) = (Vec::new(), Vec::new());
    for (c, mut items) in products(writer, gap, 1)? {
        let Some(item) = items.pop() else { continue };
        let list = match item.kind {
            Moment::Trace => &mut traces,
            Moment::Target => &mut forms,
        };
        match list.iter_mut().find(|(_, known)| known.text == item.text) {
            Some((sum, _)) => *sum = sum.add(&c),
            None => list.push((c, item)),
        }
    }
    Ok((traces, forms))
}

/// A difference that is quadratic in its traces.
fn pairs(writer: &Writer<'_>, gap: &Fraction) -> Result<Vec<(Fraction, Item, Item)>, Stop> {
    let mut list = Vec::new();
    for (c, mut items) in products(writer, gap, 2)? {
        if let (Some(a), Some(b)) = (items.pop(), items.pop()) {
            if a.kind != Moment::Trace || b.kind != Moment::Trace {
                return Err(Stop::Beyond("products with forms in w0".into()));
            }
            list.push((c, a, b));
        }
    }
    Ok(list)
}

fn pointwise(list: &Weighted) -> Fraction {
    list.iter().fold(Fraction::zero(), |total, (c, item)| {
        total.add(&c.mul(&item.f))
    })
}

fn combination(writer: &Writer<'_>, list: &Weighted) -> Result<String, Stop> {
    let items: Result<Vec<String>, Stop> = list
        .iter()
        .map(|(c, item)| Ok(format!("({}, fun s => {})", writer.fraction(c)?, item.text)))
        .collect();
    Ok(format!("[{}]", items?.join("; ")))
}
