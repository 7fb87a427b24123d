//! A venue that streams what a test tells it to, and the desk that follows it.
#![allow(dead_code, missing_docs)] // each test takes what it needs

#[path = "../../../engine/tests/support/venue.rs"]
pub mod venue;

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use legwork_engine_core::books::{Band, Grid};
use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::shot::{Now, Venue};
use legwork_engine_core::signing::KalshiKey;
use legwork_engine_market_data::socket::{Event, Socket};
use legwork_engine_market_data::{
    Instrument, KalshiSource, Listed, Market, MarketData, Outcome, Upgrade,
};
use tungstenite::{Message, WebSocket};
use venue::{Session, TestVenue, until};

pub const RAIN: &str = "KXRAIN-26NOV21";
pub const CONDITION: &str = "0xab";
pub const TOKENS: [&str; 2] = ["1111", "2222"];
const PATIENCE: Duration = Duration::from_mins(1);

/// What the venue does next, in order.
pub enum Step {
    Text(String),
    /// A text, and tells the test when the kernel has it.
    Told(String),
    Ping,
    /// As it is: frames, or none.
    Raw(Vec<u8>),
    RawByteByByte(Vec<u8>),
    /// Tells the test the next text, or control frame, of the client's.
    Hear,
    /// Sends the answers to what it has heard.
    Flush,
    HangUp,
}

/// A venue whose connections take the steps one after the other.
pub struct Streaming {
    pub venue: TestVenue,
    steps: Sender<Step>,
    heard: Receiver<Message>,
}

impl Streaming {
    pub fn start() -> Self {
        Self::listen(None)
    }

    /// Its kernel keeps so much that it has not read.
    pub fn with_room(bytes: usize) -> Self {
        Self::listen(Some(bytes))
    }

    fn listen(room_bytes: Option<usize>) -> Self {
        let (steps, to_take) = channel();
        let (hears, heard) = channel();
        let line = Mutex::new((to_take, hears));
        let venue = TestVenue::with((room_bytes, 0), move |session| {
            let (to_take, hears) = &*line.lock().expect("whole");
            if let Ok(web_socket) = tungstenite::accept(&mut session.stream) {
                take_steps(web_socket, to_take, hears);
            }
        });
        Self { venue, steps, heard }
    }

    pub fn does(&self, step: Step) {
        self.steps.send(step).expect("the venue is there");
    }

    pub fn says(&self, text: &str) {
        self.does(Step::Text(text.to_owned()));
    }

    /// What it hears next, while the desk goes on.
    pub fn hears(&self, mut poll: impl FnMut()) -> Message {
        self.does(Step::Hear);
        let mut heard = None;
        until("the venue hears", || {
            poll();
            heard = self.heard.try_recv().ok();
            heard.is_some()
        });
        heard.expect("heard")
    }

    /// Waits until the other side's kernel has what was to be told.
    pub fn has_told(&self) -> bool {
        self.heard.recv_timeout(PATIENCE).is_ok()
    }

    pub fn hears_text(&self, desk: &mut Desk) -> String {
        loop {
            if let Message::Text(text) = self.hears(|| desk.poll()) {
                return text.to_string();
            }
        }
    }
}

fn take_steps<S: std::io::Read + std::io::Write>(
    mut web_socket: WebSocket<S>,
    steps: &Receiver<Step>,
    hears: &Sender<Message>,
) {
    while let Ok(step) = steps.recv_timeout(PATIENCE) {
        let done = match step {
            Step::Text(text) => web_socket.send(Message::text(text)),
            Step::Told(text) => {
                let sent = web_socket.send(Message::text(text));
                sent.map(|()| drop(hears.send(Message::text("told"))))
            }
            Step::Ping => web_socket.send(Message::Ping(vec![7].into())),
            Step::Raw(bytes) => raw(web_socket.get_mut(), &bytes),
            Step::RawByteByByte(bytes) => {
                bytes.chunks(1).try_for_each(|byte| raw(web_socket.get_mut(), byte))
            }
            Step::Hear => web_socket.read().map(|message| drop(hears.send(message))),
            Step::Flush => web_socket.flush(),
            Step::HangUp => return,
        };
        if done.is_err() {
            return;
        }
    }
}

fn raw(stream: &mut impl std::io::Write, bytes: &[u8]) -> tungstenite::Result<()> {
    Ok(stream.write_all(bytes).and_then(|()| stream.flush())?)
}

