//! `kgas-perf load`: puts load on the built-in example, and says what it bears.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::time::Duration;

use kgas_perf_testkit::example::Job;

use crate::args::LoadArgs;
use crate::failure::Failure;

/// Runs it, writes what was found, and fails when that is not fine.
pub(crate) fn run(args: &LoadArgs, out: &mut impl Write) -> Result<(), Failure> {
    let LoadArgs { example: _, duration, seed, json, html, junit, no_progress } = args;
    let job = Job::default().duration(Duration::from_secs(*duration)).seed(*seed);
    let found = job.show_progress(!no_progress).run()?;
    write_file(html.as_ref(), || found.to_html())?;
    write_file(junit.as_ref(), || found.to_junit())?;
    let text = if *json { format!("{:#}\n", found.to_json()) } else { found.to_text() };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads only the start, as `head` does, still learns how it went.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    verdict(found.exit_code())
}

fn write_file(path: Option<&PathBuf>, text: impl FnOnce() -> String) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    fs::write(path, text()).map_err(|source| Failure::Unwritable { path: path.clone(), source })
}

fn verdict(exit_code: u8) -> Result<(), Failure> {
    match exit_code {
        0 => Ok(()),
        1 => Err(Failure::Broken),
        _ => Err(Failure::NotJudged),
    }
}

#[cfg(test)]
mod tests {
    use std::process::ExitCode;

    use super::*;

    #[test]
    fn a_verdict_is_the_exit_code_that_it_was_made_from() {
        let code =
            |exit_code| verdict(exit_code).map_err(|failure| failure.report(&mut Vec::new()));
        assert!(code(0).is_ok());
        for exit_code in [1, 2] {
            let told = code(exit_code).expect_err("a failure");
            assert_eq!(format!("{told:?}"), format!("{:?}", ExitCode::from(exit_code)));
        }
    }
}
