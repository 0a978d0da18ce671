//! The free algebra of designs, noises and `w0`: sums of words, whose gaps hold functions of `Σ`.
//!
//! A word of `n` letters has gaps `0 … n`; its coefficient is a fraction in the eigenvalues at the gaps, so that
//! `f(Σ) X' X g(Σ)` is the word `X' X` with coefficient `f(s₀) g(s₂)`.

use std::collections::BTreeMap;

use super::atom::GAPS;
use super::fraction::Fraction;
use super::ground::{Ground, Stop};
use super::moment::{expand, summand};
use super::polynomial::{Polynomial, Variable};

/// Longest word; gaps have variables of their own.
const MAX_LETTERS: usize = 40;
/// Most words in a sum.
const MAX_WORDS: usize = 4000;

/// A random object, numbered by the walker.
pub type Object = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `w0`, `d×1`
    Target,
    /// Any `d×d` matrix: two means are equal if they are so against it.
    Probe,
    /// A noise, `T×1`
    Noise(Object),
    /// `X`, `T×d`
    Design(Object),
    /// `X†`, `d×T`
    Pinv(Object),
    /// `X†X`, `d×d`
    Rows(Object),
    /// `XX†`, `T×T`
    Columns(Object),
    /// `(X'X + μ)^-1`; `μ` is kept in a list.
    Resolvent(Object, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Letter {
    pub kind: Kind,
    pub transposed: bool,
}

/// What stands left or right of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    One,
    Dimension,
    Samples,
}

impl Letter {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            transposed: false,
        }
    }

    pub fn flipped(self) -> Self {
        let symmetric = matches!(
            self.kind,
            Kind::Rows(_) | Kind::Columns(_) | Kind::Resolvent(..)
        );
        Self {
            kind: self.kind,
            transposed: !symmetric && !self.transposed,
        }
    }

    pub fn object(self) -> Option<Object> {
        match self.kind {
            Kind::Target | Kind::Probe => None,
            Kind::Noise(o)
            | Kind::Design(o)
            | Kind::Pinv(o)
            | Kind::Rows(o)
            | Kind::Columns(o)
            | Kind::Resolvent(o, _) => Some(o),
        }
    }

    pub fn left(self) -> Space {
        let (a, b) = match self.kind {
            Kind::Target => (Space::Dimension, Space::One),
            Kind::Noise(_) => (Space::Samples, Space::One),
            Kind::Design(_) => (Space::Samples, Space::Dimension),
            Kind::Pinv(_) => (Space::Dimension, Space::Samples),
            Kind::Rows(_) | Kind::Resolvent(..) | Kind::Probe => {
                (Space::Dimension, Space::Dimension)
            }
            Kind::Columns(_) => (Space::Samples, Space::Samples),
        };
        if self.transposed { b } else { a }
    }

    pub fn right(self) -> Space {
        self.flipped().left()
    }
}

pub type Word = Vec<Letter>;

/// A matrix, vector or row.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Element {
    pub terms: BTreeMap<Word, Fraction>,
}

/// One word with one power of one pole at each of its gaps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BasisWord {
    /// Whether the last letter meets the first: a trace.
    pub cyclic: bool,
    pub letters: Word,
    /// The function after each letter; `(s, 0)` is 1.
    pub gaps: Vec<(Polynomial, i32)>,
}

/// No function at a gap.
pub fn trivial() -> (Polynomial, i32) {
    (Polynomial::variable(0), 0)
}

impl Element {
    /// A function of `Σ`: a fraction in the variable of gap 0.
    pub fn spectral(f: Fraction) -> Self {
        let mut terms = BTreeMap::new();
        if !f.is_zero() {
            terms.insert(Word::new(), f);
        }
        Self { terms }
    }

    pub fn letter(letter: Letter) -> Self {
        Self {
            terms: BTreeMap::from([(vec![letter], Fraction::one())]),
        }
    }

