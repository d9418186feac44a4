//! The services that every function has, put together once.

use std::sync::Arc;

use crate::clock::{Clock, Random, SystemClock, SystemRandom};
use crate::config::{Config, ConfigError, Env, StoreUrl};
use crate::store::{self, Environment, OpenError, Store};
use crate::telemetry::Metrics;

/// The services that every function has; cheap to clone. A main or a test puts them together once, and each service
/// gets them as one.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Players, Echos, activity, settings and documents.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The random source for ids, proofs and jitter.
    pub random: Arc<dyn Random>,
    /// The sink of metrics.
    pub metrics: Arc<Metrics>,
    /// The configuration of the environment.
    pub config: Arc<Config>,
}

/// Reason why the services cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum DepsError {
    /// A variable is malformed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
}

impl Deps {
    /// The services of this process, with the store of `STORE_URL`.
    ///
    /// # Errors
    /// When `STORE_URL` is malformed, or the store cannot be opened.
    pub fn open(env: &Env, config: Config) -> Result<Self, DepsError> {
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let environment =
            Environment { clock: clock.clone(), random: random.clone(), lookup: &|name| env.get(name) };
        let store = store::open(StoreUrl::from_env(env)?.as_str(), &environment)?;
        let metrics = Arc::new(Metrics::from_env(env));
        Ok(Self { store, clock, random, metrics, config: Arc::new(config) })
    }

    /// The environment of a store or a secret store, with the variables of `lookup`.
    pub fn environment<'a>(&self, lookup: &'a dyn Fn(&str) -> Option<String>) -> Environment<'a> {
        Environment { clock: Arc::clone(&self.clock), random: Arc::clone(&self.random), lookup }
    }
}
