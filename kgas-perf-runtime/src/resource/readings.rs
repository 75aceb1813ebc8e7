//! `Readings`: the readings of the last hour, shared by who reads and who asks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::resource::cost::Cost;
use crate::resource::reading::Reading;

/// Readings are kept for so long.
pub const KEPT_FOR: Duration = Duration::from_secs(3_600);

/// Most readings that are kept: an hour of one a second.
pub const MOST_READINGS: usize = 3_600;

/// Most bytes that they hold together. A reading takes 1 to 2 KiB on a host of few cores, so
/// that an hour fits; on one of hundreds of cores it is less than an hour.
pub const MOST_BYTES: usize = 8 << 20;

/// The readings of the last hour. Clones are the same ones.
///
/// # Cost
/// Whoever reads the system adds a finished reading, and whoever asks copies pointers: nobody
/// waits for more than that.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    readings: VecDeque<(Arc<Reading>, usize)>,
    bytes: usize,
    cost: Cost,
}

impl Readings {
    /// The last one; `None` before the first.
    pub fn latest(&self) -> Option<Arc<Reading>> {
        self.lock().readings.back().map(|(reading, _)| Arc::clone(reading))
    }

    /// All that are kept, oldest first.
    pub fn all(&self) -> Vec<Arc<Reading>> {
        self.lock().readings.iter().map(|(reading, _)| Arc::clone(reading)).collect()
    }

    /// Those that were read after a time, by their `monotonic`, oldest first.
    pub fn after(&self, monotonic: Duration) -> Vec<Arc<Reading>> {
        let kept = self.lock();
        let from = kept.readings.partition_point(|(reading, _)| reading.monotonic <= monotonic);
        kept.readings.range(from..).map(|(reading, _)| Arc::clone(reading)).collect()
    }

    /// How many bytes they hold.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// What reading costs.
    pub fn cost(&self) -> Cost {
        self.lock().cost.clone()
    }

    /// Adds one, and forgets what is too old or too much.
    pub(crate) fn add(&self, reading: Arc<Reading>, cost: Cost) {
        let mut kept = self.lock();
        let now = reading.monotonic;
        // A clock that goes back is another clock: what was read by the old one has no place.
        if kept.readings.back().is_some_and(|(last, _)| last.monotonic > now) {
            kept.readings.clear();
            kept.bytes = 0;
        }
        let bytes = reading.bytes_beyond(kept.readings.back().map(|(last, _)| last.as_ref()));
        kept.bytes += bytes;
        kept.readings.push_back((reading, bytes));
        kept.cost = cost;
        while let Some((oldest, bytes)) = kept.readings.front() {
            let is_old = now.saturating_sub(oldest.monotonic) > KEPT_FOR;
            let is_much = kept.readings.len() > MOST_READINGS || kept.bytes > MOST_BYTES;
            if !is_old && !is_much || kept.readings.len() == 1 {
                break;
            }
            let bytes = *bytes;
            kept.readings.pop_front();
            kept.bytes -= bytes;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::host::Core;
    use crate::resource::reading::Timed;

    fn at(second: u64) -> Reading {
        Reading { monotonic: Duration::from_secs(second), ..Reading::default() }
    }

    fn add(readings: &Readings, reading: Reading) {
        readings.add(Arc::new(reading), Cost::default());
    }

    #[test]
    fn an_hour_at_a_second_is_kept_and_no_more() {
        let readings = Readings::default();
        assert!(readings.latest().is_none());
        (0..5_000).for_each(|second| add(&readings, at(second)));
        let all = readings.all();
        assert_eq!(all.len(), MOST_READINGS);
        assert_eq!(readings.latest().unwrap().monotonic, Duration::from_secs(4_999));
        assert_eq!(readings.after(Duration::from_secs(4_989)).len(), 10);
        assert!(readings.bytes() < MOST_BYTES, "{}", readings.bytes());
    }

    #[test]
    fn what_is_older_than_an_hour_goes_however_few_there_are() {
        let readings = Readings::default();
        (0..100).for_each(|minute| add(&readings, at(minute * 60)));
        assert_eq!(readings.all().len(), 61);
        add(&readings, at(1_000_000));
        assert_eq!(readings.all().len(), 1);
    }

    #[test]
    fn a_host_of_a_thousand_cores_keeps_fewer() {
        let readings = Readings::default();
        for second in 0..3_600 {
            let cores = vec![Core::default(); 1_024];
            let cores = Some(Timed::new(Duration::from_secs(second), cores));
            add(&readings, Reading { cores, ..at(second) });
        }
        assert!(readings.bytes() <= MOST_BYTES);
        assert!((300..3_600).contains(&readings.all().len()), "{}", readings.all().len());
    }

    #[test]
    fn what_two_readings_share_is_counted_once() {
        let readings = Readings::default();
        let cores = Some(Timed::new(Duration::ZERO, vec![Core::default(); 1_024]));
        add(&readings, Reading { cores: cores.clone(), ..at(0) });
        let first = readings.bytes();
        add(&readings, Reading { cores, ..at(1) });
        assert!(first > 16_384 && readings.bytes() - first < 4_096);
    }
}
