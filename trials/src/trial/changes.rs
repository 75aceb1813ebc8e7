//! One change at a known time, early or late, after clean or spoilt learning.

use super::{Job, LEARNING_CALLS, Ledger, watched};
use crate::contender::{Alert, Detector, Severity};
use crate::goal::Measure;
use crate::score::{Alarms, Outcome};
use crate::streams::{Change, Dice, Stream};

/// The calls while which something spoils what is learnt.
const SPOILT_CALLS: f64 = 2_000.0;

/// When a change comes that a detector has had time for: seconds, uniform on the logarithm.
pub(super) fn late(rate: f64, dice: &mut Dice) -> f64 {
    let (from, until) = match rate {
        rate if rate < 0.5 => (5_400.0, 21_600.0),
        rate if rate < 5.0 => (1_200.0, 7_200.0),
        rate if rate < 50.0 => (900.0, 5_400.0),
        _ => (600.0, 2_400.0),
    };
    dice.log_between(from, until)
}

/// What came of one change.
struct Seen {
    change: Change,
    outcome: Outcome,
    /// Alarms before the change.
    false_alarms: usize,
}

/// Tries every change at `at`, each after the same calls.
fn try_each(
    job: &Job,
    begin: &Stream,
    at: f64,
    changes: &[Change],
    detector: &mut dyn Detector,
) -> Vec<Seen> {
    let until = at + watched(job.rate);
    let mut before = begin.clone();
    let mut said = Vec::new();
    detector.begin();
    let copies = detector.fork().is_some();
    if copies {
        tell(&mut before, at, detector, &mut said);
    }
    let learnt = hundredth(begin);
    changes
        .iter()
        .map(|&change| {
            let mut alerts = said.clone();
            let mut stream = before.clone();
            stream.plant(change, at);
            match detector.fork().filter(|_| copies) {
                Some(mut copy) => {
                    tell(&mut stream, until, copy.as_mut(), &mut alerts);
                    copy.finish(&mut alerts);
                }
                None => {
                    detector.begin();
                    tell(&mut stream, until, detector, &mut alerts);
                    detector.finish(&mut alerts);
                }
            }
            let outcome = Outcome::of(&alerts, at, until);
            let mut alarms = Alarms::default();
            alarms.extend(alerts.into_iter().filter(|it| it.t >= learnt && it.t < at));
            Seen { change, outcome, false_alarms: alarms.list().len() }
        })
        .collect()
}

/// Tells a detector the calls before `until` (seconds).
fn tell(stream: &mut Stream, until: f64, detector: &mut dyn Detector, alerts: &mut Vec<Alert>) {
    while stream.due() < until {
        let call = stream.next_call();
        detector.call(call.t, call.d, call.ok, alerts);
    }
}

/// When the last call of the learning phase finishes.
fn hundredth(begin: &Stream) -> f64 {
    let mut stream = begin.clone();
    for _ in 1..LEARNING_CALLS {
        stream.next_call();
    }
    stream.due()
}

/// Steps, tails and errors after learning in peace.
pub(super) fn found(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    const STEPS: [u16; 8] = [5, 10, 20, 50, 100, 200, 400, 900];
    let mut changes: Vec<Change> = STEPS.iter().map(|it| slower(*it)).collect();
    changes.extend([Change::TAIL, Change::Errors(0.05), Change::Errors(0.3)]);
    let (begin, at) = prepare(job);
    let (rate, regime) = (job.rate, job.regime.name);
    for (n, seen) in try_each(job, &begin, at, &changes, detector).iter().enumerate() {
        let found = seen.outcome.is_found();
        let measure = match seen.change {
            Change::Slower(_) => Measure::Found(STEPS[n]),
            Change::Tail { .. } => Measure::FoundTail,
            Change::Errors(share) => Measure::FoundErrors((share * 100.0).round() as u16),
        };
        ledger.judge(job, measure, at, seen.outcome, found);
        match measure {
            Measure::Found(5 | 10 | 20 | 50) => {
                let paged = seen.outcome.is_paged();
                ledger.judge(job, Measure::Escalated, at, seen.outcome, paged);
            }
            Measure::Found(100) => {
                let delay = seen.outcome.delay.filter(|_| seen.outcome.silent_before);
                let values = &mut ledger.tally(rate, Measure::Delay, regime).values;
                values.push(delay.unwrap_or(f64::INFINITY));
            }
            _ => {}
        }
        if matches!(measure, Measure::Found(20 | 50 | 100 | 200)) {
            ledger.count(job, Measure::F1, found);
            ledger.tally(rate, Measure::F1, regime).false_alarms += seen.false_alarms as f64;
        }
    }
}

