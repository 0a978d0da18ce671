//! Calls of functions, and the forms that look like calls.

use num_traits::ToPrimitive;

use super::{Parser, Tree, help_if_none, join};
use crate::formula::ast::{Comparison, Expr, Extremum, Fold, Function, Node, RelationOp, Span};
use crate::formula::error::FormulaError;
use crate::formula::function::{FORMS, RESERVED};
use crate::formula::suggestion::nearest;
use crate::formula::token::TokenKind;

impl Parser<'_> {
    pub(super) fn call(&mut self, name: String, span: Span) -> Result<Tree, FormulaError> {
        match name.as_str() {
            "if" => return self.choice(span),
            "sum" => return self.fold(Fold::Sum, span),
            "prod" => return self.fold(Fold::Prod, span),
            "int" => return self.fold(Fold::Int, span),
            "max" if self.range_follows() => return self.fold(Fold::Max, span),
            "min" if self.range_follows() => return self.fold(Fold::Min, span),
            "argmin" => return self.extremum(Extremum::ArgMin, span),
            "argmax" => return self.extremum(Extremum::ArgMax, span),
            "inf" => return self.extremum(Extremum::Inf, span),
            "sup" => return self.extremum(Extremum::Sup, span),
            "root" if self.interval_follows() => return self.extremum(Extremum::Root, span),
            "diff" => return self.derivative(span),
            _ => {}
        }
        let function = Function::from_name(&name);
        if function.is_none() && RESERVED.contains(&name.as_str()) {
            return Err(self.implicit_product());
        }
        if function.is_none() && (self.range_follows() || self.interval_follows()) {
            return Err(unknown_function(&name, span));
        }
        let open = self.span_here();
        self.at += 1;
        let mut arguments = Vec::new();
        let mut height = 0;
        if self.peek() != Some(&TokenKind::CloseParen) {
            loop {
                let argument = self.expression(0)?;
                height = height.max(argument.height);
                arguments.push(argument.expr);
                if self.peek() != Some(&TokenKind::Comma) {
                    break;
                }
                self.at += 1;
            }
        }
        if let Some(TokenKind::Relation(_)) = self.peek() {
            return Err(self
                .error_here("F007", format!("`{name}(` is still open at this relation"))
                .with_help("close the bracket before it; only if(a <= b, x, y) takes a relation"));
        }
        self.close(TokenKind::CloseParen, open)?;
        let span = join(span, self.last_span());
        let node = match function {
            Some(function) => {
                let (fewest, most) = function.arity();
                let given = arguments.len();
                if given < fewest || given > most {
                    return Err(FormulaError::new("F010", span, {
                        let takes = match (fewest, most) {
                            (1, 1) => "1 argument".to_owned(),
                            (a, b) if a == b => format!("{a} arguments"),
                            (a, usize::MAX) => format!("at least {a} arguments"),
                            (a, b) => format!("{a} or {b} arguments"),
                        };
                        format!("`{name}` takes {takes}, {given} given")
                    })
                    .with_help(format!("write {}", function.signature())));
                }
                Node::Call(function, arguments)
            }
            // Whether the name is that of a family is seen once the names are known.
            None if arguments.len() == 1 => Node::Member(name, arguments.swap_remove(0)),
            None if arguments.is_empty() => return Err(unknown_function(&name, span)),
            None => Node::Apply(name, arguments),
        };
        self.grown(node, span, height)
    }

    /// Whether what follows is `(i = …`, as in `max(i = a..b, f)`.
    fn range_follows(&self) -> bool {
        let kind = |i: usize| self.tokens.get(self.at + i).map(|token| &token.kind);
        matches!(kind(1), Some(TokenKind::Name(_)))
            && kind(2) == Some(&TokenKind::Relation(RelationOp::Eq))
    }

    /// Whether `(x in` follows.
    fn interval_follows(&self) -> bool {
        let kind = |i: usize| self.tokens.get(self.at + i).map(|token| &token.kind);
        matches!(kind(1), Some(TokenKind::Name(_)))
            && matches!(kind(2), Some(TokenKind::Name(word)) if word == "in")
    }

    /// `if(a <= b and c < d or e = f, x, y)`: `and` binds tighter; both become nested choices.
    fn choice(&mut self, span: Span) -> Result<Tree, FormulaError> {
        const FORM: &str = "write if(a <= b, x, y)";
        let open = self.span_here();
        self.at += 1;
        let mut alternatives = vec![vec![self.condition(FORM)?]];
        loop {
            if self.word("or") {
                alternatives.push(vec![self.condition(FORM)?]);
            } else if self.word("and") {
                let next = self.condition(FORM)?;
                if let Some(last) = alternatives.last_mut() {
                    last.push(next);
                }
            } else {
                break;
            }
        }
        self.comma(FORM)?;
        let then = self.expression(0)?;
        self.comma(FORM)?;
        let otherwise = self.expression(0)?;
        self.close(TokenKind::CloseParen, open)?;
        let span = join(span, self.last_span());
        self.chosen(alternatives, &then, otherwise, span)
    }

    /// `then` where all conditions of one of the alternatives hold.
    pub(super) fn chosen(
        &self,
        alternatives: Vec<Vec<(Comparison, usize)>>,
        then: &Tree,
        otherwise: Tree,
        span: Span,
    ) -> Result<Tree, FormulaError> {
        let mut result = otherwise;
        for conditions in alternatives.into_iter().rev() {
            let refused = result;
            result = then.clone();
            for (condition, height) in conditions.into_iter().rev() {
                let height = height.max(result.height).max(refused.height);
                let node = Node::If(condition, result.expr, refused.expr.clone());
                result = self.grown(node, span, height)?;
            }
        }
        Ok(result)
    }

    /// Reads a word between two conditions, if it is there.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Name(name)) if name == word);
        if found {
            self.at += 1;
        }
        found
    }

    fn condition(&mut self, form: &str) -> Result<(Comparison, usize), FormulaError> {
        self.conditions += 1;
        let condition = self.relation();
        self.conditions -= 1;
        let (condition, height) = condition.map_err(|e| help_if_none(e, form))?;
        if condition.op.is_asymptotic() {
            return Err(FormulaError::new(
                "F012",
                condition.span,
                format!(
                    "`{}` speaks of a limit; it cannot choose between values",
                    condition.op.symbol()
                ),
            )
            .with_help("conditions are =, <=, >=, < and >"));
        }
        Ok((condition, height))
    }

    fn fold(&mut self, kind: Fold, span: Span) -> Result<Tree, FormulaError> {
        let form = format!("write {}(i = a..b, f)", kind.name());
        let open = self.span_here();
        self.at += 1;
        let index = self.bound_name(&form)?;
        // An integral is over an interval, which may be written as those of `inf` and `argmin` are.
        let (from, to) = if kind == Fold::Int && self.is_in() {
            self.interval(&form)?
        } else {
            self.range(&index, &form)?
        };
        self.over(&form, (span, open), from, to, |from, to, body| Node::Fold {
            kind,
            index,
            from,
            to,
            body,
        })
    }

    fn is_in(&self) -> bool {
        matches!(self.peek(), Some(TokenKind::Name(name)) if name == "in")
    }

    /// `= a..b` after an index.
    fn range(&mut self, index: &str, form: &str) -> Result<(Tree, Tree), FormulaError> {
        if self.peek() != Some(&TokenKind::Relation(RelationOp::Eq)) {
            return Err(self
                .error_here("F012", format!("`=` should follow the index `{index}`"))
                .with_help(form));
        }
        self.at += 1;
        let from = self.expression(0)?;
        if self.peek() != Some(&TokenKind::Range) {
            return Err(self
                .error_here("F012", "a range `a..b` is needed here".to_owned())
                .with_help(form));
        }
        self.at += 1;
        Ok((from, self.expression(0)?))
    }

    /// `in [a, b]` after a variable.
    fn interval(&mut self, form: &str) -> Result<(Tree, Tree), FormulaError> {
        self.at += 1;
        let bracket = self.span_here();
        if self.peek() != Some(&TokenKind::OpenBracket) {
            return Err(self
                .error_here("F012", "an interval `[a, b]` is needed here".to_owned())
                .with_help(form));
        }
        self.at += 1;
        let from = self.expression(0)?;
        self.comma(form)?;
        let to = self.expression(0)?;
        self.close(TokenKind::CloseBracket, bracket)?;
        Ok((from, to))
    }

    fn extremum(&mut self, kind: Extremum, span: Span) -> Result<Tree, FormulaError> {
        let form = format!("write {}(x in [a, b], f)", kind.name());
        let open = self.span_here();
        self.at += 1;
        let variable = self.bound_name(&form)?;
        if !self.is_in() {
            return Err(self
                .error_here(
                    "F012",
                    format!("`in` should follow the variable `{variable}`"),
                )
                .with_help(form));
        }
        let (from, to) = self.interval(&form)?;
        self.over(&form, (span, open), from, to, |from, to, body| {
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            }
        })
    }

    /// The end of such a form, `, f)`: a node made of the two ends and of what stands between them.
    fn over(
        &mut self,
        form: &str,
        (span, open): (Span, Span),
        from: Tree,
        to: Tree,
        node: impl FnOnce(Expr, Expr, Expr) -> Node,
    ) -> Result<Tree, FormulaError> {
        self.comma(form)?;
        let body = self.expression(0)?;
        self.close(TokenKind::CloseParen, open)?;
        let span = join(span, self.last_span());
        let height = from.height.max(to.height).max(body.height);
        self.grown(node(from.expr, to.expr, body.expr), span, height)
    }

    fn derivative(&mut self, span: Span) -> Result<Tree, FormulaError> {
        const FORM: &str = "write diff(f, x), where x is a name";
        let open = self.span_here();
        self.at += 1;
        let body = self.expression(0)?;
        self.comma(FORM)?;
        let variable = self.bound_name(FORM)?;
        let at = match self.peek() {
            Some(TokenKind::Relation(RelationOp::Eq)) => {
                self.at += 1;
                Some(self.expression(0)?)
            }
            _ => None,
        };
        let mut times = 1;
        if self.peek() == Some(&TokenKind::Comma) {
            self.at += 1;
            times = self.order_of_derivative()?;
        }
        self.close(TokenKind::CloseParen, open)?;
        let span = join(span, self.last_span());
        let mut result = body;
        for _ in 1..times {
            let node = Node::Diff(result.expr, variable.clone(), None);
            result = self.grown(node, span, result.height)?;
        }
        let height = at.as_ref().map_or(0, |at| at.height).max(result.height);
        let node = Node::Diff(result.expr, variable, at.map(|at| at.expr));
        self.grown(node, span, height)
    }

    /// The `2` of `diff(f, x, 2)`.
    fn order_of_derivative(&mut self) -> Result<usize, FormulaError> {
        const MOST: usize = 8;
        let order = match self.peek() {
            Some(TokenKind::Number(n)) if n.is_integer() => n.to_usize(),
            _ => None,
        };
        match order.filter(|n| (1..=MOST).contains(n)) {
            Some(order) => {
                self.at += 1;
                Ok(order)
            }
            None => Err(self
                .error_here(
                    "F012",
                    format!("how often to differentiate is a whole number from 1 to {MOST}"),
                )
                .with_help("write diff(f, x, 2) for the second derivative")),
        }
    }

    /// A name that a form binds.
    fn bound_name(&mut self, form: &str) -> Result<String, FormulaError> {
        match self.peek() {
            Some(TokenKind::Name(name)) if RESERVED.contains(&name.as_str()) => {
                let message = format!("`{name}` has a fixed meaning and cannot be a variable");
                Err(self.error_here("F012", message).with_help(form))
            }
            Some(TokenKind::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self
                .error_here("F012", "the name of a variable is needed here".to_owned())
                .with_help(form)),
        }
    }
}

/// The error for a call of something that is no function.
pub(crate) fn unknown_function(name: &str, span: Span) -> FormulaError {
    let error = FormulaError::new("F011", span, format!("there is no function `{name}`"));
    let known = || {
        Function::named()
            .map(|f| (f.name(), f.signature()))
            .chain(FORMS)
    };
    let foreign = match name {
        "trace" | "Tr" => Some("tr"),
        "lim" | "limit" => None,
        "integral" | "integrate" => Some("int"),
        "choose" | "binomial" => Some("binom"),
        "fact" => Some("factorial"),
        "determinant" => Some("det"),
        "ceil" | "round" => Some("floor"),
        "inverse" => Some("inv"),
        "norm" => Some("norm2"),
        "grad" | "derivative" | "d" => Some("diff"),
        "df1" | "df2" | "df_1" | "df_2" => Some("df"),
        _ => None,
    };
    match foreign.or_else(|| nearest(name, known().map(|(name, _)| name))) {
        Some(near) => {
            let signature = known()
                .find(|&(name, _)| name == near)
                .map_or(near, |(_, s)| s);
            error.with_help(format!("did you mean {signature}?"))
        }
        None => error.with_help(format!("a product is written {name}*(…)")),
    }
}
