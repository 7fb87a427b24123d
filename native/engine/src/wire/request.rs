//! Requests that are prepared ahead and patched in place, so that a shot only copies what it has just
//! learnt: a stamp, a signature, a body.
//!
//! A hole has a name and a width and is filled with exactly so many bytes. A request with an empty
//! hole has no bytes to send.

use std::ops::Range;

use zeroize::Zeroizing;

use super::request_error::RequestError;
use super::response::HEAD_BYTES_MAX;

/// Digits of the longest body's length. Shorter numbers stand behind spaces, which HTTP skips
/// (RFC 9110, 5.5), so that no other byte of the head has to move.
const LENGTH_DIGITS: usize = 5;
/// What five digits can say.
const BODY_BYTES_LIMIT: usize = 99_999;
/// One bit each.
const HOLES_MAX: usize = 64;

/// A place in a prepared request; looked up once by name, then used for each shot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Hole(usize);

#[derive(Clone, Debug)]
struct Place {
    name: String,
    range: Range<usize>,
}

/// The head of a request, as it is written down.
#[derive(Clone, Debug)]
pub struct RequestForm {
    /// In one place from the beginning: what grows leaves copies, and its headers have secrets.
    head: Zeroizing<Vec<u8>>,
    holes: Vec<Place>,
    secrets: Vec<Range<usize>>,
    wrong: Option<RequestError>,
}

impl RequestForm {
    /// `method` and `path` as they are signed; `host` as the certificate has it.
    #[must_use]
    pub fn new(method: &str, path: &str, host: &str) -> Self {
        let head = Zeroizing::new(Vec::with_capacity(HEAD_BYTES_MAX));
        let (holes, secrets) = (Vec::new(), Vec::new());
        let mut form = Self { head, holes, secrets, wrong: None };
        form.check(is_token(method), method);
        form.check(!path.contains(' ') && path.starts_with('/') && is_value(path.as_bytes()), path);
        form.push(&[method, " ", path, " HTTP/1.1\r\n"]);
        form.header("Host", host)
    }

    /// A header that never changes.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.check(is_token(name), name);
        self.check(is_value(value.as_bytes()), value);
        self.push(&[name, ": ", value, "\r\n"]);
        self
    }

    /// A header that never changes and whose value nobody else may read: it is sent, never written
    /// down.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        let start = self.head.len() + name.len() + ": ".len();
        self.secrets.push(start..start + value.len());
        self.header(name, value)
    }

    /// A header whose value, of exactly so many bytes, is filled in for each request. The hole has
    /// the header's name.
    #[must_use]
    pub fn hole(mut self, name: &str, width: usize) -> Self {
        self.check(is_token(name), name);
        self.push(&[name, ": "]);
        let start = self.head.len();
        self.head.resize(start + width.min(HEAD_BYTES_MAX), b' ');
        self.holes.push(Place { name: name.to_owned(), range: start..self.head.len() });
        self.push(&["\r\n"]);
        self
    }

    /// With room for bodies of so many bytes.
    pub fn prepare(mut self, body_bytes_max: usize) -> Result<PreparedRequest, RequestError> {
        self.push(&["Content-Length: "]);
        let start = self.head.len();
        self.head.resize(start + LENGTH_DIGITS, b' ');
        let length = start..self.head.len();
        self.push(&["\r\n\r\n"]);
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        if self.head.len() > HEAD_BYTES_MAX || self.holes.len() > HOLES_MAX {
            return Err(RequestError::HeadTooLong);
        }
        if body_bytes_max > BODY_BYTES_LIMIT {
            return Err(RequestError::BodyTooLong {
                room: BODY_BYTES_LIMIT,
                bytes: body_bytes_max,
            });
        }
        let head_bytes = self.head.len();
        let mut bytes = Zeroizing::new(Vec::with_capacity(head_bytes + body_bytes_max));
        bytes.extend_from_slice(&self.head);
        let empty = all(self.holes.len());
        let (holes, mut secrets) = (self.holes, self.secrets);
        let secrets_in_head = secrets.len();
        secrets.reserve_exact(1);
        let mut request = PreparedRequest {
            bytes,
            head_bytes,
            body_bytes_max,
            length,
            holes,
            empty,
            secrets,
            secrets_in_head,
        };
        request.set_body(&[])?;
        Ok(request)
    }

    fn push(&mut self, parts: &[&str]) {
        for part in parts {
            self.head.extend_from_slice(part.as_bytes());
        }
    }

    fn check(&mut self, is_right: bool, text: &str) {
        if !is_right && self.wrong.is_none() {
            self.wrong = Some(RequestError::NotInAHead(text.to_owned()));
        }
    }
}

