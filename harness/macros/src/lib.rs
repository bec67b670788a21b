//! The `#[check]` attribute of the harness.
