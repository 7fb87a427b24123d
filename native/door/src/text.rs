//! Texts of fixed width: ASCII, filled up with zeros, so that nothing of a frame moves.

use std::fmt;

/// At most `N` characters. What is not there is zero; a zero inside is refused.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Text<const N: usize>([u8; N]);

impl<const N: usize> Text<N> {
    /// Nothing told.
    pub const EMPTY: Self = Self([0; N]);

    /// One to `N` of `A-Z a-z 0-9 . _ -`: a name of ours (`schemas/names.ts`).
    #[must_use]
    pub fn name(text: &str) -> Option<Self> {
        Self::padded(text).filter(Self::is_name)
    }

    /// One to `N` printable ASCII characters: a sentence of somebody's.
    #[must_use]
    pub fn words(text: &str) -> Option<Self> {
        Self::padded(text).filter(Self::is_words)
    }

    /// What it says.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.told()).unwrap_or_default() // ASCII was asked for when it was made
    }

    /// As it stands in a frame.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }

    pub(crate) fn name_on_wire(bytes: [u8; N]) -> Option<Self> {
        Some(Self(bytes)).filter(|text| text.is_padded() && text.is_name())
    }

    pub(crate) fn words_on_wire(bytes: [u8; N]) -> Option<Self> {
        Some(Self(bytes)).filter(|text| text.is_padded() && text.is_words())
    }

    /// As `name_on_wire`, or nothing told.
    pub(crate) fn note_on_wire(bytes: [u8; N]) -> Option<Self> {
        if bytes == [0; N] { Some(Self::EMPTY) } else { Self::name_on_wire(bytes) }
    }

    /// Of a literal of ours, cut where it is too long for its place.
    pub(crate) fn literal(text: &'static str) -> Self {
        let mut bytes = [0; N];
        for (place, byte) in bytes.iter_mut().zip(text.bytes()) {
            *place = byte;
        }
        Self(bytes)
    }

    fn padded(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self(bytes)).filter(|padded| padded.told().len() == text.len())
    }

    fn told(&self) -> &[u8] {
        self.0.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    fn is_padded(&self) -> bool {
        self.0.iter().skip(self.told().len()).all(|byte| *byte == 0)
    }

    fn is_name(&self) -> bool {
        let is_of_names = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        !self.told().is_empty() && self.told().iter().all(is_of_names)
    }

    fn is_words(&self) -> bool {
        let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
        !self.told().is_empty() && self.told().iter().all(is_printable)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fills_its_place_and_no_more() {
        assert_eq!(Text::<4>::name("a.-9").map(|name| name.to_string()), Some("a.-9".into()));
        for text in ["", "abcde", "a b", "a\0", "\u{e9}", "a/b"] {
            assert_eq!(Text::<4>::name(text), None, "{text:?}");
        }
        assert!(Text::<4>::words("a b").is_some());
        assert!(Text::<4>::words("a\n").is_none());
    }

    #[test]
    fn what_follows_the_end_of_a_text_is_zero() {
        assert!(Text::name_on_wire(*b"ab\0\0").is_some());
        assert!(Text::name_on_wire(*b"a\0b\0").is_none());
        assert!(Text::name_on_wire([0; 4]).is_none());
        assert_eq!(Text::note_on_wire([0; 4]), Some(Text::EMPTY));
        assert!(Text::note_on_wire(*b"\0\0a\0").is_none());
    }
}
