//! What TypeScript and Rust decide from the same books.

#[path = "support/market_data.rs"]
mod market_data;

use legwork_engine_core::amount::{Money, Price, Quantity};
use legwork_engine_core::answers::Fixed;
use legwork_engine_core::books::{Band, Book, BookSide, BookView, Change, Decimals, Grid, Unknown};
use legwork_engine_core::shot::{ShotTerms, Venue};
use legwork_engine_core::trigger::{
    ArmedTerms, Decision, Fees, LegDecision, Market, Moment, NoDecision, PairBooks, PairTrigger,
    Trigger,
};
use market_data::{HEARD_NS, of, vectors};
use serde::Deserialize;

const LOTS_OF_MONEY: &str = "999999999999";

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Direction>,
    best: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Direction {
    name: String,
    r#type: String,
    kalshi: MarketText,
    polymarket: MarketText,
    contracts_max: String,
    edge_min: String,
    limits: Option<[String; 2]>,
    books: DirectionBooks,
    outcome: Told,
}

#[derive(Deserialize)]
struct DirectionBooks {
    yes: BookText,
    no: BookText,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pair {
    name: String,
    kalshi: MarketText,
    polymarket: MarketText,
    contracts_max: String,
    edge_min: String,
    books: PairBooksText,
    outcome: Told,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PairBooksText {
    kalshi: BookText,
    yes_token: BookText,
    no_token: BookText,
}

#[derive(Deserialize)]
struct MarketText {
    bands: Vec<[String; 3]>,
    lot: String,
    minimum: String,
    rate: String,
    multiplier: Option<String>,
}

#[derive(Deserialize)]
struct BookText {
    bids: Vec<[String; 2]>,
    asks: Vec<[String; 2]>,
    state: Option<String>,
}

/// A decision as every language tells it.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    kind: String,
    reason: Option<String>,
    leg: Option<String>,
    r#type: Option<String>,
    contracts: Option<String>,
    edge: Option<String>,
    net: Option<String>,
    worst: Option<String>,
    legs: Vec<LegTold>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct LegTold {
    limit_price: String,
    expected_cost: String,
    fees: String,
    fixed: FixedTold,
    legal_maximum: String,
}

#[derive(Debug, Deserialize, PartialEq)]
struct FixedTold {
    kind: String,
    amount: String,
}

impl MarketText {
    fn read(&self, venue: Venue) -> Market {
        let band = |[start, end, step]: &[String; 3]| Band {
            start: of(start),
            end: of(end),
            step: of(step),
        };
        let multiplier = of(self.multiplier.as_deref().unwrap_or("1"));
        let fees = match venue {
            Venue::Kalshi => Fees::kalshi(of(&self.rate), multiplier),
            Venue::Polymarket => Fees::polymarket(of(&self.rate), 1),
        };
        Market {
            venue,
            grid: Grid::new(&self.bands.iter().map(band).collect::<Vec<_>>()).expect("a grid"),
            lot: of(&self.lot),
            minimum: of(&self.minimum),
            fees: fees.expect("a schedule"),
        }
    }
}

impl BookText {
    /// The book of one outcome; a mirrored one is kept as the book of the other.
    fn read(&self, grid: &Grid, is_mirrored: bool) -> Book {
        let mut book = Book::new(grid.clone());
        if self.state.as_deref() == Some("missing") {
            return book;
        }
        let levels = |side, levels: &[[String; 2]]| -> Vec<_> {
            levels.iter().map(|level| Ok(change(side, level, is_mirrored))).collect()
        };
        let (bids, asks) = (levels(BookSide::Bid, &self.bids), levels(BookSide::Ask, &self.asks));
        let _ = book.replace(bids.into_iter().chain(asks)); // the book says what it thinks of it
        if self.state.is_some() {
            book.lose(Unknown::Gap);
        }
        book
    }
}

fn change(side: BookSide, [price, quantity]: &[String; 2], is_mirrored: bool) -> Change {
    let (quantity, decimals) = (of(quantity), Decimals::default());
    let price: Price = of(price);
    if !is_mirrored {
        return Change { side, price, quantity, decimals };
    }
    let side = if side == BookSide::Bid { BookSide::Ask } else { BookSide::Bid };
    let price = Price::from_counts(1_000_000_000 - price.counts());
    Change { side, price, quantity, decimals }
}

fn armed(contracts_max: &str, edge_min: &str, limits: Option<&[String; 2]>) -> ArmedTerms {
    ArmedTerms {
        shot: ShotTerms {
            edge_min: of(edge_min),
            contracts_max: of(contracts_max),
            silence_ns_max: 2_000_000_000,
        },
        limit_prices: limits.map(|[yes, no]| [of(yes), of(no)]),
        until_ns: u64::MAX,
    }
}

fn now() -> Moment {
    Moment { now_ns: HEARD_NS + 1, exposure_left: of(LOTS_OF_MONEY) }
}

/// A direction with its markets' own books: Kalshi's NO is its one book, mirrored.
struct Desk {
    trigger: Trigger,
    books: [Book; 2],
    is_mirrored: [bool; 2],
    terms: ArmedTerms,
}

impl Desk {
    fn open(case: &Direction) -> Self {
        let (kalshi, polymarket) =
            (case.kalshi.read(Venue::Kalshi), case.polymarket.read(Venue::Polymarket));
        let is_polymarkets_yes = case.r#type == "poly_yes_kalshi_no";
        let markets = if is_polymarkets_yes { [polymarket, kalshi] } else { [kalshi, polymarket] };
        let is_mirrored = [false, is_polymarkets_yes];
        let books = [
            case.books.yes.read(&markets[0].grid, is_mirrored[0]),
            case.books.no.read(&markets[1].grid, is_mirrored[1]),
        ];
        let terms = armed(&case.contracts_max, &case.edge_min, case.limits.as_ref());
        Self { trigger: Trigger::new(markets).expect("two venues"), books, is_mirrored, terms }
    }

    fn decide(&mut self, moment: &Moment) -> Result<Decision, NoDecision> {
        let [yes, no] = &self.books;
        let views = [view(yes, self.is_mirrored[0]), view(no, self.is_mirrored[1])];
        self.trigger.decide(views, &self.terms, moment)
    }
}

fn view(book: &Book, is_mirrored: bool) -> BookView<'_> {
    if is_mirrored { book.mirrored(HEARD_NS) } else { book.view(HEARD_NS) }
}

fn told(decided: &Result<Decision, NoDecision>) -> Told {
    let none =
        |reason: &str| Told { kind: "none".into(), reason: Some(reason.into()), ..Told::default() };
    let leg = |leg: &usize| Some(["yes", "no"][*leg].to_owned());
    match decided {
        Ok(decision) => told_opportunity(decision),
        Err(NoDecision::BookUnknown(of, Unknown::Crossed)) => {
            Told { leg: leg(of), ..none("book_crossed") }
        }
        Err(NoDecision::BookUnknown(of, _)) => Told { leg: leg(of), ..none("book_missing") },
        Err(NoDecision::EdgeTooSmall(edge)) => {
            Told { edge: Some(edge.to_string()), ..none("edge_too_small") }
        }
        Err(NoDecision::LiquidityTooSmall(contracts)) => {
            Told { contracts: Some(contracts.to_string()), ..none("liquidity_too_small") }
        }
        Err(other) => panic!("no vector ends so: {other:?}"),
    }
}

fn told_opportunity(decision: &Decision) -> Told {
    Told {
        kind: "opportunity".into(),
        contracts: Some(decision.contracts.to_string()),
        edge: Some(decision.edge.to_string()),
        net: Some(decision.net.to_string()),
        worst: Some(decision.worst.to_string()),
        legs: decision.legs.iter().map(told_leg).collect(),
        ..Told::default()
    }
}

fn told_leg(leg: &LegDecision) -> LegTold {
    let (kind, amount) = match leg.fixed {
        Fixed::Contracts(contracts) => ("contracts", contracts.to_string()),
        Fixed::Collateral(collateral) => ("collateral", collateral.to_string()),
    };
    LegTold {
        limit_price: leg.limit_price.to_string(),
        expected_cost: leg.expected_cost.to_string(),
        fees: leg.fees.to_string(),
        fixed: FixedTold { kind: kind.into(), amount },
        legal_maximum: leg.legal_maximum.to_string(),
    }
}

#[test]
fn a_direction_is_decided_as_typescript_decides_it() {
    let Vectors { cases, .. } = vectors("edges.json");
    assert!(cases.len() > 300, "only {} cases", cases.len());
    for case in cases {
        assert_eq!(told(&Desk::open(&case).decide(&now())), case.outcome, "{}", case.name);
    }
}

#[test]
fn a_pair_is_decided_as_typescript_decides_it() {
    let Vectors { best, .. } = vectors("edges.json");
    assert!(best.len() > 40, "only {} pairs", best.len());
    for case in best {
        let (kalshi, polymarket) =
            (case.kalshi.read(Venue::Kalshi), case.polymarket.read(Venue::Polymarket));
        let [one, yes, no] = [
            case.books.kalshi.read(&kalshi.grid, false),
            case.books.yes_token.read(&polymarket.grid, false),
            case.books.no_token.read(&polymarket.grid, false),
        ];
        let books = PairBooks {
            kalshi: [one.view(HEARD_NS), one.mirrored(HEARD_NS)],
            polymarket: [yes.view(HEARD_NS), no.view(HEARD_NS)],
        };
        let terms = armed(&case.contracts_max, &case.edge_min, None);
        let mut trigger = PairTrigger::new(kalshi, polymarket).expect("two venues");
        let decided = trigger.decide(&books, [&terms; 2], &now());
        let told = decided.map_or_else(
            |_| Told { kind: "none".into(), ..Told::default() },
            |decision| Told { r#type: Some(type_of(&decision)), ..told_opportunity(&decision) },
        );
        assert_eq!(told, case.outcome, "{}", case.name);
    }
}

fn type_of(decision: &Decision) -> String {
    match decision.legs[0].venue {
        Venue::Polymarket => "poly_yes_kalshi_no".into(),
        Venue::Kalshi => "kalshi_yes_poly_no".into(),
    }
}

/// Every case of the vectors that ends in a trade.
fn trades() -> Vec<(Direction, Decision)> {
    let Vectors { cases, .. } = vectors("edges.json");
    let decided = cases.into_iter().map(|case| {
        let decision = Desk::open(&case).decide(&now());
        (case, decision)
    });
    decided.filter_map(|(case, decision)| Some((case, decision.ok()?))).collect()
}

#[test]
fn nothing_is_decided_from_a_silent_book_or_by_terms_that_are_over() {
    for (case, _) in trades().iter().take(10) {
        let mut desk = Desk::open(case);
        let at = |now_ns| Moment { now_ns, ..now() };
        assert!(desk.decide(&at(HEARD_NS + 2_000_000_000)).is_ok());
        let stale = desk.decide(&at(HEARD_NS + 2_000_000_001));
        assert_eq!(stale, Err(NoDecision::BookStale(0)));
        assert_eq!(desk.decide(&at(HEARD_NS - 1)), Err(NoDecision::BookStale(0)), "not yet heard");
        desk.terms.until_ns = HEARD_NS + 2;
        assert!(desk.decide(&at(HEARD_NS + 1)).is_ok());
        assert_eq!(desk.decide(&at(HEARD_NS + 2)), Err(NoDecision::Expired));
    }
}

#[test]
fn a_trade_that_could_lose_more_than_is_left_is_made_smaller_or_not_at_all() {
    let (mut smaller, mut none) = (0, 0);
    for (case, decision) in trades() {
        let mut desk = Desk::open(&case);
        let with = |counts| Moment { exposure_left: Money::from_counts(counts), ..now() };
        let all = desk.decide(&with(decision.worst.counts()));
        assert_eq!(all, Ok(decision), "{}", case.name);
        match desk.decide(&with(decision.worst.counts() / 2)) {
            Ok(half) => {
                smaller += 1;
                assert!(half.worst.counts() <= decision.worst.counts() / 2, "{}", case.name);
                assert!(half.contracts < decision.contracts && half.edge >= of(&case.edge_min));
                desk.terms.shot.contracts_max = half.contracts;
                assert_eq!(desk.decide(&now()), Ok(half), "what TypeScript would price");
            }
            Err(NoDecision::ExposureTooLarge(_)) => none += 1,
            Err(other) => panic!("{}: {other:?}", case.name),
        }
        let nothing = desk.decide(&with(0));
        assert!(matches!(nothing, Err(NoDecision::ExposureTooLarge(_))), "{}", case.name);
    }
    assert!(smaller > 20 && none > 5, "{smaller} and {none}");
}

#[test]
fn two_legs_on_one_venue_are_never_armed() {
    let (case, _) = trades().remove(0);
    let market = case.kalshi.read(Venue::Kalshi);
    assert!(Trigger::new([market.clone(), market.clone()]).is_err());
    let none = Market { lot: Quantity::ZERO, ..case.polymarket.read(Venue::Polymarket) };
    assert!(Trigger::new([market, none]).is_err());
}
