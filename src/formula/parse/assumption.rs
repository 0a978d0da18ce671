//! Assumptions: relations between values, joined by `and` and `or`.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::{MAX_DEPTH, Parser, Tree, join};
use crate::formula::ast::{BinaryOp, Comparison, Expr, Function, Node, RelationOp, Span};
use crate::formula::error::FormulaError;

/// How much higher the greatest of several least differences is than what it is made of.
const MARGIN: usize = 3;

impl Parser<'_> {
    /// `a <= b and c < d or e = f`, as relations that all hold: alternatives become one relation.
    pub(super) fn assumption(&mut self) -> Result<Vec<Comparison>, FormulaError> {
        let mut alternatives = vec![self.joined()?];
        while self.word("or") {
            alternatives.push(self.joined()?);
        }
        if alternatives.len() > 1 {
            return self.one_of(alternatives).map(|relation| vec![relation]);
        }
        Ok(alternatives
            .concat()
            .into_iter()
            .map(|(relation, _)| relation)
            .collect())
    }

    /// Chains that are joined by `and`.
    fn joined(&mut self) -> Result<Vec<(Comparison, usize)>, FormulaError> {
        self.conditions += 1;
        let mut all = self.chain();
        while let Ok(relations) = &mut all
            && self.word("and")
        {
            match self.chain() {
                Ok(more) => relations.extend(more),
                Err(error) => all = Err(error),
            }
        }
        self.conditions -= 1;
        all
    }

    /// `a >= b or c >= d` is `max(a - b, c - d) >= 0`, which points can be moved to; what is not of one kind is a choice.
    fn one_of(
        &self,
        alternatives: Vec<Vec<(Comparison, usize)>>,
    ) -> Result<Comparison, FormulaError> {
        let all = || alternatives.iter().flatten().map(|(relation, _)| relation);
        if let Some(limit) = all().find(|relation| relation.op.is_asymptotic()) {
            let message = format!(
                "`{}` speaks of a limit; assumptions are about values",
                limit.op.symbol()
            );
            return Err(FormulaError::new("F012", limit.span, message)
                .with_help("assumptions are =, <=, >=, < and >, joined by `and` and `or`"));
        }
        let span = all().fold(Span::default(), |span, relation| {
            match span == Span::default() {
                true => relation.span,
                false => join(span, relation.span),
            }
        });
        let equal = all().any(|relation| relation.op == RelationOp::Eq);
        let some_strict = all().any(|relation| relation.op.is_strict());
        if equal || some_strict && !all().all(|relation| relation.op.is_strict()) {
            // `if(…, 1, 0) = 1`
            let number = |value: BigRational| Tree {
                expr: Expr::new(Node::Number(value), span),
                height: 1,
            };
            let (one, zero) = (number(BigRational::one()), number(BigRational::zero()));
            return Ok(Comparison {
                lhs: self.chosen(alternatives, &one, zero, span)?.expr,
                op: RelationOp::Eq,
                rhs: one.expr,
                span,
            });
        }
        let heights = alternatives.iter().flatten().map(|(_, height)| *height);
        if heights
            .max()
            .is_some_and(|height| height + MARGIN > MAX_DEPTH)
        {
            return Err(self.too_deep(span));
        }
        let margins = |relations: &Vec<(Comparison, usize)>| {
            let margins = relations.iter().map(|(relation, _)| margin(relation));
            several(Function::Min, margins.collect(), span)
        };
        Ok(Comparison {
            lhs: several(
                Function::Max,
                alternatives.iter().map(margins).collect(),
                span,
            ),
            op: if some_strict {
                RelationOp::Gt
            } else {
                RelationOp::Ge
            },
            rhs: Expr::new(Node::Number(BigRational::zero()), span),
            span,
        })
    }
}

/// What is positive where an inequality holds.
fn margin(relation: &Comparison) -> Expr {
    let (more, less) = match relation.op {
        RelationOp::Ge | RelationOp::Gt => (&relation.lhs, &relation.rhs),
        _ => (&relation.rhs, &relation.lhs),
    };
    let difference = Node::Binary(BinaryOp::Sub, more.clone(), less.clone());
    Expr::new(difference, relation.span)
}

fn several(function: Function, mut values: Vec<Expr>, span: Span) -> Expr {
    if values.len() == 1 {
        return values.swap_remove(0);
    }
    Expr::new(Node::Call(function, values), span)
}
