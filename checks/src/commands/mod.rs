//! The program `reinstall`: a file per command, and what they share.

mod asked;
mod backup;
mod checked;
mod docs;
mod emergency;
mod ended;
mod inventory;
mod page;
mod plan;
mod progress;
mod report;
mod restore_points;
mod resume;
mod rollback;
mod run;
mod spec;
mod trouble;
mod watch;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use harness::Exit;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli;
use trouble::Trouble;

/// Judges an installation of BuildKit, and reinstalls it without losing anything.
#[derive(Debug, Parser)]
#[command(name = "reinstall", disable_help_subcommand = true, max_term_width = 80)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge the installation, or a whole reinstall in a lab. The default; `check --help` lists its flags.
    #[command(disable_help_flag = true)]
    Check {
        /// libtest's flags, and the suite's own.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
    /// Show all of BuildKit's state; changes nothing.
    Inventory(inventory::Args),
    /// Show what a reinstall would remove, keep and create; changes nothing.
    Plan(plan::Args),
    /// Reinstall as agreed to, or take everything back.
    Run(run::Args),
    /// Make a restore point, and prove it by restoring it into scratch space.
    Backup(backup::Args),
    /// List, describe or remove restore points.
    RestorePoints(restore_points::Args),
    /// Undo a run that was cut short, or go back to a restore point.
    Rollback(rollback::Args),
    /// Go on with a run that was cut short.
    Resume(resume::Args),
    /// When nothing builds: find out what helps at once, and do it.
    Emergency(emergency::Args),
    /// Add a look to the log of the installation and say what to change; or judge the last reinstall.
    Watch(watch::Args),
    /// Compare the guides with what the program knows, or write them.
    Docs(docs::Args),
    /// Show which checks answer to which clause.
    Spec,
    /// Render the reports of a run of checks anew.
    Report(report::Args),
}

/// The whole program. `runs` is the folder that keeps the runs of checks.
pub fn main(runs: PathBuf) -> ExitCode {
    // A lab's own processes are this program too.
    if let Some(code) = fixtures::lab::run_if_asked() {
        return code;
    }
    match harness::args::parse_from::<Program>(with_command(std::env::args_os().collect())) {
        Ok(program) => program.command.run(runs),
        Err(exit) => exit.into(),
    }
}

/// The names of all commands.
pub(crate) fn names() -> Vec<String> {
    Program::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// `reinstall --target lab` means `reinstall check --target lab`.
fn with_command(mut words: Vec<OsString>) -> Vec<OsString> {
    let is_flag_of_check = |word: &OsString| {
        word.as_encoded_bytes().starts_with(b"-") && !["-h", "--help"].iter().any(|help| word == help)
    };
    if words.get(1).is_none_or(is_flag_of_check) {
        words.insert(1.min(words.len()), "check".into());
    }
    words
}

impl Command {
    fn run(self, runs: PathBuf) -> ExitCode {
        let done = match self {
            Self::Check { words } => return check(words, runs),
            Self::Inventory(args) => finish(inventory::inventory(args)),
            Self::Plan(args) => finish(plan::plan(args)),
            Self::Run(args) => finish(run::run(args)),
            Self::Backup(args) => finish(backup::backup(args)),
            Self::RestorePoints(args) => restore_points::restore_points(args),
            Self::Rollback(args) => finish(rollback::rollback(args)),
            Self::Resume(args) => finish(resume::resume(args)),
            Self::Emergency(args) => finish(emergency::emergency(args)),
            Self::Watch(args) => finish(watch::watch(args)),
            Self::Docs(args) => docs::docs(&args, Path::new("docs")),
            Self::Spec => spec::spec(),
            Self::Report(args) => report::report(&args, &runs),
        };
        done.unwrap_or_else(|trouble| trouble.tell()).into()
    }
}

fn check(words: Vec<OsString>, runs: PathBuf) -> ExitCode {
    let words = std::iter::once(OsString::from("reinstall check")).chain(words);
    match harness::args::parse_from(words) {
        Ok(cli) => cli::judge(cli, runs),
        Err(exit) => exit.into(),
    }
}

/// Does a command's work. An interrupt ends it where it is, as a crash would: what was done is in the journal.
fn finish(work: impl Future<Output = Result<Exit, Trouble>>) -> Result<Exit, Trouble> {
    let runtime = tokio::runtime::Runtime::new()?;
    let done = runtime.block_on(async {
        let mut ended = signal(SignalKind::terminate())?;
        tokio::select! {
            done = work => done,
            _ = tokio::signal::ctrl_c() => Err(Trouble::interrupted()),
            _ = ended.recv() => Err(Trouble::interrupted()),
        }
    });
    // Copying that goes on in a thread ends with the process.
    runtime.shutdown_background();
    done
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Trouble> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        with_command(line.split(' ').map(OsString::from).collect())
    }

    #[test]
    fn without_a_command_the_words_are_for_the_checks() {
        assert_eq!(words("reinstall"), ["reinstall", "check"]);
        assert_eq!(words("reinstall --exact a"), ["reinstall", "check", "--exact", "a"]);
        assert_eq!(words("reinstall plan --json"), ["reinstall", "plan", "--json"]);
        assert_eq!(words("reinstall --help"), ["reinstall", "--help"]);
    }

    #[test]
    fn the_flags_of_checks_reach_them_untouched() {
        let program = Program::try_parse_from(words("reinstall --list --format json some")).ok();
        let Some(Command::Check { words }) = program.map(|program| program.command) else {
            panic!("no check");
        };
        assert_eq!(words, ["--list", "--format", "json", "some"]);
    }

    #[test]
    fn every_command_is_described_rightly_to_clap() {
        use clap::CommandFactory;
        Program::command().debug_assert();
    }
}
