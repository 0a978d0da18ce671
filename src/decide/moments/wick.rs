//! The expectation of a product of scalar words, exactly.
//!
//! Every letter joins two indices. In the eigenbasis of Σ functions of Σ are diagonal, so that a pairing of Gaussian
//! letters (Wick, Isserlis) does nothing but identify indices and put weights on them: `E X_{ia} X_{jb} = δ_ij
//! δ_ab s_a`. The inverse of a Wishart matrix has moments of the same kind (von Rosen 1988): with `m = T − d`,
//! `E Q = Σ⁻¹/(m−1)` for `m > 1`, and for `m > 3`
//! `E Q_ij Q_kl = ((m−2) Σ⁻_ij Σ⁻_kl + Σ⁻_ik Σ⁻_jl + Σ⁻_il Σ⁻_jk)/(m(m−1)(m−3))`.
//! So has a projection onto `T` random directions in an isotropic space.

use super::invariant::collapse;
use super::table::{MomentError, Table};
use super::word::{Id, Letter, Piece, Vector, reduce, reduce_cyclic};
use crate::number::Real;

/// Pairings looked at for one product.
const MOST_PAIRINGS: usize = 200_000;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Space {
    Modes,
    Rows(Id),
    Noise(Id),
}

/// A weight on an index.
#[derive(Clone, Debug)]
enum Weight {
    Function(usize),
    /// Σ and Σ⁻¹
    Eigenvalue,
    Inverse,
    Coefficient,
    Unit(usize),
}

/// Letters with two indices that are paired, or replaced by moments.
#[derive(Clone, Debug, Default)]
struct Network {
    spaces: Vec<Space>,
    joined: Vec<(usize, usize)>,
    weights: Vec<(usize, Weight)>,
    /// A design's occurrences: row index, mode index.
    designs: Vec<(Id, usize, usize)>,
    inverses: Vec<(Id, usize, usize)>,
    projections: Vec<(Id, usize, usize)>,
}

impl Network {
    fn index(&mut self, space: Space) -> usize {
        self.spaces.push(space);
        self.spaces.len() - 1
    }

    fn end(&mut self, vector: Vector, index: usize) {
        match vector {
            Vector::Target => self.weights.push((index, Weight::Coefficient)),
            Vector::Unit(e) => self.weights.push((index, Weight::Unit(e))),
            Vector::Noise(_) => {}
        }
    }

    fn add(&mut self, piece: &Piece, rows_of_empty: Option<Space>) {
        let n = piece.letters.len();
        let space_before = |letter: &Letter| match letter {
            Letter::Design(x) => Space::Rows(*x),
            _ => Space::Modes,
        };
        let space_after = |letter: &Letter| match letter {
            Letter::DesignTransposed(x) => Space::Rows(*x),
            _ => Space::Modes,
        };
        let first = match piece.letters.first() {
            Some(letter) => space_before(letter),
            None => rows_of_empty.unwrap_or(Space::Modes),
        };
        let start = self.index(first);
        let mut at = start;
        let cyclic = piece.left.is_none();
        for (k, letter) in piece.letters.iter().enumerate() {
            let next = if cyclic && k + 1 == n {
                start
            } else {
                self.index(space_after(letter))
            };
            match letter {
                Letter::Function(f) => {
                    self.joined.push((at, next));
                    self.weights.push((at, Weight::Function(*f)));
                }
                Letter::Design(x) => self.designs.push((*x, at, next)),
                Letter::DesignTransposed(x) => self.designs.push((*x, next, at)),
                Letter::Inverse(x) => self.inverses.push((*x, at, next)),
                Letter::Projection(x) => self.projections.push((*x, at, next)),
                Letter::Resolvent(..) | Letter::Column(_) | Letter::Row(_) => {}
            }
            at = next;
        }
        if let (Some(left), Some(right)) = (piece.left, piece.right) {
            self.end(left, start);
            self.end(right, at);
        }
    }
}

/// The expectation of a product of scalar words.
pub fn expectation<R: Real>(table: &Table<R>, pieces: Vec<Piece>) -> Result<R, MomentError> {
    let mut left = MOST_PAIRINGS;
    over_noise(table, pieces, &mut left)
}

