//! What the catalogues declare that the program's call sites were compiled against.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog::{Catalogue, Category};
use crate::measure::CatalogueText;

/// The declared operations of every catalogue among these, with their categories.
///
/// A text that does not parse declares nothing: the compiler has refused it already.
pub(crate) fn operations(
    texts: impl IntoIterator<Item = CatalogueText>,
) -> BTreeMap<String, Category> {
    let mut seen: Vec<CatalogueText> = Vec::new();
    let mut declared = BTreeMap::new();
    for text in texts {
        if seen.contains(&text) {
            continue;
        }
        seen.push(text);
        let Some(catalogue) = parsed(text) else {
            continue;
        };
        for operation in catalogue.operations() {
            declared.insert(operation.name.clone(), operation.category);
        }
    }
    declared
}

/// Parses each text once a process.
fn parsed(text: CatalogueText) -> Option<Arc<Catalogue>> {
    type Known = Vec<(CatalogueText, Option<Arc<Catalogue>>)>;
    static KNOWN: Mutex<Known> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, catalogue)) = known.iter().find(|(other, _)| *other == text) {
        return catalogue.clone();
    }
    let catalogue = if text == CatalogueText::BUILTIN {
        Some(Arc::new(Catalogue::builtin().clone()))
    } else {
        Catalogue::parse(text.text, text.file).ok().map(Arc::new)
    };
    known.push((text, catalogue.clone()));
    catalogue
}
