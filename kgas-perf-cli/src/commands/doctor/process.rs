//! Who keeps in a store, and how each of them is.

use kgas_perf_runtime::store::{By, KeptProcess};
use serde_json::{Value, json};

use crate::commands::doctor::text::ago;

/// A process that runs is seen about once a second; one that was not for so long does not run.
const SEEN_WITHIN_S: u64 = 90;

/// A process that was killed longer ago than this is history.
const RECENT_S: u64 = 86_400;

/// How a process is, as far as its store shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// It was seen just now.
    Runs,
    /// It closed its store.
    Ended,
    /// It did not close its store and is not seen: it was killed, or cannot keep any more.
    Gone,
    /// The same, and another has taken its place since.
    Replaced,
}

impl Life {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Ended => "ended",
            Self::Gone => "was killed, or cannot keep any more",
            Self::Replaced => "was killed, and another took its place",
        }
    }
}

/// The name of who keeps, for people.
pub(super) fn name(By { host, instance, slot }: &By) -> String {
    format!("{instance} {slot} on {host}")
}

/// How a process is; `all` are the processes of its store.
pub(super) fn life(process: &KeptProcess, all: &[KeptProcess], now_unix_s: u64) -> Life {
    if process.ended.is_some() {
        return Life::Ended;
    }
    let after = |other: &KeptProcess| other.by == process.by && other.began > process.began;
    if all.iter().any(after) {
        return Life::Replaced;
    }
    let seen = process.last_seen.as_secs();
    if seen.saturating_add(SEEN_WITHIN_S) >= now_unix_s { Life::Runs } else { Life::Gone }
}

/// What is wrong with a process, if something is.
pub(super) fn wrong(process: &KeptProcess, life: Life, now_unix_s: u64) -> Option<String> {
    let seen = process.last_seen.as_secs();
    let recent = seen.saturating_add(RECENT_S) >= now_unix_s;
    (life == Life::Gone && recent).then(|| {
        let (name, ago) = (name(&process.by), ago(now_unix_s, seen));
        format!("{name} (pid {}) was last seen {ago} and had not ended", process.pid)
    })
}

/// A line for people.
pub(super) fn line(process: &KeptProcess, life: Life, now_unix_s: u64) -> String {
    let mut line = format!("{}, pid {}", name(&process.by), process.pid);
    if let Some(version) = &process.version {
        line.push_str(&format!(", version {version}"));
    }
    let seen = ago(now_unix_s, process.last_seen.as_secs());
    format!("{line}: {}, last seen {seen}", life.as_str())
}

/// The same for programs.
pub(super) fn json(process: &KeptProcess, life: Life) -> Value {
    json!({
        "process": process.id,
        "host": process.by.host,
        "instance": process.by.instance,
        "slot": process.by.slot,
        "pid": process.pid,
        "program_version": process.version,
        "program_commit": process.commit,
        "began_unix_s": process.began.as_secs(),
        "last_seen_unix_s": process.last_seen.as_secs(),
        "ended_unix_s": process.ended.map(|ended| ended.as_secs()),
        "life": match life {
            Life::Runs => "runs",
            Life::Ended => "ended",
            Life::Gone => "gone",
            Life::Replaced => "replaced",
        },
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn process(began: u64, seen: u64, ended: Option<u64>) -> KeptProcess {
        KeptProcess {
            id: began.to_string(),
            by: By { host: "ada".to_owned(), instance: "importer".to_owned(), slot: 0 },
            pid: 7,
            began: Duration::from_secs(began),
            last_seen: Duration::from_secs(seen),
            ended: ended.map(Duration::from_secs),
            boot: None,
            version: None,
            commit: None,
        }
    }

    #[test]
    fn who_was_killed_is_told_from_who_runs_and_who_ended() {
        let all =
            [process(100, 200, Some(200)), process(300, 400, None), process(500, 1_000, None)];
        let lives = |now| [0, 1, 2].map(|at| life(&all[at], &all, now));
        assert_eq!(lives(1_090), [Life::Ended, Life::Replaced, Life::Runs]);
        assert_eq!(lives(1_091), [Life::Ended, Life::Replaced, Life::Gone]);
        assert_eq!(
            wrong(&all[2], Life::Gone, 1_091).as_deref(),
            Some("importer 0 on ada (pid 7) was last seen 1 min 31 s ago and had not ended")
        );
        assert_eq!(wrong(&all[2], Life::Gone, 1_000 + RECENT_S + 1), None, "that is history");
    }
}