/// Pairs the noise vectors, which joins words; then the designs.
fn over_noise<R: Real>(
    table: &Table<R>,
    mut pieces: Vec<Piece>,
    budget: &mut usize,
) -> Result<R, MomentError> {
    let noisy = |piece: &Piece| {
        matches!(piece.left, Some(Vector::Noise(_)))
            || matches!(piece.right, Some(Vector::Noise(_)))
    };
    let Some(at) = pieces.iter().position(noisy) else {
        return over_designs(table, pieces, budget);
    };
    let mut first = pieces.swap_remove(at);
    if !matches!(first.right, Some(Vector::Noise(_))) {
        first = first.reversed();
    }
    let Some(Vector::Noise(id)) = first.right else {
        return Ok(R::zero());
    };
    let variance = table.noises[id].1.clone() * table.noises[id].1.clone();
    let mut total = R::zero();
    // With its own other end.
    if first.left == Some(Vector::Noise(id)) {
        let closed = Piece {
            left: None,
            letters: first.letters.clone(),
            right: None,
            rows: first.letters.is_empty().then_some(id),
        };
        let mut rest = pieces.clone();
        rest.push(closed);
        total = total + over_noise(table, rest, budget)?;
    }
    // With an end of another word.
    for other in 0..pieces.len() {
        for side in [true, false] {
            let partner = pieces[other].clone();
            let end = if side { partner.left } else { partner.right };
            if end != Some(Vector::Noise(id)) {
                continue;
            }
            let partner = if side { partner } else { partner.reversed() };
            let mut rest = pieces.clone();
            rest.swap_remove(other);
            let mut letters = first.letters.clone();
            letters.extend(partner.letters);
            rest.push(Piece {
                left: first.left,
                letters,
                right: partner.right,
                rows: None,
            });
            total = total + over_noise(table, rest, budget)?;
        }
    }
    Ok(variance * total)
}

fn over_designs<R: Real>(
    table: &Table<R>,
    mut pieces: Vec<Piece>,
    budget: &mut usize,
) -> Result<R, MomentError> {
    let full = |x: Id| table.full(x);
    let mut network = Network::default();
    for piece in &mut pieces {
        if piece.left.is_none() {
            reduce_cyclic(&mut piece.letters, &full);
        } else {
            reduce(&mut piece.letters, &full);
        }
    }
    let resolved = collapse(table, &mut pieces)?;
    if resolved.is_zero() {
        return Ok(resolved);
    }
    for piece in &mut pieces {
        let had = !piece.letters.is_empty();
        if piece.left.is_none() {
            reduce_cyclic(&mut piece.letters, &full);
        } else {
            reduce(&mut piece.letters, &full);
        }
        let space = match piece.rows {
            Some(id) if !had => Some(Space::Noise(id)),
            _ => None,
        };
        network.add(piece, space);
    }
    for (id, ..) in network.inverses.iter().chain(&network.projections) {
        if network.designs.iter().any(|(x, ..)| x == id) {
            return Err(MomentError::Unknown(
                "products of a design with the inverse of its own Gram matrix".into(),
            ));
        }
    }
    Ok(resolved * over_inverses(table, network, budget)?)
}

