//! `Comparison`: what two sets of durations say about each other.

/// How the two sets were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Design {
    /// All of the baseline first, then all of the candidate.
    #[default]
    Sequential,
    /// In turns: the two durations at one index were measured one right after the other, and
    /// chance decided which came first.
    Interleaved,
}

impl Design {
    /// The name used in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Interleaved => "interleaved",
        }
    }
}

/// Is the candidate slower or faster than the baseline?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is slower.
    Regressed,
    /// It is faster.
    Improved,
    /// No difference is shown. How large a difference may hide is what the
    /// [interval](Comparison::interval) says.
    Unchanged,
    /// The samples cannot carry a verdict; [`Comparison::reason`] says why.
    Inconclusive,
}

impl Verdict {
    /// The name used in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Improved => "improved",
            Self::Unchanged => "unchanged",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// Why a comparison is inconclusive, and what would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// So few samples that no difference whatever would be found. Measure more.
    TooFewSamples,
    /// There is a difference, and the machine may have made it: durations wander in a way, or are
    /// too few to show that they do not, that could bring such a difference about with the same
    /// code. Measure in turns ([`Design::Interleaved`]), or longer.
    MachineNoise,
    /// Every duration is zero. Measure with a finer clock, or many calls at once.
    ClockTooCoarse,
}

impl Reason {
    /// A sentence for people, without a full stop.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooFewSamples => "there are too few samples to find any difference",
            Self::MachineNoise => {
                "there is a difference, and the machine's own noise could have made it; \
                 measure both in turns, or for longer"
            }
            Self::ClockTooCoarse => "every duration is zero; the clock is too coarse",
        }
    }
}

/// What two sets of durations say about each other.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// Slower, faster, neither, or not to be said.
    pub verdict: Verdict,
    /// The two-sided p-value, `0.0..=1.0`: how probable a difference of this size is while the
    /// code is the same, the machine's noise counted in. A difference is found where it is below
    /// the `alpha` that was asked for.
    pub p: f64,
    /// The relative change of the typical duration: 0.07 is 7 % slower, -0.5 is twice as fast.
    pub effect: f64,
    /// The bounds between which the true effect lies with a probability of 1 - `alpha`: from -1
    /// to infinity where nothing is known.
    pub interval: (f64, f64),
    /// How many durations the baseline has.
    pub baseline_samples: usize,
    /// How many durations the candidate has.
    pub candidate_samples: usize,
    /// Why it is inconclusive; `None` if it is not.
    pub reason: Option<Reason>,
}

impl Comparison {
    /// A verdict by the p-value alone, the effect and its bounds told in natural logarithms.
    pub(super) fn by_p(
        p: f64,
        alpha: f64,
        log_effect: f64,
        (low, high): (f64, f64),
        samples: (usize, usize),
    ) -> Self {
        let verdict = match log_effect {
            _ if p >= alpha => Verdict::Unchanged,
            effect if effect > 0.0 => Verdict::Regressed,
            _ => Verdict::Improved,
        };
        Self {
            verdict,
            p,
            effect: log_effect.exp_m1(),
            interval: (low.exp_m1(), high.exp_m1()),
            baseline_samples: samples.0,
            candidate_samples: samples.1,
            reason: None,
        }
    }

    /// The same figures without a verdict.
    pub(super) fn inconclusive(self, reason: Reason) -> Self {
        Self { verdict: Verdict::Inconclusive, reason: Some(reason), ..self }
    }
}
