//! SHA-256 (FIPS 180-4): names for contents that nobody can forge.

/// The fractional parts of the cube roots of the first 64 primes.
const ROUND: [u32; 64] = constants();

/// `⌊2^32 frac(p^{1/3})⌋` for the first 64 primes, by integer cube roots of `p·2^96`.
const fn constants() -> [u32; 64] {
    let mut table = [0; 64];
    let (mut found, mut candidate) = (0, 2u128);
    while found < 64 {
        let (mut divisor, mut prime) = (2, true);
        while divisor * divisor <= candidate {
            if candidate.is_multiple_of(divisor) {
                prime = false;
            }
            divisor += 1;
        }
        if prime {
            table[found] = root(candidate, 3) as u32;
            found += 1;
        }
        candidate += 1;
    }
    table
}

/// `⌊2^32 p^{1/k}⌋`, for `k` 2 or 3.
const fn root(p: u128, k: u32) -> u64 {
    // p < 2^9, so that p·2^(32k) < 2^105 and the root is below 2^37.
    let target = p << (32 * k);
    let (mut low, mut high) = (0u128, 1u128 << 37);
    while high - low > 1 {
        let middle = u128::midpoint(low, high);
        if middle.pow(k) <= target {
            low = middle;
        } else {
            high = middle;
        }
    }
    low as u64
}

/// The digest as 64 hexadecimal digits.
pub fn sha256(content: &[u8]) -> String {
    let primes = [2, 3, 5, 7, 11, 13, 17, 19];
    let mut state = primes.map(|p| root(p, 2) as u32);
    let mut padded = content.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() < content.len() + 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let bits = padded.len() - 8;
    padded[bits..].copy_from_slice(&(content.len() as u64).wrapping_mul(8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        compress(&mut state, block);
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

fn compress(state: &mut [u32; 8], block: &[u8]) {
    let mut w = [0u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes
            .iter()
            .fold(0, |word, &byte| word << 8 | u32::from(byte));
    }
    for t in 16..64 {
        let (a, b) = (w[t - 15], w[t - 2]);
        let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
        let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
        w[t] = (w[t - 16].wrapping_add(s0))
            .wrapping_add(w[t - 7])
            .wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let first = (h.wrapping_add(s1))
            .wrapping_add(e & f ^ !e & g)
            .wrapping_add(ROUND[t])
            .wrapping_add(w[t]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = s0.wrapping_add(a & b ^ a & c ^ b & c);
        (h, g, f, e, d, c, b, a) = (
            g,
            f,
            e,
            d.wrapping_add(first),
            c,
            b,
            a,
            first.wrapping_add(second),
        );
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(add);
    }
}

#[cfg(test)]
mod tests {
    use super::sha256;

    /// The examples of the standard, and lengths on both sides of a block's end.
    #[test]
    fn the_standard_s_own_examples() {
        let digest = |text: &str| sha256(text.as_bytes());
        assert_eq!(
            digest("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            digest(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(
            digest(&"a".repeat(1_000_000)),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }
}
