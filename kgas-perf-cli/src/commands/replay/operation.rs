//! `Operation`: one operation whose recorded calls are judged, on its own clock.

use std::time::Duration;

use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::detect::{Judge, Kind, Verdict};
use serde::Serialize;

/// One operation whose recorded calls are judged, by the judge of the running program.
///
/// Its clock begins with its first call, whatever the log calls that time.
#[derive(Debug, Default)]
pub(crate) struct Operation {
    judge: Judge,
    seen: Option<Seen>,
}

/// The times of an operation, in seconds as the log has them.
#[derive(Clone, Copy, Debug)]
struct Seen {
    first: f64,
    last: f64,
    /// Of the last alert.
    told: f64,
}

/// One finished call, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Call {
    /// When it finished, by any clock.
    pub(crate) t: f64,
    /// How long it took.
    pub(crate) d: f64,
    /// Whether it ended well.
    pub(crate) ok: bool,
}

/// What was found, in seconds by the clock of the log.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Alert {
    /// When: never after the call that it was found by, never before the alert before it.
    pub(crate) t: f64,
    /// How bad it is: the name of a severity.
    pub(crate) level: &'static str,
    /// In which way: the name of a kind.
    pub(crate) kind: &'static str,
    /// The relative change: 0.5 is 50 % slower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<f64>,
    /// When it began, as estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<f64>,
    /// How sure it is, `0.0..=1.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) score: Option<f64>,
}

/// A baseline as it is learned, in seconds by the clock of the log.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Learned {
    /// When.
    pub(crate) t: f64,
    /// Always `baseline`.
    pub(crate) event: &'static str,
    /// The calls it was learned from.
    pub(crate) n: u64,
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) mean: f64,
    pub(crate) std: f64,
    /// The probability, `0.0..=1.0`, that the quantiles are within tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<f64>,
}

/// Why a call cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The duration is below zero.
    #[error("the duration {0} s is negative")]
    Negative(f64),
    /// It finished before a call that came before it.
    #[error("the time {t} s is before {last} s, the time of the operation's last call")]
    Backwards { t: f64, last: f64 },
    /// No clock counts so far.
    #[error("{0:e} s are more than a clock can count")]
    Beyond(f64),
}

impl Operation {
    /// Judges one call; `None` as long as there is nothing to tell.
    pub(crate) fn call(&mut self, Call { t, d, ok }: Call) -> Result<Option<Alert>, Refusal> {
        if d < 0.0 {
            return Err(Refusal::Negative(d));
        }
        let duration = Duration::try_from_secs_f64(d).map_err(|_| Refusal::Beyond(d))?;
        let Seen { first, last, told } =
            self.seen.unwrap_or(Seen { first: t, last: t, told: f64::NEG_INFINITY });
        if t < last {
            return Err(Refusal::Backwards { t, last });
        }
        let at = Duration::try_from_secs_f64(t - first).map_err(|_| Refusal::Beyond(t - first))?;
        let alert = self
            .judge
            .call(at, duration, ok)
            .and_then(|verdict| Alert::of(&verdict, first, told, t));
        let told = alert.map_or(told, |alert| alert.t);
        self.seen = Some(Seen { first, last: t, told });
        Ok(alert)
    }

    /// The baseline, if it is new since this was last asked.
    pub(crate) fn take_learned(&mut self) -> Option<Learned> {
        let Seen { last, .. } = self.seen?;
        // The name and the date are the log's to know.
        let learned = self.judge.take_learned("", SizeClass::Unsized, Duration::ZERO)?;
        Some(Learned {
            t: last,
            event: "baseline",
            n: learned.count,
            p50: learned.p50.as_secs_f64(),
            p95: learned.p95.as_secs_f64(),
            p99: learned.p99.as_secs_f64(),
            mean: learned.mean.as_secs_f64(),
            std: learned.std_dev.as_secs_f64(),
            confidence: learned.confidence,
        })
    }
}

impl Alert {
    /// The verdict by a clock on which the first call finished at `first`, the last alert was at
    /// `told` and now it is `now`.
    fn of(verdict: &Verdict, first: f64, told: f64, now: f64) -> Option<Self> {
        // Seconds since a distant origin are rounded: the sum may be a little late or early.
        let t = (first + verdict.at.as_secs_f64()).min(now).max(told);
        let since = verdict.since.map(|since| (first + since.as_secs_f64()).min(t));
        let finite = |value: f64| value.is_finite().then_some(value);
        Some(Self {
            t,
            level: verdict.severity.as_str(),
            kind: of_calls(verdict.kind)?.as_str(),
            effect: verdict.effect.and_then(finite),
            since,
            score: finite(verdict.score),
        })
    }
}

/// The kind, if it is one that finished calls can show.
fn of_calls(kind: Kind) -> Option<Kind> {
    match kind {
        Kind::Location | Kind::Tail | Kind::Errors | Kind::Drift | Kind::Improvement => Some(kind),
        Kind::Memory | Kind::Objective | Kind::Unresponsive | Kind::DataLoss => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(t: f64, d: f64) -> Call {
        Call { t, d, ok: true }
    }

    /// Steady calls, four a second, that become three times slower after five minutes.
    fn tripled(origin: f64) -> Vec<Alert> {
        let mut operation = Operation::default();
        let calls = (0..2_400_u32).map(|n| {
            let spread = f64::from(n * 7 % 13) / 100.0;
            let slower = if n < 1_200 { 1.0 } else { 3.0 };
            call(origin + f64::from(n) / 4.0, 0.01 * (1.0 + spread) * slower)
        });
        calls.filter_map(|call| operation.call(call).unwrap()).collect()
    }

    #[test]
    fn an_alert_is_told_by_the_clock_of_the_log_wherever_it_begins() {
        let alerts = tripled(0.0);
        let first = alerts.first().expect("three times slower is found");
        assert!((300.0..=360.0).contains(&first.t), "{first:?}");
        for origin in [-1e6, 1_024.0, 2_f64.powi(31)] {
            let moved = tripled(origin);
            let back: Vec<_> = moved
                .iter()
                .map(|alert| Alert {
                    t: alert.t - origin,
                    since: alert.since.map(|since| since - origin),
                    ..*alert
                })
                .collect();
            assert_eq!(back.len(), alerts.len());
            for (back, alert) in back.iter().zip(&alerts) {
                assert!((back.t - alert.t).abs() < 1e-6, "{back:?} {alert:?}");
                assert_eq!((back.level, back.kind), (alert.level, alert.kind));
            }
        }
    }

    #[test]
    fn what_is_no_call_is_refused_and_changes_nothing() {
        let mut operation = Operation::default();
        assert_eq!(operation.call(call(5.0, -1e-9)), Err(Refusal::Negative(-1e-9)));
        assert_eq!(operation.call(call(5.0, 0.0)), Ok(None));
        let backwards = Refusal::Backwards { t: 4.0, last: 5.0 };
        assert_eq!(operation.call(call(4.0, 0.0)), Err(backwards));
        assert_eq!(operation.call(call(6.0, 1e300)), Err(Refusal::Beyond(1e300)));
        assert_eq!(operation.call(call(1e300, 0.0)), Err(Refusal::Beyond(1e300)));
        assert_eq!(operation.call(call(5.0, -0.0)), Ok(None));
    }
}
