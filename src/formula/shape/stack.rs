//! Shapes of stacks: `[A; B]` and `[A, B]`.

use num_rational::BigRational;
use num_traits::One;

use super::check::{Checker, Typed};
use super::kind::Shape;
use super::remedy::{operand, shown, times_identity, transposed};
use crate::formula::ast::{BinaryOp, Expr, Function, Node, Span};

/// A part as rows and columns; vectors have one of either.
struct Sides {
    rows: Expr,
    columns: Expr,
    vector: bool,
}

impl Checker<'_> {
    /// The parts of `[A; B]` agree in their columns, those of `[A, B]` in their rows; an `I` is as large as the others ask.
    pub(super) fn stack(
        &mut self,
        function: Function,
        parts: &[Expr],
        typed: &[Typed],
        span: Span,
    ) -> Option<Shape> {
        let below = function == Function::Rows;
        let one = Expr::new(Node::Number(BigRational::one()), span);
        let mut known: Option<(usize, Sides)> = None;
        let mut sizes: Vec<Option<Expr>> = Vec::with_capacity(parts.len());
        let mut all_vectors = true;
        for (i, part) in parts.iter().enumerate() {
            let Some(sides) = self.sides(part, &typed[i].shape, &one)? else {
                all_vectors = false;
                sizes.push(None);
                continue;
            };
            all_vectors &= sides.vector;
            let (along, across) = if below {
                (&sides.rows, &sides.columns)
            } else {
                (&sides.columns, &sides.rows)
            };
            sizes.push(Some(along.clone()));
            match &known {
                None => known = Some((i, sides)),
                Some((first, other)) => {
                    let expected = if below { &other.columns } else { &other.rows };
                    if !self.same(expected, across) {
                        self.ill_stacked(below, parts, typed, (*first, i));
                        return None;
                    }
                }
            }
        }
        let Some((_, first)) = known else {
            self.fault(
                "S011",
                span,
                "nothing in this stack says how large I is".to_owned(),
                "stack it with a matrix, as in [X; sqrt(lambda)*I]",
            );
            return None;
        };
        let across = if below { first.columns } else { first.rows };
        let along = sizes
            .into_iter()
            .map(|size| size.unwrap_or_else(|| across.clone()))
            .reduce(|a, b| Expr::new(Node::Binary(BinaryOp::Add, a, b), span))?;
        let column = all_vectors && matches!(typed[0].shape, Shape::Vector(_));
        let row = all_vectors && matches!(typed[0].shape, Shape::Row(_));
        Some(match (below, column, row) {
            (true, true, _) => Shape::Vector(along),
            (false, _, true) => Shape::Row(along),
            _ => {
                let (rows, columns) = if below {
                    (along, across)
                } else {
                    (across, along)
                };
                Shape::Matrix {
                    rows,
                    columns,
                    spectral: false,
                }
            }
        })
    }

    /// `Some(None)` for a multiple of `I`; `None` for what cannot stand in a stack.
    fn sides(&mut self, part: &Expr, shape: &Shape, one: &Expr) -> Option<Option<Sides>> {
        let (rows, columns, vector) = match shape {
            Shape::Identity => return Some(None),
            Shape::Vector(n) => (n, one, true),
            Shape::Row(n) => (one, n, true),
            Shape::Matrix { rows, columns, .. } => (rows, columns, false),
            Shape::Scalar => {
                self.fault(
                    "S011",
                    part.span,
                    format!(
                        "matrices and vectors are stacked, but {} is a scalar",
                        shown(part)
                    ),
                    format!(
                        "write {} for a multiple of the identity",
                        times_identity(part)
                    ),
                );
                return None;
            }
        };
        Some(Some(Sides {
            rows: rows.clone(),
            columns: columns.clone(),
            vector,
        }))
    }

    fn ill_stacked(
        &mut self,
        below: bool,
        parts: &[Expr],
        typed: &[Typed],
        (first, i): (usize, usize),
    ) {
        let (x, y) = (&typed[first].shape, &typed[i].shape);
        let (place, side) = if below {
            ("under", "columns")
        } else {
            ("beside", "rows")
        };
        let message = format!("this puts {} {place} {}", y.described(), x.described());
        let (a, b) = (&parts[first], &parts[i]);
        let fits = |checker: &Self, m: &Shape, n: &Shape| match (m, n) {
            (
                Shape::Matrix { rows, columns, .. },
                Shape::Matrix {
                    rows: r,
                    columns: c,
                    ..
                },
            ) => Some((
                checker.same(rows, r),
                checker.same(columns, c),
                if below {
                    checker.same(columns, r)
                } else {
                    checker.same(rows, c)
                },
            )),
            _ => None,
        };
        let help = match (x, y) {
            (Shape::Vector(_), Shape::Vector(_)) => {
                format!("write [{a}; {b}] for one under the other")
            }
            (Shape::Row(_), Shape::Row(_)) => format!("write [{a}, {b}] for one beside the other"),
            (Shape::Matrix { columns, .. }, Shape::Vector(n)) if below && self.same(columns, n) => {
                format!("write {} for a row", transposed(b))
            }
            (Shape::Matrix { rows, .. }, Shape::Row(n)) if !below && self.same(rows, n) => {
                format!("write {} for a column", transposed(b))
            }
            _ => match fits(self, x, y) {
                Some((_, _, true)) => {
                    format!("write {}, if the transpose is meant", transposed(b))
                }
                Some((true, _, _)) if below => format!("write [{a}, {b}] for one beside the other"),
                Some((_, true, _)) if !below => format!("write [{a}; {b}] for one under the other"),
                _ => format!("what stands {place} {} has as many {side}", operand(a)),
            },
        };
        self.fault("S011", b.span, message, help);
    }
}
