//! What a term is made of.

use std::sync::Arc;

use num_rational::BigRational;

pub use super::id::{Binder, Id, ModelId, RandomId, SymbolId};
use super::shape::Shape;
use crate::formula::ast::{BinaryOp, Extremum, Fold, Function, RelationOp, Span};
use crate::formula::scope::Designs;

/// One operation and its operands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    Number(Arc<BigRational>),
    Infinity,
    Pi,
    Symbol(SymbolId),
    Bound(Binder),
    Random(RandomId),
    /// `X(m)`
    Member(RandomId, Id),
    Sigma(ModelId),
    /// `w0`
    Target(ModelId),
    /// `I`, of a size once one is known.
    Identity(Option<Id>),
    /// `s(j)`
    Eigenvalue(ModelId, Id),
    /// `c(j)`
    Coefficient(ModelId, Id),
    /// `kappa(lambda, T)`
    Kappa(ModelId, Id, Id),
    /// `df(m, k)`
    Df(ModelId, Id, Id),
    Neg(Id),
    Binary(BinaryOp, Id, Id),
    Transpose(Id),
    /// Any other function of the language.
    Call(Function, Arc<[Id]>),
    Expectation(Id),
    If(Arc<Condition>, Id, Id),
    Fold {
        kind: Fold,
        index: Binder,
        from: Id,
        to: Id,
        body: Id,
    },
    Extremum {
        kind: Extremum,
        variable: Binder,
        from: Id,
        to: Id,
        body: Id,
    },
    /// `Σ_{j=from}^{to} f(s_j)`, or `Σ c_j² f(s_j)` where weighted: `body` is `f`, a scalar in `eigenvalue`.
    SpectralSum {
        model: ModelId,
        weighted: bool,
        from: Id,
        to: Id,
        eigenvalue: Binder,
        body: Id,
    },
}

/// What chooses between two values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    Compare(Id, RelationOp, Id),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// A relation between two terms.
#[derive(Clone, Copy, Debug)]
pub struct Relation {
    pub lhs: Id,
    pub op: RelationOp,
    pub rhs: Id,
    pub span: Span,
}

/// `Sigma` and `w0` of a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// `d`, or infinity; `None` where the file declares none.
    pub dimension: Option<Id>,
    pub spectrum: SpectrumTerms,
    pub target: TargetTerms,
}

#[derive(Clone, Debug, PartialEq)]
pub enum SpectrumTerms {
    Isotropic,
    TwoLevel,
    Any,
    PowerLaw { beta: Id },
    Atoms { values: Vec<Id>, weights: Vec<Id> },
    Explicit(Arc<[f64]>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum TargetTerms {
    Isotropic { norm2: Option<Id> },
    Any,
    Source { r: Id },
    Axis { index: Id },
    Explicit(Arc<[f64]>),
}

/// A random object with its parameters resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomTerms {
    pub name: String,
    pub law: LawTerms,
    pub count: Option<Id>,
    pub(super) shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
pub enum LawTerms {
    Design {
        rows: Id,
    },
    Gaussian {
        rows: Id,
        columns: Id,
        covariance: Option<Id>,
    },
    Noise {
        length: Id,
        sd: Id,
    },
    Labeller {
        generations: Id,
        samples: Id,
        sd: Id,
        ridge: Option<Id>,
        designs: Designs,
    },
}

impl Condition {
    /// Every term compared in it.
    pub fn terms(&self) -> Vec<Id> {
        match self {
            Condition::Compare(a, _, b) => vec![*a, *b],
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().flat_map(Condition::terms).collect()
            }
        }
    }

    pub(super) fn map(&self, f: &mut dyn FnMut(Id) -> Id) -> Condition {
        match self {
            Condition::Compare(a, op, b) => Condition::Compare(f(*a), *op, f(*b)),
            Condition::All(parts) => Condition::All(parts.iter().map(|p| p.map(f)).collect()),
            Condition::Any(parts) => Condition::Any(parts.iter().map(|p| p.map(f)).collect()),
        }
    }
}

impl Node {
    /// The operands, in the order they are written.
    pub fn children(&self) -> Vec<Id> {
        match self {
            Node::Number(_)
            | Node::Infinity
            | Node::Pi
            | Node::Symbol(_)
            | Node::Bound(_)
            | Node::Random(_)
            | Node::Sigma(_)
            | Node::Target(_)
            | Node::Identity(None) => Vec::new(),
            Node::Identity(Some(a))
            | Node::Member(_, a)
            | Node::Eigenvalue(_, a)
            | Node::Coefficient(_, a)
            | Node::Neg(a)
            | Node::Transpose(a)
            | Node::Expectation(a) => vec![*a],
            Node::Kappa(_, a, b) | Node::Df(_, a, b) | Node::Binary(_, a, b) => vec![*a, *b],
            Node::Call(_, arguments) => arguments.to_vec(),
            Node::If(condition, a, b) => {
                let mut parts = condition.terms();
                parts.extend([*a, *b]);
                parts
            }
            Node::Fold { from, to, body, .. }
            | Node::Extremum { from, to, body, .. }
            | Node::SpectralSum { from, to, body, .. } => vec![*from, *to, *body],
        }
    }

