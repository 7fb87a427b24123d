//! `DATABASE_URL`, in both forms that Postgres knows: a URL, and `key=value` words.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

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
    /// `false`: nothing of ours.
    fn take(&mut self, word: &str) -> Result<bool, LedgerError> {
        let Some((key, value)) = word.split_once('=') else { return Ok(false) };
        let place = match key {
            SSL_MODE => &mut self.mode,
            SSL_ROOT_CERT => &mut self.root_cert,
            _ => return Ok(false),
        };
        *place = Some(decoded(value.trim_matches('\''))?);
        Ok(true)
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
    let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let (before, words, between) = match (is_url, text.split_once('?')) {
        (true, Some((before, words))) => (before, words, '&'),
        (true, None) => return Ok((text.to_owned(), Taken::default())),
        (false, _) => ("", text, ' '),
    };
    let mut taken = Taken::default();
    let mut kept = Vec::new();
    for word in words.split(between) {
        if !taken.take(word)? {
            kept.push(word);
        }
    }
    let kept = kept.join(&between.to_string());
    let question = if is_url && !kept.is_empty() { "?" } else { "" };
    Ok((format!("{before}{question}{kept}"), taken))
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
    fn nobody_is_believed_unseen_and_no_password_is_told() {
        let said = why("postgres://ada:secret@db.test/l?sslmode=no-verify");
        assert!(said.contains("no-verify") && said.contains("verify-full"), "{said}");
        let said = why("postgres://ada:secret@db.test/l?colour=blue");
        assert!(said.contains("colour") && !said.contains("secret"), "{said}");
        assert!(why("postgres://db.test/l?sslmode=%zz").contains("encoded"));
    }
}
