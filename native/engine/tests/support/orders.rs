//! The markets, accounts and orders of `test/vectors/requests.json`.
#![allow(dead_code, missing_docs)] // each test takes what it needs

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use legwork_engine_core::answers::Fixed;
use legwork_engine_core::books::{self, Grid};
use legwork_engine_core::identity::ClientOrderId;
use legwork_engine_core::orders::{
    KalshiAccount, KalshiInstrument, KalshiOrders, OrderError, OrderRules, OrderTerms, Outcome,
    PolymarketAccount, PolymarketAhead, PolymarketInstrument, PolymarketOrders, Purpose,
};
use legwork_engine_core::signing::{Address, ApiSecret, Exchange, KalshiKey, Maker, Side};
use serde::Deserialize;

pub const HOST: &str = "venue.test";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vectors {
    pub polymarket_account: Credentials,
    pub markets: BTreeMap<String, Market>,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    pub private_key: String,
    pub address: String,
    pub api_key: String,
    pub secret: String,
    pub passphrase: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Market {
    pub venue: String,
    #[serde(rename = "market")]
    pub id: String,
    pub price_bands: Vec<Band>,
    pub lot: String,
    pub minimum_quantity: String,
    pub tokens: Option<Tokens>,
}

#[derive(Deserialize)]
pub struct Band {
    pub start: String,
    pub end: String,
    pub step: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tokens {
    pub yes_token: String,
    pub no_token: String,
    pub is_neg_risk: bool,
    pub domain_version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    pub name: String,
    pub market: String,
    pub side: String,
    pub outcome: String,
    pub limit_price: String,
    pub fixed: WrittenFixed,
    pub exit: Option<Exit>,
    pub order_group_id: Option<String>,
    pub client_order_id: String,
    pub created_at_ms: u64,
    pub sent_at_ms: u64,
    pub made: Option<Made>,
    pub refused: Option<String>,
}

#[derive(Deserialize)]
pub struct WrittenFixed {
    pub kind: String,
    pub amount: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exit {
    pub is_reduce_only: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    pub legal_maximum: String,
    pub venue_order_id: Option<String>,
    pub request: Request,
}

#[derive(Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub fn vectors() -> Vectors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/vectors/requests.json");
    let text = std::fs::read_to_string(path).expect("part of the repository");
    serde_json::from_str(&text).expect("vectors are JSON of this shape")
}

pub fn amount<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

impl Market {
    pub fn rules(&self) -> OrderRules {
        let band = |Band { start, end, step }: &Band| books::Band {
            start: amount(start),
            end: amount(end),
            step: amount(step),
        };
        let bands: Vec<books::Band> = self.price_bands.iter().map(band).collect();
        let grid = Grid::new(&bands).expect("a grid");
        OrderRules::new(grid, amount(&self.lot), amount(&self.minimum_quantity)).expect("rules")
    }
}

impl Case {
    pub fn terms(&self) -> OrderTerms {
        let bytes = self.client_order_id.as_bytes().try_into().expect("26 characters");
        let fixed = match self.fixed.kind.as_str() {
            "collateral" => Fixed::Collateral(amount(&self.fixed.amount)),
            _ => Fixed::Contracts(amount(&self.fixed.amount)),
        };
        OrderTerms {
            client_order_id: ClientOrderId::from_recorded(bytes).expect("a name of ours"),
            limit_price: amount(&self.limit_price),
            fixed,
        }
    }

    pub fn side(&self) -> Side {
        if self.side == "buy" { Side::Buy } else { Side::Sell }
    }

    pub fn outcome(&self) -> Outcome {
        if self.outcome == "yes" { Outcome::Yes } else { Outcome::No }
    }

    pub fn kalshi(&self, market: &Market, key: &KalshiKey) -> Result<KalshiOrders, OrderError> {
        let purpose = match &self.exit {
            Some(exit) => Purpose::Exit { is_reduce_only: exit.is_reduce_only },
            None => Purpose::Entry { order_group_id: self.order_group_id.as_deref() },
        };
        let instrument = KalshiInstrument {
            ticker: &market.id,
            outcome: self.outcome(),
            side: self.side(),
            purpose,
            rules: &market.rules(),
        };
        KalshiOrders::new(&KalshiAccount { host: HOST, key }, &instrument)
    }

    pub fn polymarket(
        &self,
        market: &Market,
        account: &Credentials,
    ) -> Result<PolymarketOrders, OrderError> {
        account.open(|account| self.polymarket_of(market, account))
    }

    pub fn polymarket_of(
        &self,
        market: &Market,
        account: &PolymarketAccount<'_>,
    ) -> Result<PolymarketOrders, OrderError> {
        let tokens = market.tokens.as_ref().expect("a Polymarket market has tokens");
        let token_id = match self.outcome() {
            Outcome::Yes => &tokens.yes_token,
            Outcome::No => &tokens.no_token,
        };
        let instrument = PolymarketInstrument {
            market: &market.id,
            outcome: self.outcome(),
            token_id,
            exchange: exchange(tokens),
            side: self.side(),
            rules: &market.rules(),
        };
        PolymarketOrders::new(account, &instrument)
    }
}

impl Credentials {
    pub fn open<T>(&self, then: impl FnOnce(&PolymarketAccount<'_>) -> T) -> T {
        let key = hex::decode(&self.private_key[2..]).expect("hex");
        then(&PolymarketAccount {
            host: HOST,
            address: &self.address,
            api_key: &self.api_key,
            passphrase: &self.passphrase,
            secret: &ApiSecret::parse(&self.secret).expect("a secret"),
            maker: &Arc::new(Maker::from_key(&key).expect("a key")),
        })
    }
}

/// Polygon's contracts, as in `venues/polymarket/contracts.ts`.
fn exchange(tokens: &Tokens) -> Exchange {
    let contract = match (tokens.domain_version.as_str(), tokens.is_neg_risk) {
        ("3", _) => "0xe3333700cA9d93003F00f0F71f8515005F6c00Aa",
        (_, true) => "0xe2222d279d744050d28e00520010520000310F59",
        (_, false) => "0xE111180000d2663C0091e4f400237545B87B996B",
    };
    let contract = Address::parse(contract).expect("an address");
    Exchange::new(&tokens.domain_version, 137, contract)
}

/// An order of the vectors, by its name, with its market.
pub fn case<'a>(vectors: &'a Vectors, name: &str) -> (&'a Case, &'a Market) {
    let case = vectors.cases.iter().find(|case| case.name == name);
    let case = case.unwrap_or_else(|| panic!("{name} is no vector"));
    (case, &vectors.markets[&case.market])
}

pub fn polymarket_terms(price: &str, dollars: &str) -> OrderTerms {
    let client_order_id = ClientOrderId::derive("arbitrage/test", "entry/yes", 0);
    let fixed = Fixed::Collateral(amount(dollars));
    OrderTerms { client_order_id, limit_price: amount(price), fixed }
}

pub fn cent() -> PolymarketOrders {
    let given = vectors();
    let (case, market) = case(&given, "dollars for shares of YES");
    case.polymarket(market, &given.polymarket_account).expect("an instrument")
}

/// As whoever has asked for it gets it.
pub fn sign_ahead(
    ahead: &mut PolymarketAhead,
    (orders, terms): (&PolymarketOrders, &OrderTerms),
    at_ms: u64,
) {
    assert!(ahead.ask(terms, at_ms), "it is not there");
    ahead.put(orders.signer().sign(terms, at_ms).expect("an order"));
}
