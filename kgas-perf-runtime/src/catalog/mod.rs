//! What operations exist.
pub use kgas_perf_catalog::{Catalogue, CatalogueError, Category, Objective, OperationSpec, SizeBounds, SizeClass};
