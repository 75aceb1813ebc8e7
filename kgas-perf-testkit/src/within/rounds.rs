//! Looks: one process, and more of them where they found something or could not tell.

use super::answer::{Answer, Doubt};
use super::judge::{Beside, Rule, judge};
use crate::baselines::Entry;
use crate::timing::Session;

/// Processes that take a baseline.
pub(crate) const BASELINE: usize = 6;
/// Processes of the second look and of the third; the first is the test's own.
pub(crate) const LOOK_AGAIN: [usize; 2] = [2, 3];

/// Whether what was found so far, or was not, asks for another look: a difference in either
/// direction, or a doubt that more processes may settle. What two looks are sure of is settled.
pub(crate) fn needs_another(so_far: &Beside, looks: usize, rule: &Rule) -> bool {
    match so_far.answer {
        Answer::Kept => so_far.effect.ln_1p().abs() > rule.threshold.ln_1p(),
        Answer::Slower | Answer::Faster => looks < 2,
        Answer::Inconclusive(doubt) => doubt.more_helps(),
        _ => false,
    }
}

/// The answer of all looks together: what they find counts if each by itself lies beyond the
/// threshold too, on the same side.
pub(crate) fn together(
    entry: &Entry,
    same_class: bool,
    looks: &[Vec<Session>],
    rule: &Rule,
) -> Beside {
    let mut together = judge(entry, same_class, &looks.concat(), rule);
    let alone = looks.iter().map(|look| judge(entry, same_class, look, rule));
    let alone: Vec<Beside> = alone.collect();
    let side = match together.answer {
        Answer::Slower => 1.0,
        Answer::Faster => -1.0,
        // What the first look was sure of and all together are not is no peace.
        Answer::Kept if matches!(alone[0].answer, Answer::Slower | Answer::Faster) => {
            together.answer = Answer::Inconclusive(Doubt::NotConfirmed);
            return together;
        }
        _ => return together,
    };
    let threshold = rule.threshold.ln_1p();
    // Nothing is said that was seen once.
    if looks.len() < 2 || alone.iter().any(|look| side * look.effect.ln_1p() <= threshold) {
        together.answer = Answer::Inconclusive(Doubt::NotConfirmed);
    }
    together
}
