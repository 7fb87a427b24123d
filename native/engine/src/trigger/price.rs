//! One direction of a pair: YES at one venue, NO at the other.

use super::depth::{Slice, Worth, walk_depth};
use super::order::{sized_order, worst_of};
use super::{ArmedTerms, Market, Moment, NoDecision, NotArmed, SizeRange};
use super::{common_lot, largest_expressible};
use crate::amount::{Money, ONE, Price, Quantity};
use crate::answers::Fixed;
use crate::books::{BookView, Offers};
use crate::shot::{LEGS, Top, Venue};

/// The least that is worth its risk of a mismatch, in counts.
const CONTRACTS_MIN: i128 = ONE;
const LOT_MAX: i128 = 1_000_000 * ONE;
/// No pair of contracts costs more than both at a dollar.
const DOLLAR: Price = Price::from_counts(ONE);
/// How often a size that could lose too much is cut before it is given up.
const CUTS_MAX: usize = 3;

/// One leg of a trade: what a [`crate::shot::Leg`] is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LegDecision {
    /// Where it goes.
    pub venue: Venue,
    /// The worst level that it walks.
    pub limit_price: Price,
    /// What it costs level by level, before fees.
    pub expected_cost: Money,
    /// The planning bound of its fees.
    pub fees: Money,
    /// What the order states.
    pub fixed: Fixed,
    /// The most contracts that it may legally fill.
    pub legal_maximum: Quantity,
    /// What was decided on.
    pub top: Top,
}

/// Buy this many of both, each at its limit or better, and one of the two pays a dollar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decision {
    /// Of each leg.
    pub contracts: Quantity,
    /// Net per contract after both venues' fees, rounded down.
    pub edge: Price,
    /// Net of the whole trade.
    pub net: Money,
    /// What it may lose: both legs filled in full and worthless, fees and rounding included.
    pub worst: Money,
    /// YES, then NO.
    pub legs: [LegDecision; LEGS],
}

/// A direction with its working memory.
#[derive(Clone, Debug)]
pub struct Trigger {
    pub(super) markets: [Market; LEGS],
    lot: i128,
    slices: Vec<Slice>,
}

impl Trigger {
    /// The markets of YES and of NO, at two venues.
    pub fn new(markets: [Market; LEGS]) -> Result<Self, NotArmed> {
        let [yes, no] = &markets;
        if yes.venue == no.venue {
            return Err(NotArmed::OneVenue);
        }
        let [yes_lot, no_lot] = [yes, no].map(|market| market.lot.counts());
        let is_lot = |lot: i128| (1..=LOT_MAX).contains(&lot);
        if !is_lot(yes_lot) || !is_lot(no_lot) {
            return Err(NotArmed::Lot);
        }
        let slices = Vec::with_capacity(yes.grid.prices() + no.grid.prices());
        Ok(Self { lot: common_lot(yes_lot, no_lot), markets, slices })
    }

