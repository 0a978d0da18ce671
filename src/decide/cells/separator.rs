//! Where a relation does hold that fails in some cells.

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::Zero;

use super::form::Polynomial;
use super::solve::{self, Search};
use super::{Cell, Claim, Leaf};

/// Comparisons that are tried.
const CANDIDATES: usize = 40;
/// Searches for points in one attempt to separate the cells.
const MAX_SEARCHES: usize = 400;

/// A comparison with zero.
#[derive(Clone, Copy)]
struct Side {
    sign: Ordering,
    /// Equality passes too.
    weak: bool,
}

impl Side {
    fn has(self, sign: Ordering) -> bool {
        sign == self.sign || self.weak && sign == Ordering::Equal
    }
}

const SIDES: [Side; 5] = [
    side(Ordering::Less, true),
    side(Ordering::Less, false),
    side(Ordering::Greater, true),
    side(Ordering::Greater, false),
    side(Ordering::Equal, false),
];

const fn side(sign: Ordering, weak: bool) -> Side {
    Side { sign, weak }
}

impl Claim<'_> {
    /// One comparison that all cells in which the relation holds pass, and all others fail.
    pub(super) fn separator(&self, cells: &[Cell]) -> Option<String> {
        let holding: Vec<&Cell> = cells.iter().filter(|c| c.leaf == Leaf::Holds).collect();
        let failing: Vec<&Cell> = cells
            .iter()
            .filter(|c| matches!(c.leaf, Leaf::Fails(_) | Leaf::Undefined(_)))
            .collect();
        if holding.is_empty() || failing.is_empty() {
            return None;
        }
        let mut candidates: Vec<&Polynomial> = Vec::new();
        for (p, _) in cells.iter().flat_map(|c| &c.signs) {
            if !candidates.contains(&p) {
                candidates.push(p);
            }
        }
        candidates.sort_by_key(|p| p.terms().count());
        let wanted: Vec<(&Cell, bool)> = (holding.into_iter().map(|c| (c, true)))
            .chain(failing.into_iter().map(|c| (c, false)))
            .collect();
        let mut searches = 0;
        for p in candidates.into_iter().take(CANDIDATES) {
            for side in SIDES {
                // What the cells' own points and comparisons say costs nothing.
                let plain = wanted
                    .iter()
                    .all(|(cell, wanted)| side.has(at_point(p, cell)) == *wanted);
                if plain
                    && wanted.iter().all(|(cell, wanted)| {
                        self.throughout(p, side, cell, *wanted, &mut searches)
                    })
                {
                    return Some(self.literal(p, side.sign, side.weak));
                }
            }
        }
        None
    }

    /// Whether a comparison has one outcome in all of a cell.
    fn throughout(
        &self,
        p: &Polynomial,
        side: Side,
        cell: &Cell,
        wanted: bool,
        searches: &mut usize,
    ) -> bool {
        if cell.signs.iter().any(|(q, _)| q == p) {
            return true;
        }
        [Ordering::Less, Ordering::Equal, Ordering::Greater]
            .into_iter()
            .filter(|sign| side.has(*sign) != wanted)
            .all(|sign| {
                *searches += 1;
                let mut signs = cell.signs.clone();
                signs.push((p.clone(), sign));
                *searches <= MAX_SEARCHES && solve::find(&self.ranges, &signs) == Search::Empty
            })
    }
}

/// The sign of a polynomial at the point of a cell.
fn at_point(p: &Polynomial, cell: &Cell) -> Ordering {
    match cell.signs.iter().find(|(q, _)| q == p) {
        Some((_, sign)) => *sign,
        None => p.value(&cell.point).cmp(&BigRational::zero()),
    }
}
