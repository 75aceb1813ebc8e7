//! What is due, told as events of `tracing`: the log is who is told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::TryLockError;
use std::time::Duration;

use crate::alert::{
    Alert, Alerts, BaselineUsed, COMPONENT, Due, Fingerprint, Now, OPERATION, Part, RESOURCE,
    Reason, SIZE_CLASS,
};
use crate::collector::Collector;
use crate::measure::Severity;

/// One alert, as it is told.
struct Message {
    alert: Alert,
    part: Part,
    reason: Reason,
    incident: u64,
    lasted: Duration,
}

impl Collector {
    /// Tells what is due, each message once.
    pub(super) fn tell(&self) {
        let _telling = match self.telling.try_lock() {
            Ok(telling) => telling,
            Err(TryLockError::Poisoned(telling)) => telling.into_inner(),
            // Whoever tells now may be asking for this very tick; what is due stays due.
            Err(TryLockError::WouldBlock) => return,
        };
        let due: Vec<(Due, Vec<Message>)> = {
            let (now, mut state) = (self.now(), self.state());
            let due = state.alerts.due(now);
            let fresh = due.into_iter().filter(|due| state.alerts.begin_sending(due, now));
            let fresh: Vec<Due> = fresh.collect();
            let told = |due: Due| {
                let messages = messages(&state.alerts, &due, now);
                (due, messages)
            };
            fresh.into_iter().map(told).collect()
        };
        for (due, messages) in due {
            if due.send {
                for message in &messages {
                    // The fault of a subscriber is its own; the message was handed to it.
                    let _ = catch_unwind(AssertUnwindSafe(|| event(message)));
                }
            }
            let now = self.now();
            let mut state = self.state();
            if state.alerts.record(&due, now) {
                state.told(due.incident, "log");
            }
        }
    }
}

/// What is news of an incident; when it is told again, all that goes on.
fn messages(alerts: &Alerts, due: &Due, now: Now) -> Vec<Message> {
    let goes_on = |(fingerprint, part): (&Fingerprint, &Part)| {
        matches!(part, Part::Speaks(_)).then_some(*fingerprint)
    };
    let about: Vec<Fingerprint> = match due.reason {
        Reason::Repeat => due.parts.iter().filter_map(goes_on).collect(),
        _ => due.news.clone(),
    };
    let message = |fingerprint: Fingerprint| {
        let alert = alerts.alert(fingerprint)?.clone();
        let part = due.parts.get(&fingerprint).copied().unwrap_or(Part::Ended);
        let lasted = alert.lasted(alerts.moment(now));
        Some(Message { alert, part, reason: due.reason, incident: due.incident, lasted })
    };
    about.into_iter().filter_map(message).collect()
}

fn event(message: &Message) {
    let Message { alert, part, reason, incident, lasted } = message;
    let is_over = matches!(part, Part::Ended | Part::MutedEnd);
    let evidence = &alert.evidence;
    let fingerprint = alert.fingerprint;
    let baseline = |part: fn(&BaselineUsed) -> u64| evidence.baseline.as_ref().map(part);
    // A file system's resource is the disk, and people want to know which one.
    let resource = alert.subject.label(RESOURCE).map(|_| alert.subject.to_string());
    let rose = evidence.rose_in_words();
    let state = if is_over { "resolved" } else { alert.state.as_str() };
    macro_rules! tell {
        ($level:ident) => {
            tracing::event!(
                target: "kgas_perf",
                tracing::Level::$level,
                operation = alert.subject.label(OPERATION),
                size_class = alert.subject.label(SIZE_CLASS),
                component = alert.subject.label(COMPONENT),
                resource = resource.as_deref(),
                rule = alert.rule.as_str(),
                state,
                reason = reason.as_str(),
                severity = alert.severity.as_str(),
                kind = evidence.kind.map(crate::detect::Kind::as_str),
                what = evidence.what.as_deref(),
                value = evidence.value.map(tracing::field::display),
                normal_from = evidence.band.map(|band| tracing::field::display(band.low)),
                normal_to = evidence.band.map(|band| tracing::field::display(band.high)),
                ratio = evidence.ratio,
                score = evidence.score,
                rose = rose.as_deref(),
                lasted_s = lasted.as_secs_f64(),
                baseline_version = baseline(|used| used.version),
                baseline_mature = evidence.baseline.map(|used| used.mature),
                incident,
                fingerprint = %fingerprint,
                next_step = alert.next_step.as_str(),
                "alert"
            )
        };
    }
    match alert.severity {
        _ if is_over => tell!(INFO),
        Severity::Info => tell!(INFO),
        Severity::Warning => tell!(WARN),
        Severity::Critical | Severity::Emergency => tell!(ERROR),
    }
}
