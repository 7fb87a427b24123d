//! A slot, byte by byte. Little-endian, without padding, one page each; every byte belongs to one of
//! three parts, and each part is all zeros or carries a checksum of its own.

use zerocopy::little_endian::{I128, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::shot::LEGS;

/// One page: what a power cut loses, it loses whole.
pub const SLOT_BYTES: usize = 4_096;
/// Of one leg's request.
pub const BYTES_MAX: usize = 1_448;
/// Of a venue's name of an instrument.
pub const INSTRUMENT_MAX: usize = 80;
/// Of an intent's id, as Postgres takes it.
pub const INTENT_ID_MAX: usize = 64;
/// Of a pair's, an account's or a strategy's name.
pub const NAME_MAX: usize = 64;
/// Of a venue's name of an order: Polymarket's have 66, Kalshi's 36.
pub const VENUE_ORDER_ID_MAX: usize = 72;
/// Of the code of an answer: as long as the longest in both venues' tables.
pub const CODE_MAX: usize = 40;
/// The first bytes of every journal, behind its checksum and layout.
pub const MAGIC: [u8; 16] = *b"legwork journal\n";
/// The layout below. Another number is another engine's file, and is not read.
pub const LAYOUT: u32 = 3;

/// Best bid and ask that were seen.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct TopPart {
    pub bid: I128,
    pub bid_quantity: I128,
    pub ask: I128,
    pub ask_quantity: I128,
    pub heard_ns: U64,
}

/// One leg as it was about to be written.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct LegPart {
    pub venue: u8,
    pub instrument_bytes: u8,
    pub bytes: U16,
    pub client_order_id: [u8; 26],
    pub limit_price: I128,
    pub legal_maximum: I128,
    pub top: TopPart,
    pub instrument: [u8; INSTRUMENT_MAX],
    pub request: [u8; BYTES_MAX],
}

/// What was meant, of a shot whose workflow has to be told.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct IntentPart {
    /// 0: its workflow was there before it, and all of this is zeros.
    pub door: u8,
    pub strategy_bytes: u8,
    pub contracts_max: I128,
    pub edge_min: I128,
    pub observed_at_ms: [U64; LEGS],
    pub strategy: [u8; NAME_MAX],
}

/// Written once, before the first byte leaves.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct ShotPart {
    pub checksum: U32,
    pub layout: U32,
    pub sequence: U64,
    pub epoch: U64,
    pub tick_ns: U64,
    pub decided_ns: U64,
    pub signed_ns: U64,
    pub monotonic_ns: U64,
    pub unix_ns: U64,
    pub not_after_ns: U64,
    pub lease_epoch: U64,
    pub thread: U32,
    pub market: U32,
    pub intent_id_bytes: u8,
    pub pair_id_bytes: u8,
    pub account_bytes: u8,
    pub legs_count: u8,
    pub edge: I128,
    pub worst: I128,
    pub intent_id: [u8; INTENT_ID_MAX],
    pub pair_id: [u8; NAME_MAX],
    pub account: [u8; NAME_MAX],
    pub intent: IntentPart,
    pub legs: [LegPart; LEGS],
}

/// What became of one leg; written by the thread that wrote it to the wire.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct LegMark {
    pub written: u8,
    /// 0: none was heard.
    pub answer: u8,
    /// Which refusal, or how the order stands; 0: neither.
    pub detail: u8,
    pub venue_order_id_bytes: u8,
    pub code_bytes: u8,
    pub status: U16,
    pub written_ns: U64,
    pub answered_ns: U64,
    pub filled: I128,
    pub venue_order_id: [u8; VENUE_ORDER_ID_MAX],
    pub code: [u8; CODE_MAX],
}

/// Written again whenever something more is known.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct MarkPart {
    pub checksum: U32,
    /// 0, or one more than the place of the refusal in `Refusal::ALL`: nothing has left.
    pub refused: U32,
    /// Of the shot it belongs to; another one's marks are none.
    pub sequence: U64,
    /// When the first byte could leave.
    pub began_ns: U64,
    pub legs: [LegMark; LEGS],
}

/// The shot's workflow has it: the slot may be used again.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct AcknowledgedPart {
    pub checksum: U32,
    pub sequence: U64,
}

const SPARE_BYTES: usize =
    SLOT_BYTES - size_of::<ShotPart>() - size_of::<MarkPart>() - size_of::<AcknowledgedPart>();

/// A slot.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Slot {
    pub shot: ShotPart,
    pub mark: MarkPart,
    pub acknowledged: AcknowledgedPart,
    /// Always zeros.
    pub spare: [u8; SPARE_BYTES],
}

const _: () = assert!(size_of::<Slot>() == SLOT_BYTES);

/// The first page of a file.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Header {
    pub checksum: U32,
    pub layout: U32,
    pub magic: [u8; 16],
    pub thread: U32,
    pub epoch: U64,
    pub slots: U64,
    /// The kernel's: another one means that memory was lost on the way.
    pub boot_id: [u8; 36],
    pub spare: [u8; 3],
    pub end: End,
}

/// Where the last orderly end, or the last copy to disk, left the file.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
pub struct End {
    pub checksum: U32,
    /// 1: the engine has ended in order, with everything on disk.
    pub is_closed: U32,
    /// Everything up to here was on disk.
    pub synced: U64,
}

/// Where a file's end is noted; it alone changes in the header.
pub const END_OFFSET: u64 = (size_of::<Header>() - size_of::<End>()) as u64;

/// What every part begins with.
pub trait Checked: IntoBytes + Immutable {
    /// As it is written.
    fn checksum(&self) -> u32;

    /// As it should be: of everything behind the checksum. Never 0, which stands for "empty".
    fn computed(&self) -> u32 {
        crc32fast::hash(&self.as_bytes()[size_of::<U32>()..]).max(1)
    }

    /// Never written.
    fn is_empty(&self) -> bool {
        self.as_bytes().iter().all(|byte| *byte == 0)
    }

    /// Written, and as it was written.
    fn is_whole(&self) -> bool {
        self.checksum() != 0 && self.checksum() == self.computed()
    }
}

macro_rules! checked {
    ($($part:ty),*) => {
        $(impl Checked for $part {
            fn checksum(&self) -> u32 {
                self.checksum.get()
            }
        })*
    };
}

checked!(ShotPart, MarkPart, AcknowledgedPart, End);

impl Checked for Header {
    fn checksum(&self) -> u32 {
        self.checksum.get()
    }

    /// Its end changes by itself, and has a checksum of its own.
    fn computed(&self) -> u32 {
        let behind = size_of::<Self>() - size_of::<End>();
        crc32fast::hash(&self.as_bytes()[size_of::<U32>()..behind]).max(1)
    }
}
