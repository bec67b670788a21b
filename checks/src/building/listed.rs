//! What `docker buildx ls` and `docker info` say, asked once.

use fixtures::inventory::plugins;
use harness::{Failure, Stop};
use serde::Deserialize;

use crate::cx::World;

/// A builder as `docker buildx ls --format json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listed {
    /// Its name.
    pub(crate) name: String,
    /// Its driver; empty when it cannot be loaded.
    #[serde(default)]
    pub(crate) driver: String,
    /// What is wrong with it as a whole.
    #[serde(default)]
    err: Option<Wrong>,
    /// Its nodes.
    #[serde(default)]
    nodes: Option<Vec<ListedNode>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedNode {
    name: String,
    /// `running`, `inactive`, `stopped`, `error` and so on.
    #[serde(default)]
    pub(crate) status: String,
    /// BuildKit's version; none where nothing runs.
    #[serde(default)]
    pub(crate) version: String,
    #[serde(default)]
    err: Option<Wrong>,
}

/// buildx writes an error as a text or as an object, by version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Wrong {
    Text(String),
    Other(serde_json::Value),
}

impl Wrong {
    fn said(&self) -> Option<String> {
        match self {
            Self::Text(text) if text.is_empty() => None,
            Self::Text(text) => Some(text.clone()),
            Self::Other(value) => Some(value.to_string()),
        }
    }
}

impl Listed {
    /// Its nodes.
    pub(crate) fn nodes(&self) -> &[ListedNode] {
        self.nodes.as_deref().unwrap_or_default()
    }

    /// What is wrong with it and its nodes, each in buildx's words.
    pub(crate) fn wrongs(&self) -> Vec<String> {
        let whole = self.err.iter().filter_map(Wrong::said).map(|said| format!("{}: {said}", self.name));
        let nodes = self.nodes().iter().flat_map(|node| {
            let wrong = node.err.iter().filter_map(Wrong::said);
            wrong.map(|said| format!("{} ({}): {said}", self.name, node.name))
        });
        whole.chain(nodes).collect()
    }
}

/// The docker CLI as `docker info` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ClientInfo {
    /// The version of the docker CLI; engines before 24 do not say it here.
    #[serde(default)]
    pub(crate) version: String,
    #[serde(default)]
    plugins: Option<Vec<Plugin>>,
}

/// A plugin of the docker CLI.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Plugin {
    /// What is typed after `docker`.
    pub(crate) name: String,
    /// The version that it says.
    #[serde(default)]
    pub(crate) version: String,
    /// Why it cannot run, in the CLI's words.
    #[serde(default)]
    pub(crate) err: Option<String>,
}

impl ClientInfo {
    /// The plugins that were found, working or not. Files that the CLI passes over for their names, such as copies of
    /// plugins, are none.
    pub(crate) fn plugins(&self) -> impl Iterator<Item = &Plugin> {
        let is_name =
            |name: &str| name.bytes().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit());
        self.plugins.iter().flatten().filter(move |plugin| is_name(&plugin.name))
    }
}

impl World {
    /// Every builder that buildx lists. buildx 0.13 lists one again for each of its nodes.
    ///
    /// # Errors
    /// [`Stop::Failed`] when the list cannot be had, in buildx's words.
    pub(crate) async fn listed(&self) -> Result<Vec<Listed>, Stop> {
        let workshop = self.workshop();
        let listed = workshop.listed.get_or_try_init(async || {
            let said = self.client().await?.args(["buildx", "ls", "--format", "json"]).run_ok().await?;
            let lines = said.stdout.lines();
            let listed = lines.map(|line| understood::<Listed>("docker buildx ls --format json", line));
            let mut listed: Vec<Listed> = listed.collect::<Result<_, Stop>>()?;
            listed.dedup();
            Ok::<_, Stop>(listed)
        });
        Ok(listed.await?.clone())
    }

    /// The docker CLI and its plugins, by what the CLI itself says.
    ///
    /// # Errors
    /// [`Stop::Failed`] when it says nothing.
    pub(crate) async fn client_info(&self) -> Result<ClientInfo, Stop> {
        let workshop = self.workshop();
        let info = workshop.client_info.get_or_try_init(async || {
            let info = self.client().await?.args(["info", "--format", "{{json .ClientInfo}}"]).run_ok();
            tokio::select! {
                said = info => understood("docker info", &said?.stdout),
                silent = self.silent_plugin() => Err(silent),
            }
        });
        Ok(info.await?.clone())
    }
}

impl World {
    /// The plugin that keeps `docker info` waiting, which asks all of them; it takes some seconds to know. Where each answers,
    /// this never ends.
    async fn silent_plugin(&self) -> Stop {
        let silent = match self.installation() {
            Ok(installation) => plugins(&installation).await.into_iter().find(|plugin| plugin.is_silent()),
            Err(stop) => return stop,
        };
        let Some(plugin) = silent else { return std::future::pending().await };
        let found = format!("{} {}", plugin.path.display(), plugin.problem.unwrap_or_default());
        Failure::new("the plugins of the docker CLI", "an answer from each", found).into()
    }
}

fn understood<T: serde::de::DeserializeOwned>(command: &str, text: &str) -> Result<T, Stop> {
    let failed = |error: serde_json::Error| {
        Failure::new(
            format!("`{command}`"),
            "JSON of the shape that is documented",
            format!("{text} ({error})"),
        )
    };
    Ok(serde_json::from_str(text).map_err(failed)?)
}
