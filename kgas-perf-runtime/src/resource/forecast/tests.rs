//! Forecasts of series whose future is known.

use super::*;

const HOUR: u64 = 3_600;
const GB: f64 = 1e9;

/// Uniform numbers of a fixed seed, in `-0.5..0.5`.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }
}

/// A series by the second, seen every 10 seconds.
fn trend(seconds: u64, mut used: impl FnMut(u64) -> f64) -> Trend {
    let mut trend = Trend::new();
    for second in (0..=seconds).step_by(10) {
        trend.observe(Duration::from_secs(second), used(second));
    }
    trend
}

fn hours(outlook: Outlook) -> Option<f64> {
    match outlook {
        Outlook::Reached(forecast) => Some(forecast.within.as_secs_f64() / 3_600.0),
        _ => None,
    }
}

#[test]
fn a_linear_fill_is_forecast_right() {
    for (rate, left) in [(1.0, 90.0), (10.0, 50.0), (30.0, 20.0)] {
        // `rate` GB an hour, seen for an hour; `left` GB are left then.
        let trend = trend(HOUR, |second| second as f64 * rate * GB / 3_600.0);
        let outlook = trend.outlook((rate + left) * GB);
        let found = hours(outlook).unwrap();
        assert!((found / (left / rate) - 1.0).abs() < 0.01, "{found} h for {} h", left / rate);
        let Outlook::Reached(forecast) = outlook else { unreachable!() };
        assert!(forecast.between.0 <= forecast.within && forecast.within <= forecast.between.1);
        assert!((forecast.per_second * 3_600.0 / (rate * GB) - 1.0).abs() < 0.01);
    }
}

#[test]
fn noise_and_a_burst_do_not_move_a_fill_much_and_the_truth_lies_in_the_interval() {
    let mut noise = Noise(3);
    let mut held = 0;
    for _ in 0..50 {
        let trend = trend(HOUR, |second| {
            // A temporary file of 2 GB comes and goes within three minutes.
            let burst = if (1_000..1_180).contains(&second) { 0.3 } else { 0.0 };
            (second as f64 * 10.0 / 3_600.0 + 0.5 * noise.next() + burst) * GB
        });
        let Outlook::Reached(forecast) = trend.outlook(60.0 * GB) else { panic!("it rises") };
        let found = forecast.within.as_secs_f64() / 3_600.0;
        assert!((found / 5.0 - 1.0).abs() < 0.15, "{found}");
        let (low, high) = forecast.between;
        held += u32::from((low..=high).contains(&Duration::from_secs(5 * HOUR)));
    }
    // What is left is counted from the last point, whose noise is a twentieth of an hour.
    assert!(held >= 40, "{held} of 50");
}

#[test]
fn less_than_twenty_minutes_are_too_short() {
    let fills = |second: u64| second as f64 * GB;
    assert_eq!(Trend::new().outlook(GB), Outlook::TooShort);
    assert_eq!(trend(1_190, fills).outlook(1e6 * GB), Outlook::TooShort);
    assert!(hours(trend(1_200, fills).outlook(1e6 * GB)).is_some());
    // An hour of a point every five minutes is too few.
    let mut few = Trend::new();
    for minute in (0..=60).step_by(5) {
        few.observe(Duration::from_secs(minute * 60), minute as f64);
    }
    assert_eq!(few.outlook(1e6), Outlook::TooShort);
}

#[test]
fn what_stands_still_falls_or_jumps_has_no_trend() {
    let mut noise = Noise(11);
    let shapes: [&mut dyn FnMut(u64) -> f64; 5] = [
        &mut |_| 5.0,
        &mut |second| 100.0 - second as f64 / 100.0,
        &mut |_| 50.0 + noise.next(),
        &mut |second| if second < 3_000 { 10.0 } else { 60.0 },
        // A burst of five minutes on a level that stands still.
        &mut |second| 10.0 + (second.clamp(3_000, 3_300) - 3_000) as f64 / 10.0,
    ];
    for (index, shape) in shapes.into_iter().enumerate() {
        assert_eq!(trend(2 * HOUR, shape).outlook(101.0), Outlook::NoTrend, "shape {index}");
    }
}

#[test]
fn a_log_that_is_rotated_and_memory_that_is_collected_forecast_nothing() {
    // Periods from a minute to eight hours, seen at every tenth of a period after the first.
    for period in [60, 600, 3_000, 2 * HOUR, 8 * HOUR] {
        let saw = |second: u64| 20.0 + 30.0 * (second % period) as f64 / period as f64;
        for tenth in 1..=10 {
            let seconds = (period + period * tenth / 10).max(2 * HOUR + period * tenth / 10);
            let outlook = trend(seconds / 10 * 10, saw).outlook(100.0);
            assert_eq!(outlook, Outlook::NoTrend, "period {period} s, after {seconds} s");
        }
    }
}

#[test]
fn a_fill_beyond_what_was_freed_before_is_forecast() {
    // 5 GB are freed in the third hour; then it fills by 20 GB an hour.
    let filled = |second: u64| match second {
        0..10_000 => 40.0,
        10_000..14_400 => 35.0,
        _ => 35.0 + (second - 14_400) as f64 * 20.0 / 3_600.0,
    };
    assert_eq!(hours(trend(14_400 + 900, filled).outlook(200.0)), None);
    let after = hours(trend(14_400 + HOUR, filled).outlook(200.0)).unwrap();
    assert!((after - (200.0 - 55.0) / 20.0).abs() < 0.1, "{after}");
}

#[test]
fn a_level_that_wanders_by_chance_is_seldom_taken_for_a_fill() {
    let mut noise = Noise(2026);
    let mut told = 0;
    for _ in 0..200 {
        let mut level = 50.0;
        let mut wander = Trend::new();
        for second in (0..3 * HOUR).step_by(10) {
            level += noise.next();
            wander.observe(Duration::from_secs(second), level);
        }
        told += u32::from(hours(wander.outlook(1_000.0)).is_some());
    }
    // A random walk is the worst case: each of its steps stays.
    assert!(told <= 4, "{told} of 200");
}
