//! A store, looked at: what is found, and what of it is wrong.

use std::io::{self, Write};
use std::time::Duration;

use kgas_perf_runtime::store::{
    Archive, Between, Health, KeptProcess, Query, Resolution, Rows, Sums,
};
use serde_json::{Value, json};

use crate::commands::doctor::own::Own;
use crate::commands::doctor::process::{self, Life};
use crate::commands::doctor::text::{ago, bytes, lasted};
use crate::commands::export::when::shown;
use crate::failure::Failure;

/// Times may be so far ahead of this machine's clock, in seconds: a minute's row is of its
/// beginning, and clocks of hosts differ a little.
const AHEAD_S: u64 = 120;
/// Minutes become hours an hour and a little after they are over; so late is too late.
const ROLL_UP_S: u64 = 4 * 3_600;
/// Flushes of one process that wait for their minute to be over, at most: one a second, and some.
const FLUSHES: u64 = 300;
/// So little room is too little, in bytes.
const ROOM: u64 = 256 << 20;

/// What is known beside the store itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// What time it is, in seconds since 1970-01-01 00:00 UTC.
    pub(super) now_unix_s: u64,
    /// How much room is left, in bytes.
    pub(super) left_bytes: Option<u64>,
    /// What measuring adds to a call here; `None` if nothing is measured.
    pub(super) call: Option<Duration>,
}

/// A store, looked at.
#[derive(Debug)]
pub(super) struct Examined {
    around: Around,
    health: Health,
    processes: Vec<(KeptProcess, Life)>,
    own: Vec<Own>,
    /// Calls in the last hour that something was kept of.
    calls: u64,
    /// When the newest entry is of, in seconds since 1970-01-01 00:00 UTC.
    newest_unix_s: Option<u64>,
    wrong: Vec<String>,
}

impl Examined {
    /// Looks at a store; `thorough` reads all of it.
    pub(super) fn of(
        archive: &dyn Archive,
        thorough: bool,
        around: &Around,
    ) -> Result<Self, Failure> {
        let now = around.now_unix_s;
        let health = archive.health(thorough)?;
        let all = archive.processes()?;
        let rows = health.rows.iter().filter_map(|rows| rows.newest_unix_s);
        let seen = all.iter().map(|process| process.last_seen.as_secs());
        let newest_unix_s = rows.chain(seen).max();
        // The end of the minute in which it is.
        let end = newest_unix_s.map_or(now, |newest| newest + 1).div_ceil(60).saturating_mul(60);
        let own = Own::of_all(archive, end)?;
        let hour = Between::new(end.saturating_sub(3_600), end).coarsest(Resolution::Minute);
        let calls = archive.summary(&Query::new(hour))?.series;
        let calls = calls.iter().map(|(_, sums)| Sums::calls(sums)).sum();
        let lives: Vec<_> = all.iter().map(|process| process::life(process, &all, now)).collect();
        let processes: Vec<_> = all.into_iter().zip(lives).collect();
        let mut examined = Self {
            around: *around,
            health,
            processes,
            own,
            calls,
            newest_unix_s,
            wrong: Vec::new(),
        };
        examined.wrong = examined.judge();
        Ok(examined)
    }

    /// What is wrong, a sentence each.
    fn judge(&self) -> Vec<String> {
        let now = self.around.now_unix_s;
        let mut wrong = Vec::new();
        for damage in self.health.damage.iter().flatten() {
            wrong.push(format!("damaged: {damage}"));
        }
        if let Some(left) = self.around.left_bytes.filter(|left| *left < ROOM) {
            wrong.push(format!("only {} are left where it is", bytes(left)));
        }
        if let Some(newest) = self.newest_unix_s.filter(|newest| *newest > now + AHEAD_S) {
            let ahead = lasted(newest - now);
            wrong
                .push(format!("its newest entry is of {ahead} from now: a clock was wrong, or is"));
        }
        if let Some(behind) = self.roll_up_behind_s() {
            wrong.push(format!("minutes became no hours for {}", lasted(behind)));
        }
        let open = self.processes.iter().filter(|(process, _)| process.ended.is_none()).count();
        let flushes = self.health.journal_flushes;
        if flushes > FLUSHES * (open as u64).max(1) {
            wrong
                .push(format!("{flushes} flushes wait in the journal for their minute to be over"));
        }
        let gone = self.processes.iter();
        wrong.extend(gone.filter_map(|(process, life)| process::wrong(process, *life, now)));
        wrong.extend(self.own.iter().flat_map(Own::wrong));
        wrong
    }

    /// By how much rolling up is late against the newest minute, in seconds, if it is.
    fn roll_up_behind_s(&self) -> Option<u64> {
        let minutes =
            |rows: &&Rows| rows.table == "calls" && rows.resolution == Some(Resolution::Minute);
        let minutes = self.health.rows.iter().find(minutes)?;
        let [hours, _] = self.health.rolled_up_until_unix_s;
        let until = hours.or(minutes.oldest_unix_s)?.max(minutes.oldest_unix_s?);
        let behind = minutes.newest_unix_s?.saturating_sub(until);
        (behind > ROLL_UP_S).then_some(behind)
    }

