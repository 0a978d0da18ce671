//! What `resolvent simulate` is told.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use crate::cli::experiment::Failure;
use crate::experiment::Simulate;
use crate::report::rows::RowFormat;
use crate::simulate::{Shard, StoppingRule};

/// Run an experiment by Monte Carlo, and print the prediction beside it with error bars and z-scores
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  Beside the prediction, with z-scores
      resolvent simulate experiment.toml

  To a file; a run that was killed goes on where it was
      resolvent simulate experiment.toml --output results.csv

  In two parts, on two machines
      resolvent simulate experiment.toml --shard 1/2 --output part-1.csv
      resolvent simulate experiment.toml --shard 2/2 --output part-2.csv
      resolvent merge part-1.csv part-2.csv --output whole.csv

`resolvent predict --help` shows experiment files. Under [simulate] stand replicates and seed. What is written in formulas
is drawn row by row; designs without rows are left out of it.")]
pub struct SimulateArgs {
    /// Experiment file (TOML)
    pub file: PathBuf,
    /// Of standard output, or of the output file: csv or jsonl, by default as its name ends
    #[arg(long, value_enum)]
    pub format: Option<RowFormat>,
    /// Append rows there as they come, and the replicates to FILE.journal: a run that was killed goes on where it was
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Discard what the output file and its journal hold
    #[arg(long, requires = "output")]
    pub fresh: bool,
    /// Run one part of the sweep, as 3/8; `resolvent merge` joins the parts
    #[arg(long, value_name = "I/K", default_value = "1/1")]
    pub shard: ShardArgument,
    /// Instead of the file's
    #[arg(long)]
    pub replicates: Option<u64>,
    /// Instead of the file's
    #[arg(long)]
    pub seed: Option<u64>,
    /// By default as many as there are processors; the results do not depend on it
    #[arg(long)]
    pub threads: Option<NonZeroUsize>,
    /// Most memory that the matrices of all threads together may take, in GiB; threads wait where it is scarce
    #[arg(long, value_name = "GIB", default_value_t = 2.0)]
    pub memory: f64,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// `I/K`, with `1 ≤ I ≤ K`.
#[derive(Clone, Copy, Debug)]
pub struct ShardArgument(Shard);

impl ShardArgument {
    pub(in crate::cli) fn shard(self) -> Shard {
        self.0
    }
}

impl FromStr for ShardArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (index, count) = text.split_once('/')?;
            let index: usize = index.parse().ok()?;
            Shard::new(index.checked_sub(1)?, count.parse().ok()?)
        };
        parse()
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not a part such as 1/4, 2/4, 3/4 or 4/4"))
    }
}

impl SimulateArgs {
    /// What the command line says instead of the file.
    pub(in crate::cli) fn override_settings(&self, settings: &mut Simulate) -> Result<(), Failure> {
        if let Some(seed) = self.seed {
            settings.seed = seed;
        }
        if let Some(replicates) = self.replicates {
            if replicates == 0 {
                return Err(Failure::new(
                    "no replicates would simulate nothing: --replicates 1 or more",
                ));
            }
            settings.rule = StoppingRule::fixed(replicates);
        }
        Ok(())
    }
}
