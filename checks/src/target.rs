//! Which installation is meant.

use std::fmt;
use std::str::FromStr;

use fixtures::installation::{Endpoint, Engine, EngineProblem, Installation};
use fixtures::lab::Lab;
use fixtures::lab::packages::Suite as Debian;

/// What the command line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The live installation where an engine answers, and a lab otherwise.
    Auto,
    /// The live installation.
    Live,
    /// A lab made from a Debian suite.
    Lab(Debian),
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word.split_once(':').unwrap_or((word, "trixie")) {
            ("auto", _) if word == "auto" => Ok(Self::Auto),
            ("live", _) if word == "live" => Ok(Self::Live),
            ("lab", suite) => suite.parse().map(Self::Lab).map_err(|error| format!("{error}")),
            _ => Err(String::from(
                "no such target: there are auto, live, lab, lab:trixie, lab:forky and lab:bookworm",
            )),
        }
    }
}

/// The installation under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Checks are only listed.
    Undecided,
    /// The user's own installation.
    Live,
    /// A lab made from a Debian suite.
    Lab(Debian),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undecided => f.write_str("undecided"),
            Self::Live => f.write_str("live"),
            Self::Lab(suite) => write!(f, "lab:{suite}"),
        }
    }
}

/// Chooses the installation, and says so on standard error where it chose by itself.
///
/// # Errors
/// One line, where an engine is named that this suite does not touch or something answers that is no engine.
pub fn decide(wanted: Wanted) -> Result<Target, String> {
    match wanted {
        // Whatever else is wrong with a live engine is for the first check to judge.
        Wanted::Live => {
            look_around(|problem| matches!(problem, EngineProblem::NotDocker(_))).map(|_| Target::Live)
        }
        Wanted::Lab(suite) => Ok(Target::Lab(suite)),
        // In a lab, an engine answers as well; the lab itself is meant.
        Wanted::Auto if Lab::is_here() => Ok(Target::Lab(Debian::Trixie)),
        Wanted::Auto => {
            if look_around(matters)? {
                return Ok(Target::Live);
            }
            eprintln!("reinstall: no engine answers here");
            Ok(Target::Lab(Debian::Trixie))
        }
    }
}

/// Whether an engine answers where this environment looks for one.
///
/// # Errors
/// One line, where an engine is named that this suite does not touch, or `refused` says so of why it does not answer.
fn look_around(refused: impl Fn(&EngineProblem) -> bool) -> Result<bool, String> {
    let installation = Installation::from_environment().map_err(|error| error.to_string())?;
    let named = named_endpoint(&installation)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let candidates = named.into_iter().chain([Endpoint::parse(fixtures::installation::DEFAULT_SOCKET)]);
    for endpoint in candidates {
        match runtime.block_on(Engine::connect(&endpoint)) {
            Ok(_) => return Ok(true),
            Err(error) if refused(&error.problem) => return Err(error.to_string()),
            Err(_) => {}
        }
    }
    Ok(false)
}

/// The endpoint that the environment or the selected context names, if it can be read.
///
/// # Errors
/// One line for an engine on another machine.
fn named_endpoint(installation: &Installation) -> Result<Option<Endpoint>, String> {
    let Ok(Some(context)) = installation.context() else { return Ok(None) };
    match context.endpoint {
        Endpoint::Tcp(_) | Endpoint::Ssh(_) => Err(format!(
            "the context {} leads to {}, an engine on another machine, which this suite does not touch: \
             choose another with `docker context use NAME`, or ask for `--target lab`",
            context.name, context.endpoint
        )),
        endpoint => Ok(Some(endpoint)),
    }
}

/// Whether a failed connection means that somebody is there whom we must not pass over.
fn matters(problem: &EngineProblem) -> bool {
    matches!(problem, EngineProblem::NotDocker(_) | EngineProblem::Forbidden | EngineProblem::Silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_is_trixie_unless_another_suite_is_named() {
        assert_eq!("lab".parse(), Ok(Wanted::Lab(Debian::Trixie)));
        assert_eq!("lab:forky".parse(), Ok(Wanted::Lab(Debian::Forky)));
    }

    #[test]
    fn an_unknown_target_or_suite_is_refused_with_what_there_is() {
        assert!("remote".parse::<Wanted>().unwrap_err().contains("lab:bookworm"));
        assert!("live:now".parse::<Wanted>().is_err());
        assert!("lab:sarge".parse::<Wanted>().unwrap_err().contains("sarge"));
    }
}
