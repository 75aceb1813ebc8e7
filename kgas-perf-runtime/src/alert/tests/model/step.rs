//! What can happen, and how likely it is.

use proptest::prelude::*;

use super::{PAIRS, RULES};
use crate::measure::Severity;

/// What a rule sees of a component from now on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition {
    Level(Option<Severity>, bool),
    NoData,
    /// It is not evaluated.
    Absent,
}

/// What becomes of the messages that are due.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    /// They arrive.
    Arrive,
    /// They are certain not to.
    AreRefused,
    /// They do not, and nobody knows.
    AreLost,
    /// They arrive, and the process dies before it records that.
    AreNotRecorded,
    /// They arrive after a round that comes so many seconds later.
    AreSlow(u64),
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Set(usize, Condition),
    Round(u64),
    Send(Fate),
    Silence { rule: Option<usize>, at_most: Option<Severity>, starts_in: u64, lasts: u64 },
    EndSilence(usize),
    Acknowledge(usize),
    Resolve(usize),
    SetWallClock(i64),
    Restart(i64),
}

fn severity() -> impl Strategy<Value = Severity> {
    prop::sample::select(Severity::ALL.to_vec())
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        6 => (severity(), prop::bool::weighted(0.8))
            .prop_map(|(severity, mature)| Condition::Level(Some(severity), mature)),
        4 => prop::bool::weighted(0.8).prop_map(|mature| Condition::Level(None, mature)),
        1 => Just(Condition::NoData),
        1 => Just(Condition::Absent),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Arrive),
        1 => Just(Fate::AreRefused),
        1 => Just(Fate::AreLost),
        1 => Just(Fate::AreNotRecorded),
        1 => (0_u64..40).prop_map(Fate::AreSlow),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..PAIRS.len(), condition()).prop_map(|(pair, to)| Step::Set(pair, to)),
        10 => prop_oneof![9 => 1_u64..30, 1 => 30_u64..1_500].prop_map(Step::Round),
        8 => fate().prop_map(Step::Send),
        1 => (
            prop::option::of(0..RULES.len()),
            prop::option::of(severity()),
            prop_oneof![Just(0), 0_u64..60],
            1_u64..300,
        )
            .prop_map(|(rule, at_most, starts_in, lasts)| {
                Step::Silence { rule, at_most, starts_in, lasts }
            }),
        1 => (0_usize..5).prop_map(Step::EndSilence),
        1 => (0_usize..3).prop_map(Step::Acknowledge),
        1 => (0..PAIRS.len()).prop_map(Step::Resolve),
        1 => (-500_i64..500).prop_map(Step::SetWallClock),
        1 => prop_oneof![Just(0_i64), -100_i64..500].prop_map(Step::Restart),
    ]
}
