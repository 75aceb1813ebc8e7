//! The runtime installs once, ticks by itself, and is taken down as often as one likes, inside
//! an asynchronous runtime or without one.

use std::sync::mpsc;
use std::time::Duration;

use kgas_perf_runtime::install::{Builder, InstallError};
use kgas_perf_runtime::{Metadata, Registry, install, record_operation};

const ENOUGH: Duration = Duration::from_secs(20);

#[test]
fn installing_twice_is_one_runtime_and_shutting_down_twice_is_fine() {
    let first = install().unwrap();
    let second = install().unwrap();
    assert!(std::ptr::eq(first.collector(), second.collector()));
    first.shutdown(ENOUGH).unwrap();
    second.shutdown(Duration::ZERO).unwrap();
    let third = install().unwrap();
    assert!(!std::ptr::eq(first.collector(), third.collector()), "a new one after the old");
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        third.shutdown(ENOUGH).unwrap();
    });
}

#[test]
fn the_last_tick_learns_what_came_before_it() {
    let registry = Registry::new();
    let handle =
        Builder::new().registry(registry.clone()).tick_every(ENOUGH * 1_000).install().unwrap();
    registry.run(|| {
        for _ in 0..100 {
            record_operation("import", Duration::from_millis(3), Metadata::default());
        }
    });
    assert!(handle.baselines().is_empty());
    handle.shutdown(ENOUGH).unwrap();
    assert_eq!(handle.baselines()[0].count, 100);
}

#[test]
fn handles_can_be_dropped_shared_and_used_from_other_threads() {
    let handle = Builder::new().registry(Registry::new()).install().unwrap();
    let (send, receive) = mpsc::channel();
    let clone = handle.clone();
    std::thread::spawn(move || send.send(clone.shutdown(ENOUGH).is_ok())).join().unwrap().unwrap();
    assert!(receive.recv().unwrap());
    handle.shutdown(ENOUGH).unwrap();
    drop(Builder::new().registry(Registry::new()).install().unwrap());
}

#[test]
fn bad_choices_are_refused_with_what_is_wrong_and_where() {
    let too_short = Builder::new().tick_every(Duration::from_nanos(1)).install().unwrap_err();
    assert!(matches!(too_short, InstallError::Tick { .. }));
    assert_eq!(too_short.to_string(), "a tick every 1ns is shorter than the shortest, 10ms");
    let misspelt = "[operations.graph_to_tabel]\nobjectives = []\n";
    let error = Builder::new().override_objectives(misspelt, "tonight.toml").install().unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("tonight.toml:1: operations.graph_to_tabel: unknown operation"),
        "{text}"
    );
    assert!(text.contains("did you mean `graph_to_table`?"), "{text}");
}
