//! `resolvent new`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::output::{fail, tell, write};

/// Write a commented file to start from: a derivation, an experiment, a table
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  resolvent new derivations/my-theorem.toml      then: resolvent check derivations
  resolvent new --kind experiment sweep.toml     then: resolvent simulate sweep.toml
  resolvent new --kind table kappa.toml          then: resolvent table kappa.toml")]
pub struct NewArgs {
    /// Where to write; nothing is overwritten
    pub file: PathBuf,
    #[arg(long, value_enum, default_value = "derivation")]
    pub kind: Kind,
}

/// What the file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// Claims to be checked
    Derivation,
    /// A sweep to predict and simulate
    Experiment,
    /// A reference table
    Table,
}

impl Kind {
    /// The file's text.
    pub fn template(self) -> &'static str {
        match self {
            Kind::Derivation => include_str!("new/derivation.toml"),
            Kind::Experiment => include_str!("new/experiment.toml"),
            Kind::Table => include_str!("new/table.toml"),
        }
    }

    fn next(self, path: &Path) -> String {
        let path = path.display();
        match self {
            Kind::Derivation => format!("resolvent check {path}"),
            Kind::Experiment => format!("resolvent predict {path}"),
            Kind::Table => format!("resolvent table {path}"),
        }
    }
}

/// Runs the command.
pub fn run(args: &NewArgs) -> ExitCode {
    let path = &args.file;
    if path.exists() {
        return fail(&format!("{} exists, and is left as it is", path.display()));
    }
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        && let Err(error) = std::fs::create_dir_all(folder)
    {
        return fail(&format!("{}: {error}", folder.display()));
    }
    match write(Some(path), args.kind.template()) {
        Ok(()) => {
            tell(&format!(
                "{} is written; now: {}",
                path.display(),
                args.kind.next(path)
            ));
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}
