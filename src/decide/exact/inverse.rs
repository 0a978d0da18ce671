//! Inverses, pseudo-inverses, projections and ridge fits, of functions of `Σ` and of designs.

use super::atom::GAPS;
use super::fraction::{Fraction, factors};
use super::ground::{Exact, Ground, Spectrum, Stop, beyond, vanishing};
use super::letter::{Element, Kind, Letter, Word};
use super::polynomial::{Polynomial, Variable};
use super::relation::Rank;

/// Polynomials in designs have their means in an infinite dimension too, where the spectrum can be summed; what is
/// inverted there would need a rank.
fn of_finite_designs(ground: &Ground) -> Exact<()> {
    match ground.spectrum {
        Spectrum::Infinite => beyond("inverses of designs of infinite dimension"),
        Spectrum::Any | Spectrum::Identity => Ok(()),
    }
}

/// Whether a coefficient is a number, and no function of `Σ` beside a letter.
fn constant(f: &Fraction) -> bool {
    !f.variables().into_iter().any(|v| v < GAPS)
}

/// The inverse of a function of `Σ`, of `aX'X + b`, or of `f(Σ) X'X g(Σ)`.
pub fn inverse(ground: &mut Ground, m: &Element) -> Exact<Element> {
    if let Some(f) = m.as_spectral() {
        return Ok(Element::spectral(ground.inverse(&f)?));
    }
    of_finite_designs(ground)?;
    if let Some((object, c)) = between_functions(ground, m) {
        return undone(ground, &[2, 1, 0], &c, {
            let pinv = Letter::new(Kind::Pinv(object));
            vec![pinv, pinv.flipped()]
        });
    }
    let mut shift = Fraction::zero();
    let mut product: Option<(Word, Fraction)> = None;
    for (word, c) in &m.terms {
        if !constant(c) {
            return beyond("the inverse of a matrix with functions of Σ between its letters");
        }
        if word.is_empty() {
            shift = c.clone();
        } else if product.is_none() && word.len() == 2 {
            product = Some((word.clone(), c.clone()));
        } else {
            return beyond("the inverse of such a sum of matrices");
        }
    }
    let Some((word, a)) = product else {
        return beyond("the inverse of such a matrix");
    };
    let scale = ground.inverse(&a)?;
    let (first, second) = (word[0], word[1]);
    let (object, rows_first) = match (first.kind, second.kind) {
        (Kind::Design(o), Kind::Design(p)) if o == p && first.transposed != second.transposed => {
            (o, !first.transposed)
        }
        _ => return beyond("the inverse of such a product"),
    };
    let pinv = Letter::new(Kind::Pinv(object));
    if shift.is_zero() {
        let (full, letters) = if rows_first {
            (Rank::Rows, vec![pinv.flipped(), pinv])
        } else {
            (Rank::Columns, vec![pinv, pinv.flipped()])
        };
        if ground.rank(object) != Some(full) {
            return Err(Stop::Open("a product of designs is invertible".into()));
        }
        let mut inverse = Element::default();
        inverse.terms.insert(letters, scale);
        return Ok(inverse);
    }
    let mu = shift.mul(&scale);
    if !ground.is_positive(&mu) {
        return Err(Stop::Open("the shift of a resolvent is positive".into()));
    }
    let number = ground.intern_shift(&mu);
    let resolvent = Letter::new(Kind::Resolvent(object, number));
    let mut inverse = Element::default();
    if rows_first {
        // (XX' + μ)^-1 = (1 − X (X'X + μ)^-1 X')/μ
        let over = shift.recip().unwrap_or_else(Fraction::one);
        let design = Letter::new(Kind::Design(object));
        inverse.terms.insert(Word::new(), over.clone());
        inverse
            .terms
            .insert(vec![design, resolvent, design.flipped()], over.neg());
    } else {
        inverse.terms.insert(vec![resolvent], scale);
    }
    Ok(inverse)
}

/// `f(Σ) X'X g(Σ)` of full rank: the design, and `f` and `g` at the gaps 0 and 2.
fn between_functions(ground: &mut Ground, m: &Element) -> Option<(u32, Fraction)> {
    let mut terms = m.terms.iter();
    let (Some((word, c)), None) = (terms.next(), terms.next()) else {
        return None;
    };
    let [a, b] = word[..] else { return None };
    let (Kind::Design(object), Kind::Design(other)) = (a.kind, b.kind) else {
        return None;
    };
    // No factor may mix the two: f(s₀) g(s₂) is undone by 1/(f g), s₀ + s₂ is not.
    let apart = |p: &Polynomial| !(p.mentions(0) && p.mentions(2));
    let (_, numerator) = factors(&c.numerator);
    let apart = numerator.iter().map(|f| &f.0).all(apart) && c.denominator.keys().all(apart);
    let full = object == other && a.transposed && !b.transposed && !constant(c) && apart;
    (full && ground.rank(object) == Some(Rank::Columns)).then(|| (object, c.clone()))
}

