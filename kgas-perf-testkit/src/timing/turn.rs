//! `Turn`: one assertion is timed at a time, in this process and beside it.

use std::cell::Cell;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};

/// Longer than this nobody waits: a test that hangs must not hang all others. A first baseline
/// takes some seconds, and nextest starts as many tests at once as there are cores.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often it is looked whether another process is done.
const PAUSE: Duration = Duration::from_millis(5);

static TAKEN: Mutex<bool> = Mutex::new(false);
static FREE: Condvar = Condvar::new();

thread_local! {
    static MINE: Cell<bool> = const { Cell::new(false) };
}

/// The right to time something alone, until it is dropped.
///
/// Two assertions that are timed side by side slow each other down and then fail together. Tests
/// of the same process wait for one another, and so do processes of the same user: nextest gives
/// each test one. What the machine does besides is what the yardstick is for.
#[derive(Debug)]
pub(crate) struct Turn {
    /// Nothing to give back: an assertion inside an assertion, or one that waited too long.
    borrowed: bool,
    _file: Option<File>,
}

impl Turn {
    /// Waits for a turn, for some minutes at most; then takes it all the same.
    pub(crate) fn take() -> Self {
        let begun = SystemClock.now();
        if MINE.get() {
            return Self { borrowed: true, _file: None };
        }
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut taken, waited) = FREE
            .wait_timeout_while(taken, PATIENCE, |taken| *taken)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Self { borrowed: true, _file: None };
        }
        *taken = true;
        MINE.set(true);
        drop(taken);
        Self { borrowed: false, _file: lock(begun) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.borrowed {
            MINE.set(false);
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = false;
            FREE.notify_one();
        }
    }
}

/// A lock that processes of this user share; `None` where there is none or nobody gives it back.
fn lock(begun: Duration) -> Option<File> {
    let file = File::options().create(true).truncate(false).write(true).open(place()).ok()?;
    while file.try_lock().is_err() {
        if SystemClock.now().saturating_sub(begun) > PATIENCE {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
    Some(file)
}

fn place() -> PathBuf {
    let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_default();
    let user: String = user.chars().filter(|each| each.is_alphanumeric()).collect();
    std::env::temp_dir().join(format!("kgas-perf-turn-{user}.lock"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn turns_are_taken_one_at_a_time_and_may_be_nested() {
        let inside = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let _turn = Turn::take();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        let _nested = Turn::take();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
    }
}