/// A request in one piece of memory, patched in place.
#[derive(Clone, Debug)]
pub struct PreparedRequest {
    bytes: Zeroizing<Vec<u8>>,
    head_bytes: usize,
    body_bytes_max: usize,
    length: Range<usize>,
    holes: Vec<Place>,
    /// One bit per hole that has nothing in it.
    empty: u64,
    /// Those of the head, then the body's, if it has one.
    secrets: Vec<Range<usize>>,
    secrets_in_head: usize,
}

impl PreparedRequest {
    /// The hole of that name, exactly as it was given.
    #[must_use]
    pub fn hole(&self, name: &str) -> Option<Hole> {
        self.holes.iter().position(|hole| hole.name == name).map(Hole)
    }

    /// Fills a hole with a value of its width.
    pub fn patch(&mut self, Hole(index): Hole, value: &[u8]) -> Result<(), RequestError> {
        let range = self.holes.get(index).ok_or(RequestError::NotAHole)?.range.clone();
        let hole = self.bytes.get_mut(range).ok_or(RequestError::NotAHole)?;
        if hole.len() != value.len() {
            return Err(RequestError::WrongWidth { width: hole.len(), bytes: value.len() });
        }
        if !is_value(value) {
            return Err(RequestError::NotInAHead(String::from_utf8_lossy(value).into_owned()));
        }
        hole.copy_from_slice(value);
        self.empty &= !(1 << index);
        Ok(())
    }

    /// Another body, and its length in the head.
    pub fn set_body(&mut self, body: &[u8]) -> Result<(), RequestError> {
        let room = self.body_bytes_max;
        if body.len() > room {
            return Err(RequestError::BodyTooLong { room, bytes: body.len() });
        }
        self.secrets.truncate(self.secrets_in_head);
        self.bytes.truncate(self.head_bytes);
        self.bytes.extend_from_slice(body);
        let mut left = body.len();
        for (behind, digit) in self.bytes[self.length.clone()].iter_mut().rev().enumerate() {
            let is_shown = behind == 0 || left > 0;
            let value = u8::try_from(left % 10).unwrap_or(0); // one digit always fits
            *digit = if is_shown { b'0' + value } else { b' ' };
            left /= 10;
        }
        Ok(())
    }

    /// The body as it would be sent: what venues have signed over it.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.bytes[self.head_bytes..]
    }

    /// The same, with one place that is sent and never written down.
    pub fn set_body_with(&mut self, body: &[u8], secret: Range<usize>) -> Result<(), RequestError> {
        self.set_body(body)?;
        self.secrets.push(self.head_bytes + secret.start..self.head_bytes + secret.end);
        Ok(())
    }

    /// Which of its bytes are sent and never written down, in their order.
    #[must_use]
    pub fn secrets(&self) -> &[Range<usize>] {
        &self.secrets
    }

    /// What is written to the wire, once nothing is missing.
    pub fn bytes(&self) -> Result<&[u8], RequestError> {
        if self.empty != 0 { Err(RequestError::HoleEmpty) } else { Ok(&self.bytes) }
    }

    /// It was sent: a stamp or signature is not used twice.
    pub fn empty_holes(&mut self) {
        self.empty = all(self.holes.len());
    }
}

/// So many bits.
fn all(holes: usize) -> u64 {
    (0..holes.min(HOLES_MAX)).fold(0, |mask, hole| mask | 1 << hole)
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_part)
}

/// Visible ASCII, with spaces inside: nothing in it can end its line.
fn is_value(value: &[u8]) -> bool {
    let is_part = |byte: &u8| (b' '..=b'~').contains(byte);
    !value.is_empty() && value.iter().all(is_part) && value.trim_ascii() == value
}

#[cfg(test)]
mod tests;
