//! `kgas-perf load`: puts load on the built-in example, and says what it bears.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use kgas_perf_testkit::example::{Found, Job};

use crate::args::LoadArgs;
use crate::failure::Failure;

/// Runs it, writes what was found, and fails when that is not fine.
pub(crate) fn run(args: &LoadArgs, out: &mut impl Write) -> Result<(), Failure> {
    let LoadArgs { example: _, duration, seed, json, html, junit, no_progress } = args;
    let job = Job::default().duration(Duration::from_secs(*duration)).seed(*seed);
    let found = job.show_progress(!no_progress).run()?;
    if *json {
        writeln!(out, "{:#}", found.to_json())?;
    } else {
        write!(out, "{}", found.to_text())?;
    }
    write_file(html.as_ref(), || found.to_html())?;
    write_file(junit.as_ref(), || found.to_junit())?;
    verdict(&found)
}

fn write_file(path: Option<&PathBuf>, text: impl FnOnce() -> String) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    fs::write(path, text()).map_err(|source| Failure::Unwritable { path: path.clone(), source })
}

fn verdict(found: &Found) -> Result<(), Failure> {
    match found.exit_code() {
        0 => Ok(()),
        1 => Err(Failure::Broken),
        _ => Err(Failure::NotJudged),
    }
}
