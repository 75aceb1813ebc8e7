//! What is kept is read back, and goes on with the next process.

use std::sync::Arc;

use super::*;
use crate::alert::{Alerts, Change, Matcher, Now, Rule, Saved, Settings, Silence, Subject, Watch};
use crate::baseline::{Baseline, Environment};
use crate::catalog::SizeClass;
use crate::histogram::Distribution;
use crate::store::{JudgeState, Note, NoteQuery, Noted, Resolution};

#[test]
fn calls_are_there_before_and_after_their_minute_is_over() {
    let place = Place::new();
    let mut store = place.store();
    store.load().unwrap();
    let failed = calls("import", START, &[(7, Outcome::Error)]);
    store.append(&batch(START + 1, "import", &[10, 20])).unwrap();
    store.append(&Batch { calls: vec![failed], ..batch(START + 2, "export", &[5]) }).unwrap();
    store.append(&reading(START + 2, 4.0)).unwrap();
    let check = |journal: u64| {
        let archive = place.archive();
        let summary = archive.summary(&Query::new(Between::new(START, START + 60)).histograms());
        let summary = summary.unwrap();
        assert_eq!(summary.cover.share(), Some(1.0));
        let import = summary.all();
        assert_eq!((import.calls(), import.outcome(Outcome::Error).count()), (3, 1));
        assert_eq!(import.all().sum(), Duration::from_millis(37));
        let p50 = import.outcome(Outcome::Ok).quantile(0.5).unwrap().as_secs_f64();
        assert!((p50 / 0.010 - 1.0).abs() < 1.0 / 128.0 + 0.000_5, "{p50}");
        let (gauges, _) = archive.gauges("memory", &Between::new(START, START + 60)).unwrap();
        assert_eq!((gauges.len(), gauges[0].gauge.last), (1, 4.0));
        assert_eq!(archive.health(false).unwrap().journal_flushes, journal);
        let series = archive.series().unwrap();
        assert_eq!(series.iter().map(|key| &key.operation[..]).collect::<Vec<_>>(), ["import"]);
    };
    check(3);
    store.append(&later(START + 61)).unwrap();
    check(0);
    assert_eq!(place.archive().health(true).unwrap().damage, Some(Vec::new()));
}

#[test]
fn a_query_without_histograms_knows_counts_and_no_quantiles() {
    let place = Place::new();
    let mut store = place.store();
    store.append(&batch(START, "import", &[10, 20])).unwrap();
    for at in [START + 1, START + 61] {
        store.append(&later(at)).unwrap();
        let query = Query::new(Between::new(START, START + 60));
        let all = place.archive().summary(&query).unwrap().all();
        let ok = all.outcome(Outcome::Ok);
        assert_eq!((ok.count(), ok.max()), (2, Some(Duration::from_millis(20))));
        assert_eq!(ok.quantile(0.5), None);
    }
}

#[test]
fn what_a_killed_process_left_in_the_journal_becomes_rows_once() {
    let place = Place::new();
    for round in 0..3 {
        let mut store = place.store();
        let loaded = store.load().unwrap();
        assert_eq!(loaded.last_seen.is_some(), round > 0);
        assert!(!loaded.ended_well);
        let at = START + 600 * round + 1;
        store.append(&batch(at, "import", &[10])).unwrap();
        store.append(&batch(at + 1, "import", &[10])).unwrap();
        // It goes without a word, as a process that is killed.
        drop(store);
        assert_eq!(place.calls(), 2 * (round + 1));
    }
    let mut store = place.store();
    assert_eq!(store.load().unwrap().last_seen, Some(Duration::from_secs(START + 1_202)));
    assert_eq!(place.archive().health(true).unwrap().journal_flushes, 0);
    assert_eq!(place.calls(), 6);
}

#[test]
fn a_process_that_closed_ended_well_and_left_no_journal() {
    let place = Place::new();
    let mut store = place.store();
    store.append(&batch(START, "import", &[10])).unwrap();
    store.close().unwrap();
    assert_eq!(place.archive().health(false).unwrap().journal_flushes, 0);
    assert!(place.store().load().unwrap().ended_well);
    assert_eq!(place.calls(), 1);
}

#[test]
fn a_minute_that_comes_again_is_added_to() {
    let place = Place::new();
    let mut store = place.store();
    store.append(&batch(START, "import", &[10])).unwrap();
    store.append(&batch(START + 60, "import", &[10])).unwrap();
    // The clock was set back, or the disk was full when this should have been kept.
    let mut late = batch(START + 61, "import", &[10]);
    late.calls.insert(0, calls("import", START, &[(30, Outcome::Ok)]));
    store.append(&late).unwrap();
    store.append(&later(START + 120)).unwrap();
    let first = place.summary(START, START + 60).all();
    assert_eq!((first.calls(), first.all().max()), (2, Some(Duration::from_millis(30))));
    assert_eq!(place.calls(), 4);
}

