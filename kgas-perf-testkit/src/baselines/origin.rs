//! Which commit and compiler, and what day it is.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};

use super::book::{FILE, FOLDER};
use super::entry::Origin;

/// The compiler that built this crate, and so the tests that use it; empty if it did not say.
pub(crate) const RUSTC: &str = env!("KGAS_PERF_TESTKIT_RUSTC");

/// Where something that is found now comes from.
pub(crate) fn origin(folder: &Path, reason: &str) -> Origin {
    Origin {
        toolchain: RUSTC.to_owned(),
        commit: commit(folder),
        date: today(),
        reason: reason.to_owned(),
    }
}

/// The commit of the repository that this folder is in; empty if there is none, or no git.
///
/// It ends with `-dirty` if something has changed since. Baselines do not count: tests write them,
/// and are of the same commit before and after.
pub(crate) fn commit(folder: &Path) -> String {
    let describe = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
    let Some(commit) = git(folder, &describe) else { return String::new() };
    let but_baselines = format!(":(top,exclude,glob)**/{FOLDER}/{FILE}");
    match commit.strip_suffix("-dirty") {
        Some(clean)
            if git(folder, &["diff", "--quiet", "HEAD", "--", ":/", &but_baselines]).is_some() =>
        {
            clean.to_owned()
        }
        _ => commit,
    }
}

/// What git answers, if it succeeds.
fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let answer = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&answer.stdout);
    answer.status.success().then(|| text.trim().to_owned())
}

/// The day, in UTC.
pub(crate) fn today() -> String {
    day(SystemClock.unix())
}

/// The day of a time since 1970, by the algorithm `civil_from_days` (Hinnant,
/// *chrono-Compatible Low-Level Date Algorithms*).
fn day(unix: Duration) -> String {
    let days = unix.as_secs() / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        // `date -u -d @…` says so.
        for (seconds, date) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(Duration::from_secs(seconds)), date);
        }
    }

    #[test]
    fn baselines_that_tests_write_leave_a_commit_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let baselines = place.join("member").join(FOLDER).join(FILE);
        std::fs::create_dir_all(baselines.parent().unwrap()).unwrap();
        let write = |text: &str| {
            std::fs::write(&baselines, text).unwrap();
            std::fs::write(place.join("source"), "1").unwrap();
        };
        write("1");
        let committed =
            git(place, &["init", "-q"]).and_then(|_| git(place, &["add", "."])).and_then(|_| {
                let who = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
                let what = ["commit", "-q", "--no-gpg-sign", "-m", "first"];
                git(place, &[&who[..], &what[..]].concat())
            });
        // Without git there is no commit to tell.
        if committed.is_none() {
            return;
        }
        let first = commit(place);
        assert!(!first.is_empty() && !first.ends_with("-dirty"), "{first}");
        write("2");
        assert_eq!(commit(&place.join("member")), first);
        std::fs::write(place.join("source"), "2").unwrap();
        assert_eq!(commit(&place.join("member")), format!("{first}-dirty"));
    }

    #[test]
    fn the_compiler_is_known() {
        assert!(RUSTC.starts_with("rustc 1."), "{RUSTC}");
    }
}
