//! How an operation keeps pace with the pieces of the yardstick.

use crate::timing::{PARTS, Parts, Session, TYPICAL, logs, median, midmean};

/// How far an operation's share of each piece is believed to lie from a typical one's, and how far
/// all of them from one: where every piece has become slower by a tenth, the operation has become
/// so by a tenth, give or take this share of it.
const APART: Parts = [0.3, 0.2, 0.3, 0.2];
const OFF: f64 = 0.12;
/// The same where nothing is believed, not even that it keeps pace at all.
const OPEN: f64 = 0.7;
/// Stretches that a session is cut into; shorter ones say more about noise than about pace.
const STRETCHES: usize = 10;
/// What a stretch is off by at least, as a logarithm: within a process, and from one to the next.
const WITHIN: f64 = 0.004;
const BETWEEN: f64 = 0.01;
/// How many stretches, and how many processes, say as much as one that stood alone would.
const TOGETHER: f64 = 3.0;
const ALIKE: f64 = 1.5;
/// Misses are at most so many deviations: what lies further away was interrupted.
const CLIPPED: f64 = 4.0;
/// How often the noise is estimated anew.
const PASSES: usize = 4;
/// It is seen to keep pace if at least this share of a change is surely found in it.
const SEEN: f64 = 0.5;
const SURELY: f64 = 2.0;

/// The logarithms of the yardstick's pieces and of the operation's duration.
pub(super) type Point = (Parts, f64);

/// What of a change of each piece of the yardstick is found in an operation: one of a single piece
/// if it consists of that work, a mixture as a rule, nothing if it sleeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    shares: Shares,
    /// The same, were nothing believed beforehand.
    open: Shares,
}

impl Pace {
    /// From the changes within these sessions, and from one to the next among those before and those
    /// now: least squares, with what is believed beforehand.
    pub(super) fn of(before: &[Session], now: &[Session]) -> Self {
        let sides = [before, now];
        // Of a baseline's process only the middle of its pieces is kept: it tells nothing within.
        let within: Vec<Vec<Point>> = sides
            .concat()
            .iter()
            .filter(|session| session.yardstick_ns.windows(2).any(|pair| pair[0] != pair[1]))
            .map(|session| apart(&stretches(session)))
            .collect();
        let between = sides.map(|side| apart(&side.iter().map(process).collect::<Vec<_>>()));
        let means = (within.len(), between.iter().filter(|points| !points.is_empty()).count());
        let mut open = Shares::new([0.0; PARTS], [OPEN; PARTS]);
        let mut shares = Shares::believed();
        for (points, means, least, together) in [
            (within.concat(), means.0, WITHIN, TOGETHER),
            (between.concat(), means.1, BETWEEN, ALIKE),
        ] {
            // How noisy they are is judged without what is believed: of what sleeps, that nothing
            // of the pace is found in it must not look like noise.
            let (points, variance) = open.noise(points, means, least);
            open.take(&points, together * variance);
            shares.take(&points, together * variance);
        }
        Self { shares, open }
    }

    /// The logarithm of the pace of an operation beside pieces of these logarithms.
    pub(super) fn of_parts(&self, parts: &Parts) -> f64 {
        self.shares.of(parts)
    }

    /// How far the change of pace between these two may be off, squared.
    pub(super) fn variance(&self, before: &Parts, now: &Parts) -> f64 {
        self.shares.variance(&change(before, now))
    }

    /// Whether the changes of pace by themselves show that it follows a change between these two.
    pub(super) fn is_seen(&self, before: &Parts, now: &Parts) -> bool {
        let change = change(before, now);
        let (expected, found) = (self.shares.of(&change), self.open.of(&change));
        let found = found * expected.signum() - SURELY * self.open.variance(&change).sqrt();
        found > SEEN * expected.abs()
    }
}

/// One process: its pieces, and its middle.
pub(super) fn process(session: &Session) -> Point {
    let relative: Vec<f64> = session.in_yardsticks().iter().map(|each| log(*each)).collect();
    let parts = logs(&session.yardstick());
    (parts, midmean(&relative) + dot(&TYPICAL, &parts))
}