fn baseline(version: u32, environment: Option<Arc<Environment>>) -> Baseline {
    let learned: Distribution = (1..=200).map(Duration::from_millis).collect();
    let mut baseline =
        Baseline::learn("import", SizeClass::Small, &learned, Duration::from_secs(9)).unwrap();
    baseline.version = version;
    baseline.environment = environment;
    baseline
}

#[test]
fn baselines_judges_and_notes_go_on() {
    let place = Place::new();
    let environment = Arc::new(Environment::new("linux", "x86_64", 8));
    let baselines =
        vec![baseline(1, None), baseline(2, None), baseline(1, Some(environment.clone()))];
    let judge = JudgeState {
        operation: "import".to_owned(),
        size_class: SizeClass::Small,
        at: Duration::from_secs(START),
        state: vec![1, 2, 3],
    };
    let mark = crate::alert::Mark {
        at: crate::alert::Moment::default(),
        what: Change::Deploy,
        text: "v2".to_owned(),
    };
    let note = Note { at: Duration::from_secs(START + 5), what: Noted::Mark(mark) };
    let mut store = place.store();
    let kept = Batch {
        baselines: baselines.clone(),
        judges: vec![judge.clone()],
        notes: vec![note.clone(), note.clone()],
        ..later(START + 6)
    };
    store.append(&kept).unwrap();
    let newer = JudgeState { state: vec![4], ..judge };
    store.append(&Batch { judges: vec![newer.clone()], ..later(START + 7) }).unwrap();
    drop(store);
    let loaded = place.store().load().unwrap();
    assert_eq!(loaded.baselines, baselines);
    assert_eq!(loaded.judges, [newer]);
    let archive = place.archive();
    assert_eq!(archive.baselines(Some("import")).unwrap().len(), 3);
    assert!(archive.baselines(Some("export")).unwrap().is_empty());
    let asked = |kind: &str, from: u64| {
        let mut found = Vec::new();
        let query = NoteQuery::new(Between::new(from, START + 60)).kind(kind);
        archive
            .notes(&query, &mut |kept| {
                found.push(kept.note);
                ControlFlow::Continue(())
            })
            .unwrap();
        found
    };
    assert_eq!(asked("mark", START), [note.clone(), note]);
    assert_eq!((asked("step", START).len(), asked("mark", START + 6).len()), (0, 0));
}

/// Alerts that have lived: two that fire, one that is over, a silence and a mark.
fn lived() -> (Vec<Saved>, Now) {
    let now = |secs: u64| Now {
        monotonic: Duration::from_secs(secs),
        unix: Duration::from_secs(START + secs),
    };
    let rule = Rule::standard().into_iter().find(|rule| matches!(rule.watch, Watch::Component));
    let _ = rule;
    let mut alerts = Alerts::new(Rule::standard(), Settings::default(), now(0)).unwrap();
    let mut saved = vec![alerts.saved()];
    alerts.mark(Change::Deploy, "v2", now(1));
    let silence = Silence::new(
        Matcher::everything(),
        now(1).unix,
        now(900).unix,
        "ada",
        "maintenance",
    );
    alerts.silence(silence.unwrap(), now(1));
    saved.push(alerts.saved());
    let _ = Subject::component("store");
    (saved, now(2))
}

#[test]
fn alerts_go_on_as_they_were() {
    let place = Place::new();
    let (steps, now) = lived();
    for saved in &steps {
        let mut store = place.store();
        store.load().unwrap();
        let alerts = Some(Arc::new(saved.clone()));
        store.append(&Batch { alerts, ..later(now.unix.as_secs()) }).unwrap();
        drop(store);
        assert_eq!(place.store().load().unwrap().alerts.as_ref(), Some(saved));
    }
    let silences = place.archive().silences(&Between::new(START, START + 60)).unwrap();
    assert_eq!((silences.len(), &silences[0].silence.author[..]), (1, "ada"));
    assert!(place.archive().silences(&Between::new(0, START)).unwrap().is_empty());
}

#[test]
fn an_asked_time_is_answered_by_the_resolution_that_is_allowed() {
    let place = Place::new();
    let mut store = place.store();
    for minute in 0..180 {
        store.append(&batch(START + 60 * minute, "import", &[10])).unwrap();
    }
    tidy_all(&mut store, START + 3 * HOUR + 300);
    let resolutions = |coarsest| {
        let between = Between::new(START + 60, START + 2 * HOUR).coarsest(coarsest);
        let all = rows(&place.archive(), &Query::new(between));
        let calls: u64 = all.iter().map(|row| row.sums.calls()).sum();
        (all.iter().filter(|row| row.resolution == Resolution::Hour).count(), all.len(), calls)
    };
    assert_eq!(resolutions(Resolution::Day), (1, 60, 119));
    assert_eq!(resolutions(Resolution::Minute), (0, 119, 119));
}
