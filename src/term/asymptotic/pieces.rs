//! Sums of what has kinks or jumps along its index: `min`, `max`, `abs` and `if`, cut where two powers of the index cross.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::AsymptoticError;
use super::evaluate::{Along, Germs, Result};
use super::powers::{Growing, Power};
use super::quantity::Quantity;
use crate::formula::ast::{Function, RelationOp};
use crate::scaling::{Germ, Limit, Order};
use crate::term::{Condition, Id, Node};

/// One of two values, by how two others compare.
struct Piece {
    node: Id,
    left: Id,
    /// Zero where there is none.
    right: Option<Id>,
    /// The term and its sign where `left` is the lesser, where both are equal, and where it is the greater.
    branches: [(Id, i64); 3],
    /// Whether the value has no jump where both are equal.
    continuous: bool,
}

/// Where along an index a piece takes which of its values.
enum Cut {
    /// Everywhere the same.
    Nowhere(Ordering),
    /// One order up to an index, and the other beyond it.
    At(Quantity, Ordering),
}

/// Sums the same terms over a part of the indices.
pub(super) type Part<'f, 's> = dyn FnMut(&mut Germs<'_>, &mut Along<'s>, &Quantity, Option<&Quantity>) -> Result<Quantity>
    + 'f;

impl Germs<'_> {
    /// The sum of `growing` from `start` to `end`, by `part` over each piece of it; `None` where it has no pieces, or they are not found.
    pub(super) fn sum_in_pieces<'s>(
        &mut self,
        walker: &mut Along<'s>,
        start: &Quantity,
        end: Option<&Quantity>,
        growing: Growing,
        part: &mut Part<'_, 's>,
    ) -> Result<Option<Quantity>> {
        if end.is_some_and(|end| end.exact().is_some()) {
            return Ok(None);
        }
        let Some(piece) = self.first_piece(walker, growing.body, growing) else {
            return Ok(None);
        };
        let Some(cut) = self.cut(walker, &piece, growing)? else {
            return Ok(None);
        };
        let (place, below) = match cut {
            Cut::Nowhere(order) => {
                return self
                    .with_branch(&piece, order, |germs| part(germs, walker, start, end))
                    .map(Some);
            }
            Cut::At(place, below) => (place, below),
        };
        if place.compare(start)? == Ordering::Less {
            return self
                .with_branch(&piece, below.reverse(), |germs| {
                    part(germs, walker, start, end)
                })
                .map(Some);
        }
        if let Some(end) = end
            && place.compare(end)? == Ordering::Greater
        {
            return self
                .with_branch(&piece, below, |germs| part(germs, walker, start, Some(end)))
                .map(Some);
        }
        self.on_both_sides(walker, (&piece, &place, below), start, end, growing, part)
    }

    fn on_both_sides<'s>(
        &mut self,
        walker: &mut Along<'s>,
        (piece, place, below): (&Piece, &Quantity, Ordering),
        start: &Quantity,
        end: Option<&Quantity>,
        growing: Growing,
        part: &mut Part<'_, 's>,
    ) -> Result<Option<Quantity>> {
        let one = Quantity::integer(1);
        if let Some(exact) = place.exact() {
            // the last index below, and what is at the place itself
            let last = Quantity::from(exact.ceil() - BigRational::one());
            let next = Quantity::from(exact.floor() + BigRational::one());
            let mut total = self.with_branch(piece, below, |germs| {
                part(germs, walker, start, Some(&last))
            })?;
            if exact.is_integer() {
                let at = self.with_branch(piece, Ordering::Equal, |germs| {
                    part(germs, walker, place, Some(place))
                })?;
                total = total.plus(&at)?;
            }
            let beyond = self.with_branch(piece, below.reverse(), |germs| {
                part(germs, walker, &next, end)
            })?;
            return total.plus(&beyond).map(Some);
        }
        if !matches!(place.germ()?.limit()?, Limit::PlusInfinity) {
            return Ok(None);
        }
        let Some(jump) = self.jump(walker, piece, place, growing)? else {
            return Ok(None);
        };
        let low = self.with_branch(piece, below, |germs| {
            part(germs, walker, start, Some(place))
        })?;
        let high = self.with_branch(piece, below.reverse(), |germs| {
            part(germs, walker, &place.plus(&one)?, end)
        })?;
        // the place is no whole number: by less than one index the sums are those to another end
        let total = low.plus(&high)?.plus(&Germ::bounded_by(jump).into())?;
        Ok(Some(total))
    }

    /// How much the summands of both sides may differ within an index of the place.
    fn jump(
        &mut self,
        walker: &mut Along<'_>,
        piece: &Piece,
        place: &Quantity,
        growing: Growing,
    ) -> Result<Option<Order>> {
        let mut largest: Option<Order> = None;
        for order in [Ordering::Less, Ordering::Greater] {
            let size = self.with_branch(piece, order, |germs| {
                germs.largest_at(walker, place, growing)
            })?;
            let Some(size) = size else { return Ok(None) };
            largest = largest.max(Some(size));
        }
        let mut largest = largest.unwrap_or_else(Order::constant);
        if piece.continuous
            && let Some(size) = place.germ()?.order_bound()
        {
            largest = largest.times(&size.recip());
        }
        Ok(Some(largest))
    }

    /// The order of the largest term of the summand at an index, whichever of their values its other pieces take there.
    fn largest_at(
        &mut self,
        walker: &mut Along<'_>,
        place: &Quantity,
        growing: Growing,
    ) -> Result<Option<Order>> {
        if let Some(inner) = self.first_piece(walker, growing.body, growing) {
            let mut sizes = Vec::new();
            for order in [Ordering::Less, Ordering::Greater] {
                let size = self.with_branch(&inner, order, |germs| {
                    germs.largest_at(walker, place, growing)
                })?;
                sizes.push(size);
            }
            let known: Option<Vec<Order>> = sizes.into_iter().collect();
            return Ok(known.and_then(|all| all.into_iter().max()));
        }
        let Some(terms) = self.powers_of_index(walker, growing)? else {
            return Ok(None);
        };
        let mut largest = Order::beyond_powers();
        for term in terms {
            let size = place.power(&term.power.clone().into())?;
            let size = term.coefficient.times(&size)?.germ()?;
            if let Some(order) = size.order_bound() {
                largest = largest.max(order.clone());
            }
        }
        Ok(Some(largest))
    }

    fn with_branch<T>(
        &mut self,
        piece: &Piece,
        order: Ordering,
        run: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let (branch, sign) = piece.branches[(order as i8 + 1) as usize];
        self.chosen.push((piece.node, branch, sign));
        let result = run(self);
        self.chosen.pop();
        result
    }

    /// The branch that a node is taken to be, and its sign.
    pub(super) fn chosen(&self, id: Id) -> Option<(Id, i64)> {
        let found = self.chosen.iter().rev().find(|(node, ..)| *node == id);
        found.map(|(_, branch, sign)| (*branch, *sign))
    }

    /// An innermost node that has several values along the index.
    fn first_piece(&self, walker: &Along<'_>, id: Id, growing: Growing) -> Option<Piece> {
        let store = walker.store();
        let fixed = |id: Id| !store.free(id).contains(&growing.index);
        if fixed(id) {
            return None;
        }
        if let Some((branch, _)) = self.chosen(id) {
            return self.first_piece(walker, branch, growing);
        }
        let node = store.node(id);
        let inner = (node.children().into_iter())
            .find_map(|child| self.first_piece(walker, child, growing));
        if inner.is_some() {
            return inner;
        }
        let one = |id| (id, 1);
        match node {
            Node::Call(function @ (Function::Min | Function::Max), arguments) => {
                let [a, b] = **arguments else { return None };
                let least = *function == Function::Min;
                let (less, greater) = if least { (a, b) } else { (b, a) };
                Some(Piece {
                    node: id,
                    left: a,
                    right: Some(b),
                    branches: [less, a, greater].map(one),
                    continuous: true,
                })
            }
            Node::Call(Function::Abs, arguments) => {
                let x = arguments[0];
                Some(Piece {
                    node: id,
                    left: x,
                    right: None,
                    branches: [(x, -1), (x, 1), (x, 1)],
                    continuous: true,
                })
            }
            &Node::If(ref condition, then, otherwise) => {
                let Condition::Compare(a, op, b) = **condition else {
                    return None;
                };
                let one_place = taken_at_one_place(op);
                if one_place || fixed(a) && fixed(b) {
                    return None;
                }
                let taken = |order| Some(if op.holds_of(order)? { then } else { otherwise });
                let orders = [Ordering::Less, Ordering::Equal, Ordering::Greater];
                let [less, equal, greater] = orders.map(taken);
                Some(Piece {
                    node: id,
                    left: a,
                    right: Some(b),
                    branches: [less?, equal?, greater?].map(one),
                    continuous: false,
                })
            }
            _ => None,
        }
    }

    /// Where `left − right` changes its sign, if it is a sum of two powers of the index at most.
    fn cut(
        &mut self,
        walker: &mut Along<'_>,
        piece: &Piece,
        growing: Growing,
    ) -> Result<Option<Cut>> {
        let side = |body: Id| Growing {
            body,
            weighted: false,
            ..growing
        };
        let Some(mut terms) = self.powers_of_index(walker, side(piece.left))? else {
            return Ok(None);
        };
        if let Some(right) = piece.right {
            let Some(right) = self.powers_of_index(walker, side(right))? else {
                return Ok(None);
            };
            for mut term in right {
                term.coefficient = term.coefficient.negated()?;
                terms.push(term);
            }
        }
        let mut terms = super::powers::collected(terms)?;
        if terms.iter().any(|term| !term.shift.is_zero()) {
            return Ok(None);
        }
        terms.sort_by(|a, b| a.power.cmp(&b.power));
        Ok(match terms.as_slice() {
            [] => Some(Cut::Nowhere(Ordering::Equal)),
            [only] => Some(Cut::Nowhere(only.coefficient.sign()?.cmp(&0))),
            [early, late] => Some(crossing(early, late)?),
            _ => None,
        })
    }
}

/// Towards small indices the lower power is the greater, beyond where both are equal the other.
fn crossing(early: &Power, late: &Power) -> Result<Cut> {
    let (first, last) = (early.coefficient.sign()?, late.coefficient.sign()?);
    if first == 0 || last == 0 {
        return Err(AsymptoticError::Undecided(
            "where two sides of a comparison cross".into(),
        ));
    }
    if first == last {
        return Ok(Cut::Nowhere(first.cmp(&0)));
    }
    let ratio = early.coefficient.over(&late.coefficient)?.negated()?;
    let power = (&late.power - &early.power).recip();
    Ok(Cut::At(ratio.power(&power.into())?, first.cmp(&0)))
}

/// Whether a comparison tells one index from all others: no sum up to a real place sees whether it is met.
fn taken_at_one_place(op: RelationOp) -> bool {
    op.holds_of(Ordering::Less) == op.holds_of(Ordering::Greater)
}
