//! `ThreadGroup`: CPU time by what threads are called.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

/// Most groups that have a name of their own; the rest share [`OTHER`].
pub const MOST_GROUPS: usize = 24;

/// The group of all threads whose own is one too many.
pub const OTHER: &str = "other";

/// Threads that share a name, but for the number at its end: `worker-1` and `worker-2` are
/// `worker-*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ThreadGroup {
    /// The name, with a `*` for the number.
    pub name: String,
    /// Its threads that live.
    pub threads: u32,
    /// Counter: nanoseconds on processors, since they were first seen; of threads that ended,
    /// too. What a thread used after its last look, or without one, is missing.
    pub cpu_ns: u64,
}

/// Sums CPU time of threads up by group, look by look.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_name: BTreeMap<String, Sum>,
    other: Sum,
    threads: HashMap<u64, Known>,
    look: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    threads: u32,
    cpu_ns: u64,
}

/// A thread as it was seen last.
#[derive(Debug)]
struct Known {
    /// `None`: among the others.
    group: Option<String>,
    cpu_ns: u64,
    /// At which look its name was read, and how often it was by then.
    named: (u32, u32),
    seen: u32,
}

/// A name is read again after so many looks.
const RENAME: u32 = 30;

impl Groups {
    /// Begins a look.
    pub(crate) fn begin(&mut self) {
        self.look = self.look.wrapping_add(1);
        self.other.threads = 0;
        self.by_name.values_mut().for_each(|sum| sum.threads = 0);
    }

    /// Adds a thread with the time it has spent on processors. `name` is asked the first two
    /// times, since many threads name themselves when they run, and now and then after that.
    pub(crate) fn see(&mut self, thread: u64, cpu_ns: u64, name: impl FnOnce() -> Option<String>) {
        let look = self.look;
        let known = self.threads.get_mut(&thread);
        // A counter that went back is another thread's, with the same number.
        let known = known.filter(|known| known.cpu_ns <= cpu_ns);
        let (before, named) = known.as_ref().map_or((0, (0, 0)), |k| (k.cpu_ns, k.named));
        let is_due = named.1 < 2 || look.wrapping_sub(named.0) >= RENAME;
        let group = match known {
            Some(known) if !is_due => known.group.clone(),
            known => {
                let kept = known.and_then(|known| known.group.clone());
                let read = name().map(|name| folded(&name));
                read.or(kept).filter(|name| self.has_room(name))
            }
        };
        let sum = match &group {
            Some(name) => self.by_name.entry(name.clone()).or_default(),
            None => &mut self.other,
        };
        sum.threads += 1;
        sum.cpu_ns = sum.cpu_ns.saturating_add(cpu_ns - before);
        let named = if is_due { (look, named.1.saturating_add(1)) } else { named };
        self.threads.insert(thread, Known { group, cpu_ns, named, seen: look });
    }

    /// Whether a group has a place, or gets that of one whose threads have all ended.
    fn has_room(&mut self, name: &str) -> bool {
        if self.by_name.len() < MOST_GROUPS || self.by_name.contains_key(name) {
            return true;
        }
        let lives = |known: &&Known| self.look.wrapping_sub(known.seen) <= 1;
        let mut alive: Vec<&str> = self
            .threads
            .values()
            .filter(lives)
            .filter_map(|known| known.group.as_deref())
            .collect();
        alive.sort_unstable();
        let over = |name: &&String| alive.binary_search(&name.as_str()).is_err();
        let Some(gone) = self.by_name.keys().find(over).cloned() else { return false };
        if let Some(sum) = self.by_name.remove(&gone) {
            self.other.cpu_ns = self.other.cpu_ns.saturating_add(sum.cpu_ns);
        }
        true
    }

    /// Ends a look: the groups, those that used most first.
    pub(crate) fn end(&mut self) -> Vec<ThreadGroup> {
        let look = self.look;
        self.threads.retain(|_, known| known.seen == look);
        let group = |(name, sum): (&str, &Sum)| ThreadGroup {
            name: name.to_owned(),
            threads: sum.threads,
            cpu_ns: sum.cpu_ns,
        };
        let named = self.by_name.iter().map(|(name, sum)| (name.as_str(), sum));
        let mut groups: Vec<_> = named.map(group).collect();
        if self.other.threads > 0 || self.other.cpu_ns > 0 {
            groups.push(group((OTHER, &self.other)));
        }
        groups.sort_by(|a, b| b.cpu_ns.cmp(&a.cpu_ns).then_with(|| a.name.cmp(&b.name)));
        groups
    }
}

