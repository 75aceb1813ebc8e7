//! `Pending`: what a test found and nobody has accepted yet, one file each.

use std::fs;
use std::path::{Path, PathBuf};

use super::book::{Book, FILE, FOLDER};
use super::class::Class;
use super::counts::CountsEntry;
use super::entry::Entry;
use super::error::BaselineFileError;
use super::guard::write_whole;

const NOTE: &str = "pending";
/// Longer names of operations are cut in file names; what makes those different is at their end.
const LONGEST: usize = 60;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The durations of an operation in a class of environments.
    Durations(Class, Box<Entry>),
    /// The exact numbers of an operation, built with a profile.
    Counts(String, CountsEntry),
}

/// What a test found and nobody has accepted yet.
///
/// Each has a file of its own, so that tests that run side by side do not lose each other's.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The operation.
    pub operation: String,
    /// What was found of it.
    pub found: Found,
    /// How it stands to what is accepted, in a word: new, slower, faster, more, fewer.
    pub how: String,
}

impl Pending {
    /// The folder that they are in.
    pub fn folder(crate_folder: &Path) -> PathBuf {
        crate_folder.join(FOLDER).join(format!("{FILE}.new"))
    }

    /// The class or the profile it is of.
    pub fn key(&self) -> &str {
        match &self.found {
            Found::Durations(class, _) => class.as_str(),
            Found::Counts(profile, _) => profile,
        }
    }

    /// Its file.
    pub fn file(&self, crate_folder: &Path) -> PathBuf {
        let kind = match self.found {
            Found::Durations(..) => "durations",
            Found::Counts(..) => "counts",
        };
        place(crate_folder, kind, &self.operation, self.key())
    }

    /// Writes its file, in the place of the one before.
    ///
    /// # Errors
    /// [`BaselineFileError::Unwritable`], as in a checkout that is read-only.
    pub fn write(&self, crate_folder: &Path) -> Result<PathBuf, BaselineFileError> {
        let mut book = Book::default();
        book.set_note(
            NOTE,
            &[("operation", &self.operation), ("key", self.key()), ("found", &self.how)],
        );
        self.put_into(&mut book);
        let file = self.file(crate_folder);
        write_whole(&file, &book.text())
            .map_err(|source| BaselineFileError::Unwritable { file: file.clone(), source })?;
        Ok(file)
    }

    /// Puts what was found into a book of baselines.
    pub fn put_into(&self, book: &mut Book) {
        match &self.found {
            Found::Durations(class, entry) => book.set_entry(&self.operation, class, entry),
            Found::Counts(profile, counts) => book.set_counts(&self.operation, profile, counts),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`BaselineFileError`] if it cannot be read or makes no sense.
    pub fn read(file: &Path) -> Result<Self, BaselineFileError> {
        let book = Book::read(file).map_err(|error| match error {
            BaselineFileError::Broken { file, line, what } => {
                BaselineFileError::BrokenPending { file, line, what }
            }
            other => other,
        })?;
        let broken = |what: &str| BaselineFileError::BrokenPending {
            file: file.to_owned(),
            line: 1,
            what: what.to_owned(),
        };
        let note = |key| book.note(NOTE, key).ok_or_else(|| broken("it is no pending baseline"));
        let (operation, key) = (note("operation")?.to_owned(), note("key")?);
        let class = Class::from_text(key);
        let found = match book.entry(&operation, &class) {
            Some(entry) => Found::Durations(class, Box::new(entry)),
            None => match book.counts(&operation, key) {
                Some(counts) => Found::Counts(key.to_owned(), counts),
                None => return Err(broken("it holds no baseline")),
            },
        };
        Ok(Self { how: note("found")?.to_owned(), operation, found })
    }

    /// All of a crate, sorted by operation, and what could not be read.
    pub fn all(crate_folder: &Path) -> Vec<Result<Self, BaselineFileError>> {
        let Ok(files) = fs::read_dir(Self::folder(crate_folder)) else { return Vec::new() };
        let mut files: Vec<PathBuf> = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|end| end == "toml"))
            .collect();
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    /// Takes its file away, and the folder with the last of them.
    ///
    /// # Errors
    /// [`BaselineFileError::Unwritable`].
    pub fn discard(&self, crate_folder: &Path) -> Result<(), BaselineFileError> {
        discard(&self.file(crate_folder))
    }
}

fn discard(file: &Path) -> Result<(), BaselineFileError> {
    match fs::remove_file(file) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(BaselineFileError::Unwritable { file: file.to_owned(), source });
        }
        _ => {}
    }
    if let Some(folder) = file.parent() {
        // Fails while there are others, as it should.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// Takes away what is pending of an operation that is as its baseline says again.
pub(crate) fn settle(crate_folder: &Path, kind: &str, operation: &str, key: &str) {
    let file = place(crate_folder, kind, operation, key);
    if file.exists() {
        let _ = discard(&file);
    }
}

/// A name that any file system takes, and different for different operations.
fn place(crate_folder: &Path, kind: &str, operation: &str, key: &str) -> PathBuf {
    let plain: String = operation
        .chars()
        .map(|each| if each.is_ascii_alphanumeric() || each == '_' { each } else { '-' })
        .take(LONGEST)
        .collect();
    // FNV-1a (Fowler, Noll and Vo): the same in every version of everything.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in [kind, operation, key].join("\n").bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Pending::folder(crate_folder).join(format!("{plain}-{hash:016x}.toml"))
}
