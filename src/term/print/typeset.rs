//! How a term is laid out on paper, before LaTeX or MathML is chosen.

use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed};

use super::{ATOM, MAX_LENGTH, NEGATION, Names, POSTFIX, POWER, PRODUCT, Range, SUM};
use crate::formula::ast::{BinaryOp, Extremum, Fold, Function, RelationOp};
use crate::formula::print::{is_decimal, number_text};
use crate::term::error::{EvaluationError, Outcome};
use crate::term::node::{Binder, Condition, Id, ModelId, RandomId, SymbolId};
use crate::term::store::Store;
use crate::term::walk::{Algebra, ExtremumForm, FoldForm, OfSpectrum, SpectralForm, Walker};

/// A formula in two dimensions.
#[derive(Debug)]
pub(super) enum Layout {
    Row(Vec<Part>),
    /// A name, with its subscript if it ends in one.
    Name(String),
    Number(String),
    /// An operator or a word such as `log`.
    Sign(&'static str),
    Word(&'static str),
    Fraction(Part, Part),
    Root(Part),
    Above(Part, Part),
    Below(Part, Part),
    /// Below and above.
    Both(Part, Part, Part),
    /// A sign with something under it, and perhaps over it.
    Limits(Part, Part, Option<Part>),
    Fenced(Fence, Part),
    Cases(Vec<(Part, Part)>),
    /// Rows of blocks, in square brackets.
    Grid(Vec<Vec<Part>>),
}

pub(super) type Part = Arc<Layout>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fence {
    Round,
    Square,
    Bars,
    Norm,
    Floor,
}

#[derive(Clone)]
pub(super) struct Laid {
    pub layout: Part,
    rank: u8,
    minus: bool,
    size: usize,
}

fn part(layout: Layout) -> Part {
    Arc::new(layout)
}

fn sign(text: &'static str) -> Part {
    part(Layout::Sign(text))
}

fn row(parts: Vec<Part>) -> Part {
    part(Layout::Row(parts))
}

fn fenced(fence: Fence, inner: Part) -> Part {
    part(Layout::Fenced(fence, inner))
}

fn list(items: Vec<Part>) -> Part {
    let mut parts = Vec::with_capacity(2 * items.len());
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            parts.push(sign(","));
        }
        parts.push(item);
    }
    row(parts)
}

/// Parts as rows of a grid; those of as many blocks each are taken apart.
fn under_one_another(parts: &[Part]) -> Vec<Vec<Part>> {
    let blocks = |p: &Part| match &**p {
        Layout::Grid(rows) if rows.len() == 1 => Some(rows[0].clone()),
        _ => None,
    };
    let apart: Option<Vec<Vec<Part>>> = parts.iter().map(blocks).collect();
    match apart {
        Some(rows) if rows.iter().all(|r| r.len() == rows[0].len()) => rows,
        _ => parts.iter().map(|p| vec![p.clone()]).collect(),
    }
}

/// A word applied to arguments in brackets.
fn applied(word: &'static str, arguments: Vec<Part>) -> Part {
    row(vec![
        part(Layout::Word(word)),
        fenced(Fence::Round, list(arguments)),
    ])
}

impl Laid {
    fn new(layout: Part, rank: u8, parts: &[&Laid]) -> Outcome<Self> {
        let size = 1 + parts.iter().map(|p| p.size).sum::<usize>();
        if size > MAX_LENGTH {
            return Err(EvaluationError::Budget);
        }
        Ok(Self {
            layout,
            rank,
            minus: false,
            size,
        })
    }

    fn at(&self, least: u8) -> Part {
        if self.rank < least {
            fenced(Fence::Round, self.layout.clone())
        } else {
            self.layout.clone()
        }
    }

    fn right(&self, least: u8) -> Part {
        self.at(if self.minus { ATOM } else { least })
    }
}

fn leaf(layout: Layout) -> Outcome<Laid> {
    Laid::new(part(layout), ATOM, &[])
}

