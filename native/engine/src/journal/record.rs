//! Between a shot and its slot: written once, read back by the next start.

use std::ops::Range;

use zerocopy::FromZeros;

use super::ShotId;
use super::answer::{RecordedAnswer, is_answered, read_answer};
use super::intent::{intent_part, read_intent};
use super::layout::{
    AcknowledgedPart, Checked, LAYOUT, LegMark, LegPart, MarkPart, ShotPart, Slot, TopPart,
};
use crate::amount::{Money, Price, Quantity};
use crate::identity::ClientOrderId;
use crate::in_flight::MarketId;
use crate::own_intent::RecordedIntent;
use crate::refusal::Refusal;
use crate::shot::{Before, LEGS, Leg, Now, Shot, Top, Venue};
use crate::wire::Written;

/// What stands for each byte of a secret: the file may be read by whoever looks after the machine, and
/// outlives the key's stay in memory.
pub const MASK: u8 = b'*';

/// When and under which names a shot is written down.
#[derive(Clone, Copy)]
pub struct Stamp {
    pub id: ShotId,
    pub lease_epoch: u64,
    pub now: Now,
}

/// One leg as a start has left it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordedLeg {
    /// Where it went.
    pub venue: Venue,
    /// The venue's name of the instrument.
    pub instrument: String,
    /// Our name for the order.
    pub client_order_id: ClientOrderId,
    /// The worst price that it may trade at.
    pub limit_price: Price,
    /// The most that it can be filled for.
    pub legal_maximum: Quantity,
    /// What the decision saw.
    pub top: Top,
    /// The request as it was, or would have been, written, but for what is secret in it.
    pub bytes: Vec<u8>,
    /// What the wire took; `None` where the engine did not live to say so.
    pub written: Option<Written>,
    /// When it was written, on the monotonic clock; 0 where nobody said so.
    pub written_ns: u64,
    /// What was heard of it. `None` where something was written and nothing heard: it may be on
    /// the book.
    pub answer: Option<RecordedAnswer>,
}

/// A shot as a start has left it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordedShot {
    /// Its name.
    pub id: ShotId,
    /// The pair's number in that engine.
    pub market: MarketId,
    /// Of its intent and workflow.
    pub intent_id: String,
    /// The pair's name.
    pub pair_id: String,
    /// Whose money.
    pub account: String,
    /// Dollars per contract after fees.
    pub edge: Price,
    /// What was taken of the lease.
    pub worst: Money,
    /// Of the lease.
    pub lease_epoch: u64,
    /// What was meant; `None` where its workflow was there before it.
    pub intent: Option<RecordedIntent>,
    /// When what led to it was done.
    pub before: Before,
    /// When it was fired, on the monotonic clock.
    pub monotonic_ns: u64,
    /// The same, since 1970.
    pub unix_ns: u64,
    /// The latest time at which it could be written, since 1970.
    pub not_after_ns: u64,
    /// When its first byte could leave, on the monotonic clock; 0 where nobody said so.
    pub began_ns: u64,
    /// Nothing of it has left.
    pub refused: Option<Refusal>,
    /// Its workflow has it.
    pub is_acknowledged: bool,
    /// YES, then NO.
    pub legs: Vec<RecordedLeg>,
}

