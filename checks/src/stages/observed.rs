//! The first look: what the person who called for help sees.

use fixtures::faults;
use fixtures::installation::Installation;
use harness::{Failure, Scope, Stop};
use serde::{Deserialize, Serialize};

use crate::cx::World;
use crate::target::Target;

/// The faults that a lab begins with, as the field reported them: a `desktop-linux` context that says "protocol not
/// available", and a builder whose context is gone. The cache is contaminated once there is one.
const PLANTED: [&str; 2] = ["context-npipe", "builder-endpoint-gone"];
/// The check whose body looks first.
const CHECK: &str = "validate::builder_functionality::desktop_linux_builds";

/// What the first look saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstLook {
    /// The faults that were planted beforehand; none on a live installation.
    pub planted: Vec<String>,
    /// The check that was asked.
    pub check: String,
    /// Its failure, explained; none where it passed.
    pub failure: Option<Failure>,
}

/// The name that the evidence is recorded under.
pub const FIRST_LOOK: &str = "first_look";

pub(crate) async fn bring_up(world: &World, scope: &Scope) -> Result<(), Stop> {
    let installation = world.installation()?;
    let planted = match world.target() {
        Target::Lab(_) => plant(&installation, scope).await?,
        Target::Live | Target::Undecided => Vec::new(),
    };
    scope.doing("looking at the installation for the first time");
    let failure = match crate::validate::desktop_linux(world).await {
        Ok(()) => None,
        Err(Stop::Failed(failure)) => Some(faults::explain(*failure)),
        Err(broken) => return Err(broken),
    };
    let look = FirstLook { planted, check: CHECK.to_owned(), failure };
    tell(&look);
    scope.record(FIRST_LOOK, &look)
}

async fn plant(installation: &Installation, scope: &Scope) -> Result<Vec<String>, Stop> {
    let mut planted = Vec::new();
    for id in PLANTED {
        scope.doing(format!("planting the fault {id}"));
        let plant = faults::named(id).and_then(|fault| fault.plant);
        let plant = plant.ok_or_else(|| Stop::Broken(format!("the fault {id} cannot be planted")))?;
        plant(installation).await?;
        planted.push(id.to_owned());
    }
    Ok(planted)
}

/// Says what was seen before anything is done about it.
fn tell(look: &FirstLook) {
    match &look.failure {
        None => eprintln!("first look: {} would pass", look.check),
        Some(failure) => {
            eprintln!("first look: {} FAILS{}", look.check, harness::report::human::failure(failure));
        }
    }
}
