//! Tests of the file: it survives people, processes and power cuts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::entry::rounded;
use super::*;
use crate::timing::Statistic;

fn origin(reason: &str) -> Origin {
    Origin {
        toolchain: "rustc 1.95.0".into(),
        commit: "c53ae02".into(),
        date: "2026-01-31".into(),
        reason: reason.into(),
    }
}

fn entry(typical_ns: f64, samples: &[f64], reason: &str) -> Entry {
    Entry {
        statistic: Statistic::Median,
        n: samples.len() as u64,
        calls_a_timing: 12,
        band_ns: [0.9, 0.95, 1.0, 1.1, 1.4].map(|part| rounded(part * typical_ns)),
        typical_ns,
        yardsticks_ns: vec![[5_000.0; 4]; 2],
        yardstick_version: 1,
        in_yardsticks: vec![samples.to_vec(), samples.to_vec()],
        origin: origin(reason),
    }
}

fn class() -> Class {
    Class::from_text("linux x86_64, up to 2 cores, release")
}

fn parse(text: &str) -> Result<Book, BaselineFileError> {
    Book::parse(text, Path::new("perf/baselines.toml"))
}

#[test]
fn the_file_is_sorted_readable_and_as_documented() {
    let mut book = Book::default();
    let samples: Vec<f64> = (0..12).map(|at| 1.0 + f64::from(at) / 100.0).collect();
    book.set_entry("table_to_vector", &class(), &entry(1_500.0, &samples, "first"));
    let counts = BTreeMap::from([("queries".to_owned(), 3), ("allocations".to_owned(), 12)]);
    let counts = CountsEntry { counts, origin: origin("first") };
    book.set_counts("graph_to_table", "release", &counts);
    book.set_entry("graph_to_table", &class(), &entry(12.5, &[2.0], "says \"why\""));
    let text = book.text();
    assert_eq!(text, include_str!("tests/baselines.toml"));
    assert_eq!(book.operations(), ["graph_to_table", "table_to_vector"]);
    assert_eq!(book.len(), 2);
    let read = parse(&text).unwrap();
    assert_eq!(read.entry("graph_to_table", &class()), Some(entry(12.5, &[2.0], "says \"why\"")));
    assert_eq!(read.counts("graph_to_table", "release"), Some(counts));
    assert_eq!(read.counts("graph_to_table", "debug"), None);
    assert_eq!(read.classes("table_to_vector"), [class()]);
}

#[test]
fn what_people_and_later_versions_wrote_stays() {
    let text = include_str!("tests/baselines.toml")
        .replace("\nn = 1\n", "\nn = 1 # only one\nfuture = { key = [1, 2] }\n")
        .replace("[operations.table", "# Slow since spring.\n[operations.table")
        + "\n[zebra]\nowner = 'me'\n";
    let mut book = parse(&text).unwrap();
    book.set_entry("graph_to_table", &class(), &entry(13.0, &[2.0], "slower on purpose"));
    let written = book.text();
    for kept in ["# only one", "future = { key = [1, 2] }", "# Slow since spring.", "owner = 'me'"]
    {
        assert!(written.contains(kept), "{kept} in\n{written}");
    }
    let new = parse(&written).unwrap().entry("graph_to_table", &class()).unwrap();
    assert_eq!((new.typical_ns, new.origin.reason.as_str()), (13.0, "slower on purpose"));
}

