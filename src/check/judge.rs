//! One claim, decided within its budget of work, whatever happens on the way.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::cache::{Cache, Keys};
use super::file::Claim;
use super::run::Options;
use crate::budget;
use crate::decide::exact;
use crate::decide::problem::Problem;
use crate::decide::procedures as order;
use crate::decide::verdict::{Finding, Verdict};
use crate::formula::ast::Comparison;
use crate::formula::differentiate::{expand_comparison, expand_scope};
use crate::formula::error::FormulaError;
use crate::formula::given;

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
    let found = match with_given(claim, says, id, options) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => stated(claim, says, id, options, order::decide),
        Err(error) => Err(error),
    };
    found.unwrap_or_else(|error| {
        Finding::new(Verdict::Error, "differentiation").because(error.message)
    })
}

fn fails_at_once(claim: &Claim, options: &Options) -> bool {
    let look = || stated(claim, &claim.says, &claim.id, options, order::fails_at_once);
    let looked = catch_unwind(AssertUnwindSafe(|| budget::within(GLANCE, look).0));
    matches!(looked, Ok(Ok(true)))
}

/// Derivatives are carried out once, in the formulas themselves; so are means in which something is given.
fn stated<T>(
    claim: &Claim,
    says: &Comparison,
    id: &str,
    options: &Options,
    ask: impl FnOnce(&Problem<'_>) -> T,
) -> Result<T, FormulaError> {
    let says = expand_comparison(says, &claim.scope)?;
    let scope = expand_scope(&claim.scope)?;
    match given::written_out(&says, &scope)? {
        None => {
            let mut problem = Problem::new(&scope, &says, id, options.seed, options.effort);
            problem.known.clone_from(&claim.known);
            Ok(ask(&problem))
        }
        Some(plain) => {
            let problem = Problem {
                fixed: &plain.fixed,
                known: claim.known.clone(),
                ..Problem::new(&plain.scope, &plain.says, id, options.seed, options.effort)
            };
            Ok(ask(&problem))
        }
    }
}

/// The theorem that lets copies of random objects stand for means in which others are given.
const COPIES: &str = "Fubini's theorem";

/// A claim with `E[… | …]` in it: what is proved of its copies is proved of it, and `A = B` where `E‖A − B‖² = 0` is.
fn with_given(
    claim: &Claim,
    says: &Comparison,
    id: &str,
    options: &Options,
) -> Result<Option<Finding>, FormulaError> {
    let expanded = expand_comparison(says, &claim.scope)?;
    let scope = expand_scope(&claim.scope)?;
    let Some(plain) = given::written_out(&expanded, &scope)? else {
        return Ok(None);
    };
    let mut finding = None;
    if !plain.fixed.is_empty()
        && let Some(squares) = given::as_squares(&expanded, &scope)
        && let Ok(Some(squares)) = given::written_out(&squares, &scope)
    {
        let (seed, effort) = (options.seed, options.effort);
        let problem = Problem::new(&squares.scope, &squares.says, id, seed, effort);
        finding = exact::decide(&problem).filter(|f| f.verdict == Verdict::Proved);
    }
    let mut finding = match finding {
        Some(proved) => proved,
        None => stated(claim, says, id, options, order::decide)?,
    };
    if finding.verdict == Verdict::Proved {
        finding.given.push(COPIES.to_owned());
        finding.certificate = None;
    }
    Ok(Some(finding))
}
