//! Catalogues extend the built-in one, and objectives are overridden at run time.

use kgas_perf_catalog::{Catalogue, CatalogueError, Category, Quantity, SizeBounds, SizeClass};

fn overridden(text: &str) -> Result<Catalogue, CatalogueError> {
    Catalogue::builtin().with_overrides(text, "tonight.toml")
}

#[track_caller]
fn assert_refused(text: &str, expected: &str) {
    assert_eq!(overridden(text).unwrap_err().to_string(), format!("tonight.toml:{expected}"));
}

#[test]
fn a_file_of_its_own_knows_nothing_of_the_builtin_operations() {
    let catalogue =
        Catalogue::parse("[operations.rank]\ncategory = 'custom'", "kgas-perf.toml").unwrap();
    assert_eq!(catalogue.operations().len(), 1);
    assert_eq!(catalogue.get("graph_to_table"), None);
    assert_eq!(catalogue.file(), "kgas-perf.toml");
}

#[test]
fn an_extending_file_adds_and_redeclares() {
    let text = "
        extends = 'builtin'
        [size_classes]
        large = 50_000
        [operations.rank]
        category = 'custom'
        [operations.graph_to_table]
        category = 'custom'
    ";
    let catalogue = Catalogue::parse(text, "kgas-perf.toml").unwrap();
    assert_eq!(catalogue.operations().len(), Catalogue::builtin().operations().len() + 1);
    assert_eq!(catalogue.operations().last().unwrap().name, "rank");
    assert_eq!(catalogue.get("graph_to_table").unwrap().category, Category::Custom);
    assert!(catalogue.get("graph_to_table").unwrap().objectives.is_empty());
    assert_eq!(catalogue.get("llm_call"), Catalogue::builtin().get("llm_call"));
    assert_eq!(catalogue.size_bounds(), SizeBounds { large: 50_000, ..SizeBounds::DEFAULT });
    assert_eq!(catalogue.size_bounds().classify(20_000), SizeClass::Medium);
}

#[test]
fn operations_keep_the_order_of_the_file() {
    let text = "
        operations.zebra.category = 'tool'
        operations.ant.category = 'tool'
        operations.mole.category = 'tool'
    ";
    let catalogue = Catalogue::parse(text, "kgas-perf.toml").unwrap();
    let names: Vec<_> = catalogue.operations().iter().map(|o| o.name.as_str()).collect();
    assert_eq!(names, ["zebra", "ant", "mole"]);
}

#[test]
fn objectives_may_be_an_array_of_tables() {
    let text = "
        [operations.rank]
        category = 'custom'
        [[operations.rank.objectives]]
        metric = 'duration'
        statistic = 'p99'
        at_most = '20 ms'
    ";
    let catalogue = Catalogue::parse(text, "kgas-perf.toml").unwrap();
    let [objective] = &catalogue.get("rank").unwrap().objectives[..] else { panic!("one") };
    assert_eq!(objective.at_most, Some(Quantity::DurationNs(20_000_000)));
}

#[test]
fn overrides_replace_the_objectives_of_the_operations_they_name() {
    let text = "
        [operations.tool_simple]
        objectives = [{ metric = 'duration', statistic = 'p99', at_most = '3 s' }]
    ";
    let catalogue = overridden(text).unwrap();
    let [objective] = &catalogue.get("tool_simple").unwrap().objectives[..] else { panic!("one") };
    assert_eq!(objective.at_most, Some(Quantity::DurationNs(3_000_000_000)));
    assert_eq!(catalogue.get("tool_complex"), Catalogue::builtin().get("tool_complex"));
    assert_eq!(catalogue.file(), Catalogue::builtin().file());
}

#[test]
fn an_edited_copy_of_the_catalogue_overrides_it() {
    let copy = Catalogue::builtin_text().replace("at_most = \"2 s\"", "at_most = \"4 s\"");
    let catalogue = overridden(&copy).unwrap();
    let bound = catalogue.get("llm_call").unwrap().objectives[0].at_most;
    assert_eq!(bound, Some(Quantity::DurationNs(4_000_000_000)));
}

#[test]
fn empty_overrides_change_nothing() {
    assert_eq!(&overridden("").unwrap(), Catalogue::builtin());
    assert_eq!(&overridden("[operations.llm_call]").unwrap(), Catalogue::builtin());
}

#[test]
fn an_unknown_operation_cannot_be_overridden() {
    assert_refused(
        "[operations.graph_to_tabel]\nobjectives = []",
        "1: operations.graph_to_tabel: unknown operation `graph_to_tabel`; did you mean \
         `graph_to_table`? Operations are declared in <built-in catalogue>",
    );
}

#[test]
fn a_category_cannot_be_overridden() {
    assert_refused(
        "[operations.llm_call]\ncategory = 'tool'",
        "1: operations.llm_call: its category `llm` is compiled in; to change it, edit \
         <built-in catalogue> and build again",
    );
    assert!(overridden("[operations.llm_call]\ncategory = 'llm'").is_ok());
}

#[test]
fn size_classes_cannot_be_overridden() {
    assert_refused(
        "[size_classes]\nlarge = 20_000",
        "1: size_classes: size classes are compiled in; to change them, edit <built-in catalogue> \
         and build again",
    );
    assert!(overridden("[size_classes]\nlarge = 10_000").is_ok());
}
