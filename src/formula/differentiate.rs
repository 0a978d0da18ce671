//! Derivatives, as formulas of the same language.
//!
//! `κ` is differentiated through its equation `κ − λ = κ df_1(κ)/T`:
//! `∂κ/∂λ = 1/(1 − df_2(κ)/T)` and `∂κ/∂T = −κ df_1(κ)/T² / (1 − df_2(κ)/T)`, and the degrees of freedom by
//! `∂df_m(κ)/∂κ = −m tr Σ^m (Σ+κ)^{-(m+1)}` (Dohmatob, Feng & Kempe 2024, arXiv 2402.07712, Lemma I.2).

mod algebra;
mod call;
mod rewrite;
pub(super) mod within;

pub use rewrite::{differentiate, expand, expand_comparison, expand_scope};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use num_traits::{ToPrimitive, Zero};

use algebra::{add, div, mul, neg, node, number, plus, pow, sub};

use super::ast::{BinaryOp, Comparison, Expr, Extremum, Fold, Function, Node, RelationOp, Span};
use super::constant::constant;
use super::error::FormulaError;
use super::scope::{
    Law, MAX_EXPANDED_DEPTH, MAX_EXPANDED_NODES, Meaning, Scope, SpectrumKind, Symbol, TargetKind,
};
use super::shape::kind::{Shape, ShapeOf};
use super::substitute::{fresh, rename, speaks_of, substituted, written_out};
use super::traverse::{children, free_names, size};

/// Whole powers of matrices beyond this are not differentiated.
const MAX_MATRIX_POWER: i64 = 16;

/// As [`differentiate`], inside forms that bind the names `binders`; faults without a better place are at `span`.
fn differentiate_within(
    expr: &Expr,
    variable: &str,
    scope: &Scope,
    binders: &[String],
    (span, shape_of): (Span, ShapeOf),
) -> Result<Expr, FormulaError> {
    let mut d = Differentiator {
        scope,
        shape_of,
        variable,
        // A bound name can itself be the variable.
        binders: binders.iter().filter(|b| *b != variable).cloned().collect(),
        dependent: HashMap::new(),
        spectrum: None,
        definitions: HashMap::new(),
    };
    let derivative = match d.derive(expr)? {
        Some(derivative) => derivative,
        None => d.zero(expr),
    };
    let (height, nodes) = size(&derivative);
    if height > 2 * MAX_EXPANDED_DEPTH || nodes > MAX_EXPANDED_NODES {
        return Err(FormulaError::new(
            "F016",
            span,
            format!("the derivative by `{variable}` is too large ({nodes} operations)"),
        )
        .with_help("differentiate parts of it under [define]"));
    }
    Ok(derivative)
}

struct Differentiator<'a> {
    scope: &'a Scope,
    shape_of: ShapeOf,
    variable: &'a str,
    binders: Vec<String>,
    /// Whether the definitions met so far depend on the variable.
    dependent: HashMap<String, bool>,
    /// Whether `Sigma` or `w0` change with the variable, once known.
    spectrum: Option<bool>,
    definitions: HashMap<String, Option<Expr>>,
}

/// `None` is zero.
type Derivative = Result<Option<Expr>, FormulaError>;