    /// The function of `Σ`, if it is one.
    pub fn as_spectral(&self) -> Option<Fraction> {
        match self.terms.len() {
            0 => Some(Fraction::zero()),
            1 => self.terms.get(&Word::new()).cloned(),
            _ => None,
        }
    }

    fn put(&mut self, word: Word, coefficient: Fraction) {
        use std::collections::btree_map::Entry;
        if coefficient.is_zero() {
            return;
        }
        match self.terms.entry(word) {
            Entry::Vacant(entry) => {
                entry.insert(coefficient);
            }
            Entry::Occupied(mut entry) => {
                let sum = entry.get().add(&coefficient);
                if sum.is_zero() {
                    entry.remove();
                } else {
                    *entry.get_mut() = sum;
                }
            }
        }
    }

    pub fn add(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (w, c) in &other.terms {
            sum.put(w.clone(), c.clone());
        }
        sum
    }

    pub fn scale(&self, factor: &Fraction) -> Self {
        let mut product = Self::default();
        for (w, c) in &self.terms {
            product.put(w.clone(), c.mul(factor));
        }
        product
    }

    pub fn neg(&self) -> Self {
        self.scale(&Fraction::integer(-1))
    }

    pub fn transpose(&self) -> Self {
        let mut result = Self::default();
        for (w, c) in &self.terms {
            let n = w.len() as Variable;
            let word = w.iter().rev().map(|l| l.flipped()).collect();
            result.put(word, c.rename(&|v| if v < GAPS { n - v } else { v }));
        }
        result
    }

    /// The product, with the relations of the letters applied.
    ///
    /// # Errors
    /// Words or sums too long.
    pub fn mul(&self, other: &Self, ground: &mut Ground) -> Result<Self, Stop> {
        let mut product = Self::default();
        for (u, a) in &self.terms {
            let m = u.len() as Variable;
            for (v, b) in &other.terms {
                if u.len() + v.len() > MAX_LETTERS {
                    return Err(Stop::Beyond("a very long product of matrices".into()));
                }
                let word: Word = u.iter().chain(v).copied().collect();
                let shifted = b.rename(&|x| if x < GAPS { x + m } else { x });
                product.put(word, a.mul(&shifted));
            }
            if product.terms.len() > MAX_WORDS {
                return Err(Stop::Beyond("a very long sum of products".into()));
            }
        }
        product.reduced(ground)
    }

    /// Applies the relations between neighbours until none applies.
    pub fn reduced(&self, ground: &mut Ground) -> Result<Self, Stop> {
        let mut open: Vec<(Word, Fraction)> = self
            .terms
            .iter()
            .map(|(w, c)| (w.clone(), c.clone()))
            .collect();
        let mut done = Self::default();
        let mut steps = 0;
        'words: while let Some((word, coefficient)) = open.pop() {
            steps += 1;
            if steps > 20 * MAX_WORDS {
                return Err(Stop::Beyond("a very long computation with matrices".into()));
            }
            for at in 0..word.len() {
                let Some(rule) = super::relation::relation(ground, &word, at) else {
                    continue;
                };
                // The relation holds for the part of the coefficient without functions at the inner gaps.
                let inner: Vec<Variable> = (at + 1..at + rule.length)
                    .map(|gap| gap as Variable)
                    .collect();
                let (plain, rest) = split(&coefficient, &inner)?;
                if plain.is_zero() {
                    continue;
                }
                if !rest.is_zero() {
                    open.push((word.clone(), rest));
                }
                for (letters, factor) in &rule.becomes {
                    let mut new: Word = word[..at].to_vec();
                    new.extend(letters);
                    new.extend(&word[at + rule.length..]);
                    let (end, shift) = (
                        (at + rule.length) as Variable,
                        rule.length as i64 - letters.len() as i64,
                    );
                    // Gaps after the replaced letters move; its two outer gaps meet where nothing is left between.
                    let moved = plain.rename(&|v| {
                        if v < GAPS && v >= end {
                            (i64::from(v) - shift) as Variable
                        } else {
                            v
                        }
                    });
                    open.push((new, moved.mul(factor)));
                }
                continue 'words;
            }
            done.put(word, coefficient);
        }
        Ok(done)
    }
}

