//! Recursions, written out step by step.

use num_traits::ToPrimitive;

use super::{Answer, Reach, Resolver, STEP};
use crate::formula::ast::{RelationOp, Span};
use crate::formula::recursion::{Range, combined, members, needs_itself, of_symbol};
use crate::formula::scope::{DefinedFunction, Start};
use crate::term::node::{Id, Node};

impl<'a> Resolver<'a> {
    /// The whole numbers that a term may be, as far as that is known.
    pub(super) fn range(&self, id: Id) -> Option<Range> {
        if let Some(value) = self.store.constant(id) {
            let whole = value.is_integer().then(|| value.numer().to_i64())??;
            return Some((whole, whole));
        }
        match *self.store.node(id) {
            Node::Symbol(symbol) => of_symbol(self.store.symbol_name(symbol), self.scope),
            Node::Bound(binder) => self.ranges.get(&binder).copied(),
            Node::Neg(x) => {
                let (a, b) = self.range(x)?;
                Some((b.checked_neg()?, a.checked_neg()?))
            }
            Node::Binary(op, a, b) => combined(op, self.range(a)?, self.range(b)?),
            _ => None,
        }
    }

    /// A call of a recursion: a member, or a choice between those that the index may mean.
    pub(super) fn recursion(
        &mut self,
        name: &str,
        (function, start): (&'a DefinedFunction, &'a Start),
        index: Id,
        span: Span,
    ) -> Answer {
        let (least, most) = members(name, start.index, self.range(index), span)?;
        let mut choice = None;
        // From the start on, so that each step finds the one before it.
        let mut all = Vec::new();
        for k in start.index..=most {
            all.push((k, self.member(name, (function, start), k, span)?));
        }
        for (k, member) in all.into_iter().rev().take_while(|(k, _)| *k >= least) {
            choice = Some(match choice {
                None => member,
                Some(rest) => {
                    let k = self.store.whole(k, span);
                    let (member, rest) = self.beside(member, rest, false);
                    self.store.choose(index, RelationOp::Eq, k, member, rest)
                }
            });
        }
        choice.ok_or_else(|| needs_itself(name, most, span))
    }

    fn member(
        &mut self,
        name: &str,
        (function, start): (&'a DefinedFunction, &'a Start),
        k: i64,
        span: Span,
    ) -> Answer {
        let open = format!("{name}({k}){STEP}");
        let key = (open.clone(), self.reaching());
        if let Some(&known) = self.definitions.get(&key) {
            return Ok(known);
        }
        if self.open.contains(&open) {
            return Err(needs_itself(name, k, span));
        }
        self.open.push(open);
        let outer = self.only_everywhere();
        let member = if k == start.index {
            self.term(&start.value)
        } else {
            let index = self.store.whole(k, span);
            self.bound
                .push((function.parameters[0].clone(), index, Reach::Here));
            self.term(&function.body)
        };
        self.bound = outer;
        self.open.pop();
        let member = member?;
        self.definitions.insert(key, member);
        Ok(member)
    }
}
