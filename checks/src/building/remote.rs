//! Nodes of the remote driver: BuildKits that somebody else runs. Asked through `docker buildx dial-stdio`, which knows
//! every way to one that buildx knows.

use std::path::Path;
use std::time::Duration;

use fixtures::installation::{BuildKit, BuilderDefinition, Endpoint, Node};
use harness::{Failure, Stop, Tool};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::unanswered;
use crate::cx::World;

/// The driver's name in definitions.
pub(super) const DRIVER: &str = "remote";
/// How long somebody at the other end may take: what buildx itself waits (docker/buildx, `driver/remote/driver.go`).
const PATIENCE: Duration = Duration::from_secs(20);
/// The options of the driver that name files.
const FILES: [&str; 3] = ["cacert", "cert", "key"];

/// A node of the remote driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Far {
    definition: BuilderDefinition,
    number: usize,
}

impl Far {
    /// The nodes of a builder, if it is of the remote driver.
    pub(crate) fn nodes_of(definition: &BuilderDefinition) -> Vec<Self> {
        let count = if definition.driver == DRIVER { definition.nodes.len() } else { 0 };
        (0..count).map(|number| Self { definition: definition.clone(), number }).collect()
    }

    fn node(&self) -> &Node {
        &self.definition.nodes[self.number]
    }

    fn name(&self) -> String {
        format!("the node {} of {}", self.node().name, self.definition.name)
    }

    /// What stands in the way, as far as it can be told from here. buildx says the same of everything that can be wrong,
    /// after it has waited.
    async fn obstacle(&self) -> Option<String> {
        let options = &self.node().driver_opts;
        let mut files = FILES.iter().filter_map(|option| options.get(*option));
        if let Some(missing) = files.find(|path| !Path::new(path).is_file()) {
            return Some(format!("{missing}: the certificate file that the definition names is not there"));
        }
        let endpoint = Endpoint::parse(&self.node().endpoint);
        let knock = async {
            match &endpoint {
                Endpoint::Unix(path) => UnixStream::connect(path).await.err().map(|error| error.to_string()),
                Endpoint::Tcp(_) => self.knock_at_port().await,
                // The way leads through another program.
                _ => None,
            }
        };
        let said = timeout(PATIENCE, knock).await.unwrap_or_else(|_| Some("no answer".into()))?;
        Some(format!("the remote BuildKit at {endpoint} is away: {said}"))
    }

    async fn knock_at_port(&self) -> Option<String> {
        let address = self.node().endpoint.split_once("://").map_or("", |(_, address)| address);
        match TcpStream::connect(address).await {
            Ok(_) if self.node().driver_opts.keys().any(|option| FILES.contains(&option.as_str())) => {
                self.shake_hands(address).await
            }
            Ok(_) => None,
            Err(error) => Some(error.to_string()),
        }
    }

    /// What the two sides have against each other's certificates, in the words of `openssl`, where that is there. With TLS
    /// 1.2, a client hears in the handshake that it is refused; with 1.3 only afterwards (RFC 8446, 4.4.2.4).
    async fn shake_hands(&self, address: &str) -> Option<String> {
        let options = &self.node().driver_opts;
        let mut client = Tool::new("openssl").args(["s_client", "-brief", "-tls1_2", "-verify_return_error"]);
        client = client.args(["-connect", address]);
        for (flag, option) in [("-CAfile", "cacert"), ("-cert", "cert"), ("-key", "key")] {
            client = options.get(option).into_iter().fold(client, |client, file| client.arg(flag).arg(file));
        }
        let output = client.output().await.ok()?;
        (!output.status.success()).then(|| output.last_words())
    }
}

impl World {
    /// The BuildKit of a node of the remote driver, which has answered.
    ///
    /// # Errors
    /// What stands in the way.
    pub(crate) async fn buildkit_far(&self, far: &Far) -> Result<BuildKit, Stop> {
        let connect = async {
            if let Some(obstacle) = far.obstacle().await {
                return Err(Failure::new(far.name(), "a BuildKit that answers", obstacle).into());
            }
            let client = self.fresh_client()?;
            let name = client.alone(&far.definition, far.number)?;
            let dialogue = client.docker().args(["buildx", "dial-stdio", "--builder", &name]).dialogue()?;
            let buildkit = BuildKit::behind(dialogue, &far.name()).await.map_err(unanswered)?;
            // The client's folder has to be there until buildx has read it.
            buildkit.workers().await.map_err(unanswered)?;
            Ok(buildkit)
        };
        self.workshop().connections.to(&far.name(), connect).await
    }
}
