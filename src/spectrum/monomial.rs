//! The functions of `Σ` that every formula is made of.

/// `f(s) = s^power · Π_i (s + κ_i)^{-order_i}`, with `κ_i > 0`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Monomial {
    pub power: f64,
    /// Pairs `(κ_i, order_i)`.
    pub poles: Vec<(f64, f64)>,
}
