//! One connection to Postgres, with a deadline for every call.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, OnceCell};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Notification, Row, Statement};

use crate::address::Address;
use crate::error::{LedgerError, in_words};
use crate::tls::connector;

/// How long a call may take. A database that hangs must not be waited for.
pub const DEADLINE: Duration = Duration::from_secs(2);
/// Until a connection is there, its host looked up, its password checked.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// The functions of docs/engine-sql.md.
const PROTOCOL: i32 = 4;
/// Each intent that a door has, by its name.
pub const INTENTS_CHANNEL: &str = "legwork_intents";
/// What nobody waits for any more ends at the server as well, with its locks. A little later, so
/// that whoever gave up first is the one who says so.
const SESSION: &str = "set statement_timeout = 3000; set lock_timeout = 3000; \
     set idle_in_transaction_session_timeout = 3000";

/// A function of the ledger, as it is called.
pub(crate) struct Call {
    pub name: &'static str,
    pub sql: &'static str,
    pub types: &'static [Type],
}

/// A connection to Postgres; its calls are in the rooms that they belong to. A call that is not
/// answered in time ends it, and so does whatever breaks it: then every later call says so.
pub struct Ledger {
    client: Client,
    /// By the name of the function.
    prepared: Prepared,
    announced: Arc<Announced>,
    driver: JoinHandle<()>,
    is_given_up: AtomicBool,
}

/// What came on channels that a connection listens to.
#[derive(Default)]
struct Announced {
    woken: Notify,
    intents: Mutex<Vec<String>>,
}

/// Each is prepared when it is first called.
#[derive(Default)]
struct Prepared(Mutex<HashMap<&'static str, Arc<OnceCell<Statement>>>>);

impl Ledger {
    /// Connects, and checks that the database speaks this engine's protocol. Belongs into a tokio
    /// runtime, which drives it.
    pub async fn connect(address: &Address) -> Result<Self, LedgerError> {
        let ledger = timeout(CONNECT_DEADLINE, open(address)).await.map_err(|_| {
            let seconds = CONNECT_DEADLINE.as_secs();
            LedgerError::Unreachable(format!("no connection within {seconds} s"))
        })??;
        ledger.in_time("set", DEADLINE, ledger.client.batch_execute(SESSION)).await?;
        ledger.check_protocol().await?;
        Ok(ledger)
    }

    /// Whether it has broken or was given up: connect again.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed) || self.client.is_closed()
    }

    /// Resolves when something was announced on a channel that this connection listens to, or when
    /// it broke. It only wakes: what was announced while nobody listened is found by looking.
    pub fn woken(&self) -> impl Future<Output = ()> + use<> {
        let announced = Arc::clone(&self.announced);
        async move { announced.woken.notified().await }
    }

    /// It answers; what was announced before this was asked has come.
    pub async fn is_heard(&self) -> Result<(), LedgerError> {
        self.check_protocol().await
    }

    /// The intents that were announced since this was asked last, to whoever listens to them.
    #[must_use]
    pub fn announced(&self) -> Vec<String> {
        let mut intents = self.announced.intents.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *intents)
    }

    pub(crate) async fn listen(&self, channel: &'static str) -> Result<(), LedgerError> {
        let listen = format!("listen {channel}");
        self.in_time("listen", DEADLINE, self.client.batch_execute(&listen)).await
    }

    /// The rows of a function's answer.
    pub(crate) async fn ask(
        &self,
        call: &'static Call,
        given: &[&(dyn ToSql + Sync)],
        deadline: Duration,
    ) -> Result<Vec<Row>, LedgerError> {
        let statement = self.prepared.of(call);
        self.in_time(call.name, deadline, async {
            let prepare = || self.client.prepare_typed(call.sql, call.types);
            let statement = statement.get_or_try_init(prepare).await?;
            self.client.query(statement, given).await
        })
        .await
    }

    /// The only row of a function's answer.
    pub(crate) async fn ask_one(
        &self,
        call: &'static Call,
        given: &[&(dyn ToSql + Sync)],
        deadline: Duration,
    ) -> Result<Row, LedgerError> {
        let rows = self.ask(call, given, deadline).await?;
        rows.into_iter().next().ok_or_else(|| LedgerError::unreadable(call.name, "no row"))
    }

    async fn in_time<T>(
        &self,
        call: &'static str,
        deadline: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, LedgerError> {
        if let Ok(answer) = timeout(deadline, answer).await {
            return answer.map_err(|error| LedgerError::of(call, &error));
        }
        // With its socket: what comes now answers nobody.
        self.is_given_up.store(true, Ordering::Relaxed);
        self.driver.abort();
        Err(LedgerError::Silent { call, after: deadline })
    }

    async fn check_protocol(&self) -> Result<(), LedgerError> {
        const CALL: Call =
            Call { name: "engine_protocol", sql: "select engine_protocol()", types: &[] };
        let row = self.ask_one(&CALL, &[], DEADLINE).await?;
        let found = row.try_get(0).map_err(|error| LedgerError::unreadable(CALL.name, error))?;
        if found == PROTOCOL {
            Ok(())
        } else {
            Err(LedgerError::OtherProtocol { found, built_for: PROTOCOL })
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Prepared {
    fn of(&self, call: &Call) -> Arc<OnceCell<Statement>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(call.name).or_default())
    }
}

async fn open(address: &Address) -> Result<Ledger, LedgerError> {
    let config = &address.config;
    let opened = if let Some(roots) = &address.roots {
        config.connect(connector(roots)?).await.map(driven)
    } else {
        config.connect(NoTls).await.map(driven)
    };
    opened.map_err(|error| LedgerError::Unreachable(in_words(&error)))
}

/// The client, and the task that reads and writes for it.
fn driven<S, T>((client, connection): (Client, Connection<S, T>)) -> Ledger
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let announced = Arc::default();
    let driver = tokio::spawn(drive(connection, Arc::clone(&announced)));
    Ledger {
        client,
        prepared: Prepared::default(),
        announced,
        driver,
        is_given_up: AtomicBool::new(false),
    }
}

async fn drive<S, T>(mut connection: Connection<S, T>, announced: Arc<Announced>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(said))) => announced.hear(&said),
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::warn!(why = in_words(&error), "the connection to Postgres broke");
                break;
            }
            None => break,
        }
    }
    announced.woken.notify_one();
}

impl Announced {
    fn hear(&self, said: &Notification) {
        if said.channel() == INTENTS_CHANNEL {
            let mut intents = self.intents.lock().unwrap_or_else(PoisonError::into_inner);
            intents.push(said.payload().to_owned());
        }
        self.woken.notify_one();
    }
}
