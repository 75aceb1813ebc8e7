//! The tables, as the latest version has them: what each step of `migrate` adds up to.
//!
//! ```text
//! host, instance, slot          one of them at a time has the slot's lock
//!   └─ process                  each start of the program
//!        ├─ journal             flushes of the minute that is not over
//!        ├─ calls ─► series     minutes, hours, days: counts, sums, histograms
//!        ├─ gauge ─► gauge_name
//!        └─ note
//!   └─ baseline, alert, incident, silence, judge, state
//! ```
//!
//! Every row of numbers names its process, and processes have names that no other has. So the
//! rows of several files can be put together, and what is there already is seen.

/// What the file says of itself, at byte 68: `kgas`.
pub(super) const APPLICATION: i32 = 0x6b67_6173;

/// The version that this program writes.
pub(super) const VERSION: u32 = 1;

/// Version 1. It never changes: what comes later is a step of its own.
pub(super) const FIRST: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE instance(
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL,
    UNIQUE(host, name, slot));
CREATE TABLE process(
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, instance INTEGER NOT NULL,
    pid INTEGER NOT NULL, began_ns INTEGER NOT NULL, seen_ns INTEGER NOT NULL, ended_ns INTEGER,
    boot TEXT, version TEXT, commit_id TEXT);
CREATE TABLE series(
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, size_class TEXT NOT NULL,
    category TEXT NOT NULL, UNIQUE(operation, size_class));
CREATE TABLE calls(
    id INTEGER PRIMARY KEY, resolution INTEGER NOT NULL, start INTEGER NOT NULL,
    series INTEGER NOT NULL, process INTEGER NOT NULL, calls INTEGER NOT NULL,
    sums BLOB NOT NULL, ok BLOB, error BLOB, panicked BLOB, cancelled BLOB,
    UNIQUE(resolution, start, series, process));
CREATE TABLE gauge_name(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL, UNIQUE(name, unit));
CREATE TABLE gauge(
    id INTEGER PRIMARY KEY, resolution INTEGER NOT NULL, start INTEGER NOT NULL,
    name INTEGER NOT NULL, process INTEGER NOT NULL, count INTEGER NOT NULL, sum REAL NOT NULL,
    least REAL NOT NULL, most REAL NOT NULL, last REAL NOT NULL, sum_check INTEGER NOT NULL,
    UNIQUE(resolution, start, name, process));
CREATE TABLE journal(
    process INTEGER NOT NULL, flush INTEGER NOT NULL, minute INTEGER NOT NULL,
    entries BLOB NOT NULL, PRIMARY KEY(process, flush));
CREATE TABLE baseline(
    id INTEGER PRIMARY KEY, instance INTEGER NOT NULL, operation TEXT NOT NULL,
    size_class TEXT NOT NULL, environment TEXT NOT NULL, version INTEGER NOT NULL,
    learned_ns INTEGER NOT NULL, provenance TEXT NOT NULL, json TEXT NOT NULL,
    text_check INTEGER NOT NULL,
    UNIQUE(instance, operation, size_class, environment, version));
CREATE TABLE alert(
    instance INTEGER NOT NULL, id INTEGER NOT NULL, place INTEGER NOT NULL,
    rule TEXT NOT NULL, subject TEXT NOT NULL, began_ns INTEGER NOT NULL, ended_ns INTEGER,
    json TEXT NOT NULL, text_check INTEGER NOT NULL, PRIMARY KEY(instance, id));
CREATE INDEX alert_time ON alert(began_ns);
CREATE TABLE incident(
    instance INTEGER NOT NULL, id INTEGER NOT NULL, place INTEGER NOT NULL,
    began_ns INTEGER NOT NULL, ended_ns INTEGER, json TEXT NOT NULL,
    text_check INTEGER NOT NULL, PRIMARY KEY(instance, id));
CREATE INDEX incident_time ON incident(began_ns);
CREATE TABLE silence(
    instance INTEGER NOT NULL, id INTEGER NOT NULL, place INTEGER NOT NULL,
    began_ns INTEGER NOT NULL, ended_ns INTEGER, json TEXT NOT NULL,
    text_check INTEGER NOT NULL, PRIMARY KEY(instance, id));
CREATE TABLE state(instance INTEGER PRIMARY KEY, json TEXT NOT NULL, text_check INTEGER NOT NULL);
CREATE TABLE judge(
    instance INTEGER NOT NULL, operation TEXT NOT NULL, size_class TEXT NOT NULL,
    at_ns INTEGER NOT NULL, state BLOB NOT NULL, state_check INTEGER NOT NULL,
    PRIMARY KEY(instance, operation, size_class));
CREATE TABLE note(
    id INTEGER PRIMARY KEY, process INTEGER NOT NULL, number INTEGER NOT NULL,
    at_ns INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT, json TEXT NOT NULL,
    text_check INTEGER NOT NULL, UNIQUE(process, number));
CREATE INDEX note_time ON note(at_ns, kind);
";
