//! The one-edit neighbours of a statement: what a slip of the pen would have made of it.

mod editor;
mod forms;
mod undo;

use std::collections::BTreeSet;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp};
use crate::formula::scope::{Scope, Symbol};
use editor::{Editor, Hole, binary, expr, whole};

pub use editor::{Kind, Neighbour, Purpose};

/// All neighbours, each once, none of them the statement itself. Those of the left side only if `left`: a step's is the
/// line before it.
pub fn neighbours(
    says: &Comparison,
    scope: &Scope,
    purpose: Purpose,
    left: bool,
) -> Vec<Neighbour> {
    let mut editor = Editor {
        scope,
        purpose,
        atoms: undo::factors(says, scope),
        found: Vec::new(),
    };
    let mut all = Vec::new();
    if left {
        editor.side(&says.lhs);
        for edit in std::mem::take(&mut editor.found) {
            all.push(edit.into_neighbour(|lhs| Comparison {
                lhs,
                ..says.clone()
            }));
        }
    }
    editor.side(&says.rhs);
    for edit in std::mem::take(&mut editor.found) {
        all.push(edit.into_neighbour(|rhs| Comparison {
            rhs,
            ..says.clone()
        }));
    }
    for op in other_relations(says.op, purpose) {
        all.push(Neighbour {
            kind: Kind::Relation,
            says: Comparison {
                op: *op,
                ..says.clone()
            },
            edit: format!("`{}` for `{}`", op.symbol(), says.op.symbol()),
            place: says.span,
        });
    }
    let mut known = BTreeSet::from([says.to_string()]);
    all.retain(|neighbour| known.insert(neighbour.says.to_string()));
    all.sort_by_key(|neighbour| (neighbour.kind, neighbour.place.start));
    all
}

fn other_relations(op: RelationOp, purpose: Purpose) -> &'static [RelationOp] {
    use RelationOp::*;
    match (purpose, op) {
        (Purpose::Faults, Le) => &[Lt, Eq, Ge],
        (Purpose::Faults, Ge) => &[Gt, Eq, Le],
        (Purpose::Faults, Lt) => &[Eq, Gt],
        (Purpose::Faults, Gt) => &[Eq, Lt],
        (Purpose::Faults, OrderAtMost) => &[OrderAtLeast, Equivalent],
        (Purpose::Faults, OrderAtLeast) => &[OrderAtMost, Equivalent],
        (Purpose::Faults, SameOrder) => &[Equivalent],
        (Purpose::Faults, Eq | Equivalent | TendsTo) => &[],
        (Purpose::Corrections, Eq) => &[Le, Ge],
        (Purpose::Corrections, Lt) => &[Le, Ge, Gt],
        (Purpose::Corrections, Gt) => &[Ge, Le, Lt],
        (Purpose::Corrections, Le) => &[Ge],
        (Purpose::Corrections, Ge) => &[Le],
        (Purpose::Corrections, Equivalent) => &[SameOrder, OrderAtMost, OrderAtLeast],
        (Purpose::Corrections, SameOrder) => &[OrderAtMost, OrderAtLeast],
        (Purpose::Corrections, OrderAtMost) => &[OrderAtLeast],
        (Purpose::Corrections, OrderAtLeast) => &[OrderAtMost],
        (Purpose::Corrections, TendsTo) => &[],
    }
}

