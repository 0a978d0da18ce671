//! Shapes of calls: what functions take and give.

use super::check::{Checker, Typed};
use super::kind::Shape;
use super::remedy::{operand, to_scalar, transposed};
use crate::formula::ast::{Expr, Function, Span};
use crate::formula::function::Rule;

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        function: Function,
        arguments: &[Expr],
        span: Span,
    ) -> Option<Typed> {
        if function == Function::Given {
            return self.mean_given(arguments, span);
        }
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

    pub(super) fn call_shape(
        &mut self,
        function: Function,
        arguments: &[Expr],
        typed: &[Typed],
        span: Span,
    ) -> Option<Shape> {
        match function.rule() {
            Rule::OfSigma if typed[0].shape.is_function_of_sigma() => Some(typed[0].shape.clone()),
            Rule::Scalars | Rule::OfSigma => self.of_scalars(function, arguments, typed),
            Rule::SquareToScalar | Rule::Square => self.of_square(function, arguments, typed, span),
            Rule::Diagonal => {
                let shape = self.of_square(function, arguments, typed, span)?;
                self.over_rows(&shape, &arguments[0]).then_some(shape)
            }
            Rule::Transposed | Rule::OnColumns | Rule::MatrixToScalar => {
                self.of_matrix(function, arguments, typed)
            }
            Rule::Norm => self.norm(arguments, typed),
            Rule::Fit => self.fit(arguments, typed),
            Rule::Stack => self.stack(function, arguments, typed, span),
            Rule::OfAtoms => self.of_atoms(arguments, typed, span),
            Rule::OverRows => self.row_weights(arguments, typed, span),
            Rule::Turned => self.turned(arguments, typed),
            // Has no shape but that of what is averaged.
            Rule::Given => Some(typed[0].shape.clone()),
        }
    }

    fn of_scalars(
        &mut self,
        function: Function,
        arguments: &[Expr],
        typed: &[Typed],
    ) -> Option<Shape> {
        self.all_scalars(function, arguments, typed)?;
        Some(Shape::Scalar)
    }

    pub(super) fn all_scalars(
        &mut self,
        function: Function,
        arguments: &[Expr],
        typed: &[Typed],
    ) -> Option<()> {
        let name = function.name();
        for (argument, typed) in arguments.iter().zip(typed) {
            if matches!(typed.shape, Shape::Scalar) {
                continue;
            }
            let message = format!(
                "`{name}` takes scalars, but this is {}",
                typed.shape.described()
            );
            let help = match (function, &typed.shape) {
                (Function::Sqrt | Function::Exp | Function::Log, Shape::Matrix { .. }) => {
                    format!("only functions of Sigma have one: {name}(Sigma)")
                }
                (Function::Abs, Shape::Vector(_)) => {
                    format!("write sqrt(norm2({argument})) for its norm")
                }
                _ => to_scalar(&typed.shape, argument),
            };
            self.fault("S006", argument.span, message, help);
            return None;
        }
        Some(())
    }

    fn of_square(
        &mut self,
        function: Function,
        arguments: &[Expr],
        typed: &[Typed],
        span: Span,
    ) -> Option<Shape> {
        let name = function.name();
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
                        format!(
                            "write {name}({}*{})",
                            transposed(argument),
                            operand(argument)
                        )
                    }
                    (_, Shape::Scalar) => format!("leave {name} out"),
                    _ => format!("write norm2({argument}) for the square of its norm"),
                };
                self.fault("S006", argument.span, message, help);
                return None;
            }
        }
        Some(if function.rule() == Rule::SquareToScalar {
            if matches!(shape, Shape::Identity) {
                self.dimension(span)?;
            }
            Shape::Scalar
        } else {
            shape.clone()
        })
    }

    /// What is `d×d` has a diagonal in a basis only.
    fn over_rows(&mut self, shape: &Shape, argument: &Expr) -> bool {
        let Shape::Matrix { rows, .. } = shape else {
            return true;
        };
        let dimension = match self.scope.meaning("d") {
            Some(_) => self.dimension(argument.span),
            None => None,
        };
        let of_inputs = dimension.is_some_and(|d| self.same(rows, &d));
        if of_inputs {
            self.fault(
                "S006",
                argument.span,
                format!("`diag` takes a matrix over rows, but this is {}", shape.described()),
                "the diagonal of a d×d matrix depends on the basis; rows have one: diag(X*inv(X'*X)*X')",
            );
        }
        !of_inputs
    }

    fn of_matrix(
        &mut self,
        function: Function,
        arguments: &[Expr],
        typed: &[Typed],
    ) -> Option<Shape> {
        let name = function.name();
        let (argument, shape) = (&arguments[0], &typed[0].shape);
        match (function, shape) {
            (Function::Opnorm, Shape::Matrix { .. } | Shape::Identity) => Some(Shape::Scalar),
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
                let message = format!("`{name}` takes a matrix, but this is {}", shape.described());
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

    fn norm(&mut self, arguments: &[Expr], typed: &[Typed]) -> Option<Shape> {
        let Shape::Vector(n) = &typed[0].shape else {
            let shape = &typed[0].shape;
            let argument = &arguments[0];
            let message = format!("`norm2` takes a vector, but this is {}", shape.described());
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
                Shape::Matrix { rows, columns, .. } => self.same(rows, n) && self.same(columns, n),
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

    fn fit(&mut self, arguments: &[Expr], typed: &[Typed]) -> Option<Shape> {
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
