//! A first round, and a second where the first found something or could not tell.

use super::answer::{Answer, Doubt};
use super::judge::{Beside, Rule, judge};
use crate::baselines::Entry;
use crate::timing::Session;

/// Whether a first round needs a second one.
pub(crate) fn needs_a_second(first: &Beside, rule: &Rule) -> bool {
    match first.answer {
        Answer::Kept => first.effect.ln_1p().abs() > rule.threshold.ln_1p(),
        Answer::Slower | Answer::Faster => true,
        Answer::Inconclusive(doubt) => doubt.more_helps(),
        _ => false,
    }
}

/// The answer of both rounds together: what the first found counts if the second by itself lies
/// beyond the threshold too, on the same side.
pub(crate) fn both(
    entry: &Entry,
    same_class: bool,
    (first, second): (&[Session], &[Session]),
    rule: &Rule,
) -> Beside {
    let sessions: Vec<Session> = first.iter().chain(second).cloned().collect();
    let mut together = judge(entry, same_class, &sessions, rule);
    if second.is_empty() {
        // Nothing fails that was seen once.
        if matches!(together.answer, Answer::Slower | Answer::Faster) {
            together.answer = Answer::Inconclusive(Doubt::NotConfirmed);
        }
        return together;
    }
    let alone = [first, second].map(|round| judge(entry, same_class, round, rule));
    let confirmed = |beyond: fn(f64, f64) -> bool| {
        alone.iter().all(|round| beyond(round.effect.ln_1p(), rule.threshold.ln_1p()))
    };
    let stands = match together.answer {
        Answer::Slower => confirmed(|effect, threshold| effect > threshold),
        Answer::Faster => confirmed(|effect, threshold| effect < -threshold),
        _ => true,
    };
    let doubtful = alone[0].answer == Answer::Slower && together.answer == Answer::Kept;
    if !stands || doubtful {
        together.answer = Answer::Inconclusive(Doubt::NotConfirmed);
    }
    together
}
