//! `--what gauges`: numbers that were read again and again.

use std::ops::ControlFlow;

use kgas_perf_runtime::store::{Archive, Between, KeptGauge, Query, Resolution, StoreError};

use crate::commands::export::about::About;
use crate::commands::export::column::Column;
use crate::commands::export::plan::Plan;

/// Readings of one gauge are in memory of so many rows' time at once.
const ROWS_AT_ONCE: u64 = 1_500;

/// A row is of one time, gauge and process.
pub(super) const COLUMNS: &[Column<KeptGauge>] = &[
    Column::whole("start_unix_s", "when the row's time began, since 1970-01-01 00:00 UTC", |row| {
        row.gauge.minute_unix_s.into()
    }),
    Column::text("resolution", "over how long a time: minute, hour, day", |row| {
        row.resolution.as_str().into()
    }),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::text(
        "gauge",
        "its name, with what tells it from others of its kind in braces",
        |row| (&row.gauge.name).into(),
    ),
    Column::text("unit", "its unit, in UCUM: By, 1, s, {thread}", |row| (&row.gauge.unit).into()),
    Column::whole("readings", "how often it was read", |row| row.gauge.count.into()),
    Column::real("mean", "the mean of what was read, in its unit", |row| row.gauge.mean().into()),
    Column::real("min", "the least that was read", |row| row.gauge.least.into()),
    Column::real("max", "the most that was read", |row| row.gauge.most.into()),
    Column::real("last", "what was read last", |row| row.gauge.last.into()),
];

/// Hands the readings over, by gauge and then oldest first. Those of the same time and process
/// are added up, and so are those that are finer than what was asked for.
pub(super) fn each<E: From<StoreError>>(
    archive: &dyn Archive,
    between: &Between,
    resolution: Option<Resolution>,
    about: &mut About,
    mut each: impl FnMut(&KeptGauge) -> Result<(), E>,
) -> Result<(), E> {
    // Gauges are kept by the same rows as calls, and calls can be asked without being read.
    let plan = Plan::of(between, resolution, |between| {
        archive.calls(&Query::new(between.clone()), &mut |_| ControlFlow::Break(()))
    })?;
    let (mut answered, mut first) = (plan.answered.clone(), true);
    for (name, _) in archive.gauge_names()? {
        let mut spans = Vec::new();
        let mut row: Vec<KeptGauge> = Vec::new();
        for stretch in &plan.stretches {
            let mut asked = between.clone().coarsest(stretch.resolution);
            (asked.from_unix_s, asked.until_unix_s) = (stretch.from_unix_s, stretch.until_unix_s);
            for piece in pieces(&asked) {
                let (gauges, cover) = archive.gauges(&name, &piece)?;
                about.damaged_rows += cover.damaged_rows;
                spans.extend(cover.spans);
                for gauge in gauges {
                    add(&mut row, gauge, resolution, &mut each)?;
                }
            }
        }
        row.drain(..).try_for_each(|row| each(&row))?;
        if std::mem::take(&mut first) {
            answered = Plan::joined(spans);
        }
    }
    about.missing = Plan::missing(between, &answered);
    about.answered = answered;
    Ok(())
}

/// Adds readings to those of the row's time, which go on if that is over.
fn add<E>(
    row: &mut Vec<KeptGauge>,
    mut gauge: KeptGauge,
    resolution: Option<Resolution>,
    each: &mut impl FnMut(&KeptGauge) -> Result<(), E>,
) -> Result<(), E> {
    gauge.resolution = resolution.unwrap_or(gauge.resolution);
    let start = gauge.resolution.start_of(gauge.gauge.minute_unix_s);
    gauge.gauge.minute_unix_s = start;
    let time = |gauge: &KeptGauge| (gauge.resolution, gauge.gauge.minute_unix_s);
    if row.first().is_some_and(|known| time(known) != time(&gauge)) {
        row.drain(..).try_for_each(|row| each(&row))?;
    }
    match row.iter_mut().find(|known| known.by == gauge.by) {
        Some(known) => known.gauge.merge(&gauge.gauge),
        None => row.push(gauge),
    }
    Ok(())
}

/// A time in pieces of so many rows, which end where rows do.
fn pieces(between: &Between) -> impl Iterator<Item = Between> {
    let length = between.coarsest.seconds() * ROWS_AT_ONCE;
    let until = between.until_unix_s;
    let ends = move |at: &u64| (*at - *at % length).saturating_add(length).min(until);
    let begins = std::iter::successors(Some(between.from_unix_s), move |at| Some(ends(at)));
    begins.take_while(move |at| *at < until).map(move |at| {
        let mut piece = between.clone();
        (piece.from_unix_s, piece.until_unix_s) = (at, ends(&at));
        piece
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole_and_end_where_rows_do() {
        let asked = Between::new(90, 400_000).coarsest(Resolution::Minute);
        let pieces: Vec<_> =
            pieces(&asked).map(|piece| (piece.from_unix_s, piece.until_unix_s)).collect();
        assert_eq!(
            pieces,
            [
                (90, 90_000),
                (90_000, 180_000),
                (180_000, 270_000),
                (270_000, 360_000),
                (360_000, 400_000)
            ]
        );
        assert_eq!(super::pieces(&Between::new(5, 5)).count(), 0);
    }
}
