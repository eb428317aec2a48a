//! Keys of topic exchanges.

/// Whether a key, words between dots, matches a pattern: `*` is one word, `#` any number of words.
pub(super) fn matches(pattern: &str, key: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split('.').map(String::from);
        words.take_while(|_| !text.is_empty()).collect()
    };
    let (pattern, key) = (words(pattern), words(key));
    // Which numbers of words of the key the pattern so far can stand for: no more steps than the product of the two.
    let mut ends = vec![false; key.len() + 1];
    ends[0] = true;
    for word in pattern {
        let mut next = vec![false; key.len() + 1];
        for at in 0..=key.len() {
            next[at] = if word == "#" {
                ends[at] || (at > 0 && next[at - 1])
            } else {
                at > 0 && ends[at - 1] && (word == "*" || word == key[at - 1])
            };
        }
        ends = next;
    }
    ends[key.len()]
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_one_word_and_a_hash_any_number() {
        for (pattern, key) in [
            ("orders.eu", "orders.eu"),
            ("orders.*", "orders.eu"),
            ("*.eu", "orders.eu"),
            ("#", "orders.eu.north"),
            ("orders.#", "orders"),
            ("orders.#", "orders.eu.north"),
            ("#.north", "orders.eu.north"),
            ("#.eu.#", "orders.eu.north"),
            ("orders.#.#.north", "orders.north"),
            ("#", ""),
        ] {
            assert!(matches(pattern, key), "{pattern} {key}");
        }
        for (pattern, key) in [
            ("orders.eu", "orders"),
            ("orders.*", "orders"),
            ("orders.*", "orders.eu.north"),
            ("*", "orders.eu"),
            ("*", ""),
            ("#.south", "orders.eu.north"),
            ("orders.#", "order"),
        ] {
            assert!(!matches(pattern, key), "{pattern} {key}");
        }
    }
}
