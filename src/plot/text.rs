//! Labels: `T_0`, `10^{-3}`, with their widths.

use std::sync::OnceLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// A piece of a label on one line of writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub level: Level,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Base,
    Index,
    Exponent,
}

impl Level {
    /// Size of its letters, and how far it is raised, in units of the base size.
    pub fn shape(self) -> (f64, f64) {
        match self {
            Level::Base => (1.0, 0.0),
            Level::Index => (0.72, -0.22),
            Level::Exponent => (0.72, 0.38),
        }
    }
}

/// Splits `_x`, `_{…}`, `^x` and `^{…}` off; what [`literal`] made stays as it is.
pub fn runs(label: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut push = |text: String, level: Level| {
        if text.is_empty() {
            return;
        }
        match runs.last_mut() {
            Some(last) if last.level == level => last.text.push_str(&text),
            _ => runs.push(Run { text, level }),
        }
    };
    let mut rest = label;
    while let Some(at) = rest.find(['_', '^', '\\']) {
        push(rest[..at].to_owned(), Level::Base);
        if let Some(after) = rest[at..].strip_prefix('\\') {
            let next = after.chars().next();
            push(next.map(String::from).unwrap_or_default(), Level::Base);
            rest = &after[next.map_or(0, char::len_utf8)..];
            continue;
        }
        let level = if rest[at..].starts_with('_') {
            Level::Index
        } else {
            Level::Exponent
        };
        let after = &rest[at + 1..];
        if let Some(inner) = after.strip_prefix('{')
            && let Some(end) = inner.find('}')
        {
            push(inner[..end].to_owned(), level);
            rest = &inner[end + 1..];
        } else if let Some(next) = after.chars().next() {
            push(next.to_string(), level);
            rest = &after[next.len_utf8()..];
        } else {
            push(rest[at..].to_owned(), Level::Base);
            rest = "";
        }
    }
    push(rest.to_owned(), Level::Base);
    runs
}

/// A label that shows these very words, formulas for instance.
pub fn literal(words: &str) -> String {
    let mut label = String::with_capacity(words.len());
    for letter in words.chars() {
        if matches!(letter, '_' | '^' | '\\') {
            label.push('\\');
        }
        label.push(letter);
    }
    label
}

/// A name as it stands in formulas: `λ`, `T_{0}`, otherwise as it is.
pub fn symbol(name: &str) -> String {
    let split = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let index = &name[split.len()..];
    let letter = match split {
        "lambda" => "λ".to_owned(),
        "sigma" => "σ".to_owned(),
        "kappa" => "κ".to_owned(),
        "beta" => "β".to_owned(),
        "phi" => "φ".to_owned(),
        "rho" => "ρ".to_owned(),
        "eta" => "η".to_owned(),
        "mu" => "μ".to_owned(),
        "delta" => "δ".to_owned(),
        "ell" => "ℓ".to_owned(),
        other => literal(other),
    };
    match index {
        "" => letter,
        index => format!("{letter}_{{{index}}}"),
    }
}

/// A number to three digits, where no more are needed to tell curves apart.
pub fn rounded(x: f64) -> String {
    let short = format!("{x:.2e}").parse().unwrap_or(x);
    number(short)
}

/// A number as a label: `0.2`, `1000`, `10^{-6}`, `3×10^{5}`.
pub fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let plain = format!("{x}");
    if (1e-3..1e5).contains(&x.abs()) && plain.len() <= 7 {
        return plain.replace('-', "−");
    }
    let scientific = format!("{x:.3e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    let exponent = exponent.replace('-', "−");
    match mantissa {
        "1" => format!("10^{{{exponent}}}"),
        "-1" => format!("−10^{{{exponent}}}"),
        _ => format!("{}×10^{{{exponent}}}", mantissa.replace('-', "−")),
    }
}

/// The fonts that pictures are measured and painted with; the second has what the first lacks.
fn faces() -> &'static [Face<'static>] {
    static FACES: OnceLock<Vec<Face<'static>>> = OnceLock::new();
    FACES.get_or_init(|| {
        [
            epaint_default_fonts::UBUNTU_LIGHT,
            epaint_default_fonts::HACK_REGULAR,
        ]
        .iter()
        .filter_map(|data| Face::parse(data, 0).ok())
        .collect()
    })
}

fn glyph(letter: char) -> Option<(&'static Face<'static>, GlyphId)> {
    faces()
        .iter()
        .find_map(|face| Some((face, face.glyph_index(letter)?)))
}

/// How far a letter of size 1 moves the pen.
fn advance(letter: char) -> f64 {
    glyph(letter)
        .and_then(|(face, id)| {
            Some(f64::from(face.glyph_hor_advance(id)?) / f64::from(face.units_per_em()))
        })
        .unwrap_or(0.5)
}

/// The width of a label.
pub fn width(label: &str, size: f64) -> f64 {
    runs(label)
        .iter()
        .map(|run| run.level.shape().0 * run.text.chars().map(advance).sum::<f64>())
        .sum::<f64>()
        * size
}

/// Breaks words into lines that are no wider than `most`, as far as words allow.
pub fn wrap(label: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in label.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Draws a letter's outline, of size 1, y upwards from the line of writing; returns its advance.
pub(super) fn outline(letter: char, builder: &mut impl OutlineBuilder) -> (f64, f64) {
    match glyph(letter) {
        Some((face, id)) => {
            face.outline_glyph(id, builder);
            (advance(letter), f64::from(face.units_per_em()))
        }
        None => (0.5, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_and_exponents() {
        let plain = |label: &str| -> Vec<(String, Level)> {
            runs(label).into_iter().map(|r| (r.text, r.level)).collect()
        };
        assert_eq!(
            plain("T_0 = 10^{−3}d"),
            [
                ("T".to_owned(), Level::Base),
                ("0".to_owned(), Level::Index),
                (" = 10".to_owned(), Level::Base),
                ("−3".to_owned(), Level::Exponent),
                ("d".to_owned(), Level::Base)
            ]
        );
        assert_eq!(plain("a_"), [("a_".to_owned(), Level::Base)]);
        assert_eq!(
            plain(&literal("k^2*w_0 \\")),
            [("k^2*w_0 \\".to_owned(), Level::Base)]
        );
        assert_eq!(
            plain("^{x"),
            [
                ("{".to_owned(), Level::Exponent),
                ("x".to_owned(), Level::Base)
            ]
        );
    }

    #[test]
    fn names() {
        for (name, label) in [
            ("T0", "T_{0}"),
            ("lambda", "λ"),
            ("my_x", "my\\_x"),
            ("r", "r"),
        ] {
            assert_eq!(symbol(name), label);
        }
        assert_eq!(rounded(721_234.0), "7.21×10^{5}");
    }

    #[test]
    fn numbers() {
        for (x, label) in [
            (0.0, "0"),
            (0.2, "0.2"),
            (1000.0, "1000"),
            (1e6, "10^{6}"),
            (1e-3, "0.001"),
            (2.5e-7, "2.5×10^{−7}"),
            (-4.0, "−4"),
        ] {
            assert_eq!(number(x), label);
        }
    }

    #[test]
    fn every_letter_of_our_labels_has_a_glyph() {
        for letter in "abcXYZ0189κλσΣφβτ×−≤≥∞→≃≍·‖²′√∝≠≈%()[]{}/^_|".chars()
        {
            assert!(glyph(letter).is_some(), "{letter}");
        }
        assert!(width("wide", 10.0) > width("i", 10.0));
    }
}
