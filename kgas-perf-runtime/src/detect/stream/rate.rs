//! `Rate`: calls a second.

/// Calls a second, remembered for half the age of the stream, and for half an hour at most.
#[derive(Clone, Debug)]
pub(super) struct Rate {
    /// Calls, older ones counting less.
    calls: f64,
    /// When the stream began, and when calls were last added, in seconds.
    began: f64,
    at: f64,
}

impl Rate {
    pub(super) fn new(at: f64) -> Self {
        Self { calls: 0.0, began: at, at }
    }

    fn memory(&self, at: f64) -> f64 {
        ((at - self.began) / 2.0).clamp(30.0, 1_800.0)
    }

    /// Adds the calls of a packet that ended at a time.
    pub(super) fn add(&mut self, calls: f64, at: f64) {
        let kept = (-(at - self.at).max(0.0) / self.memory(at)).exp();
        self.calls = self.calls * kept + calls;
        self.at = at;
    }

    /// Calls a second, at a time in seconds.
    pub(super) fn per_second(&self, at: f64) -> f64 {
        let memory = self.memory(at);
        let filled = memory * (1.0 - (-(at - self.began).max(1.0) / memory).exp());
        (self.calls / filled.max(0.5)).max(1e-4)
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
            if second >= 60 {
                assert!((rate.per_second(at) / 5.0 - 1.0).abs() < 0.05, "{second}");
            }
        }
    }
}