/// Lays a term out.
pub(super) fn typeset(store: &Store, id: Id) -> Outcome<Part> {
    let mut walker = Walker::new(store);
    Ok(walker.value(&mut Typesetter::default(), id)?.layout)
}

#[derive(Default)]
struct Typesetter {
    names: Names,
}

type Lays<'w, 's> = &'w mut Walker<'s, Laid>;

fn relation(op: RelationOp) -> &'static str {
    match op {
        RelationOp::Eq => "=",
        RelationOp::Le => "≤",
        RelationOp::Ge => "≥",
        RelationOp::Lt => "<",
        RelationOp::Gt => ">",
        RelationOp::Equivalent => "∼",
        RelationOp::SameOrder => "≍",
        RelationOp::OrderAtMost => "≲",
        RelationOp::OrderAtLeast => "≳",
        RelationOp::TendsTo => "→",
    }
}

impl Typesetter {
    fn condition(&mut self, walker: Lays<'_, '_>, condition: &Condition) -> Outcome<Part> {
        let (parts, word) = match condition {
            Condition::Compare(a, op, b) => {
                let (a, b) = (walker.value(self, *a)?, walker.value(self, *b)?);
                return Ok(row(vec![a.layout, sign(relation(*op)), b.layout]));
            }
            Condition::All(parts) => (parts, "and"),
            Condition::Any(parts) => (parts, "or"),
        };
        let mut items = Vec::new();
        for (i, inner) in parts.iter().enumerate() {
            if i > 0 {
                items.push(part(Layout::Word(word)));
            }
            items.push(self.condition(walker, inner)?);
        }
        Ok(row(items))
    }

    fn folded(
        &mut self,
        walker: Lays<'_, '_>,
        range: Range,
        index: Part,
        body: &Laid,
    ) -> Outcome<Laid> {
        let (from, to) = (
            walker.value(self, range.from)?,
            walker.value(self, range.to)?,
        );
        let big = match range.kind {
            Fold::Sum => sign("∑"),
            Fold::Prod => sign("∏"),
            Fold::Int => return self.integrated(walker, range, index, body),
            Fold::Max => part(Layout::Word("max")),
            Fold::Min => part(Layout::Word("min")),
        };
        let under = row(vec![index, sign("="), from.layout.clone()]);
        let limits = part(Layout::Limits(big, under, Some(to.layout.clone())));
        // The body reaches as far as products do.
        let layout = row(vec![limits, body.right(PRODUCT)]);
        Laid::new(layout, PRODUCT, &[&from, &to, body])
    }
}

impl Typesetter {
    fn integrated(
        &mut self,
        walker: Lays<'_, '_>,
        range: Range,
        index: Part,
        body: &Laid,
    ) -> Outcome<Laid> {
        let (from, to) = (
            walker.value(self, range.from)?,
            walker.value(self, range.to)?,
        );
        let ends = part(Layout::Both(
            sign("∫"),
            from.layout.clone(),
            to.layout.clone(),
        ));
        let measure = row(vec![part(Layout::Word("d")), index]);
        let layout = row(vec![ends, body.right(PRODUCT), measure]);
        Laid::new(layout, PRODUCT, &[&from, &to, body])
    }
}

impl Algebra for Typesetter {
    type Value = Laid;

    fn number(&mut self, value: &BigRational) -> Outcome<Laid> {
        if is_decimal(value) {
            let mut laid = leaf(Layout::Number(number_text(value)))?;
            laid.minus = value.is_negative();
            laid.rank = if laid.minus { NEGATION } else { ATOM };
            return Ok(laid);
        }
        let whole = |n: BigInt| part(Layout::Number(n.to_string()));
        let fraction = part(Layout::Fraction(
            whole(value.numer().abs()),
            whole(value.denom().clone()),
        ));
        if value.is_negative() {
            let mut laid = Laid::new(row(vec![sign("−"), fraction]), NEGATION, &[])?;
            laid.minus = true;
            return Ok(laid);
        }
        Laid::new(fraction, POSTFIX, &[])
    }

