//! The job array on a real scheduler, where one is installed.

use std::path::Path;
use std::process::Command;

/// What the script ends with where Slurm is not installed.
const SKIPPED: i32 = 77;

#[test]
fn killed_and_requeued_tasks_leave_the_same_bytes() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/slurm-test");
    let run = Command::new(script)
        .arg(env!("CARGO_BIN_EXE_resolvent"))
        .output()
        .unwrap();
    let (said, complaint) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    match run.status.code() {
        Some(0) => assert!(said.contains("same bytes"), "{said}"),
        Some(SKIPPED) => assert!(said.starts_with("skipped: there is no "), "{said}"),
        status => panic!("{status:?}\n{said}\n{complaint}"),
    }
}
