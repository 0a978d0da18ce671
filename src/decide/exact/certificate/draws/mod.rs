//! Identities draw by draw: real matrices of any size, with an inverse or a pseudo-inverse wherever one is taken.

mod algebra;
mod drawn;
pub mod rotated;

use std::collections::BTreeMap;

use super::super::algebra::Exactly;
use super::super::fraction::Fraction;
use super::super::ground::{Answer, Stop};
use super::super::proof::ground;
use super::script::{Script, has_word, reworded, say};
use super::theorem::{Head, Theorem};
use super::writer::named;
use crate::formula::ast::RelationOp;
use crate::term::{EvaluationError, Id, Node, Outcome, Statement, SymbolId, Walker};
use drawn::{Drawn, Shifted, flipped, shifted, times};

struct Inverse {
    name: String,
    of: String,
    size: String,
    shifted: Option<Shifted>,
}

struct Drawer<'s> {
    exact: Exactly<'s>,
    statement: &'s Statement,
    numbers: BTreeMap<SymbolId, (String, bool)>,
    matrices: BTreeMap<String, (String, String)>,
    pseudo: Vec<(String, String)>,
    inverses: Vec<Inverse>,
    /// Which matrices are `a AB + b`, by their text.
    shifted: BTreeMap<String, Shifted>,
    target: bool,
    sigma: bool,
    /// Whether the walk is inside a mean, whether it met one, and whether it met a draw elsewhere.
    inside: bool,
    means: bool,
    outside: bool,
}

/// The claim without its means: what it says of one draw. `None` where it has no means.
pub fn drawn(statement: &Statement) -> Option<Statement> {
    let mut drawn = statement.clone();
    let mut has_means = false;
    for side in [&mut drawn.claim.lhs, &mut drawn.claim.rhs] {
        loop {
            let mut found = None;
            drawn.store.visit(*side, &mut |_, node| {
                if let Node::Expectation(body) = node {
                    found = Some((node.clone(), *body));
                }
            });
            let Some((mean, body)) = found else { break };
            has_means = true;
            let only = |node: &Node| (*node == mean).then_some(body);
            *side = drawn.store.replace(*side, &[body], &only);
        }
    }
    has_means.then_some(drawn)
}

/// A theorem about every draw, in one case of the claim.
pub fn theorem(statement: &Statement, answers: &[Answer]) -> Result<Theorem, Stop> {
    if statement.claim.op != RelationOp::Eq {
        return Err(Stop::Beyond("an order of draws".into()));
    }
    let mut drawer = Drawer::new(statement, answers)?;
    let (lhs, rhs) = drawer.sides()?;
    let (a, b) = match (&lhs, &rhs) {
        (Drawn::Matrix { text: a, .. }, Drawn::Matrix { text: b, .. })
        | (Drawn::Form(a), Drawn::Form(b)) => (a, b),
        _ => return Err(Stop::Beyond("such sides of draws".into())),
    };
    if drawer.means && drawer.outside {
        return Err(Stop::Beyond("a draw beside a mean".into()));
    }
    let conclusion = format!("{a} = {b}");
    let form = matches!(lhs, Drawn::Form(_));
    let mut head = drawer.head(conclusion)?;
    let mut script = drawer.script(form);
    if drawer.means {
        drawer.vary(&mut head, &mut script);
    }
    Ok(Theorem { head, script })
}

impl<'s> Drawer<'s> {
    fn new(statement: &'s Statement, answers: &[Answer]) -> Result<Self, Stop> {
        let (exact, _) = ground(statement, answers, &[])?;
        Ok(Self {
            exact,
            statement,
            numbers: BTreeMap::new(),
            matrices: BTreeMap::new(),
            pseudo: Vec::new(),
            inverses: Vec::new(),
            shifted: BTreeMap::new(),
            target: false,
            sigma: false,
            inside: false,
            means: false,
            outside: false,
        })
    }
}

