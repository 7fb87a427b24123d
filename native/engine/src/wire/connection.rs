//! One TLS connection, from its first packet to its end. It is dropped when it is broken: what it
//! has buffered goes with it.

use std::io::{self, BufRead, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::net::sockopt;
use rustls::ClientConnection;
use thiserror::Error;

use super::Written;
use super::endpoint::Endpoint;
use super::records::Records;
use super::response::{Progress, ResponseReader, Unreadable};
use super::socket::{Incoming, Outgoing, begin_to_connect, is_connected, is_for_later};
use crate::journal::ShotId;

/// Why a connection is at its end; [`Endpoint::explain`] says it to an operator.
#[derive(Debug, Error)]
pub enum Broken {
    /// TLS has something against it.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    /// The operating system said no.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The other side has ended it.
    #[error("hung up")]
    HungUp,
    /// Bytes came that nobody had asked for.
    #[error("unsolicited")]
    Unsolicited,
    /// What it answered is no response.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Neither a connection, nor an answer, in time.
    #[error("too slow")]
    TooSlow,
}

/// What a busy connection awaits an answer to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Errand {
    /// One leg of a shot.
    Leg(ShotId, usize),
    /// Our own question, so that neither side lets go of an idle connection.
    KeepAlive,
}

/// What a connection does. A broken one is dropped, so that there is no name for it here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    Connecting,
    Handshaking,
    /// Warm, and free for a shot.
    Idle,
    /// A shot's, and not written to.
    InHand,
    /// Written to, and without its answer.
    Busy(Errand),
}

/// A connection and everything that it has half read.
pub struct Connection {
    socket: TcpStream,
    tls: ClientConnection,
    incoming: Records,
    response: ResponseReader,
    phase: Phase,
    /// When its phase began.
    since_ns: u64,
    /// The other side has said that no more comes, and may still listen.
    has_ended: bool,
}

/// What came in one reading.
enum Received {
    Nothing,
    Some,
    /// The other side has said that no more comes.
    Closed,
}

