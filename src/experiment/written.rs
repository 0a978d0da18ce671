//! Experiments whose estimators are written in the language of formulas.
//!
//! Beside `[setting]`, such a file has the sections of a derivation file (`[covariances]`, `[symbols]`, `[random]`, `[define]`), and
//! under `[predict]` named quantities such as `test_error = "E[norm2(w - w0, Sigma)]"`: mixtures of real and synthetic rows,
//! accumulated data, features of some width, covariate shift, the best ridge. A sweep moves any symbol; what is simulated is
//! drawn row by row.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use num_rational::BigRational;

use super::definition::{Axis, Simulate};
use super::quantity::{Quantity, Value};
use super::replicates::{self, Draws, Failure, Simulated};
use super::{empty, reader};
use crate::check::diagnostic::{Diagnostic, SourceFile};
use crate::check::file::quantities::{Quantities, equated};
use crate::decide::assignment::{Assignment, SpectrumLevel};
use crate::decide::estimate::Estimator;
use crate::decide::problem::{Effort, Kept, Problem};
use crate::formula::ast::{Comparison, Expr, Node, Span};
use crate::formula::expand::{expand_comparison, expand_scope};
use crate::formula::given;
use crate::formula::scope::{Scale, Scope, SpectrumKind, Symbol, TargetKind};
use crate::formula::token::exact_number;
use crate::formula::walk;
use crate::number::{Estimate, rational_from_f64, rational_to_f64};
use crate::term::equivalence::general;
use crate::term::equivalence::{self, EquivalenceError};
use crate::term::evaluate::{Environment, EvaluationError, Evaluator, LinearAlgebra};
use crate::term::{Statement, derivative_fault, resolve};

/// Most points a sweep may have.
const MAX_POINTS: usize = 100_000;
/// Multiplications that one replicate may take.
const MAX_WORK: f64 = 1e12;
/// Relative error that is claimed of a value by a formula in double precision: not a bound.
const KNOWN: f64 = 1e-11;

/// An experiment of formulas.
#[derive(Clone, Debug)]
pub struct Written {
    pub source: Arc<SourceFile>,
    pub simulate: Simulate,
    pub axes: Vec<Axis>,
    pub quantities: Vec<WrittenQuantity>,
}

/// A quantity with its functions, recursions and partial means written out.
#[derive(Clone, Debug)]
pub struct WrittenQuantity {
    pub name: String,
    says: Comparison,
    scope: Scope,
    statement: Kept,
}

/// Values of the swept symbols.
#[derive(Clone, Debug)]
pub struct WrittenPoint {
    pub at: Vec<(String, BigRational)>,
}

impl Written {
    /// Whether a file is such an experiment: it has a section `[predict]`.
    pub fn is_written(source: &SourceFile) -> bool {
        reader::has_section(source, "predict")
    }

    /// Reads such a file.
    ///
    /// ```
    /// use resolvent::check::diagnostic::SourceFile;
    /// use resolvent::experiment::Written;
    ///
    /// let file = SourceFile::new(
    ///     "shift.toml",
    ///     r#"
    /// [setting]
    /// d = 100
    /// spectrum = "isotropic"
    /// target = { kind = "isotropic", norm2 = 1 }
    ///
    /// [random]
    /// X = { design = "T" }
    /// E = { noise = "T", sd = 0.5 }
    ///
    /// [predict]
    /// test_error = "E[norm2(ridge(X, X*w0 + E, 0) - w0, 2*Sigma)]"
    ///
    /// [sweep]
    /// T = [200, 1000]
    /// "#,
    /// );
    /// let experiment = Written::read(file).map_err(|faults| faults[0].message.clone())?;
    /// let points = experiment.points().map_err(|faults| faults[0].message.clone())?;
    /// let value = experiment.quantities[0].predict(&points[0]).map_err(|e| e.to_string())?;
    /// assert!((value - 0.5).abs() < 1e-9);
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn read(source: SourceFile) -> Result<Self, Vec<Diagnostic>> {
        let source = Arc::new(source);
        let (
            axes,
            simulate,
            Quantities {
                scope,
                list: quantities,
            },
        ) = reader::written(&source)?;
        let expanded = quantities
            .into_iter()
            .map(|(name, expr)| {
                WrittenQuantity::new(name, &expr, &scope)
                    .map_err(|error| vec![source.formula_diagnostic(&error)])
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            source,
            simulate,
            axes,
            quantities: expanded,
        })
    }

