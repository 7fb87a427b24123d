//! One client: what it has sent, what it is owed.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use crate::buffers::{Input, NotReading, Output};
use crate::frame::{Frame, FrameTooLong};

/// The connection is over: closed, broken, or its client does not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Over;

impl From<NotReading> for Over {
    fn from(_: NotReading) -> Self {
        Self
    }
}

pub struct Connection {
    stream: UnixStream,
    input: Input,
    output: Output,
    /// Requests that were handed over and are not answered.
    pub under_way: u32,
    /// Whether the kernel was asked to say when there is room again.
    pub is_waiting_for_room: bool,
}

impl Connection {
    pub fn new(stream: UnixStream) -> Self {
        let (input, output) = (Input::new(), Output::new());
        Self { stream, input, output, under_way: 0, is_waiting_for_room: false }
    }

    /// Reads once, what there is.
    pub fn read(&mut self) -> Result<(), Over> {
        match self.input.fill(&mut &self.stream) {
            Ok(0) => Err(Over),
            Ok(_) => Ok(()),
            Err(cause) if is_for_later(&cause) => Ok(()),
            Err(_) => Err(Over),
        }
    }

    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, FrameTooLong> {
        self.input.next()
    }

    pub fn tell(&mut self, frame: &Frame<'_>) -> Result<(), Over> {
        Ok(self.output.push(frame)?)
    }

    /// Whether everything is the kernel's now.
    pub fn flush(&mut self) -> Result<bool, Over> {
        self.output.flush(&mut &self.stream).map_err(|_| Over)?;
        Ok(self.output.is_empty())
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

fn is_for_later(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
