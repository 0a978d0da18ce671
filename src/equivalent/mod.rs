//! κ, degrees of freedom, deterministic equivalents, the chain of refits.