/// A thread's name without the number at its end, which a `*` stands for.
fn folded(name: &str) -> String {
    let name = name.trim_end_matches(['\n', '\0']);
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    match (stem.is_empty(), stem.len() == name.len()) {
        (_, true) if name.is_empty() => "without a name".to_owned(),
        (_, true) => name.to_owned(),
        (true, false) => "*".to_owned(),
        (false, false) => format!("{stem}*"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(groups: &mut Groups, threads: &[(u64, u64, &str)]) -> Vec<(String, u32, u64)> {
        groups.begin();
        for (thread, cpu_ns, name) in threads {
            groups.see(*thread, *cpu_ns, || Some((*name).to_owned()));
        }
        groups.end().into_iter().map(|group| (group.name, group.threads, group.cpu_ns)).collect()
    }

    fn owned(groups: &[(&str, u32, u64)]) -> Vec<(String, u32, u64)> {
        groups.iter().map(|(name, threads, cpu)| ((*name).to_owned(), *threads, *cpu)).collect()
    }

    #[test]
    fn names_are_folded_at_their_end_alone() {
        let names = ["worker-12", "2nd", "17", "a) R 1", "rayon 3x", "", "tokio-rt\n"];
        let expected = ["worker-*", "2nd", "*", "a) R *", "rayon 3x", "without a name", "tokio-rt"];
        assert_eq!(names.map(folded), expected);
    }

    #[test]
    fn a_group_keeps_what_its_threads_used_when_they_end() {
        let mut groups = Groups::default();
        let first = look(&mut groups, &[(1, 10, "main"), (2, 30, "io-1"), (3, 40, "io-2")]);
        assert_eq!(first, owned(&[("io-*", 2, 70), ("main", 1, 10)]));
        let second = look(&mut groups, &[(1, 15, "main"), (3, 50, "io-2")]);
        assert_eq!(second, owned(&[("io-*", 1, 80), ("main", 1, 15)]));
        // Number 3 is another thread now: what it used counts whole.
        let third = look(&mut groups, &[(1, 15, "main"), (3, 5, "net-9")]);
        assert_eq!(third, owned(&[("io-*", 0, 80), ("main", 1, 15), ("net-*", 1, 5)]));
    }

    #[test]
    fn a_thread_that_names_itself_late_changes_its_group_and_no_time_is_counted_twice() {
        let mut groups = Groups::default();
        look(&mut groups, &[(7, 10, "parent")]);
        let named = look(&mut groups, &[(7, 25, "worker-1")]);
        assert_eq!(named, owned(&[("worker-*", 1, 15), ("parent", 0, 10)]));
    }

    #[test]
    fn names_without_end_share_one_group_and_nothing_is_lost() {
        let mut groups = Groups::default();
        let names: Vec<String> = (0..100).map(|n| format!("session-{n}-x")).collect();
        let threads: Vec<_> = (0..100).map(|n| (n, 10, names[n as usize].as_str())).collect();
        let seen = look(&mut groups, &threads);
        assert_eq!(seen.len(), MOST_GROUPS + 1);
        assert_eq!(seen[0], (OTHER.to_owned(), 76, 760));
        // They end, and others with new names take their places.
        for round in 1..50 {
            let names: Vec<String> = (0..100).map(|n| format!("session-{round}-{n}-x")).collect();
            let threads: Vec<_> =
                (0..100).map(|n| (round * 100 + n, 10, names[n as usize].as_str())).collect();
            let seen = look(&mut groups, &threads);
            assert!(seen.len() <= MOST_GROUPS + 1);
            assert_eq!(seen.iter().map(|group| group.1).sum::<u32>(), 100);
            let all: u64 = seen.iter().map(|group| group.2).sum();
            assert_eq!(all, (round + 1) * 1_000);
        }
        assert!(groups.threads.len() <= 100);
    }
}
