//! What stands between a decision and its first byte, in nanoseconds: `npm run bench:gate`.

#[path = "../tests/support/kalshi.rs"]
mod kalshi;
#[path = "../../bench/src/no_wires.rs"]
mod no_wires;
#[path = "../tests/support/orders.rs"]
mod orders;
#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::num::{NonZeroU8, NonZeroU32};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::firing::{Firing, House, Release};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::in_flight::MarketId;
use legwork_engine_core::journal::{
    COPY_EVERY_DEFAULT, CopyToDisk, Folders, Journal, JournalOptions,
};
use legwork_engine_core::lease::Terms;
use legwork_engine_core::orders::{KalshiOrders, OrderTerms, PolymarketAhead};
use legwork_engine_core::shot::Now;
use legwork_engine_core::signing::{
    Address, AheadOptions, ApiSecret, Exchange, KalshiAhead, Maker, OrderForm, OrderKind, Side,
};
use legwork_engine_core::wire::Clock;
use no_wires::NoWires;
use support::{RAIN, SECOND_NS, answers, of, shot, terms};
use tempfile::TempDir;

const ROUNDS: usize = 20_000;
const SLOTS: NonZeroU32 = NonZeroU32::new(16_384).unwrap();
/// What is too short to be timed alone is timed so many times over.
const AT_ONCE: u32 = 100;

struct Stopwatch(Instant);

impl Clock for Stopwatch {
    fn monotonic_ns(&self) -> u64 {
        // The books of the test's shot were heard a second after the start.
        SECOND_NS + u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(0)
    }

    fn unix_ns(&self) -> u64 {
        self.monotonic_ns()
    }
}

fn main() {
    println!("{:<44}{:>9}{:>9}{:>9}{:>9}", "nanoseconds", "p50", "p95", "p99", "p99.9");
    let empty = measure("floor: two readings of the clock", |_| ());
    dedup();
    let every = CopyToDisk::Every(COPY_EVERY_DEFAULT);
    append("journal append, copied every 50 ms", every, ROUNDS);
    append("journal append, on disk before each shot", CopyToDisk::BeforeEachShot, ROUNDS / 10);
    whole_shot();
    refusal();
    signing();
    kalshi_headers();
    kalshi_order();
    polymarket_order();
    println!("each row holds the floor, p50 {empty} ns");
}

fn measure(what: &str, mut once: impl FnMut(usize)) -> u64 {
    measure_times(what, ROUNDS, &mut once)
}

fn measure_times(what: &str, rounds: usize, once: &mut dyn FnMut(usize)) -> u64 {
    let mut histogram = Histogram::<u64>::new(3).expect("three digits");
    for round in 0..rounds / 10 {
        once(round);
    }
    for round in 0..rounds {
        let start = Instant::now();
        once(round);
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        histogram.record(took).expect("in range");
    }
    let at = |percentile| histogram.value_at_quantile(percentile);
    println!("{what:<44}{:>9}{:>9}{:>9}{:>9}", at(0.5), at(0.95), at(0.99), at(0.999));
    at(0.5)
}

fn dedup() {
    let (house, _threads) = House::new(65_536, 1, answers());
    let market = |round: usize| MarketId(u32::try_from(round * 7 % 65_536).expect("below"));
    let took = measure("take and release a market, 100 times", |round| {
        for again in 0..AT_ONCE {
            let held = house.in_flight.take(market(round + again as usize)).expect("free");
            house.in_flight.release(black_box(held));
        }
    });
    println!("{:<44}{:>9}", "  … once", took / u64::from(AT_ONCE));
}

/// On disk and in memory, as the engine has it.
fn folders() -> (TempDir, TempDir) {
    let new = |place| tempfile::tempdir_in(place).expect("writable");
    (new("/var/tmp"), new("/dev/shm"))
}

