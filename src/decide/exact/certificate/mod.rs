//! Proofs as files that Rocq accepts.
//!
//! A certificate states the claim itself, over all spectra and with the domain as hypotheses, and proves it with the
//! partial fractions that were found: the kernel checks field identities and linear arithmetic. Claims whose proof
//! needs more (cases, draws, signs of sums) have none.

mod writer;

use std::fmt::Write as _;

use super::atom::{EIGENVALUE, Moment};
use super::fraction::Fraction;
use super::ground::{Spectrum, Stop};
use super::moment::expand;
use super::operation::Value;
use super::proof::{Proof, ground};
use crate::formula::ast::RelationOp;
use crate::term::{Node, Statement, TargetTerms, Walker};
use writer::{Text, Writer, Written};

/// The library that certificates are stated in.
pub const LIBRARY: &str = include_str!("Resolvent.v");

/// The text of a certificate, where the proof is of a kind that has one. `name` is that of the claim.
pub fn certificate(statement: &Statement, proof: &Proof, name: &str) -> Option<String> {
    if proof.answers.len() != 1 || !proof.answers[0].is_empty() || !proof.given.is_empty() {
        return None;
    }
    let model = statement.store.model(statement.model);
    // Orders need signs of sums that the kernel is not yet told of.
    if matches!(model.target, TargetTerms::Isotropic { .. }) || statement.claim.op != RelationOp::Eq
    {
        return None;
    }
    write(statement, name).ok()
}

/// The name of a certificate's file, without its ending: letters, digits and underscores.
pub fn file_name(id: &str) -> String {
    let clean: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if clean.starts_with(|c: char| c.is_ascii_alphabetic()) {
        clean
    } else {
        format!("claim_{clean}")
    }
}

struct Hypothesis {
    name: String,
    says: String,
}

fn write(statement: &Statement, id: &str) -> Result<String, Stop> {
    let (exact, _) = ground(statement, &[])?;
    let spectrum = exact.ground.spectrum;
    if spectrum == Spectrum::Infinite || !exact.ground.values.is_empty() {
        return Err(Stop::Beyond("an infinite spectrum".into()));
    }
    let mut writer = Writer::new(exact, statement);
    let mut walker = Walker::new(&statement.store);
    let lhs = writer.write(&mut walker, statement.claim.lhs)?;
    let rhs = writer.write(&mut walker, statement.claim.rhs)?;
    let gap = super::operation::difference(
        &mut writer.exact.ground,
        rhs.exact.clone(),
        lhs.exact.clone(),
    )?;
    let equality = statement.claim.op == RelationOp::Eq;
    let needs_equation = equality
        && match &gap {
            Value::Scalar(f) => !f.is_zero(),
            Value::Matrix(m) => !m.terms.is_empty(),
            Value::Mean(_) => true,
        };
    let mut hypotheses = hypotheses(statement, &mut writer, &mut walker);
    let dimension = dimension(statement, &mut writer, &mut walker)?;
    for (i, root) in writer.roots.iter().enumerate() {
        hypotheses.push(Hypothesis {
            name: format!("K{}", i + 1),
            says: format!("is_kappa S {} {} {}", root.ridge, root.samples, root.name),
        });
    }
    let mut script = String::new();
    let conclusion = conclude(&lhs, &rhs, statement.claim.op)?;
    cleared(statement, &mut writer, &mut walker, &mut script)?;
    let roots = facts(&mut writer, &mut script)?;
    let matrix = !matches!(lhs.text, Text::Scalar(_));
    if matrix {
        if needs_equation {
            return Err(Stop::Beyond(
                "a matrix equality that needs the equation of kappa".into(),
            ));
        }
        script.push_str(
            "  intros p Hp.\n  assert (Hs : 0 < fst p) by (apply (proj1 (Forall_forall _ _) HS p Hp)).\n  \
             destruct p as [s c]; cbn [fst snd] in *.\n  field; side.\n",
        );
    } else {
        split(&mut writer, spectrum, &mut script)?;
        if needs_equation {
            eliminate(&writer, &roots, &mut script)?;
        }
        let zeros = writer.roots.iter().filter(|r| r.exact.is_zero()).count();
        for i in 1..=zeros {
            let _ = writeln!(script, "  rewrite ?Z{i}.");
        }
        if equality {
            script.push_str("  field; side.\n");
        } else {
            inequality(
                &mut writer,
                &lhs,
                &rhs,
                &gap,
                statement.claim.op,
                &mut script,
            )?;
        }
    }
    Ok(assemble(
        &writer,
        spectrum,
        &dimension,
        &hypotheses,
        &conclusion,
        &script,
        id,
    ))
}

