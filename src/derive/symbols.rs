//! The variables of derived formulas, and fractions of them as text.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed};

use super::identify::{Atom, Monomial};
use crate::decide::exact::fraction::Fraction;
use crate::decide::exact::polynomial::{Polynomial, Variable};
use crate::number::Coefficient;

/// What a variable stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    /// An eigenvalue of `Sigma`.
    Eigenvalue,
    /// The square root of a positive number, so that halves of exponents are whole.
    RootOf(String),
    /// A function of `Sigma` that is no power of it.
    Function(String),
    /// A trace that is not known yet.
    Unknown(usize),
    /// A number with a formula: a trace, a root.
    Named(String),
}

/// The eigenvalue comes first, so that it leads in polynomials.
pub(super) const EIGENVALUE: Variable = 0;

/// All variables, with their values at every point.
#[derive(Clone, Debug)]
pub(super) struct Symbols {
    pub meanings: Vec<Meaning>,
    /// Empty for what has none: eigenvalues and functions.
    pub values: Vec<Vec<f64>>,
    /// Numbers that are made of others, as `T - T1`.
    pub composed: Vec<(String, Fraction)>,
}

impl Symbols {
    pub fn new() -> Self {
        Self {
            meanings: vec![Meaning::Eigenvalue],
            values: vec![Vec::new()],
            composed: Vec::new(),
        }
    }

    pub fn variable(&mut self, meaning: Meaning, values: Vec<f64>) -> Variable {
        if let Some(known) = self.meanings.iter().position(|m| *m == meaning) {
            return known as Variable;
        }
        self.meanings.push(meaning);
        self.values.push(values);
        (self.meanings.len() - 1) as Variable
    }

    pub fn is_function(&self, v: Variable) -> bool {
        matches!(
            self.meanings[v as usize],
            Meaning::Eigenvalue | Meaning::Function(_)
        )
    }

    pub fn unknown(&self, v: Variable) -> Option<usize> {
        match self.meanings[v as usize] {
            Meaning::Unknown(k) => Some(k),
            _ => None,
        }
    }

    /// A monomial in `atoms` as a fraction.
    pub fn fraction(&mut self, monomial: &Monomial, atoms: &[Atom], of: AtomKind) -> Fraction {
        let mut result = Fraction::constant(Coefficient::from_rational(monomial.factor.clone()));
        if monomial.under_root {
            let text = rational(&monomial.factor);
            let value = crate::number::rational_to_f64(&monomial.factor).sqrt();
            let points = atoms.first().map_or(1, |a| a.values.len());
            let v = self.variable(Meaning::RootOf(text), vec![value; points]);
            result = Fraction::variable(v);
        }
        for (i, (atom, halves)) in atoms.iter().zip(&monomial.halves).enumerate() {
            if *halves == 0 {
                continue;
            }
            let composed = self.composed.iter().find(|(text, _)| *text == atom.text);
            if let Some((_, whole)) = composed
                && halves % 2 == 0
                && let Some(factor) = whole.pow(i64::from(halves / 2))
            {
                result = result.mul(&factor);
                continue;
            }
            let (v, power) = match of {
                AtomKind::Numbers => {
                    let roots = atom.values.iter().map(|x| x.sqrt()).collect();
                    (
                        self.variable(Meaning::RootOf(atom.text.clone()), roots),
                        *halves,
                    )
                }
                AtomKind::Functions(first) if i >= first => {
                    let v = if atom.text == "Sigma" {
                        EIGENVALUE
                    } else {
                        self.variable(Meaning::Function(atom.text.clone()), Vec::new())
                    };
                    (v, halves / 2)
                }
                AtomKind::Functions(_) => {
                    let roots = atom.values.iter().map(|x| x.sqrt()).collect();
                    (
                        self.variable(Meaning::RootOf(atom.text.clone()), roots),
                        *halves,
                    )
                }
            };
            if let Some(factor) = Fraction::variable(v).pow(i64::from(power)) {
                result = result.mul(&factor);
            }
        }
        if monomial.negative {
            result.neg()
        } else {
            result
        }
    }

