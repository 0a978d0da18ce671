//! The free algebra of designs, noises and `w0`: the arithmetic of sums of words, whose gaps hold functions of `Σ`.

use std::collections::BTreeMap;

use super::atom::{GAPS, Part};
use super::fraction::Fraction;
use super::ground::{Ground, Stop};
use super::letter::{Element, Letter, Word};
use super::moment::expand;
use super::polynomial::Variable;
use super::relation::relation;

/// Longest word; gaps have variables of their own.
const MAX_LETTERS: usize = 40;
/// Most words in a sum.
const MAX_WORDS: usize = 4000;

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
                let Some(rule) = relation(ground, &word, at) else {
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
                .remove(&Part::one(gap))
                .unwrap_or_else(Fraction::zero);
        }
    }
    let rest = coefficient.sub(&plain);
    Ok((plain, rest))
}
