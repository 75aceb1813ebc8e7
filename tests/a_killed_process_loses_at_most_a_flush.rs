//! A process is killed at a random moment under load, again and again: what was kept is there,
//! and no more than what was recorded.
//!
//! The test runs itself as the process that is killed: 20 times here, and as often as
//! `KGAS_PERF_KILLS` says for who wants it thorough.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure::{Measurement, Outcome};
use kgas_perf_runtime::store::{Archive, Between, Query, SqliteArchive, SqliteOptions};

/// Where the process that is killed keeps; set for that process alone.
const FILE: &str = "KGAS_PERF_TEST_STORE";

/// The operation that is counted. The others are the load.
const COUNTED: &str = "counted";

/// What the killed process does: it says before each call that it comes, and after each flush how
/// many were kept.
fn be_killed(file: &Path) {
    let registry = Registry::new();
    let store = SqliteOptions::new(file).instance("killed").build().unwrap();
    let builder = Builder::new().registry(registry.clone()).tick_by_hand();
    let handle = builder.store(store).install().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _scope = registry.enter();
            loop {
                Measurement::start("load").finish(Outcome::Ok);
            }
        });
        let _scope = registry.enter();
        let mut recorded = 0;
        loop {
            for _ in 0..50 {
                recorded += 1;
                Measurement::start(COUNTED).finish(Outcome::Ok);
            }
            println!("\nrecorded {recorded}");
            handle.tick();
            handle.flush().unwrap();
            println!("\nkept {recorded}");
        }
    });
}

/// Kills it after so long; answers how many calls it said were kept, and how many may have been.
fn kill(file: &Path, after: Duration) -> (u64, u64) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_was_kept_outlives_every_kill", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let (mut kept, mut recorded) = (0, 0);
    let mut read = |line: String| {
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        match line.split_once(' ') {
            Some(("kept", many)) => kept = kept.max(number(many)),
            Some(("recorded", many)) => recorded = recorded.max(number(many)),
            _ => {}
        }
        line.starts_with("kept")
    };
    // It lives until it has kept something, and then for as long as it is let.
    while let Some(Ok(line)) = lines.next() {
        if read(line) {
            break;
        }
    }
    let killer = std::thread::spawn(move || {
        std::thread::sleep(after);
        process.kill().unwrap();
        process.wait().unwrap();
    });
    lines.map_while(Result::ok).for_each(|line| {
        read(line);
    });
    killer.join().unwrap();
    // The last line may have been cut off, and one more round may have been kept and not said.
    (kept, recorded + 50)
}

#[test]
fn what_was_kept_outlives_every_kill() {
    if let Some(file) = std::env::var_os(FILE) {
        return be_killed(Path::new(&file));
    }
    let kills = std::env::var("KGAS_PERF_KILLS").map_or(20, |many| many.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("perf.db");
    let (mut least, mut most) = (0, 0);
    let mut state = 1_u64;
    for round in 1..=kills {
        // Knuth's linear congruential generator (MMIX).
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (kept, recorded) = kill(&file, Duration::from_micros((state >> 33) % 60_000));
        least += kept;
        most += recorded;
        let archive = SqliteArchive::open(&file).unwrap();
        let health = archive.health(true).unwrap();
        assert_eq!(health.damage, Some(Vec::new()), "after kill {round}");
        let all = Query::new(Between::new(0, 1 << 40)).operation(COUNTED).histograms();
        let found = archive.summary(&all).unwrap();
        let calls = found.all().calls();
        assert!((least..=most).contains(&calls), "kill {round}: {least}..={most}, found {calls}");
        assert_eq!(found.cover.damaged_rows, 0);
        let buckets: u64 = found.all().all().buckets().map(|(_, count)| count).sum();
        assert_eq!(buckets, calls, "histograms hold what counts say");
        assert_eq!(archive.processes().unwrap().len(), round);
    }
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("damaged")), "{left:?}");
}
