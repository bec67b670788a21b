//! Scenario: the way through a reinstall, as it is written down.
