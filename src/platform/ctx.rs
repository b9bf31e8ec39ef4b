//! What every service is given.

use std::sync::Arc;

use super::{
    clock::Clock, config::Config, db::Db, journal::Relay, metrics::Metrics, sealing::Seal,
};

#[derive(Debug, Clone)]
pub struct Ctx {
    pub clock: Clock,
    pub db: Db,
    pub relay: Relay,
    pub config: Arc<Config>,
    pub metrics: Metrics,
    pub seal: Seal,
}
