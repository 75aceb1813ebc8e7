//! Numbers and times for people.

/// Bytes in the largest unit of which there is one.
pub(super) fn bytes(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let Some(power) = (bytes | 1).ilog2().checked_div(10).filter(|power| *power > 0) else {
        return format!("{bytes} B");
    };
    let power = (power as usize).min(units.len());
    format!("{:.1} {}", bytes as f64 / 1024_f64.powi(power as i32), units[power - 1])
}

/// A time of so many seconds, by its two largest units.
pub(super) fn lasted(seconds: u64) -> String {
    let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3_600);
    let (minutes, rest) = (seconds % 3_600 / 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// How long ago something was.
pub(super) fn ago(now_unix_s: u64, unix_s: u64) -> String {
    if unix_s > now_unix_s {
        return format!("{} in the future", lasted(unix_s - now_unix_s));
    }
    format!("{} ago", lasted(now_unix_s - unix_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_fitting_units() {
        assert_eq!(
            [0, 1_023, 1_024, 5 << 20, 3 << 39, u64::MAX].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "5.0 MiB", "1.5 TiB", "16777216.0 TiB",]
        );
        assert_eq!(
            [0, 61, 7_320, 90_000].map(lasted),
            ["0 s", "1 min 1 s", "2 h 2 min", "1 d 1 h"]
        );
        assert_eq!(
            (ago(100, 97), ago(100, 160)),
            ("3 s ago".into(), "1 min 0 s in the future".into())
        );
    }
}
