//! `DATABASE_URL`, in both forms that Postgres knows: a URL, and `key=value` words.

mod words;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use self::words::words;
use crate::error::{LedgerError, in_words};

/// Until a connection is made, per address of the host.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const SSL_MODE: &str = "sslmode";
const SSL_ROOT_CERT: &str = "sslrootcert";
/// As libpq has it: whom the machine believes.
const SYSTEM_ROOTS: &str = "system";

/// Whom a server must be vouched for by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Roots {
    /// Whom the machine believes.
    System,
    /// A file of PEM.
    File(PathBuf),
}

/// Where the database is, and whether by TLS. Not printed: it has a password.
#[derive(Clone)]
pub struct Address {
    pub(crate) config: Config,
    /// `None`: plain text.
    pub(crate) roots: Option<Roots>,
}

impl FromStr for Address {
    type Err = LedgerError;

    /// As the other processes read the same text: without `sslmode`, and with `disable`, plain
    /// text; with `prefer`, `require`, `verify-ca` and `verify-full` TLS, and a server that proves
    /// its name. Any other is refused, `no-verify` too: nobody is believed unseen.
    fn from_str(text: &str) -> Result<Self, LedgerError> {
        let (text, taken) = without_tls(text)?;
        let mut config = Config::from_str(&text).map_err(|error| address(in_words(&error)))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("legwork-engine");
        }
        let roots = taken.roots()?;
        config.ssl_mode(if roots.is_some() { SslMode::Require } else { SslMode::Disable });
        Ok(Self { config, roots })
    }
}

/// What is said of TLS; the driver does not know all of it.
#[derive(Default)]
struct Taken {
    mode: Option<String>,
    root_cert: Option<String>,
}

impl Taken {
    /// Where a word of ours goes; `None`: it is the driver's.
    fn place(&mut self, key: &str) -> Option<&mut Option<String>> {
        match key {
            SSL_MODE => Some(&mut self.mode),
            SSL_ROOT_CERT => Some(&mut self.root_cert),
            _ => None,
        }
    }

    fn roots(self) -> Result<Option<Roots>, LedgerError> {
        match self.mode.as_deref() {
            None | Some("disable") => return Ok(None),
            Some("prefer" | "require" | "verify-ca" | "verify-full") => {}
            Some(other) => {
                return Err(address(format!(
                    "sslmode {other}: say disable, or verify-full where TLS is meant"
                )));
            }
        }
        Ok(Some(match self.root_cert {
            Some(path) if path != SYSTEM_ROOTS => Roots::File(path.into()),
            _ => Roots::System,
        }))
    }
}

fn without_tls(text: &str) -> Result<(String, Taken), LedgerError> {
    let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    if is_url { url_without_tls(text) } else { words_without_tls(text) }
}

fn url_without_tls(text: &str) -> Result<(String, Taken), LedgerError> {
    let mut taken = Taken::default();
    let Some((before, query)) = text.split_once('?') else { return Ok((text.to_owned(), taken)) };
    if query.contains('@') {
        // The driver would take it for the end of the password, and every word before it as well.
        return Err(address("write the ? of a password as %3F, and an @ behind a ? as %40".into()));
    }
    let mut kept = Vec::new();
    for word in query.split('&') {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match taken.place(&decoded(key)?) {
            Some(place) => *place = Some(decoded(value)?),
            None => kept.push(word),
        }
    }
    let question = if kept.is_empty() { "" } else { "?" };
    Ok((format!("{before}{question}{}", kept.join("&")), taken))
}

fn words_without_tls(text: &str) -> Result<(String, Taken), LedgerError> {
    let not_words = || address("it is neither postgresql://… nor words like host=…".into());
    let mut taken = Taken::default();
    let mut kept = Vec::new();
    for word in words(text).ok_or_else(not_words)? {
        match taken.place(word.key) {
            Some(place) => *place = Some(word.value),
            None => kept.push(word.text),
        }
    }
    Ok((kept.join(" "), taken))
}

