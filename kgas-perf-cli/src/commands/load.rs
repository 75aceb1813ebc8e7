//! `kgas-perf load`: puts load on the built-in example, and says what it bears.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use kgas_perf_testkit::example::{Found, Job};
use kgas_perf_testkit::load::{Report, Standing};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::args::LoadArgs;
use crate::failure::Failure;

/// Runs it, writes what was found, and fails when that is not fine.
pub(crate) fn run(args: &LoadArgs, out: &mut impl Write) -> Result<(), Failure> {
    let LoadArgs { example: _, duration, seed, json, html, junit, no_progress } = args;
    let job = Job::default().duration(Duration::from_secs(*duration)).seed(*seed);
    // A file that cannot be written is told before anything runs.
    let html = html.clone().map(Target::open).transpose()?;
    let junit = junit.clone().map(Target::open).transpose()?;
    let found = job.show_progress(!no_progress).stopped_by(&interrupted()).run()?;
    tell(&found, *json, html, junit, out)?;
    verdict(found.exit_code(), || not_judged(&found))
}

/// What is set when somebody interrupts this process or asks it to end. The second time it ends at
/// once.
fn interrupted() -> Arc<AtomicBool> {
    let stop = Arc::default();
    for signal in [SIGINT, SIGTERM] {
        // Where no handler can be had, a signal ends the process as it always did.
        let _ = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))
            .and_then(|_| flag::register(signal, Arc::clone(&stop)));
    }
    stop
}

/// Tells what was found in all the ways that were asked for. One that fails keeps none from the
/// others.
fn tell(
    found: &Found,
    json: bool,
    html: Option<Target>,
    junit: Option<Target>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let text = if json { format!("{:#}\n", found.to_json()) } else { found.to_text() };
    let told = match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads only the start, as `head` does, still learns how it went.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        told => told,
    };
    let html = html.map_or(Ok(()), |target| target.write(&found.to_html()));
    let junit = junit.map_or(Ok(()), |target| target.write(&found.to_junit()));
    told?;
    html.and(junit)
}

/// A file that is to be written when the run is over. Until then it keeps what was in it.
#[derive(Debug)]
struct Target {
    path: PathBuf,
    file: File,
}

impl Target {
    fn open(path: PathBuf) -> Result<Self, Failure> {
        match OpenOptions::new().write(true).create(true).truncate(false).open(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => Err(Failure::Unwritable { path, source }),
        }
    }

    fn write(mut self, text: &str) -> Result<(), Failure> {
        let written = self.replace(text);
        written.map_err(|source| Failure::Unwritable { path: self.path, source })
    }

    fn replace(&mut self, text: &str) -> io::Result<()> {
        // A pipe has no length.
        if self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        self.file.write_all(text.as_bytes())
    }
}

fn verdict(exit_code: u8, why: impl FnOnce() -> String) -> Result<(), Failure> {
    match exit_code {
        0 => Ok(()),
        1 => Err(Failure::Broken),
        _ => Err(Failure::NotJudged(why())),
    }
}

/// The words by which the answer says what could not be judged.
fn not_judged(found: &Found) -> String {
    let Found { reports, breakpoint } = found;
    let unclear =
        |report: &Report| report.judged.iter().any(|judged| judged.standing == Standing::NotJudged);
    let words = [
        (reports.iter().any(|report| !report.invalid.is_empty()), "INVALID"),
        (reports.iter().any(unclear), "not judged"),
        (breakpoint.gave_up.is_some(), "gave up"),
    ];
    let words: Vec<_> = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use kgas_perf_testkit::load::{Call, LoadTest, Scenario, Threshold};
    use kgas_perf_testkit::stress::{Ramp, StressTest};

    use super::*;

    #[test]
    fn a_verdict_is_the_exit_code_that_it_was_made_from() {
        let code =
            |exit_code| verdict(exit_code, String::new).map_err(|it| it.report(&mut Vec::new()));
        assert!(code(0).is_ok());
        for exit_code in [1, 2] {
            let told = code(exit_code).expect_err("a failure");
            assert_eq!(format!("{told:?}"), format!("{:?}", ExitCode::from(exit_code)));
        }
    }

    #[test]
    fn what_could_not_be_judged_is_named_and_nothing_else() {
        let nothing = || Scenario::new("op", |_: &Call| ());
        let test = || LoadTest::closed("t", 1).operations(3).scenario(nothing()).run().unwrap();
        let unclear = LoadTest::closed("t", 1)
            .operations(3)
            .scenario(nothing())
            .threshold(Threshold::p99(Duration::from_secs(60)));
        let ramp = Ramp::workers(1, 1).probe(Duration::from_millis(20));
        let breakpoint = StressTest::new("t")
            .scenario(nothing())
            .threshold(Threshold::p50(Duration::from_secs(60)))
            .breakpoint(&ramp)
            .unwrap();
        let mut found = Found { reports: vec![test()], breakpoint };
        assert_eq!(not_judged(&found), "");
        found.breakpoint.gave_up = Some("nobody knows".to_owned());
        assert_eq!(not_judged(&found), "gave up");
        found.reports.push(unclear.run().unwrap());
        assert_eq!(not_judged(&found), "not judged, gave up");
        found.breakpoint.gave_up = None;
        found.reports[0].invalid.push("late".to_owned());
        let told = verdict(found.exit_code(), || not_judged(&found)).unwrap_err().to_string();
        assert_eq!(told, "a run could not be judged; see INVALID, not judged");
    }
}
