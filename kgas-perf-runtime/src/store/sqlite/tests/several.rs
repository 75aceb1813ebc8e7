//! Several processes in one file, and several files put together.

use super::*;
use crate::store::Resolution;

#[test]
fn processes_of_one_name_have_slots_and_go_on_with_their_own() {
    let place = Place::new();
    let (mut first, mut second) = (place.store(), place.store());
    for (store, at) in [(&mut first, 100), (&mut second, 200)] {
        assert_eq!(store.load().unwrap().last_seen, None);
        store.append(&batch(START + at, "import", &[10])).unwrap();
    }
    assert_eq!(place.calls(), 2);
    let slots: Vec<_> = place.archive().processes().unwrap();
    let mut slots: Vec<_> = slots.into_iter().map(|process| process.by.slot).collect();
    slots.sort_unstable();
    assert_eq!(slots, [0, 1]);
    drop(second);
    // The first lives; what comes goes on with what the second left, and folds its journal.
    let mut third = place.store();
    let loaded = third.load().unwrap();
    assert_eq!(loaded.last_seen, Some(Duration::from_secs(START + 200)));
    assert_eq!(place.archive().health(false).unwrap().journal_flushes, 1);
    first.append(&batch(START + 101, "import", &[10])).unwrap();
    first.append(&later(START + 160)).unwrap();
    assert_eq!(place.calls(), 3);
    assert_eq!(place.archive().processes().unwrap().len(), 3);
}

#[test]
fn one_rolls_up_for_all_and_what_another_writes_later_is_not_lost() {
    let place = Place::new();
    let (mut one, mut other) = (place.store(), place.store());
    let until = START + DAY;
    for at in (START..until).step_by(900) {
        one.append(&batch(at, "import", &[10])).unwrap();
        other.append(&batch(at, "import", &[20])).unwrap();
    }
    let kept = 2 * DAY / 900;
    // The last minute of the other is in its journal when the hour is made.
    tidy_all(&mut one, until + HOUR);
    assert_eq!(place.summary(START, until).all().calls(), kept);
    other.append(&later(until + HOUR)).unwrap();
    tidy_all(&mut other, until + 2 * HOUR);
    for resolution in Resolution::ALL {
        let between = Between::new(START, until).coarsest(resolution);
        let all = place.archive().summary(&Query::new(between).histograms()).unwrap().all();
        assert_eq!((all.calls(), all.all().quantile(1.0)), (kept, all.all().max()));
    }
}

#[test]
fn files_merge_exactly_and_twice_is_once() {
    let (here, there) = (Place::new(), Place::new());
    let mut one = here.store();
    let mut other = options(&there.path()).host("there").build().unwrap();
    for at in (START..START + 2 * DAY).step_by(1_200) {
        one.append(&batch(at, "import", &[10, 12])).unwrap();
        other.append(&batch(at + 60, "import", &[30])).unwrap();
        other.append(&reading(at + 61, 5.0)).unwrap();
    }
    // One has rolled up, the other has not; and the other way round.
    for both in [false, true] {
        tidy_all(&mut one, START + 2 * DAY + HOUR);
        if both {
            tidy_all(&mut other, START + 2 * DAY + HOUR);
        }
        let all = |place: &Place, coarsest| {
            let between = Between::new(START, START + 3 * DAY).coarsest(coarsest);
            place.archive().summary(&Query::new(between).histograms()).unwrap().all()
        };
        let into = Place::new();
        let mut target = options(&into.path()).host("elsewhere").build().unwrap();
        for round in 0..2 {
            let first = target.merge_from(&here.path()).unwrap();
            let second = target.merge_from(&there.path()).unwrap();
            assert_eq!((first.added == 0, second.added == 0), (round == 1, round == 1));
            tidy_all(&mut target, START + 2 * DAY + HOUR);
            for coarsest in Resolution::ALL {
                let mut expected = all(&here, Resolution::Minute);
                expected.merge(&all(&there, Resolution::Minute));
                assert_eq!(all(&into, coarsest), expected, "{coarsest:?}, round {round}");
            }
        }
        let mut between = Between::new(START, START + 3 * DAY).host("there");
        let archive = into.archive();
        assert_eq!(archive.summary(&Query::new(between.clone())).unwrap().all().calls(), 144);
        assert!(!archive.gauges("memory", &between).unwrap().0.is_empty());
        between.host = Some("nowhere".to_owned());
        assert_eq!(archive.summary(&Query::new(between)).unwrap().all().calls(), 0);
        assert_eq!(archive.health(true).unwrap().damage, Some(Vec::new()));
    }
}

#[test]
fn a_file_that_went_on_is_merged_again_with_what_is_new() {
    let (here, into) = (Place::new(), Place::new());
    let mut one = here.store();
    let mut target = options(&into.path()).host("elsewhere").build().unwrap();
    for round in 1..6 {
        let at = START + 20 * round;
        one.append(&batch(at, "import", &[10])).unwrap();
        target.merge_from(&here.path()).unwrap();
        assert_eq!(into.calls(), round);
    }
}
