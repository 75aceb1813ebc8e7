//! `simulate`: drives an engine in virtual time, against a server that is a function.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use crate::load::call::Call;
use crate::load::engine::{Engine, Next, Plan, Ticket};
use crate::load::scenario::{Mix, Scenario};
use crate::load::stage::{Load, Stage, Stages};
use crate::load::tally::Ended;
use crate::load::threshold::{Evidence, Standing, Threshold};

/// Runs to the end. `server` says when an operation that starts ends, and how.
pub(crate) fn simulate(
    engine: &mut Engine,
    mut server: impl FnMut(&Ticket) -> (Duration, Ended),
) -> Duration {
    let mut now = Duration::ZERO;
    let mut ends: BinaryHeap<Reverse<(Duration, u64)>> = BinaryHeap::new();
    let mut flying: std::collections::HashMap<u64, (Ticket, Ended)> = Default::default();
    loop {
        let until = match engine.next(now) {
            Next::Start(ticket) => {
                let (end, ended) = server(&ticket);
                ends.push(Reverse((end.max(now), ticket.number)));
                flying.insert(ticket.number, (ticket, ended));
                continue;
            }
            Next::Done => return now,
            Next::Wait(until) => until,
        };
        let end = ends.peek().map(|Reverse((end, _))| *end);
        let then = until.into_iter().chain(end).chain(engine.next_due()).min();
        now = then.expect("a run that waits for nothing would never end").max(now);
        while let Some(Reverse((end, number))) = ends.peek().copied().filter(|it| it.0.0 <= now) {
            ends.pop();
            let (ticket, ended) = flying.remove(&number).expect("it was started");
            engine.finish(&ticket, end, ended);
        }
        engine.expire(now);
    }
}

/// One run in virtual time: how it stands to a threshold. `server` says when what starts ends.
pub(crate) fn virtual_run(
    load: Load,
    duration: Duration,
    seed: u64,
    threshold: &Threshold,
    mut server: impl FnMut(u64, Duration) -> Duration,
) -> Standing {
    let scenario = Scenario::new("only", |_: &Call| ());
    let plan = Plan {
        seed,
        mix: Mix::new(seed, &[scenario]).expect("one scenario"),
        stages: Arc::new(Stages::new(vec![Stage::new("s", load, duration)]).expect("one stage")),
        deadlines: vec![Duration::from_secs(1_000_000)],
        most_in_flight: 1_000_000,
        most_waiting: 0,
        drain: Duration::ZERO,
        think_time: Duration::ZERO,
        operations: None,
    };
    let mut engine = Engine::new(plan);
    simulate(&mut engine, |ticket| (server(ticket.number, ticket.started), Ended::Ok));
    let scenarios = ["only".to_owned()];
    let evidence =
        Evidence { books: engine.books(), scenarios: &scenarios, time: duration, rise: None };
    threshold.judge(&evidence).standing
}
