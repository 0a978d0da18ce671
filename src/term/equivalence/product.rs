//! Where words become scalars: inner products and traces.

use super::error::{undefined, unrecognised};
use super::moment::{Closure, Total};
use super::word::{Index, Leaf, Letter, Term, Words};
use super::{EquivalenceError, Form, Read, Reader, Walk};
use crate::formula::ast::BinaryOp;
use crate::term::evaluate::{LinearAlgebra, Spectral};
use crate::term::{Id, Node};

impl<R: LinearAlgebra> Reader<'_, R> {
    /// `E u'v`. Noise has mean zero and is independent of all designs, so only equal noises meet.
    pub(super) fn inner(
        &mut self,
        u: &Words<R>,
        v: &Words<R>,
    ) -> Result<Total<R>, EquivalenceError> {
        let of = |words: &Words<R>, leaf: Leaf| -> Vec<Term<R>> {
            let terms = words.terms.iter().filter(|t| t.leaf == Some(leaf));
            terms.cloned().collect()
        };
        let (left, right) = (of(u, Leaf::Target), of(v, Leaf::Target));
        let mut total = if left.is_empty() || right.is_empty() {
            Total::zero()
        } else {
            self.alphabet.bilinear(&left, &right, &Closure::Target)?
        };
        for e in 0..self.alphabet.noises.len() {
            let (left, right) = (of(u, Leaf::Noise(e)), of(v, Leaf::Noise(e)));
            if left.is_empty() || right.is_empty() {
                continue;
            }
            let sd = self.alphabet.noises[e].sd.clone();
            if sd.is_zero() {
                continue;
            }
            let variance = sd.clone() * sd;
            total = total.plus(self.noise_trace(e, &left, &right)?.scaled(&variance));
        }
        Ok(total)
    }

    /// `E tr(l'r)` of words that end in one noise, of variance 1.
    fn noise_trace(
        &mut self,
        e: Index,
        left: &[Term<R>],
        right: &[Term<R>],
    ) -> Result<Total<R>, EquivalenceError> {
        let mut total = Total::zero();
        for (l, left) in by_last(left) {
            for (r, right) in by_last(right) {
                total = total.plus(self.noise_pair(e, l, &left, r, &right)?);
            }
        }
        Ok(total)
    }

    fn noise_pair(
        &mut self,
        e: Index,
        l: Option<Letter>,
        left: &[Term<R>],
        r: Option<Letter>,
        right: &[Term<R>],
    ) -> Result<Total<R>, EquivalenceError> {
        let length = self.alphabet.noises[e].length.clone();
        for letter in [l, r].into_iter().flatten() {
            // A fit, say, ends in dimensions, as does a noise that it shrinks.
            if let Some(x) = letter.design()
                && letter.transposed().acts_from_rows()
                && self.alphabet.designs[x].midpoint() != length.midpoint()
            {
                return undefined(format!(
                    "a design of {} rows with a noise of length {}",
                    self.alphabet.designs[x].midpoint(),
                    length.midpoint()
                ));
            }
        }
        let elsewhere = |x: Index| {
            left.iter()
                .chain(right)
                .any(|t| t.letters.iter().any(|l| l.design() == Some(x)))
        };
        if let (Some(Letter::Noise(x, a)), Some(Letter::Noise(y, b))) = (l, r) {
            if x != y && !(elsewhere(x) || elsewhere(y)) {
                // Odd in each of the designs, which are symmetric.
                return Ok(Total::zero());
            }
            if x == y && a == b && !elsewhere(x) {
                let weight = self.alphabet.letter_mean(Letter::NoiseSquare(x, a))?;
                return self.alphabet.bilinear(left, right, &Closure::Trace(weight));
            }
        }
        let mut total = Total::zero();
        for a in left {
            for b in right {
                let mut word: Vec<Letter> = Vec::new();
                let mut factor = a.coefficient.clone() * b.coefficient.clone();
                let letters = l.iter().map(|l| l.transposed());
                let letters = letters.chain(a.letters.iter().rev().map(|l| l.transposed()));
                let letters = letters.chain(b.letters.iter().copied()).chain(r);
                for letter in letters {
                    factor = factor * self.alphabet.push(&mut word, letter);
                }
                if word.is_empty() {
                    total = total.plus(Total::exact(length.clone()).scaled(&factor));
                    continue;
                }
                total = total.plus(self.cyclic_trace(word)?.scaled(&factor));
            }
        }
        Ok(total)
    }

    fn cyclic_trace(&mut self, word: Vec<Letter>) -> Result<Total<R>, EquivalenceError> {
        let (factor, word) = self.alphabet.cyclic(word);
        let f = self.alphabet.reduced(&word)?;
        let whole = Closure::Trace(Spectral::Constant(R::one()));
        Ok(self.alphabet.closed(vec![f], &whole)?.scaled(&factor))
    }

    /// The factors of a product are asked for by themselves.
    pub(super) fn trace(&mut self, walker: Walk<'_, '_, R>, argument: Id) -> Read<R> {
        let mut factors = None;
        let form = match *walker.store().node(argument) {
            Node::Binary(BinaryOp::Mul, left, right) => {
                match (walker.value(self, left)?, walker.value(self, right)?) {
                    (Form::Matrix(a), Form::Matrix(b)) => {
                        let product = a.times(&b, &mut self.alphabet)?;
                        factors = Some((a, b));
                        Form::Matrix(product)
                    }
                    // tr(v u') = u'v
                    (Form::Column(v), Form::Row(u)) => Form::Scalar(self.inner(&u, &v)?),
                    (a, b) => self.product(a, b)?,
                }
            }
            _ => walker.value(self, argument)?,
        };
        let words = match form {
            Form::Matrix(words) => words,
            Form::Number(_) | Form::Scalar(_) => return Ok(form),
            _ => return unrecognised("a trace of anything but a matrix"),
        };
        if words.terms.len() > 1
            && let Some((a, b)) = factors
        {
            let whole = Closure::Trace(Spectral::Constant(R::one()));
            match self
                .alphabet
                .bilinear(&a.transposed().terms, &b.terms, &whole)
            {
                Err(EquivalenceError::NotRecognised { .. }) => {}
                decided => return decided.map(Form::Scalar),
            }
        }
        let by_rows = |t: &Term<R>| t.letters.first().is_some_and(|l| l.acts_from_rows());
        let identity = |t: &Term<R>| t.letters.is_empty();
        if words.terms.iter().any(by_rows) && words.terms.iter().any(identity) {
            return unrecognised("a trace over the rows of a design with an identity in it");
        }
        let mut total = Total::zero();
        for term in words.terms {
            let trace = self.cyclic_trace(term.letters)?;
            total = total.plus(trace.scaled(&term.coefficient));
        }
        Ok(Form::Scalar(total))
    }
}

/// Terms by their last letter, which is taken off.
fn by_last<R: Clone>(terms: &[Term<R>]) -> Vec<(Option<Letter>, Vec<Term<R>>)> {
    let mut groups: Vec<(Option<Letter>, Vec<Term<R>>)> = Vec::new();
    for term in terms {
        let mut term = term.clone();
        let last = term.letters.pop();
        match groups.iter_mut().find(|(letter, _)| *letter == last) {
            Some((_, group)) => group.push(term),
            None => groups.push((last, vec![term])),
        }
    }
    groups
}
