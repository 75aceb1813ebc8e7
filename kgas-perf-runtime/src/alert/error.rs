//! `AlertError`: why a rule, a setting or a person's request is not accepted.

use crate::alert::fingerprint::Fingerprint;

/// Why something is not accepted. Every message names the thing, the value and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlertError {
    /// A rule has a value that is not accepted. Change it where the rule is written.
    #[error("rule `{rule}`: `{field}` is {value}; accepted: {accepted}")]
    Rule {
        /// The rule's id.
        rule: String,
        /// What of it.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        accepted: String,
    },
    /// An inhibition has a value that is not accepted. Change it where it is written.
    #[error("inhibition `{inhibition}`: `{field}` is {value}; accepted: {accepted}")]
    Inhibition {
        /// The inhibition's name.
        inhibition: String,
        /// What of it.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        accepted: String,
    },
    /// A setting is not accepted: a tier's window or repeat time, a cap, a grouping.
    #[error("`{field}` is {value}; accepted: {accepted}")]
    Setting {
        /// Which one, with the tier where there is one: `critical.repeat`.
        field: String,
        /// What it is.
        value: String,
        /// What it may be.
        accepted: String,
    },
    /// A silence is not accepted. Ask for another.
    #[error("silence: `{field}` is {value}; accepted: {accepted}")]
    Silence {
        /// What of it.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        accepted: String,
    },
    /// A label is not accepted. Choose another name or value.
    #[error("label `{label}` is {value}; accepted: {accepted}")]
    Label {
        /// Its name.
        label: String,
        /// What it is.
        value: String,
        /// What it may be.
        accepted: &'static str,
    },
    /// Who acknowledges, resolves or ends something must say who they are, and some say why.
    #[error("`{field}` is {value}; accepted: {accepted}")]
    Person {
        /// What is missing or too long.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        accepted: String,
    },
    /// No alert with this fingerprint is open; it may have resolved meanwhile.
    #[error("no open alert has the fingerprint {fingerprint}")]
    NoSuchAlert {
        /// What was asked for.
        fingerprint: Fingerprint,
    },
    /// No incident with this number is open; it may have ended meanwhile.
    #[error("no open incident has the number {incident}")]
    NoSuchIncident {
        /// What was asked for.
        incident: u64,
    },
    /// No silence with this number is to come or lasts; it may have ended meanwhile.
    #[error("no silence has the number {silence}, or it has ended")]
    NoSuchSilence {
        /// What was asked for.
        silence: u64,
    },
}

/// The longest name of a person.
const LONGEST_WHO: usize = 200;
/// The longest reason.
const LONGEST_WHY: usize = 1_000;

/// Whether a person said who they are.
pub(crate) fn check_who(field: &'static str, who: &str) -> Result<(), AlertError> {
    check_words(field, who, LONGEST_WHO)
}

/// Whether a person said why.
pub(crate) fn check_why(field: &'static str, why: &str) -> Result<(), AlertError> {
    check_words(field, why, LONGEST_WHY)
}

fn check_words(field: &'static str, text: &str, longest: usize) -> Result<(), AlertError> {
    let length = text.chars().count();
    let value = if text.trim().is_empty() {
        "empty".to_owned()
    } else if length > longest {
        format!("{length} characters long")
    } else {
        return Ok(());
    };
    Err(AlertError::Person { field, value, accepted: format!("1 to {longest} characters") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_says_who_in_200_characters() {
        assert_eq!(check_who("who", "ada"), Ok(()));
        assert_eq!(check_who("who", &"ä".repeat(200)), Ok(()));
        let refused = |who: &str| check_who("who", who).unwrap_err().to_string();
        assert_eq!(refused(" "), "`who` is empty; accepted: 1 to 200 characters");
        assert_eq!(
            refused(&"a".repeat(201)),
            "`who` is 201 characters long; accepted: 1 to 200 characters"
        );
    }
}
