//! `ResourcesOf`: an operation, seen against the resources of its time.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::alert::{Now, OPERATION, SIZE_CLASS};
use crate::catalog::{Quantity, SizeClass};
use crate::collector::Collector;
use crate::collector::resources::Resources;
use crate::resource::Rise;

/// An operation and size class, seen against the resources of its time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResourcesOf {
    /// How long ago what is wrong with it began; `None` where nothing is.
    pub began_ago: Option<Duration>,
    /// What resources read now, by name: rates over the last 10 s.
    pub levels: BTreeMap<String, Quantity>,
    /// What clearly rose since it began, against four times as long before; where nothing is
    /// wrong, in the last 15 s. The clearest first.
    pub rose: Vec<Rise>,
}

impl Collector {
    /// What resources read now, and what rose when an operation became slow. `None` where nobody
    /// reads resources, or not within the last half minute.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::catalog::SizeClass;
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// // `install` reads resources; a collector by itself does not.
    /// let collector = Collector::new(Registry::new());
    /// assert_eq!(collector.resources_of("import", SizeClass::Unsized), None);
    /// ```
    pub fn resources_of(&self, operation: &str, class: SizeClass) -> Option<ResourcesOf> {
        let now: Now = self.now();
        let state = self.state();
        let levels = state.resources.levels(now.monotonic)?;
        let at = state.alerts.moment(now);
        let of_it = state.alerts.saved().open.values().filter(|alert| {
            alert.subject.label(OPERATION) == Some(operation)
                && alert.subject.label(SIZE_CLASS) == Some(class.as_str())
        });
        let began_ago = of_it.filter_map(|alert| Some(at.since(alert.onset?))).max();
        let began = began_ago.map(|ago| now.monotonic.saturating_sub(ago));
        let began = began.unwrap_or(Resources::lately(now.monotonic));
        let rose = state.resources.rises(began, now.monotonic).unwrap_or_default();
        Some(ResourcesOf { began_ago, levels, rose })
    }
}
