//! Where one TLS record ends and the next begins (RFC 8446, 5.1). A record that is not complete is
//! nothing that anybody can read: what it carries is only known when all of it was checked.

/// Type, version and length.
const HEADER_BYTES: usize = 5;

/// Follows a stream of TLS records from its first byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct Records {
    header: [u8; HEADER_BYTES],
    header_bytes: usize,
    /// Of the record whose header is complete.
    body_bytes_left: usize,
    complete: usize,
}

impl Records {
    /// The next bytes of the stream.
    pub fn follow(&mut self, mut bytes: &[u8]) {
        while let Some(first) = bytes.first() {
            let used = match self.header_bytes {
                HEADER_BYTES => self.skip_body(bytes.len()),
                at => self.take_header_byte(at, *first),
            };
            bytes = &bytes[used..];
        }
    }

    /// How many have ended.
    pub fn complete(&self) -> usize {
        self.complete
    }

    /// Whether the stream stands where no record has begun.
    pub fn is_between(&self) -> bool {
        self.header_bytes == 0
    }

    fn take_header_byte(&mut self, at: usize, byte: u8) -> usize {
        self.header[at] = byte;
        self.header_bytes = at + 1;
        if self.header_bytes == HEADER_BYTES {
            let [.., high, low] = self.header;
            self.body_bytes_left = usize::from(u16::from_be_bytes([high, low]));
            self.end_if_over();
        }
        1
    }

    fn skip_body(&mut self, bytes: usize) -> usize {
        let used = bytes.min(self.body_bytes_left);
        self.body_bytes_left -= used;
        self.end_if_over();
        used
    }

    fn end_if_over(&mut self) {
        if self.body_bytes_left == 0 {
            self.complete += 1;
            self.header_bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(body_bytes: u16) -> Vec<u8> {
        let mut record = vec![23, 3, 3];
        record.extend(body_bytes.to_be_bytes());
        record.resize(HEADER_BYTES + usize::from(body_bytes), 0xff);
        record
    }

    #[test]
    fn a_record_ends_with_its_last_byte_and_not_before() {
        let record = record(300);
        let mut records = Records::default();
        assert!(records.is_between());
        records.follow(&record[..304]);
        assert_eq!((records.complete(), records.is_between()), (0, false));
        records.follow(&record[304..]);
        assert_eq!((records.complete(), records.is_between()), (1, true));
    }

    proptest! {
        #[test]
        fn however_they_come_as_many_are_counted(
            bodies in prop::collection::vec(0_u16..600, 1..8),
            piece in 1_usize..700,
        ) {
            let stream: Vec<u8> = bodies.iter().flat_map(|bytes| record(*bytes)).collect();
            let mut records = Records::default();
            stream.chunks(piece).for_each(|bytes| records.follow(bytes));
            prop_assert_eq!(records.complete(), bodies.len());
            prop_assert!(records.is_between());
        }
    }
}
