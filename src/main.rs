use std::process::ExitCode;

/// A third of what a check does is short-lived numbers and small matrices.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    resolvent::cli::run()
}
