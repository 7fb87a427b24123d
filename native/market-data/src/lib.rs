//! The venues' market data, from a socket to a book.
