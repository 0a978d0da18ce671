//! Shapes: every expression is a scalar, a vector or a matrix, and says of what size.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use num_rational::BigRational;

use super::ast::{BinaryOp, Comparison, Expr, Fold, Function, Node, RelationOp, Span};
use super::constant::constant;
use super::dimension;
use super::error::FormulaError;
use super::names::Meaning;
use super::scope::{Law, RandomObject, Scope, SpectrumKind, Symbol, TargetKind};

/// The shape of an expression; sizes are scalar expressions.
#[derive(Clone, Debug)]
pub enum Shape {
    Scalar,
    Vector(Expr),
    /// The transpose of a vector.
    Row(Expr),
    Matrix {
        rows: Expr,
        columns: Expr,
        /// Whether it is a function of `Sigma`, so that it commutes with its kind and has any power.
        spectral: bool,
    },
    /// A multiple of `I`, which takes the size of its neighbour, and is `d×d` where it has none.
    Identity,
}

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Scalar => f.write_str("scalar"),
            Shape::Vector(n) => write!(f, "vector[{n}]"),
            Shape::Row(n) => write!(f, "row vector[{n}]"),
            Shape::Matrix { rows, columns, .. } => write!(f, "matrix[{rows}, {columns}]"),
            Shape::Identity => f.write_str("multiple of I"),
        }
    }
}

impl Shape {
    /// With an article: `a scalar`, `vector[d]`.
    fn described(&self) -> String {
        match self {
            Shape::Scalar | Shape::Identity => format!("a {self}"),
            _ => self.to_string(),
        }
    }
}

/// The shape of an expression all of whose names are known.
///
/// ```
/// # use resolvent::formula::{parse::parse_expression, scope::*, shape::shape_of};
/// let mut scope = Scope::default();
/// for name in ["d", "k"] {
///     let one = parse_expression("1").unwrap();
///     scope.symbols.push((name.into(), Symbol::Integer { min: one.clone(), max: one }));
/// }
/// let shape = |text| shape_of(&parse_expression(text).unwrap(), &scope);
/// assert_eq!(shape("Sigma*w0").unwrap().to_string(), "vector[d]");
/// let errors = shape("Sigma + k").unwrap_err();
/// assert_eq!(errors[0].message, "this adds matrix[d, d] and a scalar");
/// assert_eq!(errors[0].help.as_deref(), Some("write Sigma + k*I"));
/// ```
pub fn shape_of(expr: &Expr, scope: &Scope) -> Result<Shape, Vec<FormulaError>> {
    shape_within(expr, scope, &[])
}

/// As [`shape_of`], inside forms that bind the names `binders`.
pub(crate) fn shape_within(
    expr: &Expr,
    scope: &Scope,
    binders: &[String],
) -> Result<Shape, Vec<FormulaError>> {
    let mut checker = Checker::new(scope);
    checker.binders = binders.to_vec();
    match checker.infer(expr) {
        Some(typed) if checker.errors.is_empty() => Ok(typed.shape),
        _ => Err(checker.errors),
    }
}

/// Faults in the shapes of a relation.
pub fn check_relation(relation: &Comparison, scope: &Scope) -> Vec<FormulaError> {
    let mut checker = Checker::new(scope);
    checker.relation(relation);
    checker.errors
}

