//! Relations between neighbouring letters: resolvents, projections, the axioms of the pseudo-inverse.

use super::fraction::Fraction;
use super::ground::{Ground, Spectrum};
use super::letter::{Kind, Letter, Object, Word};

/// Letters replaced by a sum of words.
pub struct Relation {
    /// How many letters.
    pub length: usize,
    pub becomes: Vec<(Word, Fraction)>,
}

/// Letters alone.
fn to(length: usize, letters: Word) -> Option<Relation> {
    Some(Relation {
        length,
        becomes: vec![(letters, Fraction::one())],
    })
}

fn plain(kind: Kind) -> Letter {
    Letter::new(kind)
}

/// The relation that applies to the letters of `word` from `at` on.
pub fn relation(ground: &mut Ground, word: &Word, at: usize) -> Option<Relation> {
    let a = word[at];
    if let Some(rule) = alone(ground, a) {
        return Some(rule);
    }
    let b = *word.get(at + 1)?;
    if a.object().is_none() || a.object() != b.object() {
        return None;
    }
    if let Some(c) = word.get(at + 2)
        && let Some(rule) = three(ground, a, b, *c)
    {
        return Some(rule);
    }
    two(ground, a, b)
}

/// Projections of full rank are the identity.
fn alone(ground: &mut Ground, a: Letter) -> Option<Relation> {
    let full = match a.kind {
        Kind::Rows(o) => ground.rank(o) == Some(Rank::Columns),
        Kind::Columns(o) => ground.rank(o) == Some(Rank::Rows),
        _ => false,
    };
    if full { to(1, Word::new()) } else { None }
}

/// Which of a design's ranks is full, almost surely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// `T ≥ d`
    Columns,
    /// `T ≤ d`
    Rows,
}

impl Ground {
    /// Which rank of a design is full, as far as the sizes say.
    pub fn rank(&mut self, object: u32) -> Option<Rank> {
        let rows = self.objects.get(object as usize)?.rows.clone();
        let gap = rows.sub(&self.dimension);
        if self.spectrum == Spectrum::Infinite {
            return None;
        }
        if self.is_nonnegative(&gap) {
            Some(Rank::Columns)
        } else if self.is_nonnegative(&gap.neg()) {
            Some(Rank::Rows)
        } else {
            None
        }
    }
}

fn two(ground: &mut Ground, a: Letter, b: Letter) -> Option<Relation> {
    use Kind::{Columns, Design, Pinv, Resolvent, Rows};
    let (x, y) = (a.transposed, b.transposed);
    match (a.kind, b.kind) {
        // X†X, XX† and their transposes
        (Pinv(o), Design(_)) if !x && !y => to(2, vec![plain(Rows(o))]),
        (Design(o), Pinv(_)) if x && y => to(2, vec![plain(Rows(o))]),
        (Design(o), Pinv(_)) if !x && !y => to(2, vec![plain(Columns(o))]),
        (Pinv(o), Design(_)) if x && y => to(2, vec![plain(Columns(o))]),
        // Projections absorb and are absorbed.
        (Rows(_), Rows(_)) | (Columns(_), Columns(_)) => to(2, vec![a]),
        (Design(_), Rows(_)) if !x => to(2, vec![a]),
        (Rows(_), Design(_)) if y => to(2, vec![b]),
        (Rows(_), Pinv(_)) if !y => to(2, vec![b]),
        (Pinv(_), Rows(_)) if x => to(2, vec![a]),
        (Columns(_), Design(_)) if !y => to(2, vec![b]),
        (Design(_), Columns(_)) if x => to(2, vec![a]),
        (Pinv(_), Columns(_)) if !x => to(2, vec![a]),
        (Columns(_), Pinv(_)) if y => to(2, vec![b]),
        // R P = R − (1 − P)/μ
        (Resolvent(o, m), Rows(_)) | (Rows(_), Resolvent(o, m)) => {
            let r = plain(Resolvent(o, m));
            let inverse = ground.shift(m).recip()?;
            Some(Relation {
                length: 2,
                becomes: vec![
                    (vec![r], Fraction::one()),
                    (Word::new(), inverse.neg()),
                    (vec![plain(Rows(o))], inverse),
                ],
            })
        }
        // R X† = (X† − R X')/μ
        (Resolvent(o, m), Pinv(_)) if !y => {
            let inverse = ground.shift(m).recip()?;
            let design = plain(Design(o)).flipped();
            Some(Relation {
                length: 2,
                becomes: vec![(vec![b], inverse.clone()), (vec![a, design], inverse.neg())],
            })
        }
        (Pinv(o), Resolvent(_, m)) if x => {
            let inverse = ground.shift(m).recip()?;
            let design = plain(Design(o));
            Some(Relation {
                length: 2,
                becomes: vec![(vec![a], inverse.clone()), (vec![design, b], inverse.neg())],
            })
        }
        // R(μ) R(ν) = (R(ν) − R(μ))/(μ − ν)
        (Resolvent(_, m), Resolvent(_, n)) if m != n => {
            let gap = ground.shift(m).sub(&ground.shift(n)).recip()?;
            Some(Relation {
                length: 2,
                becomes: vec![(vec![b], gap.clone()), (vec![a], gap.neg())],
            })
        }
        _ => None,
    }
}

/// `X'X R = R X'X = 1 − μ R`.
fn three(ground: &mut Ground, a: Letter, b: Letter, c: Letter) -> Option<Relation> {
    let same = |o: Object| [a, b, c].iter().all(|l| l.object() == Some(o));
    let (resolvent, m, o) = match (a.kind, b.kind, c.kind) {
        (Kind::Design(o), Kind::Design(_), Kind::Resolvent(_, m))
            if a.transposed && !b.transposed =>
        {
            (c, m, o)
        }
        (Kind::Resolvent(o, m), Kind::Design(_), Kind::Design(_))
            if b.transposed && !c.transposed =>
        {
            (a, m, o)
        }
        _ => return None,
    };
    same(o).then(|| Relation {
        length: 3,
        becomes: vec![
            (Word::new(), Fraction::one()),
            (vec![resolvent], ground.shift(m).neg()),
        ],
    })
}
