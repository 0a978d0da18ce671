//! Signs of polynomials on the domain: distances from bounds as variables, then signs of coefficients; sums over the
//! spectrum eigenvalue by eigenvalue; boxes by Bernstein's coefficients.

use std::collections::{BTreeMap, BTreeSet};

use super::atom::{Atom, GAPS, Moment};
use super::bounding::bounds;
use super::fraction::Fraction;
use super::ground::{Ground, Spectrum, coefficients};
use super::modulo::modulo_roots;
use super::polynomial::{Monomial, Polynomial, Variable};
use super::{squares, univariate};
use crate::number::Coefficient;

/// Polynomials with more terms are not looked at.
const MAX_TERMS: usize = 3000;
/// Eigenvalues that a product of traces may have.
const MAX_EIGENVALUES: usize = 3;
/// Halvings of a box.
const MAX_BOXES: usize = 20;
/// Assumptions used beside the bounds, as multiples.
const MAX_MULTIPLES: usize = 6;
/// Ways to choose such multiples that are tried.
const MAX_CHOICES: usize = 100;

impl Ground {
    /// `Some(true)` if the polynomial is known to be positive, `Some(false)` if not negative.
    pub fn polynomial_sign(&mut self, p: &Polynomial) -> Option<bool> {
        sign(self, p)
    }
}

fn sign(ground: &mut Ground, p: &Polynomial) -> Option<bool> {
    if let Some(c) = p.as_constant() {
        return match c.signum() {
            std::cmp::Ordering::Greater => Some(true),
            std::cmp::Ordering::Equal => Some(false),
            std::cmp::Ordering::Less => None,
        };
    }
    if let Some(known) = coefficients(ground, p) {
        return Some(known);
    }
    if let Some(fact) = ground.facts.iter().find(|f| f.polynomial == *p) {
        return Some(fact.strict);
    }
    if p.terms.len() > MAX_TERMS {
        return None;
    }
    if ground.bounds.is_none() {
        let bounds = bounds(ground);
        ground.bounds = Some(bounds);
    }
    if let Some(known) = ground.bounds.as_ref().and_then(|b| b.known.get(p)) {
        return *known;
    }
    let found = search(ground, p);
    if let Some(bounds) = &mut ground.bounds {
        bounds.known.insert(p.clone(), found);
    }
    found
}

fn search(ground: &mut Ground, p: &Polynomial) -> Option<bool> {
    let bounds = ground.bounds.clone().unwrap_or_default();
    let shifted = bounds.apply(p);
    let attempt = |ground: &mut Ground, q: &Polynomial| {
        coefficients(ground, q)
            .or_else(|| spectral(ground, q))
            .or_else(|| lower(ground, q))
            .or_else(|| univariate::sign(ground, q))
            .or_else(|| boxes(ground, q))
            .or_else(|| univariate::quadratic(ground, q, &mut elementary))
    };
    let direct = attempt(ground, p);
    if direct == Some(true) {
        return direct;
    }
    // A replacement's denominators are positive; that they still look so keeps the sign of the numerator.
    if !shifted
        .denominator
        .keys()
        .all(|f| coefficients(ground, f) == Some(true))
    {
        return direct;
    }
    let q = shifted.numerator;
    let mut found = attempt(ground, &q).or(direct);
    if found.is_none() {
        found = with_multiples(ground, &q, &bounds.rest);
    }
    found
        .or_else(|| squares::sign(ground, p))
        .or_else(|| squares::sign(ground, &q))
}

/// Signs that are cheap to see, of the parts of a quadratic.
fn elementary(ground: &mut Ground, p: &Polynomial) -> Option<bool> {
    let p = &modulo_roots(ground, p);
    if p.is_zero() {
        return Some(false);
    }
    coefficients(ground, p)
        .or_else(|| univariate::sign(ground, p))
        .or_else(|| boxes(ground, p))
}

