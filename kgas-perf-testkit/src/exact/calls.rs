//! `Calls`: some calls of an operation, and what each took.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::allocated::{self, ALLOCATIONS, Allocated, Allocations, BYTES};
use super::counts::Counts;
use super::instructions;
use crate::check::Check;

/// Calls that are counted, after one that is not: what is set up once is set up then.
const CALLS: usize = 3;
/// Calls at most, until so many of them find the same on all threads.
const MOST_CALLS: usize = 30;

/// What of a call is counted besides what it counts itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    /// Allocations of all threads, not of the call's own polls only.
    pub(super) all_threads: bool,
    /// Instructions of its own polls.
    pub(super) instructions: bool,
}

/// Some calls of an operation.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// What each took, by name.
    pub(super) numbers: Vec<BTreeMap<String, u64>>,
    /// Whether allocations are among them.
    pub(super) allocations: bool,
    /// The least that was allocated elsewhere during a call, where only its own is counted.
    pub(super) elsewhere: Allocations,
    /// The fewest instructions a call took, or why nobody knows, if it was asked.
    pub(super) instructions: Option<Result<u64, String>>,
}

impl Calls {
    /// Calls and counts.
    pub(super) async fn take<T>(
        mut work: impl AsyncFnMut(&Counts) -> T,
        check: impl Check<T>,
        wanted: Wanted,
    ) -> Self {
        // The first call sets up what is set up once.
        drop(black_box(check.done(work(&Counts::new()).await)));
        let mut calls = Self::default();
        let mut allocated = Vec::new();
        while calls.numbers.len() < CALLS
            || wanted.all_threads && calls.numbers.len() < MOST_CALLS && !settled(&allocated)
        {
            let counts = Counts::new();
            let call = async { drop(black_box(check.done(work(&counts).await))) };
            allocated.extend(allocated::during(call).await);
            calls.numbers.push(counts.numbers());
        }
        if wanted.instructions {
            let mut fewest = Ok(u64::MAX);
            for _ in 0..CALLS {
                let counts = Counts::new();
                let call = async { drop(black_box(check.done(work(&counts).await))) };
                let counted = instructions_of(call).await;
                fewest = fewest.and_then(|fewest| Ok(counted?.min(fewest)));
            }
            calls.instructions = Some(fewest);
        }
        calls.add(&allocated, wanted);
        calls
    }

    fn add(&mut self, allocated: &[Allocated], wanted: Wanted) {
        self.allocations = !allocated.is_empty();
        // What else runs in the process only adds: where the least came again and again, it is
        // what the call takes.
        let least = allocated.iter().map(everything).min().unwrap_or_default();
        let settled = settled(allocated);
        for (numbers, allocated) in self.numbers.iter_mut().zip(allocated) {
            let taken = match wanted.all_threads {
                true if settled => least,
                true => everything(allocated),
                false => allocated.own,
            };
            numbers.insert(ALLOCATIONS.to_owned(), taken.count);
            numbers.insert(BYTES.to_owned(), taken.bytes);
        }
        if !wanted.all_threads {
            let elsewhere = allocated.iter().map(|each| each.elsewhere);
            self.elsewhere = elsewhere.min().unwrap_or_default();
        }
    }

    /// The fewest and the most of something that a call took.
    pub(super) fn span(&self, what: &str) -> (u64, u64) {
        let counts = || self.numbers.iter().map(|call| call.get(what).copied().unwrap_or(0));
        (counts().min().unwrap_or(0), counts().max().unwrap_or(0))
    }

    /// A sentence about what was allocated and is not counted; `None` if nothing was.
    pub(super) fn uncounted(&self) -> Option<String> {
        let Allocations { count, bytes } = self.elsewhere;
        (count > 0).then(|| {
            format!(
                "not counted: during each call, other threads or tasks made at least {count} \
                 allocations ({bytes} bytes); if the call started them, count them with \
                 `all_threads`"
            )
        })
    }
}

fn everything(allocated: &Allocated) -> Allocations {
    let Allocated { own, elsewhere } = allocated;
    Allocations { count: own.count + elsewhere.count, bytes: own.bytes + elsewhere.bytes }
}

/// Whether the least was found often enough; nothing to count is settled.
fn settled(allocated: &[Allocated]) -> bool {
    let least = allocated.iter().map(everything).min();
    least.is_none_or(|least| {
        allocated.iter().filter(|each| everything(each) == least).count() >= CALLS
    })
}

/// Awaits something; the instructions of its polls, each on the thread that polls.
async fn instructions_of(work: impl Future<Output = ()>) -> Result<u64, String> {
    let mut work = pin!(work);
    let mut sum = Ok(0);
    poll_fn(|context| {
        let (polled, counted) = instructions::count(|| work.as_mut().poll(context));
        sum = std::mem::replace(&mut sum, Ok(0)).and_then(|sum| Ok(sum + counted?));
        polled
    })
    .await;
    sum
}

/// The answer of a future that never waits, as one around a closure.
pub(super) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(answer) => answer,
        Poll::Pending => unreachable!("nothing in it waits"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allocated(own: u64, elsewhere: u64) -> Allocated {
        let of = |count| Allocations { count, bytes: 10 * count };
        Allocated { own: of(own), elsewhere: of(elsewhere) }
    }

    fn calls(allocated: &[Allocated], all_threads: bool) -> Calls {
        let mut calls =
            Calls { numbers: vec![BTreeMap::new(); allocated.len()], ..Calls::default() };
        calls.add(allocated, Wanted { all_threads, instructions: false });
        calls
    }

    #[test]
    fn what_else_runs_adds_and_the_least_that_comes_again_is_the_call() {
        let noisy = [(2, 5), (2, 3), (2, 400), (2, 3), (2, 3)].map(|(o, e)| allocated(o, e));
        assert!(settled(&noisy) && !settled(&noisy[..4]));
        let all = calls(&noisy, true);
        assert_eq!((all.span(ALLOCATIONS), all.span(BYTES)), ((5, 5), (50, 50)));
        assert_eq!(all.uncounted(), None);
        // What does not settle is told as it is.
        assert_eq!(calls(&noisy[..4], true).span(ALLOCATIONS), (5, 402));
    }

    #[test]
    fn what_is_not_counted_is_told_and_what_comes_now_and_then_is_others() {
        let own = calls(&[(2, 5), (2, 3), (2, 4)].map(|(o, e)| allocated(o, e)), false);
        assert_eq!(own.span(ALLOCATIONS), (2, 2));
        assert!(own.uncounted().unwrap().contains("at least 3 allocations (30 bytes)"));
        let alone = calls(&[(2, 5), (2, 0), (2, 0)].map(|(o, e)| allocated(o, e)), false);
        assert_eq!(alone.uncounted(), None);
        assert!(!calls(&[], false).allocations);
    }
}
