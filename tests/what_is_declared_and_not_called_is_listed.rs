//! What a catalogue declares travels in the binary: an operation that nobody has called is
//! listed, so that "every operation has a baseline" can be checked.

use kgas_perf_runtime::catalog::{Catalogue, Category};
use kgas_perf_runtime::{Metadata, Registry, measure_performance, record_operation};

#[measure_performance("graph_to_table")]
fn graph_to_table() {}

#[test]
fn declared_operations_are_called_or_listed_and_undeclared_ones_say_so() {
    let registry = Registry::new();
    let declared: Vec<&str> =
        Catalogue::builtin().operations().iter().map(|known| known.name.as_str()).collect();
    assert_eq!(registry.snapshot().never_called().len(), declared.len());
    registry.run(|| {
        graph_to_table();
        record_operation("llm_call", std::time::Duration::from_secs(1), Metadata::default());
        record_operation("of_a_plugin", std::time::Duration::from_secs(1), Metadata::default());
    });
    let snapshot = registry.snapshot();
    let missing: Vec<&str> = snapshot.never_called().iter().map(String::as_str).collect();
    let mut expected: Vec<&str> = declared;
    expected.retain(|name| !["graph_to_table", "llm_call"].contains(name));
    expected.sort_unstable();
    assert_eq!(missing, expected);
    let of = |name: &str| {
        let operation = snapshot.operation(name).unwrap();
        (operation.category, operation.declared)
    };
    assert_eq!(of("graph_to_table"), (Category::CrossModal, true));
    assert_eq!(of("llm_call"), (Category::Llm, true));
    assert_eq!(of("of_a_plugin"), (Category::Custom, false));
    let site = &snapshot.operation("graph_to_table").unwrap().call_sites[0];
    assert!(site.file.ends_with("what_is_declared_and_not_called_is_listed.rs"), "{site:?}");
    assert!(site.function.ends_with("::graph_to_table"), "{site:?}");
    assert_eq!(site.line, 8);
}
