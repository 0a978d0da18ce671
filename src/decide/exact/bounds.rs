//! Bounds of variables, put in their place.

use std::collections::HashMap;

use super::fraction::Fraction;
use super::polynomial::{Polynomial, Variable};

/// What the facts make of the variables: each replaced by a bound and a distance from it.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    pub replaced: Vec<(Variable, Fraction)>,
    /// Facts that are no bounds, with the replacements made.
    pub rest: Vec<(Polynomial, bool)>,
    pub known: HashMap<Polynomial, Option<bool>>,
}

impl Bounds {
    pub fn apply(&self, p: &Polynomial) -> Fraction {
        let mut value = Fraction::from(p.clone());
        for (v, by) in &self.replaced {
            // Denominators of replacements are positive and do not hold the variable.
            if value.mentions(*v) {
                value = value.substitute(*v, by).unwrap_or(value);
            }
        }
        value
    }
}
