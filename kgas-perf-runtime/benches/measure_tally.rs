//! What do exact allocation counts cost on top? An allocator is global, so this is a benchmark of
//! its own, beside `measure`.

mod harness;
#[path = "harness/subjects.rs"]
mod subjects;

use harness::{Contender, compare, plain, print, two_raw_reads};
use kgas_perf_runtime::Registry;
use kgas_perf_runtime::measure::TallyAllocator;
use subjects::*;

#[global_allocator]
static ALLOCATOR: TallyAllocator = TallyAllocator::system();

fn main() {
    let contenders = [
        two_raw_reads(),
        Contender::new("default, counting allocations", plain, sampled),
        Contender::new("nested, each of the two, counting allocations", plain_outer, outer)
            .inside(2),
        Contender::new(
            "async, polled twice, `poll = true`, counting allocations",
            plain_polled_twice,
            poll_by_poll,
        ),
    ];
    print("With a `TallyAllocator`, 1 thread", &compare(1, &contenders));
    let counted = Registry::global().snapshot();
    let counted = counted.operation("tool_simple").and_then(|known| known.by_class[0].allocations);
    assert!(counted.is_some_and(|all| all.calls > 0), "allocations are counted: {counted:?}");
}
