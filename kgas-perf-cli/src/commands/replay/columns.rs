//! `Field`: what a column of a log, or a key of its objects, holds.

/// What a column or a key holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Field {
    /// The operation's name.
    Operation,
    /// When the call finished, and the seconds of one of its units.
    Time(f64),
    /// How long it took; the seconds of one of its units, if the name tells them.
    Duration(Option<f64>),
    /// Whether it ended well, as a truth or a word.
    Outcome,
    /// The same, as a word or a status of HTTP.
    Status,
}

/// A unit of durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Unit {
    /// Seconds.
    S,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
    /// Nanoseconds.
    Ns,
}

impl Unit {
    pub(crate) const fn seconds(self) -> f64 {
        match self {
            Self::S => 1.0,
            Self::Ms => 1e-3,
            Self::Us => 1e-6,
            Self::Ns => 1e-9,
        }
    }
}

impl Field {
    /// What a name stands for, and how well it does: where two names stand for the same, the lower
    /// number holds.
    pub(crate) fn named(name: &str) -> Option<(Self, usize)> {
        const NAMES: [(&str, Field); 10] = [
            ("op", Field::Operation),
            ("operation", Field::Operation),
            ("name", Field::Operation),
            ("t", Field::Time(1.0)),
            ("time", Field::Time(1.0)),
            ("timestamp", Field::Time(1.0)),
            ("d", Field::Duration(None)),
            ("duration", Field::Duration(None)),
            ("ok", Field::Outcome),
            ("outcome", Field::Outcome),
        ];
        let name = name.trim().to_ascii_lowercase();
        if name == "status" {
            return Some((Self::Status, NAMES.len()));
        }
        let (stem, unit) = without_unit(&name);
        let at = NAMES.iter().position(|(known, _)| *known == stem)?;
        match (NAMES[at].1, unit) {
            (Self::Time(_), Some(unit)) => Some((Self::Time(unit.seconds()), at)),
            (Self::Duration(_), Some(unit)) => Some((Self::Duration(Some(unit.seconds())), at)),
            (field, None) => Some((field, at)),
            (_, Some(_)) => None,
        }
    }

    /// Where in a row of four this stands: operation, time, duration, outcome.
    pub(crate) const fn place(self) -> usize {
        match self {
            Self::Operation => 0,
            Self::Time(_) => 1,
            Self::Duration(_) => 2,
            Self::Outcome | Self::Status => 3,
        }
    }
}

/// A name without the unit at its end.
fn without_unit(name: &str) -> (&str, Option<Unit>) {
    const ENDS: [(&str, Unit); 11] = [
        ("_s", Unit::S),
        ("_sec", Unit::S),
        ("_secs", Unit::S),
        ("_seconds", Unit::S),
        ("_ms", Unit::Ms),
        ("_millis", Unit::Ms),
        ("_milliseconds", Unit::Ms),
        ("_us", Unit::Us),
        ("_micros", Unit::Us),
        ("_ns", Unit::Ns),
        ("_nanos", Unit::Ns),
    ];
    ENDS.iter()
        .find_map(|(end, unit)| Some((name.strip_suffix(end)?, Some(*unit))))
        .unwrap_or((name, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_they_hold_and_in_which_unit() {
        let field = |name| Field::named(name).map(|(field, _)| field);
        assert_eq!(field("Operation"), Some(Field::Operation));
        assert_eq!(field("t"), Some(Field::Time(1.0)));
        assert_eq!(field("timestamp_ms"), Some(Field::Time(1e-3)));
        assert_eq!(field("duration"), Some(Field::Duration(None)));
        assert_eq!(field(" duration_ns "), Some(Field::Duration(Some(1e-9))));
        assert_eq!(field("d_micros"), Some(Field::Duration(Some(1e-6))));
        assert_eq!(field("status"), Some(Field::Status));
        assert_eq!([field("op_ms"), field("durations"), field("")], [None; 3]);
    }

    #[test]
    fn the_plainest_name_holds() {
        let rank = |name| Field::named(name).map(|(_, rank)| rank);
        assert!(rank("op") < rank("name"));
        assert!(rank("t") < rank("timestamp"));
        assert!(rank("ok") < rank("status"));
    }
}
