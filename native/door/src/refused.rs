//! Why nothing was done, by name, and what to do about it.

use legwork_engine_core::refusal::Refusal;
use zerocopy::FromBytes;

use crate::layout::RefusedPart;
use crate::text::Text;

/// What whoever was refused can do. The same intent is never sent again by anybody but a person.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Advice {
    /// The world has moved on: decide anew, under a new intent id.
    DecideAgain = 1,
    /// It passes by itself: leave it, and decide anew later.
    Wait = 2,
    /// It stays until somebody at the desk does something.
    CallOperator = 3,
    /// The request itself can never be right: mend what makes it.
    Mend = 4,
    /// Something of this intent may have left earlier: ask what became of it.
    Ask = 5,
}

impl Advice {
    fn on_wire(byte: u8) -> Option<Self> {
        let all = [Self::DecideAgain, Self::Wait, Self::CallOperator, Self::Mend, Self::Ask];
        all.into_iter().find(|advice| *advice as u8 == byte)
    }
}

/// Nothing was done because of this request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Refused {
    /// A [`Refusal::code`] or a [`DoorRefusal`]'s name; whoever does not know it reads the advice.
    pub code: Text<32>,
    /// Which field is wrong; empty where that is not what it is about.
    pub detail: Text<32>,
    /// What to do.
    pub advice: Advice,
    /// The door says nothing more on this connection.
    pub closes: bool,
}

macro_rules! door_refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $advice:ident, $closes:literal;)*) => {
        /// What the door itself refuses, before anybody is handed anything.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum DoorRefusal {
            $($(#[$doc])* $name,)*
        }

        impl DoorRefusal {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What is told, about a field or about none (empty).
            #[must_use]
            pub fn about(self, field: &'static str) -> Refused {
                let (code, advice, closes) = match self {
                    $(Self::$name => ($code, Advice::$advice, $closes),)*
                };
                Refused { code: Text::literal(code), detail: Text::literal(field), advice, closes }
            }
        }
    };
}

door_refusals! {
    /// A kind of frame that this engine has not heard of.
    UnknownKind = "UNKNOWN_KIND", Mend, false;
    /// A body of another length, or a field that cannot be.
    Malformed = "MALFORMED", Mend, false;
    /// No frame is so long: what follows cannot be read.
    FrameTooLong = "FRAME_TOO_LONG", Mend, true;
    /// A decision for another mode than this engine's.
    ModeMismatch = "MODE_MISMATCH", CallOperator, false;
    /// The digest is not that of the intent that the other fields tell, on this host.
    DigestMismatch = "DIGEST_MISMATCH", Mend, false;
    /// This engine has fired or refused the intent before.
    IntentExists = "INTENT_EXISTS", Ask, false;
    /// Not what this engine buys: `detail` is the type.
    TypeNotFired = "TYPE_NOT_FIRED", Mend, false;
    /// As many requests are under way as this door lets in.
    DoorBusy = "DOOR_BUSY", Wait, false;
    /// As many clients are connected as this door lets in.
    TooManyConnections = "TOO_MANY_CONNECTIONS", Wait, true;
    /// Another user than the one this door is for.
    PeerNotAllowed = "PEER_NOT_ALLOWED", CallOperator, true;
    /// The thread that fires has ended.
    EngineGone = "ENGINE_GONE", CallOperator, false;
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let code = Text::literal(refusal.code());
        Self { code, detail: Text::EMPTY, advice: advice_on(refusal), closes: false }
    }
}

const fn advice_on(refusal: Refusal) -> Advice {
    match refusal {
        Refusal::TooLate | Refusal::EdgeTooSmall | Refusal::LiquidityTooSmall | Refusal::DryRun => {
            Advice::DecideAgain
        }
        // The same fields are refused for as long as the terms are the same.
        Refusal::OrderTooLarge
        | Refusal::ExposureMisstated
        | Refusal::PriceOutOfBounds
        | Refusal::ShotTooLong
        | Refusal::MarketUnknown => Advice::Mend,
        Refusal::BookStale
        | Refusal::PairInFlight
        | Refusal::PairUnadopted
        | Refusal::BackPressure
        | Refusal::LeaseExhausted
        | Refusal::NoWire
        | Refusal::HeadersMissing
        | Refusal::ControlChanged => Advice::Wait,
        Refusal::LeaseMissing
        | Refusal::JournalFull
        | Refusal::JournalFailed
        | Refusal::Frozen
        | Refusal::ControlLost => Advice::CallOperator,
    }
}

impl Refused {
    pub(crate) fn part(&self) -> RefusedPart {
        RefusedPart {
            code: *self.code.as_bytes(),
            detail: *self.detail.as_bytes(),
            advice: self.advice as u8,
            closes: self.closes.into(),
            zero: [0; 6],
        }
    }

    /// `None` where it is no refusal. An answer may be longer than what is known of it.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        RefusedPart::read_from_prefix(body).ok().and_then(|(part, _)| Self::of_part(&part))
    }

    pub(crate) fn of_part(part: &RefusedPart) -> Option<Self> {
        Some(Self {
            code: Text::name_on_wire(part.code)?,
            detail: Text::note_on_wire(part.detail)?,
            advice: Advice::on_wire(part.advice)?,
            closes: bit(part.closes)?,
        })
    }
}

pub(crate) fn bit(byte: u8) -> Option<bool> {
    match byte {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_told_whole_and_read_back() {
        let door = DoorRefusal::ALL.iter().map(|refusal| refusal.about("limit_price_yes"));
        let engine = Refusal::ALL.iter().map(|refusal| Refused::from(*refusal));
        for refused in door.chain(engine) {
            assert!(refused.code.as_str().len() < 32, "{refused:?} may be cut");
            assert_eq!(Refused::of_part(&refused.part()), Some(refused));
        }
    }
}
