//! The next step: what to do about an alert, in a sentence or two.

use std::time::Duration;

use crate::alert::life::Alert;
use crate::alert::mark::{Change, Mark};
use crate::alert::state::State;
use crate::alert::subject::{COMPONENT, OPERATION};
use crate::detect::Kind;

/// What to do about an alert: the rule's own sentence where it has one, else one that follows
/// from the kind of verdict, and before it what changed shortly before.
pub(crate) fn next_step(alert: &Alert, of_rule: Option<&str>) -> String {
    if let Some(sentence) = of_rule {
        return sentence.to_owned();
    }
    let subject = &alert.subject;
    match alert.state {
        State::NoData => {
            return format!(
                "See whether {subject} still runs and is still read; if it was retired, resolve \
                 this alert by hand."
            );
        }
        State::Stale => {
            return format!(
                "See whether the collector still ticks: nothing has judged {subject} since then."
            );
        }
        _ => {}
    }
    let step = match alert.evidence.kind {
        Some(kind) => of_kind(kind, &subject.to_string()),
        None if subject.label(COMPONENT).is_some() => format!(
            "See why {subject} fails: its last errors, the disk and the network behind it. Until \
             then readings may be lost."
        ),
        None if subject.label(OPERATION).is_some() => {
            format!("Look at the slowest calls of {subject}, and at the resources at the time.")
        }
        None => format!(
            "Find what uses {subject}, by the operations that run most; free some of it or add \
             more."
        ),
    };
    let suspect = suspect(alert).map(|(mark, ago)| after(mark, ago, alert.evidence.kind));
    suspect.map_or(step.clone(), |suspect| format!("{suspect} {step}"))
}

fn of_kind(kind: Kind, subject: &str) -> String {
    match kind {
        Kind::Location => format!(
            "Compare the slowest calls of {subject} with the resources at the time: if one is \
             short, ease it, else profile the operation."
        ),
        Kind::Tail => format!(
            "The typical call of {subject} is as it was, so look at what only some calls meet: \
             large inputs, locks, retries, cold caches, pauses of a collector of memory."
        ),
        Kind::Errors => format!(
            "Read the last errors of {subject}, and see whether what it calls is there and answers."
        ),
        Kind::Drift => format!(
            "See what grows with time behind {subject}: tables without an index, caches, files, \
             the size of its inputs."
        ),
        Kind::Improvement => format!(
            "If {subject} is meant to be faster now, accept the new baseline; if not, see whether \
             it skips work."
        ),
        Kind::Memory => format!(
            "See what the calls of {subject} keep: caches without a bound, lists that only grow, \
             handles that stay open."
        ),
        Kind::Objective => format!(
            "Weigh the objective of {subject} against what it does now: make it faster, or agree \
             on another objective."
        ),
        Kind::Unresponsive => format!(
            "See what the oldest call of {subject} waits for: a lock, a connection, an answer. If \
             it does not return, restart what it waits for."
        ),
        Kind::DataLoss => format!(
            "See why {subject} loses what it was given: a full disk, a queue that nobody empties, \
             a part that has stopped. What is lost is counted and cannot be had again."
        ),
    }
}

/// The latest change before it began, and how long before that was.
fn suspect(alert: &Alert) -> Option<(&Mark, Duration)> {
    let onset = alert.onset?;
    let mark = alert.marks.iter().find(|mark| mark.at.lived <= onset.lived)?;
    Some((mark, onset.since(mark.at)))
}

fn after(mark: &Mark, ago: Duration, kind: Option<Kind>) -> String {
    let about = match mark.text.trim() {
        "" => String::new(),
        text => format!(" ({text})"),
    };
    let what = mark.what.as_str();
    let begin = format!("It began {} after a {what}{about}.", spoken(ago));
    match mark.what {
        Change::Deploy if kind != Some(Kind::Improvement) => {
            format!("{begin} Compare with the version before, or go back to it.")
        }
        Change::Config => format!("{begin} See whether setting it back helps."),
        Change::LoadTest => format!("{begin} If that still runs, this is its doing."),
        _ => begin,
    }
}

/// A time as people say it, in its largest unit.
pub(crate) fn spoken(time: Duration) -> String {
    let secs = time.as_secs();
    match secs {
        0..60 => format!("{secs} s"),
        60..3_600 => format!("{} min", secs / 60),
        3_600..86_400 => format!("{} h", secs / 3_600),
        _ => format!("{} d", secs / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::life::tests::alert;
    use crate::alert::{Evidence, Moment, Subject};
    use crate::catalog::SizeClass;

    fn of_kind(kind: Kind) -> Alert {
        let mut alert = alert(Subject::operation("import", SizeClass::Small));
        alert.evidence = Evidence { kind: Some(kind), ..Evidence::default() };
        alert
    }

    #[test]
    fn every_kind_has_a_step_of_its_own_that_names_the_subject() {
        let steps: std::collections::BTreeSet<_> =
            Kind::ALL.into_iter().map(|kind| next_step(&of_kind(kind), None)).collect();
        assert_eq!(steps.len(), Kind::ALL.len());
        assert!(steps.iter().all(|step| step.contains("import (small)") && step.ends_with('.')));
    }

    #[test]
    fn the_change_before_it_began_comes_first() {
        let mut alert = of_kind(Kind::Errors);
        let at = |secs| Moment { lived: Duration::from_secs(secs), unix: Duration::ZERO };
        alert.onset = Some(at(1_000));
        let mark = |secs, what, text: &str| Mark { at: at(secs), what, text: text.to_owned() };
        alert.marks =
            vec![mark(1_010, Change::Config, "pool = 4"), mark(760, Change::Deploy, "v2.1")];
        assert_eq!(
            next_step(&alert, None),
            "It began 4 min after a deploy (v2.1). Compare with the version before, or go back to \
             it. Read the last errors of import (small), and see whether what it calls is there \
             and answers."
        );
    }

    #[test]
    fn the_rules_own_sentence_wins() {
        assert_eq!(next_step(&of_kind(Kind::Tail), Some("Call Ada.")), "Call Ada.");
    }

    #[test]
    fn missing_data_asks_other_questions() {
        let mut alert = of_kind(Kind::Tail);
        alert.state = State::NoData;
        assert!(next_step(&alert, None).starts_with("See whether import (small) still runs"));
        alert.state = State::Stale;
        assert!(next_step(&alert, None).starts_with("See whether the collector still ticks"));
    }

    #[test]
    fn times_are_spoken_in_their_largest_unit() {
        let said = [0, 59, 60, 3_599, 3_600, 86_399, 86_400 * 3]
            .map(|secs| spoken(Duration::from_secs(secs)));
        assert_eq!(said, ["0 s", "59 s", "1 min", "59 min", "1 h", "23 h", "3 d"]);
    }
}
