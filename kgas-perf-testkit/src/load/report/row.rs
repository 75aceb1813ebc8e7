//! `Row`: the numbers of one scenario, one stage or all of them.

use std::time::Duration;

use kgas_perf_runtime::histogram::Distribution;

use crate::load::percentile::{Percentile, SHOWN};
use crate::load::tally::{Counts, Tally};

/// Durations of a run, and how far they are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency {
    /// The durations. One that was given up counts with what it had lasted until then.
    pub durations: Distribution,
    /// How many were given up, and may have lasted longer.
    pub censored: u64,
    pub(crate) censored_from: Option<Duration>,
}

impl Latency {
    pub(crate) fn of(durations: Distribution, tally: &Tally) -> Self {
        Self { durations, censored: tally.censored, censored_from: tally.censored_from }
    }

    pub(crate) fn exact(durations: Distribution) -> Self {
        Self { durations, censored: 0, censored_from: None }
    }

    /// A quantile, in `0.0..1.0`, with how far it can be trusted.
    pub fn percentile(&self, quantile: f64) -> Percentile {
        Percentile::of(&self.durations, self.censored_from, quantile.clamp(0.0, 0.999_999))
    }

    /// Those that reports show.
    pub(crate) fn percentiles(&self) -> [Percentile; SHOWN.len()] {
        SHOWN.map(|quantile| self.percentile(quantile))
    }
}

/// The numbers of one scenario, one stage or all of them.
#[derive(Clone, Debug)]
pub struct Row {
    /// What they are of.
    pub name: String,
    /// How many operations ended how.
    pub counts: Counts,
    /// From the intended start to the end: what a user waits. In a closed model there is no
    /// intended start but the actual one.
    pub latency: Latency,
    /// From the actual start to the end.
    pub service: Latency,
    /// The latency of those that ended well.
    pub ok_latency: Latency,
    /// Operations that ended well, a second; `None` where no time has passed.
    pub throughput_per_second: Option<f64>,
    /// What errors said, the most frequent first, at most twenty and the others together. More
    /// than five that differ only in digits are one, with `#` for those and the first of them.
    pub errors: Vec<(String, u64)>,
    /// What panics said, likewise.
    pub panics: Vec<(String, u64)>,
}

impl Row {
    pub(crate) fn of(name: &str, tally: &Tally, time: Duration) -> Self {
        let seconds = time.as_secs_f64();
        let service = Latency {
            censored_from: tally.censored_service_from,
            ..Latency::of(tally.service.distribution(), tally)
        };
        Self {
            name: name.to_owned(),
            counts: tally.counts,
            latency: Latency::of(tally.latency.distribution(), tally),
            service,
            ok_latency: Latency::exact(tally.ok_latency.distribution()),
            throughput_per_second: (seconds > 0.0).then(|| tally.counts.ok as f64 / seconds),
            errors: tally.errors.sorted(),
            panics: tally.panics.sorted(),
        }
    }
}

/// One stage: its numbers, and what was at its limit.
#[derive(Clone, Debug)]
pub struct StageRow {
    /// Its numbers.
    pub row: Row,
    /// Whether it is left out of all other results.
    pub warm_up: bool,
    /// When it begins.
    pub begins: Duration,
    /// When it ends.
    pub ends: Duration,
    /// Workers, or starts a second, at its begin and at its end.
    pub load: (f64, f64),
    /// The most operations in flight.
    pub most_in_flight: usize,
    /// The mean over time; `None` where the stage was not reached.
    pub mean_in_flight: Option<f64>,
    /// The share of the machine's processors that this process used, where 1 is all; `None` where
    /// it is not known, as for stages below half a second.
    pub processor_share: Option<f64>,
}
