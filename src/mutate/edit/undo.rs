//! Edits that no slip of the pen makes but that undo one: what was lost is put back.

use super::editor::{Editor, Hole, Kind, Purpose, binary, expr, whole};
use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, Span};
use crate::formula::scope::{Scope, Symbol};

impl Editor<'_> {
    /// `x^2` for `x`: only where a correction is looked for, since no slip adds so much. A quantity with a definition of
    /// its own is what it is.
    pub(super) fn square(&mut self, at: &Expr, hole: Hole<'_>) {
        if self.purpose == Purpose::Corrections && !self.is_defined(at) {
            let new = binary(BinaryOp::Pow, at.clone(), whole(2), at.span);
            self.push(Kind::Exponent, at, new, hole);
        }
    }

    fn is_defined(&self, e: &Expr) -> bool {
        matches!(&*e.node, Node::Name(name)
            if self.scope.definitions.iter().any(|(n, _)| n == name))
    }

    /// `T - d - 1` for `T - d`: a degree of freedom that was forgotten.
    pub(super) fn one_off(&mut self, at: &Expr, hole: Hole<'_>) {
        let sizes = match &*at.node {
            Node::Binary(_, a, b) => [a, b].iter().all(|side| is_size(side, self.scope)),
            _ => false,
        };
        if self.purpose == Purpose::Corrections && sizes {
            for op in [BinaryOp::Sub, BinaryOp::Add] {
                let new = binary(op, at.clone(), whole(1), at.span);
                self.push(Kind::Index, at, new, hole);
            }
        }
    }

    /// 1 for a term of a sum: only where a correction is looked for.
    pub(super) fn one(&mut self, op: BinaryOp, a: &Expr, b: &Expr, at: &Expr, hole: Hole<'_>) {
        if self.purpose == Purpose::Corrections {
            let sides: [(&Expr, Hole<'_>); 2] = [
                (a, &|new| hole(binary(op, new, b.clone(), at.span))),
                (b, &|new| hole(binary(op, a.clone(), new, at.span))),
            ];
            for (term, hole) in sides {
                if !matches!(&*term.node, Node::Number(_)) {
                    self.push(Kind::Name, term, whole(1), hole);
                }
            }
        }
    }

    /// A value that a quantity does not pass: a kink that was forgotten.
    pub(super) fn cut(&mut self, at: &Expr, hole: Hole<'_>) {
        if self.purpose == Purpose::Corrections && !self.is_defined(at) {
            for function in [Function::Min, Function::Max] {
                for bound in [1, 0] {
                    let new = expr(
                        Node::Call(function, vec![at.clone(), whole(bound)]),
                        at.span,
                    );
                    self.push(Kind::Function, at, new, hole);
                }
            }
        }
    }
}

/// `d` or a whole number with a domain.
fn is_size(e: &Expr, scope: &Scope) -> bool {
    matches!(&*e.node, Node::Name(name) if name == "d"
        || scope.symbols.iter().any(|(n, s)| n == name && matches!(s, Symbol::Integer { .. })))
}

/// Factors that a statement may lack: scalars that occur in it, each once, with a domain or defined by κ, and their
/// squares; and what its ratios of sizes leave of one, `1 - d/T`.
pub(super) fn factors(says: &Comparison, scope: &Scope) -> Vec<Expr> {
    let mut atoms: Vec<Expr> = Vec::new();
    for side in [&says.lhs, &says.rhs] {
        crate::formula::walk(side, &mut |node| {
            let fits = match &*node.node {
                Node::Name(name) => name == "d" || scope.symbols.iter().any(|(n, _)| n == name),
                Node::Call(Function::Kappa, _) => true,
                _ => false,
            };
            if fits
                && atoms
                    .iter()
                    .all(|known| known.to_string() != node.to_string())
            {
                atoms.push(node.clone());
            }
        });
    }
    atoms.truncate(8);
    let ratios = scope
        .symbols
        .iter()
        .filter_map(|(name, symbol)| match symbol {
            Symbol::Defined(body) => match &*body.node {
                Node::Binary(BinaryOp::Div, a, b) if is_size(a, scope) && is_size(b, scope) => {
                    Some(name)
                }
                _ => None,
            },
            _ => None,
        });
    let squares: Vec<Expr> = (atoms.iter())
        .map(|atom| binary(BinaryOp::Pow, atom.clone(), whole(2), Span::default()))
        .collect();
    atoms.extend(squares);
    for name in ratios.take(3) {
        let ratio = expr(Node::Name(name.clone()), Span::default());
        atoms.push(binary(BinaryOp::Sub, whole(1), ratio, Span::default()));
    }
    atoms
}
