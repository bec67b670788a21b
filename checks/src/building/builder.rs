//! Which builders there are to build with. None is started to find out, and none that rests is woken.

use std::time::Duration;

use fixtures::installation::{
    BuildKit, BuilderContainer, BuilderDefinition, Endpoint, Engine, EngineError, Node, Worker,
    container_name,
};
use futures_util::future::{join_all, try_join_all};
use harness::{Failure, Look, Stop, until};

use super::remote::Far;
use crate::cx::World;

/// How often, and for how long, the state of a container that does not answer is looked at.
const EVERY: Duration = Duration::from_millis(20);
const SETTLED: Duration = Duration::from_secs(2);

/// The name, in definitions, of the driver that builds in containers of its own.
const CONTAINER_DRIVER: &str = "docker-container";

/// A builder that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Builder {
    /// Its name.
    pub(crate) name: String,
    /// What it builds with.
    pub(crate) driver: Driver,
}

/// What a builder builds with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Driver {
    /// The BuildKit inside the engine of the context in use.
    Docker,
    /// BuildKit in containers of its own.
    Container(Vec<Place>),
    /// BuildKits that somebody else runs.
    Remote(Vec<Far>),
}

/// A container with a BuildKit in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    endpoint: String,
    /// The container's name.
    pub(crate) container: String,
}

impl Place {
    fn of(node: &Node) -> Self {
        Self { endpoint: node.endpoint.clone(), container: container_name(&node.name) }
    }
}

impl Builder {
    /// Whether it has containers of its own.
    pub(crate) fn is_container(&self) -> bool {
        matches!(self.driver, Driver::Container(_))
    }

    /// Whether it builds where somebody else runs a BuildKit.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self.driver, Driver::Remote(_))
    }

    /// Whether it builds with a BuildKit of its own, which is none of the engine's.
    pub(crate) fn is_apart(&self) -> bool {
        !matches!(self.driver, Driver::Docker)
    }
}

