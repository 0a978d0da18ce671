//! The laws of one power-law regression: a table, JSON, CSV.

mod law;
mod text;

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::Serialize;

use crate::scaling::{
    AffineLaw, Axis, BestRidge, DimensionLaw, ErrorTerm, GermError, LabellerDesigns, Order, Ridge,
    ScalingModel, Stretch, critical_ridge_exponent, slow_rate,
};

use law::{affine_text, power_text};

pub use law::LawReport;

/// Everything said about one model.
#[derive(Clone, Debug, Serialize)]
pub struct ScalingReport {
    pub schema: u32,
    pub setting: Setting,
    /// `ℓ_crit = β/(2βr̲+1)`
    pub ell_crit: String,
    /// `c = 2βr̲/(2βr̲+1)`
    pub c: String,
    pub at: PointReport,
    /// The test error along `ℓ`.
    pub along_ell: Vec<StretchReport>,
    pub best: BestReport,
    /// What the ridge that is best on clean data costs here; `None` without a labeller.
    pub clean_choice: Option<CleanChoice>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    pub beta: String,
    pub source: String,
    /// `e` in `σ² = T^e`
    pub noise: Option<String>,
    pub labeller_samples: Option<String>,
    pub synthetic: Option<String>,
    pub generations: Option<u32>,
    pub designs: Option<&'static str>,
    pub dimension: String,
}

/// The terms at one `ℓ`.
#[derive(Clone, Debug, Serialize)]
pub struct PointReport {
    /// `null` at minimum norm
    pub ell: Option<String>,
    pub kappa: String,
    pub terms: Vec<TermReport>,
    pub power: Option<String>,
    pub leads: Vec<&'static str>,
    /// The largest `T` at which the engine was asked.
    pub measured_at: Option<f64>,
}

