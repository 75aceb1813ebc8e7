//! What the kernel says of the network: `dev` and `tcp` in `/proc/self/net`.

use std::fs::File;
use std::io::{self, Read as _};

use crate::resource::linux::numbers::{lines, number, words};
use crate::resource::missing::unreadable;
use crate::resource::network::{Interface, TcpStates};

/// More interfaces are not kept.
const MOST_INTERFACES: usize = 64;

/// Reads `/proc/net/dev` (proc_pid_net(5)): two lines of headings, and a line an interface. Those
/// that never carried a packet are left out.
pub(super) fn interfaces(text: &[u8]) -> io::Result<Vec<Interface>> {
    let mut interfaces = Vec::new();
    let mut found = false;
    for line in lines(text) {
        // A name may hold a colon (an alias), so the numbers begin after the last one.
        let Some(colon) = line.iter().rposition(|byte| *byte == b':') else { continue };
        let counts: Vec<Option<u64>> = words(&line[colon + 1..]).map(number).collect();
        let count = |index: usize| counts.get(index).copied().flatten();
        let (Some(received_bytes), Some(received_packets), Some(sent_bytes), Some(sent_packets)) =
            (count(0), count(1), count(8), count(9))
        else {
            continue;
        };
        found = true;
        if received_packets == 0 && sent_packets == 0 || interfaces.len() >= MOST_INTERFACES {
            continue;
        }
        let name = String::from_utf8_lossy(&line[..colon]).trim().to_owned();
        let both = |a, b| count(a).zip(count(b)).map(|(a, b)| a.saturating_add(b));
        interfaces.push(Interface {
            name,
            received_bytes,
            sent_bytes,
            received_packets,
            sent_packets,
            errors: both(2, 10).unwrap_or_default(),
            drops: both(3, 11),
        });
    }
    interfaces.shrink_to_fit();
    if found || !text.is_empty() { Ok(interfaces) } else { Err(unreadable()) }
}

/// Counts the sockets of a file such as `/proc/net/tcp`, at most so many bytes of it, by state.
pub(super) fn tcp(path: &str, most: usize, states: &mut TcpStates) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut text = vec![0; 64 << 10];
    let (mut kept, mut taken) = (0, 0);
    loop {
        if kept == text.len() {
            return Err(unreadable());
        }
        let more = match file.read(&mut text[kept..]) {
            Ok(more) => more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        (kept, taken) = (kept + more, taken + more);
        if taken > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // Whole lines are counted, and what is left begins the next part.
        let whole = text[..kept].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        count_lines(&text[..whole], states);
        text.copy_within(whole..kept, 0);
        kept -= whole;
        if more == 0 {
            count_lines(&text[..kept], states);
            return Ok(());
        }
    }
}

/// The fourth word of a line is the state, in hexadecimal; the heading has another word there.
fn count_lines(text: &[u8], states: &mut TcpStates) {
    for line in lines(text) {
        let state = words(line).nth(3).and_then(|word| std::str::from_utf8(word).ok());
        if let Some(state) = state.and_then(|state| u8::from_str_radix(state, 16).ok()) {
            states.count(state);
        }
    }
}

impl TcpStates {
    /// Counts a socket by the number that Linux gives its state; answers whether it is one.
    pub(crate) fn count(&mut self, number: u8) -> bool {
        let state = match number {
            1 => &mut self.established,
            2 => &mut self.syn_sent,
            // 12 is a request that has no socket yet.
            3 | 12 => &mut self.syn_received,
            4 => &mut self.fin_wait_1,
            5 => &mut self.fin_wait_2,
            6 => &mut self.time_wait,
            7 => &mut self.closed,
            8 => &mut self.close_wait,
            9 => &mut self.last_ack,
            10 => &mut self.listening,
            11 => &mut self.closing,
            _ => return false,
        };
        *state = state.saturating_add(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_have_odd_names_and_numbers_without_a_space() {
        let text = b"Inter-|   Receive                            |  Transmit\n\
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo \
colls carrier compressed\n\
    lo:   12772     116    0    0    0     0          0         0    12772     116 0 0 0 0 0 0\n\
  ifb0:       0       0    0    0    0     0          0         0        0       0 0 0 0 0 0 0\n\
eth0:1:365283238 23011 1 2 0 0 0 0 1685679 15876 3 4 0 0 0 0\n  cut: 1 2\n";
        let found = interfaces(text).unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].is_loopback() && !found[1].is_loopback());
        let eth = &found[1];
        assert_eq!(eth.name, "eth0:1");
        assert_eq!((eth.received_bytes, eth.sent_bytes), (365_283_238, 1_685_679));
        assert_eq!((eth.errors, eth.drops), (4, Some(6)));
        assert!(interfaces(b"").is_err());
    }

    #[test]
    fn sockets_are_counted_by_state_and_headings_are_not() {
        let mut states = TcpStates::default();
        let text = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n\
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n\
   1: 0100007F:1F90 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000\n\
   2: 0100007F:A1B2 0100007F:1F90 08 00000000:00000000 00:00000000 00000000\n\
   3: 0100007F:A1B2 0100007F:1F90 FF 0\n   4: cut\n";
        count_lines(text, &mut states);
        let expected =
            TcpStates { listening: 1, established: 1, close_wait: 1, ..TcpStates::default() };
        assert_eq!(states, expected);
        assert_eq!(states.connections(), 2);
    }
}