/// What an earlier shot has left in the slot is cleared first: a shot is not born with its marks.
pub fn write_shot(slot: &mut Slot, shot: &Shot<'_>, stamp: Stamp) -> Result<(), Refusal> {
    let part = &mut slot.shot;
    // Before anything is written: what does not fit leaves the slot as it was.
    let intent_id_bytes = length_in(shot.intent_id.as_bytes(), &part.intent_id)?;
    let pair_id_bytes = length_in(shot.pair_id.as_bytes(), &part.pair_id)?;
    let account_bytes = length_in(shot.account.as_bytes(), &part.account)?;
    let intent = intent_part(&shot.budget)?;
    for (leg, of) in shot.legs.iter().zip(&part.legs) {
        length_in(leg.instrument.as_bytes(), &of.instrument)?;
        if leg.bytes.len() > of.request.len() {
            return Err(Refusal::ShotTooLong);
        }
    }
    slot.mark = MarkPart::new_zeroed();
    slot.acknowledged = AcknowledgedPart::new_zeroed();
    part.layout.set(LAYOUT);
    part.thread.set(stamp.id.thread);
    part.sequence.set(stamp.id.sequence);
    part.epoch.set(stamp.id.epoch);
    part.tick_ns.set(shot.before.tick_ns);
    part.decided_ns.set(shot.before.decided_ns);
    part.signed_ns.set(shot.before.signed_ns);
    part.monotonic_ns.set(stamp.now.monotonic_ns);
    part.unix_ns.set(stamp.now.unix_ns);
    part.not_after_ns.set(shot.not_after_ns);
    part.lease_epoch.set(stamp.lease_epoch);
    part.market.set(shot.market.0);
    part.intent_id_bytes = intent_id_bytes;
    part.pair_id_bytes = pair_id_bytes;
    part.account_bytes = account_bytes;
    part.legs_count = u8::try_from(LEGS).unwrap_or(u8::MAX);
    part.edge.set(shot.edge.counts());
    part.worst.set(shot.worst.counts());
    fill(&mut part.intent_id, shot.intent_id.as_bytes());
    fill(&mut part.pair_id, shot.pair_id.as_bytes());
    fill(&mut part.account, shot.account.as_bytes());
    part.intent = intent;
    for (leg, of) in shot.legs.iter().zip(&mut part.legs) {
        write_leg(of, leg)?;
    }
    part.checksum.set(part.computed());
    Ok(())
}

fn write_leg(part: &mut LegPart, leg: &Leg<'_>) -> Result<(), Refusal> {
    part.venue = leg.ordered.venue() as u8;
    part.instrument_bytes = length_in(leg.instrument.as_bytes(), &part.instrument)?;
    part.bytes.set(u16::try_from(leg.bytes.len()).map_err(|_| Refusal::ShotTooLong)?);
    part.client_order_id = *leg.client_order_id.as_bytes();
    part.limit_price.set(leg.limit_price.counts());
    part.legal_maximum.set(leg.legal_maximum.counts());
    part.top.bid.set(leg.top.bid.counts());
    part.top.bid_quantity.set(leg.top.bid_quantity.counts());
    part.top.ask.set(leg.top.ask.counts());
    part.top.ask_quantity.set(leg.top.ask_quantity.counts());
    part.top.heard_ns.set(leg.top.heard_ns);
    fill(&mut part.instrument, leg.instrument.as_bytes());
    fill_masked(&mut part.request, leg.bytes, leg.secrets);
    Ok(())
}

/// What a whole slot says. `None` where a checksum fits and its content does not: never written by us.
pub fn read_shot(slot: &Slot) -> Option<RecordedShot> {
    let part = &slot.shot;
    let sequence = part.sequence.get();
    let mark = &slot.mark;
    let marks = (mark.is_whole() && mark.sequence.get() == sequence).then_some(mark);
    let acknowledged = &slot.acknowledged;
    let legs = part
        .legs
        .iter()
        .enumerate()
        .map(|(leg, of)| read_leg(of, marks.map(|mark| &mark.legs[leg])));
    Some(RecordedShot {
        id: ShotId { thread: part.thread.get(), epoch: part.epoch.get(), sequence },
        market: MarketId(part.market.get()),
        intent_id: text(&part.intent_id, part.intent_id_bytes.into())?,
        pair_id: text(&part.pair_id, part.pair_id_bytes.into())?,
        account: text(&part.account, part.account_bytes.into())?,
        edge: Price::from_counts(part.edge.get()),
        worst: Money::from_counts(part.worst.get()),
        lease_epoch: part.lease_epoch.get(),
        intent: read_intent(&part.intent).ok()?,
        before: read_before(part),
        monotonic_ns: part.monotonic_ns.get(),
        unix_ns: part.unix_ns.get(),
        not_after_ns: part.not_after_ns.get(),
        began_ns: marks.map_or(0, |mark| mark.began_ns.get()),
        refused: marks.and_then(|mark| refusal_at(mark.refused.get())),
        is_acknowledged: acknowledged.is_whole() && acknowledged.sequence.get() == sequence,
        legs: legs.collect::<Option<_>>()?,
    })
}

