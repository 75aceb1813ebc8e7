//! `__private`: the one door for generated code. Nothing here is meant for people, and any of it
//! may change with any version.

pub use crate::catalog::{Category, SizeBounds};
pub use crate::measure::{
    CallSite, CatalogueText, DetachedMeasurement, EXACT, Measured, OFF, Outcome, SAMPLED,
    ScopedMeasurement, SiteSpec, State, start, start_async,
};
