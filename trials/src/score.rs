//! Alerts to alarms, pages and findings: the law by which a detector is measured.

use crate::contender::{Alert, Severity};

/// Seconds in which alerts are one alarm.
pub const MERGED: f64 = 300.0;

/// Seconds in which a change is to be found, and for which there was silence before it.
pub const MINUTE: f64 = 60.0;

/// The first alert of an operation, or the first at least 300 s after the one that opened the alarm
/// before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alarm {
    /// The alert that opened it.
    pub opened_by: Alert,
    /// The worst severity among its alerts. An alarm that escalates is a page.
    pub severity: Severity,
}

impl Alarm {
    /// Whether it wakes somebody: it is a warning or worse.
    pub fn is_page(&self) -> bool {
        self.severity >= Severity::Warning
    }
}

/// The alarms of an operation, as its alerts come.
#[derive(Clone, Debug, Default)]
pub struct Alarms {
    list: Vec<Alarm>,
}

impl Alarms {
    /// Takes the next alert, in the order of time.
    ///
    /// Improvements are no alarms. What is said before the 100th call is not to be handed in.
    pub fn push(&mut self, alert: Alert) {
        if !alert.is_regression() {
            return;
        }
        match self.list.last_mut() {
            Some(alarm) if alert.t < alarm.opened_by.t + MERGED => {
                alarm.severity = alarm.severity.max(alert.severity);
            }
            _ => self.list.push(Alarm { opened_by: alert, severity: alert.severity }),
        }
    }

    /// The alarms so far.
    pub fn list(&self) -> &[Alarm] {
        &self.list
    }
}

impl Extend<Alert> for Alarms {
    fn extend<T: IntoIterator<Item = Alert>>(&mut self, alerts: T) {
        alerts.into_iter().for_each(|alert| self.push(alert));
    }
}

/// What the alerts say about a change at a known time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Whether nothing was said in the 60 s before the change.
    pub silent_before: bool,
    /// Seconds from the change to the first alert after it, if there was any.
    pub delay: Option<f64>,
    /// The worst severity from the change on.
    pub worst: Option<Severity>,
}

impl Outcome {
    /// What `alerts` say about a change at `at`, watched until `until` (seconds).
    ///
    /// Improvements count neither as noise before nor as an answer after.
    pub fn of(alerts: &[Alert], at: f64, until: f64) -> Self {
        let within = |from: f64, until: f64| {
            alerts.iter().filter(move |it| it.is_regression() && it.t >= from && it.t <= until)
        };
        Self {
            silent_before: !within(at - MINUTE, at).any(|alert| alert.t < at),
            delay: within(at, until).map(|alert| alert.t - at).next(),
            worst: within(at, until).map(|alert| alert.severity).max(),
        }
    }

    /// Whether it was found within 60 s, after 60 s of silence.
    pub fn is_found(&self) -> bool {
        self.silent_before && self.delay.is_some_and(|delay| delay <= MINUTE)
    }

    /// Whether somebody was woken.
    pub fn is_paged(&self) -> bool {
        self.worst >= Some(Severity::Warning)
    }
}

/// The harmonic mean of precision and recall, 0 when there is nothing right.
///
/// `found` of `planted` changes were found, and `false_alarms` were raised in the same streams.
pub fn f1(found: f64, planted: f64, false_alarms: f64) -> f64 {
    if planted + found + false_alarms == 0.0 {
        return 0.0;
    }
    2.0 * found / (planted + found + false_alarms)
}

/// The largest mean that `events` of a Poisson process leave possible: the one-sided 95 % bound.
///
/// It is where `P(N <= events)` is 5 % (Garwood, 1936). Exact to 1e-6.
pub fn poisson_upper(events: u64) -> f64 {
    poisson_mean(events, 0.05)
}

/// The smallest mean that `events` of a Poisson process leave possible: the one-sided 95 % bound.
///
/// It is where `P(N >= events)` is 5 % (Garwood, 1936). Exact to 1e-6.
pub fn poisson_lower(events: u64) -> f64 {
    events.checked_sub(1).map_or(0.0, |fewer| poisson_mean(fewer, 0.95))
}

