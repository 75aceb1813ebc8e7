//! Every mistake names file, line and key, and says what is accepted.

use kgas_perf_catalog::{Catalogue, CatalogueError};

const CATEGORIES: &str = "accepted: `cross_modal`, `tool`, `llm`, `database`, `system`, `custom`";
const METRICS: &str = "accepted: `duration`, `memory`, `error_rate`, `cache_hit_rate`, \
     `fallback_rate`, `throughput`, `concurrency`, `pool_utilisation`, `lock_wait`, `cpu`, `disk`, \
     `network`, `file_handles`";
const CALL_STATISTICS: &str = "accepted: `mean`, `p50`, `p90`, `p95`, `p99`, `p999`, `max`";
const DURATIONS: &str = "`ns`, `us`, `µs`, `ms`, `s`, `min`, `h`, `d`";

fn parse(text: &str) -> Result<Catalogue, CatalogueError> {
    Catalogue::parse(text, "kgas-perf.toml")
}

/// Asserts that the text has these mistakes and no others, written as `line: key: message`.
#[track_caller]
fn assert_mistakes(text: &str, expected: &[&str]) {
    let error = parse(text).expect_err("the text has mistakes");
    let expected: Vec<_> = expected.iter().map(|line| format!("kgas-perf.toml:{line}")).collect();
    assert_eq!(error.to_string(), expected.join("\n"));
}

/// Asserts the one mistake of an operation with this one objective, on line 3.
#[track_caller]
fn assert_objective_mistake(objective: &str, key: &str, message: &str) {
    let text = format!("[operations.rank]\ncategory = 'tool'\nobjectives = [{{ {objective} }}]");
    let dot = if key.is_empty() || key.starts_with('[') { "" } else { "." };
    assert_mistakes(&text, &[&format!("3: operations.rank.objectives[0]{dot}{key}: {message}")]);
}

#[test]
fn text_that_is_not_toml() {
    assert_mistakes(
        "[operations.rank]\ncategory = \"tool",
        &["2: operations.rank.category: not TOML: invalid basic string, expected `\"`"],
    );
}

#[test]
fn word_without_quotes() {
    assert_mistakes(
        "[operations.rank]\ncategory = tool",
        &["2: operations.rank.category: not TOML: a word must be in quotes"],
    );
}

#[test]
fn unclosed_array() {
    assert_mistakes(
        "[operations.rank]\ncategory = 'tool'\nobjectives = [\n  { metric = 'duration' },\n",
        &["4: operations.rank.objectives: not TOML: unclosed array, expected `]`"],
    );
}

#[test]
fn empty_file() {
    assert_mistakes(
        "",
        &["1: declares no operation; add a table `[operations.NAME]` or `extends = \"builtin\"`"],
    );
}

#[test]
fn unknown_top_level_key() {
    assert_mistakes(
        "extends = 'builtin'\n[operation.rank]\ncategory = 'tool'",
        &[
            "2: operation: unknown key `operation`; did you mean `operations`? accepted: `extends`, \
           `size_classes`, `operations`",
        ],
    );
}

#[test]
fn unknown_catalogue_to_extend() {
    assert_mistakes(
        "extends = 'buitlin'\n[operations.rank]\ncategory = 'tool'",
        &["1: extends: unknown catalogue `buitlin`; did you mean `builtin`? accepted: `builtin`"],
    );
}

#[test]
fn unknown_key_of_an_operation() {
    assert_mistakes(
        "[operations.rank]\ncategory = 'tool'\nobjektives = []",
        &["3: operations.rank.objektives: unknown key `objektives`; did you mean `objectives`? \
           accepted: `category`, `objectives`"],
    );
}

#[test]
fn unknown_category() {
    assert_mistakes(
        "[operations.rank]\ncategory = 'tol'",
        &[&format!(
            "2: operations.rank.category: unknown category `tol`; did you mean `tool`? {CATEGORIES}"
        )],
    );
}

#[test]
fn missing_category() {
    assert_mistakes(
        "\n[operations.rank]\nobjectives = []",
        &[&format!("2: operations.rank: missing `category`; {CATEGORIES}")],
    );
}

