//! Words: products of random letters and functions of `Σ`, kept in a normal form.
//!
//! For a design `X` of `T` rows let `S = X'X/T`, and for a ridge `λ`, `R = (S + λ)^{-1}`, `A = RS`, `N = RX'/T`; at `λ = 0`
//! `A = X†X` and `N = X†`. Neighbours of the same design merge: `RS = A`, `NX = A`, `RX' = T N`, `NN' = RSR/T`, ….

use crate::number::Real;
use crate::term::evaluate::{Covariance, EvaluationError, LinearAlgebra, Spectral};

use super::EquivalenceError;

/// The position of a function, design or ridge in its table of the [`Alphabet`].
pub(super) type Index = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letter {
    /// `f(Σ)`
    Function(Index),
    /// `X` and `X'`
    Design(Index),
    DesignTransposed(Index),
    /// `S = X'X/T`
    Sample(Index),
    /// `A`
    Fit(Index, Index),
    /// `R`
    Resolvent(Index, Index),
    /// `(XX'/T + λ)^{-1}`, of order `T`
    Companion(Index, Index),
    /// `N` and `N'`
    Noise(Index, Index),
    NoiseTransposed(Index, Index),
    /// `NN' = RSR/T`
    NoiseSquare(Index, Index),
}

use Letter::*;

impl Letter {
    pub fn design(self) -> Option<Index> {
        match self {
            Function(_) => None,
            Design(x) | DesignTransposed(x) | Sample(x) => Some(x),
            Fit(x, _)
            | Resolvent(x, _)
            | Companion(x, _)
            | Noise(x, _)
            | NoiseTransposed(x, _)
            | NoiseSquare(x, _) => Some(x),
        }
    }

    pub fn transposed(self) -> Self {
        match self {
            Design(x) => DesignTransposed(x),
            DesignTransposed(x) => Design(x),
            Noise(x, l) => NoiseTransposed(x, l),
            NoiseTransposed(x, l) => Noise(x, l),
            symmetric => symmetric,
        }
    }

    /// Whether it takes rows of a design on its left.
    pub fn acts_from_rows(self) -> bool {
        matches!(self, Design(_) | NoiseTransposed(..) | Companion(..))
    }
}

/// What a word of vectors ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    /// `w0`
    Target,
    /// A vector of independent noise.
    Noise(Index),
}

#[derive(Clone, Debug)]
pub(super) struct Term<R> {
    pub coefficient: R,
    pub letters: Vec<Letter>,
    pub leaf: Option<Leaf>,
}

/// A sum of words: a matrix if no term has a leaf, a column if all have one.
#[derive(Clone, Debug)]
pub(super) struct Words<R> {
    pub terms: Vec<Term<R>>,
}

/// More words, or longer ones, come from no formula that a person wrote.
const MAX_WORDS: usize = 2048;
const MAX_LENGTH: usize = 4096;

/// A source of noise: its length and standard deviation.
#[derive(Clone, Debug)]
pub(super) struct NoiseSource<R> {
    pub length: R,
    pub sd: R,
}

/// The functions, designs, ridges and noises that words refer to.
#[derive(Debug)]
pub(super) struct Alphabet<'a, R> {
    pub covariance: &'a Covariance<R>,
    pub functions: Vec<Spectral<R>>,
    /// The rows `T` of each design.
    pub designs: Vec<R>,
    pub ridges: Vec<R>,
    pub noises: Vec<NoiseSource<R>>,
    dimension: Option<f64>,
    kappas: Vec<(R, R, R)>,
}

/// Whether two computed numbers stand for one.
fn coincide<R: Real>(a: &R, b: &R) -> bool {
    let gap = a.clone() - b.clone();
    let rounding = if R::TRACKS_ERROR {
        0.0
    } else {
        4.0 * f64::EPSILON * a.midpoint().abs()
    };
    gap.midpoint().abs() <= gap.radius() + rounding
}

fn same_function<R: Real>(f: &Spectral<R>, g: &Spectral<R>) -> bool {
    let same =
        |a: &R, b: &R| a.radius() == b.radius() && (a.center() - b.center()).midpoint() == 0.0;
    match (f, g) {
        (Spectral::Constant(a), Spectral::Constant(b)) => same(a, b),
        (Spectral::Eigenvalue, Spectral::Eigenvalue) => true,
        (Spectral::Sum(a, b), Spectral::Sum(c, d))
        | (Spectral::Product(a, b), Spectral::Product(c, d)) => {
            same_function(a, c) && same_function(b, d)
        }
        (Spectral::Power(a, e), Spectral::Power(b, f)) => same(e, f) && same_function(a, b),
        (Spectral::OfAtom(a), Spectral::OfAtom(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| same(x, y))
        }
        _ => false,
    }
}

impl<'a, R: LinearAlgebra> Alphabet<'a, R> {
    pub fn new(covariance: &'a Covariance<R>) -> Self {
        use crate::spectrum::Dimension;
        Self {
            covariance,
            functions: Vec::new(),
            designs: Vec::new(),
            ridges: Vec::new(),
            noises: Vec::new(),
            dimension: match covariance.dimension() {
                Dimension::Finite(d) => Some(d as f64),
                Dimension::Infinite => None,
            },
            kappas: Vec::new(),
        }
    }

