//! Curves of theory, points of simulation with error bars, crossovers marked and named.

mod rings;

use super::PlotError;
use super::axis::Scale;
use super::scene::{Anchor, Item, Marker, Scene, Text, clip};
use super::text::{width, wrap};
use super::theme::{Colour, Theme};

/// What is to be seen, in the data's own units.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub title: String,
    pub x_label: String,
    pub y_label: String,
    pub series: Vec<Series>,
    pub marks: Vec<Mark>,
    /// Explained under the legend.
    pub notes: Vec<String>,
    /// Shown horizontally at this height.
    pub levels: Vec<Mark>,
    /// Set back between these heights, which may be infinite: what a bound excludes.
    pub shaded: Option<(f64, f64)>,
    /// What a ring says, written beside one of them.
    pub ring_label: Option<String>,
    /// Limits the height; values beyond are drawn up to the edge.
    pub y_range: Option<(f64, f64)>,
}

#[derive(Clone, Debug, Default)]
pub struct Series {
    pub label: String,
    /// Theory, in order of x. Values that are not finite interrupt it.
    pub curve: Vec<(f64, f64)>,
    pub dashed: bool,
    pub points: Vec<Point>,
    /// Filled between `(x, low, high)`.
    pub band: Vec<(f64, f64, f64)>,
    /// Places on the curve to be singled out by a ring.
    pub rings: Vec<(f64, f64)>,
    /// Among the theme's colours, where not the series' own number.
    pub colour: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub x: f64,
    pub y: f64,
    /// One standard error; 0 for none.
    pub error: f64,
    /// Hollow points stand for what does not hold.
    pub hollow: bool,
}

/// A place on an axis with a name.
#[derive(Clone, Debug)]
pub struct Mark {
    pub at: f64,
    pub label: String,
}

/// More series cannot be told apart.
pub const MOST_SERIES: usize = 12;
const WIDTH: f64 = 430.0;
const PLOT_HEIGHT: f64 = 235.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const SIZE: f64 = 12.0;
const DASH: &[f64] = &[5.0, 3.0];
const DOTS: &[f64] = &[1.5, 3.0];

struct Frame {
    x: Scale,
    y: Scale,
    top: f64,
}

impl Frame {
    fn window(&self) -> (f64, f64, f64, f64) {
        (LEFT, self.top, WIDTH - RIGHT, self.top + PLOT_HEIGHT)
    }

    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let (left, top, right, bottom) = self.window();
        // What lies far outside stays outside, at numbers that can be drawn.
        let bounded = |share: f64| {
            if share.is_nan() {
                share
            } else {
                share.clamp(-50.0, 50.0)
            }
        };
        (
            left + (right - left) * bounded(self.x.place(x)),
            bottom - (bottom - top) * bounded(self.y.place(y)),
        )
    }

    fn inside(&self, (x, y): (f64, f64)) -> bool {
        let (left, top, right, bottom) = self.window();
        (left..=right).contains(&x) && (top..=bottom).contains(&y)
    }
}

impl Chart {
    /// The picture.
    pub fn draw(&self, theme: Theme) -> Result<Scene, PlotError> {
        if self.series.len() > MOST_SERIES {
            return Err(PlotError::Crowded {
                what: "the picture".to_owned(),
                count: self.series.len(),
                of: "series",
                most: MOST_SERIES,
            });
        }
        let (x, y) = self.scales()?;
        let mut scene = Scene {
            width: WIDTH,
            height: 0.0,
            background: theme.background(),
            title: self.title.clone(),
            items: Vec::new(),
        };
        let mut top = 8.0;
        for line in wrap(&self.title, SIZE + 1.5, WIDTH - 20.0) {
            top += 16.0;
            scene.text((12.0, top), &line, SIZE + 1.5, theme.ink(), Anchor::Start);
        }
        top = self.legend(&mut scene, theme, top + 6.0);
        let frame = Frame {
            x,
            y,
            top: top + 10.0,
        };
        self.excluded(&mut scene, &frame, theme);
        axes(&mut scene, &frame, theme, &self.x_label, &self.y_label);
        let named = self.crossovers(&mut scene, &frame, theme);
        for (i, series) in self.series.iter().enumerate() {
            draw_series(&mut scene, &frame, theme, i, series);
        }
        scene.items.extend(named);
        self.name_rings(&mut scene, &frame, theme);
        let bottom = frame.window().3 + 40.0;
        let mut bottom = bottom;
        for note in &self.notes {
            for line in wrap(note, SIZE - 1.5, WIDTH - 24.0) {
                bottom += 13.0;
                scene.text(
                    (12.0, bottom),
                    &line,
                    SIZE - 1.5,
                    theme.muted(),
                    Anchor::Start,
                );
            }
        }
        scene.height = bottom + 8.0;
        Ok(scene)
    }

