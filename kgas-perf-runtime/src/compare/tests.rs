//! Tests of the whole comparison, against machines and code with a known truth.

use super::simulation::{Dice, Machine, Shape, Trial};
use super::*;

fn quiet(slower: f64) -> Trial {
    Trial { shape: Shape::LogNormal(0.2), machine: Machine::Quiet, slower }
}

fn judged(trial: Trial, design: Design, count: usize, dice: &mut Dice) -> Comparison {
    let (baseline, candidate) = match design {
        Design::Sequential => trial.sequential(dice, count),
        Design::Interleaved => trial.interleaved(dice, count),
    };
    compare(&baseline, &candidate, design, ALPHA).unwrap()
}

/// How often, of so many comparisons of each of the seven shapes, the answer is as wanted.
fn share(
    (machine, slower): (Machine, f64),
    design: Design,
    (count, rounds): (usize, usize),
    wanted: impl Fn(&Comparison) -> bool,
) -> f64 {
    let mut dice = Dice::new(77);
    let mut found = 0;
    for shape in Shape::SEVEN {
        for _ in 0..rounds {
            let trial = Trial { shape, machine, slower };
            found += usize::from(wanted(&judged(trial, design, count, &mut dice)));
        }
    }
    found as f64 / (Shape::SEVEN.len() * rounds) as f64
}

fn found(compared: &Comparison) -> bool {
    matches!(compared.verdict, Verdict::Regressed | Verdict::Improved)
}

/// The same over every noisy machine.
fn share_of_noisy(
    slower: f64,
    design: Design,
    size: (usize, usize),
    wanted: impl Fn(&Comparison) -> bool,
) -> f64 {
    let shares = Machine::NOISY.map(|(_, machine)| share((machine, slower), design, size, &wanted));
    shares.iter().sum::<f64>() / shares.len() as f64
}

#[test]
fn identical_code_in_turns_is_rarely_told_apart_whatever_the_machine_does() {
    // 0.05 is kept; 350 comparisons scatter by 0.012.
    let wrong = share_of_noisy(0.0, Design::Interleaved, (40, 10), found);
    assert!((0.005..=0.085).contains(&wrong), "{wrong}");
}

#[test]
fn identical_code_one_after_the_other_is_rarely_told_apart_whatever_the_machine_does() {
    // 0.02 seen in thousands of comparisons. The same samples make a test that trusts the machine
    // find a difference in more than every fourth.
    let wrong = share_of_noisy(0.0, Design::Sequential, (40, 5), found);
    assert!(wrong <= 0.06, "{wrong}");
    let doubtful = share_of_noisy(0.0, Design::Sequential, (40, 5), |compared| {
        found(compared) || compared.reason == Some(Reason::MachineNoise)
    });
    assert!(doubtful >= 0.15, "{doubtful}");
}

#[test]
fn a_tenth_slower_is_found_in_turns_whatever_the_machine_does() {
    let slower = |compared: &Comparison| compared.verdict == Verdict::Regressed;
    // 0.70 to 0.78, seen in thousands of comparisons.
    for machine in [Machine::Quiet, Machine::NOISY[2].1] {
        let right = share((machine, 0.1), Design::Interleaved, (100, 8), slower);
        assert!(right >= 0.60, "{machine:?}: {right}");
    }
}

#[test]
fn a_fifth_slower_is_found_one_after_the_other_on_a_quiet_machine() {
    // 0.83 seen in thousands of comparisons.
    let right = share((Machine::Quiet, 0.2), Design::Sequential, (100, 4), |compared| {
        compared.verdict == Verdict::Regressed
    });
    assert!(right >= 0.6, "{right}");
}

#[test]
fn twice_as_slow_is_found_with_thirty_samples_whatever_the_machine_does() {
    for design in [Design::Sequential, Design::Interleaved] {
        let right =
            share_of_noisy(1.0, design, (30, 2), |compared| compared.verdict == Verdict::Regressed);
        assert!(right >= 0.85, "{design:?}: {right}");
    }
}

