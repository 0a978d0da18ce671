//! Proofs as files that Rocq accepts.
//!
//! A certificate states the claim itself, over all spectra and with the domain as hypotheses, and proves it with the
//! normal forms that were found: the kernel checks field identities and linear arithmetic. At its end it states the
//! claim once more, so that a slip in either statement is refused.

mod algebra;
mod draws;
mod order;
mod premises;
mod print;
mod roots;
mod script;
mod series;
mod sums;
mod surds;
mod theorem;
mod writer;

use std::fmt::Write as _;

use super::atom::Moment;
use super::fraction::Fraction;
use super::ground::{Answer, Spectrum, Stop};
use super::mean::ROTATIONS;
use super::operation::Value;
use super::proof::{Proof, ground, prove};
use crate::formula::ast::RelationOp;
use crate::term::order::of_matrices;
use crate::term::{Node, Statement, TargetTerms, Walker};
use premises::Hypothesis;
use script::{Script, reworded, say};
use theorem::{Head, Theorem};
pub use writer::of_derivative;
use writer::{Choice, Mode, Text, Writer};

pub use writer::DERIVATIVE;

/// The library that certificates are stated in.
pub const LIBRARY: &str = include_str!("Resolvent.v");

/// The definition that names the `κ` whose derivative a claim speaks of.
pub const DERIVED: &str = "kappa of the derivative";

/// Longest statement about means: products written out beyond it take Rocq minutes.
const MAX_TEXT: usize = 600;

/// Why claims of an isotropic target have no certificate where draws or means occur.
const EVEN_TARGET: &str =
    "what it says of w0 may rest on the law of w0, which no certificate states";

/// The text of a certificate. `name` is that of the claim.
///
/// # Errors
/// Why a proof has none, in words.
pub fn certificate(statement: &Statement, proof: &Proof, name: &str) -> Result<String, String> {
    if let Some(drawn) = draws::drawn(statement) {
        return match &proof.given[..] {
            [] => of_means(statement, &drawn, name),
            [theorem] if theorem == ROTATIONS => {
                of_means(statement, &drawn, name).or_else(|_| of_rotations(statement, proof, name))
            }
            given => of_means(statement, &drawn, name).map_err(|_| rests_on(given)),
        };
    }
    if !proof.given.is_empty() {
        return Err(rests_on(&proof.given));
    }
    let told = |stop: Stop| stop.in_words();
    // A proof by induction has no cases.
    if proof.answers.is_empty() {
        return Ok(file(name, &[series::theorem(statement).map_err(told)?]));
    }
    let theorems = match theorem(statement, &proof.answers) {
        Ok(theorem) => vec![theorem],
        Err(refused) => match series::theorem(statement) {
            Ok(theorem) => vec![theorem],
            Err(stop) if !mentions(statement, is_drawn) => {
                let sums = mentions(statement, |node| matches!(node, Node::Fold { .. }));
                return Err(if sums { stop } else { refused }.in_words());
            }
            // What the claim says of `w0` there may rest on its law.
            Err(_) if isotropic_target(statement) => return Err(EVEN_TARGET.into()),
            Err(_) => draws(statement, proof).map_err(told)?,
        },
    };
    Ok(file(name, &theorems))
}

/// That a proof takes theorems for granted.
pub fn rests_on(theorems: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = theorems.iter().map(AsRef::as_ref).collect();
    let what = if names.len() == 1 {
        "a theorem"
    } else {
        "theorems"
    };
    format!("rests on {what}: {}", names.join("; "))
}

/// Whether a part of the claim is such a one.
fn mentions(statement: &Statement, such: fn(&Node) -> bool) -> bool {
    let mut found = false;
    for side in [statement.claim.lhs, statement.claim.rhs] {
        (statement.store).visit(side, &mut |_, node| found |= such(node));
    }
    found
}

fn is_drawn(node: &Node) -> bool {
    matches!(node, Node::Random(_) | Node::Member(..))
}

/// A theorem about draws for each case, once where cases read alike.
fn draws(statement: &Statement, proof: &Proof) -> Result<Vec<Theorem>, Stop> {
    let mut theorems: Vec<Theorem> = Vec::new();
    for answers in &proof.answers {
        let theorem = draws::theorem(statement, answers)?;
        if theorems.iter().all(|known| known.head != theorem.head) {
            theorems.push(theorem);
        }
    }
    Ok(theorems)
}

