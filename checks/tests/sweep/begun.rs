//! A reinstall that was cut short when it had looked at what works, before its restore point.

use fixtures::install::Desired;
use fixtures::plan::journal::Journal;
use fixtures::progress::silent;
use fixtures::transaction::{self, Agreement, Aim, Milestone, Transaction, Wish};
use jiff::Timestamp;

use crate::swept::Swept;

/// Leaves one. Nothing is known to have worked before: looking takes longer than all the rest, and writes nothing that is swept.
pub(crate) async fn leave(swept: &Swept) {
    let installation = &swept.person.installation;
    let desired = Desired::read(&swept.person.folder().join("reinstall.toml"), None).unwrap();
    let wish = Wish { desired, ..Wish::default() };
    let now = transaction::inventory(installation).await;
    let agreed = Agreement::proposed(installation, &now, &wish).unwrap().digest();
    let (aim, held) =
        (Aim::Reinstall { agreed, policy: wish.policy }, swept.state().hold(&swept.name).unwrap());
    let begun = Transaction::begin(aim, &held, installation, silent()).unwrap();
    let mut journal = Journal::open(&begun.folder().join("milestones")).unwrap();
    journal.write(Milestone::Baselined { at: Timestamp::now() }).unwrap();
}
