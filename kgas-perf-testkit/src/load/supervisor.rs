//! `supervise`: watches over a run until it ends, and ends it where it must.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kgas_perf_runtime::resource::OwnProcess;

use crate::load::engine::{Next, Ticket};
use crate::load::machine::{Reading, Readings};
use crate::load::progress::Progress;
use crate::load::shared::Shared;
use crate::load::threshold::Threshold;

/// Who calls the operations.
pub(crate) trait Hands {
    /// Makes ready so many; answers how many there are.
    ///
    /// # Errors
    /// When there are none.
    fn begin(&mut self, most: usize) -> io::Result<usize>;

    /// Makes up for so many that do not return.
    ///
    /// # Errors
    /// When there is nobody to replace them.
    fn replace(&mut self, lost: usize) -> io::Result<()>;

    /// Whether it is told what to start, instead of looking itself.
    fn is_told(&self) -> bool {
        false
    }

    /// Starts these.
    fn start(&mut self, _tickets: Vec<Ticket>) {}

    /// Ends what can be ended.
    fn stop(&mut self) {}
}

/// What a run is watched for.
#[derive(Debug)]
pub(crate) struct Watch {
    /// When the run ends at the latest.
    pub(crate) deadline: Duration,
    /// How many operations may hang before the run ends.
    pub(crate) most_abandoned: usize,
    pub(crate) thresholds: Vec<Threshold>,
    /// Names of the scenarios, which thresholds are restricted to.
    pub(crate) scenarios: Vec<String>,
    /// Ends the run when it is set.
    pub(crate) stop: Option<Arc<AtomicBool>>,
    pub(crate) progress: Progress,
}

/// Why a run ended before its plan did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// A threshold is broken for sure.
    Broken(String),
    /// It could not go on; this is why.
    Unable(String),
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) elapsed: Duration,
    pub(crate) stopped: Option<Stopped>,
    /// Operations given up that had not returned then.
    pub(crate) abandoned: usize,
    pub(crate) readings: Readings,
}

/// How often thresholds are looked at.
const JUDGE_EVERY: Duration = Duration::from_millis(250);
/// How often nothing happens at most.
const TICK: Duration = Duration::from_millis(20);
/// Tasks end by their own timers, unless they block their thread for longer than this.
const GRACE: Duration = Duration::from_millis(100);
/// How long workers that have nothing more to do are waited for.
const FAREWELL: Duration = Duration::from_secs(1);

/// Watches over a run until it ends.
///
/// # Errors
/// When there is nobody to call the operations.
pub(crate) fn supervise(
    shared: &Arc<Shared>,
    hands: &mut dyn Hands,
    watch: &mut Watch,
) -> io::Result<Outcome> {
    let mut stopped = None;
    let mut state = shared.lock();
    let most = state.engine.plan().most_in_flight;
    let ready = hands.begin(most)?;
    state.workers = if hands.is_told() { 0 } else { ready };
    if ready < most {
        let few = format!("only {ready} of {most} threads could be started");
        stopped = Some(Stopped::Unable(few));
    }
    let (mut process, mut readings) = (OwnProcess::new(), Readings::default());
    let (mut judged, mut abandoned) = (Duration::ZERO, 0);
    let grace = if hands.is_told() { GRACE } else { Duration::ZERO };
    // The run begins here.
    shared.now();
    loop {
        let now = shared.now();
        let lost = shared.expire(&mut state, now.saturating_sub(grace));
        if lost > 0 {
            abandoned += lost;
            // A hundred threads given up at once return at once, if they do.
            let left = shared.left_running.load(Ordering::Relaxed);
            if left > watch.most_abandoned {
                let told = format!("{left} operations did not return after their deadline");
                stopped.get_or_insert(Stopped::Unable(told));
            }
        }
        if now >= watch.deadline && !state.engine.is_done(now) {
            let told = format!("the run's deadline of {:?} was over", watch.deadline);
            stopped.get_or_insert(Stopped::Unable(told));
        }
        let told = watch.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed));
        if told && !state.engine.is_done(now) {
            stopped.get_or_insert(Stopped::Unable("it was stopped".to_owned()));
        }
        if now >= judged + JUDGE_EVERY && stopped.is_none() {
            judged = now;
            let broken = watch.thresholds.iter().filter(|threshold| threshold.aborts());
            let broken = broken.into_iter().find(|threshold| {
                threshold.is_broken_for_sure(state.engine.books(), &watch.scenarios)
            });
            stopped = broken.map(|threshold| Stopped::Broken(threshold.to_string()));
        }
        if stopped.is_some() && !state.engine.is_stopped() {
            let flying = state.engine.in_flight();
            shared.stop(&mut state, now);
            // Tasks are dropped; threads go on.
            abandoned += if hands.is_told() { 0 } else { flying };
        }
        if state.engine.is_done(now) {
            break;
        }
        watch.progress.look(now, &state.engine);
        let mut told = Vec::new();
        let mut until = now + TICK;
        if hands.is_told() {
            loop {
                match state.engine.next(now) {
                    Next::Start(ticket) => told.push(ticket),
                    Next::Wait(then) => {
                        until = then.map_or(until, |then| then.min(until));
                        break;
                    }
                    Next::Done => break,
                }
            }
        }
        if lost > 0 || !told.is_empty() || now >= readings.due() {
            drop(state);
            hands.start(told);
            if lost > 0 && stopped.is_none() {
                if let Err(error) = hands.replace(lost) {
                    let why = format!("a hanging thread could not be replaced: {error}");
                    stopped = Some(Stopped::Unable(why));
                }
                shared.wake_idle();
            }
            if now >= readings.due() {
                readings.push(Reading::take(&mut process, now));
            }
            state = shared.lock();
            continue;
        }
        until = state.engine.next_due().map_or(until, |due| (due + grace).min(until));
        state = shared.wait(state, until.saturating_sub(now));
    }
    let elapsed = shared.now();
    watch.progress.end(&state.engine);
    drop(state);
    hands.stop();
    readings.push(Reading::take(&mut process, elapsed));
    // Whoever is idle learns that it is over.
    shared.wake_all();
    let mut state = shared.lock();
    // A thread that was given up may never return: it is waited for no longer than a busy machine
    // keeps one that has.
    let patience = if hands.is_told() { FAREWELL } else { GRACE };
    let flying =
        |since: Duration| since < patience && shared.left_running.load(Ordering::Relaxed) > 0;
    loop {
        let since = shared.now().saturating_sub(elapsed);
        if since >= FAREWELL || state.workers == 0 && !flying(since) {
            break;
        }
        state = shared.wait(state, TICK);
    }
    drop(state);
    abandoned = abandoned.max(shared.left_running.load(Ordering::Relaxed));
    Ok(Outcome { elapsed, stopped, abandoned, readings })
}
