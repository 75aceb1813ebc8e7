//! `Parts`: what a collector is made of.

use std::time::Duration;

use crate::alert::{Rule, Settings, Tier, Tiers};
use crate::baseline::Environment;
use crate::catalog::Catalogue;
use crate::detect::Watchdog;
use crate::resource::Readings;
use crate::store::Store;

/// What a collector is made of. The alerts' settings are checked by whoever takes them from
/// outside.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) catalogue: Catalogue,
    pub(crate) environment: Environment,
    pub(crate) rules: Vec<Rule>,
    pub(crate) alerts: Settings,
    pub(crate) watchdog: Watchdog,
    /// From how long a time without a tick on the process was suspended; `None` where nobody
    /// knows when the next tick will be.
    pub(crate) suspended_after: Option<Duration>,
    /// What resources read; `None` where nobody reads them.
    pub(crate) readings: Option<Readings>,
    /// Where what ticks see is kept.
    pub(crate) store: Option<Box<dyn Store>>,
    pub(crate) flush_every: Duration,
}

impl Parts {
    /// The built-in catalogue, the standard rules, and ticks that come when they come.
    pub(crate) fn new() -> Self {
        Self {
            catalogue: Catalogue::builtin().clone(),
            environment: here(),
            // They are good; a test of theirs builds them.
            rules: [Rule::standard(), Rule::resources()]
                .into_iter()
                .flat_map(Result::unwrap_or_default)
                .collect(),
            alerts: of_a_log(),
            watchdog: Watchdog::new(),
            suspended_after: None,
            readings: None,
            store: None,
            flush_every: Duration::from_secs(1),
        }
    }
}

/// The machine, and how the runtime was built, which is how the program was.
fn here() -> Environment {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cores = u32::try_from(cores).unwrap_or(u32::MAX);
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let here = Environment::new(std::env::consts::OS, std::env::consts::ARCH, cores);
    let here = here.profile(profile);
    // The build script says it, where the compiler did.
    match option_env!("KGAS_PERF_RUSTC") {
        Some(version) => here.rustc(version),
        None => here,
    }
}

/// A line in a log wakes nobody, so news is gathered for seconds and not for minutes.
pub(crate) fn of_a_log() -> Settings {
    let gathered = |tier: Tier, secs| Tier { window: Duration::from_secs(secs), ..tier };
    let Tiers { warning, critical, emergency } = Tiers::default();
    let tiers = Tiers { warning: gathered(warning, 5), critical: gathered(critical, 5), emergency };
    Settings { tiers, ..Settings::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Alerts, Now};

    #[test]
    fn the_parts_there_are_without_a_choice_are_good() {
        let parts = Parts::new();
        assert_eq!(parts.rules.len(), 18);
        assert!(Alerts::new(parts.rules, parts.alerts, Now::default()).is_ok());
        assert_eq!(parts.environment.os, std::env::consts::OS);
        let rustc = parts.environment.rustc.unwrap();
        assert_eq!(rustc.split('.').count(), 3, "{rustc}");
    }
}
