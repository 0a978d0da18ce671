//! Terms made from terms: substitution, and constructors that simplify `0 + x`, `1*x` and exact constants.

use std::collections::HashMap;
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::node::{Binder, Condition, Id, ModelId, Node, RandomId};
use super::store::Store;
use crate::formula::ast::{BinaryOp, Function, RelationOp, Span};
use crate::formula::constant::power;

/// What takes the place of what.
struct Replacement<'a> {
    with: &'a dyn Fn(&Node) -> Option<Id>,
    /// Variables that occur free in what is put in: forms that bind them give theirs another name.
    captured: Vec<Binder>,
    /// Terms without these variables stay as they are, where only variables are replaced.
    only: Option<Binder>,
    done: HashMap<Id, Id>,
}

impl Store {
    /// `id` with the variable `binder` replaced by `by`.
    pub fn replace_bound(&mut self, id: Id, binder: Binder, by: Id) -> Id {
        let with = |node: &Node| match node {
            Node::Bound(b) if *b == binder => Some(by),
            _ => None,
        };
        let mut replacement = Replacement {
            with: &with,
            captured: self.free(by).to_vec(),
            only: Some(binder),
            done: HashMap::new(),
        };
        self.replaced(id, &mut replacement)
    }

    /// `id` with every node for which `with` has a term replaced by it. `by` lists the terms that are put in.
    pub fn replace(&mut self, id: Id, by: &[Id], with: &dyn Fn(&Node) -> Option<Id>) -> Id {
        let captured = by.iter().flat_map(|id| self.free(*id).to_vec()).collect();
        let mut replacement = Replacement {
            with,
            captured,
            only: None,
            done: HashMap::new(),
        };
        self.replaced(id, &mut replacement)
    }

    fn replaced(&mut self, id: Id, r: &mut Replacement<'_>) -> Id {
        if r.only.is_some_and(|b| !self.free(id).contains(&b)) {
            return id;
        }
        if let Some(&done) = r.done.get(&id) {
            return done;
        }
        let (mut node, span) = (self.node(id).clone(), self.span(id));
        if let Some(by) = (r.with)(&node) {
            r.done.insert(id, by);
            return by;
        }
        if let Some(binder) = node.binder()
            && r.captured.contains(&binder)
        {
            let name = self.binder_name(binder).to_owned();
            let other = self.fresh(&name);
            let variable = self.make(Node::Bound(other), span);
            let body = self.replace_bound(node.children()[2], binder, variable);
            node = node.rebound(other, body);
        }
        let node = self.with_hidden(node, r);
        let node = node.with_children(&mut |child| self.replaced(child, r));
        let new = self.make(node, span);
        r.done.insert(id, new);
        new
    }

    /// The node with the parameters of its random object or its `Sigma` replaced.
    fn with_hidden(&mut self, node: Node, r: &mut Replacement<'_>) -> Node {
        match node {
            Node::Random(x) => Node::Random(self.replaced_random(x, r)),
            Node::Member(x, i) => Node::Member(self.replaced_random(x, r), i),
            Node::Sigma(m) => Node::Sigma(self.replaced_model(m, r)),
            Node::Target(m) => Node::Target(self.replaced_model(m, r)),
            Node::Eigenvalue(m, j) => Node::Eigenvalue(self.replaced_model(m, r), j),
            Node::Coefficient(m, j) => Node::Coefficient(self.replaced_model(m, r), j),
            Node::Kappa(m, a, b) => Node::Kappa(self.replaced_model(m, r), a, b),
            Node::Df(m, a, b) => Node::Df(self.replaced_model(m, r), a, b),
            Node::SpectralSum {
                model,
                weighted,
                from,
                to,
                eigenvalue,
                body,
            } => Node::SpectralSum {
                model: self.replaced_model(model, r),
                weighted,
                from,
                to,
                eigenvalue,
                body,
            },
            other => other,
        }
    }

    fn replaced_random(&mut self, id: RandomId, r: &mut Replacement<'_>) -> RandomId {
        let object = self.random(id).clone();
        let object = object.map(&mut |x| self.replaced(x, r));
        self.add_random(object)
    }

    fn replaced_model(&mut self, id: ModelId, r: &mut Replacement<'_>) -> ModelId {
        let model = self.model(id).clone();
        let model = model.map(&mut |x| self.replaced(x, r));
        self.add_model(model)
    }

    /// A multiple of `I` with its size.
    pub fn sized(&mut self, id: Id, size: Id) -> Id {
        if self.shape(id) != super::Shape::Identity {
            return id;
        }
        let span = self.span(id);
        let identity = self.make(Node::Identity(Some(size)), span);
        self.replace(id, &[identity], &|node| {
            (*node == Node::Identity(None)).then_some(identity)
        })
    }