#[test]
fn category_of_another_type() {
    assert_mistakes(
        "[operations.rank]\ncategory = 3",
        &[
            "2: operations.rank.category: expected one of `cross_modal`, `tool`, `llm`, `database`, \
           `system`, `custom`, found an integer",
        ],
    );
}

#[test]
fn operation_that_is_no_table() {
    assert_mistakes(
        "[operations]\nrank = 'tool'",
        &["2: operations.rank: expected a table, found a string"],
    );
}

#[test]
fn bad_operation_name() {
    assert_mistakes(
        "[operations.\"Rank Entities\"]\ncategory = 'tool'",
        &["1: operations.\"Rank Entities\": `Rank Entities` cannot name an operation; accepted: \
           lower-case letters, digits and `_`, beginning with a letter, at most 64"],
    );
}

#[test]
fn duplicate_operation() {
    assert_mistakes(
        "[operations.rank]\ncategory = 'tool'\n\n[operations.rank]\ncategory = 'llm'",
        &["4: operations.rank: operation `rank` is declared twice; keep one"],
    );
}

#[test]
fn duplicate_key() {
    assert_mistakes(
        "[operations.rank]\ncategory = 'tool'\ncategory = 'llm'",
        &["3: operations.rank.category: stands here a second time; keep one"],
    );
}

#[test]
fn size_classes_out_of_order() {
    assert_mistakes(
        "extends = 'builtin'\n[size_classes]\nsmall = 2_000",
        &[
            "2: size_classes: bounds out of order: small 2000, medium 1000, large 10000; each must be \
           above the one before",
        ],
    );
}

#[test]
fn size_class_bounds_of_another_type() {
    assert_mistakes(
        "extends = 'builtin'\n[size_classes]\nsmall = -1\nmedium = '1000'\nhuge = 1",
        &[
            "3: size_classes.small: expected a whole number from 0 to 18446744073709551615, found -1",
            "4: size_classes.medium: expected a whole number such as 10, found a string",
            "5: size_classes.huge: unknown key `huge`; accepted: `small`, `medium`, `large`",
        ],
    );
}

#[test]
fn objectives_that_are_no_array() {
    assert_mistakes(
        "[operations.rank]\ncategory = 'tool'\nobjectives = 'fast'",
        &["3: operations.rank.objectives: expected an array of tables, found a string"],
    );
}

#[test]
fn missing_metric() {
    assert_objective_mistake(
        "statistic = 'p95', at_most = '1 s'",
        "",
        &format!("missing `metric`; {METRICS}"),
    );
}

#[test]
fn unknown_metric() {
    assert_objective_mistake(
        "metric = 'durations', statistic = 'p95', at_most = '1 parsec'",
        "metric",
        &format!("unknown metric `durations`; did you mean `duration`? {METRICS}"),
    );
}

#[test]
fn missing_statistic() {
    assert_objective_mistake(
        "metric = 'duration', at_most = '1 s'",
        "",
        &format!("missing `statistic`; {CALL_STATISTICS}"),
    );
}

#[test]
fn statistic_that_the_metric_does_not_have() {
    assert_objective_mistake(
        "metric = 'duration', statistic = 'sustained', at_most = '1 s'",
        "statistic",
        &format!("unknown statistic of `duration`: `sustained`; {CALL_STATISTICS}"),
    );
    assert_objective_mistake(
        "metric = 'error_rate', statistic = 'p95', at_most = '1 %'",
        "statistic",
        "`error_rate` takes no statistic: a window has one number of it",
    );
}

#[test]
fn unknown_size_class() {
    assert_objective_mistake(
        "metric = 'duration', statistic = 'p95', size_class = 'smal', at_most = '1 s'",
        "size_class",
        "unknown size class `smal`; did you mean `small`? accepted: `unsized`, `tiny`, `small`, \
         `medium`, `large`",
    );
}

#[test]
fn unknown_unit() {
    assert_objective_mistake(
        "metric = 'duration', statistic = 'p95', at_most = '1 sec'",
        "at_most",
        &format!("unknown unit `sec` in `1 sec`; accepted: {DURATIONS}"),
    );
}

#[test]
fn unit_of_another_dimension() {
    assert_objective_mistake(
        "metric = 'duration', statistic = 'p95', at_most = '500 MB'",
        "at_most",
        &format!("`500 MB` is an amount of memory, not a duration; accepted units: {DURATIONS}"),
    );
}