impl Differentiator<'_> {
    fn shape(&self, expr: &Expr) -> Result<Shape, FormulaError> {
        // A bound variable is a scalar too.
        let mut binders = self.binders.clone();
        if self.scope.meaning(self.variable).is_none() {
            binders.push(self.variable.to_owned());
        }
        (self.shape_of)(expr, self.scope, &binders).map_err(first_error)
    }

    fn zero(&self, expr: &Expr) -> Expr {
        let zero = number(0, expr.span);
        match self.shape(expr) {
            Ok(Shape::Scalar) | Err(_) => zero,
            Ok(_) => node(Node::Binary(BinaryOp::Mul, zero, expr.clone()), expr.span),
        }
    }

    fn depends(&mut self, expr: &Expr) -> bool {
        if self.binders.iter().any(|b| b == self.variable) {
            return false;
        }
        free_names(expr).into_iter().any(|(name, _)| {
            name == self.variable || (!self.binders.contains(&name) && self.name_depends(&name))
        }) || (self.spectrum_depends() && speaks_of_spectrum(expr))
    }

    fn name_depends(&mut self, name: &str) -> bool {
        if let Some(&known) = self.dependent.get(name) {
            return known;
        }
        self.dependent.insert(name.to_owned(), false);
        let parts: Vec<Expr> = match self.scope.meaning(name) {
            Some(Meaning::Definition(e) | Meaning::Symbol(Symbol::Defined(e))) => vec![e.clone()],
            Some(Meaning::Random(object)) => match &object.law {
                Law::Design { rows } => vec![rows.clone()],
                Law::Gaussian {
                    rows,
                    columns,
                    covariance,
                } => [rows, columns]
                    .into_iter()
                    .chain(covariance)
                    .cloned()
                    .collect(),
                Law::Noise { length, sd } => vec![length.clone(), sd.clone()],
                Law::Labeller {
                    generations,
                    samples,
                    sd,
                    ridge,
                    ..
                } => [generations, samples, sd]
                    .into_iter()
                    .chain(ridge)
                    .cloned()
                    .collect(),
            },
            _ => Vec::new(),
        };
        // A definition does not see the binders around its use.
        let binders = std::mem::take(&mut self.binders);
        let depends = parts.iter().any(|part| self.depends(part));
        self.binders = binders;
        self.dependent.insert(name.to_owned(), depends);
        depends
    }

    fn spectrum_depends(&mut self) -> bool {
        if let Some(known) = self.spectrum {
            return known;
        }
        self.spectrum = Some(false);
        let mut parts: Vec<Expr> = Vec::new();
        match &self.scope.setting.spectrum {
            SpectrumKind::PowerLaw { beta } => parts.push(beta.clone()),
            SpectrumKind::Atoms { values, weights } => {
                parts.extend(values.iter().chain(weights).cloned());
            }
            _ => {}
        }
        match &self.scope.setting.target {
            TargetKind::Isotropic { norm2: Some(e) }
            | TargetKind::Source { r: e }
            | TargetKind::Axis { index: e } => parts.push(e.clone()),
            _ => {}
        }
        let binders = std::mem::take(&mut self.binders);
        let depends =
            self.variable == "d" || self.name_depends("d") || parts.iter().any(|e| self.depends(e));
        self.binders = binders;
        self.spectrum = Some(depends);
        depends
    }

    fn refuse(&self, span: Span, what: &str) -> FormulaError {
        FormulaError::new(
            "F018",
            span,
            format!(
                "{what} has no derivative by `{}` in this language",
                self.variable
            ),
        )
        .with_help("keep the variable out of it, or state the derivative in another way")
    }

    /// Refuses an expression that depends on the variable.
    fn constant_here(&mut self, expr: &Expr, what: &str) -> Result<(), FormulaError> {
        if self.depends(expr) {
            Err(self.refuse(expr.span, what))
        } else {
            Ok(())
        }
    }

    fn derive(&mut self, expr: &Expr) -> Derivative {
        let span = expr.span;
        match &*expr.node {
            Node::Number(_) | Node::Infinity | Node::Pi => Ok(None),
            Node::Name(name) => self.derive_name(name, span),
            Node::Neg(x) => Ok(self.derive(x)?.map(neg)),
            Node::Binary(op, a, b) => self.derive_binary(*op, a, b, expr),
            Node::Transpose(x) => Ok(self.derive(x)?.map(|dx| node(Node::Transpose(dx), span))),
            Node::Call(function, arguments) => self.derive_call(*function, arguments, expr),
            Node::Member(name, index) => {
                self.constant_here(index, "the index of a family")?;
                self.derive_name(name, span)
            }
            Node::Expectation(x) => Ok(self.derive(x)?.map(|dx| {
                if self.is_random(&dx) {
                    node(Node::Expectation(dx), span)
                } else {
                    dx
                }
            })),
            Node::If(condition, a, b) => {
                let (da, db) = (self.derive(a)?, self.derive(b)?);
                if da.is_none() && db.is_none() {
                    return Ok(None);
                }
                let da = da.unwrap_or_else(|| self.zero(a));
                let db = db.unwrap_or_else(|| self.zero(b));
                Ok(Some(node(Node::If(condition.clone(), da, db), span)))
            }
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => self.derive_fold(*kind, index, from, to, body, span),
            Node::Apply(name, _) => {
                self.constant_here(expr, &format!("`{name}`"))?;
                Ok(None)
            }
            Node::Extremum {
                kind: Extremum::Root,
                variable,
                from,
                to,
                body,
            } => self.derive_root(variable, (from, to), body, expr),
            Node::Extremum { .. } => {
                self.constant_here(expr, "an extremum")?;
                Ok(None)
            }
            Node::Diff(f, by) => {
                if !self.depends(f) {
                    return Ok(None);
                }
                let mut inner = Differentiator {
                    shape_of: self.shape_of,
                    scope: self.scope,
                    variable: by,
                    binders: self.binders.iter().filter(|b| *b != by).cloned().collect(),
                    dependent: HashMap::new(),
                    spectrum: None,
                    definitions: HashMap::new(),
                };
                match inner.derive(f)? {
                    Some(df) => self.derive(&df),
                    None => Ok(None),
                }
            }
        }
    }

    fn derive_name(&mut self, name: &str, span: Span) -> Derivative {
        // A bound name hides the variable of the same name.
        if self.binders.iter().any(|b| b == name) {
            return Ok(None);
        }
        if name == self.variable {
            return Ok(Some(number(1, span)));
        }
        if ["Sigma", "w0", "I"].contains(&name) {
            if self.spectrum_depends() {
                return Err(self.refuse(span, &format!("`{name}`")));
            }
            return Ok(None);
        }
        if let Some(known) = self.definitions.get(name) {
            return Ok(known.clone());
        }
        let derivative = match self.scope.meaning(name) {
            Some(Meaning::Definition(e) | Meaning::Symbol(Symbol::Defined(e))) => {
                let binders = std::mem::take(&mut self.binders);
                let derivative = self.derive(e);
                self.binders = binders;
                derivative?
            }
            Some(Meaning::Random(_)) if self.name_depends(name) => {
                return Err(self.refuse(span, &format!("the random object `{name}`")));
            }
            _ => None,
        };
        self.definitions.insert(name.to_owned(), derivative.clone());
        Ok(derivative)
    }

    fn derive_binary(&mut self, op: BinaryOp, a: &Expr, b: &Expr, whole: &Expr) -> Derivative {
        if op == BinaryOp::Pow {
            return self.derive_power(a, b, whole);
        }
        let (da, db) = (self.derive(a)?, self.derive(b)?);
        Ok(match op {
            BinaryOp::Add => plus(da, db),
            BinaryOp::Sub => plus(da, db.map(neg)),
            BinaryOp::Mul => plus(
                da.map(|da| mul(da, b.clone())),
                db.map(|db| mul(a.clone(), db)),
            ),
            BinaryOp::Div => {
                let first = da.map(|da| div(da, b.clone()));
                // (a/b)' = a'/b − a b'/b²
                let second =
                    db.map(|db| neg(div(mul(a.clone(), db), pow(b.clone(), number(2, b.span)))));
                plus(first, second)
            }
            BinaryOp::Pow => None,
        })
    }

    fn derive_power(&mut self, a: &Expr, b: &Expr, whole: &Expr) -> Derivative {
        let (da, db) = (self.derive(a)?, self.derive(b)?);
        if da.is_none() && db.is_none() {
            return Ok(None);
        }
        let shape = self.shape(a)?;
        match shape {
            Shape::Scalar => Ok(match (da, db) {
                // b a^{b−1} a'
                (Some(da), None) => {
                    let lower = pow(a.clone(), sub(b.clone(), number(1, b.span)));
                    Some(mul(mul(b.clone(), lower), da))
                }
                // a^b (b' log a + b a'/a)
                (da, Some(db)) => {
                    let log = node(Node::Call(Function::Log, vec![a.clone()]), a.span);
                    let second = da.map(|da| div(mul(b.clone(), da), a.clone()));
                    plus(Some(mul(db, log)), second).map(|sum| mul(whole.clone(), sum))
                }
                (None, None) => None,
            }),
            // Functions of Σ commute with one another.
            Shape::Identity | Shape::Matrix { spectral: true, .. } => match (da, db) {
                (Some(da), None) => {
                    let lower = sub(b.clone(), number(1, b.span));
                    let factor = if constant(&lower).is_some_and(|x| x.is_zero()) {
                        b.clone()
                    } else {
                        mul(b.clone(), pow(a.clone(), lower))
                    };
                    Ok(Some(mul(factor, da)))
                }
                (_, Some(_)) => Err(self.refuse(b.span, "the exponent of a matrix")),
                (None, None) => Ok(None),
            },
            _ => {
                let exponent = constant(b).filter(|n| n.is_integer());
                let exponent = exponent.and_then(|n| n.numer().to_i64());
                match (da, exponent) {
                    (Some(da), Some(n)) if n.abs() <= MAX_MATRIX_POWER => {
                        let positive = matrix_power(a, &da, n.abs());
                        if n >= 0 {
                            return Ok(positive);
                        }
                        // (A^{-n})' = −A^{-n} (A^n)' A^{-n}
                        Ok(positive.map(|d| neg(mul(mul(whole.clone(), d), whole.clone()))))
                    }
                    _ => Err(self.refuse(b.span, "this power of a matrix")),
                }
            }
        }
    }

    fn derive_fold(
        &mut self,
        kind: Fold,
        index: &str,
        from: &Expr,
        to: &Expr,
        body: &Expr,
        span: Span,
    ) -> Derivative {
        let ends = if kind == Fold::Int {
            self.by_ends(index, (from, to), body)?
        } else {
            self.constant_here(from, "the start of a range")?;
            self.constant_here(to, "the end of a range")?;
            None
        };
        self.binders.push(index.to_owned());
        let derivative = self.derive(body);
        let scalar = matches!(self.shape(body), Ok(Shape::Scalar));
        self.binders.pop();
        let Some(derivative) = derivative? else {
            return Ok(ends);
        };
        let fold = |kind, index: &str, body| {
            node(
                Node::Fold {
                    kind,
                    index: index.to_owned(),
                    from: from.clone(),
                    to: to.clone(),
                    body,
                },
                span,
            )
        };
        if matches!(kind, Fold::Sum | Fold::Int) {
            let inside = fold(kind, index, derivative);
            return Ok(Some(match ends {
                Some(ends) => add(inside, ends),
                None => inside,
            }));
        }
        if kind != Fold::Prod {
            return Err(self.refuse(span, &format!("`{}`", kind.name())));
        }
        if !scalar {
            return Err(self.refuse(span, "a product of matrices"));
        }
        // Σ_i f_i' Π_{j≠i} f_j, which needs no division by f_i.
        let other = fresh(index, body, self.scope);
        let renamed = rename(body, index, &other);
        let condition = Comparison {
            lhs: node(Node::Name(other.clone()), span),
            op: RelationOp::Eq,
            rhs: node(Node::Name(index.to_owned()), span),
            span,
        };
        let factor = node(Node::If(condition, number(1, span), renamed), span);
        let rest = fold(Fold::Prod, &other, factor);
        Ok(Some(fold(Fold::Sum, index, mul(derivative, rest))))
    }

    /// What an integral gains as its ends move: `f(to) to' − f(from) from'`.
    fn by_ends(&mut self, index: &str, (from, to): (&Expr, &Expr), body: &Expr) -> Derivative {
        let mut gain = None;
        for (end, is_start) in [(to, false), (from, true)] {
            let Some(moves) = self.derive(end)? else {
                continue;
            };
            let values = BTreeMap::from([(index.to_owned(), end.clone())]);
            let there = mul(substituted(self.scope, body, &values), moves);
            gain = Some(match gain {
                None if is_start => neg(there),
                None => there,
                Some(sum) => sub(sum, there),
            });
        }
        Ok(gain)
    }

    /// Where `f(u, x) = 0` makes `u` a function of `x`, `du/dx = −(∂f/∂x)/(∂f/∂u)`.
    fn derive_root(
        &mut self,
        unknown: &str,
        (from, to): (&Expr, &Expr),
        body: &Expr,
        root: &Expr,
    ) -> Derivative {
        self.constant_here(from, "the start of a range")?;
        self.constant_here(to, "the end of a range")?;
        if !self.depends(root) {
            return Ok(None);
        }
        let setting = &self.scope.setting;
        let mut inputs =
            (setting.spectrum.parameters().into_iter()).chain(setting.target.parameter());
        if inputs.any(|e| speaks_of(self.scope, e, unknown)) {
            return Err(self.refuse(root.span, "a root on which the inputs depend"));
        }
        let Some(body) = written_out(self.scope, body, unknown) else {
            return Err(self.refuse(
                root.span,
                "a root inside of which its unknown is bound again",
            ));
        };
        let other = fresh(unknown, &body, self.scope);
        let body = rename(&body, unknown, &other);
        self.binders.push(other.clone());
        let by_variable = self.derive(&body);
        self.binders.pop();
        let Some(by_variable) = by_variable? else {
            return Ok(None);
        };
        let mut by_unknown = Differentiator {
            shape_of: self.shape_of,
            scope: self.scope,
            variable: &other,
            // A root around this one can have the same fresh name.
            binders: self
                .binders
                .iter()
                .filter(|b| **b != other)
                .cloned()
                .collect(),
            dependent: HashMap::new(),
            spectrum: None,
            definitions: HashMap::new(),
        };
        let Some(slope) = by_unknown.derive(&body)? else {
            return Err(self.refuse(root.span, "a root of what its unknown does not move"));
        };
        let values = BTreeMap::from([(other, root.clone())]);
        let quotient = div(by_variable, slope);
        Ok(Some(neg(substituted(self.scope, &quotient, &values))))
    }

    fn derive_or_zero(&mut self, expr: &Expr) -> Derivative {
        Ok(Some(match self.derive(expr)? {
            Some(d) => d,
            None => self.zero(expr),
        }))
    }

    fn is_random(&self, expr: &Expr) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![expr.clone()];
        while let Some(expr) = open.pop() {
            for (name, _) in free_names(&expr) {
                match self.scope.meaning(&name) {
                    Some(Meaning::Random(_)) => return true,
                    Some(Meaning::Definition(e) | Meaning::Symbol(Symbol::Defined(e)))
                        if seen.insert(name.clone()) =>
                    {
                        open.push(e.clone());
                    }
                    _ => {}
                }
            }
        }
        false
    }
}

