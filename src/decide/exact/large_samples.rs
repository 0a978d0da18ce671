//! Means over samples that grow at a fixed dimension: `X'X = T C + D`, in powers of `D`, which is of the order `√T`.
//!
//! `(X'X + μ)^-1 = Q − Q D Q + …` with `Q = (T C + μ)^-1`, a function of `Σ`. A product of degree `k` in `D` has a mean of
//! relative order `T^-⌈k/2⌉`: what is left out beyond degree `2m` is of relative order `T^-(m+1)`, and is written down as
//! that power times a number that nothing is known of but that it stays bounded.

use super::atom::{Atom, EIGENVALUE, GAPS};
use super::fraction::Fraction;
use super::ground::{Ground, LargeSamples, Stop};
use super::letter::{BasisWord, Element, Kind, Letter, Object, Space, objects};

/// What a mean rests on that was expanded.
pub const EXPANDED: &str = "expansion of means in powers of 1/T, the dimension being fixed";

/// One factor of a product in powers of `D`, by degree.
type Powers = Vec<Element>;

/// A product of forms: parts whose means are to be added up, and what stands for the rest.
pub struct Expanded {
    pub parts: Vec<Fraction>,
    pub rest: Fraction,
}

/// A product of forms in powers of `1/T`, where a design of growing size is inverted in them: all such designs
/// at once, since the deviations of one are small beside the others' leading terms.
///
/// # Errors
/// What is not covered.
pub fn expanded(ground: &mut Ground, forms: &[BasisWord]) -> Result<Option<Expanded>, Stop> {
    let Some(settings) = ground.large_samples.clone() else {
        return Ok(None);
    };
    let own: Vec<Object> = (objects(forms).into_iter())
        .filter(|&object| grows(ground, object))
        .collect();
    if !own.iter().any(|&object| inverted(forms, object)) {
        return Ok(None);
    }
    let most = 2 * settings.order as usize;
    // The product by its degree in the deviations, and its leading order.
    let mut product = vec![Fraction::one()];
    let mut leading = Fraction::one();
    for form in forms {
        if !form
            .gaps
            .iter()
            .all(|gap| stays_bounded(ground, &settings, gap))
        {
            return Ok(None);
        }
        let Some((value, order)) = of_form(ground, form, &own, most)? else {
            return Ok(None);
        };
        leading = leading.mul(&order);
        product = convolved(&product, &value, most);
    }
    let mut rest = Fraction::zero();
    for object in own {
        let rows = ground.objects[object as usize].rows.clone();
        let Some(smaller) = rows.pow(-i64::from(settings.order) - 1) else {
            return Ok(None);
        };
        rest = rest.add(&remainder(ground).mul(&leading).mul(&smaller));
    }
    ground.cite(EXPANDED);
    Ok(Some(Expanded {
        parts: product,
        rest,
    }))
}

/// A number for one more remainder: no two are alike.
fn remainder(ground: &mut Ground) -> Fraction {
    let Some(settings) = ground.large_samples.as_mut() else {
        return Fraction::zero();
    };
    settings.met += 1;
    Fraction::integer((settings.met + 7) * settings.remainder)
}

fn grows(ground: &Ground, object: Object) -> bool {
    let law = &ground.objects[object as usize];
    let declared = law.name.split('[').next().unwrap_or_default();
    (ground.large_samples.as_ref()).is_some_and(|large| large.growing.contains(declared))
}

fn inverted(forms: &[BasisWord], object: Object) -> bool {
    (forms.iter().flat_map(|form| &form.letters))
        .any(|letter| matches!(letter.kind, Kind::Pinv(o) | Kind::Resolvent(o, _) if o == object))
}

/// Whether a function of `Σ` is bounded all along the path: no positive power of what moves, and no pole near by.
fn stays_bounded(ground: &mut Ground, settings: &LargeSamples, gap: &super::atom::Part) -> bool {
    let positive = ground.polynomial_sign(&gap.base) == Some(true);
    let symbol = |v| match ground.atom(v) {
        Some(Atom::Symbol { name, .. }) => Some(name.as_str()),
        _ => None,
    };
    let moving = |v: u32| v >= GAPS && symbol(v).is_none_or(|name| settings.moving.contains(name));
    let moves =
        |v: u32| moving(v) || symbol(v).is_some_and(|name| ground.moving.iter().any(|m| m == name));
    let variables = gap.base.variables();
    if !variables.iter().any(|&v| moves(v)) {
        return true;
    }
    // One term of a sum of positive ones that stays above 0 keeps the sum there.
    gap.power <= 0
        && positive
        && gap
            .base
            .terms
            .keys()
            .any(|m| !m.0.iter().any(|&(v, _)| moving(v)))
        && gap.base.terms.values().all(|c| c.signum().is_gt())
}

