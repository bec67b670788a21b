//! Running one body: its deadline, its panics, an interrupt.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Once;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::engine::interrupt::Interrupt;

/// How long a body that was told to end may take to let go of what it holds.
const GRACE: Duration = Duration::from_secs(2);

/// How a body came to its end.
#[derive(Debug)]
pub(crate) enum Ended<T> {
    /// It returned.
    Returned(T),
    /// It panicked; place and message.
    Panicked(String),
    /// It was past its deadline and was ended.
    Late,
    /// It was past its deadline and does not end, because it never awaits; it goes on unwatched.
    Stuck,
    /// Somebody asked the run to end.
    Interrupted,
}

impl<T> Ended<T> {
    /// Why it did not return; `within` was its deadline.
    pub(crate) fn why(&self, within: Duration) -> String {
        let within = humantime::format_duration(within);
        match self {
            Self::Returned(_) => String::new(),
            Self::Panicked(text) => text.clone(),
            Self::Late => format!("not done within {within}"),
            Self::Stuck => format!("not done within {within}, and it never awaits, so it could not be ended"),
            Self::Interrupted => "the run was interrupted".into(),
        }
    }
}

/// Runs `body` to an end, whatever it does. The body has a thread of its own, so that one that never awaits keeps neither
/// another body nor the runtime from going on. Ending it means dropping its future, which ends its child processes.
pub(crate) fn run<T: Send + 'static>(
    runtime: &Handle,
    within: Duration,
    interrupt: &Interrupt,
    body: impl Future<Output = T> + Send + 'static,
) -> Ended<T> {
    catch_places();
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell, told) = oneshot::channel();
    let handle = runtime.clone();
    let thread = std::thread::Builder::new().name("body".into()).spawn(move || {
        let ended = handle.block_on(async {
            tokio::select! { ended = guarded(body) => Some(ended), _ = stopped => None }
        });
        // Nobody listens any more when the body was given up.
        let _ = tell.send(ended);
    });
    match thread {
        Ok(_) => runtime.block_on(watch(within, interrupt, stop, told)),
        Err(error) => Ended::Panicked(format!("no thread for the body: {error}")),
    }
}

async fn watch<T>(
    within: Duration,
    interrupt: &Interrupt,
    stop: oneshot::Sender<()>,
    mut told: oneshot::Receiver<Option<Ended<T>>>,
) -> Ended<T> {
    let interrupted = tokio::select! {
        ended = timeout(within, &mut told) => match ended {
            Ok(Ok(Some(ended))) => return ended,
            Ok(_) => return Ended::Panicked("panicked while its values were dropped".into()),
            Err(_) => false,
        },
        () = interrupt.wait() => true,
    };
    drop(stop);
    let let_go = timeout(GRACE, told).await.is_ok();
    match (interrupted, let_go) {
        (true, _) => Ended::Interrupted,
        (false, true) => Ended::Late,
        (false, false) => Ended::Stuck,
    }
}

tokio::task_local! {
    static PANIC: RefCell<String>;
}

async fn guarded<T>(body: impl Future<Output = T>) -> Ended<T> {
    let caught = async {
        let returned = AssertUnwindSafe(body).catch_unwind().await;
        returned.map_or_else(|_| Ended::Panicked(PANIC.with(RefCell::take)), Ended::Returned)
    };
    PANIC.scope(RefCell::default(), caught).await
}

/// Makes panics of bodies remember their place instead of being printed; others are printed as before.
fn catch_places() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let said = info.payload_as_str().unwrap_or("a value that is no text");
            let text = format!("panicked at {place}: {said}");
            if PANIC.try_with(|panic| *panic.borrow_mut() = text).is_err() {
                print(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::Runtime;

    const SOON: Duration = Duration::from_millis(20);
    const NEVER: Duration = Duration::from_secs(600);

    fn ended<T: Send + 'static>(
        within: Duration,
        body: impl Future<Output = T> + Send + 'static,
    ) -> Ended<T> {
        let runtime = Runtime::new().unwrap();
        let (_ask, interrupt) = Interrupt::by_hand();
        let ended = run(runtime.handle(), within, &interrupt, body);
        runtime.shutdown_background();
        ended
    }

    #[test]
    fn a_panic_is_kept_with_its_place() {
        let ended: Ended<()> = ended(NEVER, async { panic!("at the disco") });
        let Ended::Panicked(text) = ended else { panic!("it should have panicked") };
        assert!(text.contains("body.rs:") && text.ends_with("at the disco"), "{text}");
    }

    #[test]
    fn a_body_past_its_deadline_is_dropped() {
        let (held, dropped) = std::sync::mpsc::channel::<()>();
        let ended = ended(SOON, async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        assert!(matches!(ended, Ended::Late), "{ended:?}");
        assert!(dropped.recv().is_err());
    }

    #[test]
    fn a_body_that_never_awaits_is_given_up() {
        let (end, asked) = std::sync::mpsc::channel::<()>();
        let ended = ended(SOON, async move { asked.recv().is_err() });
        assert!(matches!(ended, Ended::Stuck), "{ended:?}");
        drop(end);
    }

    #[test]
    fn an_interrupt_ends_a_body() {
        let runtime = Runtime::new().unwrap();
        let (ask, interrupt) = Interrupt::by_hand();
        ask.send_replace(true);
        let ended = run(runtime.handle(), NEVER, &interrupt, std::future::pending::<()>());
        assert!(matches!(ended, Ended::Interrupted), "{ended:?}");
    }
}
