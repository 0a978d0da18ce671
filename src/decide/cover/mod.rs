//! Inequalities on a bounded box of parameters, by enclosures that cover the box.
//!
//! On each part of the box both sides are enclosed in intervals with ends rounded outwards, also by their slopes from
//! the middle of the part. A part on which the inequality is certain is done; others are halved. What is never decided
//! in so many parts is left to others: nothing here refutes.

mod enclosed;
mod levels;
mod slopes;

use std::fmt::Write as _;

use num_rational::BigRational;

use super::accounting::Accounting;
use super::judgement::Outcome;
use super::pointwise;
use super::problem::Problem;
use super::sampler::About;
use crate::formula::ast::RelationOp;
use crate::number::{Interval, rational_from_f64};
use crate::term::{Statement, SymbolId};
use enclosed::Gap;
use slopes::OnBox;

/// Parts that are looked at.
const MAX_PARTS: usize = 20_000;
/// A part narrower than this share of the domain in every direction is not halved: the sides touch there.
const NARROWEST: f64 = 1e-7;
/// Symbols of a box.
const MAX_SYMBOLS: usize = 6;

/// What covers a domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Cover {
    /// The symbols and their ranges.
    pub domain: Vec<(String, Interval)>,
    /// Parts on which the inequality is certain.
    pub parts: usize,
    /// Parts that the assumptions exclude.
    pub excluded: usize,
    /// The least distance between the sides that was certain of a part.
    pub margin: f64,
}

/// Certain of the whole domain, or silent.
pub fn attempt(problem: &Problem<'_>, accounting: &mut Accounting) -> Outcome {
    let silence = Outcome::Silence(None);
    if problem.random || problem.expectation {
        return silence;
    }
    // coefficients are squared lengths here
    if About::of_claim(problem.scope, problem.says).signs {
        return silence;
    }
    let Ok(statement) = problem.statement() else {
        return silence;
    };
    let cover = match search(statement) {
        Some(Found::Cover(cover)) => cover,
        Some(Found::Violated(point)) => return violated(problem, accounting, &point),
        None => return silence,
    };
    let mut points = Accounting::default();
    if pointwise::contradicted(problem, &mut points).is_some() {
        // One of the two is wrong; a witness can be shown.
        return silence;
    }
    accounting.offered = cover.parts;
    accounting.evaluated = cover.parts;
    Outcome::Cover {
        method: "interval enclosures of both sides, branch and bound over the whole domain".into(),
    }
}

/// A violation in a part so small that points may miss it.
fn violated(
    problem: &Problem<'_>,
    accounting: &mut Accounting,
    point: &[(String, BigRational)],
) -> Outcome {
    let outcome = pointwise::attempt(problem, accounting);
    if matches!(outcome, Outcome::Witness { .. }) {
        return outcome;
    }
    let method = "interval enclosures of both sides, branch and bound";
    pointwise::refuted_at(problem, accounting, point, method).unwrap_or(outcome)
}

/// In words, for a reader.
pub fn explain(statement: &Statement) -> Option<String> {
    let cover = cover(statement)?;
    let mut out = String::from(
        "\nBoth sides are enclosed in intervals with ends rounded outwards, part by part; the parts cover the domain:\n",
    );
    for (name, range) in &cover.domain {
        let _ = writeln!(out, "  {name} in [{}, {}]", range.low, range.high);
    }
    let _ = writeln!(
        out,
        "On each of {} parts the inequality is certain; the assumptions exclude {} more.\n\
         The least distance between the sides that was certain of a part: {:.3e}.",
        cover.parts, cover.excluded, cover.margin
    );
    Some(out)
}

struct Claim<'s> {
    statement: &'s Statement,
    symbols: Vec<SymbolId>,
    whole: Vec<bool>,
    domain: Vec<Interval>,
}

/// What became of a part.
enum Part {
    Holds(f64),
    Excluded,
    Undecided,
    /// In its middle the claim fails.
    Fails,
    /// No smaller part will be decided either.
    Hopeless,
}

enum Found {
    Cover(Cover),
    /// A point at which the claim fails.
    Violated(Vec<(String, BigRational)>),
}

/// The parts of the domain on which an inequality of scalars is certain; `None` where it is not on all of it.
pub fn cover(statement: &Statement) -> Option<Cover> {
    match search(statement)? {
        Found::Cover(cover) => Some(cover),
        Found::Violated(_) => None,
    }
}

fn search(statement: &Statement) -> Option<Found> {
    let claim = Claim::new(statement)?;
    let mut open = vec![claim.domain.clone()];
    let (mut parts, mut excluded, mut looked_at) = (0, 0, 0);
    let mut margin = f64::INFINITY;
    let mut inhabited = statement.assumptions.is_empty();
    let name = |id: &SymbolId| statement.store.symbol_name(*id).to_owned();
    while let Some(part) = open.pop() {
        looked_at += 1;
        if looked_at > MAX_PARTS {
            return None;
        }
        let mut on_box = OnBox::new(&statement.store, &claim.symbols, &part);
        match claim.decide(&mut on_box, &part) {
            Part::Holds(distance) => {
                parts += 1;
                margin = margin.min(distance);
                inhabited = inhabited || claim.admits(&part);
            }
            Part::Excluded => excluded += 1,
            Part::Hopeless => return None,
            Part::Fails => {
                let middle = part.iter().map(|x| rational_from_f64(x.middle()));
                let point: Option<Vec<BigRational>> = middle.collect();
                let names = claim.symbols.iter().map(name);
                return Some(Found::Violated(names.zip(point?).collect()));
            }
            Part::Undecided => open.extend(claim.halves(&part)?),
        }
    }
    let domain = claim.symbols.iter().map(name).zip(claim.domain).collect();
    (parts > 0 && inhabited).then_some(Found::Cover(Cover {
        domain,
        parts,
        excluded,
        margin,
    }))
}