/// Subtracts multiples of other facts, `p = Σ c m g + q`, as long as each removes a negative term.
fn with_multiples(
    ground: &mut Ground,
    p: &Polynomial,
    facts: &[(Polynomial, bool)],
) -> Option<bool> {
    fn step(
        ground: &mut Ground,
        p: &Polynomial,
        facts: &[(Polynomial, bool)],
        left: usize,
        choices: &mut usize,
    ) -> Option<bool> {
        if *choices == 0 {
            return None;
        }
        *choices -= 1;
        if let Some(sign) = coefficients(ground, p).or_else(|| spectral(ground, p)) {
            return Some(sign);
        }
        if left == 0 {
            return None;
        }
        let (worst, coefficient) = p.terms.iter().find(|(_, c)| c.signum().is_lt())?;
        let mut ways: Vec<(usize, Monomial, Coefficient, &(Polynomial, bool))> = Vec::new();
        for fact in facts {
            for (m, c) in fact.0.terms.iter().filter(|(_, c)| c.signum().is_lt()) {
                // A fact's constant is no reason to multiply it by what is to be removed.
                if m.is_one() && !worst.is_one() {
                    continue;
                }
                let Some(multiplier) = worst.div(m) else {
                    continue;
                };
                if multiplier.0.iter().any(|f| ground.sign(f.0).is_none()) {
                    continue;
                }
                let Some(inverse) = c.recip() else { continue };
                let size = multiplier.0.iter().map(|f| f.1 as usize).sum();
                ways.push((size, multiplier, coefficient.mul(&inverse), fact));
            }
        }
        // The simplest multiples first.
        ways.sort_by_key(|way| way.0);
        for (_, multiplier, scale, (g, strict)) in ways {
            let positive = *strict && multiplier.0.iter().all(|f| ground.sign(f.0) == Some(true));
            let multiple = g.mul(&Polynomial::term(multiplier, scale));
            if let Some(rest) = step(ground, &p.sub(&multiple), facts, left - 1, choices) {
                return Some(rest || positive);
            }
        }
        None
    }
    let steps = MAX_MULTIPLES.min(facts.len() * 2);
    let mut choices = MAX_CHOICES;
    step(ground, p, facts, steps, &mut choices)
}

/// Shifts symbols to their lower ends.
fn lower(ground: &mut Ground, p: &Polynomial) -> Option<bool> {
    let mut q = p.clone();
    let mut moved = false;
    for v in p.variables() {
        let Some((Some(low), _)) = ground.ranges.get(&v).cloned() else {
            continue;
        };
        if low.is_zero() {
            continue;
        }
        // The distance takes the variable's place, not negative.
        let distance = ground.intern(Atom::Function {
            name: "distance",
            arguments: vec![Fraction::variable(v)],
        });
        let keep = ground.bounds.take();
        ground.set_sign(distance, false);
        ground.bounds = keep;
        q = q.substitute(
            v,
            &Polynomial::constant(low).add(&Polynomial::variable(distance)),
        );
        moved = true;
    }
    if !moved {
        return None;
    }
    coefficients(ground, &q)
}