fn read_leg(part: &LegPart, mark: Option<&LegMark>) -> Option<RecordedLeg> {
    let answer = match mark.filter(|mark| is_answered(mark)) {
        Some(mark) => Some(read_answer(mark)?),
        None => None,
    };
    Some(RecordedLeg {
        venue: [Venue::Kalshi, Venue::Polymarket]
            .into_iter()
            .find(|venue| *venue as u8 == part.venue)?,
        instrument: text(&part.instrument, part.instrument_bytes.into())?,
        client_order_id: ClientOrderId::from_recorded(part.client_order_id)?,
        limit_price: Price::from_counts(part.limit_price.get()),
        legal_maximum: Quantity::from_counts(part.legal_maximum.get()),
        top: read_top(&part.top),
        bytes: part.request.get(..usize::from(part.bytes.get()))?.to_vec(),
        written: mark.and_then(|mark| written_of(mark.written)),
        written_ns: mark.map_or(0, |mark| mark.written_ns.get()),
        answer,
    })
}

fn read_before(part: &ShotPart) -> Before {
    Before {
        tick_ns: part.tick_ns.get(),
        decided_ns: part.decided_ns.get(),
        signed_ns: part.signed_ns.get(),
    }
}

fn read_top(part: &TopPart) -> Top {
    Top {
        bid: Price::from_counts(part.bid.get()),
        bid_quantity: Quantity::from_counts(part.bid_quantity.get()),
        ask: Price::from_counts(part.ask.get()),
        ask_quantity: Quantity::from_counts(part.ask_quantity.get()),
        heard_ns: part.heard_ns.get(),
    }
}

/// From 1, so that 0 is "not said".
const WRITTEN: [Written; 3] = [Written::Whole, Written::Part, Written::Nothing];

pub fn code_of_written(written: Written) -> u8 {
    code_in(&WRITTEN, &written)
}

/// From 1.
pub fn code_in<T: PartialEq>(all: &[T], one: &T) -> u8 {
    let place = all.iter().position(|other| other == one);
    place.and_then(|place| u8::try_from(place + 1).ok()).unwrap_or(0)
}

fn written_of(code: u8) -> Option<Written> {
    one_of(&WRITTEN, code)
}

/// What has that code, from 1.
pub fn one_of<T: Copy>(all: &[T], code: u8) -> Option<T> {
    all.get(usize::from(code).checked_sub(1)?).copied()
}

fn refusal_at(place: u32) -> Option<Refusal> {
    Refusal::ALL.get(usize::try_from(place).ok()?.checked_sub(1)?).copied()
}

pub fn length_in(text: &[u8], room: &[u8]) -> Result<u8, Refusal> {
    let fits = (text.len() <= room.len()).then_some(text.len());
    fits.and_then(|length| u8::try_from(length).ok()).ok_or(Refusal::ShotTooLong)
}

/// The text, and zeros behind it.
pub fn fill(room: &mut [u8], text: &[u8]) {
    let (used, rest) = room.split_at_mut(text.len());
    used.copy_from_slice(text);
    rest.fill(0);
}

/// Not for a moment is a secret there: another thread copies the page to disk meanwhile.
fn fill_masked(room: &mut [u8], text: &[u8], secrets: &[Range<usize>]) {
    let (used, rest) = room.split_at_mut(text.len());
    let mut at = 0;
    for secret in secrets {
        let start = secret.start.clamp(at, text.len());
        let end = secret.end.clamp(start, text.len());
        used[at..start].copy_from_slice(&text[at..start]);
        used[start..end].fill(MASK);
        at = end;
    }
    used[at..].copy_from_slice(&text[at..]);
    rest.fill(0);
}

pub fn text(room: &[u8], length: usize) -> Option<String> {
    String::from_utf8(room.get(..length)?.to_vec()).ok()
}
