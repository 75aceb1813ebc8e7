//! `Bursts`: packets that lie far up more often than chance has it.

use serde::{Deserialize, Serialize};

/// Strengths at which the heavy side of packets is looked at.
const TILTS: [f64; 6] = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0];

/// How much more often than a normal variable a standardised packet lies far up: the logarithm of
/// its moment generating function, as seen.
///
/// A sum of evidence keeps its promise when the mean of `exp(evidence)` is at most 1 (Ville's
/// inequality). Bursts that come and go break this for packets, and this mends it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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

    /// The logarithms of the mean of `exp(tilt * value)`, to be asked for many tilts; 0 before a
    /// minute has been seen.
    pub(super) fn cumulants(&self) -> Cumulants {
        let seen = self.packets >= 60.0;
        Cumulants(self.means.map(|mean| if seen { mean.max(1e-9).ln() } else { 0.0 }))
    }
}

/// The logarithm of the mean of `exp(tilt * value)`, at each of [`TILTS`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Cumulants([f64; TILTS.len()]);

impl Cumulants {
    /// At any tilt.
    pub(super) fn of(&self, tilt: f64) -> f64 {
        let (mut low, mut below) = (0.0, 0.0);
        for (&above, high) in self.0.iter().zip(TILTS) {
            if tilt <= high {
                return below + (above - below) * (tilt - low) / (high - low);
            }
            (low, below) = (high, above);
        }
        // Beyond, the cumulant of what is bounded grows like its argument.
        below * tilt / low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::dice::Dice;

    #[test]
    fn a_normal_packet_has_the_cumulant_of_its_closed_form() {
        let (mut bursts, mut dice) = (Bursts::default(), Dice::new(1));
        for _ in 0..100_000 {
            bursts.add(dice.normal());
        }
        for tilt in [0.25, 0.5, 1.0, 1.5] {
            let found = bursts.cumulants().of(tilt);
            assert!((found - 0.5 * tilt * tilt).abs() < 0.1, "{tilt}: {found}");
        }
    }

    #[test]
    fn bursts_make_it_heavier_and_a_minute_is_seen_first() {
        let (mut bursts, mut dice) = (Bursts::default(), Dice::new(2));
        for packet in 0..5_000 {
            let burst = if dice.unit() < 0.05 { 4.0 } else { 0.0 };
            bursts.add(dice.normal() + burst);
            if packet == 58 {
                assert_eq!(bursts.cumulants().of(1.0), 0.0);
            }
        }
        // E exp(x) = e^0.5 (0.95 + 0.05 e^4).
        let exact = 0.5 + (0.95 + 0.05 * 4.0_f64.exp()).ln();
        let found = bursts.cumulants().of(1.0);
        assert!((found - exact).abs() < 0.3, "{found}");
    }
}
