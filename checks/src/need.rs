//! What a check cannot do without.

use harness::Name;

/// Something that may be absent from an installation without the installation being broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// The buildx plugin of the Docker client.
    Buildx,
    /// The compose plugin of the Docker client.
    Compose,
    /// A builder of the docker-container driver.
    ContainerBuilder,
    /// A builder that exports images, images for several platforms and cache.
    Exports,
    /// The selected builder, running.
    SelectedBuilder,
    /// A Docker context called `desktop-linux`.
    DesktopLinux,
    /// Programs for amd64 can be run.
    Amd64,
    /// Programs for arm64 can be run.
    Arm64,
    /// A registry that images can be pushed to.
    Registry,
    /// Leave to change the installation: a lab gives it, `--consent NAME` does.
    Consent,
    /// A disposable installation: what is done there is never done to a live one.
    Lab,
    /// The debugger of builds in the buildx plugin.
    Debugger,
    /// The command `devcontainer`, by which editors build dev containers.
    DevContainers,
}

impl Name for Need {
    fn name(self) -> &'static str {
        match self {
            Self::Buildx => "buildx",
            Self::Compose => "compose",
            Self::ContainerBuilder => "container-builder",
            Self::Exports => "exports",
            Self::SelectedBuilder => "selected-builder",
            Self::DesktopLinux => "desktop-linux",
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
            Self::Registry => "registry",
            Self::Consent => "consent",
            Self::Lab => "lab",
            Self::Debugger => "debugger",
            Self::DevContainers => "dev-containers",
        }
    }

    fn all() -> &'static [Self] {
        &[
            Self::Buildx,
            Self::Compose,
            Self::ContainerBuilder,
            Self::Exports,
            Self::SelectedBuilder,
            Self::DesktopLinux,
            Self::Amd64,
            Self::Arm64,
            Self::Registry,
            Self::Consent,
            Self::Lab,
            Self::Debugger,
            Self::DevContainers,
        ]
    }
}
