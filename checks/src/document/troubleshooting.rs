//! Scenario: from what somebody sees to what mends it.

use fixtures::faults::{self, Fault, Variables};
use fixtures::guide::{DIAGNOSTICS, troubleshooting};
use fixtures::installation::{Environment, Installation};
use harness::{Doing, Stop, Tool, Verdict, expect};

use super::command_lines::{self, Manual};
use crate::papers::TROUBLESHOOTING;
use crate::stages::observed::{FIRST_LOOK, FirstLook};
use crate::{Cx, Stage};

/// Faults whose remedy is the whole way, and needs nothing filled in.
const MENDED_AT_ONCE: [&str; 6] = [
    "context-npipe",
    "context-npipe-current",
    "context-current-missing",
    "plugin-corrupt",
    "env-builder-gone",
    "env-api-version-pinned",
];

/// Every remedy in the guide that is the whole way mends: what the fault makes docker say is not said any more after it.
#[harness::check(covers = "5.2.1", needs(Lab, Buildx), stage = Installed, within = "180s")]
async fn remedies_mend_what_they_are_given_for(cx: &Cx) -> Verdict {
    let guide = cx.guide(TROUBLESHOOTING)?;
    let mut unmended = Vec::new();
    for id in MENDED_AT_ONCE {
        let fault = faults::named(id).ok_or_else(|| Stop::Broken(format!("no fault is called {id}")))?;
        expect(format!("the guide on {id}"), &guide).contains(&format!("$ {} ", fault.remedy))?;
        unmended.extend(trial(cx, fault).await?);
    }
    expect("faults whose remedy does not mend them", unmended).is_empty()
}

/// What people type when something is wrong.
const ASK: &str = "docker version\ndocker buildx ls\ndocker buildx inspect";

/// Plants a fault in a home of its own; looks, mends, looks again. Returns what went otherwise than the guide says.
async fn trial(cx: &Cx, fault: &Fault) -> Result<Option<String>, Stop> {
    cx.scope().doing(format!("mending {}", fault.id));
    let home = cx.scope().folder()?.join(fault.id);
    std::fs::create_dir_all(&home)?;
    let path = cx.installation()?.environment().get("PATH").unwrap_or_default().to_owned();
    let environment = Environment::of([("HOME", home.as_os_str()), ("PATH", path.as_ref())]);
    let installation = Installation::of(environment).doing("making a home for a fault")?;
    let plant = fault.plant.ok_or_else(|| Stop::Broken(format!("{} cannot be planted", fault.id)))?;
    let variables = plant(&installation).await?;
    let says = |text: &str| fault.says.iter().any(|symptom| text.contains(symptom));
    for look in [fault.look, ASK] {
        if says(&shell(&installation, &variables, look).await?) {
            let after = shell(&installation, &variables, &format!("{}\n{look}", fault.remedy)).await?;
            return Ok(
                says(&after).then(|| format!("{}: `{}` does not mend it: {after}", fault.id, fault.remedy))
            );
        }
    }
    Ok(Some(format!("{}: planted, and neither `{}` nor `{ASK}` shows it", fault.id, fault.look)))
}

/// What a shell of the user's prints, on both streams.
async fn shell(installation: &Installation, variables: &Variables, script: &str) -> Result<String, Stop> {
    let sh = installation.environment().whole(Tool::new("sh")).arg("-c").arg(script);
    let sh = variables.iter().fold(sh, |sh, (name, value)| sh.env(name, value));
    let output = sh.output().await?;
    Ok(output.stdout + &output.stderr)
}

