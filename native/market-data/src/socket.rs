//! A WebSocket over TLS that comes back by itself, and never waits.
//!
//! 1. One bounded step per poll, and at most one event of it. What it says may have come with more.
//! 2. Whatever it does not understand ends the connection: what was missed cannot be known.
//! 3. Whoever is connected to and does not upgrade within three seconds is given up. After each end
//!    there is a pause, doubled from 100 ms to 5 s until something is heard.
//! 4. Pings are answered. Silence is not judged here: that is the feed's.

use std::mem;
use std::os::fd::{AsFd, BorrowedFd};

use legwork_engine_core::shot::Now;
use legwork_engine_core::wire::{Broken, Endpoint, is_for_later};
use tungstenite::handshake::client::ClientHandshake;
use tungstenite::handshake::{HandshakeError, MidHandshake};
use tungstenite::protocol::{WebSocket, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes};

use crate::tls_stream::{Received, TlsStream};
use crate::trouble::{End, Trouble};
use crate::upgrade::Upgrade;

/// From the first packet to the upgrade: a venue may accept and never answer.
pub const HANDSHAKE_NS_MAX: u64 = 3_000_000_000;
/// How long after its first end a connection is opened again; doubled with each that follows.
pub const RECONNECT_NS_MIN: u64 = 100_000_000;
/// However often it has ended.
pub const RECONNECT_NS_MAX: u64 = 5_000_000_000;
/// As many as lead beyond the longest pause.
const DOUBLINGS_MAX: u32 = 6;
/// A book of 9,999 prices on both sides has less than one.
const MESSAGE_BYTES_MAX: usize = 16 << 20;
/// tungstenite clears as much before each reading, needed or not.
const READ_BYTES: usize = 8 << 10;
/// Ten thousand markets are subscribed to with less than one.
const UNSENT_BYTES_MAX: usize = 4 << 20;

/// What a poll has found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// The upgrade is done: nothing was said yet.
    Opened,
    /// One whole message.
    Text(Utf8Bytes),
    /// A ping, or the answer to ours.
    Heard,
    /// It was open, and is not any more.
    Closed,
}

/// One venue's stream. It belongs to the thread that polls it.
pub struct Socket {
    endpoint: Endpoint,
    upgrade: Upgrade,
    phase: Phase,
    /// When it began to connect.
    since_ns: u64,
    received_ns: u64,
    has_more: bool,
    /// Its end, which the next poll tells.
    end: Option<End>,
    /// Ends since something was heard.
    failures: u32,
    opened: u64,
    trouble: Option<Trouble>,
}

enum Phase {
    Down {
        until_ns: u64,
    },
    Shaking(Box<TlsStream>),
    /// TLS is up. Signing the upgrade is a step of its own: each takes a good part of a millisecond.
    Secure(Box<TlsStream>),
    Upgrading(Box<MidHandshake<ClientHandshake<TlsStream>>>),
    Open(Box<WebSocket<TlsStream>>),
}

impl Socket {
    /// Nothing is connected yet; polling does that.
    #[must_use]
    pub fn new(endpoint: Endpoint, upgrade: Upgrade) -> Self {
        Self {
            endpoint,
            upgrade,
            phase: Phase::default(),
            since_ns: 0,
            received_ns: 0,
            has_more: false,
            end: None,
            failures: 0,
            opened: 0,
            trouble: None,
        }
    }

    /// One step, as far as it goes without waiting.
    pub fn poll(&mut self, now: Now) -> Option<Event> {
        match self.step(now) {
            Ok(event) => event,
            Err(end) => self.come_down(end, now),
        }
    }

