//! `features!`: which features of its manifest the crate is compiled with.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;
use toml::de::{DeTable, DeValue};

/// The features of the crate in this folder, each with whether it is on: `&[(&str, bool)]`.
///
/// Whether one is on the compiler says where the tokens end up. A manifest that is not there or
/// makes no sense has none: it is not this macro that has to tell.
pub(crate) fn expand(crate_folder: Option<&Path>) -> TokenStream {
    let text =
        crate_folder.and_then(|folder| std::fs::read_to_string(folder.join("Cargo.toml")).ok());
    let features = text.as_deref().map(declared).unwrap_or_default();
    quote!(&[#((#features, ::core::cfg!(feature = #features))),*] as &[(&str, bool)])
}

/// The features that a manifest declares, sorted: those of `[features]`, and optional dependencies
/// that no `dep:` hides. `default` is none by itself, it stands for others.
fn declared(manifest: &str) -> BTreeSet<String> {
    let Ok(manifest) = DeTable::parse(manifest) else { return BTreeSet::new() };
    let manifest = manifest.get_ref();
    let mut features = BTreeSet::new();
    let mut hidden = BTreeSet::new();
    for (name, asks) in entries(manifest.get("features").map(|value| value.get_ref())) {
        features.insert(name.to_owned());
        let asks = asks.as_array().into_iter().flat_map(|asks| asks.iter());
        let asks = asks.filter_map(|ask| ask.get_ref().as_str()?.strip_prefix("dep:"));
        hidden.extend(asks.map(str::to_owned));
    }
    let targets = entries(manifest.get("target").map(|value| value.get_ref()));
    let places = targets.filter_map(|(_, target)| target.as_table()).chain([manifest]);
    for table in places.flat_map(|place| {
        ["dependencies", "build-dependencies"].map(|kind| place.get(kind).map(|it| it.get_ref()))
    }) {
        for (name, dependency) in entries(table) {
            let optional = dependency.get("optional").and_then(|value| value.get_ref().as_bool());
            if optional == Some(true) && !hidden.contains(name) {
                features.insert(name.to_owned());
            }
        }
    }
    features.remove("default");
    features
}

/// The entries of a table; none of anything else.
fn entries<'a, 't>(
    value: Option<&'a DeValue<'t>>,
) -> impl Iterator<Item = (&'a str, &'a DeValue<'t>)> {
    let table = value.and_then(DeValue::as_table);
    table.into_iter().flat_map(|table| table.iter()).map(|(name, value)| {
        let name: &str = name.get_ref();
        (name, value.get_ref())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_those_that_cargo_knows() {
        let manifest = r#"
            [package]
            name = "a"
            [features]
            default = ["fast"]
            fast = ["dep:hidden"]
            "with-dash" = []
            [dependencies]
            plain = "1"
            hidden = { version = "1", optional = true }
            [dependencies.shown]
            optional = true
            [target.'cfg(unix)'.dependencies]
            unixy = { version = "1", optional = true }
        "#;
        let found: Vec<String> = declared(manifest).into_iter().collect();
        assert_eq!(found, ["fast", "shown", "unixy", "with-dash"]);
    }

    #[test]
    fn the_compiler_is_asked_about_each() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = |text: &str| {
            std::fs::write(folder.path().join("Cargo.toml"), text).unwrap();
            expand(Some(folder.path())).to_string().replace(' ', "")
        };
        assert_eq!(
            tokens("[features]\na = []\nb = ['a']"),
            "&[(\"a\",::core::cfg!(feature=\"a\")),(\"b\",::core::cfg!(feature=\"b\"))]\
             as&[(&str,bool)]"
        );
        for none in
            ["", "[features]", "features = 3", "dependencies = [1]", "[target]\nx = 1", "}{"]
        {
            assert_eq!(tokens(none), "&[]as&[(&str,bool)]", "{none}");
        }
        for folder in [None, Some(Path::new("/nowhere/at/all"))] {
            assert_eq!(expand(folder).to_string().replace(' ', ""), "&[]as&[(&str,bool)]");
        }
    }
}
