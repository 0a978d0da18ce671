//! One deterministic budget of work for each claim: points × replicates × steps, whatever the machine.
//!
//! Work is counted in units of about a nanosecond's plain arithmetic, not in wall time, so that the same claim runs out at
//! the same place everywhere. Whoever is about to do work charges for it first; once the budget is spent every
//! charge is refused, evaluations end with an error, and the claim is `inconclusive`.

use std::cell::Cell;

/// What a budget has been used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Units of work.
    pub units: u64,
    /// Whether some work was not done because it would have cost more than was left.
    pub refused: bool,
}

/// The work was not done: it costs more than is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more work than the budget of this claim allows")]
pub struct Refused;

#[derive(Clone, Copy)]
struct Meter {
    left: u64,
    limit: u64,
    refused: bool,
}

const UNLIMITED: Meter = Meter {
    left: u64::MAX,
    limit: u64::MAX,
    refused: false,
};

thread_local! {
    static METER: Cell<Meter> = const { Cell::new(UNLIMITED) };
}

/// Puts the meter of the work around back, also where the work within panics.
struct Restore(Meter);

impl Drop for Restore {
    fn drop(&mut self) {
        METER.set(self.0);
    }
}

/// Runs `work` with a budget of its own, on this thread; what it spends, the work around has spent too.
///
/// ```
/// use resolvent::budget;
/// let (done, spent) = budget::within(100, || (0..).take_while(|_| budget::charge(30).is_ok()).count());
/// assert_eq!(done, 3);
/// assert!(spent.refused && spent.units == 90);
/// ```
pub fn within<T>(units: u64, work: impl FnOnce() -> T) -> (T, Spent) {
    let around = METER.replace(Meter {
        left: units,
        limit: units,
        refused: false,
    });
    let restore = Restore(around);
    let done = work();
    let meter = METER.get();
    drop(restore);
    let spent = Spent {
        units: meter.limit - meter.left,
        refused: meter.refused,
    };
    if around.limit != u64::MAX {
        METER.set(Meter {
            left: around.left.saturating_sub(spent.units),
            ..around
        });
    }
    (done, spent)
}

/// Pays for work that is about to be done.
///
/// # Errors
/// It costs more than is left. Cheaper work may still be paid for.
pub fn charge(units: u64) -> Result<(), Refused> {
    let mut meter = METER.get();
    if meter.limit == u64::MAX {
        return Ok(());
    }
    let paid = units <= meter.left;
    if paid {
        meter.left -= units;
    } else {
        meter.refused = true;
    }
    METER.set(meter);
    if paid { Ok(()) } else { Err(Refused) }
}

/// Pays for work that cannot be refused any more, with all that is left where that is too little: what comes after it is
/// refused then.
pub fn drain(units: u64) {
    if charge(units).is_err() {
        let _ = charge(left());
    }
}

/// The same for a cost that was estimated; what is not a number is more than anything.
///
/// # Errors
/// As [`charge`].
pub fn charge_about(units: f64) -> Result<(), Refused> {
    if units < 9e18 {
        charge(units.max(0.0) as u64)
    } else {
        charge(u64::MAX)
    }
}

/// The part that is spent; nothing of a budget without limit.
pub fn share_spent() -> f64 {
    let meter = METER.get();
    if meter.limit == u64::MAX {
        return 0.0;
    }
    1.0 - meter.left as f64 / meter.limit.max(1) as f64
}

/// What is left, in units.
pub fn left() -> u64 {
    METER.get().left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_nest_and_survive_panics() {
        let ((), outer) = within(100, || {
            charge(10).unwrap();
            let caught = std::panic::catch_unwind(|| within(5, || panic!("within")));
            assert!(caught.is_err());
            assert_eq!(left(), 90);
            assert!((share_spent() - 0.1).abs() < 1e-12);
            let ((), inner) = within(5, || assert_eq!(charge(6), Err(Refused)));
            assert!(inner.refused);
            let ((), inner) = within(50, || charge(20).unwrap());
            assert_eq!((inner.units, left()), (20, 70));
        });
        assert_eq!(
            outer,
            Spent {
                units: 30,
                refused: false
            }
        );
        assert_eq!(charge(u64::MAX), Ok(()));
        assert_eq!(share_spent(), 0.0);
    }

    #[test]
    fn absurd_estimates_are_refused() {
        let ((), spent) = within(1000, || {
            assert!(charge_about(f64::NAN).is_err());
            assert!(charge_about(f64::INFINITY).is_err());
            assert!(charge_about(-1.0).is_ok());
            assert!(charge_about(999.5).is_ok());
        });
        assert_eq!(spent.units, 999);
    }
}
