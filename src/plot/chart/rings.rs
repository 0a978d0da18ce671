//! Where the word for rings stands: beside one of them, where it hides nothing, with a line to it where that is farther off.

use super::super::scene::{Anchor, Item, Scene, Text};
use super::super::text::width;
use super::super::theme::Theme;
use super::{Chart, Frame, SIZE};

/// Distances that are tried, and directions.
const DISTANCES: [f64; 5] = [12.0, 26.0, 42.0, 62.0, 86.0];
const DIRECTIONS: usize = 16;
const HEIGHT: f64 = 13.0;

struct Place {
    ring: (f64, f64),
    /// Left, top, right, bottom.
    area: (f64, f64, f64, f64),
    distance: f64,
    hidden: usize,
}

impl Chart {
    pub(super) fn name_rings(&self, scene: &mut Scene, frame: &Frame, theme: Theme) {
        let Some(label) = &self.ring_label else {
            return;
        };
        let Some(best) = self.best_place(label, frame) else {
            return;
        };
        let (left, top, right, bottom) = best.area;
        if best.distance > DISTANCES[0] {
            // From the ring's rim to the nearest point of the words.
            let end = (
                best.ring.0.clamp(left, right),
                best.ring.1.clamp(top, bottom),
            );
            let (dx, dy) = (end.0 - best.ring.0, end.1 - best.ring.1);
            let length = dx.hypot(dy).max(1e-9);
            let rim = (
                best.ring.0 + 5.0 * dx / length,
                best.ring.1 + 5.0 * dy / length,
            );
            scene.line(vec![rim, end], theme.ink(), 0.8);
        }
        scene.items.push(Item::Text(Text {
            x: left,
            y: bottom - 3.0,
            label: label.clone(),
            size: SIZE - 1.0,
            colour: theme.ink(),
            anchor: Anchor::Start,
            turned: false,
            halo: Some(theme.background()),
        }));
    }

    fn best_place(&self, label: &str, frame: &Frame) -> Option<Place> {
        let wide = width(label, SIZE - 1.0);
        let (left, top, right, bottom) = frame.window();
        let drawn = self.drawn(frame);
        let rings = self.series.iter().flat_map(|series| &series.rings);
        let rings = rings.map(|ring| frame.place(ring.0, ring.1));
        let mut best: Option<Place> = None;
        for ring in rings.filter(|ring| frame.inside(*ring)) {
            for (distance, direction) in DISTANCES
                .into_iter()
                .flat_map(|distance| (0..DIRECTIONS).map(move |i| (distance, i)))
            {
                let angle = std::f64::consts::TAU * direction as f64 / DIRECTIONS as f64;
                // The middle of the nearest edge lies at the distance.
                let x = ring.0 + angle.cos() * (distance + wide / 2.0) - wide / 2.0;
                let y = ring.1 + angle.sin() * (distance + HEIGHT / 2.0) - HEIGHT / 2.0;
                let area = (x, y, x + wide, y + HEIGHT);
                if area.0 < left + 2.0
                    || area.2 > right - 2.0
                    || area.1 < top + 2.0
                    || area.3 > bottom - 2.0
                {
                    continue;
                }
                let hides = |p: &&(f64, f64)| {
                    (area.0 - 4.0..=area.2 + 4.0).contains(&p.0)
                        && (area.1 - 3.0..=area.3 + 3.0).contains(&p.1)
                };
                let place = Place {
                    ring,
                    area,
                    distance,
                    hidden: drawn.iter().filter(hides).count(),
                };
                let key = |place: &Place| (place.hidden, place.distance as u64);
                if best.as_ref().is_none_or(|best| key(&place) < key(best)) {
                    best = Some(place);
                }
            }
        }
        best
    }

    /// What words may hide: points, rings, curves in steps of a few units, and lines that mark crossovers.
    fn drawn(&self, frame: &Frame) -> Vec<(f64, f64)> {
        let (_, top, _, bottom) = frame.window();
        let mut drawn = Vec::new();
        for series in &self.series {
            drawn.extend(series.points.iter().map(|p| frame.place(p.x, p.y)));
            drawn.extend(series.rings.iter().map(|r| frame.place(r.0, r.1)));
            let curve: Vec<(f64, f64)> =
                series.curve.iter().map(|c| frame.place(c.0, c.1)).collect();
            for pair in curve.windows(2) {
                let length = (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1);
                let pieces = (length / 4.0).ceil().clamp(1.0, 200.0) as usize;
                drawn.extend((0..=pieces).map(|i| {
                    let share = i as f64 / pieces as f64;
                    (
                        pair[0].0 + (pair[1].0 - pair[0].0) * share,
                        pair[0].1 + (pair[1].1 - pair[0].1) * share,
                    )
                }));
            }
        }
        for mark in self.marks.iter().filter(|mark| frame.x.contains(mark.at)) {
            let x = frame.place(mark.at, frame.y.from).0;
            drawn.extend((0..60).map(|i| (x, top + (bottom - top) * f64::from(i) / 59.0)));
        }
        drawn
    }
}
