//! Means of products of projections on independent designs, given what invariance under rotations says of each: its mean
//! projection is a multiple of the identity. Which multiple, is proved.

use std::collections::BTreeMap;

use super::super::super::fraction::Fraction;
use super::super::super::ground::{Answer, Stop};
use super::super::script::{Script, reworded, say};
use super::super::theorem::{Head, Theorem};
use super::Drawer;
use super::drawn::Drawn;
use crate::formula::ast::RelationOp;
use crate::term::{SpectrumTerms, Statement};

/// One mean: how it is written, the designs it is over from the outermost to the innermost, and between `w0'` and `w0`
/// the designs whose projections are multiplied.
struct Mean {
    text: String,
    over: Vec<String>,
    word: Vec<String>,
}

/// A theorem given the rotation invariance of each design, in one case of the claim.
pub fn theorem(statement: &Statement, answers: &[Answer]) -> Result<Theorem, Stop> {
    let beyond = |what: &str| Stop::Beyond(what.to_owned());
    let model = statement.store.model(statement.model);
    if statement.claim.op != RelationOp::Eq || !matches!(model.spectrum, SpectrumTerms::Isotropic) {
        return Err(beyond("rotations of another covariance"));
    }
    let mut drawer = Drawer::new(statement, answers)?;
    let (lhs, rhs) = drawer.sides()?;
    let (Drawn::Form(a), Drawn::Form(b)) = (lhs, rhs) else {
        return Err(beyond("such sides of means"));
    };
    let plain = drawer.inverses.is_empty() && !drawer.sigma && !drawer.outside;
    let designs: BTreeMap<String, (String, String)> = (drawer.pseudo.iter())
        .filter_map(|(x, _)| Some((x.clone(), drawer.matrices.get(x)?.clone())))
        .collect();
    if !plain || drawer.matrices.len() != 2 * designs.len() || !drawer.wide() {
        return Err(beyond("more than projections on fewer dimensions"));
    }
    let mut means = Vec::new();
    let mut conclusion = format!("{a} = {b}");
    while let Some((from, to, body)) = joint(&conclusion) {
        let word = word(&body).ok_or_else(|| beyond("a mean of such a product"))?;
        let mean = nested(&body, word, &designs);
        conclusion.replace_range(from..to, &mean.text);
        if means.iter().all(|known: &Mean| known.text != mean.text) {
            means.push(mean);
        }
    }
    let d = drawer.dimension()?;
    let head = drawer.rotated(&d, &designs, conclusion)?;
    let mut script = Script::default();
    for x in designs.keys() {
        say!(
            script,
            "pose proof (mean_projection _ _ _ _ _ _ M_{x} L_{d} N_{x} O_{x}) as H_{x}."
        );
    }
    for (i, mean) in means.iter().enumerate() {
        let n = i + 1;
        let value = scaled(&mean.over, &[], &designs, &d);
        say!(script, "assert (V{n} : {} = {value}).\n{{", mean.text);
        script.indent += 2;
        let mut left = mean.word.clone();
        left.dedup();
        level(mean, 0, &left, &designs, &d, &mut script)?;
        script.indent -= 2;
        say!(script, "}}\nrewrite V{n}. clear V{n}.");
    }
    say!(script, "expand. words.");
    Ok(Theorem { head, script })
}

impl Drawer<'_> {
    /// Whether every design has at most as many samples as there are dimensions, so that its rows are independent.
    fn wide(&mut self) -> bool {
        let d = self.exact.ground.dimension.clone();
        let sizes: Vec<_> = (self.numbers.iter())
            .filter(|(_, (_, size))| *size)
            .filter_map(|(symbol, _)| self.exact.symbols.get(symbol).copied())
            .collect();
        let reals = self.numbers.values().any(|(_, size)| !size);
        !reals
            && sizes.into_iter().all(|v| {
                let ground = &mut self.exact.ground;
                ground.is_nonnegative(&d.sub(&Fraction::variable(v)))
            })
    }

    fn rotated(
        &mut self,
        d: &str,
        designs: &BTreeMap<String, (String, String)>,
        conclusion: String,
    ) -> Result<Head, Stop> {
        let sizes: Vec<&str> = self
            .numbers
            .values()
            .map(|(name, _)| name.as_str())
            .collect();
        let mut binders = format!("({} : nat) (w0 : mat {d} 1)", sizes.join(" "));
        let mut premises = vec![(format!("L_{d}"), format!("0 < INR {d}"))];
        for (x, (rows, columns)) in designs {
            binders.push_str(&format!(
                " (Omega_{x} : Type) (E_{x} : (Omega_{x} -> R) -> R) ({x} : Omega_{x} -> mat {rows} {columns}) (p{x} : Omega_{x} -> mat {columns} {rows})"
            ));
            for (tag, says) in [
                ("M", format!("mean E_{x}")),
                ("J", format!("(forall o, pseudo_inverse ({x} o) (p{x} o))")),
                ("N", format!("(forall o, mul ({x} o) (p{x} o) = one)")),
                ("O", format!("rotated E_{x} {x} p{x}")),
            ] {
                premises.push((format!("{tag}_{x}"), says));
            }
        }
        Ok(Head {
            binders,
            premises,
            conclusion,
        })
    }
}

