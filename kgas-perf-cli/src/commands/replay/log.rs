//! `kgas-perf replay log`: a recorded log as a timeline, and as a picture.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::columns::Unit;
use super::picture;
use super::recorded::{Reading, Recorded};
use super::timeline::Timeline;
use crate::failure::Failure;

/// The most operations of one picture.
const PANELS: usize = 40;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Log<'a> {
    /// The log; `-` is standard input.
    pub(crate) file: &'a Path,
    /// Where the picture goes, if one is wanted.
    pub(crate) svg: Option<&'a Path>,
    /// The one operation to look at, or all.
    pub(crate) operation: Option<&'a str>,
    /// The unit of durations whose column does not tell it.
    pub(crate) unit: Unit,
}

/// Reads the log, judges it, and tells what was found.
pub(crate) fn run(
    log: &Log<'_>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<(), Failure> {
    let stdin = log.file == Path::new("-");
    let name = if stdin { PathBuf::from("standard input") } else { log.file.to_owned() };
    let unreadable = |source| Failure::Unreadable { path: name.clone(), source };
    let input: Box<dyn Read> = if stdin {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(log.file).map_err(unreadable)?)
    };
    let unnamed = if stdin {
        "calls".into()
    } else {
        log.file.file_stem().unwrap_or_default().to_string_lossy()
    };
    let reading = Reading { unit: log.unit, unnamed: &unnamed, only: log.operation };
    let recorded = Recorded::read(BufReader::with_capacity(1 << 16, input), reading, err)
        .map_err(unreadable)?;
    let wrong = recorded.wrong;
    let timelines: Vec<_> =
        recorded.operations.into_iter().map(|(name, calls)| Timeline::of(name, calls)).collect();
    let calls: usize = timelines.iter().map(|timeline| timeline.calls.len()).sum();
    if calls == 0 {
        let none = log.operation.map_or_else(
            || "there are no calls".to_owned(),
            |operation| format!("there are no calls of `{operation}`"),
        );
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, none)));
    }
    let spans = timelines.iter().map(Timeline::span);
    let origin = spans.fold(f64::INFINITY, |least, (first, _)| least.min(first));
    write!(out, "{}: operations: {}, calls: {calls}", name.display(), timelines.len())?;
    writeln!(out, ", lines passed over: {wrong}")?;
    writeln!(out, "times are since the first call, which finished at {origin}\n")?;
    for timeline in &timelines {
        timeline.write(origin, out)?;
    }
    if let Some(path) = log.svg {
        draw(&timelines, origin, path, out)?;
    }
    Ok(())
}

/// Writes the picture; of many operations, those with the most alerts.
fn draw(
    timelines: &[Timeline],
    origin: f64,
    path: &Path,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut shown: Vec<_> = timelines.iter().collect();
    shown.sort_by_key(|timeline| std::cmp::Reverse(timeline.regressions()));
    shown.truncate(PANELS);
    fs::write(path, format!("{}\n", picture::draw(&shown, origin)))
        .map_err(|source| Failure::Unwritable { path: path.to_owned(), source })?;
    writeln!(out, "picture: {}, operations: {}", path.display(), shown.len())?;
    Ok(())
}