/// Faults in the shapes of a scope's own entries.
pub fn check_entries(scope: &Scope) -> Vec<FormulaError> {
    let mut checker = Checker::new(scope);
    for (name, _) in &scope.definitions {
        checker.definition(name);
    }
    for (name, symbol) in &scope.symbols {
        match symbol {
            Symbol::Defined(e) => checker.scalar(e, &format!("the symbol `{name}`")),
            Symbol::Integer { min, max } | Symbol::Real { min, max, .. } => {
                checker.scalar(min, "the end of a domain");
                checker.scalar(max, "the end of a domain");
            }
        }
    }
    match &scope.setting.spectrum {
        SpectrumKind::PowerLaw { beta } => checker.scalar(beta, "beta"),
        SpectrumKind::Atoms { values, weights } => {
            for e in values.iter().chain(weights) {
                checker.scalar(e, "an atom");
            }
        }
        SpectrumKind::Isotropic
        | SpectrumKind::TwoLevel
        | SpectrumKind::Any
        | SpectrumKind::Explicit(_) => {}
    }
    match &scope.setting.target {
        TargetKind::Isotropic { norm2: Some(e) } => checker.scalar(e, "norm2"),
        TargetKind::Source { r } => checker.scalar(r, "r"),
        TargetKind::Axis { index } => checker.scalar(index, "the index"),
        TargetKind::Isotropic { norm2: None } | TargetKind::Any | TargetKind::Explicit(_) => {}
    }
    for (name, object) in &scope.random {
        let mut sizes: Vec<&Expr> = match &object.law {
            Law::Design { rows } => vec![rows],
            Law::Noise { length, sd } => vec![length, sd],
            Law::Labeller {
                generations,
                samples,
                sd,
                ridge,
                ..
            } => [generations, samples, sd]
                .into_iter()
                .chain(ridge)
                .collect(),
        };
        sizes.extend(&object.count);
        for size in sizes {
            checker.scalar(size, &format!("each number of the random object `{name}`"));
        }
    }
    for (name, path) in scope.limit.iter().flat_map(|l| &l.path) {
        checker.scalar(path, &format!("the path of `{name}`"));
    }
    for assumption in &scope.assumptions {
        checker.assumption(assumption);
    }
    checker.errors
}

/// Faults in the shapes of an assumption, which compares scalars.
pub fn check_assumption(assumption: &Comparison, scope: &Scope) -> Vec<FormulaError> {
    let mut checker = Checker::new(scope);
    checker.assumption(assumption);
    checker.errors
}

#[derive(Clone, Debug)]
struct Typed {
    shape: Shape,
    /// Whether a random object outside any expectation takes part.
    random: bool,
    /// Whether an expectation takes part.
    averaged: bool,
}

struct Checker<'a> {
    scope: &'a Scope,
    errors: Vec<FormulaError>,
    binders: Vec<String>,
    definitions: HashMap<String, Option<Typed>>,
}

impl<'a> Checker<'a> {
    fn new(scope: &'a Scope) -> Self {
        Self {
            scope,
            errors: Vec::new(),
            binders: Vec::new(),
            definitions: HashMap::new(),
        }
    }