    /// The value of a fraction at a point, where all its variables have one.
    pub fn value(&self, f: &Fraction, point: usize) -> Option<f64> {
        let of = |p: &Polynomial| -> Option<f64> {
            let mut sum = 0.0;
            for (m, c) in &p.terms {
                let mut product = crate::number::rational_to_f64(&c.to_rational());
                for &(v, power) in &m.0 {
                    product *= self.values[v as usize].get(point)?.powi(power as i32);
                }
                sum += product;
            }
            Some(sum)
        };
        let mut value = of(&f.numerator)?;
        for (factor, power) in &f.denominator {
            value /= of(factor)?.powi(*power as i32);
        }
        Some(value)
    }

    /// A sum of numbers, over one denominator or term by term, whichever is shorter.
    pub fn text_of_sum(&self, parts: &[Fraction]) -> String {
        let whole = parts.iter().fold(Fraction::zero(), |sum, f| sum.add(f));
        let whole = self.text(&whole);
        let mut apart = String::new();
        for part in parts.iter().filter(|part| !part.is_zero()) {
            let text = self.text(part);
            let text = match is_sum(&text) {
                true => format!("({text})"),
                false => text,
            };
            match (apart.is_empty(), text.strip_prefix('-')) {
                (true, _) => apart = text,
                (false, Some(size)) => apart.push_str(&format!(" - {size}")),
                (false, None) => apart.push_str(&format!(" + {text}")),
            }
        }
        match apart.len() < whole.len() {
            true => apart,
            false => whole,
        }
    }

    /// A fraction of numbers.
    pub fn text(&self, f: &Fraction) -> String {
        self.quotient(&f.numerator, &f.denominator)
    }

    fn quotient(&self, numerator: &Polynomial, below: &BTreeMap<Polynomial, u32>) -> String {
        let negative = |p: &Polynomial| {
            p.terms
                .values()
                .filter(|c| c.to_rational().is_negative())
                .count()
        };
        // A minus goes below where it turns a difference round.
        let turned = (negative(numerator) == numerator.terms.len())
            .then(|| {
                below
                    .iter()
                    .find(|(f, power)| *power % 2 == 1 && negative(f) > 0)
            })
            .flatten()
            .map(|(factor, _)| factor.clone());
        let numerator = &match turned {
            Some(_) => numerator.neg(),
            None => numerator.clone(),
        };
        let top = self.factored(numerator);
        if below.is_empty() {
            return top;
        }
        let factors: Vec<String> = below
            .iter()
            .map(|(factor, power)| {
                let base = match &turned {
                    Some(t) if t == factor => self.polynomial(&factor.neg()),
                    _ => self.polynomial(factor),
                };
                let base = if factor.terms.len() > 1 {
                    format!("({base})")
                } else {
                    base
                };
                match power {
                    1 => base,
                    _ if factor.terms.len() > 1 => format!("{base}^{power}"),
                    _ => self.power(factor, *power),
                }
            })
            .collect();
        let top = if is_sum(&top) {
            format!("({top})")
        } else {
            top
        };
        match factors.as_slice() {
            [one] if !one.contains('*') || one.starts_with('(') => format!("{top}/{one}"),
            many => format!("{top}/({})", many.join("*")),
        }
    }

    /// The power of a single variable.
    fn power(&self, factor: &Polynomial, power: u32) -> String {
        let (monomial, _) = factor.content();
        monomial
            .0
            .iter()
            .map(|&(v, p)| self.powered(v, p * power))
            .collect::<Vec<_>>()
            .join("*")
    }

    /// A polynomial with what all its terms share in front.
    fn factored(&self, p: &Polynomial) -> String {
        let (common, _) = p.content();
        if p.terms.len() < 2 || common.is_one() {
            return self.by_forms(p);
        }
        let rest = p.div_exact(&Polynomial::term(common.clone(), Coefficient::one()));
        match rest {
            Some(rest) => format!(
                "{}*({})",
                self.polynomial(&Polynomial::term(common, Coefficient::one())),
                self.by_forms(&rest)
            ),
            None => self.polynomial(p),
        }
    }

