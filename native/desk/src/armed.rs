//! A pair as the thread that fires has it, once it is armed: its orders and its trigger.

use std::sync::Arc;
use std::time::Duration;

use legwork_engine_core::armed::{ArmedPair, Arming as ArmedWith, DIRECTIONS, DirectionOrders};
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::orders::{Outcome, PolymarketAhead};
use legwork_engine_core::shot::{LEGS, ShotTerms, Venue};
use legwork_engine_core::trigger::{ArmedTerms, Market as Priced, PairBooks, PairTrigger};
use legwork_engine_market_data::{Instrument, MarketData};

use crate::arming::{ArmError, Arming, Fires};
use crate::entry::{Account, EntryError, kalshi_orders, polymarket_orders};
use crate::listing::{ListedFees, Market, Pair};
use crate::put_off::PutOff;

/// How old an order that was signed ahead may be.
const AHEAD_AGE_MAX: Duration = Duration::from_secs(1);
/// What was signed is young for as long again: the first tick after a lull finds it, too.
pub const ASK_EVERY_NS: u64 = 500_000_000;
/// Decided on as its books stand: what it takes is not measured from a tick (`Before::tick_ns`).
pub const NO_TICK_NS: u64 = 0;
const MILLISECOND_NS: u64 = 1_000_000;
/// What is bought at Polymarket, by direction.
const BOUGHT: [Outcome; DIRECTIONS] = [Outcome::Yes, Outcome::No];
/// Of a direction that was not asked for: its terms are over.
const NEVER_NS: u64 = 0;

/// An armed pair.
pub struct Armed {
    /// What it was armed with.
    pub arming: Arming,
    /// The pair's number in this engine.
    pub market: MarketId,
    /// The pair's name; what is fired keeps it.
    pub pair_id: Arc<str>,
    /// Fires.
    pub shots: ArmedPair,
    /// Its books are to be decided on, by a change that came then, on the monotonic clock, or as they stand.
    tick_ns: Option<u64>,
    /// What has refused that passes by itself.
    pub put_off: PutOff,
    /// There may be likely orders that were not asked for yet.
    pub is_to_ask: bool,
    /// From then on what is signed is old enough to be signed anew, on the monotonic clock.
    pub ask_after_ns: u64,
}

impl Armed {
    /// With everything prepared that a shot needs.
    pub fn new(
        account: &Account,
        (market, silence_ns_max): (MarketId, u64),
        arming: Arming,
    ) -> Result<Self, ArmError> {
        if arming.types.is_empty() || arming.types.iter().any(|of| of.yes_at().is_none()) {
            return Err(ArmError::TypeNotFired);
        }
        let pair = &arming.pair;
        check_hedge(pair)?;
        let kalshi = priced(&pair.kalshi, Venue::Kalshi)?;
        let trigger = PairTrigger::new(kalshi, priced(&pair.polymarket, Venue::Polymarket)?)?;
        let [yes, no] = BOUGHT.map(|bought| direction(account, &arming, bought));
        let shot = ShotTerms {
            edge_min: arming.edge_min,
            contracts_max: arming.contracts_max,
            silence_ns_max,
        };
        let terms = [Venue::Polymarket, Venue::Kalshi].map(|venue| ArmedTerms {
            shot,
            limit_prices: None,
            until_ns: if arming.has(venue) { u64::MAX } else { NEVER_NS },
        });
        let with = ArmedWith {
            market,
            pair_id: &pair.pair_id,
            account: &arming.account,
            strategy: &arming.strategy,
            intents: &arming.arming_id,
            terms,
            valid_ns: arming.valid_ms.saturating_mul(MILLISECOND_NS),
            held_back: pair.held_back(),
        };
        let shots = ArmedPair::new(&with, trigger, [yes?, no?])?;
        let pair_id = pair.pair_id.as_str().into();
        let (put_off, tick_ns, is_to_ask, ask_after_ns) = (PutOff::default(), None, false, 0);
        Ok(Self { arming, market, pair_id, shots, tick_ns, put_off, is_to_ask, ask_after_ns })
    }

    /// Orders are to be signed ahead: its books have changed, or what is signed grows old.
    pub fn is_due_to_ask(&self, now_ns: u64) -> bool {
        self.is_to_ask || (self.arming.fires == Fires::AtTicks && now_ns >= self.ask_after_ns)
    }

