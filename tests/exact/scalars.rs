//! Numbers: symbols, traces and forms of functions of Sigma, kappa and its derivative, finite sums.

use super::random::Random;

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    Whole(i64),
    Symbol(&'static str),
    /// `diff(k, lambda)`
    Slope,
    Add(Box<Number>, Box<Number>),
    Sub(Box<Number>, Box<Number>),
    Mul(Box<Number>, Box<Number>),
    Div(Box<Number>, Box<Number>),
    Square(Box<Number>),
    Trace(Box<Function>),
    Form(Box<Function>),
    Df(i64, Box<Number>),
    /// `sum(j = 1..n, body*j)`
    Sum(i64, Box<Number>),
}

/// A function of Sigma.
#[derive(Clone, Debug, PartialEq)]
pub enum Function {
    Sigma,
    /// A multiple of the identity.
    Flat(Box<Number>),
    Plus(Box<Function>, Box<Function>),
    Minus(Box<Function>, Box<Function>),
    Times(Box<Function>, Box<Function>),
    Scaled(Box<Number>, Box<Function>),
    /// `inv(Sigma + c*I)` for a positive symbol `c`.
    Resolvent(&'static str),
}

use Function::{Flat, Minus, Plus, Resolvent, Scaled, Sigma, Times};
use Number::{Add, Df, Div, Form, Mul, Slope, Square, Sub, Sum, Symbol, Trace, Whole};

/// What is divided by, and where poles stand: positive.
const POSITIVE: [&str; 4] = ["a", "b", "lambda", "k"];

fn b<T>(x: T) -> Box<T> {
    Box::new(x)
}

impl Number {
    pub fn text(&self) -> String {
        match self {
            Whole(n) => n.to_string(),
            Symbol(name) => (*name).to_owned(),
            Slope => "diff(k, lambda)".into(),
            Add(x, y) => format!("({} + {})", x.text(), y.text()),
            Sub(x, y) => format!("({} - {})", x.text(), y.text()),
            Mul(x, y) => format!("({}*{})", x.text(), y.text()),
            Div(x, y) => format!("({}/{})", x.text(), y.text()),
            Square(x) => format!("({})^2", x.text()),
            Trace(f) => format!("tr({})", f.text()),
            Form(f) => format!("(w0'*({})*w0)", f.text()),
            Df(m, k) => format!("df({m}, {})", k.text()),
            Sum(n, x) => format!("sum(j = 1..{n}, j*({}))", x.text()),
        }
    }

    fn at(&self, p: &Point) -> f64 {
        match self {
            Whole(n) => *n as f64,
            Symbol(name) => p.symbol(name),
            Slope => 1.0 / (1.0 - p.df(2, p.kappa) / p.samples),
            Add(x, y) => x.at(p) + y.at(p),
            Sub(x, y) => x.at(p) - y.at(p),
            Mul(x, y) => x.at(p) * y.at(p),
            Div(x, y) => x.at(p) / y.at(p),
            Square(x) => x.at(p).powi(2),
            Trace(f) => p.modes.iter().map(|(s, _)| f.at(p, *s)).sum(),
            Form(f) => p.modes.iter().map(|(s, c)| c * c * f.at(p, *s)).sum(),
            Df(m, k) => p.df(*m as i32, k.at(p)),
            Sum(n, x) => (1..=*n).map(|j| j as f64 * x.at(p)).sum(),
        }
    }
}

impl Function {
    fn text(&self) -> String {
        match self {
            Sigma => "Sigma".into(),
            Flat(x) => format!("({})*I", x.text()),
            Plus(f, g) => format!("({} + {})", f.text(), g.text()),
            Minus(f, g) => format!("({} - {})", f.text(), g.text()),
            Times(f, g) => format!("{}*{}", f.text(), g.text()),
            Scaled(x, f) => format!("({})*{}", x.text(), f.text()),
            Resolvent(c) => format!("inv(Sigma + {c}*I)"),
        }
    }

