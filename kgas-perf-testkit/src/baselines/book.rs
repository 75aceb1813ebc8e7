//! `Book`: the file: sorted, readable, and what people wrote in it stays.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{Document, DocumentMut, Item, Table, TableLike, value};

use super::class::Class;
use super::counts::CountsEntry;
use super::entry::Entry;
use super::error::BaselineFileError;
use super::guard::{Guard, write_whole};

mod fields;

/// The folder of a crate that its baselines are in.
pub const FOLDER: &str = "perf";
/// The file in it.
pub const FILE: &str = "baselines.toml";
/// The version of the format.
const VERSION: i64 = 1;
/// Durations, by operation and class.
const OPERATIONS: &str = "operations";
/// Exact numbers, by operation and profile.
const EXACT: &str = "exact";

const HEADER: &str = "\
# What is normal for this crate's operations, as its tests found it. Keep it in version control.
# Tests write what is new or has changed beside it; `kgas-perf baseline review` accepts or rejects.

";

/// All baselines of one crate.
///
/// What it does not know, such as comments and keys of later versions, it keeps.
#[derive(Clone, Debug)]
pub struct Book {
    document: DocumentMut,
}

impl Default for Book {
    fn default() -> Self {
        let mut document = DocumentMut::new();
        let mut version = value(VERSION);
        if let Some(version) = version.as_value_mut() {
            version.decor_mut().set_prefix(" ");
        }
        document.insert("version", version);
        if let Some(mut key) = document.key_mut("version") {
            key.leaf_decor_mut().set_prefix(HEADER);
        }
        Self { document }
    }
}

impl Book {
    /// Reads a text; `file` is what errors call it.
    ///
    /// # Errors
    /// [`BaselineFileError::Broken`] with the line of the first thing that makes no sense.
    pub fn parse(text: &str, file: &Path) -> Result<Self, BaselineFileError> {
        let broken = |at: Option<std::ops::Range<usize>>, what: String| {
            let before = &text[..at.map_or(0, |at| at.start.min(text.len()))];
            let line = before.matches('\n').count() + 1;
            BaselineFileError::Broken { file: file.to_owned(), line, what }
        };
        let document = Document::parse(text.to_owned())
            .map_err(|error| broken(error.span(), error.message().replace('\n', ", ")))?;
        fields::check(document.as_table(), VERSION).map_err(|(at, what)| broken(at, what))?;
        Ok(Self { document: document.into_mut() })
    }

