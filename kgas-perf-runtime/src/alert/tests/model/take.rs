//! Steps taken.

use super::case::{Case, Quiet};
use super::reader::Reader;
use super::step::{Condition, Fate, Step};
use super::truth::Life;
use super::{PAIRS, RULES, TIERS, rules, settings};
use crate::alert::tests::{fingerprint, secs};
use crate::alert::{Alerts, Due, Matcher, Silence, Term};

impl Case {
    fn send(&mut self, fate: Fate, reader: &mut Reader) {
        // The wall clock may have been stepped into a silence since the last round, or out of
        // one; a window begins with a round.
        let before = self.tellable.clone();
        self.note_tellable();
        for (now, before) in self.tellable.iter_mut().zip(before) {
            *now = now.filter(|_| before.is_some());
        }
        let due = self.alerts.due(self.now);
        assert_eq!(due, self.alerts.due(self.now));
        for one in &due {
            assert!(self.alerts.begin_sending(one, self.now));
            match fate {
                Fate::AreRefused => self.alerts.withdraw(one, self.now),
                Fate::AreLost => reader.may_have_read(one, self),
                _ => reader.read(one, self),
            }
        }
        match fate {
            Fate::AreRefused | Fate::AreLost => {}
            Fate::Arrive => {
                self.record(&due, reader);
                self.nothing_is_kept_back(reader);
            }
            Fate::AreNotRecorded => {
                for one in &due {
                    reader.may_have_read(one, self);
                }
            }
            Fate::AreSlow(seconds) => {
                self.round(seconds);
                self.record(&due, reader);
                self.slow_record = self.lived;
            }
        }
    }

    fn record(&mut self, due: &[Due], reader: &mut Reader) {
        for one in due {
            assert!(self.alerts.record(one, self.now));
            assert!(!self.alerts.record(one, self.now));
            self.recorded += 1;
            reader.has_read(one);
        }
    }

    /// What has been tellable for longer than its window is known.
    fn nothing_is_kept_back(&self, reader: &Reader) {
        for (pair, (rule, component)) in PAIRS.into_iter().enumerate() {
            if let Some((since, severity)) = self.tellable[pair] {
                let gathered = since.max(self.slow_record) + TIERS.of(severity).window.as_secs();
                let known = reader.knows(fingerprint(rule, component), severity);
                assert!(known || self.lived < gathered, "{rule} {component} is kept back");
            }
        }
    }

    fn restart(&mut self, down: i64) {
        // What is saved last is saved now.
        self.round(0);
        let due = self.alerts.due(self.now);
        let saved = self.alerts.saved().clone();
        self.lived += u64::try_from(down).unwrap_or(0);
        self.now.unix = secs(self.wall().saturating_add_signed(down));
        self.now.monotonic = secs(7);
        self.alerts =
            Alerts::restore(rules(), settings(), saved.clone(), self.now).expect("good settings");
        if down == 0 {
            assert_eq!((self.alerts.saved(), self.alerts.due(self.now)), (&saved, due));
        }
    }

    pub(super) fn take(&mut self, step: &Step, reader: &mut Reader) {
        match step {
            Step::Set(pair, condition) => self.conditions[*pair] = *condition,
            Step::Round(after) => self.round(*after),
            Step::Send(fate) => self.send(*fate, reader),
            Step::SetWallClock(by) => self.now.unix = secs(self.wall().saturating_add_signed(*by)),
            Step::Restart(down) => self.restart(*down),
            Step::Silence { rule, at_most, starts_in, lasts } => {
                let (start, end) = (self.wall() + starts_in, self.wall() + starts_in + lasts);
                let mut matcher =
                    rule.map_or(Matcher::everything(), |rule| Matcher::rule(RULES[rule].0));
                matcher.terms.extend(at_most.map(Term::AtMost));
                let silence = Silence::new(matcher, secs(start), secs(end), "ada", "x");
                let silence = silence.expect("a good silence");
                if let Ok(id) = self.alerts.silence(silence, self.now) {
                    let (rule, at_most) = (*rule, *at_most);
                    self.silences.push(Quiet { id, rule, at_most, start, end });
                    self.note_tellable();
                }
            }
            Step::EndSilence(which) => {
                let wall = self.wall();
                let lasting = self.silences.iter_mut().filter(|quiet| quiet.end > wall);
                if let Some(quiet) = lasting.min_by_key(|quiet| (quiet.id + *which as u64) % 5) {
                    quiet.end = wall;
                    quiet.start = quiet.start.min(wall);
                    let ended = self.alerts.end_silence(quiet.id, "grace", self.now);
                    ended.expect("it lasts");
                    self.note_tellable();
                }
            }
            Step::Acknowledge(which) => {
                let open = self.alerts.saved().incidents.values();
                let open: Vec<_> = open.filter(|i| i.ended.is_none()).map(|i| i.id).collect();
                let Some(id) = open.get(*which % open.len().max(1)).copied() else { return };
                let component =
                    self.alerts.incident(id).expect("it is open").group["component"].clone();
                let of = |pair: &usize| PAIRS[*pair].1 == component;
                let severities = (0..PAIRS.len()).filter(of).map(|pair| &self.lives[pair]);
                let worst = severities.filter_map(Life::severity).max().expect("one fires");
                self.alerts.acknowledge(id, "ada", self.now).expect("it is open");
                self.acknowledged.insert(id, worst);
            }
            Step::Resolve(pair) => {
                let (rule, component) = PAIRS[*pair];
                let key = fingerprint(rule, component);
                let exists = self.alerts.saved().open.contains_key(&key);
                let resolved = self.alerts.resolve(key, "ada", "x", self.now);
                assert_eq!(resolved.is_ok(), exists);
                if let Ok(transition) = resolved {
                    self.follow(vec![transition]);
                    self.lives[*pair].end();
                    self.compare();
                }
            }
        }
    }

    /// Everything clears, all silences end: nobody may believe that anything fires.
    pub(super) fn drain(&mut self, reader: &mut Reader) {
        self.conditions.fill(Condition::Level(None, true));
        self.now.unix += secs(10_000_000);
        for _ in 0..40 {
            self.round(10);
            self.send(Fate::Arrive, reader);
        }
        assert_eq!(reader.believes(), [""; 0], "an end was never told");
        let saved = self.alerts.saved();
        assert!(saved.open.is_empty() && saved.incidents.is_empty());
        let counts = saved.counts;
        assert_eq!(counts.opened, counts.lapsed + counts.resolved);
        assert_eq!(counts.incidents_opened, counts.incidents_closed);
    }
}
