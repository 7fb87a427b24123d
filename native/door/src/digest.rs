//! The digest of an intent: SHA-256 of its RFC 8785 JSON, as `domain/intent-digest.ts` makes it.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};

use crate::request::{FireRequest, NO, YES};

const ONE: i128 = legwork_engine_core::amount::ONE;
const DECIMALS: usize = 9;

/// Of the intent that was fired first on that host. Members stand in the order of their names; all
/// texts are of characters that JSON does not escape. Nothing is allocated.
pub fn digest(intent: &FireRequest, host: &str) -> [u8; 32] {
    let mut hash = Hash(Sha256::new());
    // A hash takes whatever it is given: there is no error to lose.
    let _ = write!(
        hash,
        concat!(
            r#"{{"account":"{account}","contractsMax":"{contracts}","door":"fire_first","#,
            r#""dryRun":{dry},"edgeMin":"{edge}","host":"{host}","intentId":"{id}","#,
            r#""limitPrice":{{"no":"{no}","yes":"{yes}"}},"notAfterMs":{until},"#,
            r#""observedAtMs":{{"noMs":{no_ms},"yesMs":{yes_ms}}},"pairId":"{pair}","#,
            r#""strategy":"{strategy}","type":"{kind}"}}"#,
        ),
        host = host,
        account = intent.account,
        contracts = Decimal(intent.contracts_max.counts()),
        dry = intent.is_dry_run,
        edge = Decimal(intent.edge_min.counts()),
        id = intent.intent_id,
        no = Decimal(intent.limit_price[NO].counts()),
        yes = Decimal(intent.limit_price[YES].counts()),
        until = intent.not_after_ms,
        no_ms = intent.observed_at_ms[NO],
        yes_ms = intent.observed_at_ms[YES],
        pair = intent.pair_id,
        strategy = intent.strategy,
        kind = intent.arbitrage_type.name(),
    );
    hash.0.finalize().into()
}

struct Hash(Sha256);

impl Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// The shortest decimal of an amount that is not negative; the library's own allocates.
struct Decimal(i128);

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, mut fraction, mut width) = (self.0 / ONE, self.0 % ONE, DECIMALS);
        if fraction == 0 {
            return write!(out, "{whole}");
        }
        while fraction % 10 == 0 {
            fraction /= 10;
            width -= 1;
        }
        write!(out, "{whole}.{fraction:0width$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use legwork_engine_core::amount::Quantity;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_amount_is_written_as_the_library_writes_it(counts in 0..=i128::from(u64::MAX)) {
            let told = Quantity::from_counts(counts).to_string();
            prop_assert_eq!(Decimal(counts).to_string(), told);
        }
    }
}
