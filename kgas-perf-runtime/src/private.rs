//! `__private`: the one door for generated code.
pub use crate::catalog::{Category, SizeBounds};
pub use crate::measure::{CallSite, CatalogueText, SiteSpec, Measured, State, EXACT, OFF, SAMPLED, start, start_async, Outcome, ScopedMeasurement, DetachedMeasurement};
