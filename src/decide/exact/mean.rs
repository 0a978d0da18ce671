//! Means of scalars made of random objects, exact at finite size: linearity, independence, noises and Gaussian
//! designs by Wick's rule, inverse Wishart matrices, rotations.

use std::collections::BTreeMap;

use super::atom::{Atom, EIGENVALUE};
use super::fraction::Fraction;
use super::ground::{Ground, Spectrum, Stop};
use super::large_samples::{Expanded, expanded};
use super::letter::{
    BasisWord, Element, Kind, Letter, Object, Space, Word, objects, places, trivial,
};
use super::polynomial::{Monomial, Polynomial, Variable};
use super::quotient::{self, Denominator};
use super::relation::Rank;
use super::wishart;

/// What a mean rests on where a design is as likely in any rotation.
pub const ROTATIONS: &str = "invariance under rotations (isotropic rows)";
/// Objects of one law whose order is tried.
const MAX_RENAMED: usize = 4;

/// The mean of a scalar.
///
/// # Errors
/// Where it is no polynomial in draws, or not covered.
pub fn mean(ground: &mut Ground, f: &Fraction) -> Result<Fraction, Stop> {
    let random = |ground: &Ground, v: Variable| matches!(ground.atom(v), Some(a) if a.is_random());
    let Some(denominator) = Denominator::of(ground, f) else {
        return Err(Stop::Beyond("the mean of a quotient of draws".into()));
    };
    let mut groups: BTreeMap<Monomial, Polynomial> = BTreeMap::new();
    for (m, c) in &f.numerator.terms {
        let mut draws = Monomial::default();
        let mut fixed = Monomial::default();
        for &(v, p) in &m.0 {
            let part = if random(ground, v) {
                &mut draws
            } else {
                &mut fixed
            };
            *part = part.mul(&Monomial::of(v, p));
        }
        groups.entry(draws).or_default().add_term(fixed, c.clone());
    }
    let mut total = Fraction::zero();
    for (draws, fixed) in groups {
        let mut forms = Vec::new();
        for &(v, p) in &draws.0 {
            if let Some(Atom::Form(word)) = ground.atom(v) {
                forms.extend(std::iter::repeat_n(word.clone(), p as usize));
            }
        }
        let mut value = Fraction::from(fixed);
        if !denominator.squares.is_empty() {
            value = value.mul(&quotient::factor(ground, &denominator.squares, &forms)?);
        }
        total = total.add(&product(ground, forms)?.mul(&value));
    }
    Ok(total.mul(&denominator.fixed))
}

/// The mean of a product of forms.
fn product(ground: &mut Ground, forms: Vec<BasisWord>) -> Result<Fraction, Stop> {
    if forms.is_empty() {
        return Ok(Fraction::one());
    }
    exists(ground, &forms)?;
    if let Some(found) = noise(ground, &forms)? {
        return Ok(found);
    }
    let parts = independent(&forms);
    if parts.len() > 1 {
        let mut total = Fraction::one();
        for part in parts {
            total = total.mul(&product(ground, part)?);
        }
        return Ok(total);
    }
    if forms
        .iter()
        .flat_map(|f| &f.letters)
        .all(|l| matches!(l.kind, Kind::Design(_) | Kind::Target | Kind::Probe))
    {
        return super::wick::gaussian(ground, &forms);
    }
    if let Some(found) = inverse_wishart(ground, &forms)? {
        return Ok(found);
    }
    if ground.large_samples.is_some() {
        if let Some(Expanded { parts, rest }) = expanded(ground, &forms)? {
            let mut total = rest;
            for part in &parts {
                total = total.add(&mean(ground, part)?);
            }
            return Ok(total);
        }
        if let Some(object) = polynomial(&forms) {
            let left = super::wick::over(ground, &forms, object)?;
            return mean(ground, &left);
        }
    }
    if let Some((theorem, terms)) = wishart::as_rows(ground, &forms) {
        ground.cite(theorem);
        let mut total = Fraction::zero();
        for (factor, forms) in terms {
            total = total.add(&product(ground, forms)?.mul(&factor));
        }
        return Ok(total);
    }
    if let Some(found) = rotation(ground, &forms)? {
        return Ok(found);
    }
    let canonical = canonical(ground, &forms);
    Ok(Fraction::variable(ground.intern(Atom::Mean(canonical))))
}

