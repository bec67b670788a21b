//! Copying a builder's volume with a digest for every file, and restoring it with every entry compared, beside
//! `tar | zstd` and restic: `cargo bench -p benches --bench backup`, as root, with 12 GiB of room below
//! `BENCH_SCRATCH` or the target folder. All of it stays in the page cache, whatever the disk.
//!
//! Restored trees are kept to the end: ext4 without a journal takes its time to use the inodes of deleted files again, and
//! would slow whoever restores next.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on says why and ends")]

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use benches::restic::Restic;
use benches::rounds::{Bar, Contender};
use benches::{scratch, volume};
use fixtures::backup::{Sealed, Tree};
use fixtures::size::Size;

/// How often all are measured.
const ROUNDS: usize = 3;

fn main() -> ExitCode {
    if !rustix::process::geteuid().is_root() {
        eprintln!("needs root, to make devices and trusted.* attributes");
        return ExitCode::from(5);
    }
    let restic = tokio::runtime::Runtime::new().unwrap().block_on(Restic::fetch());
    let restic = restic.inspect_err(|error| eprintln!("without restic: {error}")).ok();
    let scratch = scratch::folder().unwrap();
    volume::make(&scratch.path().join("volume")).unwrap();
    let mut bench = Bench::new(restic);
    for round in 0..ROUNDS {
        bench.round(scratch.path(), round);
    }
    bench.report();
    ExitCode::SUCCESS
}

struct Bench {
    restic: Option<Restic>,
    sealed: Option<Sealed>,
    /// The most memory that sealing and unsealing took in this process, in bytes.
    peak: u64,
    plain: Contender,
    seal: Contender,
    restic_backup: Contender,
    restic_check: Contender,
    unseal: Contender,
    restic_restore: Contender,
}

impl Bench {
    fn new(restic: Option<Restic>) -> Self {
        Self {
            restic,
            sealed: None,
            peak: 0,
            plain: Contender::new("tar | zstd -1 -T2, nothing verified"),
            seal: Contender::new("backup with digests"),
            restic_backup: Contender::new("restic backup"),
            restic_check: Contender::new("restic check --read-data"),
            unseal: Contender::new("restore, every entry compared"),
            restic_restore: Contender::new("restic restore"),
        }
    }

    /// Each contender once, and a quiet disk before each.
    fn round(&mut self, scratch: &Path, round: usize) {
        let volume = scratch.join("volume");
        let (restored, copies) = (scratch.join(format!("restored-{round}")), scratch.join("copies"));
        for folder in [&restored, &copies] {
            fs::create_dir_all(folder).unwrap();
        }
        scratch::settle(scratch).unwrap();
        self.plain.measure(|| tar_and_zstd(&volume, &copies.join("plain.tar.zst")));
        scratch::settle(scratch).unwrap();
        self.ours(&volume, &copies, &restored);
        self.restic(&volume, &copies.join("restic"), &scratch.join(format!("restored-by-restic-{round}")));
        fs::remove_dir_all(copies).unwrap();
    }

    fn ours(&mut self, volume: &Path, copies: &Path, restored: &Path) {
        scratch::forget_peak_memory().unwrap();
        let sealed = &mut self.sealed;
        self.seal.measure(|| {
            *sealed = Some(Sealed::seal(&Tree::of_folder(volume), copies, "sealed", &()).unwrap());
        });
        scratch::settle(copies).unwrap();
        let sealed = self.sealed.as_ref().unwrap();
        self.unseal.measure(|| sealed.unseal(copies, restored, &()).unwrap());
        self.peak = self.peak.max(scratch::peak_memory().unwrap());
        scratch::settle(copies).unwrap();
    }

    fn restic(&mut self, volume: &Path, repository: &Path, restored: &Path) {
        let Some(restic) = &self.restic else { return };
        let repository = restic.repository(repository.into());
        self.restic_backup.measure(|| repository.backup(volume));
        scratch::settle(volume).unwrap();
        self.restic_check.measure(|| repository.check());
        self.restic_restore.measure(|| repository.restore(restored));
        scratch::settle(volume).unwrap();
    }

    fn report(&self) {
        let sealed = self.sealed.as_ref().unwrap();
        let totals = &sealed.totals;
        println!("{} in {} files, {} further names", Size(totals.bytes), totals.files, totals.hard_links);
        println!("{} devices, {} attributes, {} links", totals.devices, totals.xattrs, totals.symlinks);
        let restic = self.restic.as_ref().map_or_else(|| "no restic".into(), Restic::version);
        println!("{restic}; load {}; {ROUNDS} rounds\n", scratch::load());
        for contender in [
            &self.plain,
            &self.seal,
            &self.restic_backup,
            &self.restic_check,
            &self.restic_restore,
            &self.unseal,
        ] {
            println!("{}", contender.row(totals.bytes));
        }
        println!();
        self.ratios();
        println!("archive {}, peak memory {}", Size(sealed.size), Size(self.peak));
    }

    fn ratios(&self) {
        let (most, twice, thrice) = (Bar::AtMost(1.1), Bar::AtLeast(2.5), Bar::AtLeast(3.0));
        println!("{}", most.row("backup / tar | zstd", &[&self.seal], &[&self.plain]));
        let restic = [&self.restic_backup, &self.restic_check];
        println!("{}", twice.row("restic backup and check / backup", &restic, &[&self.seal]));
        println!("{}", thrice.row("restic restore / restore", &[&self.restic_restore], &[&self.unseal]));
    }
}

fn tar_and_zstd(tree: &Path, archive: &Path) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "tar -C \"$1\" -cf - . | zstd -q -1 -T2 -o \"$2\"", "sh"]).args([tree, archive]);
    assert!(shell.status().unwrap().success());
}