/// A claim about means that holds draw by draw, by linearity: then no law is needed.
fn of_means(statement: &Statement, drawn: &Statement, name: &str) -> Result<String, String> {
    let proof = prove(drawn)
        .map_err(|_| "holds in the mean, not draw by draw: no Rocq theory of the laws of draws")?;
    if !proof.given.is_empty() {
        return Err(rests_on(&proof.given));
    }
    if isotropic_target(statement) {
        return Err(EVEN_TARGET.into());
    }
    if proof.answers.is_empty() {
        return Err("means of what is proved by induction have no certificate".into());
    }
    let theorems = draws(statement, &proof).map_err(|stop| stop.in_words())?;
    let longest = theorems.iter().map(|t| t.head.conclusion.len()).max();
    match longest.filter(|length| *length > MAX_TEXT) {
        None => Ok(file(name, &theorems)),
        Some(length) => Err(format!(
            "too long for the kernel: its statement takes {length} characters written out, {MAX_TEXT} are allowed"
        )),
    }
}

/// A claim about means that rests on invariance under rotations, which the certificate then states as a premise.
fn of_rotations(statement: &Statement, proof: &Proof, name: &str) -> Result<String, String> {
    if isotropic_target(statement) {
        return Err(EVEN_TARGET.into());
    }
    if proof.answers.is_empty() {
        return Err(rests_on(&proof.given));
    }
    let theorems: Result<Vec<_>, _> = (proof.answers.iter())
        .map(|answers| draws::rotated::theorem(statement, answers))
        .collect();
    let theorems =
        theorems.map_err(|stop| format!("{}, and {}", rests_on(&proof.given), stop.in_words()))?;
    Ok(file(name, &theorems))
}

fn isotropic_target(statement: &Statement) -> bool {
    let model = statement.store.model(statement.model);
    matches!(model.target, TargetTerms::Isotropic { .. })
}

/// The name of a certificate's file, without its ending: letters, digits and underscores, since Rocq makes it the
/// name of a module.
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

fn theorem(statement: &Statement, cases: &[Vec<Answer>]) -> Result<Theorem, Stop> {
    let mut head = None;
    let mut script = Script::default();
    tree(statement, cases, &mut Vec::new(), &mut head, &mut script)?;
    match head {
        Some(head) => Ok(Theorem { head, script }),
        None => Err(Stop::Beyond("a proof without cases".into())),
    }
}

/// The proof under the answers given so far: their case, or a split into two.
fn tree(
    statement: &Statement,
    cases: &[Vec<Answer>],
    path: &mut Vec<Answer>,
    head: &mut Option<Head>,
    script: &mut Script,
) -> Result<(), Stop> {
    let below: Vec<&Vec<Answer>> = cases.iter().filter(|c| c.starts_with(path)).collect();
    if below.is_empty() {
        say!(script, "exfalso; lra.");
        return Ok(());
    }
    if below.len() == 1 && below[0].len() == path.len() {
        let (own, lines) = case(statement, path)?;
        if head.as_ref().is_some_and(|known| *known != own) {
            return Err(Stop::Beyond(
                "a claim that reads differently by cases".into(),
            ));
        }
        head.get_or_insert(own);
        for line in lines.text().lines() {
            say!(script, "{}", line.trim_start_matches("  "));
        }
        return Ok(());
    }
    let next = below.iter().find_map(|c| c.get(path.len()));
    let Some(question) = next.and_then(premises::question) else {
        return Err(Stop::Beyond("values one by one".into()));
    };
    let (exact, _) = ground(statement, path, &[])?;
    let writer = Writer::new(exact, statement, Mode::Whole);
    let name = format!("B{}", path.len() + 1);
    say!(script, "{}", premises::split(&writer, &question, &name)?);
    for answer in question.answers() {
        path.push(answer);
        say!(script, "{{");
        script.indent += 2;
        tree(statement, cases, path, head, script)?;
        script.indent -= 2;
        say!(script, "}}");
        path.pop();
    }
    Ok(())
}

