//! `Claim`: which of the processes of one name this one is.
//!
//! Processes that run at the same time under one name have a slot each, the lowest that is free.
//! A slot is a file beside the store, `NAME.INSTANCE.SLOT.lock`, that its process holds locked;
//! the kernel unlocks it when the process ends, however it ends. Whoever looks at slots holds
//! `NAME.lock` for that moment.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::error::StoreError;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::file::beside;

/// More processes of one name than this do not run at the same time.
const MOST_SLOTS: u32 = 4_096;

/// A slot, held as long as this lives.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) slot: u32,
    _held: File,
}

/// What keeps others from looking at slots, and from putting files aside, meanwhile.
#[derive(Debug)]
pub(super) struct Gate {
    path: PathBuf,
    _held: File,
}

impl Gate {
    /// Waits until it is free, at most about as long as it is said.
    pub(super) fn enter(path: &Path, wait: Duration) -> Result<Self, Fault> {
        let file = open(&beside(path, ".lock"), path)?;
        let step = Duration::from_millis(5);
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { path: path.to_owned(), _held: file }),
                Err(TryLockError::WouldBlock) if waited < wait => {
                    std::thread::sleep(step);
                    waited += step;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Busy { path: path.to_owned() }.into());
                }
                Err(TryLockError::Error(error)) => return Err(failed(path, error)),
            }
        }
    }

    /// The lowest slot of an instance that nobody holds.
    pub(super) fn claim(&self, instance: &str) -> Result<Claim, Fault> {
        for slot in 0..MOST_SLOTS {
            if let Some(held) = self.try_hold(instance, slot)? {
                return Ok(Claim { slot, _held: held });
            }
        }
        Err(StoreError::Busy { path: self.path.clone() }.into())
    }

    /// Whether the process that had a slot is gone.
    pub(super) fn is_free(&self, instance: &str, slot: u32) -> Result<bool, Fault> {
        Ok(self.try_hold(instance, slot)?.is_some())
    }

    fn try_hold(&self, instance: &str, slot: u32) -> Result<Option<File>, Fault> {
        let name = format!(".{}.{slot}.lock", in_a_file_name(instance));
        let file = open(&beside(&self.path, &name), &self.path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(&self.path, error)),
        }
    }
}

/// Letters, digits, `-` and `_` as they are; every other byte as `%` and its value.
fn in_a_file_name(instance: &str) -> String {
    let mut name = String::new();
    for byte in instance.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            byte => name.push_str(&format!("%{byte:02x}")),
        }
    }
    name
}

fn open(lock: &Path, path: &Path) -> Result<File, Fault> {
    let opened = File::options().create(true).truncate(false).write(true).open(lock);
    opened.map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: std::io::Error) -> Fault {
    use std::io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let path = path.to_owned();
    let said = match error.kind() {
        PermissionDenied | ReadOnlyFilesystem => StoreError::ReadOnly { path },
        StorageFull | QuotaExceeded => StoreError::Full { path },
        _ => StoreError::Failed { path, what: "claim a slot", source: Box::new(error) },
    };
    said.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_takes_the_lowest_slot_that_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("perf.sqlite");
        let gate = || Gate::enter(&path, Duration::ZERO).unwrap();
        let first = gate().claim("app").unwrap();
        let second = gate().claim("app").unwrap();
        let other = gate().claim("../app").unwrap();
        assert_eq!([first.slot, second.slot, other.slot], [0, 1, 0]);
        drop(first);
        assert!(gate().is_free("app", 0).unwrap());
        assert!(!gate().is_free("app", 1).unwrap());
        assert_eq!(gate().claim("app").unwrap().slot, 0);
        assert!(folder.path().join("perf.sqlite.%2e%2e%2fapp.0.lock").exists());
    }

    #[test]
    fn only_one_looks_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("perf.sqlite");
        let held = Gate::enter(&path, Duration::ZERO).unwrap();
        let refused = Gate::enter(&path, Duration::from_millis(10)).unwrap_err();
        assert!(matches!(refused, Fault::Said(StoreError::Busy { .. })));
        drop(held);
        Gate::enter(&path, Duration::ZERO).unwrap();
    }
}
