//! What a text says about its own lines and keys where it is no TOML that could be parsed.

/// The number of the line, from 1, that holds the byte at `offset`.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Whether the parser met a key for the second time.
pub(crate) fn is_duplicate(error: &toml::de::Error) -> bool {
    error.message() == "duplicate key"
}

/// What the parser says, except where it takes a word without quotes for half a boolean.
pub(crate) fn message(error: &toml::de::Error) -> &str {
    match error.message() {
        message if message.starts_with("invalid boolean") => "a word must be in quotes",
        message => message,
    }
}

/// The path of the key that the byte at `offset` belongs to, as far as the lines above tell.
///
/// It is the nearest `key =` at the beginning of a line, below the nearest `[header]`.
pub(crate) fn key_at(text: &str, offset: usize) -> String {
    let mut key = None;
    for line in text.lines().take(line_at(text, offset)).collect::<Vec<_>>().into_iter().rev() {
        let line = line.trim();
        if let Some(header) = header(line) {
            return match key {
                Some(key) => format!("{header}.{key}"),
                None => header.to_owned(),
            };
        }
        key = key.or_else(|| assigned_key(line));
    }
    key.unwrap_or_default().to_owned()
}

/// Whether the path names a key inside the table.
pub(crate) fn is_inside(path: &str, table: &str) -> bool {
    path.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}

/// What to say of a key that was there before.
pub(crate) fn duplicate_message(path: &str) -> String {
    match path.strip_prefix("operations.") {
        Some(name) if !name.contains('.') => {
            format!("operation `{name}` is declared twice; keep one")
        }
        _ => "stands here a second time; keep one".to_owned(),
    }
}

/// `operations.graph_to_table` of the line `[operations.graph_to_table]`, closed or not.
fn header(line: &str) -> Option<&str> {
    let path = line.strip_prefix('[')?.trim_start_matches('[').split(']').next()?.trim();
    is_path(path).then_some(path)
}

/// `category` of the line `category = "tool"`.
fn assigned_key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    Some(key.trim()).filter(|key| is_path(key))
}

fn is_path(path: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'');
    !path.is_empty() && path.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
extends = 'builtin'

[operations.rank]
category = 'tool'
objectives = [
  { metric = 'duration' },
]
";

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line_at(TEXT, 0), 1);
        assert_eq!(line_at(TEXT, TEXT.find("category").unwrap()), 4);
        assert_eq!(line_at(TEXT, usize::MAX), 8);
        assert_eq!(line_at("", 0), 1);
    }

    #[test]
    fn keys_stand_below_their_headers() {
        let key_of = |part: &str| key_at(TEXT, TEXT.find(part).unwrap());
        assert_eq!(key_of("builtin"), "extends");
        assert_eq!(key_of("[operations"), "operations.rank");
        assert_eq!(key_of("tool"), "operations.rank.category");
        assert_eq!(key_of("duration"), "operations.rank.objectives");
        assert_eq!(key_at("", 0), "");
    }
}
