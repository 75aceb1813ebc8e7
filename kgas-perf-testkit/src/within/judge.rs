//! Is an operation as its baseline says? Numbers in, an answer out.

use kgas_perf_runtime::compare::{ALPHA, Comparison, Design, Reason, Verdict, compare};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::answer::{Answer, Doubt};
use super::side::{Side, Sides, undisturbed};
use crate::baselines::Entry;
use crate::timing::{Session, VERSION, median};

/// What one process of the same program differs from the next by, as far as nobody knows better:
/// where things lie in memory. A standard deviation of logarithms, and how many processes it is
/// believed as much as. Seen: 0.1 % for arithmetic, 1 % for hash maps, 5 % for memory beyond all
/// caches.
const BETWEEN_PROCESSES: f64 = 0.006;
const BELIEVED: f64 = 4.0;
/// How far the yardstick is trusted on a machine of another class: where it has become slower by a
/// tenth, the operation has become so by a tenth, give or take this share of it.
const YARDSTICK_IS_OFF_ELSEWHERE: f64 = 0.35;
/// What another machine of the same architecture adds to that.
const OTHER_MACHINE: f64 = 0.04;
/// Not slower is only said where no slowdown of so many thresholds can hide.
const BLIND: f64 = 3.0;
/// Above this share of time without a processor, effects are the machine's that are no more than
/// so many times what such a share makes all that is done last longer.
const WAITED: f64 = 0.04;
const WAITED_EXPLAINS: f64 = 3.0;

/// Of so many replicates one may say otherwise: of many, one does by chance.
pub(super) const MAY_DIFFER: usize = 6;

/// When an operation counts as slower or faster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    /// The relative difference that is none yet, such as 0.05.
    pub(crate) threshold: f64,
    /// The difference that is none yet, in nanoseconds a call.
    pub(crate) floor_ns: f64,
    /// Assertions that are judged together.
    pub(crate) assertions: usize,
}

impl Rule {
    /// The two-sided rate of false verdicts left to one assertion (Bonferroni). One side of two
    /// makes a test fail, so all together fail by mistake in one run of twenty at most, were the
    /// truth just at the threshold.
    pub(crate) fn alpha(&self) -> f64 {
        (2.0 * ALPHA / self.assertions.max(1) as f64).min(ALPHA)
    }
}

/// An operation beside its baseline.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Beside {
    pub(crate) answer: Answer,
    /// The relative difference: 0.1 is a tenth slower.
    pub(crate) effect: f64,
    /// Between which it lies.
    pub(crate) interval: (f64, f64),
    /// What is normal, in nanoseconds a call at today's pace of the machine.
    pub(crate) normal_ns: f64,
    /// What it takes now.
    pub(crate) now_ns: f64,
    /// The machine's pace: how long a yardstick takes now, against then.
    pub(crate) pace: f64,
    /// By how much the second half of these sessions differs from their first.
    pub(crate) control: f64,
    /// Samples and processes of the baseline and of now.
    pub(crate) samples: (usize, usize),
    pub(crate) processes: (usize, usize),
}

/// What today is held against.
#[derive(Debug)]
pub(crate) struct Before {
    sessions: Vec<Session>,
    /// Samples that were taken, and of how many one of those that were kept is the mean.
    samples: usize,
    averaged: usize,
    /// Which yardstick stood beside them.
    yardstick_version: i64,
    /// Whether they were taken in an environment of today's class.
    same_class: bool,
}

impl Before {
    /// A baseline.
    pub(crate) fn kept(entry: &Entry, same_class: bool) -> Self {
        Self {
            sessions: entry.sessions(),
            samples: entry.n as usize,
            averaged: entry.averaged(),
            yardstick_version: entry.yardstick_version,
            same_class,
        }
    }

    /// All that another run took.
    pub(crate) fn taken(sessions: Vec<Session>, yardstick_version: i64, same_class: bool) -> Self {
        let samples = sessions.iter().map(Session::samples).sum();
        Self { sessions, samples, averaged: 1, yardstick_version, same_class }
    }
}

