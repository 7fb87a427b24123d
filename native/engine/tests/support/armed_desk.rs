//! An armed pair with its books, its headers and whoever signs its orders; time stands still.

use std::path::Path;

use legwork_engine_core::armed::{ArmedPair, Asked, Hands, NotFired};
use legwork_engine_core::clearing::Subject;
use legwork_engine_core::firing::{Receipt, Release};
use legwork_engine_core::journal::{RecordedShot, Source, read_bytes};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::orders::{OrderSigning, SigningLine, signing_line};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_core::signing::{KalshiAhead, KalshiSigning};
use tempfile::{TempDir, tempdir};

use crate::armed;
use crate::support::{self, CLEARED, RAIN, SECOND_NS, StoppedClock, file_in, of};
use crate::ticks;

/// 2023-12-21T01:50:56Z.
pub const NOW_NS: u64 = 1_703_123_456 * SECOND_NS;

pub struct Desk {
    pub of: support::Desk,
    pub books: ticks::Desk,
    pub pair: ArmedPair,
    pub headers: KalshiAhead,
    pub signing: KalshiSigning<StoppedClock>,
    pub line: SigningLine,
    pub signing_orders: OrderSigning,
    /// Of the freezes that it is held against.
    pub cleared: Result<u64, Refusal>,
    folder: TempDir,
}

impl Desk {
    pub fn open() -> Self {
        let folder = tempdir().expect("a temporary folder");
        let mut of_shots = support::desk(folder.path(), 64);
        of_shots.clock.0.set(NOW_NS);
        of_shots.house.gate.heard_control(u64::MAX);
        let terms = Terms { epoch: 2, budget: of("100"), until_ns: u64::MAX };
        of_shots.firing.lease(RAIN).expect("a known market").renew(terms);
        let (headers, signing) = armed::headers(of_shots.clock.clone());
        let (books, pair) = (ticks::Desk::open_at(NOW_NS), armed::pair(RAIN));
        let cleared = Ok(CLEARED);
        let (line, signing_orders) = signing_line();
        let mut desk = Self {
            of: of_shots,
            books,
            pair,
            headers,
            signing,
            line,
            signing_orders,
            cleared,
            folder,
        };
        assert_eq!(desk.signing.round().expect("it signs"), 2);
        desk
    }

    pub fn tick(&mut self) -> Result<Receipt, NotFired> {
        let Self { of, books, pair, headers, cleared, .. } = self;
        let cleared = *cleared;
        let clear = move |subject: &Subject<'_>| {
            assert_eq!((subject.strategy, subject.pair_id), ("dawn", "rain"));
            cleared
        };
        let mut hands = Hands { firing: &mut of.firing, headers, clear: &clear };
        pair.tick(&mut hands, &books.books(), NOW_NS - 700)
    }

    /// All that is to be signed at this time; how many orders are there then, by direction.
    pub fn sign_ahead(&mut self, at_ns: u64) -> [usize; 2] {
        self.ask_ahead(at_ns);
        self.signing_orders.round();
        while let Some((place, order)) = self.line.take() {
            assert_eq!(place.market, RAIN);
            self.pair.put_ahead(place.direction, order);
        }
        self.pair.directions().each_ref().map(|direction| direction.ahead.count())
    }

    pub fn ask_ahead(&mut self, at_ns: u64) -> Asked {
        self.of.clock.0.set(at_ns);
        self.pair.look_ahead();
        let Self { of, books, pair, line, .. } = self;
        loop {
            let asked = pair.ask_ahead(line, &mut of.firing, &books.books());
            if asked != Asked::Some {
                return asked;
            }
        }
    }

    /// Its end, so that the pair may be shot at again.
    pub fn ended(&mut self, receipt: &Receipt) {
        self.of.firing.adopted(receipt);
        self.of.firing.ended(receipt, Release::Now);
    }

    pub fn refused(&mut self) -> Refusal {
        match self.tick() {
            Err(NotFired::Refused(refusal)) => refusal,
            other => panic!("{other:?} is no refusal"),
        }
    }

    /// Orders by when they were signed: before their ticks, and in their shots.
    pub fn signed(&self) -> [u64; 2] {
        self.of.house.signed.told()
    }

    /// What lies in both places of its journal, once its shots are on disk as well.
    pub fn files(&self) -> [Vec<u8>; 2] {
        let of = |place| std::fs::read(file_in(self.folder.path(), place)).expect("readable");
        let count = |bytes: &[u8]| read_bytes(bytes, Source::Memory).shots.len();
        while count(&of("disk")) < count(&of("memory")) {
            std::thread::yield_now();
        }
        ["memory", "disk"].map(of)
    }

    pub fn recorded(&self) -> Vec<RecordedShot> {
        recorded(self.folder.path())
    }
}

fn recorded(folder: &Path) -> Vec<RecordedShot> {
    let bytes = std::fs::read(file_in(folder, "memory")).expect("readable");
    let reading = read_bytes(&bytes, Source::Memory);
    assert_eq!(reading.damage, []);
    reading.shots
}
