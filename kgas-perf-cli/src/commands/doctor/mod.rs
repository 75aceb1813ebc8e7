//! `kgas-perf doctor`: what measuring is like here, and how a store is.
//!
//! - `machine`: this machine and folder; `store`: a store, looked at; `own`: what processes kept of
//!   themselves; `process`: who keeps there; `text`: numbers for people.

mod machine;
mod own;
mod process;
mod store;
mod text;

use std::io::Write;
use std::path::PathBuf;

use kgas_perf_runtime::install::Diagnosis;
use kgas_perf_runtime::store::StoreError;
use serde_json::json;

use crate::commands::doctor::store::{Around, Examined};
use crate::commands::{catalog, store as file};
use crate::failure::Failure;

/// `kgas-perf doctor`: what is looked at, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// The file of a store to look at, too.
    store: Option<PathBuf>,
    /// Reads all of the store and says whether it is sound.
    #[arg(long, requires = "store")]
    thorough: bool,
    /// Writes JSON.
    #[arg(long)]
    json: bool,
}

/// Writes the findings. What is wrong is the failure, after everything else.
pub(crate) fn run(doctor: &Doctor, out: &mut impl Write) -> Result<(), Failure> {
    let diagnosis = Diagnosis::probe();
    let catalogue = catalog::read(None);
    let examined = doctor.store.as_deref().map(|path| -> Result<Examined, Failure> {
        let around = Around {
            now_unix_s: file::now_unix_s(),
            left_bytes: left_bytes(path),
            call: diagnosis.on.then_some(diagnosis.cost),
        };
        Examined::of(&file::open(path)?, doctor.thorough, &around)
    });
    if doctor.json {
        let told = match &examined {
            Some(Ok(examined)) => examined.json(),
            Some(Err(failure)) => json!({ "error": failure.to_string() }),
            None => serde_json::Value::Null,
        };
        let machine = machine::json(&diagnosis, &catalogue);
        writeln!(out, "{:#}", json!({ "machine": machine, "store": told }))?;
    } else {
        machine::write(&diagnosis, out)?;
        if let Ok(catalogue) = &catalogue {
            writeln!(out, "catalogue  {}", catalog::summary(catalogue))?;
        }
        if let Some(Ok(examined)) = &examined {
            examined.write(out)?;
        }
    }
    let wrong = match examined.transpose() {
        // A damaged file was looked at; anything else could not be.
        Err(Failure::Store(error @ StoreError::Damaged { .. })) => {
            return Err(Failure::Unwell(error.to_string()));
        }
        Err(failure) => return Err(failure),
        Ok(examined) => examined.and_then(|examined| examined.verdict()),
    };
    catalogue?;
    wrong.map_or(Ok(()), |wrong| Err(Failure::Unwell(wrong)))
}

/// How much room is left where a file is, in bytes, for whoever has no privilege.
#[cfg(unix)]
fn left_bytes(path: &std::path::Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn left_bytes(_path: &std::path::Path) -> Option<u64> {
    None
}
