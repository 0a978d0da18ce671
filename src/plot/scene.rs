//! Shapes on a page, y downwards, in units of which a column of text is some 420 wide.

use super::theme::Colour;

#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub width: f64,
    pub height: f64,
    pub background: Colour,
    /// What the picture is, for those who cannot see it.
    pub title: String,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Line {
        points: Vec<(f64, f64)>,
        colour: Colour,
        width: f64,
        /// Lengths of strokes and gaps; none for a whole line.
        dash: &'static [f64],
    },
    /// A filled polygon.
    Area {
        points: Vec<(f64, f64)>,
        colour: Colour,
        opacity: f64,
    },
    Text(Text),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub x: f64,
    pub y: f64,
    /// With `_` and `^`, see [`runs`](super::text::runs).
    pub label: String,
    pub size: f64,
    pub colour: Colour,
    pub anchor: Anchor,
    /// Upwards, from the bottom.
    pub turned: bool,
    /// Painted around the letters, so that lines below do not touch them.
    pub halo: Option<Colour>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// What tells series apart beside their colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
    Down,
}

impl Marker {
    pub const ALL: [Marker; 6] = [
        Marker::Circle,
        Marker::Square,
        Marker::Triangle,
        Marker::Diamond,
        Marker::Cross,
        Marker::Down,
    ];

    /// Its outline around a centre.
    pub fn outline(self, x: f64, y: f64, r: f64) -> Vec<(f64, f64)> {
        let at =
            |points: &[(f64, f64)]| points.iter().map(|p| (x + r * p.0, y + r * p.1)).collect();
        match self {
            Marker::Circle => (0..16)
                .map(|i| {
                    let angle = f64::from(i) / 16.0 * std::f64::consts::TAU;
                    (x + r * angle.cos(), y + r * angle.sin())
                })
                .collect(),
            Marker::Square => at(&[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]),
            Marker::Triangle => at(&[(0.0, -1.2), (1.1, 0.75), (-1.1, 0.75)]),
            Marker::Down => at(&[(0.0, 1.2), (1.1, -0.75), (-1.1, -0.75)]),
            Marker::Diamond => at(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
            Marker::Cross => at(&[
                (-0.35, -1.1),
                (0.35, -1.1),
                (0.35, -0.35),
                (1.1, -0.35),
                (1.1, 0.35),
                (0.35, 0.35),
                (0.35, 1.1),
                (-0.35, 1.1),
                (-0.35, 0.35),
                (-1.1, 0.35),
                (-1.1, -0.35),
                (-0.35, -0.35),
            ]),
        }
    }
}

impl Scene {
    pub fn line(&mut self, points: Vec<(f64, f64)>, colour: Colour, width: f64) {
        self.items.push(Item::Line {
            points,
            colour,
            width,
            dash: &[],
        });
    }

    pub fn area(&mut self, points: Vec<(f64, f64)>, colour: Colour) {
        self.items.push(Item::Area {
            points,
            colour,
            opacity: 1.0,
        });
    }

    pub fn text(&mut self, at: (f64, f64), label: &str, size: f64, colour: Colour, anchor: Anchor) {
        self.items.push(Item::Text(Text {
            x: at.0,
            y: at.1,
            label: label.to_owned(),
            size,
            colour,
            anchor,
            turned: false,
            halo: None,
        }));
    }
}

/// The parts of a polyline inside a rectangle `(left, top, right, bottom)`.
pub fn clip(points: &[(f64, f64)], window: (f64, f64, f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((from, to)) = clip_segment(pair[0], pair[1], window) else {
            open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if open && from == pair[0] => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
        open = to == pair[1];
    }
    pieces
}

/// Liang and Barsky's way.
fn clip_segment(
    a: (f64, f64),
    b: (f64, f64),
    (left, top, right, bottom): (f64, f64, f64, f64),
) -> Option<((f64, f64), (f64, f64))> {
    if ![a.0, a.1, b.0, b.1].iter().all(|x| x.is_finite()) {
        return None;
    }
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for (p, q) in [
        (-dx, a.0 - left),
        (dx, right - a.0),
        (-dy, a.1 - top),
        (dy, bottom - a.1),
    ] {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    let at = |s: f64| match s {
        0.0 => a,
        1.0 => b,
        _ => (a.0 + s * dx, a.1 + s * dy),
    };
    (from <= to).then(|| (at(from), at(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_window() {
        let window = (0.0, 0.0, 10.0, 10.0);
        assert_eq!(
            clip(&[(-5.0, 5.0), (5.0, 5.0), (5.0, 20.0), (8.0, 5.0)], window),
            vec![
                vec![(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)],
                vec![(7.0, 10.0), (8.0, 5.0)]
            ]
        );
        assert!(clip(&[(-5.0, -5.0), (-1.0, 20.0)], window).is_empty());
        assert!(clip(&[(1.0, f64::INFINITY), (2.0, 2.0)], window).is_empty());
    }
}
