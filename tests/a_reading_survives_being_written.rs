//! A reading of resources is plain data: written as JSON and read again it is the same.

use std::time::Duration;

use kgas_perf_runtime::resource::{Monitor, Reading};

#[test]
fn a_reading_survives_being_written_and_read() {
    let mut monitor = Monitor::new();
    for second in 1..=2 {
        let at = Duration::from_secs(second);
        let reading = monitor.read(at, at);
        let text = serde_json::to_string(&*reading).unwrap();
        assert_eq!(serde_json::from_str::<Reading>(&text).unwrap(), *reading);
    }
}
