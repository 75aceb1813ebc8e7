//! `Reader`: takes a TOML text apart and remembers every mistake with its place.

use toml::de::{DeTable, DeValue};

use crate::error::{CatalogueError, Mistake};
use crate::suggest::nearest;
use crate::syntax;

/// Where something stands in the text.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Bytes from the beginning of the text.
    offset: usize,
    /// The path of the key, such as `operations.graph_to_table.category`.
    key: String,
}

impl Place {
    /// The document itself, which has no key.
    pub(crate) const fn top() -> Self {
        Self { offset: 0, key: String::new() }
    }

    /// The place of a key in this table.
    pub(crate) fn key(&self, key: &str, offset: usize) -> Self {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let key = if !key.is_empty() && key.chars().all(is_bare) {
            key.to_owned()
        } else {
            format!("{key:?}")
        };
        let dot = if self.key.is_empty() { "" } else { "." };
        Self { offset, key: format!("{}{dot}{key}", self.key) }
    }

    /// The place of an element of this array.
    pub(crate) fn element(&self, index: usize, offset: usize) -> Self {
        Self { offset, key: format!("{}[{index}]", self.key) }
    }
}

/// A key of a table, its value, and where they stand.
#[derive(Debug)]
pub(crate) struct Entry<'t> {
    pub(crate) key: &'t str,
    pub(crate) value: &'t DeValue<'t>,
    pub(crate) place: Place,
}

/// Reads typed values and collects the mistakes, so that a person sees all of them at once.
///
/// What can't be read is `None`; its mistake has been noted by then.
#[derive(Debug)]
pub(crate) struct Reader<'t> {
    text: &'t str,
    file: &'t str,
    mistakes: Vec<Mistake>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, file: &'t str) -> Self {
        Self { text, file, mistakes: Vec::new() }
    }

    /// The value, if not a single mistake was noted.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, CatalogueError> {
        if self.mistakes.is_empty() { Ok(value) } else { Err(CatalogueError::new(self.mistakes)) }
    }

    pub(crate) fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    /// Notes a mistake.
    pub(crate) fn mistake(&mut self, place: &Place, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            file: self.file.to_owned(),
            line: syntax::line_at(self.text, place.offset),
            key: place.key.clone(),
            message: message.into(),
        });
    }

    /// The document's own table.
    ///
    /// A text that is not TOML is not read any further: what is left of it would only bring
    /// mistakes that nobody made. A key that stands there twice does not hide the others.
    pub(crate) fn document(&mut self) -> Option<DeTable<'t>> {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        let mut duplicates: Vec<String> = Vec::new();
        let mut is_toml = true;
        for error in errors {
            let offset = error.span().map_or(self.text.len(), |span| span.start);
            let key = syntax::key_at(self.text, offset);
            let place = Place { offset, key };
            if !syntax::is_duplicate(&error) {
                is_toml = false;
                self.mistake(&place, format!("not TOML: {}", syntax::message(&error)));
            } else if !duplicates.iter().any(|table| syntax::is_inside(&place.key, table)) {
                // What repeats inside a table that repeats is the same mistake once more.
                self.mistake(&place, syntax::duplicate_message(&place.key));
                duplicates.push(place.key);
            }
        }
        is_toml.then(|| document.into_inner())
    }

    /// A table's entries in the order of the file, without the keys that are not accepted.
    pub(crate) fn entries<'a>(
        &mut self,
        place: &Place,
        table: &'a DeTable<'a>,
        accepted: &[&'static str],
    ) -> Vec<Entry<'a>> {
        let mut entries = all_entries(place, table);
        entries.retain(|entry| {
            let is_accepted = accepted.contains(&entry.key);
            if !is_accepted {
                self.mistake(&entry.place, unknown("key", entry.key, accepted));
            }
            is_accepted
        });
        entries
    }

    pub(crate) fn table<'a>(
        &mut self,
        place: &Place,
        value: &'a DeValue<'a>,
    ) -> Option<&'a DeTable<'a>> {
        if value.as_table().is_none() {
            self.expected(place, "a table", value);
        }
        value.as_table()
    }

    pub(crate) fn string<'a>(
        &mut self,
        place: &Place,
        what: &str,
        value: &'a DeValue<'_>,
    ) -> Option<&'a str> {
        if value.as_str().is_none() {
            self.expected(place, what, value);
        }
        value.as_str()
    }

    /// A whole number from 0.
    pub(crate) fn count(&mut self, place: &Place, value: &DeValue<'_>) -> Option<u64> {
        let Some(integer) = value.as_integer() else {
            self.expected(place, "a whole number such as 10", value);
            return None;
        };
        let count = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        if count.is_none() {
            let message =
                format!("expected a whole number from 0 to {}, found {integer}", u64::MAX);
            self.mistake(place, message);
        }
        count
    }

    /// One word of a closed list.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        place: &Place,
        value: &DeValue<'_>,
        kind: &str,
        accepted: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let names: Vec<_> = accepted.iter().map(|word| name(*word)).collect();
        let found = self.string(place, &format!("one of {}", quoted(&names)), value)?;
        let position = names.iter().position(|name| *name == found);
        if position.is_none() {
            self.mistake(place, unknown(kind, found, &names));
        }
        position.map(|position| accepted[position])
    }

    pub(crate) fn expected(&mut self, place: &Place, what: &str, found: &DeValue<'_>) {
        self.mistake(place, format!("expected {what}, found {}", type_name(found)));
    }
}

/// The value's type with its article: "an integer".
pub(crate) fn type_name(value: &DeValue<'_>) -> String {
    let article = if matches!(value, DeValue::Integer(_) | DeValue::Array(_)) { "an" } else { "a" };
    format!("{article} {}", value.type_str())
}

/// Every entry of a table, in the order of the file.
pub(crate) fn all_entries<'a>(place: &Place, table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref(),
            value: value.get_ref(),
            place: place.key(key.get_ref(), key.span().start),
        })
        .collect();
    entries.sort_by_key(|entry| entry.place.offset);
    entries
}

/// "unknown category `tol`; did you mean `tool`? accepted: …".
fn unknown(kind: &str, found: &str, accepted: &[&'static str]) -> String {
    let accepted_words = quoted(accepted);
    match nearest(found, accepted.iter().copied()) {
        Some(meant) => {
            format!("unknown {kind} `{found}`; did you mean `{meant}`? accepted: {accepted_words}")
        }
        None => format!("unknown {kind} `{found}`; accepted: {accepted_words}"),
    }
}

/// "`mean`, `p50`, `p95`".
pub(crate) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