    /// What is wrong in one sentence; `None` if nothing is.
    pub(super) fn verdict(&self) -> Option<String> {
        match &self.wrong[..] {
            [] => None,
            [one] => Some(format!("{}: {one}", self.health.place)),
            all => Some(format!("{}: {} things are wrong", self.health.place, all.len())),
        }
    }

    /// Writes what was found, for people.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let Health { place, version, used_bytes, file_bytes, log_bytes, .. } = &self.health;
        let now = self.around.now_unix_s;
        let version = version.map_or(String::new(), |version| format!(", format {version}"));
        section("store", [format!("{place}{version}")], out)?;
        let size = |size: &Option<u64>| size.map_or("not available".to_owned(), bytes);
        let (file, log, used) = (size(file_bytes), size(log_bytes), bytes(*used_bytes));
        let left = size(&self.around.left_bytes);
        let sizes =
            format!("file {file}, of which used {used}; log {log}; left on the disk {left}");
        section("size", [sizes], out)?;
        let rows = self.health.rows.iter().filter(|rows| rows.count > 0);
        section("rows", rows.map(row_line), out)?;
        let [hours, days] = self.health.rolled_up_until_unix_s;
        let until = |until: Option<u64>| until.map_or("none yet".to_owned(), shown);
        let rolled = format!("hours until {}, days until {}", until(hours), until(days));
        section("roll-up", [rolled], out)?;
        let flushes = self.health.journal_flushes;
        section("journal", [format!("flushes of minutes that are not over: {flushes}")], out)?;
        let newest = self.newest_unix_s.map(|newest| ago(now, newest));
        let newest = newest.unwrap_or_else(|| "there is none".to_owned());
        section("newest", [format!("entry: {newest}, by this machine's clock")], out)?;
        let processes = self.processes.iter();
        section("processes", processes.map(|(one, life)| process::line(one, *life, now)), out)?;
        let own: Vec<_> = self.own.iter().map(Own::lines).collect();
        for (at, title) in ["accounts", "losses", "ticks"].into_iter().enumerate() {
            section(title, own.iter().filter_map(|lines| lines[at].clone()), out)?;
        }
        if let Some(cost) = self.around.call {
            let calls = self.calls;
            let all = cost.saturating_mul(u32::try_from(calls).unwrap_or(u32::MAX));
            let price =
                format!("calls in its last hour: {calls}; measuring them here takes {all:?}");
            section("measuring", [price], out)?;
        }
        let sound = match &self.health.damage {
            None => "not looked at; --thorough reads all of it".to_owned(),
            Some(damage) if damage.is_empty() => "all of it was read and is sound".to_owned(),
            Some(damage) => format!("damaged, in {} places", damage.len()),
        };
        section("soundness", [sound], out)?;
        let verdict =
            if self.wrong.is_empty() { vec!["all is well".to_owned()] } else { self.wrong.clone() };
        section("verdict", verdict, out)
    }

    /// The same for programs. What is not known is null.
    pub(super) fn json(&self) -> Value {
        let health = &self.health;
        let rows = |rows: &Rows| {
            json!({
                "table": rows.table,
                "resolution": rows.resolution.map(Resolution::as_str),
                "count": rows.count,
                "oldest_unix_s": rows.oldest_unix_s,
                "newest_unix_s": rows.newest_unix_s,
            })
        };
        let [hours, days] = health.rolled_up_until_unix_s;
        let processes = self.processes.iter().map(|(one, life)| process::json(one, *life));
        json!({
            "place": health.place,
            "format": health.version,
            "file_bytes": health.file_bytes,
            "used_bytes": health.used_bytes,
            "log_bytes": health.log_bytes,
            "left_bytes": self.around.left_bytes,
            "rows": health.rows.iter().map(rows).collect::<Vec<_>>(),
            "hours_until_unix_s": hours,
            "days_until_unix_s": days,
            "journal_flushes": health.journal_flushes,
            "now_unix_s": self.around.now_unix_s,
            "newest_unix_s": self.newest_unix_s,
            "processes": processes.collect::<Vec<_>>(),
            "own": self.own.iter().map(Own::json).collect::<Vec<_>>(),
            "calls_in_last_hour": self.calls,
            "damage": health.damage,
            "wrong": self.wrong,
        })
    }
}

/// What there is of one kind of row.
fn row_line(rows: &Rows) -> String {
    let by = rows.resolution.map_or(String::new(), |by| format!(" by the {}", by.as_str()));
    let times = match (rows.oldest_unix_s, rows.newest_unix_s) {
        (Some(oldest), Some(newest)) => format!(", {} to {}", shown(oldest), shown(newest)),
        _ => String::new(),
    };
    format!("{}{by}: {}{times}", rows.table, rows.count)
}

/// Lines below each other, the first after a title.
fn section(
    title: &str,
    lines: impl IntoIterator<Item = String>,
    out: &mut impl Write,
) -> io::Result<()> {
    let titles = std::iter::once(title).chain(std::iter::repeat(""));
    titles.zip(lines).try_for_each(|(title, line)| writeln!(out, "{title:11}{line}"))
}