/// One case, with sums taken whole if that is enough, else with their partial fractions.
fn case(statement: &Statement, answers: &[Answer]) -> Result<(Head, Script), Stop> {
    match case_in(statement, answers, Mode::Whole) {
        Err(_) => case_in(statement, answers, Mode::Apart),
        found => found,
    }
}

fn case_in(statement: &Statement, answers: &[Answer], mode: Mode) -> Result<(Head, Script), Stop> {
    let (exact, _) = ground(statement, answers, &[])?;
    let spectrum = exact.ground.spectrum;
    if spectrum == Spectrum::Infinite || mode == Mode::Whole && spectrum == Spectrum::Identity {
        let what = match spectrum {
            Spectrum::Infinite => "an infinite spectrum",
            _ => "sums over an isotropic spectrum taken whole",
        };
        return Err(Stop::Beyond(what.into()));
    }
    let mut writer = Writer::new(exact, statement, mode);
    let mut walker = Walker::new(&statement.store);
    let claim = of_matrices(&statement.store, &statement.claim).unwrap_or(statement.claim);
    derived(statement, &mut writer)?;
    // κ may be met after a root that belongs to it: the second time all are known.
    if !writer.surds.is_empty() || spectrum == Spectrum::Identity {
        writer.write(&mut walker, claim.lhs)?;
        writer.write(&mut walker, claim.rhs)?;
        walker = Walker::new(&statement.store);
        writer.surds.clear();
    }
    let lhs = writer.write(&mut walker, claim.lhs)?;
    let rhs = writer.write(&mut walker, claim.rhs)?;
    if isotropic_target(statement) && writer.sums.iter().any(|sum| sum.kind == Moment::Target) {
        return Err(Stop::Beyond("a target in every direction alike".into()));
    }
    let gap = super::operation::difference(
        &mut writer.exact.ground,
        rhs.exact.clone(),
        lhs.exact.clone(),
    )?;
    let mut hypotheses = premises::hypotheses(statement, &mut writer, &mut walker);
    let dimension = premises::dimension(statement, &mut writer, &mut walker, &mut hypotheses)?;
    let conclusion = premises::conclude(&lhs, &rhs, claim.op)?;
    let head = head(&writer, &dimension, &hypotheses, &conclusion)?;
    let mut script = Script::default();
    premises::cleared(statement, &mut writer, &mut walker, &mut script)?;
    roots::facts(&mut writer, &mut script)?;
    if matches!(lhs.text, Text::Scalar(_)) {
        choices(&mut writer, &mut script)?;
        match mode {
            Mode::Whole => {
                order::settle(&mut writer, &gap.scalar()?, claim.op, &mut script)?;
            }
            Mode::Apart => apart(&mut writer, &gap, claim.op, &mut script)?,
        }
    } else {
        pointwise(&mut writer, &gap, claim.op, &mut script)?;
    }
    Ok((head, script))
}

/// The derivative of `κ` that the claim speaks of, as a number.
fn derived<'s>(statement: &'s Statement, writer: &mut Writer<'s>) -> Result<(), Stop> {
    let Some(id) = statement.definition(DERIVED) else {
        return Ok(());
    };
    let kappa = writer.write(&mut Walker::new(&statement.store), id)?;
    let root = &writer.roots[0];
    let (name, samples) = (root.name.clone(), root.exact_samples.clone());
    let at = kappa.exact.scalar()?;
    let df = writer.degrees(2, &name, &at)?;
    let share = df
        .exact
        .scalar()?
        .mul(&writer.exact.ground.inverse(&samples)?);
    let slope = writer.exact.ground.inverse(&Fraction::one().sub(&share))?;
    writer.slope = Some(Value::Scalar(slope));
    let ridge = writer.roots[0].ridge.clone();
    for terms in &statement.symbols {
        let [body, value] = of_derivative(statement.store.symbol_name(terms.symbol));
        let (Some(body), Some(value)) = (statement.definition(&body), statement.definition(&value))
        else {
            continue;
        };
        let body = writer.write(&mut Walker::new(&statement.store), body)?;
        let Text::Scalar(text) = body.text else {
            return Err(Stop::Beyond("the derivative of a matrix".into()));
        };
        let along = reworded(&text, &|word| match word {
            _ if word == name => Some("(kappa ridge)".to_owned()),
            _ if word == ridge => Some("ridge".to_owned()),
            _ => None,
        });
        // Its rule brings in the degrees of freedom of the next order.
        for order in 1..=16 {
            if text.contains(&format!("(df {order} {name} S)")) {
                writer.degrees(order + 1, &name, &at)?;
            }
        }
        let value = writer
            .exact
            .value(&mut Walker::new(&statement.store), value)?;
        writer.slopes.push((terms.symbol, along, value));
    }
    Ok(())
}

