//! Functions that a file defines: `"Bias(x)" = "…"` under [define].
//!
//! A function's body means what it means where it was defined: names in it are those of the file, its parameters the
//! arguments of the call. Terms hold calls written out; syntax trees are written out here, for those who read trees.
//! Recursions are written out step by step.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use num_rational::BigRational;

use super::ast::{Comparison, Expr, Node, RelationOp, Span};
use super::error::FormulaError;
use super::recursion::{Indices, Range, members, needs_itself, range};
use super::scope::{DefinedFunction, MAX_EXPANDED_DEPTH, Scope, Start};
use super::substitute::{fresh, map_parts, rename, substituted, with_variable};
use super::traverse::{children, free_names, size};

/// Calls may be nested this deep, operations around them counted.
const MAX_DEPTH: usize = 200;
/// Nodes of a formula with its calls written out.
const MAX_NODES: usize = 100_000;

/// The function that a node calls, with its arguments.
pub(crate) fn called<'a, 's>(
    node: &'a Node,
    scope: &'s Scope,
) -> Option<(&'a str, &'s DefinedFunction, &'a [Expr])> {
    let (name, arguments) = match node {
        Node::Member(name, argument) => (name, std::slice::from_ref(argument)),
        Node::Apply(name, arguments) => (name, arguments.as_slice()),
        _ => return None,
    };
    let function = scope.function(name)?;
    (function.parameters.len() == arguments.len()).then_some((name, function, arguments))
}

/// `expr` with the file's functions written out.
pub fn expand(expr: &Expr, scope: &Scope) -> Result<Expr, FormulaError> {
    expand_within(expr, scope, Indices::new())
}

/// As [`expand`], where `indices` are bound around.
pub(super) fn expand_within(
    expr: &Expr,
    scope: &Scope,
    indices: Indices,
) -> Result<Expr, FormulaError> {
    if scope.functions.is_empty() {
        return Ok(expr.clone());
    }
    let bodies = scope.functions.iter().flat_map(|(_, f)| f.bodies());
    let expander = Expander {
        scope,
        inside: bodies
            .flat_map(|body| free_names(body).into_iter().map(|(name, _)| name))
            .collect(),
        indices: RefCell::new(indices),
        members: RefCell::default(),
    };
    let expanded = expander.expand(expr, 0)?;
    let (height, nodes) = size(&expanded);
    if nodes > MAX_NODES || height > MAX_EXPANDED_DEPTH {
        return Err(FormulaError::new(
            "F016",
            expr.span,
            format!("the formula has {nodes} operations, {height} deep, with its functions written out"),
        )
        .with_help(format!(
            "at most {MAX_NODES}, and {MAX_EXPANDED_DEPTH} deep: use fewer calls within calls, fewer steps of a recursion"
        )));
    }
    Ok(expanded)
}

/// As [`expand`], on both sides.
pub fn expand_comparison(says: &Comparison, scope: &Scope) -> Result<Comparison, FormulaError> {
    Ok(Comparison {
        lhs: expand(&says.lhs, scope)?,
        op: says.op,
        rhs: expand(&says.rhs, scope)?,
        span: says.span,
    })
}

struct Expander<'a> {
    scope: &'a Scope,
    /// Names that bodies of functions use: an index around a call must not be called so.
    inside: BTreeSet<String>,
    /// Indices that are bound around what is being expanded.
    indices: RefCell<Indices>,
    /// Members of recursions, `None` while they are made.
    members: RefCell<HashMap<(String, i64), Option<Expr>>>,
}

