//! The test target `reinstall`: `cargo test --test reinstall`, and `cargo nextest run --test reinstall`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo gives each workspace's tests a folder of their own in the target folder.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("reinstall");
    checks::cli::main(target.join("runs"))
}
