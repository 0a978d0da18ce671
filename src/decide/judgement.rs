//! The verdict that follows from what was looked at, and from nothing else.

use super::accounting::Accounting;
use super::verdict::{Finding, Verdict, Witness};

/// Fewest points with values that make a verdict about a domain: fewer are an anecdote.
const FEWEST: usize = 5;
/// Fewest points where each is a simulation.
const FEWEST_SIMULATED: usize = 3;
/// What this program cannot evaluate is a part of the domain of which nothing is known. A part this small is
/// missed by 150 points with probability 5 % anyway.
const UNSUPPORTED: f64 = 0.02;
/// The same for points at which the precision did not suffice.
const UNRESOLVED: f64 = 0.02;
/// A claim says nothing where its formulas have no value. Where that is most of the domain, domain and claim do
/// not belong together.
const UNDEFINED: f64 = 0.75;

/// What a procedure has to say of a claim.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A derivation with every side condition discharged; `certificate` names a file that a proof checker accepts,
    /// `given` the theorems it takes for granted.
    Proof {
        method: String,
        certificate: Option<String>,
        given: Vec<String>,
    },
    /// Rigorous enclosures over the whole domain.
    Cover { method: String },
    /// A violation, confirmed by another route than found it.
    Witness {
        method: String,
        witness: Box<Witness>,
    },
    /// No violation at the points of the accounting.
    Evidence { method: String },
    /// Nothing; the next procedure may know more. With a reason, if it is of use to a reader.
    Silence(Option<String>),
    /// The claim cannot be read as a statement.
    Fault { method: String, reason: String },
}

impl Outcome {
    pub fn fault(method: &str, reason: impl Into<String>) -> Self {
        Outcome::Fault {
            method: method.to_owned(),
            reason: reason.into(),
        }
    }
}

/// Whether the points of an accounting bear `supported`; the reason if not.
fn support(accounting: &Accounting) -> (Verdict, Option<String>) {
    let Accounting {
        offered,
        evaluated,
        undefined,
        unresolved,
        unsupported,
        met,
        ..
    } = accounting;
    let of = |what: &Option<String>| what.clone().unwrap_or_default();
    let fewest = match (accounting.constant, accounting.simulated.is_some()) {
        (true, false) => 1,
        (_, true) => FEWEST_SIMULATED,
        _ => FEWEST,
    };
    let share = |count: &usize| *count as f64 / *offered as f64;
    if *unsupported > 0 && *evaluated == 0 {
        return (Verdict::Error, met.unsupported.clone());
    }
    if *offered < fewest {
        let what = format!(
            "the assumptions left {offered} of the points that were tried; at least {fewest} are needed"
        );
        return (Verdict::Vacuous, Some(what));
    }
    if let Some(what) = &met.veto {
        return (Verdict::Inconclusive, Some(what.clone()));
    }
    if *evaluated < fewest && *unresolved <= *undefined {
        let what = format!(
            "the formula has a value at {evaluated} of {offered} points: {}",
            of(&met.undefined)
        );
        // a mean that is infinite, or nearly so, is there
        let verdict = match accounting.simulated {
            Some(_) => Verdict::Inconclusive,
            None => Verdict::Vacuous,
        };
        return (verdict, Some(what));
    }
    if share(unsupported) > UNSUPPORTED {
        let what = format!(
            "{unsupported} of {offered} points are beyond this program: {}",
            of(&met.unsupported)
        );
        return (Verdict::Inconclusive, Some(what));
    }
    if share(&(unresolved - accounting.on_edges)) > UNRESOLVED || *evaluated < fewest {
        let what = format!(
            "{unresolved} of {offered} points could not be resolved: {}",
            of(&met.unresolved)
        );
        return (Verdict::Inconclusive, Some(what));
    }
    if share(undefined) > UNDEFINED {
        let what = format!(
            "the formula has a value at only {evaluated} of {offered} points: {}",
            of(&met.undefined)
        );
        return (Verdict::Inconclusive, Some(what));
    }
    match (accounting.detects, accounting.simulated) {
        (Some(detects), Some(power)) if detects > power => {
            let what = format!(
                "the simulation could not have seen a discrepancy below {:.0} %",
                100.0 * detects
            );
            (Verdict::Inconclusive, Some(what))
        }
        _ => (Verdict::Supported, None),
    }
}

/// The verdict on a claim.
pub fn judge(outcome: Outcome, accounting: Accounting) -> Finding {
    let mut finding = match outcome {
        Outcome::Proof {
            method,
            certificate,
            given,
        } => {
            let mut finding = Finding::new(Verdict::Proved, method);
            finding.certificate = certificate;
            finding.given = given;
            finding
        }
        Outcome::Cover { method } => Finding::new(Verdict::Certified, method),
        Outcome::Witness { method, witness } => {
            let mut finding = Finding::new(Verdict::Refuted, method);
            finding.witness = Some(*witness);
            finding
        }
        Outcome::Evidence { method } => {
            let (verdict, reason) = support(&accounting);
            let mut finding = Finding::new(verdict, method);
            finding.reason = reason;
            finding
        }
        Outcome::Fault { method, reason } => Finding::new(Verdict::Error, method).because(reason),
        Outcome::Silence(reason) => Finding::new(Verdict::Inconclusive, "none applies")
            .because(reason.unwrap_or_else(|| "no procedure decides such a claim".into())),
    };
    finding.points = accounting.offered;
    finding.discarded = accounting.discarded();
    finding.worst = accounting.worst;
    if matches!(
        finding.verdict,
        Verdict::Supported | Verdict::Inconclusive | Verdict::Refuted
    ) {
        finding.detects = accounting.detects;
    }
    finding.accounting = accounting;
    finding
}