/// Letters with the inverse of a function of gaps, each of which becomes the one that `moved` says.
fn undone(ground: &mut Ground, moved: &[Variable], c: &Fraction, letters: Word) -> Exact<Element> {
    let inverse = ground.inverse(c)?;
    let last = moved.len() as Variable - 1;
    let coefficient = inverse.rename(&|v| if v <= last { moved[v as usize] } else { v });
    let mut element = Element::default();
    element.terms.insert(letters, coefficient);
    Ok(element)
}

/// The letter of a matrix that is a multiple of a design or its transpose, or of `X f(Σ)` where `X` has full column
/// rank, so that `f` is undone by its inverse.
fn single_design(ground: &mut Ground, m: &Element) -> Exact<(u32, bool, Fraction)> {
    let mut terms = m.terms.iter();
    if let (Some((word, c)), None) = (terms.next(), terms.next())
        && let [letter] = word[..]
        && let Kind::Design(o) = letter.kind
        && (constant(c) || ground.rank(o) == Some(Rank::Columns))
    {
        return Ok((o, letter.transposed, c.clone()));
    }
    beyond("the pseudo-inverse or projection of such a matrix")
}

/// A multiple of `X'X` or, with `true`, of `XX'`.
fn gram(m: &Element) -> Option<(u32, bool, Fraction)> {
    if m.terms.len() != 1 {
        return None;
    }
    let (word, c) = m.terms.first_key_value()?;
    let [a, b] = word[..] else { return None };
    match (a.kind, b.kind) {
        (Kind::Design(o), Kind::Design(p))
            if o == p && a.transposed != b.transposed && constant(c) =>
        {
            Some((o, b.transposed, c.clone()))
        }
        _ => None,
    }
}

pub fn pseudo_inverse(ground: &mut Ground, m: &Element) -> Exact<Element> {
    if let Some(f) = m.as_spectral() {
        return Ok(Element::spectral(ground.inverse(&f)?));
    }
    of_finite_designs(ground)?;
    if let Some((object, of_rows, c)) = gram(m) {
        // (X'X)† = X†X†', (XX')† = X†'X†
        let pinv = Letter::new(Kind::Pinv(object));
        let word = if of_rows {
            vec![pinv.flipped(), pinv]
        } else {
            vec![pinv, pinv.flipped()]
        };
        let mut product = Element::default();
        product.terms.insert(word, ground.inverse(&c)?);
        return product.reduced(ground);
    }
    if between_functions(ground, m).is_some() {
        return inverse(ground, m);
    }
    let (object, transposed, c) = single_design(ground, m)?;
    let letter = Letter {
        kind: Kind::Pinv(object),
        transposed,
    };
    undone(ground, &[1, 0], &c, vec![letter])
}

pub fn projection(ground: &mut Ground, m: &Element) -> Exact<Element> {
    if let Some(f) = m.as_spectral() {
        ground.require_nonzero(&f)?;
        return Ok(Element::spectral(Fraction::one()));
    }
    of_finite_designs(ground)?;
    let (object, transposed, c) = single_design(ground, m)?;
    ground.require_nonzero(&c)?;
    let kind = if transposed {
        Kind::Columns(object)
    } else {
        Kind::Rows(object)
    };
    Element::letter(Letter::new(kind)).reduced(ground)
}

/// `(X'X/T + λ)^-1 X'y/T`, and `X†y` without ridge.
pub fn ridge(ground: &mut Ground, x: &Element, y: &Element, lambda: &Fraction) -> Exact<Element> {
    of_finite_designs(ground)?;
    if lambda.is_zero() {
        return pseudo_inverse(ground, x)?.mul(y, ground);
    }
    let (object, transposed, c) = single_design(ground, x)?;
    if transposed || !c.as_constant().is_some_and(|c| c.is_one()) {
        return beyond("a ridge fit to such a design");
    }
    if !ground.is_positive(lambda) {
        return Err(vanishing(ground, lambda, "the ridge is not negative"));
    }
    let rows = ground.objects[object as usize].rows.clone();
    let number = ground.intern_shift(&lambda.mul(&rows));
    let mut fit = Element::default();
    fit.terms.insert(
        vec![
            Letter::new(Kind::Resolvent(object, number)),
            Letter::new(Kind::Design(object)).flipped(),
        ],
        Fraction::one(),
    );
    fit.mul(y, ground)
}
