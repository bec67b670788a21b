//! Requirement 6: a reinstall disturbs nobody more than it must.

mod communication;
mod fallback;
mod monitoring;
mod schedule;
