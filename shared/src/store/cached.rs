//! The settings, without a read for each request that needs them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::{SetupStore, StoreError};
use crate::clock::{Clock, Moment};
use crate::config::Settings;

/// The settings as they were last seen.
#[derive(Debug)]
pub struct CachedSettings {
    clock: Arc<dyn Clock>,
    seen: Mutex<Option<(Moment, Arc<Settings>)>>,
}

impl CachedSettings {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, seen: Mutex::new(None) }
    }

    /// The settings, as they were at most `age` ago.
    ///
    /// # Errors
    /// When they have to be read and the store does not answer.
    pub async fn at_most<S: SetupStore + ?Sized>(
        &self,
        age: Duration,
        store: &S,
    ) -> Result<Arc<Settings>, StoreError> {
        // Held while the store is read, so that a burst of requests reads it once.
        let mut seen = self.seen.lock().await;
        let now = self.clock.moment();
        if let Some((at, settings)) = seen.as_ref()
            && now.since(*at) < age
        {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(store.settings().await?);
        *seen = Some((now, Arc::clone(&settings)));
        Ok(settings)
    }

    /// The settings as they were last seen, however long ago; the defaults where they never were.
    pub async fn last_seen(&self) -> Arc<Settings> {
        self.seen.lock().await.as_ref().map(|(_, settings)| Arc::clone(settings)).unwrap_or_default()
    }

    /// Takes settings that a query brought along.
    pub async fn see(&self, settings: &Settings) {
        let mut seen = self.seen.lock().await;
        let now = self.clock.moment();
        match seen.as_mut() {
            Some((at, known)) if **known == *settings => *at = now,
            _ => *seen = Some((now, Arc::new(settings.clone()))),
        }
    }
}
