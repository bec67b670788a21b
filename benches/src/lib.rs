//! What the suite costs, as ratios within one run: `cargo bench -p benches`.
