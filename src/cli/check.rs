//! `resolvent check`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::exit;
use super::output::{fail, tell, write};
use crate::check::baseline::Baseline;
use crate::check::cache::Cache;
use crate::check::witnesses;
use crate::check::{
    Effort, Options, Outcome, check, explain_outcome, find, in_pool, write_certificates,
};
use crate::decide::verdict::Verdict;
use crate::mutate::{correct, fixed};
use crate::report;
use crate::report::format::{Format, Text, by_name};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    Text,
    /// As schema/check.schema.json describes it
    Json,
    /// JUnit XML, a suite a file
    Junit,
    /// SARIF 2.1.0 for code scanning: what is not as expected, with stable fingerprints
    Sarif,
    /// For the summary of a pull request
    Markdown,
    /// Annotations of GitHub Actions (workflow commands)
    Github,
    /// One page that needs nothing else
    Html,
}

impl ReportFormat {
    fn format(self, verbose: bool) -> Box<dyn Format> {
        let text = || Box::new(Text { verbose }) as Box<dyn Format>;
        self.to_possible_value()
            .and_then(|value| by_name(value.get_name()))
            .unwrap_or_else(text)
    }
}

/// Decide every claim of derivation files
#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 every claim is as expected; 1 some claim is not; 2 a usage or file error.
With --baseline: 0 nothing is worse than the baseline says; 1 something is.

Examples:
  resolvent check                                   everything below derivations/
  resolvent check my-theorem.toml --effort thorough
  resolvent check --format html --output report.html
  resolvent check --filter 'cor-4.4*' --format json | jq '.claims[].verdict'")]
pub struct CheckArgs {
    /// Derivation files, or folders searched for *.toml
    #[arg(default_value = "derivations", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: ReportFormat,
    /// Write the report here instead of to standard output (only once it is complete)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The same seed, inputs and version give the same report, whatever the number of threads
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many points and replicates to spend on each claim
    #[arg(long, value_enum, default_value = "normal")]
    effort: Effort,
    /// Budget of work for each claim, in units of about a second's plain arithmetic; by default as the effort allows
    /// (quick 3, normal 8, thorough 600). Counted, not timed: the same everywhere
    #[arg(long, value_name = "UNITS")]
    work: Option<f64>,
    /// Only claims whose id matches; * and ? stand for any characters and for one
    #[arg(long, value_name = "ID-GLOB")]
    filter: Option<String>,
    /// Worker threads; 0 for as many as there are cores
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Look for what holds instead of every refuted claim, also of those that are known to be false
    #[arg(long)]
    correct: bool,
    /// Write it beside the claim, which is then expected to be refuted and names it under `instead`
    #[arg(long)]
    fix: bool,
    /// Keep the witnesses of refuted claims beside their file, theorem.toml's in theorem.witnesses.json: exact points, at
    /// which a claim is looked at first from then on
    #[arg(long)]
    keep_witnesses: bool,
    /// Fail only where a claim fails that the baseline does not know as failing, or a verdict is weaker than it was
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the verdicts of this run there, as a baseline for later ones
    #[arg(long, value_name = "FILE", conflicts_with = "filter")]
    write_baseline: Option<PathBuf>,
    /// Write a Rocq (Coq) file for each claim proved by algebra into this folder, and the library they rest on. The report
    /// says of every other claim that is proved or certified why it has none
    #[arg(long, value_name = "DIR")]
    certificates: Option<PathBuf>,
    /// Say how this claim was decided, in the mathematics a reader would write
    #[arg(long, value_name = "ID", conflicts_with = "filter")]
    explain: Option<String>,
    /// Decide every claim anew, and keep nothing. Otherwise verdicts are kept in the user's cache folder, or in
    /// RESOLVENT_CACHE_DIR, by the content of the claim and of all that it depends on
    #[arg(long)]
    no_cache: bool,
    /// Time each claim (otherwise `seconds` is 0, and reports are the same byte for byte)
    #[arg(long)]
    timings: bool,
    /// Show the details of every claim, not only of those that were refuted or are not as expected
    #[arg(long, short)]
    verbose: bool,
}

/// Runs the command.
pub fn run(args: &CheckArgs) -> ExitCode {
    match check_and_report(args) {
        Ok(status) => exit::code(status),
        Err(message) => fail(&message),
    }
}

