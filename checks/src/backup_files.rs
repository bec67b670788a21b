//! Looking into a restore point by unpacking it, as somebody would who does not trust its table of contents.

use fixtures::backup::RestorePoint;
use fixtures::installation::BuilderDefinition;
use harness::{Doing, Stop};

/// The definitions of builders in a restore point.
pub(crate) fn unpacked_definitions(point: &RestorePoint) -> Result<Vec<BuilderDefinition>, Stop> {
    let scratch = tempfile::tempdir()?;
    let instances = point.contents().items.iter().filter(|item| item.place.relative().ends_with("instances"));
    let mut found = Vec::new();
    for item in instances {
        item.archive
            .unseal(point.folder(), scratch.path(), &())
            .doing("unpacking the builders' definitions")?;
        for entry in std::fs::read_dir(scratch.path().join("instances"))? {
            let path = entry?.path();
            let bytes = std::fs::read(&path)?;
            found.push(BuilderDefinition::parse(&path, bytes).doing("reading a saved definition")?);
        }
    }
    Ok(found)
}

/// The names of the builders in a restore point.
pub(crate) fn definitions(point: &RestorePoint) -> Result<Vec<String>, Stop> {
    Ok(unpacked_definitions(point)?.into_iter().map(|definition| definition.name).collect())
}
