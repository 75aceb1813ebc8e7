//! The report as JSON, with units in its names. What is not known is `null`.

use serde_json::{Value, json};

use crate::load::percentile::Percentile;
use crate::load::report::{Latency, Point, Report, Row, StageRow};

use std::time::Duration;

/// The version of the shape.
const FORMAT: u32 = 1;

impl Report {
    /// The report as JSON.
    ///
    /// | key | |
    /// |---|---|
    /// | `format` | 1 |
    /// | `name`, `model`, `seed` | what was run; `model` is `open` or `closed` |
    /// | `exit_code`, `invalid`, `ended_by`, `notes` | whether it can be trusted, and is fine |
    /// | `elapsed_ns`, `counted_ns` | how long it took, and without the warm-up |
    /// | `total`, `scenarios` | counts, latency, service time, errors |
    /// | `stages` | the same by stage, with load, what was in flight and the share of processors |
    /// | `thresholds`, `unanswered` | what was judged, and which objectives could not be |
    /// | `generator` | bounds, what they held back, lag, what was abandoned |
    /// | `timeline` | what happened when |
    /// | `readings` | what the process used |
    ///
    /// A latency has `n`, `mean_ns`, `min_ns`, `max_ns`, `censored` (how many were given up and may
    /// have lasted longer) and `percentiles`, each with `quantile`, `value_ns` (`null` where `n` is
    /// too small), `at_least` and `unstable`. That of `total` has its `buckets` too, each
    /// `[low_ns, high_ns, count]`.
    pub fn to_json(&self) -> Value {
        let mut total = row(&self.total);
        total["latency"]["buckets"] = self
            .total
            .latency
            .durations
            .buckets()
            .map(|bucket| json!([bucket.low_ns, bucket.high_ns, bucket.count]))
            .collect();
        json!({
            "format": FORMAT,
            "name": self.name,
            "model": if self.open { "open" } else { "closed" },
            "seed": self.seed,
            "exit_code": self.exit_code(),
            "invalid": self.invalid,
            "ended_by": self.ended_by,
            "notes": self.notes,
            "elapsed_ns": ns(self.elapsed),
            "counted_ns": ns(self.counted),
            "total": total,
            "scenarios": self.scenarios.iter().map(row).collect::<Vec<_>>(),
            "stages": self.stages.iter().map(|stage| self.stage(stage)).collect::<Vec<_>>(),
            "thresholds": self.judged,
            "unanswered": self.unanswered,
            "generator": {
                "most_in_flight": self.generator.most_in_flight,
                "most_waiting": self.generator.most_waiting,
                "held_back": self.generator.held_back,
                "lag": latency(&self.generator.lag),
                "lag_allowed_ns": self.generator.lag_allowed.map(ns),
                "abandoned": self.generator.abandoned,
                "left_running": self.generator.left_running,
            },
            "timeline": self.timeline.iter().map(point).collect::<Vec<_>>(),
            "readings": self.readings.iter().map(|reading| json!({
                "at_ns": ns(reading.at),
                "processor_time_ns": reading.processor_time.map(ns),
                "resident_bytes": reading.resident_bytes,
                "peak_resident_bytes": reading.peak_resident_bytes,
                "threads": reading.threads,
                "file_handles": reading.file_handles,
            })).collect::<Vec<_>>(),
        })
    }

    fn stage(&self, stage: &StageRow) -> Value {
        let mut value = row(&stage.row);
        let (from, to) = stage.load;
        let load = if self.open {
            ["from_per_second", "to_per_second"]
        } else {
            ["from_workers", "to_workers"]
        };
        value["load"] = json!({ load[0]: from, load[1]: to });
        value["warm_up"] = json!(stage.warm_up);
        value["begins_ns"] = json!(ns(stage.begins));
        value["ends_ns"] = json!(ns(stage.ends));
        value["most_in_flight"] = json!(stage.most_in_flight);
        value["mean_in_flight"] = json!(stage.mean_in_flight);
        value["processor_share"] = json!(stage.processor_share);
        value
    }
}

fn row(row: &Row) -> Value {
    let kinds = |kinds: &[(String, u64)]| -> Value {
        kinds.iter().map(|(kind, times)| json!({ "text": kind, "times": times })).collect()
    };
    json!({
        "name": row.name,
        "counts": row.counts,
        "error_rate": row.counts.error_rate(),
        "throughput_per_second": row.throughput_per_second,
        "latency": latency(&row.latency),
        "service": latency(&row.service),
        "ok_latency": latency(&row.ok_latency),
        "errors": kinds(&row.errors),
        "panics": kinds(&row.panics),
    })
}

fn latency(latency: &Latency) -> Value {
    let durations = &latency.durations;
    json!({
        "n": durations.count(),
        "mean_ns": durations.mean().map(ns),
        "min_ns": durations.min().map(ns),
        "max_ns": durations.max().map(ns),
        "censored": latency.censored,
        "percentiles": latency.percentiles().iter().map(percentile).collect::<Vec<_>>(),
    })
}

fn percentile(percentile: &Percentile) -> Value {
    json!({
        "quantile": percentile.quantile,
        "value_ns": percentile.value.map(ns),
        "at_least": percentile.at_least,
        "unstable": percentile.unstable,
    })
}

fn point(point: &Point) -> Value {
    json!({
        "at_ns": ns(point.at),
        "length_ns": ns(point.length),
        "ok": point.ok,
        "not_ok": point.not_ok,
        "dropped": point.dropped,
        "in_flight": point.in_flight,
        "p50_ns": point.p50.map(ns),
        "p95_ns": point.p95.map(ns),
    })
}

/// Durations in JSON are whole nanoseconds; five centuries fit.
pub(crate) fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
