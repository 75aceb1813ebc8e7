//! `Rate`: calls a second.

use serde::{Deserialize, Serialize};

use crate::detect::stream::logarithm::left_after;

/// Calls a second, remembered for half the age of the stream, and for half an hour at most.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rate {
    /// Calls and the seconds they came in, older ones counting less.
    calls: f64,
    seconds: f64,
    /// When the stream began, and when calls were last added, in seconds.
    began: f64,
    at: f64,
}

impl Rate {
    pub(super) fn new(at: f64) -> Self {
        Self { calls: 0.0, seconds: 0.0, began: at, at }
    }

    /// Adds the calls of a packet that ended at a time.
    pub(super) fn add(&mut self, calls: f64, at: f64) {
        let elapsed = (at - self.at).max(0.0);
        let memory = ((at - self.began) / 2.0).clamp(30.0, 1_800.0);
        let kept = left_after(elapsed / memory);
        self.calls = self.calls * kept + calls;
        self.seconds = self.seconds * kept + elapsed;
        self.at = at;
    }

    /// Calls a second, as of the last packet.
    pub(super) fn per_second(&self) -> f64 {
        (self.calls / self.seconds.max(0.5)).max(1e-4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_has_its_rate_from_the_first_minute_on() {
        let mut rate = Rate::new(100.0);
        for second in 1..=7_200 {
            let at = 100.0 + f64::from(second);
            rate.add(5.0, at);
            if second >= 10 {
                let error = (rate.per_second() / 5.0 - 1.0).abs();
                assert!(error < 0.02, "{second}: {error}");
            }
        }
    }
}
