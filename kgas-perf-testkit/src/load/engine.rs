//! `Engine`: what starts when, and what became of it. It is told the time and reads no clock.
//!
//! ```text
//!   arrivals ──► due ──► waiting ──► in flight ──► one of ok, error, panicked,
//!   (open)              (bounded)    (bounded)     timed out, cancelled
//!                           │
//!   workers ──► ready ──────┼─► in flight          too many waiting, or stopped: dropped
//!   (closed)                ▼
//!                        dropped
//! ```
//!
//! Threads, tasks and simulations drive the same engine: they ask what is next, do it, and say
//! how it ended. So what is counted is decided here, once, and tested in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::load::arrival::Arrivals;
use crate::load::books::Books;
use crate::load::scenario::Mix;
use crate::load::stage::Stages;
use crate::load::tally::Ended;

/// What a run is to do; all of it was checked.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) stages: Arc<Stages>,
    pub(crate) mix: Mix,
    /// How long an operation of each scenario may take.
    pub(crate) deadlines: Vec<Duration>,
    /// The most operations in flight.
    pub(crate) most_in_flight: usize,
    /// The most operations that wait for one in flight to end.
    pub(crate) most_waiting: usize,
    /// How long waiting operations may still start after the last stage.
    pub(crate) drain: Duration,
    /// What a worker of the closed model waits between two operations.
    pub(crate) think_time: Duration,
    /// No more operations than this, warm-up not counted.
    pub(crate) operations: Option<u64>,
}

/// An operation that is to start now, and later is told to have ended.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) number: u64,
    pub(crate) scenario: usize,
    /// When it was meant to start.
    pub(crate) intended: Duration,
    pub(crate) started: Duration,
    /// When it is given up.
    pub(crate) due: Duration,
    stage: usize,
    pub(crate) slot: usize,
}

/// What is next.
#[derive(Clone, Debug)]
pub(crate) enum Next {
    /// This operation starts.
    Start(Ticket),
    /// Nothing before this time, or before an operation ends.
    Wait(Option<Duration>),
    /// Nothing any more.
    Done,
}

/// Whether an end counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Counted,
    /// It had been given up: somebody else has its place.
    Late,
}

/// An operation that could not start yet.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    number: u64,
    scenario: usize,
    intended: Duration,
    stage: usize,
}

/// Where operations come from.
#[derive(Debug)]
enum Source {
    Open {
        arrivals: Box<std::iter::Peekable<Arrivals>>,
        waiting: VecDeque<Waiting>,
    },
    /// When idle workers are ready, and how many workers there are, idle or not.
    Closed {
        ready: BinaryHeap<Reverse<Duration>>,
        workers: usize,
    },
}

/// What starts when, and what became of it.
#[derive(Debug)]
pub(crate) struct Engine {
    plan: Plan,
    source: Source,
    /// By slot; `None` is free.
    flights: Vec<Option<Ticket>>,
    free: Vec<usize>,
    /// What is in flight by when it is given up.
    due: BTreeSet<(Duration, usize)>,
    /// When a place became free for what waits.
    free_since: Duration,
    next_number: u64,
    /// Operations planned outside of the warm-up.
    counted: u64,
    stopped: bool,
    books: Books,
}

