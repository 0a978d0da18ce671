//! Which claims rest on which: a layered graph, those that others rest on at the top.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::page::Entry;
use super::text::{anchor, escape};
use super::witness::label_width;

const ROW: f64 = 54.0;
const HEIGHT: f64 = 22.0;
/// Wider layers are broken.
const WIDEST: f64 = 900.0;

/// Nothing where no claim rests on another.
pub(super) fn graph(entries: &[Entry]) -> String {
    let index: BTreeMap<&str, usize> = entries
        .iter()
        .enumerate()
        .map(|(i, entry)| (entry.text("id"), i))
        .collect();
    // From a claim to those it uses.
    let mut edges: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (i, entry) in entries.iter().enumerate() {
        for used in entry.claim.map_or(&[][..], |claim| &claim.uses) {
            if let Some(&j) = index.get(used.as_str())
                && i != j
            {
                edges.insert((i, j));
            }
        }
    }
    if edges.is_empty() {
        return String::new();
    }
    let nodes: BTreeSet<usize> = edges.iter().flat_map(|&(i, j)| [i, j]).collect();
    let layers = layers(&nodes, &edges);
    let places = places(entries, &layers);
    let width = places
        .values()
        .map(|&(x, _, w)| x + w / 2.0)
        .fold(0.0, f64::max)
        + 10.0;
    let height = places.values().map(|p| p.1).fold(0.0, f64::max) + HEIGHT + 10.0;
    let mut out = format!(
        "<section id=\"graph\"><h2>What rests on what</h2>\n<div class=\"graph\"><svg viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"group\" aria-label=\"Claims, each below those it rests on\">\n"
    );
    for (from, to) in &edges {
        let (a, b) = (places[from], places[to]);
        let bend = (a.1 - b.1 - HEIGHT) / 2.0;
        let _ = writeln!(
            out,
            "<path class=\"edge\" d=\"M{:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}\"/>",
            b.0,
            b.1 + HEIGHT,
            b.0,
            b.1 + HEIGHT + bend,
            a.0,
            a.1 - bend,
            a.0,
            a.1
        );
    }
    for (i, (x, y, w)) in &places {
        let entry = &entries[*i];
        let _ = writeln!(
            out,
            "<a href=\"#{}\"><rect class=\"node {}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{HEIGHT}\" rx=\"4\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\">{}</text><title>{}: {}</title></a>",
            anchor(entry.text("file"), entry.text("id")),
            escape(entry.verdict()),
            x - w / 2.0,
            y + 15.0,
            escape(entry.text("id")),
            escape(entry.text("id")),
            escape(entry.verdict()),
        );
    }
    out.push_str("</svg></div></section>\n");
    out
}

/// The length of the longest chain below each; circles, which the checker reports, end it.
fn layers(nodes: &BTreeSet<usize>, edges: &BTreeSet<(usize, usize)>) -> BTreeMap<usize, usize> {
    let mut layers: BTreeMap<usize, usize> = nodes.iter().map(|&i| (i, 0)).collect();
    for _ in 0..nodes.len().min(100) {
        let mut moved = false;
        for (from, to) in edges {
            let least = layers[to] + 1;
            if layers[from] < least && least <= nodes.len() {
                layers.insert(*from, least);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    layers
}

/// Middle, top and width of each node.
fn places(entries: &[Entry], layers: &BTreeMap<usize, usize>) -> BTreeMap<usize, (f64, f64, f64)> {
    let mut rows: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (&node, &layer) in layers {
        rows.entry(layer).or_default().push(node);
    }
    let mut places = BTreeMap::new();
    let mut top = 8.0;
    for nodes in rows.values() {
        let mut x = 8.0;
        for &node in nodes {
            let width = label_width(entries[node].text("id")) + 18.0;
            if x + width > WIDEST && x > 8.0 {
                x = 8.0;
                top += HEIGHT + 10.0;
            }
            places.insert(node, (x + width / 2.0, top, width));
            x += width + 12.0;
        }
        top += ROW;
    }
    places
}
