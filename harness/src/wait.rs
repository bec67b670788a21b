//! Waiting for a condition: the only sleep in the workspace.

use std::time::{Duration, Instant};

use crate::outcome::Stop;

/// One look at a condition.
#[derive(Debug)]
pub enum Look<T> {
    /// The condition holds.
    Ready(T),
    /// It does not hold yet; what was seen instead.
    NotYet(String),
    /// It never will.
    Never(String),
}

/// A wait that came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// The condition did not come to hold in time.
    #[error("{what}: not within {up_to:?}; last seen: {last_seen}")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// The time that was allowed.
        up_to: Duration,
        /// What the last look saw.
        last_seen: String,
    },
    /// The condition cannot come to hold any more.
    #[error("{what}: {why}")]
    Never {
        /// What was waited for.
        what: String,
        /// What the last look saw.
        why: String,
    },
}

impl From<WaitError> for Stop {
    fn from(error: WaitError) -> Self {
        Self::broken(&error)
    }
}

/// Looks `every` so often until the condition holds, for at most `up_to`. A look that hangs is cut off at the deadline.
///
/// # Errors
/// Says what was waited for and what was last seen.
pub async fn until<T, F>(
    what: &str,
    every: Duration,
    up_to: Duration,
    mut look: impl FnMut() -> F,
) -> Result<T, WaitError>
where
    F: Future<Output = Look<T>>,
{
    let deadline = Instant::now() + up_to;
    let mut last_seen = String::from("nothing");
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left, look()).await {
            Ok(Look::Ready(value)) => return Ok(value),
            Ok(Look::NotYet(seen)) => last_seen = seen,
            Ok(Look::Never(why)) => return Err(WaitError::Never { what: what.to_owned(), why }),
            Err(_) if last_seen == "nothing" => last_seen = String::from("a look that did not come back"),
            Err(_) => {}
        }
        if Instant::now() + every >= deadline {
            return Err(WaitError::TimedOut { what: what.to_owned(), up_to, last_seen });
        }
        pause(every).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one home of sleeping")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_that_comes_to_hold_is_returned() {
        let mut looks = 0;
        let found = until("three", Duration::from_millis(1), Duration::from_secs(5), || {
            looks += 1;
            let seen = looks;
            async move { if seen == 3 { Look::Ready(seen) } else { Look::NotYet(seen.to_string()) } }
        })
        .await;
        assert_eq!(found.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_time_out_says_what_was_last_seen() {
        let error = until("the socket", Duration::from_millis(1), Duration::from_millis(5), || async {
            Look::<()>::NotYet("connection refused".into())
        })
        .await
        .unwrap_err();
        assert_eq!(error.to_string(), "the socket: not within 5ms; last seen: connection refused");
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_cut_off() {
        let error = until("an answer", Duration::from_millis(1), Duration::from_millis(5), || async {
            std::future::pending::<Look<()>>().await
        })
        .await
        .unwrap_err();
        assert!(error.to_string().contains("a look that did not come back"), "{error}");
    }
}
