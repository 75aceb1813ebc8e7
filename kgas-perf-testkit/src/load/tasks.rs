//! Tasks: asynchronous operations, polled by tokio.
//!
//! A thread of its own supervises, so that a deadline holds even where an operation blocks the
//! runtime's threads. It starts operations at their time; the timers of tokio, which go by
//! milliseconds, only end them.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use kgas_perf_runtime::Registry;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::load::call::{Call, End};
use crate::load::contain::{Quiet, contain};
use crate::load::engine::{Engine, Finish, Ticket};
use crate::load::error::LoadError;
use crate::load::report::Report;
use crate::load::report::build::{Ended as Over, build};
use crate::load::scenario::{Body, Task};
use crate::load::shared::Shared;
use crate::load::supervisor::{Hands, supervise};
use crate::load::tally::Ended;
use crate::load::test::Checked;

/// Runs a checked test on the runtime that this is awaited in.
pub(crate) async fn run(checked: Checked) -> Result<Report, LoadError> {
    let runtime = Handle::try_current().map_err(|_| LoadError::NoRuntime)?;
    // A runtime without a timer panics when it is asked for one.
    let quiet = Quiet::new();
    contain(|| drop(tokio::time::sleep(std::time::Duration::ZERO)))
        .map_err(|_| LoadError::NoRuntime)?;
    let Checked { name, plan, mut watch, bodies, unanswered, lag_allowed, registry, gate: _ } =
        checked;
    let shared = Arc::new(Shared::new(Engine::new(plan), bodies, registry, None));
    let answer = Arc::new(Answer::default());
    let (on_thread, told) = (shared.clone(), answer.clone());
    let supervisor = std::thread::Builder::new().name("kgas-perf-load".to_owned());
    let supervisor = supervisor.spawn(move || {
        let _quiet = quiet;
        let mut tasks = Tasks { shared: on_thread.clone(), runtime, set: JoinSet::new() };
        let outcome = supervise(&on_thread, &mut tasks, &mut watch);
        let report = outcome.map_err(|source| LoadError::NoThread { source }).map(|outcome| {
            build(&Over {
                name: &name,
                shared: &on_thread,
                outcome: &outcome,
                watch: &watch,
                unanswered: &unanswered,
                lag_allowed,
            })
        });
        let _ = contain(|| drop((tasks, on_thread)));
        told.give(report);
    });
    supervisor.map_err(|source| LoadError::NoThread { source })?;
    Waits { answer, shared }.await
}

/// Tasks, one for each operation in flight.
struct Tasks {
    shared: Arc<Shared>,
    runtime: Handle,
    set: JoinSet<()>,
}

impl Hands for Tasks {
    fn begin(&mut self, most: usize) -> io::Result<usize> {
        Ok(most)
    }

    /// Their place is free, and what is next gets a new task.
    fn replace(&mut self, _lost: usize) -> io::Result<()> {
        Ok(())
    }

    fn is_told(&self) -> bool {
        true
    }

    fn start(&mut self, tickets: Vec<Ticket>) {
        while self.set.try_join_next().is_some() {}
        for ticket in tickets {
            let flight = Flight { shared: self.shared.clone(), ticket, over: false };
            self.set.spawn_on(fly(flight), &self.runtime);
        }
    }

    fn stop(&mut self) {
        self.set.abort_all();
    }
}

/// An operation in flight. When it is dropped before its end, it was cancelled.
struct Flight {
    shared: Arc<Shared>,
    ticket: Ticket,
    over: bool,
}

impl Flight {
    fn end(&mut self, ended: Ended) -> Finish {
        self.over = true;
        self.shared.finish(&self.ticket, self.shared.now(), ended)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.over {
            self.end(Ended::Stopped);
        }
    }
}

/// Performs one operation after the other, as long as there is one to start at once.
async fn fly(mut flight: Flight) {
    let given_up = Arc::new(AtomicBool::new(false));
    let seed = {
        let mut state = flight.shared.lock();
        let now = flight.shared.now();
        state.engine.restart(&mut flight.ticket, now);
        Shared::started(&mut state, &flight.ticket, &given_up);
        state.engine.plan().seed
    };
    loop {
        let call = flight.shared.call(&flight.ticket, seed, &given_up);
        let left = flight.ticket.due.saturating_sub(flight.ticket.started);
        let ended = match Contained::new(&flight.shared, flight.ticket.scenario, call) {
            Err(message) => Ended::Panicked(message),
            Ok(contained) => match tokio::time::timeout(left, contained).await {
                Ok(Ok(end)) => end.into(),
                Ok(Err(message)) => Ended::Panicked(message),
                Err(_) => Ended::TimedOut,
            },
        };
        if flight.end(ended) == Finish::Late {
            return;
        }
        // An operation that is always ready would keep its thread from everybody else.
        tokio::task::yield_now().await;
        let Some(next) = flight.shared.next_for_task(&given_up) else { return };
        flight.ticket = next;
        flight.over = false;
    }
}

/// A future whose panics are its answer, those in its destructor too.
struct Contained {
    future: Option<Task>,
    registry: Option<Registry>,
}

impl Contained {
    fn new(shared: &Shared, scenario: usize, call: Call) -> Result<Self, String> {
        let Some(Body::Async(operation)) = shared.bodies.0.get(scenario) else {
            return Err("a synchronous operation was given to a task".to_owned());
        };
        let future = contain(|| operation(call))?;
        Ok(Self { future: Some(future), registry: shared.registry.clone() })
    }
}

impl Future for Contained {
    type Output = Result<End, String>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { future, registry } = &mut *self;
        let Some(running) = future else { return Poll::Pending };
        let polled = contain(|| match registry {
            Some(registry) => registry.run(|| running.as_mut().poll(context)),
            None => running.as_mut().poll(context),
        });
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(end)) => Poll::Ready(contain(|| drop(future.take())).map(|()| end)),
            Err(message) => {
                let _ = contain(|| drop(future.take()));
                Poll::Ready(Err(message))
            }
        }
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        let _ = contain(|| drop(self.future.take()));
    }
}

/// What the supervisor answers, and who waits for it.
#[derive(Default)]
struct Answer(Mutex<Told>);

#[derive(Default)]
struct Told {
    report: Option<Result<Report, LoadError>>,
    waker: Option<Waker>,
}

impl Answer {
    fn give(&self, report: Result<Report, LoadError>) {
        let mut answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answer.report = Some(report);
        if let Some(waker) = answer.waker.take() {
            drop(answer);
            waker.wake();
        }
    }
}

/// Waits for the supervisor. When it is dropped, the run is stopped.
struct Waits {
    answer: Arc<Answer>,
    shared: Arc<Shared>,
}

impl Future for Waits {
    type Output = Result<Report, LoadError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut answer = self.answer.0.lock().unwrap_or_else(PoisonError::into_inner);
        match answer.report.take() {
            Some(report) => Poll::Ready(report),
            None => {
                answer.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let now = self.shared.now();
        self.shared.stop(&mut state, now);
    }
}

#[cfg(test)]
mod tests;