/// Where a mean over all draws stands, and of what.
fn joint(text: &str) -> Option<(usize, usize, String)> {
    let opening = "(mean_of E (fun o => ";
    let from = text.find(opening)?;
    let start = from + opening.len();
    let mut depth = 2;
    for (at, c) in text[start..].char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 1 {
            return Some((from, start + at + 2, text[start..start + at].to_owned()));
        }
    }
    None
}

/// The designs of a product `w0' P … P w0` of projections, as it is written.
fn word(body: &str) -> Option<Vec<String>> {
    let mut rest = body;
    let letters = letters(&mut rest)?;
    let [(first, true), inner @ .., (last, false)] = &letters[..] else {
        return None;
    };
    if first != "w0" || last != "w0" || !rest.is_empty() {
        return None;
    }
    let mut list = Vec::new();
    for pair in inner.chunks(2) {
        let [(a, s), (b, t)] = pair else { return None };
        let (p, x) = if *s { (b, a) } else { (a, b) };
        if s != t || *p != format!("p{x}") {
            return None;
        }
        list.push(x.clone());
    }
    Some(list)
}

/// The factors of a text of products and transposes, each with whether it is transposed.
fn letters(rest: &mut &str) -> Option<Vec<(String, bool)>> {
    *rest = rest.trim_start();
    if let Some(inner) = rest.strip_prefix("(mul ") {
        *rest = inner;
        let mut list = letters(rest)?;
        list.extend(letters(rest)?);
        *rest = rest.strip_prefix(')')?;
        return Some(list);
    }
    if let Some(inner) = rest.strip_prefix("(flip ") {
        *rest = inner;
        let mut list = letters(rest)?;
        list.reverse();
        *rest = rest.strip_prefix(')')?;
        return Some(list.into_iter().map(|(x, s)| (x, !s)).collect());
    }
    let end = rest.find([' ', ')', '(']).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    *rest = after;
    (!name.is_empty()).then(|| vec![(name.to_owned(), false)])
}

/// A mean over independent designs: one after the other.
fn nested(body: &str, word: Vec<String>, designs: &BTreeMap<String, (String, String)>) -> Mean {
    let over: Vec<String> = designs
        .keys()
        .filter(|x| word.contains(x))
        .cloned()
        .collect();
    let body = at(body, &over);
    Mean {
        text: means(&over, &body),
        over,
        word,
    }
}

fn means(over: &[String], body: &str) -> String {
    (over.iter().rev()).fold(body.to_owned(), |inner, x| {
        format!("(mean_of E_{x} (fun o_{x} => {inner}))")
    })
}

/// Designs and their pseudo-inverses in the draw of each.
fn at(text: &str, over: &[String]) -> String {
    reworded(text, &|word| {
        let x = over
            .iter()
            .find(|x| *x == word || word == format!("p{x}"))?;
        Some(format!("({word} o_{x})"))
    })
}

/// `w0' P … P w0`
fn product(word: &[String], over: &[String]) -> String {
    let inner = (word.iter().rev()).fold("w0".to_owned(), |rest, x| {
        format!("(mul p{x} (mul {x} {rest}))")
    });
    at(&format!("(mul (flip w0) {inner})"), over)
}

/// A product of what is left, times the share of each design whose mean is taken.
fn scaled(
    taken: &[String],
    word: &[String],
    designs: &BTreeMap<String, (String, String)>,
    d: &str,
) -> String {
    (taken.iter().rev()).fold(product(word, word), |rest, x| {
        format!("(scale (INR {} / INR {d}) {rest})", designs[x].0)
    })
}

/// The mean over the designs from the `i`-th inwards, of which the innermost leaves first.
fn level(
    mean: &Mean,
    i: usize,
    word: &[String],
    designs: &BTreeMap<String, (String, String)>,
    d: &str,
    script: &mut Script,
) -> Result<Vec<String>, Stop> {
    let x = &mean.over[i];
    let last = i + 1 == mean.over.len();
    let mut inner = Script::indented(script.indent + 2);
    say!(
        inner,
        "{{ apply mean_of_ext. intros o_{x}. pose proof (penrose_rules _ _ _ _ (J_{x} o_{x})) as (? & ? & ? & ? & ? & ? & ? & ?)."
    );
    let left = if last {
        say!(inner, "reduce. reflexivity. }}");
        word.to_vec()
    } else {
        let left = level(mean, i + 1, word, designs, d, &mut inner)?;
        say!(inner, "}}");
        left
    };
    // Once, so that its mean can be taken.
    if left.iter().filter(|y| *y == x).count() != 1 {
        return Err(Stop::Beyond("a projection that stands twice".into()));
    }
    let within = scaled(&mean.over[i + 1..], &left, designs, d);
    say!(
        script,
        "transitivity (mean_of E_{x} (fun o_{x} => {within}))."
    );
    script.push(inner.text());
    say!(
        script,
        "average M_{x} H_{x}. reduce. first [reflexivity | words]."
    );
    let mut after: Vec<String> = left.into_iter().filter(|y| y != x).collect();
    after.dedup();
    Ok(after)
}