    fn at(&self, p: &Point, s: f64) -> f64 {
        match self {
            Sigma => s,
            Flat(x) => x.at(p),
            Plus(f, g) => f.at(p, s) + g.at(p, s),
            Minus(f, g) => f.at(p, s) - g.at(p, s),
            Times(f, g) => f.at(p, s) * g.at(p, s),
            Scaled(x, f) => x.at(p) * f.at(p, s),
            Resolvent(c) => 1.0 / (s + p.symbol(c)),
        }
    }
}

/// Where two sides are compared.
pub struct Point {
    symbols: [(&'static str, f64); 4],
    modes: Vec<(f64, f64)>,
    samples: f64,
    kappa: f64,
}

impl Point {
    fn new(symbols: [f64; 4], modes: Vec<(f64, f64)>, samples: f64) -> Self {
        let [a, b, x, lambda] = symbols;
        let mut point = Self {
            symbols: [("a", a), ("b", b), ("x", x), ("lambda", lambda)],
            modes,
            samples,
            kappa: 0.0,
        };
        let (mut low, mut high) = (0.0, 1e3);
        for _ in 0..200 {
            let k = 0.5 * (low + high);
            let value = k - lambda - k * point.df(1, k) / samples;
            if value < 0.0 { low = k } else { high = k }
        }
        point.kappa = 0.5 * (low + high);
        point
    }

    fn df(&self, m: i32, k: f64) -> f64 {
        self.modes.iter().map(|(s, _)| (s / (s + k)).powi(m)).sum()
    }

    fn symbol(&self, name: &str) -> f64 {
        match name {
            "k" => self.kappa,
            "T" => self.samples,
            "d" => self.modes.len() as f64,
            _ => self
                .symbols
                .iter()
                .find(|s| s.0 == name)
                .map_or(f64::NAN, |s| s.1),
        }
    }
}

fn points() -> [Point; 2] {
    [
        Point::new(
            [0.7, 1.9, -1.3, 0.31],
            vec![(1.7, 0.4), (0.6, -1.1), (0.23, 0.8)],
            5.0,
        ),
        Point::new(
            [2.3, 0.4, 0.9, 1.7],
            vec![(2.9, 1.4), (1.1, 0.3), (0.8, -0.6), (0.2, 0.9)],
            3.0,
        ),
    ]
}

/// How far two numbers are apart, relative to their size.
fn apart(x: &Number, y: &Number) -> f64 {
    points()
        .iter()
        .map(|p| {
            let (x, y) = (x.at(p), y.at(p));
            (x - y).abs() / (1.0 + x.abs() + y.abs())
        })
        .fold(0.0, f64::max)
}

fn leaf(random: &mut Random) -> Number {
    match random.below(8) {
        0 | 1 => Whole(1 + random.below(5) as i64),
        2 => Slope,
        3 => Df(
            1 + random.below(2) as i64,
            b(Symbol(random.one_of(&POSITIVE))),
        ),
        _ => Symbol(random.one_of(&["a", "b", "x", "lambda", "k", "T", "d"])),
    }
}

fn number(random: &mut Random, depth: usize) -> Number {
    if depth == 0 {
        return leaf(random);
    }
    let next = |random: &mut Random| b(number(random, depth - 1));
    match random.below(9) {
        0 => Add(next(random), next(random)),
        1 => Sub(next(random), next(random)),
        2 => Mul(next(random), next(random)),
        3 => Div(next(random), b(Symbol(random.one_of(&POSITIVE)))),
        4 => Square(next(random)),
        5 | 6 => Trace(b(function(random, depth))),
        7 => Form(b(function(random, depth))),
        _ => Sum(2 + random.below(2) as i64, next(random)),
    }
}

fn function(random: &mut Random, depth: usize) -> Function {
    if depth == 0 {
        return match random.below(4) {
            0 => Sigma,
            1 => Flat(b(Symbol(random.one_of(&["a", "b", "x"])))),
            _ => Resolvent(random.one_of(&POSITIVE)),
        };
    }
    let next = |random: &mut Random| b(function(random, depth - 1));
    match random.below(4) {
        0 => Plus(next(random), next(random)),
        1 => Minus(next(random), next(random)),
        2 => Scaled(b(leaf(random)), next(random)),
        _ => Times(next(random), next(random)),
    }
}

/// One sound rewriting of a number at its top, if the rule drawn applies.
fn rewritten(x: &Number, random: &mut Random) -> Option<Number> {
    Some(match (random.below(14), x) {
        (0, Add(p, q)) => Add(q.clone(), p.clone()),
        (1, Mul(p, q)) => Mul(q.clone(), p.clone()),
        (2, Sub(p, q)) => Sub(
            b(Add(p.clone(), b(Whole(1)))),
            b(Add(q.clone(), b(Whole(1)))),
        ),
        (3, Square(p)) => Mul(p.clone(), p.clone()),
        (4, Mul(p, q)) => match &**q {
            Add(r, s) => Add(b(Mul(p.clone(), r.clone())), b(Mul(p.clone(), s.clone()))),
            _ => return None,
        },
        (5, Trace(f)) => match &**f {
            Plus(g, h) => Add(b(Trace(g.clone())), b(Trace(h.clone()))),
            Minus(g, h) => Sub(b(Trace(g.clone())), b(Trace(h.clone()))),
            Scaled(c, g) => Mul(c.clone(), b(Trace(g.clone()))),
            Flat(c) => Mul(b(Symbol("d")), c.clone()),
            _ => return None,
        },
        (6, Form(f)) => match &**f {
            Plus(g, h) => Add(b(Form(g.clone())), b(Form(h.clone()))),
            Minus(g, h) => Sub(b(Form(g.clone())), b(Form(h.clone()))),
            Scaled(c, g) => Mul(c.clone(), b(Form(g.clone()))),
            _ => return None,
        },
        (7, Df(1, k)) => match **k {
            Symbol(c) => Sub(b(Symbol("d")), b(Mul(k.clone(), b(Trace(b(Resolvent(c))))))),
            _ => return None,
        },
        (8, Df(2, k)) => match **k {
            Symbol(c) => Sub(
                b(Df(1, k.clone())),
                b(Mul(
                    k.clone(),
                    b(Trace(b(Times(
                        b(Sigma),
                        b(Times(b(Resolvent(c)), b(Resolvent(c)))),
                    )))),
                )),
            ),
            _ => return None,
        },
        // The equation of kappa.
        (9, Symbol("lambda")) => Sub(
            b(Symbol("k")),
            b(Div(
                b(Mul(b(Symbol("k")), b(Df(1, b(Symbol("k")))))),
                b(Symbol("T")),
            )),
        ),
        (10, Slope) => Div(
            b(Symbol("T")),
            b(Sub(b(Symbol("T")), b(Df(2, b(Symbol("k")))))),
        ),
        (11, Sum(n, x)) => Mul(b(Whole(n * (n + 1) / 2)), x.clone()),
        (12, Symbol(c)) if POSITIVE.contains(c) => Div(b(Square(b(x.clone()))), b(x.clone())),
        (13, Trace(f)) => Trace(b(changed(f, random)?)),
        (13, Form(f)) => Form(b(changed(f, random)?)),
        _ => return None,
    })
}

/// One sound rewriting of a function, here or inside.
fn changed(f: &Function, random: &mut Random) -> Option<Function> {
    let inside = |g: &Function, random: &mut Random| changed(g, random).map(b);
    Some(match (random.below(8), f) {
        (0, Plus(g, h)) => Plus(h.clone(), g.clone()),
        (1, Times(g, h)) => Times(h.clone(), g.clone()),
        (2, Times(g, h)) => match (&**g, &**h) {
            // Resolvents of two shifts, and a shift that cancels.
            (Sigma, Resolvent(c)) => Minus(
                b(Flat(b(Whole(1)))),
                b(Scaled(b(Symbol(c)), b(Resolvent(c)))),
            ),
            (_, Plus(u, v)) => Plus(
                b(Times(g.clone(), u.clone())),
                b(Times(g.clone(), v.clone())),
            ),
            _ => return None,
        },
        (3, Resolvent(c)) => Times(
            b(Plus(b(Sigma), b(Flat(b(Symbol(c)))))),
            b(Times(b(Resolvent(c)), b(Resolvent(c)))),
        ),
        (4, Plus(g, h)) => Plus(inside(g, random)?, h.clone()),
        (5, Times(g, h)) => Times(inside(g, random)?, h.clone()),
        (6, Scaled(c, g)) => Scaled(c.clone(), inside(g, random)?),
        (7, Minus(g, h)) => Minus(g.clone(), inside(h, random)?),
        _ => return None,
    })
}

/// Does `edit` to one of the numbers inside, drawn at random, where it applies.
fn somewhere(
    x: &Number,
    random: &mut Random,
    edit: &dyn Fn(&Number, &mut Random) -> Option<Number>,
) -> Option<Number> {
    if random.below(3) == 0
        && let Some(new) = edit(x, random)
    {
        return Some(new);
    }
    let left = random.below(2) == 0;
    let mut into = |y: &Number, random: &mut Random| somewhere(y, random, edit).map(b);
    let two = |p: &Number,
               q: &Number,
               random: &mut Random,
               into: &mut dyn FnMut(&Number, &mut Random) -> Option<Box<Number>>| {
        if left {
            into(p, random).map(|new| (new, b(q.clone())))
        } else {
            into(q, random).map(|new| (b(p.clone()), new))
        }
    };
    Some(match x {
        Add(p, q) => two(p, q, random, &mut into).map(|(p, q)| Add(p, q))?,
        Sub(p, q) => two(p, q, random, &mut into).map(|(p, q)| Sub(p, q))?,
        Mul(p, q) => two(p, q, random, &mut into).map(|(p, q)| Mul(p, q))?,
        Div(p, q) => Div(into(p, random)?, q.clone()),
        Square(p) => Square(into(p, random)?),
        Sum(n, p) => Sum(*n, into(p, random)?),
        _ => edit(x, random)?,
    })
}

/// One edit: another number, symbol or operation.
fn edited(x: &Number, random: &mut Random) -> Option<Number> {
    Some(match x {
        Whole(n) => Whole(n + 1),
        Symbol(name) => {
            let other = random.one_of(&["a", "b", "x", "lambda", "T", "d"]);
            if other == *name {
                return None;
            }
            Symbol(other)
        }
        Slope => Symbol("k"),
        Add(p, q) => Sub(p.clone(), q.clone()),
        Sub(p, q) => Add(p.clone(), q.clone()),
        Mul(p, q) => Add(p.clone(), q.clone()),
        Div(p, q) => Mul(p.clone(), q.clone()),
        Square(p) => *p.clone(),
        Df(m, k) => Df(m + 1, k.clone()),
        Sum(n, p) => Sum(n + 1, p.clone()),
        Trace(f) => Trace(b(Times(f.clone(), b(Sigma)))),
        Form(f) => Form(b(Plus(f.clone(), b(Sigma)))),
    })
}

/// An identity and one that is false by one edit.
pub fn pair(random: &mut Random) -> (String, String) {
    loop {
        let depth = 2 + random.below(2);
        let left = number(random, depth);
        let mut right = left.clone();
        for _ in 0..8 {
            if let Some(new) = somewhere(&right, random, &rewritten) {
                right = new;
            }
        }
        let gap = apart(&left, &right);
        assert!(
            !(gap > 1e-9),
            "rewriting is not sound: {} = {}",
            left.text(),
            right.text()
        );
        if left == right || right.text().len() > 400 || !gap.is_finite() {
            continue;
        }
        for _ in 0..20 {
            if let Some(wrong) = somewhere(&right, random, &edited)
                && apart(&left, &wrong) > 1e-6
            {
                return (
                    format!("{} = {}", left.text(), right.text()),
                    format!("{} = {}", left.text(), wrong.text()),
                );
            }
        }
    }
}
