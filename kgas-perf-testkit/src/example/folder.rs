//! `Folder`: a folder of this process, which goes with it.

use std::fs::{self, DirEntry, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How the names of all begin.
const PREFIX: &str = "kgas-perf-example-";
/// The file in each that its process holds locked for as long as it runs.
const LOCK: &str = "in-use";

/// A folder that is removed when it is dropped. One whose process was killed before that is
/// removed when the next is made.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// The operating system lets go of the lock when the process ends, however it ends. `None`
    /// where nothing can be locked; then nobody removes it but its process.
    lock: Option<File>,
}

impl Folder {
    /// Makes one in here, and removes what killed processes have left. Where it cannot be made,
    /// opening a file in it says so.
    pub(crate) fn make(parent: &Path) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        for left in fs::read_dir(parent).into_iter().flatten().flatten() {
            remove_unused(&left);
        }
        loop {
            let made = MADE.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("{PREFIX}{}-{made}", std::process::id()));
            match fs::create_dir(&path) {
                // Of another process that had the same number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                _ => {}
            }
            let Ok(lock) = File::create(path.join(LOCK)) else {
                return Self { path, lock: None };
            };
            match lock.try_lock() {
                // Another process may have taken it for unused before it was locked.
                Err(TryLockError::WouldBlock) => continue,
                Ok(()) if !path.join(LOCK).exists() => continue,
                Ok(()) => return Self { path, lock: Some(lock) },
                Err(TryLockError::Error(_)) => return Self { path, lock: None },
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes the folder if it is one of these, and no process holds its lock.
fn remove_unused(entry: &DirEntry) {
    let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
    // A link is none that was made here.
    if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
        return;
    }
    let lock = entry.path().join(LOCK);
    if !fs::symlink_metadata(&lock).is_ok_and(|lock| lock.is_file()) {
        return;
    }
    let Ok(lock) = File::open(lock) else { return };
    if lock.try_lock().is_ok() {
        // What cannot be removed, as that of another user, harms nobody.
        let _ = fs::remove_dir_all(entry.path());
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.lock.take());
        // What is left in the folder for temporary files harms nobody.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_when_the_next_is_made_and_what_is_in_use_stays() {
        let parent = tempfile::tempdir().unwrap();
        let folder = |name: &str, files: &[&str]| {
            let path = parent.path().join(name);
            fs::create_dir(&path).unwrap();
            files.iter().for_each(|file| fs::write(path.join(file), "").unwrap());
            path
        };
        let killed = folder("kgas-perf-example-1-0", &[LOCK, "entities.sqlite"]);
        let being_made = folder("kgas-perf-example-2-0", &[]);
        let of_others = folder("other-1-0", &[LOCK]);
        let in_use = Folder::make(parent.path());
        assert!(!killed.exists());
        let next = Folder::make(parent.path());
        for stays in [in_use.path(), next.path(), &being_made, &of_others] {
            assert!(stays.exists(), "{}", stays.display());
        }
        let path = next.path().to_owned();
        drop(next);
        assert!(!path.exists() && in_use.path().exists());
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over() {
        let parent = tempfile::tempdir().unwrap();
        let first = Folder::make(parent.path());
        // Whoever makes folders at the same time takes some of these numbers too.
        let taken: Vec<_> = (0..1_000)
            .map(|n| parent.path().join(format!("{PREFIX}{}-{n}", std::process::id())))
            .filter(|path| fs::create_dir(path).is_ok())
            .collect();
        let next = Folder::make(parent.path());
        assert!(next.path() != first.path() && !taken.contains(&next.path().to_owned()));
        assert!(next.path().join(LOCK).exists());
    }
}
