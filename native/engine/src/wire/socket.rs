//! Between TLS and the kernel: what passes is counted in records.

use std::io::{self, IoSlice, Read, Write};
use std::net::{SocketAddr, TcpStream};

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};

use super::records::Records;

/// Counts the records that the kernel takes.
pub struct Outgoing<'a> {
    pub socket: &'a TcpStream,
    pub records: Records,
}

impl Write for Outgoing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let taken = self.socket.write_vectored(slices)?;
        let mut left = taken;
        for slice in slices {
            let of_this = slice.len().min(left);
            self.records.follow(&slice[..of_this]);
            left -= of_this;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Knows whether a record is half read.
pub struct Incoming<'a> {
    pub socket: &'a TcpStream,
    pub records: &'a mut Records,
}

impl Read for Incoming<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let bytes = self.socket.read(room)?;
        self.records.follow(&room[..bytes]);
        Ok(bytes)
    }
}

/// Nothing is wrong: there is just nothing to read, or no room to write.
#[must_use]
pub fn is_for_later(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Does not wait for the other side.
pub fn begin_to_connect(address: SocketAddr) -> io::Result<TcpStream> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket.into()),
        Err(cause) => Err(cause.into()),
    }
}

/// Whether the other side has taken the connection; what it refused with is the error.
pub fn is_connected(socket: &TcpStream) -> io::Result<bool> {
    if let Some(cause) = socket.take_error()? {
        return Err(cause);
    }
    match socket.peer_addr() {
        Ok(_) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::NotConnected => Ok(false),
        Err(cause) => Err(cause),
    }
}
