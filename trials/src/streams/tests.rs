//! Streams against closed forms: whoever measures with them has to know what they are.

use super::{Change, Clusters, Regime, Shape, Stream, Wobble};

const CALLS: usize = 150_000;

fn only(shape: Shape) -> Regime {
    Regime { shape, errors: 0.0, ..Regime::CORE[0] }
}

fn durations(stream: &mut Stream, calls: usize) -> Vec<f64> {
    (0..calls).map(|_| stream.next_call().d).collect()
}

/// The quantiles of `values` as multiples of their median.
fn ratios<const N: usize>(mut values: Vec<f64>, quantiles: [f64; N]) -> [f64; N] {
    values.sort_by(f64::total_cmp);
    let at = |q: f64| values[(q * values.len() as f64) as usize];
    quantiles.map(|q| at(q) / at(0.5))
}

#[track_caller]
fn assert_near(measured: f64, expected: f64, tolerance: f64) {
    assert!(
        (measured / expected - 1.0).abs() <= tolerance,
        "measured {measured}, expected {expected}"
    );
}

#[test]
fn quantiles_are_those_of_the_shapes() {
    let z: [f64; 2] = [1.644_85, 2.326_35];
    // Half the quantiles of chi-square with 16 degrees of freedom: 26.2962 and 31.9999, 15.3385.
    let gamma = [26.2962 / 15.3385, 31.9999 / 15.3385];
    let weibull = |q: f64| ((1.0_f64 - q).ln() / 0.5_f64.ln()).powf(1.0 / 3.0);
    let cases = [
        (Shape::Lognormal(0.3), z.map(|z| (0.3 * z).exp())),
        (Shape::Gamma(8.0), gamma),
        (Shape::Weibull(3.0), [weibull(0.95), weibull(0.99)]),
        (Shape::Chain { phi: 0.8, sigma: 0.3 }, z.map(|z| (0.3 * z).exp())),
    ];
    for (shape, expected) in cases {
        let mut stream = Stream::new(only(shape), 1.0, 17);
        let measured = ratios(durations(&mut stream, CALLS), [0.95, 0.99]);
        assert_near(measured[0], expected[0], 0.01);
        assert_near(measured[1], expected[1], 0.015);
    }
}

#[test]
fn tails_are_as_heavy_as_they_say() {
    let pareto = Shape::ParetoMixture { share: 0.1, alpha: 1.5, sigma: 0.25 };
    let mut stream = Stream::new(only(pareto), 1.0, 3);
    // The median is 1.0322, the root of 0.9 Phi(ln x / 0.25) + 0.1 (1 - x^-1.5) = 0.5; ten times
    // that, all is Pareto.
    let mut calls = durations(&mut stream, CALLS);
    calls.sort_by(f64::total_cmp);
    let beyond = calls.iter().filter(|d| **d > 10.0 * calls[CALLS / 2]).count();
    assert_near(beyond as f64 / CALLS as f64, 0.1 * 10.322_f64.powf(-1.5), 0.1);

    let cache = Shape::HitMiss { misses: 0.1, factor: 12.0, sigma: 0.25 };
    let calls = durations(&mut Stream::new(only(cache), 1.0, 3), CALLS);
    let [p95, p99] = ratios(calls.clone(), [0.95, 0.99]);
    // Half the misses lie above the median miss; hits take the median at 0.5/0.9 of theirs.
    let median = (0.25_f64 * 0.139_71).exp();
    assert_near(p95, 12.0 / median, 0.015);
    // 1 % of all is 10 % of the misses.
    assert_near(p99, 12.0 * (0.25_f64 * 1.281_55).exp() / median, 0.02);
}

#[test]
fn chain_forgets_as_it_says() {
    let shape = Shape::Chain { phi: 0.8, sigma: 0.3 };
    let x: Vec<f64> =
        durations(&mut Stream::new(only(shape), 1.0, 5), CALLS).iter().map(|d| d.ln()).collect();
    for lag in [1, 2, 5] {
        assert!((correlation(&x, lag) - 0.8_f64.powi(lag as i32)).abs() < 0.02, "lag {lag}");
    }
}

