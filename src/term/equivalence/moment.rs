//! Deterministic equivalents of words: means, and second moments as products of means plus what is connected.
//!
//! With `G = (Σ+κ)^{-1}`, a letter of the design `X` is its mean, a function of `Σ`, plus `φ δ` with
//!
//! ```text
//!          mean        φ
//!   A      ΣG          κ
//!   R      (κ/λ) G    −κ/λ
//!   S      Σ           1
//! ```
//!
//! and `E δ M δ' = ΣGG' tr(MΣGG') / (T − tr Σ²GG')`, where the two letters may have ridges of their own (for `S`, `G` is to be
//! read as 1, and the denominator is `T`). For equal ridges these are the equivalents of Dohmatob, Feng & Kempe 2024,
//! appendix E, and of Bach 2023, §5. Second moments are kept in this form, so that no small bias is the difference of large squares.

use crate::number::Real;
use crate::term::evaluate::{EvaluationError, LinearAlgebra, Spectral};

use super::EquivalenceError;
use super::word::{Alphabet, Index, Letter, Term, is_positive};

/// `f(Σ)` as a sum of parts that are traced one by one, so that cancellation among them is seen.
pub(super) type Parts<R> = Vec<Spectral<R>>;

/// Where a function of `Σ` ends up as a number.
#[derive(Clone, Debug)]
pub(super) enum Closure<R> {
    /// `w0' f w0`
    Target,
    /// `tr(g f)`
    Trace(Spectral<R>),
}

/// A number as a sum, with the size of what was added.
#[derive(Clone, Debug)]
pub(super) struct Total<R> {
    pub value: R,
    pub size: f64,
}

impl<R: LinearAlgebra> Total<R> {
    pub fn zero() -> Self {
        Self {
            value: R::zero(),
            size: 0.0,
        }
    }

    pub fn exact(value: R) -> Self {
        Self {
            size: value.midpoint().abs(),
            value,
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            size: self.size + other.size,
        }
    }

    pub fn scaled(self, factor: &R) -> Self {
        Self {
            value: self.value * factor.clone(),
            size: self.size * factor.midpoint().abs(),
        }
    }
}

/// Words without leaves, with coefficients, borrowed from some point onwards.
pub(super) type Tail<'w, R> = Vec<(R, &'w [Letter])>;

/// A borrowed view of a sum of words.
pub(super) fn tail<R: Clone>(terms: &[Term<R>]) -> Tail<'_, R> {
    terms
        .iter()
        .map(|t| (t.coefficient.clone(), t.letters.as_slice()))
        .collect()
}

pub(super) fn crossing() -> EquivalenceError {
    EquivalenceError::unrecognised(
        "a design occurs in a way that no second-order equivalent covers",
    )
}

/// Whether every design occurs at most once in every word.
fn single_use<R>(words: &Tail<R>) -> bool {
    words.iter().all(|(_, word)| {
        let mut seen: Vec<Index> = Vec::with_capacity(word.len());
        word.iter().filter_map(|l| l.design()).all(|x| {
            let fresh = !seen.contains(&x);
            seen.push(x);
            fresh
        })
    })
}

