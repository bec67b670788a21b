//! What a running check or stage has to itself: a name, a folder for evidence, and a note of what it is doing.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::outcome::{Doing, Stop};
use crate::text::clip;

/// The surroundings of one running check or stage. Cheap to clone; clones share all.
#[derive(Debug, Clone)]
pub struct Scope(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    root: PathBuf,
    folder: PathBuf,
    doing: Mutex<String>,
    debris: Mutex<Vec<String>>,
}

impl Scope {
    /// A scope with its evidence in `folder`, which need not exist yet.
    pub fn new(name: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let root = folder.parent().unwrap_or(&folder).to_owned();
        Self::made(name.into(), root, folder)
    }

    /// The scope of a check (`a::b::c`) or stage (`stages::c`) of a run whose evidence lies under `root`: its own in the
    /// folder `a/b/c` there.
    pub fn under(root: &Path, name: &str) -> Self {
        let folder = name.split("::").fold(root.to_owned(), |folder, part| folder.join(part));
        Self::made(name.to_owned(), root.to_owned(), folder)
    }

    fn made(name: String, root: PathBuf, folder: PathBuf) -> Self {
        Self(Arc::new(Inner { name, root, folder, doing: Mutex::default(), debris: Mutex::default() }))
    }

    /// The scope of another check or stage of the same run, to read its evidence.
    pub fn beside(&self, name: &str) -> Self {
        Self::under(&self.0.root, name)
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
        self.0.debris.lock().unwrap_or_else(PoisonError::into_inner).push(clip(&debris.into(), 500));
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

    /// The folder for evidence, where something was put into it.
    pub fn evidence(&self) -> Option<&Path> {
        self.0.folder.is_dir().then_some(&self.0.folder)
    }

    /// Reads what [`Scope::record`] wrote under `name`.
    ///
    /// # Errors
    /// When it is not there or has another shape.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, Stop> {
        let path = self.0.folder.join(format!("{name}.json"));
        let reading = format!("reading {}", path.display());
        let text = std::fs::read(&path).doing(&reading)?;
        serde_json::from_slice(&text).doing(&reading)
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
