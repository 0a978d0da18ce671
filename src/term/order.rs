//! The Loewner order between terms, said in numbers and read again.

use super::node::{Id, Node, Relation};
use super::store::Store;
use crate::formula::ast::{BinaryOp, Function, RelationOp};

/// An order of matrices as one of numbers: `A <= B` is `size + eigmin(B - A) >= size`, on the scale of its sides,
/// `size = opnorm(A) + opnorm(B)`. Any other relation is left alone.
pub(super) fn of_numbers(store: &mut Store, relation: Relation) -> Relation {
    let matrix = |id: Id| store.shape(id).is_matrix();
    if !relation.op.is_order() || !matrix(relation.lhs) || !matrix(relation.rhs) {
        return relation;
    }
    let (small, large, op) = match relation.op {
        RelationOp::Le => (relation.lhs, relation.rhs, RelationOp::Ge),
        RelationOp::Lt => (relation.lhs, relation.rhs, RelationOp::Gt),
        op => (relation.rhs, relation.lhs, op),
    };
    let span = relation.span;
    let difference = store.make(Node::Binary(BinaryOp::Sub, large, small), span);
    let least = store.call(Function::Eigmin, &[difference], span);
    let [small, large] = [small, large].map(|m| store.call(Function::Opnorm, &[m], span));
    let size = store.make(Node::Binary(BinaryOp::Add, small, large), span);
    Relation {
        lhs: store.make(Node::Binary(BinaryOp::Add, size, least), span),
        op,
        rhs: size,
        span,
    }
}

/// `eigmin(B - A)`, where a relation between numbers says the order of two matrices.
pub fn least_eigenvalue(store: &Store, sides: [Id; 2], op: RelationOp) -> Option<Id> {
    let [lhs, rhs] = sides;
    let Node::Binary(BinaryOp::Add, size, least) = *store.node(lhs) else {
        return None;
    };
    let upwards = matches!(op, RelationOp::Ge | RelationOp::Gt);
    let is_least = matches!(store.node(least), Node::Call(Function::Eigmin, _));
    (upwards && is_least && size == rhs).then_some(least)
}

/// The order of matrices, `A <= B` or `A < B`, that a relation between numbers says.
pub fn of_matrices(store: &Store, relation: &Relation) -> Option<Relation> {
    let op = match relation.op {
        RelationOp::Ge => RelationOp::Le,
        RelationOp::Gt => RelationOp::Lt,
        _ => return None,
    };
    let least = least_eigenvalue(store, [relation.lhs, relation.rhs], relation.op)?;
    let Node::Call(Function::Eigmin, arguments) = store.node(least) else {
        return None;
    };
    let Node::Binary(BinaryOp::Sub, large, small) = *store.node(arguments[0]) else {
        return None;
    };
    Some(Relation {
        lhs: small,
        op,
        rhs: large,
        span: relation.span,
    })
}