    /// A book has changed: whether that is one of its.
    pub fn note(&mut self, changed: Instrument<'_>, tick_ns: u64) {
        if self.arming.pair.at(changed.venue).market == changed.market {
            self.decide_by(tick_ns);
        }
    }

    /// Its books are decided on in this turn as they stand, unless only requests are.
    pub fn look(&mut self) {
        self.decide_by(NO_TICK_NS);
    }

    /// What it is decided on by in this turn, once.
    pub fn take_tick(&mut self) -> Option<u64> {
        self.tick_ns.take().inspect(|_| self.put_off.end())
    }

    /// A decision was refused: what was signed for its name may be used up with it.
    pub fn refused(&mut self, tick_ns: u64, now_ns: u64) {
        if tick_ns == NO_TICK_NS {
            self.put_off.again(now_ns);
        } else {
            self.put_off.begin(now_ns);
        }
        self.ask_anew();
    }

    fn decide_by(&mut self, tick_ns: u64) {
        if self.arming.fires == Fires::AtTicks {
            // The first tick of the turn, before any look.
            self.tick_ns = self.tick_ns.filter(|first| *first != NO_TICK_NS).or(Some(tick_ns));
            self.ask_anew();
        }
    }

    fn ask_anew(&mut self) {
        self.is_to_ask = true;
        self.shots.look_ahead();
    }
}

impl Arming {
    /// Whether YES may be bought there.
    pub(crate) fn has(&self, yes_at: Venue) -> bool {
        self.types.iter().any(|of| of.yes_at() == Some(yes_at))
    }
}

/// Both books of both venues; `None`: one is not followed.
pub fn books<'a>(data: &'a MarketData, pair: &'a Pair) -> Option<PairBooks<'a>> {
    let of =
        |venue, outcome| data.book(Instrument { venue, market: &pair.at(venue).market, outcome });
    let both = |venue| Some([of(venue, Outcome::Yes)?, of(venue, Outcome::No)?]);
    Some(PairBooks { kalshi: both(Venue::Kalshi)?, polymarket: both(Venue::Polymarket)? })
}

fn priced(market: &Market, venue: Venue) -> Result<Priced, ArmError> {
    let name = || market.market.clone();
    let fees = market.fees.as_ref().and_then(ListedFees::schedule);
    Ok(Priced {
        venue,
        grid: market.grid().map_err(|_| ArmError::NotPriced(name()))?,
        lot: market.lot,
        minimum: market.minimum_quantity,
        fees: fees.ok_or_else(|| ArmError::NotPriced(name()))?,
    })
}

/// One leg at least is matched at once, and it is known which.
fn check_hedge(Pair { kalshi, polymarket, .. }: &Pair) -> Result<(), ArmError> {
    match (kalshi.is_taker_delayed, polymarket.is_taker_delayed) {
        (None, _) | (Some(true), Some(true)) => Err(ArmError::TakerDelayed(kalshi.market.clone())),
        (_, None) => Err(ArmError::TakerDelayed(polymarket.market.clone())),
        _ => Ok(()),
    }
}

fn direction(
    account: &Account,
    arming: &Arming,
    bought: Outcome,
) -> Result<DirectionOrders, EntryError> {
    let other = if bought == Outcome::Yes { Outcome::No } else { Outcome::Yes };
    let group = arming.order_group_id.as_deref();
    Ok(DirectionOrders {
        kalshi: kalshi_orders(account, &arming.pair.kalshi, (other, group))?,
        polymarket: polymarket_orders(account, &arming.pair.polymarket, bought)?,
        ahead: PolymarketAhead::new(AHEAD_AGE_MAX),
    })
}

/// The instruments of a shot, YES first.
pub fn instruments(pair: &Pair, yes_at: Venue) -> [Instrument<'_>; LEGS] {
    let no_at = if yes_at == Venue::Kalshi { Venue::Polymarket } else { Venue::Kalshi };
    let of = |venue, outcome| Instrument { venue, market: &pair.at(venue).market, outcome };
    [of(yes_at, Outcome::Yes), of(no_at, Outcome::No)]
}
