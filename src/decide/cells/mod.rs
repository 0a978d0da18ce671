//! Rates over the whole domain: both sides as orders of growth, cell by cell.
//!
//! At one point of the parameters a formula is carried through the algebra of [orders](orders), whose exponents
//! are rational functions of the parameters. Every comparison made on the way is written down; all points with the
//! same outcomes form a cell, in which the exponents are explicit. Each comparison is then turned round, a point
//! with the other outcome is looked for ([`solve`]), and so on until the domain is covered, boundaries included.

mod combination;
mod contract;
mod explain;
mod form;
mod growth;
mod inequalities;
mod linear;
mod orders;
mod profile;
mod separator;
mod solve;

use std::cmp::Ordering;

use num_rational::BigRational;
use num_traits::{Signed, Zero};

pub use explain::explain;

use crate::budget;
use crate::formula::ast::{BinaryOp, Comparison, RelationOp};
use crate::formula::scope::Scope;
use crate::number::Coefficient;
use crate::term::{EvaluationError, Id, Node, Outcome, Relation, Statement, Walker, resolve};

use contract::Ranges;
use form::{Form, MAX_PARAMETERS, Polynomial};
use growth::{Course, Growth};
use orders::{Orders, Value};
use solve::Search;

/// Cells looked at before the rest is left open.
const MAX_CELLS: usize = 600;
/// Searches for points before the rest is left open.
const MAX_SEARCHES: usize = 1_500;

/// What a search costs, about.
const SEARCH: u64 = 500_000;

/// Why a cell stays open that an assumption may exclude.
const OF_ONE_ORDER: &str = "an assumption of two sides of one order";

type Signs = Vec<(Polynomial, Ordering)>;

/// What a relation does in one cell.
#[derive(Clone, Debug, PartialEq)]
enum Leaf {
    Holds,
    Fails(String),
    /// It fails unless an assumption of two sides of one order excludes it.
    Doubtful(String),
    /// The assumptions exclude it.
    Excluded,
    /// A side has no value.
    Undefined(String),
    Open(String),
}

struct Cell {
    signs: Signs,
    point: Vec<BigRational>,
    leaf: Leaf,
}

/// A point of a cell in which the relation fails, or may fail.
#[derive(Clone, Debug)]
pub struct Failing {
    /// The parameters by name.
    pub point: Vec<(String, BigRational)>,
    pub what: String,
    /// Whether an assumption may exclude the point.
    pub doubtful: bool,
    /// Whether the cell is a part of a boundary.
    pub thin: bool,
}

/// What was found out about the whole domain.
#[derive(Clone, Debug, Default)]
pub struct Cover {
    pub holds: usize,
    pub fails: Vec<Failing>,
    pub undefined: Vec<Failing>,
    pub open: Vec<String>,
    /// A point of each cell that orders leave open, thin ones first.
    pub unsettled: Vec<Failing>,
    /// Where a failing relation does hold, as a condition in the language.
    pub holds_where: Option<String>,
}

impl Cover {
    /// Whether every cell is settled and the relation holds in all of them.
    pub fn proves(&self) -> bool {
        self.holds > 0 && self.fails.is_empty() && self.undefined.is_empty() && self.open.is_empty()
    }
}

struct Claim<'s> {
    statement: &'s Statement,
    names: Vec<String>,
    ranges: Ranges,
    /// By symbol.
    symbols: Vec<Option<Value>>,
    /// The least values of whole symbols.
    smallest: Vec<Option<BigRational>>,
}

/// How much of a domain is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Whole,
    /// Until the relation fails in one cell: enough to refute it.
    FirstFailure,
}

/// Decides a relation of limits in every cell of its domain; `Err` where its formulas or its domain are beyond
/// the algebra of orders.
pub fn cover(statement: &Statement, extent: Extent) -> Outcome<Cover> {
    let claim = Claim::new(statement)?;
    let (cells, open) = covering(&claim, extent)?;
    Ok(claim.summary(&cells, open))
}

/// Whether a relation of limits is proved in every cell of the domain that a scope gives.
pub fn proved(says: &Comparison, scope: &Scope) -> bool {
    resolve(says, scope)
        .is_ok_and(|s| cover(&s, Extent::FirstFailure).is_ok_and(|cover| cover.proves()))
}

