//! The built-in catalogue holds every target of KGAS's plan.

use kgas_perf_catalog::{
    Catalogue, Category, Metric, Objective, OperationSpec, Quantity, SizeBounds, SizeClass,
    Statistic,
};

const MS: u64 = 1_000_000;
const S: u64 = 1_000 * MS;
const MIN: u64 = 60 * S;

fn operation(name: &str) -> &'static OperationSpec {
    Catalogue::builtin().get(name).unwrap_or_else(|| panic!("{name} is not declared"))
}

/// An objective that bounds nothing yet; a test adds the bounds it expects.
fn bounds(metric: Metric, statistic: Option<Statistic>) -> Objective {
    Objective { metric, statistic, size_class: None, expected: None, at_least: None, at_most: None }
}

fn at_most(metric: Metric, statistic: Statistic, bound: Quantity) -> Objective {
    Objective { at_most: Some(bound), ..bounds(metric, Some(statistic)) }
}

fn at_least(metric: Metric, statistic: Option<Statistic>, bound: Quantity) -> Objective {
    Objective { at_least: Some(bound), ..bounds(metric, statistic) }
}

/// From `low` to `high` nanoseconds is normal for an input of that class, and more is too much.
fn normal(size_class: SizeClass, low: u64, high: u64) -> Objective {
    let (low, high) = (Quantity::DurationNs(low), Quantity::DurationNs(high));
    Objective {
        size_class: Some(size_class),
        expected: Some((low, high)),
        ..at_most(Metric::Duration, Statistic::P95, high)
    }
}

#[test]
fn conversions_have_a_target_for_each_size_class() {
    let graph_to_table = operation("graph_to_table");
    assert_eq!(graph_to_table.category, Category::CrossModal);
    assert_eq!(
        graph_to_table.objectives,
        [
            normal(SizeClass::Small, 5 * S, 15 * S),
            normal(SizeClass::Medium, 30 * S, 90 * S),
            normal(SizeClass::Large, 5 * MIN, 20 * MIN),
        ]
    );
    let table_to_vector = operation("table_to_vector");
    assert_eq!(table_to_vector.category, Category::CrossModal);
    assert_eq!(
        table_to_vector.objectives,
        [
            normal(SizeClass::Small, 10 * S, 30 * S),
            normal(SizeClass::Medium, 2 * MIN, 5 * MIN),
            normal(SizeClass::Large, 10 * MIN, 30 * MIN),
        ]
    );
    let vector_to_graph = operation("vector_to_graph");
    assert_eq!(vector_to_graph.category, Category::CrossModal);
    assert_eq!(
        vector_to_graph.objectives,
        [
            normal(SizeClass::Small, 20 * S, 45 * S),
            normal(SizeClass::Medium, 5 * MIN, 15 * MIN),
            normal(SizeClass::Large, 30 * MIN, 120 * MIN),
        ]
    );
}

#[test]
fn tools_start_answer_and_share_the_machine() {
    let memory = || at_most(Metric::Memory, Statistic::Max, Quantity::Bytes(500_000_000));
    let concurrency = || at_least(Metric::Concurrency, Some(Statistic::Max), Quantity::Count(10));
    let duration = |ns| at_most(Metric::Duration, Statistic::P95, Quantity::DurationNs(ns));

    let expected = [
        ("tool_initialisation", vec![duration(100 * MS), memory()]),
        ("tool_simple", vec![duration(S), memory(), concurrency()]),
        ("tool_complex", vec![duration(30 * S), memory(), concurrency()]),
    ];
    for (name, objectives) in expected {
        assert_eq!(operation(name).category, Category::Tool);
        assert_eq!(operation(name).objectives, objectives, "{name}");
    }
}

#[test]
fn language_models_answer_in_two_seconds_on_average() {
    let llm_call = operation("llm_call");
    assert_eq!(llm_call.category, Category::Llm);
    let share =
        |metric, bound| Objective { at_most: Some(Quantity::Ratio(bound)), ..bounds(metric, None) };
    assert_eq!(
        llm_call.objectives,
        [
            at_most(Metric::Duration, Statistic::Mean, Quantity::DurationNs(2 * S)),
            at_least(Metric::CacheHitRate, None, Quantity::Ratio(0.6)),
            share(Metric::FallbackRate, 0.05),
            share(Metric::ErrorRate, 0.01),
        ]
    );
}

#[test]
fn databases_answer_quickly_and_keep_connections_free() {
    let duration = |ns| at_most(Metric::Duration, Statistic::P95, Quantity::DurationNs(ns));
    assert_eq!(operation("database_simple_query").objectives, [duration(50 * MS)]);
    assert_eq!(operation("database_complex_query").objectives, [duration(500 * MS)]);
    assert_eq!(
        operation("database_transaction").objectives,
        [
            at_least(Metric::Throughput, None, Quantity::PerSecond(100.0)),
            at_most(Metric::PoolUtilisation, Statistic::Max, Quantity::Ratio(0.8)),
            at_most(Metric::LockWait, Statistic::P95, Quantity::DurationNs(100 * MS)),
        ]
    );
    for name in ["database_simple_query", "database_complex_query", "database_transaction"] {
        assert_eq!(operation(name).category, Category::Database);
    }
}

#[test]
fn the_system_leaves_room() {
    let system = operation("system");
    assert_eq!(system.category, Category::System);
    assert_eq!(
        system.objectives,
        [
            at_most(Metric::Cpu, Statistic::Sustained, Quantity::Ratio(0.7)),
            Objective {
                size_class: Some(SizeClass::Medium),
                ..at_most(Metric::Memory, Statistic::Max, Quantity::Bytes(16_000_000_000))
            },
            at_most(Metric::Disk, Statistic::Mean, Quantity::BitsPerSecond(800_000_000)),
            at_most(Metric::Network, Statistic::Mean, Quantity::BitsPerSecond(10_000_000)),
            at_most(Metric::FileHandles, Statistic::Max, Quantity::Count(1_000)),
        ]
    );
}

#[test]
fn nothing_else_is_declared() {
    let names: Vec<_> =
        Catalogue::builtin().operations().iter().map(|operation| operation.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "graph_to_table",
            "table_to_vector",
            "vector_to_graph",
            "tool_initialisation",
            "tool_simple",
            "tool_complex",
            "llm_call",
            "database_simple_query",
            "database_complex_query",
            "database_transaction",
            "system",
        ]
    );
    assert_eq!(Catalogue::builtin().size_bounds(), SizeBounds::DEFAULT);
}

#[test]
fn the_text_of_the_builtin_catalogue_is_a_catalogue() {
    let file = Catalogue::builtin().file();
    let parsed = Catalogue::parse(Catalogue::builtin_text(), file).expect("the built-in text");
    assert_eq!(&parsed, Catalogue::builtin());
}

#[test]
fn objectives_read_aloud() {
    let read_aloud =
        |name: &str| operation(name).objectives.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(read_aloud("graph_to_table")[0], "p95 duration (small): 5 s to 15 s, at most 15 s");
    assert_eq!(read_aloud("llm_call")[1], "cache_hit_rate: at least 60 %");
    assert_eq!(read_aloud("system")[0], "sustained cpu: at most 70 %");
}
