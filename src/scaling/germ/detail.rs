//! How far expansions are carried: a few terms and numbers with error bounds, or many terms and closed forms.
//!
//! Most questions are answered by orders of growth, which the first terms show. What these leave open is asked again
//! with all terms. Both answers are bounded alike: fewer terms make a larger remainder, not a wrong one.

use std::cell::Cell;

/// Terms kept beside the remainder, in full.
pub(crate) const MAX_TERMS: usize = 5;
/// The same in outline.
const FEW_TERMS: usize = 2;

thread_local! {
    static OUTLINE: Cell<bool> = const { Cell::new(false) };
}

/// Sets the detail until it is dropped, panics included.
struct Restored(bool);

impl Restored {
    fn set(outline: bool) -> Self {
        Self(OUTLINE.replace(outline))
    }
}

impl Drop for Restored {
    fn drop(&mut self) {
        OUTLINE.set(self.0);
    }
}

/// Whether expansions are in outline now.
pub(crate) fn in_outline() -> bool {
    OUTLINE.get()
}

pub(crate) fn max_terms() -> usize {
    if in_outline() { FEW_TERMS } else { MAX_TERMS }
}

/// What `f` answers in outline, and in full where `open` says that the outline does not suffice. `f` must not keep
/// expansions from one call to the next.
pub(crate) fn outline_first<T, E>(
    open: impl Fn(&E) -> bool,
    f: impl Fn() -> Result<T, E>,
) -> Result<T, E> {
    let outline = {
        let _restored = Restored::set(true);
        f()
    };
    match outline {
        Err(error) if open(&error) && !in_outline() => f(),
        settled => settled,
    }
}

/// What `f` answers in full, whatever surrounds it.
pub(crate) fn in_full<T>(f: impl FnOnce() -> T) -> T {
    let _restored = Restored::set(false);
    f()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaling::Germ;
    use num_rational::BigRational;

    #[test]
    fn an_outline_that_leaves_a_question_open_is_filled_in() {
        // 1/(1 − 1/T) − 1 − 1/T − 1/T² = 1/T³ + …: two terms show nothing of it
        let difference = || {
            let t = Germ::variable();
            let inverse = t.recip()?;
            let series = (&Germ::integer(1) - &inverse).recip()?;
            let mut polynomial = Germ::integer(1);
            for n in 1..=2 {
                polynomial =
                    &polynomial + &Germ::power_of_variable(BigRational::from_integer((-n).into()));
            }
            (&series - &polynomial).exponent()
        };
        let outline = {
            let _restored = Restored::set(true);
            difference()
        };
        assert!(outline.is_err(), "{outline:?}");
        let settled = outline_first(|_| true, difference).unwrap();
        assert_eq!(settled, Some(BigRational::from_integer((-3).into())));
        assert!(!in_outline());
    }
}
