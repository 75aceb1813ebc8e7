//! Rhythms, costs, and what a first reading cannot say.

use super::*;

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn read(monitor: &mut Monitor, millis: u64) -> Arc<Reading> {
    monitor.read(at(millis), at(millis))
}

#[test]
fn the_first_reading_has_no_rates_and_the_second_has() {
    let mut monitor = Monitor::new();
    let first = read(&mut monitor, 1_000);
    assert_eq!((first.process.cpu_cores, first.host.cpu_share), (None, None));
    assert!(first.process.resident_bytes.is_some_and(|bytes| bytes > 1 << 20));
    let second = read(&mut monitor, 2_000);
    assert!(second.process.cpu_cores.is_some_and(|cores| cores >= 0.0));
    assert!(second.host.cpu_share.is_none_or(|share| (0.0..=1.0).contains(&share)));
    // No time has passed, and then it went back.
    assert_eq!(read(&mut monitor, 2_000).process.cpu_cores, None);
    assert_eq!(read(&mut monitor, 500).process.cpu_cores, None);
    assert_eq!(monitor.readings().all().len(), 1);
}

#[test]
fn slow_parts_keep_their_own_time_and_stand_between_two_looks() {
    let mut monitor = Monitor::new();
    let readings: Vec<_> = (0..16).map(|second| read(&mut monitor, second * 1_000)).collect();
    let looked: Vec<_> = readings.iter().map(|r| r.mounts.as_ref().unwrap().at.as_secs()).collect();
    assert_eq!(looked, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 10]);
    let shared = |part: fn(&Reading) -> *const u8| part(&readings[3]) == part(&readings[4]);
    assert!(shared(|r| Arc::as_ptr(&r.mounts.as_ref().unwrap().value).cast()));
    assert!(shared(|r| Arc::as_ptr(&r.missing).cast()));
}

#[test]
fn a_part_that_costs_much_is_read_less_often() {
    let mut rhythm = Rhythm::every("slow", 1);
    let busy = || {
        let begin = own_cpu_ns()?;
        while own_cpu_ns()? - begin < 2_000_000 {
            std::hint::spin_loop();
        }
        Some(1)
    };
    if own_cpu_ns().is_none() {
        return;
    }
    let mut looks = 0;
    let mut part = None;
    for second in 0..60 {
        part = rhythm.read(at(second * 1_000), part, || {
            looks += 1;
            busy()
        });
    }
    // 2 ms and a little is a 4,000th of 8 s and a little.
    assert!((2..=8).contains(&looks), "{looks}");
    assert!(rhythm.cost().every >= Duration::from_secs(8));
}

#[test]
fn what_reading_costs_is_measured_and_parts_say_how_often_they_are_read() {
    let mut monitor = Monitor::new();
    (0..3).for_each(|second| drop(read(&mut monitor, second * 1_000)));
    let cost = monitor.readings().cost();
    assert_eq!(cost.readings, 3);
    let names: Vec<_> = cost.parts.iter().map(|part| part.name).collect();
    assert_eq!(
        names,
        ["threads", "mounts", "interfaces", "connections", "host_connections", "control_group"]
    );
    assert!(cost.cpu_ns >= cost.last_ns);
}
