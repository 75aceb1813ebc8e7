//! How far an operation follows the yardstick, where the machine's pace has changed.

use crate::timing::{Session, median};

/// How far the yardstick is trusted beforehand: where it has become slower by a tenth, the
/// operation has become so by a tenth, give or take this share of it.
const OFF: f64 = 0.12;
/// Stretches that a session is cut into; shorter ones say more about noise than about pace.
const STRETCHES: usize = 5;
/// What a stretch's median is off by at least, as a logarithm: within a process, and from one to
/// the next.
const WITHIN: f64 = 0.004;
const BETWEEN: f64 = 0.006;
/// The pace tells something if at most this share of its changes is noise of the yardstick's.
const NOISE: f64 = 0.5;
/// It is seen to follow if at least this share of the pace's change is surely found in it.
const SEEN: f64 = 0.5;
const SURELY: f64 = 3.0;

/// How long the yardstick lasted and how long the operation, as logarithms.
type Point = (f64, f64);

/// What sessions say of how an operation's durations change with the yardstick's: in proportion
/// if the share is one, not at all, as of a sleep, if it is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Follows {
    /// The share of a change of the pace by which the two may part.
    pub(super) off: f64,
    /// Whether these sessions by themselves show that it follows.
    pub(super) seen: bool,
}

impl Follows {
    /// From the pace's changes within sessions and between them: least squares, with what is
    /// believed beforehand.
    pub(super) fn of(sessions: &[Session]) -> Self {
        let noise = sessions.iter().map(noise).sum::<f64>() / sessions.len().max(1) as f64;
        let sessions: Vec<Vec<Point>> = sessions.iter().map(stretches).collect();
        let (means, within): (Vec<_>, Vec<_>) =
            sessions.iter().filter_map(|stretches| apart(stretches)).unzip();
        let within = Slope::of(&within.concat(), means.len(), noise, WITHIN);
        let between = apart(&means).map_or(Slope::UNKNOWN, |(_, means)| {
            Slope::of(&means, 1, noise / STRETCHES as f64, BETWEEN)
        });
        let seen = within.and(between);
        let believed = seen.and(Slope { weight: OFF.powi(-2), weighted: OFF.powi(-2) });
        Self {
            off: (1.0 - believed.share()).hypot(believed.error()),
            seen: seen.weight > 0.0 && seen.share() - SURELY * seen.error() > SEEN,
        }
    }
}

/// The logarithms of the yardstick's and the operation's medians in each stretch.
fn stretches(session: &Session) -> Vec<Point> {
    let size = session.samples().div_ceil(STRETCHES).max(1);
    let middle = |part: &[f64]| median(part).unwrap_or(1.0).max(f64::MIN_POSITIVE).ln();
    let parts = session.yardstick_ns.chunks(size).zip(session.operation_ns.chunks(size));
    parts.map(|(yardsticks, samples)| (middle(yardsticks), middle(samples))).collect()
}

/// The variance of a stretch's yardstick by chance, from how neighbours in time differ.
fn noise(session: &Session) -> f64 {
    let squares: Vec<f64> =
        session.yardstick_ns.windows(2).map(|two| (two[1] / two[0]).ln().powi(2)).collect();
    // Of a chi-squared number with one degree of freedom, the median is 0.455; a median's variance
    // is π/2 times that of a mean.
    let one = median(&squares).unwrap_or(0.0) / 0.455 / 2.0;
    let size = session.samples().div_ceil(STRETCHES).max(1);
    std::f64::consts::FRAC_PI_2 * one / size as f64
}

/// The mean of some points, and how far each lies from it; `None` of none.
fn apart(points: &[Point]) -> Option<(Point, Vec<Point>)> {
    let count = Some(points.len() as f64).filter(|count| *count > 0.0)?;
    let x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    Some(((x, y), points.iter().map(|point| (point.0 - x, point.1 - y)).collect()))
}

/// A share and how much it weighs: one over its variance.
#[derive(Clone, Copy, Debug)]
struct Slope {
    weight: f64,
    weighted: f64,
}

impl Slope {
    const UNKNOWN: Self = Self { weight: 0.0, weighted: 0.0 };

    /// The line through points from which so many means were taken. What noise there is along the
    /// line would make it flatter, so that is taken off.
    fn of(points: &[Point], means: usize, noise: f64, least_error: f64) -> Self {
        let squares: f64 = points.iter().map(|(x, _)| x * x).sum();
        let products: f64 = points.iter().map(|(x, y)| x * y).sum();
        let free = points.len() as f64 - means as f64 - 1.0;
        let told = squares - noise * (free + 1.0);
        if squares <= 0.0 || free < 1.0 || told < (1.0 - NOISE) * squares {
            return Self::UNKNOWN;
        }
        let slope = products / told;
        let left: f64 = points.iter().map(|(x, y)| (y - slope * x).powi(2)).sum();
        let variance = (left / free).max(least_error * least_error);
        Self { weight: told / variance, weighted: products / variance }
    }

    fn and(self, other: Self) -> Self {
        Self { weight: self.weight + other.weight, weighted: self.weighted + other.weighted }
    }

    fn share(self) -> f64 {
        self.weighted / self.weight
    }

    fn error(self) -> f64 {
        self.weight.sqrt().recip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sessions at paces that differ by a tenth from one to the next, of an operation that has
    /// this share of each change of pace.
    fn sessions(share: f64, paces: &[f64]) -> Vec<Session> {
        let session = |pace: &f64| {
            let mut session = Session::default();
            for at in 0..50 {
                let hum = 0.01 * (f64::from(at) * 2.4).sin();
                session.add(3e4 * (share * pace + hum).exp(), 2e4 * (pace - hum).exp());
            }
            session
        };
        paces.iter().map(session).collect()
    }

    #[test]
    fn what_follows_the_pace_is_told_from_what_does_not() {
        let follows = Follows::of(&sessions(1.0, &[0.0, 0.1, -0.1]));
        assert!(follows.seen && follows.off < 0.08, "{follows:?}");
        let sleeps = Follows::of(&sessions(0.0, &[0.0, 0.1, -0.1]));
        assert!(!sleeps.seen && sleeps.off > 0.3, "{sleeps:?}");
    }

    #[test]
    fn at_a_steady_pace_what_is_believed_beforehand_stays() {
        for sessions in [sessions(0.0, &[0.0, 0.0, 0.0]), sessions(1.0, &[0.3]), Vec::new()] {
            let follows = Follows::of(&sessions);
            assert!(!follows.seen && (follows.off - OFF).abs() < 0.02, "{follows:?}");
        }
    }
}
