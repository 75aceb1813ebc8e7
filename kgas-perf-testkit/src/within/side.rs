//! `Sides`: samples of then and of now, the machine's pace taken off both.

use super::pace::Pace;
use crate::baselines::fewer;
use crate::timing::{Parts, Session, logs, median, midmean};

/// So many deviations from its process's median a sample is at most: what lies further away was
/// interrupted, and how badly says nothing about the operation.
const CLIPPED: f64 = 5.0;

/// The variance of the middle of normal numbers, times their count, in that of one of them.
const MIDDLE: f64 = 1.19;

/// Sessions of then and of now, at the same pace.
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
    /// `averaged` says how many samples one of those before is the mean of.
    pub(super) fn of(before: &[Session], averaged: usize, now: &[Session]) -> Self {
        let pace = Pace::of(before, now);
        let then: Vec<Vec<f64>> = before.iter().map(|session| paced(session, &pace)).collect();
        // Each a mean of as many.
        let today: Vec<Vec<f64>> = now
            .iter()
            .map(|session| {
                let samples = paced(session, &pace);
                fewer(&samples, samples.len().div_ceil(averaged))
            })
            .collect();
        let (parts_then, parts_now) = (mean_yardstick(before), mean_yardstick(now));
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

/// The samples of a session in yardsticks of the operation.
fn paced(session: &Session, pace: &Pace) -> Vec<f64> {
    let pieces = session.pieces().map(|parts| pace.of_parts(&logs(&parts)).exp());
    session.operation_ns.iter().zip(pieces).map(|(ns, pace)| ns / pace).collect()
}

/// The logarithms of the pieces, on average over sessions.
fn mean_yardstick(sessions: &[Session]) -> Parts {
    let all: Vec<Parts> = sessions.iter().map(|session| logs(&session.yardstick())).collect();
    let count = all.len().max(1) as f64;
    std::array::from_fn(|part| all.iter().map(|parts| parts[part]).sum::<f64>() / count)
}

fn logs_of(samples: &[f64]) -> Vec<f64> {
    samples.iter().map(|each| each.max(f64::MIN_POSITIVE).ln()).collect()
}

/// The sessions that took at least a quarter of the samples of the one with most: what was stopped
/// for most of its time has little to tell.
pub(super) fn undisturbed(sessions: &[Session]) -> Vec<Session> {
    let most = sessions.iter().map(Session::samples).max().unwrap_or(0);
    sessions.iter().filter(|session| 4 * session.samples() >= most).cloned().collect()
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
        let levels: Vec<f64> = processes.iter().map(|samples| midmean(&logs_of(samples))).collect();
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
