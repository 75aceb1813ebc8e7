//! fastrace, with a reporter that keeps nothing. Its documentation asks for a root span for each
//! short task; here one every 100 calls.

use std::time::Duration;

use fastrace::Span;
use fastrace::collector::{Config, Reporter, SpanContext, SpanRecord};

use crate::harness::{Contender, plain, work};

const CALLS: u64 = 100;
/// How often spans are collected. The default of one second would only make this take longer.
const EVERY: Duration = Duration::from_millis(50);

#[fastrace::trace]
#[inline(never)]
fn measured(number: u64) -> u64 {
    work(number)
}

struct Nowhere;

impl Reporter for Nowhere {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        std::hint::black_box(spans);
    }
}

#[inline(never)]
fn plain_task(number: u64) -> u64 {
    (0..CALLS).fold(number, |number, _| plain(number))
}

#[inline(never)]
fn measured_task(number: u64) -> u64 {
    let root = Span::root("task", SpanContext::random());
    let _parent = root.set_local_parent();
    (0..CALLS).fold(number, |number, _| measured(number))
}

pub(crate) fn contender() -> Contender {
    fastrace::set_reporter(Nowhere, Config::default().report_interval(EVERY));
    Contender::new("fastrace", plain_task, measured_task)
        .inside(CALLS)
        .settled_by(|| std::thread::sleep(3 * EVERY))
}
