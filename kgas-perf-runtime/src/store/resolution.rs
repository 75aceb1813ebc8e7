//! `Resolution`: over how long a time calls are added up.

use serde::{Deserialize, Serialize};

/// Over how long a time calls are added up: minutes, hours and days of UTC, which begin at full
/// minutes, hours and days since 1970-01-01 00:00, whatever time people live by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Resolution {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
}

impl Resolution {
    /// From the finest to the coarsest.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// How long one is, in seconds.
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// When the one that holds this time began, in seconds since 1970-01-01 00:00 UTC.
    pub const fn start_of(self, unix_s: u64) -> u64 {
        unix_s - unix_s % self.seconds()
    }

    /// When the first one begins from this time on, in seconds since 1970-01-01 00:00 UTC.
    pub(crate) const fn next(self, unix_s: u64) -> u64 {
        match unix_s % self.seconds() {
            0 => unix_s,
            past => unix_s.saturating_add(self.seconds() - past),
        }
    }

    /// The next coarser one.
    pub const fn coarser(self) -> Option<Self> {
        match self {
            Self::Minute => Some(Self::Hour),
            Self::Hour => Some(Self::Day),
            Self::Day => None,
        }
    }

    /// The name used in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_made_of_whole_finer_ones() {
        for resolution in Resolution::ALL {
            if let Some(coarser) = resolution.coarser() {
                assert_eq!(coarser.seconds() % resolution.seconds(), 0);
            }
        }
    }

    #[test]
    fn a_time_lies_in_the_one_that_began_last() {
        // 2026-03-29 01:30:17 UTC, half an hour after summer time began in Europe.
        let time = 1_774_747_817;
        let starts = Resolution::ALL.map(|resolution| resolution.start_of(time));
        assert_eq!(starts, [1_774_747_800, 1_774_746_000, 1_774_742_400]);
    }
}
