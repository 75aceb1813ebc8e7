//! `Inhibition`: one alert speaks for another.
//!
//! Which alerts are inhibited is worked out after a whole round, from all alerts at once. So a
//! target is never told because it came before its source.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::alert::error::AlertError;
use crate::alert::fingerprint::Fingerprint;
use crate::alert::life::Alert;
use crate::alert::matcher::Matcher;
use crate::measure::Severity;

/// While an alert that `source` means fires, those that `target` means and whose `equal` labels
/// have the same values are not told.
///
/// One is built in: on the same subject a worse alert speaks for all milder ones. An alert that
/// is never told speaks for nobody: an info, and so every alert of an immature baseline. A label
/// that one of the two does not have is not equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inhibition {
    name: String,
    source: Matcher,
    target: Matcher,
    equal: Vec<String>,
}

/// Which alert speaks for an alert.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Inhibited {
    /// Its fingerprint.
    pub by: Fingerprint,
    /// The name of the inhibition that says so; `None` where it is simply worse, and on the same
    /// subject.
    pub inhibition: Option<String>,
}

/// The longest name.
const LONGEST_NAME: usize = 100;

impl Inhibition {
    /// A source, a target and the labels that they share.
    ///
    /// # Errors
    /// If the name is not 1 to 100 characters, or a term of a matcher or a label is empty.
    pub fn new(
        name: &str,
        source: Matcher,
        target: Matcher,
        equal: &[&str],
    ) -> Result<Self, AlertError> {
        let mistake = if !(1..=LONGEST_NAME).contains(&name.chars().count()) {
            let accepted = format!("1 to {LONGEST_NAME} characters");
            Some(("name", format!("{} characters long", name.chars().count()), accepted))
        } else if equal.contains(&"") {
            Some(("equal", "an empty label".to_owned(), "names of labels".to_owned()))
        } else {
            source.mistake().or_else(|| target.mistake())
        };
        if let Some((field, value, accepted)) = mistake {
            let inhibition = name.to_owned();
            return Err(AlertError::Inhibition { inhibition, field, value, accepted });
        }
        let equal = equal.iter().map(|label| (*label).to_owned()).collect();
        Ok(Self { name: name.to_owned(), source, target, equal })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values of the labels that must be equal, if the alert has them all.
    fn key<'a>(&self, alert: &'a Alert) -> Option<Vec<&'a str>> {
        self.equal.iter().map(|label| alert.subject.label(label)).collect()
    }
}

/// Some alerts that each speak for all of some others; nobody is in both lists.
#[derive(Debug, Default)]
struct Group<'a> {
    inhibition: Option<&'a str>,
    sources: Vec<usize>,
    targets: Vec<usize>,
}

/// Who speaks for each of these alerts, if anybody does.
///
/// An alert that is both source and target of an inhibition is not inhibited by another such.
/// Where alerts inhibit each other in a ring all the same, the worst of them is told, the oldest
/// among equals. So every alert that is not told has one that is told and speaks for it, directly
/// or through others.
///
/// # Cost
/// Alerts times inhibitions, and never a walk over pairs of alerts.
pub(crate) fn inhibited(alerts: &[&Alert], inhibitions: &[Inhibition]) -> Vec<Option<Inhibited>> {
    // The worst first, so that who speaks for others is the worst that could.
    let mut order: Vec<usize> = (0..alerts.len()).filter(|at| alerts[*at].is_told()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(alerts[*at].severity), alerts[*at].id));
    let mut groups = by_severity(alerts, &order);
    for inhibition in inhibitions {
        groups.extend(declared(alerts, &order, inhibition));
    }
    groups.retain(|group| !group.sources.is_empty() && !group.targets.is_empty());
    spread(alerts, &order, &groups)
}

