//! How sizes compare along a path: a claim may fail where they are in one order alone.

use std::cmp::Ordering;

use super::super::assignment::Assignment;
use super::super::path::Path;
use super::super::problem::Problem;
use crate::formula::scope::Limit;

/// Where sizes are compared.
const FAR: f64 = 1e12;
/// Points of so many are drawn, and the one whose order was seen least is looked at; after so many of these any will do.
const DRAWN: u64 = 8;
const LOOKED_AT: u64 = 64;
/// Streams of the others.
const OTHERS: u64 = 1 << 50;

/// The orders that were seen, and how often.
pub(super) struct Phases<'a> {
    problem: &'a Problem<'a>,
    limit: &'a Limit,
    seen: Vec<(Vec<Ordering>, usize)>,
}

impl<'a> Phases<'a> {
    pub fn new(problem: &'a Problem<'a>, limit: &'a Limit) -> Self {
        Self {
            problem,
            limit,
            seen: Vec::new(),
        }
    }

    /// Of points that `draw` makes, by the number of their stream, one in an order that was seen least.
    pub fn rarest(
        &mut self,
        index: u64,
        draw: impl Fn(u64) -> Option<(Assignment, bool)>,
    ) -> Option<(Assignment, bool)> {
        // Both orders of two sizes are met by chance.
        let few = self.limit.path.len() < 2 || !self.problem.expectation;
        if few || index >= LOOKED_AT {
            return draw(index);
        }
        let drawn = (0..DRAWN).filter_map(|again| draw(index + again * OTHERS));
        let with_orders = drawn.map(|point| (self.order(&point.0), point));
        let (order, point) = with_orders.min_by_key(|(order, _)| self.times(order))?;
        match self.seen.iter_mut().find(|(known, _)| *known == order) {
            Some((_, times)) => *times += 1,
            None => self.seen.push((order, 1)),
        }
        Some(point)
    }

    fn times(&self, order: &[Ordering]) -> usize {
        let known = self.seen.iter().find(|(known, _)| known == order);
        known.map_or(0, |(_, times)| *times)
    }

    /// Each size that moves against each other; none where the path has no sizes.
    fn order(&self, base: &Assignment) -> Vec<Ordering> {
        let path = Path::new(self.problem.scope, self.limit, base);
        let Some(at) = path.ok().and_then(|path| path.at(FAR).ok()) else {
            return Vec::new();
        };
        let sizes: Vec<_> = (self.limit.moving())
            .filter_map(|name| at.symbols.get(name))
            .collect();
        let pairs = (0..sizes.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        pairs.map(|(i, j)| sizes[i].cmp(sizes[j])).collect()
    }
}