fn append(what: &str, copy: CopyToDisk, rounds: usize) {
    let (disk, memory) = folders();
    let options = JournalOptions { slots: SLOTS, thread: 0, copy, epoch_known: 0 };
    let folders = Folders { disk: disk.path(), memory: memory.path() };
    let mut journal = Journal::create(folders, &options).expect("free");
    let bytes: [&[u8]; 2] = [&[b'y'; 1_400], &[b'n'; 500]];
    let shot = shot(RAIN, "rain.1", bytes);
    let now = Now { monotonic_ns: 1, unix_ns: 1 };
    measure_times(what, rounds, &mut |_| {
        let id = journal.append(&shot, 1, now).expect("there is room");
        journal.acknowledge(id);
    });
}

fn with_firing(then: impl FnOnce(&mut Firing<NoWires, Stopwatch>)) {
    let (disk, memory) = folders();
    let copy = CopyToDisk::Every(COPY_EVERY_DEFAULT);
    let options = JournalOptions { slots: SLOTS, thread: 0, copy, epoch_known: 0 };
    let folders = Folders { disk: disk.path(), memory: memory.path() };
    let journal = Journal::create(folders, &options).expect("free");
    let (house, mut threads) = House::new(65_536, 1, answers());
    assert!(house.gate.freeze(1, |_| false).is_some_and(|draining| draining.is_over()));
    house.gate.heard_control(u64::MAX);
    let clock = Stopwatch(Instant::now());
    let mut firing = Firing::new(Arc::clone(&house), threads.remove(0), journal, NoWires, clock);
    let terms = Terms { epoch: 1, budget: of("900000000"), until_ns: u64::MAX };
    firing.lease(RAIN).expect("a known market").renew(terms);
    then(&mut firing);
}

fn whole_shot() {
    with_firing(|firing| {
        let bytes: [&[u8]; 2] = [&[b'y'; 1_400], &[b'n'; 500]];
        let (mut shot, mut terms) = (shot(RAIN, "rain.1", bytes), terms());
        shot.not_after_ns = u64::MAX;
        terms.silence_ns_max = u64::MAX;
        measure("decision → both legs written (to no wire)", |_| {
            let receipt = firing.fire(&shot, &terms).expect("nothing is against it");
            firing.adopted(&receipt);
            firing.ended(&receipt, Release::Now);
        });
    });
}

fn refusal() {
    with_firing(|firing| {
        let (mut shot, mut terms) = (shot(RAIN, "rain.1", [b"y", b"n"]), terms());
        shot.not_after_ns = u64::MAX;
        terms.silence_ns_max = u64::MAX;
        let _held = firing.fire(&shot, &terms).expect("nothing is against it");
        measure("refusal: the market is in flight", |_| {
            black_box(firing.fire(&shot, &terms).err());
        });
    });
}

fn signing() {
    let maker = Maker::from_key(&[7; 32]).expect("a key");
    let contract = Address::parse("0xE111180000d2663C0091e4f400237545B87B996B").expect("one");
    let exchange = Exchange::new("2", 137, contract);
    let (address, token_id, side) = (maker.address(), [9; 32], Side::Buy);
    let form = OrderForm::new(&OrderKind { exchange, maker: address, token_id, side });
    let salt = |round: usize| u64::try_from(round).unwrap_or(0);
    measure("Polymarket order: hash", |round| {
        black_box(form.hash(salt(round), (5_200_000, 10_000_000), 1));
    });
    let hash = form.hash(1, (5_200_000, 10_000_000), 1);
    measure_times("Polymarket order: secp256k1 signature", ROUNDS / 10, &mut |_| {
        black_box(maker.sign(&hash)).expect("it signs");
    });
    let secret = ApiSecret::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("one");
    let body = [b'b'; 700];
    measure("Polymarket call: HMAC of 700 bytes", |_| {
        black_box(secret.sign("1713398400", ("POST", "/order"), &body));
    });
}