    /// The variable it binds in its body.
    pub fn binder(&self) -> Option<Binder> {
        match self {
            Node::Fold { index, .. } => Some(*index),
            Node::Extremum { variable, .. } => Some(*variable),
            Node::SpectralSum { eigenvalue, .. } => Some(*eigenvalue),
            _ => None,
        }
    }

    /// Whose `Sigma` and `w0` it speaks of.
    pub fn model(&self) -> Option<ModelId> {
        match self {
            Node::Sigma(m)
            | Node::Target(m)
            | Node::Eigenvalue(m, _)
            | Node::Coefficient(m, _)
            | Node::Kappa(m, ..)
            | Node::Df(m, ..)
            | Node::SpectralSum { model: m, .. } => Some(*m),
            _ => None,
        }
    }

    /// The same operation on other operands; what is bound stays bound.
    pub(super) fn with_children(&self, f: &mut dyn FnMut(Id) -> Id) -> Node {
        match self {
            Node::Number(_)
            | Node::Infinity
            | Node::Pi
            | Node::Symbol(_)
            | Node::Bound(_)
            | Node::Random(_)
            | Node::Sigma(_)
            | Node::Target(_)
            | Node::Identity(None) => self.clone(),
            Node::Identity(Some(a)) => Node::Identity(Some(f(*a))),
            Node::Member(r, a) => Node::Member(*r, f(*a)),
            Node::Eigenvalue(m, a) => Node::Eigenvalue(*m, f(*a)),
            Node::Coefficient(m, a) => Node::Coefficient(*m, f(*a)),
            Node::Neg(a) => Node::Neg(f(*a)),
            Node::Transpose(a) => Node::Transpose(f(*a)),
            Node::Expectation(a) => Node::Expectation(f(*a)),
            Node::Kappa(m, a, b) => Node::Kappa(*m, f(*a), f(*b)),
            Node::Df(m, a, b) => Node::Df(*m, f(*a), f(*b)),
            Node::Binary(op, a, b) => Node::Binary(*op, f(*a), f(*b)),
            Node::Call(function, arguments) => {
                Node::Call(*function, arguments.iter().map(|a| f(*a)).collect())
            }
            Node::If(condition, a, b) => Node::If(Arc::new(condition.map(f)), f(*a), f(*b)),
            Node::Fold {
                kind,
                index,
                from,
                to,
                body,
            } => Node::Fold {
                kind: *kind,
                index: *index,
                from: f(*from),
                to: f(*to),
                body: f(*body),
            },
            Node::Extremum {
                kind,
                variable,
                from,
                to,
                body,
            } => Node::Extremum {
                kind: *kind,
                variable: *variable,
                from: f(*from),
                to: f(*to),
                body: f(*body),
            },
            Node::SpectralSum {
                model,
                weighted,
                from,
                to,
                eigenvalue,
                body,
            } => Node::SpectralSum {
                model: *model,
                weighted: *weighted,
                from: f(*from),
                to: f(*to),
                eigenvalue: *eigenvalue,
                body: f(*body),
            },
        }
    }

