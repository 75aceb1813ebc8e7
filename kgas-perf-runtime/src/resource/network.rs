//! `Interface` and `TcpStates`: what goes over the network, and how many ways lead there.

use serde::{Deserialize, Serialize};

/// A network interface. Counters count from when it came up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interface {
    /// Its name; `lo` goes nowhere.
    pub name: String,
    /// Counter: bytes received.
    pub received_bytes: u64,
    /// Counter: bytes sent.
    pub sent_bytes: u64,
    /// Counter: packets received.
    pub received_packets: u64,
    /// Counter: packets sent.
    pub sent_packets: u64,
    /// Counter: packets that were received broken, or not sent for an error.
    pub errors: u64,
    /// Counter: packets that were dropped; `None` where the system does not count them.
    pub drops: Option<u64>,
}

impl Interface {
    /// Whether it leads nowhere but to this host.
    pub fn is_loopback(&self) -> bool {
        self.name == "lo" || self.name.strip_prefix("lo").is_some_and(|n| n.parse::<u8>().is_ok())
    }
}

/// How many TCP sockets are in which state (RFC 9293, section 3.3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TcpStates {
    /// Connected.
    pub established: u32,
    /// Asked to connect.
    pub syn_sent: u32,
    /// Was asked to connect.
    pub syn_received: u32,
    /// Closed here, which the peer does not know yet.
    pub fin_wait_1: u32,
    /// Closed here, and not there.
    pub fin_wait_2: u32,
    /// Closed, and remembered for a while.
    pub time_wait: u32,
    /// Not connected.
    pub closed: u32,
    /// Closed there, and not here: many of them are a leak.
    pub close_wait: u32,
    /// Closed there and then here, which the peer does not know yet.
    pub last_ack: u32,
    /// Waits for somebody to connect.
    pub listening: u32,
    /// Closed at both ends at once.
    pub closing: u32,
}

impl TcpStates {
    /// All that lead somewhere: neither listening nor closed.
    pub fn connections(&self) -> u64 {
        let states = [
            self.established,
            self.syn_sent,
            self.syn_received,
            self.fin_wait_1,
            self.fin_wait_2,
            self.time_wait,
            self.close_wait,
            self.last_ack,
            self.closing,
        ];
        states.iter().map(|state| u64::from(*state)).sum()
    }
}
