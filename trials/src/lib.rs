//! Labelled streams of calls, and how well a detector does on them.
//!
//! A detector is told one finished call after the other and says when an operation has become
//! slower. Whether it is any good cannot be seen on the streams it was tuned on: here are streams
//! whose every change is known, because it was planted, and the law by which alerts are counted.
//!
//! * [`streams`]: what an operation does: the shape of its durations, the noise of its machine, and
//!   the change that is planted at a known time. Every stream is a function of its regime, rate and
//!   seed.
//! * [`contender`]: what is measured: the trait [`contender::Detector`], reference detectors, and
//!   any executable that speaks JSON lines.
//! * [`score`]: alerts to alarms, pages, findings.
//! * [`trial`]: which streams are run, and what each of them tells.
//! * [`goal`] and [`table`]: what is promised, beside what was measured.
//!
//! # The law
//!
//! * The first 100 calls of a stream are for learning: nothing counts before the 100th.
//! * The first alert and every alert at least 300 s after the one that opened the last alarm is an
//!   alarm; what is said in between belongs to it. An alarm that is a warning or worse, or becomes
//!   one, is a page. Improvements are no alarms.
//! * The first hour begins with the 100th call; the steady state begins with the second hour.
//! * A change is found if there is an alert from its time to 60 s after, and none in the 60 s before.
//! * What was said about a change is watched for 300 s, or 180 s above 50 calls a second: its worst
//!   severity, and whether it paged.
//! * The delay of a change that was not found in this time, or not after silence, is infinite; the
//!   median is over all changes.
//! * F1 is the harmonic mean of precision and recall over steps of +20, +50, +100 and +200 %. What is
//!   right is a change found; what is false is an alarm before the change in the same stream.
//!
//! # Examples
//!
//! ```
//! use kgas_perf_trials::streams::{Change, Regime, Stream};
//!
//! let regime = Regime::named("plain").unwrap();
//! let mut stream = Stream::new(regime, 10.0, 7);
//! stream.plant(Change::Slower(1.0), 600.0);
//! let call = stream.next_call();
//! assert!(call.t > 0.0 && call.d > 0.0);
//! ```

pub mod contender;
pub mod goal;
pub mod score;
pub mod streams;
pub mod table;
pub mod trial;
