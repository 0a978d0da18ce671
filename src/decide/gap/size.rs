//! How large a side would be if nothing cancelled in it, and which of its terms count for nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::formula::ast::{BinaryOp, Expr, Fold, Function};
use crate::term::evaluate::{EvaluationError, Evaluator, LinearAlgebra};
use crate::term::{Id, Node, Store};

/// Sums within sums that are looked into.
const MAX_DEPTH: usize = 40;

/// The sizes of the terms of one side, through sums, products and powers.
pub(super) struct Sizes<'a, R> {
    evaluator: &'a Evaluator<'a, R>,
    store: Arc<Store>,
    side: Id,
    cancels: RefCell<HashMap<Id, bool>>,
    sizes: RefCell<HashMap<Id, R>>,
    /// By the term whose size is the scale.
    faint: RefCell<HashMap<(Id, Option<Id>), bool>>,
}

impl<'a, R: LinearAlgebra> Sizes<'a, R> {
    pub fn new(evaluator: &'a Evaluator<'a, R>, side: &Expr) -> Result<Self, EvaluationError> {
        let side = evaluator.term(side)?;
        Ok(Self {
            evaluator,
            store: evaluator.store()?,
            side,
            cancels: RefCell::default(),
            sizes: RefCell::default(),
            faint: RefCell::default(),
        })
    }

    /// What a cancellation is to be measured against.
    pub fn size(&self) -> R {
        self.size_of(self.side, 0)
    }

    /// Whether a sum has a term that beside `scale` counts for nothing and yet is not zero. What is small because its
    /// own terms cancel is not such a term; one of those may be.
    pub fn has_faint_term(&self, scale: &R, least: f64) -> bool {
        self.faint_in(self.side, (scale, None, least), 0)
    }

    fn value(&self, id: Id) -> Result<R, EvaluationError> {
        self.evaluator.scalar_of(id)
    }

    fn size_of(&self, id: Id, depth: usize) -> R {
        if depth > MAX_DEPTH {
            return R::zero();
        }
        if let Some(known) = self.sizes.borrow().get(&id) {
            return known.clone();
        }
        let size = self.made_of(id, depth);
        self.sizes.borrow_mut().insert(id, size.clone());
        size
    }

    fn made_of(&self, id: Id, depth: usize) -> R {
        let size = |id: Id| self.size_of(id, depth + 1);
        let itself = || self.value(id).map_or(R::zero(), |x| x.center().abs());
        if depth > 0 && !self.may_cancel(id) {
            return itself();
        }
        match self.store.node(id) {
            Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => size(*a).greater(&size(*b)),
            Node::Neg(a) => size(*a),
            Node::Binary(BinaryOp::Mul, a, b)
                if self.value(*a).is_ok() && self.value(*b).is_ok() =>
            {
                size(*a) * size(*b)
            }
            Node::Binary(BinaryOp::Div, a, b) => match (self.value(*a), self.value(*b)) {
                (Ok(_), Ok(b)) if !b.is_zero() => size(*a) / b.center().abs(),
                _ => itself(),
            },
            Node::Call(Function::Abs, arguments) => size(arguments[0]),
            Node::Call(Function::Min | Function::Max, arguments) => {
                let chosen = self.chosen(id, arguments).into_iter().map(size);
                chosen.fold(itself(), |most, size| most.greater(&size))
            }
            // what is told from zero is a measure by itself
            Node::Fold {
                kind: Fold::Sum, ..
            }
            | Node::SpectralSum { .. } => {
                let told = self
                    .value(id)
                    .is_ok_and(|x| x.is_zero() || x.sign().is_some());
                let terms = (!told)
                    .then(|| self.evaluator.size_of_terms(id).ok())
                    .flatten();
                terms.map_or_else(itself, |x| x.center().abs())
            }
            Node::Call(Function::Eigmin | Function::Eigmax, arguments) => {
                self.of_matrix(arguments[0], depth).greater(&itself())
            }
            Node::Binary(BinaryOp::Pow, a, n) => match self.value(*n) {
                Ok(n) if n.radius() == 0.0 && n.midpoint() > 0.0 && self.value(*a).is_ok() => {
                    size(*a).powf(&n)
                }
                _ => itself(),
            },
            _ => itself(),
        }
    }

