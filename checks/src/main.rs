//! The program `reinstall`: the suite and the reinstaller, for people without a toolchain.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| std::env::home_dir().map(|home| home.join(".local/state")));
    checks::commands::main(state.unwrap_or_else(std::env::temp_dir).join("buildkit-reinstall/runs"))
}
