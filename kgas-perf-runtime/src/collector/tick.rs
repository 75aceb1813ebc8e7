//! `Collector::tick`: one round.

use crate::baseline::Baseline;
use crate::collector::{Collector, Learned};
use crate::registry::{Snapshot, Window};

/// What one round saw and did.
#[derive(Clone, Debug)]
pub struct Tick {
    /// Everything, as it was at this tick.
    pub snapshot: Snapshot,
    /// What happened since the tick before.
    pub windows: Vec<Window>,
    /// Baselines learned in this round.
    pub learned: Vec<Baseline>,
}

impl Collector {
    /// Takes a snapshot, learns the baselines that have become possible, and lets every call be
    /// judged by the baselines there are.
    ///
    /// A baseline stays as it was learned first.
    pub fn tick(&self) -> Tick {
        let mut state = self.state();
        let snapshot = self.registry.snapshot();
        let mut learned = Vec::new();
        for operation in snapshot.operations() {
            for series in &operation.by_class {
                let key = (operation.name.clone(), series.size_class);
                if state.learned.contains_key(&key) {
                    continue;
                }
                let ok = series.outcome(crate::measure::Outcome::Ok);
                let found = Baseline::learn(&operation.name, series.size_class, ok, snapshot.unix);
                if let Some(baseline) = found {
                    learned.push(baseline.clone());
                    state.learned.insert(key, Learned { baseline, from: series.clone() });
                }
            }
        }
        // Call sites that came since the last tick are judged by baselines learned before it.
        self.registry.judge(|operation, class| {
            let known = state.learned.get(&(operation.to_owned(), class))?;
            Some((known.baseline.p50, known.baseline.p95))
        });
        let windows = snapshot.since(&state.last);
        state.last = snapshot.clone();
        Tick { snapshot, windows, learned }
    }
}
