use super::find;
use crate::decide::exact::ground::{Ground, Spectrum};
use crate::decide::exact::polynomial::{Polynomial, Variable};
use crate::number::Coefficient;

/// Variables of symbols, whose number is above those of eigenvalues.
const X: Variable = 64;

/// `Σ c x^a y^b z^c`
fn polynomial(terms: &[(i64, [u32; 3])]) -> Polynomial {
    terms.iter().fold(Polynomial::zero(), |sum, (c, powers)| {
        let mut term = Polynomial::constant(Coefficient::integer(*c));
        for (i, power) in powers.iter().enumerate() {
            term = term.mul(&Polynomial::variable(X + i as Variable).pow(*power));
        }
        sum.add(&term)
    })
}

fn shown(terms: &[(i64, [u32; 3])], signed: bool) -> Option<bool> {
    let mut ground = Ground::new(Spectrum::Any);
    for v in (X..X + 3).filter(|_| signed) {
        ground.signs.insert(v, false);
    }
    let p = polynomial(terms);
    let found = find(&ground, &p)?;
    let sum = found
        .terms
        .iter()
        .fold(Polynomial::zero(), |sum, (c, w, root)| {
            assert!(c.signum().is_gt());
            assert!(w.0.iter().all(|f| ground.sign(f.0).is_some()));
            sum.add(&Polynomial::term(w.clone(), c.clone()).mul(&root.mul(root)))
        });
    assert!(sum.sub(&p.mul(&found.multiplier)).is_zero());
    Some(found.strict)
}

#[test]
fn squares_are_found_where_a_polynomial_touches_zero() {
    // x⁴ + y⁴ + z⁴ ≥ xyz (x + y + z), equal on a line
    let quartic = [(1, [4, 0, 0]), (1, [0, 4, 0]), (1, [0, 0, 4])];
    let rest = [(-1, [2, 1, 1]), (-1, [1, 2, 1]), (-1, [1, 1, 2])];
    let all: Vec<_> = quartic.iter().chain(&rest).copied().collect();
    assert_eq!(shown(&all, false), Some(false));
    // (x² − y²)²
    let square = [(1, [4, 0, 0]), (-2, [2, 2, 0]), (1, [0, 4, 0])];
    assert_eq!(shown(&square, false), Some(false));
    // Three means: not a sum of squares for every sign, but for x, y, z ≥ 0.
    let means = [
        (1, [3, 0, 0]),
        (1, [0, 3, 0]),
        (1, [0, 0, 3]),
        (-3, [1, 1, 1]),
    ];
    assert_eq!(shown(&means, true), Some(false));
    assert_eq!(shown(&means, false), None);
}

#[test]
fn squares_may_need_a_multiplier() {
    // Motzkin's polynomial is no sum of squares.
    let motzkin = [
        (1, [4, 2, 0]),
        (1, [2, 4, 0]),
        (-3, [2, 2, 0]),
        (1, [0, 0, 0]),
    ];
    assert_eq!(shown(&motzkin, false), Some(false));
}

#[test]
fn what_is_negative_somewhere_has_no_squares() {
    // 1000 (x⁴ + y⁴ + z⁴) − 1001 xyz (x + y + z)
    let quartic = [(1000, [4, 0, 0]), (1000, [0, 4, 0]), (1000, [0, 0, 4])];
    let rest = [(-1001, [2, 1, 1]), (-1001, [1, 2, 1]), (-1001, [1, 1, 2])];
    let all: Vec<_> = quartic.iter().chain(&rest).copied().collect();
    assert_eq!(shown(&all, false), None);
    // Negative only near x = 5/4, between the points that are tried: (4x − 5)² − 1/1000
    let dip = [
        (16_000, [2, 0, 0]),
        (-40_000, [1, 0, 0]),
        (24_999, [0, 0, 0]),
    ];
    assert_eq!(shown(&dip, false), None);
    let above = [
        (16_000, [2, 0, 0]),
        (-40_000, [1, 0, 0]),
        (25_001, [0, 0, 0]),
    ];
    assert_eq!(shown(&above, false), Some(true));
}
