//! `Matcher`: which alerts a silence or an inhibition means.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::alert::life::Alert;
use crate::alert::subject::Subject;
use crate::measure::Severity;

/// The name under which a matcher reads an alert's rule.
const RULE: &str = "rule";

/// One condition of a matcher.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// The label is there and has this value. `rule` is the alert's rule.
    Is(String, String),
    /// The label is not there or has another value.
    IsNot(String, String),
    /// The label is there and its value begins so.
    StartsWith(String, String),
    /// The alert is at least so severe.
    AtLeast(Severity),
    /// The alert is at most so severe.
    AtMost(Severity),
}

/// Which alerts are meant: those for which all terms hold.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::alert::Matcher;
/// use kgas_perf_runtime::measure::Severity;
///
/// let matcher = Matcher::is("operation", "import").at_most(Severity::Warning);
/// assert_eq!(matcher.to_string(), "operation = import and severity ≤ warning");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Matcher {
    /// The terms; none means every alert.
    pub terms: Vec<Term>,
}

impl Matcher {
    /// Every alert.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Alerts of one rule.
    pub fn rule(id: &str) -> Self {
        Self::is(RULE, id)
    }

    /// Alerts on exactly this subject.
    pub fn subject(subject: &Subject) -> Self {
        let terms = subject.labels().iter().map(|(n, v)| Term::Is(n.clone(), v.clone())).collect();
        Self { terms }
    }

    /// Alerts whose label has this value.
    pub fn is(label: &str, value: &str) -> Self {
        Self::everything().and(Term::Is(label.to_owned(), value.to_owned()))
    }

    /// Those of them that are at least so severe.
    pub fn at_least(self, severity: Severity) -> Self {
        self.and(Term::AtLeast(severity))
    }

    /// Those of them that are at most so severe.
    pub fn at_most(self, severity: Severity) -> Self {
        self.and(Term::AtMost(severity))
    }

    /// Those of them for which one more term holds.
    pub fn and(mut self, term: Term) -> Self {
        self.terms.push(term);
        self
    }

    /// Whether an alert is meant.
    pub fn matches(&self, alert: &Alert) -> bool {
        self.means(&alert.rule, &alert.subject, alert.severity)
    }

    pub(crate) fn means(&self, rule: &str, subject: &Subject, severity: Severity) -> bool {
        let label = |name: &str| if name == RULE { Some(rule) } else { subject.label(name) };
        self.terms.iter().all(|term| match term {
            Term::Is(name, value) => label(name) == Some(value),
            Term::IsNot(name, value) => label(name) != Some(value),
            Term::StartsWith(name, begin) => {
                label(name).is_some_and(|value| value.starts_with(begin.as_str()))
            }
            Term::AtLeast(least) => severity >= *least,
            Term::AtMost(most) => severity <= *most,
        })
    }

    /// The first mistake in it: of which field, what it is, and what is accepted.
    pub(crate) fn mistake(&self) -> Option<(&'static str, String, String)> {
        if self.terms.len() > MOST_TERMS {
            let found = format!("{} terms long", self.terms.len());
            return Some(("matcher", found, format!("at most {MOST_TERMS} terms")));
        }
        self.terms.iter().find_map(|term| match term {
            Term::Is(name, value) | Term::IsNot(name, value) | Term::StartsWith(name, value) => {
                let fits = |text: &str| (1..=LONGEST).contains(&text.chars().count());
                (!fits(name) || !fits(value)).then(|| {
                    let accepted = format!("a label and a value of 1 to {LONGEST} characters");
                    ("matcher", format!("`{term}`"), accepted)
                })
            }
            Term::AtLeast(_) | Term::AtMost(_) => None,
        })
    }
}

/// Most terms of a matcher.
const MOST_TERMS: usize = 32;
/// The longest label or value in a matcher.
const LONGEST: usize = 256;

/// The terms, with `and` between them; `every alert` without one.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return f.write_str("every alert");
        }
        for (number, term) in self.terms.iter().enumerate() {
            if number > 0 {
                f.write_str(" and ")?;
            }
            write!(f, "{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(label, value) => write!(f, "{label} = {value}"),
            Self::IsNot(label, value) => write!(f, "{label} ≠ {value}"),
            Self::StartsWith(label, begin) => write!(f, "{label} = {begin}…"),
            Self::AtLeast(severity) => write!(f, "severity ≥ {}", severity.as_str()),
            Self::AtMost(severity) => write!(f, "severity ≤ {}", severity.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SizeClass;

    fn means(matcher: &Matcher) -> bool {
        let subject = Subject::operation("import", SizeClass::Small);
        matcher.means("slower", &subject, Severity::Warning)
    }

    fn term(make: fn(String, String) -> Term, label: &str, value: &str) -> Matcher {
        Matcher::everything().and(make(label.to_owned(), value.to_owned()))
    }

    #[test]
    fn each_term_means_what_it_says() {
        for (matcher, expected) in [
            (Matcher::everything(), true),
            (Matcher::rule("slower"), true),
            (Matcher::rule("errors"), false),
            (Matcher::is("operation", "import"), true),
            (Matcher::is("operation", "Import"), false),
            (Matcher::is("zone", "a"), false),
            (term(Term::IsNot, "operation", "import"), false),
            (term(Term::IsNot, "zone", "a"), true),
            (term(Term::StartsWith, "operation", "imp"), true),
            (term(Term::StartsWith, "operation", "port"), false),
            (Matcher::everything().at_least(Severity::Warning), true),
            (Matcher::everything().at_least(Severity::Critical), false),
            (Matcher::everything().at_most(Severity::Warning), true),
            (Matcher::everything().at_most(Severity::Info), false),
            (Matcher::rule("slower").at_most(Severity::Info), false),
            (Matcher::subject(&Subject::operation("import", SizeClass::Small)), true),
            (Matcher::subject(&Subject::operation("import", SizeClass::Large)), false),
        ] {
            assert_eq!(means(&matcher), expected, "{matcher}");
        }
    }

    #[test]
    fn a_term_without_a_label_or_value_is_a_mistake() {
        let (field, found, accepted) = Matcher::is("operation", "").mistake().unwrap();
        assert_eq!((field, found.as_str()), ("matcher", "`operation = `"));
        assert_eq!(accepted, "a label and a value of 1 to 256 characters");
        assert_eq!(Matcher::rule("slower").mistake(), None);
    }
}
