//! Tokens to syntax trees, by operator precedence.
//!
//! Source may be hostile: its length, the size of its numbers and the height of the tree are bounded, so
//! that neither parsing nor any later walk over the tree can exhaust the stack.

mod assumption;
mod call;
mod mean;
mod relation;
mod stack;

pub(crate) use call::unknown_function;

use std::sync::Arc;

use num_rational::BigRational;
use num_traits::Signed;

use super::ast::{BinaryOp, Comparison, Expr, Node, RelationOp, Span};
use super::error::FormulaError;
use super::place::Placement;
use super::token::{Token, TokenKind, tokenize};

/// The greatest height of a syntax tree, and the deepest nesting of brackets.
pub const MAX_DEPTH: usize = 200;

type Errors = Vec<FormulaError>;

/// Parses an expression, such as the right side of a definition.
///
/// ```
/// let e = resolvent::formula::parse::parse_expression("κ²·tr((Σ+κ·I)^-2)").unwrap();
/// assert_eq!(e.to_string(), "kappa^2*tr((Sigma + kappa*I)^-2)");
/// let errors = resolvent::formula::parse::parse_expression("2 k").unwrap_err();
/// assert_eq!(errors[0].help.as_deref(), Some("write 2*k"));
/// ```
pub fn parse_expression(text: &str) -> Result<Expr, Errors> {
    parse_expression_at(text, &Placement::identity())
}

/// As [`parse_expression`], with spans in the file the formula was read from.
pub fn parse_expression_at(text: &str, placement: &Placement) -> Result<Expr, Errors> {
    let mut parser = Parser::new(text, placement)?;
    let result = parser.whole(|p| {
        let tree = p.expression(0)?;
        if let Some(TokenKind::Relation(op)) = p.peek() {
            let op = *op;
            return Err(p
                .error_here(
                    "F009",
                    format!(
                        "`{}` makes this a relation, but a value is needed",
                        op.symbol()
                    ),
                )
                .with_help("keep one side of it"));
        }
        Ok(tree.expr)
    });
    result.map_err(|error| vec![error])
}

/// Parses a relation: what a claim says, or an assumption.
///
/// ```
/// use resolvent::formula::{ast::RelationOp, parse::parse_relation};
/// let r = parse_relation("T0 ≥ d + 2").unwrap();
/// assert_eq!(r.op, RelationOp::Ge);
/// assert_eq!(r.to_string(), "T0 >= d + 2");
/// ```
pub fn parse_relation(text: &str) -> Result<Comparison, Errors> {
    parse_relation_at(text, &Placement::identity())
}

/// As [`parse_relation`], with spans in the file the formula was read from.
pub fn parse_relation_at(text: &str, placement: &Placement) -> Result<Comparison, Errors> {
    let mut parser = Parser::new(text, placement)?;
    let result = parser.whole(|p| Ok(p.relation()?.0));
    result.map_err(|error| vec![error])
}

/// Parses a relation or a chain of them, `a <= b <= c`, as the relations between neighbours.
///
/// ```
/// use resolvent::formula::parse::parse_chain;
/// let links = parse_chain("0 < k <= 1").unwrap();
/// assert_eq!(links[1].to_string(), "k <= 1");
/// assert!(parse_chain("0 < k > 1").is_err());
/// ```
pub fn parse_chain(text: &str) -> Result<Vec<Comparison>, Errors> {
    parse_chain_at(text, &Placement::identity())
}

/// As [`parse_chain`], with spans in the file the formula was read from.
pub fn parse_chain_at(text: &str, placement: &Placement) -> Result<Vec<Comparison>, Errors> {
    let mut parser = Parser::new(text, placement)?;
    let links = parser.whole(Parser::chain).map_err(|error| vec![error])?;
    Ok(links.into_iter().map(|(link, _)| link).collect())
}

/// Parses an assumption, `a <= b and c < d or e < f`, as relations that all hold.
///
/// ```
/// use resolvent::formula::parse::parse_assumption;
/// let relations = parse_assumption("k >= 1 and T > d").unwrap();
/// assert_eq!(relations[1].to_string(), "T > d");
/// let one_of_two = parse_assumption("k >= 1 or T <= d").unwrap();
/// assert_eq!(one_of_two[0].to_string(), "max(k - 1, d - T) >= 0");
/// ```
pub fn parse_assumption(text: &str) -> Result<Vec<Comparison>, Errors> {
    parse_assumption_at(text, &Placement::identity())
}