/// The same for each stretch of a session.
fn stretches(session: &Session) -> Vec<Point> {
    let size = session.samples().div_ceil(STRETCHES).max(1);
    let parts = session.yardstick_ns.chunks(size).zip(session.operation_ns.chunks(size));
    parts
        .map(|(yardsticks, samples)| {
            let part = |part: usize| {
                let of: Vec<f64> = yardsticks.iter().map(|parts| parts[part]).collect();
                log(median(&of).unwrap_or(1.0))
            };
            (std::array::from_fn(part), log(median(samples).unwrap_or(1.0)))
        })
        .collect()
}

fn log(number: f64) -> f64 {
    number.max(f64::MIN_POSITIVE).ln()
}

/// How far each point lies from the mean of all.
fn apart(points: &[Point]) -> Vec<Point> {
    let count = points.len().max(1) as f64;
    let mean = points.iter().fold(([0.0; PARTS], 0.0), |(parts, own), point| {
        (std::array::from_fn(|part| parts[part] + point.0[part] / count), own + point.1 / count)
    });
    let from_mean = |point: &Point| -> Point {
        (std::array::from_fn(|part| point.0[part] - mean.0[part]), point.1 - mean.1)
    };
    points.iter().map(from_mean).collect()
}

fn change(before: &Parts, now: &Parts) -> Parts {
    std::array::from_fn(|part| now[part] - before[part])
}

fn dot(one: &Parts, other: &Parts) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Shares and how sure they are: the mean and covariance of a normal belief, to which observations
/// are added one by one (recursive least squares).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shares {
    mean: Parts,
    covariance: [Parts; PARTS],
}

impl Shares {
    /// Shares of this mean and these deviations.
    fn new(mean: Parts, deviations: Parts) -> Self {
        let mut covariance = [[0.0; PARTS]; PARTS];
        for part in 0..PARTS {
            covariance[part][part] = deviations[part] * deviations[part];
        }
        Self { mean, covariance }
    }

    /// What is believed beforehand.
    fn believed() -> Self {
        let mut shares = Self::new(TYPICAL, APART);
        shares.observe(&[1.0; PARTS], 1.0, OFF * OFF);
        shares
    }

    fn of(&self, parts: &Parts) -> f64 {
        dot(&self.mean, parts)
    }

    fn variance(&self, parts: &Parts) -> f64 {
        dot(&self.covariance.map(|row| dot(&row, parts)), parts).max(0.0)
    }

    /// Takes that a change of the pieces went with this change of the operation, give or take.
    fn observe(&mut self, parts: &Parts, change: f64, variance: f64) {
        let reach = self.covariance.map(|row| dot(&row, parts));
        let varies = dot(&reach, parts) + variance;
        let miss = change - self.of(parts);
        for part in 0..PARTS {
            self.mean[part] += reach[part] / varies * miss;
            for other in 0..PARTS {
                self.covariance[part][other] -= reach[part] * reach[other] / varies;
            }
        }
    }

    /// Takes points with noise of this variance.
    fn take(&mut self, points: &[Point], variance: f64) {
        points.iter().for_each(|(parts, change)| self.observe(parts, *change, variance));
    }

