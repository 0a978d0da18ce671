//! The limit from exact values of the symbols on.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::AsymptoticError;
use super::evaluate::{Germs, Result, unsupported};
use super::point::{GermPoint, LevelShare};
use super::quantity::Quantity;
use crate::scaling::{Germ, GermDimension, GermSpectrum, GermTarget, Limit, falling};
use crate::term::{Id, Node, SpectrumTerms, Statement, Store, TargetTerms};

/// The limit of `statement` that starts at the exact values `symbols` of the free symbols.
///
/// The limit variable becomes `T`; the entries of the path are evaluated in order. A defined symbol that a
/// path entry mentions and that depends on path symbols itself (`phi = d/T` in `d = phi*T`) stays at its base
/// value there. Rounding to whole numbers along the path is left out. `levels` are the eigenvalues of a spectrum
/// that the setting leaves open, as `(value, share of d, squared length of w0)`.
pub fn point(
    statement: &Statement,
    symbols: &BTreeMap<String, BigRational>,
    levels: &[LevelShare],
) -> Result<GermPoint> {
    let Some(limit) = &statement.limit else {
        return unsupported("a limit that is not declared");
    };
    let (store, model) = (&statement.store, statement.model);
    let mut base: Vec<Option<Quantity>> = Vec::new();
    for (symbol, name) in store.symbols() {
        base.resize(symbol.index() + 1, None);
        base[symbol.index()] = symbols.get(name).map(|value| value.clone().into());
    }
    let mut along = base.clone();
    for (symbol, _) in &limit.path {
        along[symbol.index()] = None;
    }
    along[limit.variable.index()] = Some(Germ::variable().into());
    for (symbol, term) in &limit.frozen {
        let value = Germs::of_symbols(model, &base).quantity(store, *term)?;
        if value.exact().is_none() {
            let name = store.symbol_name(*symbol);
            return unsupported(&format!(
                "{name} on the path, which is no rational number at the base point"
            ));
        }
        along[symbol.index()] = Some(value);
    }
    for (symbol, term) in &limit.path {
        let value = Germs::of_symbols(model, &along).quantity(store, *term)?;
        along[symbol.index()] = Some(value);
    }
    let mut setting = Setting {
        store,
        germs: Germs::of_symbols(model, &along),
    };
    let (spectrum, target) = setting.spectrum_and_target(levels)?;
    Ok(GermPoint {
        symbols: along,
        spectrum,
        target,
        variable: store.symbol_name(limit.variable).to_owned(),
    })
}

/// One of few eigenvalues, its share of the dimension and the squared length of `w0` on it.
struct Level {
    value: Germ,
    share: BigRational,
    mass: BigRational,
}

/// `Sigma` and `w0` where the symbols have their values along the limit.
struct Setting<'a> {
    store: &'a Store,
    germs: Germs<'a>,
}

impl<'a> Setting<'a> {
    fn spectrum_and_target(
        &mut self,
        levels: &[LevelShare],
    ) -> Result<(GermSpectrum, Option<GermTarget>)> {
        let model = self.store.model(self.germs.model);
        let dimension = match model.dimension {
            Some(d) if *self.store.node(d) == Node::Infinity => None,
            Some(d) => Some(self.quantity(d)?),
            None => return unsupported("a setting without a dimension"),
        };
        if let Some(d) = &dimension {
            check_dimension(d)?;
        }
        if let SpectrumTerms::PowerLaw { beta } = model.spectrum {
            return self.power_law(beta, &model.target, dimension.as_ref());
        }
        let Some(d) = dimension else {
            return unsupported("an infinite spectrum that is no power law");
        };
        let levels = match &model.spectrum {
            SpectrumTerms::Atoms { values, weights } => {
                let mut atoms = Vec::new();
                for (i, (value, weight)) in values.iter().zip(weights).enumerate() {
                    let mass = match levels.len() {
                        0 => BigRational::one(),
                        open => levels[i % open].2.clone(),
                    };
                    atoms.push(Level {
                        value: (*self.quantity(*value)?.germ()?).clone(),
                        share: self.constant(*weight, "a weight")?,
                        mass,
                    });
                }
                atoms
            }
            SpectrumTerms::Isotropic if levels.is_empty() => vec![Level {
                value: Germ::integer(1),
                share: BigRational::one(),
                mass: BigRational::one(),
            }],
            SpectrumTerms::Isotropic | SpectrumTerms::TwoLevel | SpectrumTerms::Any => levels
                .iter()
                .map(|(value, share, mass)| Level {
                    value: Germ::rational(value.clone()),
                    share: share.clone(),
                    mass: mass.clone(),
                })
                .collect(),
            SpectrumTerms::PowerLaw { .. } | SpectrumTerms::Explicit(_) => {
                return unsupported("a spectrum from a file along a limit");
            }
        };
        self.atoms(levels, &model.target, &d)
    }

