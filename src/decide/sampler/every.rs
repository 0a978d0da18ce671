//! All points of a domain that has few.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::One;

use super::Sampler;
use crate::decide::assignment::Assignment;
use crate::simulate::Stream;

impl Sampler<'_> {
    /// Every point at which the formulas may differ, where whole numbers in declared ranges are all that they depend on and
    /// there are no more than `most`; symbols that do not matter have one value.
    pub fn every_point(&self, stream: &mut Stream, most: usize) -> Option<Vec<Assignment>> {
        if self.moves_spectrum() || self.moves_target() {
            return None;
        }
        let mut points = vec![Assignment {
            symbols: BTreeMap::new(),
            spectrum: Vec::new(),
            negative: BTreeSet::new(),
            approximate: false,
        }];
        for free in &self.free {
            if free.matters && !(free.whole && free.ends.is_some()) {
                return None;
            }
            let mut longer = Vec::new();
            for point in &points {
                let (low, high) = self.range(free, point)?;
                let (mut value, last) = match (free.whole, free.matters) {
                    (true, true) => (low.ceil(), high),
                    (true, false) => (low.ceil(), low.ceil()),
                    (false, _) => (low.clone(), low),
                };
                while value <= last {
                    let mut with = point.clone();
                    with.symbols.insert(free.name.to_owned(), value.clone());
                    longer.push(with);
                    if longer.len() > most {
                        return None;
                    }
                    value += BigRational::one();
                }
            }
            points = longer;
        }
        for point in &mut points {
            point.spectrum = self.levels(stream, point, 0, false);
        }
        points.retain(|point| self.admits(point));
        Some(points)
    }
}
