//! The law against published fits, closed forms and simulations.

use super::*;
use crate::scaling::simulation::Chance;

/// SPEC SDM91 on a Sun SPARCcenter 2000, scripts an hour by users: Gunther 2007, and the R package
/// `usl` as the data set `specsdm91`.
const SDM91: [(f64, f64); 7] = [
    (1.0, 64.9),
    (18.0, 995.9),
    (36.0, 1652.4),
    (72.0, 1853.2),
    (108.0, 1828.9),
    (144.0, 1775.0),
    (216.0, 1702.2),
];

/// A ray tracer on an SGI Origin 2000, by processors: Gunther 2007, and `raytracer` in `usl`.
const RAYTRACER: [(f64, f64); 11] = [
    (1.0, 20.0),
    (4.0, 78.0),
    (8.0, 130.0),
    (12.0, 170.0),
    (16.0, 190.0),
    (20.0, 200.0),
    (24.0, 210.0),
    (28.0, 230.0),
    (32.0, 260.0),
    (48.0, 280.0),
    (64.0, 310.0),
];

/// MySQL on a Cisco server, queries a second by threads: Schwartz, "Practical Scalability Analysis
/// with the Universal Scalability Law" (2015).
const CISCO: [f64; 32] = [
    955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61,
    8278.71, 8646.7, 9047.84, 9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52,
    11151.43, 11518.63, 11806.0, 12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27,
    12118.04, 12140.4, 12074.39,
];

fn law(sigma: f64, kappa: f64) -> impl Fn(f64) -> f64 {
    move |n| Parameters { lambda: 1_000.0, sigma, kappa }.at(n)
}

fn close(found: f64, published: f64, relative: f64) {
    assert!((found / published - 1.0).abs() < relative, "{found}, published {published}");
}

#[test]
fn a_published_fit_of_users_is_found_with_its_peak() {
    let usl = Usl::fit(&SDM91).unwrap();
    // Figures of the R package `usl`, version 3.
    close(usl.lambda.value, 89.995_238_2, 1e-5);
    close(usl.sigma.value, 0.027_728_5, 1e-5);
    close(usl.kappa.value, 0.000_104_4, 1e-3);
    for ((n, _), fitted) in SDM91.iter().zip([90.0, 1078.0, 1541.0, 1850.0, 1879.0, 1822.0, 1646.0])
    {
        assert!((usl.throughput_at(*n) - fitted).abs() < 0.5);
    }
    let Peak::At { concurrency, .. } = usl.peak else { panic!("{usl}") };
    close(concurrency.value, 96.5, 1e-3);
    // The published standard error of σ is 0.0091.
    let half = (usl.sigma.upper - usl.sigma.lower) / 2.0;
    assert!((0.009..0.027).contains(&half), "{half}");
}

#[test]
fn a_published_fit_without_coherency_has_no_peak() {
    let usl = Usl::fit(&RAYTRACER).unwrap();
    // Without bounds the least squares are at a κ below 0; the published bounded fit is at 0.
    close(usl.lambda.value, 21.848_843, 1e-5);
    close(usl.sigma.value, 0.057_771, 1e-4);
    assert_eq!(usl.kappa.value, 0.0);
    assert_eq!(usl.peak, Peak::NotReached);
    assert!(usl.to_string().ends_with("peak not reached with 64 workers"), "{usl}");
}

#[test]
fn a_published_fit_of_threads_has_a_peak_near_its_range() {
    let points: Vec<(f64, f64)> = (1..=32).map(f64::from).zip(CISCO).collect();
    let usl = Usl::fit(&points).unwrap();
    close(usl.lambda.value, 995.648_6, 1e-5);
    close(usl.sigma.value, 0.026_715_91, 1e-5);
    close(usl.kappa.value, 0.000_769_094_5, 1e-5);
    let Peak::At { concurrency, throughput } = usl.peak else { panic!("{usl}") };
    close(concurrency.value, 35.57, 1e-3);
    close(throughput, 12_341.0, 1e-3);
    assert!(usl.r_squared > 0.99, "{}", usl.r_squared);
}

