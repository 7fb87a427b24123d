//! Frames out of a stream of bytes, however it is cut.

use zerocopy::byteorder::little_endian::{U32, U64};
use zerocopy::{FromBytes, IntoBytes};

use crate::layout::HeaderPart;

/// Before each body.
pub const HEADER_BYTES: usize = 16;
/// The longest frame; whoever announces a longer one has lost the thread.
pub const FRAME_BYTES_MAX: usize = 1_024;
/// What is left of it for the body.
pub const BODY_BYTES_MAX: usize = FRAME_BYTES_MAX - HEADER_BYTES;

/// What a frame is. Requests are below 0x80.
pub mod kind {
    /// Fires both legs, at most once.
    pub const FIRE: u8 = 0x01;
    /// What became of an intent; never fires.
    pub const ASK: u8 = 0x02;
    /// No more entries on this host.
    pub const FREEZE_HERE: u8 = 0x03;
    /// How the engine is.
    pub const STATUS: u8 = 0x04;
    /// Something has left.
    pub const RECEIPT: u8 = 0x81;
    /// What became of the intent that was asked about.
    pub const STANDING: u8 = 0x82;
    /// Frozen, and the last section has ended.
    pub const FROZEN: u8 = 0x83;
    /// How the engine is.
    pub const STATUS_TOLD: u8 = 0x84;
    /// The first frame of each connection, from the engine.
    pub const GREETING: u8 = 0xc0;
    /// Nothing was done, and why.
    pub const REFUSED: u8 = 0xc1;
}

/// One frame, as it lies in the buffer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frame<'a> {
    /// One of [`kind`], or something newer.
    pub kind: u8,
    /// Of the request; its answer has it too. 0 where a frame answers nothing.
    pub number: u64,
    /// What it says.
    pub body: &'a [u8],
}

/// What cannot be read, so that nothing after it can.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FrameTooLong {
    /// As its header tells it.
    pub number: u64,
}

/// The first frame of some bytes and how many bytes it takes; `None` where it is not whole yet.
pub fn first_frame(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, FrameTooLong> {
    let Ok((header, rest)) = HeaderPart::ref_from_prefix(bytes) else { return Ok(None) };
    let body_bytes = usize::try_from(header.body_bytes.get()).unwrap_or(usize::MAX);
    let number = header.number.get();
    // What is not zero there today means something that we do not know: no length to rely on.
    if body_bytes > BODY_BYTES_MAX || header.zero != [0; 3] {
        return Err(FrameTooLong { number });
    }
    let Some(body) = rest.get(..body_bytes) else { return Ok(None) };
    Ok(Some((Frame { kind: header.kind, number, body }, HEADER_BYTES + body_bytes)))
}

/// Writes a frame to the beginning of `room`; `None` where it has too little, or no frame may be so
/// long.
pub fn write_frame<'a>(room: &'a mut [u8], frame: &Frame<'_>) -> Option<&'a [u8]> {
    let Frame { kind, number, body } = *frame;
    let body_bytes = u32::try_from(body.len()).ok().filter(|_| body.len() <= BODY_BYTES_MAX)?;
    let (head, rest) = room.split_at_mut_checked(HEADER_BYTES)?;
    let header = HeaderPart {
        body_bytes: U32::new(body_bytes),
        kind,
        zero: [0; 3],
        number: U64::new(number),
    };
    rest.get_mut(..body.len())?.copy_from_slice(body);
    head.copy_from_slice(header.as_bytes());
    room.get(..HEADER_BYTES + body.len())
}