    /// The variance of the noise in points that lie around so many means of theirs, by what is left
    /// of them once these shares have learned from them; and the points, those far away nearer.
    fn noise(&self, points: Vec<Point>, means: usize, least: f64) -> (Vec<Point>, f64) {
        let (mut clipped, mut variance) = (points.clone(), least * least);
        for _ in 0..PASSES {
            let mut learned = *self;
            learned.take(&clipped, variance);
            let misses = points.iter().map(|(parts, change)| change - learned.of(parts));
            let sizes: Vec<f64> = misses.clone().map(f64::abs).collect();
            // Of normal numbers, the median size is 0.6745 deviations.
            let deviation = (median(&sizes).unwrap_or(0.0) / 0.674_5).max(least);
            // What points have been fitted to they do not miss.
            let fitted: f64 = points.iter().map(|(parts, _)| learned.variance(parts)).sum();
            let all = points.len() as f64;
            let free = (all - means as f64 - fitted / variance).max(1.0);
            let most = CLIPPED * deviation;
            for ((point, (_, change)), miss) in clipped.iter_mut().zip(&points).zip(misses) {
                point.1 = change - miss + miss.clamp(-most, most);
            }
            variance = deviation * deviation * (all / free).max(1.0);
        }
        (clipped, variance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sessions whose pieces change from one to the next and within, of an operation that has
    /// these shares of each change.
    fn sessions(shares: Parts, changes: &[Parts]) -> Vec<Session> {
        let session = |change: &Parts| {
            let mut session = Session::default();
            for at in 0..50 {
                // Each hums by itself.
                let hum = |which: usize| 0.01 * (f64::from(at) * (2.4 + which as f64)).sin();
                let piece = |part: usize| 5e3 * (change[part] + hum(part)).exp();
                let own = dot(&shares, change) + hum(PARTS);
                session.add(3e4 * own.exp(), std::array::from_fn(piece));
            }
            session
        };
        changes.iter().map(session).collect()
    }

    const CALM: Parts = [0.0; PARTS];

    fn all_by(change: f64) -> Parts {
        [change; PARTS]
    }

    #[test]
    fn what_follows_the_pace_is_told_from_what_does_not() {
        let paces = [CALM, all_by(0.1), all_by(-0.1), all_by(0.05)];
        let follows = Pace::of(&[], &sessions(TYPICAL, &paces));
        assert!(follows.is_seen(&CALM, &all_by(0.1)), "{follows:?}");
        assert!((follows.of_parts(&all_by(0.1)) - 0.1).abs() < 0.01, "{follows:?}");
        let sleeps = Pace::of(&[], &sessions(CALM, &paces));
        assert!(!sleeps.is_seen(&CALM, &all_by(0.1)), "{sleeps:?}");
        assert!(sleeps.of_parts(&all_by(0.1)) < 0.06, "{sleeps:?}");
    }

    #[test]
    fn what_a_neighbour_slows_is_learned_piece_by_piece() {
        // Arithmetic that many units could share slows by half, walks through memory by more.
        let neighbours: Vec<Parts> = (0..6)
            .map(|at| {
                let (busy, full) = (f64::from(at % 2), f64::from(at / 2));
                [0.0, 0.4 * busy, 0.2 * busy, 0.3 * full]
            })
            .collect();
        for shares in [[1.0, 0.0, 0.0, 0.0], [0.2, 0.6, 0.2, 0.0], [0.2, 0.0, 0.3, 0.5]] {
            let sessions = sessions(shares, &neighbours);
            let pace = Pace::of(&sessions, &sessions);
            for parts in &neighbours {
                let miss = pace.of_parts(parts) - dot(&shares, parts);
                assert!(miss.abs() < 0.02, "{shares:?}: {miss} at {parts:?}, {pace:?}");
                let sure = pace.variance(&CALM, parts).sqrt();
                assert!(sure < 0.03, "{shares:?}: {sure} at {parts:?}");
            }
        }
    }

    #[test]
    fn at_a_steady_pace_what_is_believed_beforehand_stays() {
        for sessions in [sessions(CALM, &[CALM; 3]), sessions(TYPICAL, &[all_by(0.3)]), Vec::new()]
        {
            let pace = Pace::of(&[], &sessions);
            let slower = all_by(0.1);
            assert!(!pace.is_seen(&CALM, &slower), "{pace:?}");
            assert!((pace.of_parts(&slower) - 0.1).abs() < 0.02, "{pace:?}");
            let off = pace.variance(&CALM, &slower).sqrt();
            assert!((0.008..0.013).contains(&off), "{off}");
        }
    }

    #[test]
    fn observations_one_by_one_are_least_squares() {
        // Without belief to speak of, the shares that made the numbers come back.
        let shares = [0.5, -0.2, 0.7, 0.1];
        let mut learned = Shares::new([0.0; PARTS], [1e3; PARTS]);
        for at in 0..20_u32 {
            let parts: Parts = std::array::from_fn(|part| {
                f64::from(at * 7 + 1).sin() * (part + 1) as f64
                    + f64::from(at * at).cos() / (part + 1) as f64
                    + f64::from(at % (part as u32 + 2))
            });
            learned.observe(&parts, dot(&shares, &parts), 1e-6);
        }
        for (found, share) in learned.mean.iter().zip(shares) {
            assert!((found - share).abs() < 1e-4, "{:?}", learned.mean);
        }
    }
}