impl Drawer<'_> {
    /// Both sides of the claim.
    fn sides(&mut self) -> Result<(Drawn, Drawn), Stop> {
        let claim = &self.statement.claim;
        let mut walker = Walker::new(&self.statement.store);
        let lhs = walker.value(self, claim.lhs)?;
        let rhs = walker.value(self, claim.rhs)?;
        Ok((lhs, rhs))
    }

    fn dimension(&mut self) -> Outcome<String> {
        let d = self.statement.store.model(self.statement.model).dimension;
        match d.map(|d| (d, self.statement.store.node(d))) {
            Some((_, Node::Symbol(symbol))) => Ok(self.size(*symbol)),
            _ => Err(EvaluationError::unsupported("such a dimension")),
        }
    }

    /// A symbol as a size.
    fn size(&mut self, symbol: SymbolId) -> String {
        let name = named(self.statement.store.symbol_name(symbol));
        self.numbers.insert(symbol, (name.clone(), true));
        name
    }

    fn sized(&mut self, id: Id) -> Outcome<String> {
        match self.statement.store.node(id) {
            Node::Symbol(symbol) => Ok(self.size(*symbol)),
            _ => Err(EvaluationError::unsupported("a size that is a formula")),
        }
    }

    fn pinv(&mut self, of: &str, size: &(String, String)) -> Drawn {
        let name = format!("p{of}");
        if !self.pseudo.iter().any(|(_, p)| *p == name) {
            self.pseudo.push((of.to_owned(), name.clone()));
            self.matrices
                .insert(name.clone(), (size.1.clone(), size.0.clone()));
        }
        Drawn::Matrix {
            text: name,
            size: Some((size.1.clone(), size.0.clone())),
        }
    }

    /// The pseudo-inverse of a design.
    fn pseudo_inverse(&mut self, x: &Drawn) -> Outcome<Drawn> {
        match x {
            Drawn::Matrix {
                text,
                size: Some(size),
            } if self.matrices.contains_key(text) => Ok(self.pinv(text, size)),
            _ => Err(EvaluationError::unsupported("such a pseudo-inverse")),
        }
    }

    fn inverse(&mut self, x: &Drawn) -> Outcome<Drawn> {
        let Drawn::Matrix {
            text,
            size: Some(size),
        } = x
        else {
            return Err(EvaluationError::unsupported("such an inverse"));
        };
        let known = self.inverses.iter().find(|i| i.of == *text);
        let name = match known {
            Some(known) => known.name.clone(),
            None => {
                let name = format!("R{}", self.inverses.len() + 1);
                self.inverses.push(Inverse {
                    name: name.clone(),
                    of: text.clone(),
                    size: size.0.clone(),
                    shifted: self.shifted.get(text).cloned(),
                });
                name
            }
        };
        Ok(Drawn::Matrix {
            text: name,
            size: Some(size.clone()),
        })
    }

    /// `(X'X/T + λ)^-1 X'y/T`, or the pseudo-inverse's fit without ridge.
    fn fit(&mut self, x: &Drawn, y: Drawn, lambda: &Drawn) -> Outcome<Drawn> {
        let Drawn::Number { text: l, exact } = lambda else {
            return Err(EvaluationError::unsupported("such a ridge"));
        };
        if exact.is_zero() {
            let p = self.pseudo_inverse(x)?;
            return times(p, y);
        }
        let Drawn::Matrix {
            size: Some((rows, _)),
            ..
        } = x
        else {
            return Err(EvaluationError::unsupported("such a design"));
        };
        let over = Drawn::Number {
            text: format!("(/ (INR {rows}))"),
            exact: Fraction::one(),
        };
        let shift = Drawn::Number {
            text: l.clone(),
            exact: exact.clone(),
        };
        let square = times(flipped(x.clone()), x.clone())?;
        let one = Drawn::Matrix {
            text: "one".into(),
            size: None,
        };
        let scaled = times(over.clone(), square)?;
        let shifted = self.sum(scaled, times(shift, one)?)?;
        let r = self.inverse(&shifted)?;
        let right = times(times(r, flipped(x.clone()))?, y)?;
        times(over, right)
    }

    fn sum(&mut self, a: Drawn, b: Drawn) -> Outcome<Drawn> {
        match (a, b) {
            (Drawn::Matrix { text: x, size: s }, Drawn::Matrix { text: y, size: t }) => {
                let text = format!("(add {x} {y})");
                if let Some(shifted) = shifted(&x, &y) {
                    self.shifted.insert(text.clone(), shifted);
                }
                Ok(Drawn::Matrix {
                    text,
                    size: s.or(t),
                })
            }
            (Drawn::Form(x), Drawn::Form(y)) => Ok(Drawn::Form(format!("(add {x} {y})"))),
            (Drawn::Number { text: x, exact: f }, Drawn::Number { text: y, exact: g }) => {
                Ok(Drawn::Number {
                    text: format!("({x} + {y})"),
                    exact: f.add(&g),
                })
            }
            _ => Err(EvaluationError::unsupported("a sum of a number and a form")),
        }
    }

    fn head(&mut self, conclusion: String) -> Result<Head, Stop> {
        let d = self.dimension()?;
        let sizes: Vec<String> = (self.numbers.values())
            .filter(|(_, size)| *size)
            .map(|(name, _)| name.clone())
            .collect();
        let reals: Vec<String> = (self.numbers.values())
            .filter(|(_, size)| !size)
            .map(|(name, _)| name.clone())
            .collect();
        let mut binders = format!("({} : nat)", sizes.join(" "));
        if !reals.is_empty() {
            binders.push_str(&format!(" ({} : R)", reals.join(" ")));
        }
        if self.sigma {
            binders.push_str(&format!(" (Sigma : mat {d} {d})"));
        }
        if self.target {
            binders.push_str(&format!(" (w0 : mat {d} 1)"));
        }
        let draw = if self.means { "Omega -> " } else { "" };
        if self.means {
            binders.push_str(" (Omega : Type) (E : (Omega -> R) -> R)");
        }
        for (name, (rows, columns)) in &self.matrices {
            binders.push_str(&format!(" ({name} : {draw}mat {rows} {columns})"));
        }
        let varying = self.varying();
        for inverse in &self.inverses {
            let draw = if varying.contains(&inverse.name) {
                draw
            } else {
                ""
            };
            binders.push_str(&format!(
                " ({} : {draw}mat {s} {s})",
                inverse.name,
                s = inverse.size
            ));
        }
        let mut premises = Vec::new();
        if self.means {
            premises.push(("M".into(), "mean E".into()));
        }
        for size in &sizes {
            premises.push((format!("L_{size}"), format!("0 < INR {size}")));
        }
        for terms in &self.statement.symbols {
            if let Some((name, false)) = self.numbers.get(&terms.symbol) {
                let v = self.exact.symbols.get(&terms.symbol);
                if let Some(sign) = v.and_then(|v| self.exact.ground.sign(*v)) {
                    let relation = if sign { "<" } else { "<=" };
                    premises.push((format!("L_{name}"), format!("0 {relation} {name}")));
                }
            }
        }
        if self.sigma {
            premises.push(("Y".into(), "flip Sigma = Sigma".into()));
        }
        for (i, (x, p)) in self.pseudo.iter().enumerate() {
            premises.push((format!("J{}", i + 1), format!("pseudo_inverse {x} {p}")));
        }
        for (i, inverse) in self.inverses.iter().enumerate() {
            premises.push((
                format!("I{}", i + 1),
                format!("inverse {} {}", inverse.of, inverse.name),
            ));
        }
        Ok(Head {
            binders,
            premises,
            conclusion,
        })
    }

    /// The names of what a draw decides.
    fn varying(&self) -> Vec<String> {
        let mut names: Vec<String> = self.matrices.keys().cloned().collect();
        for inverse in &self.inverses {
            if names.iter().any(|name| has_word(&inverse.of, name)) {
                names.push(inverse.name.clone());
            }
        }
        names
    }

    /// A theorem about one draw as one about means: everything drawn is a function of the draw.
    fn vary(&self, head: &mut Head, script: &mut Script) {
        let names = self.varying();
        let drawn = |word: &str| {
            names
                .iter()
                .any(|n| n == word)
                .then(|| format!("({word} o)"))
        };
        let at = |text: &str| reworded(text, &drawn);
        head.conclusion = at(&head.conclusion);
        let mut own = Script::default();
        say!(own, "gather M. apply mean_of_ext. intros o.");
        for (name, says) in &mut head.premises {
            let at_draw = at(says);
            if at_draw != *says {
                *says = format!("(forall o, {at_draw})");
                say!(own, "specialize ({name} o).");
            }
        }
        own.push(&at(script.text()));
        *script = own;
    }

    fn script(&self, form: bool) -> Script {
        let mut script = Script::default();
        if form && self.means {
            say!(script, "apply form_eq.");
        }
        for i in 1..=self.pseudo.len() {
            say!(
                script,
                "pose proof (penrose_rules _ _ _ _ J{i}) as (? & ? & ? & ? & ? & ? & ? & ?). clear J{i}."
            );
        }
        for (i, inverse) in self.inverses.iter().enumerate() {
            let n = i + 1;
            let Some(s) = &inverse.shifted else {
                say!(script, "destruct I{n} as [I{n} ?].");
                continue;
            };
            say!(
                script,
                "pose proof (resolvent_rules _ _ {} {} {} {} {} ltac:(nonzero) I{n}) as (? & ? & ? & ?).",
                s.scale,
                s.shift,
                s.first,
                s.second,
                inverse.name
            );
            for (k, other) in self.inverses.iter().enumerate() {
                let dual = other.shifted.as_ref().is_some_and(|o| {
                    o.scale == s.scale
                        && o.shift == s.shift
                        && o.first == s.second
                        && o.second == s.first
                });
                if dual && k > i {
                    say!(
                        script,
                        "pose proof (push_rules _ _ {} {} {} {} {} {} ltac:(nonzero) I{n} I{}) as (? & ? & ? & ? & ? & ?).",
                        s.scale,
                        s.shift,
                        s.first,
                        s.second,
                        inverse.name,
                        other.name,
                        k + 1
                    );
                }
            }
        }
        say!(script, "reduce.");
        say!(script, "words.");
        script
    }
}