/// The cells of a claim's domain, and what stayed open between them.
fn covering(claim: &Claim<'_>, extent: Extent) -> Outcome<(Vec<Cell>, Vec<String>)> {
    let mut cells = Vec::new();
    let mut open = Vec::new();
    let mut prefixes: Vec<Signs> = vec![Vec::new()];
    let mut searches = 0;
    while let Some(prefix) = prefixes.pop() {
        searches += 1;
        let paid = budget::charge(SEARCH);
        if paid.is_err() || searches > MAX_SEARCHES || cells.len() > MAX_CELLS {
            open.push("more cells than were looked at".into());
            break;
        }
        let point = match solve::find(&claim.ranges, &prefix) {
            Search::Empty => continue,
            Search::Open => {
                let shown: Vec<String> = prefix
                    .iter()
                    .map(|(p, s)| claim.literal(p, *s, false))
                    .collect();
                open.push(format!("whether a cell is empty ({})", shown.join(", ")));
                continue;
            }
            Search::Point(point) => point,
        };
        let (leaf, signs) = claim.at(point.clone());
        for i in prefix.len()..signs.len() {
            let taken = signs[i].1;
            for other in [Ordering::Less, Ordering::Equal, Ordering::Greater] {
                if other != taken {
                    let mut next = signs[..i].to_vec();
                    next.push((signs[i].0.clone(), other));
                    prefixes.push(next);
                }
            }
        }
        if cells.is_empty()
            && let Leaf::Open(why) = &leaf
            && let Some(what) = why.strip_prefix("not supported: ")
        {
            return Err(EvaluationError::unsupported(what));
        }
        let enough = extent == Extent::FirstFailure && matches!(leaf, Leaf::Fails(_));
        cells.push(Cell { signs, point, leaf });
        if enough {
            open.push("the cells after the first that fails".into());
            break;
        }
    }
    Ok((cells, open))
}

impl<'s> Claim<'s> {
    fn new(statement: &'s Statement) -> Outcome<Self> {
        let store = &statement.store;
        let Some(limit) = &statement.limit else {
            return Err(EvaluationError::unsupported("a limit that is not declared"));
        };
        let mut claim = Self {
            statement,
            names: Vec::new(),
            ranges: Ranges {
                low: Vec::new(),
                high: Vec::new(),
            },
            symbols: vec![None; store.symbols().count()],
            smallest: vec![None; store.symbols().count()],
        };
        for (frozen, value) in &limit.frozen {
            if positive_everywhere(statement, *value) {
                claim.symbols[frozen.index()] = Some(constant());
            }
        }
        let matters = statement.symbols_that_matter();
        for symbol in &statement.symbols {
            let on_path = limit.path.iter().any(|(s, _)| *s == symbol.symbol);
            if symbol.symbol == limit.variable || on_path || !matters.contains(&symbol.symbol) {
                continue;
            }
            let (Some(low), Some(high)) = (store.constant(symbol.min), store.constant(symbol.max))
            else {
                return Err(EvaluationError::unsupported(
                    "a domain whose ends depend on other symbols",
                ));
            };
            let value = if symbol.integer {
                if !low.is_positive() {
                    continue;
                }
                claim.smallest[symbol.symbol.index()] = Some(low);
                constant()
            } else {
                let index = claim.names.len();
                if index >= MAX_PARAMETERS {
                    return Err(EvaluationError::unsupported("so many parameters"));
                }
                claim
                    .names
                    .push(store.symbol_name(symbol.symbol).to_owned());
                claim.ranges.low.push(low);
                claim.ranges.high.push(high);
                Value::Number(Form::parameter(index))
            };
            claim.symbols[symbol.symbol.index()] = Some(value);
        }
        claim.symbols[limit.variable.index()] = Some(Value::Growth {
            positive: true,
            growth: Growth::variable(),
        });
        Ok(claim)
    }

    /// What the relation does at a point, and the comparisons that this rests on.
    fn at(&self, point: Vec<BigRational>) -> (Leaf, Signs) {
        let mut orders = Orders {
            course: Course::at(point),
            symbols: self.symbols.clone(),
            smallest: &self.smallest,
            store: &self.statement.store,
            model: self.statement.model,
        };
        let leaf = match self.decide(&mut orders) {
            Ok(leaf) => leaf,
            Err(EvaluationError::Undefined(what)) => Leaf::Undefined(what),
            Err(other) => Leaf::Open(other.to_string()),
        };
        (leaf, orders.course.taken)
    }

    fn decide(&self, orders: &mut Orders<'_>) -> Outcome<Leaf> {
        let statement = self.statement;
        let mut walker = Walker::new(&statement.store);
        if let Some(limit) = &statement.limit {
            for (symbol, id) in &limit.path {
                // what is beyond the algebra stops the claims that speak of it
                match walker.value(orders, *id) {
                    Ok(value) => orders.symbols[symbol.index()] = Some(value),
                    Err(EvaluationError::Undefined(what)) => {
                        return Err(EvaluationError::Undefined(what));
                    }
                    Err(_) => {}
                }
            }
        }
        // values known from before the path was laid do not count
        let mut walker = Walker::new(&statement.store);
        let mut doubt = false;
        for assumption in &statement.assumptions {
            let a = walker.value(orders, assumption.lhs)?;
            let b = walker.value(orders, assumption.rhs)?;
            match crate::term::Algebra::compare(orders, a, assumption.op, b)? {
                Some(true) => {}
                Some(false) => return Ok(Leaf::Excluded),
                None => doubt = true,
            }
        }
        // what holds without an assumption holds with it; what fails may be excluded by it
        match self.related(orders, &mut walker) {
            Ok(Leaf::Fails(what)) if doubt => Ok(Leaf::Doubtful(what)),
            Err(EvaluationError::Undefined(_)) if doubt => Ok(Leaf::Open(OF_ONE_ORDER.into())),
            other => other,
        }
    }