impl World {
    /// The builders that run and that we can clean up after: the context's own, those of the docker-container driver, and
    /// those of the remote driver that answer.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(crate) async fn builders(&self) -> Result<Vec<Builder>, Stop> {
        let workshop = self.workshop();
        Ok(workshop.builders.get_or_try_init(|| self.find_builders()).await?.clone())
    }

    /// The builder under test: the selected one if it runs and is apart from the engine, else the first one that has
    /// containers of its own, else the engine's own.
    ///
    /// # Errors
    /// As [`World::builders`].
    pub(crate) async fn builder(&self) -> Result<Builder, Stop> {
        let selected = self.installation()?.selection().found.first().map(|found| found.selected().name);
        let builders = self.builders().await?;
        let mut apart = builders.iter().filter(|builder| builder.is_apart());
        let chosen = apart.find(|builder| Some(&builder.name) == selected.as_ref());
        let first = || builders.iter().find(|builder| builder.is_container());
        Ok(chosen.or_else(first).unwrap_or(&builders[0]).clone())
    }

    /// The builder of the engine itself.
    ///
    /// # Errors
    /// As [`World::builders`].
    pub(crate) async fn engine_builder(&self) -> Result<Builder, Stop> {
        Ok(self.builders().await?[0].clone())
    }

    /// The same, looked for again.
    ///
    /// # Errors
    /// As [`World::builders`].
    pub(crate) async fn find_builders(&self) -> Result<Vec<Builder>, Stop> {
        let installation = self.installation()?;
        let containers = self.engine().await?.builder_containers().await.map_err(unanswered)?;
        let name =
            installation.context_name().unwrap_or_else(|_| fixtures::installation::DEFAULT_CONTEXT.into());
        let own = Builder { name, driver: Driver::Docker };
        let definitions = installation.builders().found;
        let found = definitions.into_iter().map(|definition| self.running(definition, &containers));
        let running = join_all(found).await.into_iter().flatten();
        Ok(std::iter::once(own).chain(running).collect())
    }

    /// The builder of a definition, if nothing has to be started to build with it.
    async fn running(
        &self,
        definition: BuilderDefinition,
        containers: &[BuilderContainer],
    ) -> Option<Builder> {
        let nodes = Far::nodes_of(&definition);
        if nodes.is_empty() {
            let builder = in_containers(definition, containers)?;
            return self.goes_on(&builder, containers).await.then_some(builder);
        }
        let answers = nodes.iter().map(|node| self.buildkit_far(node));
        try_join_all(answers).await.ok()?;
        Some(Builder { name: definition.name, driver: Driver::Remote(nodes) })
    }

    /// Whether none of a builder's containers ends as soon as it starts: such a one runs for a moment now and then.
    async fn goes_on(&self, builder: &Builder, containers: &[BuilderContainer]) -> bool {
        let Driver::Container(places) = &builder.driver else { return true };
        if self.buildkits(builder).await.is_ok() {
            return true;
        }
        let own = containers.iter().filter(|each| places.iter().any(|place| place.container == each.name));
        let states = join_all(own.map(|container| self.settled(container))).await;
        states.iter().all(|state| state == "running")
    }

    /// The containers of the builders that are defined here, running or not. Others belong to somebody else.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(crate) async fn own_containers(&self) -> Result<Vec<BuilderContainer>, Stop> {
        let defined = self.installation()?.builders().found;
        let defined = defined.iter().filter(|each| each.driver == CONTAINER_DRIVER);
        let names: Vec<String> =
            defined.flat_map(|each| &each.nodes).map(|node| container_name(&node.name)).collect();
        let containers = self.engine().await?.builder_containers().await.map_err(unanswered)?;
        Ok(containers.into_iter().filter(|container| names.contains(&container.name)).collect())
    }

    /// Why a builder's container is of no use; none where it rests, or its BuildKit answers.
    pub(crate) async fn trouble_of(&self, container: &BuilderContainer) -> Option<String> {
        let name = &container.name;
        match container.state.as_str() {
            "exited" | "created" => None,
            "running" => {
                let stop = self.ask(container).await.err()?;
                match self.settled(container).await.as_str() {
                    "running" => Some(format!("{name} is running: {stop}")),
                    state => Some(format!("{name} is {state}: {}", self.last_error_of(name).await)),
                }
            }
            state => Some(format!("{name} is {state}: {}", self.last_error_of(name).await)),
        }
    }

    async fn last_error_of(&self, container: &str) -> String {
        match self.engine().await {
            Ok(engine) => engine.last_error_of(container).await.unwrap_or_else(|error| error.to_string()),
            Err(stop) => stop.to_string(),
        }
    }

    /// The state of a container that does not answer, once it is another one than running.
    async fn settled(&self, container: &BuilderContainer) -> String {
        let state = until("another state", EVERY, SETTLED, async || match self.state_of(container).await {
            Ok(state) if state == "running" => Look::NotYet(state),
            Ok(state) => Look::Ready(state),
            Err(stop) => Look::Never(stop.to_string()),
        });
        state.await.unwrap_or_else(|_| "running".into())
    }

    async fn ask(&self, container: &BuilderContainer) -> Result<(), Stop> {
        let nodes = self.installation()?.builders().found.into_iter().flat_map(|builder| builder.nodes);
        let places = nodes.map(|node| Place::of(&node)).filter(|place| place.container == container.name);
        for place in places {
            self.buildkit_at(&place).await?.workers().await.map_err(unanswered)?;
        }
        Ok(())
    }

    async fn state_of(&self, container: &BuilderContainer) -> Result<String, Stop> {
        let containers = self.own_containers().await?.into_iter();
        let state = containers.filter(|each| each.id == container.id).map(|each| each.state).next();
        Ok(state.unwrap_or_else(|| "gone".into()))
    }

    /// The BuildKit of each of a builder's nodes.
    ///
    /// # Errors
    /// When one does not answer.
    pub(crate) async fn buildkits(&self, builder: &Builder) -> Result<Vec<BuildKit>, Stop> {
        match &builder.driver {
            Driver::Docker => Ok(vec![self.engine_buildkit().await?]),
            Driver::Container(places) => {
                try_join_all(places.iter().map(|place| self.buildkit_at(place))).await
            }
            Driver::Remote(nodes) => try_join_all(nodes.iter().map(|node| self.buildkit_far(node))).await,
        }
    }

    /// What each of a builder's nodes builds with.
    ///
    /// # Errors
    /// As [`World::buildkits`].
    pub(crate) async fn workers(&self, builder: &Builder) -> Result<Vec<Worker>, Stop> {
        let buildkits = self.buildkits(builder).await?;
        let asked = buildkits.iter().map(BuildKit::workers);
        Ok(try_join_all(asked).await.map_err(unanswered)?.into_iter().flatten().collect())
    }

    async fn engine_buildkit(&self) -> Result<BuildKit, Stop> {
        let (workshop, engine) = (self.workshop(), self.engine().await?);
        let connect = async { engine.buildkit().await.map_err(unanswered) };
        workshop.connections.to("the engine", connect).await
    }

    async fn buildkit_at(&self, place: &Place) -> Result<BuildKit, Stop> {
        let connect = async {
            let engine = self.engine_at(&place.endpoint).await.map_err(unanswered)?;
            engine.buildkit_in(&place.container).await.map_err(unanswered)
        };
        self.workshop().connections.to(&format!("{} {}", place.endpoint, place.container), connect).await
    }

    /// The engine that a node's endpoint means: a context by name, or an address.
    async fn engine_at(&self, endpoint: &str) -> Result<Engine, EngineError> {
        let contexts =
            self.installation().map(|installation| installation.contexts().found).unwrap_or_default();
        match contexts.into_iter().find(|context| context.name == endpoint) {
            Some(context) => Engine::connect(&context.endpoint).await,
            None => Engine::connect(&Endpoint::parse(endpoint)).await,
        }
    }
}

/// The builder of a definition of the docker-container driver, if all of its containers run.
fn in_containers(definition: BuilderDefinition, containers: &[BuilderContainer]) -> Option<Builder> {
    let runs = |name: &str| containers.iter().any(|each| each.name == name && each.state == "running");
    if definition.driver != CONTAINER_DRIVER {
        return None;
    }
    let places: Vec<Place> = definition.nodes.iter().map(Place::of).collect();
    let all_run = !places.is_empty() && places.iter().all(|place| runs(&place.container));
    all_run.then_some(Builder { name: definition.name, driver: Driver::Container(places) })
}

/// A BuildKit that should answer and does not.
pub(crate) fn unanswered(error: EngineError) -> Stop {
    Failure::new(error.endpoint.clone(), "an answer", harness::outcome::chain(&error)).into()
}

/// Whether a BuildKit remembers a build with this run's label. One before 0.11 remembers nothing.
///
/// # Errors
/// When it does not answer.
pub(crate) async fn remembers(buildkit: &BuildKit, label: &str) -> Result<bool, Stop> {
    let history = buildkit.history().await.map_err(unanswered)?;
    Ok(history.iter().any(|build| build.run.as_deref() == Some(label)))
}
