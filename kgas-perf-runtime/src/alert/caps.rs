//! `Caps`: how much is kept.

use crate::alert::error::AlertError;

/// How much is kept. What is over that is dropped, and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Caps {
    /// Alerts that are open; by default 1,000. One more takes the place of a milder one that
    /// nobody was told of, or is refused.
    pub open_alerts: usize,
    /// Alerts that are over; by default 1,000.
    pub closed_alerts: usize,
    /// Incidents that are open, or whose end is not told yet; at least as many as open alerts, by
    /// default 2,000.
    pub incidents: usize,
    /// Incidents that are closed; by default 500.
    pub closed_incidents: usize,
    /// Alerts of an incident that are over; by default 100.
    pub members_over: usize,
    /// Steps of an alert's history; by default 50.
    pub history: usize,
    /// Marks; by default 200.
    pub marks: usize,
    /// Silences, with those that are over; by default 200.
    pub silences: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            open_alerts: 1_000,
            closed_alerts: 1_000,
            incidents: 2_000,
            closed_incidents: 500,
            members_over: 100,
            history: 50,
            marks: 200,
            silences: 200,
        }
    }
}

impl Caps {
    pub(crate) fn check(&self) -> Result<(), AlertError> {
        let most = 100_000;
        let caps = [
            ("caps.open_alerts", self.open_alerts, 1),
            ("caps.closed_alerts", self.closed_alerts, 1),
            ("caps.incidents", self.incidents, self.open_alerts),
            ("caps.closed_incidents", self.closed_incidents, 1),
            ("caps.members_over", self.members_over, 1),
            ("caps.history", self.history, 2),
            ("caps.marks", self.marks, 1),
            ("caps.silences", self.silences, 1),
        ];
        match caps.into_iter().find(|(_, cap, least)| !(*least..=most).contains(cap)) {
            None => Ok(()),
            Some((field, cap, least)) => Err(AlertError::Setting {
                field: field.to_owned(),
                value: cap.to_string(),
                accepted: format!("{least} to {most}"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(caps: Caps) -> String {
        caps.check().expect_err("a mistake").to_string()
    }

    #[test]
    fn caps_hold_at_least_something() {
        assert_eq!(Caps::default().check(), Ok(()));
        assert_eq!(
            refused(Caps { open_alerts: 0, ..Caps::default() }),
            "`caps.open_alerts` is 0; accepted: 1 to 100000"
        );
        assert_eq!(
            refused(Caps { incidents: 999, ..Caps::default() }),
            "`caps.incidents` is 999; accepted: 1000 to 100000"
        );
    }
}
