//! `resolvent scaling`: the laws of a power-law regression.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::experiment::Failure;
use super::output::{fail, write};
use crate::number::parse_decimal;
use crate::report::scaling::scaling_report;
use crate::report::scaling_map::{MapAxis, scaling_map};
use crate::scaling::{
    Axis, DimensionLaw, GermError, Labeller, LabellerDesigns, Ridge, ScalingModel,
};

/// Exponents, constants and regimes of a power law
///
/// The covariance has eigenvalues s_k = k^-beta, the target coefficients c_k^2 = k^-(1+beta(2r-1)).
/// Everything else is a power of the sample size T: lambda = T^-ell, sigma^2 = T^e, T0 = T^b,
/// n*sigma0^2 = T^a, d = T^p. Every power is exact; numbers may be written 3/8, 0.375 or 2.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct ScalingArgs {
    /// Capacity exponent: s_k = k^-beta
    #[arg(long, value_parser = positive)]
    pub beta: BigRational,
    /// Source exponent r: c_k^2 = k^-(1+beta(2r-1))
    #[arg(long, visible_alias = "r", value_parser = positive)]
    pub source: BigRational,
    /// lambda = T^-ell, or "ridgeless"; left out: the best
    #[arg(long, value_parser = ridge)]
    pub ell: Option<Ridge>,
    /// Label noise of the downstream data: "none", a power "T^e", or 1 for a constant variance
    #[arg(long, default_value = "1", value_parser = power_or_none, allow_hyphen_values = true)]
    pub noise: Power,
    /// b: the labels come from fits to T0 = T^b samples; left out: training on real labels
    #[arg(long, short = 'b', value_name = "B", value_parser = nonnegative)]
    pub labeller_samples: Option<BigRational>,
    /// a: the generations' noise n*sigma0^2 = T^a, or "none"
    #[arg(long, short = 'a', value_name = "A", value_parser = exponent_or_none,
          allow_hyphen_values = true, requires = "labeller_samples", default_value = "0")]
    pub synthetic: Power,
    /// "inf", a power "T^p", or a share "phi0*T0"
    #[arg(long, short = 'd', default_value = "inf", value_parser = dimension)]
    pub dimension: DimensionLaw,
    /// Number of generations; 0 is real labels, and more than 1 matters by itself only where T0 < d
    #[arg(long, short = 'n', default_value_t = 1, requires = "labeller_samples",
          value_parser = clap::value_parser!(u32).range(0..=6))]
    pub generations: u32,
    /// Whether the generations see the same designs
    #[arg(
        long,
        value_enum,
        default_value = "independent",
        requires = "labeller_samples"
    )]
    pub designs: DesignsArg,
    #[arg(long, value_enum, default_value = "table")]
    pub format: ScalingFormat,
    /// Draw which term leads over two exponents of ell, a, b, p, e: "ell,a" or "b=0..2,a=-1..1"
    #[arg(long, value_name = "AXES", num_args = 0..=1, default_missing_value = "",
          value_parser = map_axes, allow_hyphen_values = true)]
    pub map: Option<MapArg>,
    /// Leave out the measured slopes
    #[arg(long)]
    pub symbolic: bool,
    /// Write there instead of to standard output (only once it is complete); a map as a picture where the name ends in
    /// .svg or .png
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Colours of a picture
    #[arg(long, value_enum, default_value = "light")]
    pub theme: crate::plot::Theme,
}

