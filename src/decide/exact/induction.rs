//! Sums and products whose number of terms is a symbol: by induction over the symbol.
//!
//! The difference of the sides is linear in the sums, with coefficients that do not hold the symbol. So its change from
//! `n` to `n + 1` holds each sum's last term alone: a claim without long sums, which algebra settles, as it does the
//! claim at the least `n`.

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::proof::{Case, Proof, Silence, prove};
use crate::formula::ast::{BinaryOp, Fold, RelationOp};
use crate::term::{Id, Node, Relation, Statement, Store, SymbolId, SymbolTerms};

/// Symbols over which induction is tried.
const MAX_TRIED: usize = 3;

/// A sum or product up to `n + shift`.
struct Long {
    id: Id,
    kind: Fold,
    /// The term that comes last, as a function of the symbol.
    last: Id,
    from: i64,
    shift: i64,
}

/// Proves a claim about sums or products of symbolic length.
///
/// # Errors
/// Why induction does not.
pub fn prove_by_induction(statement: &Statement) -> Result<Proof, Silence> {
    let mut why = Silence::Beyond("no sum or product of symbolic length".into());
    for terms in candidates(statement).into_iter().take(MAX_TRIED) {
        match over(statement.clone(), &terms) {
            Ok(proof) => return Ok(proof),
            Err(silence) => why = silence,
        }
    }
    Err(why)
}

/// Whole symbols with a least value that sums end with, and that nothing else of the setting depends on.
fn candidates(statement: &Statement) -> Vec<SymbolTerms> {
    let store = &statement.store;
    let mut ends: Vec<SymbolId> = Vec::new();
    for side in [statement.claim.lhs, statement.claim.rhs] {
        store.visit(side, &mut |_, node| {
            if let Node::Fold { to, .. } = node {
                ends.extend(store.symbols_of(*to));
            }
        });
    }
    let hidden = |symbol: SymbolId| {
        let in_model = store
            .models()
            .any(|m| m.parameters().iter().any(|p| store.mentions(*p, symbol)));
        let in_domain = statement.symbols.iter().any(|s| {
            s.symbol != symbol && (store.mentions(s.min, symbol) || store.mentions(s.max, symbol))
        });
        let claim = [statement.claim.lhs, statement.claim.rhs];
        let random = claim.iter().any(|id| store.is_random(*id));
        in_model || in_domain || random
    };
    let usable = statement
        .symbols
        .iter()
        .filter(|s| s.integer && ends.contains(&s.symbol) && !hidden(s.symbol));
    usable.cloned().collect()
}

fn over(mut statement: Statement, terms: &SymbolTerms) -> Result<Proof, Silence> {
    let beyond = |what: &str| Silence::Beyond(what.to_owned());
    let symbol = terms.symbol;
    let least = statement.store.constant(terms.min);
    let least = least
        .and_then(|n| n.ceil().to_integer().to_i64())
        .ok_or_else(|| beyond("a least value that is no number"))?;
    let Relation { lhs, op, rhs, span } = statement.claim;
    let longs = long(&mut statement.store, &[lhs, rhs], symbol)
        .ok_or_else(|| beyond("a sum whose terms change with its length"))?;
    if longs.is_empty() {
        return Err(beyond("a sum of another length"));
    }
    // Below that a longer sum has no further term.
    if longs.iter().any(|l| least + l.shift + 1 < l.from) {
        return Err(beyond("a sum that begins later"));
    }
    let name = statement.store.symbol_name(symbol).to_owned();
    // What holds without an assumption holds with it.
    let store = &statement.store;
    statement
        .assumptions
        .retain(|a| !store.mentions(a.lhs, symbol) && !store.mentions(a.rhs, symbol));
    let store = &mut statement.store;
    let change = if longs.iter().all(|l| l.kind == Fold::Sum) {
        added(store, (lhs, rhs), &longs, symbol)
    } else if op == RelationOp::Eq && longs.len() == 1 && longs[0].kind == Fold::Prod {
        multiplied(store, (lhs, rhs), &longs[0], symbol)
    } else {
        None
    };
    let (after, before) = change.ok_or_else(|| beyond("sums that are not added up"))?;
    let first = store.whole(least, span);
    let base = [lhs, rhs].map(|side| substituted(store, side, symbol, first));
    // The distance between the sides may only grow.
    let onward = match op {
        RelationOp::Eq => op,
        RelationOp::Le | RelationOp::Lt => RelationOp::Le,
        RelationOp::Ge | RelationOp::Gt => RelationOp::Ge,
        _ => return Err(beyond("a statement about a limit")),
    };
    let mut cases: Vec<Case> = Vec::new();
    let mut given: Vec<String> = Vec::new();
    let steps = [
        (format!("base: {name} = {least}"), (base[0], op, base[1])),
        (
            format!("step from {name} to {name} + 1: what both sides gain"),
            (after, onward, before),
        ),
    ];
    for (title, (lhs, op, rhs)) in steps {
        statement.claim = Relation { lhs, op, rhs, span };
        let proof = prove(&statement)?;
        given.extend(proof.given);
        cases.extend(proof.cases.into_iter().map(|mut case| {
            case.conditions.insert(0, title.clone());
            case
        }));
    }
    given.sort();
    given.dedup();
    Ok(Proof {
        cases,
        given,
        method: "algebra, by induction: the base and the step",
        answers: Vec::new(),
    })
}

