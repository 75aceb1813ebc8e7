//! `Collector::tick`: one round.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use crate::alert::{Now, Transition};
use crate::baseline::Baseline;
use crate::collector::Collector;
use crate::collector::finding::Finding;
use crate::collector::own_numbers::own_numbers;
use crate::collector::state::{Judging, Means, State};
use crate::registry::{Snapshot, Window};

/// What one round saw and did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tick {
    /// Everything, as it was at this tick.
    pub snapshot: Snapshot,
    /// What happened since the tick before.
    pub windows: Vec<Window>,
    /// Baselines learned in this round, or learned anew from more calls.
    pub learned: Vec<Baseline>,
    /// What was found in this round: it was not there at the tick before, or it was milder.
    pub verdicts: Vec<Finding>,
    /// Steps in the lives of alerts.
    pub transitions: Vec<Transition>,
}

impl Collector {
    /// Takes a snapshot, judges what happened since the tick before, learns from it, and tells
    /// what is due.
    ///
    /// From a baseline's 100th call on, every call is held against its p50 and p95 within the
    /// call itself. That makes no alert: alerts come from what the calls show together, from
    /// calls that do not return, and from objectives.
    ///
    /// What is due is told as events of the target `kgas_perf`, after all locks are released: a
    /// subscriber may ask the collector. While one tick tells, another leaves it to it.
    ///
    /// # Cost
    /// Some microseconds for each operation and size class with calls, on the calling thread
    /// (`benches/judge.rs`).
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::detect::Kind;
    /// use kgas_perf_runtime::measure::{ManualClock, Metadata, record_operation};
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let clock = ManualClock::new();
    /// let registry = Registry::with_clock(clock.clone());
    /// let collector = Collector::new(registry.clone());
    /// let mut found = Vec::new();
    /// for second in 0..660 {
    ///     registry.run(|| {
    ///         for call in 0..10 {
    ///             // About 10 ms, and from the 600th second on about 25 ms.
    ///             let millis = if second < 600 { 10 } else { 25 };
    ///             let wobble = Duration::from_micros((second * 10 + call) * 739 % 997);
    ///             let duration = Duration::from_millis(millis) + wobble;
    ///             record_operation("import", duration, Metadata::default());
    ///         }
    ///     });
    ///     clock.advance(Duration::from_secs(1));
    ///     found.extend(collector.tick().verdicts);
    /// }
    /// assert_eq!(found[0].verdict.kind, Kind::Location);
    /// assert_eq!(found[0].subject.to_string(), "import");
    /// ```
    pub fn tick(&self) -> Tick {
        let tick = {
            let mut state = self.state();
            let snapshot = self.registry.snapshot();
            let windows = snapshot.since(&state.last);
            let means = Means {
                declared: &self.declared,
                environment: &self.environment,
                suspended_after: self.suspended_after,
                writer: self.writer.as_deref(),
            };
            let Judging { learned, findings, evaluations } =
                state.judge(&snapshot, &windows, &means);
            let now = Now { monotonic: snapshot.monotonic, unix: snapshot.unix };
            let transitions = state.alerts.evaluate(now, evaluations);
            self.judge_calls(&mut state, &learned);
            let tick = Tick { snapshot, windows, learned, verdicts: findings, transitions };
            let offer =
                self.writer.as_ref().map(|writer| state.offer(now, &tick, writer.wants_all()));
            state.last = tick.snapshot.clone();
            drop(state);
            if let (Some(writer), Some(mut offer)) = (&self.writer, offer) {
                let took = self.now().monotonic.saturating_sub(now.monotonic);
                let own = own_numbers(&writer.status(), &tick.snapshot.losses, took);
                offer.numbers.extend(own);
                writer.offer(offer);
            }
            tick
        };
        self.tell();
        let ended = u64::try_from(self.now().monotonic.as_nanos()).unwrap_or(u64::MAX);
        self.ticked_ns.store(ended, Ordering::Relaxed);
        tick
    }

    /// Lets calls be judged by what was learned in this tick; all of them where call sites came
    /// since the last one, or a baseline was accepted.
    fn judge_calls(&self, state: &mut State, learned: &[Baseline]) {
        let recorders = self.registry.recorders();
        let all = std::mem::take(&mut state.judges_anew) || recorders != state.recorders;
        if !all && learned.is_empty() {
            return;
        }
        let changed: HashSet<&str> = learned.iter().map(|known| known.operation.as_str()).collect();
        let knows_all = self.registry.judge(|operation, class| {
            let known = all || changed.contains(operation);
            let known = known.then(|| state.judged(operation, class)).flatten()?.baseline()?;
            Some((known.p50, known.p95))
        });
        state.judges_anew = !knows_all;
        state.recorders = recorders;
    }

    /// Hands all that is left to keep to the store's writer: what the judges know since each was
    /// written down last, the alerts, and what happened since the last tick.
    pub(crate) fn keep_all(&self) {
        let Some(writer) = &self.writer else { return };
        let now = self.now();
        let mut state = self.state();
        let snapshot = state.last.clone();
        let offer = state.last_offer(now, &snapshot);
        drop(state);
        writer.offer(offer);
    }
}
