//! The test target `reinstall`.
fn main() {}