    /// The arguments of a `min` or `max` that may be its value: where two meet, all that meet.
    fn chosen(&self, id: Id, arguments: &[Id]) -> Vec<Id> {
        let value = self.value(id).ok();
        let apart = |a: &R, b: &R| (a.clone() - b.clone()).sign().is_some();
        let may_be = |of: &Id| match (&value, self.value(*of)) {
            (Some(value), Ok(of)) => !apart(value, &of),
            _ => false,
        };
        arguments.iter().copied().filter(may_be).collect()
    }

    /// The size of the terms of a matrix.
    fn of_matrix(&self, id: Id, depth: usize) -> R {
        let size = |id: Id| self.of_matrix(id, depth + 1);
        match self.store.node(id) {
            Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) if depth < MAX_DEPTH => {
                size(*a).greater(&size(*b))
            }
            Node::Neg(a) if depth < MAX_DEPTH => size(*a),
            Node::Binary(BinaryOp::Mul, a, b) if depth < MAX_DEPTH => size(*a) * size(*b),
            _ => (self.evaluator.opnorm_of(id))
                .or_else(|_| self.value(id))
                .map_or(R::zero(), |x| x.center().abs()),
        }
    }

    /// The same of a side that is a matrix.
    pub fn size_of_matrix(&self) -> R {
        self.of_matrix(self.side, 0)
    }

    /// Whether a term contains a sum.
    fn may_cancel(&self, id: Id) -> bool {
        if let Some(&known) = self.cancels.borrow().get(&id) {
            return known;
        }
        let node = self.store.node(id);
        let cancels = matches!(node, Node::Binary(BinaryOp::Add | BinaryOp::Sub, ..))
            || node.children().iter().any(|child| self.may_cancel(*child));
        self.cancels.borrow_mut().insert(id, cancels);
        cancels
    }

    fn faint_in(&self, id: Id, (scale, of, least): (&R, Option<Id>, f64), depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        if let Some(&known) = self.faint.borrow().get(&(id, of)) {
            return known;
        }
        let faint = self.is_faint(id, (scale, of, least), depth);
        self.faint.borrow_mut().insert((id, of), faint);
        faint
    }

    fn is_faint(&self, id: Id, (scale, of, least): (&R, Option<Id>, f64), depth: usize) -> bool {
        let within = |id: Id| self.faint_in(id, (scale, of, least), depth + 1);
        // A factor is measured against its own size.
        let factor = |id: Id| {
            self.value(id).is_ok() && {
                let size = self.size_of(id, depth + 1).center();
                self.faint_in(id, (&size, Some(id), least), depth + 1)
            }
        };
        match self.store.node(id) {
            Node::Binary(BinaryOp::Add | BinaryOp::Sub, a, b) => return within(*a) || within(*b),
            Node::Neg(a) => return within(*a),
            // A difference that vanishes where it meets zero is lost in nothing.
            Node::Call(Function::Min | Function::Max, arguments) => {
                return self.chosen(id, arguments).into_iter().any(within);
            }
            _ => {}
        }
        let Ok(value) = self.value(id) else {
            return false;
        };
        if value.is_zero() || scale.is_zero() {
            return false;
        }
        let size = self.size_of(id, depth + 1).center().greater(&value.abs());
        let share = size / scale.clone();
        if share.midpoint().abs() + share.radius() < least {
            return true;
        }
        match self.store.node(id) {
            Node::Binary(BinaryOp::Mul | BinaryOp::Div, a, b) => factor(*a) || factor(*b),
            Node::Binary(BinaryOp::Pow, a, _) => factor(*a),
            Node::Call(Function::Abs, arguments) => factor(arguments[0]),
            _ => false,
        }
    }
}