    pub fn function(&mut self, f: Spectral<R>) -> Letter {
        let known = self.functions.iter().position(|g| same_function(&f, g));
        Function(known.unwrap_or_else(|| {
            self.functions.push(f);
            self.functions.len() - 1
        }))
    }

    pub fn ridge(&mut self, lambda: R) -> Index {
        let known = self.ridges.iter().position(|l| coincide(l, &lambda));
        known.unwrap_or_else(|| {
            self.ridges.push(lambda);
            self.ridges.len() - 1
        })
    }

    pub fn design(&mut self, rows: R) -> Result<Index, EquivalenceError> {
        let t = rows.midpoint();
        if t == 0.0 {
            return super::unrecognised("a design without rows");
        }
        if t.is_nan() || t < 1.0 || t.fract() != 0.0 {
            return Err(EvaluationError::Undefined(format!(
                "a design of {t} rows: a whole number from 1 is needed"
            ))
            .into());
        }
        self.designs.push(rows);
        Ok(self.designs.len() - 1)
    }

    /// Whether `S` is invertible.
    pub fn full_rank(&self, design: Index) -> bool {
        self.dimension
            .is_some_and(|d| self.designs[design].midpoint() >= d)
    }

    /// By how many rows a design exceeds the dimension.
    pub fn surplus(&self, design: Index) -> R {
        self.designs[design].clone() - R::from_f64(self.dimension.unwrap_or(f64::INFINITY))
    }

    /// `κ(λ, T)`.
    pub fn kappa(&mut self, design: Index, ridge: Index) -> Result<R, EquivalenceError> {
        let (rows, lambda) = (&self.designs[design], &self.ridges[ridge]);
        let known = self
            .kappas
            .iter()
            .find(|(l, t, _)| coincide(l, lambda) && coincide(t, rows));
        if let Some((_, _, kappa)) = known {
            return Ok(kappa.clone());
        }
        let kappa = self.covariance.kappa(lambda, rows)?;
        self.kappas
            .push((lambda.clone(), rows.clone(), kappa.clone()));
        Ok(kappa)
    }

    fn ridgeless(&self, ridge: Index) -> bool {
        self.ridges[ridge].is_zero()
    }

    /// Appends a letter, merging it with its left neighbours; returns the factor that splits off.
    pub fn push(&mut self, word: &mut Vec<Letter>, next: Letter) -> R {
        let mut next = next;
        let mut factor = R::one();
        loop {
            match next {
                // Full rank: the projection is the identity.
                Fit(x, l) if self.ridgeless(l) && self.full_rank(x) => return factor,
                Function(f) => {
                    if let Some(c) = self.functions[f].constant() {
                        return times_exactly(factor, c.clone());
                    }
                }
                _ => {}
            }
            let Some(&last) = word.last() else {
                word.push(next);
                return factor;
            };
            match self.merged(last, next) {
                None => {
                    word.push(next);
                    return factor;
                }
                Some((scale, letter)) => {
                    word.pop();
                    factor = times_exactly(factor, scale);
                    // SRSR = A², which is no single letter.
                    if let (Sample(_), NoiseSquare(..)) | (NoiseSquare(..), Sample(_)) =
                        (last, next)
                        && matches!(letter, Fit(..))
                    {
                        factor = times_exactly(factor, self.push(word, letter));
                    }
                    next = letter;
                }
            }
        }
    }

    /// Two neighbours as a factor times one letter (or, where they are `S` and `NN'`, times its square).
    fn merged(&mut self, left: Letter, right: Letter) -> Option<(R, Letter)> {
        if let (Function(f), Function(g)) = (left, right) {
            let product = self.functions[f].clone().product(self.functions[g].clone());
            return Some((R::one(), self.function(product)));
        }
        let x = left.design()?;
        if right.design() != Some(x) {
            return None;
        }
        let rows = || self.designs[x].clone();
        let one = R::one;
        Some(match (left, right) {
            (DesignTransposed(_), Design(_)) => (rows(), Sample(x)),
            (Resolvent(_, l), Sample(_)) | (Sample(_), Resolvent(_, l)) => (one(), Fit(x, l)),
            (Resolvent(_, l), DesignTransposed(_)) | (DesignTransposed(_), Companion(_, l)) => {
                (rows(), Noise(x, l))
            }
            (Design(_), Resolvent(_, l)) | (Companion(_, l), Design(_)) => {
                (rows(), NoiseTransposed(x, l))
            }
            (Noise(_, l), Design(_)) | (DesignTransposed(_), NoiseTransposed(_, l)) => {
                (one(), Fit(x, l))
            }
            (Noise(_, l), NoiseTransposed(_, m)) if l == m => (one(), NoiseSquare(x, l)),
            (Fit(_, l), Resolvent(_, m)) | (Resolvent(_, m), Fit(_, l)) if l == m => {
                (rows(), NoiseSquare(x, l))
            }
            (Sample(_), NoiseSquare(_, l)) | (NoiseSquare(_, l), Sample(_)) => {
                (R::one() / rows(), Fit(x, l))
            }
            // A projection, next to what it leaves alone.
            (
                Fit(_, l),
                kept @ (Fit(..) | Noise(..) | NoiseSquare(..) | Sample(_) | DesignTransposed(_)),
            ) if self.ridgeless(l) => (one(), kept),
            (
                kept @ (Fit(..) | NoiseTransposed(..) | NoiseSquare(..) | Sample(_) | Design(_)),
                Fit(_, l),
            ) if self.ridgeless(l) => (one(), kept),
            _ => return None,
        })
    }