/// Replaces the inverses of one design after another by their moments.
fn over_inverses<R: Real>(
    table: &Table<R>,
    network: Network,
    budget: &mut usize,
) -> Result<R, MomentError> {
    let symmetric = network.inverses.iter().chain(&network.projections);
    let Some(id) = symmetric.map(|(id, ..)| *id).next() else {
        return over_pairings(table, network, budget);
    };
    let split = |list: &[(Id, usize, usize)]| -> (Vec<(usize, usize)>, Vec<(Id, usize, usize)>) {
        let (mine, others): (Vec<_>, Vec<_>) = list.iter().partition(|(x, ..)| *x == id);
        (mine.iter().map(|(_, a, b)| (*a, *b)).collect(), others)
    };
    let (inverses, other_inverses) = split(&network.inverses);
    let (projections, other_projections) = split(&network.projections);
    let rest = Network {
        inverses: other_inverses,
        projections: other_projections,
        ..network
    };
    // Both matrices as `Σ⁻¹` or `I`, joined straight, and crossed in two ways.
    let weight = (!inverses.is_empty() && table.full(id)).then_some(Weight::Inverse);
    let counts = (inverses.len(), projections.len());
    let Factors {
        single,
        double,
        scale,
    } = if table.full(id) {
        inverse_wishart(table, id, counts.0 + counts.1)?
    } else {
        random_subspace(table, id, counts)?
    };
    let mut all = inverses;
    all.extend(projections);
    let with =
        |factor: R, pairs: &[(usize, usize)], budget: &mut usize| -> Result<R, MomentError> {
            let mut next = rest.clone();
            for pair in pairs {
                next.joined.push(*pair);
                next.weights.extend(weight.clone().map(|w| (pair.0, w)));
            }
            Ok(factor * over_inverses(table, next, budget)?)
        };
    match (all.as_slice(), double) {
        ([one], _) => with(single * scale, &[*one], budget),
        ([(i, j), (k, l)], Some((straight, crossed))) => {
            let sum = with(straight, &[(*i, *j), (*k, *l)], budget)?
                + with(crossed.clone(), &[(*i, *k), (*j, *l)], budget)?
                + with(crossed, &[(*i, *l), (*j, *k)], budget)?;
            Ok(sum)
        }
        _ => Err(MomentError::Unknown(
            "three or more inverses or projections of one design".into(),
        )),
    }
}

/// What one inverse or projection is in the mean, as a multiple of `Σ⁻¹` or `I`; what two are.
struct Factors<R> {
    single: R,
    /// Joined straight, and crossed.
    double: Option<(R, R)>,
    scale: R,
}

/// Of the inverse of a design's Gram matrix, with at least as many rows as dimensions.
fn inverse_wishart<R: Real>(
    table: &Table<R>,
    id: Id,
    count: usize,
) -> Result<Factors<R>, MomentError> {
    let (d, t) = (R::from_f64(table.dimension()), table.designs[id].clone());
    let c = |x: f64| R::from_f64(x);
    let m = t.clone() - d.clone();
    if m.midpoint() <= 2.0 * count as f64 - 1.0 {
        return Err(MomentError::DoesNotExist(format!(
            "moment {count} of the inverse of a Wishart matrix with {} rows in dimension {}",
            t.midpoint(),
            d.midpoint()
        )));
    }
    let single = R::one() / (m.clone() - c(1.0));
    let double = (count == 2).then(|| {
        let whole = m.clone() * (m.clone() - c(1.0)) * (m.clone() - c(3.0));
        ((m - c(2.0)) / whole.clone(), R::one() / whole)
    });
    Ok(Factors {
        single,
        double,
        scale: R::one(),
    })
}

/// Of the pseudo-inverses and projections of a design with fewer rows than dimensions.
fn random_subspace<R: Real>(
    table: &Table<R>,
    id: Id,
    counts: (usize, usize),
) -> Result<Factors<R>, MomentError> {
    let (d, t) = (R::from_f64(table.dimension()), table.designs[id].clone());
    let c = |x: f64| R::from_f64(x);
    let Some(eigenvalue) = table.isotropic() else {
        return Err(MomentError::Unknown(
            "a projection onto fewer rows than dimensions, unless Sigma is isotropic".into(),
        ));
    };
    match counts {
        (0, projections) => {
            let single = t.clone() / d.clone();
            let double = (projections == 2).then(|| {
                let beta = t.clone() * (d.clone() - t.clone())
                    / (d.clone() * (d.clone() + c(2.0)) * (d.clone() - c(1.0)));
                let alpha = t / d.clone() - beta.clone() * (d + c(1.0));
                (alpha, beta)
            });
            Ok(Factors {
                single,
                double,
                scale: R::one(),
            })
        }
        (1, 0) => {
            let m = d.clone() - t.clone();
            if m.midpoint() <= 1.0 {
                return Err(MomentError::DoesNotExist(
                    "the mean of a pseudo-inverse near the square".into(),
                ));
            }
            Ok(Factors {
                single: t / d / (m - c(1.0)),
                double: None,
                scale: R::one() / eigenvalue,
            })
        }
        _ => Err(MomentError::Unknown(
            "a projection together with a pseudo-inverse".into(),
        )),
    }
}