/// RFC 3986, 2.1.
fn decoded(text: &str) -> Result<String, LedgerError> {
    let wrong = || address(format!("{text} is not encoded as a URL has it"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        if *first == b'%' {
            let (digits, rest) = rest.split_at_checked(2).ok_or_else(wrong)?;
            bytes.extend(hex::decode(digits).map_err(|_| wrong())?);
            left = rest;
        } else {
            bytes.push(*first);
            left = rest;
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

fn address(why: String) -> LedgerError {
    LedgerError::Address(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_postgres::config::Host;

    fn parsed(text: &str) -> Address {
        text.parse().expect("an address")
    }

    fn why(text: &str) -> String {
        text.parse::<Address>().err().expect("no address").to_string()
    }

    #[test]
    fn without_a_word_about_tls_there_is_none() {
        let address = parsed("postgresql://ada:secret@db.test:6543/legwork?application_name=x");
        assert_eq!(address.roots, None);
        assert_eq!(address.config.get_hosts(), [Host::Tcp("db.test".into())]);
        assert_eq!(address.config.get_application_name(), Some("x"));
        assert_eq!(parsed("postgres://db.test/l?sslmode=disable").roots, None);
    }

    #[test]
    fn whatever_asks_for_tls_asks_for_proof() {
        for mode in ["prefer", "require", "verify-ca", "verify-full"] {
            let address = parsed(&format!("postgres://db.test/l?sslmode={mode}&connect_timeout=1"));
            assert_eq!(address.roots, Some(Roots::System), "{mode}");
            assert_eq!(address.config.get_ssl_mode(), SslMode::Require);
            assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(1)));
        }
        let named = "postgres://db.test/l?sslrootcert=%2Fetc%2Four%20roots.pem&sslmode=verify-full";
        assert_eq!(parsed(named).roots, Some(Roots::File("/etc/our roots.pem".into())));
    }

    #[test]
    fn the_other_form_says_the_same() {
        let address = parsed("host=db.test sslmode=verify-full sslrootcert=/r.pem user=ada");
        assert_eq!(address.roots, Some(Roots::File("/r.pem".into())));
        assert_eq!(address.config.get_user(), Some("ada"));
        let socket = parsed("postgresql:///legwork?host=/var/run/postgresql&user=ada");
        assert_eq!(socket.config.get_hosts(), [Host::Unix("/var/run/postgresql".into())]);
    }

    #[test]
    fn words_are_taken_wherever_the_driver_would_find_them() {
        for text in [
            "host=db.test sslmode = require",
            "host=db.test\tsslmode=require",
            "host='db.test'sslmode='requir\\e'",
            "host=db.test sslmode=disable sslmode=require",
            "postgres://db.test/l?ssl%6Dode=require",
        ] {
            let address = parsed(text);
            assert_eq!(address.roots, Some(Roots::System), "{text}");
            assert_eq!(address.config.get_hosts(), [Host::Tcp("db.test".into())], "{text}");
        }
        let literal = parsed("host=db.test sslmode=require sslrootcert='/our %20roots.pem'");
        assert_eq!(literal.roots, Some(Roots::File("/our %20roots.pem".into())));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused_without_a_word_of_it() {
        let said = why("postgres://ada:a?b@db.test/l?sslmode=require");
        assert!(said.contains("%3F") && !said.contains("a?b"), "{said}");
        let said = why("host=db.test password='secret sslmode=require");
        assert!(said.contains("host=…") && !said.contains("secret"), "{said}");
        assert!(why("host=db.test sslmode=").contains("host=…"));
        assert!(why("postgres://db.test/l?sslmode").contains("verify-full"));
    }

    #[test]
    fn nobody_is_believed_unseen_and_no_password_is_told() {
        let said = why("postgres://ada:secret@db.test/l?sslmode=no-verify");
        assert!(said.contains("no-verify") && said.contains("verify-full"), "{said}");
        let said = why("postgres://ada:secret@db.test/l?colour=blue");
        assert!(said.contains("colour") && !said.contains("secret"), "{said}");
        assert!(why("postgres://db.test/l?sslmode=%zz").contains("encoded"));
    }
}
