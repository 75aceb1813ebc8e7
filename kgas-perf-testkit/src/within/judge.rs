//! Is an operation as its baseline says? Numbers in, an answer out.

use kgas_perf_runtime::compare::{ALPHA, Comparison, Design, Reason, Verdict, compare};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::answer::{Answer, Doubt};
use super::follows::Follows;
use crate::baselines::{Entry, fewer};
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
/// Above this share of time without a processor, effects below so many times the share are the
/// machine's.
const WAITED: f64 = 0.04;
const WAITED_EXPLAINS: f64 = 10.0;

/// So many deviations from its process's median a sample is at most: what lies further away was
/// interrupted, and how badly says nothing about the operation.
const CLIPPED: f64 = 5.0;

/// The variance of the middle of normal numbers, times their count, in that of one of them.
const MIDDLE: f64 = 1.19;

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

/// Holds sessions against a baseline; `same_class` says whether it was recorded in an environment
/// of this class.
pub(crate) fn judge(entry: &Entry, same_class: bool, sessions: &[Session], rule: &Rule) -> Beside {
    let sessions = &undisturbed(sessions, Session::samples);
    let size =
        (entry.n as usize).div_ceil(entry.in_yardsticks.iter().map(Vec::len).sum::<usize>().max(1));
    let now: Vec<Vec<f64>> = sessions
        .iter()
        .map(|session| {
            let samples = session.in_yardsticks();
            fewer(&samples, samples.len().div_ceil(size.max(1)))
        })
        .collect();
    let (before, now) = (Side::of(&undisturbed(&entry.in_yardsticks, Vec::len)), Side::of(&now));
    let yardstick = median(&sessions.iter().map(Session::yardstick).collect::<Vec<_>>());
    let yardstick = yardstick.unwrap_or(entry.yardstick_ns);
    let pace = yardstick / entry.yardstick_ns;
    let answered = |answer, compared: &Judged, control| Beside {
        answer,
        effect: compared.effect.exp_m1(),
        interval: (compared.low.exp_m1(), compared.high.exp_m1()),
        normal_ns: before.level.exp() * yardstick,
        now_ns: now.level.exp() * yardstick,
        pace,
        control,
        samples: (entry.n as usize, sessions.iter().map(Session::samples).sum()),
        processes: (before.levels.len(), now.levels.len()),
    };
    if entry.yardstick_version != VERSION {
        let unknown = Judged { effect: 0.0, low: -1e9, high: f64::INFINITY, found: None };
        return answered(Answer::Inconclusive(Doubt::OtherYardstick), &unknown, 0.0);
    }
    let Ok(compared) = compare(&before.samples, &now.samples, Design::Sequential, rule.alpha())
    else {
        let unknown = Judged { effect: 0.0, low: -1e9, high: f64::INFINITY, found: None };
        return answered(Answer::Inconclusive(Doubt::TooFewSamples), &unknown, 0.0);
    };
    let follows = Follows::of(sessions);
    let machine = if same_class {
        follows.off * pace.ln()
    } else {
        (YARDSTICK_IS_OFF_ELSEWHERE * pace.ln()).hypot(OTHER_MACHINE)
    };
    let judged = Judged::of(&compared, reach(&before, &now, machine, rule.alpha()));
    let (control, quiet) = control(&now, judged.effect, rule);
    let waited = sessions.iter().filter_map(Session::share_waited).fold(0.0, f64::max);
    let busy = waited > WAITED && judged.effect.abs() < WAITED_EXPLAINS * waited;
    let noticed = (now.level - before.level).abs().exp_m1().abs()
        * now.level.min(before.level).exp()
        * yardstick
        >= rule.floor_ns;
    let threshold = rule.threshold.ln_1p();
    // Where the readings say little and the levels much, nothing is kept.
    let levels = (now.level - before.level).abs();
    let beyond = judged.effect.abs().max(levels) > threshold && noticed;
    let sure = judged.low > threshold || judged.high < -threshold;
    let agree = replicates(&now)
        .iter()
        .all(|level| (level - before.level) * judged.effect.signum() > 0.5 * threshold);
    // What sleeps or waits for a disk does not keep pace with the yardstick: on the same class of
    // machine it must be slower by the clock, too, unless it is seen to keep pace.
    let in_time = (judged.effect + pace.ln()) * judged.effect.signum();
    let in_time_too = !same_class || follows.seen || in_time > 0.25 * threshold;
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
        && noticeable(&now, yardstick, judged.high, rule)
    {
        Answer::Inconclusive(Doubt::TooNoisy)
    } else {
        Answer::Kept
    };
    answered(answer, &judged, control)
}

