//! Which operations exist, of what category, and what is expected of them.
//!
//! The catalogue is read by a crate of its own, since the attribute reads it, too, while a
//! program compiles; its documentation describes the format of `kgas-perf.toml`.

pub use kgas_perf_catalog::{
    Catalogue, CatalogueError, Category, Dimension, FILE_NAME, Metric, Mistake, Objective,
    OperationSpec, Quantity, SizeBounds, SizeClass, Statistic,
};
