//! `Guard`: one process writes at a time.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The right to change a file, until it is dropped. Others wait.
///
/// The lock is a file of its own in the system's folder for such, so that nothing is left behind
/// in a repository. Under Unix whoever had it takes it away; elsewhere it stays, as nothing tells
/// there whether a file that is open is still the one of that name.
#[derive(Debug)]
pub(crate) struct Guard {
    lock: File,
    place: PathBuf,
}

impl Guard {
    /// Waits until nobody else changes this file.
    pub(crate) fn of(file: &Path) -> io::Result<Self> {
        let place = Self::place(file);
        loop {
            let lock = File::options().create(true).truncate(false).write(true).open(&place)?;
            lock.lock()?;
            // Whoever had it before has taken it away: others lock a new file by now.
            if stands_at(&lock, &place) {
                return Ok(Self { lock, place });
            }
        }
    }

    /// The file that is locked for this one.
    fn place(file: &Path) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| fs::canonicalize("."), fs::canonicalize);
        folder.unwrap_or_default().hash(&mut hasher);
        file.file_name().hash(&mut hasher);
        std::env::var_os("USER").hash(&mut hasher);
        std::env::temp_dir().join(format!("kgas-perf-{:016x}.lock", hasher.finish()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // It is still locked, so nobody else takes this file for the one that is locked.
        if cfg!(unix) && stands_at(&self.lock, &self.place) {
            let _ = fs::remove_file(&self.place);
        }
    }
}

/// Whether this open file is the one that stands at a place now.
#[cfg(unix)]
fn stands_at(file: &File, place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    match (file.metadata(), fs::metadata(place)) {
        (Ok(file), Ok(there)) => (file.dev(), file.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Whether this open file is the one that stands at a place now: nobody takes it away here.
#[cfg(not(unix))]
fn stands_at(_: &File, _: &Path) -> bool {
    true
}

/// How often a folder is made that others take away when they find it empty.
const FOLDERS: usize = 16;

/// Writes a file so that readers see the old one or the new one, and makes its folder.
pub(crate) fn write_whole(file: &Path, text: &str) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{:?}.tmp", std::process::id(), std::thread::current().id()));
    let beside: PathBuf = file.with_file_name(name);
    let mut created = create(&beside);
    for _ in 1..FOLDERS {
        match &created {
            Err(error) if error.kind() == io::ErrorKind::NotFound => created = create(&beside),
            _ => break,
        }
    }
    let written = created
        .and_then(|mut new| new.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Creates a file and the folder that it is in.
fn create(file: &Path) -> io::Result<File> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_has_the_right_and_no_lock_is_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("count");
        fs::write(&file, "0").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _guard = Guard::of(&file).unwrap();
                        let count: u32 = fs::read_to_string(&file).unwrap().parse().unwrap();
                        fs::write(&file, (count + 1).to_string()).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_to_string(&file).unwrap(), "400");
        assert!(cfg!(not(unix)) || !Guard::place(&file).exists());
    }
}
