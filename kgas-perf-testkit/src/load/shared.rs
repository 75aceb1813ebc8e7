//! `Shared`: what workers, tasks and their supervisor share while a run is on.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::measure::{Clock, SystemClock};

use crate::load::call::Call;
use crate::load::engine::{Engine, Finish, Next, Ticket};
use crate::load::gate::Gate;
use crate::load::scenario::Body;
use crate::load::tally::Ended;

/// What workers, tasks and their supervisor share.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// The one worker that waits for the next start.
    leader: Condvar,
    /// All others that have nothing to do.
    idle: Condvar,
    supervisor: Condvar,
    origin: OnceLock<Duration>,
    pub(crate) bodies: Bodies,
    pub(crate) registry: Option<Registry>,
    pub(crate) gate: Option<Gate>,
    stopped: Arc<AtomicBool>,
    /// Operations that were given up and have not returned.
    pub(crate) left_running: Arc<AtomicUsize>,
}

/// The scenarios' operations, by position.
pub(crate) struct Bodies(pub(crate) Vec<Body>);

impl std::fmt::Debug for Bodies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bodies", self.0.len())
    }
}

/// What changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) engine: Engine,
    /// Until when somebody waits for the next start; `None` when nobody does.
    led_until: Option<Duration>,
    /// Workers that have not left and were not given up.
    pub(crate) workers: usize,
    /// By slot: how what is in flight is told that nobody waits for it any more.
    given_up: HashMap<usize, Arc<AtomicBool>>,
}

impl Shared {
    pub(crate) fn new(
        engine: Engine,
        bodies: Bodies,
        registry: Option<Registry>,
        gate: Option<Gate>,
    ) -> Self {
        let state = State { engine, led_until: None, workers: 0, given_up: HashMap::new() };
        Self {
            state: Mutex::new(state),
            leader: Condvar::new(),
            idle: Condvar::new(),
            supervisor: Condvar::new(),
            origin: OnceLock::new(),
            bodies,
            registry,
            gate,
            stopped: Arc::default(),
            left_running: Arc::default(),
        }
    }

    /// No operation runs under the lock, so a panic leaves nothing half done.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time since the run began; the first call begins it.
    pub(crate) fn now(&self) -> Duration {
        let now = SystemClock.now();
        now.saturating_sub(*self.origin.get_or_init(|| now))
    }

    /// What an operation is told.
    pub(crate) fn call(&self, ticket: &Ticket, seed: u64, given_up: &Arc<AtomicBool>) -> Call {
        let (given_up, stopped) = (given_up.clone(), self.stopped.clone());
        Call { number: ticket.number, seed, given_up, stopped }
    }

    /// The next operation for a thread that has none; waits for it. `None` when there will be
    /// none: then the thread is no worker any more.
    pub(crate) fn next_for_thread(&self, given_up: &Arc<AtomicBool>) -> Option<Ticket> {
        let mut state = self.lock();
        loop {
            let now = self.now();
            match state.engine.next(now) {
                Next::Start(ticket) => {
                    state.given_up.insert(ticket.slot, given_up.clone());
                    // Whoever waited first now watches for the next start.
                    if state.led_until.is_none() {
                        self.idle.notify_one();
                    }
                    return Some(ticket);
                }
                Next::Done => {
                    state.workers -= 1;
                    self.wake_all();
                    return None;
                }
                Next::Wait(Some(until)) => {
                    if let Some(led_until) = state.led_until {
                        if until < led_until {
                            self.leader.notify_one();
                        }
                        state = self.idle.wait(state).unwrap_or_else(PoisonError::into_inner);
                        continue;
                    }
                    state.led_until = Some(until);
                    let pause = until.saturating_sub(now);
                    let waited = self.leader.wait_timeout(state, pause);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                    state.led_until = None;
                }
                Next::Wait(None) => {
                    state = self.idle.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// The next operation for a task that has ended one, if it can start at once.
    #[cfg(feature = "tokio")]
    pub(crate) fn next_for_task(&self, given_up: &Arc<AtomicBool>) -> Option<Ticket> {
        let mut state = self.lock();
        let now = self.now();
        match state.engine.next(now) {
            Next::Start(ticket) => {
                state.given_up.insert(ticket.slot, given_up.clone());
                Some(ticket)
            }
            Next::Wait(_) | Next::Done => {
                // There may now be something to wait for that the supervisor does not know.
                self.supervisor.notify_one();
                None
            }
        }
    }

    /// Notes whom to tell when this operation is given up.
    #[cfg(feature = "tokio")]
    pub(crate) fn started(state: &mut State, ticket: &Ticket, given_up: &Arc<AtomicBool>) {
        state.given_up.insert(ticket.slot, given_up.clone());
    }

    /// Counts the end of an operation.
    pub(crate) fn finish(&self, ticket: &Ticket, now: Duration, ended: Ended) -> Finish {
        let mut state = self.lock();
        let counted = state.engine.finish(ticket, now, ended);
        if counted == Finish::Late {
            drop(state);
            self.left_running.fetch_sub(1, Ordering::Relaxed);
        }
        counted
    }

    /// Gives up what should have ended, and answers how many that were.
    pub(crate) fn expire(&self, state: &mut State, now: Duration) -> usize {
        let expired = state.engine.expire(now);
        self.give_up(state, &expired);
        expired.len()
    }

    /// Ends the run now.
    pub(crate) fn stop(&self, state: &mut State, now: Duration) {
        self.stopped.store(true, Ordering::Relaxed);
        let cancelled = state.engine.stop(now);
        self.give_up(state, &cancelled);
        self.wake_all();
    }

    fn give_up(&self, state: &mut State, tickets: &[Ticket]) {
        self.left_running.fetch_add(tickets.len(), Ordering::Relaxed);
        for ticket in tickets {
            if let Some(flag) = state.given_up.remove(&ticket.slot) {
                flag.store(true, Ordering::Relaxed);
            }
        }
        // Whoever calls it has left the workers as far as the run is concerned.
        state.workers = state.workers.saturating_sub(tickets.len());
    }

    /// Wakes everybody, since the run is over.
    pub(crate) fn wake_all(&self) {
        self.leader.notify_all();
        self.idle.notify_all();
        self.supervisor.notify_all();
        if let Some(gate) = &self.gate {
            gate.open();
        }
    }

    /// Wakes whoever waits for a start, since a place has become free.
    pub(crate) fn wake_idle(&self) {
        self.idle.notify_all();
        self.leader.notify_all();
    }

    /// Waits until something happens or the time is over.
    pub(crate) fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        pause: Duration,
    ) -> MutexGuard<'a, State> {
        let waited = self.supervisor.wait_timeout(state, pause);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
