//! What the variables of polynomials stand for.

use super::fraction::Fraction;
use super::letter::BasisWord;
use super::polynomial::{Polynomial, Variable};

pub use super::part::{EIGENVALUE, Part};

/// Variables below this are the eigenvalues at the gaps of a word: variable `i` at gap `i`.
pub const GAPS: Variable = 64;
/// Sums over eigenvalues: `Σ_j f(s_j)`, or `Σ_j c_j² f(s_j)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    Trace,
    Target,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Atom {
    Symbol {
        name: String,
        integer: bool,
    },
    /// The root of `κ − λ = κ df_1(κ)/T`, where it is positive.
    Kappa {
        ridge: Fraction,
        samples: Fraction,
    },
    /// `Σ_j f(s_j)` for a part `f` of partial fractions; weighted by `c_j²` or not.
    Moment {
        kind: Moment,
        part: Part,
    },
    /// `base^(unit/root)`, `base` positive (or not negative, where `unit` is 1).
    Power {
        base: Polynomial,
        unit: Fraction,
        root: u32,
    },
    /// A function that only its argument is known of: equal arguments, equal values.
    Function {
        name: &'static str,
        arguments: Vec<Fraction>,
    },
    /// A scalar made of random objects: a trace, or a form in `w0` and noises.
    Form(BasisWord),
    /// The mean of a product of such scalars.
    Mean(Vec<BasisWord>),
}

impl Atom {
    /// Whether it depends on a draw.
    pub fn is_random(&self) -> bool {
        match self {
            Atom::Form(word) => word.letters.iter().any(|l| l.object().is_some()),
            _ => false,
        }
    }
}
