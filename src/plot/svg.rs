//! A scene as SVG: text stays text, numbers are short, nothing from elsewhere is needed.

use std::fmt::Write;

use super::scene::{Anchor, Item, Scene, Text};
use super::text::runs;

const FONTS: &str = "Ubuntu, Cantarell, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// The whole file.
pub fn render(scene: &Scene) -> String {
    let mut out = String::new();
    let (w, h) = (short(scene.width), short(scene.height));
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
         role=\"img\" font-family=\"{FONTS}\">"
    );
    let _ = writeln!(out, "<title>{}</title>", escape(&scene.title));
    let _ = writeln!(
        out,
        "<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>",
        scene.background.hex()
    );
    for item in &scene.items {
        match item {
            Item::Line {
                points,
                colour,
                width,
                dash,
            } => {
                let dash = if dash.is_empty() {
                    String::new()
                } else {
                    let lengths: Vec<String> = dash.iter().map(|x| short(*x)).collect();
                    format!(" stroke-dasharray=\"{}\"", lengths.join(" "))
                };
                let _ = writeln!(
                    out,
                    "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" \
                     stroke-linejoin=\"round\"{dash}/>",
                    path(points),
                    colour.hex(),
                    short(*width)
                );
            }
            Item::Area {
                points,
                colour,
                opacity,
            } => {
                let opacity = if *opacity < 1.0 {
                    format!(" fill-opacity=\"{}\"", short(*opacity))
                } else {
                    String::new()
                };
                let _ = writeln!(
                    out,
                    "<path d=\"{}Z\" fill=\"{}\"{opacity}/>",
                    path(points),
                    colour.hex()
                );
            }
            Item::Text(text) => label(&mut out, text),
        }
    }
    out.push_str("</svg>\n");
    out
}

fn label(out: &mut String, text: &Text) {
    let anchor = match text.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let (x, y) = (short(text.x), short(text.y));
    let turn = if text.turned {
        format!(" transform=\"rotate(-90 {x} {y})\"")
    } else {
        String::new()
    };
    let halo = text.halo.map_or(String::new(), |colour| {
        format!(
            " stroke=\"{}\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            colour.hex()
        )
    });
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"{anchor}{turn}{halo}>",
        short(text.size),
        text.colour.hex()
    );
    let mut raised = 0.0;
    for run in runs(&text.label) {
        let (scale, raise) = run.level.shape();
        let shift = (raised - raise) * text.size;
        if scale == 1.0 && shift == 0.0 {
            out.push_str(&escape(&run.text));
        } else {
            let _ = write!(
                out,
                "<tspan font-size=\"{}\" dy=\"{}\">{}</tspan>",
                short(scale * text.size),
                short(shift),
                escape(&run.text)
            );
        }
        raised = raise;
    }
    out.push_str("</text>\n");
}

fn path(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        d.push(if i == 0 { 'M' } else { 'L' });
        // A tenth of a unit cannot be seen.
        d.push_str(&trimmed(format!("{x:.1}")));
        d.push(' ');
        d.push_str(&trimmed(format!("{y:.1}")));
    }
    d
}

/// Two decimals, without what is not needed.
fn short(x: f64) -> String {
    trimmed(format!("{x:.2}"))
}

fn trimmed(text: String) -> String {
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// For text and attributes alike.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Not allowed in XML, however written.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
