//! What was found at all points of a limit claim, and the finding that follows from it.

use super::super::verdict::{Finding, Verdict};
use super::found::{BY_CELLS, BY_EVALUATION, Failure, Found};
use super::whole::Whole;

/// Fewest points that make a verdict.
const FEWEST: usize = 3;
/// Points that must hold for each that stayed unclear, so that no more than one in eight does: what fails at one end of the domain
/// alone may be unclear at every point there.
const FOR_ONE_UNCLEAR: usize = 7;
/// A side without a value on so much of the inside of the domain is a slip of the claim: `T - df(1, kappa(0, T))`, zero
/// wherever T < d, in a denominator.
const MOST_GAPS: f64 = 0.4;

/// What was found at all points so far.
pub(super) struct Tally {
    pub points: usize,
    /// Those of them that lie inside of the domain, at no corner of it.
    pub inside: usize,
    pub how: &'static str,
    /// The distance left and what would have been seen, where the claim holds.
    pub holds: Vec<(f64, f64)>,
    pub unclear: Vec<String>,
    pub undefined: Vec<String>,
    /// Those of the undefined that lie inside of the domain.
    pub gaps: Vec<String>,
    /// Those that are out of reach.
    pub beyond: Vec<String>,
    pub unsupported: Vec<String>,
    /// Points at which two stations were tried and were not enough.
    pub glances_missed: usize,
}

impl Tally {
    pub fn new() -> Self {
        Self {
            points: 0,
            inside: 0,
            how: BY_EVALUATION,
            holds: Vec::new(),
            unclear: Vec::new(),
            undefined: Vec::new(),
            gaps: Vec::new(),
            beyond: Vec::new(),
            unsupported: Vec::new(),
            glances_missed: 0,
        }
    }

    pub fn decided(&self) -> usize {
        self.holds.len() + self.unclear.len()
    }

    /// Points that held and that stayed unclear.
    pub fn earlier(&self) -> (usize, usize) {
        (self.holds.len(), self.unclear.len())
    }

    pub fn discarded(&self) -> usize {
        self.undefined.len() + self.unclear.len() + self.unsupported.len()
    }

    /// Counts a point; a failure is handed back.
    pub fn add(&mut self, found: Found, inside: bool) -> Option<Box<Failure>> {
        self.points += 1;
        self.inside += usize::from(inside);
        match found {
            Found::Holds {
                distance,
                detects,
                how,
            } => {
                self.how = how;
                self.holds.push((distance, detects));
            }
            Found::Fails(failure) => return Some(failure),
            Found::Unclear(what) => self.unclear.push(what),
            Found::Excluded => {
                self.points -= 1;
                self.inside -= usize::from(inside);
            }
            Found::Undefined(what) => {
                if inside {
                    self.gaps.push(what.clone());
                }
                self.undefined.push(what);
            }
            Found::TooLarge(what) => {
                self.beyond.push(what.clone());
                self.undefined.push(what);
            }
            Found::Unsupported(what) => self.unsupported.push(what),
        }
        None
    }

    /// What all points say, and the cells beside them.
    pub fn finding(&self, whole: &Whole) -> Finding {
        let (points, holds) = (self.points, &self.holds);
        let few = holds.len() < FEWEST || holds.len() < FOR_ONE_UNCLEAR * self.unclear.len();
        let mut finding = if let (Some(what), true) = (self.unsupported.first(), holds.is_empty()) {
            Finding::new(Verdict::Error, self.how).because(what.clone())
        } else if points < FEWEST {
            Finding::new(Verdict::Vacuous, self.how).because(format!(
                "the assumptions left {points} of the points that were tried"
            ))
        } else if few && !matches!(whole, Whole::Covered(_)) {
            let what = self.unclear.first().or(self.undefined.first());
            Finding::new(Verdict::Inconclusive, self.how).because(format!(
                "{} of {points} points could be decided: {}",
                holds.len(),
                what.cloned().unwrap_or_default()
            ))
        } else if let Some(what) = self.gaps.first()
            && self.gaps.len() as f64 > MOST_GAPS * self.inside as f64
        {
            Finding::new(Verdict::Inconclusive, self.how).because(format!(
                "on a part of the domain a side has no value ({} of {} points inside): {what}",
                self.gaps.len(),
                self.inside
            ))
        } else if let Some(what) = self.beyond.first()
            && self.beyond.len() > holds.len()
            && !matches!(whole, Whole::Covered(_))
        {
            // What is out of reach may be a corner of the domain.
            Finding::new(Verdict::Inconclusive, self.how).because(format!(
                "most of the domain is out of reach ({} of {points} points): {what}",
                self.beyond.len()
            ))
        } else {
            match whole {
                Whole::Covered(cells) => Finding::new(Verdict::Proved, BY_CELLS)
                    .because(format!("settled in each of {cells} cells")),
                Whole::Vetoed(what) => {
                    Finding::new(Verdict::Inconclusive, BY_CELLS).because(what.clone())
                }
                Whole::Open(Some(why)) => {
                    Finding::new(Verdict::Supported, self.how).because(format!("not proved: {why}"))
                }
                _ => Finding::new(Verdict::Supported, self.how),
            }
        };
        finding.points = points;
        finding.discarded = self.discarded();
        let looked = &mut finding.accounting;
        looked.offered = points;
        looked.evaluated = holds.len();
        looked.undefined = self.undefined.len();
        looked.unresolved = self.unclear.len();
        looked.unsupported = self.unsupported.len();
        finding.worst = holds.iter().map(|h| h.0).reduce(f64::max);
        finding.detects = holds.iter().map(|h| h.1).reduce(f64::max);
        finding
    }
}
