//! The working precision of a thread, and the constants that depend on it.

use std::cell::{Cell, RefCell};

use dashu_float::ConstCache;

/// About 38 digits.
pub const DEFAULT_BITS: usize = 128;
/// About 2400 digits: no question asked here needs more.
pub const MAX_BITS: usize = 8192;

thread_local! {
    static BITS: Cell<usize> = const { Cell::new(DEFAULT_BITS) };
    static CONSTANTS: RefCell<ConstCache> = const { RefCell::new(ConstCache::new()) };
}

/// Bits to which this thread rounds midpoints. Precision decides how wide balls are, never whether they hold.
pub fn working_precision() -> usize {
    BITS.get()
}

/// Enough bits for so many decimal digits and some to spare.
pub fn bits_for_digits(digits: usize) -> usize {
    (digits as f64 / std::f64::consts::LOG10_2) as usize + 24
}

/// Runs with another working precision (between 32 bits and [`MAX_BITS`]), then returns to the one before.
pub fn with_precision<T>(bits: usize, run: impl FnOnce() -> T) -> T {
    struct Restore(usize);
    impl Drop for Restore {
        fn drop(&mut self) {
            BITS.set(self.0);
        }
    }
    let _restore = Restore(BITS.replace(bits.clamp(32, MAX_BITS)));
    run()
}

pub(super) fn with_constants<T>(run: impl FnOnce(&mut ConstCache) -> T) -> T {
    CONSTANTS.with_borrow_mut(run)
}
