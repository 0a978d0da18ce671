use std::process::ExitCode;

fn main() -> ExitCode {
    resolvent::cli::run()
}