    /// The number a term is, where it is one.
    pub fn literal(&self, id: Id) -> Option<BigRational> {
        match self.node(id) {
            Node::Number(x) => Some(BigRational::clone(x)),
            Node::Neg(x) => Some(-self.literal(*x)?),
            _ => None,
        }
    }

    fn is_one(&self, id: Id) -> bool {
        self.literal(id).is_some_and(|x| x.is_one())
    }

    /// A number as it is written: negative ones are negations.
    pub fn exact(&mut self, value: BigRational, span: Span) -> Id {
        if value.is_negative() {
            let magnitude = self.number(-value, span);
            self.make(Node::Neg(magnitude), span)
        } else {
            self.number(value, span)
        }
    }

    pub fn call(&mut self, function: Function, arguments: &[Id], span: Span) -> Id {
        self.make(Node::Call(function, Arc::from(arguments)), span)
    }

    /// `if(a op b, yes, no)`
    pub fn choose(&mut self, a: Id, op: RelationOp, b: Id, yes: Id, no: Id) -> Id {
        let condition = Arc::new(Condition::Compare(a, op, b));
        let span = self.span(a);
        self.make(Node::If(condition, yes, no), span)
    }

    pub fn neg(&mut self, x: Id) -> Id {
        if let Node::Neg(inner) = self.node(x) {
            return *inner;
        }
        let span = self.span(x);
        match self.literal(x) {
            Some(value) => self.exact(-value, span),
            None => self.make(Node::Neg(x), span),
        }
    }

    /// `None` is zero.
    pub fn plus(&mut self, a: Option<Id>, b: Option<Id>) -> Option<Id> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.add(a, b)),
            (a, b) => a.or(b),
        }
    }

    pub fn add(&mut self, a: Id, b: Id) -> Id {
        let span = self.span(a);
        if let (Some(x), Some(y)) = (self.literal(a), self.literal(b)) {
            return self.exact(x + y, span);
        }
        if let Node::Neg(inner) = *self.node(b) {
            return self.make(Node::Binary(BinaryOp::Sub, a, inner), span);
        }
        self.make(Node::Binary(BinaryOp::Add, a, b), span)
    }

    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        let negative = self.neg(b);
        self.add(a, negative)
    }

    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        let span = self.span(a);
        if self.is_one(a) {
            return b;
        }
        if self.is_one(b) {
            return a;
        }
        if let (Some(x), Some(y)) = (self.literal(a), self.literal(b)) {
            return self.exact(x * y, span);
        }
        match (self.node(a).clone(), self.node(b).clone()) {
            (Node::Neg(x), _) => {
                let product = self.mul(x, b);
                self.neg(product)
            }
            (_, Node::Neg(y)) => {
                let product = self.mul(a, y);
                self.neg(product)
            }
            _ => self.make(Node::Binary(BinaryOp::Mul, a, b), span),
        }
    }

    pub fn div(&mut self, a: Id, b: Id) -> Id {
        let span = self.span(a);
        if self.is_one(b) {
            return a;
        }
        if let Node::Neg(x) = *self.node(a) {
            let quotient = self.div(x, b);
            return self.neg(quotient);
        }
        self.make(Node::Binary(BinaryOp::Div, a, b), span)
    }

    pub fn pow(&mut self, a: Id, b: Id) -> Id {
        let span = self.span(a);
        if self.is_one(b) {
            return a;
        }
        if let (Some(x), Some(y)) = (self.literal(a), self.literal(b)) {
            if let Some(value) = power(&x, &y) {
                return self.exact(value, span);
            }
            if y.is_zero() {
                return self.whole(1, span);
            }
        }
        self.make(Node::Binary(BinaryOp::Pow, a, b), span)
    }

    /// The exact value of a term made of numbers and `+ - * / ^` with whole powers.
    pub fn constant(&self, id: Id) -> Option<BigRational> {
        const MAX_BITS: u64 = 20_000;
        let bits = |x: &BigRational| x.numer().bits() + x.denom().bits();
        match self.node(id) {
            Node::Number(x) => Some(BigRational::clone(x)),
            Node::Neg(x) => Some(-self.constant(*x)?),
            Node::Binary(op, a, b) => {
                let (a, b) = (self.constant(*a)?, self.constant(*b)?);
                if bits(&a) + bits(&b) > MAX_BITS {
                    return None;
                }
                match op {
                    BinaryOp::Add => Some(a + b),
                    BinaryOp::Sub => Some(a - b),
                    BinaryOp::Mul => Some(a * b),
                    BinaryOp::Div => (!b.is_zero()).then(|| a / b),
                    BinaryOp::Pow => power(&a, &b),
                }
            }
            _ => None,
        }
    }
}
