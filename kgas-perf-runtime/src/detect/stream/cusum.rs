//! `Cusums`: evidence for each alternative, added up since it last said nothing.

use serde::{Deserialize, Serialize};

/// Packets whose sums are remembered, to bound what a few seconds may add.
const REMEMBERED: usize = 16;

/// Whatever lasts no longer than this, in seconds, must not be taken for a change.
const BRIEF: f64 = 5.0;

/// Whatever lasts no longer than this, in seconds, is one moment.
const MOMENT: f64 = 1.5;

/// The share of its threshold that a stretch of [`BRIEF`] may add to a sum.
const BRIEFLY: f32 = 0.62;

/// Page's cumulative sums (*Continuous inspection schemes*, Biometrika 41, 1954) of N
/// alternatives. A stretch of five seconds adds at most about half of a threshold, and a moment no
/// more than it may.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub(super) struct Cusums<const N: usize> {
    sums: [f32; N],
    /// When each sum last left zero, in seconds, and the calls before that.
    since: [f64; N],
    without: [f64; N],
    /// Calls in all.
    calls: f64,
    times: [f64; REMEMBERED],
    /// Sums as they were before the packet that ended at each of `times`.
    past: [[f32; N]; REMEMBERED],
    next: usize,
    /// When the packet before ended.
    before: f64,
}

impl<const N: usize> Cusums<N> {
    pub(super) fn new(at: f64) -> Self {
        Self {
            sums: [0.0; N],
            since: [at; N],
            without: [0.0; N],
            calls: 0.0,
            times: [f64::NEG_INFINITY; REMEMBERED],
            past: [[0.0; N]; REMEMBERED],
            next: 0,
            before: at,
        }
    }

    /// Adds a packet that began and ended at these seconds: what it says for each alternative, and
    /// the threshold of that one. Where this is infinite, the sum stays at zero. A moment adds at
    /// most `at_once`.
    ///
    /// The sums depend on no branch for one alternative alone, so that some are added at once.
    pub(super) fn add(
        &mut self,
        (began, ended): (f64, f64),
        calls: f32,
        ratios: &[f32; N],
        thresholds: &[f32; N],
        at_once: &[f32; N],
    ) {
        self.remember(began, ended);
        let (lately, just) = self.lowest(began);
        let before = self.sums;
        for which in 0..N {
            let most =
                lesser(lately[which] + BRIEFLY * thresholds[which], just[which] + at_once[which]);
            let sum = lesser(before[which] + ratios[which], most);
            let sum = if sum > 0.0 { sum } else { 0.0 };
            self.sums[which] = if thresholds[which] < f32::INFINITY { sum } else { 0.0 };
        }
        let after = self.sums;
        let rises = |which: usize| before[which] <= 0.0 && after[which] > 0.0;
        if (0..N).fold(false, |any, which| any | rises(which)) {
            let start = self.before.max(ended - 30.0);
            for which in (0..N).filter(|which| rises(*which)) {
                self.since[which] = start;
                self.without[which] = self.calls;
            }
        }
        self.calls += f64::from(calls);
        self.before = ended;
    }

    /// Adds a packet that speaks for no alternative, while all of them rest.
    pub(super) fn rest(&mut self, (began, ended): (f64, f64), calls: f32) {
        self.remember(began, ended);
        self.calls += f64::from(calls);
        self.before = ended;
    }

    /// The lowest of each sum in the last [`BRIEF`] before a packet began, and in the last
    /// [`MOMENT`]: what lasts from then until the end of this packet touches no packet that ended
    /// before.
    fn lowest(&self, began: f64) -> ([f32; N], [f32; N]) {
        let mut lately = self.sums;
        let mut just = self.sums;
        // The newest first: those before it ended no later.
        let mut at = self.next;
        for _ in 0..REMEMBERED {
            at = (at + REMEMBERED - 1) % REMEMBERED;
            if self.times[at] <= began - BRIEF {
                break;
            }
            lately = lesser_of_each(&lately, &self.past[at]);
            if self.times[at] > began - MOMENT {
                just = lately;
            }
        }
        (lately, just)
    }

    /// Remembers the sums before a packet. Where five seconds hold more packets than are
    /// remembered, the newest share a place, which keeps the lowest of their sums.
    fn remember(&mut self, began: f64, ended: f64) {
        if self.times[self.next] > began - BRIEF {
            let newest = (self.next + REMEMBERED - 1) % REMEMBERED;
            self.past[newest] = lesser_of_each(&self.past[newest], &self.sums);
            self.times[newest] = ended;
        } else {
            self.past[self.next] = self.sums;
            self.times[self.next] = ended;
            self.next = (self.next + 1) % REMEMBERED;
        }
    }

    pub(super) fn sum(&self, which: usize) -> f32 {
        self.sums[which]
    }

    /// Which sums are at zero.
    pub(super) fn resting(&self) -> [bool; N] {
        self.sums.map(|sum| sum <= 0.0)
    }

    /// Whether any sum reaches its threshold.
    pub(super) fn reaches(&self, thresholds: &[f32; N]) -> bool {
        self.sums.iter().zip(thresholds).fold(false, |any, (sum, most)| any | (sum >= most))
    }

    /// When the sum last left zero, in seconds, and the calls since.
    pub(super) fn onset(&self, which: usize) -> (f64, f32) {
        (self.since[which], (self.calls - self.without[which]) as f32)
    }

    pub(super) fn reset(&mut self, at: f64) {
        *self = Self::new(at);
    }
}

