//! `[A; B]`, rows under rows, and `[A, B]`, columns beside columns.

use super::{Parser, Tree, join};
use crate::formula::ast::{Function, Node, Span};
use crate::formula::error::FormulaError;
use crate::formula::token::TokenKind;

impl Parser<'_> {
    /// The opening bracket, at `open`, is the next token. `;` is looser than `,`, as in `[A, B; C, D]`.
    pub(super) fn stack(&mut self, open: Span) -> Result<Tree, FormulaError> {
        self.at += 1;
        if self.peek() == Some(&TokenKind::CloseBracket) {
            return Err(self
                .error_here("F008", "nothing stands in these brackets".to_owned())
                .with_help("write [A; B] for rows under rows, [A, B] for columns beside columns"));
        }
        let mut rows = Vec::new();
        loop {
            let start = self.span_here();
            let mut beside = vec![self.expression(0)?];
            while self.peek() == Some(&TokenKind::Comma) {
                self.at += 1;
                beside.push(self.expression(0)?);
            }
            rows.push((join(start, self.last_span()), beside));
            if self.peek() != Some(&TokenKind::Semicolon) {
                break;
            }
            self.at += 1;
        }
        if let Some(TokenKind::Relation(_)) = self.peek() {
            return Err(self
                .error_here("F009", "a relation inside brackets".to_owned())
                .with_help("a claim is one relation, outside all brackets"));
        }
        self.close(TokenKind::CloseBracket, open)?;
        let span = join(open, self.last_span());
        if let [(row, _)] = rows.as_mut_slice() {
            *row = span;
        }
        let mut gathered = Vec::with_capacity(rows.len());
        for (span, beside) in rows {
            gathered.push(match <[Tree; 1]>::try_from(beside) {
                Ok([only]) => only,
                Err(several) => self.gathered(Function::Columns, several, span)?,
            });
        }
        match <[Tree; 1]>::try_from(gathered) {
            Ok([only]) if only.expr.span == span => Ok(only),
            Ok(_) => Err(
                FormulaError::new("F008", span, "square brackets do not group").with_help(
                    "write ( ); [A; B] puts rows under rows, [A, B] columns beside columns, E[…] is the expectation",
                ),
            ),
            Err(several) => self.gathered(Function::Rows, several, span),
        }
    }

    fn gathered(
        &self,
        function: Function,
        parts: Vec<Tree>,
        span: Span,
    ) -> Result<Tree, FormulaError> {
        let height = parts.iter().map(|p| p.height).max().unwrap_or(0);
        let parts = parts.into_iter().map(|p| p.expr).collect();
        self.grown(Node::Call(function, parts), span, height)
    }
}
