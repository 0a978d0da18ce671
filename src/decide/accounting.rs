//! What was looked at for one claim.
//!
//! A procedure tells the accounting of every point it looks at and returns an [`Outcome`](super::judgement::Outcome);
//! [`judge`](super::judgement::judge) is the only place where the two become a verdict.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::assignment::Assignment;
use crate::formula::ast::RelationOp;

/// A claim of expectations must have been able to show a relative discrepancy of this size at half the points:
/// the smallest mistakes that people make in such formulas are worth a few percent at small sizes.
const POWER: f64 = 0.05;
/// The same for inequalities, which a search has also tried to violate.
const POWER_ONE_SIDED: f64 = 0.15;

/// The discrepancy that a simulation must have been able to show.
pub fn power(op: RelationOp) -> f64 {
    if op == RelationOp::Eq {
        POWER
    } else {
        POWER_ONE_SIDED
    }
}

/// Points, and what became of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Accounting {
    /// Points of the domain that were proposed.
    pub offered: usize,
    /// Points at which both sides had values, known well enough to be compared.
    pub evaluated: usize,
    /// Points at which a formula has no value.
    pub undefined: usize,
    /// Points at which the precision did not suffice.
    pub unresolved: usize,
    /// Points at which a formula is beyond this program.
    pub unsupported: usize,
    /// Different spectra and targets among the points evaluated.
    pub spectra: usize,
    pub targets: usize,
    /// Different values of the symbol that took fewest.
    pub values: usize,
    /// Kinds of points met: ends of ranges, tight assumptions, switches of branches, ….
    pub corners: Vec<String>,
    /// Random draws behind them.
    pub draws: u64,
    /// The share of the domain, as points are drawn from it, that would be missed with probability 1 %: what fails on
    /// less of it, and at no edge or switch of branches, may go unseen. `detects` speaks of the rest.
    pub misses: Option<f64>,
    #[serde(skip)]
    pub worst: Option<f64>,
    #[serde(skip)]
    pub detects: Option<f64>,
    #[serde(skip)]
    inside: usize,
    /// Points among the unresolved at which a condition was made to be too close to call.
    #[serde(skip)]
    pub on_edges: usize,
    /// Whether the domain is a single point, or all of its points were looked at.
    #[serde(skip)]
    pub constant: bool,
    /// Where each point is a simulation: the discrepancy that it must have been able to show.
    #[serde(skip)]
    pub simulated: Option<f64>,
    #[serde(skip)]
    pub(super) met: Met,
}

/// What was met, for counting once. Its size is bounded: past it, more makes no difference to any verdict.
#[derive(Clone, Debug, Default)]
pub(super) struct Met {
    spectra: BTreeSet<u64>,
    targets: BTreeSet<u64>,
    values: Vec<(String, BTreeSet<u64>)>,
    pub(super) undefined: Option<String>,
    pub(super) unresolved: Option<String>,
    pub(super) unsupported: Option<String>,
    pub(super) veto: Option<String>,
}

fn hash(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0xcbf2_9ce4_8422_2325, |h, x| {
        (h ^ x).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
    })
}

impl Accounting {
    /// A point was evaluated: `corner` is its kind.
    pub fn evaluated(&mut self, at: &Assignment, corner: &'static str) {
        const MOST: usize = 100_000;
        self.offered += 1;
        self.evaluated += 1;
        if !self.corners.iter().any(|known| known == corner) {
            self.corners.push(corner.to_owned());
        }
        if self.met.spectra.len() < MOST {
            let bits = |q| crate::number::rational_to_f64(q).to_bits();
            self.met.spectra.insert(hash(
                at.spectrum
                    .iter()
                    .flat_map(|l| [bits(&l.value), bits(&l.share)]),
            ));
            self.met
                .targets
                .insert(hash(at.spectrum.iter().map(|l| bits(&l.mass))));
            for (name, value) in &at.symbols {
                let place = self.met.values.iter().position(|(known, _)| known == name);
                let place = place.unwrap_or_else(|| {
                    self.met.values.push((name.clone(), BTreeSet::new()));
                    self.met.values.len() - 1
                });
                self.met.values[place].1.insert(bits(value));
            }
        }
        if corner == "inside" {
            self.inside += 1;
            // (1 − share)^n = 1 %
            self.misses = Some(1.0 - 0.01f64.powf(1.0 / self.inside as f64));
        }
        self.spectra = self.met.spectra.len();
        self.targets = self.met.targets.len();
        let values = self.met.values.iter().map(|(_, set)| set.len());
        self.values = values.min().unwrap_or(0);
    }

    pub fn undefined(&mut self, what: String) {
        self.offered += 1;
        self.undefined += 1;
        self.met.undefined.get_or_insert(what);
    }

    /// `edge`: a point where two values were made to agree, so that which of them is the larger cannot be told.
    pub fn unresolved(&mut self, what: String, edge: bool) {
        self.offered += 1;
        self.unresolved += 1;
        self.on_edges += usize::from(edge);
        self.met.unresolved.get_or_insert(what);
    }

    pub fn unsupported(&mut self, what: String) {
        self.offered += 1;
        self.unsupported += 1;
        self.met.unsupported.get_or_insert(what);
    }

    /// Something was seen that a reader must not be told is no violation, though it could not be confirmed.
    pub fn veto(&mut self, what: String) {
        self.met.veto.get_or_insert(what);
    }

    /// What keeps the claim from `supported`, whoever else looks at it.
    pub fn doubt(self) -> Option<String> {
        self.met.veto
    }

    /// An accounting of a claim that another procedure left in doubt.
    pub fn with_doubt(doubt: Option<String>) -> Self {
        let mut accounting = Self::default();
        accounting.met.veto = doubt;
        accounting
    }

    /// A discrepancy that was seen, as it speaks against an equality (`large` counts) or an inequality (small does).
    pub fn saw(&mut self, discrepancy: f64, equality: bool) {
        self.worst = Some(match self.worst {
            None => discrepancy,
            Some(worst) if equality => worst.max(discrepancy),
            Some(worst) => worst.min(discrepancy),
        });
    }

    /// Points without a verdict of their own.
    pub fn discarded(&self) -> usize {
        self.undefined + self.unresolved + self.unsupported
    }
}
