//! Back from wide vector registers to plain arithmetic.

/// Runs linear algebra that is compiled for the widest registers of the processor, and leaves them as plain code
/// expects them.
///
/// Some kernels of `faer` (products from 12 rows on, decompositions) return with the upper halves of the registers in
/// use. Every plain instruction has to keep those halves from then on and waits for the one before: scalar code on the
/// same thread is many times slower until something clears them (35 times for double-double products on a Sapphire Rapids).
pub fn vectorised<T>(work: impl FnOnce() -> T) -> T {
    let done = work();
    clear();
    done
}

#[cfg(target_arch = "x86_64")]
fn clear() {
    #[target_feature(enable = "avx")]
    fn clear_upper_halves() {
        std::arch::x86_64::_mm256_zeroupper();
    }
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: the processor has the instruction. No value lives in an upper half here: the caller is compiled
        // without them, and the calling convention lets every function clear them.
        unsafe { clear_upper_halves() }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn clear() {}

#[cfg(test)]
mod tests {
    use faer::{Mat, Side};

    use super::*;

    #[cfg(not(target_arch = "x86_64"))]
    fn in_use() -> Option<bool> {
        None
    }

    /// Whether upper halves of vector registers are in use, where the processor tells.
    #[cfg(target_arch = "x86_64")]
    fn in_use() -> Option<bool> {
        use std::arch::x86_64::{__cpuid_count, _xgetbv};
        #[target_feature(enable = "xsave")]
        fn components() -> u64 {
            // SAFETY: `XGETBV` takes 1 as its argument, as was asked for below.
            unsafe { _xgetbv(1) }
        }
        const UPPER_HALVES: u64 = 1 << 2;
        let tells = std::arch::is_x86_feature_detected!("avx")
            && std::arch::is_x86_feature_detected!("xsave")
            && __cpuid_count(0xd, 1).eax & (1 << 2) != 0;
        // SAFETY: the processor has the instruction.
        tells.then(|| unsafe { components() } & UPPER_HALVES != 0)
    }

    #[test]
    fn upper_halves_are_clear_afterwards() {
        vectorised(|| ());
        if in_use() != Some(false) {
            return; // A processor that does not tell.
        }
        for n in [2, 12, 17, 40, 100] {
            let a = Mat::<f64>::from_fn(n, n, |i, j| 1.0 / (1.0 + (i + j) as f64));
            let eigen = vectorised(|| a.self_adjoint_eigen(Side::Lower).unwrap());
            assert_eq!(in_use(), Some(false), "eigenvalues of {n}");
            let product = vectorised(|| &a * eigen.U());
            assert_eq!(in_use(), Some(false), "a product of {n}");
            drop(product);
        }
        // What all this is for: without it, they are not.
        let a = Mat::<f64>::from_fn(100, 100, |i, j| 1.0 / (1.0 + (i + j) as f64));
        let eigen = a.self_adjoint_eigen(Side::Lower).unwrap();
        let left = in_use();
        vectorised(|| ());
        assert!(eigen.S().column_vector()[0].is_finite());
        if left == Some(false) {
            eprintln!("the library clears them by itself: `vectorised` is not needed any more");
        }
    }
}
