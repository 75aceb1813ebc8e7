//! `Mark`: something that was changed, such as a deploy.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::moment::Moment;

/// What kind of change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Another version of the program runs.
    Deploy,
    /// A setting was changed.
    Config,
    /// A load test began or ended.
    LoadTest,
    /// A baseline was learned anew, or accepted by a person.
    Baseline,
    /// The process began.
    Restart,
    /// Anything else.
    Other,
}

impl Change {
    /// The name used in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Config => "config change",
            Self::LoadTest => "load test",
            Self::Baseline => "new baseline",
            Self::Restart => "restart",
            Self::Other => "change",
        }
    }
}

/// Something that was changed, and may be why something else did.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: Moment,
    /// What kind of change.
    pub what: Change,
    /// Which change, for a person: a version, a setting.
    pub text: String,
}

/// The same change told twice within this time is one: several processes tell of one deploy.
const SAME_WITHIN: Duration = Duration::from_secs(60);
/// The longest text, in characters.
const LONGEST: usize = 500;
/// Marks that an alert keeps.
const KEPT: usize = 8;

/// Adds a mark, and answers whether it was new. `most` are kept; answers how many were dropped.
pub(crate) fn add(
    marks: &mut VecDeque<Mark>,
    at: Moment,
    what: Change,
    text: &str,
    most: usize,
) -> (bool, u64) {
    let text: String = if text.chars().count() > LONGEST {
        text.chars().take(LONGEST - 1).chain(['…']).collect()
    } else {
        text.to_owned()
    };
    let same =
        |mark: &Mark| mark.what == what && mark.text == text && at.since(mark.at) < SAME_WITHIN;
    if marks.iter().any(same) {
        return (false, 0);
    }
    marks.push_back(Mark { at, what, text });
    let mut dropped = 0;
    while marks.len() > most {
        marks.pop_front();
        dropped += 1;
    }
    (true, dropped)
}

/// What changed in the time before something began, and until it was found; the latest first.
pub(crate) fn between(
    marks: &VecDeque<Mark>,
    onset: Moment,
    window: Duration,
    found: Moment,
) -> Vec<Mark> {
    let from = onset.lived.saturating_sub(window);
    let in_time = |mark: &&Mark| (from..=found.lived).contains(&mark.at.lived);
    marks.iter().rev().filter(in_time).take(KEPT).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Moment {
        Moment { lived: Duration::from_secs(secs), unix: Duration::ZERO }
    }

    fn marks(times: &[u64]) -> VecDeque<Mark> {
        times
            .iter()
            .map(|secs| Mark { at: at(*secs), what: Change::Deploy, text: secs.to_string() })
            .collect()
    }

    #[test]
    fn one_deploy_told_by_two_processes_is_one_mark() {
        let mut marks = VecDeque::new();
        assert_eq!(add(&mut marks, at(0), Change::Deploy, "v2", 9), (true, 0));
        assert_eq!(add(&mut marks, at(59), Change::Deploy, "v2", 9), (false, 0));
        assert_eq!(add(&mut marks, at(59), Change::Deploy, "v3", 9), (true, 0));
        assert_eq!(add(&mut marks, at(60), Change::Deploy, "v2", 9), (true, 0));
        assert_eq!(marks.len(), 3);
    }

    #[test]
    fn the_oldest_mark_makes_room_and_is_counted() {
        let mut marks = marks(&[1, 2]);
        assert_eq!(add(&mut marks, at(100), Change::Config, "x", 2), (true, 1));
        assert_eq!(marks.front().map(|mark| mark.at), Some(at(2)));
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let mut marks = VecDeque::new();
        add(&mut marks, at(0), Change::Other, &"ä".repeat(501), 9);
        let text = &marks[0].text;
        assert_eq!(text.chars().count(), 500);
        assert!(text.ends_with("ä…"));
    }

    #[test]
    fn what_changed_lies_in_the_window_before_the_onset_and_until_it_was_found() {
        let all = marks(&[99, 100, 150, 200, 230, 231]);
        let found = between(&all, at(200), Duration::from_secs(100), at(230));
        let times: Vec<_> = found.iter().map(|mark| mark.at.lived.as_secs()).collect();
        assert_eq!(times, [230, 200, 150, 100]);
    }
}
