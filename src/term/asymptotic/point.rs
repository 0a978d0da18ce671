//! One exact point of a limit: the symbols, `Σ` and `w0` as the limit variable grows.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;

use super::quantity::Quantity;
use crate::formula::ast::Expr;
use crate::formula::free_names;
use crate::formula::scope::Scope;
use crate::scaling::{GermSpectrum, GermTarget};

/// An eigenvalue, the share of the dimension it takes, and the squared length of `w0` on it.
pub type LevelShare = (BigRational, BigRational, BigRational);

/// Everything a formula's value depends on, along the limit from one base point.
#[derive(Clone, Debug)]
pub struct GermPoint {
    /// The limit variable is `T` of the germs; path symbols are their germs, all others constants.
    pub symbols: BTreeMap<String, Quantity>,
    pub spectrum: GermSpectrum,
    /// `None` where the setting leaves the target open.
    pub target: Option<GermTarget>,
    /// The limit variable's name.
    pub variable: String,
}

/// Whether `expr`, with definitions written out, contains `name`.
pub(super) fn depends(scope: &Scope, expr: &Expr, name: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        for (found, _) in free_names(expr) {
            if found == name {
                return true;
            }
            if !seen.contains(&found) {
                open.extend(scope.expansion(&found));
                seen.insert(found);
            }
        }
    }
    false
}
