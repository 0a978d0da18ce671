//! The field that formulas are computed in: atoms, what is known of their signs, and the cases in which it is known.

use std::collections::{BTreeMap, BTreeSet};

use super::atom::{Atom, EIGENVALUE, GAPS};
use super::bounds::Bounds;
use super::fraction::Fraction;
use super::polynomial::{Polynomial, Variable};
use crate::number::Coefficient;
use crate::term::EvaluationError;

/// How far sizes in proportion are apart at least, once they are large.
const FAR: i64 = 8;

/// Why a formula has no exact form.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// What is not covered, in words.
    Beyond(String),
    /// A side condition that does not follow from the assumptions.
    Open(String),
    /// The answer depends on a sign that the assumptions leave open.
    Branch(Question),
    /// This case contradicts the assumptions.
    Impossible,
}

impl Stop {
    /// Why there is no certificate, for a reader.
    pub fn in_words(&self) -> String {
        match self {
            Stop::Beyond(what) => format!("certificates do not cover {what}"),
            Stop::Open(what) => format!("no certificate shows that {what}"),
            Stop::Branch(_) => "certificates do not cover a case that opens within one".into(),
            Stop::Impossible => "a case of its proof is empty where a certificate states it".into(),
        }
    }
}

impl From<EvaluationError> for Stop {
    fn from(error: EvaluationError) -> Self {
        match error {
            EvaluationError::Unsupported(what) => Stop::Beyond(what),
            other => Stop::Beyond(other.to_string()),
        }
    }
}

/// Where to split.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// `p ≥ 0`, or `p < 0`.
    Sign(Polynomial),
    /// `symbol = 0`, or `symbol > 0`.
    Vanishes(Variable),
    /// A whole symbol takes each of its values in turn.
    Values {
        symbol: Variable,
        from: i64,
        to: i64,
    },
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    AtLeastZero(Polynomial),
    Negative(Polynomial),
    Zero(Variable),
    Positive(Variable),
    Value(Variable, i64),
}

impl Question {
    pub fn answers(&self) -> Vec<Answer> {
        match self {
            Question::Sign(p) => vec![Answer::AtLeastZero(p.clone()), Answer::Negative(p.clone())],
            Question::Vanishes(v) => vec![Answer::Zero(*v), Answer::Positive(*v)],
            Question::Values { symbol, from, to } => {
                (*from..=*to).map(|n| Answer::Value(*symbol, n)).collect()
            }
        }
    }
}

/// A fact: `polynomial ≥ 0`, or `> 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub polynomial: Polynomial,
    pub strict: bool,
}

/// What kind of spectrum traces are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spectrum {
    /// Every positive definite `Σ` of dimension `d`.
    Any,
    /// `Σ = I`.
    Identity,
    /// Infinitely many eigenvalues that can be summed.
    Infinite,
}

/// A design or a noise; objects are independent.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomObject {
    pub name: String,
    /// `T`
    pub rows: Fraction,
    /// The standard deviation of a noise.
    pub sd: Option<Fraction>,
    /// The covariance of a row, a function of the eigenvalue of `Σ`: positive.
    pub covariance: Fraction,
}

/// How means are expanded.
#[derive(Clone, Debug)]
pub struct LargeSamples {
    /// Random objects whose rows grow without end.
    pub growing: BTreeSet<String>,
    /// Symbols that move along the path, other than sizes.
    pub moving: BTreeSet<String>,
    /// `m`: what is left out is smaller than what leads by `T^-(m+1)`.
    pub order: u32,
    /// The number that stands for what is left out.
    pub remainder: i64,
    /// Remainders written down so far.
    pub met: i64,
}

