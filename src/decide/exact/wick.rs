//! Means of polynomials in Gaussian designs: `E[X_ia X_jb] = δ_ij C_ab`, `C` their covariance, summed over all pairings.

use super::atom::Moment;
use super::fraction::Fraction;
use super::ground::{Ground, Stop};
use super::letter::{BasisWord, Kind, Letter, Object, Space};

/// Most letters that are paired: 10 have 945 pairings.
const MAX_LETTERS: usize = 10;

/// A closed word: letters, each with the function of `Σ` that follows it. A form `w0'Aw0` closes through its ends.
pub type Ring = Vec<(Letter, Fraction)>;

/// The mean of a product of forms whose letters are designs and `w0`.
///
/// # Errors
/// More letters than are paired.
pub fn gaussian(ground: &mut Ground, forms: &[BasisWord]) -> Result<Fraction, Stop> {
    let rings = rings(forms);
    paired(&rings, &|_| true)?;
    contract(ground, rings, &|_| true)
}

/// The mean over one design alone, which occurs in no inverse, of a product of forms in which others may: what is left is
/// a scalar of the others.
///
/// # Errors
/// More letters than are paired.
pub fn over(ground: &mut Ground, forms: &[BasisWord], object: Object) -> Result<Fraction, Stop> {
    let rings = rings(forms);
    let only = move |o: Object| o == object;
    paired(&rings, &only)?;
    contract(ground, rings, &only)
}

fn rings(forms: &[BasisWord]) -> Vec<Ring> {
    forms
        .iter()
        .map(|form| {
            form.letters
                .iter()
                .zip(&form.gaps)
                .map(|(letter, part)| (*letter, part.function()))
                .collect()
        })
        .collect()
}

/// Whether there are no more letters than are paired.
fn paired(rings: &[Ring], only: Only<'_>) -> Result<(), Stop> {
    let letters = (rings.iter().flatten())
        .filter(|(letter, _)| design(*letter, only).is_some())
        .count();
    if letters > MAX_LETTERS {
        return Err(Stop::Beyond(format!(
            "a mean of degree {letters} in Gaussian entries"
        )));
    }
    Ok(())
}

/// Which designs are paired.
type Only<'a> = &'a dyn Fn(Object) -> bool;

fn design(letter: Letter, only: Only<'_>) -> Option<Object> {
    match letter.kind {
        Kind::Design(o) if only(o) => Some(o),
        _ => None,
    }
}

fn flipped(ring: &Ring) -> Ring {
    let n = ring.len();
    (0..n)
        .map(|i| {
            let letter = ring[n - 1 - i].0.flipped();
            (letter, ring[(2 * n - 2 - i) % n].1.clone())
        })
        .collect()
}

/// The ring turned, and transposed if need be, so that it begins with `X` where the letter at `at` stands.
fn led_by(ring: &Ring, at: usize) -> Ring {
    let mut ring = ring.clone();
    let mut at = at;
    if ring[at].0.transposed {
        ring = flipped(&ring);
        at = ring.len() - 1 - at;
    }
    ring.rotate_left(at);
    ring
}

