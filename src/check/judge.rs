//! One claim, decided within its budget of work, whatever happens on the way.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::cache::Cache;
use super::file::Claim;
use super::keys::Keys;
use super::options::Options;
use crate::budget;
use crate::decide::Effort;
use crate::decide::exact;
use crate::decide::problem::Problem;
use crate::decide::procedures as order;
use crate::decide::verdict::{Finding, Verdict};
use crate::derive::{self, DeriveError, Source};
use crate::formula::ast::{Comparison, Expr};
use crate::formula::error::FormulaError;
use crate::formula::expand::{expand_comparison, expand_scope};
use crate::formula::given;
use crate::formula::scope::{Law, RandomObject, Scope};
use crate::term::derivative_fault;

/// How many formulas are looked for that an equivalent has.
const WAYS_OF_WRITING: u32 = 3;

thread_local! {
    /// Where this thread panicked last.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From here on a panic prints nothing; [`told`] says what it was. For programs that report it themselves.
pub fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|at| format!("{}:{}", at.file(), at.line()));
        PLACE.with(|last| *last.borrow_mut() = place);
    }));
}

/// What a caught panic said, and where.
pub fn told(panic: &(dyn Any + Send)) -> String {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    match PLACE.with(|last| last.borrow_mut().take()) {
        Some(place) => format!("{what}, at {place}"),
        None => what.to_owned(),
    }
}

/// Decides one claim. A panic is this program's fault: it becomes an `error` that says so, and costs no other claim.
pub fn decide(claim: &Claim, options: &Options) -> Finding {
    let units = options.work.unwrap_or(options.effort.work());
    let judged = catch_unwind(AssertUnwindSafe(|| {
        budget::within(units, || procedures(claim, options))
    }));
    match judged {
        Ok((finding, spent)) if spent.refused => out_of_budget(finding),
        Ok((finding, _)) => finding,
        Err(panic) => {
            let what = told(panic.as_ref());
            Finding::new(Verdict::Error, "none").because(format!(
                "resolvent itself failed on this claim ({what}); that is a bug, please report it with this file"
            ))
        }
    }
}

/// Work of a first look at a statement.
const GLANCE: u64 = 500_000_000;

/// Decides claims with one set of options, from the cache where they were decided before.
pub struct Judge<'a> {
    options: &'a Options,
    cached: Option<(&'a Cache, Keys<'a>)>,
}

impl<'a> Judge<'a> {
    /// `claims` are those whose scopes will occur; others may.
    pub fn new(claims: &[Claim], options: &'a Options) -> Self {
        let cache = options.cache.as_ref();
        Self {
            options,
            cached: cache.map(|cache| (cache, Keys::new(cache, claims, options))),
        }
    }

    pub fn decide(&self, claim: &Claim) -> Finding {
        self.kept(claim, "", || decide(claim, self.options))
    }

    /// Whether a statement fails where one looks first; `false` is no verdict.
    pub fn fails_at_once(&self, claim: &Claim) -> bool {
        let look = || {
            let verdict = if fails_at_once(claim, self.options) {
                Verdict::Refuted
            } else {
                Verdict::Inconclusive
            };
            Finding::new(verdict, "a first look")
        };
        self.remember(claim, "glance", look).verdict == Verdict::Refuted
    }

    /// What is found of a claim besides its verdict, from the cache where it was found before.
    pub fn remember(&self, claim: &Claim, what: &str, find: impl FnOnce() -> Finding) -> Finding {
        self.kept(claim, &format!("-{what}"), find)
    }

    fn kept(&self, claim: &Claim, suffix: &str, find: impl FnOnce() -> Finding) -> Finding {
        let Some((cache, keys)) = &self.cached else {
            return find();
        };
        let key = keys.of(claim) + suffix;
        cache.get(&key).unwrap_or_else(|| {
            let found = find();
            cache.put(&key, &found);
            found
        })
    }
}

/// What was not looked at for want of budget keeps a claim from holding; a witness or a proof stands.
fn out_of_budget(finding: Finding) -> Finding {
    let weak = matches!(finding.verdict, Verdict::Supported)
        || matches!(finding.verdict, Verdict::Error | Verdict::Vacuous);
    match finding.verdict {
        Verdict::Inconclusive => finding.because(BUDGET),
        _ if weak => Finding {
            verdict: Verdict::Inconclusive,
            ..finding
        }
        .because(BUDGET),
        _ => finding,
    }
}

const BUDGET: &str = "the budget of work of one claim ran out before enough of its domain was looked at; \
     smaller sizes cost less, and --effort thorough or --work allow more";

/// A chain holds as its weakest link does.
fn procedures(claim: &Claim, options: &Options) -> Finding {
    let mut weakest = link(claim, &claim.says, &claim.id, options);
    for (i, says) in claim.chain.iter().enumerate() {
        let next = link(claim, says, &format!("{}#{}", claim.id, i + 2), options);
        if strength(next.verdict) < strength(weakest.verdict) {
            weakest = next.because(format!("this is about {says}"));
        }
    }
    weakest
}

/// How much a verdict leaves standing: a refutation settles a chain, an error nearly so.
fn strength(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Refuted => 0,
        Verdict::Error => 1,
        Verdict::Vacuous => 2,
        Verdict::Inconclusive => 3,
        Verdict::Supported => 4,
        Verdict::Certified => 5,
        Verdict::Proved => 6,
    }
}

