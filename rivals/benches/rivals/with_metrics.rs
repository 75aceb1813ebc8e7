//! metrics, with the Prometheus recorder: by its macro at every call, and by a kept handle.

use std::sync::LazyLock;
use std::time::Instant;

use metrics::{Histogram, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::harness::{Contender, plain, work};

static KEPT: LazyLock<Histogram> = LazyLock::new(|| histogram!("kept"));

static RECORDER: LazyLock<PrometheusHandle> =
    LazyLock::new(|| PrometheusBuilder::new().install_recorder().expect("there is no other"));

#[inline(never)]
fn measured_by_macro(number: u64) -> u64 {
    let start = now();
    let done = work(number);
    histogram!("work").record(start.elapsed());
    done
}

#[inline(never)]
fn measured_by_handle(number: u64) -> u64 {
    let start = now();
    let done = work(number);
    KEPT.record(start.elapsed());
    done
}

#[inline(always)]
#[allow(clippy::disallowed_methods, reason = "the crate brings no clock; its users take this one")]
fn now() -> Instant {
    Instant::now()
}

pub(crate) fn by_macro() -> Contender {
    LazyLock::force(&RECORDER);
    Contender::new("metrics", plain, measured_by_macro).settled_by(upkeep)
}

pub(crate) fn by_handle() -> Contender {
    LazyLock::force(&RECORDER);
    Contender::new("metrics", plain, measured_by_handle).settled_by(upkeep)
}

/// What a scrape or the exporter's own thread does with the values: they become a histogram.
fn upkeep() {
    RECORDER.run_upkeep();
}
