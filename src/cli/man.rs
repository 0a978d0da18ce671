//! `resolvent man` and `resolvent completions`: what packagers and shells ask for.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output::{fail, write};
use crate::report::write_whole_bytes;

/// Write manual pages: one for the program, one for each command
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  resolvent man | man -l -                      the program's page
  resolvent man --output ~/.local/share/man/man1
                                                all pages; then: man resolvent-check")]
pub struct ManArgs {
    /// Folder for all pages; without it the program's page goes to standard output
    #[arg(long, short, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
}

/// Write a shell's completions to standard output
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  resolvent completions bash > ~/.local/share/bash-completion/completions/resolvent
  resolvent completions zsh  > ~/.zfunc/_resolvent
  resolvent completions fish > ~/.config/fish/completions/resolvent.fish")]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// Runs `resolvent completions`.
pub fn completions(args: &CompletionsArgs, mut program: clap::Command) -> ExitCode {
    let mut bytes = Vec::new();
    clap_complete::generate(args.shell, &mut program, "resolvent", &mut bytes);
    finish(write(None, &String::from_utf8_lossy(&bytes)))
}

/// Runs `resolvent man`.
pub fn run(args: &ManArgs, mut program: clap::Command) -> ExitCode {
    program.build();
    let Some(folder) = &args.output else {
        return match page(&program) {
            Ok(bytes) => finish(write(None, &String::from_utf8_lossy(&bytes))),
            Err(error) => fail(&error.to_string()),
        };
    };
    let pages = std::iter::once(("resolvent".to_owned(), &program)).chain(
        program
            .get_subcommands()
            .filter(|sub| sub.get_name() != "help")
            .map(|sub| (format!("resolvent-{}", sub.get_name()), sub)),
    );
    if let Err(error) = std::fs::create_dir_all(folder) {
        return fail(&format!("{}: {error}", folder.display()));
    }
    for (name, command) in pages {
        let path = folder.join(format!("{name}.1"));
        let written = page(command).and_then(|bytes| write_whole_bytes(&path, &bytes));
        if let Err(error) = written {
            return fail(&format!("{}: {error}", path.display()));
        }
    }
    ExitCode::SUCCESS
}

fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut bytes)?;
    Ok(bytes)
}

fn finish(written: Result<(), String>) -> ExitCode {
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}
