//! What a frame says, as `test/vectors/frames.json` tells it.
#![allow(missing_docs)] // of a test

use legwork_engine_core::wire::Written;
use legwork_engine_door::answer::{Answer, Became, Receipt, Standing};
use legwork_engine_door::greeting::{Greeting, Mode};
use legwork_engine_door::refused::{Advice, Refused};
use legwork_engine_door::request::{FireRequest, NO, Request, YES};
use serde_json::{Value, json};

pub fn told_request(request: &Request, number: u64, host: &str) -> Value {
    let number = number.to_string();
    match request {
        Request::Fire(fire) => told_fire(fire, &number, host),
        Request::Ask(id) => json!({"kind": "ask", "number": number, "intentId": id.as_str()}),
        Request::FreezeHere(order) => json!({
            "kind": "freeze_here",
            "number": number,
            "who": order.who.as_str(),
            "why": order.why.as_str(),
        }),
        Request::Status => json!({"kind": "status", "number": number}),
    }
}

fn told_fire(fire: &FireRequest, number: &str, host: &str) -> Value {
    assert!(fire.is_of_its_digest(host), "{}", fire.intent_id);
    json!({
        "kind": "fire",
        "number": number,
        "mode": mode_name(fire.mode),
        "digest": hex::encode(fire.digest),
        "intent": {
            "intentId": fire.intent_id.as_str(),
            "door": "fire_first",
            "host": host,
            "pairId": fire.pair_id.as_str(),
            "type": fire.arbitrage_type.name(),
            "contractsMax": fire.contracts_max.to_string(),
            "limitPrice": {
                "yes": fire.limit_price[YES].to_string(),
                "no": fire.limit_price[NO].to_string(),
            },
            "observedAtMs": {
                "yesMs": fire.observed_at_ms[YES],
                "noMs": fire.observed_at_ms[NO],
            },
            "edgeMin": fire.edge_min.to_string(),
            "account": fire.account.as_str(),
            "strategy": fire.strategy.as_str(),
            "notAfterMs": fire.not_after_ms,
            "dryRun": fire.is_dry_run,
        },
        "quantity": {
            "yes": fire.quantity[YES].to_string(),
            "no": fire.quantity[NO].to_string(),
        },
    })
}

pub fn told_greeting(greeting: &Greeting) -> Value {
    json!({
        "kind": "greeting",
        "version": greeting.version,
        "mode": mode_name(greeting.mode),
        "epoch": greeting.epoch.to_string(),
        "host": greeting.host.as_str(),
    })
}

pub fn told_answer(answer: &Answer, number: u64) -> Value {
    let (kind, name, told) = match answer {
        Answer::Receipt(receipt) => ("receipt", "receipt", told_receipt(receipt)),
        Answer::Refused(refused) => ("refused", "refusal", told_refused(refused)),
        Answer::Standing(standing) => ("standing", "standing", told_standing(standing)),
        Answer::Frozen(frozen) => {
            let taken = frozen.taken_unix_ns.to_string();
            let over = frozen.over_unix_ns.to_string();
            ("frozen", "frozen", json!({"takenUnixNs": taken, "overUnixNs": over}))
        }
        Answer::Status(status) => {
            let told = json!({
                "epoch": status.epoch.to_string(),
                "unixNs": status.unix_ns.to_string(),
                "upNs": status.up_ns.to_string(),
                "fired": status.fired.to_string(),
                "refused": status.refused.to_string(),
                "unadopted": status.unadopted,
                "underWay": status.under_way,
                "connections": status.connections,
                "mode": mode_name(status.mode),
                "isFrozen": status.is_frozen,
                "hearsControl": status.hears_control,
                "host": status.host.as_str(),
            });
            ("status", "status", told)
        }
    };
    json!({"kind": kind, "number": number.to_string(), name: told})
}

fn told_receipt(receipt: &Receipt) -> Value {
    let written = |leg: usize| match receipt.written[leg] {
        None => "not_tried",
        Some(Written::Nothing) => "nothing",
        Some(Written::Part) => "part",
        Some(Written::Whole) => "whole",
    };
    let id = |leg: usize| receipt.client_order_ids[leg].to_string();
    json!({
        "shot": {
            "thread": receipt.shot.thread,
            "epoch": receipt.shot.epoch.to_string(),
            "sequence": receipt.shot.sequence.to_string(),
        },
        "clientOrderIds": {"yes": id(YES), "no": id(NO)},
        "written": {"yes": written(YES), "no": written(NO)},
        "receivedNs": receipt.received_ns.to_string(),
        "fromNs": receipt.from_to_ns.0.to_string(),
        "toNs": receipt.from_to_ns.1.to_string(),
        "firedUnixNs": receipt.fired_unix_ns.to_string(),
    })
}

fn told_refused(refused: &Refused) -> Value {
    let advice = match refused.advice {
        Advice::DecideAgain => "decide_again",
        Advice::Wait => "wait",
        Advice::CallOperator => "call_operator",
        Advice::Mend => "mend",
        Advice::Ask => "ask",
    };
    json!({
        "code": refused.code.as_str(),
        "detail": refused.detail.as_str(),
        "advice": advice,
        "closes": refused.closes,
    })
}

fn told_standing(standing: &Standing) -> Value {
    let looked = standing.looked_unix_ns.to_string();
    let digest = |digest: &[u8; 32]| hex::encode(digest);
    match &standing.became {
        Became::Unheard => json!({"lookedUnixNs": looked, "became": "unheard"}),
        Became::Unknown => json!({"lookedUnixNs": looked, "became": "unknown"}),
        Became::UnderWay(of) => {
            json!({"lookedUnixNs": looked, "became": "under_way", "digest": digest(of)})
        }
        Became::Refused(of, refused) => json!({
            "lookedUnixNs": looked,
            "became": "refused",
            "digest": digest(of),
            "refusal": told_refused(refused),
        }),
        Became::Fired(of, receipt) => json!({
            "lookedUnixNs": looked,
            "became": "fired",
            "digest": digest(of),
            "receipt": told_receipt(receipt),
        }),
    }
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => "simulated",
        Mode::Shadow => "shadow",
        Mode::Live => "live",
    }
}
