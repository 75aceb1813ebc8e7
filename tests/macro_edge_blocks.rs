//! `impl` blocks and traits: every method with a body is measured, under one name or its own.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::fmt::Display;

use kgas_perf_runtime::measure_performance;
use macro_support::{
    assert_one_async_nap, assert_one_nap, nap, nap_async, outcomes_in, run, snapshot_of,
};

struct Store<T, const N: usize>(T);

#[measure_performance("database_transaction", memory = "off")]
impl<T: Display + Clone, const N: usize> Store<T, { N }> {
    /// Not a method.
    const LIMIT: usize = { N + 1 };

    fn plain(&self) -> usize {
        Self::LIMIT
    }

    async fn asynchronous(&self) -> Result<T, String> {
        Ok(self.0.clone())
    }

    /// Measured under a name of its own.
    #[measure_performance("tool_simple")]
    fn own(&self) -> String {
        nap();
        self.0.to_string()
    }

    #[measure_performance(skip)]
    #[must_use]
    const fn left_out(&self) -> &T {
        &self.0
    }

    #[kgas_perf_runtime::measure_performance(skip)]
    fn left_out_too(&self) -> &T {
        self.left_out()
    }
}

#[measure_performance("tool_complex")]
trait Tool {
    type Given;
    const NAME: &'static str;

    fn required(&self) -> Self::Given;

    fn with_default(&self) -> usize {
        Self::NAME.len()
    }

    async fn awaited(&self) -> usize;
}

#[measure_performance("tool_simple")]
impl<T: Display, const N: usize> Tool for Store<T, N> {
    type Given = String;
    const NAME: &'static str = "store";

    fn required(&self) -> String {
        nap();
        self.0.to_string()
    }

    async fn awaited(&self) -> usize {
        nap_async().await;
        N
    }
}

struct Conversion;

#[measure_performance]
impl Conversion {
    fn graph_to_table(&self, rows: usize) -> Result<usize, String> {
        if rows == 0 { Err("empty".into()) } else { Ok(rows) }
    }

    pub(crate) async fn table_to_vector(&self, rows: usize) -> usize {
        rows
    }

    #[measure_performance("vector_to_graph", size = rows)]
    fn another_name(&self, rows: usize) -> usize {
        rows
    }

    #[measure_performance(skip)]
    fn unmeasured(&self) {}
}

#[test]
fn one_name_holds_for_all_methods() {
    let store = Store::<_, 3>(7);
    let snapshot = snapshot_of(|| {
        assert_eq!(store.plain(), 4);
        assert_eq!(run(store.asynchronous()), Ok(7));
        store.own();
        assert_eq!(store.left_out_too(), &7);
        assert_eq!(store.with_default(), 5);
    });
    assert_eq!(outcomes_in(&snapshot, "database_transaction"), [2, 0, 0, 0]);
    assert_eq!(outcomes_in(&snapshot, "tool_simple"), [1, 0, 0, 0]);
    assert_eq!(outcomes_in(&snapshot, "tool_complex"), [1, 0, 0, 0]);
    let paths: Vec<_> = snapshot
        .operation("database_transaction")
        .unwrap()
        .call_sites
        .iter()
        .map(|site| site.function)
        .collect();
    assert_eq!(
        paths,
        ["macro_edge_blocks::Store<_, N>::plain", "macro_edge_blocks::Store<_, N>::asynchronous"]
    );
    assert_one_nap(|| store.own());
    assert_one_nap(|| store.required());
    assert_one_async_nap(store.awaited());
}

#[test]
fn without_a_name_each_method_names_its_operation() {
    let snapshot = snapshot_of(|| {
        Conversion.graph_to_table(0).unwrap_err();
        Conversion.graph_to_table(1).unwrap();
        run(Conversion.table_to_vector(1));
        Conversion.another_name(1);
        Conversion.unmeasured();
    });
    assert_eq!(outcomes_in(&snapshot, "graph_to_table"), [1, 1, 0, 0]);
    assert_eq!(outcomes_in(&snapshot, "table_to_vector"), [1, 0, 0, 0]);
    assert_eq!(outcomes_in(&snapshot, "vector_to_graph"), [1, 0, 0, 0]);
}
