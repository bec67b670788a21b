//! Requirement 5: what is written down is true of this installation, and of this program.

mod command_lines;
mod configuration_reference;
mod maintenance;
mod procedures;
mod troubleshooting;
