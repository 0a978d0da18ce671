//! Means in which some random objects are given, `E[f | X]`, made of plain ones.
//!
//! Inside of an outer mean each is its argument in objects of its own: `E[E[f | X]^2] = E[f(X, Y) f(X, Y')]`, `Y'` a copy
//! of `Y`. That is so wherever the outer argument is affine in each of them; anything else is refused. Outside of all means,
//! what is given is fixed, and the rest averaged.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::ast::{BinaryOp, Comparison, Expr, Fold, Function, Node, RelationOp, Span};
use super::constant::constant;
use super::define;
use super::error::FormulaError;
use super::scope::{MAX_EXPANDED_NODES, RandomObject, Scope};
use super::shape::infer::shape_of;
use super::shape::kind::Shape;
use super::substitute::{freed, fresh, map_parts, rename, substituted, with_variable};
use super::traverse::{children, contains, free_names};

/// Definitions within definitions that are opened, and operations around them.
const MAX_DEPTH: usize = 400;
/// The greatest power that is multiplied out.
const MAX_POWER: i64 = 8;

/// A claim without means in which something is given.
#[derive(Clone, Debug)]
pub struct Written {
    pub says: Comparison,
    /// With the copies that the claim now speaks of.
    pub scope: Scope,
    /// Objects that stand for one value each: the claim is about almost every one.
    pub fixed: Vec<String>,
}

type Opened = Result<Expr, FormulaError>;

/// The claim in plain means; `None` where it is so already. The file's functions are written out.
///
/// ```
/// use resolvent::formula::{given, parse::{parse_expression, parse_relation}, scope::*};
/// let mut scope = Scope::default();
/// for name in ["X", "Y"] {
///     let rows = parse_expression("3").unwrap();
///     let object = RandomObject { law: Law::Design { rows }, count: None };
///     scope.random.push((name.into(), object));
/// }
/// let plain = |text| given::written_out(&parse_relation(text).unwrap(), &scope).unwrap().unwrap().says.to_string();
/// assert_eq!(plain("E[tr(E[Y*X' | X])] = 0"), "E[tr(Y*X')] = 0");
/// assert_eq!(plain("E[tr(E[Y*X' | X]^2)] = 0"), "E[tr(Y*X'*(Y#1*X'))] = 0");
/// ```
///
/// # Errors
/// Where such a mean stands in something that is not affine in it.
pub fn written_out(says: &Comparison, scope: &Scope) -> Result<Option<Written>, FormulaError> {
    if !mentions(&says.lhs, scope) && !mentions(&says.rhs, scope) {
        return Ok(None);
    }
    let mut writer = Writer {
        scope,
        inside: scope
            .definitions
            .iter()
            .flat_map(|(_, body)| free_names(body))
            .map(|(name, _)| name)
            .collect(),
        copies: BTreeMap::new(),
        fixed: BTreeSet::new(),
        written: Cell::new(0),
    };
    let mut lhs = writer.opened(&says.lhs, &mut Vec::new(), 0)?;
    let mut rhs = writer.opened(&says.rhs, &mut Vec::new(), 0)?;
    for side in [&lhs, &rhs] {
        writer.fix(side);
    }
    lhs = writer.outside(&lhs)?;
    rhs = writer.outside(&rhs)?;
    let says = Comparison {
        lhs,
        op: says.op,
        rhs,
        span: says.span,
    };
    let mut extended = scope.clone();
    extended.random.extend(writer.copies);
    Ok(Some(Written {
        says,
        scope: extended,
        fixed: writer.fixed.into_iter().collect(),
    }))
}

/// `A = B` between random quantities as `E‖A − B‖² = 0`, which says the same.
pub fn as_squares(says: &Comparison, scope: &Scope) -> Option<Comparison> {
    let span = says.span;
    let of = |node| Expr::new(node, span);
    if says.op != RelationOp::Eq {
        return None;
    }
    let gap = of(Node::Binary(
        BinaryOp::Sub,
        says.lhs.clone(),
        says.rhs.clone(),
    ));
    let transposed = of(Node::Transpose(gap.clone()));
    let square = match shape_of(&gap, scope).ok()? {
        Shape::Scalar => Node::Binary(BinaryOp::Mul, gap.clone(), gap),
        Shape::Vector(_) => Node::Call(Function::Norm2, vec![gap]),
        Shape::Row(_) => Node::Binary(BinaryOp::Mul, gap, transposed),
        Shape::Matrix { .. } => {
            let product = of(Node::Binary(BinaryOp::Mul, transposed, gap));
            Node::Call(Function::Tr, vec![product])
        }
        Shape::Identity => return None,
    };
    Some(Comparison {
        lhs: of(Node::Expectation(of(square))),
        op: RelationOp::Eq,
        rhs: of(Node::Number(BigRational::zero())),
        span,
    })
}

