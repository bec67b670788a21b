//! What commands that act on an installation are asked with, and what they look at first.

use clap::{Args, ValueEnum};
use fixtures::install::Desired;
use fixtures::installation::Installation;
use fixtures::inventory::Inventory;
use fixtures::purge::{self, Policy};
use fixtures::transaction::{self, Refusal, Wish};

use super::trouble::Trouble;

/// Leave to change an installation.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Leave to change this installation: its name, as the plan prints it.
    #[arg(long, value_name = "NAME", env = "REINSTALL_CONSENT")]
    consent: Option<String>,
}

impl Consent {
    pub(crate) fn is_for(&self, name: &str) -> Result<(), Refusal> {
        if self.consent.as_deref() == Some(name) {
            return Ok(());
        }
        Err(Refusal::Consent { name: name.to_owned() })
    }
}

/// What becomes of that about which there is a choice.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// What becomes of builders whose engine does not answer.
    #[arg(long, value_name = "POLICY", default_value = "refuse")]
    unreachable: Unreachable,
    /// The profile of reinstall.toml that is installed.
    #[arg(long, value_name = "NAME", env = "REINSTALL_PROFILE")]
    profile: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unreachable {
    /// There is no plan until the engine answers.
    Refuse,
    /// They stay as they are.
    Keep,
    /// Their definitions go, which the restore point keeps.
    Forget,
}

impl Choices {
    /// What is wanted, by `reinstall.toml` and by these.
    pub(crate) fn wish(&self) -> Result<Wish, Trouble> {
        let unreachable = match self.unreachable {
            Unreachable::Refuse => purge::Unreachable::Refuse,
            Unreachable::Keep => purge::Unreachable::Keep,
            Unreachable::Forget => purge::Unreachable::Forget,
        };
        Ok(Wish {
            desired: Desired::here(self.profile.as_deref())?,
            policy: Policy { unreachable, contexts: Vec::new() },
        })
    }

    /// How to ask for the same again.
    pub(crate) fn words(&self) -> String {
        let profile = self.profile.iter().map(|name| format!(" --profile {name}"));
        let unreachable = match self.unreachable {
            Unreachable::Refuse => String::new(),
            other => format!(" --unreachable {}", format!("{other:?}").to_lowercase()),
        };
        profile.chain([unreachable]).collect()
    }
}

/// The inventory of an installation that may be touched.
pub(crate) async fn look(installation: &Installation) -> Result<Inventory, Refusal> {
    transaction::admit(installation).await?;
    Ok(transaction::inventory(installation).await)
}
