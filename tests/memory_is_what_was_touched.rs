//! RSS deltas against what a call touches, page by page, alone in its process.

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::measure::{Measurement, MemoryResolution, Outcome};
use kgas_perf_runtime::registry::MemoryDeltas;

const MIB: i64 = 1 << 20;

/// Measures a call that makes so many bytes resident, alone on a thread of its own: the first
/// call of a thread is always read.
fn grown_by(operation: &str, bytes: usize) -> Option<MemoryDeltas> {
    let registry = Registry::new();
    let kept = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            registry.run(|| {
                let call = Measurement::start(operation);
                let kept = vec![1_u8; bytes];
                call.finish(Outcome::Ok);
                kept
            })
        });
        thread.join().unwrap()
    });
    assert_eq!(kept.len(), bytes);
    registry.snapshot().operation(operation).unwrap().by_class[0].memory
}

#[test]
fn a_call_grows_by_what_it_touches_within_the_machines_resolution() {
    let Some(resolution) = MemoryResolution::probe() else {
        println!("skipped: the resident set cannot be read here");
        assert_eq!(grown_by("unreadable", 1), None);
        return;
    };
    let lag = (resolution.sixty_four_pages.0 as i64 - resolution.sixty_four_pages.1).abs();
    for mib in [8, 64] {
        let memory = grown_by("touching", (mib * MIB) as usize).expect("first calls are read");
        assert_eq!(memory.read, 1);
        let off = (memory.sum_bytes - mib * MIB).abs();
        // Beside its own pages a new thread touches its stack and the allocator's arena.
        assert!(off <= lag + MIB, "{mib} MiB touched, {} bytes read", memory.sum_bytes);
        assert_eq!((memory.min_bytes, memory.max_bytes), (memory.sum_bytes, memory.sum_bytes));
    }
    let nothing = grown_by("nothing", 1).expect("first calls are read");
    assert!(nothing.sum_bytes.abs() <= lag + MIB / 4, "{nothing:?}");
}
