//! Takes inputs through the steps until baselines stand, then slows one step.

use std::num::NonZeroU32;

use arrow_schema::ArrowError;

use crate::{args::Slow, input::Input, neighbours, progress::Progress, steps::Round};

/// Calls of the slowed step: enough to see that each is told.
pub(crate) const SLOWED_CALLS: u32 = 5;

/// Entities whose neighbours are compared with all others to state the recall of a large graph.
const RECALL_ENTITIES: usize = 200;

/// What became of one input.
#[derive(Debug)]
pub(crate) struct Converted {
    /// Rounds through all steps.
    pub(crate) rounds: u32,
    /// The results of the last round.
    pub(crate) round: Round,
    /// Share of the true nearest neighbours that were found; none without any.
    pub(crate) recall: Option<f64>,
    /// The step that was slowed, if one was.
    pub(crate) slowed: Option<Slow>,
}

/// Takes one input through all steps, `rounds` times, then calls one step slowed.
///
/// `choose` is asked between the two, when all normal calls are done: it lets baselines be learned
/// and answers which step to slow, if any.
///
/// # Errors
///
/// When Arrow refuses a table.
pub(crate) fn convert(
    input: &Input,
    rounds: NonZeroU32,
    progress: &Progress,
    choose: impl FnOnce() -> Option<Slow>,
) -> Result<Converted, ArrowError> {
    let name = input.name();
    let bar = progress.rounds(&name, rounds.get());
    let mut round = Round::of(&input.graph)?;
    bar.advance();
    for _ in 1..rounds.get() {
        round = Round::of(&input.graph)?;
        bar.advance();
    }
    drop(bar);

    let slowed = choose();
    if let Some(Slow { step, factor }) = slowed {
        let operation = step.operation();
        progress.say(&format!(
            "{name}: now {SLOWED_CALLS} calls of {operation} that do their work {factor} times"
        ));
        for _ in 0..SLOWED_CALLS {
            round.call_again(&input.graph, step, factor)?;
        }
    }

    let stride = round.vectors.len().div_ceil(RECALL_ENTITIES);
    let recall = neighbours::recall(&round.likeness, &round.vectors, stride);
    Ok(Converted { rounds: rounds.get(), round, recall, slowed })
}