/// Pairs the first letter with each other one.
fn contract(ground: &mut Ground, rings: Vec<Ring>, only: Only<'_>) -> Result<Fraction, Stop> {
    let first = rings.iter().enumerate().find_map(|(i, ring)| {
        ring.iter()
            .position(|(l, _)| design(*l, only).is_some())
            .map(|at| (i, at))
    });
    let Some((i, at)) = first else {
        let mut product = Fraction::one();
        for ring in &rings {
            product = product.mul(&left_over(ground, ring)?);
        }
        return Ok(product);
    };
    let ring = led_by(&rings[i], at);
    let object = design(ring[0].0, only);
    let law = object.map(|o| &ground.objects[o as usize]);
    let rows = law.map_or_else(Fraction::one, |law| law.rows.clone());
    let covariance = law.map_or_else(Fraction::one, |law| law.covariance.clone());
    let others = |also: Option<usize>| -> Vec<Ring> {
        rings
            .iter()
            .enumerate()
            .filter(|(k, _)| *k != i && Some(*k) != also)
            .map(|(_, r)| r.clone())
            .collect()
    };
    let mut total = Fraction::zero();
    for p in 1..ring.len() {
        if design(ring[p].0, only) != object {
            continue;
        }
        let mut rest = others(None);
        let mut factor = Fraction::one();
        if ring[p].0.transposed {
            // tr X A X' B = tr(CA) tr(B)
            let weight = ring[0].1.mul(&covariance);
            let mut inner: Ring = ring[1..p].to_vec();
            match inner.last_mut() {
                Some(last) => {
                    last.1 = last.1.mul(&weight);
                    rest.push(inner);
                }
                None => factor = factor.mul(&ground.moment(Moment::Trace, &weight)?),
            }
            let outer: Ring = ring[p + 1..].to_vec();
            debug_assert!(ring[p].1 == Fraction::one());
            if outer.is_empty() {
                factor = factor.mul(&rows);
            } else {
                rest.push(outer);
            }
        } else {
            rest.push(merged(&ring[..p], &ring[p..], &covariance));
        }
        total = total.add(&factor.mul(&contract(ground, rest, only)?));
    }
    for (k, other) in rings.iter().enumerate().filter(|(k, _)| *k != i) {
        for at in (0..other.len()).filter(|&at| design(other[at].0, only) == object) {
            let mut rest = others(Some(k));
            rest.push(merged(&ring, &led_by(other, at), &covariance));
            total = total.add(&contract(ground, rest, only)?);
        }
    }
    Ok(total)
}

/// `X A` and `X B`, paired: `A'CB`, closed.
fn merged(
    first: &[(Letter, Fraction)],
    second: &[(Letter, Fraction)],
    covariance: &Fraction,
) -> Ring {
    let weight = first[0].1.mul(&second[0].1).mul(covariance);
    let mut ring: Ring = Vec::new();
    let n = first.len();
    for i in (1..n).rev() {
        // What followed the letter before now follows this one.
        let gap = if i == 1 {
            weight.clone()
        } else {
            first[i - 1].1.clone()
        };
        ring.push((first[i].0.flipped(), gap));
    }
    ring.extend(second[1..].iter().cloned());
    ring
}

/// A ring without letters that are paired.
fn left_over(ground: &mut Ground, ring: &Ring) -> Result<Fraction, Stop> {
    if ring.iter().all(|(letter, _)| letter.object().is_none()) {
        return deterministic(ground, ring);
    }
    let letters: Vec<Letter> = ring.iter().map(|r| r.0).collect();
    super::form::scalars(ground, &letters, &coefficient(ring), true)
}

/// The functions of a ring, in the variables of its gaps.
fn coefficient(ring: &Ring) -> Fraction {
    (ring.iter().enumerate()).fold(Fraction::one(), |product, (i, (_, f))| {
        product.mul(&f.rename(&|v| if v == 0 { i as u32 + 1 } else { v }))
    })
}

/// A ring of `w0 w0'` and probes.
pub fn deterministic(ground: &mut Ground, ring: &Ring) -> Result<Fraction, Stop> {
    if ring.iter().any(|(l, _)| l.kind == Kind::Probe) {
        let letters: Vec<Letter> = ring.iter().map(|r| r.0).collect();
        debug_assert!(letters.len() < 60);
        return super::form::scalars(ground, &letters, &coefficient(ring), true);
    }
    // w0' f w0 · w0' g w0 …: each w0' is followed by its function.
    let mut product = Fraction::one();
    for (letter, f) in ring {
        if letter.left() == Space::One {
            product = product.mul(&ground.moment(Moment::Target, f)?);
        }
    }
    Ok(product)
}

/// All orders of `n` things.
pub fn orders(n: usize) -> Vec<Vec<usize>> {
    let mut list = vec![Vec::new()];
    for i in 0..n {
        list = list
            .into_iter()
            .flat_map(|p: Vec<usize>| {
                (0..=p.len()).map(move |at| {
                    let mut q = p.clone();
                    q.insert(at, i);
                    q
                })
            })
            .collect();
    }
    list
}
