//! `kgas-perf merge`: the stores of several hosts or programs, put together.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kgas_perf_runtime::store::{Merged, Retention, SqliteOptions, Store};

use crate::commands::store::{self, same};
use crate::failure::Failure;

/// `kgas-perf merge`: which files, and into which.
#[derive(Debug, clap::Args)]
pub(crate) struct Merge {
    /// The file that gets everything; it is made if it is not there, and added to if it is.
    out: PathBuf,
    /// The files that are merged; they are only read.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Lets OUT be one of the files: the others are added to it.
    #[arg(long)]
    in_place: bool,
}

impl Merge {
    /// Merges, and says what that did, a line for each file.
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<(), Failure> {
        let into = &self.out;
        if !self.in_place && self.files.iter().any(|file| same(file, into)) {
            let said = format!(
                "{} is one of the files to merge; say --in-place to add the others to it",
                into.display()
            );
            return Err(Failure::Refused(said));
        }
        // All of them are looked at before anything is written.
        let looked = if into.exists() { Some(into) } else { None };
        let files = self.files.iter().filter(|file| !same(file, into));
        let mut refused = Vec::new();
        for file in looked.into_iter().chain(files.clone()) {
            refused.extend(store::open(file).err());
        }
        if !refused.is_empty() {
            return Err(Failure::NotMerged(refused));
        }
        // It is no program's own store: what was merged stays until somebody takes it away.
        let retention = Retention {
            minutes: FOR_EVER,
            hours: FOR_EVER,
            days: FOR_EVER,
            notes: FOR_EVER,
            most_bytes: u64::MAX,
        };
        let options = SqliteOptions::new(into).instance("kgas-perf merge").retention(retention);
        let mut target = options.build().map_err(|error| Failure::Refused(error.to_string()))?;
        let merged = files.map(|file| Ok((file, target.merge_from(file)?)));
        let merged = merged.collect::<Result<Vec<_>, Failure>>();
        let closed = target.close();
        for (file, merged) in merged? {
            writeln!(out, "{}", said(file, merged))?;
        }
        Ok(closed?)
    }
}

/// A thousand years.
const FOR_EVER: Duration = Duration::from_secs(1_000 * 365 * 86_400);

fn said(file: &Path, merged: Merged) -> String {
    let Merged { added, known, damaged, .. } = merged;
    let mut said = format!("{}: rows added: {added}, there already: {known}", file.display());
    if damaged > 0 {
        said.push_str(&format!(", damaged and left out: {damaged}"));
    }
    said
}
