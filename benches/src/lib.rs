//! Builds timed.
