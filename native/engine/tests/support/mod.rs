//! A pair, its books and its wires, as small as a shot needs them.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use std::cell::{Cell, RefCell};
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use legwork_engine_core::amount::Money;
use legwork_engine_core::answers::{Fixed, VenueAnswers};
use legwork_engine_core::firing::{Firing, House};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{
    CopyToDisk, Folders, Journal, JournalError, JournalOptions, ShotId,
};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::own_intent::{Door, OwnIntent};
use legwork_engine_core::shot::{Before, Budget, Leg, Ordered, Shot, ShotTerms, Top};
use legwork_engine_core::signing::Side;
use legwork_engine_core::wire::{Answer, Clock, Heard, Response, Wires, Written};

pub const MARKETS: usize = 512;
/// The control epoch that a desk begins with.
pub const CLEARED: u64 = 1;
pub const SECOND_NS: u64 = 1_000_000_000;
/// When `Line` hears.
pub const HEARD_NS: u64 = 2 * SECOND_NS;
pub const RAIN: MarketId = MarketId(137);

pub fn of<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

pub fn options(slots: u32) -> JournalOptions {
    let slots = NonZeroU32::new(slots).expect("at least one");
    let copy = CopyToDisk::Every(Duration::from_millis(5));
    JournalOptions { slots, thread: 0, copy, epoch_known: 0 }
}

/// A journal that has everything below one folder.
pub fn journal_in(folder: &Path, options: &JournalOptions) -> Result<Journal, JournalError> {
    let (disk, memory) = (folder.join("disk"), folder.join("memory"));
    fs::create_dir_all(folder).expect("writable");
    Journal::create(Folders { disk: &disk, memory: &memory }, options)
}

/// The newest file of a journal, in memory or on disk.
pub fn file_in(folder: &Path, place: &str) -> PathBuf {
    let files = fs::read_dir(folder.join(place)).expect("a folder");
    let files = files.map(|entry| entry.expect("readable").path());
    files.filter(|path| path.extension().is_some()).max().expect("a journal")
}

pub fn terms() -> ShotTerms {
    ShotTerms { edge_min: of("0.01"), contracts_max: of("100"), silence_ns_max: 2 * SECOND_NS }
}

pub fn shot<'a>(market: MarketId, intent_id: &'a str, bytes: [&'a [u8]; 2]) -> Shot<'a> {
    let leg = |(ordered, most), instrument, leg, limit, bytes| Leg {
        ordered,
        instrument,
        client_order_id: ClientOrderId::derive(intent_id, leg, 0),
        limit_price: of(limit),
        legal_maximum: of(most),
        top: Top { ask: of(limit), ask_quantity: of("25"), heard_ns: SECOND_NS, ..Top::default() },
        bytes,
        secrets: &[],
    };
    Shot {
        market,
        intent_id,
        pair_id: "rain",
        account: "main",
        edge: of("0.03"),
        worst: of("9.7"),
        budget: Budget::Lease(asked_for()),
        cleared: CLEARED,
        is_dry_run: false,
        not_after_ns: 100 * SECOND_NS,
        held_back: None,
        before: Before::default(),
        legs: [
            // All of it at a cent, the lowest price that there is.
            leg((polymarket(), "520"), "0xrain/yes", "entry/yes", "0.52", bytes[0]),
            leg((Ordered::Kalshi, "10"), "KXRAIN/no", "entry/no", "0.45", bytes[1]),
        ],
    }
}

/// What a strategy has asked for.
pub fn asked_for() -> OwnIntent<'static> {
    OwnIntent {
        door: Door::FireFirst,
        strategy: "dawn",
        contracts_max: of("100"),
        edge_min: of("0.01"),
        observed_at_ms: [900, 950],
    }
}

/// What the first leg orders: 5.2 dollars' worth, at once.
pub fn polymarket() -> Ordered {
    purchase_for("5.2")
}

/// As many shares as so many dollars buy.
pub fn purchase_for(dollars: &str) -> Ordered {
    let fixed = Fixed::Collateral(of(dollars));
    Ordered::Polymarket { hash: [0xab; 32], side: Side::Buy, fixed, is_immediate: true }
}

/// As the engine reads them.
pub fn answers() -> VenueAnswers {
    VenueAnswers::load().expect("the tables of the repository")
}

/// Called where something happens, once it is there.
type Watcher<F> = Rc<RefCell<Option<Box<F>>>>;

