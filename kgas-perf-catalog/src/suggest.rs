//! Did you mean: the known name nearest to one that is not known.

/// The candidate nearest to `name`, when it is near enough to be what was meant.
///
/// Near enough is one edit for every three characters, and at least one. An edit inserts,
/// removes or replaces a character or swaps two neighbours. Upper and lower case count as the
/// same, and so do `-` and `_`. Of several nearest candidates the first wins.
pub(crate) fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let name = folded(name);
    let reach = (name.len() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(&name, &folded(candidate), reach)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn folded(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
}

/// The number of edits that turn `a` into `b`; `None` where it is more than `reach`.
///
/// Three rows of the usual matrix are enough: a swap looks back two. Each swapped pair is
/// edited once only, which is what people's slips look like.
fn distance(a: &[char], b: &[char], reach: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > reach {
        return None;
    }
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    Some(above[b.len()]).filter(|distance| *distance <= reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(a: &str, b: &str) -> Option<usize> {
        distance(&folded(a), &folded(b), 100)
    }

    #[test]
    fn counts_each_kind_of_edit_once() {
        assert_eq!(edits("table", "table"), Some(0));
        assert_eq!(edits("tabl", "table"), Some(1));
        assert_eq!(edits("ttable", "table"), Some(1));
        assert_eq!(edits("tafle", "table"), Some(1));
        assert_eq!(edits("tabel", "table"), Some(1));
        assert_eq!(edits("kitten", "sitting"), Some(3));
        assert_eq!(edits("", "abc"), Some(3));
    }

    #[test]
    fn the_nearest_candidate_wins_and_the_first_of_equals() {
        let known = ["table_to_graph", "graph_to_table", "graph_to_tables"];
        assert_eq!(nearest("graph_to_tabel", known), Some("graph_to_table"));
        assert_eq!(nearest("graph_to_tablet", known), Some("graph_to_table"));
    }

    #[test]
    fn case_and_dashes_do_not_count() {
        assert_eq!(nearest("Graph-To-Table", ["graph_to_table"]), Some("graph_to_table"));
    }

    #[test]
    fn what_is_far_away_is_not_suggested() {
        assert_eq!(nearest("frobnicate", ["graph_to_table"]), None);
        assert_eq!(nearest("ab", ["xy"]), None);
        assert_eq!(nearest("", ["graph_to_table"]), None);
    }
}
