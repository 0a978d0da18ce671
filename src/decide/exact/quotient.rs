//! Quotients by sums of squares of Gaussians, such as `e'e`: positive in almost every draw, and with known moments.

use std::collections::BTreeMap;

use super::atom::Atom;
use super::form;
use super::fraction::Fraction;
use super::ground::{Ground, Stop};
use super::letter::{BasisWord, Element, Kind, Letter, Object, trivial};
use super::polynomial::{Polynomial, Variable};

/// What quotients by sums of squares rest on.
const CHI_SQUARED: &str =
    "moments of a chi-squared variable, independent of the direction (T > 2k)";

/// A sum of `count` independent squares of one variance.
struct Squares {
    object: Object,
    count: Fraction,
    variance: Fraction,
    /// Whether it is `e'e` of a noise, which is its length times a direction.
    of_noise: bool,
}

/// What a random denominator is made of: sums of squares to powers, and what is fixed.
pub struct Denominator {
    pub squares: BTreeMap<Variable, u32>,
    pub fixed: Fraction,
}

impl Denominator {
    /// `None` where draws enter in another way.
    pub fn of(ground: &Ground, f: &Fraction) -> Option<Self> {
        let random = |v: Variable| matches!(ground.atom(v), Some(a) if a.is_random());
        let mut squares = BTreeMap::new();
        let mut fixed = BTreeMap::new();
        for (p, &power) in &f.denominator {
            if !p.variables().into_iter().any(random) {
                fixed.insert(p.clone(), power);
                continue;
            }
            squares.insert(p.as_variable()?, power);
        }
        let fixed = Fraction {
            numerator: Polynomial::one(),
            denominator: fixed,
        };
        Some(Self { squares, fixed })
    }
}

/// The sum of squares that a form is.
fn squares(ground: &mut Ground, v: Variable) -> Option<Squares> {
    let Some(Atom::Form(word)) = ground.atom(v).cloned() else {
        return None;
    };
    if word.cyclic || word.gaps.iter().any(|gap| *gap != trivial()) {
        return None;
    }
    let kinds: Vec<Kind> = word.letters.iter().map(|letter| letter.kind).collect();
    match kinds[..] {
        [Kind::Noise(a), Kind::Noise(b)] if a == b => {
            let object = &ground.objects[a as usize];
            let sd = object.sd.clone().unwrap_or_else(Fraction::one);
            Some(Squares {
                object: a,
                count: object.rows.clone(),
                variance: sd.mul(&sd),
                of_noise: true,
            })
        }
        [Kind::Target, Kind::Design(a), Kind::Design(b), Kind::Target]
            if a == b && word.letters[1].transposed =>
        {
            let object = &ground.objects[a as usize];
            let (count, covariance) = (object.rows.clone(), object.covariance.clone());
            let target = Letter::new(Kind::Target);
            let mut element = Element::default();
            // The function stands in the gap between the two letters.
            let between = covariance.rename(&|v| if v == 0 { 1 } else { v });
            element
                .terms
                .insert(vec![target.flipped(), target], between);
            Some(Squares {
                object: a,
                count,
                variance: form::scalar(ground, &element).ok()?,
                of_noise: false,
            })
        }
        _ => None,
    }
}

/// Whether a form is positive in almost every draw.
pub fn is_almost_surely_positive(ground: &mut Ground, v: Variable) -> bool {
    squares(ground, v).is_some_and(|found| {
        let least = found.count.sub(&Fraction::one());
        ground.is_positive(&found.variance) && ground.is_nonnegative(&least)
    })
}

/// `E[f S^-k]/E[f]` for the product `f` of `forms`: with `S = s χ²_T` and `f` of degree `2p` in its vector, the product of
/// `1/(s (T + 2p − 2j))` over `j = 1 … k`.
///
/// # Errors
/// Where `f` depends on more than the direction, or the mean is not known to exist.
pub fn factor(
    ground: &mut Ground,
    denominator: &BTreeMap<Variable, u32>,
    forms: &[BasisWord],
) -> Result<Fraction, Stop> {
    let mut met = Vec::new();
    let mut total = Fraction::one();
    for (&v, &power) in denominator {
        let beyond = || Stop::Beyond("the mean of a quotient of draws".into());
        let found = squares(ground, v).ok_or_else(beyond)?;
        let letters = (forms.iter().flat_map(|form| &form.letters))
            .filter(|letter| letter.object() == Some(found.object))
            .count();
        // Of an odd degree the mean is 0, which is found elsewhere.
        if met.contains(&found.object) || letters > 0 && !found.of_noise || letters % 2 == 1 {
            return Err(beyond());
        }
        met.push(found.object);
        ground.require_nonzero(&found.variance)?;
        let start = found.count.add(&Fraction::integer(letters as i64));
        let exists = start.sub(&Fraction::integer(2 * i64::from(power) + 1));
        if !ground.is_nonnegative(&exists) {
            return Err(Stop::Open(format!(
                "the mean exists: T > {} for {}",
                2 * i64::from(power) - letters as i64,
                ground.objects[found.object as usize].name
            )));
        }
        for j in 1..=i64::from(power) {
            let below = start.sub(&Fraction::integer(2 * j)).mul(&found.variance);
            total = total.mul(&below.recip().ok_or_else(beyond)?);
        }
    }
    ground.cite(CHI_SQUARED);
    Ok(total)
}
