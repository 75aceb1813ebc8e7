//! `OperationSpec`: what a catalogue says of one operation.

use crate::category::Category;
use crate::objective::Objective;

/// What a catalogue says of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationSpec {
    /// Its name: lower-case letters, digits and `_`, beginning with a letter.
    pub name: String,
    /// The kind of work it is.
    pub category: Category,
    /// The bounds it is meant to keep, in the order of the file; there may be none.
    pub objectives: Vec<Objective>,
}

/// Whether a name is one an operation can have, with at most [`LONGEST_NAME`] characters.
pub(crate) fn is_operation_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Longer names would not fit a table that a person reads.
pub(crate) const LONGEST_NAME: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_snake_case() {
        assert!(is_operation_name("graph_to_table"));
        assert!(is_operation_name("step2"));
        for bad in ["", "2nd_step", "_private", "graphToTable", "graph-to-table", "überlauf"] {
            assert!(!is_operation_name(bad), "{bad} passed");
        }
        assert!(is_operation_name(&"a".repeat(LONGEST_NAME)));
        assert!(!is_operation_name(&"a".repeat(LONGEST_NAME + 1)));
    }
}
