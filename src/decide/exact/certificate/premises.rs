//! What a theorem assumes: domains, assumptions, `κ` as a root.

use super::super::fraction::Fraction;
use super::super::ground::{Answer, Question, Stop};
use super::super::polynomial::Polynomial;
use super::script::{Script, say};
use super::writer::{Text, Writer, Written};
use crate::formula::ast::RelationOp;
use crate::term::{Id, Node, Statement, Walker};

pub struct Hypothesis {
    pub name: String,
    pub says: String,
}

/// The sign of a relation in Rocq.
pub fn rocq(op: RelationOp) -> Option<&'static str> {
    Some(match op {
        RelationOp::Eq => "=",
        RelationOp::Le => "<=",
        RelationOp::Ge => ">=",
        RelationOp::Lt => "<",
        RelationOp::Gt => ">",
        _ => return None,
    })
}

/// What the claim says, for every spectrum.
pub fn conclude(lhs: &Written, rhs: &Written, op: RelationOp) -> Result<String, Stop> {
    let Some(sign) = rocq(op) else {
        return Err(Stop::Beyond("such a relation".into()));
    };
    match (&lhs.text, &rhs.text) {
        (Text::Scalar(a), Text::Scalar(b)) => Ok(format!("{a} {sign} {b}")),
        (Text::Function(a), Text::Function(b)) => Ok(format!(
            "forall p, In p S -> (fun s => {a}) (fst p) {sign} (fun s => {b}) (fst p)"
        )),
        _ if op != RelationOp::Eq => Err(Stop::Beyond("an order of matrices".into())),
        (Text::Vector(a), Text::Vector(b)) | (Text::Row(a), Text::Row(b)) => Ok(format!(
            "forall p, In p S -> snd p * (fun s => {a}) (fst p) = snd p * (fun s => {b}) (fst p)"
        )),
        _ => Err(Stop::Beyond("such an equality".into())),
    }
}

/// The dimension, a symbol; where the file declares none, any.
pub fn dimension<'s>(
    statement: &'s Statement,
    writer: &mut Writer<'s>,
    walker: &mut Walker<'s, Written>,
    hypotheses: &mut Vec<Hypothesis>,
) -> Result<String, Stop> {
    let Some(d) = statement.store.model(statement.model).dimension else {
        return Err(Stop::Beyond("no dimension".into()));
    };
    let Node::Symbol(symbol) = *statement.store.node(d) else {
        return Err(Stop::Beyond("a dimension that is a formula".into()));
    };
    if !writer.names.contains_key(&symbol) {
        let mut name = "dimension".to_owned();
        while writer.names.values().any(|known| *known == name) {
            name.push('_');
        }
        hypotheses.push(Hypothesis {
            name: format!("L_{name}"),
            says: format!("1 <= {name}"),
        });
        writer.names.insert(symbol, name.clone());
        writer.used.push(symbol);
        return Ok(name);
    }
    match writer.write(walker, d)?.text {
        Text::Scalar(text) => Ok(text),
        _ => Err(Stop::Beyond("such a dimension".into())),
    }
}

