//! What the process before this one left behind, as a collector goes on with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::Now;
use crate::baseline::{Baseline, Environment, History};
use crate::catalog::SizeClass;
use crate::collector::judged::Judged;
use crate::collector::state::BySize;
use crate::detect::{Judge, Settling};
use crate::store::JudgeState;

/// What is kept of a judge.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// As the environment is displayed: equal for those that match.
    environment: String,
    judge: Vec<u8>,
}

/// Everything that is known of the operations, by what was kept: their baselines with their
/// versions, and what their judges knew where it is true of this environment. A judge that cannot
/// be read begins anew, beside its baseline.
pub(super) fn series(
    baselines: Vec<Baseline>,
    judges: Vec<JudgeState>,
    environment: &Arc<Environment>,
    now: Now,
) -> BTreeMap<String, BySize> {
    let mut known: BTreeMap<(String, SizeClass), (Vec<Baseline>, Option<JudgeState>)> =
        BTreeMap::new();
    for baseline in baselines {
        let key = (baseline.operation.clone(), baseline.size_class);
        known.entry(key).or_default().0.push(baseline);
    }
    for judge in judges {
        let key = (judge.operation.clone(), judge.size_class);
        known.entry(key).or_default().1 = Some(judge);
    }
    let mut series: BTreeMap<String, BySize> = BTreeMap::new();
    for ((operation, class), (baselines, judge)) in known {
        let mut judged = Judged::new(&operation, class, Arc::clone(environment), []);
        judged.history = History::new(operation.as_str(), class).restored(baselines);
        let current = judged.history.current(Some(environment)).cloned();
        let read = judge.and_then(|state| read(&state, environment, now));
        // Of what judges and nothing else, nothing can be said: it is as if it were new.
        judged.settling = current.as_ref().map(|_| Box::new(Settling::new()));
        judged.judge = match (read, current) {
            (Some(judge), _) => judge,
            (None, Some(current)) => Judge::beside(current),
            (None, None) => Judge::new(),
        };
        series.entry(operation).or_default()[class as usize] = Some(Box::new(judged));
    }
    series
}

/// What a judge knows, to be kept.
pub(super) fn written(judged: &Judged, now: Now) -> Option<JudgeState> {
    let environment = judged.environment.to_string();
    let kept = Kept { environment, judge: judged.judge.write(now.monotonic) };
    Some(JudgeState {
        operation: judged.history.operation().to_owned(),
        size_class: judged.history.size_class(),
        at: now.unix,
        state: postcard::to_allocvec(&kept).ok()?,
    })
}

fn read(state: &JudgeState, environment: &Environment, now: Now) -> Option<Judge> {
    let kept: Kept = postcard::from_bytes(&state.state).ok()?;
    if kept.environment != environment.to_string() {
        return None;
    }
    Judge::read(&kept.judge, now.monotonic, now.unix.saturating_sub(state.at)).ok()
}