/// A product with `n` pseudo-inverses of one design has a mean if `|T − d| ≥ n`: the least singular value of a
/// Gaussian matrix has moments of order above `−(|T−d|+1)`.
fn exists(ground: &mut Ground, forms: &[BasisWord]) -> Result<(), Stop> {
    for object in objects(forms) {
        let count = forms
            .iter()
            .flat_map(|f| &f.letters)
            .filter(|l| l.kind == Kind::Pinv(object))
            .count();
        if count == 0 {
            continue;
        }
        let rows = ground.objects[object as usize].rows.clone();
        let gap = rows.sub(&ground.dimension);
        let least = Fraction::integer(count as i64);
        if !ground.is_nonnegative(&gap.sub(&least))
            && !ground.is_nonnegative(&gap.neg().sub(&least))
        {
            return Err(Stop::Open(format!(
                "the mean exists: |T - d| >= {count} for {}",
                ground.objects[object as usize].name
            )));
        }
    }
    Ok(())
}

/// A design that occurs in no inverse.
fn polynomial(forms: &[BasisWord]) -> Option<Object> {
    let plain = |l: &Letter| matches!(l.kind, Kind::Design(_));
    objects(forms).into_iter().find(|&o| {
        let mut own = (forms.iter().flat_map(|f| &f.letters)).filter(|l| l.object() == Some(o));
        own.all(plain)
    })
}

/// Forms that share no object are independent.
fn independent(forms: &[BasisWord]) -> Vec<Vec<BasisWord>> {
    let objects =
        |f: &BasisWord| -> Vec<Object> { f.letters.iter().filter_map(|l| l.object()).collect() };
    let mut parts: Vec<(Vec<Object>, Vec<BasisWord>)> = Vec::new();
    for form in forms {
        let mut own = (objects(form), vec![form.clone()]);
        let (joined, apart): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .partition(|p| p.0.iter().any(|o| own.0.contains(o)));
        for (o, f) in joined {
            own.0.extend(o);
            own.1.extend(f);
        }
        parts = apart;
        parts.push(own);
    }
    parts.into_iter().map(|p| p.1).collect()
}

/// Contracts the first noise with each other one of its kind: `E[e e'] = sd² I`.
fn noise(ground: &mut Ground, forms: &[BasisWord]) -> Result<Option<Fraction>, Stop> {
    let mut ends: Vec<(usize, bool, Object)> = Vec::new();
    for (i, form) in forms.iter().enumerate() {
        if form.cyclic {
            continue;
        }
        let last = form.letters.len() - 1;
        if let Kind::Noise(o) = form.letters[0].kind {
            ends.push((i, false, o));
        }
        if let Kind::Noise(o) = form.letters[last].kind {
            ends.push((i, true, o));
        }
    }
    let Some(&(first, at_end, object)) = ends.first() else {
        return Ok(None);
    };
    let sd = ground.objects[object as usize]
        .sd
        .clone()
        .unwrap_or_else(Fraction::one);
    let variance = sd.mul(&sd);
    let mut total = Fraction::zero();
    for &(second, other_end, o) in &ends[1..] {
        if o != object {
            continue;
        }
        let rest: Vec<BasisWord> = forms
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != first && *i != second)
            .map(|(_, f)| f.clone())
            .collect();
        let joined = if first == second {
            closed(ground, &forms[first], object)?
        } else {
            let left = if at_end {
                forms[first].clone()
            } else {
                forms[first].transposed()
            };
            let right = if other_end {
                forms[second].transposed()
            } else {
                forms[second].clone()
            };
            joined(ground, &left, &right)?
        };
        let others = rest.into_iter().fold(joined, |product, form| {
            let atom = ground.intern(Atom::Form(form));
            product.mul(&Fraction::variable(atom))
        });
        total = total.add(&mean(ground, &others)?);
    }
    Ok(Some(total.mul(&variance)))
}

/// `e'Ae` becomes `tr A`.
fn closed(ground: &mut Ground, form: &BasisWord, object: Object) -> Result<Fraction, Stop> {
    let n = form.letters.len();
    let rows = ground.objects[object as usize].rows.clone();
    let word: Word = form.letters[1..n - 1].to_vec();
    let coefficient = form.coefficient().rename(&|v| {
        if v < super::atom::GAPS && v > 0 {
            v - 1
        } else {
            v
        }
    });
    let mut element = Element::default();
    element.terms.insert(word, coefficient);
    let element = element.reduced(ground)?;
    super::form::trace(ground, &element, Some(&rows))
}

