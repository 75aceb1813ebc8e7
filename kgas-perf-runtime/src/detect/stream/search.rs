//! `Search`: the evidence added up, and whether it is enough.

use serde::{Deserialize, Serialize};

use crate::detect::stream::alternative::{
    ADDED, ALTERNATIVES, Evidence, FIRST_FASTER, FIRST_TAIL, SLOWER, alternative,
};
use crate::detect::stream::cusum::Cusums;
use crate::detect::stream::filter::Innovation;
use crate::detect::stream::recent::Recent;
use crate::detect::stream::reference::Reference;
use crate::detect::stream::regression::{Regression, severity};
use crate::detect::stream::shape::WIDTH;
use crate::detect::verdict::Kind;
use crate::measure::Severity;

/// What lasts no longer, in seconds, is not told, and neither are fewer calls.
const BRIEF: f64 = 5.9;
const FEW: f32 = 3.0;

/// What the calls of a moment may add to a sum, in nats. A pause that slows some calls at once is
/// one event: where each call is a packet, they may say no more than one of them; packets of a
/// second reach over three.
const AT_ONCE: f32 = 5.3;
const AT_ONCE_MANY: f32 = 7.0;

/// A change of the mean logarithm that is more than a tail's doing.
const TYPICAL: f64 = 0.15;

/// Seconds after which a speed-up is what is normal now.
const ACCEPTED: f64 = 600.0;

/// The evidence for every alternative.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Search {
    sums: Cusums<ADDED>,
    /// Since when calls have been faster, in seconds, and by how much in logarithms.
    improved: Option<(f64, f64)>,
}

impl Search {
    pub(super) fn new(at: f64) -> Self {
        Self { sums: Cusums::new(at), improved: None }
    }

    /// Begins anew.
    pub(super) fn restart(&mut self, at: f64) {
        self.sums.reset(at);
    }

    /// Whether some evidence of a slowdown is more than this share of what makes an alarm.
    pub(super) fn suspects(&self, reference: &Reference, share: f32) -> bool {
        let thresholds = &reference.bounds.threshold;
        slowdowns().any(|which| self.sums.sum(which) > share * thresholds[which])
    }

    /// Adds a packet that began and ended at these seconds.
    pub(super) fn add(
        &mut self,
        reference: &mut Reference,
        span: (f64, f64),
        evidence: &Evidence,
        innovation: &Innovation,
        many: bool,
    ) {
        let calls = evidence.calls;
        let left = reference.bounds.left(&evidence.ratio, &innovation.ratio, calls);
        let mut most = [if many { AT_ONCE_MANY } else { AT_ONCE }; ADDED];
        // A tail is few calls, of which one may say more.
        most[FIRST_TAIL..FIRST_FASTER].fill(f32::INFINITY);
        self.sums.add(span, calls, &left, &reference.bounds.threshold, &most);
        let resting = |which: usize| self.sums.sum(ALTERNATIVES + which) <= 0.0;
        reference.filter.restart(std::array::from_fn(resting));
    }

    /// What the evidence shows at a time in seconds: calls are slower, all of them or the tail.
    ///
    /// `many` says that a packet holds many calls: then the last seconds must be slow too.
    pub(super) fn slower(
        &self,
        reference: &Reference,
        recent: &Recent,
        now: f64,
        many: bool,
    ) -> Option<Regression> {
        let thresholds = &reference.bounds.threshold;
        if !self.sums.reaches(thresholds) {
            return None;
        }
        let lately = recent.after(now - 3.0).map(|packet| packet.score * packet.calls).sum::<f32>();
        let goes_on = !many || lately > 0.0;
        let mut best: Option<(f32, usize, f64)> = None;
        for added in slowdowns() {
            let ratio = self.sums.sum(added) / thresholds[added];
            if ratio < 1.0 || best.is_some_and(|(most, ..)| ratio <= most) {
                continue;
            }
            let (which, (since, calls)) = (alternative(added), self.sums.onset(added));
            let is_tail = (FIRST_TAIL..FIRST_FASTER).contains(&which);
            if now - since < BRIEF || calls < FEW || !is_tail && !goes_on {
                continue;
            }
            // A return from faster calls to the usual ones is no slowdown.
            let least = if which < SLOWER.len() { 0.4 * SLOWER[which] as f64 * WIDTH } else { 0.0 };
            let (_, mean) = recent.mean_after(since);
            if is_tail || mean - reference.shape.mean >= least {
                best = Some((ratio, which, since));
            }
        }
        let (_, which, since) = best?;
        let change = change(reference, recent, since, now);
        // Where all calls are slower the tail is too.
        let (kind, severity) = if which >= FIRST_TAIL && change.about < TYPICAL {
            (Kind::Tail, Severity::Info)
        } else {
            (Kind::Location, change.severity)
        };
        // The onset that fits best makes a change look greater than it is: it is told, and how
        // bad the change is is judged without it.
        let usual = reference.shape.mean;
        let onset = recent.onset(since, usual).unwrap_or(since);
        let (_, mean) = recent.mean_after(onset);
        let effect = (mean - usual).max(0.0).exp_m1();
        let mut regression = Regression::new(kind, severity, effect);
        regression.since = onset;
        regression.from = since;
        regression.found = now;
        regression.against = which;
        Some(regression)
    }

