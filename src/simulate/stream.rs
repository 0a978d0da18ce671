//! Random numbers, keyed by (seed, cell, replicate).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::ziggurat::{LAYERS, TAIL, ZIGGURAT, Ziggurat};

/// The random numbers of one replicate.
///
/// ChaCha8 with the seed and the cell as its key and the replicate as its stream number gives the 256 bits of state from
/// which xoshiro256++ (Blackman and Vigna 2021) goes on: keys that differ in any part give unrelated streams, and a number
/// costs a nanosecond. Sampling uses `libm` only, so the numbers are the same on every platform.
///
/// ```
/// use resolvent::simulate::Stream;
///
/// let mut stream = Stream::new(1, 7, 0);
/// let mut z = [0.0; 1000];
/// stream.fill_normal(&mut z);
/// assert!((z.iter().sum::<f64>() / 1000.0).abs() < 0.2);
///
/// // The same key gives the same numbers.
/// assert_eq!(Stream::new(1, 7, 0).normal(), z[0]);
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    state: [u64; 4],
}

/// Tells this program's streams from other uses of ChaCha8 with the same seed; a change of it changes every number drawn.
const DOMAIN: &[u8; 16] = b"resolvent/stream";

impl Stream {
    /// The stream of one replicate of one cell of an experiment.
    pub fn new(seed: u64, cell: u64, replicate: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&cell.to_le_bytes());
        key[16..].copy_from_slice(DOMAIN);
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(replicate);
        // All zero, the one state to avoid, has probability 2⁻²⁵⁶.
        Self {
            state: std::array::from_fn(|_| rng.next_u64()),
        }
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        let [s0, s1, s2, s3] = &mut self.state;
        let result = s0.wrapping_add(*s3).rotate_left(23).wrapping_add(*s0);
        let t = *s1 << 17;
        *s2 ^= *s0;
        *s3 ^= *s1;
        *s1 ^= *s2;
        *s0 ^= *s3;
        *s2 ^= t;
        *s3 = s3.rotate_left(45);
        result
    }

    /// Uniform on the open interval (0, 1): an odd multiple of 2⁻⁵³.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
    }

    /// Standard normal.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        self.normal_with(&ZIGGURAT)
    }

    /// Independent standard normals.
    pub fn fill_normal(&mut self, out: &mut [f64]) {
        let ziggurat = &*ZIGGURAT;
        for x in out {
            *x = self.normal_with(ziggurat);
        }
    }

    #[inline]
    fn normal_with(&mut self, z: &Ziggurat) -> f64 {
        loop {
            // The layer takes the low 8 bits, sign and position the high 53: one word for 98.8 % of the draws.
            let bits = self.bits();
            let layer = (bits as usize) & (LAYERS - 1);
            let u = ((bits as i64) >> 11) as f64 * (1.0 / (1u64 << 52) as f64);
            let x = u * z.edge[layer];
            if x.abs() < z.edge[layer + 1] {
                return x;
            }
            if layer == 0 {
                return self.normal_tail(u < 0.0);
            }
            let y = z.height[layer] + self.uniform() * (z.height[layer + 1] - z.height[layer]);
            if y < libm::exp(-0.5 * x * x) {
                return x;
            }
        }
    }

    /// Marsaglia's method: a normal beyond `TAIL`.
    #[cold]
    fn normal_tail(&mut self, negative: bool) -> f64 {
        loop {
            let x = -libm::log(self.uniform()) / TAIL;
            let y = -libm::log(self.uniform());
            if 2.0 * y > x * x {
                return if negative { -(TAIL + x) } else { TAIL + x };
            }
        }
    }

    /// χ² with `degrees > 0` degrees of freedom, not necessarily whole.
    ///
    /// Twice a gamma variable of shape `degrees/2`, by Marsaglia and Tsang (2000): "A simple method for generating gamma
    /// variables". The cost does not depend on `degrees`.
    pub fn chi_square(&mut self, degrees: f64) -> f64 {
        debug_assert!(degrees > 0.0);
        if degrees == 1.0 {
            let z = self.normal();
            return z * z;
        }
        let shape = 0.5 * degrees;
        if shape < 1.0 {
            // gamma(a) = gamma(a + 1) U^{1/a}
            let boost = libm::pow(self.uniform(), 1.0 / shape);
            return 2.0 * boost * self.gamma(shape + 1.0);
        }
        2.0 * self.gamma(shape)
    }

    /// χ: the square root of [`chi_square`](Self::chi_square).
    pub fn chi(&mut self, degrees: f64) -> f64 {
        self.chi_square(degrees).sqrt()
    }

    /// Gamma of shape at least 1.
    fn gamma(&mut self, shape: f64) -> f64 {
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let t = 1.0 + c * x;
            if t <= 0.0 {
                continue;
            }
            let v = t * t * t;
            let u = self.uniform();
            let x2 = x * x;
            if u < 1.0 - 0.0331 * x2 * x2 || libm::log(u) < 0.5 * x2 + d * (1.0 - v + libm::log(v))
            {
                return d * v;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kolmogorov's statistic of a sample against a distribution function; `√N D` exceeds 1.95 with probability 0.001.
    fn kolmogorov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let mut worst: f64 = 0.0;
        for (i, &x) in sample.iter().enumerate() {
            let f = cdf(x);
            worst = worst.max(f - i as f64 / n).max((i + 1) as f64 / n - f);
        }
        worst * n.sqrt()
    }

    fn normal_cdf(x: f64) -> f64 {
        0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
    }

    #[test]
    fn normals_have_the_normal_law() {
        let mut stream = Stream::new(3, 0, 0);
        let mut sample = vec![0.0; 2_000_000];
        stream.fill_normal(&mut sample);
        assert!(kolmogorov(sample, normal_cdf) < 1.95);
    }

    /// A wrong wedge or tail moves too little mass for Kolmogorov's test; counts in cells around the layers' edges see it.
    #[test]
    fn normals_fill_the_tail_and_the_wedges() {
        let n = 4_000_000;
        let edges = [
            0.0,
            0.1,
            0.3,
            0.7,
            1.0,
            1.5,
            2.0,
            2.6,
            3.0,
            3.4,
            3.6,
            3.654,
            3.75,
            4.0,
            4.4,
            f64::INFINITY,
        ];
        let mut counts = vec![[0.0; 2]; edges.len() - 1];
        let mut stream = Stream::new(4, 0, 0);
        for _ in 0..n {
            let x = stream.normal();
            let cell = edges.partition_point(|&e| e <= x.abs()) - 1;
            counts[cell][usize::from(x < 0.0)] += 1.0;
        }
        let mut chi_square = 0.0;
        for (cell, pair) in edges.windows(2).zip(&counts) {
            let expected = n as f64 * (normal_cdf(-cell[0]) - normal_cdf(-cell[1]));
            for count in pair {
                chi_square += (count - expected).powi(2) / expected;
            }
        }
        // 30 cells, 29 degrees of freedom: 58.3 is the 0.999 quantile.
        assert!(chi_square < 58.3, "{chi_square}");
    }

    #[test]
    fn chi_square_has_its_law() {
        // Degrees 2 and 4 have elementary distribution functions, 1 and 0.5 exercise the small shapes, 10⁶ is nearly normal.
        let draw = |degrees: f64, n: usize| {
            let mut stream = Stream::new(5, degrees.to_bits(), 0);
            (0..n)
                .map(|_| stream.chi_square(degrees))
                .collect::<Vec<_>>()
        };
        assert!(kolmogorov(draw(1.0, 200_000), |x| 1.0 - libm::erfc((0.5 * x).sqrt())) < 1.95);
        assert!(kolmogorov(draw(2.0, 200_000), |x| -libm::expm1(-0.5 * x)) < 1.95);
        assert!(
            kolmogorov(draw(4.0, 200_000), |x| 1.0
                - (1.0 + 0.5 * x) * libm::exp(-0.5 * x))
                < 1.95
        );
        // χ²_{1/2} + χ²_{3/2} = χ²_2
        let sum = draw(0.5, 200_000)
            .into_iter()
            .zip(draw(1.5, 200_000))
            .map(|(a, b)| a + b)
            .collect();
        assert!(kolmogorov(sum, |x| -libm::expm1(-0.5 * x)) < 1.95);
        // Wilson and Hilferty: the cube root is normal, to 1e-7 at a million degrees.
        let degrees = 1e6;
        let v = 2.0 / (9.0 * degrees);
        let large = draw(degrees, 200_000);
        assert!(
            kolmogorov(large, |x| normal_cdf(
                ((x / degrees).cbrt() - 1.0 + v) / v.sqrt()
            )) < 1.95
        );
    }

    /// The first outputs from the state 1, 2, 3, 4, as in the test of the crate `rand_xoshiro`, from the authors' C code.
    #[test]
    fn bits_are_those_of_xoshiro() {
        let mut stream = Stream {
            state: [1, 2, 3, 4],
        };
        let expected = [
            41943041,
            58720359,
            3588806011781223,
            3591011842654386,
            9228616714210784205,
            9973669472204895162,
            14011001112246962877,
            12406186145184390807,
            15849039046786891736,
            10450023813501588000,
        ];
        assert_eq!(expected.map(|_| stream.bits()), expected);
    }

    #[test]
    fn each_part_of_the_key_counts() {
        let first = Stream::new(1, 2, 3).bits();
        assert_eq!(first, Stream::new(1, 2, 3).bits());
        for other in [(2, 2, 3), (1, 3, 3), (1, 2, 4), (2, 1, 3)] {
            assert_ne!(first, Stream::new(other.0, other.1, other.2).bits());
        }
    }
}
