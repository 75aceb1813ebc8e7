//! What is kept is read back, and goes on with the next process.

use std::sync::Arc;

use super::*;
use crate::alert::{
    Alerts, Change, Damping, Evaluation, Matcher, Now, Rule, Saved, Settings, Silence, Subject,
};
use crate::baseline::{Baseline, Environment};
use crate::catalog::SizeClass;
use crate::detect::Kind;
use crate::histogram::Distribution;
use crate::measure::Severity;
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

pub(super) fn baseline(version: u32, environment: Option<Arc<Environment>>) -> Baseline {
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

/// The alerts of a process after each of some rounds: some fire, end and come again; people are
/// told, somebody asks for quiet, something is changed.
pub(super) fn lives() -> Vec<Saved> {
    let at = |secs: u64| Now {
        monotonic: Duration::from_secs(secs),
        unix: Duration::from_secs(START + secs),
    };
    let rule = Rule::verdicts("slower", &[Kind::Location]).keep_firing(Duration::ZERO);
    let rule = rule.damping(Damping::NONE).build().unwrap();
    let mut alerts = Alerts::new([rule.clone()], Settings::default(), at(0)).unwrap();
    let mut saved = Vec::new();
    for round in 0..60 {
        let now = at(10 * round);
        let evaluations = (0..4_u64).map(|number| {
            let severity = (round / (number + 2) % 2 == 0).then_some(Severity::Critical);
            let subject = Subject::component(&format!("part{number}"));
            Evaluation::judged(&rule, subject, severity, true)
        });
        alerts.evaluate(now, evaluations.collect());
        for due in alerts.due(now) {
            alerts.record(&due, now);
        }
        if round == 20 {
            let end = now.unix + Duration::from_secs(60);
            let silence = Silence::new(Matcher::everything(), now.unix, end, "ada", "maintenance");
            alerts.silence(silence.unwrap(), now).unwrap();
            alerts.mark(Change::Deploy, "v2", now);
        }
        saved.push(alerts.saved().clone());
    }
    saved
}

#[test]
fn alerts_go_on_as_they_were_and_their_whole_lives_stay() {
    let place = Place::new();
    let lives = lives();
    let mut store = place.store();
    for (round, saved) in lives.iter().enumerate() {
        let at = START + 10 * round as u64;
        let alerts = Some(Arc::new(saved.clone()));
        store.append(&Batch { alerts, ..later(at) }).unwrap();
        if round % 7 == 0 {
            drop(store);
            store = place.store();
            assert_eq!(store.load().unwrap().alerts.as_ref(), Some(saved), "round {round}");
        }
    }
    let last = lives.last().unwrap();
    assert!(!last.closed.is_empty() && !last.closed_incidents.is_empty() && !last.open.is_empty());
    let all = Between::new(START, START + DAY);
    let archive = place.archive();
    let alerts = archive.alerts(&all).unwrap();
    assert_eq!(alerts.len(), last.open.len() + last.closed.len());
    for kept in &alerts {
        let same = |alert: &&crate::alert::Alert| alert.id == kept.alert.id;
        let known = last.open.values().chain(&last.closed).find(same);
        assert_eq!(known, Some(&kept.alert));
    }
    assert!(archive.alerts(&Between::new(0, START)).unwrap().is_empty());
    let incidents = archive.incidents(&all).unwrap().len();
    assert_eq!(incidents, last.incidents.len() + last.closed_incidents.len());
    let silences = archive.silences(&all).unwrap();
    assert_eq!((silences.len(), &silences[0].silence.author[..]), (1, "ada"));
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