#[test]
fn exact_points_give_back_the_law() {
    for (sigma, kappa) in
        [(0.0, 0.0), (0.1, 0.0), (0.0, 1e-4), (0.3, 0.02), (0.9, 1e-6), (1.0, 0.1)]
    {
        let at = law(sigma, kappa);
        let points: Vec<_> = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0].map(|n| (n, at(n))).to_vec();
        let usl = Usl::fit(&points).unwrap();
        assert!((usl.sigma.value - sigma).abs() < 1e-5, "{sigma}, {kappa}: {usl:?}");
        assert!((usl.kappa.value - kappa).abs() < 1e-6, "{sigma}, {kappa}: {usl:?}");
        close(usl.lambda.value, 1_000.0, 1e-5);
    }
}

#[test]
fn intervals_hold_the_truth_about_as_often_as_they_say() {
    let (mut chance, at) = (Chance::new(17), law(0.05, 0.001));
    let ns = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0];
    // An optimised build has the time for more.
    let rounds = if cfg!(debug_assertions) { 15 } else { 200 };
    let mut held = [0, 0];
    for _ in 0..rounds {
        let points = ns.map(|n| (n, at(n) + 150.0 * chance.normal()));
        let Ok(usl) = Usl::fit(&points) else { continue };
        held[0] += u32::from(usl.sigma.lower <= 0.05 && 0.05 <= usl.sigma.upper);
        held[1] += u32::from(usl.kappa.lower <= 0.001 && 0.001 <= usl.kappa.upper);
    }
    // 95 in 100 are promised.
    let fewest = if cfg!(debug_assertions) { 12 } else { 176 };
    assert!(held.iter().all(|held| *held >= fewest), "{held:?} of {rounds}");
}

#[test]
fn a_peak_far_beyond_the_range_is_not_claimed() {
    let at = law(0.01, 1e-5);
    let points: Vec<_> = [1.0, 2.0, 4.0, 8.0, 16.0].map(|n| (n, at(n))).to_vec();
    assert_eq!(Usl::fit(&points).unwrap().peak, Peak::NotReached, "it is at 315");
}

#[test]
fn superlinear_points_are_told_as_such() {
    let points: Vec<_> = [1.0, 2.0, 4.0, 8.0, 16.0].map(|n: f64| (n, 100.0 * n.powf(1.2))).to_vec();
    let Err(error @ UslError::Superlinear { first, most }) = Usl::fit(&points) else {
        panic!("superlinear")
    };
    assert_eq!((first, most.0), ((1.0, 100.0), 16.0));
    assert!(error.to_string().starts_with("the throughput is superlinear: 174."), "{error}");
}

#[test]
fn noise_around_a_line_is_not_superlinear() {
    let mut chance = Chance::new(2);
    let rounds = if cfg!(debug_assertions) { 15 } else { 200 };
    let mut said = 0;
    for _ in 0..rounds {
        let points =
            [1.0, 2.0, 4.0, 8.0, 16.0, 32.0].map(|n| (n, n * (10.0 + 0.5 * chance.normal())));
        said += u32::from(matches!(Usl::fit(&points), Err(UslError::Superlinear { .. })));
    }
    assert!(said <= 1 + rounds / 50, "{said} of {rounds}");
}

#[test]
fn points_that_are_none_are_refused_by_name() {
    let three = [(1.0, 1.0), (2.0, 2.0), (2.0, 2.1), (3.0, 3.0)];
    assert_eq!(
        Usl::fit(&three).unwrap_err().to_string(),
        "3 levels of concurrency are too few to fit the law, 4 are needed"
    );
    for bad in [(0.0, 1.0), (4.0, 0.0), (4.0, f64::NAN), (f64::INFINITY, 1.0), (4.0, -1.0)] {
        let points = [three[0], three[1], three[3], bad];
        assert!(matches!(Usl::fit(&points), Err(UslError::NoPoint { .. })), "{bad:?}");
    }
}
