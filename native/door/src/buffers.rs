//! What a connection has read and not understood yet, and what it has said and not got rid of.

use std::io::{self, Read, Write};

use crate::frame::{FRAME_BYTES_MAX, Frame, FrameTooLong, first_frame, write_frame};

/// A few requests at once; the rest waits in the kernel.
const INPUT_BYTES: usize = 4 * FRAME_BYTES_MAX;
/// More than a client that reads ever leaves lying: every answer that it may await, and the kernel
/// holds some two hundred kilobytes more before the first byte lies here.
const OUTPUT_BYTES: usize = 32 * FRAME_BYTES_MAX;

/// Bytes of frames, in the order in which they came.
pub struct Input {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Input {
    pub fn new() -> Self {
        Self { bytes: vec![0; INPUT_BYTES].into(), start: 0, end: 0 }
    }

    /// Reads once. 0: the other side has closed. There always is room for a whole frame.
    pub fn fill(&mut self, from: &mut impl Read) -> io::Result<usize> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let room = self.bytes.get_mut(self.end..).unwrap_or_default();
        let read = from.read(room)?;
        self.end += read.min(room.len());
        Ok(read)
    }

    pub fn next(&mut self) -> Result<Option<Frame<'_>>, FrameTooLong> {
        let left = self.bytes.get(self.start..self.end).unwrap_or_default();
        let Some((frame, bytes)) = first_frame(left)? else { return Ok(None) };
        self.start += bytes;
        Ok(Some(frame))
    }
}

/// Bytes that the kernel has not taken yet.
pub struct Output {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

/// The other side does not read: there is no room for what it would have to be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotReading;

impl Output {
    pub fn new() -> Self {
        Self { bytes: vec![0; OUTPUT_BYTES].into(), start: 0, end: 0 }
    }

    pub fn push(&mut self, frame: &Frame<'_>) -> Result<(), NotReading> {
        if self.bytes.len() - self.end < FRAME_BYTES_MAX {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let room = self.bytes.get_mut(self.end..).unwrap_or_default();
        let written = write_frame(room, frame).ok_or(NotReading)?;
        self.end += written.len();
        Ok(())
    }

    /// Hands over what the kernel takes now.
    pub fn flush(&mut self, to: &mut impl Write) -> io::Result<()> {
        while self.start < self.end {
            let left = self.bytes.get(self.start..self.end).unwrap_or_default();
            match to.write(left) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => self.start += taken.min(left.len()),
                Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => (),
                Err(cause) => return Err(cause),
            }
        }
        (self.start, self.end) = (0, 0);
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn frames(input: &mut Input) -> Vec<(u8, u64, Vec<u8>)> {
        let mut found = Vec::new();
        while let Ok(Some(Frame { kind, number, body })) = input.next() {
            found.push((kind, number, body.to_vec()));
        }
        found
    }

    proptest! {
        #[test]
        fn any_split_of_a_stream_gives_the_same_frames(
            told in vec((any::<u8>(), any::<u64>(), vec(any::<u8>(), 0..=1_008)), 1..8),
            cuts in vec(1_usize..2_000, 1..40),
        ) {
            let mut stream = Vec::new();
            let mut room = [0; FRAME_BYTES_MAX];
            for (kind, number, body) in &told {
                let frame = Frame { kind: *kind, number: *number, body };
                stream.extend_from_slice(write_frame(&mut room, &frame).expect("it fits"));
            }
            let (mut input, mut found, mut left) = (Input::new(), Vec::new(), stream.as_slice());
            for cut in cuts.iter().cycle() {
                if left.is_empty() {
                    break;
                }
                let mut piece = &left[..left.len().min(*cut)];
                while !piece.is_empty() {
                    let before = piece.len();
                    input.fill(&mut piece).expect("memory");
                    left = &left[before - piece.len()..];
                    found.extend(frames(&mut input));
                }
            }
            prop_assert_eq!(found, told);
        }

        #[test]
        fn no_bytes_are_too_bad_to_be_read(bytes in vec(any::<u8>(), 0..6_000)) {
            let (mut input, mut bytes) = (Input::new(), bytes.as_slice());
            while input.fill(&mut bytes).expect("memory") > 0 {
                loop {
                    match input.next() {
                        Ok(Some(frame)) => prop_assert!(frame.body.len() <= 1_008),
                        Ok(None) => break,
                        Err(FrameTooLong { .. }) => return Ok(()),
                    }
                }
            }
        }
    }

    /// Takes a few bytes, then no more for now.
    struct Slow(Vec<u8>, usize);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.1);
            if taken == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.0.extend_from_slice(&bytes[..taken]);
            self.1 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_slow_reader_hears_everything_in_order_and_one_that_never_reads_is_found_out() {
        let mut output = Output::new();
        let body = [7; 1_000];
        let frame = |number| Frame { kind: 1, number, body: &body };
        let mut slow = Slow(Vec::new(), 0);
        let mut told = 0;
        for number in 0..100 {
            output.push(&frame(number)).expect("it reads");
            told += 1;
            slow.1 = 900 + usize::try_from(number).expect("small") * 3;
            output.flush(&mut slow).expect("no error");
        }
        slow.1 = usize::MAX;
        output.flush(&mut slow).expect("no error");
        assert!(output.is_empty());
        assert_eq!(slow.0.len(), told * 1_016);
        slow.1 = 0;
        let kept = (0..1_000).take_while(|number| output.push(&frame(*number)).is_ok()).count();
        assert_eq!(kept, OUTPUT_BYTES / 1_016);
        assert_eq!(output.push(&frame(0)), Err(NotReading));
    }
}
