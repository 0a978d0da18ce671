//! Shapes of nodes from the shapes of their parts.

use std::collections::HashMap;
use std::sync::Arc;

use super::kind::Shape;
use super::remedy::{shown, times_identity, to_scalar};
use crate::formula::ast::{BinaryOp, Comparison, Expr, Extremum, Fold, Node, RelationOp, Span};
use crate::formula::define::called;
use crate::formula::dimension;
use crate::formula::error::FormulaError;
use crate::formula::recursion::{Indices, range};
use crate::formula::scope::{Law, Meaning, RandomObject, Scope, Symbol};

#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub shape: Shape,
    /// Whether a random object outside any expectation takes part.
    pub random: bool,
    /// Whether an expectation takes part.
    pub averaged: bool,
}

pub(super) struct Checker<'a> {
    pub scope: &'a Scope,
    pub errors: Vec<FormulaError>,
    pub binders: Vec<String>,
    /// What is known of those that run over whole numbers.
    pub(super) indices: Indices,
    definitions: HashMap<String, Option<Typed>>,
}

/// Of a shape, neither random nor averaged.
fn fixed(shape: Shape) -> Typed {
    Typed {
        shape,
        random: false,
        averaged: false,
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(scope: &'a Scope) -> Self {
        Self {
            scope,
            errors: Vec::new(),
            binders: Vec::new(),
            indices: Indices::new(),
            definitions: HashMap::new(),
        }
    }

    pub(super) fn fault(
        &mut self,
        code: &'static str,
        span: Span,
        message: String,
        help: impl Into<String>,
    ) {
        let error = FormulaError::new(code, span, message).with_help(help);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The dimension `d`, which `Sigma` and `w0` have.
    pub(super) fn dimension(&mut self, span: Span) -> Option<Expr> {
        let node = if self.scope.setting.infinite {
            Node::Infinity
        } else if self.scope.meaning("d").is_some() {
            Node::Name("d".to_owned())
        } else {
            self.fault(
                "S010",
                span,
                "the dimension `d` is not declared".to_owned(),
                "declare it under [symbols]: d = { integer = [2, 400] }",
            );
            return None;
        };
        Some(Expr {
            node: Arc::new(node),
            span,
        })
    }

    pub(super) fn same(&self, a: &Expr, b: &Expr) -> bool {
        dimension::equal(a, b, self.scope)
    }

    pub(super) fn fits(&self, a: &Shape, b: &Shape) -> bool {
        match (a, b) {
            (Shape::Scalar, Shape::Scalar) | (Shape::Identity, Shape::Identity) => true,
            (Shape::Vector(m), Shape::Vector(n)) | (Shape::Row(m), Shape::Row(n)) => {
                self.same(m, n)
            }
            (
                Shape::Matrix { rows, columns, .. },
                Shape::Matrix {
                    rows: r,
                    columns: c,
                    ..
                },
            ) => self.same(rows, r) && self.same(columns, c),
            (Shape::Matrix { rows, columns, .. }, Shape::Identity)
            | (Shape::Identity, Shape::Matrix { rows, columns, .. }) => self.same(rows, columns),
            _ => false,
        }
    }

    /// The common shape of two that fit.
    pub(super) fn merged(a: Shape, b: Shape) -> Shape {
        match (a, b) {
            (Shape::Identity, other) | (other, Shape::Identity) => other,
            (
                Shape::Matrix {
                    rows,
                    columns,
                    spectral,
                },
                Shape::Matrix { spectral: s, .. },
            ) => Shape::Matrix {
                rows,
                columns,
                spectral: spectral && s,
            },
            (a, _) => a,
        }
    }

    pub(super) fn scalar(&mut self, expr: &Expr, what: &str) {
        if let Some(typed) = self.infer(expr) {
            self.needs_scalar(&typed, expr, what);
        }
    }

    pub(super) fn function_of_sigma(&mut self, expr: &Expr, what: &str) {
        let Some(typed) = self.infer(expr) else {
            return;
        };
        if !matches!(
            typed.shape,
            Shape::Matrix { spectral: true, .. } | Shape::Identity
        ) {
            let message = format!(
                "{what} is a function of Sigma, but this is {}",
                typed.shape.described()
            );
            let help = "write a power, a sum or an inverse of Sigma and I, as in `Sigma^2 + I`";
            self.fault("S009", expr.span, message, help);
        }
    }

    pub(super) fn needs_scalar(&mut self, typed: &Typed, expr: &Expr, what: &str) -> bool {
        if matches!(typed.shape, Shape::Scalar) {
            return true;
        }
        let message = format!(
            "{what} is a scalar, but this is {}",
            typed.shape.described()
        );
        self.fault("S009", expr.span, message, to_scalar(&typed.shape, expr));
        false
    }

    pub(super) fn relation(&mut self, relation: &Comparison) {
        let (a, b) = (self.infer(&relation.lhs), self.infer(&relation.rhs));
        let (Some(a), Some(b)) = (a, b) else { return };
        let sign = relation.op.symbol();
        let matrix = |s: &Shape| matches!(s, Shape::Matrix { .. } | Shape::Identity);
        if relation.op.is_order() && matrix(&a.shape) && matrix(&b.shape) {
            self.ordered(relation, &a.shape, &b.shape);
        } else if relation.op != RelationOp::Eq {
            for (side, expr) in [(&a, &relation.lhs), (&b, &relation.rhs)] {
                if !matches!(side.shape, Shape::Scalar) {
                    let message = format!(
                        "`{sign}` compares scalars, but this is {}",
                        side.shape.described()
                    );
                    self.fault("S007", expr.span, message, to_scalar(&side.shape, expr));
                    return;
                }
            }
        } else if !self.fits(&a.shape, &b.shape) {
            let message = format!(
                "the left side is {}, the right side {}",
                a.shape.described(),
                b.shape.described()
            );
            let help = match (&a.shape, &b.shape) {
                (Shape::Scalar, Shape::Matrix { .. } | Shape::Identity) => {
                    format!(
                        "a multiple of the identity is written {}",
                        times_identity(&relation.lhs)
                    )
                }
                (Shape::Matrix { .. } | Shape::Identity, Shape::Scalar) => {
                    format!(
                        "a multiple of the identity is written {}",
                        times_identity(&relation.rhs)
                    )
                }
                (Shape::Vector(_), Shape::Row(_)) | (Shape::Row(_), Shape::Vector(_)) => {
                    "transpose one of them with '".to_owned()
                }
                _ => "both sides of a relation have the same shape".to_owned(),
            };
            self.fault("S007", relation.span, message, help);
        }
    }

    /// `A <= B` between square matrices of one size.
    fn ordered(&mut self, relation: &Comparison, a: &Shape, b: &Shape) {
        let square = |checker: &Self, s: &Shape| match s {
            Shape::Matrix { rows, columns, .. } => checker.same(rows, columns),
            _ => true,
        };
        if self.fits(a, b) && square(self, a) && square(self, b) {
            return;
        }
        let message = format!(
            "`{}` orders {} and {}",
            relation.op.symbol(),
            a.described(),
            b.described()
        );
        self.fault(
            "S007",
            relation.span,
            message,
            "matrices are ordered by B - A having no negative eigenvalue: both are symmetric, of one size",
        );
    }

    pub(super) fn assumption(&mut self, assumption: &Comparison) {
        for side in [&assumption.lhs, &assumption.rhs] {
            if let Some(typed) = self.infer(side)
                && self.needs_scalar(&typed, side, "each side of an assumption")
                && (typed.random || typed.averaged)
            {
                self.fault(
                    "S008",
                    side.span,
                    "an assumption speaks of symbols, not of random objects".to_owned(),
                    "state it about symbols, Sigma and w0",
                );
            }
        }
    }

    pub(super) fn definition(&mut self, name: &str) -> Option<Typed> {
        if let Some(known) = self.definitions.get(name) {
            return known.clone();
        }
        // Where definitions go in circles, the names are reported elsewhere.
        self.definitions.insert(name.to_owned(), None);
        let expr = self.scope.expansion(name)?;
        let binders = std::mem::take(&mut self.binders);
        let indices = std::mem::take(&mut self.indices);
        let typed = self.infer(expr);
        (self.binders, self.indices) = (binders, indices);
        self.definitions.insert(name.to_owned(), typed.clone());
        typed
    }

    pub(super) fn random_shape(&mut self, object: &RandomObject, span: Span) -> Option<Typed> {
        let shape = match &object.law {
            Law::Design { rows } => Shape::Matrix {
                rows: rows.clone(),
                columns: self.dimension(span)?,
                spectral: false,
            },
            Law::Gaussian { rows, columns, .. } => Shape::Matrix {
                rows: rows.clone(),
                columns: columns.clone(),
                spectral: false,
            },
            Law::Noise { length, .. } => Shape::Vector(length.clone()),
            Law::Labeller { .. } => Shape::Vector(self.dimension(span)?),
        };
        Some(Typed {
            shape,
            random: true,
            averaged: false,
        })
    }

    pub(super) fn infer(&mut self, expr: &Expr) -> Option<Typed> {
        match &*expr.node {
            Node::Number(_) | Node::Infinity | Node::Pi => Some(fixed(Shape::Scalar)),
            Node::Name(name) => self.name(name, expr.span),
            Node::Neg(x) => self.infer(x),
            Node::Binary(op, a, b) => self.binary(*op, a, b, expr),
            Node::Transpose(x) => self.transposed(x, expr.span),
            Node::Call(function, arguments) => self.call(*function, arguments, expr.span),
            node if called(node, self.scope).is_some() => self.function_of_file(expr),
            // Reported with the names.
            Node::Apply(..) => None,
            Node::Member(name, index) => {
                self.scalar(index, "the index of a family");
                match self.scope.meaning(name) {
                    Some(Meaning::Random(object)) => self.random_shape(object, expr.span),
                    _ => None,
                }
            }
            Node::Expectation(x) => self.expectation(x, expr.span),
            Node::If(condition, a, b) => self.choice(condition, a, b, expr.span),
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => {
                self.scalar(from, "the start of a range");
                self.scalar(to, "the end of a range");
                if *kind == Fold::Int {
                    self.finite_ends(from, to);
                }
                let ends = range(from, self.scope, &self.indices).zip(range(
                    to,
                    self.scope,
                    &self.indices,
                ));
                let known = ends.map(|(from, to)| (from.0, to.1));
                self.indices.push((index.clone(), known));
                let typed = self.fold(*kind, index, body);
                self.indices.pop();
                typed
            }
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => {
                self.scalar(from, "the start of an interval");
                self.scalar(to, "the end of an interval");
                let typed = self.bound(variable, body)?;
                let verb = match kind {
                    Extremum::Root => "takes a root of",
                    _ if kind.is_greatest() => "maximises",
                    _ => "minimises",
                };
                let what = format!("what `{}` {verb}", kind.name());
                self.needs_scalar(&typed, body, &what).then_some(typed)
            }
            Node::Diff(f, variable, Some(at)) => {
                self.scalar(at, "the place of a derivative");
                self.bound(variable, f)
            }
            Node::Diff(f, variable, None) => self.derivative(f, variable, expr.span),
        }
    }

    fn binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, whole: &Expr) -> Option<Typed> {
        let (x, y) = (self.infer(a), self.infer(b));
        let (x, y) = (x?, y?);
        let (random, averaged) = (x.random || y.random, x.averaged || y.averaged);
        let shape = match op {
            BinaryOp::Add | BinaryOp::Sub => self.sum(op, whole, (a, x.shape), (b, y.shape)),
            BinaryOp::Mul => self.product(whole, (a, x.shape), (b, y.shape)),
            BinaryOp::Div => self.quotient((a, x.shape), (b, y.shape)),
            BinaryOp::Pow => self.power((a, x.shape), (b, y.shape)),
        }?;
        Some(Typed {
            shape,
            random,
            averaged,
        })
    }

    fn transposed(&mut self, x: &Expr, span: Span) -> Option<Typed> {
        let typed = self.infer(x)?;
        let shape = match typed.shape {
            Shape::Vector(n) => Shape::Row(n),
            Shape::Row(n) => Shape::Vector(n),
            Shape::Matrix {
                rows,
                columns,
                spectral,
            } => Shape::Matrix {
                rows: columns,
                columns: rows,
                spectral,
            },
            Shape::Identity => Shape::Identity,
            Shape::Scalar => {
                self.fault(
                    "S005",
                    span,
                    format!("`'` transposes, but {} is a scalar", shown(x)),
                    "' binds tighter than any other operator: write (A*B)', (M^2)'",
                );
                return None;
            }
        };
        Some(Typed { shape, ..typed })
    }

    fn expectation(&mut self, x: &Expr, span: Span) -> Option<Typed> {
        let typed = self.infer(x)?;
        if !typed.random && !typed.averaged {
            self.fault(
                "S008",
                span,
                format!("nothing in {} is random", shown(x)),
                "leave E[ ] out, or use an object declared under [random]",
            );
        }
        Some(Typed {
            shape: typed.shape,
            random: false,
            averaged: true,
        })
    }

    fn choice(&mut self, condition: &Comparison, a: &Expr, b: &Expr, span: Span) -> Option<Typed> {
        let (mut random, mut averaged) = (false, false);
        for side in [&condition.lhs, &condition.rhs] {
            if let Some(typed) = self.infer(side) {
                self.needs_scalar(&typed, side, "each side of a condition");
                random |= typed.random;
                averaged |= typed.averaged;
            }
        }
        let (x, y) = (self.infer(a), self.infer(b));
        let (x, y) = (x?, y?);
        if !self.fits(&x.shape, &y.shape) {
            let message = format!(
                "`if` chooses between {} and {}",
                x.shape.described(),
                y.shape.described()
            );
            self.fault("S006", span, message, "both values have the same shape");
            return None;
        }
        Some(Typed {
            random: random || x.random || y.random,
            averaged: averaged || x.averaged || y.averaged,
            shape: Self::merged(x.shape, y.shape),
        })
    }

    fn derivative(&mut self, f: &Expr, variable: &str, span: Span) -> Option<Typed> {
        let typed = self.infer(f)?;
        if !self.binders.iter().any(|b| b == variable)
            && let Some(by) = self.name(variable, span)
            && !matches!(by.shape, Shape::Scalar)
        {
            let message = format!(
                "`{variable}` is {}; derivatives are by a scalar",
                by.shape.described()
            );
            self.fault(
                "S006",
                span,
                message,
                "differentiate by a symbol, or by a scalar abbreviation",
            );
            return None;
        }
        Some(typed)
    }

    pub(super) fn bound(&mut self, name: &str, body: &Expr) -> Option<Typed> {
        self.binders.push(name.to_owned());
        let typed = self.infer(body);
        self.binders.pop();
        typed
    }

    pub(super) fn name(&mut self, name: &str, span: Span) -> Option<Typed> {
        if self.binders.iter().any(|b| b == name) {
            return Some(fixed(Shape::Scalar));
        }
        match name {
            "Sigma" => {
                let d = self.dimension(span)?;
                return Some(fixed(Shape::Matrix {
                    rows: d.clone(),
                    columns: d,
                    spectral: true,
                }));
            }
            "I" => return Some(fixed(Shape::Identity)),
            "w0" => {
                let d = self.dimension(span)?;
                return Some(fixed(Shape::Vector(d)));
            }
            _ => {}
        }
        match self.scope.meaning(name)? {
            // A defined symbol that is not a scalar is reported where it is defined.
            Meaning::Symbol(Symbol::Defined(_)) => {
                let typed = self.definition(name)?;
                Some(Typed {
                    shape: Shape::Scalar,
                    ..typed
                })
            }
            Meaning::Symbol(_) => Some(fixed(Shape::Scalar)),
            Meaning::Random(object) => self.random_shape(object, span),
            Meaning::Definition(_) => self.definition(name),
        }
    }
}
