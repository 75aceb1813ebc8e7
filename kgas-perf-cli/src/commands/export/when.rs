//! `When`: a time as people write it.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat};

/// A time as people write it: a moment, or so long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Seconds since 1970-01-01 00:00 UTC.
    At(u64),
    /// So many seconds ago.
    Ago(u64),
}

/// What is accepted, for messages.
const ACCEPTED: &str = "accepted: `2026-03-01T12:00:00Z`, `2026-03-01`, `now`, or how long ago, \
                        such as `90s`, `15m`, `36h`, `7d`, `2w`";

impl When {
    /// The moment, in seconds since 1970-01-01 00:00 UTC.
    pub(crate) fn unix_s(self, now_unix_s: u64) -> u64 {
        match self {
            Self::At(unix_s) => unix_s,
            Self::Ago(seconds) => now_unix_s.saturating_sub(seconds),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self::Ago(0));
        }
        if let Some(seconds) = ago(text) {
            return Ok(Self::Ago(seconds));
        }
        let date = || Some(NaiveDate::from_str(text).ok()?.and_hms_opt(0, 0, 0)?.and_utc());
        let moment = DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc()).ok();
        let unix_s = moment.or_else(date).ok_or_else(|| ACCEPTED.to_owned())?.timestamp();
        u64::try_from(unix_s).map(Self::At).map_err(|_| "it is before 1970".to_owned())
    }
}

/// `7d` in seconds.
fn ago(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(seconds)
}

/// A moment as RFC 3339 has it, in UTC.
pub(crate) fn shown(unix_s: u64) -> String {
    let moment = i64::try_from(unix_s).ok().and_then(|unix_s| DateTime::from_timestamp(unix_s, 0));
    moment.map_or_else(
        || format!("{unix_s} s after 1970"),
        |moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now = 1_800_000_000;
        let read = |text: &str| text.parse::<When>().map(|when| when.unix_s(now));
        assert_eq!(read("now"), Ok(now));
        assert_eq!(read("90s"), Ok(now - 90));
        assert_eq!(read("7d"), Ok(now - 604_800));
        assert_eq!(read("2w"), read("14d"));
        // 2026-03-01 00:00 UTC.
        assert_eq!(read("2026-03-01"), Ok(1_772_323_200));
        assert_eq!(read("2026-03-01T02:00:00+02:00"), Ok(1_772_323_200));
        assert_eq!(read("2026-03-01T00:00:00.75Z"), Ok(1_772_323_200));
        assert_eq!(read("99999999w"), Ok(0));
    }

    #[test]
    fn what_is_no_time_is_answered_with_what_is() {
        for text in ["", "7", "d", "yesterday", "-3h", "7\u{f6}", "2026-02-30", "12:00"] {
            assert_eq!(text.parse::<When>(), Err(ACCEPTED.to_owned()), "{text}");
        }
        assert_eq!("1969-12-31".parse::<When>(), Err("it is before 1970".to_owned()));
    }

    #[test]
    fn a_moment_is_shown_so_that_it_can_be_read_again() {
        assert_eq!(shown(1_772_323_200), "2026-03-01T00:00:00Z");
        assert_eq!(shown(1_772_323_200).parse(), Ok(When::At(1_772_323_200)));
        assert_eq!(shown(u64::MAX), "18446744073709551615 s after 1970");
    }
}
