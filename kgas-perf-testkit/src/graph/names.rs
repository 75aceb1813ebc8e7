//! Names of entities and relations: made up, different from each other, and easy to say.

const ONSETS: [&str; 16] =
    ["b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z"];
const VOWELS: [&str; 4] = ["a", "e", "i", "o"];

/// Relations of encyclopaedic graphs; further ones are numbered.
const RELATIONS: [&str; 24] = [
    "instance_of",
    "occupation",
    "citizen_of",
    "located_in",
    "born_in",
    "speaks",
    "genre",
    "cast_member",
    "member_of",
    "educated_at",
    "part_of",
    "works_for",
    "award_received",
    "influenced_by",
    "field_of_work",
    "died_in",
    "capital_of",
    "shares_border_with",
    "founded_by",
    "spouse_of",
    "child_of",
    "author_of",
    "owner_of",
    "named_after",
];

/// The name of the entity at a position: its digits to the base 64, each a syllable, `Bafode`.
pub(super) fn entity(position: u32) -> String {
    let mut name = String::with_capacity(12);
    // Two syllables at least; above them each position has its own number of syllables.
    let (mut syllables, mut below) = (2, 0_u64);
    let mut count = 64_u64 * 64;
    while u64::from(position) >= below + count {
        below += count;
        count *= 64;
        syllables += 1;
    }
    let rest = u64::from(position) - below;
    for place in (0..syllables).rev() {
        let digit = (rest >> (6 * place)) & 63;
        name.push_str(ONSETS[(digit >> 2) as usize]);
        name.push_str(VOWELS[(digit & 3) as usize]);
    }
    name[..1].make_ascii_uppercase();
    name
}

/// The name of the relation at a position.
pub(super) fn relation(position: u32) -> String {
    match RELATIONS.get(position as usize) {
        Some(name) => (*name).to_owned(),
        None => format!("relation_{}", u64::from(position) + 1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_differ_and_can_be_said() {
        let names: HashSet<String> = (0..300_000).map(entity).collect();
        assert_eq!(names.len(), 300_000);
        assert_eq!(
            [0, 4_095, 4_096, u32::MAX].map(entity),
            ["Baba", "Zozo", "Bababa", "Bizizizizozo"]
        );
        let relations: HashSet<String> = (0..100).map(relation).collect();
        assert_eq!(relations.len(), 100);
        assert_eq!(relation(99), "relation_100");
    }
}
