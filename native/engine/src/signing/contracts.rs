//! The contracts that Polymarket's orders are signed for. `venues/polymarket/contracts.ts` reads the
//! same file.

use serde::Deserialize;

use super::{Address, Exchange, SigningError};

const CONTRACTS: &str = include_str!("../../../../venues/polymarket/contracts.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Contracts {
    chain_id: u64,
    standard_v2: String,
    neg_risk_v2: String,
    v3: String,
}

impl Exchange {
    /// Of a market on Polygon, by its own data. `None`: a version that nobody has told us to sign.
    /// Version 3 has one contract for all markets.
    pub fn of_market(version: &str, is_neg_risk: bool) -> Result<Option<Self>, SigningError> {
        let contracts: Contracts =
            serde_json::from_str(CONTRACTS).map_err(|_| SigningError::NotAnAddress)?;
        let contract = match (version, is_neg_risk) {
            ("2", false) => &contracts.standard_v2,
            ("2", true) => &contracts.neg_risk_v2,
            ("3", _) => &contracts.v3,
            _ => return Ok(None),
        };
        Ok(Some(Self::new(version, contracts.chain_id, Address::parse(contract)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_market_has_its_contract_and_what_nobody_knows_has_none() {
        let separator = |version, is_neg_risk| {
            let exchange = Exchange::of_market(version, is_neg_risk).expect("readable");
            exchange.map(|exchange| *exchange.separator())
        };
        let known = [("2", false), ("2", true), ("3", false)]
            .map(|(version, is_neg_risk)| separator(version, is_neg_risk).expect("a contract"));
        assert!(known[0] != known[1] && known[1] != known[2] && known[0] != known[2]);
        assert_eq!(separator("3", true), Some(known[2]));
        assert_eq!(separator("4", false), None);
    }
}