/// As [`parse_assumption`], with spans in the file the formula was read from.
pub fn parse_assumption_at(text: &str, placement: &Placement) -> Result<Vec<Comparison>, Errors> {
    let mut parser = Parser::new(text, placement)?;
    parser
        .whole(Parser::assumption)
        .map_err(|error| vec![error])
}

/// Parses one line of a derivation: a relation sign and what follows it.
///
/// ```
/// use resolvent::formula::{ast::RelationOp, parse::parse_step};
/// let (op, rhs) = parse_step("<= d/(T - d)").unwrap();
/// assert_eq!((op, rhs.to_string().as_str()), (RelationOp::Le, "d/(T - d)"));
/// ```
pub fn parse_step(text: &str) -> Result<(RelationOp, Expr), Errors> {
    parse_step_at(text, &Placement::identity())
}

/// As [`parse_step`], with spans in the file the formula was read from.
pub fn parse_step_at(text: &str, placement: &Placement) -> Result<(RelationOp, Expr), Errors> {
    let mut parser = Parser::new(text, placement)?;
    let result = parser.whole(|p| {
        let Some(TokenKind::Relation(op)) = p.peek() else {
            return Err(p
                .error_here("F009", "a step starts with its relation sign".to_owned())
                .with_help("write `= …`, `<= …`, `~ …`: the line before it is the left side"));
        };
        let op = *op;
        p.at += 1;
        let rhs = p.expression(0)?;
        p.no_second_relation()?;
        Ok((op, rhs.expr))
    });
    result.map_err(|error| vec![error])
}

/// An expression and the height of its tree.
#[derive(Clone)]
struct Tree {
    expr: Expr,
    height: usize,
}

struct Parser<'a> {
    text: &'a str,
    placement: &'a Placement,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// How many conditions of `if` are being read, which `and` and `or` end.
    conditions: usize,
}

// How strongly operators bind: left and right sides. Postfix operators bind at once.
const ADDITIVE: (u8, u8) = (10, 11);
const MULTIPLICATIVE: (u8, u8) = (20, 21);
const NEGATION: u8 = 30;
const POWER: (u8, u8) = (41, 40);

impl<'a> Parser<'a> {
    fn new(text: &'a str, placement: &'a Placement) -> Result<Self, Errors> {
        let tokens = tokenize(text).map_err(|errors| {
            errors
                .into_iter()
                .map(|error| FormulaError {
                    span: placement.span(error.span),
                    ..error
                })
                .collect::<Errors>()
        })?;
        Ok(Self {
            text,
            placement,
            tokens,
            at: 0,
            depth: 0,
            conditions: 0,
        })
    }