/// A form by its degree in deviations, and the product of the sizes that it is of the order of; `None` where a letter of
/// one of the designs stands alone.
fn of_form(
    ground: &mut Ground,
    form: &BasisWord,
    own: &[Object],
    most: usize,
) -> Result<Option<(Vec<Fraction>, Fraction)>, Stop> {
    let n = form.letters.len();
    let object = |letter: &Letter| letter.object().filter(|o| own.contains(o));
    // Pairs X'X and X†(X†)' close in the space of samples: a trace is turned so that none is cut.
    let first = &form.letters[0];
    let cut = form.cyclic && first.left() == Space::Samples && object(first).is_some();
    let form = if cut {
        form.rotated(n - 1)
    } else {
        form.clone()
    };
    let mut value: Powers = vec![Element::spectral(Fraction::one())];
    let mut order = Fraction::one();
    let mut at = 0;
    while at < n {
        let letter = form.letters[at];
        let mut length = 1;
        let factor = match object(&letter) {
            None => vec![Element::letter(letter)],
            Some(object) => {
                let Some((powers, letters)) =
                    of_letters(ground, &form.letters[at..], object, most)?
                else {
                    return Ok(None);
                };
                length = letters;
                let rows = ground.objects[object as usize].rows.clone();
                let grows = matches!(letter.kind, Kind::Design(_));
                let size = if grows { Some(rows) } else { rows.recip() };
                order = order.mul(&size.unwrap_or_else(Fraction::one));
                powers
            }
        };
        value = times(ground, &value, &factor, most)?;
        at += length;
        let function = Element::spectral(form.gaps[at - 1].function());
        value = times(ground, &value, &[function], most)?;
    }
    let mut list = Vec::new();
    for element in &value {
        list.push(if form.cyclic {
            super::form::trace(ground, element, None)?
        } else {
            super::form::scalar(ground, element)?
        });
    }
    Ok(Some((list, order)))
}

/// `(X'X + μ)^-1`, `X†(X†)'` or `X'X` at the beginning of a word in powers of `D`, and how many letters that is.
fn of_letters(
    ground: &mut Ground,
    word: &[Letter],
    object: Object,
    most: usize,
) -> Result<Option<(Powers, usize)>, Stop> {
    let letter = word[0];
    let closed = word.get(1) == Some(&letter.flipped());
    Ok(match letter.kind {
        Kind::Resolvent(_, shift) => {
            let shift = ground.shift(shift);
            Some((inverse(ground, object, &shift, most)?, 1))
        }
        Kind::Pinv(_) if !letter.transposed && closed => {
            Some((inverse(ground, object, &Fraction::zero(), most)?, 2))
        }
        Kind::Design(_) if letter.transposed && closed => {
            let mean = Element::spectral(large(ground, object));
            Some((vec![mean, deviation(ground, object)], 2))
        }
        _ => None,
    })
}

/// `T C`
fn large(ground: &Ground, object: Object) -> Fraction {
    let law = &ground.objects[object as usize];
    law.rows.mul(&law.covariance)
}

/// `D = X'X − T C`
fn deviation(ground: &Ground, object: Object) -> Element {
    let design = Letter::new(Kind::Design(object));
    let mut square = Element::default();
    (square.terms).insert(vec![design.flipped(), design], Fraction::one());
    square.add(&Element::spectral(large(ground, object).neg()))
}

/// `(X'X + μ)^-1 = Q − Q D Q + Q D Q D Q − …`
fn inverse(
    ground: &mut Ground,
    object: Object,
    shift: &Fraction,
    most: usize,
) -> Result<Powers, Stop> {
    let q = ground.inverse(&large(ground, object).add(shift))?;
    debug_assert!(q.variables().contains(&EIGENVALUE) || ground.eigenvalue() == Fraction::one());
    let q = Element::spectral(q);
    let step = q.neg().mul(&deviation(ground, object), ground)?;
    let mut list = vec![q];
    for k in 0..most {
        let next = step.mul(&list[k], ground)?;
        list.push(next);
    }
    Ok(list)
}

/// The product of two sums by degree, as far as it is wanted.
fn times(
    ground: &mut Ground,
    left: &[Element],
    right: &[Element],
    most: usize,
) -> Result<Powers, Stop> {
    let mut product = vec![Element::default(); length(left.len(), right.len(), most)];
    for (i, k) in pairs(left.len(), right.len(), most) {
        let term = left[i].mul(&right[k], ground)?;
        product[i + k] = product[i + k].add(&term);
    }
    Ok(product)
}

/// The same of scalars.
fn convolved(left: &[Fraction], right: &[Fraction], most: usize) -> Vec<Fraction> {
    let mut product = vec![Fraction::zero(); length(left.len(), right.len(), most)];
    for (i, k) in pairs(left.len(), right.len(), most) {
        product[i + k] = product[i + k].add(&left[i].mul(&right[k]));
    }
    product
}

fn length(left: usize, right: usize, most: usize) -> usize {
    (left + right - 1).min(most + 1)
}

/// Degrees of two factors that come to no more than `most`.
fn pairs(left: usize, right: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..left)
        .flat_map(move |i| (0..right).map(move |k| (i, k)))
        .filter(move |(i, k)| i + k <= most)
}
