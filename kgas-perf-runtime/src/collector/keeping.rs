//! `Keeping`: what a tick has to keep beyond the process.

use std::collections::VecDeque;
use std::time::Duration;

use crate::alert::{Change, Mark, Now, Saved};
use crate::baseline::Baseline;
use crate::catalog::SizeClass;
use crate::collector::judged::Judged;
use crate::collector::left_behind::written;
use crate::collector::state::State;
use crate::collector::tick::Tick;
use crate::registry::Snapshot;
use crate::store::{JudgeState, Noted, Offer};

/// Every judge that was told something is written down in this time.
const ROUND: Duration = Duration::from_secs(120);

/// Judges that are written down in a tick because what they say has changed, at most.
const MOST_URGENT: usize = 16;

/// Alerts that are open are kept at least this often: what speaks for them goes on.
const ALERTS_EVERY: Duration = Duration::from_secs(30);

/// Notes between two ticks, at most.
const MOST_NOTES: usize = 1_000;

/// What is to be kept beyond the process, and how far that has come.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// Whether anybody keeps anything.
    keeps: bool,
    /// The changes of the alerts that were kept last, and when.
    alerts: (u64, Duration),
    /// The judge that was written down last, and when there was a slice of them.
    after: Option<(String, SizeClass)>,
    sliced: Duration,
    /// What happened between ticks.
    notes: VecDeque<Noted>,
    baselines: Vec<Baseline>,
}

impl Keeping {
    /// What was loaded is kept already.
    pub(super) fn begin(&mut self, changes: u64, keeps: bool) {
        (self.keeps, self.alerts.0) = (keeps, changes);
    }

    pub(super) fn baseline(&mut self, baseline: &Baseline) {
        if self.keeps {
            self.baselines.push(baseline.clone());
        }
    }

    fn note(&mut self, note: Noted) {
        if self.keeps && self.notes.len() < MOST_NOTES {
            self.notes.push_back(note);
        }
    }
}

impl State {
    /// Notes that something was changed, and answers whether that was news.
    pub(super) fn mark(&mut self, what: Change, text: &str, now: Now) -> bool {
        let is_new = self.alerts.mark(what, text, now);
        if let Some(mark) = self.alerts.saved().marks.back().filter(|_| is_new) {
            let mark: Mark = mark.clone();
            self.keeping.note(Noted::Mark(mark));
        }
        is_new
    }

    /// Notes that somebody was told of an incident.
    pub(super) fn told(&mut self, incident: u64, whom: &str) {
        let told = self.alerts.incident(incident).and_then(|incident| incident.told.clone());
        if let Some(told) = told {
            self.keeping.note(Noted::Told { incident, whom: whom.to_owned(), told });
        }
    }

    /// What a tick has to keep: what is new since the tick before, and a slice of what judges
    /// know. `all` asks for everything that is known, as when the store has begun anew.
    ///
    /// # Cost
    /// Where nothing has changed, that of a slice: a judge takes some ten microseconds, and as
    /// many are written down that each has its turn every two minutes.
    pub(super) fn offer<'t>(&mut self, now: Now, tick: &'t Tick, all: bool) -> Offer<'t> {
        let mut baselines = std::mem::take(&mut self.keeping.baselines);
        if all {
            baselines =
                self.all_judged().flat_map(|judged| judged.history.all()).cloned().collect();
            self.series.values_mut().flatten().flatten().for_each(|judged| judged.told = true);
        } else {
            baselines.extend(tick.learned.iter().filter(|one| one.version > 0).cloned());
        }
        Offer {
            now,
            snapshot: &tick.snapshot,
            windows: &tick.windows,
            numbers: self.resources.numbers(),
            baselines,
            alerts: self.changed_alerts(now.monotonic, all),
            notes: self.notes(tick),
            judges: self.slice(now),
        }
    }

    /// What is left to keep when the process ends: every judge that was told something since it
    /// was written down, and the alerts.
    pub(super) fn last_offer<'t>(&mut self, now: Now, snapshot: &'t Snapshot) -> Offer<'t> {
        let mut judges = Vec::new();
        for judged in self.series.values_mut().flatten().flatten() {
            if std::mem::take(&mut judged.told) {
                judged.urgent = false;
                judges.extend(written(judged, now));
            }
        }
        // What speaks for those that are open has gone on.
        let goes_on = !self.alerts.saved().open.is_empty() && now.monotonic > self.keeping.alerts.1;
        Offer {
            alerts: self.changed_alerts(now.monotonic, goes_on),
            notes: std::mem::take(&mut self.keeping.notes).into(),
            baselines: std::mem::take(&mut self.keeping.baselines),
            judges,
            ..Offer::calls(now, snapshot, &[])
        }
    }

    fn changed_alerts(&mut self, now: Duration, all: bool) -> Option<Saved> {
        let (kept, at) = self.keeping.alerts;
        let changes = self.alerts.changes();
        let saved = self.alerts.saved();
        let goes_on = !saved.open.is_empty() && now.saturating_sub(at) >= ALERTS_EVERY;
        if changes == kept && !goes_on && !all {
            return None;
        }
        self.keeping.alerts = (changes, now);
        Some(saved.clone())
    }

    fn notes(&mut self, tick: &Tick) -> Vec<Noted> {
        let mut notes: Vec<Noted> = std::mem::take(&mut self.keeping.notes).into();
        let slow = tick.snapshot.slow_calls_since(&self.last);
        notes.extend(slow.cloned().map(Noted::SlowCall));
        notes.extend(tick.verdicts.iter().map(|finding| Noted::Verdict {
            subject: finding.subject.clone(),
            verdict: finding.verdict.clone(),
            mature: finding.mature,
        }));
        for step in &tick.transitions {
            if let Some(alert) = self.alerts.alert_by_id(step.alert) {
                let (subject, rule) = (alert.subject.clone(), alert.rule.clone());
                notes.push(Noted::Step { subject, rule, step: step.clone() });
            }
        }
        notes
    }

    /// What some judges know: those whose word has changed, and those whose turn it is.
    fn slice(&mut self, now: Now) -> Vec<JudgeState> {
        let elapsed = now.monotonic.saturating_sub(self.keeping.sliced).min(ROUND);
        self.keeping.sliced = now.monotonic;
        let known: usize = self.all_judged().count();
        let share = elapsed.as_secs_f64() / ROUND.as_secs_f64();
        let turns = ((known as f64 * share).ceil() as usize).min(known);
        let mut judges = Vec::new();
        let mut write = |judged: &mut Judged| {
            (judged.told, judged.urgent) = (false, false);
            judges.extend(written(judged, now));
        };
        let all = self.series.values_mut().flatten().flatten();
        all.filter(|judged| judged.urgent).take(MOST_URGENT).for_each(|judged| write(judged));

        let key =
            |judged: &Judged| (judged.history.operation().to_owned(), judged.history.size_class());
        let after = self.keeping.after.take();
        let from = after.as_ref().map_or("", |(operation, _)| operation.as_str()).to_owned();
        let mut left = turns;
        let mut last = None;
        for (operation, classes) in self.series.range_mut(from..) {
            for judged in classes.iter_mut().flatten() {
                let is_over = after.as_ref().is_some_and(|(name, class)| {
                    name == operation && judged.history.size_class() as usize <= *class as usize
                });
                if is_over || left == 0 {
                    continue;
                }
                left -= 1;
                last = Some(key(judged));
                if judged.told {
                    write(judged);
                }
            }
            if left == 0 {
                break;
            }
        }
        // At the end of the round the next one begins.
        self.keeping.after = if left > 0 { None } else { last };
        judges
    }
}
