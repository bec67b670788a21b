//! Interrupts: the first ends the run in order, the second at once.

use std::io;

use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::exit::Exit;
use crate::process;
use crate::report::human::say;

/// Whether somebody asked the run to end.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens for SIGINT, SIGTERM and SIGHUP. `left` says what an end without clean-up leaves behind.
    pub(crate) fn listen(
        runtime: &Handle,
        left: impl Fn() -> String + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let _inside = runtime.enter();
        let signals = Signals {
            int: signal(SignalKind::interrupt())?,
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
        };
        let (asked, interrupt) = watch::channel(false);
        runtime.spawn(obey(signals, asked, left));
        Ok(Self(interrupt))
    }

    /// One that never comes.
    pub(crate) fn never() -> Self {
        Self(watch::channel(false).1)
    }

    /// One that is asked for by hand.
    #[cfg(test)]
    pub(crate) fn by_hand() -> (watch::Sender<bool>, Self) {
        let (asked, interrupt) = watch::channel(false);
        (asked, Self(interrupt))
    }

    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when somebody asks the run to end.
    pub(crate) async fn wait(&self) {
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            // Nobody listens for signals any more, so none will come.
            std::future::pending().await
        }
    }
}

struct Signals {
    int: Signal,
    term: Signal,
    hup: Signal,
}

impl Signals {
    async fn next(&mut self) {
        tokio::select! { _ = self.int.recv() => {}, _ = self.term.recv() => {}, _ = self.hup.recv() => {} }
    }
}

async fn obey(mut signals: Signals, asked: watch::Sender<bool>, left: impl Fn() -> String) {
    signals.next().await;
    asked.send_replace(true);
    say("\ninterrupted: ending what runs and cleaning up; interrupt again to end at once");
    signals.next().await;
    process::end_all();
    say(&format!("interrupted again: ended without cleaning up; left: {}", left()));
    end_at_once();
}

#[expect(clippy::disallowed_methods, reason = "the second interrupt asks for an end without teardown")]
fn end_at_once() -> ! {
    std::process::exit(Exit::Interrupted.code().into())
}