pub struct Ground {
    pub atoms: Vec<Atom>,
    pub facts: Vec<Fact>,
    /// Sign of an atom: `Some(true)` positive, `Some(false)` not negative.
    pub signs: BTreeMap<Variable, bool>,
    /// Rational ends of domains.
    pub ranges: BTreeMap<Variable, (Option<Coefficient>, Option<Coefficient>)>,
    /// Atoms that a case has given a value.
    pub values: BTreeMap<Variable, Fraction>,
    pub spectrum: Spectrum,
    /// The dimension; in an infinite one a formal symbol that no formula may keep.
    pub dimension: Fraction,
    /// `‖w0‖²`, where it is spread evenly over the eigenvectors.
    pub even_target: Option<Fraction>,
    /// Whether `w0'Σw0` is finite where the spectrum is infinite.
    pub summable_target: bool,
    /// Side conditions that were met, in words.
    pub met: Vec<String>,
    /// Designs and noises, by number.
    pub objects: Vec<RandomObject>,
    /// The shifts `μ` of resolvents.
    pub shifts: Vec<Fraction>,
    /// Theorems that were used.
    pub given: Vec<String>,
    /// Sizes that grow in proportion, where a limit is meant.
    pub moving: Vec<String>,
    /// Where samples grow at a fixed dimension, how means over them are expanded.
    pub large_samples: Option<LargeSamples>,
    pub(super) bounds: Option<Bounds>,
    /// Polynomials whose squares may still be sought.
    pub(super) squares: usize,
}

impl Ground {
    /// `Σ`, as a function of its eigenvalue.
    pub fn eigenvalue(&self) -> Fraction {
        match self.spectrum {
            Spectrum::Identity => Fraction::one(),
            Spectrum::Any | Spectrum::Infinite => Fraction::variable(EIGENVALUE),
        }
    }

    pub fn new(spectrum: Spectrum) -> Self {
        Self {
            atoms: Vec::new(),
            facts: Vec::new(),
            signs: BTreeMap::new(),
            ranges: BTreeMap::new(),
            values: BTreeMap::new(),
            spectrum,
            dimension: Fraction::zero(),
            even_target: None,
            summable_target: false,
            met: Vec::new(),
            objects: Vec::new(),
            shifts: Vec::new(),
            given: Vec::new(),
            moving: Vec::new(),
            large_samples: None,
            bounds: None,
            squares: 0,
        }
    }

    /// The variable of an atom, new or known. Atoms with equal arguments are the same.
    pub fn intern(&mut self, atom: Atom) -> Variable {
        if let Some(at) = self.atoms.iter().position(|known| same(known, &atom)) {
            return GAPS + at as Variable;
        }
        // Bounds follow from facts and from the equations of κ; other atoms do not change them.
        if matches!(atom, Atom::Kappa { .. }) {
            self.bounds = None;
        }
        self.atoms.push(atom);
        GAPS + (self.atoms.len() - 1) as Variable
    }

    pub fn atom(&self, variable: Variable) -> Option<&Atom> {
        self.atoms.get(variable.checked_sub(GAPS)? as usize)
    }

    /// Sign of a variable as far as it is known: eigenvalues are positive.
    pub fn sign(&self, variable: Variable) -> Option<bool> {
        if variable < GAPS {
            return Some(true);
        }
        self.signs.get(&variable).copied()
    }

    pub fn set_sign(&mut self, variable: Variable, positive: bool) {
        let known = self.signs.get(&variable).copied();
        let sign = known.unwrap_or(false) || positive;
        self.signs.insert(variable, sign);
        let counts = matches!(
            self.atom(variable),
            Some(Atom::Symbol { .. } | Atom::Kappa { .. })
        );
        if counts && known != Some(sign) {
            self.bounds = None;
        }
    }

