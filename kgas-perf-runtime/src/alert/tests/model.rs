//! Random lives against a model that knows nothing of the code.
//!
//! - `step`: what can happen.
//! - `truth`: what ought to be.
//! - `case`, `take`: the alerts beside the truth, and the steps taken.
//! - `reader`: somebody who reads every message, and is not to be told wrongly.

mod case;
mod reader;
mod step;
mod take;
mod truth;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{TIERS, fingerprint, secs};
use crate::alert::{Damping, Fingerprint, Inhibition, Matcher, NoData, Rule, Settings, Term};
use crate::detect::Kind;
use crate::measure::Severity;
use case::Case;
use reader::Reader;
use step::step;

/// How patient a rule is, in seconds.
#[derive(Clone, Copy, Debug)]
struct Patience {
    hold: u64,
    keep: u64,
    stale: u64,
    give_up: u64,
    no_data: NoData,
}

const NO_DATA_IS: Severity = Severity::Critical;

const RULES: [(&str, Patience); 3] = [
    ("slower", Patience { hold: 0, keep: 40, stale: 60, give_up: 400, no_data: NoData::Keep }),
    (
        "errors",
        Patience { hold: 25, keep: 0, stale: 90, give_up: 60, no_data: NoData::Alert(NO_DATA_IS) },
    ),
    ("memory", Patience { hold: 12, keep: 20, stale: 60, give_up: 90, no_data: NoData::Resolve }),
];

/// Every rule on two components. Errors of the store speak for all but emergencies of the pager.
const PAIRS: [(&str, &str); 6] = [
    ("slower", "store"),
    ("errors", "store"),
    ("memory", "store"),
    ("slower", "pager"),
    ("errors", "pager"),
    ("memory", "pager"),
];
const ERRORS_OF_STORE: usize = 1;

fn pair_of(key: Fingerprint) -> Option<usize> {
    PAIRS.iter().position(|(rule, component)| fingerprint(rule, component) == key)
}

fn rules() -> Vec<Rule> {
    let build = |(id, patience): (&str, Patience)| {
        Rule::verdicts(id, &[Kind::Location])
            .hold_for(secs(patience.hold))
            .keep_firing(secs(patience.keep))
            .stale_after(secs(patience.stale))
            .give_up_after(secs(patience.give_up))
            .no_data(patience.no_data)
            .damping(Damping::NONE)
            .build()
            .expect("a good rule")
    };
    RULES.into_iter().map(build).collect()
}

fn settings() -> Settings {
    let [source, target] = ["store", "pager"].map(|component| Matcher::is("component", component));
    let source = source.and(Term::Is("rule".into(), "errors".into()));
    let target = target.at_most(Severity::Critical);
    let inhibitions = vec![Inhibition::new("errors", source, target, &[]).expect("a good one")];
    Settings { tiers: TIERS, inhibitions, ..Settings::default() }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(4),
        ..ProptestConfig::default()
    })]

    /// No resolve is lost, nothing is told twice within its repeat time without a reason, nothing
    /// silenced, inhibited or immature is told, nothing tellable is kept back, every step follows
    /// the drawing, and all counts add up; whatever happens, arrives, restarts or jumps.
    #[test]
    fn whatever_happens_people_know_what_is(steps in prop::collection::vec(step(), 1..120)) {
        let mut case = Case::new();
        let mut reader = Reader::default();
        for step in &steps {
            case.take(step, &mut reader);
        }
        case.drain(&mut reader);
    }
}