/// What comes of a leg: status and body, or nothing.
pub type Said = Option<(u16, String)>;

/// What happens to the next writes, in order; then everything is written whole.
#[derive(Clone, Default)]
pub struct Line {
    pub written: Rc<RefCell<Vec<(usize, usize)>>>,
    pub fates: Rc<RefCell<Vec<Written>>>,
    pub is_cut: Rc<Cell<bool>>,
    pub spares: Rc<Cell<usize>>,
    pub in_hand: Rc<Cell<bool>>,
    /// Asked at each write, by whoever wants to know how things stand then.
    pub at_write: Watcher<dyn FnMut(usize)>,
    /// What is heard next: of which leg, status and body, or that it is lost.
    pub heard: Rc<RefCell<Vec<(ShotId, usize, Said)>>>,
    /// How long it takes to take the wires in hand.
    pub slow: Watcher<dyn FnMut()>,
}

impl Wires for Line {
    fn take(&mut self) -> bool {
        if let Some(wait) = self.slow.borrow_mut().as_mut() {
            wait();
        }
        let is_there = !self.is_cut.get();
        self.in_hand.set(is_there);
        is_there
    }

    fn write(&mut self, leg: usize, bytes: &[u8]) -> Written {
        assert!(self.in_hand.get(), "only what is in hand is written to");
        if let Some(look) = self.at_write.borrow_mut().as_mut() {
            look(leg);
        }
        let mut fates = self.fates.borrow_mut();
        let fate = if fates.is_empty() { Written::Whole } else { fates.remove(0) };
        if fate == Written::Whole {
            self.written.borrow_mut().push((leg, bytes.len()));
        }
        fate
    }

    fn take_spare(&mut self, _: usize) -> bool {
        let left = self.spares.get();
        self.spares.set(left.saturating_sub(1));
        left > 0
    }

    fn put_back(&mut self) {
        self.in_hand.set(false);
    }

    fn poll(&mut self, mut hear: impl FnMut(&Heard<'_>)) {
        for (shot, leg, said) in self.heard.take() {
            let answer = match &said {
                Some((status, body)) => {
                    Answer::Read(Response { status: *status, body: body.as_bytes() })
                }
                None => Answer::Lost,
            };
            hear(&Heard { shot, leg, answer, at_ns: HEARD_NS });
        }
    }
}

/// Stands still until it is moved.
#[derive(Clone)]
pub struct StoppedClock(pub Rc<Cell<u64>>);

impl Clock for StoppedClock {
    fn monotonic_ns(&self) -> u64 {
        self.0.get()
    }

    fn unix_ns(&self) -> u64 {
        self.0.get()
    }
}

pub struct Desk {
    pub house: Arc<House>,
    pub line: Line,
    pub clock: StoppedClock,
    pub firing: Firing<Line, StoppedClock>,
}

/// Open for shots, and lent 100 dollars for each pair.
pub fn desk(folder: &Path, slots: u32) -> Desk {
    desk_by(folder, &options(slots))
}

/// With a journal that is made otherwise.
pub fn desk_by(folder: &Path, options: &JournalOptions) -> Desk {
    let (house, mut threads) = House::new(MARKETS, 1, answers());
    assert!(house.gate.freeze(CLEARED, |_| false).is_some_and(|draining| draining.is_over()));
    house.gate.heard_control(100 * SECOND_NS);
    let journal = journal_in(folder, options).expect("a folder of its own");
    let line = Line::default();
    line.written.borrow_mut().reserve(1 << 16);
    let clock = StoppedClock(Rc::new(Cell::new(SECOND_NS)));
    let thread = threads.remove(0);
    let mut firing = Firing::new(Arc::clone(&house), thread, journal, line.clone(), clock.clone());
    for id in 0..MARKETS {
        let market = MarketId(u32::try_from(id).expect("few"));
        lend(&mut firing, market, 1);
    }
    Desk { house, line, clock, firing }
}

/// A hundred dollars, until 50 s.
pub fn lend(firing: &mut Firing<Line, StoppedClock>, market: MarketId, epoch: u64) {
    let terms = Terms { epoch, budget: of("100"), until_ns: 50 * SECOND_NS };
    firing.lease(market).expect("a known market").renew(terms);
}

/// What is left of what was lent for RAIN.
pub fn left(desk: &mut Desk) -> Money {
    desk.firing.lease(RAIN).expect("a known market").left()
}
