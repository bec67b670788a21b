//! Listing checks without touching anything.

use std::io::{self, BufWriter, Write};

use libtest_mimic::{Arguments, FormatSetting, Trial};
use serde::Serialize;

use crate::engine::plan::Plan;
use crate::suite::{Check, Name, Suite};

/// One check as lists show it.
#[derive(Debug, Clone, Serialize)]
pub struct Listing {
    /// Its name.
    pub name: &'static str,
    /// Its claim.
    pub claim: &'static str,
    /// The clauses that ask for it.
    pub clauses: &'static [&'static str],
    /// What it cannot do without.
    pub needs: Vec<&'static str>,
    /// The stage that it asks for.
    pub stage: Option<&'static str>,
    /// Its deadline, such as "1m".
    pub within: String,
}

/// The checks that libtest's filters let through, by name.
pub fn listing<S: Suite>(checks: &'static [Check<S>], filters: &Arguments) -> Vec<Listing> {
    Plan::of(checks).selected(filters).into_iter().map(one).collect()
}

fn one<S: Suite>(check: &'static Check<S>) -> Listing {
    Listing {
        name: check.name(),
        claim: check.claim,
        clauses: check.covers,
        needs: check.needs.iter().map(|need| need.name()).collect(),
        stage: check.stage.map(Name::name),
        within: humantime::format_duration(check.within).to_string(),
    }
}

/// Prints the list as libtest does; as JSON, with the claims.
pub(crate) fn print<S: Suite>(checks: &'static [Check<S>], args: &Arguments) {
    if args.format == Some(FormatSetting::Json) {
        // A reader that closes the pipe has seen enough.
        let _ = print_json(&listing(checks, args));
        return;
    }
    let trials = Plan::of(checks).by_name().map(|check| Trial::test(check.name(), || Ok(()))).collect();
    let _ = libtest_mimic::run(args, trials);
}

/// The events of libtest's `--list --format json`, each test's with the fields of [`Listing`] beside its own.
fn print_json(listings: &[Listing]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Discovered<'a> {
        r#type: &'static str,
        event: &'static str,
        #[serde(flatten)]
        listing: &'a Listing,
    }
    let mut out = BufWriter::new(io::stdout().lock());
    writeln!(out, r#"{{ "type": "suite", "event": "discovery" }}"#)?;
    for listing in listings {
        serde_json::to_writer(&mut out, &Discovered { r#type: "test", event: "discovered", listing })?;
        writeln!(out)?;
    }
    writeln!(out, r#"{{ "type": "suite", "event": "completed", "tests": {} }}"#, listings.len())?;
    out.flush()
}
