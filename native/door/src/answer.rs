//! What the engine says. An answer may grow at its end: whoever reads it takes what it knows.

use legwork_engine_core::identity::{CLIENT_ORDER_ID_LENGTH, ClientOrderId};
use legwork_engine_core::journal::ShotId;
use legwork_engine_core::wire::Written;
use zerocopy::byteorder::little_endian::{U32, U64};
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use crate::frame::{Frame, kind};
use crate::greeting::Mode;
use crate::layout::{FrozenPart, ReceiptPart, StandingPart, StatusPart};
use crate::refused::{Refused, bit};
use crate::request::{NO, YES};
use crate::text::Text;

/// Something of a shot has left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// Its name in the journal.
    pub shot: ShotId,
    /// Our names for both orders.
    pub client_order_ids: [ClientOrderId; 2],
    /// What the wire took; `None` where that leg was not tried.
    pub written: [Option<Written>; 2],
    /// When the door had read the request, on the monotonic clock.
    pub received_ns: u64,
    /// When the first byte could leave, and when the last had.
    pub from_to_ns: (u64, u64),
    /// When it was fired, since 1970.
    pub fired_unix_ns: u64,
}

/// What became of an intent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Became {
    /// This engine, and its journals of earlier starts, know nothing of it. It may still come until
    /// its own `notAfter` has passed by the clock that was read *before* looking.
    Unheard,
    /// It was refused: nothing has left.
    Refused([u8; 32], Refused),
    /// It is being fired.
    UnderWay([u8; 32]),
    /// Something has left.
    Fired([u8; 32], Receipt),
    /// What would tell is damaged or not read yet.
    Unknown,
}

/// The answer to a question about an intent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Standing {
    /// Read before looking, since 1970.
    pub looked_unix_ns: u64,
    /// What was found, with the digest of the intent that this engine has under that id.
    pub became: Became,
}

/// Nothing more enters here, and whatever had begun is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frozen {
    /// When entries were stopped, since 1970.
    pub taken_unix_ns: u64,
    /// When the last section was seen to have ended, since 1970.
    pub over_unix_ns: u64,
}

/// How the engine is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Status {
    /// Of its start.
    pub epoch: u64,
    /// Its wall clock.
    pub unix_ns: u64,
    /// Since its start.
    pub up_ns: u64,
    /// Shots that left something, since its start.
    pub fired: u64,
    /// Shots that were refused, since its start.
    pub refused: u64,
    /// Shots that no workflow has taken over.
    pub unadopted: u32,
    /// Requests that were handed over and are not answered; the door fills it in.
    pub under_way: u32,
    /// Clients of this door; the door fills it in.
    pub connections: u32,
    /// What its orders may do.
    pub mode: Mode,
    /// Entries are stopped here.
    pub is_frozen: bool,
    /// It can hear whether it is frozen.
    pub hears_control: bool,
    /// As intents name it.
    pub host: Text<64>,
}

/// One answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// To `fire`.
    Receipt(Receipt),
    /// To anything.
    Refused(Refused),
    /// To `ask`.
    Standing(Standing),
    /// To `freeze_here`.
    Frozen(Frozen),
    /// To `status`.
    Status(Status),
}

impl From<Refused> for Answer {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl Answer {
    /// As a frame, for as long as `then` takes.
    pub fn with_frame<T>(&self, number: u64, then: impl FnOnce(&Frame<'_>) -> T) -> T {
        let frame = |kind, body| Frame { kind, number, body };
        match self {
            Self::Receipt(receipt) => then(&frame(kind::RECEIPT, receipt.part().as_bytes())),
            Self::Refused(refused) => then(&frame(kind::REFUSED, refused.part().as_bytes())),
            Self::Standing(standing) => then(&frame(kind::STANDING, standing.part().as_bytes())),
            Self::Frozen(frozen) => then(&frame(kind::FROZEN, frozen.part().as_bytes())),
            Self::Status(status) => then(&frame(kind::STATUS_TOLD, status.part().as_bytes())),
        }
    }

    /// Of a frame. `None` where it cannot be meant: nothing is known of its request then.
    #[must_use]
    pub fn decode(kind: u8, body: &[u8]) -> Option<Self> {
        match kind {
            kind::RECEIPT => Receipt::of_part(&prefix(body)?).map(Self::Receipt),
            kind::REFUSED => Refused::decode(body).map(Self::Refused),
            kind::STANDING => Standing::of_part(&prefix(body)?).map(Self::Standing),
            kind::FROZEN => Some(Self::Frozen(Frozen::of_part(&prefix(body)?))),
            kind::STATUS_TOLD => Status::of_part(&prefix(body)?).map(Self::Status),
            _ => None,
        }
    }
}

fn prefix<T: FromBytes>(body: &[u8]) -> Option<T> {
    T::read_from_prefix(body).ok().map(|(part, _)| part)
}

const fn written_byte(written: Option<Written>) -> u8 {
    match written {
        None => 0,
        Some(Written::Nothing) => 1,
        Some(Written::Part) => 2,
        Some(Written::Whole) => 3,
    }
}

struct NoWritten;

fn written_on_wire(byte: u8) -> Result<Option<Written>, NoWritten> {
    let all = [None, Some(Written::Nothing), Some(Written::Part), Some(Written::Whole)];
    all.into_iter().find(|written| written_byte(*written) == byte).ok_or(NoWritten)
}

impl Receipt {
    fn part(&self) -> ReceiptPart {
        let id =
            |leg: usize| -> [u8; CLIENT_ORDER_ID_LENGTH] { *self.client_order_ids[leg].as_bytes() };
        ReceiptPart {
            shot_epoch: U64::new(self.shot.epoch),
            shot_sequence: U64::new(self.shot.sequence),
            shot_thread: U32::new(self.shot.thread),
            written_yes: written_byte(self.written[YES]),
            written_no: written_byte(self.written[NO]),
            zero: [0; 2],
            client_order_id_yes: id(YES),
            client_order_id_no: id(NO),
            zero_again: [0; 4],
            received_ns: U64::new(self.received_ns),
            from_ns: U64::new(self.from_to_ns.0),
            to_ns: U64::new(self.from_to_ns.1),
            fired_unix_ns: U64::new(self.fired_unix_ns),
        }
    }

