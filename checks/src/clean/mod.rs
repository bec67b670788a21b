//! Requirement 2: after the purge nothing of BuildKit's state is left, and nothing else is missing.

mod cache_storage;
mod configuration_files;
mod remove_builders;
mod stop_processes;
