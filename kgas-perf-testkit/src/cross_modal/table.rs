//! `ColumnTable`: statements as columns of dictionary codes.

use crate::graph::KnowledgeGraph;

/// A table of statements, a column each for subject, relation and object.
///
/// Columns hold codes of sorted dictionaries, so that codes compare as names do, as in Parquet and
/// Arrow. Rows are sorted by subject, relation and object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnTable {
    /// The names of entities, sorted: the dictionary of `subjects` and `objects`.
    pub entities: Vec<String>,
    /// The names of relations, sorted.
    pub relations: Vec<String>,
    /// Codes of subjects, ascending.
    pub subjects: Vec<u32>,
    /// Codes of relations.
    pub predicates: Vec<u32>,
    /// Codes of objects.
    pub objects: Vec<u32>,
    /// Comparisons of names and rows: the cost without a clock.
    pub(super) comparisons: u64,
}

impl ColumnTable {
    /// Tabulates a graph, in O(n log n): two sorts, of names and of rows.
    pub fn of(graph: &KnowledgeGraph) -> Self {
        let mut comparisons = 0;
        let mut dictionary = |count: usize, name: &dyn Fn(u32) -> String| {
            let mut sorted: Vec<(String, u32)> =
                (0..count as u32).map(|position| (name(position), position)).collect();
            sorted.sort_by(|one, other| {
                comparisons += 1;
                one.cmp(other)
            });
            let mut codes = vec![0; count];
            for (code, (_, position)) in sorted.iter().enumerate() {
                codes[*position as usize] = code as u32;
            }
            (sorted.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), codes)
        };
        let (entities, entity_codes) =
            dictionary(graph.entity_count(), &|position| graph.entity(position).to_owned());
        let (relations, relation_codes) =
            dictionary(graph.relation_count(), &|position| graph.relation(position).to_owned());
        let mut rows: Vec<[u32; 3]> = graph
            .statements()
            .iter()
            .map(|statement| {
                [
                    entity_codes[statement.subject as usize],
                    relation_codes[statement.relation as usize],
                    entity_codes[statement.object as usize],
                ]
            })
            .collect();
        rows.sort_by(|one, other| {
            comparisons += 1;
            one.cmp(other)
        });
        let column = |which: usize| rows.iter().map(|row| row[which]).collect();
        let (subjects, predicates, objects) = (column(0), column(1), column(2));
        Self { entities, relations, subjects, predicates, objects, comparisons }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }
}
