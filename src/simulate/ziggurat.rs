//! The tables of Marsaglia and Tsang's ziggurat for the normal distribution, 256 layers of equal area.

use std::sync::LazyLock;

pub(super) const LAYERS: usize = 256;

/// Where the tail begins, for 256 layers: the root of `R·V'(R)`, to the precision of `f64`.
pub(super) const TAIL: f64 = 3.654_152_885_361_009;

/// Layer `i` is `|x| < edge[i]`, `height[i] < y < height[i + 1]`; everything with `|x| < edge[i + 1]` lies under the density.
pub(super) struct Ziggurat {
    pub edge: [f64; LAYERS + 1],
    /// `exp(-edge²/2)`, except that layer 0, whose `edge` is fictitious, has no height of its own.
    pub height: [f64; LAYERS + 1],
}

pub(super) static ZIGGURAT: LazyLock<Ziggurat> = LazyLock::new(Ziggurat::new);

impl Ziggurat {
    fn new() -> Self {
        let density = |x: f64| libm::exp(-0.5 * x * x);
        let tail_area =
            (0.5 * std::f64::consts::PI).sqrt() * libm::erfc(TAIL / std::f64::consts::SQRT_2);
        let area = TAIL * density(TAIL) + tail_area;

        let mut edge = [0.0; LAYERS + 1];
        let mut height = [0.0; LAYERS + 1];
        edge[0] = area / density(TAIL);
        edge[1] = TAIL;
        height[1] = density(TAIL);
        for i in 2..LAYERS {
            height[i] = height[i - 1] + area / edge[i - 1];
            edge[i] = (-2.0 * libm::log(height[i])).sqrt();
        }
        edge[LAYERS] = 0.0;
        height[LAYERS] = 1.0;
        Self { edge, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The top layer must have the area of the others: that is what fixes `TAIL`.
    #[test]
    fn layers_have_equal_area() {
        let z = &*ZIGGURAT;
        let area = z.edge[0] * z.height[1];
        for i in 1..LAYERS {
            let layer = z.edge[i] * (z.height[i + 1] - z.height[i]);
            assert!(
                (layer / area - 1.0).abs() < 1e-10,
                "layer {i}: {layer} against {area}"
            );
            assert!(z.edge[i + 1] < z.edge[i]);
        }
    }
}