/// The lesser of two numbers, of which none is missing.
fn lesser(one: f32, other: f32) -> f32 {
    if other < one { other } else { one }
}

fn lesser_of_each<const N: usize>(some: &[f32; N], others: &[f32; N]) -> [f32; N] {
    let mut lesser_ones = *some;
    for which in 0..N {
        lesser_ones[which] = lesser(some[which], others[which]);
    }
    lesser_ones
}

/// The sums as they are written down: of what is remembered, what may still matter.
#[derive(Serialize, Deserialize)]
struct Written {
    sums: Vec<f32>,
    since: Vec<f64>,
    without: Vec<f64>,
    calls: f64,
    /// The place, the end of the packet, and the sums before it.
    past: Vec<(u8, f64, Vec<f32>)>,
    next: u8,
    before: f64,
}

impl<const N: usize> From<Cusums<N>> for Written {
    fn from(known: Cusums<N>) -> Self {
        let past = (0..).zip(known.times.iter().zip(&known.past));
        let matters = |time: f64| time > known.before - BRIEF;
        Self {
            sums: known.sums.into(),
            since: known.since.into(),
            without: known.without.into(),
            calls: known.calls,
            past: past
                .filter(|(_, (time, _))| matters(**time))
                .map(|(place, (time, sums))| (place, *time, sums.to_vec()))
                .collect(),
            next: known.next as u8,
            before: known.before,
        }
    }
}

impl<const N: usize> TryFrom<Written> for Cusums<N> {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        const OTHER: &str = "cumulative sums of other alternatives";
        let mut known = Self::new(written.before);
        known.sums = written.sums.try_into().map_err(|_| OTHER)?;
        known.since = written.since.try_into().map_err(|_| OTHER)?;
        known.without = written.without.try_into().map_err(|_| OTHER)?;
        known.calls = written.calls;
        for (place, time, sums) in written.past {
            *known.times.get_mut(usize::from(place)).ok_or(OTHER)? = time;
            known.past[usize::from(place)] = sums.try_into().map_err(|_| OTHER)?;
        }
        known.next = usize::from(written.next);
        if known.next < REMEMBERED { Ok(known) } else { Err(OTHER) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_never_falls_below_zero_and_remembers_when_it_left_it() {
        let mut sums = Cusums::<1>::new(0.0);
        for second in 1..=20 {
            let at = f64::from(second);
            let ratio = if second <= 10 { -1.0 } else { 0.5 };
            sums.add((at - 1.0, at), 1.0, &[ratio], &[100.0], &[f32::INFINITY]);
        }
        assert!((sums.sum(0) - 5.0).abs() < 1e-6);
        assert_eq!(sums.onset(0), (10.0, 10.0));
    }

    #[test]
    fn five_seconds_add_at_most_about_half_of_a_threshold() {
        for packet in [0.01, 0.1, 0.5, 1.0] {
            let mut sums = Cusums::<1>::new(0.0);
            let mut at = 0.0;
            while at < 200.0 {
                // However much a stretch of five seconds says, from wherever in a packet on.
                let said = if (100.3..105.3).contains(&at) { 1e3 } else { -0.01 };
                sums.add((at, at + packet), 1.0, &[said], &[10.0], &[f32::INFINITY]);
                at += packet;
                assert!(sums.sum(0) < 10.0, "{packet}: {} at {at}", sums.sum(0));
            }
        }
    }

    #[test]
    fn calls_of_a_moment_add_no_more_than_they_may() {
        let mut sums = Cusums::<1>::new(0.0);
        let pause = |sums: &mut Cusums<1>, from: f64| {
            for call in 0..12 {
                let at = from + 0.1 * f64::from(call);
                sums.add((at, at + 0.1), 1.0, &[4.0], &[100.0], &[5.0]);
            }
            sums.sum(0)
        };
        assert_eq!(pause(&mut sums, 0.0), 5.0);
        // Another moment later is another event.
        assert_eq!(pause(&mut sums, 4.0), 10.0);
    }

    #[test]
    fn what_lasts_longer_reaches_it() {
        let mut sums = Cusums::<1>::new(0.0);
        let reached = (0..60).map(f64::from).find(|&at| {
            sums.add((at, at + 1.0), 1.0, &[1e3], &[10.0], &[f32::INFINITY]);
            sums.reaches(&[10.0])
        });
        assert!(reached.is_some_and(|at| (5.0..8.0).contains(&at)), "{reached:?}");
    }

    #[test]
    fn without_a_threshold_nothing_is_added() {
        let mut sums = Cusums::<1>::new(0.0);
        sums.add((0.0, 1.0), 1.0, &[5.0], &[f32::INFINITY], &[f32::INFINITY]);
        assert_eq!(sums.sum(0), 0.0);
        assert!(!sums.reaches(&[f32::INFINITY]));
    }

    #[test]
    fn a_rest_is_a_packet_that_speaks_against_all() {
        let mut resting = Cusums::<2>::new(0.0);
        let mut told = resting.clone();
        for at in [1.0, 1.3, 9.0, 80.0, 81.0] {
            resting.rest((at - 0.2, at), 3.0);
            told.add((at - 0.2, at), 3.0, &[-1.0, -0.1], &[10.0, 5.0], &[f32::INFINITY; 2]);
            assert_eq!(format!("{resting:?}"), format!("{told:?}"));
        }
        assert_eq!(resting.resting(), [true; 2]);
    }
}
