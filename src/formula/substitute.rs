//! Formulas rebuilt part by part: names replaced without capturing what is bound.

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

/// Whether an expression, or what its names stand for, speaks of a name.
fn speaks_of(scope: &Scope, expr: &Expr, name: &str) -> bool {
    scope.speaks_of([expr], |node| matches!(node, Node::Name(n) if n == name))
}

/// `body` with the definitions written out that depend on the variable of the form around it, so that they follow where it
/// is renamed. `None` where another form in it binds the same name, and definitions mean that one.
pub(super) fn followed(scope: &Scope, body: &Expr, variable: &str) -> Option<Expr> {
    let mut values = BTreeMap::new();
    for (name, _) in free_names(body) {
        let Some(definition) = scope.expansion(&name).filter(|_| name != variable) else {
            continue;
        };
        if speaks_of(scope, definition, variable) {
            values.insert(name, followed(scope, definition, variable)?);
        }
    }
    let again = |node: &Node| match node {
        Node::Extremum { variable: v, .. } | Node::Diff(_, v, Some(_)) => v == variable,
        _ => false,
    };
    if !values.is_empty() && contains(body, &again) {
        return None;
    }
    Some(substituted(scope, body, &values))
}

/// `body` with names replaced; forms that would bind a name of what is put in get another variable. A derivative by a
/// name that is replaced is taken before.
pub fn substituted(scope: &Scope, body: &Expr, values: &BTreeMap<String, Expr>) -> Expr {
    if let Node::Name(name) = &*body.node {
        return values.get(name).unwrap_or(body).clone();
    }
    if let Node::Diff(f, by, None) = &*body.node
        && let Some(at) = values.get(by)
    {
        let mut other = fresh(by, f, scope);
        while values.values().any(|v| mentions(v, &other)) {
            other = fresh(&other, f, scope);
        }
        let f = rename(f, by, &other);
        return Expr::new(
            Node::Diff(substituted(scope, &f, values), other, Some(at.clone())),
            body.span,
        );
    }
    let bound = match &*body.node {
        Node::Fold { index, body, .. } => Some((index, body)),
        Node::Extremum { variable, body, .. } => Some((variable, body)),
        Node::Diff(f, by, Some(_)) => Some((by, f)),
        _ => None,
    };
    let mut form = body.clone();
    if let Some((name, inner)) = bound
        && values
            .values()
            .any(|v| free_names(v).iter().any(|(n, _)| n == name))
    {
        let other = fresh(name, inner, scope);
        form = with_variable(body, &other, rename(inner, name, &other));
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
