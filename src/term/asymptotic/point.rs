//! One exact point of a limit: the symbols, `Σ` and `w0` as the limit variable grows.

use num_rational::BigRational;

use super::quantity::Quantity;
use crate::scaling::{GermSpectrum, GermTarget};
use crate::term::SymbolId;

/// An eigenvalue, the share of the dimension it takes, and the squared length of `w0` on it.
pub type LevelShare = (BigRational, BigRational, BigRational);

/// Everything a formula's value depends on, along the limit from one base point.
#[derive(Clone, Debug)]
pub struct GermPoint {
    /// By the symbols of the statement. The limit variable is `T` of the germs; path symbols are their germs, all
    /// others constants.
    pub symbols: Vec<Option<Quantity>>,
    pub spectrum: GermSpectrum,
    /// `None` where the setting leaves the target open.
    pub target: Option<GermTarget>,
    /// The limit variable's name.
    pub variable: String,
}

impl GermPoint {
    /// A symbol along the limit.
    pub fn symbol(&self, symbol: SymbolId) -> Option<&Quantity> {
        self.symbols.get(symbol.index())?.as_ref()
    }
}
