//! `Cusums`: evidence for each alternative, added up since it last said nothing.

/// Packets whose sums are remembered, to bound what a few seconds may add.
const REMEMBERED: usize = 16;

/// Whatever lasts no longer than this, in seconds, must not be taken for a change.
const BRIEF: f64 = 5.0;

/// The share of its threshold that a stretch of [`BRIEF`] may add to a sum.
const BRIEFLY: f32 = 0.52;

/// Page's cumulative sums (*Continuous inspection schemes*, Biometrika 41, 1954) of N
/// alternatives. A stretch of five seconds adds at most about half of a threshold.
#[derive(Clone, Debug)]
pub(super) struct Cusums<const N: usize> {
    sums: [f32; N],
    /// When each sum last left zero, in seconds.
    since: [f64; N],
    /// Calls since then.
    calls: [f32; N],
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
            calls: [0.0; N],
            times: [f64::NEG_INFINITY; REMEMBERED],
            past: [[0.0; N]; REMEMBERED],
            next: 0,
            before: at,
        }
    }

    /// Adds a packet that began and ended at these seconds. `added` is what it says for each
    /// alternative and the threshold of that one; without one its sum stays at zero.
    pub(super) fn add(
        &mut self,
        began: f64,
        ended: f64,
        calls: f32,
        added: impl Fn(usize) -> (f32, f32),
    ) {
        self.past[self.next] = self.sums;
        self.times[self.next] = ended;
        self.next = (self.next + 1) % REMEMBERED;
        // What lasts five seconds and touches this packet touches no packet that ended before.
        let recent: [bool; REMEMBERED] = std::array::from_fn(|at| self.times[at] > began - BRIEF);
        for which in 0..N {
            let (ratio, threshold) = added(which);
            if threshold.is_infinite() {
                self.sums[which] = 0.0;
                continue;
            }
            let before = self.sums[which];
            let mut lowest = before;
            for at in 0..REMEMBERED {
                if recent[at] {
                    lowest = lowest.min(self.past[at][which]);
                }
            }
            if before <= 0.0 {
                self.since[which] = self.before.max(ended - 30.0);
                self.calls[which] = 0.0;
            }
            self.sums[which] = (before + ratio).min(lowest + BRIEFLY * threshold).max(0.0);
            self.calls[which] += calls;
        }
        self.before = ended;
    }

    pub(super) fn sum(&self, which: usize) -> f32 {
        self.sums[which]
    }

    /// When the sum last left zero, in seconds, and the calls since.
    pub(super) fn onset(&self, which: usize) -> (f64, f32) {
        (self.since[which], self.calls[which])
    }

    pub(super) fn reset(&mut self, at: f64) {
        *self = Self::new(at);
    }
}
