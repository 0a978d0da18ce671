//! Relations, and chains of them.

use super::{Parser, join};
use crate::formula::ast::{Comparison, RelationOp};
use crate::formula::error::FormulaError;
use crate::formula::token::TokenKind;

impl Parser<'_> {
    /// Relations of one direction, each between neighbours, with their heights.
    pub(super) fn chain(&mut self) -> Result<Vec<(Comparison, usize)>, FormulaError> {
        let mut links = vec![self.link()?];
        while let Some(TokenKind::Relation(op)) = self.peek() {
            let op = *op;
            let (before, height) = links[links.len() - 1].clone();
            let strict = links.iter().find_map(|(l, _)| way(l.op));
            let goes = way(op).is_none_or(|w| strict.is_none_or(|s| s == w));
            let of_limits = |op: RelationOp| op.is_asymptotic();
            if !goes || of_limits(op) != of_limits(before.op) || op == RelationOp::TendsTo {
                return Err(self
                    .error_here(
                        "F009",
                        format!(
                            "`{}` does not go on from `{}`",
                            op.symbol(),
                            before.op.symbol()
                        ),
                    )
                    .with_help(
                        "a chain goes one way, as in a <= b < c or a = b >= c; make it two claims",
                    ));
            }
            self.at += 1;
            let rhs = self.expression(0)?;
            let span = join(before.rhs.span, rhs.expr.span);
            let link = Comparison {
                lhs: before.rhs,
                op,
                rhs: rhs.expr,
                span,
            };
            links.push((link, height.max(rhs.height + 1)));
        }
        Ok(links)
    }

    pub(super) fn relation(&mut self) -> Result<(Comparison, usize), FormulaError> {
        let link = self.link()?;
        self.no_second_relation()?;
        Ok(link)
    }

    pub(super) fn link(&mut self) -> Result<(Comparison, usize), FormulaError> {
        let lhs = self.expression(0)?;
        let Some(TokenKind::Relation(op)) = self.peek() else {
            if self.peek().is_some() {
                // Let the caller's expectation name what is wrong with the token.
                return Err(self.unexpected_in_relation());
            }
            return Err(self
                .error_here("F009", "a relation is missing".to_owned())
                .with_help(
                    "say what the value is compared to: =, <=, >=, <, >, ~, asymp, <~, >~ or ->",
                ));
        };
        let op = *op;
        self.at += 1;
        let rhs = self.expression(0)?;
        let height = lhs.height.max(rhs.height) + 1;
        let span = join(lhs.expr.span, rhs.expr.span);
        let comparison = Comparison {
            lhs: lhs.expr,
            op,
            rhs: rhs.expr,
            span,
        };
        Ok((comparison, height))
    }

    pub(super) fn unexpected_in_relation(&self) -> FormulaError {
        let shown = self.shown(self.at);
        match self.peek() {
            Some(TokenKind::CloseParen | TokenKind::CloseBracket) if self.depth == 0 => self
                .error_here("F007", format!("this `{shown}` closes nothing"))
                .with_help(format!(
                    "remove it, or open the matching bracket before `{shown}`"
                )),
            Some(TokenKind::Semicolon) => self.stray_semicolon(),
            Some(TokenKind::Bar) => self.stray_bar(),
            _ => self
                .error_here(
                    "F009",
                    format!("a relation is expected here, not `{shown}`"),
                )
                .with_help("relations are =, <=, >=, <, >, ~, asymp, <~, >~ and ->"),
        }
    }

    pub(super) fn no_second_relation(&self) -> Result<(), FormulaError> {
        if let Some(TokenKind::Relation(_)) = self.peek() {
            return Err(self
                .error_here("F009", "a second relation in one line".to_owned())
                .with_help("one relation at a time here"));
        }
        Ok(())
    }
}

/// Which way a relation points: up, down, or neither.
fn way(op: RelationOp) -> Option<bool> {
    match op {
        RelationOp::Le | RelationOp::Lt | RelationOp::OrderAtMost => Some(true),
        RelationOp::Ge | RelationOp::Gt | RelationOp::OrderAtLeast => Some(false),
        RelationOp::Eq | RelationOp::Equivalent | RelationOp::SameOrder | RelationOp::TendsTo => {
            None
        }
    }
}
