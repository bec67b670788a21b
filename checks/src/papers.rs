//! Papers that a run hands out: each is written into the run's folder once, by whichever check asks for it first, and judged as it
//! lies there.

use std::io::Write;

use fixtures::guide::{self, Guide, troubleshooting};
use fixtures::install::Desired;
use harness::{Doing, Stop};

use crate::Cx;

/// Where the evidence of a run has them.
const PAPERS: &str = "papers";

/// The guide on what can be set.
pub(crate) const CONFIGURATION: &str = "configuration.md";
/// The guide on what keeps an installation sound.
pub(crate) const MAINTENANCE: &str = "maintenance.md";
/// The guide on the way through a reinstall.
pub(crate) const PROCEDURE: &str = "procedure.md";
/// The guide from what somebody sees to what mends it.
pub(crate) const TROUBLESHOOTING: &str = "troubleshooting.md";

/// The guides of a team that is asked at `contact`.
pub(crate) fn guides(contact: Option<&str>) -> Vec<Guide> {
    let with_contact = |mut guide: Guide| {
        if guide.file == TROUBLESHOOTING {
            guide.text = troubleshooting::guide(contact);
        }
        guide
    };
    guide::committed().into_iter().map(with_contact).collect()
}

impl Cx {
    /// The paper called `name`; it is `text` where nobody has written it yet.
    pub(crate) fn paper(&self, name: &str, text: impl FnOnce() -> String) -> Result<String, Stop> {
        let place = self.scope().beside(PAPERS);
        let folder = place.folder()?;
        let path = folder.join(name);
        if !path.exists() {
            let mut paper = tempfile::NamedTempFile::new_in(folder)?;
            paper.write_all(text().as_bytes())?;
            paper.persist(&path).doing("putting a paper into the run's folder")?;
        }
        let reading = format!("reading {}", path.display());
        std::fs::read_to_string(&path).doing(&reading)
    }

    /// The guide of this file name.
    pub(crate) fn guide(&self, file: &str) -> Result<String, Stop> {
        let contact = self.contact()?;
        let guide = guides(contact.as_deref()).into_iter().find(|guide| guide.file == file);
        let guide = guide.ok_or_else(|| Stop::Broken(format!("no guide is called {file}")))?;
        self.paper(file, || guide.text)
    }

    /// Whom the team asks, as `reinstall.toml` has it.
    pub(crate) fn contact(&self) -> Result<Option<String>, Stop> {
        Ok(Desired::here(self.profile()).doing("reading the desired state")?.team.contact)
    }
}
