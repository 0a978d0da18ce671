//! The one-edit neighbours of a statement: what a slip of the pen would have made of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp, Span};
use crate::formula::scope::{Scope, Symbol};

/// What was changed. The order is that of closeness, as corrections are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `x^n` for `x^(n+1)` or the other way round, a dropped or an added square.
    Exponent,
    /// Another order of `df`, another whole number.
    Number,
    Sign,
    /// `d` for `T`, `T` for `T0`, `kappa` for `lambda`.
    Name,
    /// Twice or half a term.
    Factor,
    /// A term or factor left out.
    Missing,
    /// A factor too many, out of the statement's own names.
    Added,
    /// Arguments or operands in the other order.
    Swapped,
    /// Another function in its place, or none.
    Function,
    /// The first or last index, off by one.
    Index,
    /// A stronger, weaker or reversed relation.
    Relation,
    /// An assumption left out.
    Domain,
}

/// A neighbour of a statement.
#[derive(Clone, Debug)]
pub struct Neighbour {
    pub kind: Kind,
    pub says: Comparison,
    /// What stands where, in words.
    pub edit: String,
    /// Where in the file.
    pub place: Span,
}

/// Which neighbours are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Slips that a check must notice.
    Faults,
    /// Slips that may have been made, to be undone.
    Corrections,
}

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
        atoms: atoms(says, scope),
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

/// An edited side, before it is put back.
struct Edit {
    kind: Kind,
    side: Expr,
    edit: String,
    place: Span,
}

impl Edit {
    fn into_neighbour(self, put: impl FnOnce(Expr) -> Comparison) -> Neighbour {
        Neighbour {
            kind: self.kind,
            says: put(self.side),
            edit: self.edit,
            place: self.place,
        }
    }
}

struct Editor<'a> {
    scope: &'a Scope,
    purpose: Purpose,
    /// Scalar names and values of κ that occur, as factors that may be missing.
    atoms: Vec<Expr>,
    found: Vec<Edit>,
}

/// Rebuilds the side around a changed part.
type Hole<'h> = &'h dyn Fn(Expr) -> Expr;

fn expr(node: Node, span: Span) -> Expr {
    Expr {
        node: Arc::new(node),
        span,
    }
}

fn whole(n: i64) -> Expr {
    expr(
        Node::Number(BigRational::from_integer(BigInt::from(n))),
        Span::default(),
    )
}

fn binary(op: BinaryOp, a: Expr, b: Expr, span: Span) -> Expr {
    expr(Node::Binary(op, a, b), span)
}