    fn fault(&mut self, code: &'static str, span: Span, message: String, help: impl Into<String>) {
        let error = FormulaError::new(code, span, message).with_help(help);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// The dimension `d`, which `Sigma` and `w0` have.
    fn dimension(&mut self, span: Span) -> Option<Expr> {
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

    fn same(&self, a: &Expr, b: &Expr) -> bool {
        dimension::equal(a, b, self.scope)
    }

    fn fits(&self, a: &Shape, b: &Shape) -> bool {
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
    fn merged(a: Shape, b: Shape) -> Shape {
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

    fn scalar(&mut self, expr: &Expr, what: &str) {
        if let Some(typed) = self.infer(expr) {
            self.needs_scalar(&typed, expr, what);
        }
    }

    fn needs_scalar(&mut self, typed: &Typed, expr: &Expr, what: &str) -> bool {
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

    fn relation(&mut self, relation: &Comparison) {
        let (a, b) = (self.infer(&relation.lhs), self.infer(&relation.rhs));
        let (Some(a), Some(b)) = (a, b) else { return };
        let sign = relation.op.symbol();
        if relation.op != RelationOp::Eq {
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

    fn assumption(&mut self, assumption: &Comparison) {
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

    fn definition(&mut self, name: &str) -> Option<Typed> {
        if let Some(known) = self.definitions.get(name) {
            return known.clone();
        }
        // Where definitions go in circles, the names are reported elsewhere.
        self.definitions.insert(name.to_owned(), None);
        let expr = self.scope.expansion(name)?;
        let binders = std::mem::take(&mut self.binders);
        let typed = self.infer(expr);
        self.binders = binders;
        self.definitions.insert(name.to_owned(), typed.clone());
        typed
    }

    fn random_shape(&mut self, object: &RandomObject, span: Span) -> Option<Typed> {
        let shape = match &object.law {
            Law::Design { rows } => Shape::Matrix {
                rows: rows.clone(),
                columns: self.dimension(span)?,
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

    fn infer(&mut self, expr: &Expr) -> Option<Typed> {
        let fixed = |shape| {
            Some(Typed {
                shape,
                random: false,
                averaged: false,
            })
        };
        match &*expr.node {
            Node::Number(_) | Node::Infinity | Node::Pi => fixed(Shape::Scalar),
            Node::Name(name) => self.name(name, expr.span),
            Node::Neg(x) => self.infer(x),
            Node::Binary(op, a, b) => {
                let (x, y) = (self.infer(a), self.infer(b));
                let (x, y) = (x?, y?);
                let (random, averaged) = (x.random || y.random, x.averaged || y.averaged);
                let shape = match op {
                    BinaryOp::Add | BinaryOp::Sub => {
                        self.sum(*op, expr, (a, x.shape), (b, y.shape))
                    }
                    BinaryOp::Mul => self.product(expr, (a, x.shape), (b, y.shape)),
                    BinaryOp::Div => self.quotient((a, x.shape), (b, y.shape)),
                    BinaryOp::Pow => self.power((a, x.shape), (b, y.shape)),
                }?;
                Some(Typed {
                    shape,
                    random,
                    averaged,
                })
            }
            Node::Transpose(x) => {
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
                            expr.span,
                            format!("`'` transposes, but {} is a scalar", shown(x)),
                            "' binds tighter than any other operator: write (A*B)', (M^2)'",
                        );
                        return None;
                    }
                };
                Some(Typed { shape, ..typed })
            }
            Node::Call(function, arguments) => self.call(*function, arguments, expr.span),
            Node::Member(name, index) => {
                self.scalar(index, "the index of a family");
                match self.scope.meaning(name) {
                    Some(Meaning::Random(object)) => self.random_shape(object, expr.span),
                    _ => None,
                }
            }
            Node::Expectation(x) => {
                let typed = self.infer(x)?;
                if typed.averaged {
                    self.fault(
                        "S008",
                        expr.span,
                        "an expectation within an expectation".to_owned(),
                        "what is inside E[…] is averaged over everything random: one E is enough",
                    );
                } else if !typed.random {
                    self.fault(
                        "S008",
                        expr.span,
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
            Node::If(condition, a, b) => {
                self.scalar(&condition.lhs, "each side of a condition");
                self.scalar(&condition.rhs, "each side of a condition");
                let (x, y) = (self.infer(a), self.infer(b));
                let (x, y) = (x?, y?);
                if !self.fits(&x.shape, &y.shape) {
                    let message = format!(
                        "`if` chooses between {} and {}",
                        x.shape.described(),
                        y.shape.described()
                    );
                    self.fault(
                        "S006",
                        expr.span,
                        message,
                        "both values have the same shape",
                    );
                    return None;
                }
                Some(Typed {
                    random: x.random || y.random,
                    averaged: x.averaged || y.averaged,
                    shape: Self::merged(x.shape, y.shape),
                })
            }
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => {
                self.scalar(from, "the start of a range");
                self.scalar(to, "the end of a range");
                let typed = self.bound(index, body)?;
                if *kind == Fold::Prod {
                    let square = match &typed.shape {
                        Shape::Scalar | Shape::Identity => true,
                        Shape::Matrix { rows, columns, .. } => self.same(rows, columns),
                        _ => false,
                    };
                    if !square {
                        let message =
                            format!("`prod` multiplies {} with itself", typed.shape.described());
                        self.fault(
                            "S006",
                            body.span,
                            message,
                            "products are of scalars and of square matrices",
                        );
                        return None;
                    }
                }
                Some(typed)
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
                let what = format!("what `{}` minimises", kind.name());
                self.needs_scalar(&typed, body, &what).then_some(typed)
            }
            Node::Diff(f, variable) => {
                let typed = self.infer(f)?;
                if !self.binders.contains(variable)
                    && let Some(by) = self.name(variable, expr.span)
                    && !matches!(by.shape, Shape::Scalar)
                {
                    let message = format!(
                        "`{variable}` is {}; derivatives are by a scalar",
                        by.shape.described()
                    );
                    self.fault(
                        "S006",
                        expr.span,
                        message,
                        "differentiate by a symbol, or by a scalar abbreviation",
                    );
                    return None;
                }
                Some(typed)
            }
        }
    }

    fn bound(&mut self, name: &str, body: &Expr) -> Option<Typed> {
        self.binders.push(name.to_owned());
        let typed = self.infer(body);
        self.binders.pop();
        typed
    }

    fn name(&mut self, name: &str, span: Span) -> Option<Typed> {
        let fixed = |shape| {
            Some(Typed {
                shape,
                random: false,
                averaged: false,
            })
        };
        if self.binders.iter().any(|b| b == name) {
            return fixed(Shape::Scalar);
        }
        match name {
            "Sigma" => {
                let d = self.dimension(span)?;
                return fixed(Shape::Matrix {
                    rows: d.clone(),
                    columns: d,
                    spectral: true,
                });
            }
            "I" => return fixed(Shape::Identity),
            "w0" => {
                let d = self.dimension(span)?;
                return fixed(Shape::Vector(d));
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
            Meaning::Symbol(_) => fixed(Shape::Scalar),
            Meaning::Random(object) => self.random_shape(object, span),
            Meaning::Definition(_) => self.definition(name),
        }
    }

    fn sum(
        &mut self,
        op: BinaryOp,
        expr: &Expr,
        (a, x): (&Expr, Shape),
        (b, y): (&Expr, Shape),
    ) -> Option<Shape> {
        if self.fits(&x, &y) {
            return Some(Self::merged(x, y));
        }
        let (verb, joint, sign) = if op == BinaryOp::Add {
            ("adds", "and", "+")
        } else {
            ("subtracts", "and", "-")
        };
        let message = if op == BinaryOp::Add {
            format!("this {verb} {} {joint} {}", x.described(), y.described())
        } else {
            format!("this {verb} {} from {}", y.described(), x.described())
        };
        let matrix = |s: &Shape| matches!(s, Shape::Matrix { .. } | Shape::Identity);
        let help = match (&x, &y) {
            (m, Shape::Scalar) if matrix(m) => {
                format!("write {} {sign} {}", operand(a), times_identity(b))
            }
            (Shape::Scalar, m) if matrix(m) => {
                format!("write {} {sign} {}", times_identity(a), operand(b))
            }
            (Shape::Vector(_), Shape::Row(_)) | (Shape::Row(_), Shape::Vector(_)) => {
                "a row and a column do not add: transpose one of them with '".to_owned()
            }
            (Shape::Identity, Shape::Matrix { .. }) | (Shape::Matrix { .. }, Shape::Identity) => {
                "I is square; so is what it is added to".to_owned()
            }
            _ => "both sides of + and - have the same shape".to_owned(),
        };
        self.fault("S001", expr.span, message, help);
        None
    }

    fn product(
        &mut self,
        expr: &Expr,
        (a, x): (&Expr, Shape),
        (b, y): (&Expr, Shape),
    ) -> Option<Shape> {
        use Shape::{Identity, Matrix, Row, Scalar, Vector};
        let shape = match (&x, &y) {
            (Scalar, other) | (other, Scalar) => Some(other.clone()),
            (Identity, other @ (Identity | Vector(_) | Matrix { .. }))
            | (other @ (Row(_) | Matrix { .. }), Identity) => Some(other.clone()),
            (Row(m), Vector(n)) => self.same(m, n).then_some(Scalar),
            (Vector(m), Row(n)) => Some(Matrix {
                rows: m.clone(),
                columns: n.clone(),
                spectral: false,
            }),
            (Matrix { rows, columns, .. }, Vector(n)) => {
                self.same(columns, n).then(|| Vector(rows.clone()))
            }
            (Row(n), Matrix { rows, columns, .. }) => {
                self.same(n, rows).then(|| Row(columns.clone()))
            }
            (
                Matrix {
                    rows,
                    columns,
                    spectral,
                },
                Matrix {
                    rows: r,
                    columns: c,
                    spectral: s,
                },
            ) => self.same(columns, r).then(|| Matrix {
                rows: rows.clone(),
                columns: c.clone(),
                spectral: *spectral && *s,
            }),
            _ => None,
        };
        if shape.is_some() {
            return shape;
        }
        let message = format!("this multiplies {} by {}", x.described(), y.described());
        let (left, right) = (operand(a), operand(b));
        let help = match (&x, &y) {
            (Vector(m), Vector(n)) if self.same(m, n) => {
                format!(
                    "write {}*{right} for the scalar product, {left}*{} for the matrix",
                    transposed(a),
                    transposed(b)
                )
            }
            (Vector(n), Matrix { rows, .. }) if self.same(n, rows) => {
                format!(
                    "write {}*{right}: a vector stands on the right of a matrix, a row on its left",
                    transposed(a)
                )
            }
            (Vector(_), Identity) | (Identity, Row(_)) => {
                "a vector stands on the right of I, a row on its left".to_owned()
            }
            (Matrix { rows, .. }, Vector(n)) if self.same(rows, n) => {
                format!("write {}*{right}, if the transpose is meant", transposed(a))
            }
            (Matrix { rows, .. }, Matrix { rows: r, .. }) if self.same(rows, r) => {
                format!("write {}*{right}, if the transpose is meant", transposed(a))
            }
            (Matrix { columns, .. }, Matrix { columns: c, .. }) if self.same(columns, c) => {
                format!("write {left}*{}, if the transpose is meant", transposed(b))
            }
            _ => {
                let inner = match &x {
                    Matrix { columns, .. } => columns.to_string(),
                    Row(n) => n.to_string(),
                    _ => "1".to_owned(),
                };
                format!("the left factor has {inner} columns; the right one needs as many rows")
            }
        };
        self.fault("S002", expr.span, message, help);
        None
    }

    fn quotient(&mut self, (a, x): (&Expr, Shape), (b, y): (&Expr, Shape)) -> Option<Shape> {
        if matches!(y, Shape::Scalar) {
            return Some(x);
        }
        let message = format!("this divides by {}", y.described());
        let help = match &y {
            Shape::Matrix { .. } | Shape::Identity if matches!(x, Shape::Scalar) && is_one(a) => {
                format!("write inv({b})")
            }
            Shape::Matrix { .. } | Shape::Identity => format!("write {}*inv({b})", operand(a)),
            _ => "only scalars divide".to_owned(),
        };
        self.fault("S003", b.span, message, help);
        None
    }

    fn power(&mut self, (a, x): (&Expr, Shape), (b, y): (&Expr, Shape)) -> Option<Shape> {
        if !matches!(y, Shape::Scalar) {
            let message = format!("an exponent is a scalar, but this is {}", y.described());
            self.fault(
                "S004",
                b.span,
                message,
                "' binds tighter than ^, and ^ tighter than *: write brackets",
            );
            return None;
        }
        match x {
            Shape::Scalar | Shape::Identity => Some(x),
            Shape::Matrix { spectral: true, .. } => Some(x),
            Shape::Matrix {
                ref rows,
                ref columns,
                ..
            } => {
                if !self.same(rows, columns) {
                    let message = format!("{} is not square and has no power", x.described());
                    self.fault(
                        "S004",
                        a.span,
                        message,
                        format!(
                            "write {}*{}, or norm2 of a vector",
                            transposed(a),
                            operand(a)
                        ),
                    );
                    None
                } else if integral(b, self.scope, &self.binders) {
                    Some(x)
                } else {
                    self.fault(
                        "S004",
                        b.span,
                        format!("the power {b} of a matrix that is not a function of Sigma"),
                        "only functions of Sigma have powers that are not whole numbers",
                    );
                    None
                }
            }
            Shape::Vector(_) | Shape::Row(_) => {
                let message = format!("{} has no power", x.described());
                self.fault(
                    "S004",
                    a.span,
                    message,
                    format!("write norm2({a}) for the square of its norm"),
                );
                None
            }
        }
    }

    fn call(&mut self, function: Function, arguments: &[Expr], span: Span) -> Option<Typed> {
        let typed: Vec<Option<Typed>> = arguments.iter().map(|a| self.infer(a)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let random = typed.iter().any(|t| t.random);
        let averaged = typed.iter().any(|t| t.averaged);
        let shape = self.call_shape(function, arguments, &typed, span)?;
        Some(Typed {
            shape,
            random,
            averaged,
        })
    }

    fn call_shape(
        &mut self,
        function: Function,
        arguments: &[Expr],
        typed: &[Typed],
        span: Span,
    ) -> Option<Shape> {
        let name = function.name();
        match function {
            Function::Sqrt
            | Function::Exp
            | Function::Log
            | Function::Abs
            | Function::Min
            | Function::Max
            | Function::Gamma
            | Function::Zeta
            | Function::Kappa
            | Function::Df
            | Function::Eigenvalue
            | Function::Coefficient
            | Function::Exponent => {
                for (argument, typed) in arguments.iter().zip(typed) {
                    if matches!(typed.shape, Shape::Scalar) {
                        continue;
                    }
                    let message = format!(
                        "`{name}` takes scalars, but this is {}",
                        typed.shape.described()
                    );
                    let help = match (function, &typed.shape) {
                        (Function::Sqrt, Shape::Matrix { .. }) => format!(
                            "write {}^(1/2) for the root of a function of Sigma",
                            operand(argument)
                        ),
                        (Function::Abs, Shape::Vector(_)) => {
                            format!("write sqrt(norm2({argument})) for its norm")
                        }
                        _ => to_scalar(&typed.shape, argument),
                    };
                    self.fault("S006", argument.span, message, help);
                    return None;
                }
                Some(Shape::Scalar)
            }
            Function::Tr | Function::Inv => {
                let (argument, shape) = (&arguments[0], &typed[0].shape);
                match shape {
                    Shape::Identity => {}
                    Shape::Matrix { rows, columns, .. } if self.same(rows, columns) => {}
                    _ => {
                        let message = format!(
                            "`{name}` takes a square matrix, but this is {}",
                            shape.described()
                        );
                        let help = match (function, shape) {
                            (Function::Inv, Shape::Scalar) => {
                                format!("write 1/{}", operand(argument))
                            }
                            (Function::Inv, Shape::Matrix { .. }) => {
                                format!("write pinv({argument}) for the pseudo-inverse")
                            }
                            (_, Shape::Matrix { .. }) => {
                                format!("write tr({}*{})", transposed(argument), operand(argument))
                            }
                            (_, Shape::Scalar) => "leave tr out".to_owned(),
                            _ => format!("write norm2({argument}) for the square of its norm"),
                        };
                        self.fault("S006", argument.span, message, help);
                        return None;
                    }
                }
                Some(if function == Function::Tr {
                    if matches!(shape, Shape::Identity) {
                        self.dimension(span)?;
                    }
                    Shape::Scalar
                } else {
                    shape.clone()
                })
            }
            Function::Pinv | Function::Proj | Function::Opnorm => {
                let (argument, shape) = (&arguments[0], &typed[0].shape);
                match (function, shape) {
                    (Function::Opnorm, Shape::Matrix { .. } | Shape::Identity) => {
                        Some(Shape::Scalar)
                    }
                    (_, Shape::Identity) => Some(Shape::Identity),
                    (
                        Function::Pinv,
                        Shape::Matrix {
                            rows,
                            columns,
                            spectral,
                        },
                    ) => Some(Shape::Matrix {
                        rows: columns.clone(),
                        columns: rows.clone(),
                        spectral: *spectral,
                    }),
                    (
                        _,
                        Shape::Matrix {
                            columns, spectral, ..
                        },
                    ) => Some(Shape::Matrix {
                        rows: columns.clone(),
                        columns: columns.clone(),
                        spectral: *spectral,
                    }),
                    _ => {
                        let message =
                            format!("`{name}` takes a matrix, but this is {}", shape.described());
                        let help = match shape {
                            Shape::Scalar if function == Function::Pinv => {
                                format!("write 1/{}", operand(argument))
                            }
                            Shape::Scalar => format!("write abs({argument})"),
                            _ if function == Function::Opnorm => {
                                format!("write sqrt(norm2({argument})) for the norm of a vector")
                            }
                            _ => format!(
                                "write {}*{} for its outer product",
                                operand(argument),
                                transposed(argument)
                            ),
                        };
                        self.fault("S006", argument.span, message, help);
                        None
                    }
                }
            }
            Function::Norm2 => {
                let Shape::Vector(n) = &typed[0].shape else {
                    let shape = &typed[0].shape;
                    let argument = &arguments[0];
                    let message =
                        format!("`norm2` takes a vector, but this is {}", shape.described());
                    let help = match shape {
                        Shape::Scalar => format!("write {}^2", operand(argument)),
                        Shape::Row(_) => format!("write norm2({})", transposed(argument)),
                        _ => format!(
                            "write tr({}*{}) for the sum of squares, opnorm({argument})^2 for the operator norm",
                            transposed(argument),
                            operand(argument)
                        ),
                    };
                    self.fault("S006", argument.span, message, help);
                    return None;
                };
                if let Some(weight) = typed.get(1) {
                    let fits = match &weight.shape {
                        Shape::Identity => true,
                        Shape::Matrix { rows, columns, .. } => {
                            self.same(rows, n) && self.same(columns, n)
                        }
                        _ => false,
                    };
                    if !fits {
                        let message = format!(
                            "the weight of `norm2` is matrix[{n}, {n}], but this is {}",
                            weight.shape.described()
                        );
                        let help = match &weight.shape {
                            Shape::Scalar => {
                                format!("write {}*norm2({})", operand(&arguments[1]), arguments[0])
                            }
                            _ => "norm2(v, M) is v'*M*v".to_owned(),
                        };
                        self.fault("S006", arguments[1].span, message, help);
                        return None;
                    }
                }
                Some(Shape::Scalar)
            }
            Function::Ridge => {
                let Shape::Matrix { rows, columns, .. } = &typed[0].shape else {
                    let message = format!(
                        "the design of `ridge` is a matrix, but this is {}",
                        typed[0].shape.described()
                    );
                    self.fault(
                        "S006",
                        arguments[0].span,
                        message,
                        "write ridge(X, y, lambda) with X = { design = \"T\" }",
                    );
                    return None;
                };
                let labels = matches!(&typed[1].shape, Shape::Vector(n) if self.same(n, rows));
                if !labels {
                    let message = format!(
                        "the labels of `ridge` are vector[{rows}], one a row of the design, but this is {}",
                        typed[1].shape.described()
                    );
                    let help = match &typed[1].shape {
                        Shape::Vector(n) if self.same(n, columns) => {
                            format!(
                                "these are coefficients; labels are {}*{}",
                                operand(&arguments[0]),
                                operand(&arguments[1])
                            )
                        }
                        _ => "write ridge(X, X*w0 + E, lambda)".to_owned(),
                    };
                    self.fault("S006", arguments[1].span, message, help);
                    return None;
                }
                if !self.needs_scalar(&typed[2], &arguments[2], "the ridge parameter") {
                    return None;
                }
                Some(Shape::Vector(columns.clone()))
            }
        }
    }
}

/// Whether an expression takes whole values only.
fn integral(expr: &Expr, scope: &Scope, binders: &[String]) -> bool {
    if let Some(value) = constant(expr) {
        return value.is_integer();
    }
    match &*expr.node {
        Node::Neg(x) => integral(x, scope, binders),
        Node::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, a, b) => {
            integral(a, scope, binders) && integral(b, scope, binders)
        }
        Node::Name(name) if binders.contains(name) => true,
        Node::Name(name) => match scope.meaning(name) {
            Some(Meaning::Symbol(Symbol::Integer { .. })) => true,
            Some(Meaning::Symbol(Symbol::Defined(e)) | Meaning::Definition(e)) => {
                integral(e, scope, &[])
            }
            _ => false,
        },
        _ => false,
    }
}

fn is_one(expr: &Expr) -> bool {
    constant(expr) == Some(BigRational::from_integer(1.into()))
}

/// How a value of this shape might become a scalar.
fn to_scalar(shape: &Shape, expr: &Expr) -> String {
    match shape {
        Shape::Scalar => "a scalar is needed".to_owned(),
        Shape::Vector(_) | Shape::Row(_) => {
            "scalars come from vectors as norm2(v), norm2(v, M) or v'*w".to_owned()
        }
        Shape::Matrix { .. } | Shape::Identity => {
            format!(
                "scalars come from matrices as tr(M), opnorm(M) or v'*M*v: perhaps tr({})",
                abbreviated(expr)
            )
        }
    }
}

fn abbreviated(expr: &Expr) -> String {
    let text = expr.to_string();
    if text.chars().count() <= 40 {
        text
    } else {
        "M".to_owned()
    }
}

fn shown(expr: &Expr) -> String {
    let text = expr.to_string();
    if text.chars().count() <= 40 {
        format!("`{text}`")
    } else {
        "this".to_owned()
    }
}

/// As an operand of a product, in brackets where needed.
fn operand(expr: &Expr) -> String {
    let text = abbreviated(expr);
    match &*expr.node {
        Node::Binary(..) | Node::Neg(_) if text != "M" => format!("({text})"),
        _ => text,
    }
}

fn transposed(expr: &Expr) -> String {
    format!("{}'", operand(expr))
}

fn times_identity(expr: &Expr) -> String {
    if is_one(expr) {
        return "I".to_owned();
    }
    match &*expr.node {
        Node::Binary(BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow, ..) => {
            format!("{}*I", abbreviated(expr))
        }
        _ => format!("{}*I", operand(expr)),
    }
}

#[cfg(test)]
mod tests;
