//! `Bursts`: packets that lie far up more often than chance has it.

/// Strengths at which the heavy side of packets is looked at.
const TILTS: [f64; 6] = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0];

/// How much more often than a normal variable a standardised packet lies far up: the logarithm of
/// its moment generating function, as seen.
///
/// A sum of evidence keeps its promise when the mean of `exp(evidence)` is at most 1 (Ville's
/// inequality). Bursts that come and go break this for packets, and this mends it.
#[derive(Clone, Debug, Default)]
pub(super) struct Bursts {
    means: [f64; TILTS.len()],
    packets: f64,
}

impl Bursts {
    /// Adds a standardised packet.
    pub(super) fn add(&mut self, value: f64) {
        let value = value.clamp(-6.0, 6.0);
        self.packets = (self.packets + 1.0).min(3_600.0);
        for (mean, tilt) in self.means.iter_mut().zip(TILTS) {
            *mean += ((tilt * value).exp() - *mean) / self.packets;
        }
    }

    /// Lets everything seen so far count for less.
    pub(super) fn fade(&mut self, kept: f64) {
        self.packets *= kept;
    }

    /// The logarithm of the mean of `exp(tilt * value)`; 0 before a minute has been seen.
    pub(super) fn cumulant(&self, tilt: f64) -> f64 {
        if self.packets < 60.0 {
            return 0.0;
        }
        let (mut low, mut below) = (0.0, 0.0);
        for (mean, high) in self.means.iter().zip(TILTS) {
            let above = mean.max(1e-9).ln();
            if tilt <= high {
                return below + (above - below) * (tilt - low) / (high - low);
            }
            (low, below) = (high, above);
        }
        // Beyond, the cumulant of what is bounded grows like its argument.
        below * tilt / low
    }
}
