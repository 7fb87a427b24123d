//! Follows markets and prints their tops, for `test/native/market-data.test.ts`: one JSON object on
//! standard input says where and what, a line on standard output is each top that changed, one on
//! standard error each new trouble. It ends when its input does.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Debug;
use std::io::{BufRead, Read, stdin};
use std::process::exit;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use legwork_engine_core::books::{Band, Grid};
use legwork_engine_core::clock::{SystemClock, read};
use legwork_engine_core::shot::{Top, Venue};
use legwork_engine_core::signing::KalshiKey;
use legwork_engine_core::wire::Endpoint;
use legwork_engine_market_data::{Instrument, KalshiSource, Listed, Market, MarketData, Outcome};
use serde::Deserialize;

const PAUSE: Duration = Duration::from_millis(1);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Watch {
    host: String,
    roots_pem: String,
    kalshi: Kalshi,
    polymarket: Polymarket,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kalshi {
    port: u16,
    key_id: String,
    private_key_pem: String,
    markets: Vec<WireMarket>,
}

#[derive(Deserialize)]
struct Polymarket {
    port: u16,
    markets: Vec<WireMarket>,
}

/// As the pair file has it, as far as a book needs it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMarket {
    market: String,
    price_bands: Vec<WireBand>,
    closes_at_ms: u64,
    tokens: Option<Tokens>,
}

#[derive(Deserialize)]
struct WireBand {
    start: String,
    end: String,
    step: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    yes_token: String,
    no_token: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    let watch: Watch = serde_json::from_str(&line)?;
    thread::spawn(|| {
        let _ = stdin().lock().read_to_end(&mut Vec::new());
        exit(0);
    });
    let mut data = connect(&watch)?;
    let all = watch.kalshi.markets.iter().chain(&watch.polymarket.markets);
    let markets: Vec<_> = all.map(WireMarket::market).collect::<Result<_, _>>()?;
    data.follow(&markets, read(&SystemClock));
    let mut said = HashMap::new();
    loop {
        data.poll(read(&SystemClock), |_| ());
        for market in &markets {
            for outcome in [Outcome::Yes, Outcome::No] {
                let venue = market.listed.venue();
                let instrument = Instrument { venue, market: market.market, outcome };
                let name = name_of(instrument);
                let top = top_text(data.top(instrument));
                if is_new(&mut said, &name, &top) {
                    println!("{name} {top}");
                }
            }
        }
        for venue in [Venue::Kalshi, Venue::Polymarket] {
            let trouble = data.trouble(venue).map(ToString::to_string).unwrap_or_default();
            if is_new(&mut said, &format!("{venue:?}"), &trouble) && !trouble.is_empty() {
                eprintln!("{trouble}");
            }
        }
        thread::sleep(PAUSE);
    }
}

fn connect(watch: &Watch) -> Result<MarketData, Box<dyn Error>> {
    let endpoint = |port| {
        Endpoint::new(([127, 0, 0, 1], port).into(), &watch.host, watch.roots_pem.as_bytes())
    };
    let Kalshi { port, key_id, private_key_pem, .. } = &watch.kalshi;
    let key = Arc::new(KalshiKey::read(key_id, private_key_pem.clone())?);
    let kalshi = KalshiSource { endpoint: endpoint(*port)?, key };
    Ok(MarketData::new(Some(kalshi), Some(endpoint(watch.polymarket.port)?)))
}

impl WireMarket {
    fn market(&self) -> Result<Market<'_>, Box<dyn Error>> {
        let listed = match &self.tokens {
            None => Listed::Kalshi,
            Some(Tokens { yes_token, no_token }) => {
                Listed::Polymarket { tokens: [yes_token, no_token] }
            }
        };
        let bands = self.price_bands.iter().map(|WireBand { start, end, step }| {
            Ok(Band { start: start.parse()?, end: end.parse()?, step: step.parse()? })
        });
        let bands: Vec<_> = bands.collect::<Result<_, Box<dyn Error>>>()?;
        let (market, closes_at_ms) = (&self.market, self.closes_at_ms);
        Ok(Market { market, listed, grid: Grid::new(&bands)?, closes_at_ms })
    }
}

fn is_new(said: &mut HashMap<String, String>, name: &str, text: &str) -> bool {
    let is_new = said.get(name).is_none_or(|before| before != text);
    if is_new {
        said.insert(name.to_owned(), text.to_owned());
    }
    is_new
}

/// As `instrumentKey` of `domain/instrument.ts` has it.
fn name_of(Instrument { venue, market, outcome }: Instrument<'_>) -> String {
    let lower = |named: &dyn Debug| format!("{named:?}").to_lowercase();
    format!("{}/{market}/{}", lower(&venue), lower(&outcome))
}

fn top_text(Top { bid, bid_quantity, ask, ask_quantity, heard_ns }: Top) -> String {
    match heard_ns {
        0 => "unknown".to_owned(),
        _ => format!("{bid}×{bid_quantity} | {ask}×{ask_quantity}"),
    }
}
