//! One regression whose sizes are powers of `T`.

use num_rational::BigRational;

/// `λ = T^{-ℓ}`, or minimum norm.
#[derive(Clone, Debug, PartialEq)]
pub enum Ridge {
    Exponent(BigRational),
    Ridgeless,
}

/// The dimension of the inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum DimensionLaw {
    Infinite,
    /// `d = T^p`
    Power(BigRational),
    /// `d = φ_0 T_0`
    OfLabeller(BigRational),
}

/// How the labellers' designs are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LabellerDesigns {
    #[default]
    Independent,
    Shared,
}

/// The labels' provenance: `n` refits from the true coefficients.
#[derive(Clone, Debug, PartialEq)]
pub struct Labeller {
    /// `b` in `T_0 = T^b`
    pub samples: BigRational,
    /// `a` in `n σ_0² = T^a`; `None` for noiseless generations
    pub noise: Option<BigRational>,
    /// `n`: 0 is training on real labels, and more than 1 matters by itself only where `T_0 < d`
    pub generations: u32,
    pub designs: LabellerDesigns,
}

/// One regression whose sizes are powers of `T`.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingModel {
    /// `β > 1` in `s_k = k^{-β}` (any `β > 0` for finite `d`)
    pub beta: BigRational,
    /// `r > 0` in `c_k² = k^{-δ}`, `δ = 1 + β(2r − 1)`
    pub source: BigRational,
    pub ridge: Ridge,
    /// `e` in `σ² = T^e`; `None` for `σ = 0`
    pub noise: Option<BigRational>,
    /// `None` is training on real data
    pub labeller: Option<Labeller>,
    pub dimension: DimensionLaw,
}

pub(super) fn whole(n: i64) -> BigRational {
    BigRational::from_integer(n.into())
}
