//! Exact numbers as Rocq writes them.

use num_rational::BigRational;
use num_traits::{One, Signed};

use super::super::atom::{Atom, EIGENVALUE};
use super::super::fraction::Fraction;
use super::super::ground::{Exact, Stop, beyond};
use super::super::polynomial::{Polynomial, Variable};
use super::writer::Writer;

impl Writer<'_> {
    /// A fraction as Rocq writes it.
    pub fn fraction(&self, f: &Fraction) -> Exact<String> {
        let mut text = self.polynomial(&f.numerator)?;
        if !f.denominator.is_empty() {
            let mut parts = Vec::new();
            for (factor, power) in &f.denominator {
                parts.push(format!("{} ^ {power}", self.polynomial(factor)?));
            }
            text = format!("({text} / ({}))", parts.join(" * "));
        }
        Ok(text)
    }

    pub fn polynomial(&self, p: &Polynomial) -> Exact<String> {
        let mut terms = Vec::new();
        for (m, c) in p.terms.iter().rev() {
            let mut factors = vec![number(&c.to_rational())];
            for &(v, power) in &m.0 {
                let name = self.variable(v)?;
                factors.push(if power == 1 {
                    name
                } else {
                    format!("{name} ^ {power}")
                });
            }
            terms.push(factors.join(" * "));
        }
        if terms.is_empty() {
            return Ok("0".into());
        }
        Ok(format!("({})", terms.join(" + ")))
    }

    pub fn variable(&self, v: Variable) -> Exact<String> {
        // The eigenvalue, and the distance of a second one from it.
        if v == EIGENVALUE {
            return Ok("s".into());
        }
        if v == 1 {
            return Ok("e".into());
        }
        match self.exact.ground.atom(v) {
            Some(Atom::Symbol { .. }) => self
                .exact
                .symbols
                .iter()
                .find(|(_, known)| **known == v)
                .and_then(|(id, _)| self.names.get(id).cloned())
                .ok_or_else(|| Stop::Beyond("a formal symbol".into())),
            Some(Atom::Kappa { .. }) => self
                .roots
                .iter()
                .find(|r| r.exact == Fraction::variable(v))
                .map(|r| r.name.clone())
                .ok_or_else(|| Stop::Beyond("a kappa without a name".into())),
            Some(Atom::Moment { kind, part }) => self
                .bases
                .iter()
                .find(|b| b.0 == *kind && b.1 == *part)
                .map(|b| b.2.clone())
                .ok_or_else(|| Stop::Beyond("a sum without a name".into())),
            Some(Atom::Function { name: "sum", .. }) => self
                .sums
                .iter()
                .find(|s| s.whole == Some(v))
                .map(|s| s.call.clone())
                .ok_or_else(|| Stop::Beyond("a sum without a name".into())),
            Some(Atom::Power { .. }) => super::surds::name(self, v)
                .ok_or_else(|| Stop::Beyond("a root without a name".into())),
            _ => beyond("such an atom"),
        }
    }
}

/// A rational number.
pub fn number(value: &BigRational) -> String {
    let sign = if value.is_negative() { "- " } else { "" };
    let numerator = value.numer().abs();
    if value.denom().is_one() {
        if sign.is_empty() {
            return numerator.to_string();
        }
        return format!("({sign}{numerator})");
    }
    format!("({sign}({numerator} / {}))", value.denom())
}
