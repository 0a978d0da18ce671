//! `resolvent spectrum`: eigenvalues, target and power laws of data.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use super::experiment::Failure;
use super::output::write;
use crate::data::{self, DataError, Estimate, Kernel, Matrix, Settings};
use crate::plot::Theme;

/// Estimate a spectrum from data: eigenvalues, target coefficients, the powers they follow, as a file for `predict`
///
/// DATA has one row for each sample. Its eigenvalues are those of X'X/N, or of a kernel matrix over N. A sample spreads
/// them: large ones come out too large, small ones too small. That is undone by drawing samples of the same size with
/// Gaussian features from a spectrum until their mean is what was seen; the intervals come from the same draws. Eigenvalues
/// whose index is near the number of rows stand for all that follow: their sum is right, each by itself is not.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  The spectrum of features, and the power it follows
      resolvent spectrum features.npy

  With labels in a column, a picture, and a file for `predict`
      resolvent spectrum data.csv --target y --output data.toml --picture data.svg

  Of a kernel; labels in a file of their own
      resolvent spectrum images.npy --labels labels.npy --kernel laplace --output images.toml

  Then, in an experiment file beside it
      [setting]
      spectrum = { kind = \"file\", path = \"images.toml\" }
      target   = { kind = \"file\", path = \"images.toml\" }

What is not corrected: labels along neighbouring eigenvectors mix, so single coefficients are blurred; the noise level
includes what the sample cannot resolve; features that are not Gaussian scatter otherwise than the intervals assume.")]
pub struct SpectrumArgs {
    /// CSV (a first line of names is allowed), .tsv or .npy
    pub data: PathBuf,
    #[arg(long, value_enum, default_value = "linear")]
    pub kernel: KernelName,
    /// Of the kernel; by default as the data's scale suggests
    #[arg(long)]
    pub gamma: Option<f64>,
    /// Of the polynomial kernel (gamma x.x' + offset)^degree
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub degree: u32,
    /// Of the polynomial kernel
    #[arg(long, default_value_t = 1.0)]
    pub offset: f64,
    /// The column of DATA that holds the labels: its name, its number from 1, or `last`
    #[arg(long, value_name = "COLUMN", conflicts_with = "labels")]
    pub target: Option<String>,
    /// A file of labels, one for each row
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Subtract the mean of every feature
    #[arg(long)]
    pub center: bool,
    /// The rows are all there is, and samples are drawn from them: correct nothing
    #[arg(long)]
    pub population: bool,
    /// Fit the power law between these indices
    #[arg(long, value_name = "FROM..TO", value_parser = window)]
    pub window: Option<(usize, usize)>,
    /// Samples drawn for the correction and the intervals
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(10..=10_000))]
    pub draws: u32,
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Write the spectrum there (TOML)
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Draw the fit there (.svg or .png)
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// Colours of the picture
    #[arg(long, value_enum, default_value = "light")]
    pub theme: Theme,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum KernelName {
    /// The features as they are
    Linear,
    /// exp(-gamma |x-x'|^2)
    Rbf,
    /// exp(-gamma |x-x'|)
    Laplace,
    /// (gamma x.x' + offset)^degree
    Polynomial,
}

fn window(text: &str) -> Result<(usize, usize), String> {
    let parse = || {
        let (from, to) = text.split_once("..")?;
        let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        (from >= 1 && to > from).then_some((from, to))
    };
    parse().ok_or_else(|| "two indices such as 5..100".to_owned())
}

/// Runs the command.
pub fn run(args: &SpectrumArgs) -> ExitCode {
    match spectrum(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show();
            ExitCode::from(2)
        }
    }
}

fn spectrum(args: &SpectrumArgs) -> Result<(), Failure> {
    let (data, labels) = read(args).map_err(Failure::new)?;
    let kernel = match args.kernel {
        KernelName::Linear => Kernel::Linear,
        KernelName::Rbf => Kernel::Rbf { gamma: args.gamma },
        KernelName::Laplace => Kernel::Laplace { gamma: args.gamma },
        KernelName::Polynomial => Kernel::Polynomial {
            degree: args.degree,
            gamma: args.gamma,
            offset: args.offset,
        },
    };
    let settings = Settings {
        kernel,
        population: args.population,
        window: args.window,
        draws: args.draws as usize,
        seed: args.seed,
    };
    let found = data::estimate(&data, labels.as_deref(), &settings).map_err(Failure::new)?;
    let name = args.data.file_name().unwrap_or_default().to_string_lossy();
    if let Some(path) = &args.output {
        let text = data::spectrum_file::write(&found, &name);
        write(Some(path), &text).map_err(Failure::Message)?;
    }
    if let Some(path) = &args.picture {
        let title = format!(
            "{name}: {} kernel, {} rows",
            found.kernel.name(),
            found.rows
        );
        let chart = data::picture::chart(&found, &title);
        super::plot::save(&chart.draw(args.theme).map_err(Failure::new)?, path, 3.0)?;
    }
    write(None, &summary(&found)).map_err(Failure::Message)
}

fn read(args: &SpectrumArgs) -> Result<(Matrix, Option<Vec<f64>>), DataError> {
    let mut data = Matrix::read(&args.data)?;
    let labels = match (&args.target, &args.labels) {
        (Some(column), _) => Some(data.take_column(&args.data, column)?),
        (None, Some(path)) => Some(column(path)?),
        (None, None) => None,
    };
    if args.center {
        data.centre();
    }
    Ok((data, labels))
}

/// A file that is one column, or one row.
fn column(path: &Path) -> Result<Vec<f64>, DataError> {
    let labels = Matrix::read(path)?;
    if labels.cols == 1 || labels.rows == 1 {
        return Ok(labels.values);
    }
    Err(DataError::Column {
        path: path.display().to_string(),
        wanted: "labels".to_owned(),
        help: format!("labels are one column, and this file has {}", labels.cols),
    })
}

fn summary(found: &Estimate) -> String {
    let (first, last) = found.window;
    let beta = &found.beta;
    let mut text = format!(
        "{} rows, {} features, {} kernel: {} eigenvalues",
        found.rows,
        found.features,
        found.kernel.name(),
        found.eigenvalues.len()
    );
    if found.dropped > 0 {
        text.push_str(&format!(", {} more are zero up to rounding", found.dropped));
    }
    text.push_str(&format!(
        "\nlargest {:.6}, smallest {:.3e}, sum {:.6}\n",
        found.eigenvalues[0],
        found.eigenvalues[found.eigenvalues.len() - 1],
        found.eigenvalues.iter().sum::<f64>()
    ));
    text.push_str(&format!(
        "s_j ~ j^-beta, {first} <= j <= {last}: beta = {:.4}",
        beta.value
    ));
    if beta.high > beta.low {
        text.push_str(&format!(", 95 % from {:.4} to {:.4}", beta.low, beta.high));
    }
    text.push_str(&format!(
        "; over thirds of the window from {:.3} to {:.3}\n",
        beta.local.0, beta.local.1
    ));
    if let Some(target) = &found.target {
        text.push_str(&format!(
            "target: {:.1} % of the labels' power explained, noise {:.4}\n",
            100.0 * target.explained,
            target.noise
        ));
        match &target.source {
            Some((r, _)) => text.push_str(&format!(
                "c_j^2 s_j ~ j^-(1 + 2 beta r): r = {:.4}, 95 % from {:.4} to {:.4}\n",
                r.value, r.low, r.high
            )),
            None => text
                .push_str("no source exponent: too little of the target rises above the noise\n"),
        }
    }
    text
}
