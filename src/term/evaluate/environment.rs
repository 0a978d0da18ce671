//! One point of the domain, random objects included.

use std::collections::HashMap;

use super::Dense;
use super::covariance::Covariance;
use super::value::Value;
use crate::term::Id;

/// A point of the domain: values for the free symbols, `Σ` and `w0`, and, where random objects occur, one draw.
#[derive(Clone, Debug)]
pub struct Environment<R> {
    pub covariance: Covariance<R>,
    pub scalars: HashMap<String, R>,
    pub draw: Option<Draw<R>>,
    /// Values of terms that need no evaluation here: expectations, subexpressions without randomness.
    pub known: HashMap<Id, Value<R>>,
}

/// One value for every random object: a single one, or the members of a family in order.
#[derive(Clone, Debug)]
pub struct Draw<R> {
    pub(super) objects: HashMap<String, (Vec<Dense<R>>, bool)>,
}