    fn of_part(part: &ReceiptPart) -> Option<Self> {
        Some(Self {
            shot: ShotId {
                thread: part.shot_thread.get(),
                epoch: part.shot_epoch.get(),
                sequence: part.shot_sequence.get(),
            },
            client_order_ids: [
                ClientOrderId::from_recorded(part.client_order_id_yes)?,
                ClientOrderId::from_recorded(part.client_order_id_no)?,
            ],
            written: [
                written_on_wire(part.written_yes).ok()?,
                written_on_wire(part.written_no).ok()?,
            ],
            received_ns: part.received_ns.get(),
            from_to_ns: (part.from_ns.get(), part.to_ns.get()),
            fired_unix_ns: part.fired_unix_ns.get(),
        })
    }
}

impl Standing {
    fn part(&self) -> StandingPart {
        let mut part = StandingPart::new_zeroed();
        part.looked_unix_ns = U64::new(self.looked_unix_ns);
        (part.kind, part.digest) = match &self.became {
            Became::Unheard => (0, [0; 32]),
            Became::Refused(digest, _) => (1, *digest),
            Became::UnderWay(digest) => (2, *digest),
            Became::Fired(digest, _) => (3, *digest),
            Became::Unknown => (4, [0; 32]),
        };
        match &self.became {
            Became::Refused(_, refused) => part.refused = refused.part(),
            Became::Fired(_, receipt) => part.receipt = receipt.part(),
            Became::Unheard | Became::UnderWay(_) | Became::Unknown => (),
        }
        part
    }

    fn of_part(part: &StandingPart) -> Option<Self> {
        let digest = part.digest;
        let became = match part.kind {
            0 => Became::Unheard,
            1 => Became::Refused(digest, Refused::of_part(&part.refused)?),
            2 => Became::UnderWay(digest),
            3 => Became::Fired(digest, Receipt::of_part(&part.receipt)?),
            4 => Became::Unknown,
            _ => return None,
        };
        Some(Self { looked_unix_ns: part.looked_unix_ns.get(), became })
    }
}

impl Frozen {
    fn part(self) -> FrozenPart {
        FrozenPart {
            taken_unix_ns: U64::new(self.taken_unix_ns),
            over_unix_ns: U64::new(self.over_unix_ns),
        }
    }

    fn of_part(part: &FrozenPart) -> Self {
        Self { taken_unix_ns: part.taken_unix_ns.get(), over_unix_ns: part.over_unix_ns.get() }
    }
}

impl Status {
    fn part(&self) -> StatusPart {
        StatusPart {
            epoch: U64::new(self.epoch),
            unix_ns: U64::new(self.unix_ns),
            up_ns: U64::new(self.up_ns),
            fired: U64::new(self.fired),
            refused: U64::new(self.refused),
            unadopted: U32::new(self.unadopted),
            under_way: U32::new(self.under_way),
            connections: U32::new(self.connections),
            mode: self.mode as u8,
            is_frozen: self.is_frozen.into(),
            hears_control: self.hears_control.into(),
            zero: 0,
            host: *self.host.as_bytes(),
        }
    }

    fn of_part(part: &StatusPart) -> Option<Self> {
        Some(Self {
            epoch: part.epoch.get(),
            unix_ns: part.unix_ns.get(),
            up_ns: part.up_ns.get(),
            fired: part.fired.get(),
            refused: part.refused.get(),
            unadopted: part.unadopted.get(),
            under_way: part.under_way.get(),
            connections: part.connections.get(),
            mode: Mode::on_wire(part.mode)?,
            is_frozen: bit(part.is_frozen)?,
            hears_control: bit(part.hears_control)?,
            host: Text::name_on_wire(part.host)?,
        })
    }
}
