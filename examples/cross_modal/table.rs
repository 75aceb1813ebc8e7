//! Graph to table: one row an entity, as an Arrow record batch.

use std::{cmp::Reverse, sync::Arc};

use arrow_array::{
    ArrayRef, Float64Array, ListArray, RecordBatch, StringArray, UInt32Array,
    builder::{ListBuilder, StringBuilder},
    cast::AsArray,
};
use arrow_schema::ArrowError;

use crate::{
    graph::{Graph, Triple},
    pagerank::pagerank,
};

/// So many relations, the most frequent, have a column of their own; `relation_others` counts the
/// rest.
const RELATION_COLUMNS: usize = 8;

/// A table of entities.
///
/// | column | type | holds |
/// |---|---|---|
/// | `entity` | utf-8 | the name |
/// | `in_degree`, `out_degree` | u32 | triples that have it as object, as subject |
/// | `pagerank` | f64 | see [`pagerank`] |
/// | `relation:NAME` | u32 | its triples of a frequent relation, at either end |
/// | `relation_others` | u32 | its triples of all other relations |
/// | `links` | list of utf-8 | `NAME<TAB>OBJECT` for its triples, `^NAME<TAB>SUBJECT` for those it ends |
///
/// `^` marks a link that is followed backwards, as in SPARQL's property paths.
#[derive(Debug)]
pub(crate) struct EntityTable {
    batch: RecordBatch,
}

impl EntityTable {
    /// Number of entities.
    pub(crate) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Names of the columns, from left to right.
    pub(crate) fn columns(&self) -> Vec<String> {
        self.batch.schema_ref().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// The `entity` column.
    pub(crate) fn names(&self) -> Result<&StringArray, ArrowError> {
        self.column("entity")?.as_string_opt().ok_or_else(|| wrong_type("entity"))
    }

    /// The `links` column.
    pub(crate) fn links(&self) -> Result<&ListArray, ArrowError> {
        self.column("links")?.as_list_opt().ok_or_else(|| wrong_type("links"))
    }

    /// The row of the entity with the highest rank, and that rank; none in an empty table.
    pub(crate) fn most_central(&self) -> Result<Option<(usize, f64)>, ArrowError> {
        let column = self.column("pagerank")?;
        let ranks: &Float64Array =
            column.as_primitive_opt().ok_or_else(|| wrong_type("pagerank"))?;
        let ranks = ranks.values().iter().copied().enumerate();
        Ok(ranks.max_by(|(_, one), (_, other)| one.total_cmp(other)))
    }

    fn column(&self, name: &str) -> Result<&ArrayRef, ArrowError> {
        let missing =
            || ArrowError::SchemaError(format!("the entity table has no column `{name}`"));
        self.batch.column_by_name(name).ok_or_else(missing)
    }
}

fn wrong_type(column: &str) -> ArrowError {
    ArrowError::SchemaError(format!("column `{column}` of the entity table has another type"))
}

/// Computes the table of a graph's entities.
///
/// # Errors
///
/// When Arrow refuses the columns, which would be a defect of this function.
pub(crate) fn tabulate(graph: &Graph) -> Result<EntityTable, ArrowError> {
    let mut in_degrees = vec![0_u32; graph.entity_count()];
    let mut out_degrees = vec![0_u32; graph.entity_count()];
    for triple in graph.triples() {
        out_degrees[triple.subject as usize] += 1;
        in_degrees[triple.object as usize] += 1;
    }
    let names = StringArray::from_iter_values(graph.entities());
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("entity".into(), Arc::new(names)),
        ("in_degree".into(), Arc::new(UInt32Array::from(in_degrees))),
        ("out_degree".into(), Arc::new(UInt32Array::from(out_degrees))),
        ("pagerank".into(), Arc::new(Float64Array::from(pagerank(graph)))),
    ];
    columns.extend(relation_counts(graph));
    columns.push(("links".into(), Arc::new(links(graph))));
    Ok(EntityTable { batch: RecordBatch::try_from_iter(columns)? })
}

