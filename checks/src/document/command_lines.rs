//! The commands that guides give, held against the programs that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use fixtures::faults;
use fixtures::installation::{Installation, PrivateClient};
use fixtures::inventory::plugin;
use harness::{Stop, Tool};

/// What the guides mention although older clients lack it, with the first version of buildx that has it.
const NEWER: [(&str, (u32, u32)); 3] =
    [("history", (0, 20)), ("--buildkitd-config", (0, 14)), ("--keep-state", (0, 6))];

/// Every command of a program in a text of Markdown: what stands as code, begins with the program's name, and is no text
/// that a fault makes programs print.
pub(super) fn of<'a>(program: &str, markdown: &'a str) -> BTreeSet<&'a str> {
    let typed = markdown.lines().filter_map(|line| line.strip_prefix("$ "));
    let typed = typed.map(|line| line.split("  #").next().unwrap_or(line).trim());
    let quoted = markdown
        .lines()
        .filter(|line| !line.starts_with("$ "))
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let printed: BTreeSet<&str> = faults::catalogue().flat_map(|fault| fault.says).copied().collect();
    typed
        .chain(quoted)
        .filter(|line| line.split(' ').next() == Some(program) && !printed.contains(line))
        .collect()
}

/// The docker client's own words on its commands.
pub(super) struct Manual {
    client: PrivateClient,
    /// The program behind `docker buildx`.
    plugin: Option<PathBuf>,
    /// By command, such as `docker buildx`.
    pages: BTreeMap<String, Page>,
    buildx: (u32, u32),
}

#[derive(Debug, Default)]
struct Page {
    commands: BTreeSet<String>,
    flags: BTreeSet<String>,
}

impl Manual {
    /// An empty manual of a client; pages are read when they are asked for.
    pub(super) async fn of(installation: &Installation) -> Result<Self, Stop> {
        let (client, plugin) = (installation.private_client()?, plugin(installation, "buildx"));
        let version = client.docker().args(["buildx", "version"]).run_ok().await?.stdout;
        let buildx = version_in(&version).unwrap_or_default();
        Ok(Self { client, plugin, pages: BTreeMap::new(), buildx })
    }

    /// What a command line has that this client does not know: subcommands and long flags.
    pub(super) async fn unknown(&mut self, line: &str) -> Result<Vec<String>, Stop> {
        let mut command = vec!["docker".to_owned()];
        let mut unknown = Vec::new();
        for word in line.split(' ').skip(1) {
            let page = self.page(&command).await?;
            let flag = word.split('=').next().unwrap_or(word);
            if page.commands.contains(word) {
                command.push(word.to_owned());
            } else if is_command(word) && !page.commands.is_empty()
                || flag.starts_with("--") && !page.flags.contains(flag)
            {
                unknown.push(flag.to_owned());
            }
        }
        let newer = |word: &String| NEWER.iter().any(|(what, since)| what == word && self.buildx < *since);
        // What an old client does not know has flags that it does not know either.
        if unknown.iter().any(newer) {
            unknown.clear();
        }
        Ok(unknown)
    }

    async fn page(&mut self, command: &[String]) -> Result<&Page, Stop> {
        let name = command.join(" ");
        if !self.pages.contains_key(&name) {
            let help = self.program(command).arg("--help").run_ok().await?.stdout;
            self.pages.insert(name.clone(), Page::read(&help));
        }
        Ok(&self.pages[&name])
    }

    /// What knows a command. docker would start every plugin that there is to run the one of buildx.
    fn program(&self, command: &[String]) -> Tool {
        match (command, &self.plugin) {
            ([_, buildx, rest @ ..], Some(plugin)) if buildx == "buildx" => {
                self.client.program(plugin).args(rest)
            }
            _ => self.client.docker().args(&command[1..]),
        }
    }
}

impl Page {
    /// Reads what `--help` prints: commands under headings that say so, flags wherever a line begins with one.
    fn read(help: &str) -> Self {
        let mut page = Self::default();
        let mut lists_commands = false;
        for line in help.lines() {
            if !line.starts_with(' ') {
                lists_commands = line.ends_with("Commands:");
                continue;
            }
            let words = line.split_whitespace().map(|word| word.trim_end_matches([',', '*']));
            if lists_commands {
                page.commands.extend(words.take(1).map(str::to_owned));
            } else {
                page.flags.extend(words.take(2).filter(|word| word.starts_with("--")).map(str::to_owned));
            }
        }
        page
    }
}

fn is_command(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|sign| sign.is_ascii_lowercase())
}

/// The first two numbers of `github.com/docker/buildx v0.13.1 …`.
fn version_in(text: &str) -> Option<(u32, u32)> {
    let word = text.split_whitespace().nth(1)?.trim_start_matches('v');
    let mut numbers = word.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_consoles_and_in_sentences() {
        let text = "Say `docker info` or\n```console\n$ docker ps   # all\n$ ls\n```\nnot `dockerd`";
        assert_eq!(of("docker", text).into_iter().collect::<Vec<_>>(), ["docker info", "docker ps"]);
    }

    #[test]
    fn a_page_of_help_has_commands_and_flags() {
        let page = Page::read(
            "Usage:  docker\n\nCommon Commands:\n  run   Run\n  buildx*   Docker Buildx\n\nOptions:\n  -D, --debug   Debug\n      --config string\n",
        );
        assert_eq!(page.commands, BTreeSet::from(["run".into(), "buildx".into()]));
        assert_eq!(page.flags, BTreeSet::from(["--debug".into(), "--config".into()]));
    }

    #[test]
    fn a_version_is_two_numbers() {
        assert_eq!(version_in("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3"), Some((0, 13)));
        assert_eq!(version_in("github.com/docker/buildx v0.29.1 abc"), Some((0, 29)));
    }
}
