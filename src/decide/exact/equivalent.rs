//! Means whose deterministic equivalents are known, for claims about limits.
//!
//! With `N = λ(X'X/T + λ)^-1`, or `I − X†X` without ridge, and `G = (Σ + κ)^-1`: `E tr AN ≃ κ tr AG` and
//! `E tr ANBN ≃ κ² tr AGBG + κ² tr(AΣG²) tr(BΣG²)/(T − df_2(κ))`, in the proportional limit, for `A` and `B`
//! independent of the design.

use super::atom::{Atom, EIGENVALUE, Moment};
use super::fraction::Fraction;
use super::ground::{Ground, Stop};
use super::kappa::{degrees, kappa};
use super::letter::{BasisWord, Kind, Object};
use super::polynomial::Variable;
use super::proportional::is_steady;
use super::wick::{Ring, deterministic};

/// What the theorem is called in a verdict, with its hypotheses.
pub const THEOREM: &str = "deterministic equivalents of ridge resolvents and projections, first and second order \
                           (proportional limit, spectrum of Sigma bounded above and below)";

/// Most letters of projections that are written out.
const MAX_LETTERS: usize = 8;

/// The expression with each mean replaced by its equivalent.
///
/// # Errors
/// Where one is not known.
pub fn replaced(ground: &mut Ground, f: &Fraction) -> Result<Fraction, Stop> {
    let mut f = f.clone();
    let means: Vec<(Variable, Vec<BasisWord>)> = f
        .variables()
        .into_iter()
        .filter_map(|v| match ground.atom(v) {
            Some(Atom::Mean(words)) => Some((v, words.clone())),
            _ => None,
        })
        .collect();
    for (v, words) in means {
        let [word] = &words[..] else {
            return Err(Stop::Beyond("the mean of a product of forms".into()));
        };
        let ring = word
            .letters
            .iter()
            .zip(&word.gaps)
            .map(|(letter, part)| (*letter, part.function()))
            .collect();
        let value = equivalent(ground, vec![ring])?;
        f = f
            .substitute(v, &value)
            .ok_or_else(|| Stop::Open("a mean that is divided by does not vanish".into()))?;
        ground.cite(THEOREM);
    }
    Ok(f)
}

/// What one design is in a limit.
struct Law {
    /// Its letters as multiples of `N`: the factor, and whether a letter is `1 − N`.
    factor: Fraction,
    projection: bool,
    kappa: Fraction,
    rows: Fraction,
}

/// The equivalent of a product of rings, one design after another.
fn equivalent(ground: &mut Ground, rings: Vec<Ring>) -> Result<Fraction, Stop> {
    let first = rings.iter().enumerate().find_map(|(i, ring)| {
        let object = ring.iter().find_map(|(l, _)| l.object());
        object.map(|o| (i, o))
    });
    let Some((i, object)) = first else {
        let mut product = Fraction::one();
        for ring in &rings {
            product = product.mul(&deterministic(ground, ring)?);
        }
        return Ok(product);
    };
    let elsewhere = rings
        .iter()
        .enumerate()
        .any(|(k, ring)| k != i && ring.iter().any(|(l, _)| l.object() == Some(object)));
    if elsewhere || rings[i].len() > MAX_LETTERS {
        return Err(Stop::Beyond("a mean of several traces of a design".into()));
    }
    let law = law(ground, &rings[i], object)?;
    let others: Vec<Ring> = (rings.iter().enumerate())
        .filter(|(k, _)| *k != i)
        .map(|(_, ring)| ring.clone())
        .collect();
    let places: Vec<usize> = (0..rings[i].len())
        .filter(|&at| rings[i][at].0.object() == Some(object))
        .collect();
    let mut total = Fraction::zero();
    // Each letter of a projection is 1 − N: which of them are N.
    for chosen in 0..1u32 << places.len() {
        let all = chosen + 1 == 1u32 << places.len();
        if !law.projection && !all {
            continue;
        }
        let mut ring = rings[i].clone();
        let mut factor = Fraction::one();
        let mut kept = Vec::new();
        for (bit, &at) in places.iter().enumerate().rev() {
            if chosen >> bit & 1 == 1 {
                factor = factor.mul(&law.factor);
                kept.insert(0, at);
            } else {
                // Letters behind the one that is dropped move up.
                for later in &mut kept {
                    *later -= 1;
                }
                match dropped(&ring, at, &Fraction::one()) {
                    Reduced::Ring(shorter) => ring = shorter,
                    Reduced::Trace(f) => {
                        let mut rest = equivalent(ground, others.clone())?;
                        rest = rest.mul(&ground.moment(Moment::Trace, &f)?);
                        total = total.add(&rest.mul(&factor));
                        ring = Vec::new();
                        break;
                    }
                }
            }
        }
        if ring.is_empty() {
            continue;
        }
        let value = letters(ground, ring, &kept, &law, &others)?;
        total = total.add(&value.mul(&factor));
    }
    Ok(total)
}