#[test]
fn the_interval_holds_the_truth_as_often_as_it_says() {
    for (design, rounds) in [(Design::Interleaved, 20), (Design::Sequential, 5)] {
        let slower = 0.3;
        let right = share((Machine::Quiet, slower), design, (50, rounds), |compared| {
            compared.interval.0 <= slower && slower <= compared.interval.1
        });
        assert!(right >= 0.89, "{design:?}: {right}");
    }
}

#[test]
fn effects_are_told_to_size_and_sign() {
    let mut dice = Dice::new(5);
    for design in [Design::Sequential, Design::Interleaved] {
        for slower in [-0.75, -0.3, 0.5, 9.0] {
            let compared = judged(quiet(slower), design, 120, &mut dice);
            let right = if slower > 0.0 { Verdict::Regressed } else { Verdict::Improved };
            assert_eq!(compared.verdict, right, "{design:?} {slower}");
            let off = (1.0 + compared.effect) / (1.0 + slower);
            assert!((0.9..1.1).contains(&off), "{design:?} {slower}: {compared:?}");
            assert!(compared.p < 1e-3 && compared.reason.is_none());
            assert_eq!((compared.baseline_samples, compared.candidate_samples), (120, 120));
        }
    }
}

#[test]
fn exchanged_sets_and_other_units_change_nothing_but_the_sign() {
    let (baseline, candidate) = quiet(0.2).interleaved(&mut Dice::new(8), 60);
    let compared = compare(&baseline, &candidate, Design::Interleaved, ALPHA).unwrap();
    let back = compare(&candidate, &baseline, Design::Interleaved, ALPHA).unwrap();
    assert!((compared.p / back.p - 1.0).abs() < 1e-6);
    assert!(((1.0 + compared.effect) * (1.0 + back.effect) - 1.0).abs() < 1e-9);
    let hours = |set: &[f64]| set.iter().map(|each| each / 3_600.0).collect::<Vec<_>>();
    for design in [Design::Sequential, Design::Interleaved] {
        let seconds = compare(&baseline, &candidate, design, ALPHA).unwrap();
        let same = compare(&hours(&baseline), &hours(&candidate), design, ALPHA).unwrap();
        assert_eq!(same.verdict, seconds.verdict);
        assert!((same.effect - seconds.effect).abs() < 1e-6);
    }
}

#[test]
fn a_drift_is_the_machine_s() {
    let ramp: Vec<f64> = (0..200)
        .map(|at| 0.010 * (1.0 + 0.3 * f64::from(at) / 200.0 + 1e-3 * f64::from(at * 37 % 11)))
        .collect();
    let compared = compare(&ramp[..100], &ramp[100..], Design::Sequential, ALPHA).unwrap();
    assert_eq!(compared.verdict, Verdict::Inconclusive);
    assert_eq!(compared.reason, Some(Reason::MachineNoise));
}

#[test]
fn too_few_samples_say_nothing_and_the_fewest_that_can_do() {
    for (count, design, verdict) in [
        (3, Design::Sequential, Verdict::Inconclusive),
        (5, Design::Interleaved, Verdict::Inconclusive),
        (6, Design::Interleaved, Verdict::Regressed),
    ] {
        let baseline: Vec<f64> = (0..count).map(|at| 1.0 + 0.01 * f64::from(at)).collect();
        let candidate: Vec<f64> = baseline.iter().map(|each| each * 8.0 - 0.001).collect();
        let compared = compare(&baseline, &candidate, design, ALPHA).unwrap();
        assert_eq!(compared.verdict, verdict, "{count} {design:?}");
        let few = verdict == Verdict::Inconclusive;
        assert_eq!(compared.reason, few.then_some(Reason::TooFewSamples));
        assert_eq!(few, compared.interval == (-1.0, f64::INFINITY));
        assert!((compared.effect - 7.0).abs() < 0.1);
    }
}