fn first_error(errors: Vec<FormulaError>) -> FormulaError {
    let unknown = || FormulaError::new("F018", Span::default(), "an expression of unknown shape");
    errors.into_iter().next().unwrap_or_else(unknown)
}

/// `(A^n)' = Σ_i A^i A' A^{n−1−i}` for `n ≥ 0`.
fn matrix_power(a: &Expr, da: &Expr, n: i64) -> Option<Expr> {
    let factor = |i: i64| (i > 0).then(|| pow(a.clone(), number(i, a.span)));
    (0..n).fold(None, |sum, i| {
        let left = match factor(i) {
            Some(left) => mul(left, da.clone()),
            None => da.clone(),
        };
        let term = match factor(n - 1 - i) {
            Some(right) => mul(left, right),
            None => left,
        };
        plus(sum, Some(term))
    })
}

fn speaks_of_spectrum(expr: &Expr) -> bool {
    let own = match &*expr.node {
        Node::Name(name) => ["Sigma", "w0", "I"].contains(&name.as_str()),
        Node::Call(function, _) => matches!(
            function,
            Function::Kappa | Function::Df | Function::Eigenvalue | Function::Coefficient
        ),
        _ => false,
    };
    own || children(expr).into_iter().any(speaks_of_spectrum)
}

#[cfg(test)]
mod tests;