/// Sums over eigenvalues: products of traces and forms become functions of several eigenvalues.
fn spectral(ground: &mut Ground, p: &Polynomial) -> Option<bool> {
    if ground.spectrum == Spectrum::Identity {
        return None;
    }
    // An eigenvalue that stands by itself is none of those that are summed over.
    if p.variables().into_iter().any(|v| v < GAPS) {
        return None;
    }
    let dimension = ground.dimension.numerator.as_variable();
    let any = p.variables().into_iter().any(|v| {
        Some(v) == dimension && ground.spectrum == Spectrum::Any
            || matches!(ground.atom(v), Some(Atom::Moment { .. }))
    });
    if !any {
        return None;
    }
    let mut groups: BTreeMap<(usize, usize), Fraction> = BTreeMap::new();
    for (m, c) in &p.terms {
        let mut traces: Vec<Fraction> = Vec::new();
        let mut forms: Vec<Fraction> = Vec::new();
        let mut scalar = Monomial::default();
        for &(v, power) in &m.0 {
            let (kind, f) = match ground.atom(v) {
                Some(Atom::Moment { kind, part }) => (*kind, part.function()),
                _ if Some(v) == dimension => (Moment::Trace, Fraction::one()),
                _ => {
                    scalar = scalar.mul(&Monomial::of(v, power));
                    continue;
                }
            };
            let list = match kind {
                Moment::Trace => &mut traces,
                Moment::Target => &mut forms,
            };
            list.extend(std::iter::repeat_n(f, power as usize));
        }
        let key = (traces.len(), forms.len());
        if key.0 > MAX_EIGENVALUES || key.1 > MAX_EIGENVALUES {
            return None;
        }
        let term = symmetric(&traces, 0).mul(&symmetric(&forms, traces.len() as u32));
        let term = term.mul(&Polynomial::term(scalar, c.clone()).into());
        let entry = groups.entry(key).or_insert_with(Fraction::zero);
        *entry = entry.add(&term);
    }
    let mut strict = false;
    for ((traces, forms), f) in groups {
        if f.is_zero() {
            continue;
        }
        for (factor, power) in &f.denominator {
            if power % 2 == 1 && coefficients(ground, factor) != Some(true) {
                return None;
            }
        }
        strict |= ordered(ground, &f.numerator, traces, forms)?;
    }
    Some(strict)
}

/// `Σ_π ∏ f_i(s_π(i))`, the eigenvalues numbered from `from`.
fn symmetric(list: &[Fraction], from: u32) -> Fraction {
    if list.is_empty() {
        return Fraction::one();
    }
    let mut total = Fraction::zero();
    for order in permutations(list.len()) {
        let product = list
            .iter()
            .zip(&order)
            .fold(Fraction::one(), |product, (f, &at)| {
                product.mul(&f.rename(&|v| if v == 0 { from + at as u32 } else { v }))
            });
        total = total.add(&product);
    }
    let count: i64 = (1..=list.len() as i64).product();
    match Coefficient::integer(count).recip() {
        Some(share) => total.scale(&share),
        None => total,
    }
}

fn permutations(n: usize) -> Vec<Vec<usize>> {
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

/// The sign of a function symmetric in the eigenvalues of each kind: as it stands, or with them put in order.
fn ordered(ground: &mut Ground, p: &Polynomial, traces: usize, forms: usize) -> Option<bool> {
    let squares =
        |ground: &mut Ground| univariate::quadratic(ground, p, &mut |g, q| coefficients(g, q));
    if let Some(sign) = coefficients(ground, p).or_else(|| squares(ground)) {
        return Some(sign);
    }
    // Bounds reach shifts only where these are no longer part of an atom.
    let bounded = ground.bounds.as_ref().map(|bounds| bounds.apply(p));
    if let Some(bounded) = bounded
        && bounded.denominator.is_empty()
        && let Some(sign) = coefficients(ground, &bounded.numerator)
    {
        return Some(sign);
    }
    in_order(ground, p, traces, forms).or_else(|| squares::sign(ground, p))
}

/// The least eigenvalue and the distances between them in the place of each kind.
fn in_order(ground: &Ground, p: &Polynomial, traces: usize, forms: usize) -> Option<bool> {
    let mut q = p.clone();
    for (from, count) in [(0u32, traces as u32), (traces as u32, forms as u32)] {
        // s_i = s_{i+1} + distance: the distance keeps the variable's number.
        for i in from..(from + count).saturating_sub(1) {
            let sum = Polynomial::variable(i).add(&Polynomial::variable(i + 1));
            q = q.substitute(i, &sum);
        }
    }
    // Distances may be 0, the least eigenvalue is not: a term is strict if it holds no distance.
    let mut strict = false;
    for (m, c) in &q.terms {
        if c.signum().is_lt() {
            return None;
        }
        let mut positive = true;
        for &(v, power) in &m.0 {
            let last = v as usize + 1 == traces || v as usize + 1 == traces + forms;
            match (v < GAPS, ground.sign(v)) {
                (true, _) => positive &= last,
                (false, Some(known)) => positive &= known,
                (false, None) if power % 2 == 0 => positive = false,
                (false, None) => return None,
            }
        }
        strict |= positive;
    }
    Some(strict)
}

/// Bernstein's coefficients on the box of the variables' domains, halved where they do not decide.
fn boxes(ground: &mut Ground, p: &Polynomial) -> Option<bool> {
    let mut ranges = Vec::new();
    for v in p.variables() {
        match ground.ranges.get(&v) {
            Some((Some(low), Some(high))) => ranges.push((v, low.clone(), high.clone())),
            _ if ground.sign(v).is_some() => {}
            _ => return None,
        }
    }
    if ranges.is_empty() || ranges.len() > 3 || p.terms.len() > 200 {
        return None;
    }
    let mut open = vec![ranges];
    let mut strict = true;
    let mut count = 0;
    while let Some(cell) = open.pop() {
        count += 1;
        if count > MAX_BOXES {
            return None;
        }
        // Ends that already violate the claim end the search.
        if negative_at_a_corner(p, &cell) {
            return None;
        }
        if let Some(sign) = bernstein(ground, p, &cell) {
            strict &= sign;
            continue;
        }
        // Halve the widest side.
        let (at, _) = cell
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.2.sub(&a.1.1).cmp(&b.1.2.sub(&b.1.1)))?;
        let middle = cell[at]
            .1
            .add(&cell[at].2)
            .mul(&Coefficient::integer(2).recip()?);
        let (mut left, mut right) = (cell.clone(), cell);
        left[at].2 = middle.clone();
        right[at].1 = middle;
        open.push(left);
        open.push(right);
    }
    Some(strict)
}