/// A coefficient's part without functions at the gaps named, and the rest.
fn split(coefficient: &Fraction, gaps: &[Variable]) -> Result<(Fraction, Fraction), Stop> {
    let mut plain = coefficient.clone();
    for &gap in gaps {
        if plain.mentions(gap) {
            plain = expand(&plain, gap)?
                .remove(&(Polynomial::variable(gap), 0))
                .unwrap_or_else(Fraction::zero);
        }
    }
    let rest = coefficient.sub(&plain);
    Ok((plain, rest))
}

/// A scalar word as sum of basis words, cut where a space of dimension one lies between letters.
///
/// `cyclic` for the trace of the word.
///
/// # Errors
/// Poles that are not found.
pub fn scalars(
    ground: &mut Ground,
    word: &Word,
    coefficient: &Fraction,
    cyclic: bool,
) -> Result<Fraction, Stop> {
    let n = word.len();
    if n == 0 {
        return Err(Stop::Beyond("the trace of a matrix without letters".into()));
    }
    // A trace with a cut in it is a form: turn the word so that the cut is at its ends.
    if cyclic && let Some(cut) = (0..n).find(|&i| word[i].left() == Space::One) {
        let turned: Word = word[cut..].iter().chain(&word[..cut]).copied().collect();
        let shifted = rotate(coefficient, cut, n);
        return scalars(ground, &turned, &shifted, false);
    }
    let shifted = if cyclic {
        rotate(coefficient, 0, n)
    } else {
        coefficient.clone()
    };
    let mut sum = Fraction::zero();
    let mut open: Vec<(usize, Vec<(Polynomial, i32)>, Fraction)> = vec![(1, Vec::new(), shifted)];
    while let Some((gap, chosen, c)) = open.pop() {
        if gap > n {
            sum = sum.add(&c.mul(&forms(ground, word, &chosen, cyclic)?));
            continue;
        }
        let v = gap as Variable;
        if !c.mentions(v) {
            let mut next = chosen;
            next.push(trivial());
            open.push((gap + 1, next, c));
            continue;
        }
        for ((base, power), factor) in expand(&c, v)? {
            let mut next = chosen.clone();
            next.push((base.rename(&|x| if x == v { 0 } else { x }), power));
            open.push((gap + 1, next, factor));
        }
    }
    Ok(sum)
}

/// Gap `n` of a trace meets gap 0: all functions at gaps `1 … n` of the word turned to begin with letter `cut`.
fn rotate(coefficient: &Fraction, cut: usize, n: usize) -> Fraction {
    coefficient.rename(&|v| {
        if v >= GAPS {
            return v;
        }
        let gap = (v as usize + 2 * n - cut) % n;
        (if gap == 0 { n } else { gap }) as Variable
    })
}

/// The product of the forms that a scalar word with chosen functions falls into.
fn forms(
    ground: &mut Ground,
    word: &Word,
    gaps: &[(Polynomial, i32)],
    cyclic: bool,
) -> Result<Fraction, Stop> {
    if cyclic {
        return Ok(super::form::atom(
            ground,
            BasisWord {
                cyclic,
                letters: word.clone(),
                gaps: gaps.to_vec(),
            },
        ));
    }
    let mut product = Fraction::one();
    let mut from = 0;
    for at in 0..word.len() {
        if word[at].right() != Space::One {
            continue;
        }
        let part = BasisWord {
            cyclic: false,
            letters: word[from..=at].to_vec(),
            gaps: gaps[from..=at].to_vec(),
        };
        from = at + 1;
        let deterministic = part.letters.iter().all(|l| l.object().is_none());
        let factor = if deterministic {
            let (base, power) = &part.gaps[0];
            ground.moment(super::atom::Moment::Target, &summand(base, *power))?
        } else {
            super::form::atom(ground, part)
        };
        product = product.mul(&factor);
    }
    Ok(product)
}
