//! What is found at one point of the domain, and by what.

use super::super::assignment::Assignment;
use super::super::estimate::Estimate;
use super::super::verdict::PathPoint;

/// What was found at one point of the domain.
pub(super) enum Found {
    Holds {
        distance: f64,
        detects: f64,
        how: &'static str,
    },
    Fails(Box<Failure>),
    Unclear(String),
    /// The assumptions do not last along the path.
    Excluded,
    /// A side has no value along the path.
    Undefined(String),
    /// Too few sizes along the path can be simulated.
    TooLarge(String),
    Unsupported(String),
}

pub(super) struct Failure {
    pub assignment: Assignment,
    pub excess: f64,
    pub points: Vec<PathPoint>,
    pub what: String,
    pub estimate: Option<Estimate>,
    pub confirmed_by: String,
    pub how: &'static str,
}

/// How methods say that simulations agree, and that there are none of the claim.
pub(super) const CHECKED: &str = ", checked by simulation";
pub(super) const UNCHECKED: &str = "; no simulation of the claim could check them";

pub(super) const BY_EVALUATION: &str = "evaluation along the limit path";
pub(super) const BY_STANDING: &str = "values of both sides that do not change along the limit path";
pub(super) const BY_EQUIVALENT: &str =
    "deterministic equivalents along the limit path, checked by simulation";
pub(super) const BY_RATIO: &str =
    "deterministic equivalents whose ratio is constant along the limit path, checked by simulation";
pub(super) const BY_POWER: &str = "deterministic equivalents whose ratio is a power of the variable along the limit path, checked by simulation";
pub(super) const BY_GERMS: &str = "leading terms of both sides along the limit, exponents exact";
pub(super) const BY_CELLS: &str =
    "orders of growth in the cells of exponents that cover the domain";
pub(super) const BY_SIMULATION: &str = "Monte Carlo at growing sizes, extrapolated";
pub(super) const BY_REACH: &str =
    "deterministic equivalents at the sizes within reach, extrapolated, checked by simulation";
pub(super) const BY_SIZES: &str = "evaluation at the sizes within reach, extrapolated";
