//! `Kinds`: what errors and panics said, and how often.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// How often something was said, by what was said; by what it is without its digits first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kinds(BTreeMap<String, Alike>);

/// Texts that differ only in digits.
#[derive(Clone, Debug)]
enum Alike {
    /// How often each was said.
    Each(BTreeMap<String, u64>),
    /// The first of them, and how often all were said.
    All(String, u64),
}

/// So many kinds are told apart.
const KINDS: usize = 20;
/// So many of these may differ only in digits, as the codes of errors do; more are one kind.
const ALIKE: usize = 5;
/// What the others are counted as.
const OTHERS: &str = "(others)";
/// So much of a text is kept.
const LETTERS: usize = 160;

impl Kinds {
    pub(crate) fn count(&mut self, kind: &str) {
        self.add(&harmless(shorten(kind)), 1);
    }

    fn add(&mut self, kind: &str, times: u64) {
        let pattern = without_digits(kind);
        if let Some(alike) = self.0.get_mut(&*pattern)
            && alike.add_known(kind, times)
        {
            return;
        }
        let full = self.told_apart() >= KINDS;
        match self.0.get_mut(&*pattern) {
            Some(alike) => alike.add_new(kind, times, full),
            None if full => self.add_others(times),
            None => {
                let each = Alike::Each(BTreeMap::from([(kind.to_owned(), times)]));
                self.0.insert(pattern.into_owned(), each);
            }
        }
    }

    fn add_others(&mut self, times: u64) {
        let others = self.0.entry(OTHERS.to_owned());
        match others.or_insert_with(|| Alike::All(OTHERS.to_owned(), 0)) {
            Alike::All(_, count) => *count += times,
            // An operation said the same.
            Alike::Each(each) => *each.entry(OTHERS.to_owned()).or_default() += times,
        }
    }

    fn told_apart(&self) -> usize {
        self.0.iter().filter(|(pattern, _)| *pattern != OTHERS).map(|(_, it)| it.many()).sum()
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (pattern, alike) in &other.0 {
            match alike {
                Alike::Each(each) => each.iter().for_each(|(kind, times)| self.add(kind, *times)),
                Alike::All(_, times) if pattern == OTHERS => self.add_others(*times),
                Alike::All(first, times) => {
                    let full = self.told_apart() >= KINDS;
                    match self.0.get_mut(pattern) {
                        Some(here) => here.add_all(first, *times),
                        None if full => self.add_others(*times),
                        None => drop(self.0.insert(pattern.clone(), alike.clone())),
                    }
                }
            }
        }
    }

    /// The most frequent first.
    pub(crate) fn sorted(&self) -> Vec<(String, u64)> {
        let mut kinds = Vec::new();
        for (pattern, alike) in &self.0 {
            match alike {
                Alike::Each(each) => kinds.extend(each.iter().map(|(kind, n)| (kind.clone(), *n))),
                Alike::All(_, times) if pattern == OTHERS => kinds.push((pattern.clone(), *times)),
                Alike::All(first, times) => {
                    kinds.push((format!("{pattern}, such as: {first}"), *times));
                }
            }
        }
        kinds.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        kinds
    }
}

impl Alike {
    /// Counts a text that needs no place of its own, and answers whether it was one.
    fn add_known(&mut self, kind: &str, times: u64) -> bool {
        let count = match self {
            Self::Each(each) => each.get_mut(kind),
            Self::All(_, count) => Some(count),
        };
        count.map(|count| *count += times).is_some()
    }

    /// Counts a text that is not among them, `full` where it may have no place of its own.
    fn add_new(&mut self, kind: &str, times: u64, full: bool) {
        match self {
            Self::Each(each) if each.len() < ALIKE && !full => {
                each.insert(kind.to_owned(), times);
            }
            _ => self.add_all(kind, times),
        }
    }

    /// Makes one kind of them, and counts more of it.
    fn add_all(&mut self, kind: &str, times: u64) {
        let (first, before) = match self {
            Self::Each(each) => {
                let first = each.keys().next().map_or(kind, String::as_str);
                (first.to_owned(), each.values().sum())
            }
            Self::All(first, before) => (std::mem::take(first), *before),
        };
        *self = Self::All(first, before + times);
    }

