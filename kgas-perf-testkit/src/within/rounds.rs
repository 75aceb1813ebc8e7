//! Rounds: one process, and more of them where it found something or could not tell.

use super::answer::{Answer, Doubt};
use super::judge::{Before, Beside, MAY_DIFFER, Rule, judge};
use super::side::standard_error;
use crate::timing::Session;

/// Processes that take a baseline, and by how many they become more where they differ.
pub(crate) const BASELINE: [usize; 3] = [6, 4, 6];
/// The share of the threshold by which a baseline may be off, one standard error.
const STEADY: f64 = 0.1;
/// Processes of the rounds after the first, which is the test's own. The last is for a difference
/// that is seen and not sure.
pub(crate) const FURTHER: [usize; 4] = [2, 3, 6, 12];

/// Whether what was taken for a baseline is so unsteady that more processes are asked.
pub(crate) fn is_unsteady(sessions: &[Session], rule: &Rule) -> bool {
    standard_error(sessions) > STEADY * rule.threshold.ln_1p()
}

/// A difference of so many thresholds is looked for in all rounds but the last, where it may hide.
const HIDDEN: f64 = 1.5;

/// Whether what was found so far, or was not, asks for another round: a difference in either
/// direction, one that may hide, or a doubt that more processes may settle. What two rounds are sure
/// of is settled.
pub(crate) fn needs_another(so_far: &Beside, rounds: usize, rule: &Rule) -> bool {
    let threshold = rule.threshold.ln_1p();
    let (low, high) = so_far.interval;
    let reaches = (-low.ln_1p()).max(high.ln_1p());
    let last = rounds >= FURTHER.len();
    match so_far.answer {
        Answer::Kept if !last => {
            so_far.effect.ln_1p().abs() > threshold || reaches > HIDDEN * threshold
        }
        Answer::Slower | Answer::Faster => rounds < 2,
        Answer::Inconclusive(doubt) if last => doubt.is_of_a_difference(),
        Answer::Inconclusive(doubt) => doubt.more_helps(),
        _ => false,
    }
}

fn is_sure(judged: &Beside) -> bool {
    matches!(judged.answer, Answer::Slower | Answer::Faster)
}

/// The share of the threshold beyond which each round lies of what all together are sure of.
const EACH: f64 = 0.5;

/// The answer of all rounds together: what they find counts if each by itself points to the same
/// side, but for those that were as few processes of all as may differ.
pub(crate) fn together(before: &Before, rounds: &[Vec<Session>], rule: &Rule) -> Beside {
    let mut together = judge(before, &rounds.concat(), rule);
    let alone: Vec<Beside> = rounds.iter().map(|round| judge(before, round, rule)).collect();
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
    let least = EACH * rule.threshold.ln_1p();
    let otherwise = alone.iter().filter(|round| side * round.effect.ln_1p() <= least);
    let otherwise: usize = otherwise.map(|round| round.processes.1).sum();
    // Nothing is said that was seen once.
    if rounds.len() < 2 || otherwise > together.processes.1 / MAY_DIFFER {
        together.answer = Answer::Inconclusive(Doubt::NotConfirmed);
    }
    together
}