/// The file.
fn assemble(
    writer: &Writer<'_>,
    spectrum: Spectrum,
    dimension: &str,
    hypotheses: &[Hypothesis],
    conclusion: &str,
    script: &str,
    id: &str,
) -> String {
    let mut variables: Vec<String> = writer
        .names
        .iter()
        .filter(|(id, _)| writer.used.contains(id))
        .map(|(_, name)| name.clone())
        .collect();
    variables.extend(writer.roots.iter().map(|r| r.name.clone()));
    let mut text = String::new();
    let kind = match spectrum {
        Spectrum::Identity => "isotropic",
        _ => "positive",
    };
    let theorem = format!("claim_{}", file_name(id));
    let _ = writeln!(text, "(** {} *)\n", id.replace("*)", "* )"));
    let _ = writeln!(text, "From Resolvent Require Import Resolvent.\n");
    let _ = writeln!(text, "Theorem {theorem} :");
    let _ = writeln!(text, "  forall (S : spectrum)");
    if !variables.is_empty() {
        let _ = writeln!(text, "         ({} : R)", variables.join(" "));
    }
    let _ = writeln!(text, "  ,");
    let _ = writeln!(text, "  {kind} S ->\n  dim S = {dimension} ->");
    for hypothesis in hypotheses {
        let _ = writeln!(text, "  {} ->", hypothesis.says);
    }
    let _ = writeln!(text, "  {conclusion}.\nProof.");
    let names: Vec<&str> = hypotheses.iter().map(|h| h.name.as_str()).collect();
    let sure = match spectrum {
        Spectrum::Identity => "HI Hdim",
        _ => "HS Hdim",
    };
    let _ = writeln!(
        text,
        "  intros S {} {sure} {}.",
        variables.join(" "),
        names.join(" ")
    );
    if spectrum == Spectrum::Identity {
        let _ = writeln!(text, "  pose proof (isotropic_positive S HI) as HS.");
    }
    let _ = writeln!(text, "  assert (HS0 : 0 < dim S) by lra.");
    text.push_str(script);
    let _ = writeln!(text, "Qed.\n\nPrint Assumptions {theorem}.");
    text
}

fn conclude(lhs: &Written, rhs: &Written, op: RelationOp) -> Result<String, Stop> {
    let Some(sign) = rocq(op) else {
        return Err(Stop::Beyond("such a relation".into()));
    };
    match (&lhs.text, &rhs.text) {
        (Text::Scalar(a), Text::Scalar(b)) => Ok(format!("{a} {sign} {b}")),
        _ if op != RelationOp::Eq => Err(Stop::Beyond("an order of matrices".into())),
        (Text::Function(a), Text::Function(b)) => Ok(format!(
            "forall p, In p S -> (fun s => {a}) (fst p) = (fun s => {b}) (fst p)"
        )),
        (Text::Vector(a), Text::Vector(b)) | (Text::Row(a), Text::Row(b)) => Ok(format!(
            "forall p, In p S -> snd p * (fun s => {a}) (fst p) = snd p * (fun s => {b}) (fst p)"
        )),
        _ => Err(Stop::Beyond("such an equality".into())),
    }
}

fn rocq(op: RelationOp) -> Option<&'static str> {
    Some(match op {
        RelationOp::Eq => "=",
        RelationOp::Le => "<=",
        RelationOp::Ge => ">=",
        RelationOp::Lt => "<",
        RelationOp::Gt => ">",
        _ => return None,
    })
}

/// Assumptions without their denominators, which are positive.
fn cleared<'s>(
    statement: &'s Statement,
    writer: &mut Writer<'s>,
    walker: &mut Walker<'s, Written>,
    script: &mut String,
) -> Result<(), Stop> {
    for (i, assumption) in statement.assumptions.iter().enumerate() {
        let sides = writer
            .write(walker, assumption.lhs)
            .and_then(|a| Ok((a, writer.write(walker, assumption.rhs)?)));
        let Ok((a, b)) = sides else { continue };
        let (Text::Scalar(x), Text::Scalar(y)) = (&a.text, &b.text) else {
            continue;
        };
        let (low, high, less) = match assumption.op {
            RelationOp::Le | RelationOp::Lt => (
                (x, a.exact.scalar()?),
                (y, b.exact.scalar()?),
                assumption.op == RelationOp::Lt,
            ),
            RelationOp::Ge | RelationOp::Gt => (
                (y, b.exact.scalar()?),
                (x, a.exact.scalar()?),
                assumption.op == RelationOp::Gt,
            ),
            _ => continue,
        };
        let gap = high.1.sub(&low.1);
        if gap.denominator.is_empty() {
            continue;
        }
        let Some((numerator, denominator)) = oriented(writer, &gap)? else {
            continue;
        };
        let (relation, lemma) = if less {
            ("<", "Rmult_lt_0_compat")
        } else {
            ("<=", "Rmult_le_pos")
        };
        let _ = writeln!(
            script,
            "  assert (C{n} : 0 {relation} {numerator}).\n  {{ replace {numerator} with ({denominator} * ({} - {})) by (field; side).\n    \
             apply {lemma}; [try apply Rlt_le; pos | lra]. }}",
            high.0,
            low.0,
            n = i + 1,
        );
    }
    Ok(())
}