#[test]
fn a_broken_file_is_told_with_its_line_and_left_as_it_is() {
    let good = include_str!("tests/baselines.toml");
    let line_of = |text: &str, part: &str| text.lines().position(|l| l.contains(part)).unwrap() + 1;
    for (old, new, said) in [
        ("version = 1", "version = 2", "version 2 is not known here; 1 is"),
        (
            "statistic = \"median\"",
            "statistic = \"mediam\"",
            "unknown statistic `mediam`; accepted: median, trimmed_mean, min, p90, p95, p99",
        ),
        ("calls_a_timing = 12", "calls_a_timing = \"one\"", "`calls_a_timing` is no whole number"),
        ("p5_ns = 11.25", "p5_ns = -3", "`p5_ns` is no positive number"),
        ("unit = \"ns\"", "unit = \"ms\"", "unknown unit `ms`; accepted: ns"),
        ("  [2.0]", "  [inf]", "`inf` in `in_yardsticks` is no positive number"),
        (
            "yardsticks_ns = [\n  [5000.0, 5000.0, 5000.0, 5000.0],",
            "yardsticks_ns = [",
            "`yardsticks_ns` is no list of 4 numbers for each list of `in_yardsticks`",
        ),
        ("yardstick = 1", "yardstick = ", "string values must be quoted"),
        ("queries = 3", "queries = -3", "`counts.queries` is no whole number"),
        ("toolchain = ", "<<<<<<< HEAD\ntoolchain = ", ""),
    ] {
        let text = good.replacen(old, new, 1);
        let error = parse(&text).unwrap_err().to_string();
        let line = line_of(&text, new.lines().next().unwrap().trim());
        assert!(error.starts_with(&format!("perf/baselines.toml:{line}: ")), "{old}: {error}");
        assert!(error.contains(said) || said.starts_with("string"), "{error}");
        assert!(error.contains("the file was left as it is: mend this line"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let file = Book::file_of(folder.path());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &text).unwrap();
        assert!(Book::change(&file, |book| *book = Book::default()).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    let missing = good.replacen("date = \"2026-01-31\"\n", "", 1);
    let error = parse(&missing).unwrap_err().to_string();
    assert!(error.contains("exact.\"graph_to_table\".\"release\": `date` is missing"), "{error}");
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = Book::file_of(folder.path());
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let file = &file;
            scope.spawn(move || {
                for at in 0..5 {
                    let name = format!("operation {writer}/{at}");
                    Book::change(file, |book| {
                        book.set_entry(&name, &class(), &entry(1.0, &[1.0], ""));
                    })
                    .unwrap();
                }
            });
        }
    });
    assert_eq!(Book::read(&file).unwrap().len(), 40);
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn what_is_pending_has_a_file_of_its_own_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a/b", "a:b", "a b", "../../etc", "grüße 🦀", "", "\"quoted\"", "x.y\nz", "CON"];
    let long = "n".repeat(300);
    for name in names.into_iter().chain([long.as_str()]) {
        let pending = Pending {
            operation: name.to_owned(),
            found: Found::Durations(class(), Box::new(entry(1.0, &[1.0], "found"))),
            how: "new".to_owned(),
        };
        let file = pending.write(folder.path()).unwrap();
        assert_eq!(file.parent(), Some(Pending::folder(folder.path()).as_path()), "{name}");
        assert_eq!(Pending::read(&file).unwrap(), pending);
    }
    let all: Vec<Pending> = Pending::all(folder.path()).into_iter().map(Result::unwrap).collect();
    assert_eq!(all.len(), names.len() + 1);
    for pending in all {
        pending.discard(folder.path()).unwrap();
    }
    assert!(!Pending::folder(folder.path()).exists());
}

#[test]
fn what_is_kept_again_is_pending_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let found = Found::Durations(class(), Box::new(entry(1.0, &[1.0], "")));
    let pending = Pending { operation: "a/b".into(), found, how: "slower".into() };
    pending.write(folder.path()).unwrap();
    settle(folder.path(), "durations", "a/c", class().as_str());
    assert_eq!(Pending::all(folder.path()).len(), 1);
    settle(folder.path(), "durations", "a/b", class().as_str());
    assert!(Pending::all(folder.path()).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_written_is_read_back_and_written_the_same(
        names in prop::collection::btree_set(".{0,12}", 1..6),
        samples in prop::collection::vec(1e-6_f64..1e9, 1..40),
        typical in 1e-3_f64..1e12,
        reason in ".{0,30}",
        count in 0_u64..i64::MAX as u64,
    ) {
        let mut book = Book::default();
        let samples: Vec<f64> = samples.into_iter().map(rounded).collect();
        let wanted = entry(rounded(typical), &samples, &reason);
        let counts = CountsEntry {
            counts: BTreeMap::from([(reason.clone(), count)]),
            origin: origin(&reason),
        };
        for name in &names {
            book.set_entry(name, &class(), &wanted);
            book.set_counts(name, "debug", &counts);
        }
        let text = book.text();
        let read = parse(&text).unwrap();
        prop_assert_eq!(&read.text(), &text);
        for name in &names {
            prop_assert_eq!(&read.entry(name, &class()).unwrap(), &wanted);
            prop_assert_eq!(&read.counts(name, "debug").unwrap(), &counts);
        }
        // The same baselines put in again, in another order, change nothing.
        let mut again = read;
        for name in names.iter().rev() {
            again.set_counts(name, "debug", &counts);
            again.set_entry(name, &class(), &wanted);
        }
        prop_assert_eq!(again.text(), text);
    }

    #[test]
    fn no_text_breaks_it(text in "(?s).{0,200}") {
        let _ = parse(&text);
    }
}
