//! `Metric`: what an objective bounds, and `Statistic`: which number of it.

use crate::quantity::Dimension;

/// What an objective bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// How long a call takes.
    Duration,
    /// The memory a call takes; for the system, the memory in use.
    Memory,
    /// The share of calls that end in an error.
    ErrorRate,
    /// The share of look-ups that a cache answers.
    CacheHitRate,
    /// The share of calls that had to fall back to another provider.
    FallbackRate,
    /// Finished calls a second.
    Throughput,
    /// Calls in flight at the same time.
    Concurrency,
    /// The share of a pool's connections that are in use.
    PoolUtilisation,
    /// How long a call waits for a lock.
    LockWait,
    /// The share of the host's processors in use, where 100 % is all of them.
    Cpu,
    /// Bytes read from and written to disk a second.
    Disk,
    /// Bits sent and received a second.
    Network,
    /// Open files, sockets and pipes.
    FileHandles,
}

impl Metric {
    /// Every metric, in the order of their declaration.
    pub const ALL: [Self; 13] = [
        Self::Duration,
        Self::Memory,
        Self::ErrorRate,
        Self::CacheHitRate,
        Self::FallbackRate,
        Self::Throughput,
        Self::Concurrency,
        Self::PoolUtilisation,
        Self::LockWait,
        Self::Cpu,
        Self::Disk,
        Self::Network,
        Self::FileHandles,
    ];

    /// The name that catalogues, tables and JSON use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Memory => "memory",
            Self::ErrorRate => "error_rate",
            Self::CacheHitRate => "cache_hit_rate",
            Self::FallbackRate => "fallback_rate",
            Self::Throughput => "throughput",
            Self::Concurrency => "concurrency",
            Self::PoolUtilisation => "pool_utilisation",
            Self::LockWait => "lock_wait",
            Self::Cpu => "cpu",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::FileHandles => "file_handles",
        }
    }

    /// What its quantities are quantities of, and so which units it takes.
    pub const fn dimension(self) -> Dimension {
        match self {
            Self::Duration | Self::LockWait => Dimension::Duration,
            Self::Memory => Dimension::Bytes,
            Self::ErrorRate
            | Self::CacheHitRate
            | Self::FallbackRate
            | Self::PoolUtilisation
            | Self::Cpu => Dimension::Ratio,
            Self::Throughput => Dimension::Rate,
            Self::Disk | Self::Network => Dimension::DataRate,
            Self::Concurrency | Self::FileHandles => Dimension::Count,
        }
    }

    /// The statistics an objective may bound; none where a window has one number only.
    ///
    /// A call has one duration, so a window of calls has a distribution of them, with a mean
    /// and quantiles. A resource is read again and again, so it has those too, and a level that
    /// it holds. An error rate is one number a window.
    pub const fn statistics(self) -> &'static [Statistic] {
        match self {
            Self::Duration | Self::LockWait => Statistic::OF_CALLS,
            Self::ErrorRate | Self::CacheHitRate | Self::FallbackRate | Self::Throughput => &[],
            Self::Memory
            | Self::Concurrency
            | Self::PoolUtilisation
            | Self::Cpu
            | Self::Disk
            | Self::Network
            | Self::FileHandles => &Statistic::ALL,
        }
    }
}

/// Which number of a window's values an objective bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// The arithmetic mean.
    Mean,
    /// The median: half of the values are no larger.
    P50,
    /// 90 % of the values are no larger.
    P90,
    /// 95 % of the values are no larger.
    P95,
    /// 99 % of the values are no larger.
    P99,
    /// 99.9 % of the values are no larger.
    P999,
    /// The largest value.
    Max,
    /// The level that every reading of the window reaches, so that a short peak does not count.
    Sustained,
}

impl Statistic {
    /// Every statistic, in the order of their declaration.
    pub const ALL: [Self; 8] = [
        Self::Mean,
        Self::P50,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::P999,
        Self::Max,
        Self::Sustained,
    ];

    /// Calls come and go, so no level is sustained across them: all but the last.
    const OF_CALLS: &'static [Self] =
        &[Self::Mean, Self::P50, Self::P90, Self::P95, Self::P99, Self::P999, Self::Max];

    /// The name that catalogues, tables and JSON use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p999",
            Self::Max => "max",
            Self::Sustained => "sustained",
        }
    }

    /// The quantile it is, in `0.0..=1.0`; `None` for the mean and the sustained level.
    pub const fn quantile(self) -> Option<f64> {
        match self {
            Self::P50 => Some(0.5),
            Self::P90 => Some(0.9),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
            Self::P999 => Some(0.999),
            Self::Max => Some(1.0),
            Self::Mean | Self::Sustained => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Metric::ALL.iter().map(|metric| metric.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Metric::ALL.len());
    }

    #[test]
    fn quantiles_ascend_with_their_names() {
        let quantiles: Vec<_> = Statistic::ALL.iter().filter_map(|s| s.quantile()).collect();
        assert_eq!(quantiles, [0.5, 0.9, 0.95, 0.99, 0.999, 1.0]);
    }

    #[test]
    fn only_readings_have_a_sustained_level() {
        assert!(Metric::Cpu.statistics().contains(&Statistic::Sustained));
        assert!(!Metric::Duration.statistics().contains(&Statistic::Sustained));
        assert!(Metric::ErrorRate.statistics().is_empty());
    }
}
