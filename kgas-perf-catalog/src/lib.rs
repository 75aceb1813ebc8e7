//! The catalogue of operations: which exist, of what category, and what is expected of them.
//!
//! The attribute reads it while a program compiles, so that a misspelt name is an error, and the
//! runtime reads it again while the program runs, so that objectives can be overridden. Both use
//! this crate, so the format has one reader and one set of messages.
//!
//! # The format
//!
//! A catalogue is a file named `kgas-perf.toml`:
//!
//! ```
//! # let text = r#"
//! extends = "builtin"              # optional; without it the file stands alone
//!
//! [size_classes]                   # optional; lower bounds in entities
//! small = 100
//! medium = 1_000
//! large = 10_000
//!
//! [operations.rank_entities]
//! category = "custom"
//! objectives = [                   # optional
//!   { metric = "duration", statistic = "p95", size_class = "small", expected = ["5 ms", "20 ms"], at_most = "50 ms" },
//!   { metric = "error_rate", at_most = "1 %" },
//!   { metric = "concurrency", statistic = "max", at_least = 10 },
//! ]
//! # "#;
//! # let catalogue = kgas_perf_catalog::Catalogue::parse(text, "kgas-perf.toml").unwrap();
//! # assert_eq!(catalogue.get("rank_entities").unwrap().objectives.len(), 3);
//! ```
//!
//! - A file that extends the built-in catalogue adds operations; one that names an operation of
//!   the built-in catalogue declares it anew, category and objectives.
//! - `category` is one of [`Category::ALL`]; an operation's name is snake case.
//! - An objective bounds one `metric` of [`Metric::ALL`]. `statistic` says which number of it, one
//!   of [`Metric::statistics`]; metrics that are one number a window (`error_rate`,
//!   `cache_hit_rate`, `fallback_rate`, `throughput`) take none. `size_class` restricts it to
//!   inputs of that class.
//! - `expected` is what is normal; `at_least` and `at_most` are what must be kept, bound included.
//! - A bound is a string of a number and a unit that fits the metric:
//!
//! | a bound on … | units |
//! |---|---|
//! | `duration`, `lock_wait` | `ns`, `us`, `µs`, `ms`, `s`, `min`, `h`, `d` |
//! | `memory` | `B`, `kB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB`, `TiB` |
//! | `error_rate`, `cache_hit_rate`, `fallback_rate`, `pool_utilisation`, `cpu` | `%` |
//! | `throughput` | `/s`, `/min`, `/h` |
//! | `disk`, `network` | `bit/s`, `kbit/s`, `Mbit/s`, `Gbit/s`, `B/s`, `kB/s`, `MB/s`, `GB/s` |
//! | `concurrency`, `file_handles` | none: a whole number such as `10` |

mod bounds;
mod catalogue;
mod category;
mod draft;
mod error;
mod metric;
mod objective;
mod operation;
mod quantity;
mod reader;
mod size;
mod suggest;
mod syntax;

pub use crate::catalogue::{Catalogue, FILE_NAME};
pub use crate::category::Category;
pub use crate::error::{CatalogueError, Mistake};
pub use crate::metric::{Metric, Statistic};
pub use crate::objective::Objective;
pub use crate::operation::OperationSpec;
pub use crate::quantity::{Dimension, Quantity};
pub use crate::size::{SizeBounds, SizeClass};
