//! Bodies that come in chunks (RFC 9112, 7.1), however their bytes are split on the way.

use super::response::{BODY_BYTES_MAX, Unreadable};

/// Of a chunk's first line, and of all trailers together.
pub const LINE_BYTES_MAX: usize = 1_024;
const HEX: u32 = 16;

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum At {
    Size,
    /// Until its line ends; nobody gives extensions a meaning.
    Extension,
    SizeEnd,
    Data,
    DataReturn,
    DataEnd,
    TrailerStart,
    Trailer,
    TrailerEnd,
    LastEnd,
    Over,
}

/// Reads one chunked body.
#[derive(Clone, Copy, Debug)]
pub struct Chunks {
    at: At,
    /// Of the chunk that is read, what is missing.
    left: usize,
    /// Of its line, so that none is endless.
    line_bytes: usize,
}

impl Chunks {
    pub fn new() -> Self {
        Self { at: At::Size, left: 0, line_bytes: 0 }
    }

    pub fn is_over(&self) -> bool {
        self.at == At::Over
    }

    /// Takes what belongs to the body; returns how many bytes that was, at least one of some.
    pub fn read(&mut self, bytes: &[u8], body: &mut Vec<u8>) -> Result<usize, Unreadable> {
        let Some(first) = bytes.first() else { return Ok(0) };
        if self.at != At::Data {
            self.at = self.after(*first, body.len())?;
            return Ok(1);
        }
        let used = bytes.len().min(self.left);
        body.extend_from_slice(&bytes[..used]);
        self.left -= used;
        if self.left == 0 {
            self.at = At::DataReturn;
        }
        Ok(used)
    }

    fn after(&mut self, byte: u8, body_bytes: usize) -> Result<At, Unreadable> {
        self.line_bytes += 1;
        if self.line_bytes > LINE_BYTES_MAX {
            return Err(Unreadable::ChunksBroken);
        }
        match (self.at, byte) {
            (At::Size, b';') if self.line_bytes > 1 => Ok(At::Extension),
            (At::Size, b'\r') if self.line_bytes > 1 => Ok(At::SizeEnd),
            (At::Size, digit) => self.longer(digit, body_bytes),
            (At::Extension, b'\r') => Ok(At::SizeEnd),
            (At::SizeEnd, b'\n') => Ok(self.after_size()),
            (At::DataReturn, b'\r') => Ok(At::DataEnd),
            (At::DataEnd, b'\n') => Ok(self.next_chunk()),
            (At::TrailerStart, b'\r') => Ok(At::LastEnd),
            (At::Trailer, b'\r') => Ok(At::TrailerEnd),
            (At::TrailerEnd, b'\n') => Ok(At::TrailerStart),
            (At::LastEnd, b'\n') => Ok(At::Over),
            (_, b'\r' | b'\n') => Err(Unreadable::ChunksBroken),
            (At::Extension, _) => Ok(At::Extension),
            (At::TrailerStart | At::Trailer, _) => Ok(At::Trailer),
            _ => Err(Unreadable::ChunksBroken),
        }
    }

    /// One more digit of the size; refused here, before a byte of a chunk that is too long is kept.
    fn longer(&mut self, digit: u8, body_bytes: usize) -> Result<At, Unreadable> {
        let digit = char::from(digit).to_digit(HEX).ok_or(Unreadable::ChunksBroken)?;
        self.left = self.left * 16 + usize::try_from(digit).unwrap_or(0); // below 16: it fits
        if body_bytes + self.left > BODY_BYTES_MAX {
            return Err(Unreadable::BodyTooLong);
        }
        Ok(At::Size)
    }

    fn after_size(&mut self) -> At {
        self.line_bytes = 0;
        if self.left == 0 { At::TrailerStart } else { At::Data }
    }

    fn next_chunk(&mut self) -> At {
        *self = Self::new();
        At::Size
    }
}
