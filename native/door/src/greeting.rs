//! The first frame of a connection: who the engine is, before anybody asks it anything.

use zerocopy::byteorder::little_endian::{U16, U64};
use zerocopy::{FromBytes, IntoBytes};

use crate::frame::{Frame, kind};
use crate::layout::GreetingPart;
use crate::text::Text;

/// Grows when an older peer would misunderstand what is told; what is only new changes nothing.
pub const PROTOCOL_VERSION: u16 = 1;
const MAGIC: [u8; 4] = *b"LGWK";

/// What the orders of an engine may do (`domain/mode.ts`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Mode {
    /// Trade against simulators.
    Simulated = 1,
    /// Stop at the gate.
    Shadow = 2,
    /// Trade for real.
    Live = 3,
}

impl Mode {
    /// As configurations name it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "simulated" => Some(Self::Simulated),
            "shadow" => Some(Self::Shadow),
            "live" => Some(Self::Live),
            _ => None,
        }
    }

    pub(crate) fn on_wire(byte: u8) -> Option<Self> {
        [Self::Simulated, Self::Shadow, Self::Live].into_iter().find(|mode| *mode as u8 == byte)
    }
}

/// Who listens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Greeting {
    /// Of the protocol.
    pub version: u16,
    /// What its orders may do.
    pub mode: Mode,
    /// Of the engine's start: what an earlier one was asked, this one was not.
    pub epoch: u64,
    /// As intents name it.
    pub host: Text<64>,
}

impl Greeting {
    /// As a frame, for as long as `then` takes.
    pub fn with_frame<T>(&self, then: impl FnOnce(&Frame<'_>) -> T) -> T {
        let part = GreetingPart {
            magic: MAGIC,
            version: U16::new(self.version),
            mode: self.mode as u8,
            zero: 0,
            epoch: U64::new(self.epoch),
            host: *self.host.as_bytes(),
        };
        then(&Frame { kind: kind::GREETING, number: 0, body: part.as_bytes() })
    }

    /// `None`: whoever listens there is no engine. Of another version only the first six bytes are
    /// certain, so it is not read any further; see [`version_of`].
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        let (part, _) = GreetingPart::read_from_prefix(body).ok()?;
        let version = version_of(body).filter(|version| *version == PROTOCOL_VERSION)?;
        let (mode, host) = (Mode::on_wire(part.mode)?, Text::name_on_wire(part.host)?);
        Some(Self { version, mode, epoch: part.epoch.get(), host })
    }
}

/// Magic and version stand where they stand in every version.
#[must_use]
pub fn version_of(body: &[u8]) -> Option<u16> {
    let (magic, rest) = body.split_first_chunk()?;
    let (version, _) = rest.split_first_chunk()?;
    (*magic == MAGIC).then_some(u16::from_le_bytes(*version))
}