fn check_and_report(args: &CheckArgs) -> Result<u8, String> {
    let baseline = (args.baseline.as_deref()).map(Baseline::read).transpose()?;
    let found = find(&args.paths)?;
    for note in &found.notes {
        tell(&format!("note: {note}"));
    }
    if found.files.is_empty() {
        return Err(format!(
            "no derivation files (*.toml) below {}",
            list(&args.paths)
        ));
    }
    let bar = progress("claims");
    let outcome = check(&found.files, &args.options(), &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let mut outcome = outcome;
    add_corrections(args, &mut outcome);
    if args.fix {
        write_corrections(&outcome)?;
    }
    if args.keep_witnesses {
        for (path, text) in witnesses::kept_with(&outcome)? {
            write(Some(&path), &text).map_err(|e| format!("cannot write the witnesses: {e}"))?;
        }
    }
    report::diagnostic::write_to_stderr(&outcome.diagnostics)
        .map_err(|error| format!("cannot write diagnostics: {error}"))?;
    if outcome.report.claims.is_empty() {
        return Err(match args.explain.as_ref().or(args.filter.as_ref()) {
            Some(filter) => format!("no claim's id matches {filter}"),
            None => format!("no claims in {}", list(&args.paths)),
        });
    }
    if let Some(folder) = &args.certificates {
        write_certificates(&mut outcome, folder)?;
    }
    let text = match args.format {
        ReportFormat::Text if args.explain.is_some() => Ok(explain_outcome(&outcome)),
        ReportFormat::Html => {
            let claims: Vec<_> = outcome.claims.iter().flatten().cloned().collect();
            report::html(&outcome.report, &claims).map_err(|error| error.to_string())
        }
        format => (format.format(args.verbose))
            .render(&outcome.report, &outcome.diagnostics)
            .map_err(|error| error.to_string()),
    }?;
    write(args.output.as_deref(), &text).map_err(|e| format!("cannot write the report: {e}"))?;
    if let Some(path) = &args.write_baseline {
        write(Some(path), &Baseline::of(&outcome.report).write())
            .map_err(|e| format!("cannot write the baseline: {e}"))?;
    }
    Ok(match baseline {
        Some(baseline) => {
            let regressions = baseline.regressions(&outcome.report);
            for regression in &regressions {
                tell(&format!("worse than the baseline: {regression}"));
            }
            if regressions.is_empty() {
                exit::AS_EXPECTED
            } else {
                exit::NOT_AS_EXPECTED
            }
        }
        None if !outcome.diagnostics.is_empty() => exit::FAULT,
        None if outcome.report.summary.unexpected > 0 => exit::NOT_AS_EXPECTED,
        None => exit::AS_EXPECTED,
    })
}

/// Looks for what holds instead of refuted claims: where nobody knew it, or where it is asked for.
fn add_corrections(args: &CheckArgs, outcome: &mut Outcome) {
    let options = args.options();
    let rows = &mut outcome.report.claims;
    let claims = &outcome.claims;
    in_pool(args.threads, || {
        rows.par_iter_mut().zip(claims).for_each(|(row, claim)| {
            let Some(claim) = claim else { return };
            let wanted = args.correct || args.fix || !row.as_expected || claim.instead.is_none();
            if row.verdict == Verdict::Refuted && wanted {
                let found = correct(claim, &options);
                row.correction = found.correction;
                // what was found for the whole domain comes before what was tried
                row.holds_where = row.holds_where.take().or(found.holds_where);
            }
        });
    });
}

/// Writes what was found beside the claims it corrects.
fn write_corrections(outcome: &Outcome) -> Result<(), String> {
    for (row, claim) in outcome.report.claims.iter().zip(&outcome.claims) {
        let Some(claim) = claim.as_ref().filter(|claim| claim.instead.is_none()) else {
            continue;
        };
        let turned = (row.correction.as_ref()).is_some_and(|c| c.says == claim.says.to_string());
        let says = match (&row.correction, &row.holds_where) {
            _ if turned => {
                tell(&format!(
                    "{}: an assumption of {} is better turned round by hand",
                    claim.file.display(),
                    claim.id
                ));
                continue;
            }
            (Some(correction), _) => &correction.says,
            (None, Some(_)) => &claim.says_text,
            (None, None) => continue,
        };
        let condition = row
            .holds_where
            .as_deref()
            .filter(|_| row.correction.is_none());
        let about = |error: std::io::Error| format!("{}: {error}", claim.file.display());
        // Another correction may have been written to the file already.
        let text = std::fs::read_to_string(&claim.file).map_err(about)?;
        match fixed(&text, &claim.id, says, condition) {
            Some(text) => {
                report::write_whole(&claim.file, &text).map_err(about)?;
                tell(&format!("{}: {} corrected", claim.file.display(), claim.id));
            }
            None => tell(&format!(
                "{}:{}: {} is better corrected by hand: {says}",
                claim.file.display(),
                claim.line,
                claim.id
            )),
        }
    }
    Ok(())
}

impl CheckArgs {
    fn options(&self) -> Options {
        Options {
            seed: self.seed,
            effort: self.effort,
            work: self.work.map(units),
            filter: self.explain.clone().or_else(|| self.filter.clone()),
            threads: self.threads,
            cache: if self.no_cache {
                None
            } else {
                Cache::standard()
            },
            timings: self.timings,
        }
    }
}

/// What `--work` says, in units of the budget.
pub(super) fn units(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1e9) as u64
}

/// A bar on standard error, where someone looks at it.
pub(super) fn progress(what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let template = format!("{{wide_bar}} {{pos}}/{{len}} {what}  {{elapsed}}");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}

fn list(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|p| p.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
