//! TLS on a socket that never waits, as a stream that tungstenite reads and writes. What the kernel
//! has is taken only by [`TlsStream::receive`], once: who sends without end keeps nobody waiting.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};

use legwork_engine_core::wire::{Broken, Endpoint, begin_to_connect, is_connected, is_for_later};
use rustls::ClientConnection;

pub struct TlsStream {
    socket: TcpStream,
    tls: ClientConnection,
    is_connected: bool,
}

/// What came in one reading.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Received {
    Nothing,
    Some,
    /// No more will come; what came before may still be read.
    Closed,
}

impl TlsStream {
    /// Begins to connect.
    pub fn open(endpoint: &Endpoint) -> Result<Self, Broken> {
        let socket = begin_to_connect(endpoint.address())?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, tls: endpoint.session()?, is_connected: false })
    }

    /// Connecting and the handshake, as far as they go without waiting. Whether both are over.
    pub fn shake_hands(&mut self) -> Result<bool, Broken> {
        self.is_connected = self.is_connected || is_connected(&self.socket)?;
        if !self.is_connected {
            return Ok(false);
        }
        self.write_out()?;
        if self.receive()? == Received::Closed {
            return Err(Broken::HungUp);
        }
        self.write_out()?;
        Ok(!self.tls.is_handshaking())
    }

    /// Reads once, and decrypts. Reading again is for after all of it was read: rustls keeps little.
    pub fn receive(&mut self) -> Result<Received, Broken> {
        match self.tls.read_tls(&mut &self.socket) {
            Ok(0) => return Ok(Received::Closed),
            Ok(_) => (),
            Err(cause) if is_for_later(&cause) => return Ok(Received::Nothing),
            Err(cause) => return Err(cause.into()),
        }
        match self.tls.process_new_packets() {
            Ok(state) if state.peer_has_closed() => Ok(Received::Closed),
            Ok(_) => Ok(Received::Some),
            Err(cause) => {
                let _ = self.write_out(); // the other side is told why, if it still listens
                Err(cause.into())
            }
        }
    }

    /// Something is encrypted that the kernel has not taken, or there is no connection to take it.
    pub fn is_waiting_to_write(&self) -> bool {
        !self.is_connected || self.tls.wants_write()
    }

    /// As far as the kernel takes it.
    fn write_out(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut &self.socket) {
                Ok(_) => (),
                Err(cause) if is_for_later(&cause) => break,
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }
}

impl Read for TlsStream {
    /// Of what was received; asks nothing of the kernel.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.tls.reader().read(room)
    }
}

impl Write for TlsStream {
    /// Never nothing: tungstenite takes that for the end.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = self.tls.writer().write(bytes)?;
        if taken == 0 {
            self.write_out()?;
            taken = self.tls.writer().write(bytes)?;
        }
        if taken == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_out()?;
        if self.tls.wants_write() { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
    }
}

impl AsFd for TlsStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
