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

fn allocate(times: u64) {
    (0..times).for_each(|_| drop(black_box(Box::new([0_u8; 10]))));
}

#[test]
fn each_allocation_of_each_thread_counts_once_while_it_is_counted() {
    let step = Barrier::new(THREADS as usize + 1);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                allocate(BEFORE);
                for _ in 0..2 {
                    step.wait();
                    step.wait();
                    allocate(COUNTED);
                    step.wait();
                }
            });
        }
        step.wait();
        let all = TallyAllocator::of_all_threads().unwrap();
        step.wait();
        step.wait();
        assert_eq!(all.so_far(), (10 * THREADS * COUNTED, THREADS * COUNTED));

        // One that began later counts less, and goes on when the first ends.
        step.wait();
        let later = TallyAllocator::of_all_threads().unwrap();
        assert_eq!(later.so_far(), (0, 0));
        drop(all);
        step.wait();
        step.wait();
        assert_eq!(later.so_far(), (10 * THREADS * COUNTED, THREADS * COUNTED));
    });
}