impl Editor<'_> {
    fn side(&mut self, side: &Expr) {
        self.term(side, &|new| new);
        self.visit(side, &|new| new);
        if self.purpose == Purpose::Corrections {
            self.exchange(side);
        }
    }

    /// Edits of a whole term of a sum.
    fn term(&mut self, term: &Expr, hole: Hole<'_>) {
        match &*term.node {
            Node::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
                let (op, span) = (*op, term.span);
                self.term(a, &|new| hole(binary(op, new, b.clone(), span)));
                self.term(b, &|new| hole(binary(op, a.clone(), new, span)));
            }
            Node::Neg(a) => self.term(a, &|new| hole(expr(Node::Neg(new), term.span))),
            Node::Number(_) | Node::Infinity => {}
            _ => {
                let span = term.span;
                self.push(Kind::Sign, term, expr(Node::Neg(term.clone()), span), hole);
                self.push(
                    Kind::Factor,
                    term,
                    binary(BinaryOp::Mul, whole(2), term.clone(), span),
                    hole,
                );
                self.push(
                    Kind::Factor,
                    term,
                    binary(BinaryOp::Div, term.clone(), whole(2), span),
                    hole,
                );
                if self.purpose == Purpose::Corrections {
                    for atom in self.atoms.clone() {
                        self.push(
                            Kind::Added,
                            term,
                            binary(BinaryOp::Mul, atom.clone(), term.clone(), span),
                            hole,
                        );
                        self.push(
                            Kind::Added,
                            term,
                            binary(BinaryOp::Div, term.clone(), atom, span),
                            hole,
                        );
                    }
                }
            }
        }
    }

    /// Edits of a node, then of its parts.
    fn visit(&mut self, at: &Expr, hole: Hole<'_>) {
        let span = at.span;
        match &*at.node {
            Node::Number(x) => self.number(x, at, Kind::Number, hole),
            Node::Infinity | Node::Pi => {}
            Node::Name(name) => {
                self.name(name, at, hole);
                self.square(at, hole);
                self.cut(at, hole);
            }
            Node::Neg(a) => {
                self.push(Kind::Sign, at, a.clone(), hole);
                self.visit(a, &|new| hole(expr(Node::Neg(new), span)));
            }
            Node::Binary(op, a, b) => self.binary(*op, a, b, at, hole),
            Node::Transpose(a) => {
                self.push(Kind::Function, at, a.clone(), hole);
                self.visit(a, &|new| hole(expr(Node::Transpose(new), span)));
            }
            Node::Call(function, arguments) => self.call(*function, arguments, at, hole),
            Node::Apply(name, arguments) => {
                for (i, argument) in arguments.iter().enumerate() {
                    self.visit(argument, &|new| {
                        let mut arguments = arguments.clone();
                        arguments[i] = new;
                        hole(expr(Node::Apply(name.clone(), arguments), span))
                    });
                }
            }
            Node::Member(name, index) => {
                self.visit(index, &|new| {
                    hole(expr(Node::Member(name.clone(), new), span))
                });
            }
            Node::Expectation(a) => self.visit(a, &|new| hole(expr(Node::Expectation(new), span))),
            Node::If(condition, a, b) => {
                self.push(
                    Kind::Swapped,
                    at,
                    expr(Node::If(condition.clone(), b.clone(), a.clone()), span),
                    hole,
                );
                self.visit(a, &|new| {
                    hole(expr(Node::If(condition.clone(), new, b.clone()), span))
                });
                self.visit(b, &|new| {
                    hole(expr(Node::If(condition.clone(), a.clone(), new), span))
                });
            }
            Node::Fold { .. } => self.fold(at, hole),
            Node::Extremum { .. } => self.extremum(at, hole),
            Node::Diff(a, x, to) => {
                if to.is_none() {
                    self.push(Kind::Function, at, a.clone(), hole);
                }
                let with = |new, to| expr(Node::Diff(new, x.clone(), to), span);
                self.visit(a, &|new| hole(with(new, to.clone())));
                if let Some(to) = to {
                    self.visit(to, &|new| hole(with(a.clone(), Some(new))));
                }
            }
        }
    }

    /// Whether the order of factors may matter.
    fn is_matrix(&self, e: &Expr) -> bool {
        match &*e.node {
            Node::Name(name) => {
                ["Sigma", "I", "w0"].contains(&name.as_str())
                    || self.scope.random.iter().any(|(n, _)| n == name)
                    || (self.scope.definitions.iter())
                        .any(|(n, body)| n == name && self.is_matrix(body))
            }
            Node::Member(..) => true,
            Node::Call(function, _) => matches!(
                function,
                Function::Inv | Function::Pinv | Function::Proj | Function::Ridge
            ),
            Node::Transpose(a) | Node::Neg(a) => self.is_matrix(a),
            Node::Binary(_, a, b) => self.is_matrix(a) || self.is_matrix(b),
            _ => false,
        }
    }

    /// Numbers next to it; halves for what is no whole number.
    fn number(&mut self, x: &BigRational, at: &Expr, kind: Kind, hole: Hole<'_>) {
        let one = BigRational::one();
        let mut near = vec![x + &one];
        if x > &one {
            near.push(x - &one);
        }
        if !x.is_integer() {
            near.push(x / (&one + &one));
        }
        for new in near {
            let new = expr(Node::Number(new), at.span);
            self.push(kind, at, new, hole);
        }
    }

    /// Names of the same kind, where one is easily written for the other.
    fn name(&mut self, name: &str, at: &Expr, hole: Hole<'_>) {
        let mut others: Vec<String> = Vec::new();
        let whole_symbol = |n: &str| {
            n == "d"
                || (self.scope.symbols.iter())
                    .any(|(known, symbol)| known == n && matches!(symbol, Symbol::Integer { .. }))
        };
        let base = |n: &str| n.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let random = self.scope.random.iter().map(|(n, _)| n);
        let known: Vec<String> = (self.scope.symbols.iter().map(|(n, _)| n))
            .chain(random)
            .cloned()
            .chain(["d".to_owned()])
            .collect();
        for other in &known {
            if other == name {
                continue;
            }
            let sizes = whole_symbol(name) && whole_symbol(other);
            let numbered = base(name) == base(other);
            if sizes || numbered {
                others.push(other.clone());
            }
        }
        // A ridge and its effective value.
        for (symbol, value) in &self.scope.symbols {
            if let Symbol::Defined(body) = value
                && let Node::Call(Function::Kappa, arguments) = &*body.node
                && let Node::Name(ridge) = &*arguments[0].node
            {
                if symbol == name {
                    others.push(ridge.clone());
                } else if ridge == name {
                    others.push(symbol.clone());
                }
            }
        }
        for other in others {
            self.push(Kind::Name, at, expr(Node::Name(other), at.span), hole);
        }
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, at: &Expr, hole: Hole<'_>) {
        let span = at.span;
        let with = |op, a: &Expr, b: &Expr| binary(op, a.clone(), b.clone(), span);
        match op {
            BinaryOp::Add | BinaryOp::Sub => {
                let other = if op == BinaryOp::Add {
                    BinaryOp::Sub
                } else {
                    BinaryOp::Add
                };
                self.push(Kind::Sign, at, with(other, a, b), hole);
                if op == BinaryOp::Sub {
                    self.push(Kind::Swapped, at, with(op, b, a), hole);
                }
                self.push(Kind::Missing, at, a.clone(), hole);
                let rest = if op == BinaryOp::Add {
                    b.clone()
                } else {
                    expr(Node::Neg(b.clone()), span)
                };
                self.push(Kind::Missing, at, rest, hole);
                self.one(op, a, b, at, hole);
                self.square(at, hole);
                self.one_off(at, hole);
            }
            BinaryOp::Mul => {
                self.push(Kind::Missing, at, a.clone(), hole);
                self.push(Kind::Missing, at, b.clone(), hole);
                self.push(Kind::Swapped, at, with(BinaryOp::Div, a, b), hole);
                if self.is_matrix(a) && self.is_matrix(b) {
                    self.push(Kind::Swapped, at, with(BinaryOp::Mul, b, a), hole);
                }
            }
            BinaryOp::Div => {
                self.push(Kind::Missing, at, a.clone(), hole);
                self.push(Kind::Swapped, at, with(BinaryOp::Mul, a, b), hole);
                self.push(Kind::Swapped, at, with(BinaryOp::Div, b, a), hole);
                self.square(at, hole);
            }
            BinaryOp::Pow => {
                self.push(Kind::Exponent, at, a.clone(), hole);
                if let Node::Number(n) = &*b.node {
                    let one = BigRational::one();
                    for new in [n + &one, n - &one, -n.clone()] {
                        if !new.is_zero() && !new.is_one() {
                            let exponent = expr(Node::Number(new), b.span);
                            self.push(Kind::Exponent, at, with(BinaryOp::Pow, a, &exponent), hole);
                        }
                    }
                } else {
                    let negative = negated(b);
                    self.push(Kind::Exponent, at, with(BinaryOp::Pow, a, &negative), hole);
                }
            }
        }
        self.visit(a, &|new| hole(binary(op, new, b.clone(), span)));
        if !(op == BinaryOp::Pow && matches!(&*b.node, Node::Number(_))) {
            self.visit(b, &|new| hole(binary(op, a.clone(), new, span)));
        }
    }

    fn call(&mut self, function: Function, arguments: &[Expr], at: &Expr, hole: Hole<'_>) {
        let span = at.span;
        let called = |function, arguments: Vec<Expr>| expr(Node::Call(function, arguments), span);
        if function == Function::Given {
            let put = |new: Expr| {
                let mut arguments = arguments.to_vec();
                arguments[0] = new;
                hole(called(function, arguments))
            };
            return self.visit(&arguments[0], &put);
        }
        let other = match function {
            Function::Min => Some(Function::Max),
            Function::Max => Some(Function::Min),
            Function::Pinv => Some(Function::Proj),
            _ => None,
        };
        if let Some(other) = other {
            self.push(Kind::Function, at, called(other, arguments.to_vec()), hole);
        }
        match (function, arguments) {
            (Function::Kappa, [ridge, _]) => self.push(Kind::Name, at, ridge.clone(), hole),
            (Function::Norm2, [v, _]) => {
                self.push(
                    Kind::Missing,
                    at,
                    called(Function::Norm2, vec![v.clone()]),
                    hole,
                );
            }
            (Function::Eigenvalue | Function::Coefficient, [j]) => {
                let next = binary(BinaryOp::Add, j.clone(), whole(1), j.span);
                self.push(Kind::Index, at, called(function, vec![next]), hole);
            }
            (Function::Min | Function::Max, _) => {
                for i in 0..arguments.len().min(3) {
                    if arguments.len() == 2 {
                        self.push(Kind::Missing, at, arguments[i].clone(), hole);
                    }
                }
            }
            (_, [a]) => self.push(Kind::Function, at, a.clone(), hole),
            _ => {}
        }
        if matches!(
            function,
            Function::Kappa | Function::Df | Function::Tr | Function::Norm2
        ) {
            self.square(at, hole);
        }
        if let ([a, b], false) = (arguments, matches!(function, Function::Min | Function::Max)) {
            self.push(
                Kind::Swapped,
                at,
                called(function, vec![b.clone(), a.clone()]),
                hole,
            );
        }
        for (i, argument) in arguments.iter().enumerate() {
            let put = |new: Expr| {
                let mut arguments = arguments.to_vec();
                arguments[i] = new;
                hole(expr(Node::Call(function, arguments), span))
            };
            self.visit(argument, &put);
        }
    }
}

fn negated(e: &Expr) -> Expr {
    match &*e.node {
        Node::Neg(inner) => inner.clone(),
        Node::Number(x) if x.is_negative() => expr(Node::Number(-x.clone()), e.span),
        _ => expr(Node::Neg(e.clone()), e.span),
    }
}

#[cfg(test)]
mod tests;
