//! `Cost`: what reading costs, as it measures of itself.

use std::collections::VecDeque;
use std::time::Duration;

/// The share of a core is that of so many readings.
const KEPT: usize = 60;

/// What reading costs the process, as the monitor measures of itself: CPU time of the thread that
/// reads, in the kernel too.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Cost {
    /// Readings so far.
    pub readings: u64,
    /// Nanoseconds on a processor of all readings so far; `None` where the system keeps no such
    /// clock.
    pub cpu_ns: Option<u64>,
    /// Of the last reading.
    pub last_ns: Option<u64>,
    /// Of the last minute's readings, over the time they cover: 0.001 is a thousandth of one
    /// core. `None` before the second reading.
    pub core_share: Option<f64>,
    /// The parts with rhythms of their own.
    pub parts: Vec<PartCost>,
}

/// What one part of a reading costs, and how often it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartCost {
    /// Which.
    pub name: &'static str,
    /// Nanoseconds on a processor, at its last look.
    pub last_ns: Option<u64>,
    /// The time between two looks: its own rhythm, or longer where it would cost too much.
    pub every: Duration,
}

/// Adds up what readings cost.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    readings: u64,
    cpu_ns: Option<u64>,
    last: VecDeque<(Duration, u64)>,
}

impl Ledger {
    /// Adds a reading that began at `at`.
    pub(crate) fn add(&mut self, at: Duration, ns: Option<u64>) {
        self.readings += 1;
        let Some(ns) = ns else { return };
        self.cpu_ns = Some(self.cpu_ns.unwrap_or_default().saturating_add(ns));
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back((at, ns));
    }

    pub(crate) fn cost(&self, parts: Vec<PartCost>) -> Cost {
        let (first, last) = (self.last.front(), self.last.back());
        let share = first.zip(last).and_then(|((from, _), (to, _))| {
            // What the first of them cost belongs to the time before it.
            let spent: u64 = self.last.iter().skip(1).map(|(_, ns)| ns).sum();
            let passed = to.saturating_sub(*from).as_nanos();
            (passed > 0).then(|| spent as f64 / passed as f64)
        });
        Cost {
            readings: self.readings,
            cpu_ns: self.cpu_ns,
            last_ns: last.map(|(_, ns)| *ns),
            core_share: share,
            parts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_a_core_is_that_of_the_time_between_readings() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.cost(Vec::new()), Cost::default());
        ledger.add(Duration::from_secs(1), Some(9_000_000));
        assert_eq!(ledger.cost(Vec::new()).core_share, None);
        for second in 2..200 {
            ledger.add(Duration::from_secs(second), Some(1_000_000));
        }
        let cost = ledger.cost(Vec::new());
        assert_eq!((cost.readings, cost.cpu_ns), (199, Some(207_000_000)));
        assert_eq!(cost.core_share, Some(0.001));
    }

    #[test]
    fn without_a_clock_of_threads_the_cost_is_not_known() {
        let mut ledger = Ledger::default();
        ledger.add(Duration::ZERO, None);
        let cost = ledger.cost(Vec::new());
        assert_eq!((cost.readings, cost.cpu_ns, cost.last_ns), (1, None, None));
    }
}