/// `u'Ae · e'Bv` becomes `u'ABv`.
fn joined(ground: &mut Ground, left: &BasisWord, right: &BasisWord) -> Result<Fraction, Stop> {
    let n = left.letters.len();
    let word: Word = left.letters[..n - 1]
        .iter()
        .chain(&right.letters[1..])
        .copied()
        .collect();
    let shift = n as Variable;
    let coefficient = right.coefficient().rename(&|v| {
        if v < super::atom::GAPS {
            (v + shift).saturating_sub(2)
        } else {
            v
        }
    });
    let mut element = Element::default();
    element
        .terms
        .insert(word, left.coefficient().mul(&coefficient));
    let element = element.reduced(ground)?;
    super::form::scalar(ground, &element)
}

/// Replaces a block of letters of one form by a function of `Σ`, and takes the mean of what is left.
fn replaced(
    ground: &mut Ground,
    forms: &[BasisWord],
    form: usize,
    block: (usize, usize),
    by: &Fraction,
) -> Result<Fraction, Stop> {
    let (from, length) = block;
    let bw = &forms[form];
    let n = bw.letters.len();
    let turned = if bw.cyclic {
        bw.rotated(from)
    } else {
        bw.clone()
    };
    let from = if bw.cyclic { 0 } else { from };
    let mut word = turned.letters.clone();
    word.drain(from..from + length);
    let end = (from + length) as Variable;
    let coefficient = turned.coefficient().rename(&|v| {
        if v >= super::atom::GAPS || v < end {
            v
        } else {
            v - length as Variable
        }
    });
    // The block's two outer gaps are now one, and the function stands there; in a trace the last gap meets the first.
    let at = if bw.cyclic && length < n {
        n - length
    } else {
        from
    } as Variable;
    let by = by.rename(&|v| if v == 0 { at } else { v });
    let coefficient = if bw.cyclic {
        coefficient.rename(&|v| if v == 0 { at } else { v })
    } else {
        coefficient
    };
    let mut element = Element::default();
    element.terms.insert(word, coefficient.mul(&by));
    let element = element.reduced(ground)?;
    let value = if bw.cyclic {
        super::form::trace(ground, &element, None)?
    } else {
        super::form::scalar(ground, &element)?
    };
    let rest =
        forms
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != form)
            .fold(value, |product, (_, f)| {
                let atom = ground.intern(Atom::Form(f.clone()));
                product.mul(&Fraction::variable(atom))
            });
    mean(ground, &rest)
}

/// `E (X'X)^-1 = C^-1/(T−d−1)` for `T ≥ d + 2` and rows of covariance `C`, where the design occurs in no other place.
fn inverse_wishart(ground: &mut Ground, forms: &[BasisWord]) -> Result<Option<Fraction>, Stop> {
    for object in objects(forms) {
        let places = places(forms, object);
        let [(i, a), (j, b)] = places[..] else {
            continue;
        };
        if i != j {
            continue;
        }
        let form = &forms[i];
        let n = form.letters.len();
        let is = |at: usize, transposed: bool| {
            form.letters[at].kind == Kind::Pinv(object) && form.letters[at].transposed == transposed
        };
        let start = if b == a + 1 && is(a, false) && is(b, true) {
            a
        } else if form.cyclic && a == 0 && b == n - 1 && is(b, false) && is(a, true) {
            b
        } else {
            continue;
        };
        let law = &ground.objects[object as usize];
        let rows = law.rows.clone();
        let Some(precision) = law.covariance.recip() else {
            continue;
        };
        let d = ground.dimension.clone();
        let excess = rows.sub(&d).sub(&Fraction::one());
        // With whole sizes, T ≥ d + 2 is T − d − 1 > 0 and at least 1.
        if ground.spectrum != Spectrum::Infinite
            && ground.is_nonnegative(&excess.sub(&Fraction::one()))
            && let Some(inverse) = excess.recip()
        {
            let by = inverse.mul(&precision);
            ground.cite("mean of an inverse Wishart matrix (T ≥ d + 2)");
            return Ok(Some(replaced(ground, forms, i, (start, 2), &by)?));
        }
        let spare = d.sub(&rows).sub(&Fraction::integer(2));
        if prefers_no_direction(ground, object)
            && ground.rank(object) == Some(Rank::Rows)
            && ground.is_nonnegative(&spare)
        {
            // tr (XX')^-1 has mean T/(d−T−1), and no direction is preferred.
            let by = rows.mul(&precision).mul(
                &d.mul(&spare.add(&Fraction::one()))
                    .recip()
                    .unwrap_or_else(Fraction::one),
            );
            ground.cite("mean of an inverse Wishart matrix (T ≤ d − 2, isotropic)");
            return Ok(Some(replaced(ground, forms, i, (start, 2), &by)?));
        }
    }
    Ok(None)
}

