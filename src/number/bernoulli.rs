//! Bernoulli numbers.

use std::sync::{Arc, Mutex};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

/// `B_0, B_1 = −1/2, B_2, …, B_n`, exactly.
pub fn bernoulli(n: usize) -> Arc<Vec<BigRational>> {
    static KNOWN: Mutex<Option<Arc<Vec<BigRational>>>> = Mutex::new(None);
    let mut known = KNOWN
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    match &*known {
        Some(numbers) if numbers.len() > n => Arc::clone(numbers),
        _ => {
            let numbers = Arc::new(computed(n.next_multiple_of(64)));
            *known = Some(Arc::clone(&numbers));
            numbers
        }
    }
}

/// From the tangent numbers, `B_2k = (−1)^{k+1} 2k T_k/(4^k (4^k − 1))` (Brent & Harvey 2013, §5).
fn computed(n: usize) -> Vec<BigRational> {
    let half = n / 2 + 1;
    let mut tangent = vec![BigInt::one(); half + 1];
    for k in 2..=half {
        tangent[k] = &tangent[k - 1] * BigInt::from(k - 1);
    }
    for k in 2..=half {
        for j in k..=half {
            tangent[j] =
                BigInt::from(j - k) * &tangent[j - 1] + BigInt::from(j - k + 2) * &tangent[j];
        }
    }
    let mut numbers = vec![BigRational::zero(); n + 1];
    numbers[0] = BigRational::one();
    if n >= 1 {
        numbers[1] = BigRational::new((-1).into(), 2.into());
    }
    for k in (1..).take_while(|k| 2 * k <= n) {
        let power = BigInt::one() << (2 * k);
        let sign = if k % 2 == 1 { 1 } else { -1 };
        numbers[2 * k] = BigRational::new(
            BigInt::from(sign * 2 * k as i64) * &tangent[k],
            &power * (&power - BigInt::one()),
        );
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Σ_{j ≤ n} C(n+1, j) B_j = 0` defines them.
    #[test]
    fn the_recurrence_holds() {
        let numbers = bernoulli(40);
        for n in 1..=40usize {
            let mut binomial = BigInt::one();
            let mut sum = BigRational::zero();
            for j in 0..=n {
                sum += BigRational::from_integer(binomial.clone()) * &numbers[j];
                binomial = binomial * BigInt::from(n + 1 - j) / BigInt::from(j + 1);
            }
            assert!(sum.is_zero(), "B_{n}");
        }
    }
}
