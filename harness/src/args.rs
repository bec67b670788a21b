//! The command line that every suite has: libtest's, and what a run requires and reports.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use crate::exit::Exit;
use crate::report::human::say;
use crate::suite::{Name, Suite};

/// The part of the command line that the harness reads. Flattened into the suite's own.
#[derive(Debug, Clone, Default, Args)]
pub struct HarnessArgs {
    /// libtest's arguments.
    #[command(flatten)]
    pub libtest: libtest_mimic::Arguments,

    /// Fail where one of these needs is absent instead of skipping: `all`, or names.
    #[arg(long, value_name = "all|NEED,..", value_delimiter = ',', env = "REINSTALL_REQUIRE")]
    pub require: Vec<String>,

    /// Write the JUnit report to this file as well; a relative path begins where the program runs, which for `cargo
    /// test` is the package's folder.
    #[arg(long, value_name = "PATH", env = "REINSTALL_JUNIT")]
    pub junit: Option<PathBuf>,

    /// What the JUnit report may hold.
    #[arg(long, value_name = "strict|rich", env = "REINSTALL_JUNIT_DIALECT", default_value = "strict")]
    pub junit_dialect: Dialect,
}

/// What a JUnit report may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Dialect {
    /// Valid against Jenkins' junit-10.xsd.
    #[default]
    Strict,
    /// With the source file and line, and the properties, of each check.
    Rich,
}

/// Reads the command line.
///
/// # Errors
/// How the process should end at once: after help was asked for, or after one line that says what is wrong.
pub fn parse<Cli: Parser>() -> Result<Cli, Exit> {
    parse_from(std::env::args_os())
}

/// Reads a command line whose first word is the program.
///
/// # Errors
/// As [`parse`].
pub fn parse_from<Cli: Parser>(
    words: impl IntoIterator<Item = impl Into<std::ffi::OsString> + Clone>,
) -> Result<Cli, Exit> {
    // An empty variable means an absent one: that is how CI systems spell it.
    let command = Cli::command().mut_args(without_empty_variable);
    let parsed = command.try_get_matches_from(words).and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(|error| {
        if !error.use_stderr() {
            // Help; there is nobody to tell when it cannot be printed.
            let _ = error.print();
            return Exit::Passed;
        }
        complain(&one_line(&error.to_string()))
    })
}

/// Says in one line what is wrong with the usage.
pub fn complain(line: &str) -> Exit {
    say(&format!("error: {line}"));
    Exit::Usage
}

/// Looks for what is wrong with the arguments, as [`crate::run`] does: for a program that has to start something before it
/// can run.
///
/// # Errors
/// How the process should end at once, after one line that says what is wrong.
pub fn vet<S: Suite>(args: &HarnessArgs) -> Result<(), Exit> {
    Require::read::<S>(&args.require).map(|_| ()).map_err(|line| complain(&line))
}

fn without_empty_variable(arg: clap::Arg) -> clap::Arg {
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    if arg.get_env().is_some_and(is_empty) { arg.env(None) } else { arg }
}

/// The message and the tip of clap's several lines.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let said: Vec<&str> = lines
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("USAGE:"))
        // That tip is about values, and what was mistyped is most often a flag.
        .filter(|line| !line.starts_with("For more information") && !line.starts_with("tip: to pass"))
        .collect();
    format!("{} (see --help)", said.join("; ").trim_start_matches("error: "))
}

/// Which needs a run cannot skip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Require {
    All,
    Named(Vec<&'static str>),
}

impl Require {
    /// Reads the words of `--require`.
    ///
    /// # Errors
    /// One line that names an unknown need and the known ones.
    pub(crate) fn read<S: Suite>(words: &[String]) -> Result<Self, String> {
        let words = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
        let mut named = Vec::new();
        for word in words {
            if word == "all" {
                return Ok(Self::All);
            }
            named.push(S::Need::all().iter().map(|need| need.name()).find(|name| *name == word).ok_or_else(
                || {
                    let known: Vec<_> = S::Need::all().iter().map(|need| need.name()).collect();
                    format!("unknown need `{word}` in --require: known are all, {}", known.join(", "))
                },
            )?);
        }
        Ok(Self::Named(named))
    }

    pub(crate) fn wants(&self, need: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(&need),
        }
    }
}
