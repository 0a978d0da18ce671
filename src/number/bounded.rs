//! A value and a bound on its error, travelling together.

/// `value`, with `|true − value| ≤ error`.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Bounded {
    pub value: f64,
    pub error: f64,
}

impl Bounded {
    pub fn new(value: f64, error: f64) -> Self {
        Self { value, error }
    }

    /// `error / |value|`; infinite where the value is zero and the error is not.
    pub fn relative_error(&self) -> f64 {
        if self.error == 0.0 {
            0.0
        } else {
            self.error / self.value.abs()
        }
    }
}