#[derive(Clone, Debug, Serialize)]
pub struct TermReport {
    pub term: &'static str,
    pub leads: bool,
    /// `null` where the term vanishes
    pub power: Option<String>,
    pub log_power: Option<String>,
    pub coefficient: Option<f64>,
    pub coefficient_error: Option<f64>,
    /// The power as a function of the exponents around this point; `null` at a kink.
    pub law: Option<LawReport>,
    pub expansion: String,
    /// Local slope of the engine's value over the last decade of `T`, and of the expansion over the same.
    pub measured_slope: Option<f64>,
    pub expected_slope: Option<f64>,
    /// The engine's value over the leading term, at the largest `T`.
    pub measured_ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct StretchReport {
    pub from: String,
    /// `null` where it goes on without end
    pub to: Option<String>,
    pub power_from: String,
    pub power_to: String,
    /// The power of `T` as a function of `ℓ`.
    pub power: String,
    pub leads: Vec<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct BestReport {
    /// Intervals of equally good `ℓ`.
    pub ell: Vec<(String, Option<String>)>,
    pub ridgeless: bool,
    /// `q` in the best `λ = T^{-ℓ} (ln T)^q`, where it is not zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ridge_log: Option<String>,
    pub power: Option<String>,
    pub log_power: Option<String>,
    pub leads: Vec<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CleanChoice {
    /// `null` for minimum norm
    pub ell: Option<String>,
    pub clean_power: Option<String>,
    /// The test error's power with that ridge on synthetic data.
    pub power: Option<String>,
    /// By how much worse than the best.
    pub rate_lost: Option<String>,
    pub leads: Vec<&'static str>,
}

fn names(terms: &[ErrorTerm]) -> Vec<&'static str> {
    terms.iter().map(|term| term.name()).collect()
}

/// The report on `model`, its own ridge or the best one.
pub fn scaling_report(
    model: &ScalingModel,
    ridge: Option<Ridge>,
    measure: bool,
) -> Result<ScalingReport, GermError> {
    let best = model.best_ridge()?;
    let last = model.last_ridge_exponent();
    let here = model.with_ridge(ridge.unwrap_or_else(|| best.choice()));
    let stretches = match model.stretches(Axis::Ridge, &BigRational::zero(), &last) {
        Ok(stretches) => stretches,
        // everything vanishes towards λ = 0
        Err(GermError::Domain { .. }) => Vec::new(),
        Err(error) => return Err(error),
    };
    let clean_choice = match &model.labeller {
        Some(_) => Some(clean_choice(model, &best)?),
        None => None,
    };
    Ok(ScalingReport {
        schema: 1,
        setting: setting(model),
        ell_crit: critical_ridge_exponent(&model.beta, &model.source).to_string(),
        c: slow_rate(&model.beta, &model.source).to_string(),
        at: point(&here, measure)?,
        along_ell: stretches.iter().map(|s| stretch(s, &last)).collect(),
        best: best_report(&best, &last),
        clean_choice,
    })
}

fn setting(model: &ScalingModel) -> Setting {
    let labeller = model.labeller.as_ref();
    Setting {
        beta: model.beta.to_string(),
        source: model.source.to_string(),
        noise: model.noise.as_ref().map(BigRational::to_string),
        labeller_samples: labeller.map(|l| l.samples.to_string()),
        synthetic: labeller
            .and_then(|l| l.noise.as_ref())
            .map(BigRational::to_string),
        generations: labeller.map(|l| l.generations),
        designs: labeller.map(|l| match l.designs {
            LabellerDesigns::Independent => "independent",
            LabellerDesigns::Shared => "shared",
        }),
        dimension: match &model.dimension {
            DimensionLaw::Infinite => "inf".to_owned(),
            DimensionLaw::Power(p) => power_text(Some(&p.to_string()), None),
            DimensionLaw::OfLabeller(phi) => format!("{phi}*T0"),
        },
    }
}

/// The largest `T` at which neither `T` nor `T_0` nor `d` exceeds `10^15`.
fn largest_samples(model: &ScalingModel) -> f64 {
    use num_traits::ToPrimitive;
    let mut widest = 1.0_f64;
    for axis in [Axis::LabellerSamples, Axis::Dimension] {
        if let Some(x) = model.exponent(axis).and_then(|x| x.to_f64()) {
            widest = widest.max(x);
        }
    }
    10_f64.powf(15.0 / widest)
}

fn point(model: &ScalingModel, measure: bool) -> Result<PointReport, GermError> {
    let law = model.test_error()?;
    let leading = law.leading()?;
    let (order, leads) = match leading {
        Some((order, leads)) => (Some(order), leads),
        None => (None, Vec::new()),
    };
    let high = largest_samples(model);
    let low = high / 10.0;
    // a measurement that cannot be had is left out, never replaced
    let measured = if measure {
        model.measure(low).ok().zip(model.measure(high).ok())
    } else {
        None
    };
    let mut terms = Vec::new();
    for (term, germ) in &law.terms {
        let (first, undecided) = match germ.leading() {
            Ok(first) => (first, None),
            Err(error) => (None, Some(error.to_string())),
        };
        let values = measured
            .as_ref()
            .and_then(|(low, high)| Some((low.term(*term)?, high.term(*term)?)))
            .filter(|(low, high)| *low != 0.0 && *high != 0.0 && undecided.is_none());
        let decades = (high / low).ln();
        // the two synthetic parts are measured together where T0 < d
        let together = law.term(ErrorTerm::SyntheticSpread).filter(|_| {
            *term == ErrorTerm::SyntheticSignal
                && measured
                    .as_ref()
                    .is_some_and(|(low, _)| low.term(ErrorTerm::SyntheticSpread).is_none())
        });
        let compared = match together {
            Some(other) => germ + other,
            None => germ.clone(),
        };
        let expected = (compared.evaluate(low), compared.evaluate(high));
        let leading_value = compared.leading_part().ok().map(|g| g.evaluate(high));
        let affine = match undecided {
            None => model.affine_law(*term).unwrap_or(None),
            Some(_) => None,
        };
        terms.push(TermReport {
            term: term.name(),
            leads: leads.contains(term),
            power: first.map(|t| t.order.power.to_string()),
            log_power: first
                .filter(|t| !t.order.log.is_zero())
                .map(|t| t.order.log.to_string()),
            coefficient: first.map(|t| t.coefficient.value()),
            coefficient_error: first.map(|t| t.coefficient.error()),
            law: affine.as_ref().map(law_report),
            expansion: germ.to_string(),
            measured_slope: values.map(|(low, high)| (high / low).ln() / decades),
            expected_slope: values.map(|_| (expected.1 / expected.0).ln() / decades),
            measured_ratio: values
                .zip(leading_value)
                .map(|((_, high), lead)| high / lead),
            undecided,
        });
    }
    Ok(PointReport {
        ell: model.ridge.exponent().map(BigRational::to_string),
        kappa: law.kappa.to_string(),
        terms,
        power: order.map(|order| order.power.to_string()),
        leads: names(&leads),
        measured_at: measured.map(|_| high),
    })
}

impl TermReport {
    /// What a reader must know where the measured value and the law are still apart.
    pub fn disagreement(&self) -> Option<String> {
        let ratio = self.measured_ratio.filter(|r| !(0.5..=2.0).contains(r));
        let slopes = self
            .measured_slope
            .zip(self.expected_slope)
            .filter(|(m, e)| !((m - e).abs() <= 0.05 * (1.0 + e.abs())));
        match (ratio, slopes) {
            (None, None) => None,
            (Some(ratio), _) => Some(format!(
                "the measured value is {ratio:.3} times the leading term: terms of lower order still count at this T"
            )),
            (None, Some((measured, expected))) => Some(format!(
                "the measured slope is {measured:.3}, the expansion's {expected:.3}"
            )),
        }
    }
}

fn law_report(law: &AffineLaw) -> LawReport {
    LawReport {
        constant: law.constant.to_string(),
        slopes: law
            .slopes
            .iter()
            .map(|(axis, slope)| (axis.name(), slope.to_string()))
            .collect(),
    }
}

fn stretch(stretch: &Stretch, last: &BigRational) -> StretchReport {
    let slope = stretch.slope();
    let law = AffineLaw {
        constant: &stretch.power_from - &slope * &stretch.from,
        slopes: if slope.is_zero() {
            Vec::new()
        } else {
            vec![(Axis::Ridge, slope)]
        },
    };
    StretchReport {
        from: stretch.from.to_string(),
        to: (stretch.to != *last).then(|| stretch.to.to_string()),
        power_from: stretch.power_from.to_string(),
        power_to: stretch.power_to.to_string(),
        power: affine_text(&law_report(&law)),
        leads: names(&stretch.leads),
    }
}

fn best_report(best: &BestRidge, last: &BigRational) -> BestReport {
    let open = |to: &BigRational| (to != last).then(|| to.to_string());
    BestReport {
        ell: best
            .exponents
            .iter()
            .map(|(from, to)| (from.to_string(), open(to)))
            .collect(),
        ridgeless: best.ridgeless,
        ridge_log: (!best.ridge_log.is_zero()).then(|| best.ridge_log.to_string()),
        power: best.order.as_ref().map(|order| order.power.to_string()),
        log_power: best.order.as_ref().and_then(log_power),
        leads: names(&best.leads),
    }
}

fn log_power(order: &Order) -> Option<String> {
    (!order.log.is_zero()).then(|| order.log.to_string())
}

fn clean_choice(model: &ScalingModel, best: &BestRidge) -> Result<CleanChoice, GermError> {
    let clean = model.on_clean_data().best_ridge()?;
    let choice = clean.choice();
    let here = model.with_ridge(choice.clone()).test_error()?.leading()?;
    let (power, leads) = match here {
        Some((order, leads)) => (Some(order.power), leads),
        None => (None, Vec::new()),
    };
    let best_power = best.order.as_ref().map(|order| &order.power);
    Ok(CleanChoice {
        ell: choice.exponent().map(BigRational::to_string),
        clean_power: clean.order.map(|order| order.power.to_string()),
        rate_lost: power
            .as_ref()
            .zip(best_power)
            .map(|(p, b)| (p - b).to_string()),
        power: power.map(|p| p.to_string()),
        leads: names(&leads),
    })
}

impl ScalingReport {
    /// The report as JSON, with powers as exact fractions in strings.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// The terms as CSV.
    pub fn to_csv(&self) -> Result<String, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record([
            "ell",
            "term",
            "leads",
            "coefficient",
            "power",
            "log_power",
            "law",
            "measured_slope",
            "expected_slope",
        ])?;
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
        for term in &self.at.terms {
            writer.write_record([
                self.at.ell.clone().unwrap_or_else(|| "inf".to_owned()),
                term.term.to_owned(),
                term.leads.to_string(),
                number(term.coefficient),
                term.power.clone().unwrap_or_default(),
                term.log_power.clone().unwrap_or_else(|| "0".to_owned()),
                term.law.as_ref().map(affine_text).unwrap_or_default(),
                number(term.measured_slope),
                number(term.expected_slope),
            ])?;
        }
        let bytes = writer.into_inner().map_err(|e| e.into_error())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Whether an exponent makes the error grow or stay.
pub(super) fn does_not_vanish(power: &BigRational) -> bool {
    !power.is_negative()
}
