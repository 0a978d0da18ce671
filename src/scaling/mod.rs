//! Exponents, constants and regimes of power laws.