    /// Runs `parse` and insists that nothing is left over.
    fn whole<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, FormulaError>,
    ) -> Result<T, FormulaError> {
        let value = parse(self)?;
        match self.peek() {
            None => Ok(value),
            Some(TokenKind::CloseParen | TokenKind::CloseBracket) => {
                let shown = self.shown(self.at);
                Err(self
                    .error_here("F007", format!("this `{shown}` closes nothing"))
                    .with_help(format!(
                        "remove it, or open the matching bracket before `{shown}`"
                    )))
            }
            Some(TokenKind::Comma) => Err(self
                .error_here("F008", "a comma outside any argument list".to_owned())
                .with_help("arguments stand in brackets: f(x, y); numbers have a decimal point")),
            Some(TokenKind::Semicolon) => Err(self.stray_semicolon()),
            Some(TokenKind::Bar) => Err(self.stray_bar()),
            Some(TokenKind::Range) => Err(self
                .error_here("F008", "a range outside sum or prod".to_owned())
                .with_help("write sum(i = a..b, f)")),
            Some(_) => {
                let shown = self.shown(self.at);
                Err(self.error_here("F008", format!("`{shown}` is not expected here")))
            }
        }
    }

    fn stray_semicolon(&self) -> FormulaError {
        self.error_here("F008", "a semicolon outside square brackets".to_owned())
            .with_help("`;` puts rows under rows: [A; B]")
    }

    fn expression(&mut self, least: u8) -> Result<Tree, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.too_deep(self.span_here()));
        }
        let mut left = self.operand()?;
        while let Some(kind) = self.peek() {
            let (op, right_power) = match kind {
                TokenKind::Prime => {
                    self.at += 1;
                    let span = join(left.expr.span, self.last_span());
                    left = self.grown(Node::Transpose(left.expr), span, left.height)?;
                    continue;
                }
                TokenKind::Superscript(power) => {
                    let exponent = integer(power.clone(), self.span_here());
                    self.at += 1;
                    let span = join(left.expr.span, self.last_span());
                    let node = Node::Binary(BinaryOp::Pow, left.expr, exponent);
                    left = self.grown(node, span, left.height.max(2))?;
                    continue;
                }
                TokenKind::Plus if ADDITIVE.0 >= least => (BinaryOp::Add, ADDITIVE.1),
                TokenKind::Minus if ADDITIVE.0 >= least => (BinaryOp::Sub, ADDITIVE.1),
                TokenKind::Star if MULTIPLICATIVE.0 >= least => (BinaryOp::Mul, MULTIPLICATIVE.1),
                TokenKind::Slash if MULTIPLICATIVE.0 >= least => (BinaryOp::Div, MULTIPLICATIVE.1),
                TokenKind::Caret if POWER.0 >= least => (BinaryOp::Pow, POWER.1),
                TokenKind::Name(name) if self.conditions > 0 && (name == "and" || name == "or") => {
                    break;
                }
                TokenKind::Number(_) | TokenKind::Name(_) | TokenKind::OpenParen => {
                    return Err(self.implicit_product());
                }
                TokenKind::OpenBracket => {
                    return Err(self
                        .error_here("F008", "square brackets are not indices".to_owned())
                        .with_help("write s(j) for eigenvalue j, X(m) for member m of a family, E[…] for an expectation"));
                }
                _ => break,
            };
            self.at += 1;
            let right = self.expression(right_power)?;
            let span = join(left.expr.span, right.expr.span);
            let height = left.height.max(right.height);
            left = self.grown(Node::Binary(op, left.expr, right.expr), span, height)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Tree, FormulaError> {
        let span = self.span_here();
        let Some(token) = self.tokens.get(self.at) else {
            let message = if self.tokens.is_empty() {
                "the formula is empty"
            } else {
                "the formula ends where a value should follow"
            };
            return Err(FormulaError::new("F005", span, message).with_help(
                "a value is a number, a name, a call such as tr(Sigma), or a bracketed formula",
            ));
        };
        match token.kind.clone() {
            TokenKind::Number(value) => {
                self.at += 1;
                Ok(leaf(Node::Number(value), span))
            }
            TokenKind::Minus => {
                self.at += 1;
                let operand = self.expression(NEGATION)?;
                let span = join(span, operand.expr.span);
                self.grown(Node::Neg(operand.expr), span, operand.height)
            }
            TokenKind::OpenParen => {
                self.at += 1;
                let inner = self.expression(0)?;
                if let Some(TokenKind::Relation(_)) = self.peek() {
                    return Err(self
                        .error_here("F009", "a relation inside brackets".to_owned())
                        .with_help("a claim is one relation, outside all brackets; a choice is if(a <= b, x, y)"));
                }
                self.close(TokenKind::CloseParen, span)?;
                let span = join(span, self.last_span());
                Ok(Tree {
                    expr: Expr {
                        node: inner.expr.node,
                        span,
                    },
                    height: inner.height,
                })
            }
            TokenKind::Name(name) => {
                self.at += 1;
                self.named(name, span)
            }
            TokenKind::Plus => Err(self
                .error_here("F005", "there is no unary plus".to_owned())
                .with_help("leave the + out")),
            TokenKind::Relation(op) => {
                let message = format!("a value is missing before `{}`", op.symbol());
                Err(self
                    .error_here("F005", message)
                    .with_help("a relation has a value on either side"))
            }
            TokenKind::OpenBracket => self.stack(span),
            TokenKind::Bar => Err(self.stray_bar()),
            _ => {
                let shown = self.shown(self.at);
                Err(self
                    .error_here("F005", format!("a value is expected here, not `{shown}`"))
                    .with_help("a value is a number, a name, a call such as tr(Sigma), or a bracketed formula"))
            }
        }
    }

    /// A name, or what a name followed by a bracket calls. The name itself has been read.
    fn named(&mut self, name: String, span: Span) -> Result<Tree, FormulaError> {
        match self.peek() {
            Some(TokenKind::OpenBracket) if name == "E" => self.expectation(span),
            Some(TokenKind::OpenBracket) if name == "Var" || name == "Cov" => {
                self.fluctuation(&name, span)
            }
            Some(TokenKind::OpenBracket) => {
                let error =
                    self.error_here("F008", format!("`{name}[`: square brackets follow only E"));
                Err(error.with_help(format!(
                    "write {name}(…) for a call or a member of a family"
                )))
            }
            Some(TokenKind::OpenParen) => self.call(name, span),
            _ => Ok(leaf(
                match name.as_str() {
                    "inf" => Node::Infinity,
                    "pi" => Node::Pi,
                    _ => Node::Name(name),
                },
                span,
            )),
        }
    }

    fn comma(&mut self, form: &str) -> Result<(), FormulaError> {
        if self.peek() == Some(&TokenKind::Comma) {
            self.at += 1;
            return Ok(());
        }
        Err(self
            .error_here("F012", "a comma is needed here".to_owned())
            .with_help(form))
    }

    fn close(&mut self, kind: TokenKind, open: Span) -> Result<(), FormulaError> {
        if self.peek() == Some(&kind) {
            self.at += 1;
            return Ok(());
        }
        let bracket = if kind == TokenKind::CloseParen {
            ')'
        } else {
            ']'
        };
        match self.peek() {
            None => Err(
                FormulaError::new("F007", open, "this bracket is never closed")
                    .with_help(format!("add the missing `{bracket}`")),
            ),
            Some(TokenKind::Bar) => Err(self.stray_bar()),
            Some(TokenKind::Comma) => Err(self
                .error_here("F008", "a comma where no argument list is open".to_owned())
                .with_help("arguments stand in brackets: f(x, y); numbers have a decimal point")),
            Some(_) => {
                let shown = self.shown(self.at);
                Err(self.error_here(
                    "F007",
                    format!("`{bracket}` is expected here, not `{shown}`"),
                ))
            }
        }
    }

    fn implicit_product(&self) -> FormulaError {
        let left = self.at.checked_sub(1).map_or("", |i| self.shown(i));
        let right = self.shown(self.at);
        let (left, right) = (
            match left {
                ")" | "]" => "(…)",
                "'" | "′" | "’" => "…'",
                left => left,
            },
            if right == "(" { "(…)" } else { right },
        );
        let error = self.error_here("F006", "two values stand side by side".to_owned());
        match self.peek() {
            Some(TokenKind::Name(name)) if name == "in" => {
                return error
                    .with_help("`in` belongs to argmin(x in [a, b], f) and inf(x in [a, b], f)");
            }
            Some(TokenKind::Name(name)) if name == "and" || name == "or" => {
                return error.with_help(format!(
                    "`{name}` joins conditions of if(…), and assumptions"
                ));
            }
            _ => {}
        }
        error.with_help(format!("write {left}*{right}"))
    }

    fn grown(&self, node: Node, span: Span, height: usize) -> Result<Tree, FormulaError> {
        let height = height + 1;
        if height > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        Ok(Tree {
            expr: Expr {
                node: Arc::new(node),
                span,
            },
            height,
        })
    }

    fn too_deep(&self, span: Span) -> FormulaError {
        FormulaError::new(
            "F004",
            span,
            format!("the formula is more than {MAX_DEPTH} operations deep"),
        )
        .with_help("split it with abbreviations under [define]")
    }

    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The source of token `i`.
    fn shown(&self, i: usize) -> &'a str {
        self.tokens
            .get(i)
            .and_then(|token| self.text.get(token.span.start..token.span.end))
            .unwrap_or("")
    }

    /// The place of the next token, or of the end.
    fn span_here(&self) -> Span {
        let local = match self.tokens.get(self.at) {
            Some(token) => token.span,
            None => {
                let end = self.text.trim_end().len();
                Span { start: end, end }
            }
        };
        self.placement.span(local)
    }

    fn last_span(&self) -> Span {
        match self.at.checked_sub(1).and_then(|i| self.tokens.get(i)) {
            Some(token) => self.placement.span(token.span),
            None => self.span_here(),
        }
    }

    fn error_here(&self, code: &'static str, message: String) -> FormulaError {
        FormulaError::new(code, self.span_here(), message)
    }
}

fn leaf(node: Node, span: Span) -> Tree {
    Tree {
        expr: Expr {
            node: Arc::new(node),
            span,
        },
        height: 1,
    }
}

fn integer(value: num_bigint::BigInt, span: Span) -> Expr {
    let number = |value| Expr {
        node: Arc::new(Node::Number(BigRational::from_integer(value))),
        span,
    };
    if value.is_negative() {
        Expr {
            node: Arc::new(Node::Neg(number(-value))),
            span,
        }
    } else {
        number(value)
    }
}

fn join(a: Span, b: Span) -> Span {
    Span {
        start: a.start.min(b.start),
        end: a.end.max(b.end),
    }
}

fn help_if_none(error: FormulaError, help: &str) -> FormulaError {
    match error.help {
        Some(_) => error,
        None => error.with_help(help),
    }
}

#[cfg(test)]
mod tests;
