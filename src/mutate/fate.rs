//! What becomes of a slip: refuted, implied by its claim, or a hole.

use num_traits::Zero;

use super::edit::Kind;
use crate::check::Judge;
use crate::check::file::Claim;
use crate::decide::verdict::Verdict;
use crate::formula::ast::{Comparison, Expr, Function, Node, RelationOp, Span};
use crate::formula::names::check_comparison;
use crate::formula::shape::check_relation;

#[derive(Clone, Debug)]
pub(super) enum Fate {
    Refuted,
    Equivalent { proved: bool },
    Invalid,
    Survives(Verdict, String),
}

/// A claim and one of its neighbours.
#[derive(Clone)]
pub(super) struct Mutant<'a> {
    pub claim: &'a Claim,
    /// Whether the claim had a value wherever it was looked at.
    pub defined: bool,
    pub mutated: Claim,
    pub kind: Kind,
    pub edit: String,
    pub place: Span,
}

/// One edit of the text, and the statements that it changes: a claim, or all steps that rest on one assumption.
pub(super) struct Slip<'a> {
    /// The claim or step, or the derivation.
    pub id: String,
    pub mutants: Vec<Mutant<'a>>,
}

/// The neighbour of a claim that says something else.
pub(super) fn saying(claim: &Claim, says: Comparison) -> Claim {
    Claim {
        says_text: says.to_string(),
        says,
        ..claim.clone()
    }
}

/// What an edit that touches several statements, the steps of a derivation, comes to: one that is refuted shows it.
pub(super) fn of_all(fates: impl Iterator<Item = Fate>) -> Fate {
    let rank = |fate: &Fate| match fate {
        Fate::Equivalent { proved: true } => 0,
        Fate::Equivalent { proved: false } => 1,
        Fate::Survives(..) => 2,
        Fate::Invalid => 3,
        Fate::Refuted => 4,
    };
    let mut worst: Option<Fate> = None;
    for fate in fates {
        if matches!(fate, Fate::Refuted) {
            return fate;
        }
        if worst.as_ref().is_none_or(|worst| rank(worst) < rank(&fate)) {
            worst = Some(fate);
        }
    }
    worst.unwrap_or(Fate::Invalid)
}

/// Whether a statement means anything where it stands.
pub(super) fn is_meaningful(claim: &Claim) -> bool {
    let text = |side: &Expr| side.to_string();
    check_comparison(&claim.says, &claim.scope).is_empty()
        && check_relation(&claim.says, &claim.scope).is_empty()
        && text(&claim.says.lhs) != text(&claim.says.rhs)
        // What is printed reads back.
        && crate::formula::parse::parse_relation(&claim.says.to_string()).is_ok()
}

pub(super) fn fate(mutant: &Mutant<'_>, quick: &Judge<'_>, judge: &Judge<'_>) -> Fate {
    let domain = mutant.kind == Kind::Domain;
    if !domain && !is_meaningful(&mutant.mutated) {
        return Fate::Invalid;
    }
    if quick.decide(&mutant.mutated).verdict == Verdict::Refuted {
        return Fate::Refuted;
    }
    if let Some(implied) = implied(mutant) {
        let mut verdict = judge.decide(&implied).verdict;
        if !verdict.holds() && implied.says.op == RelationOp::Equivalent {
            // What is the same everywhere is the same in the limit.
            let mut same = implied;
            same.says.op = RelationOp::Eq;
            verdict = judge.decide(&same).verdict;
        }
        if verdict.holds() {
            return Fate::Equivalent {
                proved: verdict != Verdict::Supported,
            };
        }
    }
    let finding = judge.decide(&mutant.mutated);
    let looked = &finding.accounting;
    match finding.verdict {
        Verdict::Refuted => Fate::Refuted,
        Verdict::Error | Verdict::Vacuous => Fate::Invalid,
        // Beyond its assumptions a claim may have no value at all.
        Verdict::Inconclusive if domain => Fate::Invalid,
        // Or none on a part: the assumption kept away from it.
        Verdict::Supported if domain && looked.undefined > 0 && mutant.defined => Fate::Invalid,
        // `p - p` for `p - T` in a denominator: a side has no value anywhere.
        Verdict::Inconclusive if looked.offered > 0 && looked.undefined == looked.offered => {
            Fate::Invalid
        }
        // An assumption that is proved not to be needed changes nothing.
        Verdict::Proved | Verdict::Certified if domain => Fate::Equivalent { proved: true },
        // Another true identity is no slip. A bound that is true and sharper is one: the claim could say it too.
        Verdict::Proved | Verdict::Certified
            if mutant.claim.says.op == RelationOp::Eq
                && mutant.mutated.says.op == RelationOp::Eq =>
        {
            Fate::Equivalent { proved: true }
        }
        Verdict::Inconclusive => {
            let reason = finding.reason.unwrap_or_default();
            Fate::Survives(Verdict::Inconclusive, format!("not decided: {reason}"))
        }
        verdict => {
            let why = match (domain, verdict) {
                (true, _) => "it holds without this assumption, as far as the check can see",
                (false, Verdict::Supported) => "it holds too, as far as the check can see",
                (false, _) => "it is true, and the claim does not say it",
            };
            Fate::Survives(verdict, why.to_owned())
        }
    }
}

/// The statement that, if true, makes the neighbour follow from the claim.
fn implied(mutant: &Mutant<'_>) -> Option<Claim> {
    let (old, new) = (&mutant.claim.says, &mutant.mutated.says);
    if mutant.kind == Kind::Domain || mutant.kind == Kind::Relation {
        return None;
    }
    let left = old.lhs.to_string() != new.lhs.to_string();
    let (before, after) = if left {
        (&old.lhs, &new.lhs)
    } else {
        (&old.rhs, &new.rhs)
    };
    use RelationOp::*;
    let (op, upwards) = match old.op {
        Eq => (Eq, true),
        Le | Lt => (Le, !left),
        Ge | Gt => (Ge, !left),
        OrderAtMost => (OrderAtMost, !left),
        OrderAtLeast => (OrderAtLeast, !left),
        SameOrder => (SameOrder, true),
        TendsTo if matches!(&*old.rhs.node, Node::Infinity) => (OrderAtLeast, false),
        // What is no larger tends to zero too, whatever its sign.
        TendsTo if left && is_zero(&old.rhs) => {
            return Some(saying(
                mutant.claim,
                Comparison {
                    lhs: absolute(after),
                    op: OrderAtMost,
                    rhs: absolute(before),
                    span: old.span,
                },
            ));
        }
        TendsTo if !left => (Eq, true),
        TendsTo | Equivalent => (Equivalent, true),
    };
    let (lhs, rhs) = if upwards {
        (before, after)
    } else {
        (after, before)
    };
    Some(saying(
        mutant.claim,
        Comparison {
            lhs: lhs.clone(),
            op,
            rhs: rhs.clone(),
            span: old.span,
        },
    ))
}

fn is_zero(side: &Expr) -> bool {
    matches!(&*side.node, Node::Number(x) if x.is_zero())
}

fn absolute(side: &Expr) -> Expr {
    Expr::new(Node::Call(Function::Abs, vec![side.clone()]), side.span)
}
