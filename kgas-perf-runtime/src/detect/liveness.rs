//! `Liveness`: whether the monitor itself still works.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::detect::component::Component;
use crate::detect::loss::{Loss, LossWatch};
use crate::detect::pauses::Pauses;
use crate::detect::standing::Standing;

/// Watches the parts of the monitor itself: those that have stopped beating, and counters of
/// what was lost.
///
/// Whoever looks should not be the one who is looked at: a collector that hangs does not find
/// out. Time in which nobody looked does not count, since then the machine may have slept.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::detect::{Component, Liveness, Stake};
///
/// let second = Duration::from_secs(1);
/// let mut liveness = Liveness::new();
/// let mut told = Vec::new();
/// for now in 0..60 {
///     let collector = Component {
///         name: "collector",
///         stake: Stake::Attention,
///         last_beat: Duration::ZERO,
///         allowed: 5 * second,
///         idle: false,
///     };
///     for (name, standing) in liveness.look(now * second, &[collector], &[]) {
///         told.push(format!("{name} is {:?}", standing.level().unwrap()));
///     }
/// }
/// assert_eq!(
///     told,
///     ["collector is Warning", "collector is Critical", "collector is Emergency"]
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Liveness {
    pauses: Pauses,
    losses: BTreeMap<String, LossWatch>,
    standings: BTreeMap<String, Standing>,
}

impl Default for Liveness {
    fn default() -> Self {
        Self::new()
    }
}

impl Liveness {
    /// Knows no component yet. A pause is 15 seconds without a look.
    pub fn new() -> Self {
        Self {
            pauses: Pauses::new(Duration::from_secs(15)),
            losses: BTreeMap::new(),
            standings: BTreeMap::new(),
        }
    }

    /// Sets from how long a time without a look on it counts as time in which the process did
    /// not run. Some ten looks.
    pub fn pause(mut self, after: Duration) -> Self {
        self.pauses.after = after;
        self
    }

    /// Looks at all components and counters there are; those that are no longer named are
    /// forgotten.
    ///
    /// Answers what is worse than at the look before: each once an escalation.
    pub fn look(
        &mut self,
        now: Duration,
        components: &[Component<'_>],
        losses: &[Loss<'_>],
    ) -> Vec<(&str, &Standing)> {
        self.pauses.look(now);
        let mut standings = BTreeMap::new();
        for component in components {
            let unwatched = self.pauses.since(component.last_beat);
            let silence = now.saturating_sub(component.last_beat).saturating_sub(unwatched);
            let standing = component.standing_after(now, silence);
            standings.insert(component.name.to_owned(), standing);
        }
        self.losses.retain(|known, _| losses.iter().any(|loss| loss.name == known));
        for loss in losses {
            let watch = self.losses.entry(loss.name.to_owned()).or_default();
            standings.insert(loss.name.to_owned(), watch.look(now, loss));
        }
        let before = std::mem::replace(&mut self.standings, standings);
        let level = |name: &str| before.get(name).and_then(Standing::level);
        self.standings().filter(|(name, standing)| standing.level() > level(name)).collect()
    }

    /// How everything stands that was named at the last look, by name.
    pub fn standings(&self) -> impl Iterator<Item = (&str, &Standing)> {
        self.standings.iter().map(|(name, standing)| (name.as_str(), standing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::component::Stake;
    use crate::measure::Severity;

    const SECOND: Duration = Duration::from_secs(1);

    fn component(name: &str, last_beat: u32) -> Component<'_> {
        let last_beat = last_beat * SECOND;
        Component { name, stake: Stake::Data, last_beat, allowed: 10 * SECOND, idle: false }
    }

    #[test]
    fn who_beats_is_clear_and_who_stops_is_told_three_times_and_clear_when_it_beats() {
        let mut liveness = Liveness::new();
        let mut told = 0;
        for now in 0..100 {
            let parts = [component("store", now), component("channel", now.min(20))];
            let worse = liveness.look(now * SECOND, &parts, &[]);
            assert!(worse.iter().all(|(name, _)| *name == "channel"));
            told += worse.len();
        }
        assert_eq!(told, 3);
        assert!(liveness.look(100 * SECOND, &[component("channel", 100)], &[]).is_empty());
        assert!(liveness.standings().all(|(_, standing)| *standing == Standing::Clear));
    }

    #[test]
    fn a_suspended_machine_is_no_stalled_component() {
        let mut liveness = Liveness::new();
        liveness.look(SECOND, &[component("store", 1)], &[]);
        assert!(liveness.look(30_000 * SECOND, &[component("store", 1)], &[]).is_empty());
        // What does not wake up is told by the time that was watched.
        let told: Vec<_> = (30_001..30_040)
            .filter(|now| !liveness.look(*now * SECOND, &[component("store", 1)], &[]).is_empty())
            .collect();
        assert_eq!(told, [30_011, 30_021, 30_031]);
    }

    #[test]
    fn losses_that_grow_are_a_loss_of_data() {
        let mut liveness = Liveness::new();
        let mut told = Vec::new();
        for now in 1..60_u32 {
            let lost = u64::from(now.saturating_sub(30)) * 500;
            let of = u64::from(now) * 1_000;
            let loss = Loss { name: "calls", lost, of, worst: Severity::Emergency };
            let worse = liveness.look(now * SECOND, &[], &[loss]);
            told.extend(worse.iter().filter_map(|(_, standing)| standing.level()));
        }
        assert_eq!(told, [Severity::Critical, Severity::Emergency]);
    }
}