/// Words by their first letter, which is taken off; the ended words under `None`.
fn grouped<'w, R: Clone>(words: &Tail<'w, R>) -> Vec<(Option<Letter>, Tail<'w, R>)> {
    let mut groups: Vec<(Option<Letter>, Tail<'w, R>)> = Vec::new();
    for (coefficient, word) in words {
        let (first, rest) = match word.split_first() {
            Some((first, rest)) => (Some(*first), rest),
            None => (None, *word),
        };
        let item = (coefficient.clone(), rest);
        match groups.iter_mut().find(|(letter, _)| *letter == first) {
            Some((_, group)) => group.push(item),
            None => groups.push((first, vec![item])),
        }
    }
    groups
}

fn is_random<R>(words: &Tail<R>) -> bool {
    words
        .iter()
        .any(|(_, word)| word.iter().any(|l| l.design().is_some()))
}

fn contains<R>(words: &Tail<R>, design: Index) -> bool {
    words
        .iter()
        .any(|(_, word)| word.iter().any(|l| l.design() == Some(design)))
}

pub(super) fn s<R: Real>() -> Spectral<R> {
    Spectral::Eigenvalue
}

pub(super) fn constant<R: Real>(c: R) -> Spectral<R> {
    Spectral::Constant(c)
}

/// The same sums with all their terms positive.
fn absolute<R: Real>(f: &Spectral<R>) -> Spectral<R> {
    match f {
        Spectral::Constant(c) => constant(c.abs()),
        Spectral::Sum(a, b) => absolute(a).sum(absolute(b)),
        Spectral::Product(a, b) => absolute(a).product(absolute(b)),
        Spectral::Eigenvalue
        | Spectral::Power(..)
        | Spectral::Exponential(_)
        | Spectral::Logarithm(_)
        | Spectral::OfAtom(_) => f.clone(),
    }
}

/// `(Σ + κ)^{-order}`
pub(super) fn pole<R: Real>(kappa: &R, order: f64) -> Spectral<R> {
    s().sum(constant(kappa.clone())).power(R::from_f64(-order))
}

impl<R: LinearAlgebra> Alphabet<'_, R> {
    /// Expectation of `left' right` between the ends of the closure, as independent randomness allows.
    pub fn bilinear(
        &mut self,
        left: &[Term<R>],
        right: &[Term<R>],
        closure: &Closure<R>,
    ) -> Result<Total<R>, EquivalenceError> {
        let (left, right) = (tail(left), tail(right));
        if single_use(&left) && single_use(&right) {
            match self.connected(&left, Spectral::Constant(R::one()), &right) {
                Ok(mut parts) => {
                    parts.push(self.mean(&left)?.product(self.mean(&right)?));
                    return self.closed(parts, closure);
                }
                Err(EquivalenceError::NotRecognised { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let mut total = Total::zero();
        for (a, l) in &left {
            for (b, r) in &right {
                let mut word: Vec<Letter> = Vec::with_capacity(l.len() + r.len());
                let mut factor = a.clone() * b.clone();
                let letters = l.iter().rev().map(|l| l.transposed());
                for letter in letters.chain(r.iter().copied()) {
                    factor = factor * self.push(&mut word, letter);
                }
                let f = self.reduced(&word)?;
                total = total.plus(self.closed(vec![f], closure)?.scaled(&factor));
            }
        }
        Ok(total)
    }

    pub fn closed(
        &self,
        parts: Parts<R>,
        closure: &Closure<R>,
    ) -> Result<Total<R>, EquivalenceError> {
        let number = |part: &Spectral<R>| match closure {
            Closure::Target => self.covariance.quadratic(part),
            Closure::Trace(g) => self.covariance.trace(&g.clone().product(part.clone())),
        };
        let mut total = Total::zero();
        for part in parts {
            let mut term = Total::exact(number(&part)?);
            if !R::TRACKS_ERROR {
                term.size = number(&absolute(&part))?.midpoint().abs();
            }
            total = total.plus(term);
        }
        Ok(total)
    }

    /// The connected part of `E left' M right`: what it exceeds `M · mean(left) · mean(right)` by.
    fn connected(
        &mut self,
        left: &Tail<R>,
        m: Spectral<R>,
        right: &Tail<R>,
    ) -> Result<Parts<R>, EquivalenceError> {
        if !is_random(left) || !is_random(right) {
            return Ok(Vec::new());
        }
        let mut parts = Vec::new();
        for (l, left) in grouped(left) {
            for (r, right) in grouped(right) {
                parts.extend(self.connected_pair(l, &left, &m, r, &right)?);
            }
        }
        Ok(parts)
    }

    fn connected_pair(
        &mut self,
        l: Option<Letter>,
        left: &Tail<R>,
        m: &Spectral<R>,
        r: Option<Letter>,
        right: &Tail<R>,
    ) -> Result<Parts<R>, EquivalenceError> {
        let (Some(l), Some(r)) = (l, r) else {
            return Ok(Vec::new());
        };
        let whole = |first: Letter, rest: &Tail<R>| -> Vec<(R, Vec<Letter>)> {
            rest.iter()
                .map(|(c, word)| {
                    let mut letters = vec![first];
                    letters.extend_from_slice(word);
                    (c.clone(), letters)
                })
                .collect()
        };
        fn borrowed<R: Clone>(words: &[(R, Vec<Letter>)]) -> Tail<'_, R> {
            words
                .iter()
                .map(|(c, w)| (c.clone(), w.as_slice()))
                .collect()
        }
        match (l.design(), r.design()) {
            (Some(x), Some(y)) if x == y => {
                let moment = self.pair(l, r, m)?;
                let next = moment.mean.sum(moment.fluctuation.clone());
                let mut parts = self.connected(left, next, right)?;
                if !matches!(moment.fluctuation, Spectral::Constant(ref c) if c.is_zero()) {
                    let ends = self.mean(left)?.product(self.mean(right)?);
                    parts.push(moment.fluctuation.product(ends));
                }
                Ok(parts)
            }
            (x, y) => {
                let all_right = whole(r, right);
                let all_left = whole(l, left);
                if x.is_none_or(|x| !contains(&borrowed(&all_right), x)) {
                    let m = m.clone().product(self.letter_mean(l)?);
                    return self.connected(left, m, &borrowed(&all_right));
                }
                if y.is_none_or(|y| !contains(&borrowed(&all_left), y)) {
                    let m = m.clone().product(self.letter_mean(r)?);
                    return self.connected(&borrowed(&all_left), m, right);
                }
                if all_left.len() * all_right.len() == 1 {
                    return Err(crossing());
                }
                let mut parts = Vec::new();
                for one in &all_left {
                    for other in &all_right {
                        let (a, b) = (std::slice::from_ref(one), std::slice::from_ref(other));
                        parts.extend(self.connected(&borrowed(a), m.clone(), &borrowed(b))?);
                    }
                }
                Ok(parts)
            }
        }
    }

    /// The function of `Σ` that a linear word is equivalent to.
    pub fn reduced(&mut self, word: &[Letter]) -> Result<Spectral<R>, EquivalenceError> {
        let mut items: Vec<Result<Letter, Spectral<R>>> = word
            .iter()
            .map(|&letter| match letter {
                Letter::Function(f) => Err(self.functions[f].clone()),
                random => Ok(random),
            })
            .collect();
        loop {
            // Neighbouring functions become one.
            let mut merged: Vec<Result<Letter, Spectral<R>>> = Vec::with_capacity(items.len());
            for item in items {
                match (merged.last_mut(), item) {
                    (Some(Err(f)), Err(g)) => *f = f.clone().product(g),
                    (_, item) => merged.push(item),
                }
            }
            items = merged;
            let letters: Vec<(usize, Letter)> = items
                .iter()
                .enumerate()
                .filter_map(|(i, item)| item.as_ref().ok().map(|l| (i, *l)))
                .collect();
            if letters.is_empty() {
                return Ok(match items.pop() {
                    Some(Err(f)) => f,
                    _ => constant(R::one()),
                });
            }
            let uses = |x: Option<Index>| letters.iter().filter(|(_, l)| l.design() == x).count();
            if let Some(&(i, letter)) = letters.iter().find(|(_, l)| uses(l.design()) == 1) {
                items[i] = Err(self.letter_mean(letter)?);
                continue;
            }
            let pair = letters
                .windows(2)
                .find(|w| w[0].1.design() == w[1].1.design() && uses(w[0].1.design()) == 2);
            let Some(&[(i, l), (j, r)]) = pair else {
                return Err(crossing());
            };
            let inner = match items.get(i + 1) {
                Some(Err(f)) if j == i + 2 => f.clone(),
                _ => constant(R::one()),
            };
            let moment = self.pair(l, r, &inner)?;
            items.splice(i..=j, [Err(moment.mean.sum(moment.fluctuation))]);
        }
    }

    /// The mean of one letter.
    pub fn letter_mean(&mut self, letter: Letter) -> Result<Spectral<R>, EquivalenceError> {
        Ok(match letter {
            Letter::Function(f) => self.functions[f].clone(),
            Letter::Sample(_) => s(),
            Letter::Fit(x, l) => s().product(pole(&self.kappa(x, l)?, 1.0)),
            Letter::Resolvent(x, l) => {
                let ratio = self.kappa_over_lambda(x, l)?;
                constant(ratio).product(self.kernel(x, l)?)
            }
            Letter::NoiseSquare(x, l) => {
                let kappa = self.kappa(x, l)?;
                let gap = self.gap((x, l), (x, l))?;
                let f = if kappa.is_zero() {
                    s().power(-R::one())
                } else {
                    s().product(pole(&kappa, 2.0))
                };
                constant(R::one() / gap).product(f)
            }
            Letter::Design(_)
            | Letter::DesignTransposed(_)
            | Letter::Noise(..)
            | Letter::NoiseTransposed(..)
            | Letter::Companion(..) => {
                return Err(EquivalenceError::unrecognised(
                    "a design stands alone, outside X'X and fits",
                ));
            }
        })
    }

    /// `G`, at `κ = 0` too.
    fn kernel(&mut self, x: Index, l: Index) -> Result<Spectral<R>, EquivalenceError> {
        let kappa = self.kappa(x, l)?;
        Ok(if kappa.is_zero() {
            s().power(-R::one())
        } else {
            pole(&kappa, 1.0)
        })
    }

    fn kappa_over_lambda(&mut self, x: Index, l: Index) -> Result<R, EquivalenceError> {
        let lambda = self.ridges[l].clone();
        if lambda.is_zero() {
            let surplus = self.surplus(x);
            if !is_positive(&surplus) {
                return Err(EvaluationError::Undefined(
                    "the inverse of a sample covariance of no more rows than columns".into(),
                )
                .into());
            }
            return Ok(self.designs[x].clone() / surplus);
        }
        Ok(self.kappa(x, l)? / lambda)
    }

    /// `T − tr Σ²GG'`, from terms of one sign: `T − df_1 = Tλ/κ` and `df_1 − tr Σ²GG' = κ' tr ΣGG'`.
    fn gap(&mut self, a: (Index, Index), b: (Index, Index)) -> Result<R, EquivalenceError> {
        let rows = self.designs[a.0].clone();
        let (a, b) = if self.kappa(a.0, a.1)?.is_zero() {
            (b, a)
        } else {
            (a, b)
        };
        let kappa = self.kappa(a.0, a.1)?;
        let gap = if kappa.is_zero() {
            self.surplus(a.0)
        } else {
            let other = self.kappa(b.0, b.1)?;
            let open = rows * self.ridges[a.1].clone() / kappa;
            if other.is_zero() {
                open
            } else {
                let kernel = self.kernel(a.0, a.1)?.product(self.kernel(b.0, b.1)?);
                open + other * self.covariance.trace(&s().product(kernel))?
            }
        };
        if !is_positive(&gap) {
            return Err(EvaluationError::Undefined(
                "a fit at the interpolation threshold, T = d".into(),
            )
            .into());
        }
        Ok(gap)
    }

    /// `φ` of a letter and its `G`; `None` for the `G` of a sample covariance.
    #[allow(clippy::type_complexity)]
    fn fluctuation(
        &mut self,
        letter: Letter,
    ) -> Result<(R, Option<(Index, Index)>), EquivalenceError> {
        Ok(match letter {
            Letter::Sample(_) => (R::one(), None),
            Letter::Fit(x, l) => (self.kappa(x, l)?, Some((x, l))),
            Letter::Resolvent(x, l) => (-self.kappa_over_lambda(x, l)?, Some((x, l))),
            _ => return Err(crossing()),
        })
    }

    /// `E L M R` of two letters of one design.
    fn pair(&mut self, l: Letter, r: Letter, m: &Spectral<R>) -> Result<Pair<R>, EquivalenceError> {
        let (phi, a) = self.fluctuation(l)?;
        let (psi, b) = self.fluctuation(r)?;
        let mut kernel = s();
        for (x, ridge) in [a, b].into_iter().flatten() {
            kernel = kernel.product(self.kernel(x, ridge)?);
        }
        let gap = match (a, b, l.design()) {
            (Some(a), Some(b), _) => self.gap(a, b)?,
            (_, _, Some(x)) => self.designs[x].clone(),
            _ => return Err(crossing()),
        };
        let t = self.covariance.trace(&m.clone().product(kernel.clone()))? / gap;
        let mean = self
            .letter_mean(l)?
            .product(self.letter_mean(r)?)
            .product(m.clone());
        Ok(Pair {
            mean,
            fluctuation: constant(phi * psi * t).product(kernel),
        })
    }
}

/// `E L M R` as a product of means and a fluctuation.
struct Pair<R> {
    mean: Spectral<R>,
    fluctuation: Spectral<R>,
}
