//! A store's file, opened to be read.

use std::fs;
use std::io::Write;
use std::path::Path;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::store::SqliteArchive;

use crate::commands::export::Export;
use crate::failure::Failure;

/// Opens a store's file to read it.
pub(crate) fn open(path: &Path) -> Result<SqliteArchive, Failure> {
    // What is not there is told as any other file is.
    fs::metadata(path).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    Ok(SqliteArchive::open(path)?)
}

/// What time it is, in seconds since 1970-01-01 00:00 UTC.
pub(crate) fn now_unix_s() -> u64 {
    Registry::new().snapshot().unix.as_secs()
}

/// Exports from a store's file, or says which columns there would be.
pub(crate) fn export(
    export: &Export,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), Failure> {
    match &export.store {
        Some(store) if same(store, &export.out) => {
            let said = format!("{} is the store itself; choose another --out", store.display());
            Err(Failure::Refused(said))
        }
        Some(store) if !export.columns => export.run(&open(store)?, now_unix_s(), out, err),
        _ => export.explain(out),
    }
}

/// Whether two paths are of one file.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| Some(one) == real(other)) || linked(one, other)
}

/// Whether two paths are names of one file, linked hard.
#[cfg(unix)]
fn linked(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let file = |path: &Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    file(one).is_some_and(|one| Some(one) == file(other))
}

#[cfg(not(unix))]
fn linked(_one: &Path, _other: &Path) -> bool {
    false
}
