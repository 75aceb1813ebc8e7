//! `Measured`: a future measured across its polls, for `poll = true`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::measure::call_site::CallSite;
use crate::measure::detached::{DetachedMeasurement, PolledCall};
use crate::measure::mode::{self, TALLY};
use crate::measure::outcome::Outcome;
use crate::measure::shard::Shard;
use crate::measure::tally::{self, Tally};
use crate::measure::thread;

/// A future that knows how long it was polled and how long it waited.
///
/// Generated code builds it in place with a struct literal, so no function takes the inner
/// future by value and a chain of measured futures grows by a constant each.
///
/// # Cost
/// Two more clock readings a poll than the measurement of the whole call (`benches/measure.rs`).
#[derive(Debug)]
pub struct Measured<F, J, const MEMORY: u8> {
    /// Whose call it is.
    pub site: &'static CallSite,
    /// Input size in entities, exactly when the site is sized.
    pub size: Option<u64>,
    /// Shallow size of the arguments, in bytes.
    pub argument_bytes: u64,
    /// Says how a call with this output ended.
    pub outcome_of: J,
    /// What is remembered between polls.
    pub state: State<MEMORY>,
    /// The work.
    pub future: F,
}

/// What [`Measured`] remembers between polls.
#[derive(Debug)]
pub struct State<const MEMORY: u8> {
    /// Runs from the first poll to the end.
    call: DetachedMeasurement<MEMORY>,
    begun: bool,
    /// A poll could not be measured, so their sum is unknown.
    gap: bool,
    polled: PolledCall,
}

impl<const MEMORY: u8> State<MEMORY> {
    /// Of a future that was never polled: no call yet.
    #[inline(always)]
    pub const fn new() -> Self {
        Self {
            call: DetachedMeasurement::idle(),
            begun: false,
            gap: false,
            polled: PolledCall { polls: 0, busy: 0, callees: 0, tally: None },
        }
    }

    fn end(&mut self) {
        if self.call.is_running() {
            self.call.end((!self.gap).then_some(&self.polled));
        }
    }
}

impl<const MEMORY: u8> Default for State<MEMORY> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const MEMORY: u8> Drop for State<MEMORY> {
    /// A future that is dropped between two polls is cancelled; one that panicked, panicked.
    fn drop(&mut self) {
        self.end();
    }
}

impl<F, J, const MEMORY: u8> Future for Measured<F, J, MEMORY>
where
    F: Future,
    J: FnMut(&F::Output) -> Outcome,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: `future` is pinned with `self` and never moved out of it; the other fields are
        // not treated as pinned.
        let this = unsafe { self.get_unchecked_mut() };
        if !this.state.begun {
            this.state.begun = true;
            this.state.call.start(this.site, this.size, this.argument_bytes);
        }
        let scope = PollScope::enter(&mut this.state);
        // SAFETY: as above.
        let polled = unsafe { Pin::new_unchecked(&mut this.future) }.poll(context);
        drop(scope);
        if let Poll::Ready(output) = &polled {
            this.state.call.set((this.outcome_of)(output));
            this.state.end();
        }
        polled
    }
}

/// One poll in progress. Ends on the same thread, also when the poll panics.
struct PollScope<'a, const MEMORY: u8> {
    state: &'a mut State<MEMORY>,
    /// Null when this poll cannot be measured.
    shard: *const Shard,
    start: u64,
    callees_before: u64,
    tally: Option<(Tally, Tally)>,
}

impl<'a, const MEMORY: u8> PollScope<'a, MEMORY> {
    fn enter(state: &'a mut State<MEMORY>) -> Self {
        let shard = thread::current();
        let mut scope = Self { state, shard, start: 0, callees_before: 0, tally: None };
        // SAFETY: null, or the thread's own shard, which stays while the scope is on its stack:
        // leaving a registry in between is what `leave` below looks for.
        if let Some(shard) = unsafe { shard.as_ref() } {
            scope.callees_before = shard.callees.replace(0);
            if mode::mode() & TALLY != 0 {
                scope.tally = Some((tally::of_this_thread(), shard.callees_tally.take()));
            }
            scope.start = shard.now();
        }
        scope
    }
}

impl<const MEMORY: u8> Drop for PollScope<'_, MEMORY> {
    fn drop(&mut self) {
        let polled = &mut self.state.polled;
        polled.polls += 1;
        // SAFETY: as in `enter`; a shard that is no longer the thread's is not touched.
        let shard = unsafe { self.shard.as_ref() };
        let Some(shard) = shard.filter(|_| self.shard == thread::current()) else {
            self.state.gap = true;
            return;
        };
        let took = shard.now().saturating_sub(self.start);
        let callees = shard.callees.replace(self.callees_before.wrapping_add(took));
        polled.busy += took;
        polled.callees += callees.min(took);
        if let Some((before, callees_before)) = self.tally {
            let tally = tally::of_this_thread().since(before);
            let callees = shard.callees_tally.replace(callees_before.plus(tally));
            let (all, all_callees) = polled.tally.unwrap_or_default();
            polled.tally = Some((all.plus(tally), all_callees.plus(callees)));
        }
    }
}
