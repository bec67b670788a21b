//! Scenario: what is told when it is done.

use std::path::Path;

use fixtures::projects::TWO_PLATFORMS;
use fixtures::team::announcement::examples;
use harness::{Stop, Tool, Verdict, expect};

use crate::Cx;

/// Every example in the announcement works as it is printed, and leaves the files that it names.
#[harness::check(covers = "6.3.4", needs(Lab, Buildx, ContainerBuilder, Arm64), stage = Installed, within = "120s")]
async fn its_examples_work_as_they_are_printed(cx: &Cx) -> Verdict {
    let installation = cx.installation()?;
    let builders = installation.builders().found;
    let builder = builders.iter().find(|builder| builder.driver == "docker-container");
    let builder = builder.ok_or_else(|| Stop::Broken("no docker-container builder was installed".into()))?;
    let sources = TWO_PLATFORMS.materialise(&cx.scope().folder()?.join("sources"), cx.scope().name())?;
    let mut without_result = Vec::new();
    for example in examples(&builder.name) {
        cx.scope().doing(format!("running `{}`", example.command));
        let run = installation.environment().scrubbed(Tool::new("sh")).arg("-c").arg(&example.command);
        run.current_dir(sources.folder()).run_ok().await?;
        let missing = results(&example.command).filter(|file| !sources.folder().join(file).exists());
        without_result.extend(missing.map(|file| format!("{} of `{}`", file.display(), example.command)));
    }
    expect("files that examples name and do not make", without_result).is_empty()
}

/// What a command says that it will write: the values of `dest=`.
fn results(command: &str) -> impl Iterator<Item = &Path> {
    command.split([' ', ',']).filter_map(|word| word.strip_prefix("dest=")).map(Path::new)
}
