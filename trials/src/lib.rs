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