    /// Every combination of the sweep, the last symbol running fastest. A formula may name the symbols before it.
    ///
    /// # Errors
    /// A value that is no number, or too many of them.
    pub fn points(&self) -> Result<Vec<WrittenPoint>, Vec<Diagnostic>> {
        let count = (self.axes.iter())
            .try_fold(1usize, |n, axis| n.checked_mul(axis.values.len().max(1)))
            .filter(|n| *n <= MAX_POINTS);
        if count.is_none() {
            let message = format!("the sweep has more than {MAX_POINTS} combinations");
            let fault = self.source.diagnostic("X201", Span::default(), message);
            return Err(vec![fault.with_help("sweep fewer values")]);
        }
        let mut points = vec![WrittenPoint { at: Vec::new() }];
        for axis in &self.axes {
            let mut next = Vec::with_capacity(points.len() * axis.values.len());
            for point in &points {
                for value in &axis.values {
                    let mut at = point.at.clone();
                    at.push((axis.name.clone(), self.value(axis, value, point)?));
                    next.push(WrittenPoint { at });
                }
            }
            points = next;
        }
        Ok(points)
    }

    /// What the names of the formulas mean.
    pub fn scope(&self) -> Scope {
        let first = self.quantities.first();
        first.map(|q| q.scope.clone()).unwrap_or_default()
    }

    /// The quantities at a point, or why there is none.
    pub fn predicted(&self, point: &WrittenPoint) -> Vec<Result<f64, String>> {
        let quantities = self.quantities.iter();
        quantities
            .map(|q| q.predict(point).map_err(|error| error.to_string()))
            .collect()
    }

    /// What the replicates depend on, in a text: everything but titles and when to stop.
    pub fn drawn_from(&self) -> String {
        let mut table: toml::Table = self.source.text.parse().unwrap_or_default();
        for key in ["title", "source", "note", "simulate"] {
            table.remove(key);
        }
        // The numbers of files that it names.
        let files = self.quantities.first().map(|q| {
            let spectrum = match &q.scope.setting.spectrum {
                SpectrumKind::Explicit(values) => values.as_slice(),
                _ => &[],
            };
            let target = match &q.scope.setting.target {
                TargetKind::Explicit(values) => values.as_slice(),
                _ => &[],
            };
            (spectrum, target)
        });
        format!(
            "{} {} {files:?} {table}",
            env!("CARGO_PKG_VERSION"),
            self.simulate.seed
        )
    }

    fn value(
        &self,
        axis: &Axis,
        quantity: &Quantity,
        point: &WrittenPoint,
    ) -> Result<BigRational, Vec<Diagnostic>> {
        let known: Vec<(&str, f64)> = (point.at.iter())
            .map(|(name, x)| (name.as_str(), rational_to_f64(x)))
            .collect();
        let value = quantity
            .evaluate(&known)
            .map_err(|error| vec![self.source.formula_diagnostic(&error)])?;
        let exact = match &quantity.value {
            Value::Formula(expr) => crate::formula::constant::constant(expr),
            Value::Number(_) => decimal(value),
        };
        let fault = |message: String, help: &str| {
            let fault = self.source.diagnostic("X202", quantity.span, message);
            Err(vec![fault.with_help(help)])
        };
        if axis.whole && value.fract() != 0.0 {
            let message = format!("`{}` = {value}: a whole number is needed", axis.name);
            return fault(message, "sizes are whole");
        }
        match exact.or_else(|| rational_from_f64(value)) {
            Some(x) => Ok(x),
            None => fault(
                format!("`{}` is not finite", axis.name),
                "an infinite dimension is d = \"inf\" under [setting]",
            ),
        }
    }
}

