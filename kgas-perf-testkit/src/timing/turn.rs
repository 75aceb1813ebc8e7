//! `Turn`: one assertion is timed at a time, in this process and beside it.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};

/// Longer than this nobody waits: a test that hangs must not hang all others. A first baseline
/// takes some seconds, and nextest starts as many tests at once as there are cores.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often it is looked whether another process is done.
const PAUSE: Duration = Duration::from_millis(5);

/// Who has it: a future may give it back on another thread than it was taken on.
static TAKEN: Mutex<Option<ThreadId>> = Mutex::new(None);
static FREE: Condvar = Condvar::new();

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
        let mut turn = Self::take_here();
        if !turn.borrowed {
            turn._file = lock(begun);
        }
        turn
    }

    /// The same among the assertions of this process only.
    pub(crate) fn take_here() -> Self {
        let me = std::thread::current().id();
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut taken, _) = FREE
            .wait_timeout_while(taken, PATIENCE, |taken| taken.is_some_and(|who| who != me))
            .unwrap_or_else(PoisonError::into_inner);
        let borrowed = taken.is_some();
        taken.get_or_insert(me);
        Self { borrowed, _file: None }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.borrowed {
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = None;
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
        // A turn that was given back by another thread is free, and this thread's no more.
        let turn = Turn::take_here();
        std::thread::spawn(move || drop(turn)).join().unwrap();
        assert!(!Turn::take_here().borrowed);
    }
}