/// Every diagnostic command prints, on what was installed, what the guide says of a sound installation.
#[harness::check(
    covers = "5.2.2",
    needs(Buildx),
    stage = Installed,
    after = "validate::builder_functionality::engine_answers",
    within = "60s"
)]
async fn diagnostics_print_what_the_guide_says(cx: &Cx) -> Verdict {
    let client = cx.installation()?.private_client()?;
    let mut otherwise = Vec::new();
    for diagnostic in DIAGNOSTICS {
        let line = diagnostic.command.join(" ");
        cx.scope().doing(format!("running `{line}`"));
        let output = client.docker().args(&diagnostic.command[1..]).output().await?;
        if !output.status.success() || !output.stdout.contains(diagnostic.prints) {
            otherwise.push(format!(
                "`{line}` prints no {:?}: {}{}",
                diagnostic.prints, output.stdout, output.stderr
            ));
        }
    }
    expect("diagnostic commands that print something else", otherwise).is_empty()
}

/// Every docker command in the guide is one that this client knows, with all its flags.
#[harness::check(covers = "5.2.2", needs(Buildx), apart, within = "180s")]
async fn its_commands_are_known_to_this_client(cx: &Cx) -> Verdict {
    let mut manual = Manual::of(&cx.installation()?).await?;
    let mut unknown = Vec::new();
    for line in command_lines::of("docker", &cx.guide(TROUBLESHOOTING)?) {
        cx.scope().doing(format!("looking up `{line}`"));
        let words = manual.unknown(line).await?;
        unknown.extend(words.into_iter().map(|word| format!("{word} in `{line}`")));
    }
    expect("parts of commands that this client does not know", unknown).is_empty()
}

/// The text that the first look met stands in the guide, and leads to the fault that had been planted.
#[harness::check(covers = "5.2.3", needs(Lab), stage = Observed, within = "20s")]
async fn the_first_observation_leads_to_its_cause(cx: &Cx) -> Verdict {
    let look: FirstLook = cx.evidence(Stage::Observed, FIRST_LOOK)?;
    let found = look.failure.map(|failure| failure.found).unwrap_or_default();
    let guide = cx.guide(TROUBLESHOOTING)?;
    let rows = guide.lines().skip_while(|line| !line.ends_with("to its cause")).skip(1);
    let rows = rows.take_while(|line| !line.starts_with('#')).filter_map(|row| row.strip_prefix("| `"));
    let led_to = rows.filter_map(|row| {
        let (text, link) = row.split_once("` | [")?;
        found.contains(&text.replace("\\|", "|")).then(|| link.split(']').next().unwrap_or(link))
    });
    let led_to: Vec<_> = led_to.map(str::to_owned).collect();
    expect(format!("the faults that the guide leads to from {found:?}"), led_to)
        .is("one that was planted", |faults| faults.iter().any(|fault| look.planted.contains(fault)))
}

/// Every part of this installation that can be at fault has a place to report it.
#[harness::check(covers = "5.2.4", needs(Buildx), within = "20s")]
async fn every_part_has_a_place_to_report_it(cx: &Cx) -> Verdict {
    let plugins = cx.installation()?.docker().args([
        "info",
        "--format",
        "{{range .ClientInfo.Plugins}}{{.Name}} {{end}}",
    ]);
    let plugins = plugins.run_ok().await?.stdout;
    let plugins = plugins.split_whitespace().filter(|name| ["buildx", "compose"].contains(name));
    let wanted =
        plugins.map(|name| format!("docker/{name}")).chain(["moby/buildkit".into(), "moby/moby".into()]);
    let guide = cx.guide(TROUBLESHOOTING)?;
    let missing: Vec<_> =
        wanted.filter(|name| !guide.contains(&format!("<https://github.com/{name}/issues>"))).collect();
    expect("parts of this installation without a place to report a fault of theirs", missing).is_empty()
}

/// The guide names whom the team asks, as the desired state has it, and says so where nobody is named.
#[harness::check(covers = "5.2.5", within = "10s")]
async fn the_teams_contact_is_named(cx: &Cx) -> Verdict {
    let contact = cx.contact()?.unwrap_or_else(|| "No contact is configured".into());
    expect("the guide", cx.guide(TROUBLESHOOTING)?).contains(&contact)?;
    expect("the guide of a team with a contact", troubleshooting::guide(Some("#builds, Mondays to Fridays")))
        .contains("#builds, Mondays to Fridays")
}