/// The correlation of values that lie `lag` apart.
fn correlation(x: &[f64], lag: usize) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    let variance: f64 = x.iter().map(|x| (x - mean).powi(2)).sum();
    x.iter().zip(&x[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / variance
}

#[test]
fn wobble_has_its_deviation_and_its_correlation_time() {
    // Nothing but the wobble; its means of a second are nearly its values.
    let wobble = Wobble { sd: 0.05, correlation: 20.0 };
    let regime = Regime { wobble: Some(wobble), ..only(Shape::Lognormal(1e-6)) };
    let mut stream = Stream::new(regime, 10.0, 9);
    let mut seconds: Vec<f64> = Vec::new();
    for second in 1..=60_000 {
        let mut last = None;
        while stream.due() < f64::from(second) {
            last = Some(stream.next_call().d.ln());
        }
        seconds.push(last.or(seconds.last().copied()).unwrap_or(0.0));
    }
    let mean = seconds.iter().sum::<f64>() / seconds.len() as f64;
    let sd = (seconds.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 60_000.0).sqrt();
    assert_near(sd, 0.05, 0.08);
    let at_one_time_constant = correlation(&seconds, 20);
    assert!((at_one_time_constant - (-1.0_f64).exp()).abs() < 0.08, "{at_one_time_constant}");
}

#[test]
fn clusters_take_their_share_of_the_time() {
    let clusters = Clusters { gap: 12.0, length: (0.02, 1.5), factor: (2.0, 5.0) };
    let regime = Regime { clusters: Some(clusters), ..only(Shape::Lognormal(1e-6)) };
    let calls = durations(&mut Stream::new(regime, 10.0, 2), 400_000);
    let fastest = calls.iter().copied().fold(f64::INFINITY, f64::min);
    let slow = calls.iter().filter(|d| **d > 1.5 * fastest).count();
    // The mean of a log-uniform length, by the gap and the length.
    let length = (1.5 - 0.02) / (1.5_f64 / 0.02).ln();
    assert_near(slow as f64 / calls.len() as f64, length / (12.0 + length), 0.1);
    assert!(calls.iter().all(|d| *d < 5.01 * fastest));
}

#[test]
fn load_of_the_day_moves_durations_and_rate_together() {
    let regime = Regime { errors: 0.0, ..Regime::named("daily").unwrap() };
    let mut stream = Stream::new(regime, 10.0, 4);
    // One row an hour: calls, and the mean of the logarithms.
    let hours: Vec<(f64, f64)> = (1..=24)
        .map(|hour| {
            let (mut n, mut sum) = (0.0, 0.0);
            while stream.due() < f64::from(hour) * 3_600.0 {
                sum += stream.next_call().d.ln();
                n += 1.0;
            }
            (n, sum / n)
        })
        .collect();
    let extent = |values: Vec<f64>| {
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            / values.iter().copied().fold(f64::INFINITY, f64::min)
    };
    // 1.5 to 0.5 and 1.25 to 0.75, a little less for the means of an hour.
    assert_near(extent(hours.iter().map(|it| it.0).collect()), 3.0, 0.05);
    assert_near(extent(hours.iter().map(|it| it.1.exp()).collect()), 5.0 / 3.0, 0.03);
    let busiest = hours.iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert!(hours.iter().filter(|it| it.1 > busiest.1).count() <= 2);
}

#[test]
fn coarse_timer_ticks_and_shows_zeros() {
    let regime = Regime::named("ticks").unwrap();
    let (mut zeros, mut ticks) = (0, Vec::new());
    for seed in 0..20 {
        let calls = durations(&mut Stream::new(regime, 1.0, seed), 5_000);
        let tick = [0.015_625, 0.001]
            .into_iter()
            .find(|tick| calls.iter().all(|d| (d / tick - (d / tick).round()).abs() < 1e-6))
            .expect("a stream has one of two ticks");
        zeros += calls.iter().filter(|d| **d == 0.0).count();
        ticks.push(tick);
        // Rounding is fair: the mean stays that of the shape, whose median is 0.7 to 6 ticks.
        let mean = calls.iter().sum::<f64>() / 5_000.0 / tick;
        let of_the_shape = (0.3_f64.powi(2) / 2.0).exp();
        assert!((0.68..6.15).contains(&(mean / of_the_shape)), "{mean}");
    }
    assert!(zeros > 0);
    assert!(ticks.contains(&0.001) && ticks.contains(&0.015_625));
}

#[test]
fn warm_up_begins_high_and_is_over() {
    let regime = Regime { errors: 0.0, ..Regime::named("warm-up").unwrap() };
    let mut begins = Vec::new();
    for seed in 0..40 {
        let mut stream = Stream::new(regime, 10.0, seed);
        let first = durations(&mut stream, 40).iter().sum::<f64>() / 40.0;
        while stream.due() < 3_000.0 {
            stream.next_call();
        }
        let last = durations(&mut stream, 4_000).iter().sum::<f64>() / 4_000.0;
        begins.push(first / last);
    }
    let mean = begins.iter().sum::<f64>() / 40.0;
    // One to two times as much again, 1.5 on average, a little less for the first 4 s.
    assert_near(mean, 2.45, 0.06);
}

#[test]
fn arrivals_are_a_poisson_process() {
    for rate in [0.2, 1.0, 1000.0] {
        let mut stream = Stream::new(Regime::CORE[0], rate, 8);
        let mut counts = Vec::new();
        for n in 1..=20_000 {
            let mut count = 0.0;
            while stream.due() < f64::from(n) * 5.0 / rate {
                stream.next_call();
                count += 1.0;
            }
            counts.push(count);
        }
        let mean = counts.iter().sum::<f64>() / 20_000.0;
        let variance = counts.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert_near(mean, 5.0, 0.02);
        assert_near(variance, mean, 0.05);
    }
}

#[test]
fn planted_step_multiplies_the_same_calls() {
    for regime in Regime::CORE.into_iter().filter(|it| !it.coarse) {
        let mut as_is = Stream::new(regime, 10.0, 6);
        let mut changed = as_is.clone();
        changed.plant_between(Change::Slower(0.5), 20.0, 40.0);
        for _ in 0..800 {
            let (a, b) = (as_is.next_call(), changed.next_call());
            assert_eq!((a.t, a.ok), (b.t, b.ok));
            let factor = if (20.0..40.0).contains(&a.t) { 1.5 } else { 1.0 };
            assert_near(b.d, a.d * factor, 1e-12);
        }
    }
}

#[test]
fn planted_tail_moves_p99_and_leaves_the_median() {
    // Where nothing moves many calls together: there, the slowest calls are the largest draws.
    for regime in ["quiet", "plain", "wide", "weibull", "cache", "pareto", "chain"] {
        let regime = Regime::named(regime).unwrap();
        let mut as_is = Stream::new(Regime { errors: 0.0, ..regime }, 1000.0, 12);
        let mut changed = as_is.clone();
        changed.plant(Change::TAIL, 0.0);
        let (before, after) = (durations(&mut as_is, 50_000), durations(&mut changed, 50_000));
        let moved = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert_near(moved as f64 / 50_000.0, 0.02, 0.25);
        let quantile = |mut values: Vec<f64>, q: f64| {
            values.sort_by(f64::total_cmp);
            values[(q * 50_000.0) as usize]
        };
        assert_eq!(quantile(before.clone(), 0.5), quantile(after.clone(), 0.5), "{}", regime.name);
        assert_near(quantile(after, 0.99) / quantile(before, 0.99), 3.0, 1e-9);
    }
}

#[test]
fn planted_errors_come_at_their_rate() {
    let mut stream = Stream::new(Regime::CORE[1], 100.0, 1);
    stream.plant(Change::Errors(0.3), 100.0);
    let calls: Vec<_> = (0..60_000).map(|_| stream.next_call()).collect();
    let failed = |from: f64, until: f64| {
        let of: Vec<_> = calls.iter().filter(|it| it.t >= from && it.t < until).collect();
        of.iter().filter(|it| !it.ok).count() as f64 / of.len() as f64
    };
    assert!(failed(0.0, 100.0) <= 0.01);
    assert_near(failed(100.0, 500.0), 0.3, 0.04);
}

#[test]
fn planted_freak_is_one_call() {
    let mut as_is = Stream::new(Regime::CORE[1], 1.0, 1);
    let mut changed = as_is.clone();
    changed.plant_freak(7, 300.0);
    let pairs: Vec<_> = durations(&mut as_is, 20)
        .into_iter()
        .zip(durations(&mut changed, 20))
        .enumerate()
        .filter(|(_, (a, b))| a != b)
        .collect();
    assert_eq!(pairs.len(), 1);
    let (index, (before, after)) = pairs[0];
    assert_eq!(index, 7);
    assert_near(after, 300.0 * before, 1e-12);
}

#[test]
fn truth_is_what_the_shape_says() {
    let regime = only(Shape::Lognormal(0.3));
    let [p50, p95, p99] = Stream::new(regime, 1000.0, 5).quantiles([0.5, 0.95, 0.99]);
    assert_near(p95 / p50, (0.3_f64 * 1.644_85).exp(), 0.01);
    assert_near(p99 / p50, (0.3_f64 * 2.326_35).exp(), 0.015);
}

#[test]
fn same_seed_gives_the_same_stream_and_another_seed_another() {
    for regime in Regime::CORE.into_iter().chain(Regime::OTHERS) {
        let mut stream = Stream::new(regime, 10.0, 1);
        let mut again = Stream::new(regime, 10.0, 1);
        let mut other = Stream::new(regime, 10.0, 2);
        let mut differs = false;
        for _ in 0..500 {
            let call = stream.next_call();
            assert_eq!(call, again.next_call(), "{}", regime.name);
            assert!(call.d >= 0.0 && call.d.is_finite());
            differs |= call != other.next_call();
        }
        assert!(differs);
    }
}

#[test]
fn names_are_told_apart() {
    let mut names: Vec<_> =
        Regime::CORE.iter().chain(&Regime::OTHERS).map(|regime| regime.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 24);
}
