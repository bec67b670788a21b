//! What the suite costs, as ratios within one run: `cargo bench -p benches`.

pub mod client;
pub mod restic;
pub mod rounds;
pub mod scratch;
pub mod volume;
