//! What a judge knows, written down for the process after this one, and read back.
//!
//! ```text
//!  version │ parameters │ checksum of the rest │ detector, baseline, what stands (postcard)
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::detect::judge::clock::StreamClock;
use crate::detect::judge::{Judge, Reported};
use crate::detect::stream::{Detector, parameters};
use crate::detect::verdict::Verdict;

/// Of the form. What is written differently has another one.
const VERSION: u8 = 4;

/// Version, parameters and checksum.
const HEAD: usize = 1 + 8 + 8;

/// No judge takes so many bytes, however it was told.
const MOST_BYTES: usize = 64 * 1_024;

/// Why a judge was not read back. It begins anew, then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// Another version of this crate wrote it, in another form.
    #[error("a judge of version {found} cannot be read, only of version {VERSION}")]
    Version {
        /// Its version.
        found: u8,
    },
    /// It judged by other alternatives or on another grid.
    #[error("the judge judged by other parameters than these")]
    Parameters,
    /// It is not as it was written.
    #[error("the judge's {bytes} bytes are damaged")]
    Damaged {
        /// How many there are.
        bytes: usize,
    },
}

/// What is written.
#[derive(Serialize, Deserialize)]
struct Written {
    /// When, by the stream's clock.
    at: Duration,
    detector: Option<Detector>,
    baseline: Reported,
    standing: [Option<Verdict>; 2],
}

impl Judge {
    /// Writes down all that it knows, as of `now`, a time of the clock that it is told calls by.
    ///
    /// # Cost
    /// Some ten microseconds, and 3 to 9 KiB (`benches/judge.rs`).
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::detect::Judge;
    ///
    /// let second = Duration::from_secs(1);
    /// let mut judge = Judge::new();
    /// (1..500).for_each(|at| drop(judge.call(at * second, Duration::from_millis(10), true)));
    /// let state = judge.write(500 * second);
    ///
    /// // The process ends. 20 seconds later another one has begun, whose clock is at 3 seconds.
    /// let gone_on = Judge::read(&state, 3 * second, 20 * second)?;
    /// assert_eq!(gone_on.learning(), judge.learning());
    /// # Ok::<(), kgas_perf_runtime::detect::JudgeError>(())
    /// ```
    pub fn write(&self, now: Duration) -> Vec<u8> {
        let in_stream = |verdict: &Verdict| Verdict {
            at: self.clock.stream(verdict.at),
            since: verdict.since.map(|since| self.clock.stream(since)),
            ..verdict.clone()
        };
        let written = Written {
            at: self.clock.stream(now),
            detector: self.detector.clone(),
            baseline: self.baseline.clone(),
            standing: self.standing.each_ref().map(|told| told.as_ref().map(in_stream)),
        };
        let mut head = vec![VERSION];
        head.extend(parameters().to_le_bytes());
        head.extend([0; 8]);
        // It fails where memory does, and then nothing is read from what is there.
        let mut state = postcard::to_extend(&written, head).unwrap_or_default();
        let checksum = fnv(state.get(HEAD..).unwrap_or_default());
        if let Some(place) = state.get_mut(HEAD - 8..HEAD) {
            place.copy_from_slice(&checksum.to_le_bytes());
        }
        state
    }

    /// Reads a judge back from what [`Judge::write`] wrote `gap` ago. `now` is a time of the
    /// clock that it will be told calls by. It goes on as if it had been told nothing since.
    ///
    /// What it was told not to learn for is forgotten: that was another process's reason.
    ///
    /// # Errors
    /// If it was written by another version or by other parameters, or is damaged. Whatever the
    /// bytes, it takes no more memory than some times their number.
    pub fn read(state: &[u8], now: Duration, gap: Duration) -> Result<Self, JudgeError> {
        let damaged = JudgeError::Damaged { bytes: state.len() };
        let (Some((head, rest)), ..=MOST_BYTES) = (state.split_at_checked(HEAD), state.len())
        else {
            return Err(damaged);
        };
        let number = |at: usize| head[at..at + 8].iter().rev();
        let number = |at: usize| number(at).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if head[0] != VERSION {
            return Err(JudgeError::Version { found: head[0] });
        }
        if number(1) != parameters() {
            return Err(JudgeError::Parameters);
        }
        if number(9) != fnv(rest) {
            return Err(damaged);
        }
        let Ok((written, [])) = postcard::take_from_bytes::<Written>(rest) else {
            return Err(damaged);
        };
        let clock = StreamClock::of(now, written.at.saturating_add(gap));
        let in_process = |verdict: Verdict| Verdict {
            at: clock.process(verdict.at),
            since: verdict.since.map(|since| clock.process(since)),
            ..verdict
        };
        let mut baseline = written.baseline;
        if let Reported::Learning { learner, .. } = &mut baseline {
            learner.go_on();
        }
        let standing = written.standing.map(|told| told.map(in_process));
        Ok(Self { clock, detector: written.detector, baseline, standing })
    }
}

/// Fowler, Noll and Vo's hash, FNV-1a of 64 bits (RFC 9923): against damage, not against malice.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
