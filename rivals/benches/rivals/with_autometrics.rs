//! autometrics, with its Prometheus exporter.

use autometrics::{autometrics, prometheus_exporter};

use crate::harness::{Contender, plain, work};

#[autometrics]
#[inline(never)]
fn measured(number: u64) -> u64 {
    work(number)
}

pub(crate) fn contender() -> Contender {
    prometheus_exporter::init();
    Contender::new("autometrics", plain, measured)
}