/// Whether the rows of a design are as likely in any rotation.
fn prefers_no_direction(ground: &Ground, object: Object) -> bool {
    ground.spectrum != Spectrum::Infinite
        && !ground.objects[object as usize]
            .covariance
            .mentions(EIGENVALUE)
}

/// A function of one design with isotropic rows, between others, has a mean that is a multiple of `I`: its trace over `d`.
fn rotation(ground: &mut Ground, forms: &[BasisWord]) -> Result<Option<Fraction>, Stop> {
    for object in objects(forms) {
        if !prefers_no_direction(ground, object) {
            continue;
        }
        let places = places(forms, object);
        let form = places[0].0;
        if places.iter().any(|p| p.0 != form) {
            continue;
        }
        let bw = &forms[form];
        let n = bw.letters.len();
        let own: Vec<usize> = places.iter().map(|p| p.1).collect();
        if own.len() == n {
            continue;
        }
        // One run of letters, perhaps across the ends of a trace.
        let start = (0..n).find(|&at| {
            (0..own.len()).all(|k| {
                let i = at + k;
                (bw.cyclic || i < n) && own.contains(&(i % n))
            })
        });
        let Some(start) = start else { continue };
        let block: Word = (0..own.len())
            .map(|k| bw.letters[(start + k) % n])
            .collect();
        if block[0].left() != Space::Dimension || block[block.len() - 1].right() != Space::Dimension
        {
            continue;
        }
        // Σ between its letters would prefer directions.
        if (0..own.len() - 1).any(|k| bw.gaps[(start + k) % n] != trivial()) {
            continue;
        }
        let mut element = Element::default();
        element.terms.insert(block.clone(), Fraction::one());
        let trace = super::form::trace(ground, &element, None)?;
        let inside = mean(ground, &trace)?;
        let d = ground.dimension.clone();
        let by = inside.mul(&d.recip().unwrap_or_else(Fraction::one));
        ground.cite(ROTATIONS);
        return Ok(Some(replaced(
            ground,
            forms,
            form,
            (start, block.len()),
            &by,
        )?));
    }
    Ok(None)
}

/// The forms with objects of equal laws numbered in the order that makes them least: their names do not matter.
fn canonical(ground: &Ground, forms: &[BasisWord]) -> Vec<BasisWord> {
    let used = objects(forms);
    let law = |o: Object| {
        let object = &ground.objects[o as usize];
        (
            object.rows.clone(),
            object.sd.clone(),
            object.covariance.clone(),
        )
    };
    let mut renamings: Vec<BTreeMap<Object, Object>> = vec![BTreeMap::new()];
    let mut left = used.clone();
    while let Some(&first) = left.first() {
        let (class, rest): (Vec<Object>, Vec<Object>) =
            left.iter().partition(|&&o| law(o) == law(first));
        left = rest;
        // Numbers of the class: those that objects of this law have, the lowest first.
        let names: Vec<Object> = (0..ground.objects.len() as Object)
            .filter(|&o| law(o) == law(first))
            .take(class.len())
            .collect();
        let orders = if class.len() > MAX_RENAMED {
            vec![(0..class.len()).collect()]
        } else {
            super::wick::orders(class.len())
        };
        renamings = renamings
            .into_iter()
            .flat_map(|known| {
                let (class, names) = (&class, &names);
                orders
                    .iter()
                    .map(move |order: &Vec<usize>| {
                        let mut map = known.clone();
                        for (o, &to) in class.iter().zip(order) {
                            map.insert(*o, names[to]);
                        }
                        map
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    renamings
        .into_iter()
        .map(|map| {
            let mut list: Vec<BasisWord> = forms
                .iter()
                .map(|form| renamed(form, &map).canonical())
                .collect();
            list.sort();
            list
        })
        .min()
        .unwrap_or_default()
}

fn renamed(form: &BasisWord, map: &BTreeMap<Object, Object>) -> BasisWord {
    let name = |o: Object| map.get(&o).copied().unwrap_or(o);
    let letters = form
        .letters
        .iter()
        .map(|l| Letter {
            kind: match l.kind {
                Kind::Noise(o) => Kind::Noise(name(o)),
                Kind::Design(o) => Kind::Design(name(o)),
                Kind::Pinv(o) => Kind::Pinv(name(o)),
                Kind::Rows(o) => Kind::Rows(name(o)),
                Kind::Columns(o) => Kind::Columns(name(o)),
                Kind::Resolvent(o, m) => Kind::Resolvent(name(o), m),
                same => same,
            },
            transposed: l.transposed,
        })
        .collect();
    BasisWord {
        letters,
        ..form.clone()
    }
}
