//! What a running check or stage has to itself: a name, a folder for evidence, and a note of what it is doing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::outcome::Stop;

/// The surroundings of one running check or stage. Cheap to clone; clones share all.
#[derive(Debug, Clone)]
pub struct Scope(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    folder: PathBuf,
    doing: Mutex<String>,
    debris: Mutex<Vec<String>>,
}

impl Scope {
    /// A scope with its evidence in `folder`, which need not exist yet.
    pub fn new(name: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            folder: folder.into(),
            doing: Mutex::default(),
            debris: Mutex::default(),
        }))
    }

    /// The full name of the check or stage.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Notes what is being done, or what was last seen: what a deadline or a broken outcome will say.
    pub fn doing(&self, what: impl Into<String>) {
        *self.0.doing.lock().unwrap_or_else(PoisonError::into_inner) = what.into();
    }

    /// The last note.
    pub fn last_doing(&self) -> String {
        self.0.doing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes something that was made and could not be removed again.
    pub fn leaves(&self, debris: impl Into<String>) {
        self.0.debris.lock().unwrap_or_else(PoisonError::into_inner).push(debris.into());
    }

    /// Everything that could not be removed.
    pub fn debris(&self) -> Vec<String> {
        self.0.debris.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The folder for evidence, made on first use.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn folder(&self) -> std::io::Result<&Path> {
        std::fs::create_dir_all(&self.0.folder)?;
        Ok(&self.0.folder)
    }

    /// Writes `value` as JSON under `name` into the folder for evidence.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&self, name: &str, value: &impl Serialize) -> Result<(), Stop> {
        let path = self.folder()?.join(format!("{name}.json"));
        Ok(std::fs::write(path, serde_json::to_vec_pretty(value)?)?)
    }
}
