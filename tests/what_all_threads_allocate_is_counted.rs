//! While somebody counts all threads, each allocation counts, on whichever thread; and none before
//! or after.

use std::hint::black_box;
use std::sync::Barrier;

use kgas_perf_runtime::measure::TallyAllocator;

#[global_allocator]
static ALLOCATOR: TallyAllocator = TallyAllocator::system();

const THREADS: u64 = 4;
/// Neither is a multiple of how often threads hand on what they counted.
const BEFORE: u64 = 37;
const COUNTED: u64 = 1_001;
/// What runs the test allocates now and then, too, which only adds.
const ROUNDS: usize = 20;

fn allocate(times: u64) {
    (0..times).for_each(|_| drop(black_box(Box::new([0_u8; 10]))));
}

#[test]
fn each_allocation_of_each_thread_counts_once_while_it_is_counted() {
    let step = Barrier::new(THREADS as usize + 1);
    let mut counted = Vec::with_capacity(ROUNDS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    allocate(BEFORE);
                    step.wait();
                    step.wait();
                    allocate(COUNTED);
                    step.wait();
                    step.wait();
                }
            });
        }
        let mut earlier = None;
        for _ in 0..ROUNDS {
            step.wait();
            let all = TallyAllocator::of_all_threads();
            // It counts on when one that began earlier ends.
            drop(earlier.take());
            step.wait();
            step.wait();
            counted.push(all.as_ref().map(|all| all.so_far()));
            earlier = all;
            step.wait();
        }
    });
    let exactly = Some((10 * THREADS * COUNTED, THREADS * COUNTED));
    assert_eq!(counted.iter().min(), Some(&exactly), "{counted:?}");
}
