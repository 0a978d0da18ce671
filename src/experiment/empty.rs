//! Random objects without rows at a point of the sweep, left out of the formulas.
//!
//! A design of no rows is a `0×d` matrix: it leaves a stack, what is summed over its rows is zero, and a ridge fit to it alone is
//! zero. A fit to it without a ridge is none, and is refused.

use std::collections::{HashMap, HashSet};

use num_rational::BigRational;
use num_traits::Zero;

use crate::formula::ast::{BinaryOp, Expr, Function, Node};
use crate::formula::scope::{Law, Scope};
use crate::formula::walk;
use crate::term::evaluate::{Environment, EvaluationError, Evaluator};

/// What is left of an expression.
#[derive(Clone, Debug)]
enum Left {
    Whole(Expr),
    /// A number, or every entry of a matrix: zero.
    Zero,
    /// A matrix without rows, or without columns.
    Void {
        rows: bool,
        columns: bool,
    },
}

type Found = Result<Left, EvaluationError>;

/// The formula and its scope without the objects that are empty here; `None` where no object is.
pub(super) fn left_out(
    expr: &Expr,
    scope: &Scope,
    environment: &Environment<f64>,
) -> Result<Option<(Expr, Scope)>, EvaluationError> {
    let evaluator = Evaluator::new(scope, environment);
    let none = |size: &Expr| evaluator.scalar(size).is_ok_and(|x| x == 0.0);
    let empty: HashMap<&str, (bool, bool)> = (scope.random.iter())
        .map(|(name, object)| {
            let sides = match &object.law {
                Law::Design { rows } => (none(rows), false),
                Law::Gaussian { rows, columns, .. } => (none(rows), none(columns)),
                Law::Noise { length, .. } => (none(length), false),
                Law::Labeller { .. } => (false, false),
            };
            (name.as_str(), sides)
        })
        .filter(|(_, (rows, columns))| *rows || *columns)
        .collect();
    if empty.is_empty() {
        return Ok(None);
    }
    let mut writer = Writer {
        scope,
        evaluator: &evaluator,
        empty,
        named: HashMap::new(),
        written: HashMap::new(),
    };
    let left = writer.left(expr)?;
    let expr = writer.number(left, expr)?;
    let written = writer.written;
    let mut scope = scope.clone();
    for (name, body) in &mut scope.definitions {
        if let Some(other) = written.get(name) {
            body.clone_from(other);
        }
    }
    Ok(Some((expr, scope)))
}

struct Writer<'a, 'e> {
    scope: &'a Scope,
    evaluator: &'e Evaluator<'a, f64>,
    /// Objects without rows, and those without columns.
    empty: HashMap<&'a str, (bool, bool)>,
    /// What stands behind the names that were met.
    named: HashMap<&'a str, Left>,
    /// Definitions of which something is left.
    written: HashMap<String, Expr>,
}

fn undefined(what: &str) -> EvaluationError {
    EvaluationError::undefined(what)
}

fn zero(at: &Expr) -> Expr {
    Expr::new(Node::Number(BigRational::zero()), at.span)
}

