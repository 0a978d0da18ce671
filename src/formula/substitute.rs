//! Formulas rebuilt part by part: names replaced without capturing what is bound.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::ast::{Comparison, Expr, Node};
use super::error::FormulaError;
use super::scope::Scope;
use super::traverse::{children, contains, free_names, mentions};

/// A form with another variable, and the body that goes with it.
pub(super) fn with_variable(form: &Expr, name: &str, inner: Expr) -> Expr {
    let mut new = Node::clone(&form.node);
    match &mut new {
        Node::Fold { index, body, .. }
        | Node::Extremum {
            variable: index,
            body,
            ..
        }
        | Node::Diff(body, index, Some(_)) => {
            *index = name.to_owned();
            *body = inner;
        }
        _ => {}
    }
    Expr::new(new, form.span)
}

/// What becomes of a part, and of the name bound in it.
pub(super) type MapPart<'a> = dyn FnMut(&Expr, Option<&str>) -> Result<Expr, FormulaError> + 'a;

/// Rebuilds a node from its parts; `map` is told which name is bound in a part.
pub(super) fn map_parts(expr: &Expr, map: &mut MapPart<'_>) -> Result<Expr, FormulaError> {
    let new = match &*expr.node {
        Node::Number(_) | Node::Infinity | Node::Pi | Node::Name(_) => return Ok(expr.clone()),
        Node::Neg(x) => Node::Neg(map(x, None)?),
        Node::Binary(op, a, b) => Node::Binary(*op, map(a, None)?, map(b, None)?),
        Node::Transpose(x) => Node::Transpose(map(x, None)?),
        Node::Call(f, arguments) => {
            let mut mapped = Vec::with_capacity(arguments.len());
            for argument in arguments {
                mapped.push(map(argument, None)?);
            }
            Node::Call(*f, mapped)
        }
        Node::Member(n, index) => Node::Member(n.clone(), map(index, None)?),
        Node::Apply(n, arguments) => {
            let mut mapped = Vec::with_capacity(arguments.len());
            for argument in arguments {
                mapped.push(map(argument, None)?);
            }
            Node::Apply(n.clone(), mapped)
        }
        Node::Expectation(x) => Node::Expectation(map(x, None)?),
        Node::If(c, a, b) => {
            let c = Comparison {
                lhs: map(&c.lhs, None)?,
                op: c.op,
                rhs: map(&c.rhs, None)?,
                span: c.span,
            };
            Node::If(c, map(a, None)?, map(b, None)?)
        }
        Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        } => Node::Fold {
            kind: *kind,
            index: index.clone(),
            from: map(from, None)?,
            to: map(to, None)?,
            body: map(body, Some(index))?,
        },
        Node::Extremum {
            kind,
            variable,
            from,
            to,
            body,
        } => Node::Extremum {
            kind: *kind,
            variable: variable.clone(),
            from: map(from, None)?,
            to: map(to, None)?,
            body: map(body, Some(variable))?,
        },
        Node::Diff(f, by, None) => Node::Diff(map(f, None)?, by.clone(), None),
        Node::Diff(f, by, Some(at)) => {
            let at = map(at, None)?;
            Node::Diff(map(f, Some(by))?, by.clone(), Some(at))
        }
    };
    Ok(Expr::new(new, expr.span))
}

/// A name that occurs neither in `body` nor in the scope.
pub(super) fn fresh(index: &str, body: &Expr, scope: &Scope) -> String {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![body];
    while let Some(expr) = open.pop() {
        match &*expr.node {
            Node::Name(n) | Node::Member(n, _) | Node::Diff(_, n, _) => {
                taken.insert(n.clone());
            }
            Node::Fold { index: n, .. } | Node::Extremum { variable: n, .. } => {
                taken.insert(n.clone());
            }
            _ => {}
        }
        open.extend(children(expr));
    }
    let mut name = format!("{index}_");
    while taken.contains(&name) || scope.meaning(&name).is_some() {
        name.push('_');
    }
    name
}

/// Replaces the free name `from` by `to`, which occurs nowhere in `expr`.
pub(super) fn rename(expr: &Expr, from: &str, to: &str) -> Expr {
    match &*expr.node {
        Node::Name(n) if n == from => return Expr::new(Node::Name(to.to_owned()), expr.span),
        Node::Diff(f, by, None) if by == from => {
            let node = Node::Diff(rename(f, from, to), to.to_owned(), None);
            return Expr::new(node, expr.span);
        }
        _ => {}
    }
    let renamed = map_parts(expr, &mut |part, bound| {
        // An inner name of the same spelling is another one.
        Ok(if bound == Some(from) {
            part.clone()
        } else {
            rename(part, from, to)
        })
    });
    renamed.unwrap_or_else(|_| expr.clone())
}

/// Whether an expression, or what its names and calls stand for, speaks of a name.
fn speaks_of(scope: &Scope, expr: &Expr, name: &str) -> bool {
    reaches(scope, expr, name, &RefCell::default())
}

fn reaches(scope: &Scope, expr: &Expr, name: &str, seen: &RefCell<BTreeSet<String>>) -> bool {
    let new = |name: String| seen.borrow_mut().insert(name);
    let within = |body: &Expr| reaches(scope, body, name, seen);
    contains(expr, &|node| match node {
        Node::Name(n) if n == name => true,
        Node::Name(n) => new(n.clone()) && scope.expansion(n).is_some_and(within),
        Node::Member(f, _) | Node::Apply(f, _) => {
            new(format!("{f}("))
                && (scope.function(f)).is_some_and(|function| function.bodies().any(within))
        }
        _ => false,
    })
}

