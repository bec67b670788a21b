//! What the body of a check gets: the installation, what was asked of it already, and the evidence of the stages.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use fixtures::installation::{Engine, EngineError, EngineInfo, Installation};
use harness::{Doing, Failure, Name, Scope, Stop};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use crate::Stage;
use crate::building::{Desk, Workshop};
use crate::target::Target;
use crate::traces::{self, Before};

/// One installation, shared by all checks of a process: what was asked once is not asked again.
pub struct World {
    target: Target,
    consent: Option<String>,
    profile: Option<String>,
    lab_folder: Option<PathBuf>,
    engine: OnceCell<Engine>,
    silence: OnceLock<Failure>,
    info: OnceCell<EngineInfo>,
    desk: Desk,
    workshop: RwLock<Arc<Workshop>>,
    before: OnceCell<Before>,
}

/// What a run was asked for beside its target.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Leave to change the live installation: its name.
    pub consent: Option<String>,
    /// The profile of `reinstall.toml`.
    pub profile: Option<String>,
    /// The folder of the lab that this process is in.
    pub lab_folder: Option<PathBuf>,
}

impl World {
    pub(crate) fn new(target: Target, asked: Asked) -> Self {
        let Asked { consent, profile, lab_folder } = asked;
        Self {
            target,
            consent,
            profile,
            lab_folder,
            engine: OnceCell::new(),
            silence: OnceLock::new(),
            info: OnceCell::new(),
            desk: Desk::new(),
            workshop: RwLock::default(),
            before: OnceCell::new(),
        }
    }

    /// Which installation this is.
    pub fn target(&self) -> Target {
        self.target
    }

    /// The folder of the lab that this process is in.
    pub fn lab_folder(&self) -> Option<&Path> {
        self.lab_folder.as_deref()
    }

    /// Whether nobody misses this installation: a lab is to be judged, or what is in one.
    pub(crate) fn is_disposable(&self) -> bool {
        matches!(self.target, Target::Lab(_)) || self.lab_folder.is_some()
    }

    /// What the user typed as consent to change the live installation.
    pub fn consent(&self) -> Option<&str> {
        self.consent.as_deref()
    }

    /// The profile of `reinstall.toml` that was chosen.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Whether stages may change the installation: a lab, or a live one with consent.
    pub fn may_change(&self) -> bool {
        matches!(self.target, Target::Lab(_)) || self.consent.is_some()
    }

    /// The installation as its files are now.
    ///
    /// # Errors
    /// When the environment names none.
    pub fn installation(&self) -> Result<Installation, Stop> {
        Installation::from_environment().doing("finding the Docker client's configuration")
    }

    /// The engine of the context in use. Only what this suite restarts itself is asked again when it has not answered once: a
    /// frozen engine makes everybody who asks wait.
    ///
    /// # Errors
    /// [`Stop::Failed`] when it does not answer.
    pub async fn engine(&self) -> Result<&Engine, Stop> {
        self.engine.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<Engine, Stop> {
        if let Some(silence) = self.silence.get() {
            return Err(silence.clone().into());
        }
        let connected = self.installation()?.engine().await;
        connected.map_err(|error| {
            let failure = no_engine(&error);
            if !self.may_change() {
                // Whoever was faster has said the same.
                let _ = self.silence.set(failure.clone());
            }
            failure.into()
        })
    }

    /// How the engine describes itself.
    ///
    /// # Errors
    /// As [`World::engine`].
    pub async fn engine_info(&self) -> Result<&EngineInfo, Stop> {
        let engine = self.engine().await?;
        self.info.get_or_try_init(|| engine.info()).await.map_err(|error| no_engine(&error).into())
    }

    /// What this process's builds are called, and where their sources and results are.
    pub(crate) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// What was found out and built since the installation changed last.
    pub(crate) fn workshop(&self) -> Arc<Workshop> {
        Arc::clone(&self.workshop.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers what builders have before anything is built.
    ///
    /// # Errors
    /// When one does not answer.
    pub(crate) async fn look_before(&self) -> Result<(), Stop> {
        self.before.get_or_try_init(|| traces::look(self)).await.map(drop)
    }

    /// Removes what was built since [`World::look_before`]; a lab goes whole anyway.
    pub(crate) async fn clear_traces(&self, scope: &Scope) {
        if let Some(before) = self.before.get() {
            traces::clear(self, before, scope).await;
        }
    }

    /// Begins a new workshop: the installation has changed.
    pub(crate) fn has_changed(&self) {
        *self.workshop.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
    }

    /// What a reader of a report must know about the place of a run.
    pub(crate) async fn describe(&self) -> BTreeMap<String, String> {
        let mut described = BTreeMap::from([("target".to_owned(), self.target.to_string())]);
        if let Ok(info) = self.engine_info().await {
            described.insert("engine".into(), info.version.clone());
            described.insert("image_store".into(), info.store.to_string());
            described.insert("kernel".into(), info.kernel.clone());
            described.insert("system".into(), info.system.clone());
            described.insert("architecture".into(), info.architecture.clone());
        }
        if let Some(peak) = peak_memory() {
            described.insert("suite_memory".into(), peak);
        }
        described
    }
}

/// The most memory that this process has used (Linux, `proc_pid_status(5)`, `VmHWM`).
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().to_owned())
}

fn no_engine(error: &EngineError) -> Failure {
    Failure::new("the engine", "an answer", harness::outcome::chain(error))
}

/// What one check gets.
pub struct Cx {
    scope: Scope,
    world: Arc<World>,
}

impl Cx {
    pub(crate) fn new(scope: Scope, world: Arc<World>) -> Self {
        Self { scope, world }
    }

    /// The check's own surroundings.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What `stage` recorded under `name`.
    ///
    /// # Errors
    /// When it recorded nothing of that shape.
    pub fn evidence<T: DeserializeOwned>(&self, stage: Stage, name: &str) -> Result<T, Stop> {
        self.scope.beside(&format!("stages::{}", stage.name())).read(name)
    }
}

impl std::ops::Deref for Cx {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}
