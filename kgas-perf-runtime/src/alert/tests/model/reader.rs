//! Somebody who reads every message that arrives, and is not to be told wrongly.

use std::collections::BTreeMap;

use super::case::Case;
use super::{PAIRS, TIERS, pair_of};
use crate::alert::{Due, Fingerprint, Part, Reason};
use crate::measure::Severity;

/// What they know by one dedup key.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    /// The alerts that they know to fire, and how often each had been over by then.
    pub(super) firing: BTreeMap<Fingerprint, (Severity, usize)>,
    /// What they knew when it was last recorded that a message had arrived.
    recorded: BTreeMap<Fingerprint, (Severity, usize)>,
    /// When they were last told.
    last: u64,
    /// What was in messages of which the sender does not know whether they have arrived.
    maybe: BTreeMap<Fingerprint, (Severity, usize)>,
    /// There are such messages: they may come again.
    may_come_again: bool,
}

impl View {
    /// What they know after a message. What is muted they know from before, and it may be over
    /// meanwhile.
    fn after(&self, due: &Due, case: &Case) -> BTreeMap<Fingerprint, (Severity, usize)> {
        let known = |(key, severity): (&Fingerprint, &Severity)| {
            let before = [&self.firing, &self.maybe, &self.recorded];
            let before = before.into_iter().find_map(|known| known.get(key)).map(|(_, ends)| *ends);
            let speaks = matches!(due.parts.get(key), Some(Part::Speaks(_) | Part::Quiet(_)));
            let pair = pair_of(*key).expect("an alert of the model");
            let ends = before.filter(|_| !speaks).unwrap_or(case.lives[pair].lasts.len());
            (*key, (*severity, ends))
        };
        due.told.firing.iter().map(known).collect()
    }
}

/// Everything they know.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    pub(super) views: BTreeMap<String, View>,
}

impl Reader {
    /// Reads a message, and checks that it ought to have been sent.
    pub(super) fn read(&mut self, due: &Due, case: &Case) {
        let truth = |key: &Fingerprint| pair_of(*key).expect("an alert of the model");
        assert!(due.send && !due.dedup_key.is_empty() && due.dedup_key.len() <= 255);
        let mut worst = None;
        for (key, part) in &due.parts {
            let pair = truth(key);
            if let Part::Speaks(severity) = part {
                worst = worst.max(Some(*severity));
                assert!(case.may_be_told(pair), "{pair} is told and ought not to be");
                assert_eq!(case.lives[pair].severity(), Some(*severity), "{pair}");
            }
        }
        assert_eq!(due.severity, worst);
        let view = self.views.entry(due.dedup_key.clone()).or_default();
        let is_first = view.firing.is_empty() && !view.may_come_again;
        assert!(!is_first || due.reason == Reason::First, "{:?}", due.reason);
        let known: BTreeMap<_, _> = view.firing.iter().map(|(k, (s, _))| (*k, *s)).collect();
        let is_news = known != due.told.firing;
        match due.reason {
            Reason::Repeat => {
                let tier = TIERS.of(worst.expect("something that goes on"));
                let repeat = tier.repeat.expect("a tier that repeats").as_secs();
                let early = case.lived - view.last < repeat;
                assert!(!early || view.may_come_again, "repeated {} s early", case.lived);
                assert!(case.acknowledged.get(&due.incident).copied() < worst, "acknowledged");
                assert!(!is_news || view.may_come_again, "{known:?} {due:?}");
            }
            Reason::AllResolved => assert!(due.told.firing.is_empty() && worst.is_none()),
            _ => {}
        }
        assert!(is_news || due.reason == Reason::Repeat || view.may_come_again, "{due:?}");
        for (key, (_, ends)) in &view.firing {
            let pair = truth(key);
            if !due.told.firing.contains_key(key) {
                let since = &case.lives[pair].lasts[*ends..];
                assert!(!since.is_empty(), "{pair} is not over");
                let silenced = |severity: &Severity| case.is_silenced(pair, *severity);
                assert!(!since.iter().all(silenced), "the end of {pair} is told under a silence");
            }
        }
        for (key, severity) in &due.told.firing {
            let pair = truth(key);
            let before = view.firing.get(key).map(|(severity, _)| *severity);
            let holds = case.lives[pair].severity() == Some(*severity);
            let other = [&view.maybe, &view.recorded]
                .map(|other| other.get(key).map(|(severity, _)| *severity));
            let is_known = before == Some(*severity) || other.contains(&Some(*severity));
            assert!(holds || is_known, "{pair} is told as {severity:?}");
        }
        view.firing = view.after(due, case);
        view.last = case.lived;
    }

    /// The sender does not know whether they have read this.
    pub(super) fn may_have_read(&mut self, due: &Due, case: &Case) {
        let view = self.views.entry(due.dedup_key.clone()).or_default();
        view.may_come_again = true;
        for (key, (severity, ends)) in view.after(due, case) {
            let (worst, _) = view.maybe.entry(key).or_insert((severity, ends));
            *worst = severity.max(*worst);
        }
    }

    /// The sender knows that this was read.
    pub(super) fn has_read(&mut self, due: &Due) {
        let view = self.views.get_mut(&due.dedup_key).expect("it was read");
        view.may_come_again = false;
        view.maybe.clear();
        view.recorded.clone_from(&view.firing);
    }

    /// Whether they know an alert to be this severe.
    pub(super) fn knows(&self, key: Fingerprint, severity: Severity) -> bool {
        let is_known = |view: &View| view.firing.get(&key).is_some_and(|(s, _)| *s == severity);
        self.views.values().any(is_known)
    }

    /// The alerts that they believe to fire.
    pub(super) fn believes(&self) -> Vec<&'static str> {
        let firing = self.views.values().flat_map(|view| view.firing.keys());
        firing.map(|key| PAIRS[pair_of(*key).expect("an alert of the model")].0).collect()
    }
}