impl Expander<'_> {
    fn expand(&self, expr: &Expr, depth: usize) -> Result<Expr, FormulaError> {
        if depth > MAX_DEPTH {
            return Err(FormulaError::new(
                "F015",
                expr.span,
                format!("functions that call one another more than {MAX_DEPTH} deep"),
            )
            .with_help("a function ends in symbols, numbers and functions of the language"));
        }
        if let Some((name, function, arguments)) = called(&expr.node, self.scope) {
            if let (Some(start), [index]) = (&function.start, arguments) {
                return self.recursion(name, (function, start), index, (expr.span, depth));
            }
            let mut values = BTreeMap::new();
            for (parameter, argument) in function.parameters.iter().zip(arguments) {
                values.insert(parameter.clone(), self.expand(argument, depth + 1)?);
            }
            let ranges = function
                .parameters
                .iter()
                .zip(arguments)
                .map(|(p, argument)| {
                    let range = range(argument, self.scope, &self.indices.borrow());
                    (p.clone(), range)
                });
            let ranges: Indices = ranges.collect();
            let body = self.knowing(ranges, || self.expand(&function.body, depth + 1))?;
            return Ok(substituted(self.scope, &body, &values));
        }
        if let Node::Fold { index, body, .. } = &*expr.node
            && self.inside.contains(index)
        {
            let other = fresh(index, body, self.scope);
            let renamed = with_variable(expr, &other, rename(body, index, &other));
            return self.parts(&renamed, depth);
        }
        self.parts(expr, depth)
    }

    fn parts(&self, expr: &Expr, depth: usize) -> Result<Expr, FormulaError> {
        map_parts(expr, &mut |part, bound| match (bound, &*expr.node) {
            (Some(name), Node::Fold { from, to, .. }) => {
                let around = self.indices.borrow().clone();
                let ends = range(from, self.scope, &around).zip(range(to, self.scope, &around));
                let known = ends.map(|(from, to)| (from.0, to.1));
                self.binding(name, known, || self.expand(part, depth + 1))
            }
            (Some(name), _) => self.binding(name, None, || self.expand(part, depth + 1)),
            (None, _) => self.expand(part, depth + 1),
        })
    }

    fn binding<T>(&self, name: &str, known: Option<Range>, f: impl FnOnce() -> T) -> T {
        self.indices.borrow_mut().push((name.to_owned(), known));
        let result = f();
        self.indices.borrow_mut().pop();
        result
    }

    /// Where only these indices are known: in the body of a function.
    fn knowing<T>(&self, indices: Indices, f: impl FnOnce() -> T) -> T {
        let outer = self.indices.replace(indices);
        let result = f();
        self.indices.replace(outer);
        result
    }

    /// A call of a recursion: a member, or a choice between those that the index may mean.
    fn recursion(
        &self,
        name: &str,
        (function, start): (&DefinedFunction, &Start),
        index: &Expr,
        (span, depth): (Span, usize),
    ) -> Result<Expr, FormulaError> {
        let known = range(index, self.scope, &self.indices.borrow());
        let (least, most) = members(name, start.index, known, span)?;
        // From the start on, so that each step finds the one before it.
        let mut member = None;
        for k in start.index..=most {
            member = Some(self.member(name, (function, start), k, (span, depth))?);
        }
        let Some(mut choice) = member else {
            return Err(needs_itself(name, most, span));
        };
        let index = self.expand(index, depth + 1)?;
        for k in (least..most).rev() {
            let this = self.member(name, (function, start), k, (span, depth))?;
            let condition = Comparison {
                lhs: index.clone(),
                op: RelationOp::Eq,
                rhs: whole(k, span),
                span,
            };
            choice = Expr::new(Node::If(condition, this, choice), span);
        }
        Ok(choice)
    }

    fn member(
        &self,
        name: &str,
        (function, start): (&DefinedFunction, &Start),
        k: i64,
        (span, depth): (Span, usize),
    ) -> Result<Expr, FormulaError> {
        let key = (name.to_owned(), k);
        match self.members.borrow().get(&key) {
            Some(Some(known)) => return Ok(known.clone()),
            Some(None) => return Err(needs_itself(name, k, span)),
            None => {}
        }
        self.members.borrow_mut().insert(key.clone(), None);
        let member = if k == start.index {
            self.knowing(Indices::new(), || self.expand(&start.value, depth + 1))?
        } else {
            // Before it is expanded: what it calls is shared, and would be copied.
            let values = BTreeMap::from([(function.parameters[0].clone(), whole(k, span))]);
            let body = substituted(self.scope, &function.body, &values);
            self.knowing(Indices::new(), || self.expand(&body, depth + 1))?
        };
        self.members.borrow_mut().insert(key, Some(member.clone()));
        Ok(member)
    }
}

fn whole(k: i64, span: Span) -> Expr {
    Expr::new(Node::Number(BigRational::from_integer(k.into())), span)
}

/// Functions that call themselves, by way of definitions or not.
pub(super) fn circles(scope: &Scope) -> Vec<FormulaError> {
    let mut errors = Vec::new();
    for (name, function) in scope.functions.iter().filter(|(_, f)| f.start.is_none()) {
        if let Some(span) = reaches(&function.body, name, scope, &mut BTreeSet::new()) {
            errors.push(
                FormulaError::new("F015", span, format!("the function `{name}` calls itself"))
                    .with_help("a function ends in symbols, numbers and functions of the language"),
            );
        }
    }
    errors
}

/// Where `expr` leads to a call of `name`.
fn reaches(expr: &Expr, name: &str, scope: &Scope, seen: &mut BTreeSet<String>) -> Option<Span> {
    let next = match &*expr.node {
        node if called(node, scope).is_some() => {
            let (callee, function, _) = called(node, scope)?;
            if callee == name {
                return Some(expr.span);
            }
            // Its steps lead back to its start.
            if function.start.is_some() {
                return children(expr)
                    .into_iter()
                    .find_map(|part| reaches(part, name, scope, seen));
            }
            seen.insert(format!("{callee}(")).then_some(&function.body)
        }
        Node::Name(used) if !seen.contains(used) => {
            seen.insert(used.clone());
            scope.expansion(used)
        }
        _ => None,
    };
    if let Some(next) = next
        && reaches(next, name, scope, seen).is_some()
    {
        return Some(expr.span);
    }
    children(expr)
        .into_iter()
        .find_map(|part| reaches(part, name, scope, seen))
}