/// Sums over all pairings of the designs' letters.
fn over_pairings<R: Real>(
    table: &Table<R>,
    mut network: Network,
    budget: &mut usize,
) -> Result<R, MomentError> {
    let Some((id, row, mode)) = network.designs.pop() else {
        *budget = budget
            .checked_sub(1)
            .ok_or_else(|| MomentError::Unknown("a polynomial of so high a degree".into()))?;
        return contracted(table, &network);
    };
    let mut total = R::zero();
    for partner in 0..network.designs.len() {
        let (other, other_row, other_mode) = network.designs[partner];
        if other != id {
            continue;
        }
        let mut next = network.clone();
        next.designs.swap_remove(partner);
        next.joined.push((row, other_row));
        next.joined.push((mode, other_mode));
        next.weights.push((mode, Weight::Eigenvalue));
        total = total + over_pairings(table, next, budget)?;
    }
    Ok(total)
}

/// The product over classes of joined indices of the sum over each of its weights.
fn contracted<R: Real>(table: &Table<R>, network: &Network) -> Result<R, MomentError> {
    let n = network.spaces.len();
    let mut class: Vec<usize> = (0..n).collect();
    fn root(class: &mut [usize], mut i: usize) -> usize {
        while class[i] != i {
            class[i] = class[class[i]];
            i = class[i];
        }
        i
    }
    for (a, b) in &network.joined {
        let (a, b) = (root(&mut class, *a), root(&mut class, *b));
        class[a] = b;
    }
    let mut product = R::one();
    for i in 0..n {
        if root(&mut class, i) != i {
            continue;
        }
        let weights: Vec<&Weight> = network
            .weights
            .iter()
            .filter(|(at, _)| root(&mut class, *at) == i)
            .map(|(_, weight)| weight)
            .collect();
        let mut unit = None;
        for weight in &weights {
            if let Weight::Unit(e) = weight {
                if unit.is_some_and(|known| known != *e) {
                    return Ok(R::zero());
                }
                unit = Some(*e);
            }
        }
        let sum = match (network.spaces[i], unit) {
            (Space::Rows(_) | Space::Noise(_), Some(_)) => R::one(),
            // Unit vectors of rows, joined through a noise alone.
            (_, Some(_)) if weights.iter().all(|w| matches!(w, Weight::Unit(_))) => R::one(),
            (Space::Rows(x), None) => table.designs[x].clone(),
            (Space::Noise(x), None) => table.noises[x].0.clone(),
            (Space::Modes, Some(e)) => at_mode(table, &weights, e),
            (Space::Modes, None) => {
                let each = if R::TRACKS_ERROR { 60 } else { 1 };
                let work = each * table.modes.len() as u64 * (1 + weights.len() as u64);
                crate::budget::charge(work).map_err(|e| MomentError::Unknown(e.to_string()))?;
                (0..table.modes.len()).fold(R::zero(), |sum, a| sum + at_mode(table, &weights, a))
            }
        };
        product = product * sum;
    }
    Ok(product)
}

