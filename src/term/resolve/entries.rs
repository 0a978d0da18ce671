//! Entries of a scope as terms: the setting, random objects, domains, the path of a limit.

use std::sync::Arc;

use super::{Reach, Resolver};
use crate::formula::Meaning;
use crate::formula::ast::Span;
use crate::formula::error::FormulaError;
use crate::formula::scope::{Law, RandomObject, Scale, SpectrumKind, Symbol, TargetKind};
use crate::term::node::{
    LawTerms, Model, ModelId, Node, RandomTerms, SpectrumTerms, SymbolId, TargetTerms,
};
use crate::term::shape::Shape;
use crate::term::statement::{LimitTerms, SymbolTerms};

impl<'a> Resolver<'a> {
    /// `Sigma` and `w0`, under the variables bound here that reach into the setting.
    pub(in crate::term) fn model(&mut self, span: Span) -> Result<ModelId, FormulaError> {
        let scope = self.scope;
        let outer = self.only_everywhere();
        let built = (|| {
            let dimension = self.dimension()?;
            let spectrum = match &scope.setting.spectrum {
                SpectrumKind::Isotropic => SpectrumTerms::Isotropic,
                SpectrumKind::TwoLevel => SpectrumTerms::TwoLevel,
                SpectrumKind::Any => SpectrumTerms::Any,
                SpectrumKind::PowerLaw { beta } => SpectrumTerms::PowerLaw {
                    beta: self.term(beta)?,
                },
                SpectrumKind::Atoms { values, weights } => SpectrumTerms::Atoms {
                    values: self.terms(values)?,
                    weights: self.terms(weights)?,
                },
                SpectrumKind::Explicit(values) => {
                    SpectrumTerms::Explicit(Arc::from(values.as_slice()))
                }
            };
            let target = match &scope.setting.target {
                TargetKind::Isotropic { norm2 } => TargetTerms::Isotropic {
                    norm2: norm2.as_ref().map(|e| self.term(e)).transpose()?,
                },
                TargetKind::Any => TargetTerms::Any,
                TargetKind::Source { r } => TargetTerms::Source { r: self.term(r)? },
                TargetKind::Axis { index } => TargetTerms::Axis {
                    index: self.term(index)?,
                },
                TargetKind::Explicit(values) => TargetTerms::Explicit(Arc::from(values.as_slice())),
            };
            Ok(Model {
                dimension,
                spectrum,
                target,
            })
        })();
        self.bound = outer;
        let _ = span;
        built.map(|model| self.store.add_model(model))
    }

    pub(super) fn random(
        &mut self,
        name: &str,
        object: &'a RandomObject,
        span: Span,
    ) -> Result<RandomTerms, FormulaError> {
        let outer = self.only_everywhere();
        let built = (|| {
            let count = object.count.as_ref().map(|e| self.term(e)).transpose()?;
            let mut columns = || {
                let d = self.dimension()?;
                d.ok_or_else(|| {
                    FormulaError::new("S010", span, "the dimension `d` is not declared")
                        .with_help("declare it under [symbols]: d = { integer = [2, 400] }")
                })
            };
            let (law, shape) = match &object.law {
                Law::Design { rows } => {
                    let columns = columns()?;
                    let rows = self.term(rows)?;
                    let shape = Shape::Matrix {
                        rows,
                        columns,
                        spectral: false,
                    };
                    (LawTerms::Design { rows }, shape)
                }
                Law::Gaussian {
                    rows,
                    columns,
                    covariance,
                } => {
                    let (rows, columns) = (self.term(rows)?, self.term(columns)?);
                    let covariance = covariance.as_ref().map(|e| self.term(e)).transpose()?;
                    let shape = Shape::Matrix {
                        rows,
                        columns,
                        spectral: false,
                    };
                    let law = LawTerms::Gaussian {
                        rows,
                        columns,
                        covariance,
                    };
                    (law, shape)
                }
                Law::Noise { length, sd } => {
                    let (length, sd) = (self.term(length)?, self.term(sd)?);
                    (LawTerms::Noise { length, sd }, Shape::Vector(length))
                }
                Law::Labeller {
                    generations,
                    samples,
                    sd,
                    ridge,
                    designs,
                } => {
                    let columns = columns()?;
                    let law = LawTerms::Labeller {
                        generations: self.term(generations)?,
                        samples: self.term(samples)?,
                        sd: self.term(sd)?,
                        ridge: ridge.as_ref().map(|e| self.term(e)).transpose()?,
                        designs: *designs,
                    };
                    (law, Shape::Vector(columns))
                }
            };
            Ok(RandomTerms {
                name: name.to_owned(),
                law,
                count,
                shape,
            })
        })();
        self.bound = outer;
        built
    }

    /// Every random object of the scope that is a term.
    pub(in crate::term) fn random_objects(&mut self) -> Vec<RandomTerms> {
        let scope = self.scope;
        let objects = scope.random.iter();
        objects
            .filter_map(|(name, object)| self.random(name, object, Span::default()).ok())
            .collect()
    }

    pub(in crate::term) fn domains(&mut self) -> Result<Vec<SymbolTerms>, FormulaError> {
        let mut list = Vec::new();
        for (name, symbol) in &self.scope.symbols {
            let (integer, scale, min, max) = match symbol {
                Symbol::Integer { min, max } => (true, Scale::Linear, min, max),
                Symbol::Real { min, max, scale } => (false, *scale, min, max),
                Symbol::Defined(_) => continue,
            };
            let Some(&symbol) = self.symbols.get(name) else {
                continue;
            };
            list.push(SymbolTerms {
                symbol,
                integer,
                scale,
                min: self.root(min)?,
                max: self.root(max)?,
            });
        }
        Ok(list)
    }

    pub(in crate::term) fn limit(&mut self) -> Result<Option<LimitTerms>, FormulaError> {
        let scope = self.scope;
        let Some(limit) = &scope.limit else {
            return Ok(None);
        };
        let Some(&variable) = self.symbols.get(&limit.variable) else {
            return Ok(None);
        };
        let moving: Vec<SymbolId> = limit
            .path
            .iter()
            .filter_map(|(n, _)| self.symbols.get(n).copied())
            .chain([variable])
            .collect();
        let mut frozen = Vec::new();
        for (_, expr) in &limit.path {
            for (name, span) in crate::formula::free_names(expr) {
                let Some(Meaning::Symbol(Symbol::Defined(definition))) = scope.meaning(&name)
                else {
                    continue;
                };
                let id = self.root(definition)?;
                let moves = moving.iter().any(|s| self.store.mentions(id, *s));
                if moves && self.bound.iter().all(|(n, _, _)| *n != name) {
                    let symbol = self.store.add_symbol(&name);
                    frozen.push((symbol, id));
                    let held = self.store.make(Node::Symbol(symbol), span);
                    self.bound.push((name, held, Reach::Everywhere));
                }
            }
        }
        let mut path = Vec::new();
        for (name, expr) in &limit.path {
            // A name that is no symbol of its own has no place to go.
            if let Some(&symbol) = self.symbols.get(name) {
                let id = self.term(expr)?;
                let id = self.settled(id);
                path.push((symbol, self.store.spectral_sums(id)));
            }
        }
        self.bound.clear();
        Ok(Some(LimitTerms {
            variable,
            path,
            frozen,
        }))
    }
}