#[test]
fn number_where_a_unit_is_needed() {
    assert_objective_mistake(
        "metric = 'duration', statistic = 'p95', at_most = 100",
        "at_most",
        "expected a string such as \"100 ms\", found an integer",
    );
}

#[test]
fn unit_where_a_count_is_needed() {
    assert_objective_mistake(
        "metric = 'concurrency', statistic = 'max', at_least = '10'",
        "at_least",
        "expected a whole number such as 10, found a string",
    );
}

#[test]
fn expected_that_is_no_pair() {
    assert_objective_mistake(
        "metric = 'duration', statistic = 'p95', expected = ['1 s']",
        "expected",
        "expected [lowest, highest], found an array of 1",
    );
    assert_objective_mistake(
        "metric = 'duration', statistic = 'p95', expected = '1 s'",
        "expected",
        "expected [lowest, highest], found a string",
    );
}

#[test]
fn bounds_out_of_order() {
    let order = "at_least ≤ expected[0] ≤ expected[1] ≤ at_most";
    let duration = "metric = 'duration', statistic = 'p95'";
    for (bounds, found) in [
        ("expected = ['15 s', '5 s']", "5 s comes after 15 s"),
        ("expected = ['5 s', '15 s'], at_most = '10 s'", "10 s comes after 15 s"),
        ("at_least = '6 s', expected = ['5 s', '15 s']", "5 s comes after 6 s"),
        ("at_least = '6 s', at_most = '5 s'", "5 s comes after 6 s"),
    ] {
        assert_objective_mistake(
            &format!("{duration}, {bounds}"),
            "",
            &format!("bounds out of order: {found}; {order}"),
        );
    }
}

#[test]
fn objective_that_bounds_nothing() {
    assert_objective_mistake(
        "metric = 'duration', statistic = 'p95'",
        "",
        "bounds nothing; give `expected`, `at_least` or `at_most`",
    );
}

#[test]
fn objective_that_stands_there_twice() {
    assert_mistakes(
        "[operations.rank]\ncategory = 'tool'\nobjectives = [\n  \
         { metric = 'duration', statistic = 'p95', size_class = 'small', at_most = '1 s' },\n  \
         { metric = 'duration', statistic = 'p95', size_class = 'small', at_most = '2 s' },\n]",
        &["5: operations.rank.objectives[1]: bounds p95 duration (small) a second time; keep one"],
    );
}

#[test]
fn all_mistakes_of_a_file_are_reported_by_line() {
    let text = "\
extends = 'builtin'

[operations.rank]
category = 'tol'
objectives = [
  { metric = 'duration', statistic = 'p95', expected = ['1 sec', '2 MB'] },
]

[operations.rank]
category = 'tool'
colour = 'red'

[operations.Sort]
";
    assert_mistakes(
        text,
        &[
            &format!(
                "4: operations.rank.category: unknown category `tol`; did you mean `tool`? \
                 {CATEGORIES}"
            ),
            &format!(
                "6: operations.rank.objectives[0].expected[0]: unknown unit `sec` in `1 sec`; \
                 accepted: {DURATIONS}"
            ),
            &format!(
                "6: operations.rank.objectives[0].expected[1]: `2 MB` is an amount of memory, not a \
                 duration; accepted units: {DURATIONS}"
            ),
            "9: operations.rank: operation `rank` is declared twice; keep one",
            "11: operations.rank.colour: unknown key `colour`; accepted: `category`, `objectives`",
            "13: operations.Sort: `Sort` cannot name an operation; accepted: lower-case letters, \
             digits and `_`, beginning with a letter, at most 64",
            &format!("13: operations.Sort: missing `category`; {CATEGORIES}"),
        ],
    );
}

#[test]
fn mistakes_can_be_taken_apart() {
    let error = parse("[operations.rank]\ncategory = 'tol'").unwrap_err();
    let [mistake] = error.mistakes() else { panic!("expected one mistake, found {error}") };
    assert_eq!(mistake.file, "kgas-perf.toml");
    assert_eq!(mistake.line, 2);
    assert_eq!(mistake.key, "operations.rank.category");
    assert!(mistake.message.starts_with("unknown category `tol`"));
}
