//! Regressions drawn at random.
