//! `CallSite`: one static an attribute leaves behind.

use std::sync::atomic::AtomicU32;

use crate::catalog::{Category, SizeBounds};

/// What is known of a call site when it compiles.
#[derive(Debug)]
pub struct SiteSpec {
    /// The operation's name.
    pub operation: &'static str,
    /// Its category in the catalogue.
    pub category: Category,
    /// `file!()` of the attribute.
    pub file: &'static str,
    /// `line!()` of the function's name.
    pub line: u32,
    /// Path of the function.
    pub path: fn() -> &'static str,
    /// Whether calls come with an input size.
    pub sized: bool,
    /// Bounds of the size classes.
    pub size_bounds: SizeBounds,
    /// The catalogue that declared it.
    pub catalogue: CatalogueText,
}

/// A catalogue's own text, as it was when the call site compiled.
#[derive(Debug)]
pub struct CatalogueText {
    /// Where it was read; empty for the built-in one.
    pub file: &'static str,
    /// Its TOML text; empty for the built-in one.
    pub text: &'static str,
}

/// One attributed place in the source.
#[derive(Debug)]
pub struct CallSite {
    #[allow(dead_code, reason = "stub")]
    pub(crate) id: AtomicU32,
    #[allow(dead_code, reason = "stub")]
    pub(crate) spec: &'static SiteSpec,
}

impl CallSite {
    /// A call site that registers itself at its first call.
    pub const fn new(spec: &'static SiteSpec) -> Self {
        Self { id: AtomicU32::new(0), spec }
    }
}