impl<'a> Writer<'a, '_> {
    /// As a number.
    fn number(&self, left: Left, at: &Expr) -> Result<Expr, EvaluationError> {
        match left {
            Left::Whole(expr) => Ok(expr),
            Left::Zero => Ok(zero(at)),
            Left::Void { .. } => Err(undefined(
                "a matrix without rows or columns, where a number is needed",
            )),
        }
    }

    fn left(&mut self, expr: &'a Expr) -> Found {
        let span = expr.span;
        let whole = |node: Node| Ok(Left::Whole(Expr::new(node, span)));
        match &*expr.node {
            Node::Number(_) | Node::Infinity | Node::Pi => Ok(Left::Whole(expr.clone())),
            Node::Name(name) => self.name(name, expr),
            Node::Member(name, _) if self.empty.contains_key(name.as_str()) => {
                self.name(name, expr)
            }
            Node::Neg(inner) => match self.left(inner)? {
                Left::Whole(inner) => whole(Node::Neg(inner)),
                other => Ok(other),
            },
            Node::Transpose(inner) => Ok(match self.left(inner)? {
                Left::Whole(inner) => return whole(Node::Transpose(inner)),
                Left::Zero => Left::Zero,
                Left::Void { rows, columns } => Left::Void {
                    rows: columns,
                    columns: rows,
                },
            }),
            Node::Binary(op, a, b) => self.binary(*op, (a, b), expr),
            Node::Call(function, arguments) => self.call(*function, arguments, expr),
            Node::Expectation(body) => match self.left(body)? {
                Left::Whole(body) if self.is_random(&body) => whole(Node::Expectation(body)),
                other => Ok(other),
            },
            Node::If(condition, then, otherwise) => match self.evaluator.holds(condition) {
                Ok(Some(true)) => self.left(then),
                Ok(Some(false)) => self.left(otherwise),
                _ => self.untouched(expr),
            },
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => match self.left(body)? {
                Left::Whole(body) => whole(Node::Fold {
                    kind: *kind,
                    index: index.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    body,
                }),
                // Of numbers or of matrices: as what stands in it has no rows.
                Left::Zero => self.untouched(expr),
                void @ Left::Void { .. } => Ok(void),
            },
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => {
                let left = self.left(body)?;
                whole(Node::Extremum {
                    kind: *kind,
                    variable: variable.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    body: self.number(left, body)?,
                })
            }
            // Of what is zero however its variable moves.
            Node::Diff(body, variable, at) => match self.left(body)? {
                Left::Whole(body) => whole(Node::Diff(body, variable.clone(), at.clone())),
                other => Ok(other),
            },
            Node::Member(..) | Node::Apply(..) => self.untouched(expr),
        }
    }

    fn name(&mut self, name: &'a str, expr: &'a Expr) -> Found {
        if let Some(&(rows, columns)) = self.empty.get(name) {
            return Ok(Left::Void { rows, columns });
        }
        let Some(body) = self.scope.expansion(name) else {
            return Ok(Left::Whole(expr.clone()));
        };
        if !self.named.contains_key(name) {
            let left = match self.left(body)? {
                Left::Whole(body) => {
                    self.written.insert(name.to_owned(), body);
                    Left::Whole(expr.clone())
                }
                other => other,
            };
            self.named.insert(name, left);
        }
        // A reference stands in a place of its own.
        Ok(match &self.named[name] {
            Left::Whole(_) => Left::Whole(expr.clone()),
            other => other.clone(),
        })
    }

    fn binary(&mut self, op: BinaryOp, (a, b): (&'a Expr, &'a Expr), expr: &'a Expr) -> Found {
        let (left, right) = (self.left(a)?, self.left(b)?);
        let whole = |a: Expr, b: Expr| Left::Whole(Expr::new(Node::Binary(op, a, b), expr.span));
        Ok(match (op, left, right) {
            (_, Left::Whole(a), Left::Whole(b)) => whole(a, b),
            // An identity takes the size of its neighbour, also where that is none.
            (BinaryOp::Add | BinaryOp::Sub, void @ Left::Void { .. }, _)
            | (BinaryOp::Add | BinaryOp::Sub, _, void @ Left::Void { .. }) => void,
            (BinaryOp::Add | BinaryOp::Sub, a, Left::Zero) => a,
            (BinaryOp::Add, Left::Zero, b) => b,
            (BinaryOp::Sub, Left::Zero, Left::Whole(b)) => {
                Left::Whole(Expr::new(Node::Neg(b), expr.span))
            }
            (
                BinaryOp::Mul,
                Left::Void {
                    rows,
                    columns: inner,
                },
                Left::Void {
                    rows: other,
                    columns,
                },
            ) => match (rows, columns) {
                _ if inner != other => return Err(undefined("sides that do not fit")),
                (false, false) => Left::Zero,
                _ => Left::Void { rows, columns },
            },
            (BinaryOp::Mul | BinaryOp::Div, void @ Left::Void { .. }, _)
            | (BinaryOp::Mul, _, void @ Left::Void { .. }) => void,
            (BinaryOp::Mul, ..) | (BinaryOp::Div, Left::Zero, Left::Whole(_)) => Left::Zero,
            (BinaryOp::Pow, base, Left::Whole(power)) => {
                let power = self.evaluator.scalar(&power)?;
                match base {
                    Left::Void {
                        rows: true,
                        columns: true,
                    } => base,
                    Left::Zero if power > 0.0 => Left::Zero,
                    _ => {
                        return Err(undefined(
                            "a power of what is left of a design without rows",
                        ));
                    }
                }
            }
            (_, a, b) => {
                let (a, b) = (self.number(a, expr)?, self.number(b, expr)?);
                whole(a, b)
            }
        })
    }

    fn call(&mut self, function: Function, arguments: &'a [Expr], expr: &'a Expr) -> Found {
        if function == Function::Weights {
            let none = self.evaluator.scalar(&arguments[0])? == 0.0;
            return Ok(match none {
                true => Left::Void {
                    rows: true,
                    columns: true,
                },
                false => Left::Whole(expr.clone()),
            });
        }
        let mut left = Vec::with_capacity(arguments.len());
        for argument in arguments {
            left.push(self.left(argument)?);
        }
        if matches!(function, Function::Rows | Function::Columns) {
            return self.stack(function, left, expr);
        }
        let first = left[0].clone();
        Ok(match (function, first) {
            (Function::Ridge, Left::Void { .. } | Left::Zero) => {
                // A variable of a minimum is positive but for an end of its range.
                if self.evaluator.scalar(&arguments[2]).is_ok_and(|x| x <= 0.0) {
                    return Err(undefined("a fit to no rows without a ridge"));
                }
                Left::Zero
            }
            (Function::Ridge, Left::Whole(_)) if matches!(left[1], Left::Zero) => Left::Zero,
            (Function::Pinv, Left::Void { .. } | Left::Zero) => {
                return Err(undefined("the pseudo-inverse of a design without rows"));
            }
            (
                Function::Tr
                | Function::Norm2
                | Function::Opnorm
                | Function::Proj
                | Function::Diag
                | Function::Eigmin
                | Function::Eigmax
                | Function::Det,
                Left::Zero,
            )
            | (Function::Tr | Function::Norm2 | Function::Opnorm, Left::Void { .. }) => Left::Zero,
            (Function::Norm2, _) if matches!(left.get(1), Some(Left::Zero)) => Left::Zero,
            (Function::Proj, Left::Void { columns, .. }) => match columns {
                true => Left::Void {
                    rows: true,
                    columns: true,
                },
                false => Left::Zero,
            },
            (Function::Diag | Function::Inv, void @ Left::Void { .. }) => void,
            (Function::Inv, Left::Zero) => {
                return Err(undefined("the inverse of what is zero without rows"));
            }
            _ => {
                let numbers = left.into_iter().map(|part| self.number(part, expr));
                let arguments = numbers.collect::<Result<_, _>>()?;
                Left::Whole(Expr::new(Node::Call(function, arguments), expr.span))
            }
        })
    }

    /// What is empty leaves a stack.
    fn stack(&self, function: Function, parts: Vec<Left>, expr: &Expr) -> Found {
        let along = |part: &Left| match (function, part) {
            (Function::Rows, Left::Void { rows, .. }) => *rows,
            (_, Left::Void { columns, .. }) => *columns,
            _ => false,
        };
        let some = parts.first().cloned();
        let mut kept: Vec<Left> = parts.into_iter().filter(|part| !along(part)).collect();
        match (kept.len(), some) {
            (0, Some(void)) => return Ok(void),
            (1, _) => return Ok(kept.remove(0)),
            _ => {}
        }
        if let Some(void) = kept.iter().find(|part| matches!(part, Left::Void { .. })) {
            return Ok(void.clone());
        }
        if kept.iter().all(|part| matches!(part, Left::Zero)) {
            return Ok(Left::Zero);
        }
        let mut arguments = Vec::with_capacity(kept.len());
        for part in kept {
            let Left::Whole(part) = part else {
                let what = "a stack of which a part is zero without rows";
                return Err(EvaluationError::Unsupported(what.into()));
            };
            arguments.push(part);
        }
        Ok(Left::Whole(Expr::new(
            Node::Call(function, arguments),
            expr.span,
        )))
    }

    /// An expression that no empty object touches.
    fn untouched(&self, expr: &Expr) -> Found {
        let touched = self.reaches(expr, |name| self.empty.contains_key(name));
        if touched {
            let what = format!("{expr}, where a design has no rows");
            return Err(EvaluationError::Unsupported(what));
        }
        Ok(Left::Whole(expr.clone()))
    }

    fn is_random(&self, expr: &Expr) -> bool {
        self.reaches(expr, |name| {
            self.scope.random.iter().any(|(known, _)| known == name)
        })
    }

    /// Whether such a name stands in an expression, or behind a name in it.
    fn reaches(&self, expr: &Expr, wanted: impl Fn(&str) -> bool) -> bool {
        let mut open = vec![expr.clone()];
        let mut seen = HashSet::new();
        let mut found = false;
        while let Some(next) = open.pop() {
            let mut names = Vec::new();
            walk(&next, &mut |node| {
                if let Node::Name(name) | Node::Member(name, _) = &*node.node {
                    names.push(name.clone());
                }
            });
            for name in names {
                found |= wanted(&name);
                if seen.insert(name.clone()) {
                    let written = self.written.get(&name);
                    open.extend(written.or_else(|| self.scope.expansion(&name)).cloned());
                }
            }
        }
        found
    }
}
