//! All of it together, in time that is moved by hand.
//!
//! - `timeline`: who is told what, and when.
//! - `quiet`: silences, inhibition, acknowledgement, immature baselines.
//! - `restart`: another process goes on.
//! - `bounds`: what is dropped, refused and counted.
//! - `model`: random lives against a model that knows nothing of the code.

mod bounds;
mod model;
mod quiet;
mod restart;
mod timeline;

use std::time::Duration;

use crate::alert::{
    Alerts, Damping, Due, Evaluation, Fingerprint, Found, Now, Reason, Rule, RuleBuilder, Saved,
    Settings, Subject, Tier, Tiers, Transition,
};
use crate::detect::Kind;
use crate::measure::Severity;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Warning: 100 s, repeated after 2,000 s. Critical: 10 s, repeated after 1,000 s. Emergency: at
/// once, repeated after 300 s.
const TIERS: Tiers = Tiers {
    warning: Tier { window: secs(100), repeat: Some(secs(2_000)) },
    critical: Tier { window: secs(10), repeat: Some(secs(1_000)) },
    emergency: Tier { window: secs(0), repeat: Some(secs(300)) },
};

fn settings() -> Settings {
    Settings { tiers: TIERS, ..Settings::default() }
}

/// A rule on verdicts without patience.
fn rule(id: &str) -> RuleBuilder {
    Rule::verdicts(id, &[Kind::Location]).keep_firing(Duration::ZERO).damping(Damping::NONE)
}

/// Alerts, a clock, and a receiver whose messages always arrive.
struct World {
    alerts: Alerts,
    rules: Vec<Rule>,
    settings: Settings,
    now: Now,
    /// Seconds since the world began.
    clock: u64,
    /// When something was told, of which incident, and why.
    told: Vec<(u64, u64, Reason)>,
}

impl World {
    fn new(rules: Vec<Rule>, settings: Settings) -> Self {
        let now = Now { monotonic: secs(50_000), unix: secs(1_000_000) };
        let alerts = Alerts::new(rules.clone(), settings.clone(), now).expect("good settings");
        Self { alerts, rules, settings, now, clock: 0, told: Vec::new() }
    }

    /// One rule, called `slower`.
    fn of(rule: RuleBuilder) -> Self {
        Self::new(vec![rule.build().expect("a good rule")], settings())
    }

    /// Moves both clocks on to this second of the world.
    fn go_to(&mut self, second: u64) {
        let by = secs(second - self.clock);
        self.now.monotonic += by;
        self.now.unix += by;
        self.clock = second;
    }

    fn evaluate(&mut self, found: &[(&str, &str, Found)]) -> Vec<Transition> {
        let round = found.iter().map(|(rule, name, found)| evaluation(rule, name, *found));
        self.alerts.evaluate(self.now, round.collect())
    }

    /// A round at this second, and everything that is due then.
    fn round(&mut self, second: u64, found: &[(&str, &str, Found)]) -> Vec<Due> {
        self.go_to(second);
        self.evaluate(found);
        self.deliver()
    }

    /// Sends what is due, and it arrives.
    fn deliver(&mut self) -> Vec<Due> {
        let due = self.alerts.due(self.now);
        for one in &due {
            assert!(self.alerts.record(one, self.now));
            if one.send {
                self.told.push((self.clock, one.incident, one.reason));
            }
        }
        due
    }

    /// Rounds every 5 s from now on until this second, all alike.
    fn until(&mut self, second: u64, found: &[(&str, &str, Found)]) {
        let mut next = self.clock + 5;
        while next <= second {
            self.round(next, found);
            next += 5;
        }
    }

    /// When something was told, and why.
    fn timeline(&self) -> Vec<(u64, Reason)> {
        self.told.iter().map(|(second, _, reason)| (*second, *reason)).collect()
    }

    /// The process ends, and another begins after so long, whose clock begins anew.
    fn restart(&mut self, down: Duration) {
        self.clock += down.as_secs();
        self.now = Now { monotonic: secs(3), unix: self.now.unix + down };
        let (rules, settings) = (self.rules.clone(), self.settings.clone());
        let saved: Saved = self.alerts.saved().clone();
        self.alerts = Alerts::restore(rules, settings, saved, self.now).expect("good settings");
    }
}

fn evaluation(rule: &str, name: &str, found: Found) -> Evaluation {
    Evaluation {
        rule: rule.to_owned(),
        subject: Subject::component(name),
        found,
        mature: true,
        began_ago: None,
        evidence: Default::default(),
    }
}

fn fingerprint(rule: &str, name: &str) -> Fingerprint {
    Fingerprint::of(rule, &Subject::component(name))
}

const CLEAR: Found = Found::Severity(None);
const INFO: Found = Found::Severity(Some(Severity::Info));
const WARNING: Found = Found::Severity(Some(Severity::Warning));
const CRITICAL: Found = Found::Severity(Some(Severity::Critical));
const EMERGENCY: Found = Found::Severity(Some(Severity::Emergency));