/// Functions of the eigenvalue that are equal, or in order, one eigenvalue at a time.
fn pointwise(
    writer: &mut Writer<'_>,
    gap: &Value,
    op: RelationOp,
    script: &mut Script,
) -> Result<(), Stop> {
    let order = match gap {
        Value::Matrix(m) if op != RelationOp::Eq => m.as_spectral(),
        _ => None,
    };
    let equal = matches!(gap, Value::Matrix(m) if m.terms.is_empty());
    if order.is_none() && !equal {
        return Err(Stop::Beyond(
            "a matrix equality that needs the equation of kappa".into(),
        ));
    }
    say!(
        script,
        "intros p Hp.\n\
         assert (Hs : 0 < fst p) by (apply (proj1 (Forall_forall _ _) HS p Hp)).\n\
         destruct p as [s c]; cbn [fst snd] in *."
    );
    let Some(order) = order else {
        say!(script, "{}field; side.", sums::zeros(writer, "; "));
        return Ok(());
    };
    let zeros = sums::zeros(writer, ". ");
    if !zeros.is_empty() {
        say!(script, "{zeros}");
    }
    order::seen_at_once(writer, &order, op, script)
}

/// Larger and smaller numbers, sizes and roots, as what they are here.
fn choices(writer: &mut Writer<'_>, script: &mut Script) -> Result<(), Stop> {
    for (i, choice) in writer.choices.clone().into_iter().enumerate() {
        let Choice {
            lemma,
            gap,
            low,
            high,
            ..
        } = choice;
        let n = i + 1;
        let Some((numerator, denominator)) = premises::oriented(writer, &gap)? else {
            return Err(Stop::Beyond("an extreme of quotients".into()));
        };
        say!(
            script,
            "assert (M{n} : {low} <= {high}).\n\
             {{ apply le_by with (n := {numerator}) (d := {denominator}); [field; side | first [lra | nonneg] | pos]. }}\n\
             rewrite ({lemma} M{n})."
        );
    }
    Ok(())
}

/// Partial fractions, and the equation of `κ` for the trace they leave.
fn apart(
    writer: &mut Writer<'_>,
    gap: &Value,
    op: RelationOp,
    script: &mut Script,
) -> Result<(), Stop> {
    let gap = gap.clone().scalar()?;
    let isotropic = writer.exact.ground.spectrum == Spectrum::Identity;
    if op != RelationOp::Eq && !isotropic && !writer.sums.is_empty() {
        return Err(Stop::Beyond("such an order".into()));
    }
    surds::named(writer, script)?;
    if writer.has_target() {
        say!(
            script,
            "assert (NW : 0 < quad (fun s => 1) S) by (apply quad_pos; [assumption | assumption | intros; lra])."
        );
    }
    let bases = sums::split(writer, script)?;
    let mut known = Vec::new();
    if !gap.is_zero() && !isotropic {
        known = roots::traces_known(writer, script)?;
    }
    say!(script, "try rewrite Hdim in *.");
    for (i, basis) in bases.iter().enumerate() {
        say!(script, "set (u{i} := {basis}) in *; clearbody u{i}.");
    }
    for name in known {
        say!(script, "subst {name}.");
    }
    if op == RelationOp::Eq && isotropic {
        let mut own = script.clone();
        match roots::ridges_known(writer, &mut own) {
            Ok(()) if !gap.is_zero() || !writer.surds.is_empty() => *script = own,
            Err(stop) if !gap.is_zero() => return Err(stop),
            _ => {}
        }
    }
    for (i, root) in writer.roots.iter().enumerate() {
        if root.exact_ridge.is_zero() && root.ridge != "0" {
            say!(script, "rewrite ?R{}.", i + 1);
        }
    }
    let zeros = sums::zeros(writer, ". ");
    if !zeros.is_empty() {
        say!(script, "{zeros}");
    }
    surds::known(writer, script)?;
    if surds::settle(writer, &gap, op, script)? {
        return Ok(());
    }
    if op != RelationOp::Eq {
        return order::seen_at_once(writer, &gap, op, script);
    }
    say!(script, "field; side.");
    Ok(())
}

