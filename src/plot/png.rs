//! A scene as PNG, painted without any font or program of the machine.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, StrokeDash,
    Transform,
};
use ttf_parser::OutlineBuilder;

use super::PlotError;
use super::scene::{Anchor, Item, Scene, Text};
use super::text::{outline, runs, width};
use super::theme::Colour;

/// The file's bytes, with `scale` pixels a unit.
pub fn render(scene: &Scene, scale: f64) -> Result<Vec<u8>, PlotError> {
    let side = |x: f64| (x * scale).ceil().clamp(1.0, 20_000.0) as u32;
    let mut pixmap = Pixmap::new(side(scene.width), side(scene.height))
        .ok_or_else(|| PlotError::Encode("its size is not possible".to_owned()))?;
    pixmap.fill(colour(scene.background, 1.0));
    let transform = Transform::from_scale(scale as f32, scale as f32);
    for item in &scene.items {
        match item {
            Item::Line {
                points,
                colour,
                width,
                dash,
            } => {
                let Some(path) = polygon(points, false) else {
                    continue;
                };
                let stroke = Stroke {
                    width: *width as f32,
                    line_join: LineJoin::Round,
                    line_cap: LineCap::Butt,
                    dash: StrokeDash::new(dash.iter().map(|x| *x as f32).collect(), 0.0),
                    ..Stroke::default()
                };
                pixmap.stroke_path(&path, &paint(*colour, 1.0), &stroke, transform, None);
            }
            Item::Area {
                points,
                colour,
                opacity,
            } => {
                if let Some(path) = polygon(points, true) {
                    let paint = paint(*colour, *opacity);
                    pixmap.fill_path(&path, &paint, FillRule::Winding, transform, None);
                }
            }
            Item::Text(text) => letters(&mut pixmap, text, transform),
        }
    }
    pixmap
        .encode_png()
        .map_err(|error| PlotError::Encode(error.to_string()))
}

fn colour(c: Colour, opacity: f64) -> Color {
    let opacity = (opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
    Color::from_rgba8(c.0, c.1, c.2, opacity)
}

fn paint(c: Colour, opacity: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(colour(c, opacity));
    paint.anti_alias = true;
    paint
}

fn polygon(points: &[(f64, f64)], closed: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (i, (x, y)) in points.iter().enumerate() {
        if i == 0 {
            builder.move_to(*x as f32, *y as f32);
        } else {
            builder.line_to(*x as f32, *y as f32);
        }
    }
    if closed {
        builder.close();
    }
    builder.finish()
}

fn letters(pixmap: &mut Pixmap, text: &Text, transform: Transform) {
    let whole = width(&text.label, text.size);
    let mut pen = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -whole / 2.0,
        Anchor::End => -whole,
    };
    let mut outlines = Outlines::default();
    for run in runs(&text.label) {
        let (scale, raise) = run.level.shape();
        for letter in run.text.chars() {
            outlines.origin = (pen, raise * text.size);
            outlines.letter.clear();
            let (advance, units) = outline(letter, &mut outlines);
            outlines.place(scale * text.size / units);
            pen += advance * scale * text.size;
        }
    }
    let Some(path) = outlines.builder.finish() else {
        return;
    };
    let mut place = transform.pre_translate(text.x as f32, text.y as f32);
    if text.turned {
        place = place.pre_rotate(-90.0);
    }
    if let Some(halo) = text.halo {
        let stroke = Stroke {
            width: 3.0,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        pixmap.stroke_path(&path, &paint(halo, 1.0), &stroke, place, None);
    }
    pixmap.fill_path(
        &path,
        &paint(text.colour, 1.0),
        FillRule::Winding,
        place,
        None,
    );
    // The font is a light one.
    let stroke = Stroke {
        width: 0.02 * text.size as f32,
        ..Stroke::default()
    };
    pixmap.stroke_path(&path, &paint(text.colour, 1.0), &stroke, place, None);
}

/// Letters' outlines, each collected in the font's units and then placed.
#[derive(Default)]
struct Outlines {
    builder: PathBuilder,
    letter: Vec<Segment>,
    origin: (f64, f64),
}

enum Segment {
    Move(f32, f32),
    Line(f32, f32),
    Quad(f32, f32, f32, f32),
    Cubic(f32, f32, f32, f32, f32, f32),
    Close,
}

impl Outlines {
    fn place(&mut self, scale: f64) {
        let x = |x: f32| (self.origin.0 + f64::from(x) * scale) as f32;
        let y = |y: f32| -(self.origin.1 + f64::from(y) * scale) as f32;
        for segment in &self.letter {
            match *segment {
                Segment::Move(a, b) => self.builder.move_to(x(a), y(b)),
                Segment::Line(a, b) => self.builder.line_to(x(a), y(b)),
                Segment::Quad(a, b, c, d) => self.builder.quad_to(x(a), y(b), x(c), y(d)),
                Segment::Cubic(a, b, c, d, e, f) => {
                    self.builder.cubic_to(x(a), y(b), x(c), y(d), x(e), y(f));
                }
                Segment::Close => self.builder.close(),
            }
        }
    }
}

impl OutlineBuilder for Outlines {
    fn move_to(&mut self, x: f32, y: f32) {
        self.letter.push(Segment::Move(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.letter.push(Segment::Line(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.letter.push(Segment::Quad(x1, y1, x, y));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.letter.push(Segment::Cubic(x1, y1, x2, y2, x, y));
    }

    fn close(&mut self) {
        self.letter.push(Segment::Close);
    }
}