/// Whether a mean with something given occurs, in definitions and functions too.
pub fn occurs(says: &Comparison, scope: &Scope) -> bool {
    let expanded = define::expand_comparison(says, scope);
    expanded.is_ok_and(|s| mentions(&s.lhs, scope) || mentions(&s.rhs, scope))
}

/// Faults of a relation: means given something where there is no way to average them.
pub(super) fn faults(says: &Comparison, scope: &Scope) -> Vec<FormulaError> {
    let written = define::expand_comparison(says, scope).and_then(|says| written_out(&says, scope));
    written.err().into_iter().collect()
}

fn is_given(node: &Node) -> bool {
    matches!(node, Node::Call(Function::Given, _))
}

fn has_given(expr: &Expr) -> bool {
    contains(expr, &is_given)
}

/// Whether one occurs, in definitions too, or a mean within a mean.
fn mentions(expr: &Expr, scope: &Scope) -> bool {
    let is_mean = |node: &Node| matches!(node, Node::Expectation(_));
    let nested = |node: &Node| match node {
        Node::Expectation(body) => leads_to(body, scope, &is_mean, &Visited::default(), 0),
        node => is_given(node),
    };
    leads_to(expr, scope, &nested, &Visited::default(), 0)
}

/// With every plain mean in it as one in which nothing is given.
fn with_nothing_given(expr: &Expr) -> Expr {
    let mapped = map_parts(expr, &mut |part, _| Ok(with_nothing_given(part)));
    let mapped = mapped.unwrap_or_else(|_| expr.clone());
    match &*mapped.node {
        Node::Expectation(body) => {
            Expr::new(Node::Call(Function::Given, vec![body.clone()]), mapped.span)
        }
        _ => mapped,
    }
}

/// Definitions that have been looked into: each once, however many ways lead to it.
type Visited = RefCell<BTreeSet<String>>;

/// Whether some node fits, in definitions too.
fn leads_to(
    expr: &Expr,
    scope: &Scope,
    fits: &dyn Fn(&Node) -> bool,
    visited: &Visited,
    depth: usize,
) -> bool {
    contains(expr, &|node| {
        fits(node)
            || matches!(node, Node::Name(name)
                if depth < MAX_DEPTH
                    && visited.borrow_mut().insert(name.clone())
                    && (scope.expansion(name))
                        .is_some_and(|body| leads_to(body, scope, fits, visited, depth + 1)))
    })
}

struct Writer<'a> {
    scope: &'a Scope,
    /// Names that definitions use: an index around them must not be called so.
    inside: BTreeSet<String>,
    copies: BTreeMap<String, RandomObject>,
    fixed: BTreeSet<String>,
    /// Operations written out so far.
    written: Cell<usize>,
}

