//! `Gate`: lets callers through together, so that they call at the same time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Lets callers through when so many wait, or when the first of them has waited long enough.
#[derive(Debug)]
pub(crate) struct Gate {
    together: usize,
    patience: Duration,
    state: Mutex<State>,
    passed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    /// How often it has opened.
    openings: u64,
    /// Nobody waits any more.
    open: bool,
    /// Openings at which fewer than wanted passed.
    short: u64,
}

impl Gate {
    pub(crate) fn new(together: usize, patience: Duration) -> Self {
        Self { together, patience, state: Mutex::default(), passed: Condvar::new() }
    }

    /// Waits for the others.
    pub(crate) fn pass(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open {
            return;
        }
        state.waiting += 1;
        if state.waiting >= self.together {
            state.waiting = 0;
            state.openings += 1;
            self.passed.notify_all();
            return;
        }
        let turn = state.openings;
        let waited = self.passed.wait_timeout_while(state, self.patience, |state| {
            state.openings == turn && !state.open
        });
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && state.openings == turn {
            // The others have none to call: those that are here go.
            state.waiting = 0;
            state.openings += 1;
            state.short += 1;
            self.passed.notify_all();
        }
    }

    /// Lets everybody through from now on.
    pub(crate) fn open(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open = true;
        self.passed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn nobody_passes_before_all_are_there() {
        let gate = Gate::new(4, Duration::from_secs(60));
        let arrived = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for round in 1..=50 {
                        arrived.fetch_add(1, Ordering::SeqCst);
                        gate.pass();
                        assert!(arrived.load(Ordering::SeqCst) >= 4 * round);
                    }
                });
            }
        });
        let state = gate.state.lock().unwrap();
        assert_eq!((state.openings, state.short, state.waiting), (50, 0, 0));
    }

    #[test]
    fn whoever_waits_in_vain_passes_in_the_end() {
        let gate = Gate::new(2, Duration::from_millis(5));
        gate.pass();
        assert_eq!(gate.state.lock().unwrap().short, 1);
        gate.open();
        gate.pass();
    }
}