    /// A cyclic word, for a trace: rotated to start where it has order `d`, and its ends merged.
    pub fn cyclic(&mut self, mut word: Vec<Letter>) -> (R, Vec<Letter>) {
        let mut factor = R::one();
        for _ in 0..2 * word.len() + 2 {
            let (Some(&first), Some(&last)) = (word.first(), word.last()) else {
                break;
            };
            if word.len() < 2 {
                break;
            }
            let merges = self.merged(last, first).is_some();
            if !first.acts_from_rows() && !merges {
                break;
            }
            word.remove(0);
            factor = times_exactly(factor, self.push(&mut word, first));
        }
        (factor, word)
    }
}

/// Whether it is above zero for certain.
pub(super) fn is_positive<R: LinearAlgebra>(x: &R) -> bool {
    x.midpoint() > x.radius()
}

/// `a b`, without the rounding that a product with one would add.
fn times_exactly<R: Real>(a: R, b: R) -> R {
    let is_one = |x: &R| x.radius() == 0.0 && (x.clone() - R::one()).midpoint() == 0.0;
    let is_minus_one = |x: &R| x.radius() == 0.0 && (x.clone() + R::one()).midpoint() == 0.0;
    if is_one(&a) {
        b
    } else if is_one(&b) {
        a
    } else if is_minus_one(&a) {
        -b
    } else if is_minus_one(&b) {
        -a
    } else {
        a * b
    }
}

/// A sum that is zero exactly: no rounding in it.
fn vanishes<R: Real>(a: &R, b: &R) -> bool {
    a.radius() == 0.0 && b.radius() == 0.0 && (a.clone() + b.clone()).midpoint() == 0.0
}

impl<R: LinearAlgebra> Words<R> {
    pub fn single(letters: Vec<Letter>, leaf: Option<Leaf>) -> Self {
        Self {
            terms: vec![Term {
                coefficient: R::one(),
                letters,
                leaf,
            }],
        }
    }

    pub fn zero() -> Self {
        Self { terms: Vec::new() }
    }

    fn add_term(&mut self, term: Term<R>) {
        if term.coefficient.is_zero() {
            return;
        }
        let twin = self
            .terms
            .iter()
            .position(|t| t.leaf == term.leaf && t.letters == term.letters);
        match twin {
            Some(at) if vanishes(&self.terms[at].coefficient, &term.coefficient) => {
                self.terms.remove(at);
            }
            Some(at) => {
                self.terms[at].coefficient = self.terms[at].coefficient.clone() + term.coefficient;
            }
            None => self.terms.push(term),
        }
    }

    pub fn plus(mut self, other: Self) -> Result<Self, EquivalenceError> {
        for term in other.terms {
            self.add_term(term);
        }
        self.bounded()
    }

    fn bounded(self) -> Result<Self, EquivalenceError> {
        if self.terms.len() > MAX_WORDS || self.terms.iter().any(|t| t.letters.len() > MAX_LENGTH) {
            return Err(EquivalenceError::unrecognised(
                "written out, it has too many terms",
            ));
        }
        Ok(self)
    }

    pub fn scaled(mut self, factor: &R) -> Self {
        for term in &mut self.terms {
            term.coefficient = times_exactly(term.coefficient.clone(), factor.clone());
        }
        self.terms.retain(|t| !t.coefficient.is_zero());
        self
    }

    /// The product; `self` has no leaves.
    pub fn times(
        &self,
        other: &Self,
        alphabet: &mut Alphabet<R>,
    ) -> Result<Self, EquivalenceError> {
        if self.terms.len() * other.terms.len() > MAX_WORDS {
            return Err(EquivalenceError::unrecognised(
                "written out, it has too many terms",
            ));
        }
        let mut product = Self::zero();
        for left in &self.terms {
            for right in &other.terms {
                let mut letters = left.letters.clone();
                let mut coefficient =
                    times_exactly(left.coefficient.clone(), right.coefficient.clone());
                for &letter in &right.letters {
                    coefficient = times_exactly(coefficient, alphabet.push(&mut letters, letter));
                }
                product.add_term(Term {
                    coefficient,
                    letters,
                    leaf: right.leaf,
                });
            }
        }
        product.bounded()
    }

    /// The transpose of a matrix.
    pub fn transposed(&self) -> Self {
        Self {
            terms: self
                .terms
                .iter()
                .map(|t| Term {
                    letters: t.letters.iter().rev().map(|l| l.transposed()).collect(),
                    ..t.clone()
                })
                .collect(),
        }
    }
}
