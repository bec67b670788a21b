//! Connections to BuildKit, each made once: one into a container costs as much as a small build.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use fixtures::installation::BuildKit;
use harness::Stop;
use tokio::sync::OnceCell;

/// The connections that were made, by where they lead.
#[derive(Debug, Default)]
pub(crate) struct Connections(Mutex<HashMap<String, Arc<OnceCell<BuildKit>>>>);

impl Connections {
    /// The connection that leads to `place`, made by `connect` if there is none.
    ///
    /// # Errors
    /// When it cannot be made; it is tried again then.
    pub(crate) async fn to(
        &self,
        place: &str,
        connect: impl Future<Output = Result<BuildKit, Stop>>,
    ) -> Result<BuildKit, Stop> {
        let known = Arc::clone(
            self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(place.into()).or_default(),
        );
        Ok(known.get_or_try_init(|| connect).await?.clone())
    }
}