impl Writer<'_> {
    fn object(&self, name: &str) -> Option<&RandomObject> {
        let declared = self.scope.random.iter().find(|(n, _)| n == name);
        declared.map(|(_, o)| o).or_else(|| self.copies.get(name))
    }

    /// With every definition written out that leads to something random.
    fn opened(&self, expr: &Expr, binders: &mut Vec<String>, depth: usize) -> Opened {
        self.written.set(self.written.get() + 1);
        if depth > MAX_DEPTH || self.written.get() > MAX_EXPANDED_NODES {
            return Err(FormulaError::new(
                "F016",
                expr.span,
                "with its definitions written out, E[… | …] is too long",
            )
            .with_help("use fewer definitions within definitions, fewer steps of a recursion"));
        }
        if let Node::Name(name) = &*expr.node
            && !binders.contains(name)
            && let Some(body) = self.scope.expansion(name)
            && self.is_random(body)
        {
            return self.opened(body, &mut Vec::new(), depth + 1);
        }
        let mut form = match &*expr.node {
            Node::Diff(f, by, None) if !binders.contains(by) => self.of_variable(expr, f, by),
            _ => expr.clone(),
        };
        // Definitions see no index; the variable of a minimum or a derivative they do.
        if let Node::Fold {
            index: name, body, ..
        } = &*expr.node
            && self.inside.contains(name)
        {
            let other = fresh(name, body, self.scope);
            form = with_variable(expr, &other, rename(body, name, &other));
        }
        map_parts(&form, &mut |part, bound| {
            binders.extend(bound.map(str::to_owned));
            let part = self.opened(part, binders, depth + 1);
            if bound.is_some() {
                binders.pop();
            }
            part
        })
    }

    /// A derivative by what would be written out, by a variable of its own.
    fn of_variable(&self, derivative: &Expr, f: &Expr, by: &str) -> Expr {
        let stands_for = self.scope.expansion(by);
        if !stands_for.is_some_and(|body| self.is_random(body)) {
            return derivative.clone();
        }
        let other = fresh(by, f, self.scope);
        let f = freed(self.scope, f, by, &other);
        let at = Expr::new(Node::Name(by.to_owned()), derivative.span);
        Expr::new(Node::Diff(f, other, Some(at)), derivative.span)
    }

    fn is_random(&self, expr: &Expr) -> bool {
        let fits = |node: &Node| match node {
            Node::Member(..) => true,
            Node::Name(name) => self.object(name).is_some(),
            _ => false,
        };
        leads_to(expr, self.scope, &fits, &Visited::default(), 0)
    }

    /// The objects that `expr` speaks of where nothing averages over them, and those that are given.
    fn free_objects(&self, expr: &Expr, found: &mut BTreeSet<String>) {
        match &*expr.node {
            Node::Expectation(_) => {}
            Node::Call(Function::Given, arguments) => {
                for given in &arguments[1..] {
                    self.free_objects(given, found);
                }
            }
            Node::Name(name) | Node::Member(name, _) if self.object(name).is_some() => {
                found.insert(name.clone());
            }
            _ => {}
        }
        if !matches!(&*expr.node, Node::Expectation(_)) && !is_given(&expr.node) {
            for part in children(expr) {
                self.free_objects(part, found);
            }
        }
    }

    fn fix(&mut self, side: &Expr) {
        let mut found = BTreeSet::new();
        self.free_objects(side, &mut found);
        self.fixed.extend(found);
    }

    /// Outside of all means.
    fn outside(&mut self, expr: &Expr) -> Opened {
        match &*expr.node {
            Node::Expectation(body) => self.plain(body, 1, &[], expr.span),
            Node::Call(Function::Given, arguments) => {
                self.plain(&arguments[0], 2, &given(arguments), expr.span)
            }
            _ => map_parts(expr, &mut |part, _| self.outside(part)),
        }
    }

    /// A mean over all that is not given; what is fixed around it has copies in it.
    fn plain(&mut self, body: &Expr, level: usize, given: &[&str], span: Span) -> Opened {
        let body = self.under_mean(body, level)?;
        let fixed = self.fixed.clone();
        let body = self.renamed(&body, given, &|name| {
            fixed.contains(name).then(|| format!("{name}#0"))
        });
        Ok(Expr::new(Node::Expectation(body), span))
    }

    /// Inside of a mean: every `E[f | X]` is `f` in objects of its own. `level` tells means within means apart.
    fn under_mean(&mut self, body: &Expr, level: usize) -> Opened {
        let body = with_nothing_given(body);
        if !has_given(&body) {
            return Ok(body);
        }
        let mut taken = BTreeSet::new();
        self.free_objects(&body, &mut taken);
        let copies = Copies { taken, level };
        Ok(self.replicated(&body, 0, &copies)?.0)
    }

    /// Also the number of the first set of copies that is not in use. Summands share theirs, factors do not.
    fn replicated(
        &mut self,
        expr: &Expr,
        from: usize,
        copies: &Copies,
    ) -> Result<(Expr, usize), FormulaError> {
        if !has_given(expr) {
            return Ok((expr.clone(), from));
        }
        let span = expr.span;
        let times = |a, b| Expr::new(Node::Binary(BinaryOp::Mul, a, b), span);
        match &*expr.node {
            Node::Call(Function::Given, arguments) => {
                let body = self.under_mean(&arguments[0], copies.level + 1)?;
                let name = |name: &str| copies.name(name, from);
                let body = self.renamed(&body, &given(arguments), &name);
                Ok((body, from + 1))
            }
            Node::Binary(BinaryOp::Mul, a, b) => {
                let (a, next) = self.replicated(a, from, copies)?;
                let (b, next) = self.replicated(b, next, copies)?;
                Ok((times(a, b), next))
            }
            Node::Binary(BinaryOp::Pow, base, exponent) => {
                let power = constant(exponent).and_then(|q| q.is_integer().then(|| q.to_i64()));
                let Some(power @ 1..=MAX_POWER) = power.flatten() else {
                    return Err(refused(expr, "such a power"));
                };
                let (mut product, mut next) = self.replicated(base, from, copies)?;
                for _ in 1..power {
                    let (factor, after) = self.replicated(base, next, copies)?;
                    product = times(product, factor);
                    next = after;
                }
                Ok((product, next))
            }
            Node::Call(Function::Norm2, arguments) => {
                let (left, next) = self.replicated(&arguments[0], from, copies)?;
                let (right, mut next) = self.replicated(&arguments[0], next, copies)?;
                let mut left = Expr::new(Node::Transpose(left), span);
                if let Some(weight) = arguments.get(1) {
                    let (weight, after) = self.replicated(weight, next, copies)?;
                    left = times(left, weight);
                    next = after;
                }
                Ok((times(left, right), next))
            }
            _ => {
                let mut next = from;
                let mut number = 0;
                let parts = map_parts(expr, &mut |part, _| {
                    number += 1;
                    if has_given(part) && !is_affine(&expr.node, number - 1) {
                        return Err(refused(part, &within(&expr.node)));
                    }
                    let (part, after) = self.replicated(part, from, copies)?;
                    next = next.max(after);
                    Ok(part)
                })?;
                Ok((parts, next))
            }
        }
    }

    /// `body` with other objects in place of those that are not given.
    fn renamed(
        &mut self,
        body: &Expr,
        given: &[&str],
        name: &dyn Fn(&str) -> Option<String>,
    ) -> Expr {
        let mut values: BTreeMap<String, Expr> = BTreeMap::new();
        let mut members: BTreeMap<String, String> = BTreeMap::new();
        for (old, span) in free_names(body) {
            let Some(object) = self.object(&old).filter(|_| !given.contains(&old.as_str())) else {
                continue;
            };
            let Some(new) = name(&old) else { continue };
            let object = object.clone();
            if object.count.is_some() {
                members.insert(old, new.clone());
            } else {
                values.insert(old, Expr::new(Node::Name(new.clone()), span));
            }
            self.copies.insert(new, object);
        }
        with_members(&substituted(self.scope, body, &values), &members)
    }
}

