//! Why there is no formula.

/// Why an equivalent has no formula here.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeriveError {
    #[error("there is no deterministic equivalent to derive: {0}")]
    NoEquivalent(String),
    #[error(
        "a number of the equations ({value}) is no product of powers of the symbols: \
         give what it is made of as symbols"
    )]
    Coefficient { value: f64 },
    #[error(
        "the traces of one nest of inverses solve several equations at once, which no single root gives; \
         `resolvent predict` gives numbers, for an experiment with a section [predict]"
    )]
    Coupled,
    #[error(
        "the formula is too long to be written out: an assumption such as T >= d + 2 may make it shorter, and \
         `resolvent predict` gives numbers, for an experiment with a section [predict]"
    )]
    TooLarge,
    #[error("the formula that was found does not agree with the equations ({found} for {wanted})")]
    Disagrees { found: f64, wanted: f64 },
    #[error(
        "no one formula holds on the whole domain: an assumption such as T >= d + 2, or T <= d - 2, may leave one"
    )]
    Elsewhere,
    #[error("the formula that was found cannot be read back: {0}")]
    Unreadable(String),
}