/// What is stated.
fn head(
    writer: &Writer<'_>,
    dimension: &str,
    hypotheses: &[Hypothesis],
    conclusion: &str,
) -> Result<Head, Stop> {
    let mut variables: Vec<String> = writer
        .names
        .iter()
        .filter(|(id, _)| writer.used.contains(id))
        .map(|(_, name)| name.clone())
        .collect();
    variables.extend(writer.roots.iter().map(|r| r.name.clone()));
    let mut binders = "(S : spectrum)".to_owned();
    if !variables.is_empty() {
        let _ = write!(binders, " ({} : R)", variables.join(" "));
    }
    let kind = match writer.exact.ground.spectrum {
        Spectrum::Identity => ("HI", "isotropic S"),
        _ => ("HS", "positive S"),
    };
    let mut premises = vec![
        (kind.0.to_owned(), kind.1.to_owned()),
        ("Hdim".to_owned(), format!("dim S = {dimension}")),
    ];
    if writer.has_target() {
        premises.push(("HW".to_owned(), "target S".to_owned()));
    }
    for h in hypotheses {
        premises.push((h.name.clone(), h.says.clone()));
    }
    let mut conclusion = conclusion.to_owned();
    for (i, root) in writer.roots.iter().enumerate() {
        let n = i + 1;
        let (k, l, t) = (&root.name, &root.ridge, &root.samples);
        if i == 0 && writer.slope.is_some() {
            binders.push_str(" (kappa : R -> R)");
            premises.push((
                "M".into(),
                format!("(forall ridge, 0 < ridge -> is_kappa S ridge {t} (kappa ridge))"),
            ));
            premises.push(("Q".into(), format!("{k} = kappa {l}")));
            let mut names = "D".to_owned();
            let mut rules = format!("derivable_pt_lim kappa {l} D");
            for (j, (_, along, _)) in writer.slopes.iter().enumerate() {
                let _ = write!(names, " D{}", j + 2);
                let _ = write!(
                    rules,
                    " /\\ derivable_pt_lim (fun ridge => {along}) {l} D{}",
                    j + 2
                );
            }
            conclusion = format!("exists {names}, {rules} /\\ ({conclusion})");
        } else {
            premises.push((format!("K{n}"), format!("is_kappa S {l} {t} {k}")));
        }
    }
    Ok(Head {
        binders,
        premises,
        conclusion,
    })
}

/// The file: each theorem, its proof, what it rests on, and the statement again.
fn file(id: &str, theorems: &[Theorem]) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "(** {} *)\n", id.replace("*)", "* )"));
    let _ = writeln!(text, "From Resolvent Require Import Resolvent.");
    for (i, theorem) in theorems.iter().enumerate() {
        let mut name = format!("claim_{}", file_name(id));
        if theorems.len() > 1 {
            let _ = write!(name, "_case_{}", i + 1);
        }
        let statement = theorem.statement();
        let names: Vec<&str> = (theorem.head.premises.iter())
            .map(|(name, _)| name.as_str())
            .collect();
        let _ = writeln!(text, "\nTheorem {name} :\n{statement}.\nProof.");
        let _ = writeln!(
            text,
            "  intros {} {}.",
            theorem.variables(),
            names.join(" ")
        );
        text.push_str(&theorem.preamble());
        text.push_str(theorem.script.text());
        let _ = writeln!(text, "Qed.\n\nPrint Assumptions {name}.\n");
        let _ = writeln!(
            text,
            "(** The statement again: a slip in one of the two is refused. *)\n\
             Check ({name} :\n{statement})."
        );
    }
    text
}