fn at_mode<R: Real>(table: &Table<R>, weights: &[&Weight], a: usize) -> R {
    let mode = &table.modes[a];
    weights.iter().fold(R::one(), |product, weight| {
        let factor = match weight {
            Weight::Function(f) => table.functions[*f][a].clone(),
            Weight::Eigenvalue => mode.value.clone(),
            Weight::Inverse => R::one() / mode.value.clone(),
            Weight::Coefficient => mode.coefficient.clone(),
            Weight::Unit(_) => return product,
        };
        product * factor
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::moments::word::pieces;
    use crate::term::evaluate::Mode;
    use proptest::prelude::*;

    fn table(eigenvalues: &[f64], rows: f64) -> Table<f64> {
        Table {
            modes: eigenvalues
                .iter()
                .map(|s| Mode {
                    value: *s,
                    coefficient: 1.0,
                    atom: 0,
                })
                .collect(),
            functions: vec![eigenvalues.to_vec()],
            designs: vec![rows],
            noises: vec![(rows, 2.0)],
            ridges: Vec::new(),
            stacks: Vec::new(),
            means: None,
        }
    }

    fn mean(table: &Table<f64>, words: Vec<Vec<Letter>>) -> f64 {
        expectation(table, words.into_iter().flat_map(pieces).collect()).expect("a moment")
    }

    const GRAM: [Letter; 2] = [Letter::DesignTransposed(0), Letter::Design(0)];

    proptest! {
        /// `w'X'Xw` is `w'Σw` times a chi-square of `T` degrees of freedom.
        #[test]
        fn quadratic_forms_have_the_moments_of_chi_squares(t in 1u32..20, s in 0.1f64..3.0, r in 0.1f64..3.0) {
            let table = table(&[s, r], f64::from(t));
            let mut word = vec![Letter::Row(Vector::Target)];
            word.extend(GRAM);
            word.push(Letter::Column(Vector::Target));
            let mut expected = 1.0;
            for k in 0..4 {
                expected *= (f64::from(t) + 2.0 * f64::from(k)) * (s + r);
                let got = mean(&table, vec![word.clone(); k as usize + 1]);
                prop_assert!((got / expected - 1.0).abs() < 1e-12);
            }
        }

        /// In one dimension `Q` is the inverse of `s` times a chi-square.
        #[test]
        fn inverses_in_one_dimension_are_those_of_chi_squares(t in 5u32..40, s in 0.1f64..3.0) {
            let t = f64::from(t);
            let table = table(&[s], t);
            let q = vec![Letter::Inverse(0)];
            let one = mean(&table, vec![q.clone()]);
            prop_assert!((one * s * (t - 2.0) - 1.0).abs() < 1e-12);
            for words in [vec![q.clone(), q.clone()], vec![vec![Letter::Inverse(0); 2]]] {
                let two = mean(&table, words);
                prop_assert!((two * s * s * (t - 2.0) * (t - 4.0) - 1.0).abs() < 1e-12);
            }
        }

        /// `tr P = T` and `PP = P`, whatever the rows.
        #[test]
        fn projections_keep_their_trace(t in 1u32..4) {
            let table = table(&[1.0; 5], f64::from(t));
            let p = vec![Letter::Projection(0)];
            prop_assert!((mean(&table, vec![p.clone()]) - f64::from(t)).abs() < 1e-12);
            prop_assert!((mean(&table, vec![p.clone(), p]) - f64::from(t * t)).abs() < 1e-11);
        }
    }

    #[test]
    fn moments_that_do_not_exist_are_refused() {
        let q = vec![Letter::Inverse(0)];
        for (rows, count, exists) in [
            (3.0, 1, false),
            (4.0, 1, true),
            (5.0, 2, false),
            (6.0, 2, true),
        ] {
            let table = table(&[1.0, 0.5], rows);
            let words = vec![q.clone(); count]
                .into_iter()
                .flat_map(pieces)
                .collect();
            let result = expectation(&table, words);
            assert_eq!(
                result.is_ok(),
                exists,
                "{rows} rows, moment {count}: {result:?}"
            );
        }
    }

    #[test]
    fn noise_pairs_with_itself_alone() {
        let table = table(&[1.0], 7.0);
        let square = vec![
            Letter::Row(Vector::Noise(0)),
            Letter::Column(Vector::Noise(0)),
        ];
        assert!((mean(&table, vec![square.clone()]) - 28.0).abs() < 1e-12);
        // E ‖e‖⁴ = T(T+2)σ⁴
        assert!((mean(&table, vec![square.clone(), square]) - 63.0 * 16.0).abs() < 1e-9);
        let odd = vec![
            Letter::Row(Vector::Target),
            Letter::DesignTransposed(0),
            Letter::Column(Vector::Noise(0)),
        ];
        assert_eq!(mean(&table, vec![odd]), 0.0);
    }
}
