//! Letters: designs, noises, `w0` and what is made of them; words of letters, and sums of words.
//!
//! A word of `n` letters has gaps `0 … n`; its coefficient is a fraction in the eigenvalues at the gaps, so that
//! `f(Σ) X' X g(Σ)` is the word `X' X` with coefficient `f(s₀) g(s₂)`.

use std::collections::BTreeMap;

use super::fraction::Fraction;
use super::part::{EIGENVALUE, Part};

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
    /// The function after each letter.
    pub gaps: Vec<Part>,
}

/// No function at a gap.
pub fn trivial() -> Part {
    Part::one(EIGENVALUE)
}

/// Where each letter of `object` stands: (form, letter).
pub fn places(forms: &[BasisWord], object: Object) -> Vec<(usize, usize)> {
    let mut list = Vec::new();
    for (i, form) in forms.iter().enumerate() {
        for (j, letter) in form.letters.iter().enumerate() {
            if letter.object() == Some(object) {
                list.push((i, j));
            }
        }
    }
    list
}

pub fn objects(forms: &[BasisWord]) -> Vec<Object> {
    let mut list: Vec<Object> = forms
        .iter()
        .flat_map(|f| f.letters.iter().filter_map(|l| l.object()))
        .collect();
    list.sort_unstable();
    list.dedup();
    list
}
