//! `Sides`: a baseline's samples and today's, the machine's pace taken off both.

use super::pace::{Pace, Point, process};
use crate::baselines::{Entry, fewer};
use crate::timing::{Parts, Session, TYPICAL, logs, median};

/// So many deviations from its process's median a sample is at most: what lies further away was
/// interrupted, and how badly says nothing about the operation.
const CLIPPED: f64 = 5.0;

/// The variance of the middle of normal numbers, times their count, in that of one of them.
const MIDDLE: f64 = 1.19;

/// A baseline and sessions of now, at the same pace.
pub(super) struct Sides {
    pub(super) before: Side,
    pub(super) now: Side,
    /// The operation's yardstick now, in nanoseconds.
    pub(super) yardstick_ns: f64,
    /// By how much that is longer than it was, as a logarithm.
    pub(super) pace: f64,
    /// How far that is off, squared.
    pub(super) off: f64,
    /// Whether sessions by themselves show that the operation follows it.
    pub(super) seen: bool,
}

impl Sides {
    pub(super) fn of(entry: &Entry, sessions: &[Session]) -> Self {
        let recorded: Vec<(Parts, &Vec<f64>)> =
            entry.yardsticks_ns.iter().map(logs).zip(&entry.in_yardsticks).collect();
        let recorded = undisturbed(&recorded, |(_, samples)| samples.len());
        let before: Vec<Point> = recorded
            .iter()
            .map(|(parts, samples)| (*parts, middle(&logs_of(samples)) + typical(parts)))
            .collect();
        let now: Vec<Point> = sessions.iter().map(process).collect();
        let pace = Pace::of(&before, sessions);
        let then: Vec<Vec<f64>> = recorded
            .iter()
            .map(|(parts, samples)| recorded_samples(samples, parts, &pace))
            .collect();
        // As many samples as the baseline keeps of as many.
        let kept = entry.in_yardsticks.iter().map(Vec::len).sum::<usize>();
        let size = (entry.n as usize).div_ceil(kept.max(1)).max(1);
        let today: Vec<Vec<f64>> = sessions
            .iter()
            .map(|session| {
                let samples = paced(session, &pace);
                fewer(&samples, samples.len().div_ceil(size))
            })
            .collect();
        let (parts_then, parts_now) = (mean(&before), mean(&now));
        let yardstick = pace.of_parts(&parts_now);
        Self {
            before: Side::of(&then),
            now: Side::of(&today),
            yardstick_ns: yardstick.exp(),
            pace: yardstick - pace.of_parts(&parts_then),
            off: pace.variance(&parts_then, &parts_now),
            seen: pace.is_seen(&parts_then, &parts_now),
        }
    }
}

/// How far the level of these sessions is off, as a logarithm, by how far processes lie apart.
pub(super) fn standard_error(sessions: &[Session]) -> f64 {
    let pace = Pace::of(&[], sessions);
    let side = Side::of(&sessions.iter().map(|session| paced(session, &pace)).collect::<Vec<_>>());
    let (squares, free) = side.scatter();
    (squares / free.max(1.0) / side.levels.len().max(1) as f64).sqrt()
}

/// The samples of a baseline's process in yardsticks of the operation. Of a process only its
/// pieces are kept, so within it a sample has stood beside those of a typical operation.
fn recorded_samples(samples: &[f64], parts: &Parts, pace: &Pace) -> Vec<f64> {
    let own = (typical(parts) - pace.of_parts(parts)).exp();
    samples.iter().map(|sample| sample * own).collect()
}

/// The samples of a session in yardsticks of the operation.
fn paced(session: &Session, pace: &Pace) -> Vec<f64> {
    let pieces = session.pieces().map(|parts| pace.of_parts(&logs(&parts)).exp());
    session.operation_ns.iter().zip(pieces).map(|(ns, pace)| ns / pace).collect()
}

/// The mean of the pieces.
fn mean(points: &[Point]) -> Parts {
    let count = points.len().max(1) as f64;
    std::array::from_fn(|part| points.iter().map(|(parts, _)| parts[part]).sum::<f64>() / count)
}

/// The logarithm of a typical operation's yardstick.
fn typical(parts: &Parts) -> f64 {
    TYPICAL.iter().zip(parts).map(|(share, part)| share * part).sum()
}

fn logs_of(samples: &[f64]) -> Vec<f64> {
    samples.iter().map(|each| each.max(f64::MIN_POSITIVE).ln()).collect()
}

/// The processes that took at least a quarter of the samples of the one with most: what was stopped
/// for most of its time has little to tell.
pub(super) fn undisturbed<T: Clone>(processes: &[T], samples: impl Fn(&T) -> usize) -> Vec<T> {
    let most = processes.iter().map(&samples).max().unwrap_or(0);
    processes.iter().filter(|process| 4 * samples(process) >= most).cloned().collect()
}

/// The samples of some processes, their own levels taken off, and those levels.
pub(super) struct Side {
    pub(super) samples: Vec<f64>,
    /// The middle of each process's logarithms.
    pub(super) levels: Vec<f64>,
    /// How far the middle of so many samples is off, squared; the mean over processes.
    error: f64,
    /// The mean of the levels.
    pub(super) level: f64,
    pub(super) processes: Vec<Vec<f64>>,
}

impl Side {
    fn of(processes: &[Vec<f64>]) -> Self {
        let levels: Vec<f64> = processes.iter().map(|samples| middle(&logs_of(samples))).collect();
        let level = levels.iter().sum::<f64>() / levels.len().max(1) as f64;
        let mut error = 0.0;
        let mut samples = Vec::new();
        for (process, own) in processes.iter().zip(&levels) {
            let off: Vec<f64> = logs_of(process).iter().map(|each| (each - own).abs()).collect();
            // The middle's error from the median deviation, as of normal logarithms.
            let deviation = 1.482_6 * median(&off).unwrap_or(0.0);
            error += MIDDLE * deviation * deviation / off.len() as f64;
            let most = CLIPPED * deviation.max(f64::EPSILON);
            samples.extend(
                logs_of(process).iter().map(|each| (level + (each - own).clamp(-most, most)).exp()),
            );
        }
        error /= levels.len().max(1) as f64;
        Self { samples, error, level, processes: processes.to_vec(), levels }
    }

    /// How far the levels lie apart, and how many of them are free to.
    pub(super) fn scatter(&self) -> (f64, f64) {
        let squares: f64 = self.levels.iter().map(|own| (own - self.level).powi(2)).sum();
        let free = (self.levels.len() as f64 - 1.0).max(0.0);
        ((squares - free * self.error).max(0.0), free)
    }
}

/// The mean of the middle half: nearly as sure as the mean of all, as robust as can be against
/// interruptions, and between the ticks of a coarse clock.
pub(super) fn middle(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    let half = &sorted[cut..sorted.len() - cut];
    half.iter().sum::<f64>() / half.len().max(1) as f64
}
