//! Second and third moments of `W = (X'X)^-1`, and of `W` beside `X'X`, as means of Gaussian rows, which Wick's rule knows.
//!
//! For rows of covariance `C` and `m = T − d`, with independent Gaussian rows `g`, `h`, `k` of covariance `C^-1`, `x` of `C`,
//! `e`, `f` of `I`,
//!
//! - `E[W⊗W] = (E[gg'⊗hh'] + E[gg'⊗gg']/(m − 3))/(m (m − 1))`, `m > 3` (von Rosen 1988);
//! - `E[W⊗W⊗W] = (E[gg'⊗hh'⊗kk'] + Σ E[gg'⊗gg'⊗hh']/(m − 3) + 2 E[gg'⊗gg'⊗gg']/((m − 3)(m − 5)))/(m (m − 1)(m + 1))`,
//!   the sum over which two of the three share a row, `m > 5` (Matsumoto 2012);
//! - `E[W⊗X'X] = (T E[gg'⊗xx'] + E[ee'⊗ff'] − E[ee'⊗ee'])/(m − 1)`, `m > 1` (integration by parts, Haff 1979).

use super::fraction::Fraction;
use super::ground::{Ground, RandomObject, Spectrum};
use super::letter::{BasisWord, Kind, Letter, Object, objects, places};

const TWICE: &str = "second moments of an inverse Wishart matrix (T ≥ d + 4)";
const THRICE: &str = "third moments of an inverse Wishart matrix (T ≥ d + 6)";
const BESIDE: &str = "mean of an inverse Wishart matrix beside its inverse (T ≥ d + 2)";

/// How the names of such rows begin; no name of a file has a space.
const ROW: &str = "row ";

/// `W`, or `X'X`, as two letters of a form.
struct Block {
    form: usize,
    at: usize,
    inverse: bool,
}

type Terms = Vec<(Fraction, Vec<BasisWord>)>;

/// A mean of forms as a sum of means without the inverses of one design, and the theorem it rests on.
pub fn as_rows(ground: &mut Ground, forms: &[BasisWord]) -> Option<(&'static str, Terms)> {
    let polynomial = (forms.iter().flat_map(|f| &f.letters)).all(|l| {
        matches!(
            l.kind,
            Kind::Design(_) | Kind::Pinv(_) | Kind::Target | Kind::Probe
        )
    });
    if !polynomial || ground.spectrum == Spectrum::Infinite {
        return None;
    }
    objects(forms)
        .into_iter()
        .filter(|&object| [4, 6].contains(&places(forms, object).len()))
        .find_map(|object| of_design(ground, forms, object))
}

fn of_design(
    ground: &mut Ground,
    forms: &[BasisWord],
    object: Object,
) -> Option<(&'static str, Terms)> {
    let (forms, blocks) = blocks(forms, object)?;
    let law = &ground.objects[object as usize];
    let (rows, covariance) = (law.rows.clone(), law.covariance.clone());
    let precision = covariance.recip()?;
    let m = rows.sub(&ground.dimension);
    let less = |n: i64| m.sub(&Fraction::integer(n));
    let one = Fraction::one();
    let mut taken = objects(&forms);
    if let [a, b, c] = &blocks[..] {
        // With whole sizes, m > 5 is m ≥ 6.
        let known = [a, b, c].iter().all(|block| block.inverse);
        if !known || !ground.is_nonnegative(&less(6)) {
            return None;
        }
        let rows = [(); 3].map(|()| row(ground, &mut taken, &precision));
        return Some((THRICE, thrice(&forms, [a, b, c], rows, &m)?));
    }
    let (first, second) = match &blocks[..] {
        [a, b] if a.inverse || !b.inverse => (a, b),
        [a, b] => (b, a),
        _ => return None,
    };
    let with = |row: Object, other: Object| {
        let forms = replaced(&forms, first, row);
        replaced(&forms, second, other)
    };
    match (first.inverse, second.inverse) {
        // With whole sizes, m > 3 is m ≥ 4.
        (true, true) if ground.is_nonnegative(&less(4)) => {
            let g = row(ground, &mut taken, &precision);
            let h = row(ground, &mut taken, &precision);
            let apart = m.mul(&less(1)).recip()?;
            let joint = apart.mul(&less(3).recip()?);
            Some((TWICE, vec![(apart, with(g, h)), (joint, with(g, g))]))
        }
        (true, false) if ground.is_nonnegative(&less(2)) => {
            let g = row(ground, &mut taken, &precision);
            let x = row(ground, &mut taken, &covariance);
            let e = row(ground, &mut taken, &one);
            let f = row(ground, &mut taken, &one);
            let share = less(1).recip()?;
            let terms = vec![
                (share.mul(&rows), with(g, x)),
                (share.clone(), with(e, f)),
                (share.neg(), with(e, e)),
            ];
            Some((BESIDE, terms))
        }
        _ => None,
    }
}