/// A fraction as numerator and denominator in Rocq, the denominator positive.
fn oriented(writer: &mut Writer<'_>, f: &Fraction) -> Result<Option<(String, String)>, Stop> {
    let mut numerator = f.numerator.clone();
    let mut factors = Vec::new();
    for (factor, &power) in &f.denominator {
        let factor = if writer.exact.ground.polynomial_sign(factor) == Some(true) {
            factor.clone()
        } else if writer.exact.ground.polynomial_sign(&factor.neg()) == Some(true) {
            if power % 2 == 1 {
                numerator = numerator.neg();
            }
            factor.neg()
        } else {
            return Ok(None);
        };
        factors.push(format!("{} ^ {power}", writer.polynomial(&factor)?));
    }
    if factors.is_empty() {
        factors.push("1".into());
    }
    let denominator = format!("({})", factors.join(" * "));
    Ok(Some((writer.polynomial(&numerator)?, denominator)))
}

/// The dimension, a symbol.
fn dimension<'s>(
    statement: &'s Statement,
    writer: &mut Writer<'s>,
    walker: &mut Walker<'s, Written>,
) -> Result<String, Stop> {
    let Some(d) = statement.store.model(statement.model).dimension else {
        return Err(Stop::Beyond("no dimension".into()));
    };
    if !matches!(statement.store.node(d), Node::Symbol(_)) {
        return Err(Stop::Beyond("a dimension that is a formula".into()));
    }
    match writer.write(walker, d)?.text {
        Text::Scalar(text) => Ok(text),
        _ => Err(Stop::Beyond("such a dimension".into())),
    }
}

/// Domains of the symbols that occur, and assumptions.
fn hypotheses<'s>(
    statement: &'s Statement,
    writer: &mut Writer<'s>,
    walker: &mut Walker<'s, Written>,
) -> Vec<Hypothesis> {
    let mut list = Vec::new();
    let mut relation = |writer: &mut Writer<'s>, name: String, a, op: &str, b| {
        let sides = writer
            .write(walker, a)
            .and_then(|a| Ok((a, writer.write(walker, b)?)));
        if let Ok((a, b)) = sides
            && let (Text::Scalar(a), Text::Scalar(b)) = (a.text, b.text)
        {
            list.push(Hypothesis {
                name,
                says: format!("{a} {op} {b}"),
            });
        }
    };
    for (i, assumption) in statement.assumptions.iter().enumerate() {
        let op = match assumption.op {
            RelationOp::Eq => "=",
            RelationOp::Le => "<=",
            RelationOp::Ge => ">=",
            RelationOp::Lt => "<",
            RelationOp::Gt => ">",
            _ => continue,
        };
        relation(
            writer,
            format!("A{}", i + 1),
            assumption.lhs,
            op,
            assumption.rhs,
        );
    }
    // A symbol's domain may bring in further symbols.
    let d = statement.store.model(statement.model).dimension;
    let mut seen = Vec::new();
    loop {
        let next = statement.symbols.iter().find(|t| {
            let is_dimension =
                d.is_some_and(|d| *statement.store.node(d) == Node::Symbol(t.symbol));
            (writer.used.contains(&t.symbol) || is_dimension) && !seen.contains(&t.symbol)
        });
        let Some(terms) = next else { break };
        seen.push(terms.symbol);
        let name = writer.names[&terms.symbol].clone();
        let own = statement
            .store
            .symbol_named(statement.store.symbol_name(terms.symbol));
        debug_assert_eq!(own, Some(terms.symbol));
        for (tag, end, below) in [("L", terms.min, true), ("U", terms.max, false)] {
            if let Ok(end) = writer.write(&mut Walker::new(&statement.store), end)
                && let Text::Scalar(end) = end.text
            {
                let says = if below {
                    format!("{end} <= {name}")
                } else {
                    format!("{name} <= {end}")
                };
                list.push(Hypothesis {
                    name: format!("{tag}_{name}"),
                    says,
                });
            }
        }
        if !writer.used.contains(&terms.symbol) {
            writer.used.push(terms.symbol);
        }
    }
    list
}

