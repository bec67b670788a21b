//! Contenders that are measured in turn, so that a busy machine slows all of them, and compared by their medians.

use std::fmt;
use std::time::{Duration, Instant};

/// How long a piece of work takes.
pub fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The middle of several times; the upper one of two.
///
/// # Panics
/// Without any time.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Something that was measured several times.
#[derive(Debug, Clone)]
pub struct Contender {
    name: &'static str,
    times: Vec<Duration>,
}

impl Contender {
    /// One that has not been measured yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, times: Vec::new() }
    }

    /// Measures it once more.
    pub fn measure(&mut self, work: impl FnOnce()) {
        self.times.push(timed(work));
    }

    /// Its median in seconds; none before it was measured.
    pub fn seconds(&self) -> Option<f64> {
        (!self.times.is_empty()).then(|| median(self.times.clone()).as_secs_f64())
    }

    /// A line of a table: name, median, what of `bytes` it does in a second, and every round.
    pub fn row(&self, bytes: u64) -> String {
        let Some(seconds) = self.seconds() else { return format!("{:<36} not measured", self.name) };
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = bytes as f64 / f64::from(1 << 20) / seconds;
        let rounds: Vec<String> =
            self.times.iter().map(|time| format!("{:.2}", time.as_secs_f64())).collect();
        format!("{:<36} {seconds:>6.2} s {rate:>6.0} MiB/s  {}", self.name, rounds.join(" "))
    }
}

/// What a ratio has to be.
#[derive(Debug, Clone, Copy)]
pub enum Bar {
    /// As much or less.
    AtMost(f64),
    /// As much or more.
    AtLeast(f64),
}

impl Bar {
    fn met_by(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }

    /// A line of a table: the ratio between the sums of two sides' medians, and whether it meets the bar.
    pub fn row(self, name: &str, over: &[&Contender], under: &[&Contender]) -> String {
        let sum = |side: &[&Contender]| side.iter().map(|one| one.seconds()).sum::<Option<f64>>();
        match sum(over).zip(sum(under)).map(|(over, under)| over / under) {
            Some(ratio) => {
                let verdict = if self.met_by(ratio) { "met" } else { "missed" };
                format!("{name:<46} {ratio:>6.2}   {self:<13} {verdict}")
            }
            None => format!("{name:<46}      -   {self:<13} not measured"),
        }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
        }
    }
}
