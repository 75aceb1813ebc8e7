//! `Finding`: what was found in a tick, and about what.

use crate::alert::Subject;
use crate::detect::Verdict;

/// What was found in a tick: it was not there at the tick before, or it was milder.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about: an operation and size class, or a part of the monitor.
    pub subject: Subject,
    /// What was found.
    pub verdict: Verdict,
    /// Whether what it was judged by is fit to page by: an established baseline, or an objective.
    pub mature: bool,
}