impl Connection {
    /// Begins to connect. `send_buffer_bytes`: what the kernel takes of us at most; `None` is its own
    /// choice.
    pub fn open(
        endpoint: &Endpoint,
        send_buffer_bytes: Option<usize>,
        now_ns: u64,
    ) -> Result<Self, Broken> {
        let socket = begin_to_connect(endpoint.address())?;
        socket.set_nodelay(true)?;
        if let Some(bytes) = send_buffer_bytes {
            sockopt::set_socket_send_buffer_size(&socket, bytes).map_err(io::Error::from)?;
        }
        Ok(Self {
            socket,
            tls: endpoint.session()?,
            incoming: Records::default(),
            response: ResponseReader::new(),
            phase: Phase::Connecting,
            since_ns: now_ns,
            has_ended: false,
        })
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What to wait for by `poll(2)`, and whether for room to write rather than for bytes alone.
    pub fn waits_for(&self) -> (BorrowedFd<'_>, bool) {
        (self.socket.as_fd(), self.phase == Phase::Connecting)
    }

    pub fn since_ns(&self) -> u64 {
        self.since_ns
    }

    /// From one phase to the next.
    pub fn enter(&mut self, phase: Phase, now_ns: u64) {
        (self.phase, self.since_ns) = (phase, now_ns);
    }

    /// Into a shot's hand, or back out of it unused: it is idle for as long as before.
    pub fn in_hand(&mut self, is_in_hand: bool) {
        self.phase = if is_in_hand { Phase::InHand } else { Phase::Idle };
    }

    /// Idle, with nothing half sent and nothing come in. Asked right before a shot: the other side's
    /// end of the connection (FIN, RST, `close_notify`) lies there to be read, and so does anything
    /// that would be taken for the answer.
    pub fn is_ready(&self) -> bool {
        let is_quiet = self.phase == Phase::Idle
            && !self.has_ended
            && !self.tls.wants_write()
            && self.incoming.is_between();
        let is_silent = |read: io::Result<usize>| {
            read.is_err_and(|cause| cause.kind() == io::ErrorKind::WouldBlock)
        };
        is_quiet && is_silent(self.socket.peek(&mut [0]))
    }

    /// Encrypts and writes in one go; the kernel is asked once. After anything but `Whole` the
    /// connection has to be dropped: it still has what the kernel did not take.
    pub fn write(&mut self, bytes: &[u8]) -> Written {
        self.response.clear();
        // More than its buffer holds is cut, and half a request is none.
        if self.tls.wants_write() || self.tls.writer().write(bytes).ok() != Some(bytes.len()) {
            return Written::Nothing;
        }
        let mut outgoing = Outgoing { socket: &self.socket, records: Records::default() };
        // An error took nothing; a short count says what it took.
        let _ = self.tls.write_tls(&mut outgoing);
        match outgoing.records.complete() {
            _ if !self.tls.wants_write() => Written::Whole,
            0 => Written::Nothing,
            _ => Written::Part,
        }
    }

    /// Connecting and the handshake, as far as they go without waiting.
    pub fn shake_hands(&mut self, now_ns: u64) -> Result<(), Broken> {
        if self.phase == Phase::Connecting {
            if !is_connected(&self.socket)? {
                return Ok(());
            }
            self.enter(Phase::Handshaking, self.since_ns);
        }
        self.flush()?;
        if let Received::Closed = self.receive()? {
            return Err(Broken::HungUp);
        }
        if !next_chunk(&mut self.tls).is_empty() {
            return Err(Broken::Unsolicited); // TLS 1.3 lets a server speak first
        }
        self.flush()?;
        if !self.tls.is_handshaking() && !self.tls.wants_write() {
            self.enter(Phase::Idle, now_ns);
        }
        Ok(())
    }

    /// Between shots: what comes to an idle connection may be TLS's own (a ticket, new keys), or the
    /// end, or nothing that it should be.
    pub fn look_after(&mut self) -> Result<(), Broken> {
        let received = self.receive()?;
        if !next_chunk(&mut self.tls).is_empty() {
            return Err(Broken::Unsolicited);
        }
        if let Received::Closed = received {
            return Err(Broken::HungUp);
        }
        self.flush()
    }

    /// What has come of the answer. An error: no more of it will come.
    pub fn hear(&mut self) -> Result<Progress, Broken> {
        let received = self.receive()?;
        loop {
            let chunk = next_chunk(&mut self.tls);
            if chunk.is_empty() {
                break;
            }
            let bytes = chunk.len();
            self.response.read(chunk);
            self.tls.reader().consume(bytes);
        }
        let Received::Closed = received else { return Ok(self.response.progress()) };
        match self.response.closed() {
            Progress::Partial => Err(Broken::HungUp),
            over => Ok(over),
        }
    }

    /// What was heard.
    pub fn response(&self) -> &ResponseReader {
        &self.response
    }

    /// Reads once, so that whoever sends without end does not keep a shot waiting.
    fn receive(&mut self) -> Result<Received, Broken> {
        let mut incoming = Incoming { socket: &self.socket, records: &mut self.incoming };
        match self.tls.read_tls(&mut incoming) {
            Ok(0) => return Err(Broken::HungUp),
            Ok(_) => (),
            Err(cause) if is_for_later(&cause) => return Ok(Received::Nothing),
            Err(cause) => return Err(cause.into()),
        }
        match self.tls.process_new_packets() {
            Ok(state) if state.peer_has_closed() => {
                self.has_ended = true;
                Ok(Received::Closed)
            }
            Ok(_) => Ok(Received::Some),
            Err(cause) => {
                let _ = self.flush(); // the other side is told why, if it still listens
                Err(cause.into())
            }
        }
    }

    fn flush(&mut self) -> Result<(), Broken> {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut &self.socket) {
                Ok(_) => (),
                Err(cause) if is_for_later(&cause) => break,
                Err(cause) => return Err(cause.into()),
            }
        }
        Ok(())
    }
}

impl Drop for Connection {
    /// What the kernel has of an order and has not sent is not sent any more. Where it cannot be
    /// told so there is nothing left to do.
    fn drop(&mut self) {
        if let Phase::InHand | Phase::Busy(_) = self.phase {
            let _ = sockopt::set_socket_linger(&self.socket, Some(Duration::ZERO));
        }
    }
}

/// What is decrypted and not read; empty where nothing is.
fn next_chunk(tls: &mut ClientConnection) -> &[u8] {
    tls.reader().into_first_chunk().unwrap_or(&[])
}
