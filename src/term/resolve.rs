//! From syntax trees and a scope to terms: names become what they stand for.

mod entries;
mod following;
mod recursion;

use std::collections::HashMap;
use std::sync::Arc;

use super::node::{Binder, Condition, Id, Node, Relation, SymbolId};
use super::order;
use super::shape::Shape;
use super::store::Store;
use crate::formula::Meaning;
use crate::formula::ast::{self, BinaryOp, Comparison, Expr, Function, Span};
use crate::formula::define::called;
use crate::formula::error::FormulaError;
use crate::formula::function::Rule;
use crate::formula::recursion::Range;
use crate::formula::scope::{Scope, Symbol};

/// How far a binding of a name reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// An index of a sum: definitions do not see it.
    Here,
    /// A variable of a minimum: what depends on the symbol depends on it.
    Everywhere,
    /// The variable of a derivative: the same, but other symbols are held fixed, whatever the path of a limit makes of them.
    Alone,
}

/// Builds the terms of one scope.
pub struct Resolver<'a> {
    pub(super) scope: &'a Scope,
    pub store: Store,
    bound: Vec<(String, Id, Reach)>,
    /// Definitions under the bindings that reach into them.
    definitions: HashMap<(String, Vec<Id>), Id>,
    symbols: HashMap<String, SymbolId>,
    /// Names that are given as numbers in place of what the scope says of them.
    given: HashMap<String, SymbolId>,
    /// Whether a symbol follows the limit's path where a variable it depends on is bound.
    pub(super) follows_path: bool,
    /// Names being resolved, so that a circle is an error and no endless loop.
    open: Vec<String>,
    /// What is known of the indices of sums.
    ranges: HashMap<Binder, Range>,
    /// How terms are written and whether that is a name, where it is wanted.
    pub(super) written: Option<HashMap<Id, (String, bool)>>,
}

/// What a resolver has built, to go on from later.
#[derive(Debug, Default)]
pub struct Resolved {
    pub store: Store,
    definitions: HashMap<(String, Vec<Id>), Id>,
    symbols: HashMap<String, SymbolId>,
    given: HashMap<String, SymbolId>,
}

type Answer = Result<Id, FormulaError>;

/// How the names of members of recursions end while they are made.
const STEP: char = '@';

impl<'a> Resolver<'a> {
    pub fn new(scope: &'a Scope) -> Result<Self, FormulaError> {
        let mut store = Store::default();
        let mut symbols = HashMap::new();
        for (name, symbol) in &scope.symbols {
            if !matches!(symbol, Symbol::Defined(_)) {
                symbols.insert(name.clone(), store.add_symbol(name));
            }
        }
        let mut resolver = Self {
            scope,
            store,
            bound: Vec::new(),
            definitions: HashMap::new(),
            symbols,
            given: HashMap::new(),
            follows_path: false,
            open: Vec::new(),
            ranges: HashMap::new(),
            written: None,
        };
        // The setting's own Sigma is the first of the store.
        resolver.model(Span::default())?;
        Ok(resolver)
    }

    /// Goes on with what was built for the same scope before.
    pub fn resume(scope: &'a Scope, built: Resolved) -> Self {
        Self {
            scope,
            store: built.store,
            bound: Vec::new(),
            definitions: built.definitions,
            symbols: built.symbols,
            given: built.given,
            follows_path: false,
            open: Vec::new(),
            ranges: HashMap::new(),
            written: None,
        }
    }

    pub fn into_built(self) -> Resolved {
        Resolved {
            store: self.store,
            definitions: self.definitions,
            symbols: self.symbols,
            given: self.given,
        }
    }

    /// A symbol with a domain.
    pub fn symbol_of(&self, name: &str) -> Option<SymbolId> {
        self.symbols.get(name).copied()
    }

    /// A whole formula where `given` names stand for symbols of their own, whatever the scope says of them.
    pub fn root_with(&mut self, expr: &Expr, given: &[String]) -> Answer {
        let span = expr.span;
        for name in given {
            let symbol = match self.given.get(name) {
                Some(&symbol) => symbol,
                None => {
                    let symbol = self.store.add_symbol(name);
                    self.given.insert(name.clone(), symbol);
                    symbol
                }
            };
            let id = self.store.make(Node::Symbol(symbol), span);
            self.bound.push((name.clone(), id, Reach::Everywhere));
        }
        let id = self.term(expr);
        self.bound.clear();
        let id = self.settled(id?);
        Ok(self.store.spectral_sums(id))
    }

    /// A whole formula: what is left of `I` is `d×d`, and sums over the spectrum are recognised.
    pub fn root(&mut self, expr: &Expr) -> Answer {
        let bound = std::mem::take(&mut self.bound);
        let id = self.term(expr);
        self.bound = bound;
        let id = self.settled(id?);
        Ok(self.store.spectral_sums(id))
    }

