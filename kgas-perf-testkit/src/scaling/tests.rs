//! Costs whose truth is known, with hard-coded or simulated times; no test reads a clock.

use super::simulation::{Chance, Setting, Truth};
use super::*;

fn sizes() -> impl Iterator<Item = u64> {
    (0..10).map(|step| 100 << step)
}

fn exact(at: impl Fn(f64) -> f64) -> Scaling {
    let measured: Vec<(u64, f64)> = sizes().map(|n| (n, at(n as f64))).collect();
    Scaling::analyse(&measured).unwrap()
}

/// Seven repeats whose factors have a median of 1 and a spread of some 5 %.
fn noisy(at: impl Fn(f64) -> f64) -> Scaling {
    const NOISE: [f64; 7] = [0.93, 0.97, 0.99, 1.0, 1.02, 1.05, 1.8];
    let measured: Vec<(u64, f64)> = sizes()
        .enumerate()
        .flat_map(|(row, n)| {
            // Sizes differ by up to 2 % for reasons of their own.
            let own = 1.0 + 0.02 * [0.3, -0.8, 0.9, -0.2, -1.0, 0.6, 0.1, 0.8, -0.5, -0.1][row];
            NOISE.map(|noise| (n, own * noise * at(n as f64)))
        })
        .collect();
    Scaling::analyse(&measured).unwrap()
}

#[test]
fn every_class_is_recognised_with_noise_and_with_overhead() {
    for class in Complexity::ALL {
        for overhead in [0.0, 1.0, 5.0] {
            let at = |n: f64| 1e-3 * (overhead + class.growth(n) / class.growth(100.0));
            let scaling = noisy(at);
            let rise = at(51_200.0) / at(100.0);
            // A logarithm under five times its smallest value rises by a fifth in all.
            if rise > 1.5 || class == Complexity::Constant {
                assert_eq!(scaling.answer.sure(), Some(class), "{overhead}: {}", scaling.answer);
            } else {
                assert_ne!(scaling.answer.sure(), Some(Complexity::N), "{overhead}");
            }
            assert_eq!(exact(at).fits[0].class, class, "{overhead}");
        }
    }
}

#[test]
fn what_is_between_the_classes_fits_none() {
    for exponent in [0.5, 1.5, 2.5] {
        let scaling = noisy(|n| 1e-6 * n.powf(exponent));
        assert_eq!(scaling.answer, Answer::NoneFits(Misfit::Shape), "{exponent}");
        let Exponent { estimate, lower, upper, .. } = scaling.exponent;
        assert!((estimate - exponent).abs() < 0.03, "{estimate}");
        assert!(lower < exponent && exponent < upper && upper - lower < 0.15);
    }
    let exponential = noisy(|n| 1e-6 * (n / 3_000.0).exp2());
    assert!(matches!(exponential.answer, Answer::NoneFits(_)), "{}", exponential.answer);
}

#[test]
fn where_a_cache_ends_no_class_is_sure_but_that_of_both_sides() {
    let jump = |factor: f64| noisy(move |n| 1e-6 * n * if n < 3_000.0 { 1.0 } else { factor });
    assert_eq!(jump(5.0).answer, Answer::NoneFits(Misfit::Uneven));
    let sure = jump(2.0).answer.sure();
    assert!(sure.is_none() || sure == Some(Complexity::N), "{sure:?}");
}

#[test]
fn what_follows_no_class_is_not_stated_as_one_under_noise() {
    let truths = [Truth::Exponential(3_000.0), Truth::Cliff(5.0), Truth::Step(2.0)];
    for truth in truths {
        for noise in [0.02, 0.1] {
            let setting = Setting { noise, ..Setting::USUAL };
            let measured = setting.measure(truth, &mut Chance::new(8));
            let answer = Scaling::analyse(&measured).unwrap().answer;
            assert_eq!(answer.sure(), None, "{truth:?}, {noise}: {answer}");
        }
    }
}

#[test]
fn a_cost_that_falls_fits_none() {
    let scaling = noisy(|n| 1.0 / n);
    assert_eq!(scaling.answer.to_string(), "none fits: the cost falls as the size grows");
}

