//! metered, with the metric that has a histogram of durations.

use std::sync::LazyLock;

use metered::{ResponseTime, metered};

use crate::harness::{Contender, plain, work};

#[derive(Default, Debug)]
struct Subject {
    metrics: SubjectMetrics,
}

#[metered(registry = SubjectMetrics)]
impl Subject {
    #[measure([ResponseTime])]
    #[inline(never)]
    fn measured(&self, number: u64) -> u64 {
        work(number)
    }
}

static SUBJECT: LazyLock<Subject> = LazyLock::new(Subject::default);

pub(crate) fn contender() -> Contender {
    let subject: &'static Subject = &SUBJECT;
    Contender::new("metered", plain, move |number| subject.measured(number))
}
