//! The columns of `--what notes`, `marks` and `slow-calls`.

use kgas_perf_runtime::alert::{Mark, OPERATION};
use kgas_perf_runtime::registry::SlowCall;
use kgas_perf_runtime::store::{KeptNote, Noted};

use crate::commands::export::column::{Cell, Column, nested};

/// The operation that a note is about, if it is about one.
pub(super) fn operation(note: &KeptNote) -> Option<&str> {
    match &note.note.what {
        Noted::SlowCall(call) => Some(&call.operation),
        Noted::Verdict { subject, .. } | Noted::Step { subject, .. } => subject.label(OPERATION),
        _ => None,
    }
}

/// A row is something that happened.
pub(super) const NOTES: &[Column<KeptNote>] = &[
    Column::whole("at_unix_ns", "when, since 1970-01-01 00:00 UTC", |row| row.note.at.into()),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::text("kind", "slow_call, verdict, step, told, mark", |row| row.note.what.kind().into()),
    Column::text("subject", "what it is about, if it is about one thing", |row| {
        row.note.what.subject().into()
    }),
    Column::text("operation", "the operation, if it is about one", |row| operation(row).into()),
    Column::json("note", "all of it", |row| nested(&row.note.what)),
];

fn mark(row: &KeptNote, of: fn(&Mark) -> Cell) -> Cell {
    if let Noted::Mark(mark) = &row.note.what { of(mark) } else { Cell::Missing }
}

/// A row is something that was changed.
pub(super) const MARKS: &[Column<KeptNote>] = &[
    Column::whole("at_unix_ns", "when, since 1970-01-01 00:00 UTC", |row| {
        mark(row, |mark| mark.at.unix.into())
    }),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::text("change", "deploy, config, load_test, baseline, restart, other", |row| {
        mark(row, |mark| match nested(&mark.what) {
            Cell::Nested(serde_json::Value::String(name)) => name.into(),
            _ => Cell::Missing,
        })
    }),
    Column::text("text", "which change: a version, a setting", |row| {
        mark(row, |mark| (&mark.text).into())
    }),
];

fn slow(row: &KeptNote, of: fn(&SlowCall) -> Cell) -> Cell {
    if let Noted::SlowCall(call) = &row.note.what { of(call) } else { Cell::Missing }
}

/// A row is a call that lasted longer than its baseline's p95.
pub(super) const SLOW_CALLS: &[Column<KeptNote>] = &[
    Column::whole("at_unix_ns", "when it was noted, since 1970-01-01 00:00 UTC", |row| {
        row.note.at.into()
    }),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::text("operation", "the operation", |row| operation(row).into()),
    Column::text("size_class", "unsized, tiny, small, medium, large", |row| {
        slow(row, |call| call.size_class.as_str().into())
    }),
    Column::text("outcome", "how it ended: ok, error, panicked, cancelled", |row| {
        slow(row, |call| call.outcome.as_str().into())
    }),
    Column::text("severity", "info, warning, critical", |row| {
        slow(row, |call| call.severity.as_str().into())
    }),
    Column::whole("duration_ns", "how long it lasted", |row| {
        slow(row, |call| call.duration.into())
    }),
    Column::whole("noted_after_ns", "how long after its end it was noted", |row| {
        slow(row, |call| call.ago.into())
    }),
];
