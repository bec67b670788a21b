//! Requirement 3: what was desired is what is there.

mod builders;
mod cache_management;
mod daemon_availability;
mod development_environment;
