//! Reads HTTP/1.1 responses (RFC 9112) as their bytes come. What it is not sure of it does not read:
//! an answer that is guessed is worse than none.

use std::str;

use thiserror::Error;

use super::chunked::Chunks;

/// Status line and headers together.
pub const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// More than any answer to an order; a longer one is none.
pub const BODY_BYTES_MAX: usize = 64 * 1_024;
/// Of one response.
pub const HEADERS_MAX: usize = 64;
const HEAD_END: &[u8] = b"\r\n\r\n";

/// One whole response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Response<'a> {
    /// Of HTTP; never 1xx.
    pub status: u16,
    /// As it came, without its framing.
    pub body: &'a [u8],
}

/// Why bytes are no response.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Unreadable {
    /// No status line and headers as HTTP has them.
    #[error("not a response of HTTP/1.1")]
    NotHttp,
    /// Longer than `HEAD_BYTES_MAX`.
    #[error("a head of more than {HEAD_BYTES_MAX} bytes")]
    HeadTooLong,
    /// Longer than `BODY_BYTES_MAX`.
    #[error("a body of more than {BODY_BYTES_MAX} bytes")]
    BodyTooLong,
    /// Where the body ends is not said, or said twice.
    #[error("a body whose end cannot be known")]
    EndUnknown,
    /// Chunks that are none.
    #[error("a body in broken chunks")]
    ChunksBroken,
}

/// How far a response has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Progress {
    /// More has to come.
    Partial,
    /// All of it is there.
    Whole,
    /// It never will be.
    Unreadable(Unreadable),
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Head,
    Length(usize),
    Chunked(Chunks),
    UntilClosed,
    Whole,
    Unreadable(Unreadable),
}

/// Reads one response after the other, each into the same memory.
#[derive(Debug)]
pub struct ResponseReader {
    head: Vec<u8>,
    body: Vec<u8>,
    part: Part,
    status: u16,
    is_last: bool,
    has_surplus: bool,
}

impl ResponseReader {
    /// With the memory for the longest response.
    #[must_use]
    pub fn new() -> Self {
        Self {
            head: Vec::with_capacity(HEAD_BYTES_MAX),
            body: Vec::with_capacity(BODY_BYTES_MAX),
            part: Part::Head,
            status: 0,
            is_last: false,
            has_surplus: false,
        }
    }

    /// Forgets what was read, for the next response.
    pub fn clear(&mut self) {
        self.head.clear();
        self.body.clear();
        self.part = Part::Head;
        (self.status, self.is_last, self.has_surplus) = (0, false, false);
    }

    /// The next bytes of the connection, however they were split.
    pub fn read(&mut self, mut bytes: &[u8]) -> Progress {
        while !bytes.is_empty() && self.progress() == Progress::Partial {
            match self.step(bytes) {
                Ok(used) => bytes = &bytes[used..],
                Err(why) => self.part = Part::Unreadable(why),
            }
        }
        self.has_surplus |= !bytes.is_empty();
        self.progress()
    }

    /// The connection has ended in order, which is how some bodies end (RFC 9112, 6.3, rule 8).
    pub fn closed(&mut self) -> Progress {
        if matches!(self.part, Part::UntilClosed) {
            self.part = Part::Whole;
        }
        self.progress()
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        match self.part {
            Part::Whole => Progress::Whole,
            Part::Unreadable(why) => Progress::Unreadable(why),
            _ => Progress::Partial,
        }
    }

