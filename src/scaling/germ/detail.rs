//! How far expansions are carried: a few terms and numbers with error bounds, or many terms and closed forms.
//!
//! Most questions are answered by orders of growth, which the first terms show. What these leave open is asked again
//! with all terms, and what is still open where terms cancel, with more than are of use elsewhere. All answers are bounded
//! alike: fewer terms make a larger remainder, not a wrong one.

use std::cell::Cell;

/// How far expansions are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Detail {
    Outline,
    Full,
    Fine,
}

/// Terms kept beside the remainder, in full.
pub(crate) const MAX_TERMS: usize = 5;

thread_local! {
    static DETAIL: Cell<Detail> = const { Cell::new(Detail::Full) };
}

/// Sets the detail until it is dropped, panics included.
struct Restored(Detail);

impl Restored {
    fn set(detail: Detail) -> Self {
        Self(DETAIL.replace(detail))
    }
}

impl Drop for Restored {
    fn drop(&mut self) {
        DETAIL.set(self.0);
    }
}

/// Whether expansions are in outline now.
pub(crate) fn in_outline() -> bool {
    DETAIL.get() == Detail::Outline
}

/// Terms kept beside the remainder.
pub(crate) fn max_terms() -> usize {
    match DETAIL.get() {
        Detail::Outline => 2,
        Detail::Full => MAX_TERMS,
        Detail::Fine => 2 * MAX_TERMS,
    }
}

/// Newton steps on a leading term; each doubles the terms known.
pub(crate) fn newton_steps() -> usize {
    match DETAIL.get() {
        Detail::Outline => 1,
        Detail::Full => 3,
        Detail::Fine => 4,
    }
}

/// Terms of the expansion of one factor of a sum over the spectrum, beside the leading one.
pub(crate) fn depth(factors: usize) -> usize {
    match (DETAIL.get(), factors) {
        (Detail::Outline, _) => 1,
        (Detail::Full, 0..=2) => 3,
        (Detail::Full, _) => 2,
        (Detail::Fine, _) => 6,
    }
}

/// What `f` answers in outline, and in full where `open` says that the outline does not suffice. `f` must not keep
/// expansions from one call to the next.
pub(crate) fn outline_first<T, E>(
    open: impl Fn(&E) -> bool,
    f: impl Fn() -> Result<T, E>,
) -> Result<T, E> {
    let outline = {
        let _restored = Restored::set(Detail::Outline);
        f()
    };
    match outline {
        Err(error) if open(&error) && !in_outline() => f(),
        settled => settled,
    }
}

/// What `f` answers in full, whatever surrounds it.
pub(crate) fn in_full<T>(f: impl FnOnce() -> T) -> T {
    let _restored = Restored::set(Detail::Full);
    f()
}

/// What `f` answers with more terms than elsewhere.
pub(crate) fn in_fine_detail<T>(f: impl FnOnce() -> T) -> T {
    let _restored = Restored::set(Detail::Fine);
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
            let _restored = Restored::set(Detail::Outline);
            difference()
        };
        assert!(outline.is_err(), "{outline:?}");
        let settled = outline_first(|_| true, difference).unwrap();
        assert_eq!(settled, Some(BigRational::from_integer((-3).into())));
        assert!(!in_outline());
    }
}
