//! `Cover`: by which rows an asked time is covered.

use crate::store::archive::query::Between;
use crate::store::resolution::Resolution;

/// A stretch of time that is answered from rows of one resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The resolution.
    pub resolution: Resolution,
    /// From this time on, in seconds since 1970-01-01 00:00 UTC.
    pub from_unix_s: u64,
    /// Until just before this time, in seconds since 1970-01-01 00:00 UTC.
    pub until_unix_s: u64,
}

/// From when until when rows of each resolution are whole, in seconds since 1970-01-01 00:00 UTC,
/// by resolution: what is older was dropped, and what is newer is not rolled up yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Available(pub [(u64, u64); 3]);

/// What part of an asked time an answer is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// The asked time, in seconds.
    pub asked_s: u64,
    /// The stretches that the answer is of, oldest first; they do not overlap. What lies between
    /// them is not answered: it was dropped, or is there only as a part of a longer row.
    pub spans: Vec<Span>,
    /// Rows that should be part of the answer and are not, since they are damaged.
    pub damaged_rows: u64,
}

impl Cover {
    /// Covers a time by the coarsest rows that lie in it, and by finer ones at its ends. Seconds
    /// before the first full minute and after the last are not covered.
    pub fn of(between: &Between, available: &Available) -> Self {
        let (from, until) = (between.from_unix_s, between.until_unix_s);
        let asked_s = until.saturating_sub(from);
        let mut spans: Vec<Span> = Vec::new();
        let mut at = Resolution::Minute.next(from);
        // When rows of a resolution begin, from a time on, if a whole one fits.
        let begins = |resolution: Resolution, from: u64| {
            let (first, end) = available.0[resolution as usize];
            let start = resolution.next(from.max(first));
            let fits = start.checked_add(resolution.seconds())? <= end.min(until);
            (fits && resolution <= between.coarsest).then_some(start)
        };
        while at < until {
            let next = Resolution::ALL
                .into_iter()
                .rev()
                .filter_map(|resolution| begins(resolution, at).map(|start| (start, resolution)));
            // The soonest, and of those the coarsest.
            let Some((start, resolution)) = next.min_by_key(|(start, _)| *start) else { break };
            // Until it ends, or a coarser one begins.
            let (_, end) = available.0[resolution as usize];
            let end = resolution.start_of(end.min(until));
            let coarser = Resolution::ALL.into_iter().filter(|other| *other > resolution);
            let end = coarser.filter_map(|other| begins(other, start)).fold(end, u64::min);
            spans.push(Span { resolution, from_unix_s: start, until_unix_s: end });
            at = end;
        }
        Self { asked_s, spans, damaged_rows: 0 }
    }

    /// How much of the asked time the answer is of, in seconds.
    pub fn covered_s(&self) -> u64 {
        self.spans.iter().map(|span| span.until_unix_s - span.from_unix_s).sum()
    }

    /// The share of the asked time that the answer is of, `0.0..=1.0`; `None` if no time was
    /// asked for.
    pub fn share(&self) -> Option<f64> {
        (self.asked_s > 0).then(|| self.covered_s() as f64 / self.asked_s as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: u64 = 3_600;
    const DAY: u64 = 86_400;

    #[test]
    fn days_cover_the_middle_and_finer_rows_the_ends() {
        let all = Available([(0, u64::MAX); 3]);
        let asked = Between::new(DAY - HOUR - 60, 3 * DAY + HOUR + 61);
        let cover = Cover::of(&asked, &all);
        let spans: Vec<_> =
            cover.spans.iter().map(|span| (span.resolution, span.until_unix_s)).collect();
        use Resolution::{Day, Hour, Minute};
        let end = 3 * DAY + HOUR;
        let expected =
            [(Minute, DAY - HOUR), (Hour, DAY), (Day, 3 * DAY), (Hour, end), (Minute, end + 60)];
        assert_eq!(spans, expected);
        assert_eq!(
            (cover.asked_s, cover.covered_s()),
            (2 * DAY + 2 * HOUR + 121, cover.asked_s - 1)
        );
    }

    #[test]
    fn what_was_dropped_or_is_a_part_of_a_longer_row_is_not_covered() {
        let available = Available([(9 * DAY, u64::MAX), (5 * DAY, 9 * DAY + HOUR), (0, 9 * DAY)]);
        let cover = Cover::of(&Between::new(DAY + HOUR, 2 * DAY + HOUR), &available);
        assert_eq!((cover.spans.len(), cover.share()), (0, Some(0.0)));
        let minutes = Between::new(0, 10 * DAY).coarsest(Resolution::Minute);
        assert_eq!(Cover::of(&minutes, &available).covered_s(), DAY);
        let hours = Between::new(0, 10 * DAY).coarsest(Resolution::Hour);
        assert_eq!(Cover::of(&hours, &available).covered_s(), 5 * DAY);
        assert_eq!(Cover::of(&Between::new(0, 10 * DAY), &available).share(), Some(1.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn spans_hold_whole_rows_that_are_there_and_never_overlap(
            from in 0_u64..40 * DAY,
            long in 0_u64..40 * DAY,
            ends in proptest::collection::vec((0_u64..70, 0_u64..70), 3),
            coarsest in 0_usize..3,
        ) {
            let ends: Vec<_> = ends.iter().map(|(first, end)| (first * DAY, end * DAY)).collect();
            let available = Available([ends[0], ends[1], ends[2]]);
            let coarsest = Resolution::ALL[coarsest];
            let cover = Cover::of(&Between::new(from, from + long).coarsest(coarsest), &available);
            let mut last = from;
            for span in &cover.spans {
                prop_assert!(last <= span.from_unix_s && span.from_unix_s < span.until_unix_s);
                prop_assert!(span.resolution <= coarsest);
                let (first, end) = available.0[span.resolution as usize];
                prop_assert!(first <= span.from_unix_s && span.until_unix_s <= end);
                let whole = span.resolution.seconds();
                prop_assert_eq!((span.from_unix_s % whole, span.until_unix_s % whole), (0, 0));
                last = span.until_unix_s;
            }
            prop_assert!(last <= from + long || cover.spans.is_empty());
            // Whoever has minutes misses less than one at each end.
            let (first, end) = ends[0];
            if first <= from && from + long <= end && long >= 120 {
                prop_assert!(cover.asked_s - cover.covered_s() < 120);
            }
        }
    }
}