/// One column for each frequent relation, most frequent first, then one for all others.
fn relation_counts(graph: &Graph) -> Vec<(String, ArrayRef)> {
    let mut frequencies = vec![0_usize; graph.relation_count()];
    for triple in graph.triples() {
        frequencies[triple.relation as usize] += 1;
    }
    let mut by_frequency: Vec<u32> = (0..).take(frequencies.len()).collect();
    // The sort is stable: of two relations as frequent, the one seen first comes first.
    by_frequency.sort_by_key(|&relation| Reverse(frequencies[relation as usize]));
    by_frequency.truncate(RELATION_COLUMNS);

    let others = by_frequency.len();
    let mut column_of = vec![others; frequencies.len()];
    for (column, &relation) in by_frequency.iter().enumerate() {
        column_of[relation as usize] = column;
    }
    let mut counts = vec![vec![0_u32; graph.entity_count()]; others + 1];
    for Triple { subject, relation, object } in graph.triples() {
        let column = &mut counts[column_of[relation as usize]];
        column[subject as usize] += 1;
        // A triple from an entity to itself is one triple of that entity.
        if object != subject {
            column[object as usize] += 1;
        }
    }
    let names =
        by_frequency.iter().map(|&relation| format!("relation:{}", graph.relation(relation)));
    names
        .chain(["relation_others".to_owned()])
        .zip(counts.into_iter().map(|column| Arc::new(UInt32Array::from(column)) as ArrayRef))
        .collect()
}

fn links(graph: &Graph) -> ListArray {
    let mut of_entity = vec![Vec::new(); graph.entity_count()];
    for triple in graph.triples() {
        of_entity[triple.subject as usize].push(("", triple.relation, triple.object));
        of_entity[triple.object as usize].push(("^", triple.relation, triple.subject));
    }
    let mut builder = ListBuilder::new(StringBuilder::new());
    let mut link = String::new();
    for links in of_entity {
        for (direction, relation, other) in links {
            link.clear();
            link.push_str(direction);
            link.push_str(graph.relation(relation));
            link.push('\t');
            link.push_str(graph.entity(other));
            builder.values().append_value(&link);
        }
        builder.append(true);
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use arrow_array::{cast::AsArray, types::UInt32Type};

    use super::{EntityTable, tabulate};
    use crate::graph::Graph;

    fn numbers(table: &EntityTable, column: &str) -> Vec<u32> {
        let column = table.column(column).expect("the column exists");
        column.as_primitive::<UInt32Type>().values().to_vec()
    }

    fn links(table: &EntityTable, row: usize) -> Vec<String> {
        let links = table.links().expect("a list column").value(row);
        links.as_string::<i32>().iter().flatten().map(str::to_owned).collect()
    }

    #[test]
    fn row_holds_what_the_graph_says_of_its_entity() {
        let mut graph = Graph::default();
        graph.add_triple("oslo", "in", "norway");
        graph.add_triple("bergen", "in", "norway");
        graph.add_triple("oslo", "capital_of", "norway");
        graph.add_entity("atlantis");

        let table = tabulate(&graph).expect("columns fit");

        let names = table.names().expect("a text column");
        assert_eq!(
            names.iter().flatten().collect::<Vec<_>>(),
            ["oslo", "norway", "bergen", "atlantis"]
        );
        assert_eq!(numbers(&table, "in_degree"), [0, 3, 0, 0]);
        assert_eq!(numbers(&table, "out_degree"), [2, 0, 1, 0]);
        assert_eq!(numbers(&table, "relation:in"), [1, 2, 1, 0]);
        assert_eq!(numbers(&table, "relation:capital_of"), [1, 1, 0, 0]);
        assert_eq!(numbers(&table, "relation_others"), [0; 4]);
        assert_eq!(links(&table, 0), ["in\tnorway", "capital_of\tnorway"]);
        assert_eq!(links(&table, 1), ["^in\toslo", "^in\tbergen", "^capital_of\toslo"]);
        assert_eq!(links(&table, 3), [""; 0]);
        assert_eq!(table.most_central().expect("ranks").map(|(row, _)| row), Some(1));
    }

    #[test]
    fn rare_relations_share_a_column() {
        let mut graph = Graph::default();
        for relation in 0..10 {
            // Relation 0 has 10 triples, relation 9 has one.
            for object in relation..10 {
                graph.add_triple("hub", &format!("r{relation}"), &format!("e{object}"));
            }
        }
        let table = tabulate(&graph).expect("columns fit");
        let columns = table.columns();
        let relations: Vec<&str> =
            columns.iter().filter_map(|name| name.strip_prefix("relation:")).collect();
        assert_eq!(relations, ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"]);
        assert_eq!(numbers(&table, "relation_others")[0], 3, "two of r8 and one of r9");
    }

    #[test]
    fn triple_to_itself_counts_once_by_relation_and_once_in_each_degree() {
        let mut graph = Graph::default();
        graph.add_triple("micronesia", "in", "micronesia");
        let table = tabulate(&graph).expect("columns fit");
        assert_eq!(numbers(&table, "relation:in"), [1]);
        assert_eq!(
            (numbers(&table, "in_degree"), numbers(&table, "out_degree")),
            (vec![1], vec![1])
        );
    }
}