/// `E[W⊗W⊗W]` by rows of its mean's covariance.
fn thrice(
    forms: &[BasisWord],
    blocks: [&Block; 3],
    [g, h, k]: [Object; 3],
    m: &Fraction,
) -> Option<Terms> {
    let less = |n: i64| m.sub(&Fraction::integer(n));
    let with = |rows: [Object; 3]| {
        (blocks.iter().zip(rows)).fold(forms.to_vec(), |forms, (block, row)| {
            replaced(&forms, block, row)
        })
    };
    let apart = m.mul(&less(1)).mul(&less(-1)).recip()?;
    let pair = apart.mul(&less(3).recip()?);
    let all = pair.mul(&less(5).recip()?).mul(&Fraction::integer(2));
    Some(vec![
        (apart, with([g, h, k])),
        (pair.clone(), with([g, g, h])),
        (pair.clone(), with([g, h, g])),
        (pair, with([h, g, g])),
        (all, with([g, g, g])),
    ])
}

/// The forms, traces turned so that no block lies across their ends, and the blocks; `None` where the design occurs in
/// another way.
fn blocks(forms: &[BasisWord], object: Object) -> Option<(Vec<BasisWord>, Vec<Block>)> {
    let mut turned = Vec::new();
    let mut all = Vec::new();
    for (i, form) in forms.iter().enumerate() {
        let turns = if form.cyclic { form.letters.len() } else { 1 };
        let (form, own) = (0..turns).find_map(|by| {
            let form = form.rotated(by);
            let own = within(&form, i, object)?;
            Some((form, own))
        })?;
        turned.push(form);
        all.extend(own);
    }
    Some((turned, all))
}

fn within(form: &BasisWord, number: usize, object: Object) -> Option<Vec<Block>> {
    let mut list = Vec::new();
    let mut at = 0;
    while at < form.letters.len() {
        if form.letters[at].object() != Some(object) {
            at += 1;
            continue;
        }
        let (first, second) = (form.letters[at], *form.letters.get(at + 1)?);
        let inverse = match (first.kind, second.kind) {
            (Kind::Pinv(_), Kind::Pinv(o)) if !first.transposed && o == object => true,
            (Kind::Design(_), Kind::Design(o)) if first.transposed && o == object => false,
            _ => return None,
        };
        if second.transposed == first.transposed {
            return None;
        }
        list.push(Block {
            form: number,
            at,
            inverse,
        });
        at += 2;
    }
    Some(list)
}

/// The forms with `r r'` in the place of a block.
fn replaced(forms: &[BasisWord], block: &Block, row: Object) -> Vec<BasisWord> {
    let mut forms = forms.to_vec();
    let letter = Letter::new(Kind::Design(row));
    let letters = &mut forms[block.form].letters;
    letters[block.at] = letter.flipped();
    letters[block.at + 1] = letter;
    forms
}

/// A Gaussian row as a design with one row, none of those that are taken, and taken from now on.
fn row(ground: &mut Ground, taken: &mut Vec<Object>, covariance: &Fraction) -> Object {
    let free = |(at, o): (usize, &RandomObject)| {
        let known = o.name.starts_with(ROW) && o.covariance.sub(covariance).is_zero();
        known && !taken.contains(&(at as Object))
    };
    let known = ground.objects.iter().enumerate().position(free);
    let at = known.unwrap_or_else(|| {
        ground.objects.push(RandomObject {
            name: format!("{ROW}{}", ground.objects.len()),
            rows: Fraction::one(),
            sd: None,
            covariance: covariance.clone(),
        });
        ground.objects.len() - 1
    });
    taken.push(at as Object);
    at as Object
}