    fn infinity(&mut self) -> Outcome<Laid> {
        leaf(Layout::Sign("∞"))
    }

    fn pi(&mut self) -> Outcome<Laid> {
        leaf(Layout::Name("pi".to_owned()))
    }

    fn symbol(&mut self, store: &Store, symbol: SymbolId) -> Outcome<Laid> {
        leaf(Layout::Name(store.symbol_name(symbol).to_owned()))
    }

    fn unbound(&mut self, store: &Store, binder: Binder) -> Outcome<Laid> {
        leaf(Layout::Name(store.binder_name(binder).to_owned()))
    }

    fn random(&mut self, store: &Store, object: RandomId, member: Option<Laid>) -> Outcome<Laid> {
        let name = part(Layout::Name(store.random(object).name.clone()));
        match member {
            Some(index) => Laid::new(
                part(Layout::Below(name, index.layout.clone())),
                ATOM,
                &[&index],
            ),
            None => Laid::new(name, ATOM, &[]),
        }
    }

    fn sigma(&mut self, _: &Store, _: ModelId) -> Outcome<Laid> {
        leaf(Layout::Name("Sigma".to_owned()))
    }

    fn target(&mut self, _: &Store, _: ModelId) -> Outcome<Laid> {
        leaf(Layout::Name("w0".to_owned()))
    }

    fn identity(&mut self, _: Lays<'_, '_>, _: Option<Id>) -> Outcome<Laid> {
        leaf(Layout::Name("I".to_owned()))
    }

    fn of_spectrum(&mut self, _: &Store, _: ModelId, what: OfSpectrum<Laid>) -> Outcome<Laid> {
        let name = |text: &str| part(Layout::Name(text.to_owned()));
        match what {
            OfSpectrum::Eigenvalue(j) => Laid::new(
                part(Layout::Below(name("s"), j.layout.clone())),
                ATOM,
                &[&j],
            ),
            OfSpectrum::Coefficient(j) => Laid::new(
                part(Layout::Below(name("c"), j.layout.clone())),
                ATOM,
                &[&j],
            ),
            OfSpectrum::Kappa(a, b) => {
                let arguments = list(vec![a.layout.clone(), b.layout.clone()]);
                let layout = row(vec![name("kappa"), fenced(Fence::Round, arguments)]);
                Laid::new(layout, ATOM, &[&a, &b])
            }
            OfSpectrum::Df(m, k) => {
                let word = part(Layout::Below(part(Layout::Word("df")), m.layout.clone()));
                let layout = row(vec![word, fenced(Fence::Round, k.layout.clone())]);
                Laid::new(layout, ATOM, &[&m, &k])
            }
        }
    }

    fn negate(&mut self, x: Laid) -> Outcome<Laid> {
        let mut laid = Laid::new(row(vec![sign("−"), x.right(PRODUCT)]), NEGATION, &[&x])?;
        laid.minus = true;
        Ok(laid)
    }

