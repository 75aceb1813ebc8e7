//! The columns of `--what usage`: what calls used beside time, whatever their outcome.

use kgas_perf_runtime::measure::Severity;
use kgas_perf_runtime::registry::{Allocations, MemoryDeltas, Polls};

use crate::commands::export::column::{Cell, Column};
use crate::commands::export::gathered::Gathered;

fn memory(row: &Gathered, of: fn(&MemoryDeltas) -> Cell) -> Cell {
    row.sums.memory.as_ref().map_or(Cell::Missing, of)
}

fn allocations(row: &Gathered, of: fn(&Allocations) -> Cell) -> Cell {
    row.sums.allocations.as_ref().map_or(Cell::Missing, of)
}

fn polls(row: &Gathered, of: fn(&Polls) -> Cell) -> Cell {
    row.sums.polls.as_ref().map_or(Cell::Missing, of)
}

/// A row is of one time, operation, size class and process.
pub(super) const COLUMNS: &[Column<Gathered>] = &[
    Column::whole("start_unix_s", "when the row's time began, since 1970-01-01 00:00 UTC", |row| {
        row.start_unix_s.into()
    }),
    Column::text(
        "resolution",
        "over how long a time calls are added up: minute, hour, day",
        |row| row.resolution.as_str().into(),
    ),
    Column::whole("covered_s", "of how much of that time calls are known", |row| {
        row.covered_s.into()
    }),
    Column::text("host", "the host's name", |row| (&row.process.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.process.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| {
        row.process.by.slot.into()
    }),
    Column::text("process", "the process; no other of any host has the same", |row| {
        (&row.process.id).into()
    }),
    Column::text("operation", "the operation", |row| (&row.series.operation).into()),
    Column::text("size_class", "unsized, tiny, small, medium, large", |row| {
        row.series.size_class.as_str().into()
    }),
    Column::text("category", "the operation's category", |row| row.series.category.as_str().into()),
    Column::whole("calls", "how many ended, however", |row| row.sums.calls().into()),
    Column::whole(
        "unfiled_calls",
        "of those, calls whose duration was not recorded: there was no memory for it",
        |row| row.sums.unfiled.into(),
    ),
    Column::whole("self_time_calls", "calls whose own time is known", |row| {
        row.sums.self_time().map(|(_, calls)| calls).into()
    }),
    Column::whole("self_time_ns", "their time without that of measured callees", |row| {
        row.sums.self_time().map(|(time, _)| time).into()
    }),
    Column::whole("argument_bytes", "shallow size of the arguments", |row| {
        row.sums.argument_bytes.into()
    }),
    Column::whole("memory_read_calls", "calls whose memory was read", |row| {
        memory(row, |memory| memory.read.into())
    }),
    Column::whole("memory_overlapped_calls", "of those, calls beside other measured ones", |row| {
        memory(row, |memory| memory.overlapped.into())
    }),
    Column::whole("memory_sum_bytes", "how much the resident set grew during them", |row| {
        memory(row, |memory| memory.sum_bytes.into())
    }),
    Column::whole("memory_min_bytes", "the least that it grew during one", |row| {
        memory(row, |memory| memory.min_bytes.into())
    }),
    Column::whole("memory_max_bytes", "the most that it grew during one", |row| {
        memory(row, |memory| memory.max_bytes.into())
    }),
    Column::whole("tallied_calls", "calls whose allocations were counted", |row| {
        allocations(row, |tally| tally.calls.into())
    }),
    Column::whole("allocated_bytes", "what they and their callees allocated", |row| {
        allocations(row, |tally| tally.bytes.into())
    }),
    Column::whole("allocations", "in so many allocations", |row| {
        allocations(row, |tally| tally.allocations.into())
    }),
    Column::whole("own_allocated_bytes", "without measured callees", |row| {
        allocations(row, |tally| tally.own_bytes.into())
    }),
    Column::whole("own_allocations", "without measured callees", |row| {
        allocations(row, |tally| tally.own_allocations.into())
    }),
    Column::whole("max_allocated_bytes", "the most that one call allocated", |row| {
        allocations(row, |tally| tally.max_bytes.into())
    }),
    Column::whole("futures", "futures that were measured poll by poll", |row| {
        polls(row, |polls| polls.futures.into())
    }),
    Column::whole("polls", "polls of all of them", |row| polls(row, |polls| polls.polls.into())),
    Column::whole("busy_ns", "time inside poll; the rest of their durations they waited", |row| {
        polls(row, |polls| polls.busy.into())
    }),
    Column::whole("slow_info_calls", "calls above the baseline's p95: infos", |row| {
        row.sums.breaches(Severity::Info).into()
    }),
    Column::whole("slow_warning_calls", "calls above the baseline's p95: warnings", |row| {
        row.sums.breaches(Severity::Warning).into()
    }),
    Column::whole("slow_critical_calls", "calls above the baseline's p95: criticals", |row| {
        row.sums.breaches(Severity::Critical).into()
    }),
];