    /// Reads a file; one that is not there is an empty book.
    ///
    /// # Errors
    /// [`BaselineFileError`] if it cannot be read or makes no sense.
    pub fn read(file: &Path) -> Result<Self, BaselineFileError> {
        match fs::read_to_string(file) {
            Ok(text) if text.trim().is_empty() => Ok(Self::default()),
            Ok(text) => Self::parse(&text, file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(BaselineFileError::Unreadable { file: file.to_owned(), source }),
        }
    }

    /// Changes a file. Whoever else changes it waits, and readers see it before or after.
    ///
    /// # Errors
    /// [`BaselineFileError`] if it cannot be read, makes no sense, or cannot be written.
    pub fn change(file: &Path, change: impl FnOnce(&mut Self)) -> Result<(), BaselineFileError> {
        let unwritable = |source| BaselineFileError::Unwritable { file: file.to_owned(), source };
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let _guard = Guard::of(file).map_err(unwritable)?;
        let mut book = Self::read(file)?;
        change(&mut book);
        let text = book.text();
        if fs::read_to_string(file).is_ok_and(|old| old == text) {
            return Ok(());
        }
        write_whole(file, &text).map_err(unwritable)
    }

    /// The file of a crate in this folder.
    pub fn file_of(crate_folder: &Path) -> PathBuf {
        crate_folder.join(FOLDER).join(FILE)
    }

    /// As it is written: tables in the order of their names, and everything else as it was.
    pub fn text(&self) -> String {
        let mut document = self.document.clone();
        let mut place = 0;
        sort(document.as_table_mut(), &mut place);
        document.to_string()
    }

    /// How many baselines there are, of any class: as many assertions a run is taken to have.
    pub fn len(&self) -> usize {
        self.operations().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The operations that have a baseline of their durations, sorted.
    pub fn operations(&self) -> Vec<String> {
        names(self.document.as_table(), OPERATIONS)
    }

    /// The operations that have exact numbers, sorted.
    pub fn exact(&self) -> Vec<String> {
        names(self.document.as_table(), EXACT)
    }

    /// The classes in which an operation has a baseline, sorted.
    pub fn classes(&self, operation: &str) -> Vec<Class> {
        let table = self.below(OPERATIONS, operation);
        let mut classes: Vec<Class> = table
            .map(|table| table.iter().map(|(class, _)| Class::from_text(class)).collect())
            .unwrap_or_default();
        classes.sort();
        classes
    }

    /// The baseline of an operation in a class.
    pub fn entry(&self, operation: &str, class: &Class) -> Option<Entry> {
        let table = self.below(OPERATIONS, operation)?.get(class.as_str())?.as_table_like()?;
        fields::entry(table).ok()
    }

    /// The exact numbers of an operation, built with this profile.
    pub fn counts(&self, operation: &str, profile: &str) -> Option<CountsEntry> {
        fields::counts(self.below(EXACT, operation)?.get(profile)?.as_table_like()?).ok()
    }

    /// The profiles with which an operation has exact numbers, sorted.
    pub fn profiles(&self, operation: &str) -> Vec<String> {
        let table = self.below(EXACT, operation);
        let mut profiles: Vec<String> = table
            .map(|table| table.iter().map(|(name, _)| name.to_owned()).collect())
            .unwrap_or_default();
        profiles.sort();
        profiles
    }

    /// Puts a baseline in, or in the place of the one before.
    pub fn set_entry(&mut self, operation: &str, class: &Class, entry: &Entry) {
        fields::write_entry(self.table(OPERATIONS, operation, class.as_str()), entry);
    }

    /// Puts exact numbers in, or in the place of those before.
    pub fn set_counts(&mut self, operation: &str, profile: &str, counts: &CountsEntry) {
        fields::write_counts(self.table(EXACT, operation, profile), counts);
    }

    /// A table of its own beside the baselines, for what is pending.
    pub(super) fn set_note(&mut self, name: &str, notes: &[(&str, &str)]) {
        let mut table = Table::new();
        for (key, text) in notes {
            table.insert(key, value(*text));
        }
        self.document.insert(name, Item::Table(table));
    }

    pub(super) fn note(&self, name: &str, key: &str) -> Option<&str> {
        self.document.get(name)?.as_table_like()?.get(key)?.as_str()
    }

    fn below(&self, kind: &str, operation: &str) -> Option<&dyn TableLike> {
        self.document.get(kind)?.as_table_like()?.get(operation)?.as_table_like()
    }

    /// The table at this place, made where there is none.
    fn table(&mut self, kind: &str, operation: &str, key: &str) -> &mut Table {
        let mut table = self.document.as_table_mut();
        for name in [kind, operation] {
            table = table_in(table, name, true);
        }
        table_in(table, key, false)
    }
}

fn names(root: &Table, kind: &str) -> Vec<String> {
    let table = root.get(kind).and_then(Item::as_table_like);
    let mut names: Vec<String> = table
        .map(|table| table.iter().map(|(name, _)| name.to_owned()).collect())
        .unwrap_or_default();
    names.sort();
    names
}

/// The table of that name in a table. Somebody may have written it in braces.
fn table_in<'a>(parent: &'a mut Table, name: &str, implicit: bool) -> &'a mut Table {
    let item = parent.entry(name).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(implicit);
        Item::Table(table)
    });
    if !item.is_table() {
        *item = Item::Table(std::mem::take(item).into_table().unwrap_or_default());
    }
    match item {
        Item::Table(table) => table,
        _ => unreachable!("it was made a table just now"),
    }
}

/// Tables are written in the order of their places; those of values are the order they have.
fn sort(table: &mut Table, place: &mut isize) {
    table.set_position(Some(*place));
    *place += 1;
    let mut below: Vec<(String, &mut Item)> =
        table.iter_mut().map(|(key, item)| (key.get().to_owned(), item)).collect();
    below.sort_by(|one, other| one.0.cmp(&other.0));
    for (_, item) in below {
        match item {
            Item::Table(table) => sort(table, place),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|table| sort(table, place)),
            Item::Value(_) | Item::None => {}
        }
    }
}