    /// Polling again at once would do something, though the kernel has nothing: what was decrypted
    /// with the last event is read, the upgrade asked for, an end told.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more || self.end.is_some() || matches!(self.phase, Phase::Secure(_))
    }

    /// When the bytes of the last event came, or those that made it whole; on the monotonic clock.
    #[must_use]
    pub fn received_ns(&self) -> u64 {
        self.received_ns
    }

    /// Says something, if it is open. What the kernel does not take now is for later polls.
    pub fn send(&mut self, text: String) {
        self.write(Message::text(text));
    }

    /// An empty ping.
    pub fn ping(&mut self) {
        self.write(Message::Ping(Vec::new().into()));
    }

    /// Ends this connection; the next poll says so, and after the pause another is made.
    pub fn give_up(&mut self) {
        self.end.get_or_insert(End::GivenUp);
    }

    /// How often it was opened.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// Why the last connection ended, or was never made.
    #[must_use]
    pub fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// What to wait for by `poll(2)`, and whether for room to write rather than for bytes alone;
    /// `None`: there is no connection, and time alone brings one.
    #[must_use]
    pub fn waits_for(&self) -> Option<(BorrowedFd<'_>, bool)> {
        let stream = match &self.phase {
            Phase::Down { .. } => return None,
            Phase::Shaking(stream) | Phase::Secure(stream) => stream,
            Phase::Upgrading(begun) => begun.get_ref().get_ref(),
            Phase::Open(web_socket) => web_socket.get_ref(),
        };
        Some((stream.as_fd(), stream.is_waiting_to_write()))
    }

    fn step(&mut self, now: Now) -> Result<Option<Event>, End> {
        if let Some(end) = self.end.take() {
            return Err(end);
        }
        if let Phase::Open(web_socket) = &mut self.phase {
            if !self.has_more {
                self.has_more = web_socket.get_mut().receive()? != Received::Nothing;
                self.received_ns = now.monotonic_ns;
            }
            let event = hear(web_socket, &mut self.has_more)?;
            self.failures = if event.is_some() { 0 } else { self.failures };
            return Ok(event);
        }
        self.connect(now)
    }

    /// Towards an open connection.
    fn connect(&mut self, now: Now) -> Result<Option<Event>, End> {
        let now_ns = now.monotonic_ns;
        self.phase = match mem::take(&mut self.phase) {
            Phase::Down { until_ns } if now_ns < until_ns => Phase::Down { until_ns },
            Phase::Down { .. } => {
                self.since_ns = now_ns;
                Phase::Shaking(Box::new(TlsStream::open(&self.endpoint)?))
            }
            _ if now_ns.saturating_sub(self.since_ns) >= HANDSHAKE_NS_MAX => {
                return Err(Broken::TooSlow.into());
            }
            Phase::Shaking(stream) => shake_hands(stream)?,
            Phase::Secure(stream) => self.ask(stream, now)?,
            Phase::Upgrading(begun) => upgrade(begun)?,
            open @ Phase::Open(_) => open,
        };
        let is_open = matches!(self.phase, Phase::Open(_));
        if is_open {
            // What came behind the upgrade has been read with it.
            (self.has_more, self.received_ns) = (true, now_ns);
            self.opened += 1;
        }
        Ok(is_open.then_some(Event::Opened))
    }

    fn ask(&self, stream: Box<TlsStream>, now: Now) -> Result<Phase, End> {
        let request = self.upgrade.request(self.endpoint.host(), now.unix_ns)?;
        let begun = ClientHandshake::start(*stream, request, Some(config()))?;
        upgrade(Box::new(begun))
    }

    fn write(&mut self, message: Message) {
        let Phase::Open(web_socket) = &mut self.phase else { return };
        let written = web_socket.write(message).and_then(|()| web_socket.flush());
        if let Err(end) = unless_for_later(written) {
            self.end.get_or_insert(end);
        }
    }

    fn come_down(&mut self, end: End, now: Now) -> Option<Event> {
        let until_ns = now.monotonic_ns.saturating_add(pause_ns(self.failures));
        let was = mem::replace(&mut self.phase, Phase::Down { until_ns });
        self.failures = self.failures.saturating_add(1);
        self.has_more = false;
        self.trouble = Some(Trouble::of(end, &self.endpoint));
        matches!(was, Phase::Open(_)).then_some(Event::Closed)
    }
}

impl Default for Phase {
    fn default() -> Self {
        Self::Down { until_ns: 0 }
    }
}

/// The next message of what was received, if it is whole.
fn hear(web_socket: &mut WebSocket<TlsStream>, has_more: &mut bool) -> Result<Option<Event>, End> {
    if web_socket.get_ref().is_waiting_to_write() {
        unless_for_later(web_socket.flush())?;
    }
    if !*has_more {
        return Ok(None);
    }
    match web_socket.read() {
        Ok(Message::Text(text)) => Ok(Some(Event::Text(text))),
        Ok(Message::Ping(_) | Message::Pong(_)) => Ok(Some(Event::Heard)),
        Ok(Message::Close(said)) => {
            let _ = web_socket.flush(); // our answer, if the other side still listens
            Err(End::Closed(said))
        }
        Ok(Message::Binary(_) | Message::Frame(_)) => Err(not_a_text()),
        Err(cause) => {
            *has_more = false;
            unless_for_later(Err(cause)).map(|()| None)
        }
    }
}

fn shake_hands(mut stream: Box<TlsStream>) -> Result<Phase, End> {
    let is_secure = stream.shake_hands()?;
    Ok(if is_secure { Phase::Secure(stream) } else { Phase::Shaking(stream) })
}

/// The upgrade, as far as it goes without waiting.
fn upgrade(mut begun: Box<MidHandshake<ClientHandshake<TlsStream>>>) -> Result<Phase, End> {
    begun.get_mut().get_mut().receive()?; // an end is read after what came before it
    match begun.handshake() {
        Ok((web_socket, _response)) => Ok(Phase::Open(Box::new(web_socket))),
        Err(HandshakeError::Interrupted(begun)) => Ok(Phase::Upgrading(Box::new(begun))),
        Err(HandshakeError::Failure(cause)) => Err(cause.into()),
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(UNSENT_BYTES_MAX)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
}

/// Both venues speak JSON, in text frames.
fn not_a_text() -> End {
    tungstenite::Error::Utf8("a message that is no text".into()).into()
}

fn unless_for_later(done: tungstenite::Result<()>) -> Result<(), End> {
    match done {
        Err(tungstenite::Error::Io(cause)) if is_for_later(&cause) => Ok(()),
        done => Ok(done?),
    }
}

fn pause_ns(failures: u32) -> u64 {
    (RECONNECT_NS_MIN << failures.min(DOUBLINGS_MAX)).min(RECONNECT_NS_MAX)
}
