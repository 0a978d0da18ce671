//! What does hold, where a claim does not: the nearest statement, or the part of the domain.

use std::collections::HashSet;
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::One;

use crate::budget;

use super::edit::{Kind, Neighbour, Purpose, neighbours};
use super::fate::{is_meaningful, saying};
use crate::check::file::Claim;
use crate::check::{Judge, Options};
use crate::decide::Effort;
use crate::decide::limit::takes_minimum;
use crate::decide::sampler::About;
use crate::decide::verdict::{Correction, Finding, Verdict};
use crate::formula::ast::{Comparison, Expr, Node, RelationOp};
use crate::formula::constant::constant;
use crate::formula::parse::parse_relation;
use crate::formula::scope::Symbol;
use crate::formula::walk;

/// Statements and parts of the domain that are tried for one claim.
const MOST: usize = 240;

/// At most one in so many points of a correction may have no value.
const UNDEFINED: usize = 2;

/// Work for a first decision of each; what passes is decided with the whole budget.
const TRIAL: u64 = 1_000_000_000;

/// Work for all of them, in first decisions: nobody waits for longer.
const TRIALS: u64 = 10;
/// The same along a limit with an extremum, whose expansions cost more than they are counted for.
const DEAR_TRIALS: u64 = 2;

/// What holds instead of a claim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The claim with one edit.
    pub correction: Option<Correction>,
    /// A condition under which the claim itself holds.
    pub holds_where: Option<String>,
}

/// Looks for what holds instead of a refuted claim: slips undone, nearest first; then where the claim itself holds; then
/// weaker relations.
pub fn correct(claim: &Claim, options: &Options) -> Found {
    let quick = Options {
        effort: Effort::Quick,
        work: Some(options.work.unwrap_or(TRIAL).min(TRIAL)),
        ..options.clone()
    };
    let claims = std::slice::from_ref(claim);
    let judges = (Judge::new(claims, &quick), Judge::new(claims, options));
    let kept = judges.1.remember(claim, "correction", || {
        let dear = claim.says.op.is_asymptotic() && takes_minimum(&claim.says);
        let trials = if dear { DEAR_TRIALS } else { TRIALS };
        let all = trials.saturating_mul(quick.work.unwrap_or(TRIAL));
        let (found, _) = budget::within(all, || search(claim, &judges));
        Finding {
            correction: found.correction,
            holds_where: found.holds_where,
            ..Finding::new(Verdict::Refuted, "corrections")
        }
    });
    Found {
        correction: kept.correction,
        holds_where: kept.holds_where,
    }
}

fn search(claim: &Claim, judges: &(Judge<'_>, Judge<'_>)) -> Found {
    let holds = |claim: &Claim| {
        // What has no value on much of the domain is no correction: `min(T, 0)^-r` for `T^-r`.
        let sure = |finding: Finding| {
            let looked = &finding.accounting;
            finding.verdict.holds() && looked.undefined * UNDEFINED <= looked.offered
        };
        budget::left() > 0
            && !judges.0.fails_at_once(claim)
            && sure(judges.0.decide(claim))
            && sure(judges.1.decide(claim))
    };
    let left = claim
        .id
        .rsplit_once('/')
        .is_none_or(|(_, step)| step == "1");
    let mut all = neighbours(&claim.says, &claim.scope, Purpose::Corrections, left);
    // The links of a chain share their ends: an edit of one would tear it.
    all.retain(|_| claim.chain.is_empty());
    let (weaker, edits): (Vec<Neighbour>, Vec<Neighbour>) = all
        .into_iter()
        .partition(|n| n.kind == Kind::Relation && !is_only_less_strict(claim.says.op, n.says.op));
    let edits = (edits.into_iter())
        .filter(|n| !is_trivially_true(&claim.says, &n.says))
        .collect();
    let first_that_holds = |list: Vec<Neighbour>| {
        list.into_iter().take(MOST).find_map(|neighbour| {
            let trial = saying(claim, neighbour.says);
            (is_meaningful(&trial) && holds(&trial)).then(|| Correction {
                says: trial.says.to_string(),
                edit: neighbour.edit,
            })
        })
    };
    // The claim as it stands, elsewhere or on nearly all of its domain, is nearer than another statement.
    if let Some(found) = other_side(claim, &holds) {
        return found;
    }
    let (all_but, parts) = conditions(claim);
    if let Some(found) = on_a_part(claim, all_but, &holds) {
        return found;
    }
    if let Some(correction) = first_that_holds(edits) {
        return Found {
            correction: Some(correction),
            holds_where: None,
        };
    }
    if let Some(found) = on_a_part(claim, parts, &holds) {
        return found;
    }
    Found {
        correction: first_that_holds(weaker),
        holds_where: None,
    }
}

/// The claim under the first condition under which it holds.
fn on_a_part(
    claim: &Claim,
    conditions: Vec<String>,
    holds: &impl Fn(&Claim) -> bool,
) -> Option<Found> {
    conditions.into_iter().take(MOST).find_map(|condition| {
        let mut scope = claim.scope.as_ref().clone();
        scope.assumptions.push(parse_relation(&condition).ok()?);
        let trial = Claim {
            scope: Arc::new(scope),
            ..claim.clone()
        };
        holds(&trial).then_some(Found {
            correction: None,
            holds_where: Some(condition),
        })
    })
}

