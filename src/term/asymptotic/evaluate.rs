//! Terms as germs, at one exact point of a limit.

pub(super) use super::error::unsupported;
use super::quantity::Quantity;
use super::spectral::Spectral;
use super::{AsymptoticError, GermPoint};
use crate::formula::ast::{BinaryOp, RelationOp};
use crate::scaling::{Germ, GermSpectrum};
use crate::term::{Binder, Id, ModelId, Outcome, Relation, Store, Walker};

pub(super) type Result<T> = std::result::Result<T, AsymptoticError>;

/// What a term is along the limit, in the eigenbasis of `Σ`.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(Quantity),
    Spectral(Spectral),
    /// `f(Σ) w0`, or its transpose.
    Target {
        f: Spectral,
        row: bool,
    },
}

use Value::{Scalar, Spectral as Operator, Target};

impl Value {
    pub(super) fn scalar(self) -> Result<Quantity> {
        match self {
            Scalar(quantity) => Ok(quantity),
            _ => unsupported("a scalar is needed here"),
        }
    }

    /// `f(Σ)`; a number stands for its multiple of the identity.
    fn operator(self) -> Result<Spectral> {
        match self {
            Scalar(x) => Ok(Spectral::Constant(x)),
            Operator(f) => Ok(f),
            Target { .. } => unsupported("a vector where a matrix is needed"),
        }
    }
}

pub(super) type Along<'s> = Walker<'s, Value>;

/// Where symbols have their values and spectral functions are evaluated.
pub(super) struct Germs<'p> {
    /// The `Sigma` and `w0` that are known; others belong to settings that a bound variable moves.
    pub(super) model: ModelId,
    symbols: &'p [Option<Quantity>],
    /// `None` where only symbols have values yet.
    along: Option<&'p GermPoint>,
    /// `κ(λ, T)` where λ and T are known completely: one quantity, however often it is written.
    pub(super) kappas: Vec<(Germ, Germ, Quantity)>,
    /// A term whose value is given, whatever it is made of.
    pub(super) given: Option<(Id, Quantity)>,
    /// Terms that are one of their own parts along a part of a sum, up to a sign.
    pub(super) chosen: Vec<(Id, Id, i64)>,
}

impl<'p> Germs<'p> {
    pub(super) fn along(model: ModelId, point: &'p GermPoint) -> Self {
        Self {
            along: Some(point),
            ..Self::of_symbols(model, &point.symbols)
        }
    }

    pub(super) fn of_symbols(model: ModelId, symbols: &'p [Option<Quantity>]) -> Self {
        Self {
            model,
            symbols,
            along: None,
            kappas: Vec::new(),
            given: None,
            chosen: Vec::new(),
        }
    }

    /// A scalar term without variables.
    pub(super) fn quantity(&mut self, store: &Store, id: Id) -> Result<Quantity> {
        self.scalar(&mut Walker::new(store), id)
    }

    pub(super) fn scalar(&mut self, walker: &mut Along<'_>, id: Id) -> Result<Quantity> {
        walker.value(self, id)?.scalar()
    }

    /// Whether a comparison of numbers holds for all large `T`.
    pub(super) fn holds(&mut self, store: &Store, relation: &Relation) -> Result<bool> {
        let mut walker = Walker::new(store);
        let lhs = self.scalar(&mut walker, relation.lhs)?;
        let rhs = self.scalar(&mut walker, relation.rhs)?;
        compared(&lhs, relation.op, &rhs)
    }

    pub(super) fn symbol_at(&self, index: usize) -> Option<&Quantity> {
        self.symbols.get(index)?.as_ref()
    }

