//! `contain`: runs what may panic, keeps the message, and lets nothing out.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};

use crate::load::kinds::shorten;

/// Runs `work`; a panic is its message.
///
/// A panic inside a panic ends the process; nothing in it can prevent that.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let before = CONTAINED.try_with(|contained| contained.replace(true)).unwrap_or(false);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let result = result.map_err(|payload| {
        let message = message(payload.as_ref());
        // What was thrown may panic when it is dropped, and what that throws, too.
        if let Err(again) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(again);
        }
        message
    });
    let _ = CONTAINED.try_with(|contained| contained.set(before));
    result
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    shorten(text.unwrap_or("(no text)")).to_owned()
}

thread_local! {
    /// Whether this thread runs an operation, so that its panics are counted and not written.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>;

/// While one exists, panics of contained operations are not written; all others go to the hook
/// that was there. When the last is dropped, that hook is back.
#[derive(Debug)]
pub(crate) struct Quiet(());

struct Installed {
    /// Runs in progress.
    runs: usize,
    /// Where our hook is, to know it again, and the hook that was there before.
    hook: Option<(usize, Arc<Hook>)>,
}

static INSTALLED: Mutex<Installed> = Mutex::new(Installed { runs: 0, hook: None });

impl Quiet {
    pub(crate) fn new() -> Self {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        installed.runs += 1;
        // A thread that panics may not change the hook.
        if installed.runs == 1 && installed.hook.is_none() && !std::thread::panicking() {
            let before = Arc::new(panic::take_hook());
            let passed = before.clone();
            let ours: Hook = Box::new(move |info| {
                if !CONTAINED.try_with(Cell::get).unwrap_or(false) {
                    passed(info);
                }
            });
            installed.hook = Some((address(&ours), before));
            panic::set_hook(ours);
        }
        Self(())
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        installed.runs -= 1;
        if installed.runs > 0 || std::thread::panicking() {
            return;
        }
        let Some((ours, before)) = installed.hook.take() else {
            return;
        };
        let current = panic::take_hook();
        if address(&current) != ours {
            // Somebody has set another meanwhile, which may call ours: it stays.
            panic::set_hook(current);
            return;
        }
        drop(current);
        match Arc::try_unwrap(before) {
            Ok(before) => panic::set_hook(before),
            Err(shared) => panic::set_hook(Box::new(move |info| shared(info))),
        }
    }
}

/// Where a hook's state is: it has some, so no other has this address while it lives.
fn address(hook: &Hook) -> usize {
    std::ptr::from_ref(hook.as_ref()).cast::<()>().addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics when it is dropped.
    struct Grudge;

    impl Drop for Grudge {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[test]
    fn messages_are_kept_and_what_is_thrown_may_panic_too() {
        let _quiet = Quiet::new();
        assert_eq!(contain(|| 1), Ok(1));
        assert_eq!(contain(|| panic!("oh")), Err::<(), _>("oh".to_owned()));
        assert_eq!(contain(|| panic!("{}", 7)), Err::<(), _>("7".to_owned()));
        assert_eq!(contain(|| panic::panic_any(5)), Err::<(), _>("(no text)".to_owned()));
        assert_eq!(contain(|| drop(Grudge)), Err("dropped".to_owned()));
        let thrown = contain(|| panic::panic_any(Grudge));
        assert_eq!(thrown, Err::<(), _>("(no text)".to_owned()));
    }
}