/// `expr` with the name `from` replaced by `to`, which occurs nowhere, also in what its names stand for: definitions that
/// depend on it are written out.
pub(super) fn freed(scope: &Scope, expr: &Expr, from: &str, to: &str) -> Expr {
    Freed { scope, from, to }.expr(expr, &mut Vec::new())
}

struct Freed<'a> {
    scope: &'a Scope,
    from: &'a str,
    to: &'a str,
}

impl Freed<'_> {
    /// `bound` has the names bound around, and whether definitions see them.
    fn expr(&self, expr: &Expr, bound: &mut Vec<(String, bool)>) -> Expr {
        let new = |node| Expr::new(node, expr.span);
        let follows = |name: &str| {
            let body = self.scope.expansion(name)?;
            speaks_of(self.scope, body, self.from).then_some(body)
        };
        let mut form = expr.clone();
        match &*expr.node {
            Node::Name(name) if name == self.from => return new(Node::Name(self.to.to_owned())),
            Node::Name(name) if bound.iter().any(|(n, _)| n == name) => return form,
            Node::Name(name) => {
                let Some(body) = follows(name) else {
                    return form;
                };
                let mut seen = bound.clone();
                seen.retain(|(_, seen)| *seen);
                return self.expr(body, &mut seen);
            }
            Node::Member(name, argument) => {
                if let Some(body) = self.call(name, std::slice::from_ref(argument)) {
                    return self.expr(&body, bound);
                }
            }
            Node::Apply(name, arguments) => {
                if let Some(body) = self.call(name, arguments) {
                    return self.expr(&body, bound);
                }
            }
            Node::Diff(f, by, None) if by == self.from => {
                return new(Node::Diff(self.expr(f, bound), self.to.to_owned(), None));
            }
            // By a definition that is written out: as by a variable of its own.
            Node::Diff(f, by, None) if follows(by).is_some() => {
                let other = fresh(by, f, self.scope);
                let f = freed(self.scope, f, by, &other);
                form = new(Node::Diff(f, other, Some(new(Node::Name(by.clone())))));
            }
            Node::Fold { index, body, .. } if self.scope.meaning(index).is_some() => {
                let other = fresh(index, body, self.scope);
                form = with_variable(expr, &other, rename(body, index, &other));
            }
            _ => {}
        }
        let seen = !matches!(&*form.node, Node::Fold { .. });
        let mapped = map_parts(&form, &mut |part, name| {
            Ok(match name {
                // Another variable of the same name, in definitions too.
                Some(name) if name == self.from => part.clone(),
                Some(name) => {
                    bound.push((name.to_owned(), seen));
                    let part = self.expr(part, bound);
                    bound.pop();
                    part
                }
                None => self.expr(part, bound),
            })
        });
        mapped.unwrap_or(form)
    }

    /// A call of a function that depends on the name, written out.
    fn call(&self, name: &str, arguments: &[Expr]) -> Option<Expr> {
        let function = self.scope.function(name)?;
        if function.start.is_some() || !speaks_of(self.scope, &function.body, self.from) {
            return None;
        }
        let parameters = function.parameters.iter().cloned();
        let values = parameters.zip(arguments.iter().cloned()).collect();
        Some(substituted(self.scope, &function.body, &values))
    }
}

/// `body` with names replaced; forms that would bind a name of what is put in get another variable. A derivative by a
/// name that is replaced is taken before, and so is one by a name that what is put in speaks of.
pub fn substituted(scope: &Scope, body: &Expr, values: &BTreeMap<String, Expr>) -> Expr {
    if let Node::Name(name) = &*body.node {
        return values.get(name).unwrap_or(body).clone();
    }
    let speaks = |name: &str| values.values().any(|v| speaks_of(scope, v, name));
    let mut form = body.clone();
    match &*body.node {
        Node::Diff(f, by, None) if values.contains_key(by) || speaks(by) => {
            let other = other_than(values, by, f, scope);
            // A parameter is seen by no definition.
            let f = match values.contains_key(by) {
                true => rename(f, by, &other),
                false => freed(scope, f, by, &other),
            };
            let at = Expr::new(Node::Name(by.clone()), body.span);
            form = Expr::new(Node::Diff(f, other, Some(at)), body.span);
        }
        Node::Fold { index, body: f, .. } if values.values().any(|v| is_free(v, index)) => {
            let other = other_than(values, index, f, scope);
            form = with_variable(body, &other, rename(f, index, &other));
        }
        Node::Extremum {
            variable, body: f, ..
        }
        | Node::Diff(f, variable, Some(_))
            if speaks(variable) =>
        {
            let other = other_than(values, variable, f, scope);
            form = with_variable(body, &other, freed(scope, f, variable, &other));
        }
        _ => {}
    }
    let mapped = map_parts(&form, &mut |part, bound| {
        Ok(match bound {
            Some(name) if values.contains_key(name) => {
                let mut outer = values.clone();
                outer.remove(name);
                substituted(scope, part, &outer)
            }
            _ => substituted(scope, part, values),
        })
    });
    mapped.unwrap_or(form)
}

fn is_free(expr: &Expr, name: &str) -> bool {
    free_names(expr).iter().any(|(n, _)| n == name)
}

/// A name for what is bound in `body` that the values do not speak of either.
fn other_than(values: &BTreeMap<String, Expr>, name: &str, body: &Expr, scope: &Scope) -> String {
    let mut other = fresh(name, body, scope);
    while values.values().any(|v| mentions(v, &other)) {
        other = fresh(&other, body, scope);
    }
    other
}
