//! `Forecast`: when a limit is reached, if that can be said.

use std::time::Duration;

use crate::resource::trend::Trend;
use crate::stats::{median, theil_sen};

/// The last stretches of time that are looked at, the shortest first: what began lately shows in
/// the one, what is noisy in the other.
const STRETCHES: [Duration; 2] = [Duration::from_secs(1_200), Duration::from_secs(3_600)];
/// A stretch is cut into so many blocks, of whose medians the slope is taken.
const BLOCKS: u32 = 24;
/// Fewer blocks with points in them are too few.
const FEWEST_BLOCKS: usize = 20;
/// The confidence of a slope's interval.
const CONFIDENCE: f64 = 0.99;
/// The ends of a sure slope's interval are no further apart than this.
const SURE: f64 = 2.0;
/// Of a steady rise each third rises at least so much as the whole, and at most so much more.
const STEADY: f64 = 2.0;
/// Where it fell by more than this share of what it rose, it comes and goes.
const FALLS: f64 = 0.2;

/// When a limit is reached if it goes on so.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Forecast {
    /// The limit is reached within this time.
    pub within: Duration,
    /// Between these times, with 99 % confidence, as far as it goes on so.
    pub between: (Duration, Duration),
    /// How much more is used a second.
    pub per_second: f64,
    /// The length of time that this was seen over.
    pub over: Duration,
}

/// What can be said of a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outlook {
    /// Nothing yet: there are less than 20 minutes of readings, or too few in them.
    TooShort,
    /// It does not rise, or not so steadily that it would reach the limit for sure.
    NoTrend,
    /// It is reached.
    Reached(Forecast),
}

impl Trend {
    /// When a limit is reached, if it goes on as it did in the last 20 minutes, or in the last
    /// hour.
    ///
    /// The slope is that of Theil and Sen over the medians of 24 blocks. It is told only where it
    /// is sure: its 99 % interval lies above zero and is no wider than a factor of two, each
    /// third of the time rises like the whole, and there was no fall within the last day of more
    /// than a fifth of the rise, unless by now that much more is in use than before the fall. So
    /// a burst of writing, a log that is rotated or memory that is collected forecast nothing.
    ///
    /// # Cost
    /// About 20 µs.
    pub fn outlook(&self, limit: f64) -> Outlook {
        let Some((_, used)) = self.last() else { return Outlook::TooShort };
        let mut known = false;
        for stretch in STRETCHES {
            let Some(blocks) = self.blocks(stretch) else { continue };
            known = true;
            if let Some(slope) = steady(&blocks) {
                let rose = slope.estimate * stretch.as_secs_f64();
                let fall = self.largest_fall();
                if fall.by > FALLS * rose && used < fall.from + fall.by {
                    return Outlook::NoTrend;
                }
                let left = (limit - used).max(0.0);
                let within =
                    |slope: f64| Duration::try_from_secs_f64(left / slope).unwrap_or(Duration::MAX);
                return Outlook::Reached(Forecast {
                    within: within(slope.estimate),
                    between: (within(slope.high), within(slope.low)),
                    per_second: slope.estimate,
                    over: stretch,
                });
            }
        }
        if known { Outlook::NoTrend } else { Outlook::TooShort }
    }

    /// The medians of a stretch's blocks, by the seconds from its begin; `None` of too few.
    fn blocks(&self, stretch: Duration) -> Option<Vec<(f64, f64)>> {
        let (last, _) = self.last()?;
        let from = last.checked_sub(stretch)?;
        let length = stretch / BLOCKS;
        let mut blocks = vec![Vec::new(); BLOCKS as usize];
        for (at, used) in self.recent(stretch) {
            let index = (at - from).as_nanos() / length.as_nanos().max(1);
            // The last point lies at the very end.
            blocks[(index as usize).min(BLOCKS as usize - 1)].push(used);
        }
        let middle = |index: usize| (index as f64 + 0.5) * length.as_secs_f64();
        let medians: Vec<_> = blocks
            .iter_mut()
            .enumerate()
            .filter_map(|(index, block)| {
                block.sort_unstable_by(f64::total_cmp);
                Some((middle(index), median(block)?))
            })
            .collect();
        (medians.len() >= FEWEST_BLOCKS).then_some(medians)
    }
}

/// The slope of a rise that is sure and goes on all the time.
fn steady(blocks: &[(f64, f64)]) -> Option<crate::stats::Slope> {
    let slope = theil_sen(blocks, CONFIDENCE)?;
    let is_sure = slope.low > 0.0 && slope.high <= SURE * slope.low;
    let third = blocks.len() / 3;
    let is_steady = |third: &[(f64, f64)]| {
        theil_sen(third, CONFIDENCE).is_some_and(|part| {
            (slope.estimate / STEADY..=slope.estimate * STEADY).contains(&part.estimate)
        })
    };
    let thirds = [&blocks[..third], &blocks[third..2 * third], &blocks[2 * third..]];
    (is_sure && thirds.into_iter().all(is_steady)).then_some(slope)
}

#[cfg(test)]
mod tests;
