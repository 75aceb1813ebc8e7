//! Other processes that take the same: what one process shows by chance, the next does not.
//!
//! A hundred samples of one process are one trial, not a hundred: where its memory lies is the
//! same for all. So a baseline is taken by some processes, and what seems slower or faster is
//! timed by some more. Each is this test program again, told to run this test alone; it ends at the
//! assertion.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};

use crate::place::Place;
use crate::timing::Session;

/// Says which assertion a process is to take, and where to write what it took.
const ONLY: &str = "KGAS_PERF_REPLICATE_OF";
const ANSWER: &str = "KGAS_PERF_REPLICATE_TO";
/// How long a test may take up to its assertion, besides the session.
const START: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(2);

/// What this process is to do at an assertion.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is a test.
    Test,
    /// It is a replicate of this assertion.
    Replicate,
    /// It is a replicate of another assertion, and passes this one over.
    Elsewhere,
}

impl Role {
    pub(crate) fn at(operation: &str, place: &Place) -> Self {
        match std::env::var(ONLY) {
            Err(_) => Self::Test,
            Ok(only) if only == mark(operation, place) => Self::Replicate,
            Ok(_) => Self::Elsewhere,
        }
    }
}

fn mark(operation: &str, place: &Place) -> String {
    format!("{operation}\n{place}").replace('\0', "")
}

/// Writes what this replicate took, and ends it.
pub(crate) fn answer(session: &Session) -> ! {
    if let Some(file) = std::env::var_os(ANSWER) {
        let text = serde_json::to_string(session).unwrap_or_default();
        // The test sees that nothing was written, and goes on without.
        let _ = std::fs::write(Path::new(&file), text);
    }
    std::process::exit(0);
}

/// Runs this test again in so many other processes, one after the other; what they took.
///
/// Fewer, or none, where that cannot be done: in a program that is no test of libtest's kind, on
/// a thread that has no test's name, or where `KGAS_PERF_PROCESSES` is 1.
pub(crate) fn sessions(
    operation: &str,
    place: &Place,
    count: usize,
    allowed: Duration,
) -> Vec<Session> {
    let single = std::env::var("KGAS_PERF_PROCESSES").is_ok_and(|count| count.trim() == "1");
    let Some(test) = test_name().filter(|_| !single) else { return Vec::new() };
    let mut sessions = Vec::new();
    for at in 0..count {
        match one(&test, operation, place, at, allowed) {
            Some(session) => sessions.push(session),
            // What did not work once is not tried again.
            None => break,
        }
    }
    sessions
}

fn one(
    test: &str,
    operation: &str,
    place: &Place,
    at: usize,
    allowed: Duration,
) -> Option<Session> {
    let program = std::env::current_exe().ok()?;
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    let file = std::env::temp_dir()
        .join(format!("kgas-perf-replicate-{}-{thread}-{at}.json", std::process::id()));
    let mut child = Command::new(program)
        .args([test, "--exact", "--include-ignored", "--nocapture"])
        .env(ONLY, mark(operation, place))
        .env(ANSWER, &file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let begun = SystemClock.now();
    while child.try_wait().ok()?.is_none() {
        if SystemClock.now().saturating_sub(begun) > allowed + START {
            let _ = child.kill();
            let _ = child.wait();
            break;
        }
        std::thread::sleep(PAUSE);
    }
    let text = std::fs::read_to_string(&file).ok();
    let _ = std::fs::remove_file(&file);
    let session: Session = serde_json::from_str(&text?).ok()?;
    (session.samples() > 0).then_some(session)
}

/// The name of the test that is running; `None` where nobody can say.
fn test_name() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    program.parent()?.file_name().filter(|folder| *folder == "deps")?;
    let thread = std::thread::current();
    match thread.name() {
        Some("main") | None => {
            // One test alone may run on the main thread: then the arguments name it.
            let mut words = std::env::args().skip(1);
            words.any(|word| word == "--exact").then_some(())?;
            let mut named = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
            named.next().filter(|_| named.next().is_none())
        }
        Some(name) => Some(name.to_owned()),
    }
}