    pub fn relation(&mut self, relation: &Comparison) -> Result<Relation, FormulaError> {
        let bound = std::mem::take(&mut self.bound);
        let sides = self
            .term(&relation.lhs)
            .and_then(|a| Ok((a, self.term(&relation.rhs)?)));
        self.bound = bound;
        let (a, b) = sides?;
        let (a, b) = self.beside(a, b, false);
        let (a, b) = (self.settled(a), self.settled(b));
        let (a, b) = (self.store.spectral_sums(a), self.store.spectral_sums(b));
        let relation = Relation {
            lhs: a,
            op: relation.op,
            rhs: b,
            span: relation.span,
        };
        Ok(order::of_numbers(&mut self.store, relation))
    }

    fn settled(&mut self, id: Id) -> Id {
        match self.dimension() {
            Ok(Some(d)) => self.store.sized(id, d),
            _ => id,
        }
    }

    fn dimension(&mut self) -> Result<Option<Id>, FormulaError> {
        let span = Span::default();
        if self.scope.setting.infinite {
            return Ok(Some(self.store.make(Node::Infinity, span)));
        }
        if self.scope.meaning("d").is_none() && self.bound.iter().all(|(n, _, _)| n != "d") {
            // A size without a value of its own: what is declared elsewhere.
            let symbol = match self.given.get("d") {
                Some(&symbol) => symbol,
                None => {
                    let symbol = self.store.add_symbol("d");
                    self.given.insert("d".to_owned(), symbol);
                    symbol
                }
            };
            return Ok(Some(self.store.make(Node::Symbol(symbol), span)));
        }
        self.name("d", span).map(Some)
    }

    fn terms(&mut self, list: &[Expr]) -> Result<Vec<Id>, FormulaError> {
        list.iter().map(|e| self.term(e)).collect()
    }

    /// Leaves the bindings that reach everywhere; gives back all of them.
    fn only_everywhere(&mut self) -> Vec<(String, Id, Reach)> {
        let outer = self.bound.clone();
        self.bound.retain(|(_, _, reach)| *reach != Reach::Here);
        outer
    }

    fn name(&mut self, name: &str, span: Span) -> Answer {
        if let Some((_, id, _)) = self.bound.iter().rev().find(|(n, _, _)| n == name) {
            return Ok(*id);
        }
        match name {
            "Sigma" => {
                let model = self.model(span)?;
                return Ok(self.store.make(Node::Sigma(model), span));
            }
            "w0" => {
                let model = self.model(span)?;
                return Ok(self.store.make(Node::Target(model), span));
            }
            "I" => return Ok(self.store.make(Node::Identity(None), span)),
            _ => {}
        }
        match self.scope.meaning(name) {
            Some(Meaning::Definition(e) | Meaning::Symbol(Symbol::Defined(e))) => {
                self.definition(name, e)
            }
            Some(Meaning::Symbol(_)) => self.symbol(name, span),
            Some(Meaning::Random(object)) => {
                let object = self.random(name, object, span)?;
                let id = self.store.add_random(object);
                Ok(self.store.make(Node::Random(id), span))
            }
            None => Err(unknown(name, span)),
        }
    }

    /// The variables that reach everywhere, as they are bound now.
    fn reaching(&self) -> Vec<Id> {
        let everywhere = self.bound.iter().filter(|b| b.2 != Reach::Here);
        everywhere.map(|(_, id, _)| *id).collect()
    }

    fn definition(&mut self, name: &str, expr: &'a Expr) -> Answer {
        let key = (name.to_owned(), self.reaching());
        if let Some(&known) = self.definitions.get(&key) {
            return Ok(known);
        }
        let id = self.guarded(name, expr)?;
        self.definitions.insert(key, id);
        Ok(id)
    }

    /// The term of an expression that belongs to a name, as where it was made.
    fn guarded(&mut self, name: &str, expr: &'a Expr) -> Answer {
        if self.open.iter().any(|n| n == name) {
            return Err(FormulaError::new(
                "F015",
                expr.span,
                format!("`{name}` is defined by itself"),
            )
            .with_help("a definition ends in symbols with a domain, or in numbers"));
        }
        self.open.push(name.to_owned());
        let outer = self.only_everywhere();
        let id = self.term(expr);
        self.bound = outer;
        self.open.pop();
        id
    }