fn law(ground: &mut Ground, ring: &Ring, object: Object) -> Result<Law, Stop> {
    let mut shift = None;
    for (letter, _) in ring.iter().filter(|(l, _)| l.object() == Some(object)) {
        let own = match letter.kind {
            Kind::Resolvent(_, m) => Some(m),
            Kind::Rows(_) => None,
            _ => return Err(Stop::Beyond("the equivalent of such a word".into())),
        };
        if *shift.get_or_insert(own) != own {
            return Err(Stop::Beyond("several shifts of one design".into()));
        }
    }
    let own = &ground.objects[object as usize];
    let rows = own.rows.clone();
    if own.covariance != ground.eigenvalue() {
        return Err(Stop::Beyond(
            "the equivalent of rows of their own covariance".into(),
        ));
    }
    let (ridge, factor) = match shift.flatten() {
        Some(m) => {
            let mu = ground.shift(m);
            (mu.mul(&ground.inverse(&rows)?), ground.inverse(&mu)?)
        }
        None => (Fraction::zero(), Fraction::integer(-1)),
    };
    if !is_steady(ground, &ridge) {
        return Err(Stop::Beyond("a ridge that moves with the limit".into()));
    }
    Ok(Law {
        projection: ridge.is_zero(),
        kappa: kappa(ground, &ridge, &rows)?,
        factor,
        rows,
    })
}

enum Reduced {
    Ring(Ring),
    /// Nothing is left but a function of `Σ`.
    Trace(Fraction),
}

/// The ring with a letter replaced by a function of `Σ`.
fn dropped(ring: &Ring, at: usize, by: &Fraction) -> Reduced {
    let n = ring.len();
    let gap = ring[at].1.mul(by);
    if n == 1 {
        return Reduced::Trace(gap);
    }
    let mut rest = ring.clone();
    let before = (at + n - 1) % n;
    rest[before].1 = rest[before].1.mul(&gap);
    rest.remove(at);
    Reduced::Ring(rest)
}

/// The equivalent where the letters at `places` are `N` and no other is of their design.
fn letters(
    ground: &mut Ground,
    ring: Ring,
    places: &[usize],
    law: &Law,
    others: &[Ring],
) -> Result<Fraction, Stop> {
    let with = |ground: &mut Ground, mut rings: Vec<Ring>, factor: Fraction| {
        rings.extend(others.iter().cloned());
        Ok::<_, Stop>(equivalent(ground, rings)?.mul(&factor))
    };
    if places.is_empty() {
        return with(ground, vec![ring], Fraction::one());
    }
    if law.kappa.is_zero() {
        return Ok(Fraction::zero());
    }
    let kappa = &law.kappa;
    let g = ground.inverse(&Fraction::variable(EIGENVALUE).add(kappa))?;
    let shrunk = kappa.mul(&g);
    match *places {
        [at] => match dropped(&ring, at, &shrunk) {
            Reduced::Ring(rest) => with(ground, vec![rest], Fraction::one()),
            Reduced::Trace(f) => {
                let trace = ground.moment(Moment::Trace, &f)?;
                with(ground, Vec::new(), trace)
            }
        },
        [i, j] => {
            let both = match dropped(&ring, j, &shrunk) {
                Reduced::Ring(rest) => dropped(&rest, i, &shrunk),
                trace => trace,
            };
            let first = match both {
                Reduced::Ring(rest) => with(ground, vec![rest], Fraction::one())?,
                Reduced::Trace(f) => {
                    let trace = ground.moment(Moment::Trace, &f)?;
                    with(ground, Vec::new(), trace)?
                }
            };
            let weight = Fraction::variable(EIGENVALUE).mul(&g.mul(&g));
            let mut factor = kappa.mul(kappa);
            let mut rings = Vec::new();
            let n = ring.len();
            for (from, to) in [(i, j), (j, i + n)] {
                let closing = ring[from].1.mul(&weight);
                let mut part: Ring = (from + 1..to).map(|at| ring[at % n].clone()).collect();
                match part.last_mut() {
                    Some(last) => {
                        last.1 = last.1.mul(&closing);
                        rings.push(part);
                    }
                    None => factor = factor.mul(&ground.moment(Moment::Trace, &closing)?),
                }
            }
            let df = degrees(ground, &Fraction::integer(2), kappa)?;
            let spare = ground.inverse(&law.rows.sub(&df))?;
            let second = with(ground, rings, factor.mul(&spare))?;
            Ok(first.add(&second))
        }
        _ => Err(Stop::Beyond("more than two letters of one design".into())),
    }
}
