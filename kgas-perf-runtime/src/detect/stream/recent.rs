//! `Recent`: the packets of the last minute or so.

/// Packets kept: a minute of them, and those that they are compared with.
const KEPT: usize = 88;

/// One packet of calls, in short.
#[derive(Clone, Copy, Debug, Default)]
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
#[derive(Clone, Debug)]
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