    /// Gives an `I` on either side the size that the other side asks for.
    fn beside(&mut self, a: Id, b: Id, product: bool) -> (Id, Id) {
        let (x, y) = (self.store.shape(a), self.store.shape(b));
        let left = if product {
            y.heights().0
        } else {
            y.heights().1
        };
        let right = if product {
            x.heights().1
        } else {
            x.heights().0
        };
        match (x, y) {
            (Shape::Identity, _) => (left.map_or(a, |n| self.store.sized(a, n)), b),
            (_, Shape::Identity) => (a, right.map_or(b, |n| self.store.sized(b, n))),
            _ => (a, b),
        }
    }

    fn term(&mut self, expr: &Expr) -> Answer {
        let id = self.term_of(expr)?;
        self.keep_written(id, expr);
        Ok(id)
    }

    /// A name is kept before any formula, but none that stands for an argument.
    fn keep_written(&mut self, id: Id, expr: &Expr) {
        let store = &self.store;
        let is_variable = |id: Id| matches!(store.node(id), Node::Bound(_));
        if let Some(written) = &mut self.written
            && store.free(id).is_empty()
            && self.bound.iter().all(|(_, id, _)| is_variable(*id))
        {
            let named = matches!(&*expr.node, ast::Node::Name(_));
            match written.get(&id) {
                Some((_, is_name)) if *is_name || !named => {}
                _ => drop(written.insert(id, (expr.to_string(), named))),
            }
        }
    }

    fn term_of(&mut self, expr: &Expr) -> Answer {
        let span = expr.span;
        match &*expr.node {
            ast::Node::Number(x) => Ok(self.store.number(x.clone(), span)),
            ast::Node::Infinity => Ok(self.store.make(Node::Infinity, span)),
            ast::Node::Pi => Ok(self.store.make(Node::Pi, span)),
            ast::Node::Name(name) => self.name(name, span),
            ast::Node::Neg(x) => {
                let x = self.term(x)?;
                Ok(self.store.make(Node::Neg(x), span))
            }
            ast::Node::Binary(op, a, b) => {
                let (a, b) = (self.term(a)?, self.term(b)?);
                let (a, b) = match op {
                    BinaryOp::Add | BinaryOp::Sub => self.beside(a, b, false),
                    BinaryOp::Mul => self.beside(a, b, true),
                    BinaryOp::Div | BinaryOp::Pow => (a, b),
                };
                Ok(self.store.make(Node::Binary(*op, a, b), span))
            }
            ast::Node::Transpose(x) => {
                let x = self.term(x)?;
                Ok(self.store.make(Node::Transpose(x), span))
            }
            ast::Node::Call(function, arguments) => self.call(*function, arguments, span),
            ast::Node::Member(..) | ast::Node::Apply(..)
                if called(&expr.node, self.scope).is_some() =>
            {
                self.function_of_file(expr)
            }
            ast::Node::Apply(name, _) => Err(unknown(name, span)),
            ast::Node::Member(name, index) => {
                let index = self.term(index)?;
                match self.scope.meaning(name) {
                    Some(Meaning::Random(object)) => {
                        let object = self.random(name, object, span)?;
                        let id = self.store.add_random(object);
                        Ok(self.store.make(Node::Member(id, index), span))
                    }
                    _ => Err(unknown(name, span)),
                }
            }
            ast::Node::Expectation(x) => {
                let x = self.term(x)?;
                Ok(self.store.make(Node::Expectation(x), span))
            }
            ast::Node::If(condition, a, b) => {
                let condition = self.condition(condition)?;
                let (a, b) = (self.term(a)?, self.term(b)?);
                let (a, b) = self.beside(a, b, false);
                Ok(self.store.make(Node::If(Arc::new(condition), a, b), span))
            }
            ast::Node::Fold { .. } | ast::Node::Extremum { .. } | ast::Node::Diff(..) => {
                self.form(expr)
            }
        }
    }

    /// What binds a variable.
    fn form(&mut self, expr: &Expr) -> Answer {
        let span = expr.span;
        match &*expr.node {
            ast::Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => {
                let (from, to) = (self.term(from)?, self.term(to)?);
                let known = self.range(from).zip(self.range(to));
                let known = known.map(|(from, to)| (from.0, to.1));
                let (index, body) = self.within(index, (Reach::Here, known), span, body)?;
                let node = Node::Fold {
                    kind: *kind,
                    index,
                    from,
                    to,
                    body,
                };
                Ok(self.store.make(node, span))
            }
            ast::Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => {
                let (from, to) = (self.term(from)?, self.term(to)?);
                let (variable, body) =
                    self.within(variable, (Reach::Everywhere, None), span, body)?;
                let node = Node::Extremum {
                    kind: *kind,
                    variable,
                    from,
                    to,
                    body,
                };
                Ok(self.store.make(node, span))
            }
            ast::Node::Diff(f, variable, at) => {
                let at = match at {
                    Some(at) => self.term(at)?,
                    None => self.name(variable, span)?,
                };
                let known = self.range(at);
                let reach = self.reach_of_derivative(expr);
                let (binder, body) = self.within(variable, (reach, known), span, f)?;
                let derivative = self.store.differentiate(body, binder, variable, span)?;
                Ok(self.store.replace_bound(derivative, binder, at))
            }
            _ => self.term(expr),
        }
    }