    fn scales(&self) -> Result<(Scale, Scale), PlotError> {
        let empty = || PlotError::Empty {
            reason: "no value is finite".to_owned(),
        };
        let xs = self.series.iter().flat_map(|s| {
            let points = s.points.iter().map(|p| p.x);
            let band = s.band.iter().map(|b| b.0);
            s.curve.iter().map(|c| c.0).chain(points).chain(band)
        });
        let ys = self.series.iter().flat_map(|s| {
            let points = s.points.iter().map(|p| p.y);
            let band = s.band.iter().flat_map(|b| [b.1, b.2]);
            s.curve.iter().map(|c| c.1).chain(points).chain(band)
        });
        let ys = ys.chain(self.levels.iter().map(|level| level.at));
        let x = Scale::over(xs, 0.015).ok_or_else(empty)?;
        let y = match self.y_range {
            Some((low, high)) => Scale::between(low, high, low > 0.0 && high / low >= 25.0, 0.0),
            None => Scale::over(ys, 0.05).ok_or_else(empty)?,
        };
        Ok((x, y))
    }

    fn excluded(&self, scene: &mut Scene, frame: &Frame, theme: Theme) {
        let Some((low, high)) = self.shaded else {
            return;
        };
        let (left, top, right, bottom) = frame.window();
        let height = |y: f64, end: f64| match y.is_finite() {
            true => frame.place(frame.x.from, y).1.clamp(top, bottom),
            false => end,
        };
        let (low, high) = (height(low, bottom), height(high, top));
        scene.items.push(Item::Area {
            points: vec![(left, high), (right, high), (right, low), (left, low)],
            colour: theme.wrong(),
            opacity: 0.1,
        });
    }

    /// Returns where it ends.
    fn legend(&self, scene: &mut Scene, theme: Theme, top: f64) -> f64 {
        let named: Vec<(usize, &Series)> = self
            .series
            .iter()
            .enumerate()
            .filter(|(_, series)| !series.label.is_empty())
            .collect();
        if named.is_empty() {
            return top;
        }
        let (mut x, mut y) = (12.0, top + 12.0);
        for (i, series) in named {
            let wide = 30.0 + width(&series.label, SIZE) + 14.0;
            if x + wide > WIDTH - 4.0 && x > 12.0 {
                (x, y) = (12.0, y + 17.0);
            }
            let colour = colour(theme, i, series);
            let middle = y - 4.0;
            if !series.curve.is_empty() {
                stroke(
                    scene,
                    vec![(x, middle), (x + 24.0, middle)],
                    colour,
                    series.dashed,
                );
            }
            if !series.band.is_empty() {
                scene.items.push(Item::Area {
                    points: vec![
                        (x, y - 9.0),
                        (x + 24.0, y - 9.0),
                        (x + 24.0, y + 1.0),
                        (x, y + 1.0),
                    ],
                    colour,
                    opacity: 0.22,
                });
            }
            if !series.points.is_empty() {
                marker(
                    scene,
                    theme,
                    i,
                    (x + 12.0, middle),
                    colour,
                    series.points.iter().all(|p| p.hollow),
                );
            }
            scene.text(
                (x + 30.0, y),
                &series.label,
                SIZE,
                theme.ink(),
                Anchor::Start,
            );
            x += wide;
        }
        y
    }

    /// Draws the lines and returns their names, which are to lie above the curves.
    fn crossovers(&self, scene: &mut Scene, frame: &Frame, theme: Theme) -> Vec<Item> {
        let mut named = Vec::new();
        let (left, top, right, bottom) = frame.window();
        let mut marks: Vec<&Mark> = self
            .marks
            .iter()
            .filter(|mark| frame.x.contains(mark.at))
            .collect();
        marks.sort_by(|a, b| a.at.total_cmp(&b.at));
        let places: Vec<f64> = marks
            .iter()
            .map(|m| frame.place(m.at, frame.y.from).0)
            .collect();
        for (i, mark) in marks.iter().enumerate() {
            let x = places[i];
            scene.items.push(Item::Line {
                points: vec![(x, top), (x, bottom)],
                colour: theme.muted(),
                width: 1.0,
                dash: DOTS,
            });
            // On the left of its line, unless another line is there.
            let crowded = i > 0 && x - places[i - 1] < 18.0 || x - left < 14.0;
            named.push(Item::Text(Text {
                x: if crowded { x + 12.0 } else { x - 4.0 },
                y: bottom - 6.0,
                label: mark.label.clone(),
                size: SIZE - 1.0,
                colour: theme.muted(),
                anchor: Anchor::Start,
                turned: true,
                halo: Some(theme.background()),
            }));
        }
        for level in &self.levels {
            if !frame.y.contains(level.at) {
                continue;
            }
            let y = frame.place(frame.x.from, level.at).1;
            scene.items.push(Item::Line {
                points: vec![(left, y), (right, y)],
                colour: theme.muted(),
                width: 1.0,
                dash: DOTS,
            });
            named.push(Item::Text(Text {
                x: right - 4.0,
                y: y - 4.0,
                label: level.label.clone(),
                size: SIZE - 1.0,
                colour: theme.muted(),
                anchor: Anchor::End,
                turned: false,
                halo: Some(theme.background()),
            }));
        }
        named
    }
}