/// Domains of the symbols that occur, and assumptions.
pub fn hypotheses<'s>(
    statement: &'s Statement,
    writer: &mut Writer<'s>,
    walker: &mut Walker<'s, Written>,
) -> Vec<Hypothesis> {
    let mut list = Vec::new();
    for (i, assumption) in statement.assumptions.iter().enumerate() {
        let Some(op) = rocq(assumption.op) else {
            continue;
        };
        if let Some((a, b)) = sides(writer, walker, assumption.lhs, assumption.rhs) {
            list.push(Hypothesis {
                name: format!("A{}", i + 1),
                says: format!("{a} {op} {b}"),
            });
        }
    }
    // A symbol's domain may bring in further symbols.
    let d = statement.store.model(statement.model).dimension;
    let mut seen = Vec::new();
    loop {
        let next = statement.symbols.iter().find(|t| {
            let is_dimension =
                d.is_some_and(|d| *statement.store.node(d) == Node::Symbol(t.symbol));
            (writer.used.contains(&t.symbol) || is_dimension)
                && !seen.contains(&t.symbol)
                && writer.derivative != Some(t.symbol)
        });
        let Some(terms) = next else { break };
        seen.push(terms.symbol);
        let name = writer.names[&terms.symbol].clone();
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

fn sides<'s>(
    writer: &mut Writer<'s>,
    walker: &mut Walker<'s, Written>,
    a: Id,
    b: Id,
) -> Option<(String, String)> {
    let a = writer.write(walker, a).ok()?;
    let b = writer.write(walker, b).ok()?;
    match (a.text, b.text) {
        (Text::Scalar(a), Text::Scalar(b)) => Some((a, b)),
        _ => None,
    }
}

/// Assumptions without their denominators, which are positive.
pub fn cleared<'s>(
    statement: &'s Statement,
    writer: &mut Writer<'s>,
    walker: &mut Walker<'s, Written>,
    script: &mut Script,
) -> Result<(), Stop> {
    for (i, assumption) in statement.assumptions.iter().enumerate() {
        let sides = writer
            .write(walker, assumption.lhs)
            .and_then(|a| Ok((a, writer.write(walker, assumption.rhs)?)));
        let Ok((a, b)) = sides else { continue };
        let (Text::Scalar(x), Text::Scalar(y)) = (&a.text, &b.text) else {
            continue;
        };
        let (x, y) = ((x, a.exact.scalar()?), (y, b.exact.scalar()?));
        let (low, high) = match assumption.op {
            RelationOp::Le | RelationOp::Lt => (x, y),
            RelationOp::Ge | RelationOp::Gt => (y, x),
            _ => continue,
        };
        let gap = high.1.sub(&low.1);
        if gap.denominator.is_empty() {
            continue;
        }
        let Some((numerator, denominator)) = oriented(writer, &gap)? else {
            continue;
        };
        let (relation, lemma) = match assumption.op {
            RelationOp::Lt | RelationOp::Gt => ("<", "Rmult_lt_0_compat"),
            _ => ("<=", "Rmult_le_pos"),
        };
        say!(
            script,
            "assert (C{n} : 0 {relation} {numerator}).\n\
             {{ replace {numerator} with ({denominator} * ({} - {})) by (field; side).\n  \
             apply {lemma}; [try apply Rlt_le; pos | lra]. }}",
            high.0,
            low.0,
            n = i + 1,
        );
    }
    Ok(())
}

/// A fraction as numerator and denominator in Rocq, the denominator positive.
pub fn oriented(writer: &mut Writer<'_>, f: &Fraction) -> Result<Option<(String, String)>, Stop> {
    let Some((numerator, denominator)) = upright(writer, f)? else {
        return Ok(None);
    };
    Ok(Some((writer.polynomial(&numerator)?, denominator)))
}

/// The numerator that goes with a positive denominator, and that denominator in Rocq.
pub fn upright(
    writer: &mut Writer<'_>,
    f: &Fraction,
) -> Result<Option<(Polynomial, String)>, Stop> {
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
    Ok(Some((numerator, format!("({})", factors.join(" * ")))))
}

/// A numerator as the product of what is known to have a sign and a rest, where that divides it.
pub fn factored(writer: &Writer<'_>, numerator: &Polynomial) -> Result<String, Stop> {
    let (monomial, _) = numerator.content();
    let symbols = (monomial.0.iter())
        .flat_map(|&(v, power)| std::iter::repeat_n(Polynomial::variable(v), power as usize));
    // Between whole numbers p > 0 is known as p − 1 ≥ 0.
    let facts = (writer.exact.ground.facts.iter()).flat_map(|fact| {
        let whole = fact.polynomial.add(&Polynomial::one());
        [fact.polynomial.clone(), whole]
    });
    let mut rest = numerator.clone();
    let mut factors = Vec::new();
    for factor in symbols.chain(facts) {
        if factor.as_constant().is_none()
            && let Some(quotient) = rest.div_exact(&factor)
        {
            factors.push(writer.polynomial(&factor)?);
            rest = quotient;
        }
    }
    factors.push(writer.polynomial(&rest)?);
    Ok(format!("({})", factors.join(" * ")))
}

/// A question that splits a proof, in Rocq: the tactic that does, and the answers in its order.
pub fn split(writer: &Writer<'_>, question: &Question, name: &str) -> Result<String, Stop> {
    match question {
        Question::Sign(p) => {
            let p = writer.polynomial(p)?;
            Ok(format!("destruct (Rle_or_lt 0 {p}) as [{name} | {name}]."))
        }
        Question::Vanishes(v) => {
            let v = writer.variable(*v)?;
            Ok(format!(
                "assert ({name} : {v} = 0 \\/ 0 < {v}) by lra.\ndestruct {name} as [{name} | {name}]."
            ))
        }
        Question::Values { .. } => Err(Stop::Beyond("values one by one".into())),
    }
}

/// The question that two answers belong to.
pub fn question(answer: &Answer) -> Option<Question> {
    match answer {
        Answer::AtLeastZero(p) | Answer::Negative(p) => Some(Question::Sign(p.clone())),
        Answer::Zero(v) | Answer::Positive(v) => Some(Question::Vanishes(*v)),
        Answer::Value(..) => None,
    }
}
