//! The program `reinstall`.
fn main() {}
