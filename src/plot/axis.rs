//! Scales and their ticks.

use super::text::number;

/// How values become places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub logarithmic: bool,
    pub from: f64,
    pub to: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: f64,
    /// Empty for a minor tick.
    pub label: String,
}

/// Spread from which on an axis of positive values is logarithmic.
const WIDE: f64 = 25.0;

impl Scale {
    /// Over these values; a margin is left around them. `None` where there are no finite ones.
    pub fn over(values: impl IntoIterator<Item = f64>, margin: f64) -> Option<Self> {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in values.into_iter().filter(|x| x.is_finite()) {
            low = low.min(x);
            high = high.max(x);
        }
        (low <= high).then(|| Self::between(low, high, low > 0.0 && high / low >= WIDE, margin))
    }

    pub fn between(low: f64, high: f64, logarithmic: bool, margin: f64) -> Self {
        if logarithmic {
            let margin = (high / low)
                .powf(margin)
                .max(if high > low { 1.0 } else { 1.5 });
            Self {
                logarithmic,
                from: low / margin,
                to: high * margin,
            }
        } else {
            let width = if high > low {
                (high - low) * margin
            } else {
                0.5 * low.abs().max(1e-300)
            };
            Self {
                logarithmic,
                from: low - width,
                to: high + width,
            }
        }
    }

    /// 0 at `from`, 1 at `to`; not finite for what a logarithm cannot take.
    pub fn place(&self, x: f64) -> f64 {
        if self.logarithmic {
            if x <= 0.0 {
                return f64::NEG_INFINITY;
            }
            (x / self.from).ln() / (self.to / self.from).ln()
        } else {
            (x - self.from) / (self.to - self.from)
        }
    }

    pub fn contains(&self, x: f64) -> bool {
        (self.from..=self.to).contains(&x)
    }

    /// Ticks for an axis with room for about `room` labels.
    pub fn ticks(&self, room: usize) -> Vec<Tick> {
        if self.logarithmic {
            self.logarithmic_ticks(room.max(2))
        } else {
            self.linear_ticks(room.max(2))
        }
    }

    fn logarithmic_ticks(&self, room: usize) -> Vec<Tick> {
        let first = self.from.log10().floor() as i32;
        let last = self.to.log10().ceil() as i32;
        let decades = (self.to / self.from).log10();
        let every = ((decades / room as f64).ceil() as i32).max(1);
        // Powers of ten, where not all decades have short names.
        let plain = self.from >= 1e-3 && self.to < 2e4;
        let mut ticks = Vec::new();
        for k in first..=last {
            for digit in 1..10 {
                let at = f64::from(digit) * 10f64.powi(k);
                if !self.contains(at) {
                    continue;
                }
                let labelled = if decades < 1.6 {
                    matches!(digit, 1 | 2 | 5)
                } else {
                    digit == 1 && k.rem_euclid(every) == 0
                };
                // Minor ticks only where they do not run together.
                if labelled || digit == 1 || decades <= 8.0 {
                    ticks.push(Tick {
                        at,
                        label: match labelled {
                            false => String::new(),
                            true if plain || (-1..=1).contains(&k) => number(at),
                            true => format!("10^{{{k}}}").replace('-', "−"),
                        },
                    });
                }
            }
        }
        ticks
    }

    fn linear_ticks(&self, room: usize) -> Vec<Tick> {
        let width = self.to - self.from;
        let rough = width / room as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|m| m * power)
            .find(|step| *step >= rough)
            .unwrap_or(10.0 * power);
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step).floor() as i64;
        let digits = (-step.log10().floor()).clamp(0.0, 17.0) as usize;
        (first..=last.min(first + 100))
            .map(|i| {
                let at = i as f64 * step;
                let label = if step >= 1e-4 && at.abs() < 1e6 {
                    format!("{at:.digits$}").replace('-', "−")
                } else {
                    number(at)
                };
                Tick { at, label }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, room: usize) -> Vec<String> {
        let ticks = scale.ticks(room);
        ticks
            .into_iter()
            .map(|t| t.label)
            .filter(|l| !l.is_empty())
            .collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels(Scale::between(0.0, 1.0, false, 0.0), 5),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels(Scale::between(1.0, 1e6, true, 0.0), 4),
            ["1", "10^{2}", "10^{4}", "10^{6}"]
        );
        assert_eq!(
            labels(Scale::between(0.4, 6.0, true, 0.0), 4),
            ["0.5", "1", "2", "5"]
        );
    }

    #[test]
    fn a_scale_fits_its_values() {
        let scale = Scale::over([1.0, f64::INFINITY, 1e4, f64::NAN], 0.0).unwrap();
        assert!(scale.logarithmic);
        assert_eq!((scale.place(1.0), scale.place(1e4)), (0.0, 1.0));
        assert!(!Scale::over([-1.0, 1e4], 0.0).unwrap().logarithmic);
        assert_eq!(Scale::over([f64::NAN], 0.0), None);
        // One value only.
        let single = Scale::over([3.0], 0.1).unwrap();
        assert!(single.from < 3.0 && 3.0 < single.to);
    }
}
