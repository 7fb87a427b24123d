//! What Prometheus asks for, on a port of the engine's own: counts as gauges of what the engine's rooms
//! count themselves, read once a second.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use legwork_engine_core::firing::House;
use legwork_engine_core::latency::{Hop, LatencyReader};
use legwork_engine_core::refusal::Refusal;
use legwork_engine_desk::thread::{Desk, Look};
use legwork_engine_ledger::control::Control;
use legwork_engine_ledger::projection::Projected;
use legwork_engine_market_data::StreamCounts;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::sync::watch;
use tokio::time::interval;
use tracing::{error, warn};

const EVERY: Duration = Duration::from_secs(1);
const VENUES: [&str; 2] = ["kalshi", "polymarket"];
const QUANTILES: [(&str, f64); 4] =
    [("0.5", 0.5), ("0.95", 0.95), ("0.99", 0.99), ("0.999", 0.999)];

/// Of buckets, in seconds and as we count: what a time of day took is the difference of two looks.
const BOUNDS_NS: [(&str, u64); 13] = [
    ("0.000001", 1_000),
    ("0.000002", 2_000),
    ("0.000005", 5_000),
    ("0.00001", 10_000),
    ("0.00002", 20_000),
    ("0.00005", 50_000),
    ("0.0001", 100_000),
    ("0.0002", 200_000),
    ("0.0005", 500_000),
    ("0.001", 1_000_000),
    ("0.01", 10_000_000),
    ("0.1", 100_000_000),
    ("+Inf", u64::MAX),
];

/// Where the figures come from.
pub struct Sources {
    pub house: Arc<House>,
    pub control: watch::Receiver<Control>,
    pub counts: watch::Receiver<Projected>,
    pub latencies: Option<LatencyReader>,
    pub desk: Desk,
}

/// From now on, for as long as the process lives. Where nobody can be told, shots are fired all the
/// same.
pub fn publish(port: Option<u16>, sources: Sources) {
    let Some(port) = port else { return };
    let builder = PrometheusBuilder::new().with_http_listener((Ipv4Addr::LOCALHOST, port));
    match builder.install() {
        Ok(()) => drop(tokio::spawn(keep(sources))),
        Err(error) => warn!(target: "legwork", port, %error, "Prometheus finds no metrics here"),
    }
}

async fn keep(mut sources: Sources) {
    let desk = sources.desk.clone();
    let (mut turns, mut faults) = (interval(EVERY), 0);
    loop {
        turns.tick().await;
        sources.refusals();
        sources.latencies();
        sources.ledger();
        let Some(look) = look(&desk).await else { return }; // the thread that fires has ended
        if look.not_orders > faults {
            faults = look.not_orders;
            error!(
                target: "legwork", ticks = faults,
                "what was decided for an armed pair is no order that its venue takes: disarm what fires \
                 nothing (`legwork armed`) and report it, it is a fault of the engine's"
            );
        }
    }
}

impl Sources {
    #[allow(clippy::cast_precision_loss)] // a gauge is a float
    fn refusals(&self) {
        for refusal in Refusal::ALL {
            let told = self.house.refusals.told(*refusal);
            counter!("legwork_engine_refusals_total", "code" => refusal.code()).absolute(told);
        }
        counter!("legwork_engine_strays_total").absolute(self.house.strays.told());
        counter!("legwork_engine_shots_fired_total")
            .absolute(self.house.fired.load(Ordering::Relaxed));
        for (when, count) in ["ahead", "per_shot"].into_iter().zip(self.house.signed.told()) {
            counter!("legwork_engine_orders_signed_total", "when" => when).absolute(count);
        }
        gauge!("legwork_engine_shots_unadopted").set(self.house.back_pressure.count() as f64);
        gauge!("legwork_engine_pairs_in_flight").set(f64::from(self.house.in_flight.count()));
    }

    #[allow(clippy::cast_precision_loss)] // a gauge is a float
    fn latencies(&mut self) {
        let Some(reader) = &mut self.latencies else { return };
        let hops = reader.read();
        for hop in Hop::ALL {
            let of = hops.of(*hop);
            counter!("legwork_engine_hops_total", "hop" => hop.code()).absolute(of.len());
            for (name, quantile) in QUANTILES {
                let seconds = of.value_at_quantile(quantile) as f64 / 1e9;
                gauge!("legwork_engine_hop_seconds", "hop" => hop.code(), "quantile" => name)
                    .set(seconds);
            }
            for (name, bound_ns) in BOUNDS_NS {
                let within = of.count_between(0, bound_ns);
                counter!(
                    "legwork_engine_hop_duration_seconds_bucket", "hop" => hop.code(), "le" => name
                )
                .absolute(within);
            }
        }
    }

    #[allow(clippy::cast_precision_loss)] // a gauge is a float
    fn ledger(&self) {
        let control = self.control.borrow();
        if let Some(epoch) = control.epoch {
            gauge!("legwork_engine_control_epoch").set(epoch as f64);
        }
        gauge!("legwork_engine_leases").set(control.lent.len() as f64);
        gauge!("legwork_engine_freezes_in_force").set(control.in_force.len() as f64);
        counter!("legwork_engine_heartbeats_total", "answered" => "yes")
            .absolute(control.counts.heard);
        counter!("legwork_engine_heartbeats_total", "answered" => "no")
            .absolute(control.counts.failed);
        let counts = self.counts.borrow();
        counter!("legwork_engine_records_total", "answer" => "safe").absolute(counts.safe);
        counter!("legwork_engine_records_total", "answer" => "refused").absolute(counts.refused);
        gauge!("legwork_engine_records_untold").set(counts.untold as f64);
        gauge!("legwork_engine_shots_refused").set(counts.shots_refused as f64);
    }
}

/// `None`: the thread is gone.
#[allow(clippy::cast_precision_loss)] // a gauge is a float
async fn look(desk: &Desk) -> Option<Look> {
    let look = desk.look().ok()?.await.ok()?;
    for (venue, idle) in VENUES.into_iter().zip(look.idle_wires) {
        gauge!("legwork_engine_wires_idle", "venue" => venue).set(idle as f64);
    }
    for (venue, StreamCounts { feed, opened }) in VENUES.into_iter().zip(look.streams) {
        counter!("legwork_engine_streams_opened_total", "venue" => venue).absolute(opened);
        counter!("legwork_engine_stream_gaps_total", "venue" => venue).absolute(feed.gaps);
        counter!("legwork_engine_messages_unreadable_total", "venue" => venue)
            .absolute(feed.unreadable);
        gauge!("legwork_engine_markets_unlisted", "venue" => venue).set(feed.unlisted as f64);
    }
    gauge!("legwork_engine_shots_unanswered").set(look.unanswered as f64);
    gauge!("legwork_engine_pairs_armed").set(look.armed as f64);
    gauge!("legwork_engine_orders_ahead").set(look.orders_ahead as f64);
    counter!("legwork_engine_ticks_no_order_total").absolute(look.not_orders);
    Some(look)
}