const EXAMPLES: &str = "\
Examples:
  Noisy clean data: the best ridge and the slow rate
      resolvent scaling --beta 2 --source 3/8

  Noiseless: minimum norm is best, at the fast rate
      resolvent scaling --beta 2 --source 3/8 --noise none

  Labels from fits to as many samples as the final fit has, d = T0/2 (Figure 1b's spectrum)
      resolvent scaling --beta 2 --source 3/8 --noise none -b 1 -a 0 -d 1/2*T0

  What the terms are at ell_crit, in particular
      resolvent scaling --beta 2 --source 3/8 -b 1/2 -d 1/2*T0 --ell 4/5

  The logarithm at r = 1
      resolvent scaling --beta 3/2 --source 1 --noise none --ell 1

  Which term leads, over ell and a
      resolvent scaling --beta 2 --source 3/8 -b 1 -d 1/2*T0 --map ell,a=-1..1
      resolvent scaling --beta 2 --source 3/8 -b 1 -d 1/2*T0 --map ell,a=-1..1 --output map.svg

The terms:
  bias              k^2 w0'S(S+k)^-2 w0/(1 - df2/T), S the covariance, k = kappa(lambda, T)
  variance          sigma^2 df2/(T - df2)
  synthetic T/T0    n sigma0^2 df2/(T0 - d) where T0 > d; else the generations' noise through the mean of the fit
  synthetic d/T0    n sigma0^2 k^2 tr(S+k)^-2/(T0 - d) df2/(T - df2); else through its fluctuation
  misspecification  what generations with T0 < d add to the bias";

/// A power of `T`, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Power(pub Option<BigRational>);

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DesignsArg {
    Independent,
    Shared,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq)]
pub enum ScalingFormat {
    Table,
    Json,
    Csv,
}

