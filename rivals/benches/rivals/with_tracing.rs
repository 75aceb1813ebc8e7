//! tracing, with a layer that keeps the busy time of spans in a histogram.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tracing::span::{Attributes, Id};
use tracing::subscriber::set_global_default;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::harness::{Contender, plain, work};

#[tracing::instrument(skip_all)]
#[inline(never)]
fn measured(number: u64) -> u64 {
    work(number)
}

/// Time between enter and exit, in nanoseconds, by the name of the span.
#[derive(Default)]
struct BusyTime {
    by_name: Mutex<HashMap<&'static str, Histogram<u64>>>,
}

/// What is remembered of one span.
#[derive(Default)]
struct Busy {
    entered: Option<Instant>,
    so_far: Duration,
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for BusyTime {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Busy::default());
        }
    }

    #[allow(clippy::disallowed_methods, reason = "a layer brings its own clock")]
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(busy) = span.extensions_mut().get_mut::<Busy>()
        {
            busy.entered = Some(Instant::now());
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(busy) = span.extensions_mut().get_mut::<Busy>()
            && let Some(entered) = busy.entered.take()
        {
            busy.so_far += entered.elapsed();
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(so_far) = span.extensions().get::<Busy>().map(|busy| busy.so_far) else {
            return;
        };
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = by_name
            .entry(span.name())
            .or_insert_with(|| Histogram::new(3).expect("three significant digits are accepted"));
        histogram.saturating_record(so_far.as_nanos() as u64);
    }
}

pub(crate) fn contender() -> Contender {
    let subscriber = Registry::default().with(BusyTime::default());
    set_global_default(subscriber).expect("there is no other");
    Contender::new("tracing", plain, measured)
}