fn link(claim: &Claim, says: &Comparison, id: &str, options: &Options) -> Finding {
    Stated::of(says, &claim.scope)
        .map(|stated| stated.decide(claim, id, options))
        .unwrap_or_else(|error| {
            Finding::new(Verdict::Error, "differentiation").because(error.message)
        })
}

fn fails_at_once(claim: &Claim, options: &Options) -> bool {
    let look = || {
        Stated::of(&claim.says, &claim.scope)
            .is_ok_and(|stated| order::fails_at_once(&stated.problem(claim, &claim.id, options)))
    };
    let looked = catch_unwind(AssertUnwindSafe(|| budget::within(GLANCE, look).0));
    matches!(looked, Ok(true))
}

/// The theorem that lets copies of random objects stand for means in which others are given.
const COPIES: &str = "Fubini's theorem";

/// A relation with the functions of its file written out, once, whose derivatives can be taken.
struct Stated {
    says: Comparison,
    scope: Scope,
    /// The same with copies of random objects for means in which others are given, where there are such means.
    plain: Option<given::Written>,
}

impl Stated {
    fn of(says: &Comparison, scope: &Scope) -> Result<Self, FormulaError> {
        let says = expand_comparison(says, scope)?;
        let scope = expand_scope(scope)?;
        let plain = given::written_out(&says, &scope)?;
        let fault = match &plain {
            Some(plain) => derivative_fault(&plain.says, &plain.scope),
            None => derivative_fault(&says, &scope),
        };
        if let Some(fault) = fault {
            return Err(fault);
        }
        Ok(Self { says, scope, plain })
    }

    fn problem(&self, claim: &Claim, id: &str, options: &Options) -> Problem<'_> {
        let (scope, says, fixed) = match &self.plain {
            Some(plain) => (&plain.scope, &plain.says, plain.fixed.as_slice()),
            None => (&self.scope, &self.says, &[][..]),
        };
        Problem {
            fixed,
            known: claim.known.clone(),
            ..Problem::new(scope, says, id, options.seed, options.effort)
        }
    }

    /// With `E[… | …]` in it, what is proved of copies is proved of the claim.
    fn decide(&self, claim: &Claim, id: &str, options: &Options) -> Finding {
        let by_squares = self.by_squares(id, options);
        let mut finding =
            by_squares.unwrap_or_else(|| order::decide(&self.problem(claim, id, options)));
        let open = finding.verdict == Verdict::Inconclusive;
        let doubted = finding.verdict == Verdict::Supported && self.widths_without_end();
        if (open || doubted)
            && let Some(found) = self.by_written_equivalents(claim, id, options)
            && (open || found.verdict == Verdict::Refuted)
        {
            return found;
        }
        if self.plain.is_some() && finding.verdict == Verdict::Proved {
            finding.given.push(COPIES.to_owned());
            finding.certificate = None;
        }
        finding
    }

    /// Whether a limit in infinite dimension speaks of random features: their sums are dear, and numbers reach few of the corners
    /// that exponents have.
    fn widths_without_end(&self) -> bool {
        let gaussian =
            |(_, object): &(String, RandomObject)| matches!(object.law, Law::Gaussian { .. });
        let scope = &self.scope;
        scope.limit.is_some() && scope.setting.infinite && scope.random.iter().any(gaussian)
    }

    /// Orders of expectations by their equivalents, written as formulas.
    fn by_written_equivalents(
        &self,
        claim: &Claim,
        id: &str,
        options: &Options,
    ) -> Option<Finding> {
        // Systems of many unknowns take seconds to be found too large, for every correction that is tried.
        if self.plain.is_some() || options.effort == Effort::Quick {
            return None;
        }
        let problem = self.problem(claim, id, options);
        // The same equations are written in many ways, found about other points, and in some of them terms cancel that
        // the expansions cannot tell apart.
        for attempt in 0..WAYS_OF_WRITING {
            let source = Source {
                says: self.says.clone(),
                scope: Arc::new(self.scope.clone()),
                id: match attempt {
                    0 => id.to_owned(),
                    _ => format!("{id} {attempt}"),
                },
            };
            let mut too_large = false;
            let mut written = |expectation: &Expr| {
                let formula = derive::formula(&source, expectation);
                // where points are few rows from a threshold, or of other equations, those of the next try are not
                too_large |= matches!(formula, Err(DeriveError::TooLarge));
                formula.ok()
            };
            let finding = order::of_written_equivalents(&problem, &mut written);
            if finding.is_some() || too_large {
                return finding;
            }
        }
        None
    }

    /// `A = B` of random sides is proved where `E‖A − B‖² = 0` is.
    fn by_squares(&self, id: &str, options: &Options) -> Option<Finding> {
        let plain = self.plain.as_ref()?;
        if plain.fixed.is_empty() {
            return None;
        }
        let squares = given::as_squares(&self.says, &self.scope)?;
        let squares = given::written_out(&squares, &self.scope).ok()??;
        let (seed, effort) = (options.seed, options.effort);
        let problem = Problem::new(&squares.scope, &squares.says, id, seed, effort);
        exact::decide(&problem)
            .ok()
            .filter(|f| f.verdict == Verdict::Proved)
    }
}