/// Holds sessions against what was before.
pub(crate) fn judge(before: &Before, sessions: &[Session], rule: &Rule) -> Beside {
    let Before { samples, averaged, yardstick_version, same_class, .. } = *before;
    let sessions = &undisturbed(sessions);
    let Sides { before, now, yardstick_ns, pace, off, seen } =
        Sides::of(&undisturbed(&before.sessions), averaged, sessions);
    let answered = |answer, compared: &Judged, control| Beside {
        answer,
        effect: compared.effect.exp_m1(),
        interval: (compared.low.exp_m1(), compared.high.exp_m1()),
        normal_ns: before.level.exp() * yardstick_ns,
        now_ns: now.level.exp() * yardstick_ns,
        pace: pace.exp(),
        control,
        samples: (samples, sessions.iter().map(Session::samples).sum()),
        processes: (before.levels.len(), now.levels.len()),
    };
    if yardstick_version != VERSION {
        let unknown = Judged { effect: 0.0, low: -1e9, high: f64::INFINITY, found: None };
        return answered(Answer::Inconclusive(Doubt::OtherYardstick), &unknown, 0.0);
    }
    let Ok(compared) = compare(&before.samples, &now.samples, Design::Sequential, rule.alpha())
    else {
        let unknown = Judged { effect: 0.0, low: -1e9, high: f64::INFINITY, found: None };
        return answered(Answer::Inconclusive(Doubt::TooFewSamples), &unknown, 0.0);
    };
    let machine = if same_class {
        off
    } else {
        off + (YARDSTICK_IS_OFF_ELSEWHERE * pace).powi(2) + OTHER_MACHINE * OTHER_MACHINE
    };
    let judged = Judged::of(&compared, reach(&before, &now, machine, rule.alpha()));
    let (control, quiet) = control(&now, judged.effect, rule);
    // One process of many that had to wait says nothing of the others.
    let waited: Vec<f64> = sessions.iter().filter_map(Session::share_waited).collect();
    let waited = median(&waited).unwrap_or(0.0).min(0.99);
    let busy = waited > WAITED
        && judged.effect.abs() < (WAITED_EXPLAINS * waited / (1.0 - waited)).ln_1p();
    let noticed = (now.level - before.level).abs().exp_m1().abs()
        * now.level.min(before.level).exp()
        * yardstick_ns
        >= rule.floor_ns;
    let threshold = rule.threshold.ln_1p();
    // Where the readings say little and the levels much, nothing is kept.
    let levels = (now.level - before.level).abs();
    let beyond = judged.effect.abs().max(levels) > threshold && noticed;
    let sure = judged.low > threshold || judged.high < -threshold;
    let replicates = replicates(&now);
    let otherwise = replicates
        .iter()
        .filter(|level| (*level - before.level) * judged.effect.signum() <= 0.5 * threshold)
        .count();
    let agree = otherwise <= replicates.len() / MAY_DIFFER;
    // What sleeps or waits for a disk does not keep pace with the yardstick: on the same class of
    // machine it must be slower by the clock, too, unless it is seen to keep pace.
    let in_time = (judged.effect + pace) * judged.effect.signum();
    let in_time_too = !same_class || seen || in_time > 0.25 * threshold;
    let answer = if compared.reason == Some(Reason::TooFewSamples) {
        Answer::Inconclusive(Doubt::TooFewSamples)
    } else if compared.reason == Some(Reason::ClockTooCoarse) {
        Answer::Inconclusive(Doubt::ClockTooCoarse)
    } else if beyond && sure && judged.found.is_some() {
        match (quiet, busy, agree) {
            (false, ..) => Answer::Inconclusive(Doubt::NotQuiet),
            (_, true, _) => Answer::Inconclusive(Doubt::Busy),
            (.., false) => Answer::Inconclusive(Doubt::ReplicatesDisagree),
            _ if !in_time_too => Answer::Inconclusive(Doubt::OnlyInYardsticks),
            _ if judged.effect > 0.0 => Answer::Slower,
            _ => Answer::Faster,
        }
    } else if beyond {
        Answer::Inconclusive(Doubt::NotSure)
    } else if judged.high > (BLIND * rule.threshold).ln_1p()
        && noticeable(&now, yardstick_ns, judged.high, rule)
    {
        Answer::Inconclusive(Doubt::TooNoisy)
    } else {
        Answer::Kept
    };
    answered(answer, &judged, control)
}

/// Whether a slowdown that may hide would be one, however short the operation is.
fn noticeable(now: &Side, yardstick_ns: f64, high: f64, rule: &Rule) -> bool {
    high.exp_m1() * now.level.exp() * yardstick_ns > rule.floor_ns
}

/// The comparison's numbers as logarithms, the machine's part in them added.
struct Judged {
    effect: f64,
    low: f64,
    high: f64,
    found: Option<Verdict>,
}

impl Judged {
    fn of(compared: &Comparison, reach: f64) -> Self {
        let effect = compared.effect.ln_1p();
        let wider = |bound: f64| (bound.max(-1.0).ln_1p() - effect).hypot(reach);
        let found = matches!(compared.verdict, Verdict::Regressed | Verdict::Improved);
        Self {
            effect,
            low: effect - wider(compared.interval.0),
            high: effect + wider(compared.interval.1),
            found: found.then_some(compared.verdict),
        }
    }
}

/// How far two levels of the same code may lie apart: what processes differ by, as seen here and
/// as believed beforehand, and what the yardstick is off by, squared.
fn reach(before: &Side, now: &Side, machine: f64, alpha: f64) -> f64 {
    let ((one, free), (other, also_free)) = (before.scatter(), now.scatter());
    let freedom = BELIEVED + free + also_free;
    let variance = (BELIEVED * BETWEEN_PROCESSES.powi(2) + one + other) / freedom;
    let each = |side: &Side| 1.0 / side.levels.len().max(1) as f64;
    let t = StudentsT::new(0.0, 1.0, freedom)
        .map_or(f64::INFINITY, |t| t.inverse_cdf(1.0 - 0.5 * alpha));
    t * (variance * (each(before) + each(now)) + machine).sqrt()
}

/// The operation against itself: the second half of each session against its first. By how much
/// they differ, and whether that is nothing beside what was found.
fn control(now: &Side, effect: f64, rule: &Rule) -> (f64, bool) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for process in &now.processes {
        let (one, other) = process.split_at(process.len() / 2);
        first.extend_from_slice(one);
        second.extend_from_slice(other);
    }
    let Ok(compared) = compare(&first, &second, Design::Sequential, ALPHA) else {
        return (0.0, true);
    };
    let shift = compared.effect.ln_1p().abs();
    let seen =
        compared.verdict != Verdict::Unchanged && compared.reason != Some(Reason::TooFewSamples);
    let counts = shift > 0.5 * rule.threshold.ln_1p() && shift > 0.25 * effect.abs();
    (compared.effect, !(seen && counts))
}

/// The levels that must agree: of processes, or of a quarter of the only one each.
fn replicates(now: &Side) -> Vec<f64> {
    if now.levels.len() > 1 {
        return now.levels.clone();
    }
    let samples = &now.samples;
    let parts = match samples.len() {
        0..8 => 1,
        8..20 => 2,
        _ => 4,
    };
    let part = |chunk: &[f64]| median(chunk).map(|middle| middle.max(f64::MIN_POSITIVE).ln());
    samples.chunks(samples.len().div_ceil(parts).max(1)).filter_map(part).collect()
}
