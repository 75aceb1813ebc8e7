//! Rounds: one process, and more of them where it found something or could not tell.

use super::answer::{Answer, Doubt};
use super::judge::{Beside, Rule, judge};
use crate::baselines::Entry;
use crate::timing::Session;

/// Processes that take a baseline.
pub(crate) const BASELINE: usize = 6;
/// Processes of the second round and of the third; the first is the test's own.
pub(crate) const FURTHER: [usize; 2] = [2, 3];

/// Whether what was found so far, or was not, asks for another round: a difference in either
/// direction, or a doubt that more processes may settle. What two rounds are sure of is settled.
pub(crate) fn needs_another(so_far: &Beside, rounds: usize, rule: &Rule) -> bool {
    match so_far.answer {
        Answer::Kept => so_far.effect.ln_1p().abs() > rule.threshold.ln_1p(),
        Answer::Slower | Answer::Faster => rounds < 2,
        Answer::Inconclusive(doubt) => doubt.more_helps(),
        _ => false,
    }
}

fn is_sure(judged: &Beside) -> bool {
    matches!(judged.answer, Answer::Slower | Answer::Faster)
}

/// The answer of all rounds together: what they find counts if each by itself lies beyond the
/// threshold too, on the same side.
pub(crate) fn together(
    entry: &Entry,
    same_class: bool,
    rounds: &[Vec<Session>],
    rule: &Rule,
) -> Beside {
    let mut together = judge(entry, same_class, &rounds.concat(), rule);
    let alone: Vec<Beside> =
        rounds.iter().map(|round| judge(entry, same_class, round, rule)).collect();
    let side = match together.answer {
        Answer::Slower => 1.0,
        Answer::Faster => -1.0,
        // What the first round was sure of and all together are not is no peace.
        Answer::Kept if alone.first().is_some_and(is_sure) => {
            together.answer = Answer::Inconclusive(Doubt::NotConfirmed);
            return together;
        }
        _ => return together,
    };
    let threshold = rule.threshold.ln_1p();
    // Nothing is said that was seen once.
    if rounds.len() < 2 || alone.iter().any(|round| side * round.effect.ln_1p() <= threshold) {
        together.answer = Answer::Inconclusive(Doubt::NotConfirmed);
    }
    together
}
