//! What is the case over two exponents or symbols: which term leads, where a claim holds.

use super::axis::Scale;
use super::scene::{Anchor, Item, Scene, Text};
use super::text::wrap;
use super::theme::{Colour, Theme};

/// A grid of cells, row by row from below, each of a kind.
#[derive(Clone, Debug)]
pub struct Map {
    pub title: String,
    pub x_label: String,
    pub y_label: String,
    pub x: (f64, f64),
    pub y: (f64, f64),
    /// Which of the axes are.
    pub logarithmic: (bool, bool),
    /// As drawn at the ends of the axes.
    pub columns: usize,
    pub cells: Vec<Cell>,
    /// Names of the kinds.
    pub kinds: Vec<String>,
    /// Points of a curve over the map, and its name.
    pub curve: Option<(String, Vec<(f64, f64)>)>,
    pub notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Which of the kinds; none where nothing is known.
    pub kind: Option<usize>,
    /// Set back: there the test error does not vanish.
    pub faint: bool,
}

const WIDTH: f64 = 430.0;
const LEFT: f64 = 58.0;
const SIDE: f64 = 300.0;

/// The ticks of both axes, left of and below a window.
fn ticks(
    scene: &mut Scene,
    theme: Theme,
    (x, y): (&Scale, &Scale),
    (left, top, right, bottom): (f64, f64, f64, f64),
) {
    for tick in x.ticks(6) {
        let at = left + (right - left) * x.place(tick.at);
        scene.line(vec![(at, bottom), (at, bottom + 5.0)], theme.ink(), 1.0);
        scene.text(
            (at, bottom + 17.0),
            &tick.label,
            12.0,
            theme.ink(),
            Anchor::Middle,
        );
    }
    for tick in y.ticks(6) {
        let at = bottom - (bottom - top) * y.place(tick.at);
        scene.line(vec![(left - 5.0, at), (left, at)], theme.ink(), 1.0);
        scene.text(
            (left - 7.0, at + 4.0),
            &tick.label,
            12.0,
            theme.ink(),
            Anchor::End,
        );
    }
}

impl Map {
    pub fn draw(&self, theme: Theme) -> Scene {
        let mut scene = Scene {
            width: WIDTH,
            height: 0.0,
            background: theme.background(),
            title: self.title.clone(),
            items: Vec::new(),
        };
        let mut top = 8.0;
        for line in wrap(&self.title, 13.5, WIDTH - 20.0) {
            top += 16.0;
            scene.text((12.0, top), &line, 13.5, theme.ink(), Anchor::Start);
        }
        top += 12.0;
        let right = LEFT + SIDE + 40.0;
        let bottom = top + SIDE * 0.8;
        self.cells(&mut scene, theme, (LEFT, top, right, bottom));
        let (x, y) = (
            Scale::between(self.x.0, self.x.1, self.logarithmic.0, 0.0),
            Scale::between(self.y.0, self.y.1, self.logarithmic.1, 0.0),
        );
        ticks(&mut scene, theme, (&x, &y), (LEFT, top, right, bottom));
        let frame = vec![
            (LEFT, top),
            (LEFT, bottom),
            (right, bottom),
            (right, top),
            (LEFT, top),
        ];
        scene.line(frame, theme.ink(), 1.2);
        if let Some((_, points)) = &self.curve {
            let place = |p: &(f64, f64)| {
                (
                    LEFT + (right - LEFT) * x.place(p.0),
                    bottom - (bottom - top) * y.place(p.1),
                )
            };
            let line: Vec<(f64, f64)> = points.iter().map(place).collect();
            for piece in super::scene::clip(&line, (LEFT, top, right, bottom)) {
                scene.line(piece.clone(), theme.background(), 5.0);
                scene.line(piece, theme.ink(), 2.4);
            }
        }
        self.axis_names(&mut scene, theme, (LEFT, top, right, bottom));
        scene.height = self.legend(&mut scene, theme, bottom + 50.0);
        scene
    }

    fn axis_names(&self, scene: &mut Scene, theme: Theme, window: (f64, f64, f64, f64)) {
        let (left, top, right, bottom) = window;
        scene.text(
            ((left + right) / 2.0, bottom + 34.0),
            &self.x_label,
            12.5,
            theme.ink(),
            Anchor::Middle,
        );
        scene.items.push(Item::Text(Text {
            x: 15.0,
            y: (top + bottom) / 2.0,
            label: self.y_label.clone(),
            size: 12.5,
            colour: theme.ink(),
            anchor: Anchor::Middle,
            turned: true,
            halo: None,
        }));
    }

    fn cells(&self, scene: &mut Scene, theme: Theme, window: (f64, f64, f64, f64)) {
        let (left, top, right, bottom) = window;
        if self.columns == 0 {
            return;
        }
        let rows = self.cells.len() / self.columns;
        let (wide, high) = (
            (right - left) / self.columns as f64,
            (bottom - top) / rows.max(1) as f64,
        );
        for row in 0..rows {
            let cells = &self.cells[row * self.columns..(row + 1) * self.columns];
            let mut start = 0;
            // Equal neighbours are one rectangle.
            while start < cells.len() {
                let cell = cells[start];
                let end = start + cells[start..].iter().take_while(|c| **c == cell).count();
                if let Some(kind) = cell.kind {
                    let (x0, x1) = (left + wide * start as f64, left + wide * end as f64);
                    let y1 = bottom - high * row as f64;
                    // Over the seam, which browsers would let shine through.
                    let y0 = (y1 - high - 1.0).max(top);
                    scene.area(
                        vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)],
                        shade(theme, kind, cell.faint),
                    );
                }
                start = end;
            }
        }
    }

    fn legend(&self, scene: &mut Scene, theme: Theme, top: f64) -> f64 {
        let (mut x, mut y) = (12.0, top);
        for (kind, name) in self.kinds.iter().enumerate() {
            if !self.cells.iter().any(|cell| cell.kind == Some(kind)) {
                continue;
            }
            let wide = 22.0 + super::text::width(name, 12.0) + 14.0;
            if x + wide > WIDTH && x > 12.0 {
                (x, y) = (12.0, y + 17.0);
            }
            scene.area(
                vec![
                    (x, y - 10.0),
                    (x + 16.0, y - 10.0),
                    (x + 16.0, y + 1.0),
                    (x, y + 1.0),
                ],
                shade(theme, kind, false),
            );
            scene.text((x + 22.0, y), name, 12.0, theme.ink(), Anchor::Start);
            x += wide;
        }
        if let Some((name, _)) = &self.curve {
            if x + 40.0 + super::text::width(name, 12.0) > WIDTH {
                (x, y) = (12.0, y + 17.0);
            }
            scene.line(vec![(x, y - 4.0), (x + 16.0, y - 4.0)], theme.ink(), 2.4);
            scene.text((x + 22.0, y), name, 12.0, theme.ink(), Anchor::Start);
        }
        for note in &self.notes {
            for line in wrap(note, 10.5, WIDTH - 24.0) {
                y += 14.0;
                scene.text((12.0, y), &line, 10.5, theme.muted(), Anchor::Start);
            }
        }
        y + 10.0
    }
}

fn shade(theme: Theme, kind: usize, faint: bool) -> Colour {
    theme
        .series(kind)
        .towards(theme.background(), if faint { 0.72 } else { 0.15 })
}