    fn many(&self) -> usize {
        match self {
            Self::Each(each) => each.len(),
            Self::All(..) => 1,
        }
    }
}

/// The text with `#` for each number in it.
fn without_digits(text: &str) -> Cow<'_, str> {
    let digit = |letter: char| letter.is_ascii_digit();
    if !text.contains(digit) {
        return Cow::Borrowed(text);
    }
    let mut pattern = String::with_capacity(text.len());
    let mut before = false;
    for letter in text.chars() {
        if !digit(letter) {
            pattern.push(letter);
        } else if !before {
            pattern.push('#');
        }
        before = digit(letter);
    }
    Cow::Owned(pattern)
}

/// The start of a text, without what would break a line.
pub(crate) fn shorten(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LETTERS) {
        Some((end, _)) => &line[..end],
        None => line,
    }
}

/// The text without what a terminal would obey: what operations say may come from anywhere.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        Cow::Owned(text.replace(char::is_control, "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_beyond_twenty_are_counted_together() {
        let mut kinds = Kinds::default();
        for n in 0..100 {
            kinds.count(&format!("error {}", "x".repeat(n)));
            kinds.count("refused\nwith a second line");
        }
        let sorted = kinds.sorted();
        assert_eq!(sorted.len(), KINDS + 1);
        assert_eq!(sorted[0], ("refused".to_owned(), 100));
        assert_eq!(sorted.iter().map(|(_, times)| times).sum::<u64>(), 200);
        assert!(sorted.contains(&(OTHERS.to_owned(), 100 - (KINDS as u64 - 1))));
        // What operations call others is counted with the others.
        kinds.count(OTHERS);
        let mut twice = kinds.clone();
        twice.merge(&kinds);
        let sorted = twice.sorted();
        assert_eq!(sorted.len(), KINDS + 1);
        assert_eq!(sorted[0], ("refused".to_owned(), 200));
        assert_eq!(sorted.iter().map(|(_, times)| times).sum::<u64>(), 402);
    }

    #[test]
    fn texts_that_differ_only_in_digits_are_one_kind_where_there_are_many() {
        let mut kinds = Kinds::default();
        for n in 0..100 {
            kinds.count(&format!("entity {n} of 99 is gone"));
            kinds.count(["HTTP 404", "HTTP 503"][n % 2]);
        }
        let many = ("entity # of # is gone, such as: entity 0 of 99 is gone".to_owned(), 100);
        let codes = [404, 503].map(|code| (format!("HTTP {code}"), 50));
        assert_eq!(kinds.sorted()[0], many);
        assert_eq!(kinds.sorted()[1..], codes);

        // The same where few of each scenario or stage are many together.
        let mut few = Kinds::default();
        (0..4).for_each(|n| few.count(&format!("entity {n}")));
        let mut all = Kinds::default();
        all.merge(&few);
        assert_eq!(all.sorted().len(), 4);
        let mut others = Kinds::default();
        (4..8).for_each(|n| others.count(&format!("entity {n}")));
        all.merge(&others);
        assert_eq!(all.sorted(), [("entity #, such as: entity 0".to_owned(), 8)]);
        few.merge(&all);
        assert_eq!(few.sorted(), [("entity #, such as: entity 0".to_owned(), 12)]);
    }

    #[test]
    fn a_number_within_a_text_is_told_apart_from_none() {
        assert_eq!(without_digits("a 12 b3"), "a # b#");
        assert_eq!(without_digits("ü"), "ü");
    }

    #[test]
    fn what_operations_say_moves_no_cursor() {
        let mut kinds = Kinds::default();
        kinds.count("gone \u{1b}[2J\u{7}");
        assert_eq!(kinds.sorted()[0].0, "gone \u{FFFD}[2J\u{FFFD}");
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(shorten(&"ü".repeat(500)).chars().count(), LETTERS);
        assert_eq!(shorten(""), "");
    }
}