    pub fn assume(&mut self, polynomial: Polynomial, strict: bool) {
        // Between whole numbers, p > 0 is p ≥ 1.
        let whole = strict
            && polynomial.terms.iter().all(|(m, c)| {
                c.to_integer().is_some()
                    && m.0.iter().all(|(v, _)| {
                        matches!(self.atom(*v), Some(Atom::Symbol { integer: true, .. }))
                    })
            });
        let (polynomial, strict) = if whole {
            (polynomial.sub(&Polynomial::one()), false)
        } else {
            (polynomial, strict)
        };
        let fact = match self.grown(&polynomial, strict) {
            Some(polynomial) => Fact {
                polynomial,
                strict: false,
            },
            None => Fact { polynomial, strict },
        };
        if fact.strict
            && let Some(v) = fact.polynomial.as_variable()
        {
            self.set_sign(v, true);
        }
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
            self.bounds = None;
        }
    }

    /// A positive difference of sizes that grow in proportion is beyond any number in the end.
    fn grown(&self, p: &Polynomial, strict: bool) -> Option<Polynomial> {
        let moves = |v: Variable| matches!(self.atom(v), Some(Atom::Symbol { name, .. }) if self.moving.contains(name));
        let mut constant = Coefficient::zero();
        let mut sizes = Polynomial::zero();
        for (m, c) in &p.terms {
            match m.0.as_slice() {
                [] => constant = c.clone(),
                [(v, 1)] if moves(*v) => sizes.add_term(m.clone(), c.clone()),
                _ => return None,
            }
        }
        let positive = constant.signum().is_lt() || strict && constant.is_zero();
        if sizes.is_zero() || !positive {
            return None;
        }
        let far = Coefficient::integer(FAR).max(constant.neg());
        Some(sizes.sub(&Polynomial::constant(far)))
    }

    /// Follows an answer to a question.
    pub fn follow(&mut self, answer: &Answer) {
        match answer {
            Answer::AtLeastZero(p) => self.assume(p.clone(), false),
            Answer::Negative(p) => self.assume(p.neg(), true),
            Answer::Zero(v) => {
                self.values.insert(*v, Fraction::zero());
            }
            Answer::Positive(v) => self.set_sign(*v, true),
            Answer::Value(v, n) => {
                self.values.insert(*v, Fraction::integer(*n));
            }
        }
        self.bounds = None;
    }

    /// Names a theorem that is used.
    pub fn cite(&mut self, theorem: &str) {
        if !self.given.iter().any(|g| g == theorem) {
            self.given.push(theorem.to_owned());
        }
    }

    /// The shift of a resolvent.
    pub fn shift(&self, number: u32) -> Fraction {
        self.shifts
            .get(number as usize)
            .cloned()
            .unwrap_or_else(Fraction::one)
    }

    /// The number of a shift, new or known.
    pub fn intern_shift(&mut self, shift: &Fraction) -> u32 {
        let known = self
            .shifts
            .iter()
            .position(|s| s == shift || s.sub(shift).is_zero());
        (known.unwrap_or_else(|| {
            self.shifts.push(shift.clone());
            self.shifts.len() - 1
        })) as u32
    }
}

/// All coefficients positive and all variables not negative.
pub fn coefficients(ground: &Ground, p: &Polynomial) -> Option<bool> {
    let mut strict = false;
    for (m, c) in &p.terms {
        let mut positive = true;
        let mut square = true;
        for &(v, power) in &m.0 {
            match ground.sign(v) {
                Some(true) => {}
                Some(false) => positive = false,
                None if power % 2 == 0 => positive = false,
                None => square = false,
            }
        }
        if !square || c.signum().is_lt() {
            return None;
        }
        strict |= positive;
    }
    Some(strict)
}

/// Whether two atoms are the same, their arguments compared as fractions.
fn same(a: &Atom, b: &Atom) -> bool {
    let equal = |x: &Fraction, y: &Fraction| x == y || x.sub(y).is_zero();
    match (a, b) {
        (
            Atom::Kappa { ridge, samples },
            Atom::Kappa {
                ridge: r,
                samples: t,
            },
        ) => equal(ridge, r) && equal(samples, t),
        (
            Atom::Power { base, unit, root },
            Atom::Power {
                base: b,
                unit: u,
                root: r,
            },
        ) => base == b && root == r && equal(unit, u),
        (
            Atom::Function { name, arguments },
            Atom::Function {
                name: n,
                arguments: list,
            },
        ) => {
            name == n
                && arguments.len() == list.len()
                && arguments.iter().zip(list).all(|(x, y)| equal(x, y))
        }
        _ => a == b,
    }
}

pub type Exact<T> = Result<T, Stop>;

pub fn beyond<T>(what: impl Into<String>) -> Exact<T> {
    Err(Stop::Beyond(what.into()))
}

/// A number that is not negative: whether it is 0 is asked where it is a symbol.
pub fn vanishing(ground: &mut Ground, x: &Fraction, otherwise: &str) -> Stop {
    if let Some(v) = x.numerator.as_variable()
        && x.denominator.is_empty()
        && ground.sign(v) == Some(false)
        && matches!(ground.atom(v), Some(Atom::Symbol { .. }))
    {
        return Stop::Branch(Question::Vanishes(v));
    }
    Stop::Open(otherwise.to_owned())
}
