//! The rules on resources, for whoever writes none.

use std::time::Duration;

use crate::alert::error::AlertError;
use crate::alert::rule::Rule;
use crate::alert::threshold::Thresholds;
use crate::catalog::Quantity;
use crate::measure::Severity;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// The shares of a limit that are bad: when raised and when cleared.
const WARNING: (f64, f64) = (0.80, 0.75);
const CRITICAL: (f64, f64) = (0.95, 0.90);

/// A rule on a share of a limit.
struct Share {
    id: &'static str,
    what: &'static str,
    hold: Duration,
    next_step: &'static str,
}

const SHARES: [Share; 8] = [
    Share {
        id: "host_cpu",
        what: "host CPU",
        hold: Duration::from_secs(300),
        next_step: "See which threads rose with it, and whether other programs run on this host; \
                    run fewer things at once, or give it more processors.",
    },
    Share {
        id: "cpu_quota",
        what: "CPU, of the quota",
        hold: Duration::from_secs(300),
        next_step: "The container is about to be throttled: raise its quota of processors, or run \
                    fewer things at once.",
    },
    Share {
        id: "host_memory",
        what: "host memory in use",
        hold: MINUTE,
        next_step: "See whether this process grows or another does; free memory before the host \
                    swaps or ends a process.",
    },
    Share {
        id: "memory_limit",
        what: "memory in use, of the limit",
        hold: MINUTE,
        next_step: "The process is ended when its limit is reached: raise the limit, or find what \
                    it keeps.",
    },
    Share {
        id: "disk_space",
        what: "disk space in use",
        hold: MINUTE,
        next_step: "Find what grows on this file system: logs, dumps, old indexes; remove it, or \
                    enlarge the disk.",
    },
    Share {
        id: "disk_inodes",
        what: "inodes in use",
        hold: MINUTE,
        next_step: "There are many small files on this file system: find the folder that has most \
                    of them, and remove or pack them.",
    },
    Share {
        id: "file_handles",
        what: "file handles, of the limit",
        hold: Duration::from_secs(30),
        next_step: "See which files and sockets stay open: connections that are not closed, files \
                    that are not dropped; or raise the limit (ulimit -n).",
    },
    Share {
        id: "threads",
        what: "threads, of the limit",
        hold: Duration::from_secs(30),
        next_step: "See which threads there are most of, by their names: a pool without a bound, \
                    or one for each request.",
    },
];

impl Rule {
    /// One rule for each resource that has a limit, and one for each limit that can be foreseen.
    ///
    /// Shares of a limit are a warning above 80 %, until they are at 75 % or less, and critical
    /// above 95 %, until they are at 90 %. A time until a limit is reached is a warning below 8
    /// hours, until it is 48, and critical below 2 hours, until it is 24: the bounds of Netdata's
    /// `disk_full` forecast. What lasts shorter than a rule holds is told nobody.
    ///
    /// | rule | it watches | holds | kept for |
    /// |---|---|---|---|
    /// | `host_cpu` | the host's processors | 5 min | 5 min |
    /// | `cpu_quota` | the control group's quota of them | 5 min | 5 min |
    /// | `host_memory` | the host's memory | 1 min | 5 min |
    /// | `memory_limit` | the control group's limit of it | 1 min | 5 min |
    /// | `disk_space` | each file system that is watched | 1 min | 5 min |
    /// | `disk_inodes` | its inodes | 1 min | 5 min |
    /// | `file_handles` | the process's limit | 30 s | 5 min |
    /// | `threads` | the control group's limit | 30 s | 5 min |
    /// | `disk_full` | the time until a file system is full | 5 min | 15 min |
    /// | `memory_full` | the time until a limit of memory is reached | 5 min | 15 min |
    ///
    /// # Errors
    /// None that can be seen: the rules are good, and a test builds them.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::alert::Rule;
    ///
    /// let rules = Rule::resources()?;
    /// assert!(rules.iter().any(|rule| rule.id() == "disk_full"));
    /// # Ok::<(), kgas_perf_runtime::alert::AlertError>(())
    /// ```
    pub fn resources() -> Result<Vec<Self>, AlertError> {
        let share = |share: &Share| {
            let bounds = |(raise, clear)| (Quantity::Ratio(raise), Quantity::Ratio(clear));
            let (warning, critical) = (bounds(WARNING), bounds(CRITICAL));
            let thresholds = Thresholds::above()
                .step(Severity::Warning, warning.0, warning.1)
                .step(Severity::Critical, critical.0, critical.1);
            Self::number(share.id, share.what, thresholds)
                .hold_for(share.hold)
                .next_step(share.next_step)
                .build()
        };
        let full =
            |(id, what, next_step): (&str, &str, &str)| {
                let hours = |hours: u64| Quantity::DurationNs(hours * 3_600_000_000_000);
                let thresholds = Thresholds::below()
                    .step(Severity::Warning, hours(8), hours(48))
                    .step(Severity::Critical, hours(2), hours(24));
                Self::number(id, what, thresholds)
                    .hold_for(300 * SECOND)
                    .keep_firing(15 * MINUTE)
                    .next_step(next_step)
                    .build()
            };
        let forecasts = [
            (
                "disk_full",
                "time until the disk is full",
                "Find what is being written to this file system and stop it, or make room before \
                 then.",
            ),
            (
                "memory_full",
                "time until the limit of memory is reached",
                "Find what grows: see the operations that leave memory behind. Restart the \
                 process before then if it cannot be found.",
            ),
        ];
        SHARES.iter().map(share).chain(forecasts.into_iter().map(full)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_on_a_resource_is_a_good_one_and_holds() {
        let rules = Rule::resources().expect("good rules");
        assert_eq!(rules.len(), 10);
        assert!(rules.iter().all(|rule| rule.hold_for() >= 30 * SECOND));
        let standard = Rule::standard().expect("good rules");
        let taken = |rule: &Rule| standard.iter().any(|other| other.id() == rule.id());
        assert!(!rules.iter().any(taken), "ids are part of every alert's identity");
    }
}
