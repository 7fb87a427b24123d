//! A venue behind TLS, in a thread per connection, that does what it is told.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use legwork_engine_core::wire::{Endpoint, PoolOptions};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustix::net::sockopt;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub const HOST: &str = "venue.test";
pub const SECOND_NS: u64 = 1_000_000_000;
pub const OK: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
pub const KEEP_ALIVE: &[u8] = b"GET /time HTTP/1.1\r\nHost: venue.test\r\n\r\n";
const PATIENCE: Duration = Duration::from_mins(1);

/// What each connection was sent, decrypted, in the order in which they were accepted.
pub type Log = Arc<Mutex<Vec<Vec<u8>>>>;

pub struct TestVenue {
    pub address: SocketAddr,
    /// PEM.
    pub roots: String,
    pub log: Log,
}

/// One connection as the venue sees it.
pub struct Session {
    pub number: usize,
    pub stream: StreamOwned<ServerConnection, TcpStream>,
    log: Log,
}

impl TestVenue {
    /// `serve` has a connection from its handshake to its end.
    pub fn start(serve: impl Fn(&mut Session) + Send + Sync + 'static) -> Self {
        Self::with((None, 0), serve)
    }

    pub fn with(
        (receive_buffer_bytes, tickets): (Option<usize>, usize),
        serve: impl Fn(&mut Session) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        if let Some(bytes) = receive_buffer_bytes {
            sockopt::set_socket_recv_buffer_size(&listener, bytes).expect("a size");
        }
        let address = listener.local_addr().expect("bound");
        let (roots, config) = certificates(tickets);
        let (log, serve) = (Log::default(), Arc::new(serve));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for (number, socket) in listener.incoming().enumerate() {
                let (log, config) = (Arc::clone(&log), Arc::clone(&config));
                log.lock().expect("whole").push(Vec::new());
                let (serve, socket) = (Arc::clone(&serve), socket.expect("accepted"));
                thread::spawn(move || {
                    let tls = ServerConnection::new(config).expect("a session");
                    let mut stream = StreamOwned::new(tls, socket);
                    stream.sock.set_nodelay(true).expect("an option");
                    while stream.conn.is_handshaking() {
                        if stream.conn.complete_io(&mut stream.sock).is_err() {
                            return;
                        }
                    }
                    serve(&mut Session { number, stream, log });
                });
            }
        });
        Self { address, roots, log: kept }
    }

    /// As the engine is told of it.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.address, HOST, self.roots.as_bytes()).expect("good roots")
    }

    pub fn read(&self, number: usize) -> Vec<u8> {
        self.log.lock().expect("whole").get(number).cloned().unwrap_or_default()
    }

    /// What was sent on all connections.
    pub fn read_in_all(&self) -> usize {
        self.log.lock().expect("whole").iter().map(Vec::len).sum()
    }

    pub fn accepted(&self) -> usize {
        self.log.lock().expect("whole").len()
    }
}

impl Session {
    /// Reads once; nothing when the other side is gone.
    pub fn read(&mut self) -> Option<usize> {
        let mut room = [0; 4_096];
        let bytes = self.stream.read(&mut room).ok().filter(|bytes| *bytes > 0)?;
        self.log.lock().expect("whole")[self.number].extend(&room[..bytes]);
        Some(bytes)
    }

    /// What the last reading read.
    pub fn last(&self, bytes: usize) -> Vec<u8> {
        let log = self.log.lock().expect("whole");
        let all = &log[self.number];
        all[all.len() - bytes..].to_vec()
    }

    /// Everything until the other side is gone.
    pub fn drain(&mut self) {
        while self.read().is_some() {}
    }

    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).and_then(|()| self.stream.flush());
    }

    /// One record per byte.
    pub fn send_byte_by_byte(&mut self, bytes: &[u8]) {
        bytes.chunks(1).for_each(|byte| self.send(byte));
    }

    /// Says in TLS that no more comes.
    pub fn close_notify(&mut self) {
        self.stream.conn.send_close_notify();
        let _ = self.stream.flush();
    }

    /// Both in one write, so that they are read at once.
    pub fn send_and_close_notify(&mut self, bytes: &[u8]) {
        let mut records = Vec::new();
        self.stream.conn.writer().write_all(bytes).expect("buffered");
        self.stream.conn.send_close_notify();
        self.stream.conn.write_tls(&mut records).expect("in memory");
        let _ = self.stream.sock.write_all(&records);
    }

    pub fn reset(&mut self) {
        sockopt::set_socket_linger(&self.stream.sock, Some(Duration::ZERO)).expect("an option");
    }

    /// FIN without a word of TLS.
    pub fn hang_up(&mut self) {
        let _ = self.stream.sock.shutdown(std::net::Shutdown::Write);
    }
}

/// Answers each piece that comes, as a request is in one here.
pub fn answering(with: &'static [u8]) -> impl Fn(&mut Session) + Send + Sync + 'static {
    move |session| {
        while session.read().is_some() {
            session.send(with);
        }
    }
}

pub fn options(connections: usize) -> PoolOptions {
    PoolOptions {
        connections,
        keep_alive: KEEP_ALIVE.to_vec(),
        keep_alive_after_ns: 30 * SECOND_NS,
        answer_within_ns: 5 * SECOND_NS,
        connect_within_ns: 5 * SECOND_NS,
        send_buffer_bytes: None,
    }
}

/// What happens in other threads is waited for, but not for ever.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        thread::yield_now();
    }
}

fn certificates(tickets: usize) -> (String, Arc<ServerConfig>) {
    let (ca_key, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut ca = CertificateParams::new(Vec::<String>::new()).expect("no names");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = ca.self_signed(&ca_key).expect("signed").pem();
    let leaf = CertificateParams::new(vec![HOST.to_owned()]).expect("a name");
    let leaf = leaf.signed_by(&key, &Issuer::from_params(&ca, &ca_key)).expect("signed");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(leaf.der().to_vec())], key)
        .expect("a pair");
    config.send_tls13_tickets = tickets;
    (root, Arc::new(config))
}
