//! Exact values as text.

use super::atom::{Atom, EIGENVALUE, Moment, Part};
use super::fraction::Fraction;
use super::ground::Ground;
use super::letter::{BasisWord, Element, Kind, Letter, trivial};
use super::polynomial::{Polynomial, Variable};

pub fn polynomial(ground: &Ground, p: &Polynomial) -> String {
    if p.is_zero() {
        return "0".into();
    }
    let mut text = String::new();
    for (m, c) in p.terms.iter().rev() {
        let negative = c.signum().is_lt();
        let size = if negative { c.neg() } else { c.clone() };
        if text.is_empty() {
            if negative {
                text.push('-');
            }
        } else {
            text.push_str(if negative { " - " } else { " + " });
        }
        let mut factors = Vec::new();
        if m.is_one() || !size.is_one() {
            factors.push(size.to_string());
        }
        for &(v, power) in &m.0 {
            let name = variable(ground, v);
            let product = matches!(
                ground.atom(v),
                Some(
                    Atom::Form(_)
                        | Atom::Moment {
                            kind: Moment::Target,
                            ..
                        }
                )
            );
            factors.push(match (power, product) {
                (1, _) => name,
                (_, true) => format!("({name})^{power}"),
                (_, false) => format!("{name}^{power}"),
            });
        }
        text.push_str(&factors.join("*"));
    }
    text
}

pub fn fraction(ground: &Ground, f: &Fraction) -> String {
    let numerator = polynomial(ground, &f.numerator);
    if f.denominator.is_empty() {
        return numerator;
    }
    let factors: Vec<String> = f
        .denominator
        .iter()
        .map(|(p, &power)| {
            let text = polynomial(ground, p);
            let text = if p.terms.len() > 1 {
                format!("({text})")
            } else {
                text
            };
            if power == 1 {
                text
            } else {
                format!("{text}^{power}")
            }
        })
        .collect();
    let numerator = if f.numerator.terms.len() > 1 {
        format!("({numerator})")
    } else {
        numerator
    };
    match factors.len() {
        1 => format!("{numerator}/{}", factors[0]),
        _ => format!("{numerator}/({})", factors.join("*")),
    }
}

pub fn variable(ground: &Ground, v: Variable) -> String {
    if v == EIGENVALUE {
        return "Sigma".into();
    }
    match ground.atom(v) {
        None => format!("s{v}"),
        Some(Atom::Symbol { name, .. }) => name.clone(),
        Some(Atom::Kappa { ridge, samples }) => format!(
            "kappa({}, {})",
            fraction(ground, ridge),
            fraction(ground, samples)
        ),
        Some(Atom::Moment { kind, part }) => {
            let f = function(ground, part);
            match kind {
                Moment::Trace => format!("tr({f})"),
                Moment::Target => format!("w0'*{f}*w0"),
            }
        }
        Some(Atom::Power { base, unit, root }) => {
            let base = polynomial(ground, base);
            let unit = fraction(ground, unit);
            if *root == 1 {
                format!("({base})^({unit})")
            } else {
                format!("({base})^({unit}/{root})")
            }
        }
        Some(Atom::Function { name, arguments }) if arguments.is_empty() => (*name).to_owned(),
        Some(Atom::Function { name, arguments }) => {
            let list: Vec<String> = arguments.iter().map(|a| fraction(ground, a)).collect();
            format!("{name}({})", list.join(", "))
        }
        Some(Atom::Form(word)) => form(ground, word),
        Some(Atom::Mean(words)) => {
            let list: Vec<String> = words.iter().map(|w| form(ground, w)).collect();
            format!("E[{}]", list.join("*"))
        }
    }
}

fn function(ground: &Ground, part: &Part) -> String {
    let (base, power) = (&part.base, part.power);
    let raised = |text: String, power: i64| match power {
        1 => text,
        _ => format!("{text}^{power}"),
    };
    if power == 0 {
        return "I".into();
    }
    let plain = base.as_variable().is_some();
    let mut text = polynomial(ground, base);
    if !plain {
        text = format!("({text}*I)");
    }
    let text = raised(text, i64::from(power));
    match part.times {
        0 => text,
        n => format!("{}*{text}", raised("Sigma".into(), i64::from(n))),
    }
}

fn form(ground: &Ground, word: &BasisWord) -> String {
    let mut parts = Vec::new();
    for (letter, gap) in word.letters.iter().zip(&word.gaps) {
        parts.push(one_letter(ground, *letter));
        if *gap != trivial() {
            parts.push(function(ground, gap));
        }
    }
    let product = parts.join("*");
    if word.cyclic {
        format!("tr({product})")
    } else {
        product
    }
}

/// A matrix as a sum of words.
pub fn matrix(ground: &Ground, m: &Element) -> String {
    if m.terms.is_empty() {
        return "0".into();
    }
    let one = Fraction::one();
    let words: Vec<String> = (m.terms.iter())
        .map(|(word, c)| {
            let mut parts: Vec<String> = word.iter().map(|l| one_letter(ground, *l)).collect();
            if word.is_empty() {
                parts.push("I".into());
            }
            if *c != one {
                parts.insert(0, format!("({})", fraction(ground, c)));
            }
            parts.join("*")
        })
        .collect();
    words.join(" + ")
}

fn one_letter(ground: &Ground, letter: Letter) -> String {
    let name = |o: u32| {
        let object = &ground.objects[o as usize];
        let same = ground
            .objects
            .iter()
            .filter(|x| x.name == object.name)
            .count();
        if same > 1 {
            format!("{}#{o}", object.name)
        } else {
            object.name.clone()
        }
    };
    let text = match letter.kind {
        Kind::Target => "w0".into(),
        Kind::Probe => "B".into(),
        Kind::Noise(o) | Kind::Design(o) => name(o),
        Kind::Pinv(o) => format!("pinv({})", name(o)),
        Kind::Rows(o) => format!("proj({})", name(o)),
        Kind::Columns(o) => format!("{0}*pinv({0})", name(o)),
        Kind::Resolvent(o, m) => format!(
            "inv({0}'*{0} + ({1})*I)",
            name(o),
            fraction(ground, &ground.shift(m))
        ),
    };
    if letter.transposed {
        format!("{text}'")
    } else {
        text
    }
}
