//! `Guard`: one process writes at a time.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The right to change a file, until it is dropped. Others wait.
///
/// The lock is a file of its own in the system's folder for such, so that nothing is left behind
/// in a repository.
#[derive(Debug)]
pub(crate) struct Guard {
    _lock: File,
}

impl Guard {
    /// Waits until nobody else changes this file.
    pub(crate) fn of(file: &Path) -> io::Result<Self> {
        let mut hasher = DefaultHasher::new();
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| fs::canonicalize("."), fs::canonicalize);
        folder.unwrap_or_default().hash(&mut hasher);
        file.file_name().hash(&mut hasher);
        std::env::var_os("USER").hash(&mut hasher);
        let place = std::env::temp_dir().join(format!("kgas-perf-{:016x}.lock", hasher.finish()));
        let lock = File::options().create(true).truncate(false).write(true).open(place)?;
        lock.lock()?;
        Ok(Self { _lock: lock })
    }
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
