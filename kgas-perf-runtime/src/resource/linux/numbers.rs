//! Numbers in texts of `/proc`.

/// The words of a line.
pub(super) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t' | b'\n')).filter(|word| !word.is_empty())
}

/// The lines of a text.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// A whole number; `None` where it is none, or does not fit.
pub(super) fn number(word: &[u8]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// The number after a key at the begin of a line, such as `VmHWM:`.
pub(super) fn of_key(text: &[u8], key: &str) -> Option<u64> {
    let line = lines(text).find_map(|line| line.strip_prefix(key.as_bytes()))?;
    number(words(line).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_none() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for bad in ["", "-1", "18446744073709551616", "1.5", "max", "1k"] {
            assert_eq!(number(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_key_begins_a_line() {
        let text = b"MemTotal:  16 kB\nXMemFree: 3 kB\nMemFree:\t7 kB\nEmpty:\n";
        assert_eq!(of_key(text, "MemFree:"), Some(7));
        assert_eq!(of_key(text, "Empty:"), None);
        assert_eq!(of_key(text, "Cached:"), None);
    }
}
