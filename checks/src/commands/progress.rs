//! How far a long work is: a bar at a terminal, a line every few seconds elsewhere, and one line for each part that ended.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use fixtures::progress::{Progress, Teller, silent};
use fixtures::size::Size;
use indicatif::{ProgressBar, ProgressStyle};

use super::page::{WIDTH, clipped};

/// How often a part that goes on is told of where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);
/// The width of the column with times.
const TIMES: usize = 9;

/// How much is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Telling {
    /// Say nothing of what is done meanwhile.
    #[arg(long)]
    quiet: bool,
}

impl Telling {
    /// Who is told of each part of a work: standard error, or nobody.
    pub(crate) fn teller(&self) -> Teller {
        if self.quiet { silent() } else { Arc::new(Shown::default()) }
    }
}

/// Progress on standard error.
#[derive(Default)]
struct Shown(Mutex<Option<Part>>);

/// A part that is under way.
struct Part {
    what: String,
    bytes: Option<u64>,
    done: u64,
    began: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl Progress for Shown {
    fn begins(&self, what: &str, bytes: Option<u64>) {
        let mut part = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The one before has ended.
        drop(part.take());
        *part = Some(Part::begun(what, bytes.filter(|bytes| *bytes > 0)));
    }

    fn advances(&self, bytes: u64) {
        let mut part = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(part) = part.as_mut() {
            part.advance(bytes);
        }
    }
}

impl Part {
    fn begun(what: &str, bytes: Option<u64>) -> Self {
        let now = Instant::now();
        let bar = std::io::stderr().is_terminal().then(|| bar(what, bytes));
        Self { what: what.to_owned(), bytes, done: 0, began: now, told: now, bar }
    }

    fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        match &self.bar {
            Some(bar) => bar.set_position(self.done),
            None if self.told.elapsed() >= EVERY => {
                self.told = Instant::now();
                eprintln!("    {}", so_far(self.done, self.bytes, self.began.elapsed()));
            }
            None => {}
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        eprintln!("{}", ended(&self.what, self.bytes, self.began.elapsed()));
    }
}

fn bar(what: &str, bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        Some(bytes) => (ProgressBar::new(bytes), "  {msg:40!} {wide_bar} {bytes}/{total_bytes} {eta}"),
        None => (ProgressBar::new_spinner(), "  {msg:66!} {spinner} {elapsed}"),
    };
    let style = ProgressStyle::with_template(template).expect("a template that indicatif knows");
    let bar = bar.with_style(style).with_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// What is done of a part, and how long the rest takes at this pace.
fn so_far(done: u64, bytes: Option<u64>, since: Duration) -> String {
    let Some(total) = bytes.filter(|total| *total > done && done > 0) else {
        return Size(done).to_string();
    };
    #[expect(clippy::cast_precision_loss, reason = "a time for people")]
    let left = since.as_secs_f64() * (total - done) as f64 / done as f64;
    format!("{} of {}, {left:.0} s left", Size(done), Size(total))
}

/// The line of a part that ended: what, its size, how long it took.
fn ended(what: &str, bytes: Option<u64>, took: Duration) -> String {
    let size = bytes.map(|bytes| format!(" [{}]", Size(bytes))).unwrap_or_default();
    let room = WIDTH - TIMES - size.chars().count();
    let what: String = clipped(&format!("  {what}")).chars().take(room).collect();
    let time = format!("{:.1} s", took.as_secs_f64());
    format!("{:<width$}{time:>TIMES$}", format!("{what}{size}"), width = WIDTH - TIMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_ended_is_one_line_of_a_page() {
        let line =
            ended("copying /var/lib/docker/volumes/x", Some(1_500_000_000), Duration::from_millis(61_230));
        assert_eq!(line.chars().count(), WIDTH, "{line}");
        assert!(line.starts_with("  copying /var") && line.ends_with("   61.2 s"), "{line}");
        let long = ended(&"é".repeat(300), Some(12), Duration::ZERO);
        assert!(long.chars().count() == WIDTH && long.contains(" ["), "{long}");
    }

    #[test]
    fn what_is_left_is_told_by_the_pace_so_far() {
        let said = so_far(1_000_000_000, Some(4_000_000_000), Duration::from_secs(10));
        assert!(said.ends_with("30 s left"), "{said}");
        assert!(!so_far(7, None, Duration::from_secs(1)).contains("left"));
        assert!(!so_far(9, Some(8), Duration::from_secs(1)).contains("left"), "more came than was announced");
    }
}
