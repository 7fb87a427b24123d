//! What is wrong with a request, before anything of it could be sent.

use thiserror::Error;

/// Why bytes cannot be part of a request.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum RequestError {
    /// A method, path, host or header that would be something else on the wire.
    #[error("{0:?} cannot stand in the head of a request")]
    NotInAHead(String),
    /// More than `HEAD_BYTES_MAX`, or more holes than there are bits for.
    #[error("a head of this length, or with so many holes, is not prepared")]
    HeadTooLong,
    /// A hole of another request.
    #[error("no such hole in this request")]
    NotAHole,
    /// A value that does not fill its hole exactly.
    #[error("{bytes} bytes for a hole of {width}")]
    WrongWidth {
        /// Of the hole.
        width: usize,
        /// Of the value.
        bytes: usize,
    },
    /// More than was prepared for.
    #[error("a body of {bytes} bytes where {room} were prepared")]
    BodyTooLong {
        /// What was prepared.
        room: usize,
        /// Of the body.
        bytes: usize,
    },
    /// Something is still to be filled in.
    #[error("a hole of the request is empty")]
    HoleEmpty,
}
