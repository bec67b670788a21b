//! The caches whose databases can be read here. Their BuildKits are not asked, and notice nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fixtures::cache_state::{CacheState, Unreadable};
use fixtures::installation::{BuilderContainer, Engine, EngineInfo};
use harness::wait::WaitError;
use harness::{Failure, Look, Stop, until};

use super::builder::{Driver, unanswered};
use crate::cx::World;

/// How often, and for how long, a moment is looked for in which a cache is not written.
const EVERY: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(10);
/// The same before the first check, which has to wait for it.
const AT_ONCE: Duration = Duration::from_millis(500);

/// A cache, by who keeps it.
#[derive(Debug, Clone)]
pub(crate) enum Cache {
    /// The BuildKit inside the engine.
    Engine,
    /// The BuildKit in a container, and what keeps its snapshots.
    Container(Box<BuilderContainer>, String),
}

impl World {
    /// The caches of the builders that run on this engine.
    ///
    /// # Errors
    /// When the engine, or one of them, does not answer.
    pub(crate) async fn caches(&self) -> Result<Vec<Cache>, Stop> {
        let (mut caches, containers) = (vec![Cache::Engine], self.own_containers().await?);
        for builder in self.builders().await? {
            let Driver::Container(places) = &builder.driver else { continue };
            for (place, buildkit) in places.iter().zip(self.buildkits(&builder).await?) {
                let container = containers.iter().find(|container| container.name == place.container);
                let workers = buildkit.workers().await.map_err(unanswered)?.into_iter();
                let kept = workers.filter_map(|worker| worker.snapshotter).next();
                caches.extend(
                    container.zip(kept).map(|(of, kept)| Cache::Container(Box::new(of.clone()), kept)),
                );
            }
        }
        Ok(caches)
    }

    /// Looks at the caches before anything is built in them. What is written just now, or cannot be looked at, is left to
    /// [`World::torn_caches`].
    pub(crate) async fn look_at_caches(&self) {
        let Ok(found) = self.find_torn(AT_ONCE).await else { return };
        if found.iter().all(|(_, lost)| lost.is_some()) {
            // Whoever was faster has seen the same.
            let _ = self.workshop().torn.set(found);
        }
    }

    /// How many records of each cache have lost their contents; none for one that is written all the time.
    ///
    /// # Errors
    /// When a database is damaged, or reading it fails.
    pub(crate) async fn torn_caches(&self) -> Result<Vec<(Cache, Option<usize>)>, Stop> {
        match self.workshop().torn.get() {
            Some(found) => Ok(found.clone()),
            None => self.find_torn(PATIENCE).await,
        }
    }

    async fn find_torn(&self, patience: Duration) -> Result<Vec<(Cache, Option<usize>)>, Stop> {
        let mut found = Vec::new();
        for cache in self.caches().await? {
            let lost = self.lost(&cache, patience).await?;
            found.push((cache, lost));
        }
        Ok(found)
    }

    /// How many records have lost their contents, each time that it was looked.
    async fn lost(&self, cache: &Cache, patience: Duration) -> Result<Option<usize>, Stop> {
        let (engine, info) = (self.engine().await?, self.engine_info().await?);
        let before: Mutex<Option<BTreeSet<String>>> = Mutex::default();
        let look = async || match cache.read(engine, info).await {
            Ok(None) => Look::Ready(Ok(0)),
            Ok(Some(state)) => {
                let torn = state.records.torn(&state.snapshots);
                let mut before = before.lock().unwrap_or_else(PoisonError::into_inner);
                match before.take() {
                    _ if torn.is_empty() => Look::Ready(Ok(0)),
                    Some(before) => Look::Ready(Ok(before.intersection(&torn).count())),
                    None => {
                        *before = Some(torn);
                        Look::NotYet("a first look".into())
                    }
                }
            }
            Err(Unreadable::Damaged(damaged)) => Look::Ready(Err(damaged)),
            Err(Unreadable::Busy) => Look::NotYet(Unreadable::Busy.to_string()),
            Err(other) => Look::Never(harness::outcome::chain(&other)),
        };
        match until("a cache that is not written just now", EVERY, patience, look).await {
            Ok(Ok(lost)) => Ok(Some(lost)),
            Ok(Err(damaged)) => {
                let found = format!("a database of {} is damaged: {damaged}", cache.name());
                Err(Failure::new(cache.name(), "databases that can be read", found).into())
            }
            Err(WaitError::TimedOut { .. }) => Ok(None),
            Err(never) => Err(never.into()),
        }
    }
}

impl Cache {
    async fn read(&self, engine: &Engine, info: &EngineInfo) -> Result<Option<CacheState>, Unreadable> {
        match self {
            Self::Container(container, kept) => CacheState::in_container(engine, container, kept).await,
            Self::Engine => CacheState::of_engine(info),
        }
    }

    /// Whose it is, in words.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Engine => "the engine's cache".into(),
            Self::Container(container, _) => format!("the cache in {}", container.name),
        }
    }
}