/// The mean with which `P(N <= events)` is `p`.
fn poisson_mean(events: u64, p: f64) -> f64 {
    let at_most = |mean: f64| {
        // The logarithms of the terms, since the first ones are too small for a double.
        let mut log_term = -mean;
        let mut sum = log_term.exp();
        for k in 1..=events {
            log_term += mean.ln() - (k as f64).ln();
            sum += log_term.exp();
        }
        sum
    };
    let (mut low, mut high) = (0.0, events as f64 * 2.0 + 10.0);
    while high - low > 1e-6 * high {
        let middle = 0.5 * (low + high);
        if at_most(middle) > p { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contender::Kind;

    fn alert(t: f64, severity: Severity) -> Alert {
        Alert { t, severity, kind: Kind::Location }
    }

    fn alarms(alerts: &[Alert]) -> Vec<Alarm> {
        let mut alarms = Alarms::default();
        alarms.extend(alerts.iter().copied());
        alarms.list().to_vec()
    }

    #[test]
    fn alerts_within_300_s_of_the_opening_one_are_one_alarm() {
        let alerts = [0.0, 299.0, 300.0, 599.0, 601.0].map(|t| alert(t, Severity::Info));
        let opened: Vec<f64> = alarms(&alerts).iter().map(|it| it.opened_by.t).collect();
        assert_eq!(opened, [0.0, 300.0, 601.0]);
    }

    #[test]
    fn alarm_that_escalates_is_a_page() {
        let alarms = alarms(&[alert(0.0, Severity::Info), alert(10.0, Severity::Critical)]);
        assert_eq!((alarms.len(), alarms[0].severity), (1, Severity::Critical));
        assert!(alarms[0].is_page());
    }

    #[test]
    fn improvement_is_no_alarm_whatever_its_severity() {
        let improvement = Alert { kind: Kind::Improvement, ..alert(50.0, Severity::Emergency) };
        assert_eq!(alarms(&[improvement]), []);
    }

    #[test]
    fn found_needs_an_alert_within_60_s_and_silence_before() {
        let cases: [(&[f64], bool); 6] = [
            (&[100.0], true),
            (&[160.0], true),
            (&[160.1], false),
            (&[39.9, 120.0], true),
            (&[40.0, 120.0], false),
            (&[], false),
        ];
        for (times, found) in cases {
            let alerts: Vec<Alert> = times.iter().map(|&t| alert(t, Severity::Info)).collect();
            assert_eq!(Outcome::of(&alerts, 100.0, 400.0).is_found(), found, "{times:?}");
        }
    }

    #[test]
    fn worst_severity_is_that_from_the_change_on() {
        let alerts = [
            alert(10.0, Severity::Emergency),
            alert(110.0, Severity::Info),
            alert(150.0, Severity::Warning),
            alert(900.0, Severity::Critical),
        ];
        let outcome = Outcome::of(&alerts, 100.0, 400.0);
        assert_eq!((outcome.delay, outcome.worst), (Some(10.0), Some(Severity::Warning)));
    }

    #[test]
    fn poisson_bounds_are_those_of_the_tables() {
        // Half the 95 % quantile of chi-square with 2 (k + 1) degrees of freedom.
        for (events, bound) in [(0, 2.9957), (1, 4.7439), (2, 6.2958), (10, 16.9622)] {
            assert!((poisson_upper(events) - bound).abs() < 1e-3, "{events}");
        }
        // Half its 5 % quantile with 2 k degrees of freedom.
        for (events, bound) in [(0, 0.0), (1, 0.0513), (2, 0.3554), (10, 5.4254)] {
            assert!((poisson_lower(events) - bound).abs() < 1e-3, "{events}");
        }
        // For many events it comes near the normal bound.
        assert!((poisson_upper(10_000) - 10_000.0 - 1.645 * 100.0).abs() < 3.0);
    }

    #[test]
    fn f1_of_a_perfect_and_of_a_noisy_detector() {
        assert_eq!(f1(10.0, 10.0, 0.0), 1.0);
        // Recall 0.5, precision 0.5.
        assert_eq!(f1(5.0, 10.0, 5.0), 0.5);
        assert_eq!(f1(0.0, 0.0, 0.0), 0.0);
    }
}