    fn binary(&mut self, op: BinaryOp, a: Laid, b: Laid) -> Outcome<Laid> {
        let (layout, rank) = match op {
            BinaryOp::Add => (row(vec![a.at(SUM), sign("+"), b.right(SUM + 1)]), SUM),
            BinaryOp::Sub => (row(vec![a.at(SUM), sign("−"), b.right(SUM + 1)]), SUM),
            // A thin dot only where juxtaposed numbers would run together.
            BinaryOp::Mul => {
                let (left, right) = (a.at(PRODUCT), b.right(PRODUCT));
                let digits = matches!(*right, Layout::Number(_));
                let between = if digits { sign("·") } else { sign("") };
                (row(vec![left, between, right]), PRODUCT)
            }
            BinaryOp::Div => (
                part(Layout::Fraction(a.layout.clone(), b.layout.clone())),
                POSTFIX,
            ),
            BinaryOp::Pow => {
                let simple = if a.rank >= ATOM { ATOM } else { ATOM + 1 };
                (part(Layout::Above(a.at(simple), b.layout.clone())), POWER)
            }
        };
        let mut laid = Laid::new(layout, rank, &[&a, &b])?;
        laid.minus = matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul)
            && a.rank >= rank
            && a.minus;
        Ok(laid)
    }

    fn transpose(&mut self, x: Laid) -> Outcome<Laid> {
        let base = x.at(if x.rank >= ATOM { ATOM } else { ATOM + 1 });
        Laid::new(part(Layout::Above(base, sign("⊤"))), POWER, &[&x])
    }

    fn call(&mut self, function: Function, arguments: Vec<Laid>) -> Outcome<Laid> {
        let parts: Vec<Part> = arguments.iter().map(|a| a.layout.clone()).collect();
        let inner = list(parts.clone());
        let two = || part(Layout::Number("2".to_owned()));
        let base = |a: &Laid| a.at(if a.rank >= ATOM { ATOM } else { ATOM + 1 });
        let mut rank = ATOM;
        let layout = match function {
            Function::Sqrt => part(Layout::Root(inner)),
            Function::Abs => fenced(Fence::Bars, inner),
            Function::Inv => {
                rank = POWER;
                let minus_one = row(vec![
                    sign("−"),
                    part(Layout::Number(BigInt::one().to_string())),
                ]);
                part(Layout::Above(base(&arguments[0]), minus_one))
            }
            Function::Pinv => {
                rank = POWER;
                part(Layout::Above(base(&arguments[0]), sign("†")))
            }
            Function::Norm2 => {
                rank = POWER;
                let norm = fenced(Fence::Norm, parts[0].clone());
                match parts.get(1) {
                    Some(weight) => part(Layout::Both(norm, weight.clone(), two())),
                    None => part(Layout::Above(norm, two())),
                }
            }
            Function::Opnorm => part(Layout::Below(
                fenced(Fence::Norm, inner),
                part(Layout::Word("op")),
            )),
            Function::Proj => part(Layout::Below(part(Layout::Name("Pi".to_owned())), inner)),
            Function::Floor => fenced(Fence::Floor, inner),
            Function::Factorial => row(vec![base(&arguments[0]), sign("!")]),
            Function::Logdet => row(vec![
                part(Layout::Word("log")),
                part(Layout::Word("det")),
                fenced(Fence::Round, inner),
            ]),
            Function::Eigmin => row(vec![
                part(Layout::Name("lambda_min".to_owned())),
                fenced(Fence::Round, inner),
            ]),
            Function::Eigmax => row(vec![
                part(Layout::Name("lambda_max".to_owned())),
                fenced(Fence::Round, inner),
            ]),
            Function::Gamma => row(vec![
                part(Layout::Name("Gamma".to_owned())),
                fenced(Fence::Round, inner),
            ]),
            Function::Zeta => row(vec![
                part(Layout::Name("zeta".to_owned())),
                fenced(Fence::Round, inner),
            ]),
            Function::Sin => row(vec![part(Layout::Word("sin")), fenced(Fence::Round, inner)]),
            Function::Cos => row(vec![part(Layout::Word("cos")), fenced(Fence::Round, inner)]),
            Function::Given => {
                let given = list(parts[1..].to_vec());
                let inner = row(vec![parts[0].clone(), sign("∣"), given]);
                row(vec![sign("𝔼"), fenced(Fence::Square, inner)])
            }
            Function::Columns => part(Layout::Grid(vec![parts])),
            Function::Rows => part(Layout::Grid(under_one_another(&parts))),
            _ => applied(function.name(), parts),
        };
        Laid::new(layout, rank, &arguments.iter().collect::<Vec<_>>())
    }

    fn compare(&mut self, _: Laid, _: RelationOp, _: Laid) -> Outcome<Option<bool>> {
        Ok(None)
    }

    fn choose(
        &mut self,
        walker: Lays<'_, '_>,
        condition: &Condition,
        then: Id,
        otherwise: Id,
    ) -> Outcome<Laid> {
        let condition = self.condition(walker, condition)?;
        let (a, b) = (walker.value(self, then)?, walker.value(self, otherwise)?);
        let cases = vec![
            (
                a.layout.clone(),
                row(vec![part(Layout::Word("if")), condition]),
            ),
            (b.layout.clone(), part(Layout::Word("otherwise"))),
        ];
        Laid::new(part(Layout::Cases(cases)), ATOM, &[&a, &b])
    }

    fn fold(&mut self, walker: Lays<'_, '_>, form: FoldForm) -> Outcome<Laid> {
        let store = walker.store();
        let name = self.names.take(store.binder_name(form.index), store);
        let index = part(Layout::Name(name));
        let value = Laid::new(index.clone(), ATOM, &[])?;
        let body = walker.bound_to(self, form.index, value, form.body);
        self.names.give_back();
        self.folded(walker, form.into(), index, &body?)
    }

    fn extremum(&mut self, walker: Lays<'_, '_>, form: ExtremumForm) -> Outcome<Laid> {
        let store = walker.store();
        let name = self.names.take(store.binder_name(form.variable), store);
        let variable = part(Layout::Name(name));
        let value = Laid::new(variable.clone(), ATOM, &[])?;
        let body = walker.bound_to(self, form.variable, value, form.body);
        self.names.give_back();
        let body = body?;
        let (from, to) = (walker.value(self, form.from)?, walker.value(self, form.to)?);
        let interval = fenced(
            Fence::Square,
            list(vec![from.layout.clone(), to.layout.clone()]),
        );
        let word = part(Layout::Word(match form.kind {
            Extremum::ArgMin => "arg min",
            Extremum::Inf => "inf",
            Extremum::ArgMax => "arg max",
            Extremum::Sup => "sup",
            Extremum::Root => "root",
        }));
        let limits = part(Layout::Limits(
            word,
            row(vec![variable, sign("∈"), interval]),
            None,
        ));
        let layout = row(vec![limits, body.right(PRODUCT)]);
        Laid::new(layout, PRODUCT, &[&from, &to, &body])
    }

    fn spectral_sum(&mut self, walker: Lays<'_, '_>, form: SpectralForm) -> Outcome<Laid> {
        let name = self.names.take("j", walker.store());
        let index = part(Layout::Name(name));
        let below = |letter: &str| {
            part(Layout::Below(
                part(Layout::Name(letter.to_owned())),
                index.clone(),
            ))
        };
        let value = Laid::new(below("s"), ATOM, &[])?;
        let body = walker.bound_to(self, form.eigenvalue, value, form.body);
        self.names.give_back();
        let mut body = body?;
        if form.weighted {
            let two = part(Layout::Number("2".to_owned()));
            let square = part(Layout::Above(below("c"), two));
            body = Laid::new(row(vec![square, body.right(PRODUCT)]), PRODUCT, &[&body])?;
        }
        self.folded(walker, form.into(), index, &body)
    }

    fn expectation(&mut self, walker: Lays<'_, '_>, body: Id) -> Outcome<Laid> {
        let inner = walker.value(self, body)?;
        let layout = row(vec![sign("𝔼"), fenced(Fence::Square, inner.layout.clone())]);
        Laid::new(layout, ATOM, &[&inner])
    }
}

/// A name's letters and what hangs below them: `sigma0` is σ with 0 below, `T_max` is T with max below.
pub(super) fn name_parts(name: &str) -> (&str, &str) {
    let at = name.find('_').unwrap_or_else(|| {
        let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
        letters.len()
    });
    match at {
        0 => (name, ""),
        at => (&name[..at], name[at..].trim_start_matches('_')),
    }
}

/// Greek letters, and ℓ, by the names they have in formulas.
pub(super) const GREEK: [(&str, char); 36] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("pi", 'π'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Xi", 'Ξ'),
    ("Pi", 'Π'),
    ("Sigma", 'Σ'),
    ("Upsilon", 'Υ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("varphi", 'ϕ'),
    ("ell", 'ℓ'),
];
