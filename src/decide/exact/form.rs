//! Scalars made of random objects: traces and forms, each in one canonical way of writing it.

use super::atom::{Atom, GAPS, Moment, Part};
use super::fraction::Fraction;
use super::ground::{Ground, Stop};
use super::letter::{BasisWord, Element, Kind, Space, Word, trivial};
use super::moment::expand;
use super::polynomial::Variable;
use super::relation::Rank;

/// The scalar of a basis word.
pub fn atom(ground: &mut Ground, word: BasisWord) -> Fraction {
    // The trace of a projection is its rank.
    if word.cyclic && word.letters.len() == 1 && word.gaps[0] == trivial() {
        match word.letters[0].kind {
            Kind::Rows(o) if ground.rank(o) == Some(Rank::Rows) => {
                return ground.objects[o as usize].rows.clone();
            }
            Kind::Columns(o) if ground.rank(o) == Some(Rank::Columns) => {
                return ground.dimension.clone();
            }
            _ => {}
        }
    }
    let atom = ground.intern(Atom::Form(word.canonical()));
    Fraction::variable(atom)
}

impl BasisWord {
    pub fn transposed(&self) -> Self {
        let n = self.letters.len();
        let letters: Word = self.letters.iter().rev().map(|l| l.flipped()).collect();
        // The gap after letter i lies before letter i+1; in a form the last gap is outside.
        let gaps = (0..n)
            .map(|i| {
                let at = (2 * n - 2 - i) % n;
                self.gaps[at].clone()
            })
            .collect();
        Self {
            cyclic: self.cyclic,
            letters,
            gaps,
        }
    }

    pub fn rotated(&self, by: usize) -> Self {
        let mut turned = self.clone();
        turned.letters.rotate_left(by);
        turned.gaps.rotate_left(by);
        turned
    }

    /// The least of the ways to write it.
    pub fn canonical(&self) -> Self {
        let flipped = self.transposed();
        if !self.cyclic {
            return self.clone().min(flipped);
        }
        (0..self.letters.len())
            .flat_map(|i| [self.rotated(i), flipped.rotated(i)])
            .min()
            .unwrap_or(flipped)
    }

    /// The word with its functions as a coefficient in the gaps' variables.
    pub fn coefficient(&self) -> Fraction {
        self.gaps
            .iter()
            .enumerate()
            .filter(|(_, gap)| **gap != trivial())
            .fold(Fraction::one(), |product, (i, gap)| {
                let v = i as Variable + 1;
                let f = gap.function().rename(&|x| if x == 0 { v } else { x });
                product.mul(&f)
            })
    }
}

/// The trace of a square matrix; `size` is the trace of the identity where the matrix is no function of `Σ`.
///
/// # Errors
/// What is not covered.
pub fn trace(
    ground: &mut Ground,
    element: &Element,
    size: Option<&Fraction>,
) -> Result<Fraction, Stop> {
    let mut total = Fraction::zero();
    let mut open: Vec<(Word, Fraction, Option<Fraction>)> = element
        .terms
        .iter()
        .map(|(w, c)| (w.clone(), c.clone(), size.cloned()))
        .collect();
    'words: while let Some((word, coefficient, size)) = open.pop() {
        let n = word.len();
        if n == 0 {
            total = total.add(&match size {
                Some(size) => coefficient.mul(&size),
                None => ground.moment(Moment::Trace, &coefficient)?,
            });
            continue;
        }
        // A relation may hold across the ends.
        for cut in 1..n {
            let turned: Word = word[cut..].iter().chain(&word[..cut]).copied().collect();
            let moved = coefficient.rename(&|v| {
                if v >= GAPS {
                    return v;
                }
                let gap = (v as usize + 2 * n - cut) % n;
                (if gap == 0 { n } else { gap }) as Variable
            });
            let mut single = Element::default();
            single.terms.insert(turned.clone(), moved.clone());
            let reduced = single.reduced(ground)?;
            if reduced != single {
                let size = match turned[0].left() {
                    Space::Samples => turned[0]
                        .object()
                        .map(|o| ground.objects[o as usize].rows.clone()),
                    _ => None,
                };
                open.extend(reduced.terms.into_iter().map(|(w, c)| (w, c, size.clone())));
                continue 'words;
            }
        }
        total = total.add(&scalars(ground, &word, &coefficient, true)?);
    }
    Ok(total)
}

/// The scalar `row · column`: every word begins and ends in a space of dimension one.
///
/// # Errors
/// What is not covered.
pub fn scalar(ground: &mut Ground, element: &Element) -> Result<Fraction, Stop> {
    let mut total = Fraction::zero();
    for (word, coefficient) in &element.terms {
        total = total.add(&scalars(ground, word, coefficient, false)?);
    }
    Ok(total)
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
    let mut open: Vec<(usize, Vec<Part>, Fraction)> = vec![(1, Vec::new(), shifted)];
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
        for (part, factor) in expand(&c, v)? {
            let mut next = chosen.clone();
            next.push(Part {
                base: part.base.rename(&|x| if x == v { 0 } else { x }),
                ..part
            });
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
fn forms(ground: &mut Ground, word: &Word, gaps: &[Part], cyclic: bool) -> Result<Fraction, Stop> {
    if cyclic {
        return Ok(atom(
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
        // w0' f(Σ) w0, and nothing in between
        let factor = if part.letters.iter().all(|l| l.kind == Kind::Target) {
            ground.moment(Moment::Target, &part.gaps[0].function())?
        } else {
            atom(ground, part)
        };
        product = product.mul(&factor);
    }
    Ok(product)
}
