//! What rose, of readings made up for it.

use std::time::Duration;

use super::*;
use crate::resource::host::Core;
use crate::resource::reading::Timed;
use crate::resource::threads::ThreadGroup;

/// Uniform numbers of a fixed seed, in `0.0..1.0`.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Readings a second apart, of a host whose use of processors is told by the second.
fn readings(from: u64, seconds: u64, mut cpu: impl FnMut(u64) -> f64) -> Vec<Arc<Reading>> {
    let mut busy = 0;
    let reading = |second: u64| {
        busy += (cpu(second) * 1e9) as u64;
        let mut reading = Reading { monotonic: Duration::from_secs(second), ..Reading::default() };
        reading.host.cpu = Some(Core { busy_ns: busy, total_ns: second * 1_000_000_000 });
        reading.process.resident_bytes = Some(3 << 30);
        Arc::new(reading)
    };
    (from..from + seconds).map(reading).collect()
}

fn said(rises: &[Rise]) -> Vec<String> {
    rises.iter().map(ToString::to_string).collect()
}

#[test]
fn what_rose_is_told_with_both_numbers() {
    let mut dice = Uniform(1);
    let before = readings(1, 61, |_| 0.29 + 0.04 * dice.next());
    let after = readings(62, 16, |_| 0.97);
    assert_eq!(said(&rises(&before, &after)), ["host CPU 31 % -> 97 %"]);
    assert!(rises(&after, &before).is_empty(), "what fell is no rise");
    assert!(rises(&before, &before).is_empty());
    assert!(rises(&[], &after).is_empty() && rises(&before, &[]).is_empty());
}

#[test]
fn a_peak_or_a_resource_that_always_comes_and_goes_is_no_rise() {
    let before = readings(1, 61, |_| 0.3);
    let peak = readings(62, 16, |second| if second % 8 < 3 { 0.99 } else { 0.3 });
    assert!(rises(&before, &peak).is_empty());
    let square = |second: u64| if (second / 4).is_multiple_of(2) { 0.2 } else { 0.9 };
    assert!(rises(&readings(1, 61, square), &readings(62, 16, square)).is_empty());
}

#[test]
fn chance_alone_seldom_is_a_rise() {
    let mut dice = Uniform(5);
    let false_ones = (0..500)
        .filter(|_| {
            let mut level = 0.5;
            // Neighbours are alike, as they are in life.
            let mut wander = |_: u64| {
                level = 0.5 + 0.9 * (level - 0.5) + 0.2 * (dice.next() - 0.5);
                level.clamp(0.0, 1.0)
            };
            let before = readings(1, 61, &mut wander);
            !rises(&before, &readings(62, 16, &mut wander)).is_empty()
        })
        .count();
    assert!(false_ones <= 5, "{false_ones} of 500");
}

#[test]
fn threads_that_rose_are_named_and_the_clearest_rise_comes_first() {
    let with_threads = |from: u64, seconds: u64, worker: u64| -> Vec<Arc<Reading>> {
        readings(from, seconds, |_| if worker > 300 { 0.6 } else { 0.4 })
            .iter()
            .map(|reading| {
                let at = reading.monotonic.as_secs() / 5 * 5;
                let group =
                    |name: &str, cpu_ns| ThreadGroup { name: name.to_owned(), threads: 2, cpu_ns };
                let ms = 1_000_000;
                let groups = vec![group("worker-*", at * worker * ms), group("main", at * 50 * ms)];
                let threads = Some(Timed::new(Duration::from_secs(at), groups));
                Arc::new(Reading { threads, ..(**reading).clone() })
            })
            .collect()
    };
    let (before, after) = (with_threads(1, 61, 100), with_threads(62, 20, 900));
    assert_eq!(
        said(&rises(&before, &after)),
        ["CPU of threads worker-* 10 % -> 90 %", "host CPU 40 % -> 60 %"]
    );
}

#[test]
fn quantities_are_spoken_as_people_read_them() {
    let spoken = |quantity| Spoken(quantity).to_string();
    assert_eq!(spoken(Quantity::Ratio(0.97)), "97 %");
    assert_eq!(spoken(Quantity::Ratio(0.0042)), "0.4 %");
    assert_eq!(spoken(Quantity::Ratio(3.5)), "350 %");
    assert_eq!(spoken(Quantity::Bytes(1_700_000_000)), "1.6 GiB");
    assert_eq!(spoken(Quantity::Bytes(12 << 20)), "12 MiB");
    assert_eq!(spoken(Quantity::BitsPerSecond(80_000_000)), "10 MB/s");
    assert_eq!(spoken(Quantity::PerSecond(1_234.0)), "1234 /s");
    assert_eq!(spoken(Quantity::Count(7)), "7");
}
