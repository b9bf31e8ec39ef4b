//! Counters for the operator, in Prometheus' text form.

use std::sync::{Arc, Mutex};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Metric, Registry},
};

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RequestLabels {
    pub method: String,
    pub status: u16,
}

#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    pub requests: Family<RequestLabels, Counter>,
    pub sockets: Gauge,
    pub socket_resets: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Arc::new(Mutex::new(Registry::with_prefix("fenghuotai"))),
            requests: Family::default(),
            sockets: Gauge::default(),
            socket_resets: Counter::default(),
        };
        metrics.register(
            "http_requests",
            "HTTP requests answered",
            metrics.requests.clone(),
        );
        metrics.register("sockets", "Open websockets", metrics.sockets.clone());
        metrics.register(
            "socket_resets",
            "Subscriptions told to start anew",
            metrics.socket_resets.clone(),
        );
        metrics
    }
}

impl Metrics {
    /// Adds a metric of a slice.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        self.registry
            .lock()
            .expect("no holder of this lock panics")
            .register(name, help, metric);
    }

    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(
            &mut text,
            &self.registry.lock().expect("no holder of this lock panics"),
        )
        .expect("writing to a string cannot fail");
        text
    }
}