fn colour(theme: Theme, i: usize, series: &Series) -> Colour {
    theme.series(series.colour.unwrap_or(i))
}

fn axes(scene: &mut Scene, frame: &Frame, theme: Theme, x_label: &str, y_label: &str) {
    let (left, top, right, bottom) = frame.window();
    for tick in frame.x.ticks(6) {
        let x = frame.place(tick.at, frame.y.from).0;
        let minor = tick.label.is_empty();
        if !minor {
            scene.line(vec![(x, top), (x, bottom)], theme.grid(), 1.0);
            scene.text(
                (x, bottom + 17.0),
                &tick.label,
                SIZE,
                theme.ink(),
                Anchor::Middle,
            );
        }
        let length = if minor { 2.5 } else { 5.0 };
        scene.line(vec![(x, bottom), (x, bottom + length)], theme.ink(), 1.0);
    }
    for tick in frame.y.ticks(6) {
        let y = frame.place(frame.x.from, tick.at).1;
        let minor = tick.label.is_empty();
        if !minor {
            scene.line(vec![(left, y), (right, y)], theme.grid(), 1.0);
            scene.text(
                (left - 7.0, y + 4.0),
                &tick.label,
                SIZE,
                theme.ink(),
                Anchor::End,
            );
        }
        let length = if minor { 2.5 } else { 5.0 };
        scene.line(vec![(left - length, y), (left, y)], theme.ink(), 1.0);
    }
    scene.line(
        vec![(left, top), (left, bottom), (right, bottom)],
        theme.ink(),
        1.2,
    );
    scene.text(
        ((left + right) / 2.0, bottom + 34.0),
        x_label,
        SIZE + 0.5,
        theme.ink(),
        Anchor::Middle,
    );
    scene.items.push(Item::Text(Text {
        x: 15.0,
        y: (top + bottom) / 2.0,
        label: y_label.to_owned(),
        size: SIZE + 0.5,
        colour: theme.ink(),
        anchor: Anchor::Middle,
        turned: true,
        halo: None,
    }));
}

fn stroke(scene: &mut Scene, points: Vec<(f64, f64)>, colour: Colour, dashed: bool) {
    scene.items.push(Item::Line {
        points,
        colour,
        width: 1.7,
        dash: if dashed { DASH } else { &[] },
    });
}

fn marker(scene: &mut Scene, theme: Theme, i: usize, at: (f64, f64), colour: Colour, hollow: bool) {
    let shape = Marker::ALL[i % Marker::ALL.len()];
    let outline = shape.outline(at.0, at.1, 3.4);
    if hollow {
        scene.area(outline.clone(), theme.background());
        let mut closed = outline;
        closed.push(closed[0]);
        scene.line(closed, colour, 1.3);
    } else {
        scene.area(outline, colour);
    }
}

fn draw_series(scene: &mut Scene, frame: &Frame, theme: Theme, i: usize, series: &Series) {
    let colour = colour(theme, i, series);
    let window = frame.window();
    if series.band.len() > 1 {
        let inside = |p: (f64, f64)| (p.0, p.1.clamp(window.1, window.3));
        let upper = series.band.iter().map(|b| inside(frame.place(b.0, b.2)));
        let lower = series
            .band
            .iter()
            .rev()
            .map(|b| inside(frame.place(b.0, b.1)));
        scene.items.push(Item::Area {
            points: upper.chain(lower).collect(),
            colour,
            opacity: 0.22,
        });
    }
    let curve: Vec<(f64, f64)> = series.curve.iter().map(|c| frame.place(c.0, c.1)).collect();
    for piece in clip(&curve, window) {
        stroke(scene, piece, colour, series.dashed);
    }
    for point in &series.points {
        let at = frame.place(point.x, point.y);
        if point.error > 0.0 {
            let low = frame.place(point.x, point.y - point.error);
            let high = frame.place(point.x, point.y + point.error);
            for piece in clip(&[low, high], window) {
                scene.line(piece, colour, 1.0);
            }
            for end in [low, high] {
                if frame.inside(end) {
                    scene.line(
                        vec![(end.0 - 2.5, end.1), (end.0 + 2.5, end.1)],
                        colour,
                        1.0,
                    );
                }
            }
        }
        if frame.inside(at) {
            marker(scene, theme, i, at, colour, point.hollow);
        }
    }
    for ring in &series.rings {
        let at = frame.place(ring.0, ring.1);
        if frame.inside(at) {
            let mut outline = Marker::Circle.outline(at.0, at.1, 4.8);
            outline.push(outline[0]);
            scene.line(outline, theme.ink(), 1.3);
        }
    }
}