    /// The trade that these books are worth; books of YES and of NO, each of its own outcome.
    pub fn decide(
        &mut self,
        books: [BookView<'_>; LEGS],
        terms: &ArmedTerms,
        moment: &Moment,
    ) -> Result<Decision, NoDecision> {
        if moment.now_ns >= terms.until_ns {
            return Err(NoDecision::Expired);
        }
        let seen = [seen(0, &books, terms, moment)?, seen(1, &books, terms, moment)?];
        self.walk(seen, terms)?;
        let largest = self.largest(seen, terms, terms.shot.contracts_max)?;
        Self::within(moment.exposure_left, &largest, |most| self.largest(seen, terms, most).ok())
    }

    /// The trade itself, or one that is smaller by as much as it could lose too much.
    fn within(
        exposure_left: Money,
        largest: &Decision,
        at_most: impl Fn(Quantity) -> Option<Decision>,
    ) -> Result<Decision, NoDecision> {
        let mut tried = *largest;
        for _ in 0..=CUTS_MAX {
            if tried.worst <= exposure_left {
                return Ok(tried);
            }
            let Some(smaller) = at_most(cut(&tried, exposure_left)) else { break };
            tried = smaller;
        }
        Err(NoDecision::ExposureTooLarge(tried.worst))
    }

    fn walk(&mut self, seen: [Seen<'_>; LEGS], terms: &ArmedTerms) -> Result<(), NoDecision> {
        let worth = Worth {
            markets: &self.markets,
            edge_min: terms.shot.edge_min,
            limit_prices: terms.limit_prices,
        };
        let tops = seen.map(|leg| leg.top);
        if tops.iter().any(|top| top.ask_quantity == Quantity::ZERO) {
            return Err(NoDecision::LiquidityTooSmall(Quantity::ZERO));
        }
        let edge = worth.marginal_edge(tops.map(|top| top.ask));
        if edge < terms.shot.edge_min {
            return Err(NoDecision::EdgeTooSmall(edge));
        }
        walk_depth(&mut self.slices, seen.map(|leg| leg.offers), &worth);
        Ok(())
    }

    /// Within a slice more is better, since each contract nets the threshold and rounding is charged
    /// once: so one size per slice is tried, the deepest first.
    fn largest(
        &self,
        seen: [Seen<'_>; LEGS],
        terms: &ArmedTerms,
        contracts_max: Quantity,
    ) -> Result<Decision, NoDecision> {
        let mut refused = None;
        for last in (0..self.slices.len()).rev() {
            let size = self.size_within(last, contracts_max);
            let Some(decision) = size.and_then(|size| self.priced_at(seen, size)) else { continue };
            if decision.edge >= terms.shot.edge_min {
                return Ok(decision);
            }
            refused.get_or_insert(decision.edge);
        }
        let depth = self.slices.last().map_or(0, |slice| slice.depth);
        let thin = NoDecision::LiquidityTooSmall(Quantity::from_counts(depth));
        Err(refused.map_or(thin, NoDecision::EdgeTooSmall))
    }

    /// The largest size that ends in this slice and that both venues can express.
    fn size_within(&self, last: usize, contracts_max: Quantity) -> Option<Quantity> {
        let slice = self.slices.get(last)?;
        let above = last.checked_sub(1).and_then(|before| self.slices.get(before));
        let at_most = slice.depth.min(contracts_max.counts());
        let collateral = self.collateral_leg().map(|leg| {
            let price = slice.prices[leg].counts();
            (slice.costs[leg] - price * (slice.depth - at_most), price)
        });
        let above = above.map_or(0, |slice| slice.depth);
        let size = largest_expressible(&SizeRange { above, at_most, lot: self.lot, collateral })?;
        let [yes, no] = &self.markets;
        let least = yes.minimum.max(no.minimum).counts().max(CONTRACTS_MIN);
        (size >= least).then(|| Quantity::from_counts(size))
    }

    fn collateral_leg(&self) -> Option<usize> {
        self.markets.iter().position(|market| market.venue == Venue::Polymarket)
    }

    /// The trade of exactly this size; `None` where a venue would not take a leg of it.
    fn priced_at(&self, [yes, no]: [Seen<'_>; LEGS], contracts: Quantity) -> Option<Decision> {
        let [yes_market, no_market] = &self.markets;
        let (yes, yes_worst) = entry(yes_market, yes, contracts)?;
        let (no, no_worst) = entry(no_market, no, contracts)?;
        let spent = [yes.expected_cost, no.expected_cost, yes.fees, no.fees];
        let spent: i128 = spent.into_iter().map(Money::counts).sum();
        let net = contracts.counts() - spent;
        Some(Decision {
            contracts,
            edge: Price::from_counts((net * ONE).div_euclid(contracts.counts())),
            net: Money::from_counts(net),
            worst: Money::from_counts(yes_worst.counts() + no_worst.counts()),
            legs: [yes, no],
        })
    }
}

/// One leg's book as it was at the decision.
#[derive(Clone, Copy)]
struct Seen<'a> {
    top: Top,
    offers: Offers<'a>,
}

fn seen<'a>(
    leg: usize,
    books: &[BookView<'a>; LEGS],
    terms: &ArmedTerms,
    moment: &Moment,
) -> Result<Seen<'a>, NoDecision> {
    let unknown = |why| NoDecision::BookUnknown(leg, why);
    let top = books[leg].top().map_err(unknown)?;
    let offers = books[leg].offers().map_err(unknown)?;
    // Never heard, or at a time that has not been: no age that anybody measured.
    let silent_ns = moment.now_ns.checked_sub(top.heard_ns);
    let is_fresh = silent_ns.is_some_and(|silent_ns| silent_ns <= terms.shot.silence_ns_max);
    if top.heard_ns == 0 || !is_fresh {
        return Err(NoDecision::BookStale(leg));
    }
    Ok(Seen { top, offers })
}

/// A leg, and what it may cost in the worst case.
fn entry(market: &Market, seen: Seen<'_>, contracts: Quantity) -> Option<(LegDecision, Money)> {
    let walk = seen.offers.walk(contracts, DOLLAR)?;
    let limit_price = walk.worst_price;
    let sized = sized_order(market, (limit_price, contracts), walk.cost)?;
    let fills = seen.offers.taken(contracts, DOLLAR).map(|level| market.fees.fill(&level).counts());
    let leg = LegDecision {
        venue: market.venue,
        limit_price,
        expected_cost: walk.cost,
        fees: Money::from_counts(fills.sum::<i128>() + market.fees.order().counts()),
        fixed: sized.fixed,
        legal_maximum: sized.legal_maximum,
        top: seen.top,
    };
    Some((leg, worst_of(market, limit_price, sized.fixed)))
}

/// So many contracts as would lose no more, if all of it rose with the size.
fn cut(decision: &Decision, exposure_left: Money) -> Quantity {
    let left = exposure_left.counts().max(0);
    let contracts = decision.contracts.counts();
    // A millionth less: rounding that is charged once does not shrink with the size.
    let cut = contracts * left / decision.worst.counts();
    Quantity::from_counts(cut - cut / 1_000_000)
}
