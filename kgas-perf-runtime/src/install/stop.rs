//! `Stop`: how a thread is asked to stop, and says that it has.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a thread is asked to stop, and says that it has.
#[derive(Debug, Default)]
pub(super) struct Stop {
    state: Mutex<Stopping>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Stopping {
    asked: bool,
    done: bool,
}

impl Stop {
    /// Asks the thread to stop, and waits for nothing.
    pub(super) fn ask(&self) {
        self.lock().asked = true;
        self.changed.notify_all();
    }

    pub(super) fn is_asked(&self) -> bool {
        self.lock().asked
    }

    /// Waits so long, or until it is asked to stop; answers whether it is.
    pub(super) fn pause(&self, every: Duration) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), every, |state| !state.asked)
            .unwrap_or_else(PoisonError::into_inner);
        state.asked
    }

    /// Waits until the thread says that it has stopped, at most so long; answers whether it has.
    pub(super) fn wait(&self, deadline: Duration) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), deadline, |state| !state.done)
            .unwrap_or_else(PoisonError::into_inner);
        state.done
    }

    /// Says that the thread has stopped when this goes, even by a panic.
    pub(super) fn done_in_the_end(&self) -> Done<'_> {
        Done(self)
    }

    fn lock(&self) -> MutexGuard<'_, Stopping> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// See [`Stop::done_in_the_end`].
#[derive(Debug)]
pub(super) struct Done<'a>(&'a Stop);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.lock().done = true;
        self.0.changed.notify_all();
    }
}
