//! `key=value` words, by the driver's own grammar: what two readers read in two ways could ask the
//! one for TLS, and the other for none.

/// One of them.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Word<'a> {
    pub key: &'a str,
    /// Without its quotes and backslashes.
    pub value: String,
    /// The whole of it, as it stands.
    pub text: &'a str,
}

/// All of them; `None`: something is no such word.
pub(super) fn words(text: &str) -> Option<Vec<Word<'_>>> {
    let mut words = Vec::new();
    let mut left = text.trim_start();
    while !left.is_empty() {
        let (word, rest) = first(left)?;
        words.push(word);
        left = rest.trim_start();
    }
    Some(words)
}

/// White space may stand on both sides of the `=`, and none has to stand behind a quote.
fn first(text: &str) -> Option<(Word<'_>, &str)> {
    let (key, rest) = text.split_at(text.find(|next: char| next.is_whitespace() || next == '=')?);
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let (value, rest) = match rest.strip_prefix('\'') {
        Some(quoted) => {
            let (value, rest) = value_until(quoted, |next| next == '\'');
            (value, rest.strip_prefix('\'')?)
        }
        None => {
            Some(value_until(rest, char::is_whitespace)).filter(|(value, _)| !value.is_empty())?
        }
    };
    let word = Word { key, value, text: text.strip_suffix(rest)? };
    (!key.is_empty()).then_some((word, rest))
}

/// A backslash takes whatever comes behind it as it is.
fn value_until(text: &str, is_end: impl Fn(char) -> bool) -> (String, &str) {
    let mut value = String::new();
    let mut left = text.chars();
    loop {
        let rest = left.as_str();
        match left.next() {
            Some('\\') => value.extend(left.next()),
            Some(next) if !is_end(next) => value.push(next),
            _ => return (value, rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Vec<(&str, String)>> {
        Some(words(text)?.into_iter().map(|word| (word.key, word.value)).collect())
    }

    #[test]
    fn words_are_read_as_the_driver_reads_them() {
        let one = |value: &str| Some(vec![("a", value.to_owned())]);
        for text in ["a=b", "a = b", " a\t=\n'b' ", "a=\\b"] {
            assert_eq!(read(text), one("b"), "{text}");
        }
        assert_eq!(read(r"a='it\'s = \\'"), one(r"it's = \"));
        assert_eq!(read("a=''"), one(""));
        let two = Some(vec![("a", "b".to_owned()), ("c", "%20'".to_owned())]);
        assert_eq!(read("a='b'c=%20'"), two);
        assert_eq!(read(" "), Some(vec![]));
    }

    #[test]
    fn what_is_no_word_is_not_passed_over() {
        for text in ["a", "a b=c", "a=", "=b", "a=b =c", "a='b"] {
            assert_eq!(words(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_is_handed_on_as_it_stands() {
        let texts = words(r" a = 'b c'  d=e\ f ").map(|all| all.iter().map(|of| of.text).collect());
        assert_eq!(texts, Some(vec!["a = 'b c'", r"d=e\ f"]));
    }
}