impl Editor<'_> {
    fn side(&mut self, side: &Expr) {
        self.term(side, &|new| new);
        self.visit(side, &|new| new);
        if self.purpose == Purpose::Corrections {
            self.exchange(side);
        }
    }

    fn push(&mut self, kind: Kind, old: &Expr, new: Expr, hole: Hole<'_>) {
        let edit = format!("`{new}` for `{old}`");
        self.found.push(Edit {
            kind,
            side: hole(new),
            edit,
            place: old.span,
        });
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
            Node::Diff(a, x) => {
                self.push(Kind::Function, at, a.clone(), hole);
                self.visit(a, &|new| hole(expr(Node::Diff(new, x.clone()), span)));
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

    /// `x^2` for `x`: only where a correction is looked for, since no slip adds so much.
    fn square(&mut self, at: &Expr, hole: Hole<'_>) {
        if self.purpose == Purpose::Corrections {
            let new = binary(BinaryOp::Pow, at.clone(), whole(2), at.span);
            self.push(Kind::Exponent, at, new, hole);
        }
    }

    /// A value that a quantity does not pass: a kink that was forgotten.
    fn cut(&mut self, at: &Expr, hole: Hole<'_>) {
        if self.purpose == Purpose::Corrections {
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

    /// Two denominators that were taken for one another.
    fn exchange(&mut self, side: &Expr) {
        let mut below: Vec<Expr> = Vec::new();
        crate::formula::walk(side, &mut |node| {
            if let Node::Binary(BinaryOp::Div, _, b) = &*node.node {
                below.push(b.clone());
            }
        });
        below.truncate(8);
        for i in 0..below.len() {
            for j in i + 1..below.len() {
                let (a, b) = (&below[i], &below[j]);
                let inside = |outer: &Expr, inner: &Expr| {
                    let mut found = false;
                    crate::formula::walk(outer, &mut |node| {
                        found |= Arc::ptr_eq(&node.node, &inner.node)
                    });
                    found
                };
                if a.to_string() == b.to_string() || inside(a, b) || inside(b, a) {
                    continue;
                }
                let exchanged = rebuilt(side, &|node| {
                    if Arc::ptr_eq(&node.node, &a.node) {
                        Some(b.clone())
                    } else if Arc::ptr_eq(&node.node, &b.node) {
                        Some(a.clone())
                    } else {
                        None
                    }
                });
                self.found.push(Edit {
                    kind: Kind::Swapped,
                    side: exchanged,
                    edit: format!("`{a}` and `{b}` exchanged"),
                    place: a.span,
                });
            }
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

    fn fold(&mut self, at: &Expr, hole: Hole<'_>) {
        let Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        } = &*at.node
        else {
            return;
        };
        let made = |from: &Expr, to: &Expr, body: &Expr| {
            let (from, to, body) = (from.clone(), to.clone(), body.clone());
            expr(
                Node::Fold {
                    kind: *kind,
                    index: index.clone(),
                    from,
                    to,
                    body,
                },
                at.span,
            )
        };
        let next = |e: &Expr, by: i64| match &*e.node {
            Node::Number(n) => expr(
                Node::Number(n + BigRational::from_integer(BigInt::from(by))),
                e.span,
            ),
            _ if by > 0 => binary(BinaryOp::Add, e.clone(), whole(by), e.span),
            _ => binary(BinaryOp::Sub, e.clone(), whole(-by), e.span),
        };
        for by in [1, -1] {
            self.push(Kind::Index, at, made(&next(from, by), to, body), hole);
            if !matches!(&*to.node, Node::Infinity) {
                self.push(Kind::Index, at, made(from, &next(to, by), body), hole);
            }
        }
        self.visit(body, &|new| hole(made(from, to, &new)));
    }

    fn extremum(&mut self, at: &Expr, hole: Hole<'_>) {
        let Node::Extremum {
            kind,
            variable,
            from,
            to,
            body,
        } = &*at.node
        else {
            return;
        };
        let made = |from: &Expr, to: &Expr, body: &Expr| {
            let (from, to, body) = (from.clone(), to.clone(), body.clone());
            expr(
                Node::Extremum {
                    kind: *kind,
                    variable: variable.clone(),
                    from,
                    to,
                    body,
                },
                at.span,
            )
        };
        self.visit(body, &|new| hole(made(from, to, &new)));
    }
}

/// The expression with the nodes replaced for which there is a replacement.
fn rebuilt(e: &Expr, new: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
    if let Some(new) = new(e) {
        return new;
    }
    let again = |part: &Expr| rebuilt(part, new);
    let node = match &*e.node {
        Node::Neg(a) => Node::Neg(again(a)),
        Node::Binary(op, a, b) => Node::Binary(*op, again(a), again(b)),
        Node::Transpose(a) => Node::Transpose(again(a)),
        Node::Call(function, arguments) => {
            Node::Call(*function, arguments.iter().map(again).collect())
        }
        Node::Expectation(a) => Node::Expectation(again(a)),
        // What binds a name is left as it is.
        _ => return e.clone(),
    };
    expr(node, e.span)
}

fn negated(e: &Expr) -> Expr {
    match &*e.node {
        Node::Neg(inner) => inner.clone(),
        Node::Number(x) if x.is_negative() => expr(Node::Number(-x.clone()), e.span),
        _ => expr(Node::Neg(e.clone()), e.span),
    }
}

/// Names of scalars that occur in a statement, each once: those with a domain, and those defined by κ.
fn atoms(says: &Comparison, scope: &Scope) -> Vec<Expr> {
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
    atoms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::file::read_text;

    fn edits(says: &str, purpose: Purpose) -> Vec<String> {
        let text = format!(
            "[symbols]\nd = {{ integer = [2, 40] }}\nT = {{ integer = [2, 40] }}\nT0 = {{ integer = [2, 40] }}\n\
             lambda = {{ real = [0.1, 1] }}\nk = \"kappa(lambda, T)\"\nx = {{ real = [1, 2] }}\n\
             [[claim]]\nid = \"a\"\nsays = \"{says}\"\n"
        );
        let file = read_text("a.toml".as_ref(), &text).unwrap();
        let claim = &file.claims[0];
        neighbours(&claim.says, &claim.scope, purpose, true)
            .into_iter()
            .map(|n| n.says.to_string())
            .collect()
    }

    /// The slips that are named in what the program promises.
    #[test]
    fn every_kind_of_slip_is_made() {
        let all = edits("df(2, k) - T0*x^2 <= d + lambda", Purpose::Faults);
        for slip in [
            "df(2, k) + T0*x^2 <= d + lambda",
            "df(1, k) - T0*x^2 <= d + lambda",
            "df(2, lambda) - T0*x^2 <= d + lambda",
            "df(2, k) - T*x^2 <= d + lambda",
            "df(2, k) - T0*x <= d + lambda",
            "df(2, k) - T0*x^3 <= d + lambda",
            "df(2, k) - 2*(T0*x^2) <= d + lambda",
            "df(2, k) - x^2 <= d + lambda",
            "df(2, k) - T0*x^2 <= T + lambda",
            "df(2, k) - T0*x^2 <= d + k",
            "df(2, k) - T0*x^2 < d + lambda",
            "df(k, 2) - T0*x^2 <= d + lambda",
            "df(2, k) <= d + lambda",
            "T0*x^2 - df(2, k) <= d + lambda",
            "-df(2, k) - T0*x^2 <= d + lambda",
        ] {
            assert!(all.iter().any(|says| says == slip), "{slip} among {all:#?}");
        }
        let sums = edits("sum(j = 1..d, s(j)) = tr(Sigma)", Purpose::Faults);
        assert!(
            sums.contains(&"sum(j = 2..d, s(j)) = tr(Sigma)".to_owned()),
            "{sums:#?}"
        );
        assert!(
            sums.contains(&"sum(j = 1..d - 1, s(j)) = tr(Sigma)".to_owned()),
            "{sums:#?}"
        );
    }

    #[test]
    fn corrections_add_squares_and_factors() {
        let all = edits("x = k*tr(inv(Sigma + k*I))", Purpose::Corrections);
        for wanted in [
            "x = k^2*tr(inv(Sigma + k*I))",
            "x = k*tr(inv(Sigma + k*I))/2",
            "x <= k*tr(inv(Sigma + k*I))",
        ] {
            assert!(
                all.iter().any(|says| says == wanted),
                "{wanted} among {all:#?}"
            );
        }
    }

    #[test]
    fn no_neighbour_is_the_statement_or_comes_twice() {
        let all = edits("x + x = 2*x", Purpose::Faults);
        assert!(!all.contains(&"x + x = 2*x".to_owned()));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