fn substituted(store: &mut Store, id: Id, symbol: SymbolId, by: Id) -> Id {
    store.replace(id, &[by], &|node| {
        (*node == Node::Symbol(symbol)).then_some(by)
    })
}

/// The term at the next value of the symbol.
fn next(store: &mut Store, id: Id, symbol: SymbolId) -> Id {
    let span = store.span(id);
    let (n, one) = (store.make(Node::Symbol(symbol), span), store.whole(1, span));
    let following = store.add(n, one);
    substituted(store, id, symbol, following)
}

/// The sums and products that the symbol ends; `None` if one is of another kind.
fn long(store: &mut Store, sides: &[Id], symbol: SymbolId) -> Option<Vec<Long>> {
    let mut found: Vec<Id> = Vec::new();
    for side in sides {
        store.visit(*side, &mut |id, node| {
            if matches!(node, Node::Fold { to, .. } if store.mentions(*to, symbol))
                && !found.contains(&id)
            {
                found.push(id);
            }
        });
    }
    let mut list = Vec::new();
    for id in found {
        let Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        } = store.node(id).clone()
        else {
            continue;
        };
        let plain = matches!(kind, Fold::Sum | Fold::Prod) && store.free(id).is_empty();
        if !plain || store.mentions(body, symbol) || !store.shape(body).is_scalar() {
            return None;
        }
        let whole = |x: BigRational| x.is_integer().then(|| x.to_integer().to_i64()).flatten();
        let mut at = |n: i64| {
            let span = store.span(to);
            let value = store.whole(n, span);
            let end = substituted(store, to, symbol, value);
            store.constant(end).and_then(whole)
        };
        let shift = at(0)?;
        if at(1)? != shift + 1 || at(5)? != shift + 5 {
            return None;
        }
        let from = store.constant(from).and_then(whole)?;
        let last = store.replace_bound(body, index, to);
        list.push(Long {
            id,
            kind,
            last,
            from,
            shift,
        });
    }
    Some(list)
}

/// `lhs − rhs` at `n + 1` and at `n`, without the sums' common terms.
fn added(
    store: &mut Store,
    (lhs, rhs): (Id, Id),
    longs: &[Long],
    symbol: SymbolId,
) -> Option<(Id, Id)> {
    if !linear(store, lhs, longs, symbol) || !linear(store, rhs, longs, symbol) {
        return None;
    }
    let difference = store.sub(lhs, rhs);
    let zero = store.whole(0, store.span(lhs));
    let nodes: Vec<Node> = longs.iter().map(|l| store.node(l.id).clone()).collect();
    let at = |node: &Node| nodes.iter().position(|n| n == node);
    let before = store.replace(difference, &[zero], &|node| at(node).map(|_| zero));
    let last: Vec<Id> = longs.iter().map(|l| l.last).collect();
    let with_last = store.replace(difference, &last, &|node| at(node).map(|i| last[i]));
    Some((next(store, with_last, symbol), before))
}

/// For `c·∏ = G`: `G(n)` times the next factor, and `G(n + 1)`.
fn multiplied(
    store: &mut Store,
    (lhs, rhs): (Id, Id),
    product: &Long,
    symbol: SymbolId,
) -> Option<(Id, Id)> {
    let holds = |store: &Store, side| contains(store, side, std::slice::from_ref(product));
    let (own, other) = match (holds(store, lhs), holds(store, rhs)) {
        (true, false) => (lhs, rhs),
        (false, true) => (rhs, lhs),
        _ => return None,
    };
    // A multiple of the product: nothing may be added to it.
    let factor = |store: &Store, mut id: Id| loop {
        if id == product.id {
            return true;
        }
        let free = |x: Id| !holds(store, x) && !store.mentions(x, symbol);
        id = match *store.node(id) {
            Node::Neg(a) => a,
            Node::Binary(BinaryOp::Mul, a, b) if free(b) => a,
            Node::Binary(BinaryOp::Mul, a, b) if free(a) => b,
            Node::Binary(BinaryOp::Div, a, b) if free(b) => a,
            _ => return false,
        };
    };
    if !factor(store, own) {
        return None;
    }
    let following = next(store, product.last, symbol);
    let after = next(store, other, symbol);
    Some((store.mul(other, following), after))
}

fn contains(store: &Store, id: Id, longs: &[Long]) -> bool {
    let mut found = false;
    store.visit(id, &mut |id, _| found |= longs.iter().any(|l| l.id == id));
    found
}

/// Whether a term is a sum of multiples of the long sums, by factors without the symbol, and of terms without them.
fn linear(store: &Store, id: Id, longs: &[Long], symbol: SymbolId) -> bool {
    if longs.iter().any(|l| l.id == id) || !contains(store, id, longs) {
        return true;
    }
    let free = |x: Id| !contains(store, x, longs) && !store.mentions(x, symbol);
    match *store.node(id) {
        Node::Neg(a) => linear(store, a, longs, symbol),
        Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => {
            linear(store, a, longs, symbol) && linear(store, b, longs, symbol)
        }
        Node::Binary(BinaryOp::Mul, a, b) => {
            free(b) && linear(store, a, longs, symbol) || free(a) && linear(store, b, longs, symbol)
        }
        Node::Binary(BinaryOp::Div, a, b) => free(b) && linear(store, a, longs, symbol),
        _ => false,
    }
}
