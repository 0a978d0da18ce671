//! What is known of a claim beside its file.

use num_rational::BigRational;

use crate::check::file::Claim;
use crate::decide::verdict::Witness;

/// What is known of a claim beside its file, and how much a picture of it may cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Background<'a> {
    /// Where it fails.
    pub witness: Option<&'a Witness>,
    /// In what way, in words.
    pub reason: Option<&'a str>,
    /// What holds instead.
    pub instead: Option<&'a Claim>,
    /// Values of symbols, by name; no witness is needed then.
    pub at: &'a [(String, BigRational)],
    /// Points of the domain beside that one.
    pub others: usize,
    /// Units of [`crate::budget`].
    pub work: u64,
}