    fn related(&self, orders: &mut Orders<'_>, walker: &mut Walker<'_, Value>) -> Outcome<Leaf> {
        let claim = &self.statement.claim;
        let lhs = walker.value(orders, claim.lhs)?;
        if claim.op == RelationOp::TendsTo {
            return self.tends_to(orders, walker, claim, &lhs);
        }
        let rhs = walker.value(orders, claim.rhs)?;
        self.orders(orders, claim.op, &lhs, &rhs)
    }

    fn orders(
        &self,
        orders: &mut Orders<'_>,
        op: RelationOp,
        lhs: &Value,
        rhs: &Value,
    ) -> Outcome<Leaf> {
        if let (RelationOp::Equivalent, Value::Number(a), Value::Number(b)) = (op, lhs, rhs)
            && orders.course.compare(a, b)? == Ordering::Equal
            && orders.course.sign(a)? != Ordering::Equal
        {
            return Ok(Leaf::Holds);
        }
        let both_signs = matches!(op, RelationOp::SameOrder | RelationOp::Equivalent);
        let (a, b) = match (orders.signed(lhs)?, orders.signed(rhs)?) {
            (Some((true, a)), Some((true, b))) => (a, b),
            (Some((false, a)), Some((false, b))) if both_signs => (a, b),
            (Some((true, _)), Some((false, _))) | (Some((false, _)), Some((true, _)))
                if both_signs =>
            {
                return Ok(Leaf::Fails("the sides have opposite signs".into()));
            }
            (Some((false, _)), Some((true, _))) if op == RelationOp::OrderAtLeast => {
                return Ok(Leaf::Fails("the sides have opposite signs".into()));
            }
            _ => return Ok(Leaf::Open("a side is zero or negative".into())),
        };
        let order = a.compare(&b, &mut orders.course)?;
        let fails = || {
            let (a, b) = (a.text(&self.names), b.text(&self.names));
            Ok(Leaf::Fails(format!(
                "the left side is of order {a}, the right side of order {b}"
            )))
        };
        match (op, order) {
            (RelationOp::Equivalent, Ordering::Equal) => {
                let Some((a, b)) = a.constants(&b) else {
                    return Ok(Leaf::Open("constants beside equal orders".into()));
                };
                if orders.course.compare(a, b)? == Ordering::Equal {
                    return Ok(Leaf::Holds);
                }
                let (a, b) = (a.text(&self.names), b.text(&self.names));
                Ok(Leaf::Fails(format!(
                    "the constant of the left side is {a}, that of the right side {b}"
                )))
            }
            (RelationOp::SameOrder, Ordering::Equal)
            | (RelationOp::OrderAtMost, Ordering::Less | Ordering::Equal)
            | (RelationOp::OrderAtLeast, Ordering::Greater | Ordering::Equal) => Ok(Leaf::Holds),
            _ => fails(),
        }
    }

    fn tends_to(
        &self,
        orders: &mut Orders<'_>,
        walker: &mut Walker<'_, Value>,
        claim: &Relation,
        lhs: &Value,
    ) -> Outcome<Leaf> {
        let store = &self.statement.store;
        let verdict = |holds: bool, what: String| {
            Ok(if holds {
                Leaf::Holds
            } else {
                Leaf::Fails(what)
            })
        };
        let infinite = match store.node(claim.rhs) {
            Node::Infinity => Some(true),
            Node::Neg(inner) if matches!(store.node(*inner), Node::Infinity) => Some(false),
            _ => None,
        };
        if let Some(wanted) = infinite {
            let Some((positive, growth)) = orders.signed(lhs)? else {
                return verdict(false, "the left side is zero".into());
            };
            let grows = orders.grows(&growth)?;
            let what = format!("the left side is of order {}", growth.text(&self.names));
            return verdict(grows == Ordering::Greater && positive == wanted, what);
        }
        let rhs = walker.value(orders, claim.rhs)?;
        if let (Value::Number(a), Value::Number(b)) = (lhs, &rhs) {
            let holds = orders.course.compare(a, b)? == Ordering::Equal;
            let (a, b) = (a.text(&self.names), b.text(&self.names));
            return verdict(holds, format!("the left side is {a}, the right side {b}"));
        }
        let Value::Number(target) = &rhs else {
            return Ok(Leaf::Open("constants beside equal orders".into()));
        };
        let Some((positive, growth)) = orders.signed(lhs)? else {
            let holds = orders.course.sign(target)? == Ordering::Equal;
            return verdict(holds, "the left side is zero".into());
        };
        let grows = orders.grows(&growth)?;
        let vanishing = orders.course.sign(target)? == Ordering::Equal;
        let what = format!("the left side is of order {}", growth.text(&self.names));
        match (grows, vanishing) {
            (Ordering::Less, vanishing) => verdict(vanishing, what),
            (Ordering::Greater, _) | (Ordering::Equal, true) => verdict(false, what),
            (Ordering::Equal, false) => {
                let Some(constant) = &growth.leading else {
                    return Ok(Leaf::Open("constants beside equal orders".into()));
                };
                let constant = if positive {
                    constant.clone()
                } else {
                    constant.negated()
                };
                let holds = orders.course.compare(&constant, target)? == Ordering::Equal;
                let tends = constant.text(&self.names);
                verdict(holds, format!("the left side tends to {tends}"))
            }
        }
    }

