//! Colours. The series' hues are those of Okabe and Ito, told apart with any kind of colour vision.

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// `#rrggbb`
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// A share of the way to another colour.
    pub fn towards(self, other: Colour, share: f64) -> Colour {
        let mix =
            |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Colour(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// WCAG's contrast ratio, 1 to 21.
    pub fn contrast(self, other: Colour) -> f64 {
        let luminance = |c: Colour| {
            let channel = |x: u8| {
                let x = f64::from(x) / 255.0;
                if x <= 0.04045 {
                    x / 12.92
                } else {
                    ((x + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * channel(c.0) + 0.7152 * channel(c.1) + 0.0722 * channel(c.2)
        };
        let (a, b) = (luminance(self), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

impl Theme {
    pub fn background(self) -> Colour {
        match self {
            Theme::Light => Colour(255, 255, 255),
            Theme::Dark => Colour(22, 24, 28),
        }
    }

    /// Text and axes.
    pub fn ink(self) -> Colour {
        match self {
            Theme::Light => Colour(34, 34, 34),
            Theme::Dark => Colour(230, 230, 230),
        }
    }

    /// What stands back: notes, marks.
    pub fn muted(self) -> Colour {
        match self {
            Theme::Light => Colour(95, 95, 95),
            Theme::Dark => Colour(165, 168, 174),
        }
    }

    pub fn grid(self) -> Colour {
        match self {
            Theme::Light => Colour(228, 228, 228),
            Theme::Dark => Colour(52, 55, 61),
        }
    }

    /// What is wrong: a formula that fails.
    pub fn wrong(self) -> Colour {
        self.series(1)
    }

    /// The colour of series `i`; they repeat after seven.
    pub fn series(self, i: usize) -> Colour {
        const LIGHT: [Colour; 7] = [
            Colour(0, 114, 178),
            Colour(200, 82, 0),
            Colour(0, 133, 96),
            Colour(178, 84, 136),
            Colour(150, 110, 0),
            Colour(56, 138, 196),
            Colour(40, 40, 40),
        ];
        const DARK: [Colour; 7] = [
            Colour(86, 180, 233),
            Colour(255, 140, 66),
            Colour(46, 196, 148),
            Colour(226, 150, 192),
            Colour(240, 220, 90),
            Colour(130, 160, 255),
            Colour(235, 235, 235),
        ];
        match self {
            Theme::Light => LIGHT[i % LIGHT.len()],
            Theme::Dark => DARK[i % DARK.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG asks 3:1 of lines and 4.5:1 of text.
    #[test]
    fn everything_can_be_seen() {
        for theme in [Theme::Light, Theme::Dark] {
            let background = theme.background();
            for i in 0..7 {
                assert!(theme.series(i).contrast(background) > 3.0, "{theme:?} {i}");
            }
            assert!(theme.ink().contrast(background) > 7.0);
            assert!(theme.muted().contrast(background) > 4.5);
        }
    }
}