    /// What was read, once it is whole.
    #[must_use]
    pub fn response(&self) -> Option<Response<'_>> {
        let is_whole = matches!(self.part, Part::Whole);
        is_whole.then_some(Response { status: self.status, body: &self.body })
    }

    /// Whether another request may follow on the same connection. After bytes that belong to no
    /// answer it may not: they would be taken for the next one.
    #[must_use]
    pub fn leaves_connection_open(&self) -> bool {
        matches!(self.part, Part::Whole) && !self.is_last && !self.has_surplus
    }

    fn step(&mut self, bytes: &[u8]) -> Result<usize, Unreadable> {
        match &mut self.part {
            Part::Head => self.read_head(bytes),
            Part::Length(left) => {
                let used = bytes.len().min(*left);
                *left -= used;
                self.body.extend_from_slice(&bytes[..used]);
                self.end_if(matches!(self.part, Part::Length(0)));
                Ok(used)
            }
            Part::Chunked(chunks) => {
                let used = chunks.read(bytes, &mut self.body)?;
                let is_over = chunks.is_over();
                self.end_if(is_over);
                Ok(used)
            }
            Part::UntilClosed if self.body.len() + bytes.len() > BODY_BYTES_MAX => {
                Err(Unreadable::BodyTooLong)
            }
            Part::UntilClosed => {
                self.body.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            Part::Whole | Part::Unreadable(_) => Ok(bytes.len()),
        }
    }

    fn read_head(&mut self, bytes: &[u8]) -> Result<usize, Unreadable> {
        let known = self.head.len();
        let taken = bytes.len().min(HEAD_BYTES_MAX - known);
        self.head.extend_from_slice(&bytes[..taken]);
        let from = known.saturating_sub(HEAD_END.len() - 1);
        let end = self.head[from..].windows(HEAD_END.len()).position(|window| window == HEAD_END);
        match end.map(|at| from + at + HEAD_END.len()) {
            Some(end) => {
                self.head.truncate(end);
                self.understand()?;
                Ok(end - known)
            }
            None if self.head.len() == HEAD_BYTES_MAX => Err(Unreadable::HeadTooLong),
            None => Ok(taken),
        }
    }

    /// What a complete head says of the rest.
    fn understand(&mut self) -> Result<(), Unreadable> {
        let head = Head::parse(&self.head)?;
        match head.status {
            // Nobody has asked for another protocol.
            101 => return Err(Unreadable::NotHttp),
            100..=199 => self.head.clear(), // the answer is still to come
            _ => {
                (self.status, self.is_last, self.part) = (head.status, head.is_last, head.part);
                self.end_if(matches!(self.part, Part::Length(0)));
            }
        }
        Ok(())
    }

    fn end_if(&mut self, is_over: bool) {
        if is_over {
            self.part = Part::Whole;
        }
    }
}

impl Default for ResponseReader {
    fn default() -> Self {
        Self::new()
    }
}

struct Head {
    status: u16,
    /// The connection ends with it.
    is_last: bool,
    /// How the body comes.
    part: Part,
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(bytes).map_err(|_| Unreadable::NotHttp)?;
        // An end before its end is a head within a head.
        let is_all = parsed.is_complete() && parsed.unwrap() == bytes.len();
        let (true, Some(status)) = (is_all, response.code) else { return Err(Unreadable::NotHttp) };
        if status < 100 {
            return Err(Unreadable::NotHttp);
        }
        let part = body_of(status, response.headers)?;
        let is_last = response.version == Some(0)
            || matches!(part, Part::UntilClosed)
            || values(response.headers, "connection").any(|value| has_token(value, "close"));
        Ok(Self { status, is_last, part })
    }
}

/// RFC 9112, 6.3. Both ways of saying where it ends at once are an attack or a mistake.
fn body_of(status: u16, headers: &[httparse::Header<'_>]) -> Result<Part, Unreadable> {
    let mut encodings = values(headers, "transfer-encoding");
    let mut lengths = values(headers, "content-length").map(length);
    let (encoding, length) = (encodings.next(), lengths.next());
    if matches!(status, 100..=199 | 204 | 304) {
        return Ok(Part::Length(0));
    }
    match (encoding, length) {
        (None, None) => Ok(Part::UntilClosed),
        (Some(only), None) if is_word(only, "chunked") && encodings.next().is_none() => {
            Ok(Part::Chunked(Chunks::new()))
        }
        (None, Some(Some(length))) if lengths.all(|other| other == Some(length)) => {
            if length > BODY_BYTES_MAX {
                return Err(Unreadable::BodyTooLong);
            }
            Ok(Part::Length(length))
        }
        _ => Err(Unreadable::EndUnknown),
    }
}

fn values<'a>(
    headers: &'a [httparse::Header<'_>],
    name: &'a str,
) -> impl Iterator<Item = &'a [u8]> {
    let named = headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    named.map(|header| header.value)
}

fn has_token(value: &[u8], token: &str) -> bool {
    value.split(|byte| *byte == b',').any(|part| is_word(part, token))
}

fn is_word(value: &[u8], word: &str) -> bool {
    value.trim_ascii().eq_ignore_ascii_case(word.as_bytes())
}

/// Digits and nothing else; `parse` alone would take a sign.
fn length(value: &[u8]) -> Option<usize> {
    let digits = value.trim_ascii();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| str::from_utf8(digits).ok()?.parse().ok()).flatten()
}