/// Three and eight times as slow: warning and critical.
pub(super) fn levels(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let (begin, at) = prepare(job);
    for seen in try_each(job, &begin, at, &[slower(200), slower(700)], detector) {
        let times = seen.change.factor().round() as u16;
        let right = if times == 3 { Severity::Warning } else { Severity::Critical };
        let is_right = seen.outcome.worst == Some(right);
        ledger.judge(job, Measure::RightSeverity(times), at, seen.outcome, is_right);
    }
}

/// Faster by 20, 40 and 60 %.
pub(super) fn improvements(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let (begin, at) = prepare(job);
    let changes = [-0.2, -0.4, -0.6].map(Change::Slower);
    for seen in try_each(job, &begin, at, &changes, detector) {
        let paged = seen.outcome.is_paged();
        ledger.judge(job, Measure::ImprovementPaged, at, seen.outcome, paged);
    }
}

/// A change after 100 to 150 calls.
pub(super) fn early(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let begin = Stream::new(job.regime, job.rate, job.seed);
    let mut ahead = begin.clone();
    let calls = 100 + (Dice::new(job.seed ^ 1).uniform() * 51.0) as u64;
    for _ in 0..calls {
        ahead.next_call();
    }
    // Between this call and the next one.
    let at = ahead.due() - 1e-9;
    let seen = try_each(job, &begin, at, &[slower(100), slower(400)], detector);
    for (percent, seen) in [100, 400].into_iter().zip(seen) {
        let found = seen.outcome.is_found();
        ledger.judge(job, Measure::Early(percent), at, seen.outcome, found);
    }
}

/// +50 % after learning that something spoilt.
pub(super) fn contaminated(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let (begin, at) = prepare(job);
    for (spoil, measure) in
        [(Spoil::Episode, Measure::AfterEpisode(50)), (Spoil::Freaks, Measure::AfterFreaks(50))]
    {
        let mut begin = begin.clone();
        spoil.plant(&mut begin, job, at);
        for seen in try_each(job, &begin, at, &[slower(50)], detector) {
            ledger.judge(job, measure, at, seen.outcome, seen.outcome.is_found());
        }
    }
}

/// What spoils the learning.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spoil {
    /// A fortieth of the calls, in one stretch, is ten times as slow.
    Episode,
    /// Three calls are 300 times as slow.
    Freaks,
}

impl Spoil {
    /// Spoils the first 2,000 calls of a stream, or what comes before `at` (seconds).
    pub(super) fn plant(self, stream: &mut Stream, job: &Job, at: f64) {
        let mut dice = Dice::new(job.seed ^ 2);
        let seconds = at.min(SPOILT_CALLS / job.rate);
        match self {
            Self::Episode => {
                let from = seconds * dice.between(0.05, 0.9);
                stream.plant_between(Change::Slower(9.0), from, from + 0.025 * seconds);
            }
            Self::Freaks => {
                for _ in 0..3 {
                    stream.plant_freak((seconds * job.rate * dice.uniform()) as u64, 300.0);
                }
            }
        }
    }
}

/// The stream of a job, and when its change comes.
fn prepare(job: &Job) -> (Stream, f64) {
    let at = late(job.rate, &mut Dice::new(job.seed ^ 1));
    (Stream::new(job.regime, job.rate, job.seed), at)
}

fn slower(percent: u16) -> Change {
    Change::Slower(f64::from(percent) / 100.0)
}