/// Two axes, each with a range or without.
#[derive(Clone, Debug)]
pub struct MapArg(Vec<(Axis, Option<(BigRational, BigRational)>)>);

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum ScalingError {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Germ(#[from] GermError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// Runs the command.
pub fn run(args: &ScalingArgs) -> ExitCode {
    if let Some(path) = args.output.as_ref().filter(|path| is_picture(path)) {
        return match picture(args, path) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                failure.show();
                ExitCode::from(2)
            }
        };
    }
    let written = scaling(args)
        .map_err(|error| error.to_string())
        .and_then(|text| write(args.output.as_deref(), &text));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

/// Whether the output is to be a picture.
fn is_picture(path: &std::path::Path) -> bool {
    matches!(
        path.extension().and_then(|e| e.to_str()),
        Some("svg" | "png")
    )
}

/// The map of leading terms as a picture.
fn picture(args: &ScalingArgs, path: &std::path::Path) -> Result<(), Failure> {
    let model = model(args).map_err(Failure::new)?;
    let Some(map) = &args.map else {
        return Err(Failure::new(
            "a picture shows a map: add --map, or --map ell,a",
        ));
    };
    let [horizontal, vertical] = axes(map, &model).map_err(Failure::new)?;
    let side = |side: MapAxis| crate::plot::scaling::Side {
        axis: side.axis,
        from: side.from,
        to: side.to,
    };
    let title = format!(
        "Which term of the test error leads: β = {}, r = {}",
        model.beta, model.source
    );
    let map = crate::plot::scaling::map(&model, title, &side(horizontal), &side(vertical));
    super::plot::save(&map.draw(args.theme), path, 3.0)
}

fn scaling(args: &ScalingArgs) -> Result<String, ScalingError> {
    let model = model(args)?;
    if let Some(map) = &args.map {
        let [horizontal, vertical] = axes(map, &model)?;
        return Ok(scaling_map(&model, &horizontal, &vertical));
    }
    let report = scaling_report(&model, args.ell.clone(), !args.symbolic)?;
    Ok(match args.format {
        ScalingFormat::Table => report.to_text(),
        ScalingFormat::Json => report.to_json()? + "\n",
        ScalingFormat::Csv => report.to_csv()?,
    })
}

fn model(args: &ScalingArgs) -> Result<ScalingModel, ScalingError> {
    if args.dimension == DimensionLaw::Infinite && args.beta <= BigRational::one() {
        let message =
            "an infinite spectrum needs beta > 1: its trace diverges; give a dimension with -d";
        return Err(ScalingError::Usage(message.to_owned()));
    }
    if matches!(args.dimension, DimensionLaw::OfLabeller(_)) && args.labeller_samples.is_none() {
        let message = "d = phi0*T0 needs a labeller: give -b, the power in T0 = T^b";
        return Err(ScalingError::Usage(message.to_owned()));
    }
    let labeller = args.labeller_samples.as_ref().map(|b| Labeller {
        samples: b.clone(),
        noise: args.synthetic.0.clone(),
        generations: args.generations,
        designs: match args.designs {
            DesignsArg::Independent => LabellerDesigns::Independent,
            DesignsArg::Shared => LabellerDesigns::Shared,
        },
    });
    Ok(ScalingModel {
        beta: args.beta.clone(),
        source: args.source.clone(),
        ridge: args.ell.clone().unwrap_or_default(),
        noise: args.noise.0.clone(),
        labeller,
        dimension: args.dimension.clone(),
    })
}

fn axes(map: &MapArg, model: &ScalingModel) -> Result<[MapAxis; 2], ScalingError> {
    let mut chosen = map.0.clone();
    if chosen.is_empty() {
        let vertical = if model.labeller.is_some() {
            Axis::SyntheticNoise
        } else {
            Axis::Noise
        };
        chosen = vec![(Axis::Ridge, None), (vertical, None)];
    }
    let whole = |n: i64| BigRational::from_integer(n.into());
    let sides: Vec<MapAxis> = chosen
        .into_iter()
        .map(|(axis, range)| {
            let (from, to) = range.unwrap_or_else(|| match axis {
                Axis::Ridge => (whole(0), &model.beta * BigRational::new(5.into(), 4.into())),
                Axis::SyntheticNoise => (whole(-1), whole(1)),
                Axis::LabellerSamples | Axis::Dimension => (whole(0), whole(2)),
                Axis::Noise => (whole(-2), whole(1)),
            });
            MapAxis { axis, from, to }
        })
        .collect();
    for side in &sides {
        let fits = match side.axis {
            Axis::Ridge => true,
            Axis::Noise => true,
            Axis::Dimension => !matches!(model.dimension, DimensionLaw::OfLabeller(_)),
            Axis::SyntheticNoise | Axis::LabellerSamples => model.labeller.is_some(),
        };
        if !fits {
            return Err(ScalingError::Usage(format!(
                "the map has the axis {}, but this setting has no {}",
                side.axis.name(),
                side.axis.meaning()
            )));
        }
    }
    <[MapAxis; 2]>::try_from(sides)
        .map_err(|_| ScalingError::Usage("a map has two axes, such as ell,a".to_owned()))
}

/// `3/8`, `0.375`, `-2`, `1.5e-1`.
fn rational(text: &str) -> Result<BigRational, String> {
    let text = text.trim();
    let wrong = || format!("\"{text}\" is not a number like 3/8, 0.375 or 2");
    if let Some((numerator, denominator)) = text.split_once('/') {
        let (numerator, denominator) = (rational(numerator)?, rational(denominator)?);
        if denominator.is_zero() {
            return Err(format!("\"{text}\" divides by zero"));
        }
        return Ok(numerator / denominator);
    }
    parse_decimal(text).ok_or_else(wrong)
}

fn positive(text: &str) -> Result<BigRational, String> {
    let x = rational(text)?;
    if x.is_positive() {
        Ok(x)
    } else {
        Err("must be positive".to_owned())
    }
}

fn nonnegative(text: &str) -> Result<BigRational, String> {
    let x = rational(text)?;
    if x.is_negative() {
        Err("must not be negative".to_owned())
    } else {
        Ok(x)
    }
}

fn ridge(text: &str) -> Result<Ridge, String> {
    match text {
        "ridgeless" | "inf" => Ok(Ridge::Ridgeless),
        _ => nonnegative(text).map(Ridge::Exponent),
    }
}

/// `T^e`, with `e` bare or in parentheses.
fn power_of_t(text: &str) -> Option<Result<BigRational, String>> {
    let text = text.trim();
    if text == "T" {
        return Some(Ok(BigRational::one()));
    }
    let exponent = text.strip_prefix("T^")?;
    let inner = exponent
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    Some(rational(inner.unwrap_or(exponent)))
}

fn power_or_none(text: &str) -> Result<Power, String> {
    if let Some(power) = power_of_t(text) {
        return Ok(Power(Some(power?)));
    }
    match text {
        "none" | "0" => Ok(Power(None)),
        "1" => Ok(Power(Some(BigRational::zero()))),
        _ => Err(
            "give none, 1 for a constant, or a power T^e (a constant changes no power)".to_owned(),
        ),
    }
}

fn exponent_or_none(text: &str) -> Result<Power, String> {
    if text == "none" {
        return Ok(Power(None));
    }
    let exponent = power_of_t(text).unwrap_or_else(|| rational(text))?;
    Ok(Power(Some(exponent)))
}

fn dimension(text: &str) -> Result<DimensionLaw, String> {
    if text == "inf" {
        return Ok(DimensionLaw::Infinite);
    }
    if let Some(power) = power_of_t(text) {
        let power = power?;
        return if power.is_positive() {
            Ok(DimensionLaw::Power(power))
        } else {
            Err("d must grow: a positive power of T".to_owned())
        };
    }
    let share = text
        .strip_suffix("*T0")
        .ok_or_else(|| "give inf, a power T^p, or a share like 1/2*T0".to_owned())?;
    let share = positive(share)?;
    if share.is_one() {
        return Err("at d = T0 the labeller's variance is infinite".to_owned());
    }
    Ok(DimensionLaw::OfLabeller(share))
}

fn map_axes(text: &str) -> Result<MapArg, String> {
    if text.is_empty() {
        return Ok(MapArg(Vec::new()));
    }
    let axes = text.split(',').map(|part| {
        let (name, range) = match part.split_once('=') {
            Some((name, range)) => (name, Some(range)),
            None => (part, None),
        };
        let axis = Axis::ALL
            .into_iter()
            .find(|axis| axis.name() == name.trim());
        let axis = axis.ok_or_else(|| format!("no axis \"{name}\": there are ell, a, b, p, e"))?;
        let range = match range {
            None => None,
            Some(range) => {
                let (from, to) = range
                    .split_once("..")
                    .ok_or_else(|| format!("\"{range}\" is not a range like -1..1"))?;
                let (from, to) = (rational(from)?, rational(to)?);
                if from >= to {
                    return Err(format!("the range {range} is empty"));
                }
                Some((from, to))
            }
        };
        Ok((axis, range))
    });
    let axes: Vec<_> = axes.collect::<Result<_, String>>()?;
    match axes.as_slice() {
        [(first, _), (second, _)] if first != second => Ok(MapArg(axes)),
        _ => Err("a map has two different axes, such as ell,a".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        let fraction = |n: i64, d: i64| Ok(BigRational::new(n.into(), d.into()));
        assert_eq!(rational("3/8"), fraction(3, 8));
        assert_eq!(rational("0.375"), fraction(3, 8));
        assert_eq!(rational("-.5"), fraction(-1, 2));
        assert_eq!(rational("1.5e-1"), fraction(3, 20));
        assert_eq!(rational("0.5/2"), fraction(1, 4));
        for wrong in ["", "x", "1/0", "--1", "1..2", "e5", "."] {
            assert!(rational(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn settings_are_read_as_written() {
        let half = BigRational::new(1.into(), 2.into());
        assert_eq!(dimension("T^(1/2)"), Ok(DimensionLaw::Power(half.clone())));
        assert_eq!(
            dimension("1/2*T0"),
            Ok(DimensionLaw::OfLabeller(half.clone()))
        );
        assert_eq!(dimension("inf"), Ok(DimensionLaw::Infinite));
        assert!(dimension("1*T0").is_err());
        assert!(dimension("300").is_err());
        assert_eq!(power_or_none("T^-0.5"), Ok(Power(Some(-half))));
        assert_eq!(power_or_none("0"), Ok(Power(None)));
        assert!(power_or_none("2").is_err());
        assert!(map_axes("ell,ell").is_err());
        assert!(map_axes("ell").is_err());
        assert!(map_axes("ell=0..2,a=-1..1").is_ok());
    }
}