    /// `s_k = k^{-β}`, endless where there is no dimension, and the target along it.
    fn power_law(
        &mut self,
        beta: Id,
        target: &TargetTerms,
        dimension: Option<&Quantity>,
    ) -> Result<(GermSpectrum, Option<GermTarget>)> {
        let beta = self.constant(beta, "beta")?;
        if beta <= BigRational::one() && dimension.is_none() || !beta.is_positive() {
            return Err(AsymptoticError::Undefined(format!(
                "a power law of exponent {beta}"
            )));
        }
        let dimension = match dimension {
            None => GermDimension::Infinite,
            Some(d) => GermDimension::Finite((*d.germ()?).clone()),
        };
        let target = match target {
            TargetTerms::Source { r } => Some(GermTarget::Source {
                r: self.constant(*r, "r")?,
            }),
            TargetTerms::Isotropic { norm2 } => Some(GermTarget::Isotropic {
                norm2: self.norm(*norm2)?,
            }),
            TargetTerms::Axis { index } => Some(GermTarget::Axis {
                index: (*self.quantity(*index)?.germ()?).clone(),
            }),
            TargetTerms::Any | TargetTerms::Explicit(_) => None,
        };
        Ok((GermSpectrum::PowerLaw { beta, dimension }, target))
    }

    fn quantity(&mut self, id: Id) -> Result<Quantity> {
        self.germs.quantity(self.store, id)
    }

    fn constant(&mut self, id: Id, what: &str) -> Result<BigRational> {
        match self.quantity(id)?.exact() {
            Some(value) => Ok(value.clone()),
            None => unsupported(&format!("{what} that is no rational constant")),
        }
    }

    fn norm(&mut self, norm2: Option<Id>) -> Result<Germ> {
        match norm2 {
            None => Ok(Germ::integer(1)),
            Some(id) => Ok((*self.quantity(id)?.germ()?).clone()),
        }
    }

    fn atoms(
        &mut self,
        mut levels: Vec<Level>,
        target: &TargetTerms,
        d: &Quantity,
    ) -> Result<(GermSpectrum, Option<GermTarget>)> {
        let mut fits = !levels.is_empty();
        for level in &levels {
            fits = fits && level.value.sign()? > 0 && !level.share.is_negative();
        }
        if !fits {
            return Err(AsymptoticError::Undefined(
                "a spectrum without positive eigenvalues".into(),
            ));
        }
        let total: BigRational = levels.iter().map(|level| &level.share).sum();
        if total.is_zero() {
            return Err(AsymptoticError::Undefined(
                "shares that add up to zero".into(),
            ));
        }
        for level in &mut levels {
            level.share = &level.share / &total;
        }
        if let Some(d) = d.exact() {
            apportion(&mut levels, d);
        }
        levels.retain(|level| !level.share.is_zero());
        let levels = falling(levels, |level| &level.value)?;
        let d = d.germ()?;
        let multiplicities = levels
            .iter()
            .map(|level| {
                let multiplicity = &*d * &Germ::rational(level.share.clone());
                (level.value.clone(), multiplicity)
            })
            .collect();
        let rational = |x: &BigRational| Germ::rational(x.clone());
        let target = match target {
            TargetTerms::Any => {
                let mut masses: Vec<Germ> =
                    levels.iter().map(|level| rational(&level.mass)).collect();
                if masses.iter().all(Germ::is_zero) {
                    masses[0] = Germ::integer(1);
                }
                Some(masses)
            }
            TargetTerms::Isotropic { norm2 } => {
                let norm2 = self.norm(*norm2)?;
                Some(
                    levels
                        .iter()
                        .map(|level| &norm2 * &rational(&level.share))
                        .collect(),
                )
            }
            TargetTerms::Axis { index } => {
                let index = self.quantity(*index)?;
                let at = if levels.len() == 1 || index.is_one() {
                    Some(0)
                } else if index.is(&Quantity::from((*d).clone())) {
                    Some(levels.len() - 1)
                } else {
                    None
                };
                at.map(|at| {
                    (0..levels.len())
                        .map(|i| Germ::integer(i64::from(i == at)))
                        .collect()
                })
            }
            TargetTerms::Source { .. } | TargetTerms::Explicit(_) => None,
        };
        Ok((
            GermSpectrum::Atoms(multiplicities),
            target.map(GermTarget::Masses),
        ))
    }
}

/// A fixed dimension is a whole number, any other grows.
fn check_dimension(d: &Quantity) -> Result<()> {
    let fits = match d.germ()?.limit()? {
        Limit::PlusInfinity => true,
        Limit::MinusInfinity => false,
        Limit::Finite(_) => d.exact().is_some_and(|d| d.is_integer() && d.is_positive()),
    };
    if fits {
        Ok(())
    } else {
        Err(AsymptoticError::Unsupported(
            "a dimension that neither grows nor is a whole number".into(),
        ))
    }
}

/// Whole multiplicities of a fixed dimension, by largest remainders; as shares.
fn apportion(levels: &mut [Level], d: &BigRational) {
    let quotas: Vec<BigRational> = levels.iter().map(|level| &level.share * d).collect();
    let mut counts: Vec<BigRational> = quotas.iter().map(BigRational::floor).collect();
    let mut left = d - counts.iter().sum::<BigRational>();
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|&i, &j| (&quotas[j] - &counts[j]).cmp(&(&quotas[i] - &counts[i])));
    for &i in &order {
        if left >= BigRational::one() {
            counts[i] += BigRational::one();
            left -= BigRational::one();
        }
    }
    for (level, count) in levels.iter_mut().zip(counts) {
        level.share = count / d;
    }
}
