//! What the attribute's arguments do, and what a call site says of itself.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use kgas_perf_runtime::catalog::{Category, SizeClass};
use kgas_perf_runtime::measure_performance;
use kgas_perf_runtime::registry::Snapshot;
use macro_support::{run, snapshot_of};

#[measure_performance("graph_to_table", size = triples.len(), memory = "exact")]
fn exact(triples: &[u64]) -> usize {
    triples.len()
}

#[measure_performance("table_to_vector", size = rows, memory = "off",)]
fn off(rows: i32) -> i32 {
    rows
}

#[measure_performance("vector_to_graph", memory = "sampled", poll = false)]
fn sampled<T>(a: u8, (b, _): (u16, u32), &c: &u64, d: T, e: impl Into<u64>, _: impl Sized) -> u64
where
    T: Into<u64>,
{
    u64::from(a) + u64::from(b) + c + d.into() + e.into()
}

struct Owner([u8; 24]);

impl Owner {
    #[measure_performance("tool_simple")]
    fn by_value(self, more: &[u8]) -> usize {
        self.0.len() + more.len()
    }

    #[measure_performance("tool_complex", size = self.0.len() as u64 * 10)]
    async fn by_reference(&self, more: [u8; 3]) -> Result<usize, String> {
        Ok(self.0.len() + more.len())
    }
}

fn classes(snapshot: &Snapshot, operation: &str) -> Vec<(SizeClass, u64)> {
    let operation = snapshot.operation(operation).unwrap();
    operation.by_class.iter().map(|series| (series.size_class, series.calls())).collect()
}

fn argument_bytes(snapshot: &Snapshot, operation: &str) -> u64 {
    snapshot.operation(operation).unwrap().by_class.iter().map(|series| series.argument_bytes).sum()
}

#[test]
fn a_size_picks_the_class() {
    let snapshot = snapshot_of(|| {
        for length in [0, 99, 100, 1_000, 10_000] {
            exact(&vec![0; length]);
        }
        off(-1);
        off(100);
        sampled(1, (2, 3), &4, 5_u32, 6_u32, ());
        run(async { Owner([0; 24]).by_reference([0; 3]).await })
    });
    let all = [
        (SizeClass::Tiny, 2),
        (SizeClass::Small, 1),
        (SizeClass::Medium, 1),
        (SizeClass::Large, 1),
    ];
    assert_eq!(classes(&snapshot, "graph_to_table"), all);
    assert_eq!(
        classes(&snapshot, "table_to_vector"),
        [(SizeClass::Tiny, 1), (SizeClass::Small, 1)]
    );
    assert_eq!(classes(&snapshot, "vector_to_graph"), [(SizeClass::Unsized, 1)]);
    assert_eq!(classes(&snapshot, "tool_complex"), [(SizeClass::Small, 1)]);
}

#[test]
fn the_shallow_size_of_the_arguments_is_summed() {
    let snapshot = snapshot_of(|| {
        exact(&[]);
        off(1);
        sampled(1, (2, 3), &4, 5_u32, 6_u32, ());
        Owner([0; 24]).by_value(&[]);
        run(async { Owner([0; 24]).by_reference([0; 3]).await })
    });
    let pointer = size_of::<usize>() as u64;
    assert_eq!(argument_bytes(&snapshot, "graph_to_table"), 2 * pointer);
    assert_eq!(argument_bytes(&snapshot, "table_to_vector"), 4);
    // The last argument has neither a name nor a type with one.
    assert_eq!(argument_bytes(&snapshot, "vector_to_graph"), 1 + 8 + pointer + 4 + 4);
    assert_eq!(argument_bytes(&snapshot, "tool_simple"), 24 + 2 * pointer);
    assert_eq!(argument_bytes(&snapshot, "tool_complex"), pointer + 3);
}

#[test]
fn memory_is_read_as_asked() {
    let snapshot = snapshot_of(|| {
        exact(&[]);
        off(1);
    });
    let memory = |operation| snapshot.operation(operation).unwrap().by_class[0].memory;
    assert_eq!(memory("graph_to_table").map(|deltas| deltas.read), Some(1));
    assert!(memory("table_to_vector").is_none());
}

#[test]
fn a_call_site_says_where_it_is() {
    let line = line!() + 2;
    #[measure_performance("tool_simple")]
    async fn here() {}

    let snapshot = snapshot_of(|| {
        run(here());
        exact(&[]);
    });
    let operation = snapshot.operation("tool_simple").unwrap();
    assert_eq!(operation.category, Category::Tool);
    assert!(operation.declared);
    let site = &operation.call_sites[0];
    assert_eq!(site.file, file!());
    assert_eq!(site.line, line);
    assert_eq!(site.function, "macro_edge_arguments::a_call_site_says_where_it_is::here");
    let operation = snapshot.operation("graph_to_table").unwrap();
    assert_eq!(operation.category, Category::CrossModal);
    assert_eq!(operation.call_sites[0].function, "macro_edge_arguments::exact");
}
