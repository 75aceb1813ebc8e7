//! `__private`: the one door for generated code.
pub use crate::catalog::{Category, SizeBounds};
pub use crate::measure::call_site::{CallSite, CatalogueText, SiteSpec};
pub use crate::measure::future::{Measured, State};
pub use crate::measure::measurement::{AsyncGuard, EXACT, Guard, OFF, SAMPLED, start, start_async};
pub use crate::measure::outcome::Outcome;
