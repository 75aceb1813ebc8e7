//! What holds for any text and any name.

use kgas_perf_catalog::{Catalogue, Objective};
use proptest::prelude::*;

/// Pieces that catalogues are made of, right and wrong ones, so that most texts get past the TOML
/// parser and some into each corner behind it.
const PIECES: [&str; 30] = [
    "[operations.rank]\n",
    "[operations.sort]\n",
    "[operations]\n",
    "[[operations.rank.objectives]]\n",
    "[operations.rank.objectives]\n",
    "[size_classes]\n",
    "operations.rank.category = 'tool'\n",
    "rank.category = 'tool'\n",
    "category = 'tool'\n",
    "category = 'tol'\n",
    "extends = 'builtin'\n",
    "extends = 3\n",
    "objectives = []\n",
    "objectives = [{ metric = 'cpu', statistic = 'mean', at_most = '1 %' }]\n",
    "objectives = [{ metric = 'duration', statistic = 'p95', expected = ['1 s', '2 s'] }]\n",
    "objectives = [{ metric = 'disk', statistic = 'max', expected = ['9 s', 2] }, 7]\n",
    "metric = 'concurrency'\n",
    "statistic = 'max'\n",
    "at_most = 10\n",
    "at_most = '10 s'\n",
    "at_least = '99999999999999999999999 d'\n",
    "small = 1\n",
    "medium = 0xffff_ffff_ffff_ffff_ffff\n",
    "large = 2024-01-01\n",
    "\n# a comment\n",
    "= ",
    "]",
    "\"\"\"",
    "\u{feff}",
    "\r\n",
];

fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12);
    prop_oneof![pieces.prop_map(|pieces| pieces.concat()), any::<String>()]
}

/// The number of edits by the textbook's whole matrix, to check the frugal one against.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    table[a.len()][b.len()]
}

/// Whether the bounds of a parsed objective keep the order that its type promises.
fn is_in_order(objective: &Objective) -> bool {
    let (low, high) = objective.expected.unzip();
    let bounds: Vec<_> =
        [objective.at_least, low, high, objective.at_most].into_iter().flatten().collect();
    !bounds.is_empty() && bounds.windows(2).all(|pair| pair[0] <= pair[1])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_a_catalogue_or_a_list_of_mistakes(text in any_text()) {
        let lines = text.split('\n').count();
        match Catalogue::parse(&text, "any.toml") {
            Ok(catalogue) => {
                prop_assert!(!catalogue.operations().is_empty());
                for operation in catalogue.operations() {
                    prop_assert!(operation.objectives.iter().all(is_in_order));
                }
            }
            Err(error) => {
                prop_assert!(!error.mistakes().is_empty());
                for mistake in error.mistakes() {
                    prop_assert!((1..=lines).contains(&mistake.line), "{}", mistake);
                    prop_assert!(!mistake.message.is_empty());
                }
            }
        }
    }

    #[test]
    fn any_text_overrides_or_is_refused(text in any_text()) {
        if let Ok(catalogue) = Catalogue::builtin().with_overrides(&text, "any.toml") {
            let declared = Catalogue::builtin().operations();
            prop_assert_eq!(catalogue.operations().len(), declared.len());
        }
    }

    #[test]
    fn suggestions_are_near_and_the_nearest(
        operation in prop::sample::select(Catalogue::builtin().operations()),
        cut in 0_usize..30,
        insert in "[a-z_]{0,4}",
    ) {
        let cut = cut.min(operation.name.len());
        let name = format!("{}{insert}{}", &operation.name[..cut], &operation.name[cut..]);
        let distances = Catalogue::builtin().operations().iter().map(|o| edits(&name, &o.name));
        let least = distances.min().unwrap_or(usize::MAX);
        let reach = (name.len() / 3).max(1);
        match Catalogue::builtin().suggest(&name) {
            Some(suggested) => {
                prop_assert_eq!(edits(&name, suggested), least);
                prop_assert!(least <= reach);
            }
            None => prop_assert!(least > reach),
        }
    }

    #[test]
    fn a_bound_is_written_as_it_can_be_read(
        number in 0_u64..10_000,
        unit in prop::sample::select(&["ns", "us", "ms", "s", "min", "h", "d"][..]),
    ) {
        let catalogue = |bound: &str| {
            let text = format!(
                "[operations.rank]\ncategory = 'tool'\nobjectives = [\
                 {{ metric = 'duration', statistic = 'p95', at_most = '{bound}' }}]"
            );
            Catalogue::parse(&text, "any.toml").unwrap()
        };
        let bound = catalogue(&format!("{number} {unit}")).operations()[0].objectives[0].at_most;
        let again = catalogue(&bound.unwrap().to_string()).operations()[0].objectives[0].at_most;
        prop_assert_eq!(bound, again);
    }
}