/// What the proof knows of one `κ`: its number, and whether it is positive.
struct Known {
    number: usize,
    positive: bool,
}

/// Signs of `κ`, its equation, and `df_2 < T`.
fn facts(writer: &mut Writer<'_>, script: &mut String) -> Result<Vec<Known>, Stop> {
    let isotropic = writer.exact.ground.spectrum == Spectrum::Identity;
    let mut list = Vec::new();
    let mut zeros = 0;
    for (i, root) in writer.roots.clone().into_iter().enumerate() {
        let n = i + 1;
        let (k, l, t) = (&root.name, &root.ridge, &root.samples);
        if root.exact.is_zero() {
            zeros += 1;
            let _ = writeln!(
                script,
                "  pose proof (kappa_classical S {t} {k} HS HS0 ltac:(lra) K{n}) as Z{zeros}."
            );
            list.push(Known {
                number: n,
                positive: false,
            });
            continue;
        }
        if root.exact_ridge.is_zero() {
            return Err(Stop::Beyond("kappa without ridge where T < d".into()));
        }
        let _ = writeln!(
            script,
            "  pose proof (kappa_pos S {l} {t} {k} ltac:(lra) K{n}) as P{n}.\n  \
             pose proof (df2_lt_samples S {l} {t} {k} HS HS0 ltac:(lra) ltac:(lra) P{n} K{n}) as D{n}.\n  \
             pose proof (kappa_samples S {l} {t} {k} ltac:(lra) P{n} (proj1 (proj2 K{n}))) as E{n}."
        );
        let _ = writeln!(
            script,
            "  pose proof (df_nonneg S 2 {k} HS (Rlt_le _ _ P{n})) as G{n}."
        );
        if isotropic {
            let _ = writeln!(
                script,
                "  pose proof (isotropic_samples S {t} {k} HI P{n} D{n}) as I{n}."
            );
        }
        // These facts speak of degrees of freedom.
        writer.degrees(1, k, &root.exact)?;
        writer.degrees(2, k, &root.exact)?;
        list.push(Known {
            number: n,
            positive: true,
        });
    }
    Ok(list)
}

/// The difference of the sides as a quotient of what is not negative and what is positive.
fn inequality(
    writer: &mut Writer<'_>,
    lhs: &Written,
    rhs: &Written,
    gap: &Value,
    op: RelationOp,
    script: &mut String,
) -> Result<(), Stop> {
    let gap = gap.clone().scalar()?;
    let upward = matches!(op, RelationOp::Le | RelationOp::Lt);
    let strict = matches!(op, RelationOp::Lt | RelationOp::Gt);
    let gap = if upward { gap } else { gap.neg() };
    let _ = (lhs, rhs);
    let Some((numerator, denominator)) = oriented(writer, &gap)? else {
        return Err(Stop::Beyond("a denominator without a sign".into()));
    };
    let difference = if upward { "y - x" } else { "x - y" };
    let (relation, lemma, number) = if strict {
        ("<", "Rmult_lt_0_compat", "pos")
    } else {
        (
            "<=",
            "Rmult_le_pos",
            "first [lra | nra | apply Rlt_le; pos]",
        )
    };
    let _ = writeln!(
        script,
        "  match goal with |- ?x {sign} ?y =>\n    \
         assert (G : {difference} = {numerator} / {denominator}) by (field; side)\n  end.\n  \
         assert (N : 0 {relation} {numerator}) by ({number}).\n  \
         assert (Q : 0 {relation} {numerator} / {denominator}) by (apply {lemma}; [exact N | try apply Rlt_le; pos]).\n  lra.",
        sign = rocq(op).unwrap_or("="),
    );
    Ok(())
}