/// An assumption that was written the wrong way round.
fn other_side(claim: &Claim, holds: &impl Fn(&Claim) -> bool) -> Option<Found> {
    for (i, assumption) in claim.scope.assumptions.iter().enumerate() {
        let op = match assumption.op {
            RelationOp::Le | RelationOp::Lt => RelationOp::Ge,
            RelationOp::Ge | RelationOp::Gt => RelationOp::Le,
            _ => continue,
        };
        let mut scope = claim.scope.as_ref().clone();
        // At equality both ways may fail.
        for op in [op, strict(op)] {
            scope.assumptions[i].op = op;
            let trial = Claim {
                scope: Arc::new(scope.clone()),
                ..claim.clone()
            };
            if holds(&trial) {
                let turned = scope.assumptions[i].to_string();
                return Some(Found {
                    correction: Some(Correction {
                        says: claim.says.to_string(),
                        edit: format!("`{turned}` for the assumption `{assumption}`"),
                    }),
                    holds_where: Some(turned),
                });
            }
        }
    }
    None
}

fn strict(op: RelationOp) -> RelationOp {
    match op {
        RelationOp::Le => RelationOp::Lt,
        RelationOp::Ge => RelationOp::Gt,
        other => other,
    }
}

fn is_only_less_strict(old: RelationOp, new: RelationOp) -> bool {
    matches!(
        (old, new),
        (RelationOp::Lt, RelationOp::Le) | (RelationOp::Gt, RelationOp::Ge)
    )
}

/// `-a <= b` for `a <= b`: a change of sign of a whole side leaves nothing of a bound.
fn is_trivially_true(old: &Comparison, new: &Comparison) -> bool {
    use RelationOp::{Eq, Equivalent, SameOrder, TendsTo};
    let is_negated = |old: &Expr, new: &Expr| match &*new.node {
        Node::Neg(inner) => inner.to_string() == old.to_string(),
        _ => false,
    };
    !matches!(new.op, Eq | Equivalent | SameOrder | TendsTo)
        && (is_negated(&old.lhs, &new.lhs) || is_negated(&old.rhs, &new.rhs))
}

/// The names that a claim says itself.
fn spoken(claim: &Claim) -> HashSet<String> {
    let mut names = HashSet::new();
    for side in [&claim.says.lhs, &claim.says.rhs] {
        walk(side, &mut |node| {
            if let Node::Name(name) = &*node.node {
                names.insert(name.clone());
            }
        });
    }
    names
}

/// Parts of the domain, those that leave most of it first: all but a special value; then one side of it, sizes in order,
/// the smallest size.
fn conditions(claim: &Claim) -> (Vec<String>, Vec<String>) {
    let (mut all_but, mut sides, mut sizes, mut single) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut whole: Vec<&str> = Vec::new();
    let spoken = spoken(claim);
    // A condition on what the claim does not depend on says nothing.
    let matters = About::of_claim(&claim.scope, &claim.says).names;
    for (name, symbol) in &claim.scope.symbols {
        match symbol {
            Symbol::Real { .. } | Symbol::Integer { .. } if !matters.contains(name) => {}
            Symbol::Real { min, max, .. } => {
                let (least, most) = (constant(min), constant(max));
                for (over, under, text) in [(1, 1, "1"), (1, 2, "1/2"), (2, 1, "2"), (0, 1, "0")] {
                    let value = BigRational::new(over.into(), under.into());
                    all_but.push(format!("({name} - {text})^2 > 0"));
                    // an end of the domain is no part of it
                    if least.as_ref().is_none_or(|least| *least < value) {
                        sides.push(format!("{name} <= {text}"));
                    }
                    if most.as_ref().is_none_or(|most| value < *most) {
                        sides.push(format!("{name} >= {text}"));
                    }
                }
            }
            Symbol::Integer { min, .. } => {
                whole.push(name);
                let least = constant(min);
                all_but.push(match &least {
                    Some(least) => format!("{name} >= {}", least + BigRational::one()),
                    None => format!("{name} >= {min} + 1"),
                });
                // "for n = 1"; where a domain happens to begin says nothing
                if least.is_some_and(|least| least <= BigRational::one()) {
                    single.push(format!("{name} = {min}"));
                }
            }
            // Conditions on abbreviations are for those that the claim itself speaks of.
            Symbol::Defined(_) if !spoken.contains(name) => {}
            Symbol::Defined(_) => {
                for value in ["1", "1/2"] {
                    sides.push(format!("{name} <= {value}"));
                    sides.push(format!("{name} >= {value}"));
                }
            }
        }
    }
    for a in &whole {
        for b in &whole {
            if a == b {
                continue;
            }
            for more in ["", " + 1", " + 2", " + 3"] {
                sizes.push(format!("{a} >= {b}{more}"));
            }
        }
    }
    (all_but, [sides, sizes, single].concat())
}