    /// Whether calls are faster than what is normal, and it is not known yet whether they stay so.
    pub(super) fn is_faster(&self) -> bool {
        self.improved.is_some()
    }

    /// When calls became faster, and by how much relatively, if that has just been found.
    pub(super) fn faster(
        &mut self,
        reference: &mut Reference,
        recent: &Recent,
        now: f64,
    ) -> Option<(f64, f64)> {
        if let Some((since, change)) = self.improved {
            let (calls, mean) = recent.mean_after(since.max(now - 60.0));
            if calls >= 5.0 && mean > 0.5 * change {
                self.improved = None;
                self.restart(now);
            } else if now - since > ACCEPTED {
                self.improved = None;
                self.restart(now);
                reference.location.shift(mean - reference.shape.mean);
                reference.filter.restart_all();
            }
            return None;
        }
        let found = (FIRST_FASTER..ALTERNATIVES).find(|&which| {
            let (since, calls) = self.sums.onset(which);
            self.sums.sum(which) >= reference.bounds.threshold[which]
                && now - since >= BRIEF
                && calls >= FEW
        })?;
        let (since, _) = self.sums.onset(found);
        let (_, mean) = recent.mean_after(since);
        self.improved = Some((now, mean));
        self.sums.reset(now);
        Some((since, mean.exp_m1()))
    }
}

/// What speaks for slower calls, of all that is added up.
fn slowdowns() -> impl Iterator<Item = usize> {
    (0..FIRST_FASTER).chain(ALTERNATIVES..ADDED)
}

/// By how much the typical call has changed, in logarithms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    /// As estimated.
    pub(super) about: f64,
    /// How bad it is, with little doubt.
    pub(super) severity: Severity,
    /// Calls behind it.
    pub(super) calls: f64,
}

impl Change {
    /// The relative change.
    pub(super) fn effect(self) -> f64 {
        self.about.max(0.0).exp_m1()
    }
}

/// From so many calls on, twice as slow is judged by the estimate itself and not by two standard
/// errors less: it is a border that changes seldom stop short of.
const WELL_KNOWN: f64 = 30.0;

/// The change of the calls since a time, as far as it goes on now.
pub(super) fn change(reference: &Reference, recent: &Recent, since: f64, now: f64) -> Change {
    let shape = &reference.shape;
    let (calls, mean) = recent.mean_after(since);
    let (late_calls, late) = recent.mean_after(now - 3.0);
    let about = mean - shape.mean;
    let inflation = reference.inflation(&reference.ranks.variances(), calls);
    let error = shape.spread * (inflation / calls.max(1.0)).sqrt();
    let at_least = about - 2.0 * error;
    // A few very slow calls are not the typical one, and what has gone by is over.
    let mut most = recent.median_after(since);
    if late_calls >= 10.0 {
        most = most.min(late - shape.mean + 0.5 * shape.spread / late_calls.sqrt());
    }
    let mut found = severity(at_least.min(most));
    if calls >= WELL_KNOWN {
        found = found.max(severity(about.min(most)).min(Severity::Warning));
    }
    Change { about, severity: found, calls }
}