#[test]
fn zero_is_a_duration() {
    let ticks = |from: u32| (0..100).map(|at| f64::from((at * 7 + from) % 4) * 1e-3).collect();
    let (baseline, candidate): (Vec<f64>, Vec<f64>) = (ticks(0), ticks(1));
    for design in [Design::Sequential, Design::Interleaved] {
        let same = compare(&baseline, &candidate, design, ALPHA).unwrap();
        assert_eq!(same.verdict, Verdict::Unchanged, "{design:?}");
        let slower: Vec<f64> = candidate.iter().map(|each| each + 2e-3).collect();
        let found = compare(&baseline, &slower, design, ALPHA).unwrap();
        assert_eq!(found.verdict, Verdict::Regressed, "{design:?}");
    }
    let zeros = compare(&[0.0; 50], &[0.0; 50], Design::Sequential, ALPHA).unwrap();
    assert_eq!(zeros.reason, Some(Reason::ClockTooCoarse));
}

#[test]
fn durations_without_scatter_are_judged() {
    for design in [Design::Sequential, Design::Interleaved] {
        let same = compare(&[0.5; 40], &[0.5; 40], design, ALPHA).unwrap();
        assert_eq!((same.verdict, same.interval), (Verdict::Unchanged, (0.0, 0.0)));
        let slower = compare(&[0.5; 40], &[0.6; 40], design, ALPHA).unwrap();
        assert_eq!(slower.verdict, Verdict::Regressed, "{design:?}: {slower:?}");
        assert!((slower.effect - 0.2).abs() < 0.05, "{design:?}: {slower:?}");
    }
}

#[test]
fn what_cannot_be_compared_is_an_error_that_says_why() {
    let fail = |a: &[f64], b: &[f64], design, alpha| compare(a, b, design, alpha).unwrap_err();
    let sequential = Design::Sequential;
    for (error, text) in [
        (fail(&[], &[1.0], sequential, 0.05), "the baseline has no durations"),
        (fail(&[1.0], &[], sequential, 0.05), "the candidate has no durations"),
        (
            fail(&[1.0], &[1.0, f64::NAN], sequential, 0.05),
            "the candidate's duration at index 1 is NaN; a duration is finite and not negative",
        ),
        (
            fail(&[-0.5], &[1.0], sequential, 0.05),
            "the baseline's duration at index 0 is -0.5; a duration is finite and not negative",
        ),
        (
            fail(&[1.0, 2.0], &[1.0], Design::Interleaved, 0.05),
            "interleaved durations are pairs, but the baseline has 2 and the candidate 1",
        ),
        (
            fail(&[1.0], &[1.0], sequential, 1.0),
            "alpha is 1; a rate of false verdicts lies above 0 and below 1",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn hostile_durations_never_break_it() {
    let sets: [&[f64]; 6] = [
        &[0.0],
        &[1e-300, 1e300],
        &[f64::MIN_POSITIVE; 30],
        &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0],
        &[f64::MAX; 9],
        &[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 5.0],
    ];
    for baseline in sets {
        for candidate in sets {
            for repeat in [1, 12] {
                let (baseline, candidate) = (baseline.repeat(repeat), candidate.repeat(repeat));
                for design in [Design::Sequential, Design::Interleaved] {
                    if design == Design::Interleaved && baseline.len() != candidate.len() {
                        continue;
                    }
                    let compared = compare(&baseline, &candidate, design, ALPHA).unwrap();
                    let bounds = compared.interval;
                    assert!((0.0..=1.0).contains(&compared.p), "{compared:?}");
                    assert!(bounds.0 <= bounds.1 && !compared.effect.is_nan(), "{compared:?}");
                }
            }
        }
    }
}

#[test]
fn the_smallest_sets_and_any_alpha_are_answered() {
    let set = [0.3, 0.1, 0.25, 0.7, 0.15, 0.4];
    for before in 1..=set.len() {
        for after in 1..=set.len() {
            for alpha in [1e-9, 0.05, 0.6, 0.999] {
                for design in [Design::Sequential, Design::Interleaved] {
                    let (baseline, candidate) = (&set[..before], &set[set.len() - after..]);
                    let Ok(compared) = compare(baseline, candidate, design, alpha) else {
                        assert_ne!(before, after);
                        continue;
                    };
                    assert!((0.0..=1.0).contains(&compared.p), "{compared:?}");
                    assert!(compared.interval.0 <= compared.interval.1, "{compared:?}");
                    let says = matches!(compared.verdict, Verdict::Regressed | Verdict::Improved);
                    assert_eq!(says, says && compared.p < alpha, "{compared:?}");
                }
            }
        }
    }
}