/// On each subject, the worst alerts speak for all milder ones.
fn by_severity<'a>(alerts: &[&Alert], order: &[usize]) -> Vec<Group<'a>> {
    let mut subjects: BTreeMap<_, (Severity, Group<'a>)> = BTreeMap::new();
    for &at in order {
        let alert = alerts[at];
        let (worst, group) =
            subjects.entry(&alert.subject).or_insert_with(|| (alert.severity, Group::default()));
        if alert.severity == *worst {
            group.sources.push(at);
        } else {
            group.targets.push(at);
        }
    }
    subjects.into_values().map(|(_, group)| group).collect()
}

/// For each set of equal labels: sources speak for targets that are no sources, and sources that
/// are no targets speak for those that are both.
fn declared<'a>(
    alerts: &[&Alert],
    order: &[usize],
    inhibition: &'a Inhibition,
) -> impl Iterator<Item = Group<'a>> {
    let mut keyed: BTreeMap<Vec<&str>, [Group<'a>; 2]> = BTreeMap::new();
    for &at in order {
        let alert = alerts[at];
        let is_source = inhibition.source.matches(alert);
        let is_target = inhibition.target.matches(alert);
        let Some(key) = inhibition.key(alert).filter(|_| is_source || is_target) else {
            continue;
        };
        let new = || Group { inhibition: Some(&inhibition.name), ..Group::default() };
        let [of_targets, of_both] = keyed.entry(key).or_insert_with(|| [new(), new()]);
        match (is_source, is_target) {
            (true, true) => {
                of_targets.sources.push(at);
                of_both.targets.push(at);
            }
            (true, false) => {
                of_targets.sources.push(at);
                of_both.sources.push(at);
            }
            _ => of_targets.targets.push(at),
        }
    }
    keyed.into_values().flatten()
}

/// Walks from those nobody speaks for to those they speak for. What cannot be reached so stands in
/// a ring or behind one; the worst of each ring is told, and the walk goes on from there.
fn spread(alerts: &[&Alert], order: &[usize], groups: &[Group<'_>]) -> Vec<Option<Inhibited>> {
    let mut speaks_in: Vec<Vec<usize>> = vec![Vec::new(); alerts.len()];
    let mut is_target = vec![false; alerts.len()];
    for (number, group) in groups.iter().enumerate() {
        for &source in &group.sources {
            speaks_in[source].push(number);
        }
        for &target in &group.targets {
            is_target[target] = true;
        }
    }
    let mut found: Vec<Option<Inhibited>> = vec![None; alerts.len()];
    let mut reached = vec![false; alerts.len()];
    let mut spoken = vec![false; groups.len()];
    let free = order.iter().copied().filter(|at| !is_target[*at]);
    for begin in free.chain(rings_first(order, &speaks_in, groups)) {
        if std::mem::replace(&mut reached[begin], true) {
            continue;
        }
        let mut queue = VecDeque::from([begin]);
        while let Some(speaker) = queue.pop_front() {
            for &number in &speaks_in[speaker] {
                if std::mem::replace(&mut spoken[number], true) {
                    continue;
                }
                for &target in &groups[number].targets {
                    if !std::mem::replace(&mut reached[target], true) {
                        let by = alerts[speaker].fingerprint;
                        let inhibition = groups[number].inhibition.map(str::to_owned);
                        found[target] = Some(Inhibited { by, inhibition });
                        queue.push_back(target);
                    }
                }
            }
        }
    }
    found
}

/// The alerts in an order in which every ring comes before what stands behind it, and its worst
/// before the rest of it: the reverse order in which a depth-first walk leaves them (Kosaraju's
/// first pass; Sharir, "A strong-connectivity algorithm", 1981).
fn rings_first(order: &[usize], speaks_in: &[Vec<usize>], groups: &[Group<'_>]) -> Vec<usize> {
    let mut entered = vec![false; speaks_in.len()];
    let mut spoken = vec![false; groups.len()];
    let mut left = Vec::with_capacity(order.len());
    for &begin in order {
        // An alert with those it still has to speak for, or none when all are entered.
        let mut path: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut next = (!std::mem::replace(&mut entered[begin], true)).then_some(begin);
        loop {
            if let Some(alert) = next.take() {
                let mut targets = Vec::new();
                for &number in &speaks_in[alert] {
                    if !std::mem::replace(&mut spoken[number], true) {
                        targets.extend_from_slice(&groups[number].targets);
                    }
                }
                path.push((alert, targets));
            }
            let Some((alert, targets)) = path.last_mut() else { break };
            match targets.pop() {
                Some(target) => {
                    next = (!std::mem::replace(&mut entered[target], true)).then_some(target);
                }
                None => {
                    left.push(*alert);
                    path.pop();
                }
            }
        }
    }
    left.reverse();
    left
}

#[cfg(test)]
mod tests;