/// Whether a form that binds a variable holds a mean.
fn has_minimum(expr: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |node| {
        if let Node::Extremum { body, .. } = &*node.node {
            walk(body, &mut |inner| {
                found |= matches!(&*inner.node, Node::Expectation(_));
            });
        }
    });
    found
}

/// A symbol whose domain nobody asks for.
fn anywhere() -> Symbol {
    let end = |x: i64| {
        Expr::new(
            Node::Number(BigRational::from_integer(x.into())),
            Span::default(),
        )
    };
    Symbol::Real {
        min: end(-1),
        max: end(1),
        scale: Scale::Linear,
    }
}

/// The shortest decimal that is this number, which is what the file says.
fn decimal(value: f64) -> Option<BigRational> {
    exact_number(&value.to_string())
}

impl WrittenPoint {
    /// `T = 100, lambda = 0.1`
    pub fn describe(&self) -> String {
        let parts: Vec<String> = (self.at.iter())
            .map(|(name, x)| format!("{name} = {}", rational_to_f64(x)))
            .collect();
        parts.join(", ")
    }

    fn assignment(&self) -> Assignment {
        let one = || BigRational::from_integer(1.into());
        // The one level of isotropic inputs; other settings say what theirs are.
        Assignment {
            symbols: self.at.iter().cloned().collect::<BTreeMap<_, _>>(),
            spectrum: vec![SpectrumLevel {
                value: one(),
                share: one(),
                mass: one(),
            }],
            negative: Default::default(),
            approximate: false,
        }
    }
}

impl Display for WrittenQuantity {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.says.lhs, f)
    }
}

impl WrittenQuantity {
    fn new(
        name: String,
        expr: &Expr,
        scope: &Scope,
    ) -> Result<Self, crate::formula::error::FormulaError> {
        let says = expand_comparison(&equated(expr), scope)?;
        let scope = expand_scope(scope)?;
        let (says, scope) = match given::written_out(&says, &scope)? {
            Some(plain) => (plain.says, plain.scope),
            None => (says, scope),
        };
        if let Some(fault) = derivative_fault(&says, &scope) {
            return Err(fault);
        }
        Ok(Self {
            name,
            says,
            scope,
            statement: Kept::default(),
        })
    }

    /// Its value at a point, every `E[…]` by its deterministic equivalent in fits.
    fn equivalent<R: LinearAlgebra>(
        &self,
        point: &WrittenPoint,
        environment: &Environment<R>,
    ) -> Result<R, EquivalenceError> {
        let statement = self.statement_over(point)?;
        equivalence::scalar(statement, statement.claim.lhs, environment)
    }

    /// The formula as a term. Every point of a sweep moves the same symbols, so that one term serves all of them.
    fn statement_over(&self, point: &WrittenPoint) -> Result<&Statement, EquivalenceError> {
        let make = || resolve(&self.says, &self.scope_over(point));
        Ok(self.statement.or_make(make)?)
    }

    /// The scope in which what is swept is free, whatever the file says of it.
    fn scope_over(&self, point: &WrittenPoint) -> Scope {
        let mut scope = self.scope.clone();
        for (name, _) in &point.at {
            scope.definitions.retain(|(known, _)| known != name);
            let declared = scope.symbols.iter_mut().find(|(known, _)| known == name);
            match declared {
                Some((_, symbol @ Symbol::Defined(_))) => *symbol = anywhere(),
                Some(_) => {}
                None => scope.symbols.push((name.clone(), anywhere())),
            }
        }
        scope
    }