/// How copies are called inside of one mean.
struct Copies {
    /// Objects that the mean itself speaks of.
    taken: BTreeSet<String>,
    level: usize,
}

impl Copies {
    /// The first set is the objects themselves where they are free.
    fn name(&self, name: &str, set: usize) -> Option<String> {
        let set = set + usize::from(self.taken.contains(name));
        (set > 0).then(|| format!("{name}{}{set}", "#".repeat(self.level)))
    }
}

fn given(arguments: &[Expr]) -> Vec<&str> {
    arguments[1..]
        .iter()
        .filter_map(|e| match &*e.node {
            Node::Name(name) => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

fn with_members(expr: &Expr, names: &BTreeMap<String, String>) -> Expr {
    if names.is_empty() {
        return expr.clone();
    }
    let mapped = map_parts(expr, &mut |part, _| Ok(with_members(part, names)));
    let mapped = mapped.unwrap_or_else(|_| expr.clone());
    match &*mapped.node {
        Node::Member(name, index) if names.contains_key(name) => {
            Expr::new(Node::Member(names[name].clone(), index.clone()), expr.span)
        }
        _ => mapped,
    }
}

/// Whether a node is affine in its part number `part`, jointly with the others.
fn is_affine(node: &Node, part: usize) -> bool {
    match node {
        Node::Neg(_) | Node::Transpose(_) | Node::Diff(..) => true,
        Node::Binary(op, ..) => match op {
            BinaryOp::Add | BinaryOp::Sub => true,
            BinaryOp::Div => part == 0,
            BinaryOp::Mul | BinaryOp::Pow => false,
        },
        Node::Call(function, _) => match function {
            Function::Tr | Function::Diag | Function::Rows | Function::Columns => true,
            Function::Ridge => part == 1,
            _ => false,
        },
        // After the sides of the condition.
        Node::If(..) => part >= 2,
        Node::Fold { kind, .. } => part == 2 && matches!(kind, Fold::Sum | Fold::Int),
        _ => false,
    }
}

fn within(node: &Node) -> String {
    match node {
        Node::Call(function, _) => format!("`{}`", function.name()),
        Node::Binary(BinaryOp::Div, ..) => "a divisor".into(),
        Node::If(..) => "a condition".into(),
        Node::Fold { kind, .. } => format!("`{}`", kind.name()),
        Node::Extremum { kind, .. } => format!("`{}`", kind.name()),
        Node::Expectation(_) => "a mean of its own".into(),
        _ => "this".into(),
    }
}

fn refused(at: &Expr, place: &str) -> FormulaError {
    let span: Span = at.span;
    FormulaError::new(
        "S012",
        span,
        format!("E[… | …] stands in {place} inside of an outer mean"),
    )
    .with_help(
        "inside of E[…] it may be added, multiplied, raised to small whole powers, transposed, traced and taken as labels of ridge",
    )
}
