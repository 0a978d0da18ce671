//! Sums of products of means, built so that what cancels among them is never added.

use crate::number::Real;
use crate::term::evaluate::{LinearAlgebra, Spectral};

use super::EquivalenceError;
use super::moment::{Tail, constant, crossing, pole, s};
use super::word::{Alphabet, Index, Letter};

impl<R: LinearAlgebra> Alphabet<'_, R> {
    /// The product of the means of all letters, summed over the words, as a function of `Σ`.
    ///
    /// Where the constants of the sum cancel, as in `A_1A_0 − I`, it is built from complements `I − A_1A_0` instead.
    pub fn mean(&mut self, words: &Tail<R>) -> Result<Spectral<R>, EquivalenceError> {
        let mut words: Vec<(R, Vec<Letter>)> =
            words.iter().map(|(c, w)| (c.clone(), w.to_vec())).collect();
        let Some((_, first)) = words.first() else {
            return Ok(constant(R::zero()));
        };
        // Letters common to all words come off: means commute.
        let mut common = constant(R::one());
        for letter in first.clone() {
            let places: Option<Vec<usize>> = words
                .iter()
                .map(|(_, w)| w.iter().position(|l| *l == letter))
                .collect();
            if let Some(places) = places {
                common = common.product(self.letter_mean(letter)?);
                for ((_, word), at) in words.iter_mut().zip(places) {
                    word.remove(at);
                }
            }
        }
        Ok(common.product(self.sum_of_means(&words)?))
    }

    fn sum_of_means(
        &mut self,
        words: &[(R, Vec<Letter>)],
    ) -> Result<Spectral<R>, EquivalenceError> {
        let Sorted {
            fits,
            resolvents,
            others,
        } = self.sorted(words)?;
        // Constants as κ → 0 (where A = I, λR = 0) and as κ → ∞ (where A = 0, λR = I).
        let (at_zero, cancels_at_zero) = constants(fits.iter().map(|(c, _)| c.clone()));
        let (at_infinity, cancels_at_infinity) = constants(
            fits.iter()
                .filter(|(_, w)| w.is_empty())
                .map(|(c, _)| c.clone())
                .chain(resolvents.iter().map(|(c, ..)| c.clone())),
        );
        let (by_fits, by_resolvents) = match (cancels_at_zero, cancels_at_infinity) {
            (true, _) => (Side::Complement, Side::Plain),
            (false, true) => (Side::Plain, Side::Complement),
            (false, false) => (Side::Plain, Side::Plain),
        };
        let mut total = match (by_fits, by_resolvents) {
            (Side::Complement, _) => constant(at_zero),
            (_, Side::Complement) => constant(at_infinity),
            _ => fits
                .iter()
                .filter(|(_, w)| w.is_empty())
                .fold(constant(R::zero()), |t, (c, _)| t.sum(constant(c.clone()))),
        };
        for (c, word) in fits.iter().filter(|(_, w)| !w.is_empty()) {
            let term = match by_fits {
                Side::Plain => self.word_mean(c.clone(), word)?,
                Side::Complement => self.complement(word)?.scaled(-c.clone()),
            };
            total = total.sum(term);
        }
        for (c, x, l) in resolvents {
            let kappa = self.kappa(x, l)?;
            total = total.sum(match by_resolvents {
                Side::Plain => constant(c * kappa.clone()).product(pole(&kappa, 1.0)),
                Side::Complement => constant(-c).product(s()).product(pole(&kappa, 1.0)),
            });
        }
        Ok(total.sum(others))
    }

    fn sorted<'w>(
        &mut self,
        words: &'w [(R, Vec<Letter>)],
    ) -> Result<Sorted<'w, R>, EquivalenceError> {
        let mut sorted = Sorted {
            fits: Vec::new(),
            resolvents: Vec::new(),
            others: constant(R::zero()),
        };
        for (c, word) in words {
            match word.as_slice() {
                fit if fit.iter().all(|l| matches!(l, Letter::Fit(..))) => {
                    sorted.fits.push((c.clone(), fit));
                }
                [Letter::Resolvent(x, l)] if !self.ridges[*l].is_zero() => {
                    let c = c.clone() / self.ridges[*l].clone();
                    sorted.resolvents.push((c, *x, *l));
                }
                word => {
                    let product = self.word_mean(c.clone(), word)?;
                    sorted.others = sorted.others.sum(product);
                }
            }
        }
        Ok(sorted)
    }

    fn word_mean(&mut self, c: R, word: &[Letter]) -> Result<Spectral<R>, EquivalenceError> {
        let mut product = constant(c);
        for &letter in word {
            product = product.product(self.letter_mean(letter)?);
        }
        Ok(product)
    }

    /// `1 − Π p_i` for the means `p_i = 1 − q_i` of fits: `q_1 + p_1 (q_2 + p_2 (…))`.
    fn complement(&mut self, fits: &[Letter]) -> Result<Spectral<R>, EquivalenceError> {
        let mut complement = constant(R::zero());
        for &fit in fits.iter().rev() {
            let Letter::Fit(x, l) = fit else {
                return Err(crossing());
            };
            let kappa = self.kappa(x, l)?;
            let q = constant(kappa.clone()).product(pole(&kappa, 1.0));
            let p = s().product(pole(&kappa, 1.0));
            complement = q.sum(p.product(complement));
        }
        Ok(complement)
    }
}

/// The words of a sum: of `A`s alone, of a single `R` (here `λR`), and the rest, whose means are added as they are.
struct Sorted<'w, R> {
    fits: Tail<'w, R>,
    resolvents: Vec<(R, Index, Index)>,
    others: Spectral<R>,
}

#[derive(Clone, Copy)]
enum Side {
    Plain,
    Complement,
}

/// A sum of constants, and whether they cancel.
fn constants<R: Real>(terms: impl Iterator<Item = R>) -> (R, bool) {
    let (mut total, mut size) = (R::zero(), 0.0);
    let mut exact = true;
    for term in terms {
        exact &= term.radius() == 0.0;
        size += term.midpoint().abs();
        total = total + term;
    }
    if exact && total.midpoint() == 0.0 {
        total = R::zero();
    }
    let small = total.midpoint().abs() < 1e-3 * size;
    (total, small)
}
