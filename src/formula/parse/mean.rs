//! `E[f]`, `E[f | X, Y]`, and what is made of them: `Var[…]`, `Cov[…]`.

use std::sync::Arc;

use super::{Parser, Tree, join};
use crate::formula::ast::{BinaryOp, Expr, Function, Node, Span};
use crate::formula::error::FormulaError;
use crate::formula::token::TokenKind;

impl Parser<'_> {
    /// The `E` at `span` has been read; its bracket is the next token.
    pub(super) fn expectation(&mut self, span: Span) -> Result<Tree, FormulaError> {
        let open = self.span_here();
        self.at += 1;
        let inner = self.expression(0)?;
        let given = self.given()?;
        self.close(TokenKind::CloseBracket, open)?;
        let span = join(span, self.last_span());
        self.grown(mean(inner.expr, &given), span, inner.height)
    }

    /// `Var[f] = E[f^2] - E[f]^2` and `Cov[f, g] = E[f*g] - E[f]*E[g]`; the name has been read.
    pub(super) fn fluctuation(&mut self, name: &str, span: Span) -> Result<Tree, FormulaError> {
        let open = self.span_here();
        self.at += 1;
        let first = self.expression(0)?;
        let second = if name == "Cov" {
            self.comma("write Cov[f, g], the covariance of two scalars")?;
            self.expression(0)?
        } else {
            first.clone()
        };
        let given = self.given()?;
        self.close(TokenKind::CloseBracket, open)?;
        let span = join(span, self.last_span());
        let height = first.height.max(second.height);
        let of = |node| Expr {
            node: Arc::new(node),
            span,
        };
        let averaged = |e: &Expr| of(mean(e.clone(), &given));
        let (f, g) = (first.expr, second.expr);
        let product = of(Node::Binary(BinaryOp::Mul, f.clone(), g.clone()));
        let means = of(Node::Binary(BinaryOp::Mul, averaged(&f), averaged(&g)));
        let whole = Node::Binary(BinaryOp::Sub, averaged(&product), means);
        self.grown(whole, span, height + 2)
    }

    /// `| X, Y`, if it is there.
    fn given(&mut self) -> Result<Vec<Expr>, FormulaError> {
        const FORM: &str = "write E[f | X] or E[f | X, Y], with names of random objects";
        let mut given = Vec::new();
        if self.peek() != Some(&TokenKind::Bar) {
            return Ok(given);
        }
        loop {
            self.at += 1;
            let span = self.span_here();
            let Some(TokenKind::Name(name)) = self.peek() else {
                return Err(self
                    .error_here("F012", "the name of a random object is needed here".into())
                    .with_help(FORM));
            };
            given.push(Expr::new(Node::Name(name.clone()), span));
            self.at += 1;
            match self.peek() {
                Some(TokenKind::Comma) => {}
                Some(TokenKind::OpenParen) => {
                    return Err(self
                        .error_here("F012", "what is given is a name without a bracket".into())
                        .with_help("a family is given as a whole: E[f | X], not E[f | X(0)]"));
                }
                _ => return Ok(given),
            }
        }
    }

    pub(super) fn stray_bar(&self) -> FormulaError {
        self.error_here("F003", "`|` has no meaning here".to_owned())
            .with_help("write abs(x) for |x|; in E[f | X] it stands before what is given")
    }
}

fn mean(body: Expr, given: &[Expr]) -> Node {
    if given.is_empty() {
        return Node::Expectation(body);
    }
    let mut arguments = vec![body];
    arguments.extend_from_slice(given);
    Node::Call(Function::Given, arguments)
}
