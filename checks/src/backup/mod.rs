//! Requirement 1: everything that a reinstall takes away is on record and in a proved restore point.

mod builder_configurations;
mod cache_storage;
mod document_state;
mod rollback_plan;
