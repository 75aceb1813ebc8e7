//! Tests of `segment`, on published series and on simulated ones with known changes.

use super::simulation::Dice;
use super::*;

/// A series of levels, each with the index at which it begins.
fn levels(count: usize, levels: &[(usize, f64)]) -> Vec<f64> {
    (0..count)
        .map(|at| levels.iter().rev().find(|(start, _)| *start <= at).map_or(0.0, |(_, to)| *to))
        .collect()
}

#[test]
fn the_series_of_hunter_change_where_its_authors_say() {
    // Test series of Hunter (Fleming et al., arXiv 2301.03034).
    let first = [1.02, 0.95, 0.99, 1.00, 1.12, 0.90, 0.50, 0.51, 0.48, 0.48, 0.55];
    let second = [2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.80, 1.76, 1.78];
    assert_eq!(segment(&first).unwrap(), [6]);
    assert_eq!(segment(&second).unwrap(), [4]);
    let third = levels(30, &[(0, 1.0), (5, 5.0), (13, 9.0), (21, 3.0)]);
    assert_eq!(segment(&third).unwrap(), [5, 13, 21]);
}

#[test]
fn steps_without_noise_are_found_wherever_they_are() {
    for half in 4..60 {
        let series = levels(2 * half, &[(0, 0.0), (half, 1.0)]);
        assert_eq!(segment(&series).unwrap(), [half], "{half}");
    }
}

#[test]
fn single_odd_values_are_no_changes() {
    let mut series = levels(45, &[(0, 50.0), (15, 100.0), (30, 150.0)]);
    series[2] = 100.0;
    series[37] = 40.0;
    assert_eq!(segment(&series).unwrap(), [15, 30]);
    let mut steady = vec![15_000.0; 80];
    (steady[4], steady[60]) = (14_448.0, 13_988.0);
    assert_eq!(segment(&steady).unwrap(), [0_usize; 0]);
}

#[test]
fn a_slow_trend_is_no_staircase() {
    let mut dice = Dice::new(3);
    let trend: Vec<f64> = (0..300).map(|at| f64::from(at) * 0.1 + dice.normal()).collect();
    assert_eq!(segment(&trend).unwrap(), [0_usize; 0]);
    let bend: Vec<f64> =
        (0..300).map(|at| f64::from((at - 150).max(0)) * 0.2 + dice.normal()).collect();
    let changes = segment(&bend).unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(changes[0].abs_diff(150) <= 15, "{changes:?}");
}

#[test]
fn a_wandering_series_is_not_cut_to_pieces() {
    // The level forgets within ten values: forty states each, were each of them a segment.
    let mut dice = Dice::new(6);
    let mut changes = 0;
    for _ in 0..10 {
        let mut level = 0.0;
        let mut next = || {
            level = 0.9 * level + dice.normal();
            level
        };
        let walk: Vec<f64> = (0..400).map(|_| next()).collect();
        changes += segment(&walk).unwrap().len();
    }
    assert!(changes <= 80, "{changes}");
}

#[test]
fn changes_of_four_noise_widths_are_found_and_steady_series_left_alone() {
    let mut dice = Dice::new(11);
    let (mut found, mut false_ones, mut planted) = (0, 0, 0);
    for round in 0..40 {
        let count = 80 + 10 * round % 200;
        let places = [count / 4, count / 2 + round % 7];
        let steady = round % 2 == 0;
        let sign = if round % 3 == 0 { -1.0 } else { 1.0 };
        let series: Vec<f64> = (0..count)
            .map(|at| {
                let steps = places.iter().filter(|place| at >= **place).count();
                let level = if steady { 0.0 } else { sign * 4.0 * f64::from(steps as u32 % 2) };
                100.0 + level + dice.normal()
            })
            .collect();
        let changes = segment(&series).unwrap();
        let near = |place: &&usize| changes.iter().any(|change| change.abs_diff(**place) <= 2);
        let hits = if steady { 0 } else { places.iter().filter(near).count() };
        planted += if steady { 0 } else { 2 };
        found += hits;
        false_ones += changes.len() - hits.min(changes.len());
    }
    assert!(found * 100 >= planted * 95, "{found} of {planted}");
    assert!(false_ones <= 3, "{false_ones}");
}

#[test]
fn units_and_offsets_do_not_matter() {
    let mut dice = Dice::new(2);
    let series: Vec<f64> =
        (0..120).map(|at| if at < 70 { 10.0 } else { 12.0 } + 0.5 * dice.normal()).collect();
    let changes = segment(&series).unwrap();
    assert_eq!(changes.len(), 1);
    for scale in [1e-9, -3.0, 1e9, 1e150] {
        let scaled: Vec<f64> = series.iter().map(|value| value * scale).collect();
        assert_eq!(segment(&scaled).unwrap(), changes, "{scale}");
    }
}

#[test]
fn a_long_series_is_cut_at_the_very_value() {
    let mut dice = Dice::new(9);
    let places = [3_333, 5_001];
    let series: Vec<f64> = (0..9_000)
        .map(|at| 5.0 * places.iter().filter(|place| at >= **place).count() as f64 + dice.normal())
        .collect();
    let changes = segment(&series).unwrap();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert!(changes.iter().zip(places).all(|(a, b)| a.abs_diff(b) <= 1), "{changes:?}");
}

#[test]
fn what_cannot_change_has_no_change() {
    for series in [&[][..], &[1.0], &[1.0, 2.0, 9.0, 9.0, 9.0], &[3.0; 50], &[0.0; 50]] {
        assert_eq!(segment(series).unwrap(), [0_usize; 0], "{series:?}");
    }
    let error = segment(&[1.0, f64::INFINITY]).unwrap_err();
    assert_eq!(error.to_string(), "the series' value at index 1 is inf; a value is finite");
}

#[test]
fn hostile_series_never_break_it() {
    for series in [
        vec![f64::MAX, -f64::MAX, f64::MAX, 0.0, 1.0, f64::MIN_POSITIVE, 3.0],
        vec![1e-300; 9],
        [vec![0.0; 20], vec![5e-324; 20]].concat(),
        (0..200).map(|at| f64::from(at % 2) * 1e300).collect(),
    ] {
        let changes = segment(&series).unwrap();
        assert!(changes.windows(2).all(|pair| pair[0] + 3 <= pair[1]), "{changes:?}");
        assert!(changes.iter().all(|change| *change < series.len()));
    }
}