    fn summary(&self, cells: &[Cell], open: Vec<String>) -> Cover {
        let named = |cell: &Cell, what: &str| Failing {
            point: self
                .names
                .iter()
                .cloned()
                .zip(cell.point.iter().cloned())
                .collect(),
            what: what.to_owned(),
            doubtful: matches!(cell.leaf, Leaf::Doubtful(_)),
            thin: cell.signs.iter().any(|(_, sign)| *sign == Ordering::Equal),
        };
        let mut cover = Cover {
            open,
            ..Cover::default()
        };
        for cell in cells {
            match &cell.leaf {
                Leaf::Holds => cover.holds += 1,
                Leaf::Fails(what) => cover.fails.push(named(cell, what)),
                Leaf::Doubtful(what) => {
                    cover.fails.push(named(cell, what));
                    cover.open.push(OF_ONE_ORDER.into());
                }
                Leaf::Undefined(what) => cover.undefined.push(named(cell, what)),
                Leaf::Open(why) => {
                    cover.unsettled.push(named(cell, why));
                    cover.open.push(why.clone());
                }
                Leaf::Excluded => continue,
            }
        }
        // the simplest points first
        let size = |f: &Failing| -> u64 {
            let bits = |x: &BigRational| x.numer().bits() + 2 * x.denom().bits();
            f.point.iter().map(|(_, x)| bits(x)).sum()
        };
        cover.fails.sort_by_key(|f| (f.doubtful, size(f)));
        cover.unsettled.sort_by_key(|f| (!f.thin, size(f)));
        if cover.open.is_empty() {
            cover.holds_where = self.separator(cells);
        }
        cover
    }

    /// A comparison in the language, solved for a parameter where it is linear in one with a constant factor.
    fn literal(&self, p: &Polynomial, sign: Ordering, weak: bool) -> String {
        let relation = |sign: Ordering| match (sign, weak) {
            (Ordering::Less, false) => "<",
            (Ordering::Less, true) => "<=",
            (Ordering::Greater, false) => ">",
            (Ordering::Greater, true) => ">=",
            (Ordering::Equal, _) => "=",
        };
        for (i, name) in self.names.iter().enumerate() {
            let parts = p.coefficients_in(i);
            if let [rest, factor] = parts.as_slice()
                && let Some(c) = factor.as_constant()
                && !c.is_zero()
            {
                let sign = if c.is_negative() {
                    sign.reverse()
                } else {
                    sign
                };
                let other = rest
                    .scaled(&Coefficient::from_rational(-c.recip()))
                    .text(&self.names);
                return format!("{name} {} {other}", relation(sign));
            }
        }
        format!("{} {} 0", p.text(&self.names), relation(sign))
    }
}

/// Whether a term is made by sums, products, quotients and powers of what is positive on the whole domain.
fn positive_everywhere(statement: &Statement, id: Id) -> bool {
    let store = &statement.store;
    let both = |a, b| positive_everywhere(statement, a) && positive_everywhere(statement, b);
    match *store.node(id) {
        Node::Number(ref x) => x.is_positive(),
        Node::Pi => true,
        Node::Symbol(symbol) => {
            let mut domains = statement.symbols.iter();
            let least = domains
                .find(|s| s.symbol == symbol)
                .and_then(|s| store.constant(s.min));
            least.is_some_and(|x| x.is_positive())
        }
        Node::Binary(BinaryOp::Mul | BinaryOp::Div | BinaryOp::Add, a, b) => both(a, b),
        Node::Binary(BinaryOp::Pow, a, _) => positive_everywhere(statement, a),
        _ => false,
    }
}

fn constant() -> Value {
    Value::Growth {
        positive: true,
        growth: Growth::constant(),
    }
}