    pub(super) fn point(&self) -> Result<&'p GermPoint> {
        match self.along {
            Some(point) => Ok(point),
            None => unsupported("Sigma or w0 where only symbols have values"),
        }
    }

    pub(super) fn spectrum(&self) -> Result<&'p GermSpectrum> {
        Ok(&self.point()?.spectrum)
    }

    /// The spectrum of a setting, if it is the one that is known.
    pub(super) fn spectrum_of(&self, model: ModelId) -> Result<&'p GermSpectrum> {
        if model != self.model {
            return unsupported("a setting that depends on a bound variable");
        }
        self.spectrum()
    }

    pub(super) fn scaled(&self, value: Value, factor: &Quantity) -> Result<Value> {
        Ok(match value {
            Scalar(x) => Scalar(x.times(factor)?),
            Operator(f) => Operator(f.scaled(factor)?),
            Target { f, row } => Target {
                f: f.scaled(factor)?,
                row,
            },
        })
    }

    pub(super) fn combined(&self, op: BinaryOp, a: Value, b: Value) -> Result<Value> {
        let minus_one = Quantity::integer(-1);
        Ok(match (op, a, b) {
            (BinaryOp::Sub, Scalar(a), Scalar(b)) => Scalar(a.minus(&b)?),
            (BinaryOp::Sub, a, b) => {
                let b = self.scaled(b, &minus_one)?;
                self.combined(BinaryOp::Add, a, b)?
            }
            (BinaryOp::Add, Scalar(a), Scalar(b)) => Scalar(a.plus(&b)?),
            (BinaryOp::Add, Target { f, row }, Target { f: g, row: other }) if row == other => {
                Target { f: f.sum(g)?, row }
            }
            // beside s(j) a number stands for a multiple of the identity
            (BinaryOp::Add, a, b) => Operator(a.operator()?.sum(b.operator()?)?),
            (BinaryOp::Mul, a, b) => self.product(a, b)?,
            (BinaryOp::Div, Scalar(a), Scalar(b)) => Scalar(a.over(&b)?),
            (BinaryOp::Div, a, Scalar(b)) => self.scaled(a, &Quantity::integer(1).over(&b)?)?,
            (BinaryOp::Div, a, b) => self.product(a, Operator(b.operator()?.power(&minus_one)?))?,
            (BinaryOp::Pow, Scalar(a), Scalar(b)) => Scalar(a.power(&b)?),
            (BinaryOp::Pow, Operator(a), Scalar(b)) => Operator(a.power(&b)?),
            (BinaryOp::Pow, ..) => return unsupported("shapes that do not fit"),
        })
    }

    pub(super) fn product(&self, a: Value, b: Value) -> Result<Value> {
        Ok(match (a, b) {
            (Scalar(a), Scalar(b)) => Scalar(a.times(&b)?),
            (Scalar(a), b) => self.scaled(b, &a)?,
            (a, Scalar(b)) => self.scaled(a, &b)?,
            (Operator(a), Operator(b)) => Operator(a.product(b)?),
            (Operator(a), Target { f, row: false }) => Target {
                f: a.product(f)?,
                row: false,
            },
            (Target { f, row: true }, Operator(b)) => Target {
                f: f.product(b)?,
                row: true,
            },
            (Target { f, row: true }, Target { f: g, row: false }) => {
                Scalar(f.product(g)?.quadratic(self.point()?)?)
            }
            _ => return unsupported("shapes that do not fit"),
        })
    }

    /// Runs with `κ` not known yet: expansions of one detail must not serve another.
    pub(super) fn with_own_kappas<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let kappas = std::mem::take(&mut self.kappas);
        let result = run(self);
        self.kappas = kappas;
        result
    }

    /// Runs with a variable bound, and nothing remembered of values in another detail.
    pub(super) fn with_bound<T>(
        &mut self,
        walker: &mut Along<'_>,
        variable: Binder,
        value: Quantity,
        run: impl FnOnce(&mut Self, &mut Along<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut within = Walker::new(walker.store());
        for (binder, value) in walker.binders() {
            within.bind(binder, value.clone());
        }
        within.bind(variable, Scalar(value));
        let result = run(self, &mut within);
        walker.spend(within.steps())?;
        result
    }
}

/// Whether `a op b` for all large `T`.
pub(super) fn compared(a: &Quantity, op: RelationOp, b: &Quantity) -> Result<bool> {
    let order = a.compare(b)?;
    match op.holds_of(order) {
        Some(holds) => Ok(holds),
        None => unsupported("a relation of limits where a comparison of numbers is needed"),
    }
}

/// For a walker, which knows errors of terms alone.
pub(super) fn outcome<T>(result: Result<T>) -> Outcome<T> {
    Ok(result?)
}