    /// A polynomial by the quadratic forms of the target in it, each once, where that is shorter.
    fn by_forms(&self, p: &Polynomial) -> String {
        let plain = self.polynomial(p);
        let is_form = |v: Variable| matches!(&self.meanings[v as usize], Meaning::Named(text) if text.starts_with("(w0'"));
        let mut groups: BTreeMap<Option<Variable>, Polynomial> = BTreeMap::new();
        for (m, c) in &p.terms {
            let forms: Vec<_> = m.0.iter().filter(|(v, _)| is_form(*v)).collect();
            let (form, rest) = match forms.as_slice() {
                [] => (None, m.clone()),
                [(v, 1)] => (Some(*v), m.without(*v)),
                _ => return plain,
            };
            groups.entry(form).or_default().add_term(rest, c.clone());
        }
        if groups.len() < 2 {
            return plain;
        }
        let mut terms: Vec<(bool, String)> = Vec::new();
        for (form, mut factor) in groups {
            let negative = factor.terms.values().all(|c| c.to_rational().is_negative());
            if negative {
                factor = factor.neg();
            }
            let text = self.factored(&factor);
            terms.push((
                negative,
                match form {
                    None if negative && is_sum(&text) => format!("({text})"),
                    None => text,
                    Some(v) if factor.is_one() => self.powered(v, 1),
                    Some(v) if is_sum(&text) => format!("({text})*{}", self.powered(v, 1)),
                    Some(v) => format!("{text}*{}", self.powered(v, 1)),
                },
            ));
        }
        terms.sort_by_key(|(negative, _)| *negative);
        let mut out = String::new();
        for (negative, text) in terms {
            out.push_str(match (out.is_empty(), negative) {
                (true, false) => "",
                (true, true) => "-",
                (false, false) => " + ",
                (false, true) => " - ",
            });
            out.push_str(&text);
        }
        match out.len() < plain.len() {
            true => out,
            false => plain,
        }
    }

    pub fn polynomial(&self, p: &Polynomial) -> String {
        let mut out = String::new();
        // Positive terms first: nobody starts with a minus who need not.
        let mut terms: Vec<_> = p.terms.iter().rev().collect();
        terms.sort_by_key(|(_, c)| c.to_rational().is_negative());
        for (m, c) in terms {
            let q = c.to_rational();
            let negative = q.is_negative();
            let size = q.abs();
            let mut factors: Vec<String> = Vec::new();
            if !size.is_one() || m.is_one() {
                factors.push(rational(&size));
            }
            factors.extend(m.0.iter().map(|&(v, power)| self.powered(v, power)));
            let term = factors.join("*");
            match (out.is_empty(), negative) {
                (true, false) => out.push_str(&term),
                (true, true) => out.push_str(&format!("-{term}")),
                (false, false) => out.push_str(&format!(" + {term}")),
                (false, true) => out.push_str(&format!(" - {term}")),
            }
        }
        if out.is_empty() {
            out.push('0');
        }
        out
    }

    fn powered(&self, v: Variable, power: u32) -> String {
        let (text, halves) = match &self.meanings[v as usize] {
            Meaning::Eigenvalue => ("Sigma".to_owned(), 2 * power),
            Meaning::Function(text) | Meaning::Named(text) => (bracketed(text), 2 * power),
            Meaning::Unknown(k) => (format!("tau{k}"), 2 * power),
            Meaning::RootOf(text) => (bracketed(text), power),
        };
        match halves {
            1 => format!("sqrt({text})"),
            2 => text,
            n if n % 2 == 0 => format!("{text}^{}", n / 2),
            n => format!("{text}^({n}/2)"),
        }
    }
}

/// Which atoms a monomial speaks of: numbers alone, or numbers and from some place on functions of `Sigma`.
#[derive(Clone, Copy, Debug)]
pub(super) enum AtomKind {
    Numbers,
    Functions(usize),
}

fn rational(q: &BigRational) -> String {
    if q.is_integer() {
        q.numer().to_string()
    } else {
        format!("{}/{}", q.numer(), q.denom())
    }
}

fn is_sum(text: &str) -> bool {
    let mut depth = 0i32;
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '+' | '-' if depth == 0 && i > 0 => return true,
            _ => {}
        }
    }
    false
}

/// In brackets, unless it is a name or a call.
pub(super) fn bracketed(text: &str) -> String {
    let call = text.ends_with(')')
        && text.find('(').is_some_and(|open| {
            let mut depth = 0i32;
            text[..open]
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_')
                && text.char_indices().all(|(i, c)| {
                    depth += i32::from(c == '(') - i32::from(c == ')');
                    depth > 0 || i < open || i + 1 == text.len()
                })
        });
    let plain = text
        .chars()
        .all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    if call || plain {
        text.to_owned()
    } else {
        format!("({text})")
    }
}
