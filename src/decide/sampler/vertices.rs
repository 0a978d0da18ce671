//! The corners of a domain: every symbol at one of its ends, or as near to it as the assumptions allow.

use num_rational::BigRational;
use num_traits::One;

use super::Sampler;
use crate::decide::assignment::Assignment;

/// More symbols than this have too many corners.
const MOST_SYMBOLS: usize = 4;
/// Halvings on the way to an end that is not allowed.
const HALVINGS: usize = 30;

impl Sampler<'_> {
    /// The corners that are met from a point of the domain: from where all symbols are large, and from where all are
    /// small, since assumptions such as `T > d` let each move only as far as the others do.
    pub fn vertices(&self, at: &Assignment) -> Vec<Assignment> {
        let names: Vec<(&str, bool)> = self
            .symbols()
            .map(|(name, whole, _)| (name, whole))
            .collect();
        let mut found: Vec<Assignment> = Vec::new();
        if names.is_empty() || names.len() > MOST_SYMBOLS || !self.admits(at) {
            return found;
        }
        for large in [true, false] {
            let mut start = at.clone();
            for _ in 0..2 {
                for (name, whole) in &names {
                    self.push(&mut start, name, *whole, large);
                }
            }
            for ends in 0..1_usize << names.len() {
                let mut corner = start.clone();
                for (i, (name, whole)) in names.iter().enumerate() {
                    self.push(&mut corner, name, *whole, ends >> i & 1 == 1);
                }
                if found.iter().all(|known| known.symbols != corner.symbols) {
                    found.push(corner);
                }
            }
        }
        found
    }

    /// Moves a symbol to an end of its range, or as far as the assumptions allow.
    fn push(&self, at: &mut Assignment, name: &str, whole: bool, up: bool) {
        let (Some((low, high)), Some(here)) = (self.range_of(name, at), at.symbols.get(name))
        else {
            return;
        };
        let with = |value: &BigRational| {
            let mut moved = at.clone();
            moved.symbols.insert(name.to_owned(), value.clone());
            moved
        };
        let end = if up { high } else { low };
        let (mut inside, mut outside) = (here.clone(), end.clone());
        if self.admits(&with(&end)) {
            inside = end;
        } else {
            let two = BigRational::one() + BigRational::one();
            for _ in 0..HALVINGS {
                let mut middle = (&inside + &outside) / &two;
                if whole {
                    middle = if up { middle.ceil() } else { middle.floor() };
                    if middle == outside {
                        // One step from here is as far as one can go.
                        break;
                    }
                }
                if self.admits(&with(&middle)) {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
        }
        *at = with(&inside);
    }
}
