//! `Incident`: alerts that are one event to a person.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::decide::Part;
use crate::alert::fingerprint::{Fingerprint, fnv1a};
use crate::alert::life::Alert;
use crate::alert::moment::Moment;
use crate::alert::silence::Silence;
use crate::alert::subject::Subject;
use crate::alert::told::{Told, UnderWay};
use crate::measure::Severity;

/// Alerts that are one event to a person: of one group, and overlapping in time.
///
/// It opens with its first alert and ends with its last. It is closed once its end is told to
/// whoever was told of it; an alert that fires before the window of its end is over joins it
/// again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Which of all incidents it is; never used again.
    pub id: u64,
    /// What its alerts have in common: the labels that they are grouped by.
    pub group: BTreeMap<String, String>,
    /// The key under which receivers take all messages of this incident as one: at most 255
    /// characters of printable ASCII.
    pub dedup_key: String,
    /// When its first alert fired.
    pub opened: Moment,
    /// When its last alert was over; `None` while one fires.
    pub ended: Option<Moment>,
    /// When its end was told, or nobody had to be.
    pub closed: Option<Moment>,
    /// Its alerts.
    pub members: BTreeMap<Fingerprint, Member>,
    /// How severe its worst alert is; at the end, how severe the last was.
    pub severity: Severity,
    /// The worst that it ever was.
    pub peak: Severity,
    /// Who is on it, if somebody said so.
    pub acknowledged: Option<Acknowledged>,
    /// What people were told of it.
    pub told: Option<Told>,
    /// What they may have been told besides.
    pub under_way: Option<UnderWay>,
    /// Since when there is news that they were not told, as the alerts had lived by then.
    pub news_since: Option<Duration>,
}

/// An alert as a part of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The number of the alert; of the last one with this fingerprint, if there were several.
    pub alert: u64,
    /// Its rule.
    pub rule: String,
    /// What it is about.
    pub subject: Subject,
    /// How severe it is, or was last.
    pub severity: Severity,
    /// When it fired; the first time, if it fired several times.
    pub fired: Moment,
    /// When it was over; `None` while it fires.
    pub ended: Option<Moment>,
    /// How often it fired.
    pub times: u64,
}

/// Somebody is on it. What goes on is not told again until it gets worse than it was then; news
/// is told all the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who.
    pub who: String,
    /// When.
    pub at: Moment,
    /// How severe it was then.
    pub severity: Severity,
}

