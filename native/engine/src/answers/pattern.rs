//! Documented texts with places in them.

/// A text in which `{id}` is the order's own hash and `{}` may be anything, even nothing. The case
/// of its letters, which are ASCII, does not count: the venue's is not relied upon.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// What stands between the `{}`, and within that between the `{id}`.
    parts: Vec<Vec<String>>,
}

impl Pattern {
    pub fn new(text: &str) -> Self {
        let pieces = |part: &str| part.split("{id}").map(str::to_ascii_lowercase).collect();
        Self { parts: text.split("{}").map(pieces).collect() }
    }

    /// Whether all of what was said is this text. Both are given in lower case.
    pub fn fits(&self, said: &str, id: &str) -> bool {
        let parts: Vec<_> = self.parts.iter().map(|pieces| pieces.join(id)).collect();
        match parts.as_slice() {
            [] => false, // a split text has a part
            [whole] => said == whole,
            [first, between @ .., last] => {
                let rest = said.strip_prefix(first.as_str());
                let rest = rest.and_then(|rest| {
                    between.iter().try_fold(rest, |rest, part| behind(rest, part))
                });
                rest.is_some_and(|rest| rest.ends_with(last.as_str()))
            }
        }
    }
}

/// What is left behind the earliest place of a part: whatever comes next has the most room there.
fn behind<'a>(text: &'a str, part: &str) -> Option<&'a str> {
    text.split_once(part).map(|(_, rest)| rest)
}
