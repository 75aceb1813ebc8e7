//! Workers: threads that call synchronous operations.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use crate::load::call::{Call, End};
use crate::load::contain::contain;
use crate::load::engine::Finish;
use crate::load::scenario::Body;
use crate::load::shared::Shared;
use crate::load::supervisor::Hands;
use crate::load::tally::Ended;

/// Threads, one for each operation in flight.
#[derive(Debug)]
pub(crate) struct Threads {
    shared: Arc<Shared>,
}

impl Threads {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn spawn(&self) -> io::Result<()> {
        let shared = self.shared.clone();
        // Nobody joins it: a thread that hangs would hang whoever does.
        thread::Builder::new().name("kgas-perf-load".to_owned()).spawn(move || {
            work(&shared);
            // It may be the last that holds the operations, and what they hold may panic.
            let _ = contain(|| drop(shared));
        })?;
        Ok(())
    }
}

impl Hands for Threads {
    /// Called with the lock held, so that nobody begins before all are there.
    fn begin(&mut self, most: usize) -> io::Result<usize> {
        for started in 0..most {
            if let Err(error) = self.spawn() {
                return if started == 0 { Err(error) } else { Ok(started) };
            }
        }
        Ok(most)
    }

    fn replace(&mut self, lost: usize) -> io::Result<()> {
        (0..lost).try_for_each(|_| {
            self.shared.lock().workers += 1;
            self.spawn().inspect_err(|_| self.shared.lock().workers -= 1)
        })
    }
}

fn work(shared: &Shared) {
    let given_up = Arc::new(AtomicBool::new(false));
    let seed = shared.lock().engine.plan().seed;
    while let Some(mut ticket) = shared.next_for_thread(&given_up) {
        if let Some(gate) = &shared.gate {
            gate.pass();
            let now = shared.now();
            shared.lock().engine.restart(&mut ticket, now);
        }
        let call = shared.call(&ticket, seed, &given_up);
        let ended = perform(shared, ticket.scenario, &call);
        let now = shared.now();
        if shared.finish(&ticket, now, ended) == Finish::Late {
            return;
        }
    }
}

/// Calls the operation of a scenario.
fn perform(shared: &Shared, scenario: usize, call: &Call) -> Ended {
    let Some(Body::Sync(operation)) = shared.bodies.0.get(scenario) else {
        return Ended::Error("an asynchronous operation was given to a thread".to_owned());
    };
    let ended = contain(|| match &shared.registry {
        Some(registry) => registry.run(|| operation(call)),
        None => operation(call),
    });
    match ended {
        Ok(end) => end.into(),
        Err(message) => Ended::Panicked(message),
    }
}

impl From<End> for Ended {
    fn from(end: End) -> Self {
        match end {
            End::Ok => Self::Ok,
            End::Error(kind) => Self::Error(kind),
            End::Cancelled => Self::Cancelled,
        }
    }
}