#[test]
fn an_overhead_that_covers_the_growth_leaves_several_classes() {
    // The last size takes a fifth more than the first.
    let scaling = noisy(|n| 1.0 + 4e-6 * n);
    assert_eq!(scaling.answer.sure().filter(|class| *class != Complexity::Constant), None);
    let hidden = noisy(|n| 1.0 + 1e-5 * n);
    let Answer::Undecided(classes) = &hidden.answer else { panic!("{}", hidden.answer) };
    assert!(classes.contains(&Complexity::N), "{}", hidden.answer);
    assert!(hidden.exponent.upper - hidden.exponent.lower > 0.3, "{:?}", hidden.exponent);
}

#[test]
fn an_overhead_does_not_pull_the_exponent_down() {
    // A straight line through all ten would have a slope of 0.74.
    let scaling = noisy(|n| 0.1 + 1e-7 * n * n);
    let Exponent { estimate, lower, upper, .. } = scaling.exponent;
    assert!((estimate - 2.0).abs() < 0.1 && lower < 2.0 && upper > 2.0, "{:?}", scaling.exponent);
}

#[test]
fn n_and_n_log_n_under_heavy_noise_are_undecided() {
    let setting = Setting { sizes: 6, noise: 0.2, repeats: 3, ..Setting::USUAL };
    let measured = setting.measure(Truth::Class(Complexity::N), &mut Chance::new(4));
    let scaling = Scaling::analyse(&measured).unwrap();
    assert_eq!(scaling.answer.to_string(), "undecided between O(n) and O(n log n)");
}

#[test]
fn sizes_below_the_timers_steps_are_left_out_and_named() {
    // A timer of 1 ms under a cost of 10 µs an element.
    let measured: Vec<(u64, f64)> = sizes()
        .flat_map(|n| [0.8, 1.0, 1.3].map(|noise| (n, (noise * 0.01 * n as f64).floor() * 1e-3)))
        .collect();
    let scaling = Scaling::analyse(&measured).unwrap();
    assert_eq!(scaling.unresolved_sizes, [100, 200, 400, 800, 1_600]);
    assert_eq!(scaling.levels.len(), 5);
}

#[test]
fn evidence_adds_up_and_the_best_comes_first() {
    let scaling = noisy(|n| 1e-6 * n);
    let weights: f64 = scaling.fits.iter().map(|fit| fit.weight).sum();
    assert!((weights - 1.0).abs() < 1e-12);
    assert_eq!(scaling.fits[0].delta_aicc, 0.0);
    assert!(scaling.fits.is_sorted_by(|a, b| a.delta_aicc <= b.delta_aicc));
}

#[test]
fn what_cannot_be_analysed_says_why() {
    let analysed = |measured: &[(u64, f64)]| Scaling::analyse(measured).unwrap_err().to_string();
    assert_eq!(
        analysed(&[(1, 1.0), (2, 2.0), (4, 4.0), (64, 64.0)]),
        "4 sizes are too few to tell classes apart, 5 are needed"
    );
    let near = [100, 110, 120, 130, 140].map(|n: u64| (n, n as f64));
    assert_eq!(
        analysed(&near),
        "sizes from 100 to 140 are too close together: the largest must be at least 8 times the \
         smallest"
    );
    assert_eq!(analysed(&[(0, 1.0)]), "a size of 0 can't be analysed, sizes begin at 1");
    assert_eq!(analysed(&[(7, f64::NAN)]), "NaN s at size 7 is no duration");
}

/// The bench `scaling` does this with 1,000 runs a cell.
#[test]
fn a_wrong_class_is_not_stated_as_sure_under_any_noise() {
    let usual = Setting::USUAL;
    let settings = [
        usual,
        Setting { noise: 0.2, ..usual },
        Setting { overhead: 10.0, ..usual },
        Setting { between: 0.1, ..usual },
        Setting { walk: 0.03, outliers: 0.1, ..usual },
    ];
    let (mut wrong, mut right, mut all) = (0, 0, 0);
    for setting in settings {
        for class in Complexity::ALL {
            for seed in 0..3 {
                let truth = Truth::Class(class);
                let measured = setting.measure(truth, &mut Chance::new(seed));
                let flat = setting.overhead > 1.0 && class == Complexity::LogN;
                match Scaling::analyse(&measured).unwrap().answer.sure() {
                    Some(found) if found == class => right += 1,
                    Some(Complexity::Constant) if flat => right += 1,
                    Some(_) => wrong += 1,
                    None => {}
                }
                all += 1;
            }
        }
    }
    assert_eq!(wrong, 0, "of {all}");
    assert!(right > all / 2, "{right} of {all}");
}
