//! Call sites for names that are known only when the program runs.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use crate::catalog::{Category, SizeBounds};
use crate::measure::call_site::{CallSite, CatalogueText, SiteSpec};

/// So many different names get a call site of their own; the calls of all others are counted
/// under [`OTHER`].
pub const MOST_NAMES: usize = 1_000;

/// The operation that takes the calls of all names beyond [`MOST_NAMES`].
pub const OTHER: &str = "other";

/// Call sites by name: those measured by hand, and those whose durations are reported.
type Names = HashMap<&'static str, [Option<&'static CallSite>; 2]>;

static NAMES: LazyLock<RwLock<Names>> = LazyLock::new(RwLock::default);

const fn spec(operation: &'static str) -> SiteSpec {
    SiteSpec {
        operation,
        category: Category::Custom,
        file: "",
        line: 0,
        path: || "",
        sized: true,
        size_bounds: SizeBounds::DEFAULT,
        catalogue: CatalogueText::BUILTIN,
    }
}

/// The call site of a name. Names are never forgotten.
pub(crate) fn site(name: &str, reported: bool) -> &'static CallSite {
    static MEASURED: CallSite = CallSite::new(&spec(OTHER));
    static REPORTED: CallSite = CallSite::reported(&spec(OTHER));
    let known = NAMES.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(site) = known.get(name).and_then(|sites| sites[usize::from(reported)]) {
        return site;
    }
    drop(known);
    let mut names = NAMES.write().unwrap_or_else(PoisonError::into_inner);
    if names.len() >= MOST_NAMES && !names.contains_key(name) {
        return if reported { &REPORTED } else { &MEASURED };
    }
    let name = match names.get_key_value(name) {
        Some((name, _)) => *name,
        None => String::leak(name.to_owned()),
    };
    let sites = names.entry(name).or_default();
    sites[usize::from(reported)].get_or_insert_with(|| {
        let spec: &'static SiteSpec = Box::leak(Box::new(spec(name)));
        let site = if reported { CallSite::reported(spec) } else { CallSite::new(spec) };
        Box::leak(Box::new(site))
    })
}
