//! What finds out, while a program runs, that an operation is no longer as its baseline says.
//!
//! - `judge`: one operation and size class, call by call or tick by tick.
//! - `detector`: one stream, watched.
//! - `shape`: how calls spread around their median.
//! - `location`: where that median is, through the day.
//! - `alternative`: the ways in which calls may have changed.
//! - `dependence`: how far calls that follow each other tell the same thing.
//! - `cusum`: evidence added up.
//! - `failures`: whether more calls fail.
//! - `recent`: the last minute.
//! - `resolution`: the step of a coarse timer.
//! - `verdict`: what was found.

mod alternative;
mod cusum;
mod dependence;
mod detector;
mod failures;
mod judge;
mod location;
mod recent;
mod resolution;
mod shape;
mod verdict;

pub use judge::Judge;
pub use verdict::{Kind, Verdict};

pub(crate) fn tune(at: usize, default: f64) -> f64 {
    static T: std::sync::OnceLock<Vec<Option<f64>>> = std::sync::OnceLock::new();
    T.get_or_init(|| {
        let mut v = vec![None; 32];
        if let Ok(s) = std::env::var("TUNE") {
            for p in s.split(',') {
                if let Some((a, b)) = p.split_once('=') {
                    v[a.parse::<usize>().unwrap()] = b.parse().ok();
                }
            }
        }
        v
    })[at]
        .unwrap_or(default)
}