    fn problem(&self, seed: u64, cell: usize) -> Problem<'_> {
        let id = format!("{}/{cell}", self.name);
        Problem::new(&self.scope, &self.says, &id, seed, Effort::Normal)
    }

    /// The quantity at a point where some objects are empty; `None` where none is.
    fn without_empty(&self, point: &WrittenPoint) -> Result<Option<Self>, EvaluationError> {
        let environment = point.assignment().environment::<f64>(&self.scope)?;
        let left = match empty::left_out(&self.says.lhs, &self.scope, &environment) {
            // What cannot be rewritten is read with matrices of no rows in it.
            Err(EvaluationError::Unsupported(_)) => None,
            left => left?,
        };
        Ok(left.map(|(expr, scope)| Self {
            name: self.name.clone(),
            says: equated(&expr),
            scope,
            statement: Kept::default(),
        }))
    }

    /// Its value, every `E[…]` by its deterministic equivalent. Designs without rows are left out.
    ///
    /// # Errors
    /// Where there is no equivalent, or no value.
    pub fn predict(&self, point: &WrittenPoint) -> Result<f64, EquivalenceError> {
        Ok(self.estimated(point)?.value)
    }

    /// The same with an estimate of its error.
    ///
    /// # Errors
    /// As for [`predict`](Self::predict).
    pub fn estimated(&self, point: &WrittenPoint) -> Result<Estimate, EquivalenceError> {
        let left = self.without_empty(point)?;
        left.as_ref().unwrap_or(self).value(point)
    }

    /// The same with a bound on its error, in balls of the working precision.
    ///
    /// # Errors
    /// As for [`predict`](Self::predict); also where equivalents are known in double precision alone.
    pub fn enclosed<R: LinearAlgebra>(&self, point: &WrittenPoint) -> Result<R, EquivalenceError> {
        let left = self.without_empty(point)?;
        let this = left.as_ref().unwrap_or(self);
        let environment = point.assignment().environment(&this.scope)?;
        match this.is_random() {
            false => Ok(Evaluator::new(&this.scope, &environment).scalar(&this.says.lhs)?),
            true => this.equivalent(point, &environment),
        }
    }

    /// Whether random objects occur.
    pub fn is_random(&self) -> bool {
        self.problem(0, 0).random
    }

    fn value(&self, point: &WrittenPoint) -> Result<Estimate, EquivalenceError> {
        let environment = point.assignment().environment::<f64>(&self.scope)?;
        let expr = &self.says.lhs;
        let known = |value: f64| Estimate {
            value,
            relative_error: KNOWN,
        };
        if !self.is_random() {
            return Ok(known(
                Evaluator::new(&self.scope, &environment).scalar(expr)?,
            ));
        }
        match self.equivalent(point, &environment) {
            Err(EquivalenceError::NotRecognised { .. }) => {
                let statement = self.statement_over(point)?;
                general::at_size(statement, statement.claim.lhs, &environment)
            }
            found => found.map(known),
        }
    }

    /// Its value, every `E[…]` by a mean over draws; `None` where nothing random occurs.
    pub(super) fn drawn(
        &self,
        point: &WrittenPoint,
        settings: &Simulate,
        cell: usize,
        draws: &mut Draws<'_>,
    ) -> Result<Option<Simulated>, Failure> {
        if let Some(left) = self.without_empty(point)? {
            return left.drawn_whole(point, settings, cell, draws);
        }
        self.drawn_whole(point, settings, cell, draws)
    }

    fn drawn_whole(
        &self,
        point: &WrittenPoint,
        settings: &Simulate,
        cell: usize,
        draws: &mut Draws<'_>,
    ) -> Result<Option<Simulated>, Failure> {
        let problem = self.problem(settings.seed, cell);
        if !problem.expectation {
            return Ok(None);
        }
        if has_minimum(&self.says.lhs) {
            let what = "a minimum over means; sweep its variable to simulate it at some values";
            return Err(EvaluationError::Unsupported(what.into()).into());
        }
        let estimator = Estimator::new(&problem, &point.assignment())?;
        if estimator.work_per_replicate() > MAX_WORK {
            return Err(EvaluationError::Unsupported(format!(
                "a draw of some {:.0e} operations: smaller sizes can be simulated",
                estimator.work_per_replicate()
            ))
            .into());
        }
        replicates::run(&estimator, &settings.rule, draws).map(Some)
    }
}