impl<'s> Claim<'s> {
    fn new(statement: &'s Statement) -> Option<Self> {
        let (store, claim) = (&statement.store, &statement.claim);
        let inequality = [
            RelationOp::Le,
            RelationOp::Lt,
            RelationOp::Ge,
            RelationOp::Gt,
        ];
        if !inequality.contains(&claim.op) {
            return None;
        }
        let mut used: Vec<SymbolId> = store.symbols_of(claim.lhs);
        used.extend(store.symbols_of(claim.rhs));
        for assumption in &statement.assumptions {
            used.extend(store.symbols_of(assumption.lhs));
            used.extend(store.symbols_of(assumption.rhs));
        }
        let mut this = Self {
            statement,
            symbols: Vec::new(),
            whole: Vec::new(),
            domain: Vec::new(),
        };
        for terms in &statement.symbols {
            if !used.contains(&terms.symbol) {
                continue;
            }
            let (low, high) = (store.constant(terms.min)?, store.constant(terms.max)?);
            let range = Interval::from_rational(&low).hull(Interval::from_rational(&high));
            if !range.is_bounded() {
                return None;
            }
            this.symbols.push(terms.symbol);
            this.whole.push(terms.integer);
            this.domain.push(range);
        }
        let every = used.iter().all(|s| this.symbols.contains(s));
        (every && this.symbols.len() <= MAX_SYMBOLS).then_some(this)
    }

    fn decide(&self, on_box: &mut OnBox<'_>, part: &[Interval]) -> Part {
        for assumption in &self.statement.assumptions {
            if let Ok(Some(false)) = on_box.holds(assumption) {
                return Part::Excluded;
            }
        }
        let claim = &self.statement.claim;
        let sides = on_box
            .value(claim.lhs)
            .and_then(|l| Ok((l, on_box.value(claim.rhs)?)));
        let (left, right) = match sides {
            Ok(sides) => sides,
            Err(Gap::Here) => return Part::Undecided,
            Err(Gap::Beyond) => return Part::Hopeless,
        };
        let (upward, strict) = match claim.op {
            RelationOp::Le => (false, false),
            RelationOp::Lt => (false, true),
            RelationOp::Gt => (true, true),
            _ => (true, false),
        };
        let gap = if upward {
            left.minus(&right)
        } else {
            right.minus(&left)
        };
        // The middle, and how far one may go from it.
        let middle: Vec<Interval> = part.iter().map(|x| Interval::point(x.middle())).collect();
        let mut value = gap.value;
        let mut at_middle = OnBox::new(&self.statement.store, &self.symbols, &middle);
        let centre = at_middle
            .value(claim.lhs)
            .and_then(|l| Ok(l.minus(&at_middle.value(claim.rhs)?).value));
        if let Ok(centre) = centre {
            let centre = if upward { centre } else { -centre };
            let fails = centre.high < 0.0 || strict && centre.high <= 0.0;
            if fails && self.admits(&middle) {
                return Part::Fails;
            }
            let reach =
                (0..part.len()).fold(centre, |sum, i| sum + gap.slope(i) * (part[i] - middle[i]));
            value = value.common(reach);
        }
        if value.low > 0.0 || !strict && value.low >= 0.0 {
            Part::Holds(value.low)
        } else {
            Part::Undecided
        }
    }

    /// Whether all assumptions are certain.
    fn admits(&self, part: &[Interval]) -> bool {
        let mut on_box = OnBox::new(&self.statement.store, &self.symbols, part);
        let mut assumptions = self.statement.assumptions.iter();
        let whole = self.whole.iter().zip(part);
        assumptions.all(|a| on_box.holds(a) == Ok(Some(true)))
            && whole
                .clone()
                .all(|(whole, x)| !whole || x.low.ceil() <= x.high)
    }

    /// Both halves along the side that is widest beside the domain's; `None` where all are narrow.
    fn halves(&self, part: &[Interval]) -> Option<Vec<Vec<Interval>>> {
        let share = |i: usize| {
            let whole = self.domain[i].width();
            if whole > 0.0 && (!self.whole[i] || part[i].width() >= 1.0) {
                part[i].width() / whole
            } else {
                0.0
            }
        };
        let widest = (0..part.len()).max_by(|a, b| share(*a).total_cmp(&share(*b)))?;
        if share(widest) < NARROWEST {
            return None;
        }
        let range = part[widest];
        let middle = range.middle();
        let (below, above) = if self.whole[widest] {
            (middle.floor(), middle.floor() + 1.0)
        } else {
            (middle, middle)
        };
        let with = |range: Interval| {
            let mut half = part.to_vec();
            half[widest] = range;
            half
        };
        Some(vec![
            with(Interval::new(range.low, below)),
            with(Interval::new(above, range.high)),
        ])
    }
}
