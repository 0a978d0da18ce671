//! What expressions are made of: spaces, matrices and fits by their numbers in a model, and forms of all of them.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Space(pub(super) usize);

/// A deterministic matrix that is a number on each level of a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Diagonal(pub(super) usize);

/// A matrix `A^{1/2} Z B^{1/2}` with independent standard normal `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gaussian(pub(super) usize);

/// An orthogonal matrix from a space to another one, whose bases do not commute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rotation(pub(super) usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Expression(pub(super) usize);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Zero(Space, Space),
    Diagonal(Diagonal),
    /// The flag transposes.
    Gaussian(Gaussian, bool),
    /// The flag transposes.
    Rotation(Rotation, bool),
    /// With the bits of the coefficients, none of them zero; no term is a sum.
    Sum(Vec<(u64, Expression)>),
    /// At least two factors, none of them a product, a sum of one term or a multiple of the identity.
    Product(Vec<Expression>),
    Fit(FitId, Part),
    /// Of anything that is no fit.
    Inverse(Expression),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FitId(pub usize);

/// `R = (Σ_i B_i'B_i + D)^{-1}`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fit {
    /// Each `B_i`, without the factor of the next field.
    pub parts: Vec<(Expression, f64)>,
    pub penalty: Penalty,
    pub space: Space,
    /// Whether the rows determine less than the whole space, so that only `z` is regular without a penalty.
    pub by_rows: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Penalty {
    Ridge(f64),
    Diagonal(Diagonal),
}

/// What a fit is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    /// `R`
    Resolvent,
    /// `R Σ_i B_i'B_i`, for a ridge
    Smoother,
    /// `R B_i'`
    Labels(usize),
    /// `B_i R`
    LabelsTransposed(usize),
    /// `B R B'`, of a fit of a single part
    Hat,
}