/// The processes that took at least a quarter of the samples of the one with most: what was stopped
/// for most of its time has little to tell.
fn undisturbed<T: Clone>(processes: &[T], samples: impl Fn(&T) -> usize) -> Vec<T> {
    let most = processes.iter().map(&samples).max().unwrap_or(0);
    processes.iter().filter(|process| 4 * samples(process) >= most).cloned().collect()
}

/// Whether a slowdown that may hide would be one, however short the operation is.
fn noticeable(now: &Side, yardstick: f64, high: f64, rule: &Rule) -> bool {
    high.exp_m1() * now.level.exp() * yardstick > rule.floor_ns
}

/// The samples of some processes, their own levels taken off, and those levels.
struct Side {
    samples: Vec<f64>,
    /// The middle of each process's logarithms.
    levels: Vec<f64>,
    /// How far the middle of so many samples is off, squared; the mean over processes.
    error: f64,
    /// The mean of the levels.
    level: f64,
    processes: Vec<Vec<f64>>,
}

impl Side {
    fn of(processes: &[Vec<f64>]) -> Self {
        let logs = |samples: &[f64]| -> Vec<f64> {
            samples.iter().map(|each| each.max(f64::MIN_POSITIVE).ln()).collect()
        };
        let levels: Vec<f64> = processes.iter().map(|samples| middle(&logs(samples))).collect();
        let level = levels.iter().sum::<f64>() / levels.len().max(1) as f64;
        let mut error = 0.0;
        let mut samples = Vec::new();
        for (process, own) in processes.iter().zip(&levels) {
            let off: Vec<f64> = logs(process).iter().map(|each| (each - own).abs()).collect();
            // The middle's error from the median deviation, as of normal logarithms.
            let deviation = 1.482_6 * median(&off).unwrap_or(0.0);
            error += MIDDLE * deviation * deviation / off.len() as f64;
            let most = CLIPPED * deviation.max(f64::EPSILON);
            samples.extend(
                logs(process).iter().map(|each| (level + (each - own).clamp(-most, most)).exp()),
            );
        }
        error /= levels.len().max(1) as f64;
        Self { samples, error, level, processes: processes.to_vec(), levels }
    }

    /// How far the levels lie apart, and how many of them are free to.
    fn scatter(&self) -> (f64, f64) {
        let squares: f64 = self.levels.iter().map(|own| (own - self.level).powi(2)).sum();
        let free = (self.levels.len() as f64 - 1.0).max(0.0);
        ((squares - free * self.error).max(0.0), free)
    }
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

/// The mean of the middle half: nearly as sure as the mean of all, as robust as can be against
/// interruptions, and between the ticks of a coarse clock.
fn middle(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    let half = &sorted[cut..sorted.len() - cut];
    half.iter().sum::<f64>() / half.len().max(1) as f64
}

/// How far two levels of the same code may lie apart: what processes differ by, as seen here and
/// as believed beforehand, and what the yardstick is off by.
fn reach(before: &Side, now: &Side, machine: f64, alpha: f64) -> f64 {
    let ((one, free), (other, also_free)) = (before.scatter(), now.scatter());
    let freedom = BELIEVED + free + also_free;
    let variance = (BELIEVED * BETWEEN_PROCESSES.powi(2) + one + other) / freedom;
    let each = |side: &Side| 1.0 / side.levels.len().max(1) as f64;
    let t = StudentsT::new(0.0, 1.0, freedom)
        .map_or(f64::INFINITY, |t| t.inverse_cdf(1.0 - 0.5 * alpha));
    t * (variance * (each(before) + each(now)) + machine * machine).sqrt()
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
