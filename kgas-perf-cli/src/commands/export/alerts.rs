//! The columns of `--what alerts`, `incidents` and `silences`.

use kgas_perf_runtime::alert::OPERATION;
use kgas_perf_runtime::store::{KeptAlert, KeptIncident, KeptSilence};

use crate::commands::export::column::{Column, nested};

/// A row is an alert, as it was last.
pub(super) const ALERTS: &[Column<KeptAlert>] = &[
    Column::whole("opened_unix_ns", "when its condition was first seen", |row| {
        row.alert.opened.unix.into()
    }),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::whole("alert", "its number; of one instance and slot", |row| row.alert.id.into()),
    Column::text("fingerprint", "rule and subject, in hexadecimal", |row| {
        format!("{:016x}", row.alert.fingerprint.0).into()
    }),
    Column::text("rule", "its rule", |row| (&row.alert.rule).into()),
    Column::text("subject", "what it is about", |row| row.alert.subject.to_string().into()),
    Column::text("operation", "the operation, if it is about one", |row| {
        row.alert.subject.label(OPERATION).into()
    }),
    Column::text("state", "pending, firing, keeping, no_data, stale, resolved, lapsed", |row| {
        row.alert.state.as_str().into()
    }),
    Column::text("severity", "info, warning, critical, emergency; how severe it was last", |row| {
        row.alert.severity.as_str().into()
    }),
    Column::text("peak", "the worst that it ever was", |row| row.alert.peak.as_str().into()),
    Column::truth("mature", "whether what judged it was fit to page by", |row| {
        row.alert.mature.into()
    }),
    Column::whole("onset_unix_ns", "when the condition began, as estimated", |row| {
        row.alert.onset.map(|onset| onset.unix).into()
    }),
    Column::whole("fired_unix_ns", "when it fired, if it did", |row| {
        row.alert.fired.map(|fired| fired.unix).into()
    }),
    Column::whole("ended_unix_ns", "when it ended, if it did", |row| {
        row.alert.ended.map(|ended| ended.unix).into()
    }),
    Column::text("kind", "in which way an operation was not as it should be", |row| {
        row.alert.evidence.kind.map(|kind| kind.as_str()).into()
    }),
    Column::real("ratio", "what was measured over what is normal: 2 is twice as much", |row| {
        row.alert.evidence.ratio.into()
    }),
    Column::real("score", "how sure it was, 0 to 1", |row| row.alert.evidence.score.into()),
    Column::whole("incident", "its incident, once it fired", |row| row.alert.incident.into()),
    Column::text("next_step", "what to do about it", |row| (&row.alert.next_step).into()),
    Column::json("evidence", "all that spoke for it", |row| nested(&row.alert.evidence)),
    Column::json("marks", "what was changed before it began", |row| nested(&row.alert.marks)),
    Column::json("history", "its steps, oldest first", |row| nested(&row.alert.history)),
    Column::whole("history_dropped", "steps that are no longer in its history", |row| {
        row.alert.history_dropped.into()
    }),
];

/// A row is an incident, as it was last.
pub(super) const INCIDENTS: &[Column<KeptIncident>] = &[
    Column::whole("opened_unix_ns", "when its first alert fired", |row| {
        row.incident.opened.unix.into()
    }),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::whole("incident", "its number; of one instance and slot", |row| row.incident.id.into()),
    Column::text("dedup_key", "under which receivers take its messages as one", |row| {
        (&row.incident.dedup_key).into()
    }),
    Column::json("group", "what its alerts have in common", |row| nested(&row.incident.group)),
    Column::text("severity", "how severe its worst alert was last", |row| {
        row.incident.severity.as_str().into()
    }),
    Column::text("peak", "the worst that it ever was", |row| row.incident.peak.as_str().into()),
    Column::whole("ended_unix_ns", "when its last alert was over", |row| {
        row.incident.ended.map(|ended| ended.unix).into()
    }),
    Column::whole("closed_unix_ns", "when its end was told, or nobody had to be", |row| {
        row.incident.closed.map(|closed| closed.unix).into()
    }),
    Column::json("acknowledged", "who was on it", |row| nested(&row.incident.acknowledged)),
    Column::whole("told_unix_ns", "when people were told last", |row| {
        row.incident.told.as_ref().map(|told| told.at.unix).into()
    }),
    Column::whole("told_times", "how many messages there were", |row| {
        row.incident.told.as_ref().map(|told| told.times).into()
    }),
    Column::whole("alerts", "how many alerts it has", |row| {
        (row.incident.members.len() as u64).into()
    }),
    Column::json("members", "its alerts, by fingerprint", |row| nested(&row.incident.members)),
];

/// A row is a silence.
pub(super) const SILENCES: &[Column<KeptSilence>] = &[
    Column::whole("start_unix_ns", "from when", |row| row.silence.start.into()),
    Column::whole("end_unix_ns", "until when", |row| row.silence.end.into()),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::whole("silence", "its number; of one instance and slot", |row| row.id.into()),
    Column::text("matcher", "which alerts", |row| row.silence.matcher.to_string().into()),
    Column::text("author", "who asked for it", |row| (&row.silence.author).into()),
    Column::text("reason", "why", |row| (&row.silence.reason).into()),
    Column::text("ended_by", "who ended it before its time", |row| {
        row.silence.ended_by.as_ref().into()
    }),
];
