//! The troubleshooting guide against what is seen: each fault planted, and its command typed.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fixtures::faults::{Breakage, Fault, catalogue};
use fixtures::guide::seen::{self, Records, Seen};
use libtest_mimic::{Failed, Trial};

use crate::program::{self, Client, ENGINE};

/// The programs of commands that can be typed here as they stand. Others are not on every machine.
const HERE: [&str; 3] = ["docker", "env", "cat"];
/// A fault that looks otherwise each time: its container starts and ends over and over.
const UNSTEADY: &str = "builder-restarting";
/// What the reader of the guide fills in.
const NAME: &str = "NAME";

/// What was seen in this run.
static SEEN: Mutex<Records> = Mutex::new(Records::new());

pub(crate) fn trials() -> Vec<Trial> {
    let is_here = |fault: &&Fault| HERE.iter().any(|program| fault.look.split(' ').next() == Some(program));
    // Faults whose output is not shown are looked at when it is to be recorded.
    let is_shown =
        |fault: &&Fault| seen::of(fault).is_some() || std::env::var_os("REINSTALL_BLESS").is_some();
    let planted = catalogue().filter(|fault| fault.plant.is_some() && fault.id != UNSTEADY);
    let planted = planted.filter(is_here).filter(is_shown);
    let trial = |fault: &'static Fault| {
        Trial::test(format!("the command for {} shows what the guide says", fault.id), move || shows(fault))
    };
    planted.map(trial).collect()
}

/// Writes what was seen, and keeps what was not looked at.
pub(crate) fn bless() {
    let mut records = seen::records().clone();
    records.extend(SEEN.lock().unwrap().clone());
    let text = serde_json::to_string_pretty(&records).unwrap() + "\n";
    std::fs::write(file(), text).unwrap();
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(seen::FILE)
}

fn shows(fault: &'static Fault) -> Result<(), Failed> {
    let breakage = Breakage::Fault(fault, fault.plant.ok_or("it cannot be planted")?);
    let _turn = (ENGINE.read()?, program::turn_of(breakage));
    program::load_image_once();
    let mut client = at_home()?;
    client.plant(breakage)?;
    let builder = client.installation().builders().found.into_iter().next();
    let look = fault.look.replace(NAME, builder.as_ref().map_or(NAME, |builder| &builder.name));
    let mut shell = client.command("sh".as_ref());
    let output = shell.args(["-c", &look]).env_remove("DOCKER_CONFIG").output()?;
    client.clear();
    let said = [output.stdout, output.stderr].concat();
    let home = client.path("home").display().to_string();
    let prints = seen::telling(fault, &String::from_utf8_lossy(&said), &home);
    if let Some(prints) = prints.clone() {
        SEEN.lock()?.insert(fault.id.into(), Seen { look: fault.look.into(), prints });
    }
    let recorded = seen::of(fault);
    if recorded == prints.as_deref() || std::env::var_os("REINSTALL_BLESS").is_some() {
        return Ok(());
    }
    Err(format!("`{}` prints\n{prints:?}\nand the guide says\n{recorded:?}", fault.look).into())
}

/// A client whose configuration is where commands in the guide look for it.
fn at_home() -> Result<Client, Failed> {
    let mut client = Client::new();
    let home = client.path("home");
    std::fs::create_dir_all(home.join(".docker"))?;
    client.set("DOCKER_CONFIG", home.join(".docker").display().to_string());
    client.set("HOME", home.display().to_string());
    Ok(client)
}