impl Engine {
    pub(crate) fn new(plan: Plan) -> Self {
        let source = if plan.stages.is_open() {
            let arrivals = Arrivals::new(plan.stages.clone(), plan.seed).peekable();
            Source::Open { arrivals: Box::new(arrivals), waiting: VecDeque::new() }
        } else {
            Source::Closed { ready: BinaryHeap::new(), workers: 0 }
        };
        let books = Books::new(&plan);
        Self {
            source,
            flights: Vec::new(),
            free: Vec::new(),
            due: BTreeSet::new(),
            free_since: Duration::ZERO,
            next_number: 0,
            counted: 0,
            stopped: false,
            books,
            plan,
        }
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn books(&self) -> &Books {
        &self.books
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.due.len()
    }

    /// Operations that wait for one in flight to end.
    pub(crate) fn waiting(&self) -> usize {
        match &self.source {
            Source::Open { waiting, .. } => waiting.len(),
            Source::Closed { .. } => 0,
        }
    }

    /// What is next at this time. Times never go back, or by the little that threads differ.
    pub(crate) fn next(&mut self, now: Duration) -> Next {
        if !self.stopped {
            self.arrive(now);
            if self.in_flight() < self.plan.most_in_flight
                && let Some(ticket) = self.take(now)
            {
                return Next::Start(ticket);
            }
        }
        let waits = if self.stopped { None } else { self.next_arrival(now) };
        if self.is_over(waits) { Next::Done } else { Next::Wait(waits) }
    }

    /// Whether nothing is left to start or to end.
    pub(crate) fn is_done(&mut self, now: Duration) -> bool {
        if self.stopped {
            return self.is_over(None);
        }
        self.arrive(now);
        let waits = self.next_arrival(now);
        self.is_over(waits)
    }

    fn is_over(&self, waits: Option<Duration>) -> bool {
        waits.is_none() && self.due.is_empty() && self.waiting() == 0
    }

    /// Starts an operation again, later than it was given out: it has waited for others to be
    /// called at the same time as it.
    pub(crate) fn restart(&mut self, ticket: &mut Ticket, now: Duration) {
        let here = self.flights.get_mut(ticket.slot).and_then(Option::as_mut);
        let Some(here) = here.filter(|here| here.number == ticket.number) else {
            return;
        };
        self.due.remove(&(here.due, ticket.slot));
        here.due = now.saturating_add(self.plan.deadlines[here.scenario]);
        here.started = now;
        if !self.plan.stages.is_open() {
            here.intended = now;
        }
        self.due.insert((here.due, ticket.slot));
        *ticket = here.clone();
    }

    /// When the first operation in flight is given up.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Admits what was meant to start until now, and drops what finds no place to wait.
    fn arrive(&mut self, now: Duration) {
        let room =
            (self.plan.most_in_flight - self.due.len()).saturating_add(self.plan.most_waiting);
        match &mut self.source {
            Source::Open { arrivals, waiting } => {
                let stages = &self.plan.stages;
                while let Some(intended) = arrivals.next_if(|intended| *intended <= now) {
                    let stage = stages.at(intended);
                    if !stages.all()[stage].warm_up {
                        if self.plan.operations.is_some_and(|most| self.counted >= most) {
                            // Nothing after it is asked for.
                            continue;
                        }
                        self.counted += 1;
                    }
                    let number = self.next_number;
                    self.next_number += 1;
                    let scenario = self.plan.mix.choose(number);
                    self.books.planned(stage, scenario);
                    if waiting.len() < room {
                        waiting.push_back(Waiting { number, scenario, intended, stage });
                    } else {
                        self.books.dropped(stage, scenario, intended);
                    }
                }
                let over = stages.end().saturating_add(self.plan.drain);
                if now >= over {
                    for left in waiting.drain(..) {
                        self.books.dropped(left.stage, left.scenario, now);
                    }
                }
            }
            Source::Closed { ready, workers } => {
                let (allowed, _) = self.plan.stages.workers(now);
                while *workers < allowed {
                    ready.push(Reverse(now));
                    *workers += 1;
                }
                while *workers > allowed && ready.pop().is_some() {
                    *workers -= 1;
                }
            }
        }
    }

    /// The operation that starts now, if one does.
    fn take(&mut self, now: Duration) -> Option<Ticket> {
        let taken = match &mut self.source {
            Source::Open { waiting, .. } => waiting.pop_front()?,
            Source::Closed { ready, .. } => {
                let intended = ready.peek().map(|Reverse(ready)| *ready)?;
                if intended > now {
                    return None;
                }
                let stage = self.plan.stages.at(now);
                if !self.plan.stages.all()[stage].warm_up {
                    if self.plan.operations.is_some_and(|most| self.counted >= most) {
                        return None;
                    }
                    self.counted += 1;
                }
                ready.pop();
                let number = self.next_number;
                self.next_number += 1;
                let scenario = self.plan.mix.choose(number);
                self.books.planned(stage, scenario);
                Waiting { number, scenario, intended, stage }
            }
        };
        let Waiting { number, scenario, intended, stage } = taken;
        self.books.lag(now.saturating_sub(intended.max(self.free_since)));
        if self.plan.stages.is_open() && intended < self.free_since {
            // All places were taken after it was meant to start.
            self.books.held_back(stage);
        }
        // A worker that waits for nothing has no plan of its own: its latency is its service time.
        let intended = if self.plan.stages.is_open() { intended } else { now };
        let due = now.saturating_add(self.plan.deadlines[scenario]);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.flights.push(None);
            self.flights.len() - 1
        });
        let ticket = Ticket { number, scenario, intended, started: now, due, stage, slot };
        self.flights[slot] = Some(ticket.clone());
        self.due.insert((due, slot));
        self.books.in_flight(now, self.due.len());
        Some(ticket)
    }

    /// When something may start without anything having ended before.
    fn next_arrival(&mut self, now: Duration) -> Option<Duration> {
        let spent = self.plan.operations.is_some_and(|most| self.counted >= most);
        match &mut self.source {
            Source::Open { arrivals, waiting } => {
                let arrival = if spent { None } else { arrivals.peek().copied() };
                // What waits is dropped when the time to drain is over.
                let over = self.plan.stages.end().saturating_add(self.plan.drain);
                arrival.or((!waiting.is_empty()).then_some(over))
            }
            Source::Closed { ready, .. } => {
                let warm = self.plan.stages.all()[self.plan.stages.at(now)].warm_up;
                let (_, changes) = self.plan.stages.workers(now);
                let changes = changes.filter(|changes| *changes < self.plan.stages.end());
                if spent && !warm {
                    return None;
                }
                let ready = ready.peek().map(|Reverse(ready)| *ready);
                let ready = ready.filter(|ready| *ready < self.plan.stages.end());
                ready.into_iter().chain(changes).min()
            }
        }
    }

    /// Counts the end of an operation.
    pub(crate) fn finish(&mut self, ticket: &Ticket, now: Duration, ended: Ended) -> Finish {
        let here = self.flights.get(ticket.slot).and_then(Option::as_ref);
        if here.is_none_or(|here| here.number != ticket.number) {
            return Finish::Late;
        }
        // Whoever waits gives up at the deadline, even if the clock is looked at later.
        let (now, ended) =
            if now > ticket.due { (ticket.due, Ended::TimedOut) } else { (now, ended) };
        self.end(ticket.slot, now, &ended);
        Finish::Counted
    }

    /// Gives up what should have ended by now, and answers what that was.
    pub(crate) fn expire(&mut self, now: Duration) -> Vec<Ticket> {
        let mut expired = Vec::new();
        while let Some((due, slot)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            expired.extend(self.end(slot, due, &Ended::TimedOut));
        }
        expired
    }

    /// Cancels what is in flight, drops what waits, and starts nothing more.
    pub(crate) fn stop(&mut self, now: Duration) -> Vec<Ticket> {
        let mut cancelled = Vec::new();
        if self.stopped {
            return cancelled;
        }
        self.arrive(now);
        self.stopped = true;
        self.books.stopped = Some(now);
        if let Source::Open { waiting, .. } = &mut self.source {
            for left in waiting.drain(..) {
                self.books.dropped(left.stage, left.scenario, now);
            }
        }
        while let Some((_, slot)) = self.due.first().copied() {
            cancelled.extend(self.end(slot, now, &Ended::Stopped));
        }
        cancelled
    }

    /// Whether [`Engine::stop`] was called.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Frees a slot and books what was in it.
    fn end(&mut self, slot: usize, now: Duration, ended: &Ended) -> Option<Ticket> {
        if !self.stopped {
            // What was to start before this end found the slot taken.
            self.arrive(now);
        }
        let ticket = self.flights[slot].take()?;
        if self.due.len() >= self.plan.most_in_flight {
            self.free_since = now;
        }
        self.due.remove(&(ticket.due, slot));
        self.free.push(slot);
        let latency = now.saturating_sub(ticket.intended);
        let service = now.saturating_sub(ticket.started);
        self.books.ended(ticket.stage, ticket.scenario, now, ended, latency, service);
        self.books.in_flight(now, self.due.len());
        if let Source::Closed { ready, workers } = &mut self.source {
            let (allowed, _) = self.plan.stages.workers(now);
            if *workers > allowed {
                *workers -= 1;
            } else {
                ready.push(Reverse(now.saturating_add(self.plan.think_time)));
            }
        }
        Some(ticket)
    }
}

#[cfg(test)]
mod tests;