fn kalshi_headers() {
    const PATH: &str = "/trade-api/v2/portfolio/events/orders";
    let key = kalshi::key();
    measure("both clocks", |_| {
        black_box(read(&SystemClock));
    });
    let now = read(&SystemClock);
    let (every, each) = (Duration::from_millis(10), NonZeroU8::MAX);
    let options = AheadOptions { method: "POST", path: PATH, every, each };
    let made = KalshiAhead::new(Arc::clone(&key), &options, StoppedAt(now));
    let (mut ahead, mut signing) = made.expect("an interval");
    let rounds = ROUNDS / 10;
    let mut signed = 0;
    while signed < rounds + rounds / 10 {
        signed += signing.round().expect("it signs");
    }
    measure_times("Kalshi headers: taken, signed ahead", rounds, &mut |_| {
        drop(black_box(ahead.take(now)).expect("enough were signed"));
    });
    measure_times("Kalshi headers: signed on the spot (RSA-2048)", rounds, &mut |_| {
        let headers = key.sign(now.unix_ns / 1_000_000, "POST", PATH);
        drop(black_box(headers).expect("it signs"));
    });
}

/// Headers are signed beforehand: a shot takes them.
fn kalshi_order() {
    let (given, key) = (orders::vectors(), kalshi::key());
    let (case, market) = orders::case(&given, "an entry in its group");
    let (mut orders, terms) = (case.kalshi(market, &key).expect("an instrument"), case.terms());
    let rounds = ROUNDS / 10;
    let sign = |_| key.sign(1_703_123_456_789, KalshiOrders::METHOD, KalshiOrders::PATH);
    let mut headers = (0..rounds + rounds / 10).map(sign).collect::<Vec<_>>().into_iter();
    measure_times("Kalshi order: patched into its request", rounds, &mut |_| {
        let headers = headers.next().and_then(Result::ok).expect("enough were signed");
        black_box(orders.order(&terms, headers).expect("an order").bytes);
    });
}

fn polymarket_order() {
    const AT_NS: u64 = 1_703_123_456 * SECOND_NS;
    let given = orders::vectors();
    let (case, market) = orders::case(&given, "dollars for shares of YES");
    let account = &given.polymarket_account;
    let mut made = case.polymarket(market, account).expect("an instrument");
    let (terms, rounds) = (case.terms(), ROUNDS / 10);
    measure_times("Polymarket order: signed per shot", rounds, &mut |_| {
        black_box(made.order(&terms, AT_NS).expect("an order").bytes);
    });
    // A name for each shot; beside it the other prices that an armed pair may fire at.
    let name =
        |round| OrderTerms { client_order_id: ClientOrderId::derive("b", "n", round), ..terms };
    let rounds_max = u32::try_from(rounds + rounds / 10).expect("few");
    let mut shots: Vec<_> = (0..rounds_max)
        .map(|round| {
            let mut ahead = PolymarketAhead::new(Duration::from_secs(1));
            let prices = ["0.50", "0.51", "0.52", "0.53"];
            let levels = prices.map(|price| OrderTerms { limit_price: of(price), ..name(round) });
            for terms in &levels {
                orders::sign_ahead(&mut ahead, (&made, terms), AT_NS / 1_000_000);
            }
            (ahead, levels[2])
        })
        .collect();
    let mut spent = Vec::with_capacity(shots.len()); // nothing is freed while it is timed
    measure_times("Polymarket order: taken from four signed ahead", rounds, &mut |_| {
        let (mut ahead, terms) = shots.pop().expect("enough were signed");
        let signed = ahead.take(&terms, AT_NS).expect("signed ahead");
        black_box(made.signed(signed, AT_NS).expect("an order").bytes);
        spent.push(ahead);
    });
}

struct StoppedAt(Now);

impl Clock for StoppedAt {
    fn monotonic_ns(&self) -> u64 {
        self.0.monotonic_ns
    }

    fn unix_ns(&self) -> u64 {
        self.0.unix_ns
    }
}