type Cell = Vec<(Variable, Coefficient, Coefficient)>;

fn negative_at_a_corner(p: &Polynomial, cell: &Cell) -> bool {
    (0..1u32 << cell.len()).any(|corner| {
        let value = p.evaluate(&|v| {
            cell.iter()
                .enumerate()
                .find(|(_, c)| c.0 == v)
                .map(|(i, c)| {
                    if corner >> i & 1 == 1 {
                        c.2.clone()
                    } else {
                        c.1.clone()
                    }
                })
        });
        value.is_some_and(|x| x.signum().is_lt())
    })
}

/// `x = (low + high y)/(1 + y)`, `y ≥ 0`: not negative if no coefficient is; positive if the corners are besides.
fn bernstein(ground: &Ground, p: &Polynomial, cell: &Cell) -> Option<bool> {
    let mut q = p.clone();
    for (v, low, high) in cell {
        let degree = q.degree_in(*v);
        let y = Polynomial::variable(*v);
        let one = Polynomial::one().add(&y);
        let x = Polynomial::constant(low.clone()).add(&y.scale(high));
        let mut image = Polynomial::zero();
        for (i, c) in q.coefficients_in(*v).into_iter().enumerate() {
            let power = one.pow(degree - i as u32).mul(&x.pow(i as u32));
            image = image.add(&c.mul(&power));
        }
        q = image;
    }
    let inside: BTreeSet<Variable> = cell.iter().map(|c| c.0).collect();
    let mut grid: BTreeMap<Monomial, bool> = BTreeMap::new();
    for (m, c) in &q.terms {
        if c.signum().is_lt() {
            return None;
        }
        let mut strict = true;
        let mut corner = Monomial::default();
        for &(v, power) in &m.0 {
            if inside.contains(&v) {
                corner = corner.mul(&Monomial::of(v, power));
                continue;
            }
            match ground.sign(v) {
                Some(positive) => strict &= positive,
                None if power % 2 == 0 => strict = false,
                None => return None,
            }
        }
        *grid.entry(corner).or_insert(false) |= strict;
    }
    // Positive on the closed box if every Bernstein coefficient is: then no monomial of the grid is missing.
    let full = cell
        .iter()
        .map(|(v, ..)| q.degree_in(*v).max(p.degree_in(*v)) as usize + 1)
        .product::<usize>();
    Some(grid.len() == full && grid.values().all(|s| *s))
}