    /// A derivative by an index or a parameter is seen as far as that is.
    fn reach_of_derivative(&self, derivative: &Expr) -> Reach {
        let ast::Node::Diff(_, variable, None) = &*derivative.node else {
            return Reach::Alone;
        };
        let around = self.bound.iter().rev().find(|(n, _, _)| n == variable);
        match around {
            Some((_, _, Reach::Here)) => Reach::Here,
            _ => Reach::Alone,
        }
    }

    /// The body of a form with its variable bound.
    fn within(
        &mut self,
        name: &str,
        (reach, known): (Reach, Option<Range>),
        span: Span,
        body: &Expr,
    ) -> Result<(Binder, Id), FormulaError> {
        let binder = self.store.fresh(name);
        if let Some(known) = known {
            self.ranges.insert(binder, known);
        }
        let variable = self.store.make(Node::Bound(binder), span);
        self.bound.push((name.to_owned(), variable, reach));
        let body = self.term(body);
        self.bound.pop();
        Ok((binder, body?))
    }

    /// A call of a function of the file: its body, where its parameters are the arguments and no index around the
    /// call is visible.
    fn function_of_file(&mut self, call: &Expr) -> Answer {
        let scope = self.scope;
        let Some((name, function, arguments)) = called(&call.node, scope) else {
            return Err(unknown("", call.span));
        };
        let values = self.terms(arguments)?;
        if let (Some(start), [index]) = (&function.start, values.as_slice()) {
            return self.recursion(name, (function, start), *index, call.span);
        }
        let open = format!("{name}(");
        // A step of a recursion leads towards its start, whatever it calls on the way.
        let since_step = self.open.iter().rev().take_while(|n| !n.ends_with(STEP));
        if since_step.filter(|n| **n == open).count() > 1 {
            return Err(FormulaError::new(
                "F015",
                call.span,
                format!("the function `{name}` calls itself"),
            )
            .with_help("a function ends in symbols, numbers and functions of the language"));
        }
        self.open.push(open);
        let outer = self.only_everywhere();
        for (parameter, value) in function.parameters.iter().zip(values) {
            self.bound.push((parameter.clone(), value, Reach::Here));
        }
        let id = self.term(&function.body);
        self.bound = outer;
        self.open.pop();
        id
    }

    fn condition(&mut self, condition: &Comparison) -> Result<Condition, FormulaError> {
        let (a, b) = (self.term(&condition.lhs)?, self.term(&condition.rhs)?);
        Ok(Condition::Compare(a, condition.op, b))
    }

    fn call(&mut self, function: Function, arguments: &[Expr], span: Span) -> Answer {
        let mut terms = self.terms(arguments)?;
        let node = match (function, terms.as_slice()) {
            (Function::Eigenvalue, &[j]) => Node::Eigenvalue(self.model(span)?, j),
            (Function::Coefficient, &[j]) => Node::Coefficient(self.model(span)?, j),
            (Function::Kappa, &[lambda, t]) => Node::Kappa(self.model(span)?, lambda, t),
            (Function::Df, &[m, k]) => Node::Df(self.model(span)?, m, k),
            (Function::Norm2, &[v, weight]) => {
                if let (Some(n), _) = self.store.shape(v).heights() {
                    terms[1] = self.store.sized(weight, n);
                }
                Node::Call(function, terms.into())
            }
            (function, &[m])
                if matches!(function.rule(), Rule::SquareToScalar | Rule::MatrixToScalar) =>
            {
                let m = self.settled(m);
                Node::Call(function, [m].into())
            }
            _ if function.rule() == Rule::Stack => {
                let below = function == Function::Rows;
                let size = terms.iter().find_map(|&part| match self.store.shape(part) {
                    Shape::Matrix { columns, .. } if below => Some(columns),
                    Shape::Row(n) if below => Some(n),
                    Shape::Matrix { rows, .. } => Some(rows),
                    Shape::Vector(n) if !below => Some(n),
                    _ => None,
                });
                if let Some(size) = size {
                    for part in &mut terms {
                        *part = self.store.sized(*part, size);
                    }
                }
                Node::Call(function, terms.into())
            }
            _ => Node::Call(function, terms.into()),
        };
        Ok(self.store.make(node, span))
    }
}

fn unknown(name: &str, span: Span) -> FormulaError {
    FormulaError::new("F013", span, format!("nothing is called `{name}`")).with_help(format!(
        "declare {name} under [symbols], [random] or [define]"
    ))
}
