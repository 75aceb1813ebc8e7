//! `Subject`: what an alert is about.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::alert::error::AlertError;
use crate::catalog::SizeClass;

/// The label that names an operation.
pub const OPERATION: &str = "operation";
/// The label that names an operation's size class.
pub const SIZE_CLASS: &str = "size_class";
/// The label that names a component.
pub const COMPONENT: &str = "component";
/// The label that names a resource.
pub const RESOURCE: &str = "resource";

/// Labels that a subject has of itself, or that matchers read from the alert.
const RESERVED: [&str; 6] = [OPERATION, SIZE_CLASS, COMPONENT, RESOURCE, "rule", "severity"];
/// Most labels that are added.
const MOST_LABELS: usize = 16;
/// The longest name of a label.
const LONGEST_NAME: usize = 64;
/// The longest value of a label.
const LONGEST_VALUE: usize = 256;

/// What an alert is about: an operation and size class, a resource, or a component of the monitor
/// itself, such as its collector or its store. Labels are sorted by name.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::alert::Subject;
/// use kgas_perf_runtime::catalog::SizeClass;
///
/// let subject = Subject::operation("import", SizeClass::Small);
/// assert_eq!(subject.to_string(), "import (small)");
/// let labelled = Subject::resource("disk").with_label("mount", "/var").unwrap();
/// assert_eq!(labelled.to_string(), "disk [mount=/var]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    labels: BTreeMap<String, String>,
}

impl Subject {
    /// The calls of one operation and size class.
    pub fn operation(name: &str, class: SizeClass) -> Self {
        let labels = [(OPERATION, name), (SIZE_CLASS, class.as_str())];
        Self { labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into() }
    }

    /// A part of the monitor, such as `collector` or `store`.
    pub fn component(name: &str) -> Self {
        Self { labels: [(COMPONENT.to_owned(), name.to_owned())].into() }
    }

    /// Something of the process or the host that can run short, such as `memory`.
    pub fn resource(name: &str) -> Self {
        Self { labels: [(RESOURCE.to_owned(), name.to_owned())].into() }
    }

    /// The same with one more label.
    ///
    /// # Errors
    /// If the name is not 1 to 64 characters of a-z, 0-9 and `_` with a letter first, is one of
    /// the subject's own, `rule` or `severity`, or is there already; if the value is empty or
    /// longer than 256 characters; if there would be more than 16.
    pub fn with_label(mut self, name: &str, value: &str) -> Result<Self, AlertError> {
        let refused = |value: String, accepted| {
            Err(AlertError::Label { label: name.to_owned(), value, accepted })
        };
        let letters = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let begins = name.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if !letters || !begins || name.len() > LONGEST_NAME {
            let accepted = "a name of 1 to 64 characters of a-z, 0-9 and `_`, a letter first";
            return refused("not a name of a label".to_owned(), accepted);
        }
        if RESERVED.contains(&name) {
            let accepted = "a name other than operation, size_class, component, resource, rule \
                            and severity";
            return refused("reserved".to_owned(), accepted);
        }
        if self.labels.contains_key(name) {
            return refused("there already".to_owned(), "one value a name");
        }
        let length = value.chars().count();
        if length == 0 || length > LONGEST_VALUE {
            return refused(format!("{length} characters long"), "1 to 256 characters");
        }
        if self.added().count() >= MOST_LABELS {
            return refused("one too many".to_owned(), "at most 16 labels");
        }
        self.labels.insert(name.to_owned(), value.to_owned());
        Ok(self)
    }

    /// All labels, by name.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// One label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }

    /// The name of the operation, component or resource.
    pub fn name(&self) -> &str {
        [OPERATION, COMPONENT, RESOURCE].into_iter().find_map(|name| self.label(name)).unwrap_or("")
    }

    /// The labels that were added.
    fn added(&self) -> impl Iterator<Item = (&String, &String)> {
        self.labels.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()))
    }
}

/// The name, the size class if calls are sorted by size, and what was added.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        if let Some(class) = self.label(SIZE_CLASS)
            && class != SizeClass::Unsized.as_str()
        {
            write!(f, " ({class})")?;
        }
        let mut separator = " [";
        for (name, value) in self.added() {
            write!(f, "{separator}{name}={value}")?;
            separator = ", ";
        }
        if separator == ", " { f.write_str("]") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_as_people_say_it() {
        let said = |subject: Subject| subject.to_string();
        assert_eq!(said(Subject::operation("import", SizeClass::Unsized)), "import");
        assert_eq!(said(Subject::operation("import", SizeClass::Large)), "import (large)");
        assert_eq!(said(Subject::component("store")), "store");
        let labelled = Subject::operation("import", SizeClass::Tiny).with_label("graph", "wiki");
        assert_eq!(said(labelled.unwrap()), "import (tiny) [graph=wiki]");
    }

    #[test]
    fn labels_that_would_confuse_are_refused() {
        let refused = |name: &str, value: &str| {
            Subject::component("store").with_label(name, value).unwrap_err().to_string()
        };
        let name = "a name of 1 to 64 characters of a-z, 0-9 and `_`, a letter first";
        for bad in ["", "1st", "Zone", "a-b", "ä", &"a".repeat(65)] {
            let expected = format!("label `{bad}` is not a name of a label; accepted: {name}");
            assert_eq!(refused(bad, "x"), expected);
        }
        assert_eq!(
            refused("severity", "info"),
            "label `severity` is reserved; accepted: a name other than operation, size_class, \
             component, resource, rule and severity"
        );
        assert_eq!(
            refused("zone", ""),
            "label `zone` is 0 characters long; accepted: 1 to 256 characters"
        );
        let twice = Subject::component("store").with_label("zone", "a").unwrap();
        assert_eq!(
            twice.with_label("zone", "b").unwrap_err().to_string(),
            "label `zone` is there already; accepted: one value a name"
        );
    }

    #[test]
    fn there_are_at_most_sixteen_labels() {
        let add = |subject: Subject, number: usize| subject.with_label(&format!("l{number}"), "x");
        let full = (0..16).try_fold(Subject::component("store"), add).unwrap();
        let message = add(full, 16).unwrap_err().to_string();
        assert_eq!(message, "label `l16` is one too many; accepted: at most 16 labels");
    }
}