impl Incident {
    pub(crate) fn open(id: u64, group: BTreeMap<String, String>, source: &str, at: Moment) -> Self {
        let hash = fnv1a(group.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        Self {
            id,
            group,
            dedup_key: format!("{source}-{hash:016x}-{}-{id}", at.unix.as_secs()),
            opened: at,
            ended: None,
            closed: None,
            members: BTreeMap::new(),
            severity: Severity::Info,
            peak: Severity::Info,
            acknowledged: None,
            told: None,
            under_way: None,
            news_since: None,
        }
    }

    /// Takes an alert in, which fires.
    pub(crate) fn join(&mut self, alert: &Alert, at: Moment) {
        let before = self.members.remove(&alert.fingerprint);
        let member = Member {
            alert: alert.id,
            rule: alert.rule.clone(),
            subject: alert.subject.clone(),
            severity: alert.severity,
            fired: before.as_ref().map_or(at, |member| member.fired),
            ended: None,
            times: before.map_or(0, |member| member.times) + 1,
        };
        self.members.insert(alert.fingerprint, member);
        self.ended = None;
    }

    /// Whether people may know it as not over.
    pub(crate) fn is_known(&self) -> bool {
        self.told.as_ref().is_some_and(|told| !told.firing.is_empty())
            || self.under_way.as_ref().is_some_and(|under_way| under_way.alerts().next().is_some())
    }

    /// What each alert has to say.
    pub(crate) fn parts(
        &self,
        open: &BTreeMap<Fingerprint, Alert>,
        silences: &BTreeMap<u64, Silence>,
        unix: Duration,
    ) -> BTreeMap<Fingerprint, Part> {
        let part = |fingerprint: &Fingerprint, member: &Member| {
            let alert = open.get(fingerprint).filter(|alert| alert.id == member.alert);
            let severity = alert.map_or(member.severity, |alert| alert.severity);
            let silenced = silences.values().any(|silence| {
                silence.remaining(unix).is_some()
                    && silence.matcher.means(&member.rule, &member.subject, severity)
            });
            match alert {
                None if silenced => Part::MutedEnd,
                None => Part::Ended,
                Some(alert) if silenced || alert.inhibited.is_some() => Part::Muted,
                Some(alert) if alert.is_told() => Part::Speaks(severity),
                Some(_) => Part::Quiet(severity),
            }
        };
        self.members.iter().map(|(key, member)| (*key, part(key, member))).collect()
    }

    /// Takes over what its alerts have become. Answers whether all of them are over.
    pub(crate) fn follow(&mut self, open: &BTreeMap<Fingerprint, Alert>, at: Moment) -> bool {
        let mut worst = None;
        for (fingerprint, member) in &mut self.members {
            match open.get(fingerprint).filter(|alert| alert.id == member.alert) {
                Some(alert) => {
                    member.severity = alert.severity;
                    worst = worst.max(Some(alert.severity));
                }
                None => {
                    member.ended.get_or_insert(at);
                }
            }
        }
        match worst {
            Some(worst) => {
                self.severity = worst;
                self.peak = self.peak.max(worst);
                self.ended = None;
            }
            None => {
                self.ended.get_or_insert(at);
            }
        }
        worst.is_none()
    }

    /// Drops alerts that are over, the oldest first, until no more than `most` are left. Answers
    /// how many.
    pub(crate) fn trim(&mut self, most: usize) -> u64 {
        let mut over: Vec<_> =
            self.members.iter().filter_map(|(key, member)| Some((member.ended?, *key))).collect();
        over.sort_unstable();
        let many = over.len().saturating_sub(most);
        for (_, fingerprint) in over.into_iter().take(many) {
            self.members.remove(&fingerprint);
        }
        many as u64
    }
}

/// The labels that an alert on this subject is grouped by: those of `group_by` that it has, else
/// all that it has.
pub(crate) fn group_of(subject: &Subject, group_by: &[String]) -> BTreeMap<String, String> {
    let labels = subject.labels();
    let group: BTreeMap<_, _> = group_by
        .iter()
        .filter_map(|name| Some((name.clone(), labels.get(name)?.clone())))
        .collect();
    if group.is_empty() { labels.clone() } else { group }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::life::tests::alert;
    use crate::catalog::SizeClass;

    #[test]
    fn a_dedup_key_never_exceeds_what_pagers_take() {
        let at = Moment { lived: Duration::MAX, unix: Duration::MAX };
        let group = [("operation".to_owned(), "ä".repeat(10_000))].into();
        let incident = Incident::open(u64::MAX, group, &"x".repeat(100), at);
        assert!(incident.dedup_key.len() <= 255, "{}", incident.dedup_key.len());
        assert!(incident.dedup_key.is_ascii());
    }

    #[test]
    fn size_classes_belong_together_and_subjects_without_such_labels_stand_alone() {
        let by = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let [small, large] =
            [SizeClass::Small, SizeClass::Large].map(|class| Subject::operation("import", class));
        assert_eq!(group_of(&small, &by(&["operation"])), group_of(&large, &by(&["operation"])));
        assert_ne!(group_of(&small, &by(&[])), group_of(&large, &by(&[])));
        let store = Subject::component("store");
        assert_eq!(&group_of(&store, &by(&["operation"])), store.labels());
    }

    #[test]
    fn the_oldest_that_are_over_are_dropped_and_never_one_that_fires() {
        let at = |secs| Moment { lived: Duration::from_secs(secs), unix: Duration::ZERO };
        let mut incident = Incident::open(1, BTreeMap::new(), "x", at(0));
        for (name, ended) in [("a", Some(3)), ("b", Some(1)), ("c", None), ("d", Some(2))] {
            let alert = alert(Subject::component(name));
            incident.join(&alert, at(0));
            incident.members.get_mut(&alert.fingerprint).unwrap().ended = ended.map(at);
        }
        assert_eq!(incident.trim(1), 2);
        let mut left: Vec<_> = incident.members.values().map(|m| m.subject.name()).collect();
        left.sort_unstable();
        assert_eq!(left, ["a", "c"]);
        assert_eq!(incident.trim(1), 0);
    }
}
