//! `Border`: a value beyond which an objective is no longer met.

use crate::catalog::{Metric, Objective, Quantity};
use crate::measure::Severity;

/// An objective has at most so many: on each side what is expected, the bound, and where it
/// becomes critical.
pub(crate) const MOST_BORDERS: usize = 6;

/// A value is critical from so many times its bound on, or below the bound by as many.
pub(crate) const CRITICAL_RATIO: f64 = 2.0;

/// A share is critical from so many times the allowed share on, where there is room for that.
pub(crate) const CRITICAL_SHARE: f64 = 5.0;

/// On which side of a border the objective is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Above,
    Below,
}

/// A value beyond which an objective is broken, and how bad that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Border {
    pub(crate) side: Side,
    /// In the base unit of the metric's dimension.
    pub(crate) value: f64,
    pub(crate) severity: Severity,
    /// What the person wrote on this side: the bound, or the end of what is expected.
    pub(crate) bound: f64,
}

impl Border {
    /// Whether a value lies beyond. The border itself still meets the objective.
    pub(crate) fn is_beyond(&self, value: f64) -> bool {
        match self.side {
            Side::Above => value > self.value,
            Side::Below => value < self.value,
        }
    }

    /// The share of calls that may count against a border that is a share itself.
    pub(crate) fn allowed_share(&self) -> f64 {
        match self.side {
            Side::Above => self.value,
            Side::Below => 1.0 - self.value,
        }
    }
}

/// The borders of an objective, mildest first.
///
/// - Outside `expected`, on the side that is worse: info.
/// - Beyond `at_most` or `at_least`: a warning.
/// - Critical: a value twice as bad as its bound; a share five times as large as allowed, or half
///   way from there to everything if that is nearer. A share is a budget, and to use it up in
///   half the time is for the burn rates to judge; a value has no budget.
pub(crate) fn borders(objective: &Objective) -> Vec<Border> {
    let is_share = is_share(objective.metric);
    let (low, high) = objective.expected.unzip();
    let mut borders = Vec::with_capacity(MOST_BORDERS);
    let mut draw = |side, severity, value, bound| {
        borders.push(Border { side, value, severity, bound });
    };
    for (side, end) in [(Side::Above, high), (Side::Below, low)] {
        if let Some(end) = end.map(base).filter(|_| is_worse(objective.metric, side)) {
            draw(side, Severity::Info, end, end);
        }
    }
    for (side, bound) in [(Side::Above, objective.at_most), (Side::Below, objective.at_least)] {
        let Some(bound) = bound.map(base) else { continue };
        draw(side, Severity::Warning, bound, bound);
        let critical = match (side, is_share) {
            (Side::Above, true) => critical_share(bound),
            (Side::Below, true) => 1.0 - critical_share(1.0 - bound),
            (Side::Above, false) => bound * CRITICAL_RATIO,
            (Side::Below, false) => bound / CRITICAL_RATIO,
        };
        // Nothing is twice as bad as a bound of nothing.
        if critical != bound {
            draw(side, Severity::Critical, critical, bound);
        }
    }
    borders.sort_by_key(|border| border.severity);
    borders
}

fn critical_share(allowed: f64) -> f64 {
    (CRITICAL_SHARE * allowed).min(f64::midpoint(allowed, 1.0))
}

/// Whether the metric is a share of calls, and not a value of which there is a distribution.
pub(crate) fn is_share(metric: Metric) -> bool {
    matches!(metric, Metric::ErrorRate | Metric::CacheHitRate | Metric::FallbackRate)
}

/// Whether to be beyond what is expected on this side is worse, and not only otherwise.
fn is_worse(metric: Metric, side: Side) -> bool {
    match metric {
        Metric::CacheHitRate => side == Side::Below,
        // More calls are no defect of an operation; too few may be.
        Metric::Throughput | Metric::Concurrency => true,
        _ => side == Side::Above,
    }
}

/// A quantity in the base unit of its dimension.
pub(crate) fn base(quantity: Quantity) -> f64 {
    match quantity {
        Quantity::DurationNs(n)
        | Quantity::Bytes(n)
        | Quantity::BitsPerSecond(n)
        | Quantity::Count(n) => n as f64,
        Quantity::Ratio(ratio) => ratio,
        Quantity::PerSecond(rate) => rate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalogue;

    /// The borders of an objective as a catalogue writes it.
    fn drawn(objective: &str) -> Vec<(Side, f64, &'static str)> {
        let text =
            format!("[operations.import]\ncategory = \"custom\"\nobjectives = [{{ {objective} }}]");
        let catalogue = Catalogue::parse(&text, "test").unwrap();
        borders(&catalogue.get("import").unwrap().objectives[0])
            .into_iter()
            .map(|border| (border.side, border.value, border.severity.as_str()))
            .collect()
    }

    use Side::{Above, Below};

    #[test]
    fn a_duration_is_critical_at_twice_its_bound() {
        let objective = r#"metric = "duration", statistic = "p95", at_most = "50 ms""#;
        assert_eq!(drawn(objective), [(Above, 5e7, "warning"), (Above, 1e8, "critical")]);
    }

    #[test]
    fn outside_what_is_expected_is_info_where_it_is_worse() {
        let duration = r#"metric = "duration", statistic = "p95", expected = ["1 s", "2 s"]"#;
        assert_eq!(drawn(duration), [(Above, 2e9, "info")]);
        let hits = r#"metric = "cache_hit_rate", expected = ["60 %", "80 %"]"#;
        assert_eq!(drawn(hits), [(Below, 0.6, "info")]);
    }

    #[test]
    fn a_share_is_critical_at_five_times_the_allowed_where_there_is_room() {
        let errors = r#"metric = "error_rate", at_most = "1 %""#;
        assert_eq!(drawn(errors), [(Above, 0.01, "warning"), (Above, 0.05, "critical")]);
        // 40 % of misses are allowed; five times that is more than all.
        let hits = r#"metric = "cache_hit_rate", at_least = "60 %""#;
        let [(Below, warning, "warning"), (Below, critical, "critical")] = drawn(hits)[..] else {
            panic!("{:?}", drawn(hits));
        };
        assert!((warning - 0.6).abs() < 1e-12 && (critical - 0.3).abs() < 1e-12);
    }

    #[test]
    fn a_bound_of_nothing_has_no_ratio_to_it() {
        let errors = r#"metric = "error_rate", at_most = "0 %""#;
        assert_eq!(drawn(errors), [(Above, 0.0, "warning")]);
    }

    #[test]
    fn the_bound_itself_meets_the_objective() {
        let border = |side| Border { side, value: 5.0, severity: Severity::Warning, bound: 5.0 };
        assert!(!border(Above).is_beyond(5.0) && border(Above).is_beyond(5.1));
        assert!(!border(Below).is_beyond(5.0) && border(Below).is_beyond(4.9));
    }
}
