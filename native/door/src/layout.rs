//! What each body looks like on the wire. The compiler sees to it that there is no padding; the
//! numbers are those of docs/fire-first.md.

use zerocopy::byteorder::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::frame::{BODY_BYTES_MAX, HEADER_BYTES};

macro_rules! layout {
    ($($(#[$doc:meta])* $name:ident($bytes:expr) { $($field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
        #[repr(C)]
        pub struct $name { $(pub $field: $type,)* }
        const _: () = assert!(size_of::<$name>() == $bytes && $bytes <= BODY_BYTES_MAX);
    )*};
}

layout! {
    /// Before each body.
    HeaderPart(HEADER_BYTES) {
        body_bytes: U32,
        kind: u8,
        zero: [u8; 3],
        number: U64,
    }
    GreetingPart(80) {
        magic: [u8; 4],
        version: U16,
        mode: u8,
        zero: u8,
        epoch: U64,
        host: [u8; 64],
    }
    FirePart(432) {
        intent_id: [u8; 64],
        pair_id: [u8; 128],
        account: [u8; 64],
        strategy: [u8; 64],
        digest: [u8; 32],
        limit_price_yes: U64,
        limit_price_no: U64,
        quantity_yes: U64,
        quantity_no: U64,
        contracts_max: U64,
        edge_min: U64,
        observed_yes_ms: U64,
        observed_no_ms: U64,
        not_after_ms: U64,
        mode: u8,
        arbitrage_type: u8,
        is_dry_run: u8,
        zero: [u8; 5],
    }
    AskPart(64) {
        intent_id: [u8; 64],
    }
    FreezeHerePart(192) {
        who: [u8; 64],
        why: [u8; 128],
    }
    ReceiptPart(112) {
        shot_epoch: U64,
        shot_sequence: U64,
        shot_thread: U32,
        written_yes: u8,
        written_no: u8,
        zero: [u8; 2],
        client_order_id_yes: [u8; 26],
        client_order_id_no: [u8; 26],
        zero_again: [u8; 4],
        received_ns: U64,
        from_ns: U64,
        to_ns: U64,
        fired_unix_ns: U64,
    }
    RefusedPart(72) {
        code: [u8; 32],
        detail: [u8; 32],
        advice: u8,
        closes: u8,
        zero: [u8; 6],
    }
    StandingPart(232) {
        kind: u8,
        zero: [u8; 7],
        looked_unix_ns: U64,
        digest: [u8; 32],
        refused: RefusedPart,
        receipt: ReceiptPart,
    }
    FrozenPart(16) {
        taken_unix_ns: U64,
        over_unix_ns: U64,
    }
    StatusPart(120) {
        epoch: U64,
        unix_ns: U64,
        up_ns: U64,
        fired: U64,
        refused: U64,
        unadopted: U32,
        under_way: U32,
        connections: U32,
        mode: u8,
        is_frozen: u8,
        hears_control: u8,
        zero: u8,
        host: [u8; 64],
    }
}