/// Rewrites every sum over the spectrum by its partial fractions.
fn split(writer: &mut Writer<'_>, spectrum: Spectrum, script: &mut String) -> Result<(), Stop> {
    let sums = writer.sums.clone();
    let zeros = writer.roots.iter().filter(|r| r.exact.is_zero()).count();
    let rewriting: String = (1..=zeros).map(|i| format!("rewrite ?Z{i}; ")).collect();
    let mut bases: Vec<String> = Vec::new();
    for (i, sum) in sums.iter().enumerate() {
        let n = i + 1;
        let (head, lemma, combination) = match sum.kind {
            Moment::Trace => ("tr", "tr", "trs"),
            Moment::Target => ("quad", "quad", "quads"),
        };
        let f = &sum.function;
        let raw = format!("{head} (fun s => {f}) S");
        if spectrum == Spectrum::Identity {
            if sum.kind == Moment::Target && f == "1" {
                continue;
            }
            let _ = writeln!(
                script,
                "  pose proof ({lemma}_isotropic S (fun s => {f}) HI) as H{n}; cbv beta in H{n}.\n  \
                 change ({raw}) with {} in H{n}.",
                sum.call
            );
        } else {
            let mut items = Vec::new();
            let mut total = Vec::new();
            let expansion = expand(&sum.exact, EIGENVALUE)?;
            let mut poles: Vec<_> = (expansion.keys())
                .filter(|(_, power)| *power < 0)
                .map(|(base, _)| base.clone())
                .collect();
            poles.dedup();
            // Two poles may coincide, and then the kernel rightly refuses to divide by their distance.
            if poles.len() > 1 {
                return Err(Stop::Beyond("two poles in one sum".into()));
            }
            for ((base, power), c) in expansion {
                let c = writer.fraction(&c)?;
                let text = match power {
                    0 => "1".to_owned(),
                    p if p > 0 => format!("s ^ {p}"),
                    p => format!("/ {} ^ {}", writer.polynomial(&base)?, -p),
                };
                items.push(format!("({c}, fun s => {text})"));
                let basis = format!("{head} (fun s => {text}) S");
                total.push(format!("{c} * {basis}"));
                if !(power == 0 && sum.kind == Moment::Trace) && !bases.contains(&basis) {
                    let base = if power == 0 {
                        super::polynomial::Polynomial::variable(EIGENVALUE)
                    } else {
                        base.clone()
                    };
                    let name = format!("u{}", bases.len());
                    writer.bases.push((sum.kind, base, power, name));
                    bases.push(basis);
                }
            }
            let sum_text = total
                .iter()
                .rev()
                .fold("0".to_owned(), |rest, term| format!("({term} + {rest})"));
            if items.len() == 1
                && sum.call == format!("({})", bases.last().cloned().unwrap_or_default())
            {
                continue;
            }
            let _ = writeln!(
                script,
                "  assert (H{n} : {} = {sum_text}).\n  {{ change ({raw} = {combination} [{}] S).\n    \
                 apply {lemma}_split; [assumption|]. intros s Hs; unfold combination; cbn [fold_right fst snd].\n    \
                 {rewriting}field; side. }}",
                sum.call,
                items.join("; ")
            );
            let _ = writeln!(
                script,
                "  try change (tr (fun s => 1) S) with (tr (fun _ => 1) S) in H{n}; try rewrite tr_one in H{n}."
            );
        }
        let mut line = String::from("  ");
        for (k, root) in writer.roots.iter().enumerate() {
            if !root.exact.is_zero() {
                let m = k + 1;
                let _ = write!(
                    line,
                    "try rewrite H{n} in D{m}; try rewrite H{n} in E{m}; try rewrite H{n} in G{m}; "
                );
            }
        }
        let _ = writeln!(script, "{line}try rewrite H{n}.\n  clear H{n}.");
    }
    let _ = writeln!(script, "  try rewrite Hdim in *.");
    for (i, basis) in bases.iter().enumerate() {
        let _ = writeln!(script, "  set (u{i} := {basis}) in *; clearbody u{i}.");
    }
    Ok(())
}

/// The equation of `κ` gives the ridge, where that is a symbol.
fn eliminate(writer: &Writer<'_>, roots: &[Known], script: &mut String) -> Result<(), Stop> {
    let mut done = Vec::new();
    for known in roots.iter().filter(|r| r.positive) {
        let root = &writer.roots[known.number - 1];
        let symbol = root.exact_ridge.numerator.as_variable().is_some()
            && root.exact_ridge.denominator.is_empty();
        if !symbol || done.contains(&root.ridge) {
            return Err(Stop::Beyond("a ridge that is no symbol".into()));
        }
        done.push(root.ridge.clone());
        let n = known.number;
        let (k, l, t) = (&root.name, &root.ridge, &root.samples);
        // T (κ − λ) = r, so λ = κ − r/T.
        let _ = writeln!(
            script,
            "  match type of E{n} with _ = ?r =>\n    assert (V{n} : {l} = {k} - r / {t}) by (rewrite <- E{n}; field; side)\n  end.\n  \
             clear E{n}; clear K{n}; try rewrite V{n}."
        );
    }
    Ok(())
}