/// One frame of a server's, unmasked; below 126 bytes.
pub fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![head, u8::try_from(payload.len()).expect("short")];
    frame.extend(payload);
    frame
}

/// What a test polls, at times of its own.
pub struct Desk {
    pub data: MarketData,
    /// What has changed, and whether its time was that of its poll.
    pub told: Vec<(Venue, String, Outcome)>,
    pub ticks: Vec<u64>,
    /// How far this desk's time is ahead.
    pub ahead_ns: u64,
}

impl Desk {
    pub fn kalshi(venue: &TestVenue) -> Self {
        let source = KalshiSource { endpoint: venue.endpoint(), key: key() };
        Self::of(MarketData::new(Some(source), None))
    }

    pub fn polymarket(venue: &TestVenue) -> Self {
        Self::of(MarketData::new(None, Some(venue.endpoint())))
    }

    pub fn of(data: MarketData) -> Self {
        Self { data, told: Vec::new(), ticks: Vec::new(), ahead_ns: 0 }
    }

    pub fn now(&self) -> Now {
        let Now { monotonic_ns, unix_ns } = read(&SystemClock);
        Now { monotonic_ns: monotonic_ns + self.ahead_ns, unix_ns: unix_ns + self.ahead_ns }
    }

    pub fn follow(&mut self, market: Market<'_>) {
        let now = self.now();
        self.data.follow(&[market], now);
    }

    pub fn poll(&mut self) {
        let (now, told, ticks) = (self.now(), &mut self.told, &mut self.ticks);
        self.data.poll(now, |changed| {
            let Instrument { venue, market, outcome } = changed.instrument;
            told.push((venue, market.to_owned(), outcome));
            ticks.push(changed.tick_ns);
        });
    }

    /// "0.45×10 | 0.5×3", or "unknown".
    pub fn top(&self, instrument: Instrument<'_>) -> String {
        let top = self.data.top(instrument);
        if top.heard_ns == 0 {
            return "unknown".into();
        }
        format!("{}×{} | {}×{}", top.bid, top.bid_quantity, top.ask, top.ask_quantity)
    }

    pub fn until_top(&mut self, instrument: Instrument<'_>, expected: &str) {
        until(expected, || {
            self.poll();
            self.top(instrument) == expected
        });
    }
}

/// Any will do.
pub fn key() -> Arc<KalshiKey> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors/kalshi.json");
    let text = std::fs::read_to_string(path).expect("part of the repository");
    let vectors: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let of = |name: &str| vectors[name].as_str().expect("a text").to_owned();
    Arc::new(KalshiKey::read(&of("keyId"), of("privateKeyPem")).expect("a key"))
}

pub fn cents() -> Grid {
    grid("0.01")
}

pub fn grid(step: &str) -> Grid {
    let of = |text: &str| text.parse().expect("an amount");
    let step = of(step);
    Grid::new(&[Band { start: of("0"), end: of("1"), step }]).expect("a grid")
}

pub fn rain() -> Market<'static> {
    Market { market: RAIN, listed: Listed::Kalshi, grid: cents(), closes_at_ms: u64::MAX }
}

pub fn condition() -> Market<'static> {
    let listed = Listed::Polymarket { tokens: TOKENS };
    Market { market: CONDITION, listed, grid: cents(), closes_at_ms: u64::MAX }
}

pub fn of(venue: Venue, outcome: Outcome) -> Instrument<'static> {
    let market = if venue == Venue::Kalshi { RAIN } else { CONDITION };
    Instrument { venue, market, outcome }
}

pub fn polymarket_socket(venue: &TestVenue) -> Socket {
    Socket::new(venue.endpoint(), Upgrade::polymarket())
}

/// A socket that is open, and its venue.
pub fn open() -> (Streaming, Socket) {
    let streaming = Streaming::start();
    let mut socket = polymarket_socket(&streaming.venue);
    assert_eq!(next(&mut socket), Event::Opened);
    (streaming, socket)
}

/// Polls until there is an event.
pub fn next(socket: &mut Socket) -> Event {
    let mut event = None;
    until("an event", || {
        event = socket.poll(read(&SystemClock));
        event.is_some()
    });
    event.expect("one")
}

/// Polls until it is over.
pub fn drain(socket: &mut Socket) {
    until("the end", || socket.poll(read(&SystemClock)) == Some(Event::Closed));
}

/// A session that speaks no HTTP.
pub fn silent(session: &mut Session) {
    session.drain();
}

pub fn why(socket: &Socket) -> String {
    socket.trouble().expect("there is trouble").to_string()
}