    /// The same form with another name for its variable, and the body that goes with it.
    pub(super) fn rebound(&self, binder: Binder, new_body: Id) -> Node {
        let mut node = self.clone();
        match &mut node {
            Node::Fold { index: b, body, .. }
            | Node::Extremum {
                variable: b, body, ..
            }
            | Node::SpectralSum {
                eigenvalue: b,
                body,
                ..
            } => {
                *b = binder;
                *body = new_body;
            }
            _ => {}
        }
        node
    }
}

impl Model {
    /// The terms it depends on.
    pub fn parameters(&self) -> Vec<Id> {
        let mut list: Vec<Id> = self.dimension.into_iter().collect();
        match &self.spectrum {
            SpectrumTerms::PowerLaw { beta } => list.push(*beta),
            SpectrumTerms::Atoms { values, weights } => list.extend(values.iter().chain(weights)),
            SpectrumTerms::Isotropic
            | SpectrumTerms::TwoLevel
            | SpectrumTerms::Any
            | SpectrumTerms::Explicit(_) => {}
        }
        match &self.target {
            TargetTerms::Isotropic { norm2: Some(x) }
            | TargetTerms::Source { r: x }
            | TargetTerms::Axis { index: x } => list.push(*x),
            TargetTerms::Isotropic { norm2: None }
            | TargetTerms::Any
            | TargetTerms::Explicit(_) => {}
        }
        list
    }

    pub(super) fn map(&self, f: &mut dyn FnMut(Id) -> Id) -> Model {
        let mut model = self.clone();
        if let Some(d) = &mut model.dimension {
            *d = f(*d);
        }
        match &mut model.spectrum {
            SpectrumTerms::PowerLaw { beta } => *beta = f(*beta),
            SpectrumTerms::Atoms { values, weights } => {
                for x in values.iter_mut().chain(weights) {
                    *x = f(*x);
                }
            }
            SpectrumTerms::Isotropic
            | SpectrumTerms::TwoLevel
            | SpectrumTerms::Any
            | SpectrumTerms::Explicit(_) => {}
        }
        match &mut model.target {
            TargetTerms::Isotropic { norm2: Some(x) }
            | TargetTerms::Source { r: x }
            | TargetTerms::Axis { index: x } => *x = f(*x),
            TargetTerms::Isotropic { norm2: None }
            | TargetTerms::Any
            | TargetTerms::Explicit(_) => {}
        }
        model
    }
}

impl RandomTerms {
    /// The terms that size and scale the object.
    pub fn parameters(&self) -> Vec<Id> {
        let mut list: Vec<Id> = match &self.law {
            LawTerms::Design { rows } => vec![*rows],
            LawTerms::Gaussian {
                rows,
                columns,
                covariance,
            } => [*rows, *columns].into_iter().chain(*covariance).collect(),
            LawTerms::Noise { length, sd } => vec![*length, *sd],
            LawTerms::Labeller {
                generations,
                samples,
                sd,
                ridge,
                ..
            } => [*generations, *samples, *sd]
                .into_iter()
                .chain(*ridge)
                .collect(),
        };
        list.extend(self.count);
        list
    }

    pub(super) fn map(&self, f: &mut dyn FnMut(Id) -> Id) -> RandomTerms {
        let mut object = self.clone();
        match &mut object.law {
            LawTerms::Design { rows } => *rows = f(*rows),
            LawTerms::Gaussian {
                rows,
                columns,
                covariance,
            } => {
                *rows = f(*rows);
                *columns = f(*columns);
                if let Some(covariance) = covariance {
                    *covariance = f(*covariance);
                }
            }
            LawTerms::Noise { length, sd } => {
                *length = f(*length);
                *sd = f(*sd);
            }
            LawTerms::Labeller {
                generations,
                samples,
                sd,
                ridge,
                ..
            } => {
                *generations = f(*generations);
                *samples = f(*samples);
                *sd = f(*sd);
                if let Some(ridge) = ridge {
                    *ridge = f(*ridge);
                }
            }
        }
        if let Some(count) = &mut object.count {
            *count = f(*count);
        }
        object.shape = object.shape.map(f);
        object
    }
}
