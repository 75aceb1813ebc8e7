//! `Recent`: the packets of the last minute or so.

use serde::{Deserialize, Serialize};

/// Packets kept: a minute of them, and those that they are compared with.
const KEPT: usize = 88;

/// One packet of calls, in short: packed, so that the time does not take the room of another field.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[repr(C, packed(4))]
pub(super) struct Packet {
    /// When it ended, in seconds.
    pub(super) ended: f64,
    /// Calls that ended well.
    pub(super) calls: f32,
    /// Mean score of its calls.
    pub(super) score: f32,
    /// Mean residual of its calls.
    pub(super) residual: f32,
    /// Sum over its calls of the rank less one half.
    pub(super) rank: f32,
    /// Its calls far up the tail, less those expected.
    pub(super) far: f32,
    /// How far its score lay beside what the wobble let expect, in standard deviations.
    pub(super) miss: f32,
    /// Where the location would be by this packet alone.
    pub(super) location: f32,
}

/// The last packets, newest last.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub(super) struct Recent {
    packets: [Packet; KEPT],
    /// How many were ever pushed.
    pushed: usize,
    /// How many of them were taken by [`Recent::older`].
    taken: usize,
}

impl Recent {
    pub(super) fn new() -> Self {
        Self { packets: [Packet::default(); KEPT], pushed: 0, taken: 0 }
    }

    pub(super) fn push(&mut self, packet: Packet) {
        self.packets[self.pushed % KEPT] = packet;
        self.pushed += 1;
    }

    /// The packet that came so many before the newest, which is 0.
    pub(super) fn back(&self, by: usize) -> Option<&Packet> {
        (by < self.pushed.min(KEPT)).then(|| &self.packets[(self.pushed - 1 - by) % KEPT])
    }

    /// Takes the next packet that ended before a time, or is about to be forgotten, and tells how
    /// many came after it.
    pub(super) fn older(&mut self, than: f64) -> Option<(Packet, usize)> {
        if self.taken == self.pushed {
            return None;
        }
        let packet = self.packets[self.taken % KEPT];
        if packet.ended > than && self.pushed - self.taken < KEPT {
            return None;
        }
        self.taken += 1;
        Some((packet, self.pushed - self.taken))
    }

    /// Lets go of every packet that was not taken.
    pub(super) fn skip(&mut self) {
        self.taken = self.pushed;
    }

    /// Packets that ended after a time, newest first.
    pub(super) fn after(&self, time: f64) -> impl Iterator<Item = &Packet> {
        (0..KEPT).map_while(|by| self.back(by)).take_while(move |packet| packet.ended > time)
    }

    /// The median over packets of their mean residual, of those that ended after a time.
    pub(super) fn median_after(&self, time: f64) -> f64 {
        let mut residuals = [0.0_f32; KEPT];
        let mut packets = 0;
        for packet in self.after(time) {
            residuals[packets] = packet.residual;
            packets += 1;
        }
        let residuals = &mut residuals[..packets];
        residuals.sort_unstable_by(f32::total_cmp);
        residuals.get(packets / 2).map_or(0.0, |&residual| f64::from(residual))
    }

    /// When a rise of the mean residual above `usual` began, not before `earliest`: the step that
    /// explains most of the squares (least squares for one change of the mean).
    pub(super) fn onset(&self, earliest: f64, usual: f64) -> Option<f64> {
        let (mut calls, mut rise, mut best, mut onset) = (0.0, 0.0, 0.0, None);
        let mut by = 0;
        while let Some(packet) = self.back(by).filter(|packet| packet.ended > earliest) {
            by += 1;
            calls += f64::from(packet.calls);
            rise += f64::from(packet.calls) * (f64::from(packet.residual) - usual);
            if rise > 0.0 && rise * rise / calls > best {
                best = rise * rise / calls;
                onset = Some(self.back(by).map_or(earliest, |before| before.ended.max(earliest)));
            }
        }
        onset
    }

    /// Calls and mean residual of the packets that ended after a time.
    pub(super) fn mean_after(&self, time: f64) -> (f64, f64) {
        let (mut calls, mut sum) = (0.0, 0.0);
        for packet in self.after(time) {
            calls += f64::from(packet.calls);
            sum += f64::from(packet.calls) * f64::from(packet.residual);
        }
        (calls, if calls > 0.0 { sum / calls } else { 0.0 })
    }
}

/// The packets as they are written down: those that are kept, oldest first, and how many of them
/// were not taken.
#[derive(Serialize, Deserialize)]
struct Written {
    packets: Vec<Packet>,
    untaken: u32,
}

impl From<Recent> for Written {
    fn from(recent: Recent) -> Self {
        let mut packets: Vec<Packet> = (0..KEPT).map_while(|by| recent.back(by).copied()).collect();
        packets.reverse();
        Self { packets, untaken: (recent.pushed - recent.taken) as u32 }
    }
}

impl TryFrom<Written> for Recent {
    type Error = &'static str;

    fn try_from(Written { packets, untaken }: Written) -> Result<Self, Self::Error> {
        let mut recent = Self::new();
        let taken = packets.len().checked_sub(untaken as usize);
        recent.taken =
            taken.filter(|_| packets.len() <= KEPT).ok_or("packets that are not kept")?;
        packets.into_iter().for_each(|packet| recent.push(packet));
        Ok(recent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(packets: u32, residual: impl Fn(f64) -> f32) -> Recent {
        let mut recent = Recent::new();
        for second in 1..=packets {
            let ended = f64::from(second);
            let residual = residual(ended);
            recent.push(Packet { ended, calls: 2.0, residual, ..Packet::default() });
        }
        recent
    }

    #[test]
    fn older_packets_come_once_and_in_order() {
        let mut recent = filled(70, |_| 0.0);
        let taken: Vec<(f64, usize)> = std::iter::from_fn(|| recent.older(10.0))
            .map(|(packet, back)| (packet.ended, back))
            .collect();
        assert_eq!(taken.first(), Some(&(1.0, 69)));
        assert_eq!(taken.last(), Some(&(10.0, 60)));
        assert_eq!(taken.len(), 10);
        recent.skip();
        assert!(recent.older(f64::INFINITY).is_none());
    }

    #[test]
    fn the_onset_of_a_step_is_where_it_is() {
        let recent = filled(60, |at| if at > 42.0 { 0.7 } else { 0.01 });
        assert_eq!(recent.onset(10.0, 0.0), Some(42.0));
        assert_eq!(recent.onset(50.0, 0.0), Some(50.0));
        assert_eq!(filled(60, |_| -0.1).onset(10.0, 0.0), None);
        let (calls, mean) = recent.mean_after(42.0);
        assert_eq!(calls, 36.0);
        assert!((mean - 0.7).abs() < 1e-6);
    }
}
