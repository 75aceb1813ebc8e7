//! `Plan`: from rows of which resolution an asked time is answered.

use kgas_perf_runtime::store::{Between, Cover, Resolution, Span, StoreError};

/// From rows of which resolution an asked time is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Stretches that are asked for one after the other, oldest first, each with the coarsest
    /// rows that it may be answered from.
    pub(super) stretches: Vec<Span>,
    /// From rows of which resolution they are answered, oldest first.
    pub(super) answered: Vec<Span>,
    /// What is not answered.
    pub(super) missing: Vec<(u64, u64)>,
}

impl Plan {
    /// By rows no coarser than `resolution`, in one stretch; or else by the finest that there are
    /// of each time. `cover` says by which rows a time would be answered.
    pub(super) fn of(
        between: &Between,
        resolution: Option<Resolution>,
        mut cover: impl FnMut(&Between) -> Result<Cover, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut plan = Self::default();
        let (from, until) = (between.from_unix_s, between.until_unix_s);
        if let Some(resolution) = resolution {
            let span = Span { resolution, from_unix_s: from, until_unix_s: until };
            plan.stretches.push(span);
            plan.answered = cover(&between.clone().coarsest(resolution))?.spans;
        } else {
            for resolution in Resolution::ALL {
                let gaps = gaps((from, until), &plan.answered);
                for (from, until) in gaps.into_iter().filter(|gap| holds_one(*gap, resolution)) {
                    let mut gap = between.clone().coarsest(resolution);
                    (gap.from_unix_s, gap.until_unix_s) = (from, until);
                    plan.answered.extend(cover(&gap)?.spans);
                }
                plan.answered.sort_by_key(|span| span.from_unix_s);
            }
            plan.stretches.clone_from(&plan.answered);
        }
        plan.missing = Self::missing(between, &plan.answered);
        Ok(plan)
    }

    /// A minute, hour or day that is not over is answered until now alone.
    pub(super) fn until(&mut self, now_unix_s: u64) {
        if let Some(last) = self.answered.last_mut() {
            let begun = last.from_unix_s < now_unix_s;
            let until = if begun { last.until_unix_s.min(now_unix_s) } else { last.until_unix_s };
            last.until_unix_s = until;
        }
    }

    /// What of a time is not answered, where it is a minute or more.
    pub(super) fn missing(between: &Between, answered: &[Span]) -> Vec<(u64, u64)> {
        let gaps = gaps((between.from_unix_s, between.until_unix_s), answered).into_iter();
        gaps.filter(|gap| holds_one(*gap, Resolution::Minute)).collect()
    }

    /// The same spans, with those that go on as they are joined.
    pub(super) fn joined(spans: Vec<Span>) -> Vec<Span> {
        let mut joined: Vec<Span> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last)
                    if (last.resolution, last.until_unix_s)
                        == (span.resolution, span.from_unix_s) =>
                {
                    last.until_unix_s = span.until_unix_s;
                }
                _ => joined.push(span),
            }
        }
        joined
    }

    /// How much of a row's time is answered, in seconds.
    pub(super) fn covered_s(&self, resolution: Resolution, start_unix_s: u64) -> u64 {
        let end = start_unix_s.saturating_add(resolution.seconds());
        let first = self.answered.partition_point(|span| span.until_unix_s <= start_unix_s);
        let spans = self.answered[first..].iter().take_while(|span| span.from_unix_s < end);
        spans.map(|span| span.until_unix_s.min(end) - span.from_unix_s.max(start_unix_s)).sum()
    }
}

/// Whether a whole row fits in.
fn holds_one((from, until): (u64, u64), resolution: Resolution) -> bool {
    let seconds = resolution.seconds();
    from.div_ceil(seconds).saturating_mul(seconds).saturating_add(seconds) <= until
}

/// What lies between spans, which are sorted and do not overlap.
fn gaps((from, until): (u64, u64), spans: &[Span]) -> Vec<(u64, u64)> {
    let mut gaps = Vec::new();
    let mut at = from;
    for span in spans {
        if at < span.from_unix_s {
            gaps.push((at, span.from_unix_s));
        }
        at = at.max(span.until_unix_s);
    }
    if at < until {
        gaps.push((at, until));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use kgas_perf_runtime::store::Available;

    use super::*;

    const HOUR: u64 = 3_600;
    const DAY: u64 = 86_400;

    /// Minutes of the days 9 and 10, hours from day 5 to 10, days before 10.
    fn kept() -> Available {
        Available([(9 * DAY, 11 * DAY), (5 * DAY, 10 * DAY + HOUR), (2 * DAY, 10 * DAY)])
    }

    fn plan(from: u64, until: u64, resolution: Option<Resolution>) -> Plan {
        let cover = |between: &Between| Ok(Cover::of(between, &kept()));
        Plan::of(&Between::new(from, until), resolution, cover).unwrap()
    }

    #[test]
    fn each_time_is_read_from_the_finest_rows_there_are() {
        let plan = plan(DAY, 11 * DAY + 90, None);
        let spans: Vec<_> = plan
            .answered
            .iter()
            .map(|span| (span.resolution, span.from_unix_s, span.until_unix_s))
            .collect();
        assert_eq!(
            spans,
            [
                (Resolution::Day, 2 * DAY, 5 * DAY),
                (Resolution::Hour, 5 * DAY, 9 * DAY),
                (Resolution::Minute, 9 * DAY, 11 * DAY),
            ]
        );
        assert_eq!(plan.missing, [(DAY, 2 * DAY), (11 * DAY, 11 * DAY + 90)]);
        assert_eq!(plan.stretches, plan.answered);
    }

    #[test]
    fn what_is_asked_by_the_hour_is_no_day() {
        let plan = plan(3 * DAY, 11 * DAY, Some(Resolution::Hour));
        assert_eq!((plan.stretches.len(), &plan.missing[..]), (1, &[(3 * DAY, 5 * DAY)][..]));
        let last = plan.answered.last().unwrap();
        assert_eq!((last.resolution, last.until_unix_s), (Resolution::Minute, 11 * DAY));
    }

    #[test]
    fn a_row_whose_time_is_answered_in_part_says_so() {
        let plan = plan(10 * DAY + 600, 10 * DAY + 2 * HOUR, Some(Resolution::Hour));
        assert_eq!(plan.covered_s(Resolution::Hour, 10 * DAY), HOUR - 600);
        assert_eq!(plan.covered_s(Resolution::Hour, 10 * DAY + HOUR), HOUR);
        assert_eq!(plan.covered_s(Resolution::Day, 10 * DAY), 2 * HOUR - 600);
        assert_eq!(plan.covered_s(Resolution::Day, 11 * DAY), 0);
    }
}
