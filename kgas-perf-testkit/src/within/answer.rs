//! `Answer`: what an assertion says, and `Doubt`: why it does not.

/// What an assertion says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// The operation is as its baseline says.
    Kept,
    /// It is slower: the test fails.
    Slower,
    /// It is faster: the test passes and says so, and the baseline may be renewed.
    Faster,
    /// Nobody can tell: shown, and a failure where the assertion is strict.
    Inconclusive(Doubt),
    /// There is no baseline yet: shown, and a failure where the assertion is strict.
    New,
    /// It was not judged, because this is a debug build.
    NotJudged,
}

impl Answer {
    /// The name used in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::Inconclusive(_) => "inconclusive",
            Self::New => "new",
            Self::NotJudged => "not judged",
        }
    }
}

/// Why an assertion is inconclusive, and what would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Doubt {
    /// There are too few samples to find any difference.
    TooFewSamples,
    /// Every timing is zero.
    ClockTooCoarse,
    /// It seems slower or faster, and the threshold lies within the interval.
    NotSure,
    /// The operation differed from itself within the run.
    NotQuiet,
    /// The test had to wait for a processor too often.
    Busy,
    /// Some replicates say otherwise.
    ReplicatesDisagree,
    /// It differs in yardsticks and not in time: the machine's pace has changed, and the operation
    /// may not follow it.
    OnlyInYardsticks,
    /// Another round did not find what the first had.
    NotConfirmed,
    /// So noisy that a large slowdown could hide.
    TooNoisy,
    /// The baseline was recorded with another version of the yardstick.
    OtherYardstick,
    /// The baseline was recorded with another statistic.
    OtherStatistic,
    /// There are baselines, and none of a class that this one can be compared with.
    NoBaselineForThisClass,
}

impl Doubt {
    /// A sentence for people, without a full stop.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooFewSamples => {
                "there are too few samples to find any difference; give it a larger `budget`"
            }
            Self::ClockTooCoarse => "every timing is zero; the clock is too coarse",
            Self::NotSure => {
                "it seems slower or faster, but the threshold lies within the interval; more \
                 `samples` or a larger `budget` may tell"
            }
            Self::NotQuiet => {
                "the operation differed from itself within this run, so the machine is not quiet"
            }
            Self::Busy => "the test had to wait for a processor too often; the machine is busy",
            Self::ReplicatesDisagree => "its replicates do not agree",
            Self::OnlyInYardsticks => {
                "the machine's pace has changed since the baseline, and by the clock the \
                 operation has not"
            }
            Self::NotConfirmed => "another round did not confirm what the first had found",
            Self::TooNoisy => {
                "it is so noisy here that a large slowdown could hide; more `samples` may tell"
            }
            Self::OtherYardstick => {
                "the baseline was recorded with another version of the yardstick; record it anew"
            }
            Self::OtherStatistic => {
                "the baseline was recorded with another statistic; record it anew"
            }
            Self::NoBaselineForThisClass => "there is no baseline for this class of environments",
        }
    }

    /// Whether a difference was seen and is not sure.
    pub(crate) const fn is_of_a_difference(self) -> bool {
        matches!(self, Self::NotSure | Self::ReplicatesDisagree | Self::NotConfirmed)
    }

    /// Whether another round may help.
    pub(crate) const fn more_helps(self) -> bool {
        matches!(
            self,
            Self::TooFewSamples
                | Self::NotSure
                | Self::OnlyInYardsticks
                | Self::NotQuiet
                | Self::Busy
                | Self::ReplicatesDisagree
                | Self::TooNoisy
                | Self::NotConfirmed
        )
    }
}
