//! The combinations of a sweep: every formula evaluated, every value within its bounds.

use std::sync::Arc;

use super::point::{Point, Setting};
use super::quantity::{Names, Quantity};
use super::{Chain, Experiment, OneOrMany, SpectrumSetting, TargetSetting};
use crate::check::diagnostic::Diagnostic;
use crate::equivalent::Fit;
use crate::formula::ast::Span;
use crate::simulate::Designs;
use crate::spectrum::{Dimension, Spectrum, Target};

/// Most points a sweep may have.
const MAX_POINTS: usize = 1_000_000;
/// Most generations all points may have together.
const MAX_GENERATIONS: u64 = 2_000_000;

pub(super) fn points(experiment: &Experiment) -> Result<Vec<Point>, Vec<Diagnostic>> {
    Resolver { experiment }
        .points()
        .map_err(|fault| vec![*fault])
}

type Fault = Box<Diagnostic>;

struct Resolver<'a> {
    experiment: &'a Experiment,
}

impl Resolver<'_> {
    fn fault(
        &self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: &str,
    ) -> Fault {
        Box::new(
            self.experiment
                .source
                .diagnostic(code, span, message)
                .with_help(help),
        )
    }

    fn value(&self, quantity: &Quantity, names: &Names) -> Result<f64, Fault> {
        quantity
            .evaluate(names)
            .map_err(|error| Box::new(self.experiment.source.formula_diagnostic(&error)))
    }

    fn points(&self) -> Result<Vec<Point>, Fault> {
        let experiment = self.experiment;
        let sweep = &experiment.sweep;
        // A setting that is not swept takes one value, what the file says of it.
        let count = [
            &sweep.d,
            &sweep.n,
            &sweep.t0,
            &sweep.sigma0,
            &sweep.sigma,
            &sweep.lambda,
            &sweep.t,
        ]
        .iter()
        .map(|values| values.len().max(1))
        .try_fold(1usize, |product, len| product.checked_mul(len));
        if count.is_none_or(|count| count > MAX_POINTS) {
            let message = format!("the sweep has more than {MAX_POINTS} combinations");
            return Err(self.fault("X201", Span::default(), message, "sweep fewer values"));
        }
        let options = |values: &'_ [Quantity]| -> Vec<Option<Quantity>> {
            if values.is_empty() {
                vec![None]
            } else {
                values.iter().cloned().map(Some).collect()
            }
        };
        let mut points = Vec::new();
        let mut generations = 0;
        for d in options(&sweep.d) {
            let (dimension, setting) = self.setting(d.as_ref())?;
            for n in options(&sweep.n) {
                for t0 in options(&sweep.t0) {
                    for sigma0 in options(&sweep.sigma0) {
                        for sigma in options(&sweep.sigma) {
                            for lambda in options(&sweep.lambda) {
                                for t in options(&sweep.t) {
                                    let swept = Swept {
                                        n: &n,
                                        t0: &t0,
                                        sigma0: &sigma0,
                                        sigma: &sigma,
                                        lambda: &lambda,
                                        t: &t,
                                    };
                                    let point = self.point(dimension, &setting, swept)?;
                                    generations += point.n;
                                    if generations > MAX_GENERATIONS {
                                        return Err(self.too_many_generations());
                                    }
                                    points.push(point);
                                }
                            }
                        }
                    }
                }
            }
        }
        Ok(points)
    }

    fn too_many_generations(&self) -> Fault {
        let place = self
            .experiment
            .sweep
            .n
            .first()
            .map_or(Span::default(), |n| n.span);
        let message = format!(
            "the points of the sweep have more than {MAX_GENERATIONS} generations together"
        );
        self.fault(
            "X211",
            place,
            message,
            "sweep fewer values of n, or smaller ones",
        )
    }

    fn setting(&self, swept: Option<&Quantity>) -> Result<(Dimension, Arc<Setting>), Fault> {
        let experiment = self.experiment;
        let given = match swept.or(experiment.dimension.as_ref()) {
            Some(quantity) => Some((self.value(quantity, &[])?, quantity.span)),
            None => None,
        };
        let dimension = match (&experiment.spectrum, given) {
            (SpectrumSetting::Explicit(eigenvalues), None) => {
                Dimension::Finite(eigenvalues.len() as u64)
            }
            (SpectrumSetting::Explicit(eigenvalues), Some((d, span)))
                if d != eigenvalues.len() as f64 =>
            {
                let message = format!(
                    "d is {d}, but the spectrum has {} eigenvalues",
                    eigenvalues.len()
                );
                return Err(self.fault("X202", span, message, "leave d out: the file gives it"));
            }
            (_, Some((d, _))) if d == f64::INFINITY => Dimension::Infinite,
            (_, Some((d, span))) => Dimension::Finite(self.whole("d", d, 1.0, span)?),
            (_, None) => {
                return Err(self.fault(
                    "X203",
                    experiment.spectrum_span,
                    "the dimension is not given",
                    "add d to [setting] or [sweep]",
                ));
            }
        };
        let names = [("d", dimension.as_f64())];
        let spectrum = self.spectrum(dimension, &names)?;
        let (spectrum, target, coefficients) = self.target(spectrum, &names)?;
        Ok((
            dimension,
            Arc::new(Setting {
                spectrum,
                target,
                coefficients,
            }),
        ))
    }

    fn spectrum(&self, dimension: Dimension, names: &Names) -> Result<Spectrum, Fault> {
        let span = self.experiment.spectrum_span;
        let made = match (&self.experiment.spectrum, dimension) {
            (SpectrumSetting::PowerLaw { beta }, _) => {
                Spectrum::power_law(self.value(beta, names)?, dimension)
            }
            (_, Dimension::Infinite) => {
                return Err(self.fault(
                    "X204",
                    span,
                    "this spectrum needs a finite dimension",
                    "only a power law may have d = inf",
                ));
            }
            (SpectrumSetting::Isotropic, Dimension::Finite(d)) => Spectrum::isotropic(d),
            (SpectrumSetting::Explicit(eigenvalues), _) => {
                Spectrum::from_eigenvalues(eigenvalues.clone())
            }
            (SpectrumSetting::Atoms { values, weights }, Dimension::Finite(d)) => {
                let mut eigenvalues = Vec::new();
                let mut multiplicities = Vec::new();
                let mut total = 0.0;
                for (value, weight) in values.iter().zip(weights) {
                    let share = self.value(weight, names)? * d as f64;
                    if !((share - share.round()).abs() <= 1e-9 * d as f64 && share >= 0.0) {
                        let message = format!(
                            "this share of d = {d} is {share}, not a whole number of eigenvalues"
                        );
                        return Err(self.fault(
                            "X205",
                            weight.span,
                            message,
                            "choose weights or d so that each share is whole",
                        ));
                    }
                    total += share.round();
                    if share.round() > 0.0 {
                        eigenvalues.push(self.value(value, names)?);
                        multiplicities.push(share.round());
                    }
                }
                if total != d as f64 {
                    return Err(self.fault(
                        "X205",
                        span,
                        format!("the weights give {total} eigenvalues, not d = {d}"),
                        "weights sum to 1",
                    ));
                }
                Spectrum::atoms(eigenvalues, multiplicities)
            }
        };
        made.map_err(|error| self.fault("X206", span, error.to_string(), "see the spectrum"))
    }

    fn target(
        &self,
        spectrum: Spectrum,
        names: &Names,
    ) -> Result<(Spectrum, Target, Option<Vec<f64>>), Fault> {
        let span = self.experiment.target_span;
        let made = match &self.experiment.target {
            TargetSetting::Isotropic { norm2 } => Target::Isotropic {
                norm2: self.value(norm2, names)?,
            },
            TargetSetting::Source { r } => {
                if !matches!(spectrum, Spectrum::PowerLaw(_)) {
                    return Err(self.fault(
                        "X207",
                        span,
                        "a source exponent needs a power-law spectrum",
                        "write spectrum = { kind = \"power-law\", beta = … }",
                    ));
                }
                Target::Source {
                    r: self.value(r, names)?,
                }
            }
            TargetSetting::Axis { index } => Target::Axis {
                index: self.whole("the index", self.value(index, names)?, 1.0, index.span)?,
            },
            TargetSetting::Explicit(coefficients) => {
                let eigenvalues = spectrum.eigenvalues(10_000_000).map_err(|error| {
                    self.fault("X206", span, error.to_string(), "see the spectrum")
                })?;
                if eigenvalues.len() != coefficients.len() {
                    let message = format!(
                        "{} coefficients for {} eigenvalues",
                        coefficients.len(),
                        eigenvalues.len()
                    );
                    return Err(self.fault(
                        "X208",
                        span,
                        message,
                        "give one coefficient for each eigenvalue",
                    ));
                }
                let spectrum = Spectrum::from_eigenvalues(eigenvalues).map_err(|error| {
                    self.fault("X206", span, error.to_string(), "see the spectrum")
                })?;
                let mut masses = Vec::new();
                if let Spectrum::Atoms(atoms) = &spectrum {
                    let mut rest = coefficients.as_slice();
                    for multiplicity in atoms.multiplicities() {
                        let (atom, later) = rest.split_at(*multiplicity as usize);
                        masses.push(atom.iter().map(|c| c * c).sum());
                        rest = later;
                    }
                }
                return Ok((spectrum, Target::Masses(masses), Some(coefficients.clone())));
            }
        };
        Ok((spectrum, made, None))
    }

    fn whole(&self, what: &str, value: f64, least: f64, span: Span) -> Result<u64, Fault> {
        if value.fract() == 0.0 && (least..=9_007_199_254_740_992.0).contains(&value) {
            Ok(value as u64)
        } else {
            let message =
                format!("{what} is {value}; it must be a whole number of at least {least}");
            Err(self.fault(
                "X209",
                span,
                message,
                "write a whole number, or a formula that gives one",
            ))
        }
    }

    fn positive(&self, what: &str, value: f64, zero: bool, span: Span) -> Result<f64, Fault> {
        if value.is_finite() && (value > 0.0 || (zero && value == 0.0)) {
            Ok(value)
        } else {
            let least = if zero { "0 or more" } else { "positive" };
            Err(self.fault(
                "X210",
                span,
                format!("{what} is {value}; it must be finite and {least}"),
                "see its value",
            ))
        }
    }

    fn point(
        &self,
        dimension: Dimension,
        setting: &Arc<Setting>,
        swept: Swept,
    ) -> Result<Point, Fault> {
        let experiment = self.experiment;
        let d = dimension.as_f64();
        let n = self.generations(swept.n.as_ref(), d)?;
        let names = [("d", d), ("n", n as f64)];
        let t = self.samples(swept.t.as_ref(), &names)?;

        let names = [("d", d), ("n", n as f64), ("T", t)];
        let labellers = self.labellers(n, &swept, &names)?;
        let mut names_after = names.to_vec();
        names_after.extend(labellers.samples.map(|t0| ("T0", t0)));
        let sigma_setting = swept.sigma.as_ref().unwrap_or(&experiment.downstream.noise);
        let sigma = self.positive(
            "sigma",
            self.value(sigma_setting, &names_after)?,
            true,
            sigma_setting.span,
        )?;
        // With clean data the ridge may still name T0, if the file gives it.
        if n == 0
            && let Some(t0) = self.nominal_samples0(swept.t0.as_ref(), &names)
        {
            names_after.push(("T0", t0));
        }
        let lambda_setting = swept
            .lambda
            .as_ref()
            .unwrap_or(&experiment.downstream.ridge);
        let lambda = self.positive(
            "lambda",
            self.value(lambda_setting, &names_after)?,
            true,
            lambda_setting.span,
        )?;
        Ok(Point {
            n,
            samples: t,
            samples0: labellers.samples,
            dimension,
            lambda,
            sigma,
            sigma0: labellers.noise,
            generations: labellers.fits,
            designs: experiment
                .chain
                .as_ref()
                .map_or(Designs::Independent, |chain| chain.designs),
            downstream: Fit {
                samples: t,
                noise: sigma,
                ridge: lambda,
            },
            setting: setting.clone(),
        })
    }

    /// `n`, how many fits the labels come from; 0 where there is no chain.
    fn generations(&self, swept: Option<&Quantity>, d: f64) -> Result<u64, Fault> {
        let chain = self.experiment.chain.as_ref();
        let n = match swept.or(chain.and_then(|chain| chain.generations.as_ref())) {
            Some(quantity) => {
                self.whole("n", self.value(quantity, &[("d", d)])?, 0.0, quantity.span)?
            }
            None => match chain {
                Some(chain) => {
                    return Err(self.fault(
                        "X211",
                        chain.span,
                        "the number of generations is not given",
                        "add generations to [chain], or n to [sweep]",
                    ));
                }
                None => 0,
            },
        };
        if n > 100_000 {
            return Err(self.fault(
                "X211",
                Span::default(),
                format!("{n} generations are too many"),
                "at most 100000",
            ));
        }
        Ok(n)
    }

    /// `T`, the downstream fit's sample size.
    fn samples(&self, swept: Option<&Quantity>, names: &Names) -> Result<f64, Fault> {
        let downstream = &self.experiment.downstream;
        let Some(samples) = swept.or(downstream.samples.as_ref()) else {
            return Err(self.fault(
                "X212",
                downstream.span,
                "the downstream sample size is not given",
                "add samples to [downstream], or T to [sweep]",
            ));
        };
        self.positive("T", self.value(samples, names)?, false, samples.span)
    }

    /// The `n` generations of the chain.
    fn labellers(&self, n: u64, swept: &Swept, names: &Names) -> Result<Labellers, Fault> {
        if n == 0 {
            return Ok(Labellers::default());
        }
        let Some(chain) = &self.experiment.chain else {
            return Err(self.fault(
                "X213",
                Span::default(),
                "n is swept, but there is no [chain]",
                "add [chain] with samples and noise",
            ));
        };
        let sizes = self.labeller_samples(chain, n, swept.t0.as_ref(), names)?;
        let samples = common(&sizes);
        let mut names = names.to_vec();
        names.extend(samples.map(|t0| ("T0", t0)));
        let noises = match swept.sigma0 {
            Some(quantity) => vec![(self.value(quantity, &names)?, quantity.span)],
            None => self.one_or_many("noise", &chain.noise, n, &names)?,
        };
        let ridges = self.one_or_many("ridge", &chain.ridge, n, &names)?;
        let at = |values: &[(f64, Span)], m: usize| values.get(m).copied().unwrap_or(values[0]);
        let mut fits = Vec::new();
        for m in 0..n as usize {
            let ((noise, noise_span), (ridge, ridge_span)) = (at(&noises, m), at(&ridges, m));
            fits.push(Fit {
                samples: at(&sizes, m).0,
                noise: self.positive("the noise", noise, true, noise_span)?,
                ridge: self.positive("the ridge", ridge, true, ridge_span)?,
            });
        }
        if chain.designs == Designs::Shared && samples.is_none() {
            return Err(self.fault(
                "X215",
                chain.span,
                "shared designs need one sample size",
                "write samples as one number, or designs = \"independent\"",
            ));
        }
        Ok(Labellers {
            fits,
            samples,
            noise: common(&noises),
        })
    }

    /// `T_0` of each generation, or one for all.
    fn labeller_samples(
        &self,
        chain: &Chain,
        n: u64,
        swept: Option<&Quantity>,
        names: &Names,
    ) -> Result<Vec<(f64, Span)>, Fault> {
        let sizes = match (swept, &chain.samples) {
            (Some(quantity), _) => vec![(self.value(quantity, names)?, quantity.span)],
            (None, Some(given)) => self.one_or_many("samples", given, n, names)?,
            (None, None) => {
                return Err(self.fault(
                    "X214",
                    chain.span,
                    "the generations' sample size is not given",
                    "add samples to [chain], or T0 to [sweep]",
                ));
            }
        };
        for (value, span) in &sizes {
            self.positive("T0", *value, false, *span)?;
        }
        Ok(sizes)
    }

    fn nominal_samples0(&self, swept: Option<&Quantity>, names: &Names) -> Option<f64> {
        let chain = self.experiment.chain.as_ref()?;
        match (swept, &chain.samples) {
            (Some(quantity), _) | (None, Some(OneOrMany::One(quantity))) => {
                quantity.evaluate(names).ok()
            }
            _ => None,
        }
    }

    /// One value for each generation, or one for all where it does not depend on `m`.
    fn one_or_many(
        &self,
        what: &str,
        given: &OneOrMany,
        n: u64,
        names: &Names,
    ) -> Result<Vec<(f64, Span)>, Fault> {
        let with_m = |m: u64| {
            let mut names = names.to_vec();
            names.push(("m", m as f64));
            names
        };
        match given {
            OneOrMany::One(quantity) => (0..n)
                .map(|m| Ok((self.value(quantity, &with_m(m))?, quantity.span)))
                .collect(),
            OneOrMany::Many(quantities, span) => {
                let swept = !self.experiment.sweep.n.is_empty();
                if (quantities.len() as u64) < n || (!swept && quantities.len() as u64 != n) {
                    let message = format!(
                        "{} entries of `chain.{what}` for {n} generations",
                        quantities.len()
                    );
                    return Err(self.fault(
                        "X216",
                        *span,
                        message,
                        "give one number, or one for each generation",
                    ));
                }
                (0..n)
                    .zip(quantities)
                    .map(|(m, quantity)| Ok((self.value(quantity, &with_m(m))?, quantity.span)))
                    .collect()
            }
        }
    }
}

/// The values of what is swept, at one point.
struct Swept<'a> {
    n: &'a Option<Quantity>,
    t0: &'a Option<Quantity>,
    sigma0: &'a Option<Quantity>,
    sigma: &'a Option<Quantity>,
    lambda: &'a Option<Quantity>,
    t: &'a Option<Quantity>,
}

/// The chain's fits at one point; nothing without a chain.
#[derive(Default)]
struct Labellers {
    fits: Vec<Fit>,
    /// `T_0`, where all generations share it.
    samples: Option<f64>,
    /// `σ_0`, where all generations share it.
    noise: Option<f64>,
}

/// The value that all generations share, if they do.
fn common(values: &[(f64, Span)]) -> Option<f64> {
    let (first, rest) = values.split_first()?;
    rest.iter()
        .all(|(value, _)| *value == first.0)
        .then_some(first.0)
}
